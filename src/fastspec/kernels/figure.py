"""Kernels of the figure reader: what differs from the background, and the long vertical runs of it."""

from __future__ import annotations

from fastspec.kernels import exact_kernel


@exact_kernel
def differs(rgb, red, green, blue, tolerance, mask):
    """mask (H, W) uint8 is 1 where a colour of rgb (H, W, 3) lies more than `tolerance` off in any channel."""
    for i in range(rgb.shape[0]):
        for j in range(rgb.shape[1]):
            off = max(abs(int(rgb[i, j, 0]) - red), max(abs(int(rgb[i, j, 1]) - green), abs(int(rgb[i, j, 2]) - blue)))
            mask[i, j] = off > tolerance


@exact_kernel
def long_runs(mask, shortest, length, found):
    """Vertical runs of ones in mask (H, W) of at least `shortest`: rows (column, first, last + 1) of found (N, 3).

    `length` (W,) int64 is scratch. Returns how many there are; those that do not fit are left out.
    """
    height, width = mask.shape
    count = 0
    for j in range(width):
        length[j] = 0
    for i in range(height + 1):
        for j in range(width):
            if i < height and mask[i, j]:
                length[j] += 1
            else:
                if length[j] >= shortest and count < found.shape[0]:
                    found[count, 0] = j
                    found[count, 1] = i - length[j]
                    found[count, 2] = i
                    count += 1
                length[j] = 0
    return count
