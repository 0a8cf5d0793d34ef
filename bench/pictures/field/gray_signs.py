"""Kind 2: gray arrays, loud bright or dark, low at the bottom or on top: which, only the sound itself can tell."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from bench.pictures.common import Sounds, pick
from bench.pictures.field import looks
from bench.pictures.field.arrays import drawn
from bench.pictures.field.tables import FieldDrawing, eight_bit, levels, table


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> FieldDrawing:
    """All four readings equally often, of many kinds of levels; the true one must be among those that are named."""
    what = table(rng, sounds, mels=0.6)
    some = levels(rng, what, ("dB", "dB", "ln", "log10", "zscore", "power_law"))
    inverted, origin = bool(rng.random() < 0.5), str(pick(rng, ["upper", "lower"]))
    pixels = eight_bit(some.values) if origin == "upper" else eight_bit(some.values)[::-1]
    path, lossy = looks.save_pixels(rng, 255 - pixels if inverted else pixels, stem, jpeg=bool(rng.random() < 0.1))
    shape = what.amplitude.shape
    cmap = "gray_r" if inverted else "gray"
    truth = {"cmap": cmap, "origin": origin, "plot_area": (0, 0, shape[1], shape[0]), "reading": (cmap, origin)}
    made = drawn(path, what, some, truth, shape, lossy, f"gray {some.unit}", "gray_signs")
    promised = {**made.promised, "reading": "the true one is among those named"}
    drawing = dataclasses.replace(made.drawing, asked=frozenset(promised))
    return dataclasses.replace(made, drawing=drawing, promised=promised)
