"""Axes whose titles say that the plot is no spectrogram: lags, tempi, queries, coefficients, time against time."""

from __future__ import annotations

from fastspec.detect.figure import axis_words
from fastspec.detect.figure.ticks import Side


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


def _is_time(title: str) -> bool:
    return axis_words.of_time(title) and not axis_words.hertz(title)
