"""Where in a longer, shorter or shifted sound a picture begins."""

from __future__ import annotations

from collections.abc import Callable

from fastspec.calibration.complete import Complete

_MOST = 600  # shifts that are tried at first


def best(score: Callable[[int], float], samples: int, facts: Complete) -> int:
    """The shift in samples at which `score` is best: first coarsely, then to one sample.

    samples : of the sound. Shifts reach from half the picture before the sound to where half of it is over.
    """
    half = facts.samples // 2
    first, last = -half, max(0, samples - half)
    step = max(1, facts.win_length // 4, (last - first) // _MOST)
    found = max(range(first, last + 1, step), key=score)
    value = score(found)
    while step > 1:
        step = max(1, step // 2)
        for offset in (found - step, found + step):
            other = score(offset)
            if other > value:
                found, value = offset, other
    return found
