"""Pixels of things that are refused, each by what marks it, made by arithmetic alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageDraw

from fastspec.colours import colormap


def coloured(level: np.ndarray, cmap: str = "viridis", side: int = 1, tall: int | None = None) -> np.ndarray:
    """Levels 0..1 in a map's colours, each cell `side` pixels wide and `tall` high."""
    pixels = colormap.colour_of(np.clip(level, 0, 1).astype(np.float32), colormap.get(cmap))
    return np.ascontiguousarray(pixels.repeat(tall or side, axis=0).repeat(side, axis=1))


def _chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def stripes(jpeg: float = 0.0) -> np.ndarray:
    """A corner of a spectrogram: white, then flat stripes, each 30 pixels wide, the first half as wide."""
    line = np.full((300, 3), 255, np.uint8)
    for k, start in enumerate(range(135, 300, 30)):
        line[max(0, start) :] = (30 + 37 * k, 90 - 11 * k, 120 + 20 * k)
    picture = np.tile(line, (160, 1, 1))
    return picture if not jpeg else np.clip(picture + _chance().normal(0, jpeg, picture.shape), 0, 255).astype(np.uint8)


def disc() -> np.ndarray:
    """A disc of many colours on paper, with letters round it."""
    image = Image.new("RGB", (300, 240), "white")
    draw = ImageDraw.Draw(image)
    for k in range(36):
        shade = tuple(int(v) for v in _chance(k).integers(0, 250, 3))
        draw.pieslice((70, 40, 230, 200), 10 * k, 10 * k + 10, fill=shade)
    for k in range(8):
        angle = k * np.pi / 4
        draw.text((145 + 110 * np.cos(angle), 112 + 105 * np.sin(angle)), str(45 * k), fill="black")
    return np.asarray(image)


def editor(panel: int = 0) -> np.ndarray:
    """A waveform in a lane above a spectrogram, below a bar of gray."""
    from tests.readings.pictures import look, speech

    y, _ = speech()
    below = look("linear")
    lane = np.full((100, below.shape[1], 3), 255, np.uint8)
    for x, part in enumerate(np.array_split(y / np.abs(y).max(), below.shape[1])):
        lane[int(50 - 46 * part.max()) : int(50 - 46 * part.min()) + 1, x] = (0, 0, 200)
    whole = np.concatenate([np.full((30, below.shape[1], 3), 225, np.uint8), lane, below])
    return np.pad(whole, ((0, 0), (panel, 0), (0, 0)), constant_values=210)


def mask(soft: float = 0.0) -> np.ndarray:
    """Cells that are kept or not."""
    from tests.readings.pictures import look

    level = look("linear", cmap="gray")[..., 0] / 255
    kept = np.clip((level - 0.45) / max(soft, 1e-6) + 0.5, 0, 1)
    return coloured(kept, "gray")


def angles(cmap: str = "twilight", step: float = 1.0) -> np.ndarray:
    """Phases by chance, or differences of phases (a small step)."""
    chance = _chance(1)
    level = chance.random((100, 150)) if step == 1.0 else 0.5 + step * chance.normal(size=(100, 150))
    return coloured(level % 1.0, cmap, 2)


def hues() -> np.ndarray:
    """Hue by chance, brightness beside it."""
    chance = _chance(2)
    hsv = np.stack([chance.random((90, 120)), np.full((90, 120), 0.9), 0.3 + 0.7 * chance.random((90, 120))], axis=-1)
    rgb = Image.fromarray((255 * hsv).astype(np.uint8), "HSV").convert("RGB")
    return np.asarray(rgb).repeat(2, axis=0).repeat(2, axis=1)


def chromagram() -> np.ndarray:
    """Twelve rows of pitches."""
    chance = _chance(3)
    level = np.repeat(chance.random((12, 20)), 4, axis=1) * 0.7 + 0.3 * chance.random((12, 80))
    return coloured(level, "magma", 4, 16)


def correlations(rows: int = 16) -> np.ndarray:
    """A matrix that is its own mirror image."""
    some = _chance(4).normal(size=(rows, 6))
    level = np.corrcoef(some) * 0.5 + 0.5
    return coloured(level, "viridis", 14)


def similarity() -> np.ndarray:
    """A matrix of 150 x 150 cells of similarity, a pixel each."""
    from tests.readings.pictures import native

    frames = native(n_fft=256, hop_length=256, cmap="gray")[..., 0].T[:150].astype(np.float64)
    frames /= np.linalg.norm(frames, axis=1, keepdims=True) + 1e-9
    return coloured(frames @ frames.T, "magma", 2)


def table(rows: int, columns: int, side: int) -> np.ndarray:
    """Cells by chance."""
    return coloured(_chance(5).random((rows, columns)), "viridis", side)


def coefficients() -> np.ndarray:
    """Twenty rows, each unlike the next."""
    chance = _chance(6)
    course = np.cumsum(chance.normal(size=(20, 200)), axis=1)
    level = (course - course.min(axis=1, keepdims=True)) / np.ptp(course, axis=1, keepdims=True)
    return coloured(level, "viridis", 2, 12)


def surface(waves: float) -> np.ndarray:
    """Waves on a smooth ground."""
    rows, columns = np.mgrid[:200, :300] / 200
    return coloured(0.5 + 0.25 * np.sin(waves * columns) + 0.25 * np.cos(waves * rows), "viridis")


def noise(spread: float) -> np.ndarray:
    """Levels by chance, of no sound."""
    return coloured(0.5 + spread * _chance(7).normal(size=(180, 260)), "magma")


def one_colour(value: int) -> np.ndarray:
    """A page of one colour."""
    return np.full((150, 200, 3), value, np.uint8)


def linear(kind: float) -> np.ndarray:
    """A spectrogram of powers of the amplitude in linear colours, a pixel a cell."""
    from tests.readings.pictures import native

    level = native(n_fft=512, hop_length=128, cmap="gray")[..., 0] / 255.0
    return coloured(np.power(10.0, 4 * kind * (level - 1)), "viridis")


def narrow(top: float) -> np.ndarray:
    """A spectrogram whose loudest cell does not reach the end of the map."""
    from tests.readings.pictures import native

    return coloured(native(n_fft=512, hop_length=128, cmap="gray")[..., 0] / 255.0 * top, "viridis")


def tilted(angle: float) -> np.ndarray:
    """A spectrogram on paper, turned by some degrees."""
    from tests.readings.pictures import look

    page = np.pad(look("linear"), ((40, 40), (40, 40), (0, 0)), constant_values=255)
    return np.asarray(Image.fromarray(page).rotate(angle, Image.Resampling.BILINEAR, fillcolor=(255, 255, 255)))


THINGS: Mapping[str, Callable[[], np.ndarray]] = {
    "stripes": stripes,
    "stripes, damaged": lambda: stripes(1.5),
    "disc": disc,
    "editor": editor,
    "editor with a panel": lambda: editor(40),
    "mask": mask,
    "soft mask": lambda: mask(0.2),
    "angles": angles,
    "differences of angles": lambda: angles("twilight", 0.08),
    "hues": hues,
    "chromagram": chromagram,
    "correlations": correlations,
    "similarity": similarity,
    "table of few": lambda: table(6, 9, 30),
    "table of many": lambda: table(60, 80, 4),
    "coefficients": coefficients,
    "surface": lambda: surface(3.0),
    "waves": lambda: surface(25.0),
    "noise": lambda: noise(0.15),
    "white": lambda: one_colour(255),
    "gray page": lambda: one_colour(120),
    "black": lambda: one_colour(0),
    "amplitudes in colours": lambda: linear(0.5),
    "powers in colours": lambda: linear(1.0),
    "roots in colours": lambda: linear(0.25),
    "narrow range": lambda: narrow(0.8),
    "tilted a little": lambda: tilted(2.0),
    "tilted": lambda: tilted(7.0),
    "tiny": lambda: noise(0.2)[:7, :9].copy(),
    "a line": lambda: noise(0.2)[:1].copy(),
}
