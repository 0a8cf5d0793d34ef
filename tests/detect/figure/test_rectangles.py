"""Rectangles on a background: the kernels against slow twins, and what counts as one."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.detect.figure import rectangles
from fastspec.kernels.figure import departure, ends, fills, long_runs, luma_departure


@pytest.mark.parametrize("colour", [(0, 255, 128), (20, 240, 3)])
@pytest.mark.parametrize("most", [0, 1, 24, 200])
def test_what_lies_beyond_a_colour(colour, most):
    rgb = np.random.default_rng(2).integers(0, 256, (9, 200, 3), dtype=np.uint8)
    rgb[0, 0], rgb[0, 1], rgb[0, 2] = colour, 0, 255
    expected = np.abs(rgb.astype(int) - colour).max(axis=2) > most
    np.testing.assert_array_equal(rectangles.beyond(rgb, np.array(colour, np.int16), most), expected)


def test_kernels_equal_their_slow_twins():
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 256, (17, 23, 3), dtype=np.uint8)
    away = np.empty((17, 23), np.uint8)
    departure(rgb, 120, 130, 110, away)
    np.testing.assert_array_equal(away, np.abs(rgb.astype(int) - (120, 130, 110)).max(axis=2))
    luma_departure(rgb, 131, away)
    np.testing.assert_array_equal(away, np.abs(rectangles.luma_of(rgb) - 131))
    np.testing.assert_allclose(rectangles.luma_of(rgb), rgb @ (0.299, 0.587, 0.114), atol=0.51)
    departure(rgb, 120, 130, 110, away)
    found = np.empty((200, 3), np.int64)
    mask = away > 60
    count = long_runs(away, 60, 3, np.empty(23, np.int64), found)
    expected = set()
    for column in range(23):
        steps = np.flatnonzero(np.diff(np.concatenate([[0], mask[:, column].astype(int), [0]]))).reshape(-1, 2)
        expected |= {(column, int(a), int(b)) for a, b in steps if b - a >= 3}
    assert {tuple(int(v) for v in row) for row in found[:count]} == expected
    padded = np.pad(mask, ((0, 0), (1, 1)))
    free = np.empty(count, np.uint8)
    for side in (-1, 1):
        ends(away, 60, found[:count], side, 0.5, free)
        slow = [padded[a:b, column + 1 + side].mean() <= 0.5 for column, a, b in found[:count]]
        np.testing.assert_array_equal(free, slow)
    rows, columns = np.empty(10, np.int64), np.empty(12, np.int64)
    fills(away, 60, 5, 3, 17, 13, rows, columns)
    np.testing.assert_array_equal(rows, mask[3:13, 5:17].sum(axis=1))
    np.testing.assert_array_equal(columns, mask[3:13, 5:17].sum(axis=0))


def paper(height=120, width=160, colour=255):
    return np.full((height, width, 3), colour, np.uint8)


def test_a_background_has_nearly_all_outermost_pixels():
    ring = 2 * (120 + 160) - 4
    for off, found in ((int(0.07 * ring), True), (int(0.07 * ring) + 2, False)):
        rgb = paper(colour=200)
        rgb[0, :off] = 100
        assert (rectangles.background_of(rgb) is not None) == found
    for difference, found in ((14, True), (15, False)):  # of JPEG
        rgb = paper(colour=200)
        rgb[:60] -= np.uint8(difference)
        rgb[80:] -= np.uint8(difference)
        rgb[40:80] = 200
        rgb[:, 0], rgb[:, -1] = 200, 200
        assert (rectangles.background_of(rgb) is not None) == found


@pytest.mark.parametrize("box", [(20, 30, 120, 90), (3, 5, 157, 117), (40, 40, 49, 64)])
def test_a_filled_box_is_found_to_the_pixel(box):
    rgb = paper()
    left, top, right, bottom = box
    rgb[top:bottom, left:right] = 40
    away = rectangles.departure_from(rgb, (255, 255, 255))
    assert rectangles.rectangles(away, rectangles.LIMITS.ink) == [box]


def test_low_boxes_and_filled_lines_beside_one_are_no_rectangles():
    away = np.zeros((120, 160), np.uint8)
    away[30:53, 20:120] = 200  # 23 pixels high
    assert rectangles.rectangles(away, 75) == []
    away[30:54, 20:120] = 200
    assert rectangles.rectangles(away, 75) == [(20, 30, 120, 54)]
    away[54, 20:44] = 200  # tick marks fill 24 % of the line below, then 26 %
    assert rectangles.rectangles(away, 75) == [(20, 30, 120, 54)]
    away[54, 20:46] = 200
    assert rectangles.rectangles(away, 75) == []


def test_boxes_that_share_a_pixel_overlap():
    assert rectangles.overlap((0, 0, 5, 5), (4, 4, 9, 9))
    assert not rectangles.overlap((0, 0, 5, 5), (5, 0, 9, 5))
    assert not rectangles.overlap((0, 0, 5, 5), (0, 5, 5, 9))
