"""librosa.display.specshow: cells between edges that lie otherwise since 0.9."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastspec.calibration.defaults import BY_SCALE
from fastspec.calibration.profile import Profile
from fastspec.tools.tool import Tool

_FACTS: Mapping[str, Any] = {
    "cmap_rounding": "round",
    "level_kind": "db",
    "level_quantiser": "cells",
    "origin": "lower",
    "window": "hann",
    "center": True,
}
_USUAL: Mapping[str, Any] = {
    "cmap": "magma",
    "db_range": (-80.0, 0.0),
    "freq_scale": "log",
    "sr": 22050,
    "hop_length": 512,
}
TODAYS = Profile(
    "librosa",
    "librosa 0.9 and later: specshow draws cells around bin centres",
    "librosa.display.specshow 0.9 - 1.0 with matplotlib's pcolormesh",
    {**_FACTS, "freq_edges": "librosa>=0.9"},
    _USUAL,
    BY_SCALE,
)
OLD = Profile(
    "librosa-0.8",
    "librosa up to 0.8: specshow draws explicit cell edges, the outer bins half as high",
    "librosa.display.specshow 0.6 - 0.8 with matplotlib's pcolormesh",
    {**_FACTS, "freq_edges": "librosa<0.9"},
    _USUAL,
    BY_SCALE,
)


class Librosa(Tool):
    """Its pictures carry no fingerprint; which edges they have is read off their rows."""

    profiles = (TODAYS, OLD)
    unsettled = frozenset({"freq_edges"})


TOOL = Librosa()
