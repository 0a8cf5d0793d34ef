"""ffmpeg, `ffmpeg ... -lavfi showspectrumpic`: facts after avf_showspectrum.c of 5.1 and of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.tools import span_grid
from fastspec.tools.ffmpeg import grid
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fastspec.calibration.facts import Fact
    from fastspec.colours.colormap import ColourTable
    from fastspec.detect.evidence import Evidence
    from fastspec.picture.picture import Picture

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
    channel_gap = 0  # mode=separate
    first_channel_on_top = False
    draws_axes = True

    def has_own_frame(self, known: Calibration) -> bool:
        """With or without legend."""
        return True

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """By colours, frame or signature."""
        from fastspec.tools.ffmpeg.recognise import recognise

        return recognise(picture)

    def read_legend(self, picture: Picture, found: Mapping[str, Fact]) -> Evidence:
        """Its bitmap font at its places."""
        from fastspec.tools.ffmpeg import legend

        return legend.read(picture, found)

    def read_plot(self, area: NDArray[Any], known: Calibration) -> Evidence:
        """win_length, where windows are whole."""
        from fastspec.detect.evidence import Evidence
        from fastspec.tools.ffmpeg import whole_windows

        return Evidence(whole_windows.read(area, known))

    def colour_tables(self) -> Iterable[ColourTable]:
        """Its maps."""
        from fastspec.tools.ffmpeg import colours

        return colours.tables()

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """Transforms of twice the height."""
        grid.choose_grid(chosen, width, rows)

    def time_extent(self, known: Calibration, width: int) -> tuple[float, float]:
        """Whole steps a column."""
        return grid.extent(known, width)

    def cannot_show(self, known: Calibration, width: int) -> tuple[str, ...]:
        """A sound that is too short for its columns."""
        return grid.too_short(known, width)

    def restore(self, cells: NDArray[np.float32], known: Calibration) -> NDArray[np.float32]:
        """Without what cut windows leak."""
        step = grid.cut_window(known, *cells.shape)
        if step is None:
            return cells
        from fastspec.tools.ffmpeg import cut_window

        return cut_window.remove_leakage(cells, step)


TOOL = Ffmpeg()
