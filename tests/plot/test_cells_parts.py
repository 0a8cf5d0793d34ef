"""Spans, holes and frames of small plots, exactly, beside plain NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.colours.levels import LevelScale
from fastspec.errors import ParameterError, PictureError
from fastspec.plot import cells

RNG = np.random.default_rng(4)


def spans(entries, count):
    found = cells.pixel_spans("rows", np.array(entries), count)
    parts = (found.first, found.stop, found.shown, found.low, found.part)
    return (found.pixels, *(each.tolist() for each in parts))


NO, YES = False, True


@pytest.mark.parametrize(
    ("entries", "count", "found"),
    [
        ([0, 1, 2], 3, (3, [0, 1, 2], [1, 2, 3], [True] * 3, [0, 1, 2], [0, 0, 0])),
        ([2, 1, 1, 0], 3, (4, [3, 1, 0], [4, 3, 1], [True] * 3, [0, 1, 2], [0, 0, 0])),
        ([0, 0, 4], 5, (3, [0, 2], [2, 3], [YES, NO, NO, NO, YES], [0, 0, 0, 0, 1], [0, 0.25, 0.5, 0.75, 0])),
        ([1, 1], 4, (2, [0], [2], [False, True, False, False], [0, 0, 0, 0], [0, 0, 0, 0])),
        ([2, 4], 6, (2, [0, 1], [1, 2], [NO, NO, YES, NO, YES, NO], [0, 0, 0, 0, 1, 1], [0, 0, 0, 0.5, 0, 0])),
        ([3], 4, (1, [0], [1], [False] * 3 + [True], [0, 0, 0, 0], [0, 0, 0, 0])),
    ],
)  # fmt: skip
def test_runs_of_pixels_and_where_every_cell_lies_between_the_shown_ones(entries, count, found):
    assert spans(entries, count) == found


def test_arrays_of_spans_are_what_kernels_take():
    found = cells.pixel_spans("rows", np.array([2, 1, 0]), 3)
    assert [each.dtype for each in (found.first, found.stop, found.low)] == [np.intp] * 3
    assert (found.shown.dtype, found.part.dtype) == (np.bool_, np.float32)
    assert found.first.flags.c_contiguous
    assert found.stop.flags.c_contiguous


@pytest.mark.parametrize(
    ("entries", "count", "said"),
    [
        ([0, 1, 0], 2, "rows must rise or fall steadily"),
        ([], 2, "rows is empty"),
        ([0, 2], 2, r"rows name cells 0 \.\. 2, but there are 2"),
        ([-1, 0], 2, r"rows name cells -1 \.\. 0, but there are 2"),
    ],
)
def test_what_is_no_run_of_cells_is_refused(entries, count, said):
    with pytest.raises(ParameterError, match=said):
        cells.pixel_spans("rows", np.array(entries, int), count)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8, np.int64])
def test_a_picture_has_the_type_of_its_cells_and_row_0_on_top(dtype):
    grid = np.arange(6, dtype=dtype).reshape(3, 2)  # three frames of two cells
    made = cells.draw(grid.T.copy().T, np.array([1, 0]), np.array([0, 0, 2]))
    assert made.dtype == dtype
    assert made.tolist() == [[1, 1, 5], [0, 0, 4]]


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2), (0, 3), (3, 0)])
def test_cells_that_are_no_grid_are_refused(shape):
    with pytest.raises(ParameterError, match=r"cannot be drawn; give .frames, cells., not empty"):
        cells.draw(np.zeros(shape), np.array([0]), np.array([0]))


def test_rows_and_columns_are_checked_by_their_own_side():
    grid = np.zeros((3, 2))  # frames, cells
    cells.draw(grid, np.array([1]), np.array([2]))
    with pytest.raises(ParameterError, match=r"rows name cells 2 \.\. 2, but there are 2"):
        cells.draw(grid, np.array([2]), np.array([2]))
    with pytest.raises(ParameterError, match=r"columns name cells 3 \.\. 3, but there are 3"):
        cells.draw(grid, np.array([1]), np.array([3]))


def test_levels_of_shown_cells_are_means_of_their_legible_pixels():
    across, down = (
        cells.pixel_spans("columns", np.array([0, 0, 1]), 2),
        cells.pixel_spans("rows", np.array([1, 0, 0]), 2),
    )
    positions = np.array([[0.1, 0.3, 0.5], [0.2, np.nan, np.nan], [0.6, 0.8, np.nan]], np.float32)
    found = cells.means(positions, across, down)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, [[(0.2 + 0.6 + 0.8) / 3, 0.2], [np.nan, 0.5]], rtol=1e-6)
    for wrong in (positions[:2], positions[:, :2], positions.T[:2]):
        with pytest.raises(ParameterError, match=r"do not fit 3 rows, 3 columns"):
            cells.means(wrong, across, down)


def test_hidden_cells_are_interpolated_in_the_root_of_amplitude():
    scale = LevelScale("db", -80.0, 0.0)
    across, down = cells.pixel_spans("columns", np.array([0, 2]), 3), cells.pixel_spans("rows", np.array([4, 0]), 5)
    levels = np.array([[0.5, 1.0], [0.25, 0.75]], np.float32)
    found = cells.amplitudes(levels, scale, across, down)
    corners = 10 ** ((levels.astype(float) * 80 - 80) / 20)
    rows = np.array([np.interp(np.arange(5), [0, 4], np.sqrt(each)) for each in corners])
    wanted = np.array([np.interp(np.arange(3), [0, 2], column) for column in rows.T]).T ** 2
    assert found.shape == (3, 5)
    np.testing.assert_allclose(found, wanted, rtol=2e-3)


def test_where_all_is_shown_nothing_is_interpolated_and_where_nothing_is_it_is_refused():
    scale = LevelScale("db", -80.0, 0.0)
    side = cells.pixel_spans("rows", np.array([0, 1]), 2)
    levels = np.array([[0.5, 1.0], [np.nan, 0.75]], np.float32)
    found = cells.amplitudes(levels, scale, side, side)
    np.testing.assert_allclose(
        found[[0, 0, 1], [0, 1, 1]], 10 ** ((np.array([0.5, 1, 0.75]) * 80 - 80) / 20), rtol=2e-3
    )
    assert np.isfinite(found).all()
    with pytest.raises(PictureError, match="No pixel of the picture is legible"):
        cells.amplitudes(np.full((2, 2), np.nan, np.float32), scale, side, side)


def plain_frames(columns, places):
    """The same by its definition: the mean of a piecewise constant function."""
    width, apart = len(columns), max(1.0, places[1] - places[0] if len(places) > 1 else 1.0)
    power = 0.5 if apart == 1.0 else 2.0
    found = []
    for place in places:
        centre = min(max(place + 0.5, 0.0), float(width))
        low, high = max(centre - apart / 2, 0.0), min(centre + apart / 2, width)
        shares = [max(0.0, min(high, k + 1) - max(low, k)) for k in range(width)]
        found.append((np.array(shares) @ columns.astype(float) ** power / (high - low)) ** (1 / power))
    return np.array(found)


@pytest.mark.parametrize(
    ("first", "apart", "count"),
    [(0, 1, 6), (0.25, 0.5, 9), (-2, 0.75, 12), (0, 2, 3), (0.3, 2.7, 3), (1.4, 1, 1), (-3, 3, 4)],
)  # fmt: skip
def test_frames_of_columns_that_are_spans(first, apart, count):
    columns = RNG.uniform(0.1, 1, (6, 3)).astype(np.float32)
    places = first + apart * np.arange(count)
    found = cells.to_frames(columns, places)
    assert (found.dtype, found.shape) == (np.float32, (count, 3))
    np.testing.assert_allclose(found, plain_frames(columns, places), rtol=1e-5)


def test_frames_are_the_same_on_both_sides_of_a_block():
    columns = RNG.uniform(0.1, 1, (400, 2)).astype(np.float32)
    for apart in (0.8, 1.5):
        places = apart * np.arange(260)
        np.testing.assert_allclose(cells.to_frames(columns, places), plain_frames(columns, places), rtol=1e-5)
