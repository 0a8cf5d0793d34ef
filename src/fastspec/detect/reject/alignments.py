"""Alignments: one narrow path from corner to corner on a plain ground, as attention draws where each step looks."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Limits(NamedTuple):
    """What a path is, on the survey's grid of levels, 0..1.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds alignments and attention. A sweep over all
    frequencies, of which nothing else is seen, looks alike; speech and music have several sounds at a time.
    """

    side: int = 16  # points of the grid each way, at least; unmeasured
    plain: float = 0.08  # of the levels, by which the ground's differ at most; unmeasured
    ground: float = 0.85  # share of the points that are ground; refusals
    off: float = 0.12  # of the levels, by which the path is off the ground; unmeasured
    columns: float = 0.9  # share of the columns that the path crosses; refusals
    narrow: float = 0.15  # of the height, from the first to the last such point of a column; refusals
    straight: float = 0.97  # correlation of its height with the column; refusals
    corners: float = 0.12  # of the height, by which it begins and ends off the corners; refusals


LIMITS = Limits()


def alignment(level: NDArray[Any]) -> str | None:
    """What to say of a picture whose surveyed `level` (h, w), 0..1, is one path from corner to corner, else None."""
    height, width = level.shape
    if min(height, width) < LIMITS.side:
        return None
    away = np.abs(level - np.median(level))
    if float((away <= LIMITS.plain).mean()) < LIMITS.ground:
        return None
    path = away > LIMITS.off
    crossed = np.flatnonzero(path.any(axis=0))
    if len(crossed) < LIMITS.columns * width:
        return None
    path = path[:, crossed]
    first, last = np.argmax(path, axis=0), height - 1 - np.argmax(path[::-1], axis=0)
    if float((last - first < max(LIMITS.narrow * height, 2)).mean()) < LIMITS.columns:
        return None
    middle = 0.5 * (first + last)
    with np.errstate(invalid="ignore"):
        straight = abs(float(np.corrcoef(crossed, middle)[0, 1]))
    ends = np.sort([np.median(middle[:3]), np.median(middle[-3:])])
    room = LIMITS.corners * height
    if not straight >= LIMITS.straight or ends[0] > room or ends[1] < height - 1 - room:
        return None
    return "one narrow path from corner to corner on a plain background, as in attention alignments"
