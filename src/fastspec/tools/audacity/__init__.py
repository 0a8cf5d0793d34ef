"""Audacity's spectrogram view: facts after 3.2.4."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.tools import span_grid
from fastspec.tools.audacity import grid
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Drawing, Tool

if TYPE_CHECKING:
    from fastspec.colours.colormap import ColourTable

PROFILE = Profile(
    "audacity",
    "Audacity's spectrogram view, cropped to the track: a row shows its loudest bin, a column one transform",
    "Audacity 3.2.4, SpectrumView.cpp, SpectrumCache.cpp, SpectrogramSettings.cpp and NumberScale.h; its defaults "
    "are a mel axis to 20 kHz, a Hann window of 2048 padded to 4096, gain 20 dB and range 80 dB",
    {
        **{name: value for name, value in span_grid.BIN_ROWS.items() if name != "freq_scale"},
        "freq_edges": "audacity",
        "level_kind": "db",
        "cmap_rounding": "round",
    },
    {"freq_scale": "mel", "cmap": "audacity", "db_range": (-100.0, -20.0), "sr": 44100},
)


class Audacity(Tool):
    """Only its colours tell it."""

    profiles = (PROFILE,)
    columns_per_second = grid.ZOOM

    def colour_tables(self) -> Iterable[ColourTable]:
        """Its maps."""
        from fastspec.tools.audacity import colours

        return colours.tables()

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """Window and padding, and what 0 dB is."""
        grid.choose_grid(chosen)

    def time_extent(self, known: Calibration, width: int) -> tuple[float, float]:
        """A column shows the transform round its first sample but one."""
        return span_grid.centred(width, known["duration"] / width)

    def drawing(self) -> Drawing:
        """Raw pictures."""
        from fastspec.tools.audacity.draw import DRAWING

        return DRAWING


TOOL = Audacity()
