"""audio-diffusion's pictures: square, gray, mel bands in decibels, the lowest at the top."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import librosa
import numpy as np
from PIL import Image

from bench.pictures.common import Drawing, Sounds, excerpt, pick


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """After audio-diffusion's Mel.audio_slice_to_image: plain gray, 80 dB, the lowest band at the top."""
    side = int(pick(rng, [64, 128, 256, 256, 256, 512]))
    hop = int(pick(rng, [512, 512, 1024]))
    y = np.resize(excerpt(rng, sounds, 22050, side * hop / 22050 + 1), side * hop - 1)
    S = librosa.feature.melspectrogram(y=y, sr=22050, n_fft=2048, hop_length=hop, n_mels=side)
    db = librosa.power_to_db(S, ref=np.max, top_db=80)
    gray = (((db + 80) * 255 / 80).clip(0, 255) + 0.5).astype(np.uint8)
    path = stem.with_suffix(".png")
    Image.fromarray(gray).save(path)
    truth: dict[str, Any] = {
        "profile": "audio-diffusion",
        "cmap": "gray",
        "freq_scale": "mel",
        "n_mels": side,
        "sr": 22050,
        "n_fft": 2048,
        "hop_length": hop,
        "db_range": (-80.0, 0.0),
        "origin": "upper",
        "plot_area": (0, 0, side, side),
    }
    how = f"{side}x{side} hop {hop}"
    return Drawing(path, "audio-diffusion", truth, frozenset({"profile", "cmap"}), how)
