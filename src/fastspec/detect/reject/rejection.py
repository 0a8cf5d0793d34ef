"""Is this a spectrogram that can be read? Photographs, drawings, tables and turned pictures are rejected.

Only on clear evidence, because odd spectrograms exist: silence, pure tones, clicks, noise. Each threshold of this room
lies between what some thirty photographs, scans and drawings and some hundred spectrograms showed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FILES
from fastspec.colours import colormap
from fastspec.detect.cell_borders import Borders, borders_of
from fastspec.detect.colormap import recognise
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.evidence import Scene, Signal
from fastspec.detect.magnified import larger
from fastspec.detect.reject.alignments import alignment
from fastspec.detect.reject.editor import editor
from fastspec.detect.reject.flat_drawing import flat_drawing
from fastspec.detect.reject.frozen_limits import frozen_limits
from fastspec.detect.reject.grid_lines import without_grid
from fastspec.detect.reject.in_space import in_space
from fastspec.detect.reject.line_drawing import line_drawing
from fastspec.detect.reject.masks import mask
from fastspec.detect.reject.orientation import wrong_orientation
from fastspec.detect.reject.paper import drawn_on_paper
from fastspec.detect.reject.phases import phase
from fastspec.detect.reject.photograph import photograph
from fastspec.detect.reject.several_plots import count_plots
from fastspec.detect.reject.structure import unstructured
from fastspec.detect.reject.surfaces import surface
from fastspec.detect.reject.tables import table
from fastspec.detect.reject.tilt import tilted
from fastspec.detect.reject.unlike_cells import unlike_cells
from fastspec.picture.picture import Picture

# What is wrong with the axes that a tool draws itself, from a picture and its plot area; None where nothing shows.
OwnAxes = Callable[[Picture, NDArray[Any]], str | None]


class Limits(NamedTuple):
    """What is looked at, and what counts as told. unmeasured: no command repeats the value."""

    least_side: int = 8  # pixels: a smaller picture is not judged; unmeasured
    sure_of_tool: float = 0.8  # confidence: a surer tool's picture can only be turned; unmeasured
    sure_of_axis: float = 0.8  # confidence: a surer axis of unevenly high rows is in no photograph; unmeasured
    exact: float = 0.9  # share of colours that are entries of their map: fewer are blurred; unmeasured
    clear: float = 0.6  # confidence: a plot area known less well may be no rectangle at all; unmeasured
    sure_of_bar: float = 0.8  # confidence of a colour bar whose rows may be few bands; unmeasured
    quiet: float = -20.0  # dB at which such a bar begins at most: correlations begin at -1; unmeasured
    silence: int = 3  # of 255: as near a single colour must be to a map's lowest entry to be silence; unmeasured


LIMITS = Limits()
_LOSSY = ("JPEG", "WEBP")
# Maps whose lowest entry alone may be a picture of silence.
_SILENT = ("magma", "viridis", "inferno", "plasma", "cividis", "gray", "hot", "jet", "turbo", "coolwarm")


def rejected(scene: Scene, own_axes: OwnAxes | None = None) -> str | None:
    """Why the scene's plot does not look like a spectrogram that can be read, as a phrase; None where it may be one.

    A picture whose tool has left its fingerprints may only be turned, and of one with labelled axes only what no
    spectrogram's plot looks like is said. own_axes : of a tool that draws axes itself, so that a picture without them
    beside its plot may have been turned.
    """
    known = scene.known
    tool = known.facts.get("profile")
    if tool is not None and tool.source in ("pixels", *FILES) and tool.confidence > LIMITS.sure_of_tool:
        return None if own_axes is None else _turned_tool(scene, own_axes)
    palette = scene.picture.palette
    if "plot_area" not in scene.given and (area := known.facts.get("plot_area")) is not None:
        whole = area.source == "assumed" or area.confidence <= LIMITS.clear
        reason = in_space(scene.picture.pixels, palette) if whole else None
        if scene.box == (0, 0, scene.picture.width, scene.picture.height):
            reason = reason or editor(scene.picture.pixels, palette)
        if reason is not None:
            return reason
    pixels, survey = _without_grid(scene)
    levelled = known.source("db_range") in ("pixels", "given") or known.source("sr") == "pixels"
    borders = (lambda: scene.once(borders_of)) if pixels is scene.area else None
    reason = no_spectrum(
        pixels,
        palette,
        survey,
        levelled=levelled,
        borders=borders,
        in_decibels=_in_decibels(known),
    )
    if reason is not None:
        return _placed(reason, scene)
    if Signal.LABELLED_AXES in scene.signals:
        return _placed(_in_inks(scene, pixels, survey), scene)
    axis = known.facts.get("freq_scale")
    # an axis whose rows grow narrower is in no photograph; even rows are, in those drawn larger
    drawn = (
        axis is not None
        and axis.source == "pixels"
        and axis.confidence > LIMITS.sure_of_axis
        and axis.value in ("log", "mel")
    )
    if tilted(scene.picture.pixels):
        return "it is tilted: turn it upright"
    if Signal.ORIGIN_BY_SOUND in scene.signals and scene.upside_down:  # nobody draws unevenly high rows upside down
        pixels = pixels[::-1]
        survey = ColourSurvey.of(pixels, palette)
    reason = reason_to_reject(pixels, palette, survey, drawn=drawn)
    if reason is None and known.source("plot_area") == "assumed":
        plots = count_plots(scene.area, scene.picture.palette)
        reason = f"{plots} plots in one picture: cut out the one to decode" if plots > 1 else None
        reason = reason or drawn_on_paper(scene.area, scene.picture.palette, known)
    return _placed(reason or _in_inks(scene, pixels, survey), scene)


def _in_inks(scene: Scene, pixels: NDArray[Any], survey: ColourSurvey) -> str | None:
    """What to say of a drawing in colours off all maps.

    Not of those of a map of its own, read off a bar, nor of a lossy file, nor beside an axis that is surely in Hz.
    """
    rate = scene.known.facts.get("sr")
    in_hertz = rate is not None and rate.source == "pixels" and rate.confidence > LIMITS.sure_of_axis
    lossy = scene.picture.info.get("format") in _LOSSY
    if in_hertz or lossy or "cmap_table" in scene.known or min(pixels.shape[:2]) < LIMITS.least_side:
        return None
    reading = recognise(survey)
    return None if reading is None else flat_drawing(pixels, scene.picture.palette, survey, reading)


def _in_decibels(known: Calibration) -> bool:
    """Whether a colour bar that ends at or below 0 dB was read, and frequencies beside it."""
    bar = known.facts.get("db_range")
    if bar is None or bar.source != "pixels" or known.source("sr") != "pixels":
        return False
    return bool(bar.confidence >= LIMITS.sure_of_bar and bar.value[1] <= 0 and bar.value[0] <= LIMITS.quiet)


def _without_grid(scene: Scene) -> tuple[NDArray[Any], ColourSurvey]:
    """The plot and its colours without the lines of a grid that a figure's axes have drawn over it."""
    if scene.box == (0, 0, scene.picture.width, scene.picture.height):
        return scene.area, scene.survey
    pixels = without_grid(scene.area, scene.picture.palette)
    return pixels, scene.survey if pixels is scene.area else ColourSurvey.of(pixels, scene.picture.palette)


def _placed(reason: str | None, scene: Scene) -> str | None:
    """The reason with the place of the plot in the picture's file, where it is not the whole."""
    if reason is None or scene.box == (0, 0, scene.picture.width, scene.picture.height):
        return reason
    return f"{reason}, at {','.join(map(str, larger(scene.box, scene.picture)))}"


def no_spectrum(
    pixels: NDArray[Any],
    palette: NDArray[np.uint8] | None,
    seen: ColourSurvey,
    *,
    levelled: bool = False,
    borders: Callable[[], Borders] | None = None,
    in_decibels: bool = False,
) -> str | None:
    """What the picture is if no spectrogram's plot looks like it, whatever its axes say; None where it may be one.

    pixels, palette : as of `reason_to_reject`. levelled : whether a colour bar says that they are decibels, or an
    axis that it has frequencies. borders : tells those of the pixels' rows and columns, if others ask for them, too.
    in_decibels : whether a bar of decibels stands beside frequencies, so that few rows may be bands.
    """
    if min(pixels.shape[:2]) < LIMITS.least_side:
        return None
    reading = recognise(seen)
    if reading is None or reading.colours == 1:
        return None
    reason = (
        frozen_limits(pixels, palette)
        or table(pixels, palette, bands=in_decibels)
        or unlike_cells(pixels, palette, borders)
    )
    if reason is not None:
        return reason
    index, top = seen.index(reading.name)
    level = index / np.float32(top)
    return (
        surface(pixels, palette, seen, level)
        or phase(seen, reading, level)
        or (None if levelled else alignment(level))
        or (None if levelled else mask(level, exact=reading.exact > LIMITS.exact))
    )


def _turned_tool(scene: Scene, own_axes: OwnAxes) -> str | None:
    """What is wrong with a picture in a tool's colours that has no axes where the tool draws them, if anything."""
    whole = scene.box == (0, 0, scene.picture.width, scene.picture.height)
    if not whole or min(scene.area.shape[:2]) < LIMITS.least_side:
        return None
    reason = own_axes(scene.picture, scene.area)
    if reason is not None:
        return reason
    reading = recognise(scene.survey)
    return None if reading is None else wrong_orientation(scene.area, scene.survey, reading)


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
    index, top = seen.index(reading.name)
    return (
        line_drawing(pixels, palette, seen, reading)
        or (None if drawn else photograph(pixels, palette, seen, reading) or unstructured(index / np.float32(top)))
        or wrong_orientation(pixels, seen, reading)
    )


def _may_be_silence(colour: NDArray[np.uint8]) -> bool:
    """Whether one colour (3,) is the lowest entry of a usual map."""
    usual = (*_SILENT, *colormap.defaults_of_tools())
    ends = [colormap.get(name, rounding).table[0] for name in usual for rounding in ("round", "trunc")]
    return bool((np.abs(np.array(ends, int) - colour.astype(int)).max(axis=1) <= LIMITS.silence).any())
