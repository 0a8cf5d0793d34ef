"""What the labels and the title of a horizontal axis tell: the duration, in seconds or samples."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.detect.figure import axis_words
from fastspec.detect.figure.axis_fit import fit
from fastspec.detect.figure.findings import LIMITS as LABELS
from fastspec.detect.figure.findings import Findings, trust
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.ticks import Side


class Limits(NamedTuple):
    """What times a sound has, and how surely labels tell them.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right.
    """

    day: float = 24 * 3600.0  # seconds of a sound at most; unmeasured
    long: float = 600.0  # seconds, above which numbers without unit are no seconds at all; unmeasured
    minutes: float = 180.0  # seconds, above which numbers without unit may be milliseconds; unmeasured
    instant: float = 0.02  # seconds of a sound at least; unmeasured
    whole: float = 0.1  # of a view by which it may begin off 0 and be whole; unmeasured
    whole_seconds: float = 0.5  # seconds, likewise; unmeasured
    before: float = 1.1  # seconds before the sound that a view begins at most, as classic margins do; unmeasured
    samples: float = 8.0  # numbers a pixel, from which samples are those of the sound; unmeasured
    half_frame: float = 0.007  # of the duration, beyond which half a frame is said; unmeasured
    coarse: float = 0.02  # of the duration that two pixels are, from which it is less sure; unmeasured
    short: float = 1.0  # seconds, below which a duration is less sure; unmeasured
    if_minutes: float = 0.3  # times as sure is one that may be milliseconds; facts
    if_unsaid: float = 0.6  # times as sure is one of which no word says that it is seconds; facts
    if_coarse: float = 0.7  # times as sure is a coarse one; facts
    if_half_frame: float = 0.8  # times as sure is one known to half a frame; facts
    if_short: float = 0.9  # times as sure is a short one; facts


LIMITS = Limits()


def counts_samples(plot: Plot, side: Side) -> bool:
    """Whether the axis counts samples of the sound: the title says so, and a column holds several of them."""
    line = fit(side.ticks)
    some = line is not None and line.pixel(plot.box[2]) >= LIMITS.samples
    return some and axis_words.counts_samples(side.title) and not axis_words.seconds(side.title)


def _samples(findings: Findings, plot: Plot, side: Side, sr: Fact | None) -> None:
    """Add the duration that an axis of samples tells at a rate; what it counts, where no rate is known."""
    line = fit(side.ticks)
    if line is None:
        return
    start, end = line.at(plot.box[0]), line.at(plot.box[2])
    samples = end if abs(start) < LIMITS.whole * (end - start) else end - start
    if sr is None:
        findings.remarks.append(f"the horizontal axis counts about {samples:.0f} samples; give --sr or --duration")
        return
    note = f"about {samples:.0f} samples of the axis at {sr.value} Hz"
    coarse = 1.0 if 2 * line.pixel(plot.box[2]) < LIMITS.coarse * samples else LIMITS.if_coarse
    short = LIMITS.if_half_frame if abs(start) > LIMITS.half_frame * samples else 1.0
    sure = min(trust(line, side) * coarse * short, sr.confidence)
    findings.add("duration", round(samples / sr.value, 4), sure, note)
    if sr.source == "assumed":
        findings.facts["duration"] = replace(findings.facts["duration"], source="assumed")


def _doubt(findings: Findings, duration: float, unsaid: bool) -> None:
    """Take an implausible duration for a guess. unsaid : whether it is of minutes, and nothing says that it is one."""
    if unsaid:
        findings.doubt("duration", "so many numbers without a unit may be milliseconds or frames")
    elif duration < LIMITS.instant:
        findings.doubt("duration", "hardly any sound is so short")


def read_time(findings: Findings, plot: Plot, side: Side, known: Calibration | None = None) -> None:
    """Add the duration that the labels of the time axis tell, or why they tell none.

    known : above all a given rate, by which samples are seconds, and a given duration, beside which nothing is doubted.
    """
    known = known or Calibration()
    if counts_samples(plot, side):
        _samples(findings, plot, side, known.facts.get("sr") or findings.facts.get("sr"))
        return
    if not side.ticks and not side.unread:
        return
    line = fit(side.ticks)
    if line is None:
        findings.remarks.append("the labels of the time axis were not understood")
        return
    start, end, pixel = line.at(plot.box[0]), line.at(plot.box[2]), line.pixel(plot.box[2])
    title = side.title
    units = {tick.unit for tick in side.ticks if tick.value} - {""}
    thousandths = axis_words.milliseconds(title) or "ms" in units
    minutes = axis_words.minutes(title) and ":" not in units
    seconds = bool(units & {"s", "ms", ":"}) or axis_words.seconds(title)
    said = seconds or "me" in title.lower().replace(" ", "")[:5] or axis_words.of_time(title)
    counts = axis_words.counts_frames(title) and not seconds
    other = axis_words.other_unit(title)
    if other or counts or (not said and "freq_scale" not in findings.facts):
        what = f"is in {other}" if other else "seems to count frames"
        findings.remarks.append(f"the horizontal axis {what}, not seconds; give --duration")
        return
    unit = 0.001 if thousandths else 60.0 if minutes else 1.0
    start, end, pixel = unit * start, unit * end, unit * pixel
    if start > end:
        findings.backwards(start, end, sure=line.used >= LABELS.few)
        if not findings.mirrored:
            return
        start, end = end, start
    if not 0 < end - start < LIMITS.day:
        return
    # minutes are mostly written 1:30; these may be milliseconds, or no times
    doubtful = end - start > LIMITS.minutes and not seconds
    if doubtful and (end - start > LIMITS.long or not said):
        said_of = f"the horizontal axis runs to {end:.0f} without a unit, which are hardly seconds"
        findings.remarks.append(f"{said_of}; give --duration")
        return
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
    if known.source("duration") != "given":
        _doubt(findings, duration, doubtful)
    of_sound = said and findings.hertz  # times may be told from an event on
    if not of_sound and start < -max(LIMITS.before, LIMITS.whole * (end - start)):
        findings.untimely = f"its horizontal axis runs from {start:.3g} to {end:.3g}, which is no time in a sound"
    if not whole:
        findings.remarks.append(f"the view begins at {start:.2f} s; the sound will begin there")
