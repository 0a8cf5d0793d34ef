"""Connected regions of edited cells, and the rectangles-like hulls that they fill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def label(marked: NDArray[np.bool_], values: NDArray[np.float32], tolerance: float) -> tuple[NDArray[np.int32], int]:
    """Regions of marked cells (n, m) whose neighbours' values differ by at most `tolerance`: (n, m), -1 elsewhere.

    Also returns how many there are. Cells are neighbours side by side, not corner to corner.
    """
    from fastspec.kernels import regions as kernels

    out = np.empty(marked.shape, np.int32)
    parents = np.empty(marked.size, np.int32)
    count = kernels.label(
        np.ascontiguousarray(marked), np.ascontiguousarray(values, np.float32), np.float32(tolerance), parents, out
    )
    return out, int(count)


def hull(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells (n, m) between marked ones both along their row and along their column, and these."""
    return _between(marked) & _between(marked.T).T


def _between(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    seen = np.logical_or.accumulate(marked, axis=1)
    to_come = np.logical_or.accumulate(marked[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(seen & to_come)


def box(marked: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The smallest rectangle around the marked cells, which are at least one."""
    rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def boxes(labels: NDArray[np.int32], numbers: NDArray[np.intp]) -> list[tuple[slice, slice]]:
    """The rectangle around each of the regions with these ascending numbers."""
    row, column = np.nonzero(labels >= 0)
    number = labels[row, column]
    place = np.searchsorted(numbers, number)
    place[place == numbers.size] = 0
    wanted = numbers[place] == number if numbers.size else np.zeros(0, np.bool_)
    order = np.argsort(number[wanted], kind="stable")
    if not order.size:
        return []
    row, column, number = row[wanted][order], column[wanted][order], number[wanted][order]
    first = np.flatnonzero(np.diff(number, prepend=-1))
    ends = [(np.minimum.reduceat(at, first), np.maximum.reduceat(at, first) + 1) for at in (row, column)]
    return [(slice(int(a), int(b)), slice(int(c), int(d))) for a, b, c, d in zip(*ends[0], *ends[1], strict=True)]


def grown(marked: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    """Marked cells and those up to `by` cells beside them."""
    grown = marked.copy()
    for axis in (0, 1):
        once = grown.copy()
        for shift in range(1, by + 1):
            ahead, behind = [slice(None)] * 2, [slice(None)] * 2
            ahead[axis], behind[axis] = slice(shift, None), slice(None, -shift)
            once[tuple(ahead)] |= grown[tuple(behind)]
            once[tuple(behind)] |= grown[tuple(ahead)]
        grown = once
    return grown


def box_mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of 3 x 3 cells (n, m) around each, at the borders of those that there are."""
    padded = np.pad(values, 1, mode="edge")
    rows = padded[:-2] + padded[1:-1] + padded[2:]
    return np.asarray((rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]) / np.float32(9), np.float32)
