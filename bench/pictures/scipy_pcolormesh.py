"""Pictures of scipy.signal.spectrogram drawn by pcolormesh, flat or with gouraud shading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal

from bench.pictures.canvas import canvas, colormap, finished
from bench.pictures.common import RATES, SIZES, Drawing, Sounds, excerpt, pick


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """scipy.signal.spectrogram in decibels by pcolormesh, at times with gouraud shading as in SciPy's manual."""
    sr, n_fft = int(pick(rng, RATES)), int(pick(rng, [256, 512, 1024]))
    y = excerpt(rng, sounds, sr, rng.uniform(2, 10))
    f, t, S = scipy.signal.spectrogram(y + 1e-7, sr, nperseg=n_fft, noverlap=int(pick(rng, [n_fft // 8, n_fft // 2])))
    figure, axes = canvas(*pick(rng, SIZES))
    smooth = bool(rng.random() < 0.3)
    look: dict[str, Any] = {"cmap": colormap(rng) or "viridis", "shading": "gouraud" if smooth else "auto"}
    image = axes.pcolormesh(t, f, 10 * np.log10(S + 1e-14), **look)
    axes.axis("off")
    truth = {
        "profile": "scipy-gouraud" if smooth else "scipy-pcolormesh",
        "freq_scale": "linear",
        "freq_edges": "bins" if smooth else "librosa>=0.9",
        "sr": sr,
        "n_fft": n_fft,
        "duration": len(y) / sr,
        "origin": "lower",
    }
    kind = "scipy gouraud" if smooth else "scipy pcolormesh"
    return finished(rng, figure, image, kind, stem, truth)
