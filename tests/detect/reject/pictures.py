"""Pictures that are no spectrograms, and the sounds of odd spectrograms that are."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SR = 16000


def waveform(y):
    image = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(image)
    peaks = np.abs(y[: y.size // 560 * 560]).reshape(560, -1).max(axis=1)
    for x, peak in enumerate(peaks / peaks.max()):
        draw.line((40 + x, 240 - 200 * peak, 40 + x, 240 + 200 * peak), fill=(31, 119, 180))
    return np.asarray(image)


def text():
    image = Image.new("RGB", (500, 400), "white")
    draw = ImageDraw.Draw(image)
    for line in range(24):
        draw.text((10, 16 * line), "The quick brown fox jumps over the lazy dog. " * 2, fill="black")
    return np.asarray(image)


def colour_photograph():
    """Coloured light on smooth things: hues and brightness that no colormap joins."""
    rng = np.random.default_rng(0)
    small = rng.random((12, 16, 3)) * 255
    image = Image.fromarray(small.astype(np.uint8)).resize((640, 480), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(image) + rng.normal(0, 3, (480, 640, 3)), 0, 255).astype(np.uint8)


def gray_photograph(seed):
    """Dead leaves: shaded discs of all sizes that hide each other, as things in a photograph do (Lee et al. 2001)."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:480, :640]
    light = np.zeros((480, 640))
    empty = np.ones((480, 640), bool)
    while empty.any():
        y, x = rng.integers(0, 480), rng.integers(0, 640)
        radius = 12 / rng.uniform(0.05, 1) if empty.mean() > 0.02 else 200
        part = empty & ((rows - y) ** 2 + (columns - x) ** 2 < radius**2)
        slope = rng.normal(0, 0.15, 2)
        light[part] = (rng.uniform(40, 210) + slope[0] * (rows - y) + slope[1] * (columns - x))[part]
        empty &= ~part
    noise = rng.normal(0, 2, light.shape)
    soft = Image.fromarray(np.clip(light + noise, 0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))
    return np.asarray(soft)


def two(picture, down, paper=255):
    """The picture twice on paper, side by side or one above the other."""
    tile = np.full((picture.shape[0] + 60, picture.shape[1] + 80, 3), paper, np.uint8)
    tile[30:-30, 40:-40] = picture
    return np.concatenate([tile, tile], axis=0 if down else 1)


def sounds(y):
    t = np.arange(3 * SR) / SR
    noise = np.random.default_rng(0).normal(size=t.size)
    return {
        "speech": y,
        "short": y[: SR // 4],
        "after silence": np.concatenate([np.zeros(SR), y[: 2 * SR]]),
        "fade": y[: t.size] * np.linspace(0, 1, y[: t.size].size),
        "tone": np.sin(2 * np.pi * 440 * t),
        "tones": sum(np.sin(2 * np.pi * f * t) for f in (220, 440, 1000, 3000)),
        "noise": noise,
        "noise sets in": np.where(t > 1.5, noise, 0),
        "clicks": (np.arange(t.size) % 4000 == 0) * 1.0,
        "chirp": np.sin(2 * np.pi * (100 * t + 900 * t * t)),
        "bursts": np.sin(2 * np.pi * 800 * t) * (np.floor(t * 4) % 2),
    }
