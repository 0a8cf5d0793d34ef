"""Which end of a colormap is loud, and which end of the frequency axis is low: one question.

Both orders of a map have the same colours, and a spectrogram may hang upside down, so that a picture has four readings.
What sound looks like tells them apart (`fastspec.detect.loudness_traits`): the numbers found there, weighted, give the
log odds of each reading, to which those are added that it has before the picture is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import STATED
from fastspec.colours import colormap
from fastspec.detect.colour_survey import ColourSurvey, atlas, kernels
from fastspec.detect.loudness_traits import TRAITS, traits


class Limits(NamedTuple):
    """How sure a direction is, and where nothing but brightness tells it.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`: its table sets confidences against the share that is
    right. "direction" is `python -m bench.quality.direction SOUNDS`, of sounds that the weights were not fitted to.
    unmeasured: no command repeats the value.
    """

    sure: float = 0.99  # confidence at most; direction
    clear: float = 0.99  # probability from which the order of the colours is stated with more than `unclear`; direction
    unclear: float = 0.9  # confidence at most of an order below that, and of every origin, of which 1 of 40 is wrong on
    # pictures as people make them; direction
    usual_direction: float = 1.5  # log odds that a map was not reversed, before the picture is looked at; facts
    usual_of_tool: float = 3.0  # the same of a tool's own map in its picture; facts
    usual_origin: float = 0.7  # log odds that the lowest frequency is at the bottom, likewise; unmeasured
    sure_of_known: float = 0.9  # confidence of a profile's origin from which pixels are not asked; unmeasured
    sure_of_axis: float = 0.8  # confidence of a log or mel axis from which its rows tell the origin; unmeasured
    smallest: int = 4  # rows and columns of the grid, below which only brightness tells; unmeasured
    flat: float = 1e-3  # spread of levels: the picture has one; unmeasured
    brightness: float = 2.0  # log odds against a picture of one high level: silence is the likelier; unmeasured
    sure_of_cyclic: float = 0.8  # of a map whose ends have one colour or come back; facts
    stated: float = 0.75  # confidence from which the order of the colours is stated: others are guesses; direction
    stated_origin: float = 0.8  # the same of the origin, of which noise says up to .76; direction
    close: float = 0.9  # confidence from which no other reading is named; direction
    rival: float = 0.05  # probability from which a reading is named; unmeasured


LIMITS = Limits()
# The log odds that a unit of each feature gives to a reading that keeps its sign, and takes from one that turns it:
# `python -m bench.quality.direction SOUNDS --each 12 --weights` on 328 sounds of speech in twelve languages, music,
# animals and things
WEIGHTS = np.array([
    0.76, 0.60, 0.45, -0.40, 0.02, -0.16, 1.12, -1.04, 0.27, 0.87, 0.01, 0.23, 0.58, 0.11, 0.30, 0.15, 0.23,
    0.48, 0.50, 0.32, -0.06, 0.08, -0.34, 0.64, 0.66, -0.68, 1.09,
    # saturated
    -0.11, 0.02, -0.20, 1.38, 1.00, 0.64, 1.10, 0.14, 0.14, 0.53, 0.04, -0.06, 0.48, 0.45, 0.47, 0.60, 0.88,
    0.30, 0.36, 0.66, -0.83, 0.34, 0.77, -0.46, -0.23, -0.64, 0.57,
])  # fmt: skip
# The map is as it was read or reversed, and the axis as it was seen or turned over.
READINGS = ((1, "lower"), (1, "upper"), (-1, "lower"), (-1, "upper"))
_IF_TURNED = np.tile(np.array(list(TRAITS.values())), (2, 1))
# What becomes of the sign of each feature in each reading: (4, features)
SIGNS = np.stack(
    [
        np.where(scale == 1, 1, _IF_TURNED[:, 0]) * np.where(origin == "lower", 1, _IF_TURNED[:, 1])
        for scale, origin in READINGS
    ]
)
# Their ends have one colour or come back, so their direction shows badly.
CYCLIC = ("twilight", "hsv", "flag", "prism")
GRAYS = ("gray", "Greys", "binary")  # maps that are drawn both ways


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


@dataclass(frozen=True)
class Direction:
    """What the levels tell of the two ends: how probable each of the four readings is.

    probable : (cmap, origin) -> 0..1, the most probable first; the sum is 1. cap : confidence at most.
    """

    probable: Mapping[tuple[str, str], float]
    cap: float

    @property
    def cmap(self) -> str:
        """The map of the most probable reading."""
        return next(iter(self.probable))[0]

    @property
    def origin(self) -> str:
        """The origin of the most probable reading."""
        return next(iter(self.probable))[1]

    @property
    def sure_of_cmap(self) -> float:
        """How sure that map is, whatever the origin."""
        probability = sum(p for (cmap, _), p in self.probable.items() if cmap == self.cmap)
        return min(self.cap, probability if probability >= LIMITS.clear else min(probability, LIMITS.unclear))

    @property
    def sure_of_origin(self) -> float:
        """How sure that origin is, whatever the map."""
        return min(LIMITS.unclear, sum(p for (_, origin), p in self.probable.items() if origin == self.origin))

    @property
    def close(self) -> tuple[tuple[str, str, float], ...]:
        """(cmap, origin, probability) of the readings that are worth naming, where there are several."""
        first, *others = [(*reading, p) for reading, p in self.probable.items()]
        near = [other for other in others if other[2] >= LIMITS.rival]
        return (first, *near) if first[2] < LIMITS.close and near else ()


def direction(seen: ColourSurvey, name: str, known: Calibration | None = None) -> Direction:
    """The readings of a picture in the colours of `name`, seen with the origin that is `known` or else the lower one.

    What the user or the file says of map and origin is kept; a profile's word of the origin is as good as it is sure.
    """
    known = known or Calibration()
    return seen.once(_direction, name, _odds_of_map(name, known), *_odds_of_origin(known))


def _direction(seen: ColourSurvey, name: str, of_map: float, of_origin: float, as_seen: str) -> Direction:
    order = name.removesuffix("_r")  # looked at once for both orders
    turned = name != order and order in atlas().families
    odds = _odds(seen, order if turned else name)
    odds = odds[[2, 3, 0, 1]] if turned else odds
    other = {"lower": "upper", "upper": "lower"}[as_seen]
    reverse = reverse_of(name)
    readings = []
    for n, (scale, origin) in enumerate(READINGS):
        prior = scale * of_map / 2 + (of_origin if origin == "lower" else -of_origin) / 2
        reading = (name if scale == 1 else reverse, as_seen if origin == "lower" else other)
        readings.append((float(odds[n]) + prior, reading))
    readings.sort(reverse=True)
    shares = np.exp([each - readings[0][0] for each, _ in readings])
    probable: dict[tuple[str, str], float] = {}
    for share, (_, reading) in zip((shares / shares.sum()).tolist(), readings, strict=True):
        probable[reading] = probable.get(reading, 0.0) + share  # a map without a reverse has two readings
    return Direction(probable, LIMITS.sure_of_cyclic if name.startswith(CYCLIC) else LIMITS.sure)


def features_of(seen: ColourSurvey, name: str) -> NDArray[np.float64] | None:
    """The numbers of `TRAITS` for the levels that a map has, and all of them saturated; None of one colour."""
    return seen.once(_features, name)


def _features(seen: ColourSurvey, name: str) -> NDArray[np.float64] | None:
    levels = level_statistics(seen, name)
    if min(len(levels.rows), len(levels.columns)) < LIMITS.smallest or levels.spread < LIMITS.flat:
        return None
    index, top = seen.index(name)
    numbers = traits(index / np.float32(top), *seen.levels_of_strips(name))
    return np.concatenate([numbers, np.tanh(2 * numbers)])


def _odds(seen: ColourSurvey, name: str) -> NDArray[np.float64]:
    """Log odds of the four readings, but for a constant."""
    features = features_of(seen, name)
    if features is None:  # silence is the likelier
        quiet = LIMITS.brightness * (0.5 - level_statistics(seen, name).mean)
        return np.array([quiet, quiet, -quiet, -quiet])
    return np.asarray((SIGNS * WEIGHTS) @ features)


def reverse_of(name: str) -> str:
    """The name of the same map in the other order; of a map that nobody draws in the other, its own."""
    other = name[:-2] if name.endswith("_r") else name + "_r"
    return other if other in atlas().families else name


_CERTAIN = 60.0  # log odds of what the user says


def answered(known: Calibration) -> bool:
    """Whether the picture need not be asked how it lies."""
    return _odds_of_origin(known)[0] == _CERTAIN and _odds_of_map(known.get("cmap", ""), known) == _CERTAIN


def _odds_of_map(name: str, known: Calibration) -> float:
    """Log odds of this order of the colours before the picture is looked at."""
    if known.source("cmap") in (*STATED, "profile") or reverse_of(name) == name:
        return _CERTAIN
    if name.startswith(GRAYS):  # a tool's default is more often used than not
        return 0.0
    tool = colormap.tool_of(name)
    own = tool is not None and tool == str(known.get("profile")).partition("-")[0]
    usual = LIMITS.usual_of_tool if own else LIMITS.usual_direction
    return -usual if name.endswith("_r") else usual


def _odds_of_origin(known: Calibration) -> tuple[float, str]:
    """Log odds, before the picture is looked at, of the origin that it is seen with; and that origin."""
    fact = known.facts.get("origin")
    if fact is None:
        return LIMITS.usual_origin, "lower"
    if fact.source in STATED or fact.confidence >= LIMITS.sure_of_known:
        return _CERTAIN, fact.value
    return float(np.log(fact.confidence / (1 - fact.confidence))), fact.value
