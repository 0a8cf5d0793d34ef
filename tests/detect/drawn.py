"""Pixels of drawn cells and what damages them, for the tests of the readers of axes."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from fastspec.axes.frequency import FrequencyAxis
from fastspec.colours import colormap
from fastspec.picture import files as picture_files


def areas(rng: np.random.Generator) -> list[np.ndarray]:
    """Pictures of few colours in the layouts that are read in place: with gaps, of one byte and two, of one line."""
    small = rng.integers(0, 3, (40, 57, 3), np.uint8)
    small[5:9] = small[4]
    small[:, 20:23] = small[:, 19:20]
    wide = rng.integers(0, 255, (40, 57, 4), np.uint8)  # the fourth bytes are no part of the picture
    wide[..., :3] = small
    deep = small[..., 0].astype(np.uint16) * 300
    return [small, small[..., 1], wide[..., :3], wide[3:30, 7:50, :3], deep, small[:1], small[:, :1], small[:, ::2]]


def drawn(axis: FrequencyAxis, size=(600, 480), frames=150, cmap="viridis", seed=7) -> np.ndarray:
    """A picture (H, W, 3) of noise in the cells of an axis."""
    width, height = size
    levels = np.random.default_rng(seed).random((axis.count, frames), np.float32)
    levels = levels[axis.rows(height)][:, np.arange(width) * frames // width]
    return colormap.colour_of(levels, colormap.get(cmap))


def jpeg(area: np.ndarray, quality=90) -> np.ndarray:
    """The pixels of a picture after a JPEG of it."""
    out = io.BytesIO()
    Image.fromarray(area).save(out, "JPEG", quality=quality)
    return picture_files.read(out.getvalue()).pixels
