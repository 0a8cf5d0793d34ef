"""SoX, `sox ... -n spectrogram`: facts after spectrogram.c of 14.4.2."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.tools import span_grid
from fastspec.tools.sox import grid
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Drawing, Tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fastspec.calibration.facts import Fact
    from fastspec.colours.colormap import Colormap, ColourTable
    from fastspec.detect.evidence import Evidence
    from fastspec.picture.picture import Picture

_MOST_AXES = 0.03  # share of the pixels of a raw picture that may have colours of its axes; unmeasured
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
    draws_axes = True

    def has_own_frame(self, known: Calibration) -> bool:
        """Not of raw pictures, nor where the user has told another area."""
        return known.source("plot_area") in ("pixels", "given") and known["plot_area"][0] > 0

    def misplaced_axes(self, picture: Picture, area: NDArray[Any]) -> str | None:
        """Where a raw picture's palette entries are those of paper, text and lines."""
        from fastspec.tools.sox import colours

        if picture.palette is None or float((area < colours.INK_COUNT).mean()) <= _MOST_AXES:
            return None
        return "a picture of SoX's whose axes are not where it draws them: turn it upright, or cut it to the data"

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """By palette, colours, lines or titles."""
        from fastspec.tools.sox.recognise import recognise

        return recognise(picture)

    def read_legend(self, picture: Picture, found: Mapping[str, Fact]) -> Evidence:
        """Its bitmap font at its places."""
        from fastspec.tools.sox import legend

        return legend.read(picture, found)

    def shown_seconds(self, facts: Mapping[str, Fact], seconds: float) -> float | None:
        """Whole samples a column, where the rate is known."""
        if "sr" not in facts:
            return None
        left, top, right, bottom = facts["plot_area"].value
        channels = int(facts["channels"].value) if "channels" in facts else 1
        n_fft = 2 * ((bottom - top + 1) // channels - 2)
        return grid.shown(max(1, round(seconds * facts["sr"].value)), facts["sr"].value, right - left, n_fft)

    def colour_tables(self) -> Iterable[ColourTable]:
        """Its maps."""
        from fastspec.tools.sox import colours

        return colours.tables()

    def own_colormap(self, known: Calibration, palette: NDArray[np.uint8]) -> Colormap | None:
        """The palette's levels, where it has some."""
        from fastspec.tools.sox import colours

        return colours.of_palette(known["cmap"], palette)

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """A bin a row, and what 0 dB is."""
        grid.choose_grid(chosen, rows)

    def time_extent(self, known: Calibration, width: int) -> tuple[float, float]:
        """Whole samples a column."""
        return grid.extent(known, width)

    def drawing(self) -> Drawing:
        """Raw pictures."""
        from fastspec.tools.sox.draw import DRAWING

        return DRAWING


TOOL = Sox()
