"""Gray levels of random spectrograms, the lowest frequency at the bottom and the loudest cell white.

Every kind of level that people save: decibels with and without a floor, natural logarithms of mel power, magnitudes,
powers, roots; linear, mel and logarithmic rows; one cell a pixel, cells of several pixels, and resized; clean, JPEG
and noisy.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Any

import librosa
import numpy as np
import scipy.signal
from PIL import Image

from bench.pictures.common import Array, pick

SCALES = ("linear", "linear", "mel", "mel", "log")
KINDS = ("floor", "floor", "floor", "ln", "ln", "no floor", "no floor", "magnitude", "power", "root", "vmin")
SIZES = ((369, 496), (480, 640), (308, 775), (770, 1240), (240, 320), (1200, 1600), (512, 512), (256, 256))
RATES = (8000, 16000, 22050, 44100)


@dataclass(frozen=True)
class Levels:
    """Levels (cells, frames) 0..1, the lowest frequency first; its scale and the kind of level."""

    cells: Array
    scale: str
    kind: str


def levels(rng: np.random.Generator, y: Array, rate: int) -> Levels | None:
    """Of some seconds of the sound `y`; None where it is silent there."""
    sr = int(pick(rng, (rate, rate, *RATES)))
    if sr < rate or (sr > rate and rng.random() < 0.3):
        shared = int(np.gcd(sr, rate))
        y = scipy.signal.resample_poly(y, sr // shared, rate // shared).astype(np.float32)
    else:
        sr = rate
    length = int(rng.uniform(1.5, 10) * sr)
    start = int(rng.integers(0, max(1, len(y) - length))) if rng.random() < 0.5 else 0
    n_fft = int(pick(rng, (256, 512, 1024, 1024, 2048, 2048, 4096)))
    hop = int(n_fft / float(pick(rng, (1.14, 2, 4, 4, 4, 8))))
    y = y[start : start + length]
    y = np.pad(y, (0, max(0, n_fft - len(y))))
    magnitude = np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop, center=bool(rng.random() < 0.8)))
    scale, kind = str(pick(rng, SCALES)), str(pick(rng, KINDS))
    if scale == "mel":
        magnitude = _mel(rng, magnitude, sr, n_fft)
    if magnitude.max() <= 0 or magnitude.shape[1] < 2:
        return None
    magnitude = magnitude / magnitude.max() * (1 if rng.random() < 0.5 else 10 ** rng.uniform(-1, 1.5))
    cells = _scaled(rng, magnitude, kind)
    low, high = float(cells.min()), float(cells.max())
    return Levels((cells - low) / (high - low), scale, kind) if high > low else None


def _mel(rng: np.random.Generator, magnitude: Array, sr: int, n_fft: int) -> Array:
    n_mels = int(pick(rng, (40, 64, 80, 80, 128, 128, 128, 229, 256)))
    options: dict[str, Any] = {
        "fmin": float(pick(rng, (0, 0, 20, 50))),
        "fmax": min(sr / 2, float(pick(rng, (sr / 2, sr / 2, 8000)))),
    }
    options["norm"] = "slaney" if rng.random() < 0.8 else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bands without a bin are what people draw, too
        bank = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels, htk=bool(rng.random() < 0.3), **options)
    return np.asarray(np.sqrt(bank @ magnitude**2) if rng.random() < 0.7 else bank @ magnitude)


def _scaled(rng: np.random.Generator, magnitude: Array, kind: str) -> Array:
    decibels = 20 * np.log10(np.maximum(magnitude, 1e-12))
    if kind == "floor":
        return np.asarray(np.maximum(decibels, decibels.max() - float(pick(rng, (80, 80, 80, 60, 100)))))
    if kind == "vmin":
        top = decibels.max() - rng.uniform(0, 20)
        return np.asarray(np.clip(decibels, top - rng.uniform(40, 70), top))
    if kind == "ln" and rng.random() < 0.6:
        return np.asarray(
            np.log(magnitude ** float(pick(rng, (1, 2))) + 10.0 ** -float(pick(rng, (4, 5, 6, 8, 9, 10))))
        )
    if kind == "ln":
        return np.asarray(np.log(np.maximum(magnitude, 10.0 ** -float(pick(rng, (3, 5, 5, 8))))))
    powers = {"magnitude": 1.0, "power": 2.0, "root": float(pick(rng, (0.25, 0.25, 0.3, 0.5, 0.5)))}
    return decibels if kind == "no floor" else np.asarray(magnitude ** powers[kind])


def picture(rng: np.random.Generator, what: Levels, *, damaged: bool = True) -> tuple[Array, str]:
    """Gray (H, W) uint8, the lowest frequency at the bottom, and how it was made; three of ten damaged."""
    count, frames = what.cells.shape
    how = str(pick(rng, ("array", "array", "figure", "figure", "resized")))
    factor = float(pick(rng, (255.0, 255.999)))
    gray = np.clip(np.floor(what.cells * factor + (0.5 if factor == 255.0 else 0.0)), 0, 255).astype(np.uint8)
    if how == "figure" or what.scale == "log" or count > 1100:
        how, (height, width) = "figure", pick(rng, SIZES)
        place = (np.arange(height) + 0.5) / height
        if what.scale == "log":  # librosa's: linear to 64 Hz, octaves above
            linear = 64 / 11025
            octaves = place * (0.5 - np.log2(linear))
            place = np.where(octaves < 0.5, 2 * octaves * linear, linear * 2 ** (octaves - 0.5))
        gray = gray[np.minimum((place * count).astype(int), count - 1)][:, np.arange(width) * frames // width]
    elif how == "resized":
        height, width = pick(rng, SIZES)
        filters = (Image.Resampling.LANCZOS, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC)
        gray = np.asarray(Image.fromarray(gray).resize((width, height), pick(rng, filters)))
    gray = np.ascontiguousarray(gray[::-1, :1600])
    damage = rng.random() if damaged else 1.0
    if damage < 0.2:
        out = io.BytesIO()
        Image.fromarray(gray).save(out, "JPEG", quality=int(pick(rng, (50, 75, 85, 92, 95))))
        return np.asarray(Image.open(out)), how + ", JPEG"
    if damage < 0.3:
        return np.clip(gray + rng.normal(0, float(pick(rng, (3, 8))), gray.shape), 0, 255).astype(
            np.uint8
        ), how + ", noise"
    return gray, how
