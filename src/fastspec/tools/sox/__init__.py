"""SoX, `sox ... -n spectrogram`: facts after spectrogram.c of 14.4.2."""

from __future__ import annotations

from fastspec.calibration.profile import Profile
from fastspec.tools import span_grid
from fastspec.tools.tool import Tool

PROFILE = Profile(
    "sox",
    "sox spectrogram, raw or with axes: 249 levels of absolute decibels, the palette's index is the level",
    "SoX 14.4.2, spectrogram.c",
    {**span_grid.BIN_ROWS, "level_kind": "db"},
    {"cmap": "sox", "db_range": (-120.0, 0.0)},
)


class Sox(Tool):
    """A palette of four inks and the levels, margins and labels of a figure of its own."""

    profiles = (PROFILE,)


TOOL = Sox()
