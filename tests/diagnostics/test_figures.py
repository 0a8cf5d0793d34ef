"""Figures that carry their calibration: decoding needs no option, and reads what was drawn."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.errors import ParameterError

plt_figure = pytest.importorskip("matplotlib.figure")
SR, N_FFT, HOP = 16000, 512, 128


def decibels():
    rng = np.random.default_rng(0)
    t = np.arange(16000) / SR
    y = sum(np.sin(2 * np.pi * f * t) * (np.sin(2 * np.pi * r * t) > 0) for f, r in rng.uniform(2, 7000, (6, 2)))
    S = np.abs(fastspec.stft(y + 1e-3 * rng.standard_normal(len(t)), n_fft=N_FFT, hop_length=HOP))
    return S, np.maximum(20 * np.log10(np.maximum(S / S.max(), 1e-9)), -80)


def specshow(axis="linear", bar=False, **figure):
    import librosa.display

    fig = plt_figure.Figure(figsize=(7, 5), **figure)
    ax = fig.subplots()
    S, levels = decibels()
    mesh = librosa.display.specshow(levels, sr=SR, hop_length=HOP, x_axis="time", y_axis=axis, ax=ax, cmap="viridis")
    if bar:
        fig.colorbar(mesh, ax=ax)
    return fig, S


@pytest.mark.parametrize("axis", ["linear", "log"])
@pytest.mark.parametrize("how", [{}, {"dpi": 150}, {"bbox_inches": "tight"}])
def test_a_figure_is_decoded_without_options(axis, how, tmp_path):
    fig, S = specshow(axis, bar=True, layout="constrained")
    fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP, how=how)
    found = fastspec.inspect(tmp_path / "a.png")
    assert {found.source(n) for n in ("sr", "n_fft", "plot_area", "cmap", "db_range", "freq_scale")} == {"embedded"}
    assert (found["n_frames"], found["cmap"]) == (S.shape[1], "viridis")
    alone = fastspec.Picture(fastspec.picture.files.read(tmp_path / "a.png").rgb())
    seen = fastspec.inspect(alone)["plot_area"]
    assert max(abs(a - b) for a, b in zip(found["plot_area"], seen, strict=True)) <= 2
    read = fastspec.Decoder().read(tmp_path / "a.png").magnitude.T
    loud = S.max() * 1e-2 < S
    error = 20 * np.log10(np.maximum(read[loud], 1e-4) / (S[loud] / S.max()))
    assert np.median(np.abs(error)) < 0.5


def test_what_is_no_spectrogram_is_refused(tmp_path):
    fig = plt_figure.Figure()
    fig.subplots().plot([1, 2])
    with pytest.raises(ParameterError, match="0 spectrograms"):
        fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP)
    fig, _ = specshow()
    with pytest.raises(ParameterError, match="correct n_fft"):
        fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=1024, hop_length=HOP)
    fig.axes[0].set_xlim(0, 0.5)
    with pytest.raises(ParameterError, match=r"time axis shows 0 to 0\.5"):
        fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP)
    assert not list(tmp_path.iterdir())
