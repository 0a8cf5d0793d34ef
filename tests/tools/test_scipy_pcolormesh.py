"""SciPy's spectrogram drawn by pcolormesh becomes sound."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.calibration.complete import retrieval_hop
from fastspec.decoder import Decoder
from fastspec.phase import metrics
from fastspec.plot.cells import to_frames
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


@pytest.mark.parametrize(
    ("n_fft", "hop", "size"), [(256, 224, (640, 480)), (512, 448, (700, 1100)), (128, 112, (900, 300))]
)
def test_gouraud_shading_is_recognised_and_undone(clip, tmp_path, n_fft, hop, size):
    from scipy.signal import spectrogram

    y, sr = clip
    f, t, power = spectrogram(y + 1e-7, sr, nperseg=n_fft, noverlap=n_fft - hop)
    decibel = 10 * np.log10(power)
    low, high = float(decibel.min()), float(decibel.max())
    path = draw_figure(lambda axes: axes.pcolormesh(t, f, decibel, shading="gouraud"), size, tmp_path / "s.png")
    facts = {"sr": sr, "n_fft": n_fft, "hop_length": hop, "duration": len(y) / sr, "db_range": (low, high)}
    read = fastspec.inspect(path, **facts)
    assert read["profile"] == "scipy-gouraud"
    assert read["shown_n_fft"] == n_fft
    start, end = read["time_extent"]
    assert round((end - start) * sr / hop) == len(t)
    assert (start + 0.5 * hop / sr, end - 0.5 * hop / sr) == pytest.approx((t[0], t[-1]), abs=1e-6)
    assert {read.source(name) for name in ("freq_scale", "columns", "window")} == {"assumed"}
    shown = Decoder(**facts).read(path).magnitude
    true = drawn_frames(decibel, shown.shape[0], hop, n_fft)
    loud = true > true.max() * 10 ** (-60 / 20)
    assert np.sqrt(np.mean(np.square(20 * np.log10(shown[loud] / true[loud])))) < 2.5
    x, _ = fastspec.decode(path, **facts)
    assert x.shape == y.shape
    assert metrics.stoi(x, y, sr) > 0.75


def drawn_frames(decibel, count, hop, n_fft):
    """Amplitudes (count, bins) of one-sided decibels (bins, frames), on the frames that a phase is retrieved for."""
    amplitudes = 10 ** (decibel.T / 20)
    amplitudes[:, [0, -1]] *= 2**0.5
    dense = retrieval_hop(hop, n_fft)
    return to_frames(amplitudes.astype(np.float32), (np.arange(count) * dense - n_fft // 2) / hop)


def test_without_a_hop_scipys_own_is_assumed(clip, tmp_path):
    from scipy.signal import spectrogram

    y, sr = clip
    f, t, power = spectrogram(y + 1e-7, sr)
    path = draw_figure(
        lambda axes: axes.pcolormesh(t, f, 10 * np.log10(power), shading="gouraud"), (500, 400), tmp_path / "s.png"
    )
    read = fastspec.inspect(path, sr=sr, duration=len(y) / sr)
    assert (read["n_fft"], read["hop_length"]) == (256, 224)
    assert {read.source(name) for name in ("n_fft", "hop_length", "n_frames")} == {"assumed"}
