"""Masks of separation: shares of 0 to 1, most of which are near either end."""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray


class Limits(NamedTuple):
    """What separates shares from levels, on the survey's grid, 0..1.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds soft_mask, masks and binary_mask and by the
    true clipped, of_unit and linear_levels. How dense levels are near both ends, but for those at the very ends, which
    are clipped: of 390 true spectrograms at most .85 of an even spread where they were 1.2 times as dense as in the
    middle; of masks of two sounds 1.25, and fewer of soft ones, which pass.
    """

    clipped: float = 0.004  # from either end, within which levels are clipped ones; unmeasured
    blurred: float = 0.03  # likewise where colours are off their map, as in JPEG; unmeasured
    end: float = 0.1  # from either end, within which they are near it; unmeasured
    middle: tuple[float, float] = (0.25, 0.75)  # between which they are in the middle; unmeasured
    least: float = 1.0  # of an even spread near either end; `python -m bench.quality.refusals CORPUS`
    more: float = 1.2  # times as dense near either end as in the middle; `python -m bench.quality.refusals CORPUS`
    # Masks of all or nothing, whose borders were blurred: of true ones .69 lie near the ends, where both hold .2.
    each: float = 0.2  # share of the levels near either end; `python -m bench.quality.refusals CORPUS`
    both: float = 0.85  # of both together; `python -m bench.quality.refusals CORPUS`
    side: int = 24  # points of the grid each way, at least; unmeasured


LIMITS = Limits()


def mask(level: NDArray[Any], *, exact: bool = True) -> str | None:
    """What to say of a picture whose surveyed `level` (h, w), 0..1, is mostly near either end, else None.

    exact : whether most colours are entries of the map.
    """
    clipped = LIMITS.clipped if exact else LIMITS.blurred
    if min(level.shape) < LIMITS.side:
        return None
    quiet, loud = float((level < LIMITS.end).mean()), float((level > 1 - LIMITS.end).mean())
    if min(quiet, loud) > LIMITS.each and quiet + loud > LIMITS.both:
        return "a binary mask: each cell is kept or dropped"
    inner = level[(level > clipped) & (level < 1 - clipped)]
    if not inner.size:
        return None
    wide = (LIMITS.end - clipped) * level.size
    ends = min(int((inner < LIMITS.end).sum()), int((inner > 1 - LIMITS.end).sum())) / wide
    low, high = LIMITS.middle
    middle = int(((inner > low) & (inner < high)).sum()) / ((high - low) * level.size)
    if ends < LIMITS.least or ends < LIMITS.more * middle:
        return None
    return "a ratio mask: most of its values are near 0 or 1, unlike levels of sound"
