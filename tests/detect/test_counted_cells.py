"""Which whole numbers of rows and frames a figure's axes count."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.calibration import Calibration
from fastspec.detect.counted_cells import either, frames_of, rows_of_count

NOTHING = Calibration()


@pytest.mark.parametrize(
    ("number", "slack", "rows"),
    [(1023.9, 2.7, 1025), (80.1, 0.35, 80), (228.6, 0.8, 229), (72.1, 0.3, 72), (301.7, 1.2, None)],
)
def test_usual_numbers_come_first(number, slack, rows):
    assert rows_of_count(number, slack, NOTHING) == rows


def test_what_is_given_comes_before_what_is_usual():
    assert rows_of_count(512.6, 1.5, Calibration.of("given", n_mels=514)) == 514
    assert rows_of_count(512.6, 1.5, NOTHING) == 513


@pytest.mark.parametrize("frames", [52, 119])
def test_borders_say_how_many_frames(frames):
    column = np.floor((np.arange(496) + 0.7) * frames / 496.3)
    assert frames_of(column[1:] != column[:-1], frames + 0.6, 0.25) == frames


def test_borders_of_narrow_frames_or_of_noise_tell_nothing():
    column = np.floor((np.arange(898) + 0.5) * 885 / 898)
    assert frames_of(column[1:] != column[:-1], 885.3, 1.0) is None
    assert frames_of(np.ones(495, bool), 52, 0.25) is None
    rng = np.random.default_rng(3)
    assert frames_of(rng.random(495) < 0.3, 52, 0.25) is None


def test_bands_and_bins_may_be_one_row_apart():
    assert either(128.4, 0.6)
    assert not either(128.0, 0.3)
    assert not either(80.2, 0.9)


def test_titles_say_which_of_two_numbers_comes_first():
    assert rows_of_count(128.4, 0.7, NOTHING, "bins") == 129
    assert rows_of_count(128.6, 0.7, NOTHING, "mel") == 128
    assert rows_of_count(512.2, 1.3, NOTHING) == 513
    assert not either(512.2, 1.3)
