"""What the labels of a colour bar tell: the range in decibels, or which other levels the colours are.

Numbers that lie evenly are decibels, logarithms, or the levels themselves; powers of ten that lie evenly are a
logarithmic norm (matplotlib's LogNorm). Which, the bar's title says; where it does not, what most people draw is
assumed, and a remark says so and how to say better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastspec.calibration.facts import Fact
from fastspec.detect.figure.axis_fit import Fit, Tick, fit
from fastspec.detect.figure.bar_title import Meaning, meaning, read_title
from fastspec.detect.figure.findings import Findings, trust
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.plots import Figure
from fastspec.detect.figure.ticks import Side, read_side

_PER_DECADE = {"power": 10.0, "amplitude": 20.0}  # decibels
_DECADES = {"ln": math.log10(math.e), "log": math.log10(math.e), "log10": 1.0}  # that one unit is
_POWER_OF_TEN = "^"


class Limits(NamedTuple):
    """Which numbers are decibels, and how surely.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right; "field" is `python -m bench.quality.field CORPUS --only levels`.
    """

    possible: tuple[float, float] = (-1000.0, 300.0)  # decibels that the fact db_range may have; unmeasured
    highest_mixed: float = 60.0  # above which levels of both signs, which span so much, are none; unmeasured
    loudest: float = 300.0  # decibels from 0 that it shows at most; unmeasured
    span: float = 35.0  # decibels that it spans at least where no unit stands: a natural logarithm spans less; field
    logarithm: float = 12.0  # units of a natural logarithm that it spans at least where no unit stands; field
    most_nepers: float = 60.0  # between the ends of natural logarithms of power: 260 dB; unmeasured
    lowest: float = -4.5  # below which no standardised level lies; unmeasured
    near_zero: float = 0.012  # of a range that begins at 0 up to this share of it; unmeasured
    decades: float = 14.0  # that a logarithmic norm spans at most; unmeasured
    slack: float = 1.2  # pixels by which an end may be off a whole number; unmeasured
    slack_db: float = 0.4  # decibels, likewise; unmeasured
    slack_decade: float = 0.04  # decades by which it may be off a power of ten; unmeasured
    clamped: float = -11.513  # ln 1e-5, at which ln of mel bands of amplitude is clamped; by Tacotron's source
    slack_ln: float = 0.03  # by which an end may be off it; unmeasured
    end: int = 2  # pixels by which a bar without frame ends off its plot: it is pale there; unmeasured
    turn: float = 0.02  # by which a range may differ from -pi .. pi; unmeasured
    at_middle: float = 1.5  # pixels from the middle of a bar, at which its 0 stands; unmeasured
    fewest: int = 2  # numbers in one half of a bar whose halves differ, at least; unmeasured
    misfit: float = 1.6  # pixels of one from where it belongs; unmeasured
    one_slope: float = 0.03  # by which the steps of halves differ at least; unmeasured
    sure_of_halves: float = 0.9  # of the ends of such a bar; unmeasured
    sure_of_bare: float = 0.4  # of the end of a half without numbers; unmeasured
    if_positive: float = 0.6  # times as sure is a range without unit and minus; facts
    sure_unmarked: float = 0.7  # of labels whose middle alone says where they belong; facts
    sure_of_pale: float = 0.5  # of a bar whose end is not seen; facts
    sure_of_title: float = 0.85  # that a title was read rightly; field
    of_power: float = 0.6  # that a logarithmic norm is of power; unmeasured
    guessed: float = 0.4  # that numbers are the logarithm, or the levels, that they seem; unmeasured


LIMITS = Limits()


class Bar(NamedTuple):
    """A colour bar that was read: labels, what they lie on, the values at both ends, what the title says, how surely.

    pixel : of the value that one pixel is.
    """

    side: Side
    line: Fit
    ends: tuple[float, float]
    pixel: float
    means: Meaning
    sure: float


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


def read_levels(findings: Findings, figure: Figure, plot: Plot, bar: Plot) -> None:
    """Add what the labels of a colour bar tell of the levels: db_range and level_kind, or what is unknown of them."""
    left, top, right, bottom = bar.box
    upright = bottom - top > right - left
    beyond = right > plot.box[2] if upright else bottom > plot.box[3]  # labels stand away from the plot
    usual, other = ("right", "left") if upright else ("bottom", "top")
    if not beyond:
        usual, other = other, usual
    side = read_side(figure, bar, usual)
    where = usual
    if len(side.ticks) <= 1:
        opposite = read_side(figure, bar, other)
        if len(opposite.ticks) > len(side.ticks):
            side, where = opposite, other
    means = meaning(read_title(figure, bar, where))
    if any(tick.unit == "dB" for tick in side.ticks):
        means = means._replace(unit="dB")
    if means.other:
        findings.strange = findings.strange or f"the colour bar shows {means.other}, no levels"
        return
    powers = _powers_of_ten(side.ticks)
    line = fit(powers or side.ticks)
    if not powers and means.unit in ("", "dB"):
        halves = two_slopes(side.ticks, *((bottom, top) if upright else (left, right)))
        if halves is not None and (line is None or line.used < halves.used or halves.bare):
            _add_halves(findings, halves, side)
            return
    if line is None:
        if side.marks:
            findings.remarks.append("the labels of the colour bar were not understood; give --db-range")
        return
    low, high = (line.at(bottom), line.at(top)) if upright else (line.at(left), line.at(right))
    sure = trust(line, side)
    if not side.marks:  # the middle of a label may lie some pixels off its value
        sure = min(sure, LIMITS.sure_unmarked)
    ends, others = ((top, bottom), plot.box[1::2]) if upright else ((left, right), plot.box[::2])
    if not bar.frame and max(abs(a - b) for a, b in zip(ends, others, strict=True)) > LIMITS.end:
        sure = min(sure, LIMITS.sure_of_pale)  # an end that is as pale as the paper is not seen
    if len(figure.bars_of(plot)) > 1 and len(figure.bars_like(plot)) > 1:
        sure = min(sure, LIMITS.sure_of_pale)
        findings.remarks.append("several colour bars stand beside the plot; that nearest to it is read")
    _say(findings, Bar(side, line, (low, high), line.pixel(0.5 * (ends[0] + ends[1])), means, sure), bool(powers))


def _powers_of_ten(ticks: Sequence[Tick]) -> list[Tick]:
    """The labels' logarithms, where most are powers of ten (one that was read without its exponent is left out)."""
    some = [tick for tick in ticks if tick.unit == _POWER_OF_TEN]
    if len(some) <= 1 or 2 * len(some) <= len(ticks):
        return []
    return [tick._replace(value=math.log10(tick.value)) for tick in some]


def _say(findings: Findings, bar: Bar, powers: bool) -> None:
    """State what follows from a bar. powers : whether its ends are powers of ten."""
    low, high = bar.ends
    if _is_phase(bar):
        findings.strange = findings.strange or "the colour bar shows angles from -pi to pi, no levels"
        return
    if low >= high:
        _unknown(findings, bar, "which falls; perhaps minus signs were not read")
    elif (
        not bar.means.unit
        and low < -_near_zero(bar)
        and high > LIMITS.highest_mixed
        and not -LIMITS.loudest <= low < high <= LIMITS.loudest
    ):
        findings.strange = findings.strange or f"the colour bar runs from {low:.4g} to {high:.4g}, which are no levels"
    elif powers:
        _say_norm(findings, bar)
    elif bar.means.unit in _DECADES:
        _say_logarithm(findings, bar, bar.means.unit)
    elif bar.means.unit == "dB":
        _say_decibels(findings, bar, bar.sure)
    elif bar.means.unit == "z":
        _unknown(findings, bar, "standardised or normalised levels: how many decibels they span is not known")
    elif abs(low) <= _near_zero(bar):
        _say_linear(findings, bar)
    elif -LIMITS.loudest <= low < high <= LIMITS.loudest and high - low >= LIMITS.span:
        _say_decibels(findings, bar, bar.sure * (1.0 if low < 0 else LIMITS.if_positive))
    elif low < min(0.0, high) and LIMITS.logarithm <= high - low <= LIMITS.most_nepers:
        _say_logarithm(findings, bar, "ln", said=False)
    elif low < LIMITS.lowest < high and high - low <= LIMITS.decades:
        _say_logarithm(findings, bar, "log10", said=False)
    else:
        _unknown(findings, bar, "which are probably no decibels")


def _is_phase(bar: Bar) -> bool:
    """Whether the ends are those of angles."""
    return all(abs(abs(end) - math.pi) <= max(LIMITS.turn, bar.pixel) for end in bar.ends) and bar.means.unit not in (
        *_DECADES,
        "dB",
    )


def _near_zero(bar: Bar) -> float:
    """From 0 up to which value an end of the bar is 0."""
    return max(LIMITS.slack * bar.pixel, LIMITS.near_zero * bar.ends[1])


def _say_linear(findings: Findings, bar: Bar) -> None:
    """Add the kind of levels that begin at 0; decibels above a threshold, of which pixels may tell, are as likely."""
    high = bar.ends[1]
    if bar.means.kind:
        sure = min(bar.sure, LIMITS.sure_of_title)
        findings.add("level_kind", bar.means.kind, sure, "the title and numbers of the colour bar")
        return
    if LIMITS.span <= high <= LIMITS.loudest:
        findings.add("db_range", (0.0, round(high, 2)), bar.sure * LIMITS.if_positive, "labels of the colour bar")
        return
    _unknown(findings, bar, "which are probably no decibels")


def _say_decibels(findings: Findings, bar: Bar, sure: float) -> None:
    """Add the range of decibels."""
    slack = min(LIMITS.slack * bar.pixel, LIMITS.slack_db)
    whole = np.round(bar.ends)
    low, high = (float(w) if abs(w - v) <= slack else v for w, v in zip(whole, bar.ends, strict=True))
    findings.add("db_range", (round(low, 2), round(high, 2)), sure, "labels of the colour bar")
    if bar.ends[0] < 0 or bar.means.unit == "dB":
        findings.add("level_kind", "db", sure, "labels of the colour bar")


def _say_norm(findings: Findings, bar: Bar) -> None:
    """Add the decibels of a norm that is logarithmic from a power of ten to another."""
    if bar.ends[1] - bar.ends[0] > LIMITS.decades:
        _unknown(findings, bar, "powers of ten, too many for levels")
        return
    whole = np.round(bar.ends)
    slack = max(LIMITS.slack_decade, LIMITS.slack * bar.pixel)
    decades = [float(w) if abs(w - v) <= slack else v for w, v in zip(whole, bar.ends, strict=True)]
    _convert(findings, bar, (decades[0], decades[1]), 1.0, f"10^{decades[0]:.3g} .. 10^{decades[1]:.3g}")


def _say_logarithm(findings: Findings, bar: Bar, unit: str, *, said: bool = True) -> None:
    """Add the decibels of a natural or decimal logarithm; said : by the title."""
    low, high = bar.ends
    near = max(LIMITS.slack * bar.pixel, LIMITS.slack_ln)
    if unit != "log10" and not bar.means.kind and abs(low - LIMITS.clamped) <= near:
        note = "a natural logarithm that ends at ln 1e-5 is that of mel bands of amplitude in speech synthesis"
        findings.assume("mel_power", 1.0, LIMITS.guessed, note)
        bar = bar._replace(means=bar.means._replace(kind="amplitude"))
        said = False
    name = "ln" if unit == "log" else unit
    said = said and unit != "log"
    what = f"{low:.4g} .. {high:.4g} {name}"
    _convert(findings, bar, bar.ends, _DECADES[unit], what, unit=None if said else name)


def _convert(
    findings: Findings, bar: Bar, ends: tuple[float, float], decades: float, what: str, unit: str | None = None
) -> None:
    """Add the decibels of ends in units of so many `decades`. unit : its name where it is only assumed."""
    kind = bar.means.kind
    per_unit = decades * _PER_DECADE[kind or "power"]
    value = round(ends[0] * per_unit, 2), round(ends[1] * per_unit, 2)
    if not LIMITS.possible[0] <= value[0] < value[1] <= LIMITS.possible[1]:
        _unknown(findings, bar, "which no logarithm of a sound's levels reaches")
        return
    if kind and unit is None:
        sure = min(bar.sure, LIMITS.sure_of_title)
        findings.add("db_range", value, sure, f"the colour bar's {what} of {kind}")
        findings.add("level_kind", "db", sure, "labels of the colour bar")
        return
    sure = min(bar.sure, LIMITS.of_power if unit is None else LIMITS.guessed)
    findings.assume("db_range", value, sure, f"if the colour bar's {what} is of {kind or 'power'}")
    guess = f"{what} is assumed to be of {kind or 'power'}" if unit is None else f"is assumed to be {what} of power"
    if unit is not None and kind:
        guess = f"is assumed to be {what} of {kind}"
    asked = "--db-range" if unit is None else "--level-range LO HI --level-unit dB|ln|log10"
    other = f" ({2 * value[0]:.4g} .. {2 * value[1]:.4g} of amplitude)" if not kind else ""
    findings.remarks.append(
        f"the colour bar {'of ' if unit is None else ''}{guess}, {value[0]:.4g} .. {value[1]:.4g} dB{other}; "
        f"give {asked} if it is not"
    )


def _unknown(findings: Findings, bar: Bar, what: str) -> None:
    """Say what the numbers seem to be, and what must be given."""
    findings.remarks.append(
        f"the colour bar runs from {bar.ends[0]:.4g} to {bar.ends[1]:.4g}, {what}; give --db-range, --level-range with "
        "--level-unit, or --level-kind"
    )
