"""Pictures of known truth: the same seed draws the same picture, and the benches' page names every file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench import pictures

BENCH = Path(pictures.__file__).parents[1]


@pytest.fixture(scope="module")
def sounds(speech):
    return {"speech": speech}


@pytest.mark.parametrize("number", [0, 2, 13])
def test_same_seed_same_picture(sounds, tmp_path, number):
    drawn = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        drawn.append(pictures.draw(sounds, tmp_path / name, 5, number))
    assert drawn[0].path.read_bytes() == drawn[1].path.read_bytes()
    assert drawn[0].truth == drawn[1].truth
    assert drawn[0].asked


def test_whole_figures_tell_where_their_axes_are(sounds, tmp_path):
    drawing = pictures.figure(sounds, tmp_path, 3, 1)
    left, top, right, bottom = drawing.truth["plot_area"]
    picture = np.asarray(Image.open(drawing.path).convert("L"), float)
    assert picture[top + 3 : bottom - 3, left + 3 : right - 3].std() > 10
    assert {"plot_area", "sr", "freq_scale"} <= drawing.asked


def test_every_kind_that_is_drawn_has_its_drawer():
    axes = {kind.removesuffix("<0.9") for kind in pictures.KINDS}
    assert axes - {"log", "mel", "linear", "cqt", "other"} <= pictures.TOOLS.keys()


def test_the_page_of_the_benches_names_every_file():
    page = (BENCH / "README.md").read_text()
    files = [p for room in ("speed", "quality", "pictures") for p in (BENCH / room).glob("*.py")]
    helpers = {"__init__", "canvas", "common", "text_table"}
    unnamed = {p.stem for p in files if p.stem not in helpers and not any(s in page for s in (p.name, f".{p.stem} "))}
    assert not unnamed
