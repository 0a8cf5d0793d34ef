"""Kernels of the figure reader: distance from the background, the long vertical runs of it, and how full lines are."""

from __future__ import annotations

from fastspec.kernels import exact_kernel


@exact_kernel
def departure(rgb, red, green, blue, away):
    """away (H, W) uint8: how far each colour of rgb (H, W, 3) lies from one colour, in the channel that is farthest."""
    for i in range(rgb.shape[0]):
        for j in range(rgb.shape[1]):
            off = max(abs(int(rgb[i, j, 0]) - red), max(abs(int(rgb[i, j, 1]) - green), abs(int(rgb[i, j, 2]) - blue)))
            away[i, j] = off


@exact_kernel
def luma_departure(rgb, luma, away):
    """away (H, W) uint8: how far the luma of each colour of rgb (H, W, 3) lies from `luma`, as JPEG has it (BT.601)."""
    for i in range(rgb.shape[0]):
        for j in range(rgb.shape[1]):
            own = (19595 * int(rgb[i, j, 0]) + 38470 * int(rgb[i, j, 1]) + 7471 * int(rgb[i, j, 2]) + 32768) >> 16
            away[i, j] = abs(own - luma)


@exact_kernel
def long_runs(away, above, shortest, length, found):
    """Vertical runs of at least `shortest` pixels with away (H, W) > `above`: rows (column, first, last + 1) of found.

    `length` (W,) int64 is scratch, found (N, 3). Returns how many there are; those that do not fit are left out.
    """
    height, width = away.shape
    count = 0
    for j in range(width):
        length[j] = 0
    for i in range(height + 1):
        for j in range(width):
            if i < height and away[i, j] > above:
                length[j] += 1
            else:
                if length[j] >= shortest and count < found.shape[0]:
                    found[count, 0] = j
                    found[count, 1] = i - length[j]
                    found[count, 2] = i
                    count += 1
                length[j] = 0
    return count


@exact_kernel
def ends(away, above, runs, side, share, free):
    """free (N,) uint8 is 1 where beside a run (column, first, last + 1) at most a share of the pixels is > `above`.

    side : -1 looks at the column to the left, 1 to the right; outside of away (H, W) all is free.
    """
    width = away.shape[1]
    for k in range(runs.shape[0]):
        column, first, last = runs[k, 0] + side, runs[k, 1], runs[k, 2]
        free[k] = 1
        if column < 0 or column >= width:
            continue
        left = share * (last - first)
        for i in range(first, last):
            if away[i, column] > above:
                left -= 1
                if left < 0:
                    free[k] = 0
                    break


@exact_kernel
def fills(away, above, left, top, right, bottom, rows, columns):
    """rows (bottom - top,) and columns (right - left,) int64: how many pixels of each line of a box are > `above`."""
    for j in range(right - left):
        columns[j] = 0
    for i in range(top, bottom):
        count = 0
        for j in range(left, right):
            if away[i, j] > above:
                count += 1
                columns[j - left] += 1
        rows[i - top] = count
