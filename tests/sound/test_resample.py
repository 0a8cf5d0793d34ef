"""Tones keep their pitch at another rate, and what the new rate cannot hold is gone."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.errors import ParameterError
from fastspec.sound.resample import COSTS, resample, seconds_of

SR = 22050


@pytest.mark.parametrize("to", [44100, 16000, 11025, 22000, 8000])
def test_resampled_tones_are_the_tones_at_the_new_rate(to):
    t, u = np.arange(SR) / SR, np.arange(to) / to
    y = np.array([np.sin(2 * np.pi * f * t + 1) for f in (50, 440, 3000)])
    out = resample(y, SR, to)
    assert out.shape == (3, to)
    twin = np.array([np.sin(2 * np.pi * f * u + 1) for f in (50, 440, 3000)])
    inner = slice(to // 10, -to // 10)  # beyond the ends the sound is taken as silent
    np.testing.assert_allclose(out[:, inner], twin[:, inner], atol=1e-5)


def test_resampling_removes_what_the_new_rate_cannot_hold():
    y = np.sin(2 * np.pi * 7000 * np.arange(SR) / SR)
    assert np.abs(resample(y, SR, 11025)[1000:-1000]).max() < 1e-4


def test_a_rate_that_is_none_is_refused():
    for rates in ((0, 8000), (8000, 0.5)):
        with pytest.raises(ParameterError, match="is no sample rate"):
            resample(np.zeros(9), *rates)


def test_the_time_is_told_before_it_is_taken():
    taps = 2 * 64 / 0.9475
    assert seconds_of(1000, 8000, 16000) == pytest.approx(COSTS.product * 2000 * taps + COSTS.phase * 2)
    assert seconds_of(1000, 16000, 8000) == pytest.approx(COSTS.product * 500 * 2 * taps + COSTS.phase)
    assert seconds_of(22050, 22050, 22051) > 5  # 22051 sets of taps
    assert seconds_of(10, 22050, 22051) < 0.01  # as few as there are samples
