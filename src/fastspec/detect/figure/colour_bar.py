"""What the labels of a colour bar tell: the range in decibels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastspec.detect.figure.axis_fit import fit
from fastspec.detect.figure.findings import Findings, trust
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.plots import Figure
from fastspec.detect.figure.ticks import read_side


class Limits(NamedTuple):
    """Which numbers are decibels, and how surely.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right.
    """

    loudest: float = 300.0  # decibels from 0 that it shows at most; unmeasured
    span: float = 20.0  # decibels of loudness that it spans at least where no unit stands; unmeasured
    slack: float = 1.2  # pixels by which an end may be off a whole number; unmeasured
    slack_db: float = 0.4  # decibels, likewise; unmeasured
    end: int = 2  # pixels by which a bar without frame ends off its plot: it is pale there; unmeasured
    if_positive: float = 0.6  # times as sure is a range without unit and minus; facts
    sure_unmarked: float = 0.7  # of labels whose middle alone says where they belong; facts
    sure_of_pale: float = 0.5  # of a bar whose end is not seen; facts


LIMITS = Limits()


def read_decibels(findings: Findings, figure: Figure, plot: Plot, bar: Plot) -> None:
    """Add the range of decibels that the labels of a colour bar tell."""
    left, top, right, bottom = bar.box
    upright = bottom - top > right - left
    beyond = right > plot.box[2] if upright else bottom > plot.box[3]  # labels stand away from the plot
    usual, other = ("right", "left") if upright else ("bottom", "top")
    if not beyond:
        usual, other = other, usual
    side = read_side(figure, bar, usual)
    if len(side.ticks) <= 1:
        side = max(side, read_side(figure, bar, other), key=lambda s: len(s.ticks))
    line = fit(side.ticks)
    if line is None:
        if side.marks:
            findings.remarks.append("the labels of the colour bar were not understood; give --db-range")
        return
    low, high = (line.at(bottom), line.at(top)) if upright else (line.at(left), line.at(right))
    units = {tick.unit for tick in side.ticks}
    plain = -LIMITS.loudest <= low < high <= LIMITS.loudest
    if not plain or (high - low < LIMITS.span and "dB" not in units):
        findings.remarks.append(f"the colour bar runs from {low:g} to {high:g}, which are probably no decibels")
        return
    slack = LIMITS.slack * line.pixel(0.5 * (top + bottom))
    whole = np.round([low, high])
    slack = min(slack, LIMITS.slack_db)
    low, high = (float(w) if abs(w - v) <= slack else v for w, v in zip(whole, (low, high), strict=True))
    sure = trust(line, side) * (1.0 if "dB" in units or low < 0 else LIMITS.if_positive)
    if not side.marks:  # the middle of a label may lie some pixels off its value
        sure = min(sure, LIMITS.sure_unmarked)
    ends, others = ((top, bottom), plot.box[1::2]) if upright else ((left, right), plot.box[::2])
    if not bar.frame and max(abs(a - b) for a, b in zip(ends, others, strict=True)) > LIMITS.end:
        sure = min(sure, LIMITS.sure_of_pale)  # an end that is as pale as the paper is not seen
    findings.add("db_range", (round(low, 2), round(high, 2)), sure, "labels of the colour bar")
