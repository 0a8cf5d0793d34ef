"""Axes that say that the plot is no spectrogram: lags, tempi, queries, coefficients, time against time; amplitudes."""

from __future__ import annotations

from typing import NamedTuple

from fastspec.detect.figure import axis_words
from fastspec.detect.figure.axis_fit import fit
from fastspec.detect.figure.findings import numbered
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.ticks import Side


class Limits(NamedTuple):
    """Which numbers no axis of a spectrogram has.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds histogram, statistics, contour_plot and
    waveforms.
    """

    hertz: float = 1900.0  # of the largest number, below which they are no Hz; unmeasured
    below: float = 0.25  # of a vertical axis that lies below 0: less may be room of round limits; unmeasured
    negative: int = 2  # numbers below 0, or more; unmeasured
    away: float = 0.35  # of the upper end, from which both axes begin: no sound and no band does; unmeasured
    far: float = 0.6  # likewise of a horizontal axis alone, where no axis has a title; unmeasured


LIMITS = Limits()


def foreign_axes(left: Side, bottom: Side) -> str:
    """What titles say that no spectrogram's axes show, as a phrase; "" where they say nothing of the kind."""
    for side, place in ((left, "vertical"), (bottom, "horizontal")):
        if axis_words.foreign(side.title):
            return f'its {place} axis is titled "{side.title}", which is no axis of a spectrogram'
    up, along = left.title, bottom.title
    if axis_words.hertz(along) and _is_time(up):
        return "a spectrogram on its side: turn it by 90 degrees"
    if _is_time(up) and _is_time(along):
        return f'both axes show time, "{up}" and "{along}", as matrices of similarity do'
    if axis_words.frames_alone(up) and axis_words.frames_alone(along):
        return f'both axes count frames, "{up}" and "{along}", as matrices of similarity do'
    return ""


def foreign_numbers(plot: Plot, left: Side, bottom: Side) -> str:
    """What numbers say that no spectrogram's axes count or measure, as a phrase; "" where they say nothing of it."""
    up, along = fit(left.ticks), fit(bottom.ticks)
    if up is None or any(tick.unit for tick in left.ticks) or axis_words.hertz(left.title):
        return ""
    low, high = sorted((up.at(plot.box[1]), up.at(plot.box[3])))
    if high >= LIMITS.hertz:
        return ""
    negative = sum(tick.value < 0 for tick in left.ticks)
    if numbered(left) and negative >= LIMITS.negative and high > 0 and -low > LIMITS.below * (high - low):
        return f"its vertical axis runs from {low:.3g} to {high:.3g}, which are neither frequencies nor counts"
    if along is None or not numbered(bottom) or any(tick.unit for tick in bottom.ticks):
        return ""
    if axis_words.of_time(bottom.title) or axis_words.of_time(left.title):
        return ""
    first, last = sorted((along.at(plot.box[0]), along.at(plot.box[2])))
    both = numbered(left) and low > LIMITS.away * high and first > LIMITS.away * last
    if both or (first > LIMITS.far * last and not left.title and not bottom.title):
        return (
            f"its axes run from {first:.3g} to {last:.3g} and from {low:.3g} to {high:.3g}, which are neither times "
            "and frequencies nor counts"
        )
    return ""


def _is_time(title: str) -> bool:
    return axis_words.of_time(title) and not axis_words.hertz(title)
