"""Text and line drawings are told from spectrograms of few levels."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.colours import colormap
from fastspec.detect.colormap import recognise
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.reject.line_drawing import line_drawing
from tests.detect.reject import pictures


def judged(pixels):
    seen = ColourSurvey.of(pixels)
    reading = recognise(seen)
    assert reading is not None
    return line_drawing(pixels, None, seen, reading)


def gridded():
    """Thin lines on paper in a third colour beside text, so that two colours are not all."""
    page = pictures.text().copy()
    page[::40], page[:, ::40] = (200, 210, 230), (200, 210, 230)
    page[:60, :250] = (240, 240, 200)
    return page


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize(("make", "word"), [(pictures.text, "text"), (gridded, "text or a line drawing")])
def test_text_is_named(make, word, negative):
    page = 255 - make() if negative else make()
    assert word in judged(page)


def test_a_waveform_is_named(speech):
    assert "waveform" in judged(pictures.waveform(speech[0]))


@pytest.mark.parametrize("cmap", ["magma", "gray_r"])
def test_spectrograms_of_mostly_one_level_are_no_drawings(speech, cmap):
    for name, y in pictures.sounds(speech[0]).items():
        drawn = fastspec.encode(np.asarray(y, np.float32), pictures.SR, n_fft=512, hop_length=128, cmap=cmap).rgb()
        assert judged(drawn) is None, name


def test_hard_edges_in_one_direction_only_are_no_drawing():
    entries = np.zeros((200, 300), np.intp)
    entries[::9] = 200  # steady tones
    entries[:, 150:] = np.where(entries[:, 150:] == 0, 30, 230)
    assert judged(colormap.get("magma").table[entries]) is None
