"""Pictures of matplotlib's plt.specgram without axes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bench.pictures.canvas import canvas, colormap, finished
from bench.pictures.common import RATES, SIZES, Drawing, Sounds, excerpt, pick


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """plt.specgram without axes. Its rows are equal, and so those of librosa's edges: none are asked for."""
    sr, n_fft = int(pick(rng, RATES)), int(pick(rng, [256, 512, 1024, 2048]))
    hop = n_fft // int(pick(rng, [2, 4, 8]))
    y = excerpt(rng, sounds, sr, rng.uniform(2, 15))
    figure, axes = canvas(*pick(rng, SIZES))
    look: dict[str, Any] = {"cmap": colormap(rng) or "viridis"} if rng.random() < 0.4 else {}
    *_, image = axes.specgram(y + 1e-7, NFFT=n_fft, Fs=sr, noverlap=n_fft - hop, **look)
    if rng.random() < 0.5:
        image.set_clim(-140, -40)
    axes.axis("off")
    truth = {
        "profile": "matplotlib-specgram",
        "freq_scale": "linear",
        "sr": sr,
        "n_fft": n_fft,
        "hop_length": hop,
        "duration": len(y) / sr,
        "origin": "lower",
    }
    return finished(rng, figure, image, "plt.specgram", stem, truth)
