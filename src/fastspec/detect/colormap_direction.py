"""Which end of a colormap is loud.

Both orders of a map have the same colours, so the picture tells, by what sound looks like in decibels: treble is
quieter than bass, the floor holds many pixels and the peak few, and the spectrum of noise has narrow deep dips rather
than narrow high peaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import ColourSurvey, atlas, kernels


class Limits(NamedTuple):
    """How sure a direction is, and where nothing but brightness tells it.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`: its table sets confidences against the share that is
    right. unmeasured: no command repeats the value.
    """

    sure: float = 0.99  # confidence at most; facts
    usual_direction: float = 1.5  # log odds that a map was not reversed, before the picture is looked at; unmeasured
    smallest: int = 4  # rows and columns of the grid, below which only brightness tells; unmeasured
    flat: float = 1e-3  # spread of levels: the picture has one; unmeasured
    least_spread: float = 0.05  # of levels, by which a tilt is divided; unmeasured
    contrary: float = 0.4  # of the spread: treble louder by this leaves a doubt, whatever else is seen; unmeasured
    sure_of_contrary: float = 0.85  # confidence at most, then; facts
    sure_of_cyclic: float = 0.8  # of a map whose ends have one colour or come back; facts


@dataclass(frozen=True, slots=True)
class Weights:
    """Log odds that high levels are loud; set on pictures of speech and music, unmeasured since."""

    tilt: float = 2.0  # for the lower half being louder by the whole spread
    ends: float = 12.0  # for the share of the lowest level less that of the highest
    most_ends: float = 2.5  # that those can give
    dips: float = 2.0  # for each 1 of skewness: the spectrum of noise has narrow dips
    most_dips: float = 3.0  # that those can give
    loud: float = 1.5  # against, for the share of the upper half: most of a picture is quiet
    brightness: float = 2.0  # against a picture of one high level: silence is the likelier


LIMITS, WEIGHTS = Limits(), Weights()
# Their ends have one colour or come back, so their direction shows badly.
CYCLIC = ("twilight", "hsv", "flag", "prism")
_NEITHER_USUAL = ("gray", "Greys", "binary")  # maps that are drawn both ways


@dataclass(frozen=True)
class LevelStatistics:
    """What the levels of the grid, 0..1 of a map, are like.

    rows, columns : (h,) and (w,) their means. floor, top, loud : shares of the lowest level, the highest, and of the
    upper half. dips : skewness of the second differences down and across, positive where narrow and low.
    """

    rows: NDArray[np.float64]
    columns: NDArray[np.float64]
    mean: float
    spread: float
    floor: float
    top: float
    loud: float
    dips: tuple[float, float]


def level_statistics(seen: ColourSurvey, name: str) -> LevelStatistics:
    """The levels of the grid as the map `name` has them."""
    return seen.once(_level_statistics, name)


def _level_statistics(seen: ColourSurvey, name: str) -> LevelStatistics:
    index, top = seen.index(name)
    rows, columns, facts = np.empty(index.shape[0]), np.empty(index.shape[1]), np.empty(7)
    kernels.level_statistics(index, top, rows, columns, facts)
    mean, spread, floor, high, loud, down, across = facts.tolist()
    return LevelStatistics(rows, columns, mean, spread, floor, high, loud, (down, across))


def direction(seen: ColourSurvey, name: str) -> tuple[str, float]:
    """`name` or its reverse, whichever makes the picture look like sound, and how sure (0.5 .. 0.99)."""
    if reverse_of(name) == name:
        return name, LIMITS.sure
    levels = level_statistics(seen, name)
    logit, tilt = _evidence(levels) + _prior(name), _tilt(levels)
    if logit < 0:
        name, logit, tilt = reverse_of(name), -logit, -tilt
    most = LIMITS.sure_of_contrary if tilt < -LIMITS.contrary else LIMITS.sure
    most = LIMITS.sure_of_cyclic if name.startswith(CYCLIC) else most
    return name, min(most, float(1 / (1 + np.exp(-logit))))


def reverse_of(name: str) -> str:
    """The name of the same map in the other order; of a map that nobody draws in the other, its own."""
    other = name[:-2] if name.endswith("_r") else name + "_r"
    return other if other in atlas().families else name


def _prior(name: str) -> float:
    """Log odds of this direction before the picture is looked at: a tool's default is more often used than not."""
    if name.startswith(_NEITHER_USUAL):
        return 0.0
    return -LIMITS.usual_direction if name.endswith("_r") else LIMITS.usual_direction


def _evidence(levels: LevelStatistics) -> float:
    """Log odds that high levels are loud."""
    small = min(len(levels.rows), len(levels.columns)) < LIMITS.smallest
    if small or levels.spread < LIMITS.flat:
        # One colour: the lowest one, silence, is the likelier
        return WEIGHTS.brightness * (1 - 2 * levels.mean)
    ends = float(np.clip(WEIGHTS.ends * (levels.floor - levels.top), -WEIGHTS.most_ends, WEIGHTS.most_ends))
    dips = float(np.clip(WEIGHTS.dips * sum(levels.dips), -WEIGHTS.most_dips, WEIGHTS.most_dips))
    return WEIGHTS.tilt * _tilt(levels) + ends + dips - WEIGHTS.loud * (levels.loud - 0.5)


def _tilt(levels: LevelStatistics) -> float:
    """By how much the lower half is higher than the upper one, of the spread."""
    middle = len(levels.rows) // 2
    if not middle:
        return 0.0
    return float(levels.rows[middle:].mean() - levels.rows[:middle].mean()) / max(levels.spread, LIMITS.least_spread)
