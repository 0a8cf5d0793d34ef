"""Frames on the time axis; that pcolormesh draws the same columns, tests/axes/test_frequency.py sees."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.axes.time import TimeAxis
from fastspec.errors import ParameterError


def test_times_of_both_conventions():
    assert TimeAxis(10, 512, 22050, "librosa<0.9").limits == pytest.approx((0, 5120 / 22050))
    assert TimeAxis(10, 512, 22050).limits == pytest.approx((-256 / 22050, (5120 - 256) / 22050))
    assert TimeAxis(1, 512, 22050).limits == pytest.approx((-256 / 22050, 256 / 22050))
    np.testing.assert_array_equal(TimeAxis(1).columns(9), np.zeros(9))


@pytest.mark.parametrize("edges", ["cells", "bins"])
def test_one_pixel_a_frame_shows_every_frame(edges):
    np.testing.assert_array_equal(TimeAxis(77, edges=edges).columns(77), np.arange(77))
    np.testing.assert_array_equal(TimeAxis(3, edges=edges).columns(7), [0, 0, 1, 1, 1, 2, 2])


@pytest.mark.parametrize(
    "wrong",
    [{"n_frames": 0}, {"n_frames": 1, "hop_length": 0}, {"n_frames": 1, "sr": 0}, {"n_frames": 1, "edges": "x"}],
)
def test_axes_that_cannot_be_are_refused(wrong):
    with pytest.raises(ParameterError):
        TimeAxis(**wrong)


def test_widths_below_one_are_refused():
    with pytest.raises(ParameterError, match="width=0"):
        TimeAxis(3).columns(0)
