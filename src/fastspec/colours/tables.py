"""The tables that come with fastspec: matplotlib's colormaps, and plain gray levels."""

from __future__ import annotations

import importlib.resources
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Rounding

ROUNDINGS: tuple[Rounding, ...] = ("round", "trunc")
MOST_COLOURS = 4096  # of a table; beyond it no perfect hash of at most 64 Ki slots can be hoped for
# Plain gray: bits and whether loud is dark. The pixel is the level, so pictures of them are (H, W), not RGB.
GRAY_LEVELS = {"gray8": (8, False), "gray8_r": (8, True), "gray16": (16, False), "gray16_r": (16, True)}


def gray_levels(name: str) -> NDArray[Any]:
    """The levels (N,) uint8 or uint16 of a map in `GRAY_LEVELS`."""
    bits, reverse = GRAY_LEVELS[name]
    levels = np.arange(2**bits, dtype=np.uint8 if bits == 8 else np.uint16)
    return levels[::-1] if reverse else levels


@lru_cache(maxsize=1)
def matplotlib_tables() -> tuple[dict[str, slice], dict[str, NDArray[np.uint8]]]:
    """Where each of matplotlib's maps lies in the shipped tables, and those (ci/data/make_colormaps.py writes them)."""
    source = importlib.resources.files("fastspec") / "data" / "colormaps.npz"
    with source.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        ends = np.cumsum(archive["counts"]).tolist()
        where = {
            str(name): slice(begin, end)
            for name, begin, end in zip(archive["names"].tolist(), [0, *ends[:-1]], ends, strict=True)
        }
        return where, {rounding: archive[rounding] for rounding in ROUNDINGS}
