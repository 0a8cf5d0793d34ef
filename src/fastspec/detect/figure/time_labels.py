"""What the labels and the title of a horizontal axis tell: the duration."""

from __future__ import annotations

from typing import NamedTuple

from fastspec.detect.figure.axis_fit import fit
from fastspec.detect.figure.findings import Findings, trust
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.ticks import Side


class Limits(NamedTuple):
    """What times a sound has, and how surely labels tell them.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right.
    """

    day: float = 24 * 3600.0  # seconds of a sound at most; unmeasured
    minutes: float = 180.0  # seconds, above which numbers without unit may be milliseconds; unmeasured
    whole: float = 0.1  # of a view by which it may begin off 0 and be whole; unmeasured
    whole_seconds: float = 0.5  # seconds, likewise; unmeasured
    before: float = 0.5  # seconds before the sound that a view begins at most; unmeasured
    half_frame: float = 0.007  # of the duration, beyond which half a frame is said; unmeasured
    coarse: float = 0.02  # of the duration that two pixels are, from which it is less sure; unmeasured
    short: float = 1.0  # seconds, below which a duration is less sure; unmeasured
    if_minutes: float = 0.3  # times as sure is one that may be milliseconds; facts
    if_unsaid: float = 0.6  # times as sure is one of which no word says that it is seconds; facts
    if_coarse: float = 0.7  # times as sure is a coarse one; facts
    if_half_frame: float = 0.8  # times as sure is one known to half a frame; facts
    if_short: float = 0.9  # times as sure is a short one; facts


LIMITS = Limits()


def read_time(findings: Findings, plot: Plot, side: Side) -> None:
    """Add the duration that the labels of the time axis tell, or why they tell none."""
    if not side.ticks and not side.unread:
        return
    line = fit(side.ticks)
    if line is None:
        findings.remarks.append("the labels of the time axis were not understood")
        return
    start, end, pixel = line.at(plot.box[0]), line.at(plot.box[2]), line.pixel(plot.box[2])
    title = side.title.lower().replace("1", "i").replace("l", "i")
    units = {tick.unit for tick in side.ticks if tick.value} - {""}
    thousandths = "ms" in title or "mii" in title or "ms" in units
    minutes = "min" in title and ":" not in units
    seconds = (
        bool(units & {"s", "ms", ":"}) or minutes or any(word in title for word in ("sec", "(s", "[s", "/ s", "ms"))
    )
    said = seconds or "me" in title.replace(" ", "")[:5]
    if "ram" in title or (not said and "freq_scale" not in findings.facts):
        findings.remarks.append("the horizontal axis seems to count frames, not seconds; give --duration")
        return
    if thousandths:
        start, end, pixel = start / 1000, end / 1000, pixel / 1000
    elif minutes:
        start, end, pixel = 60 * start, 60 * end, 60 * pixel
    if not 0 < end - start < LIMITS.day:
        return
    doubtful = (
        end - start > LIMITS.minutes and not seconds
    )  # minutes are mostly written 1:30; these may be milliseconds
    # Frames may begin half a window after the sound, and end as much before it.
    whole = abs(start) < LIMITS.whole * (end - start) and abs(start) < LIMITS.whole_seconds
    duration = end + max(start, 0.0) if whole else end - start
    by_unit = LIMITS.if_minutes if doubtful else 1.0 if said else LIMITS.if_unsaid
    confidence = trust(line, side) * by_unit * (1.0 if 2 * pixel < LIMITS.coarse * duration else LIMITS.if_coarse)
    note = f"labels of the axis, {start:.4g} to {end:.4g} s"
    # The edge of the view and the end of the sound may be half a frame apart; librosa's views begin as much before 0.
    if whole and -start > LIMITS.half_frame * duration:
        confidence *= LIMITS.if_half_frame
        note += f", known to {-start:.2g} s"
    elif duration < LIMITS.short:
        confidence *= LIMITS.if_short
    findings.add("duration", round(duration, 4), confidence, note)
    if start < -max(LIMITS.before, LIMITS.whole * (end - start)):
        findings.strange = f"its horizontal axis runs from {start:.3g} to {end:.3g}, which is no time in a sound"
    if not whole:
        findings.remarks.append(f"the view begins at {start:.2f} s; the sound will begin there")
