"""The transform of one size in lanes: its passes, their tables, and the order in which they leave the bins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from fastspec._typing import Array

SMALLEST = 64  # samples of a frame; below, a transform has no two passes
LARGEST = 1 << 16  # samples of a frame; the buffer of one vector of such frames takes 4 MB; unmeasured
_RADICES = (5, 3)


@dataclass(frozen=True, eq=False)
class Plan:
    """What `kernels.lanes` needs to know of a transform of `n_fft` real samples as one of half as many complex numbers.

    radices : of the forward passes in order (decimation in frequency); the inverse goes back through them
    table, back : factors of all passes, forward and inverse, from `offsets` on
    order : bins in the order of cells: 0, n_fft / 2, n_fft / 4 if that is whole, then the pairs k, n_fft / 2 - k
    one, other, turn : rows of the buffer where the pairs lie, and their factors; middle : row of n_fft / 4, or -1
    general : 0, or None where radices 8 and 4 are all: then no others are compiled
    """

    n_fft: int
    radices: Array
    table: Array
    back: Array
    offsets: Array
    order: Array
    one: Array
    other: Array
    turn: Array
    middle: int
    general: int | None


def radices_of(n_fft: int) -> tuple[int, ...]:
    """The passes of this size; none where it does not factor into 2, 3 and 5, or is too small or too large."""
    if n_fft % 2 or not SMALLEST <= n_fft <= LARGEST:
        return ()
    left = n_fft // 2
    twos = (left & -left).bit_length() - 1
    left >>= twos
    rest: list[int] = []
    for radix in _RADICES:
        while left % radix == 0:
            left //= radix
            rest.append(radix)
    if left != 1:
        return ()
    fours = {0: 0, 1: 2, 2: 1}[twos % 3] if twos != 1 else 0
    return (*[8] * ((twos - 2 * fours) // 3), *[4] * fours, *rest, *[2] * (twos == 1))


@lru_cache(maxsize=32)
def plan(n_fft: int, dtype: Any) -> Plan:
    """The plan of a size that `radices_of` has passes for, in the precision `dtype`."""
    radices, half = radices_of(n_fft), n_fft // 2
    position, tables, offsets = np.zeros(half, np.int64), [], [0]
    size, digits = half, np.arange(half)
    for radix in radices:
        step = size // radix
        position += digits % radix * step
        digits //= radix
        factors = np.exp(-2j * np.pi * np.arange(step)[:, None] * np.arange(1, radix) / size)
        tables.append(factors.ravel())
        offsets.append(offsets[-1] + 2 * factors.size)
        size = step
    forward = np.concatenate(tables)
    k = np.arange(1, (half + 1) // 2)
    edges = [0, half, half // 2] if half % 2 == 0 else [0, half]
    return Plan(
        n_fft,
        np.asarray(radices, np.int64),
        _interleaved(forward, dtype),
        _interleaved(forward.conj(), dtype),
        np.asarray(offsets[:-1], np.int64),
        np.concatenate([edges, np.stack([k, half - k], 1).ravel()]).astype(np.int64),
        2 * position[k],
        2 * position[half - k],
        _interleaved(np.exp(-2j * np.pi * k / n_fft), dtype),
        int(2 * position[half // 2]) if half % 2 == 0 else -1,
        None if set(radices) <= {8, 4} and radices[0] == 8 else 0,
    )


def _interleaved(values: Array, dtype: Any) -> Array:
    return np.stack([values.real, values.imag], -1).ravel().astype(dtype)
