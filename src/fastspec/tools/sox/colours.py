"""SoX's palettes (spectrogram.c, `make_palette`): four inks, then up to 251 levels, which `-q` lowers.

The first level stands for everything below the range, the last for everything at or above its top.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from fastspec.colours.colormap import Colormap, ColourTable
from fastspec.colours.formulas import sox_spectrum

LEVELS = 251
GUARDS = (1, 1)
# Paper, text, labels and lines: the palette's entries before the levels.
DARK = ((0, 0, 0), (255, 255, 255), (191, 191, 191), (127, 127, 127))
LIGHT = ((221, 216, 208), (0, 0, 0), (63, 63, 63), (63, 63, 63))
LIGHT_MONO = ((223, 223, 223), (0, 0, 0), (63, 63, 63), (63, 63, 63))
INKS = (DARK, LIGHT, LIGHT_MONO)
INK_COUNT, LINES = len(DARK), 3
_FEWEST = 3  # levels that show anything
_PHASES = 7  # of -h
_PERMUTATIONS = {"sox": 1, **{f"sox-{permutation}": permutation for permutation in range(2, 7)}}
# Of the dark background; those of the light one have the same colours and end in "_r".
COLOURS = (*_PERMUTATIONS, "sox-high")
GRAYS = ("sox-mono", "sox-mono_r")
NAMES = (*(f"{name}{suffix}" for name in COLOURS for suffix in ("", "_r")), *GRAYS)


@lru_cache(maxsize=64)
def table(name: str, levels: int = LEVELS) -> NDArray[np.uint8]:
    """The colours (levels, 3) uint8 of a map in `NAMES`; read-only.

    "sox_r" and the like are those of SoX's light background (`-l`), "sox-2" to "sox-6" its permutations (`-p`),
    "sox-mono" `-m`, "sox-high" `-h`.
    """
    x = np.arange(levels) / (levels - 1)
    plain = name.removesuffix("_r")
    if plain in _PERMUTATIONS:
        p = _PERMUTATIONS[plain] - 1
        ramps = sox_spectrum(x)
        ramps = [ramps[channel] for channel in (p % 3, (1 + p + p % 2) % 3, (2 + p - p % 2) % 3)]
    else:
        ramps = [x, x, x] if plain == "sox-mono" else _high(x)
    colours = np.stack([0.5 + 255 * ramp for ramp in ramps], axis=1).astype(np.uint8)
    colours.flags.writeable = False
    return colours[::-1] if name != plain else colours


def inks(name: str) -> tuple[tuple[int, int, int], ...]:
    """Paper, text, labels and lines beside the colours of a map."""
    if not name.endswith("_r"):
        return DARK
    return LIGHT_MONO if name == "sox-mono_r" else LIGHT


def of_palette(name: str, palette: NDArray[np.uint8]) -> Colormap | None:
    """The levels of a picture's palette (N, 3), whatever their colours are; None if there are none or too many."""
    levels = palette[INK_COUNT:]
    return Colormap(name, levels, guards=GUARDS) if _FEWEST <= len(levels) <= LEVELS else None


@lru_cache(maxsize=1)
def whole_tables() -> NDArray[np.float32]:
    """The colours (maps, LEVELS, 3) of all maps in `NAMES`."""
    return np.stack([table(name) for name in NAMES]).astype(np.float32)


def tables() -> Iterator[ColourTable]:
    """For `fastspec.colours`. Grays are not listed, as only SoX's fingerprint tells them from matplotlib's."""
    for name in NAMES:
        shown = {"listed": name not in GRAYS, "default": name == COLOURS[0]}
        yield ColourTable(name, partial(table, name), GUARDS, tool=COLOURS[0], **shown)


def _high(x: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    phase = np.minimum(_PHASES * x, _PHASES - 1).astype(int)
    part = _PHASES * x - phase
    shapes = np.stack([0 * x, 0 * x + 1, np.sin(part * np.pi / 2), np.cos(part * np.pi / 2), part, 1 - part])
    states = np.array([[4, 5, 0, 0, 2, 1, 1], [0, 0, 2, 1, 1, 3, 2], [4, 1, 1, 3, 0, 0, 2]])
    return [shapes[states[channel][phase], np.arange(x.size)] for channel in range(3)]
