"""Spek's window, drawn after its source (0.8.5), sample by sample, with Pillow and the font that GTK takes."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.pictures.common import RATES, Array, Drawing, Sounds, excerpt, pick
from bench.pictures.damage import excused_of, kept

FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
N_FFT, BINS = 2048, 1025
MAPS = (("spek", -120, 0), ("spek-spectrum", -120, -20), ("spek-mono", -120, 0))  # of today, of 2013, and the third


def colour(name: str, level: float) -> tuple[int, ...]:
    """spek-palette.cc, number by number."""
    if name == "spek-mono":
        return (int(level * 255 + 0.5),) * 3
    if name == "spek":
        r = 0.0 if level < 0.13 else math.sin((level - 0.13) / 0.60 * math.pi / 2) if level < 0.73 else 1.0
        g = 0.0 if level < 0.6 else math.sin((level - 0.6) / 0.31 * math.pi / 2) if level < 0.91 else 1.0
        b = 0.5 * math.sin(level / 0.6 * math.pi) if level < 0.6 else (level - 0.78) / 0.22 if level >= 0.78 else 0.0
        return tuple(int(v * 255 + 0.5) for v in (r, g, b))
    level *= 0.6625
    if level < 0.15:
        rgb = (0.15 - level) / 0.225, 0.0, 1.0
    elif level < 0.275:
        rgb = 0.0, (level - 0.15) / 0.125, 1.0
    elif level < 0.325:
        rgb = 0.0, 1.0, (0.325 - level) / 0.05
    elif level < 0.5:
        rgb = (level - 0.325) / 0.175, 1.0, 0.0
    else:
        rgb = (1.0, (0.6625 - level) / 0.1625, 0.0) if level < 0.6625 else (0.0, 0.0, 0.0)
    return tuple(int(v * min(level / 0.1, 1.0) * 255 + 0.5) for v in rgb)


def columns_of(y: Array, width: int) -> Array:
    """Mean decibels (columns, 1025) by the worker's loop, one sample after the other, of a file read at once."""
    hann = 0.5 * (1 - np.cos(2 * np.pi / (N_FFT - 1) * np.arange(N_FFT)))
    padded = np.concatenate([np.zeros(N_FFT), y])
    whole, rest = divmod(len(y), width)
    error = frames = 0
    spectra: list[Array] = []
    drawn: list[Array] = []
    for head in range(1, len(y)):
        frames += 1
        full = error < width and frames == whole
        over = error >= width and frames == whole + 1
        if frames % N_FFT == 0 or ((full or over) and not spectra):
            power = np.abs(np.fft.rfft(padded[head : head + N_FFT] * hann)) ** 2
            spectra.append(10 * np.log10(np.maximum(power / N_FFT**2, 1e-30)))
        if full or over:
            error += -width if over else rest
            drawn.append(np.mean(spectra, axis=0))
            frames, spectra = 0, []
    return np.array(drawn)


def window(
    y: Array, sr: int, size: tuple[int, int], name: str = "spek", low: int = -120, high: int = 0, dense: float = 1.0
) -> Array:
    """The window as SpekSpectrogram::render draws it, on a screen `dense` times as dense."""
    w, h = size
    left, top, right, bottom, gap = (round(v * dense) for v in (60, 60, 90, 40, 10))
    wide, tall = w - left - right, h - top - bottom
    canvas = Image.new("RGB", size)
    pixels: Any = canvas.load()
    ink = ImageDraw.Draw(canvas)
    levels = (np.clip(columns_of(y, wide), low, high) - low) / (high - low)
    for x, column in enumerate(levels[:wide]):
        for j in range(tall):
            pixels[left + x, top + j] = colour(name, column[BINS - 1 - (j * (BINS * 65536 // tall) >> 16)])
    small, normal = ImageFont.truetype(FONT, round(11 * dense)), ImageFont.truetype(FONT, round(12 * dense))
    ink.text((left, top - gap - 14 * dense), f"FLAC, {sr} Hz, 16 bits, channel 1 / 1, W:2048, F:Hann", "white", normal)
    ink.text((w - right + gap, top - 4 * gap), "spek", "white", normal)
    ink.rectangle((left, top, left + wide - 1, top + tall - 1), outline="white")
    for j in range(tall + 1):
        level = (BINS - 1 - (j * (BINS * 65536 // (tall + 1)) >> 16)) / BINS
        ink.line((w - right + gap, top + j, w - right + 2 * gap - 1, top + j), colour(name, level))
    seconds, half = len(y) / sr, sr // 2
    for tick in range(int(seconds) + 1):
        x = left + int(tick * wide / seconds)
        ink.line((x, h - bottom, x, h - bottom + 4), "white")
        ink.text((x, h - bottom + 10), f"{tick // 60}:{tick % 60:02d}", "white", small, anchor="ma")
    for tick in (*range(0, half - 1000, 2000), half):
        y_at = top + int((half - tick) * tall / half)
        ink.line((left - 4, y_at, left, y_at), "white")
        ink.text((left - 10, y_at), f"{tick // 1000} kHz", "white", small, anchor="rm")
    for tick in (*range(-high, -low - 10, 20), -low):
        x, y_at = w - right + 2 * gap, top + int((tick + high) * tall / (high - low))
        ink.line((x, y_at, x + 4, y_at), "white")
        ink.text((x + 10, y_at), f"{-tick} dB", "white", small, anchor="lm")
    return np.array(canvas)


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """A whole window of some size; mostly with the options of today."""
    sr = int(pick(rng, RATES))
    y = excerpt(rng, sounds, sr, rng.uniform(2, 12))
    size = int(rng.integers(420, 1300)), int(rng.integers(320, 900))
    name, low, high = pick(rng, [MAPS[0], *MAPS])
    if rng.random() < 0.2:
        low = int(rng.integers(-140, -60))
    file = io.BytesIO()
    Image.fromarray(window(y, sr, size, name, low, high)).save(file, "PNG")
    path, (width, height), damage = kept(rng, file.getvalue(), stem)
    truth: dict[str, Any] = {
        "profile": "spek",
        "cmap": name,
        "freq_scale": "linear",
        "sr": sr,
        "n_fft": N_FFT,
        "duration": len(y) / sr,
        "db_range": (float(low), float(high)),
        "plot_area": (60, 60, width - 90, height - 40),
        "channels": 1,
        "origin": "lower",
    }
    asked = frozenset({"profile", "cmap", "sr", "duration", "db_range", "plot_area"})
    return Drawing(path, "spek", truth, asked, f"{width}x{height} {name}", damage, excused_of(damage, *asked))
