"""Is this a spectrogram that can be read? Photographs, drawings, several plots and turned pictures are rejected.

Only on clear evidence, because odd spectrograms exist: silence, pure tones, clicks, noise. Each threshold of this room
lies between what some thirty photographs, scans and drawings and some hundred spectrograms showed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap, tool_tables
from fastspec.detect.colormap import recognise
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.reject.line_drawing import line_drawing
from fastspec.detect.reject.orientation import wrong_orientation
from fastspec.detect.reject.photograph import photograph
from fastspec.detect.reject.several_plots import count_plots
from fastspec.detect.reject.tilt import tilted
from fastspec.picture.picture import Picture


@dataclass(frozen=True, slots=True)
class Limits:
    """What is looked at, and what counts as told. unmeasured: no command repeats the value."""

    least_side: int = 8  # pixels: a smaller picture is not judged; unmeasured
    sure_of_tool: float = 0.8  # confidence: a surer tool's picture can only be turned; unmeasured
    sure_of_axis: float = 0.8  # confidence: a surer axis of unevenly high rows is in no photograph; unmeasured
    margins: float = 0.03  # share of a raw picture of SoX's that may have colours of its axes; unmeasured
    silence: int = 3  # of 255: as near a single colour must be to a map's lowest entry to be silence; unmeasured


LIMITS = Limits()
# Maps whose lowest entry alone may be a picture of silence.
_SILENT = ("magma", "viridis", "inferno", "plasma", "cividis", "gray", "hot", "jet", "turbo", "coolwarm", "sox")


def doubted(picture: Picture, area: NDArray[Any], known: Calibration, seen: ColourSurvey | None = None) -> Calibration:
    """`known`, and where its plot `area` seems to be no spectrogram, the reason in `picture["doubt"]`.

    A picture whose tool has left its fingerprints may only be turned. seen : the area, if it was looked at before.
    """
    tool = known.facts.get("profile")
    if tool is not None and tool.source in ("pixels", "embedded") and tool.confidence > LIMITS.sure_of_tool:
        return _with(known, _turned_tool(picture, area, known, seen))
    axis = known.facts.get("freq_scale")
    # an axis whose rows grow narrower is in no photograph; even rows are, in those drawn larger
    drawn = (
        axis is not None
        and axis.source == "pixels"
        and axis.confidence > LIMITS.sure_of_axis
        and axis.value in ("log", "mel")
    )
    reason = "it lies askew: turn it upright" if tilted(picture.pixels) else None
    reason = reason or reason_to_reject(area, picture.palette, seen, drawn=drawn)
    if reason is None and known.source("plot_area") == "assumed":
        plots = count_plots(area, picture.palette)
        reason = f"{plots} plots in one picture: cut out the one to decode" if plots > 1 else None
    return _with(known, reason)


def _with(known: Calibration, reason: str | None) -> Calibration:
    if reason is None or "doubt" in known.picture:
        return known
    return known.described(doubt=reason)


def _turned_tool(picture: Picture, area: NDArray[Any], known: Calibration, seen: ColourSurvey | None) -> str | None:
    """What is wrong with a picture in SoX's or ffmpeg's colours that has no axes where they draw them, if anything."""
    whole = known.get("plot_area", (0, 0, picture.width, picture.height)) == (0, 0, picture.width, picture.height)
    draws_axes = str(known["profile"]).partition("-")[0] in ("sox", "ffmpeg")
    if not whole or not draws_axes or min(area.shape[:2]) < LIMITS.least_side:
        return None
    indexed = known["profile"] == "sox" and picture.palette is not None
    if indexed and float((area < tool_tables.SOX_FIXED).mean()) > LIMITS.margins:
        return "a picture of SoX's whose axes are not where it draws them: turn it upright, or cut it to the data"
    seen = seen or ColourSurvey.of(area, picture.palette)
    reading = recognise(seen)
    return None if reading is None else wrong_orientation(area, seen, reading)


def reason_to_reject(
    pixels: NDArray[Any],
    palette: NDArray[np.uint8] | None = None,
    seen: ColourSurvey | None = None,
    *,
    drawn: bool = False,
) -> str | None:
    """What the picture seems to be if it is no spectrogram that can be read, as a phrase; None where it may be one.

    pixels : (H, W, 3) or (H, W) uint8, with `palette` (N, 3) uint8 for entries, or (H, W) uint16: the plot's area.
    seen : the same, if it was looked at before. drawn : whether a frequency axis was read off its rows.
    """
    if min(pixels.shape[:2]) < LIMITS.least_side:
        return None
    seen = seen or ColourSurvey.of(pixels, palette)
    reading = recognise(seen)
    if reading is None:
        return None
    if reading.colours == 1:
        return None if _may_be_silence(seen.points[0]) else "a picture of one colour"
    return (
        line_drawing(pixels, palette, seen, reading)
        or (None if drawn else photograph(pixels, palette, seen, reading))
        or wrong_orientation(pixels, seen, reading)
    )


def _may_be_silence(colour: NDArray[np.uint8]) -> bool:
    """Whether one colour (3,) is the lowest entry of a usual map."""
    ends = [colormap.get(name, rounding).table[0] for name in _SILENT for rounding in ("round", "trunc")]
    return bool((np.abs(np.array(ends, int) - colour.astype(int)).max(axis=1) <= LIMITS.silence).any())
