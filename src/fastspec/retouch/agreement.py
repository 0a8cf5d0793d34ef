"""How much of a picture the sound that it is said to show explains, beyond what any sound of its kind would."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.retouch.samples import Line, Samples


class Limits(NamedTuple):
    """When a pixel counts as explained; steps of the colour map."""

    exact: float = 2.5  # steps off, of an undamaged picture; resampling differs less; unmeasured
    spreads: float = 2.0  # times the uncertainty of a level, of a damaged one; unmeasured
    # Of long_61s and music_elvish, whole and in parts, as PNG, JPEG q75 and with noise of 10, of which a rectangle was
    # erased, their own sound explains .39 and more, the sound backwards .03 at most; of 30 one was not found (.05), and
    # two not to the sample: `python -m bench.quality.original_search CORPUS --sounds 2`.
    least: float = 0.2  # agreement below which the sound is not the one that was drawn
    by_chance: float = 0.95  # share explained by other times of the sound, from which time tells nothing; unmeasured


LIMITS = Limits()


def agreement(samples: Samples, decibels: NDArray[np.float32], line: Line) -> float:
    """0..1: the share of the pixels that the sound explains, less what it would explain by chance.

    Chance is measured: what is drawn is moved in time, so that a spectrum that all sounds of a kind share proves
    nothing, and neither does a flat floor.
    """
    tolerance = max(LIMITS.exact, LIMITS.spreads * samples.spread)
    explained = _share(samples, decibels, line, tolerance)
    count = decibels.shape[1]
    moved = [np.roll(decibels, shift, axis=1) for shift in {count // 3, count // 2, 2 * count // 3, count // 5} - {0}]
    chance = float(np.mean([_share(samples, other, line, tolerance) for other in moved])) if moved else 0.0
    if chance > LIMITS.by_chance:  # a steady sound: other pitches must not explain it
        rows = decibels.shape[0]
        chance = float(
            np.mean([_share(samples, np.roll(decibels, rows // k, axis=0), line, tolerance) for k in (2, 3)])
        )
    return max(0.0, (explained - chance) / max(1 - chance, 1e-6))


def _share(samples: Samples, decibels: NDArray[np.float32], line: Line, tolerance: float) -> float:
    off = samples.off(decibels, line)
    off = off[np.isfinite(off)]
    return float((off < tolerance).mean()) if off.size else 0.0
