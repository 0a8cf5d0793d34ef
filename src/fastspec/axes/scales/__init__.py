"""Frequency scales, one file each: how Hz lie on an axis, and what its cells are where nobody says.

A new scale is a file here with a `Scale` called SCALE, and its name in NAMES. Nothing but names is imported before a
scale is asked for, so that the command line lists them at no cost.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING

from fastspec.errors import ParameterError

if TYPE_CHECKING:
    from fastspec.axes.scales.scale import Scale

NAMES = ("linear", "log", "mel", "mel-rows", "cqt", "bark", "erb", "period")
# What fact `freq_scale` may say; that mel bands lie evenly follows from `freq_edges`.
FREQ_SCALES = tuple(name for name in NAMES if name != "mel-rows")
# specshow's names
ALIASES = {
    "hz": "linear",
    "fft": "linear",
    "fft_note": "log",
    "fft_svara": "log",
    "cqt_hz": "cqt",
    "cqt_note": "cqt",
}


@lru_cache(maxsize=32)
def get(name: str) -> Scale:
    """The scale called `name`, which may be one of specshow's names. Raises ParameterError for an unknown one."""
    plain = ALIASES.get(name, name)
    if plain not in NAMES:
        known = ", ".join([*NAMES, *ALIASES])
        raise ParameterError(f"scale={name!r} is no known frequency axis; use one of {known}")
    scale: Scale = importlib.import_module(f"{__name__}.{plain.replace('-', '_')}").SCALE
    return scale


def as_drawn(name: str, *, one_band_a_row: bool) -> str:
    """The scale that a picture is drawn on whose fact `freq_scale` is `name`: mel bands may lie evenly."""
    return "mel-rows" if name == "mel" and one_band_a_row else name
