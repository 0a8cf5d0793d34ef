"""What the labels of a colour bar tell: the range in decibels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastspec.calibration.facts import Fact
from fastspec.detect.figure.axis_fit import Tick, fit
from fastspec.detect.figure.findings import Findings, trust
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.plots import Figure
from fastspec.detect.figure.ticks import Side, read_side


class Limits(NamedTuple):
    """Which numbers are decibels, and how surely.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right.
    """

    loudest: float = 300.0  # decibels from 0 that it shows at most; unmeasured
    span: float = 20.0  # decibels of loudness that it spans at least where no unit stands; unmeasured
    slack: float = 1.2  # pixels by which an end may be off a whole number; unmeasured
    slack_db: float = 0.4  # decibels, likewise; unmeasured
    at_middle: float = 1.5  # pixels from the middle of a bar, at which its 0 stands; unmeasured
    fewest: int = 2  # numbers in one half of a bar whose halves differ, at least; unmeasured
    misfit: float = 1.6  # pixels of one from where it belongs; unmeasured
    one_slope: float = 0.03  # by which the steps of halves differ at least; unmeasured
    sure_of_halves: float = 0.9  # of the ends of such a bar; unmeasured
    sure_of_bare: float = 0.4  # of the end of a half without numbers; unmeasured
    end: int = 2  # pixels by which a bar without frame ends off its plot: it is pale there; unmeasured
    if_positive: float = 0.6  # times as sure is a range without unit and minus; facts
    sure_unmarked: float = 0.7  # of labels whose middle alone says where they belong; facts
    sure_of_pale: float = 0.5  # of a bar whose end is not seen; facts


LIMITS = Limits()


class Halves(NamedTuple):
    """A bar whose halves have steps of their own, 0 in its middle: dB at its ends, and how many numbers agree.

    bare : the half without numbers, "lower" or "upper", or "".
    """

    low: float
    high: float
    used: int
    bare: str


def two_slopes(ticks: Sequence[Tick], start: float, end: float) -> Halves | None:
    """The halves of a bar from pixel `start` to pixel `end`, as matplotlib's TwoSlopeNorm draws them around 0.

    None where the numbers do not lie so, or lie on one line through both halves. A half without numbers ends before the
    next of them would stand: its end is said to be half a step from 0.
    """
    sides: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    middle, half = 0.5 * (start + end), 0.5 * (end - start)
    zeros = 0
    for tick in ticks:
        away = (tick.position - middle) / half  # -1 ... 1
        if abs(away * half) <= LIMITS.at_middle or tick.value == 0:
            if tick.value != 0 or abs(away * half) > LIMITS.at_middle:
                return None
            zeros += 1
        elif away * tick.value < 0:
            return None
        else:
            sides[away > 0].append((abs(away), abs(tick.value)))
    if max(len(numbers) for numbers in sides.values()) < LIMITS.fewest or not (zeros or all(sides.values())):
        return None
    steps = np.sort([0.0, *(value for _, value in (sides[False] or sides[True]))])
    ends = []
    for numbers in sides.values():
        if not numbers:
            ends.append(0.5 * float(np.diff(steps).min()))
            continue
        away, value = np.array(numbers).T
        slope = float(away @ value) / float(away @ away)
        if np.abs(value / slope - away).max() * abs(half) > LIMITS.misfit:
            return None
        ends.append(slope)
    if abs(ends[0] / ends[1] - 1) < LIMITS.one_slope:
        return None
    bare = "" if all(sides.values()) else "lower" if sides[True] else "upper"
    return Halves(-ends[0], ends[1], zeros + len(sides[False]) + len(sides[True]), bare)


def _add_halves(findings: Findings, halves: Halves, side: Side) -> None:
    """The facts of such a bar."""
    agreed = halves.used / (len(side.ticks) + side.unread)
    sure = LIMITS.sure_of_halves * (1.0 if side.marks else LIMITS.sure_unmarked) * agreed
    note = "labels of the colour bar, whose halves have steps of their own"
    value = (round(halves.low, 2), round(halves.high, 2))
    findings.add("db_center", 0.0, sure, note)
    if not halves.bare:
        findings.add("db_range", value, sure, note)
        return
    findings.facts["db_range"] = Fact(
        value, "assumed", LIMITS.sure_of_bare, f"no number stands in the {halves.bare} half of the colour bar"
    )
    end = value[0 if halves.bare == "lower" else 1]
    findings.remarks.append(
        f"the colour bar has 0 dB in its middle and no number in its {halves.bare} half: assuming that it ends at "
        f"{end:g} dB; give --db-range"
    )


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
    halves = two_slopes(side.ticks, *((bottom, top) if upright else (left, right)))
    if halves is not None and (line is None or line.used < halves.used or halves.bare):
        _add_halves(findings, halves, side)
        return
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
