"""Borders between lines that differ, and the frames that columns tell."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.detect import cell_borders
from tests.detect.drawn import areas


def test_borders_are_where_lines_differ():
    for area in areas(np.random.default_rng(0)):
        down, across = cell_borders.borders_of(area)
        lines = area.reshape(*area.shape[:2], -1)
        np.testing.assert_array_equal(down, (lines[1:] != lines[:-1]).any(axis=(1, 2)))
        np.testing.assert_array_equal(across, (lines[:, 1:] != lines[:, :-1]).any(axis=(0, 2)))


def test_frames_are_not_read_where_nearly_all_columns_differ():
    rng = np.random.default_rng(9)
    for width, alike in ((1463, 70), (1361, 32), (640, 14)):
        borders = np.ones(width - 1, bool)
        borders[rng.choice(width - 1, alike, replace=False)] = False
        assert cell_borders._frames_of(borders) is None
        cells = (2 * np.arange(width) + 1) * (width - alike) // (2 * width)
        frames = cell_borders._frames_of(cells[1:] != cells[:-1])
        assert frames is not None
        assert frames[0] == width - alike
    cells = (2 * np.arange(600) + 1) * 100 // 1200
    borders = cells[1:] != cells[:-1]
    borders[200:240] = False  # silence
    frames = cell_borders._frames_of(borders)
    assert frames is not None
    assert frames[0] == 100


def even(width, frames):
    cells = (2 * np.arange(width) + 1) * frames // (2 * width)
    return cells[1:] != cells[:-1]


def test_few_borders_are_frames_only_where_chance_is_ruled_out():
    assert cell_borders._frames_of(even(100, 8)) is None  # 18.5 nats
    frames = cell_borders._frames_of(even(100, 9))  # 20.1
    assert frames is not None
    assert frames[0] == 9
    assert frames[2] == 0.99


def test_most_borders_of_frames_must_be_seen():
    borders = even(600, 200)
    places = np.flatnonzero(borders)
    borders[places[1:][::11]] = False  # every eleventh frame is like the one before
    frames = cell_borders._frames_of(borders)
    assert frames is not None
    assert frames[0] == 200
    assert frames[2] == pytest.approx(0.9, abs=0.02)
    borders = even(600, 200)
    borders[places[::8]] = False  # every eighth
    assert cell_borders._frames_of(borders) is None


@pytest.mark.parametrize(("share", "legible"), [(0.01, False), (0.03, True), (0.97, True), (0.99, False)])
def test_rows_that_all_differ_or_never_are_not_read(share, legible):
    assert cell_borders.legible(np.arange(1000) < share * 1000) == legible


@pytest.mark.parametrize(("frames", "width"), [(176, 360), (100, 250), (320, 720)])
@pytest.mark.parametrize("tie", [0, 1])
def test_a_border_on_a_pixels_middle_goes_either_way(frames, width, tie):
    """176 frames in 360 columns were 184 (.96): matplotlib rounded 6 borders the other way."""
    which = ((2 * np.arange(width) + 1) * frames - tie) // (2 * width)
    found = cell_borders._frames_of(which[1:] != which[:-1])
    assert found is not None
    assert found[0] == frames
