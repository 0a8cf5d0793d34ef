"""Plots that stand apart on common paper are counted."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.colours import colormap
from fastspec.detect.reject.several_plots import count_plots
from tests.detect.reject import pictures


@pytest.fixture(scope="module")
def picture(speech_picture):
    return np.asarray(Image.open(speech_picture).convert("RGB"))


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("paper", [255, 0])
def test_two_plots_are_two(picture, down, paper):
    assert count_plots(pictures.two(picture, down, paper)) == 2


def test_four_plots_are_four_in_every_kind_of_pixels():
    entries = np.random.default_rng(0).integers(20, 256, (150, 200)).astype(np.uint8)
    sheet = np.pad(entries, 20)
    sheet = np.block([[sheet, sheet], [sheet, sheet]])
    table = colormap.get("magma").table
    assert count_plots(sheet) == 4
    assert count_plots(sheet, table) == 4
    assert count_plots(table[sheet]) == 4
    assert count_plots(sheet.astype(np.uint16) * 257) == 4


def test_a_colour_bar_and_a_logo_are_no_plots(picture):
    sheet = np.full((picture.shape[0] + 80, picture.shape[1] + 200, 3), 255, np.uint8)
    height, width = picture.shape[:2]
    sheet[40 : 40 + height, 40 : 40 + width] = picture
    assert count_plots(sheet) == 1
    sheet[40 : 40 + height, -120:-100] = picture[:, 200:220]
    assert count_plots(sheet) == 1
    sheet[40:100, -80:-10] = picture[100:160, 100:170]
    assert count_plots(sheet) == 1


def sheet_with(*boxes, ink=1.0, colours=256):
    """White paper (480, 640) with noise in the boxes (top, left, height, width), on a share `ink` of their pixels."""
    rng = np.random.default_rng(1)
    sheet = np.full((480, 640), 255, np.uint8)
    for top, left, height, width in boxes:
        levels = (rng.integers(0, colours, (height, width)) * 250 // (colours - 1)).astype(np.uint8)
        part = sheet[top : top + height, left : left + width]
        part[:] = np.where(rng.random((height, width)) < ink, levels, part)
    return sheet


SIDE_BY_SIDE = (100, 40, 250, 260), (100, 340, 250, 260)
SHEETS = {
    "side by side": (sheet_with(*SIDE_BY_SIDE), 2),
    "narrow, stacked": (sheet_with((20, 240, 200, 160), (250, 240, 200, 160)), 2),
    "of unlike height": (sheet_with((100, 40, 300, 260), (100, 340, 240, 260)), 2),
    "no paper round them": (sheet_with((0, 20, 480, 280), (0, 340, 480, 280)), 1),
    "of few colours": (sheet_with(*SIDE_BY_SIDE, colours=12), 1),
    "half of them paper": (sheet_with(*SIDE_BY_SIDE, ink=0.5), 1),
    "one and an inset": (sheet_with((40, 40, 300, 400), (40, 470, 200, 150)), 1),
    "thumbnails": (sheet_with(*((y, x, 100, 100) for y in (40, 200, 320) for x in (40, 240, 440))), 1),
    "strips": (sheet_with((40, 20, 40, 600), (140, 20, 40, 600)), 1),
}


@pytest.mark.parametrize("kind", SHEETS)
def test_a_plot_is_large_full_and_of_many_colours_on_paper(kind):
    sheet, plots = SHEETS[kind]
    assert count_plots(sheet) == plots


@pytest.mark.parametrize("cmap", ["magma", "gray_r", "jet"])
def test_silence_between_sounds_does_not_divide_a_plot(speech, cmap):
    for name, y in pictures.sounds(speech[0]).items():
        drawn = fastspec.encode(np.asarray(y, np.float32), pictures.SR, n_fft=512, hop_length=128, cmap=cmap)
        assert count_plots(drawn.pixels, drawn.palette) == 1, name
