"""Figures as MATLAB's spectrogram draws them, by a twin in matplotlib: Hamming windows, dB/Hz, kHz and a colour bar."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy.signal import spectrogram

import fastspec
from fastspec.phase import metrics
from tests.detect.figure.figures import saved


def twin(y, sr, n_fft, hop, cmap):
    """The figure, and the range of its colours."""
    f, t, power = spectrogram(y + 1e-6, sr, window="hamming", nperseg=n_fft, noverlap=n_fft - hop, detrend=False)
    decibel = 10 * np.log10(power + 1e-20)
    figure, axes = plt.subplots(figsize=(5.6, 4.2), dpi=150)
    dt, df = (t[1] - t[0]) / 2, (f[1] - f[0]) / 2000
    image = axes.imshow(
        decibel, origin="lower", aspect="auto", cmap=cmap, interpolation="nearest",
        extent=(t[0] - dt, t[-1] + dt, f[0] / 1000 - df, f[-1] / 1000 + df),
    )  # fmt: skip
    axes.tick_params(direction="in", top=True, right=True)
    axes.set(xlabel="Time (s)", ylabel="Frequency (kHz)")
    bar = figure.colorbar(image)
    bar.set_label("Power/frequency (dB/Hz)")
    return saved(figure), (float(decibel.min()), float(decibel.max()))


@pytest.mark.parametrize(("n_fft", "hop", "cmap"), [(512, 256, "viridis"), (256, 64, "jet")])
def test_what_a_person_knows_of_it_is_enough(speech, n_fft, hop, cmap):
    y, sr = speech
    y = y[: 2 * sr]
    picture, db_range = twin(y, sr, n_fft, hop, cmap)
    known = {"profile": "matlab", "sr": sr, "n_fft": n_fft, "hop_length": hop, "duration": len(y) / sr}
    read = fastspec.inspect(picture, **known)
    assert (read["window"], read["center"], read["one_sided"]) == ("hamming", False, True)
    assert read["cmap"] == cmap
    heard, _ = fastspec.decode(picture, **known, db_range=db_range)
    n = min(len(heard), len(y))
    assert metrics.stoi(heard[:n], y[:n], sr) > (0.85 if hop < n_fft // 2 else 0.8)


def test_eight_windows_half_over_each_other_are_its_default(speech):
    y, sr = speech
    picture, _ = twin(y, sr, 1024, 512, "viridis")
    read = fastspec.inspect(picture, profile="matlab", sr=8000, duration=1.0)
    assert (read["n_fft"], read["hop_length"]) == (2048, 1024)
    assert read.source("hop_length") == "assumed"
    assert fastspec.inspect(picture, profile="matlab", sr=8000, duration=1.0, n_fft=512)["hop_length"] == 256
