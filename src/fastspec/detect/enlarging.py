"""Smooth filters that enlarge pictures, and which sizes before are worth a fit: a stretch of a line tells of most.

A stretch of a line that was enlarged is explained, but for rounding, by the cells that it was made of, whatever the
rest of the picture is. Sizes that leave more of two stretches of a few dozen pixels need no fit of all lines.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Limits(NamedTuple):
    """Which stretches are looked at, and what is left of them. Levels are of 255.

    "field" is `python -m bench.quality.field CORPUS --only resized`.
    """

    longest: int = 200  # pixels of a stretch; unmeasured
    lines: int = 12  # in which stretches are looked for; unmeasured
    active: int = 48  # pixels, in which most changes where a stretch begins; unmeasured
    freedom: int = 3  # pixels more than cells that are looked at; unmeasured
    # rms: rounding leaves .2 to .4 of true sizes where nothing was cut off, pixels as drawn mostly 3 to 20 of all
    left: float = 1.2  # from which a size is none; field
    table: int = 2048  # entries of a filter's weights a cell; unmeasured


LIMITS = Limits()
FILTERS = ("linear", "cubic", "lanczos", "sharp cubic")
REACH = {"linear": 1, "cubic": 2, "sharp cubic": 2, "lanczos": 3}
_CUBIC = {"cubic": -0.5, "sharp cubic": -0.75}  # Pillow's, and OpenCV's and browsers'
_BLACK, _WHITE = 0, 255
_GRAY = 128.0


def weights(away: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    """Share, not yet normalised, of a pixel that lies so far away, in pixels before."""
    if kind == "linear":
        return np.asarray(np.maximum(0, 1 - away))
    if kind == "lanczos":
        return np.asarray(np.where(away < REACH[kind], np.sinc(away) * np.sinc(away / REACH[kind]), 0))
    a = _CUBIC[kind]
    inner = ((a + 2) * away - (a + 3)) * away**2 + 1
    outer = (((away - 5) * away + 8) * away - 4) * a
    return np.asarray(np.where(away < 1, inner, np.where(away < 2, outer, 0)))  # noqa: PLR2004 - where the filter ends


class Possible:
    """Which numbers of pixels can have been enlarged to `lines` (M, n), as two stretches of them tell."""

    def __init__(self, lines: NDArray[np.float32]) -> None:
        self.many = len(lines)
        self._stretches = _stretches(lines[:, : LIMITS.lines])

    def of(self, counts: NDArray[np.intp], kind: str) -> NDArray[np.intp]:
        """Those of `counts` that the filter may have enlarged."""
        from fastspec.kernels.enlarged import left_of_stretch

        reach = REACH[kind]
        room = LIMITS.longest + 2 * reach + 1
        scratch = np.empty(2 * reach), np.empty((room, 2 * reach + 1)), np.empty(room)
        for first, pixels in self._stretches:
            left = np.empty(len(counts))
            left_of_stretch(pixels, first, self.many, counts, _bell(kind), reach, LIMITS.freedom, *scratch, left)
            counts = counts[left <= LIMITS.left**2]
        return counts


def _stretches(lines: NDArray[np.float32]) -> list[tuple[int, NDArray[np.float64]]]:
    """First pixel, and the pixels about gray, NaN where they were cut off, of two lines' stretches of most detail."""
    many = len(lines)
    cut = (lines <= _BLACK) | (lines >= _WHITE)
    fine = np.abs(np.diff(lines, n=4, axis=0, prepend=lines[:2], append=lines[-2:]))
    fine[cut] = 0
    total = np.concatenate([np.zeros((1, lines.shape[1])), np.cumsum(fine, axis=0, dtype=np.float64)])
    active = min(LIMITS.active, many)
    sums = total[active:] - total[:-active]
    sums = sums[: max(1, many - LIMITS.longest + 1)]
    best = np.argsort(-sums.max(axis=0), kind="stable")[:2]
    found = []
    for line in best.tolist():
        first = int(np.argmax(sums[:, line]))
        part = slice(first, first + LIMITS.longest)
        found.append((first, np.where(cut[part, line], np.nan, lines[part, line] - _GRAY).astype(np.float64)))
    return found


@lru_cache(maxsize=8)
def _bell(kind: str) -> NDArray[Any]:
    """The filter's weights by distance, from 0 to its reach."""
    return weights(np.arange(REACH[kind] * LIMITS.table + 1) / LIMITS.table, kind)
