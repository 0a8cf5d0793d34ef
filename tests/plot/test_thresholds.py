"""Thresholds of a plot's reading with a case on either side, and edges: one, first, last, odd."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.colours import colormap
from fastspec.errors import CalibrationError, ParameterError
from fastspec.plot import cells, channels, damage

LIMITS = damage.LIMITS


@pytest.mark.parametrize(
    ("exact", "hidden", "error", "said"),
    [
        (LIMITS.clean, 0, 3.0, []),
        (LIMITS.clean - 1e-6, 0, 3.0, ["uncertain by 3.0 dB"]),
        (0.0, 0, 0.0, []),
        (1.0, 1, 3.0, ["1 pixels (1.00%)"]),
        (0.5, 3, 0.25, ["uncertain by 0.2 dB", "3 pixels (3.00%)"]),
    ],
)
def test_damage_is_said_where_there_is_some(exact, hidden, error, said):
    found = damage.remarks(exact, hidden, 100, error)
    assert len(found) == len(said)
    assert all(word in sentence for word, sentence in zip(said, found, strict=True))


@pytest.mark.parametrize(
    ("distance", "exact", "mixtures", "paint", "alone"),
    [
        (3.0, LIMITS.clean, None, LIMITS.paint, LIMITS.paint),
        (3.0, LIMITS.clean, 50.0, LIMITS.paint, LIMITS.paint),
        (3.0, LIMITS.clean - 1e-6, None, LIMITS.paint_least, LIMITS.paint_least),
        (2.0, 0.0, 5.0, LIMITS.paint_least_jpeg, LIMITS.paint_least_jpeg),
        (2.0, 0.0, 20.0, LIMITS.paint_least_jpeg, 20.0),
        (3.0, 0.0, 5.0, 15.0, 15.0),
        (4.0, 0.0, None, LIMITS.paint_least, LIMITS.paint_least),
        (5.0, 0.0, None, 25.0, 25.0),
    ],
)
def test_paint_lies_much_farther_off_than_most_pixels(distance, exact, mixtures, paint, alone):
    off = np.full((30, 40), distance, np.float32)
    off[:14] = 200.0  # less than a half: the median is not moved
    assert damage.paint_from(off, exact, mixtures) == pytest.approx((paint, alone))


@pytest.mark.parametrize("others", [3, 4, 5])
def test_mixed_colours_are_paint_in_a_crowd_alone(others):
    off = np.zeros((9, 9), np.float32)
    around = [(3, 3), (3, 4), (3, 5), (4, 3), (4, 5)][:others]
    for row, column in ((4, 4), *around):
        off[row, column] = 16.0
    assert bool(damage.painted(off, 14.0, 18.0)[4, 4]) == (others + 1 >= LIMITS.crowd)
    assert not damage.painted(off, 16.0, 18.0).any()
    off[0, 0] = 18.5
    assert damage.painted(off, 14.0, 18.0)[0, 0]
    assert damage.painted(off, 14.0, 14.0).sum() == others + 2


@pytest.mark.parametrize(("painted", "hidden"), [(0, 0), (1, 1), (399, 399), (401, 0)])
def test_more_paint_than_picture_is_another_map(painted, hidden):
    cmap = colormap.get("magma")
    pixels = cmap.table[np.random.default_rng(0).integers(0, 200, 1000)].copy()
    pixels[:painted] = (0, 255, 0)
    read = damage.read_levels(pixels.reshape(25, 40, 3), cmap)
    assert read.hidden == np.isnan(read.positions).sum() == hidden
    assert read.exact == pytest.approx(1 - painted / 1000)


@pytest.mark.parametrize(
    ("pairs", "exact", "told"), [(32, 0.5, True), (31, 0.5, False), (32, 0.8, False), (32, 0.799, True)]
)
def test_uncertainty_needs_pixels_side_by_side(pairs, exact, told):
    columns = np.repeat(np.arange(pairs), 2)
    positions = np.random.default_rng(1).random((1, 2 * pairs)).astype(np.float32)
    for image, rows, across in (
        (positions, np.arange(1), columns),
        (np.ascontiguousarray(positions.T), columns, np.arange(1)),
    ):
        assert (damage.variance(image, rows, across, exact) is not None) == told


@pytest.mark.parametrize(("colours", "near"), [(1, 12), (3, 24)])
def test_a_line_between_channels_may_be_damaged(colours, near):
    def row(far, off):
        line = np.full((100, colours), 100, np.uint8)
        line[:far, -1] += off
        return line if colours > 1 else line[:, 0]

    assert not channels._is_drawn(row(100, 0))
    assert not channels._is_drawn(row(25, 99))
    assert channels._is_drawn(row(26, near + 1))
    assert not channels._is_drawn(row(26, near))


@pytest.mark.parametrize(
    ("height", "many", "gap", "each"),
    [
        (5, 2, 1, 2),
        (4, 2, 0, 2),
        (3, 2, 1, None),
        (2, 2, 0, None),
        (6, 2, 1, None),
        (11, 3, 1, 3),
        (10, 3, 1, None),
        (9, 3, 0, 3),
    ],
)
def test_channels_fill_a_plot_or_are_refused(height, many, gap, each):
    known = {"channels": many}
    if each is None:
        with pytest.raises(CalibrationError, match=f"channels={many}"):
            channels.rows(height, known, gap)
        return
    assert channels.rows(height, known, gap) == each
    plot = np.zeros((height, 7), np.uint8) + np.arange(height, dtype=np.uint8)[:, None]
    found = channels.parts(plot, known, gap)
    assert [len(part) for part in found] == [each] * many
    assert [int(part[0, 0]) for part in found] == [number * (each + gap) for number in range(many)]
    below = channels.parts(plot, known, gap, first_on_top=False)
    assert [int(part[0, 0]) for part in below] == [number * (each + gap) for number in range(many)][::-1]


def test_columns_become_frames_by_roots_up_to_a_column_and_by_powers_beyond():
    columns = np.array([[1.0], [4.0], [9.0]], np.float32)
    near = cells.to_frames(columns, np.array([-3.0, 0.0, 0.5, 1.0, 2.0, 9.0])[1:3])
    np.testing.assert_allclose(near[:, 0], [1.0, 2.25], rtol=1e-6)  # ((1 + 2) / 2) ** 2
    exactly = cells.to_frames(columns, np.array([0.5, 1.5]))
    np.testing.assert_allclose(exactly[:, 0], [2.25, 6.25], rtol=1e-6)
    beyond = cells.to_frames(columns, np.array([0.5, 1.5 + 1e-6]))
    np.testing.assert_allclose(beyond[:, 0], [np.sqrt((1 + 16) / 2), np.sqrt((16 + 81) / 2)], rtol=1e-5)
    np.testing.assert_allclose(cells.to_frames(columns, np.array([2.0]))[:, 0], [9.0], rtol=1e-6)


def test_frames_outside_take_the_last_column():
    columns = np.array([[1.0], [4.0], [9.0]], np.float32)
    found = cells.to_frames(columns, np.array([-0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5]))
    assert found[0, 0] == pytest.approx(1.0)
    assert found[-1, 0] == pytest.approx(9.0)


@pytest.mark.parametrize("count", [1, 255, 256, 257, 513])
def test_frames_do_not_depend_on_blocks(count):
    columns = np.random.default_rng(2).random((40, 3)).astype(np.float32)
    at = np.linspace(0, 39, count) if count > 1 else np.array([7.25])
    whole = cells.to_frames(columns, at)
    assert whole.shape == (count, 3)
    for number in {0, count // 2, count - 1}:
        low = int(at[number])
        high = min(low + 1, 39)
        part = at[number] - low
        root = np.sqrt(columns[low]) * (1 - part) + np.sqrt(columns[high]) * part
        np.testing.assert_allclose(whole[number], root**2, rtol=1e-4)


@pytest.mark.parametrize(
    ("name", "pixels", "count", "shown", "low", "part"),
    [
        ("one", [0], 1, [True], [0], [0.0]),
        ("each", [0, 1, 2], 3, [True] * 3, [0, 1, 2], [0.0] * 3),
        ("falling", [2, 2, 0], 3, [True, False, True], [0, 0, 1], [0.0, 0.5, 0.0]),
        ("ends", [1, 1, 3], 5, [False, True, False, True, False], [0, 0, 0, 1, 1], [0.0, 0.0, 0.5, 0.0, 0.0]),
        ("far", [0, 4], 5, [True, False, False, False, True], [0, 0, 0, 0, 1], [0.0, 0.25, 0.5, 0.75, 0.0]),
    ],
)
def test_hidden_cells_lie_between_shown_ones(name, pixels, count, shown, low, part):
    spans = cells.pixel_spans(name, np.array(pixels), count)
    assert spans.pixels == len(pixels)
    assert spans.shown.tolist() == shown
    assert spans.low.tolist() == low
    np.testing.assert_allclose(spans.part, part)
    assert (spans.stop - spans.first).sum() == len(pixels)


@pytest.mark.parametrize(
    ("pixels", "said"), [([], "is empty"), ([0, 3], "0 .. 3, but there are 3"), ([-1], "-1"), ([0, 2, 1], "steadily")]
)
def test_spans_that_cannot_be_are_refused(pixels, said):
    with pytest.raises(ParameterError, match=said):
        cells.pixel_spans("rows", np.array(pixels, np.intp), 3)
