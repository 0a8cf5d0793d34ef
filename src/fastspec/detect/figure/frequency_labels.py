"""What the labels of a vertical axis tell: the scale, the rate, and where the view ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fastspec.detect import rates
from fastspec.detect.figure import axis_words
from fastspec.detect.figure.axis_fit import Fit, Tick, fit
from fastspec.detect.figure.findings import LIMITS as LABELS
from fastspec.detect.figure.findings import Findings, trust
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.plots import Figure
from fastspec.detect.figure.ticks import Side, factor_beside

_C1 = 32.703  # Hz
_USUAL_BANKS = (22050, 44100)  # Hz, rates at which mel banks mostly end at half the rate


_OF_TURNS = ("mhz", "ghz", "thz", "rpm")  # units of frequencies that are of no sound


class Limits(NamedTuple):
    """Where a frequency axis ends, and how surely it is one of which scale and rate.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right.
    """

    kilo_lowest: float = 1.5  # of the largest number of kHz that have no unit, above; unmeasured
    kilo_highest: float = 100.0  # likewise, below; unmeasured
    lowest_top: float = 1900.0  # Hz that a view reaches; unmeasured
    tempi: tuple[float, float] = (5.0, 1200.0)  # beats a minute of an axis of tempi; unmeasured
    rim: int = 3  # pixels that a frame and the first cells cover; unmeasured
    one_colour: int = 14  # difference (of 255) of pixels of one colour, but for JPEG; unmeasured
    mostly: float = 0.9  # of room that has one colour, the rest being a grid's lines; unmeasured
    negative: float = 0.1  # of the top, by which the bottom lies below 0 where both signs are shown; unmeasured
    usual_top: float = 24_100.0  # Hz, above which kHz must be said; unmeasured
    highest_top: float = 200_000.0  # Hz, likewise; unmeasured
    c1: float = 0.1  # relative distance of the bottom from C1, at which constant Q begins; unmeasured
    cut_pixels: float = 2.0  # pixels of a bottom above 0 that is no end of cells; unmeasured
    cut_linear: float = 0.008  # of the top, likewise; unmeasured
    cut_log: float = 0.001  # likewise; unmeasured
    cut_mel: float = 0.004  # likewise; unmeasured
    # Relative distance of the top from half the rate: pixels, half a bin, and half a band of a mel axis.
    near_linear: tuple[float, float] = (-0.012, 0.012)  # also of octaves; unmeasured
    near_log: tuple[float, float] = (-0.025, 0.025)  # likewise of log axes; unmeasured
    near_mel: tuple[float, float] = (-0.02, 0.04)  # likewise of mel axes; unmeasured
    if_turned: float = 0.95  # times as sure as labels that the axis is turned; facts
    if_decades: float = 0.9  # times as sure is a plain logarithmic axis; facts
    if_octaves: float = 0.6  # times as sure is constant Q; facts
    sure_of_rival: float = 0.6  # of a scale where another fits as well; facts
    if_cut: float = 0.9  # times as sure is where a view begins; facts
    if_rate: float = 0.95  # times as sure is a rate; facts
    if_odd: float = 0.6  # times as sure is one of a view that may end anywhere; facts
    sure_of_least: float = 0.3  # of the lowest rate that an axis leaves; facts
    if_fmax: float = 0.8  # times as sure is an end that is half of no usual rate; facts


LIMITS = Limits()
_NEAR = {
    "octaves": LIMITS.near_linear, "linear": LIMITS.near_linear, "log": LIMITS.near_log, "mel": LIMITS.near_mel,
}  # fmt: skip
_CUT = {"linear": LIMITS.cut_linear, "log": LIMITS.cut_log, "mel": LIMITS.cut_mel}


def read_frequency(findings: Findings, figure: Figure, plot: Plot, side: Side) -> None:
    """What a vertical axis tells: freq_scale, origin, fmin, linthresh, and sr, or fmax where it ends elsewhere."""
    if not side.ticks and not side.unread:
        return
    findings.hertz = axis_words.hertz(side.title)
    line, decades = _line_in_hertz(figure, plot, side)
    if line is None or axis_words.a_sample(side.title):
        _without_rate(findings, line, plot)
        return
    other = axis_words.other_unit(side.title)
    if other:
        findings.remarks.append(f"the vertical axis is in {other}, which is no frequency of a sound; give --sr")
        if other not in _OF_TURNS:
            findings.strange = findings.strange or f"its vertical axis is in {other}, which is no frequency"
        return
    trusted = trust(line, side)
    ends = plot.box[1], plot.box[3]
    line, trusted = _of_turns(findings, line, max(map(line.at, ends)), side, trusted)
    note = f"labels of the axis, from {line.at(ends[0]):.0f} at the top to {line.at(ends[1]):.0f} at the bottom"
    turned = _turned(findings, line, ends, trusted, note)
    if turned:
        ends = ends[::-1]
    top, bottom, pixel = line.at(ends[0]), line.at(ends[1]), line.pixel(ends[0])
    if not LIMITS.lowest_top <= top <= LIMITS.highest_top:
        if _in_tempi(line, bottom, top, side):
            findings.strange = f"its vertical axis runs in octaves from {bottom:.3g} to {top:.3g}, as tempi do"
        findings.remarks.append(f"the vertical axis ends at {top:g}, which is no frequency in Hz or kHz")
        return
    below = any(tick.value < 0 for tick in side.ticks)  # else labels were read wrongly
    both = below and line.scale == "linear" and bottom < -LIMITS.negative * top
    if both and not _is_room(figure, plot, line, turned):
        findings.strange = (
            findings.strange or f"its vertical axis runs from {bottom:.4g} to {top:.4g}: frequencies of both signs"
        )
    # between labels of octaves alone, constant Q and librosa's log axis look the same; the former begins at C1
    far = abs(bottom / _C1 - 1) > LIMITS.c1
    scale = "log" if line.scale == "octaves" and line.rival == "log" and far else line.scale
    lowest = max(LIMITS.cut_pixels * line.pixel(ends[1]), _CUT.get(scale, np.inf) * top)
    cut = bottom > lowest and not decades
    if decades:  # librosa's axes are labelled in octaves; this is an STFT on a plain logarithmic axis
        sure = LIMITS.if_decades * trusted
        findings.add("freq_scale", "log", sure, "labels in powers of ten")
        findings.add("linthresh", min(1.0, bottom), sure, "labels in powers of ten")
        findings.add("fmin", round(bottom, 3), sure, "the lower end of the axis")
    elif scale == "octaves":
        findings.add("freq_scale", "cqt", LIMITS.if_octaves * trusted, "labels of an axis in octaves", "log")
        return
    elif line.used >= LABELS.few:
        rival = line.rival if line.rival in ("linear", "log", "mel") and line.rival != scale else None
        sure = trusted if rival is None else LIMITS.sure_of_rival
        findings.add("freq_scale", scale, sure, "labels of the axis", rival)
    if cut and scale == "mel":
        findings.remarks.append(
            f"the view begins at {bottom:.0f} Hz; mel bands below are not shown, pitches are unsure"
        )
    elif cut:
        note = f"labels of the axis, from {bottom:.0f} Hz"
        findings.add("fmin", round(bottom, 1), LIMITS.if_cut * trusted, note)
    _rate(findings, scale, top, pixel, cut, trusted)
    if top > LIMITS.usual_top and _may_count(side):
        findings.suppose(("freq_scale", "sr", "fmin", "fmax"), "if numbers without a unit are kHz")
        findings.remarks.append(
            f"the vertical axis ends at {top / 1000:.4g} without a unit, which may be kHz or a count of rows; give "
            "--sr and --freq-scale, or --n-mels"
        )


def _of_turns(findings: Findings, line: Fit, top: float, side: Side, trusted: float) -> tuple[Fit, float]:
    """The line in Hz, and its trust, where numbers of no unit end as half a usual rate does in radians a second.

    Other lines as they are: those whose end, `top`, is half a rate in Hz, or which have a unit.
    """
    said = axis_words.radians(side.title) or axis_words.hertz(side.title) or any(tick.unit for tick in side.ticks)
    small = top <= LIMITS.usual_top or max(tick.value for tick in side.ticks) < LIMITS.kilo_highest
    if said or small or line.scale != "linear":
        return line, trusted
    low, high = _NEAR["linear"]
    common = [rate for rate in rates.USUAL if rate not in rates.RARE]
    as_hertz, as_radians = (any(low <= 2 * top / (rate * by) - 1 <= high for rate in common) for by in (1, math.tau))
    if as_hertz or not as_radians:
        return line, trusted
    findings.remarks.append(
        f"the vertical axis ends at {top:.0f} without a unit, 2 pi times half a usual sample rate: read as radians a "
        "second; give --sr if they are Hz"
    )
    return replace(line, a=line.a / math.tau, b=line.b / math.tau), LIMITS.if_odd * trusted


def _without_rate(findings: Findings, line: Fit | None, plot: Plot) -> None:
    """What an axis tells whose frequencies are radians or cycles a sample: which way it runs, and no rate."""
    if line is None:
        findings.remarks.append("the labels of the frequency axis were not understood")
        return
    findings.remarks.append("the vertical axis tells frequencies a sample, of which no rate follows; give --sr")
    if line.scale == "linear" and line.used >= LABELS.few:
        turned = line.at(plot.box[1]) < line.at(plot.box[3])
        note = "labels of the axis, in frequencies a sample"
        findings.add("origin", "upper" if turned else "lower", LIMITS.if_turned * LABELS.sure, note)
        findings.add("freq_scale", "linear", LABELS.sure, note)


def _turned(findings: Findings, line: Fit, ends: tuple[int, int], trusted: float, note: str) -> bool:
    """Whether the axis falls upwards; states the origin by it.

    Not where small numbers of no unit do, as those of a picture's rows, whichever end of them is low.
    """
    top, bottom = line.at(ends[0]), line.at(ends[1])
    if not top < bottom < LIMITS.lowest_top or findings.hertz:
        findings.add("origin", "upper" if top < bottom else "lower", LIMITS.if_turned * trusted, note)
    return top < bottom


def _is_room(figure: Figure, plot: Plot, line: Fit, turned: bool) -> bool:
    """Whether what lies below 0 Hz is room of one colour, as round limits leave it, and no data."""
    left, top, right, bottom = plot.box
    zero = round((0.0 - line.at(top)) / (line.at(bottom) - line.at(top)) * (bottom - top)) + top
    first, last = (top, zero) if turned else (zero, bottom)
    room = figure.rgb[first + LIMITS.rim : last - LIMITS.rim, left + LIMITS.rim : right - LIMITS.rim]
    if not room.size:
        return True
    off = np.abs(room.astype(np.int16) - np.median(room, axis=(0, 1))).max(axis=2)
    return bool((off <= LIMITS.one_colour).mean() >= LIMITS.mostly)


def _in_tempi(line: Fit, bottom: float, top: float, side: Side) -> bool:
    """Whether an axis shows beats a minute: octaves between values that are too low for frequencies."""
    octaves = line.scale in ("octaves", "log") and line.used >= LABELS.few and not axis_words.hertz(side.title)
    return octaves and not any(tick.unit for tick in side.ticks) and LIMITS.tempi[0] <= bottom < top <= LIMITS.tempi[1]


def _may_count(side: Side) -> bool:
    """Whether numbers are kHz only by their size: neither unit nor title says so."""
    said = any(tick.unit for tick in side.ticks if tick.value)
    if said or max((tick.value for tick in side.ticks), default=0.0) >= LIMITS.kilo_highest:
        return False
    return not axis_words.kilohertz(side.title)


def end_of_cut(findings: Findings, rate: int) -> None:
    """State fmax instead of a rate where the axis ends below half of the sound's `rate`: it was cut there."""
    told = findings.facts.get("sr")
    if told is None or told.value >= rate * (1 - LIMITS.near_mel[1]):
        return
    del findings.facts["sr"]
    findings.unusual = False
    findings.remarks[:] = [said for said in findings.remarks if said != _unusual(findings.top)]
    if "fmax" not in findings.facts:
        note = f"the axis ends at {findings.top:.0f} Hz, below half of {rate} Hz"
        findings.add("fmax", findings.top, told.confidence, note)


def _unusual(top: float) -> str:
    """The remark on an axis that ends at no half of a usual rate."""
    return f"the frequency axis ends at {top:.0f} Hz, not at half a usual sample rate; give --sr"


def _line_in_hertz(figure: Figure, plot: Plot, side: Side) -> tuple[Fit | None, bool]:
    """The scale of a vertical axis in Hz, and whether it is labelled in powers of ten."""
    units = {tick.unit for tick in side.ticks if tick.value} - {""}
    largest = max((tick.value for tick in side.ticks), default=0.0)
    kilo = bool(units & {"k", "kHz"}) or (LIMITS.kilo_lowest < largest < LIMITS.kilo_highest and not units)
    turn = math.tau if axis_words.radians(side.title) else 1.0
    # a number may have a unit of its own: "500 Hz" below "1 kHz"
    hertz = [
        tick._replace(value=tick.value * (1000 if kilo and tick.unit != "Hz" else 1) / turn) for tick in side.ticks
    ]
    ticks: Sequence[Tick] = hertz
    decades = len(ticks) > 1 and all(tick.unit == "^" for tick in ticks)
    line = fit(ticks, ("octaves",) if decades else ("linear", "log", "mel", "octaves"))
    if line is not None and line.scale == "linear" and line.at(plot.box[1]) < LIMITS.lowest_top:
        power = factor_beside(figure, plot)
        if power != 1.0:
            ticks = [tick._replace(value=tick.value * power) for tick in ticks]
            line = fit(ticks)
    return line, decades


def _rate(findings: Findings, scale: str, top: float, pixel: float, cut: bool, trusted: float) -> None:
    """The usual rate that an axis ends at half of at `top` Hz; else the rates that it may be, and fmax."""
    findings.top = top
    low, high = _NEAR[scale]
    slack = pixel / top
    near = [r for r in rates.USUAL if low - slack <= 2 * top / r - 1 <= high + slack]
    if near:
        rate = min(near, key=lambda r: abs(2 * top / r - 1))
        # a view cut at a round frequency looks like a lower rate; a mel bank often ends below half the rate
        odd = cut or rate in rates.RARE or (scale == "mel" and rate not in _USUAL_BANKS)
        sure = (LIMITS.if_odd if odd else LIMITS.if_rate) * trusted
        findings.add("sr", rate, sure, f"labels of the axis, up to {top:.0f} Hz")
        return
    above = [r for r in rates.USUAL if r >= 2 * top] or [int(2 * top) + 1]
    note = f"at least twice the {top:.0f} Hz of the axis"
    findings.add("sr", above[0], LIMITS.sure_of_least, note, above[1] if above[1:] else None)
    findings.add("fmax", top, LIMITS.if_fmax * trusted, "labels of the axis")
    findings.unusual = True
    findings.remarks.append(_unusual(top))
