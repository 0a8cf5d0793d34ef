"""The scale on which numbers lie at their places: a line through most of them, in the scale's own even measure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import scales
from fastspec.axes.scales import symlog


class Limits(NamedTuple):
    """How well numbers lie on a scale.

    `python -m bench.quality.facts CORPUS --figures N` judges all of these together: it counts the durations, rates and
    ranges that labels tell.
    """

    misfit: float = 1.3  # pixels between a tick mark and where its number belongs; unmeasured
    pair: float = 2.6  # likewise while two numbers alone say where the line is; unmeasured
    fewest: int = 3  # numbers that agree, where there are as many; unmeasured
    agree: float = 0.66  # of all numbers; unmeasured
    digits: int = 1  # decimals of a pixel to which misfits of two scales are told apart; unmeasured
    rival: float = 1.0  # pixels of misfit below which another scale may be meant; unmeasured
    lowest: float = 1e-9  # of what an octave is counted from; nothing is below; unmeasured
    octaves: float = 40.0  # counted, so that nothing overflows; unmeasured


LIMITS = Limits()
_ZERO = 10.0  # times, that a number is less without its last zero


class Tick(NamedTuple):
    """A tick mark at `position` (pixels from the picture's left or top) and its number, with unit "" when none."""

    position: float
    value: float
    unit: str


@dataclass(frozen=True)
class Fit:
    """value = inverse(a + b * position): `scale` is its name, `misfit` in pixels, `used` labels of all."""

    scale: str
    a: float
    b: float
    misfit: float
    used: int
    rival: str | None = None

    def at(self, position: float) -> float:
        """The value at a position in pixels."""
        return float(_SCALES[self.scale][1](np.asarray(self.a + self.b * position)))

    def pixel(self, position: float) -> float:
        """How much the value changes in one pixel there."""
        return abs(self.at(position + 0.5) - self.at(position - 0.5))


_Measure = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _symlog(scale: str) -> tuple[_Measure, _Measure]:
    """The symmetrical log that specshow draws `scale` on, and its inverse."""
    bent = scales.get(scale).symlog
    assert bent is not None
    linthresh, linscale = bent
    return lambda v: symlog.symlog(v, linthresh, linscale), lambda t: symlog.inverse(t, linthresh, linscale)


_SCALES: dict[str, tuple[_Measure, _Measure]] = {
    "linear": (lambda v: v, lambda t: t),
    "log": _symlog("log"),
    "mel": _symlog("mel"),
    "octaves": (lambda v: np.log2(np.maximum(v, LIMITS.lowest)), lambda t: np.exp2(np.minimum(t, LIMITS.octaves))),
}


def fit(ticks: Sequence[Tick], names: Sequence[str] = ("linear",)) -> Fit | None:
    """The scale that puts most numbers at their marks, or None when fewer than two thirds (and three) agree."""
    if len(ticks) <= 1:
        return None
    place = np.array([tick.position for tick in ticks])
    value = np.array([tick.value for tick in ticks])
    fits = []
    for scale in names:
        if scale == "octaves" and (value <= 0).any():
            continue
        found = _line(place, _SCALES[scale][0](value))
        if found is not None:
            a, b, misfit, used = found
            fits.append(Fit(scale, a, b, misfit, used))
    fits = [f for f in fits if f.used >= max(min(LIMITS.fewest, len(ticks)), LIMITS.agree * len(ticks))]
    if not fits:
        return _line_of_lost_zeros(place, value) if "linear" in names else None
    fits.sort(key=lambda f: (-f.used, round(f.misfit, LIMITS.digits)))
    best = fits[0]
    rivals = [f.scale for f in fits[1:2] if f.used == best.used and f.misfit < LIMITS.rival]
    return replace(best, rival=rivals[0] if rivals else None)


def _line_of_lost_zeros(place: NDArray[np.float64], value: NDArray[np.float64]) -> Fit | None:
    """The linear axis of labels some of which have lost a zero, as small ones do whose zeros touch: 250 beside 2000.

    All of them must lie on it then, and as many as prove a line as they were read.
    """
    first, second = np.triu_indices(len(place), 1)
    differ = (value[first] != value[second]) & (place[first] != place[second])
    for i, j in zip(first[differ].tolist(), second[differ].tolist(), strict=True):
        b = (value[j] - value[i]) / (place[j] - place[i])
        line = value[i] + b * (place - place[i])
        read, lost = (np.abs(line - times * value) <= LIMITS.pair * abs(b) for times in (1, _ZERO))
        if (read | lost).all() and read.sum() >= LIMITS.fewest and np.count_nonzero(value[read]) > 1 and (~read).any():
            found = _line(place, np.where(read, value, _ZERO * value))
            return None if found is None or found[3] < len(place) else Fit("linear", *found[:3], int(read.sum()))
    return None


def _line(
    place: NDArray[np.float64], t: NDArray[np.float64], *, last: bool = False
) -> tuple[float, float, float, int] | None:
    """t = a + b * place through as many points as possible: a, b, rms misfit in pixels, how many."""
    first, second = np.triu_indices(len(place), 1)
    differ = (t[first] != t[second]) & (place[first] != place[second])
    first, second = first[differ], second[differ]
    if not len(first):
        return None
    steps = (place[second] - place[first]) / (t[second] - t[first])  # pixels
    off = np.abs((t - t[first][:, None]) * steps[:, None] - (place - place[first][:, None]))
    near = off <= LIMITS.pair
    best = near[np.argmax(near.sum(axis=1))]
    x, y = place[best], t[best]
    middle, a = float(x.mean()), float(y.mean())
    b = float((x - middle) @ (y - a)) / float((x - middle) @ (x - middle))
    if b == 0:
        return None
    off = (y - a) / b - (x - middle)
    if not last and np.abs(off).max() > LIMITS.misfit and len(x) > LIMITS.fewest:  # one that came near by chance
        kept = np.abs(off) < np.abs(off).max()
        return _line(x[kept], y[kept], last=True)
    if np.abs(off).max() > LIMITS.misfit:
        return None
    return a - b * middle, b, float(np.sqrt(np.mean(off**2))), int(best.sum())
