"""Audacity's frequency scales and rows, against its published formulas."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.axes import scales
from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import FREQ_SCALES
from fastspec.errors import ParameterError

HERTZ = np.array([1.0, 20.0, 100.0, 440.0, 1000.0, 4000.0, 11025.0, 20000.0])


@pytest.mark.parametrize("scale", scales.SCALES)
def test_scales_rise_and_come_back(scale):
    measure = scales.to_scale(np.geomspace(1, 24000, 500), scale)
    assert (np.diff(measure) > 0).all()
    np.testing.assert_allclose(scales.from_scale(scales.to_scale(HERTZ, scale), scale), HERTZ, rtol=1e-5, atol=0.01)


def test_values_of_the_literature():
    # Traunmueller's Bark of 1 kHz is 8.53; HTK's mel puts 1000 mel at 1 kHz; Moore and Glasberg's ERB-rate of 1983
    assert scales.to_scale(1000.0, "bark") == pytest.approx(8.527, abs=1e-3)
    kilohertz = HERTZ[2:] / 1000
    rate = 11.17 * np.log((kilohertz + 0.312) / (kilohertz + 14.675)) + 43.0
    np.testing.assert_allclose(scales.to_scale(HERTZ[2:], "erb"), rate, atol=0.05)
    assert scales.to_scale(1000.0, "mel") == pytest.approx(1000.0, abs=0.1)
    assert scales.to_scale(50.0, "period") == -0.02


def test_beyond_a_scales_end_is_infinite():
    assert np.isinf(scales.from_scale([0.0, 1.0], "period")).all()
    assert np.isinf(scales.from_scale(60.0, "bark"))
    assert np.isinf(scales.from_scale(60.0, "erb"))


def test_unknown_scales_are_refused():
    for convert in (scales.to_scale, scales.from_scale):
        with pytest.raises(ParameterError, match="linear, log, mel"):
            convert(1.0, "cqt")
    assert set(scales.SCALES) <= set(FREQ_SCALES)


@pytest.mark.parametrize("scale", scales.SCALES)
@pytest.mark.parametrize("height", [1, 2, 151, 700])
@pytest.mark.parametrize("sr", [8000, 22050, 44100])
def test_rows_of_audacity_lie_within_the_bins_and_rise(scale, height, sr):
    axis = FrequencyAxis(scale=scale, sr=sr, n_fft=4096, edges="audacity")
    assert (axis.count, axis.kind) == (2048, "stft")
    first, stop = axis.spans(height)
    rows = axis.rows(height)
    assert rows.shape == first.shape == (height,)
    assert (np.diff(first) <= 0).all()  # row 0 is on top
    assert first.min() >= 0
    assert max(first.max(), rows.max()) <= 2047
    assert (rows >= first).all()
    assert (rows < np.maximum(stop, first + 1)).all()
    low, high = axis.limits
    assert high == min(sr / 2, 20000.0)
    assert low == {"linear": 0.0, "period": sr / 2048}.get(scale, 1.0)
    np.testing.assert_array_equal(
        FrequencyAxis(scale=scale, sr=sr, n_fft=4096, edges="audacity", origin="upper").rows(height), rows[::-1]
    )


def test_the_view_is_limited_as_audacity_limits_it():
    axis = FrequencyAxis(scale="mel", sr=16000, n_fft=2048, edges="audacity", fmin=0.0, fmax=20000.0)
    assert axis.limits == (1.0, 8000.0)
    assert FrequencyAxis(scale="log", sr=44100, n_fft=2048, edges="audacity", fmin=50.0).limits == (50.0, 20000.0)


def test_audacity_shows_no_bands():
    with pytest.raises(ParameterError, match="audacity"):
        FrequencyAxis(scale="mel", sr=16000, n_fft=2048, n_cells=80, kind="mel", edges="audacity")
    with pytest.raises(ParameterError, match="audacity"):
        FrequencyAxis(scale="cqt", sr=16000, n_fft=2048, kind="stft", edges="audacity")


@pytest.mark.parametrize("scale", ["bark", "erb", "period"])
def test_cells_on_these_axes_too(scale):
    """Drawn as pcolormesh would: each row shows the bin whose cell holds the row's centre."""
    axis = FrequencyAxis(scale=scale, sr=16000, n_fft=512, edges="cells", fmin=50.0, fmax=7000.0)
    rows = axis.rows(300)
    low, high = scales.to_scale(axis.limits, scale)
    centres = scales.from_scale(high - (np.arange(300) + 0.5) / 300 * (high - low), scale)
    assert (np.abs(rows - centres / (16000 / 512)) <= 0.51).all()
