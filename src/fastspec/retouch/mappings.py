"""Levels that are no decibels but the logarithm of a cell and something added to it, as scripts take it.

np.log(M + 1e-9), np.log1p(M) and np.log1p(1000 M) are one family, of amplitudes or powers M: decibels of M + `added`,
which loud cells do not notice. Scaled to 0..255 they are a line of these decibels. What was added the original tells:
of some powers of ten the one that explains most of the picture, then finely.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec._typing import FloatArray
from fastspec.calibration.complete import Complete
from fastspec.colours.levels import LevelScale

if TYPE_CHECKING:
    from fastspec.retouch.search import _Search

QUIETEST = 1e-15  # amplitude that counts as silence, -300 dB


class Limits(NamedTuple):
    """What may have been added, and when it is believed."""

    lowest: int = -15  # power of ten of what is added, at least; unmeasured
    highest: int = 5  # at most; unmeasured
    better: float = 0.004  # by which the score must grow; unmeasured
    crisp: float = (
        0.7  # share of exact pixels among the close ones, below which the original differs otherwise; unmeasured
    )
    damaged: float = 0.1  # by which the score must grow of damaged pictures, which are never crisp; unmeasured
    all: float = 0.999  # share of exact pixels from which nothing is added; unmeasured
    finest: float = 0.004  # of what is added, to which it is found; unmeasured
    round: float = 0.1  # of it: a power of ten so near is meant; unmeasured


LIMITS = Limits()


class Mapping(NamedTuple):
    """Decibels of M + `added`, M being the amplitude (`power` 1) or the power (2) of a cell, by the transform."""

    power: int = 2
    added: float = 0.0

    def decibels(self, amplitudes: ArrayLike) -> NDArray[np.float32]:
        """Of amplitudes of any shape; without anything added their own."""
        a = np.asarray(amplitudes)
        if not self.added:
            return np.asarray(20 * np.log10(np.maximum(a, QUIETEST)), np.float32)
        return np.asarray(20 / self.power * np.log10(a.astype(np.float64) ** self.power + self.added), np.float32)

    def scale(self, plain: LevelScale, reference: float) -> LevelScale:
        """The scale of levels of amplitudes relative to `reference`, of which `plain` is that of loud ones."""
        if not self.added:
            return plain
        named = {name: getattr(plain, name) for name in ("lo", "hi", "count", "quantiser", "floor_share")}
        return _Added(**named, power=self.power, added=self.added / reference**self.power)

    @property
    def said(self) -> str:
        """What the levels are, as a sentence."""
        what = ("amplitude", "power")[self.power - 1]
        if math.isclose(self.added, 1):
            how = f"np.log1p({what})"
        elif self.added < 1:
            how = f"np.log({what} + {self.added:.3g})"
            if self.added > _LOG1P:
                how += f" or np.log1p({float(f'{1 / self.added:.3g}'):g} * {what})"
        else:
            how = f"np.log({what} + {self.added:.3g})"
        return f"levels are not decibels of the {what} but {how}, as the original shows"


PLAIN = Mapping()
_LOG1P = 1e-6  # what nobody adds but by a factor of M


@dataclass(frozen=True)
class _Added(LevelScale):
    """Levels of decibels of M + added, relative to the reference."""

    power: int = 2
    added: float = 0.0

    def level(self, amplitude: ArrayLike) -> NDArray[np.float64]:
        decibels = 20 / self.power * np.log10(np.asarray(amplitude, np.float64) ** self.power + self.added)
        return np.clip((decibels - self.lo) / (self.hi - self.lo), 0.0, 1.0)

    def amplitude(self, x: ArrayLike) -> NDArray[np.float64]:
        x = np.clip(np.asarray(x, np.float64), 0.0, 1.0)
        whole: NDArray[np.float64] = 10 ** ((self.lo + (self.hi - self.lo) * x) * self.power / 20)
        # half of the lowest step where that is all that a level says
        least = np.full(x.shape, self.added * (10 ** ((self.hi - self.lo) / self.count * self.power / 40) - 1))
        if self.floor_share is not None:
            least *= np.where(x <= float(self.position(0)) * (1 + 1e-9), self.floor_share**self.power, 1.0)
        return np.asarray(np.maximum(whole - self.added, least) ** (1 / self.power))


def suppose(search: _Search) -> None:
    """Let a search suppose that something was added to the cells, if that explains more of the picture."""
    state = search.state
    known = state.trial.exact > LIMITS.all or not search.free or not search.is_open("level_kind")
    if search.mapping.added or known:
        return

    def score(mapping: Mapping) -> float:
        search.samples = replace(search.samples, mapping=mapping)
        return search.trial(state.facts, state.channel, state.offset).score

    mapping = found(score, state.trial.score)
    search.samples = replace(search.samples, mapping=mapping)
    trial = search.trial(state.facts, state.channel, state.offset)
    grown, crisp = trial.score >= state.trial.score + LIMITS.damaged, trial.crisp >= LIMITS.crisp
    proven = grown if search.spread else crisp
    if mapping.added and proven:
        search.mapping = mapping
        state.facts, state.trial = state.facts._replace(level_kind="db", db_center=None), trial
    else:
        search.samples = replace(search.samples, mapping=PLAIN)


def found(score: Callable[[Mapping], float], plain: float) -> Mapping:
    """The mapping with the best score, that without anything added having `plain`; itself unless one is better."""
    tried = {
        Mapping(power, 10.0**exponent): 0.0 for power in (2, 1) for exponent in range(LIMITS.lowest, LIMITS.highest + 1)
    }
    for mapping in tried:
        tried[mapping] = score(mapping)
    best = max(tried, key=lambda mapping: tried[mapping])
    value = tried[best]
    if value < plain + LIMITS.better:
        return PLAIN
    step = math.sqrt(10)
    while step > 1 + LIMITS.finest:
        for factor in (step, 1 / step):
            other = best._replace(added=best.added * factor)
            if (again := score(other)) > value:
                best, value = other, again
        step = math.sqrt(step)
    whole = best._replace(added=10.0 ** round(math.log10(best.added)))
    near = abs(best.added / whole.added - 1) < LIMITS.round
    return whole if near and score(whole) > value - LIMITS.better / 2 else best


def fitted_ends(
    mapping: Mapping, facts: Complete, ends: tuple[float, float], amplitudes: FloatArray, close: float
) -> Complete:
    """`facts` with the range of decibels of M + added that the colours span, and the loudest cell as the reference.

    ends : decibels of the lowest and the highest level, as fitted. close : decibels within which they are the quietest
    and the loudest cell's, as where levels were scaled to what there is.
    """
    loudest = float(amplitudes.max())
    low, high = ends
    quiet, loud = (float(mapping.decibels(value)) for value in (amplitudes.min(), loudest))
    low = quiet if abs(low - quiet) < close else low
    high = loud if abs(high - loud) < close else high
    peak = 20 * math.log10(loudest)
    return facts._replace(level_kind="db", db_center=None, db_range=(low - peak, high - peak), ref=loudest)
