"""Least squares for cells that imshow blended into pixels: banded systems, a line of the picture at a time."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import exact_kernel, kernel


@kernel
def invert(lines, index, weight, smooth, out, band):
    """Cells out (n, lines) with sum_t weight[p, t] out[index[p, t]] nearest to lines[p], and smooth.

    lines : (pixels, lines). index, weight : (pixels, taps), cells and their shares. smooth : weight of the cells'
    squared second differences. band : zeroed scratch (n, 1 + width); width is at least the largest difference of
    indices of one pixel, and 2. LDL^T of the normal equations, in place.
    """
    pixels, taps = index.shape
    count, many = out.shape
    width = band.shape[1] - 1
    for c in range(count):
        for i in range(many):
            out[c, i] = 0
        band[c, 0] += smooth * 1e-3  # a cell without any pixel keeps the system regular
    for c in range(1, count - 1):  # (1, -2, 1) squared
        band[c - 1, 0] += smooth
        band[c, 0] += 4 * smooth
        band[c + 1, 0] += smooth
        band[c, 1] -= 2 * smooth
        band[c + 1, 1] -= 2 * smooth
        band[c + 1, 2] += smooth
    for p in range(pixels):
        for t in range(taps):
            w = weight[p, t]
            if w == 0:
                continue
            c = index[p, t]
            for i in range(many):
                out[c, i] += w * lines[p, i]
            for u in range(taps):
                if index[p, u] <= c:
                    band[c, c - index[p, u]] += w * weight[p, u]
    for c in range(count):  # band[c, k] becomes L[c, c - k], band[c, 0] the pivot
        start = max(0, c - width)
        for j in range(start, c):
            total = band[c, c - j]
            for k in range(max(start, j - width), j):
                total -= band[c, c - k] * band[j, j - k]  # L[c, k] D[k] L[j, k]; L[c, k] D[k] is not yet divided
            band[c, c - j] = total
        for j in range(start, c):
            value = band[c, c - j] / band[j, 0]
            band[c, 0] -= value * band[c, c - j]
            band[c, c - j] = value
        for j in range(start, c):
            value = band[c, c - j]
            if value != 0:
                for i in range(many):
                    out[c, i] -= value * out[j, i]
    for c in range(count):
        for i in range(many):
            out[c, i] /= band[c, 0]
    for c in range(count - 1, -1, -1):
        for j in range(max(0, c - width), c):
            value = band[c, c - j]
            if value != 0:
                for i in range(many):
                    out[j, i] -= value * out[c, i]


@kernel
def unexplained(lines, count, smooth, cells, main, side):
    """Mean square of `lines` (pixels, n) that no `count` <= pixels cells explain, each pixel blended of two.

    As `invert` and a look at what is left, for a bell that reaches one cell: a tridiagonal system. cells : scratch
    (count, n). main, side : scratch (count,).
    """
    pixels, many = lines.shape
    step = count / pixels
    turn, turned = np.cos(np.pi * step), np.sin(np.pi * step)
    wave, other = np.cos(np.pi * (0.5 * step - 0.5)), np.sin(np.pi * (0.5 * step - 0.5))  # of a pixel's centre
    for c in range(count):
        main[c] = smooth * 1e-3 + smooth * ((c > 0) + (c < count - 1))
        side[c] = -smooth  # between c - 1 and c
        for i in range(many):
            cells[c, i] = 0
    for p in range(pixels):
        centre = (p + 0.5) * step - 0.5
        below = int(np.floor(centre))
        up = 0.5 - 0.5 * wave if below % 2 == 0 else 0.5 + 0.5 * wave
        wave, other = wave * turn - other * turned, other * turn + wave * turned
        low, high = max(below, 0), min(below + 1, count - 1)
        for i in range(many):
            cells[low, i] += (1 - up) * lines[p, i]
            cells[high, i] += up * lines[p, i]
        if low == high:
            main[low] += 1
        else:
            main[low] += (1 - up) ** 2
            main[high] += up * up
            side[high] += up * (1 - up)
    for c in range(1, count):
        share = side[c] / main[c - 1]
        main[c] -= share * side[c]
        side[c] = share
        for i in range(many):
            cells[c, i] -= share * cells[c - 1, i]
    for c in range(count - 1, -1, -1):
        for i in range(many):
            cells[c, i] /= main[c]
            if c < count - 1:
                cells[c, i] -= side[c + 1] * cells[c + 1, i]
    total = 0.0
    wave, other = np.cos(np.pi * (0.5 * step - 0.5)), np.sin(np.pi * (0.5 * step - 0.5))
    for p in range(pixels):
        centre = (p + 0.5) * step - 0.5
        below = int(np.floor(centre))
        up = 0.5 - 0.5 * wave if below % 2 == 0 else 0.5 + 0.5 * wave
        wave, other = wave * turn - other * turned, other * turn + wave * turned
        low, high = max(below, 0), min(below + 1, count - 1)
        for i in range(many):
            left = lines[p, i] - (1 - up) * cells[low, i] - up * cells[high, i]
            total += left * left
    return total / (pixels * many)


@exact_kernel
def refill(cells, index, weight, lines, black, white, out):
    """out = lines (M, n), with what the pixels cells (N, n) give where these were cut off at `black` or `white`.

    index, weight : (M, taps), as of `invert`. What the cells give is taken where it lies beyond.
    """
    pixels, taps = index.shape
    for p in range(pixels):
        for i in range(lines.shape[1]):
            value = lines[p, i]
            if value <= black or value >= white:
                shown = np.float32(0)
                for t in range(taps):
                    shown += weight[p, t] * cells[index[p, t], i]
                value = min(shown, black) if value <= black else max(shown, white)
            out[p, i] = value
