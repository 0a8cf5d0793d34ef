"""Channels of a plot by themselves: rows of each, lines between, colour planes."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.errors import CalibrationError
from fastspec.plot import channels

PLANES = {"channels": 2, "channel_layout": "green-blue"}


def test_a_plot_of_one_channel_is_itself():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    for cal in ({}, {"channels": 1}):
        assert channels.rows(1, cal) == 1
        assert channels.rows(7, cal) == 7
        (found,) = channels.parts(pixels, cal)
        assert found is pixels


@pytest.mark.parametrize(
    ("height", "many", "gap", "each"),
    [(4, 2, 0, 2), (5, 2, 1, 2), (7, 2, 3, 2), (12, 3, 3, 2), (3, 2, 1, None), (6, 2, 1, None), (8, 2, 3, None)],
)
def test_rows_of_each_channel_and_lines_between_fill_the_plot(height, many, gap, each):
    if each is None:
        with pytest.raises(CalibrationError, match=f"channels={many} of equal height.* do not fill {height} rows"):
            channels.rows(height, {"channels": many}, gap)
        return
    assert channels.rows(height, {"channels": many}, gap) == each
    assert channels.rows(height, {"channels": many, "channel_layout": "green-blue"}, gap) == height


def test_a_line_between_is_said_where_there_is_to_be_one():
    with pytest.raises(CalibrationError, match="equal height, a line between them, do not fill 6 rows"):
        channels.rows(6, {"channels": 2})
    with pytest.raises(CalibrationError, match="equal height do not fill 7 rows"):
        channels.rows(7, {"channels": 2}, 0)


def test_colour_planes_are_green_and_blue():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 3)).astype(np.uint8)
    green, blue = channels.parts(pixels, PLANES)
    np.testing.assert_array_equal(green, pixels[..., 1])
    np.testing.assert_array_equal(blue, pixels[..., 2])
    assert green.flags.c_contiguous
    assert blue.flags.c_contiguous
    for wrong, cal in ((pixels[..., 0], PLANES), (pixels, {**PLANES, "channels": 3})):
        with pytest.raises(CalibrationError, match="in green and blue needs two and a colour picture"):
            channels.parts(wrong, cal)


def stacked(line):
    """Two channels of two rows, of noise, and this line between them."""
    pixels = np.random.default_rng(0).integers(0, 256, (5, 40, *np.shape(line)[1:])).astype(np.uint8)
    pixels[2] = line
    return pixels


def test_what_lies_between_channels_is_a_line():
    noise = np.random.default_rng(1).integers(0, 256, 40)
    colours = np.tile(np.array([200, 30, 90]), (40, 1))  # of one colour, whose channels differ
    for line in (np.full(40, 7), colours):
        found = channels.parts(stacked(line), {"channels": 2})
        assert [part.shape[0] for part in found] == [2, 2]
    for line in (noise, np.repeat(noise[:, None], 3, axis=1)):
        with pytest.raises(CalibrationError, match="row 2 of the plot, between two of them, is no line"):
            channels.parts(stacked(line), {"channels": 2})
    assert len(channels.parts(stacked(noise)[:4], {"channels": 2}, 0)) == 2  # none is to be there


def test_of_several_rows_between_the_first_is_the_line():
    pixels = np.random.default_rng(0).integers(0, 256, (7, 40)).astype(np.uint8)
    pixels[2] = 9
    found = channels.parts(pixels, {"channels": 2}, 3)
    np.testing.assert_array_equal(found[0], pixels[:2])
    np.testing.assert_array_equal(found[1], pixels[5:])
    below = channels.parts(pixels, {"channels": 2}, 3, first_on_top=False)
    np.testing.assert_array_equal(below[0], pixels[5:])
