"""What numbers prove that a tool has written beside its plot.

A number stands for an interval (the tool rounded it, or the place of its tick), and all numbers of an axis together
for a narrow one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from fastspec.calibration.facts import Fact
from fastspec.detect import rates

_ROUND = (100_000, 10_000, 5000, 1000, 500, 250, 100, 50, 25, 10, 5, 2, 1)


class Limits(NamedTuple):
    """What the numbers of a legend prove.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`, whose table sets confidences against the share that is
    right.
    """

    slack: float = 0.5  # pixels by which the place of a tick is rounded: half of one, by the tools' sources
    nearest: float = 0.1  # pixels of a tick from the axis' start, of which a value is made at least; unmeasured
    rounding: float = 1e-6  # relative, by which both ends of an interval are widened; unmeasured
    narrow: float = 1.005  # ratio of ends: an interval that holds one usual rate and hardly an unusual one; unmeasured
    wide: float = 1.02  # likewise: one that an unusual rate may well lie in; unmeasured
    sure_of_wide: float = 0.85  # of a usual rate between the two; facts
    sure_of_several: float = 0.6  # of one of several usual rates; facts
    sure_of_unusual: float = 0.8  # of the roundest where no usual one lies; facts


LIMITS = Limits()


def pixels_fact(value: Any, confidence: float, note: str, alternative: Any = None) -> Fact:
    """A fact read off the pixels."""
    return Fact(value, "pixels", confidence, note, alternative)


def common(intervals: Iterable[tuple[float, float]]) -> tuple[float, float] | None:
    """What all intervals share; None if nothing or there are none."""
    pairs = list(intervals)
    if not pairs:
        return None
    low, high = max(low for low, _ in pairs), min(high for _, high in pairs)
    return (low, high) if low <= high else None


def whole(
    pairs: Iterable[tuple[float, float]], length: float, slack: float = LIMITS.slack
) -> tuple[float, float] | None:
    """Value at the end of an axis of `length` pixels, of (value, pixel) pairs, each pixel rounded by up to `slack`.

    An interval, or None where the values are not proportional to their places.
    """
    return common(
        (value * length / (pixel + slack), value * length / max(pixel - slack, LIMITS.nearest))
        for value, pixel in pairs
        if value > 0
    )


def roundest(low: float, high: float) -> int | None:
    """The roundest whole number within an interval, None if it holds none."""
    for step in _ROUND:
        number = round((low + high) / 2 / step) * step
        if number and low <= number <= high:
            return number
    return None


def rate(interval: tuple[float, float], note: str, sure: float) -> Fact | None:
    """The sample rate that lies in an interval: a usual one, else the roundest."""
    low, high = interval[0] * (1 - LIMITS.rounding), interval[1] * (1 + LIMITS.rounding)
    usual = [r for r in rates.PRINTED if low <= r <= high]
    if len(usual) == 1 and high / low < LIMITS.wide:
        narrow = high / low < LIMITS.narrow
        sure, other = (sure, None) if narrow else (min(sure, LIMITS.sure_of_wide), roundest(low, high))
        other = None if other == usual[0] else other
        return pixels_fact(usual[0], sure, f"{note}: the usual rate within {low:.0f} .. {high:.0f} Hz", other)
    if usual:
        middle = min(usual, key=lambda r: abs(r - (low + high) / 2))
        rest = [r for r in usual if r != middle]
        what = f"{note}: {low:.0f} .. {high:.0f} Hz"
        return pixels_fact(middle, LIMITS.sure_of_several, what, rest[0] if rest else None)
    number = roundest(low, high)
    if number is None:
        return None
    what = f"{note}: {low:.0f} .. {high:.0f} Hz, where no usual rate lies"
    return pixels_fact(number, LIMITS.sure_of_unusual, what)
