"""Rows that are stretches of pitch, as Audacity draws them; librosa's edges: tests/axes/test_frequency.py."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec import axes
from fastspec.axes import edges, scales
from fastspec.axes.frequency import FrequencyAxis
from fastspec.errors import ParameterError

SCALES = [name for name in scales.NAMES if scales.get(name).has_pitch]


def test_every_name_has_its_drawer():
    assert tuple(edges.DRAWERS) == axes.FREQ_EDGES
    assert all(edges.get(name).name == name for name in axes.FREQ_EDGES)
    with pytest.raises(ParameterError, match="cells, bins"):
        edges.get("halves")


@pytest.mark.parametrize("scale", SCALES)
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
    low, high = scales.get(scale).pitch(np.asarray(axis.limits))
    centres = scales.get(scale).hertz(high - (np.arange(300) + 0.5) / 300 * (high - low))
    assert (np.abs(rows - centres / (16000 / 512)) <= 0.51).all()
