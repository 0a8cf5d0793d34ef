"""fastspec's own drawing: a pixel a bin and a frame, with the calibration embedded."""

from __future__ import annotations

from fastspec.calibration.defaults import BY_SCALE
from fastspec.calibration.profile import Profile
from fastspec.tools.tool import Tool

PROFILE = Profile(
    "fastspec",
    "fastspec's native drawing: one pixel a bin and a frame",
    "fastspec.encode without size",
    {
        "cmap_rounding": "round",
        "level_kind": "db",
        "level_quantiser": "cells",
        "origin": "lower",
        "freq_edges": "cells",
        "center": True,
    },
    {
        "cmap": "magma",
        "db_range": (-80.0, 0.0),
        "freq_scale": "linear",
        "window": "hann",
        "sr": 22050,
        "hop_length": 512,
    },
    BY_SCALE,
)


class Native(Tool):
    """Nothing to recognise: its pictures say what they are."""

    profiles = (PROFILE,)


TOOL = Native()
