"""Pictures of imshow of decibels, low frequencies at the top or at the bottom."""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np

from bench.pictures.canvas import canvas, colormap, finished
from bench.pictures.common import RATES, SIZES, Drawing, Sounds, excerpt, pick


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """imshow of decibels, upside down or not; its edges as above."""
    sr, n_fft = int(pick(rng, RATES)), int(pick(rng, [512, 1024, 2048]))
    y = excerpt(rng, sounds, sr, rng.uniform(2, 10))
    db = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=n_fft)), ref=np.max)
    origin = str(pick(rng, ["upper", "lower"]))
    figure, axes = canvas(*pick(rng, SIZES))
    image = axes.imshow(db, origin=origin, aspect="auto", cmap=colormap(rng) or "viridis")
    axes.axis("off")
    truth = {
        "profile": "imshow-db",
        "freq_scale": "linear",
        "sr": sr,
        "n_fft": n_fft,
        "hop_length": n_fft // 4,
        "duration": len(y) / sr,
        "n_frames": db.shape[1],
        "origin": origin,
    }
    return finished(rng, figure, image, f"imshow {origin}", stem, truth)
