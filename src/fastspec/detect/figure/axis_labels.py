"""Facts of a whole figure: plot area, and what tick marks and their numbers tell about time, frequency and decibels."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure import subpixel_box
from fastspec.detect.figure.choice import chosen
from fastspec.detect.figure.colour_bar import read_levels
from fastspec.detect.figure.count_axes import add_counts, read_counts, usual_rows
from fastspec.detect.figure.findings import Findings, numbered
from fastspec.detect.figure.foreign_axes import foreign_axes, foreign_numbers
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.frequency_labels import end_of_cut, read_frequency
from fastspec.detect.figure.plots import Figure, find_figure
from fastspec.detect.figure.rectangles import LIMITS as RECTANGLE
from fastspec.detect.figure.ticks import Side, factor_below, read_side
from fastspec.detect.figure.time_labels import read_time
from fastspec.picture.picture import Picture


class Limits(NamedTuple):
    """Where the plot's data lie, and how surely that is known.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right.
    """

    paper: int = 250  # of 255: a lighter margin is paper, a darker one may be silence; unmeasured
    filled: float = 0.81  # of a plot without clear ends or labels that is no paper: a disc fills .79; unmeasured
    one_sided: float = (
        0.03  # of a plot's width that is paper, above which the view may reach past the sound; unmeasured
    )
    at_mark: float = 2.5  # pixels from a plot's end to a tick mark that stands there; unmeasured
    sure_of_frame: float = 0.9  # of an area in a frame; facts
    sure_of_margin: float = 0.8  # of one in a margin without frame; facts
    sure_of_ragged: float = 0.6  # of one whose ends are not clear; facts
    with_factor: float = 100.0  # largest number of an axis whose factor stands beside; unmeasured
    agrees: float = 0.02  # share by which a duration that is given may differ from the labels'; unmeasured


LIMITS = Limits()


def read_figure(picture: Picture, known: Calibration) -> Calibration:
    """plot_area, plot_hidden, plot_offsets, duration, sr, freq_scale, origin, fmin, fmax and db_range of a figure.

    As far as it shows them; nothing for a picture without margins. Two spectrograms in one figure are a doubt, and no
    area is stated then, unless the fact `panel` names one.
    """
    found = find_figure(picture.rgb(), jpeg=picture.info.get("format") == "JPEG")
    if found is None:
        return Calibration()
    plot, others = chosen(found, picture, known)
    if plot is None:
        return others
    findings = Findings(remarks=list(others.remarks))
    sides = {side: read_side(found, plot, side, titled=True) for side in ("left", "bottom")}
    known_margin = bool(
        plot.frame
        or any(side.marks or numbered(side) for side in sides.values())
        or max(found.background) > LIMITS.paper
    )
    if not known_margin:
        return Calibration()  # a dark uniform border may be silence
    unlabelled = min(max(len(side.marks), len(side.ticks)) for side in sides.values()) <= 1
    if plot.ragged and unlabelled and not _filled(found, plot):
        return Calibration()
    plot, doubt = _without_room(plot, sides)
    confidence = LIMITS.sure_of_frame if plot.frame else LIMITS.sure_of_margin
    if plot.ragged or doubt:
        confidence = LIMITS.sure_of_ragged
    findings.add("plot_area", plot.box, confidence, "the frame" if plot.frame else "the edge of the margin")
    if any(plot.hidden):
        findings.add("plot_hidden", plot.hidden, confidence, "the frame's lines")
    if not (doubt or plot.ragged or any(plot.empty)) and known.get("plot_area", plot.box) == plot.box:
        _offsets(findings, picture, plot)
    described: dict[str, object] = dict(others.picture)
    left, bottom = _side_of(found, plot, sides["left"], "right"), _side_of(found, plot, sides["bottom"], "top")
    bottom = _multiplied(found, plot, bottom)
    findings.strange = foreign_axes(left, bottom) or foreign_numbers(plot, left, bottom)
    counts = read_counts(found, plot, left, bottom, usual_rows(known))
    described |= add_counts(findings, counts, left, bottom)
    if counts.rows is None:
        read_frequency(findings, found, plot, left)
        if known.source("sr") == "given":
            end_of_cut(findings, known["sr"])
    if counts.frames is None:
        read_time(findings, plot, bottom, known)
    if doubt or plot.ragged:
        findings.weaken("the view may reach beyond the sound")
    told = known.get("duration")
    if "duration" in findings.facts and told and abs(findings.facts["duration"].value / told - 1) < LIMITS.agrees:
        del findings.facts["duration"]  # what was given says it more exactly
        described["axes"] = "time as given"
    described |= _colour_bar(findings, found, plot, known)
    described |= _told(findings, timed=told is not None)
    return Calibration(findings.facts, described, tuple(findings.remarks))


def _told(findings: Findings, *, timed: bool) -> dict[str, object]:
    """What axes and bar say of the picture as a whole. timed : whether the user says how long the sound is."""
    told: dict[str, object] = {}
    if findings.strange or (findings.untimely and not timed):
        told["doubt"] = findings.strange or findings.untimely
    if findings.mirrored:
        told["backwards"] = True
    if findings.unusual:
        told["axes"] = "unusual"
    return told


def _filled(figure: Figure, plot: Plot) -> bool:
    """Whether a plot whose ends are not clear, on white paper, holds hardly any paper: a grid's lines, an inset."""
    left, top, right, bottom = plot.box
    share = float((figure.away[top:bottom, left:right] > RECTANGLE.faint).mean())
    return max(figure.background) > LIMITS.paper and share >= LIMITS.filled


def _colour_bar(findings: Findings, figure: Figure, plot: Plot, known: Calibration) -> dict[str, object]:
    """State what the colour bar tells; returns where it lies as a property of the picture."""
    bar = figure.bar_of(plot)
    if bar is None:
        return {}
    said = len(findings.remarks)
    read_levels(findings, figure, plot, bar)
    if "given" in (known.source("db_range"), known.source("level_kind")):
        del findings.remarks[said:]  # they ask for it
    return {"colour_bar": bar.box}


def _offsets(findings: Findings, picture: Picture, plot: Plot) -> None:
    found = subpixel_box.fractional(plot.box, picture.width, picture.height, picture.info)
    if found is not None and any(found[0]):
        findings.add("plot_offsets", *found)


def _without_room(plot: Plot, sides: dict[str, Side]) -> tuple[Plot, bool]:
    """The plot without the room that round limits leave between frame and data; whether there may be some, unseen.

    Such an axis ends at a tick mark. Paper at one border alone, without one, is silence.
    """
    left, top, right, bottom = plot.box
    wide, doubt, room = LIMITS.one_sided * (right - left), False, [0, 0, 0, 0]
    for k, (name, border) in enumerate((("bottom", left), ("left", top), ("bottom", right), ("left", bottom))):
        places = [*sides[name].marks, *(tick.position for tick in sides[name].ticks)]
        at_mark = min((abs(place - border) for place in places), default=np.inf) <= LIMITS.at_mark
        if plot.empty[k] and at_mark:
            room[k] = plot.empty[k] if plot.solid else 0
            doubt = doubt or not plot.solid
    if not any(room) and max(plot.empty[0], plot.empty[2]) > wide:
        doubt = doubt or plot.solid or min(plot.empty[0], plot.empty[2]) > wide
    box = (left + room[0], top + room[1], right - room[2], bottom - room[3])
    return replace(plot, box=box, empty=(room[0], room[1], room[2], room[3])), doubt


def _multiplied(figure: Figure, plot: Plot, bottom: Side) -> Side:
    """The horizontal axis with the factor that stands at its end, beside numbers as small as have one."""
    largest = max((tick.value for tick in bottom.ticks), default=0.0)
    if not 0 < largest < LIMITS.with_factor or any(tick.unit for tick in bottom.ticks):
        return bottom
    power = factor_below(figure, plot, bottom.deep)
    ticks = tuple(tick._replace(value=tick.value * power) for tick in bottom.ticks)
    return bottom if power == 1.0 else bottom._replace(ticks=ticks)


def _side_of(figure: Figure, plot: Plot, usual: Side, other: str) -> Side:
    return usual if usual.ticks or usual.unread else read_side(figure, plot, other)
