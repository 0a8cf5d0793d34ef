"""SciPy's spectrogram drawn by pcolormesh becomes sound."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.phase import metrics
from tests.tools.figures import draw_figure


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 3 * sr], sr


def test_scipys_spectrogram_drawn_by_pcolormesh(clip, tmp_path):
    from scipy.signal import spectrogram

    y, sr = clip
    f, t, power = spectrogram(y + 1e-7, sr, nperseg=512, noverlap=384, window="hann")
    decibel = 10 * np.log10(power)
    path = draw_figure(lambda axes: axes.pcolormesh(t, f, decibel, vmin=-140, vmax=-40), (900, 600), tmp_path / "s.png")
    x, _ = fastspec.decode(
        path,
        profile="scipy-pcolormesh",
        sr=sr,
        n_fft=512,
        win_length=512,
        hop_length=128,
        duration=len(y) / sr,
        db_range=(-140.0, -40.0),
    )
    assert metrics.stoi(x, y, sr) > 0.93
