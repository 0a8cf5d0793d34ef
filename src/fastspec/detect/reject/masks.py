"""Masks of separation: shares of 0 to 1, most of which are near either end."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray


class Limits(NamedTuple):
    """What separates shares from levels, on the survey's grid, 0..1.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds soft_mask, masks and binary_mask and by the
    true clipped, of_unit and linear_levels. Of 170 true spectrograms none had as many levels near both ends, for their
    width, as in the middle and .5 of an even spread, but for those that lie at the very ends, clipped; masks 1.2 times
    as many and .6.
    """

    clipped: float = 0.03  # from either end, within which levels are clipped ones, in JPEG too; unmeasured
    end: float = 0.1  # from either end, within which they are near it; unmeasured
    middle: tuple[float, float] = (0.25, 0.75)  # between which they are in the middle; unmeasured
    least: float = 0.6  # of an even spread near either end; `python -m bench.quality.refusals CORPUS`
    more: float = 1.2  # times as dense near either end as in the middle; `python -m bench.quality.refusals CORPUS`
    # Masks of all or nothing, whose borders were blurred: of true ones .69 lie near the ends, where both hold .2.
    each: float = 0.2  # share of the levels near either end; `python -m bench.quality.refusals CORPUS`
    both: float = 0.85  # of both together; `python -m bench.quality.refusals CORPUS`
    side: int = 24  # points of the grid each way, at least; unmeasured


LIMITS = Limits()


def mask(level: NDArray[Any]) -> str | None:
    """What to say of a picture whose surveyed `level` (h, w), 0..1, is mostly near either end, else None."""
    if min(level.shape) < LIMITS.side:
        return None
    quiet, loud = float((level < LIMITS.end).mean()), float((level > 1 - LIMITS.end).mean())
    if min(quiet, loud) > LIMITS.each and quiet + loud > LIMITS.both:
        return "a mask, which keeps all or nothing of each cell"
    inner = level[(level > LIMITS.clipped) & (level < 1 - LIMITS.clipped)]
    if not inner.size:
        return None
    wide = (LIMITS.end - LIMITS.clipped) * level.size
    ends = min(int((inner < LIMITS.end).sum()), int((inner > 1 - LIMITS.end).sum())) / wide
    low, high = LIMITS.middle
    middle = int(((inner > low) & (inner < high)).sum()) / ((high - low) * level.size)
    if ends < LIMITS.least or ends < LIMITS.more * middle:
        return None
    return "a mask of shares, most of which are near none or all, and no levels"
