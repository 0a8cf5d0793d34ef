"""ffmpeg, `ffmpeg ... -lavfi showspectrumpic`: facts after avf_showspectrum.c of 5.1."""

from __future__ import annotations

from fastspec.calibration.profile import Profile
from fastspec.tools import span_grid
from fastspec.tools.tool import Tool

_SOURCE = "FFmpeg 5.1, libavfilter/avf_showspectrum.c"
_SCALES = {"lin": 1.0, "sqrt": 1 / 2, "cbrt": 1 / 3, "4thrt": 1 / 4, "5thrt": 1 / 5}
_OPTIONS = frozenset({"freq_scale"})  # fscale=log

DECIBELS = Profile(
    "ffmpeg",
    "ffmpeg showspectrumpic, with or without legend: transforms of twice the height, no highest bin",
    _SOURCE,
    {**span_grid.BIN_ROWS},
    {"cmap": "ffmpeg-intensity", "level_kind": "db", "db_range": (-120.0, 0.0)},
    options=_OPTIONS,
)
ROOTS = tuple(
    Profile(
        f"ffmpeg-{scale}",
        f"ffmpeg showspectrumpic with scale={scale}: a power of the amplitude, which the picture does not tell",
        _SOURCE,
        {**span_grid.BIN_ROWS, "level_kind": "power_law", "level_exponent": exponent},
        {"cmap": "ffmpeg-intensity"},
        options=_OPTIONS,
    )
    for scale, exponent in _SCALES.items()
)


class Ffmpeg(Tool):
    """Roundings of its own YUV colours, a frame of one gray and a legend."""

    profiles = (DECIBELS, *ROOTS)


TOOL = Ffmpeg()
