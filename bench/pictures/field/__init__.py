"""Pictures as people make them, with random parameters that are known: what `bench.quality.field` judges.

`draw(sounds, folder, seed, number, only)` draws one picture of a kind, a file each; the same seed and number give the
same picture. Each tells what a person would know of it (`given`), what can be read of it unaided (`promised`), and
keeps the array that was drawn, whose decoding is the bound of the picture's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.pictures.common import Sounds
from bench.pictures.field import arrays, colours, counting_axes, gray_signs, levels, resized, specgrams
from bench.pictures.field.tables import FieldDrawing, Levels, Table

__all__ = ["KINDS", "FieldDrawing", "Levels", "Table", "draw"]

KINDS: dict[str, Callable[[np.random.Generator, Sounds, Path], FieldDrawing]] = {
    "arrays": arrays.draw,
    "gray_signs": gray_signs.draw,
    "specgrams": specgrams.draw,
    "counting_axes": counting_axes.draw,
    "levels": levels.draw,
    "colours": colours.draw,
    "resized": resized.draw,
}


def draw(sounds: Sounds, folder: Path, seed: int, number: int, only: str | None = None) -> FieldDrawing:
    """Picture `number` of the series `seed`, of the kind `only` or of each in turn."""
    kind = only or list(KINDS)[number % len(KINDS)]
    rng = np.random.default_rng([seed, number, list(KINDS).index(kind)])
    return KINDS[kind](rng, sounds, folder / f"s{seed}_{number:04d}_{kind}")
