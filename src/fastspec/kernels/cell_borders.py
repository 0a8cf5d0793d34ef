"""Kernels of the readers of axes: where neighbouring lines differ, how steep the steps between them are, and combs."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import exact_kernel, kernel

_ASKED = 16  # rows after which it is asked whether all columns differ already
_BLOCK = 256  # bytes compared before an early end is thought of: whole blocks are compared many bytes at a time


@exact_kernel
def borders(flat, row_stride, pixel_stride, mask, down, across):
    """Which lines differ from the next: down (H - 1,) rows, across ((W - 1) * pixel_stride,) bytes, 0 where alike.

    flat : the picture's bytes; row i begins at i * row_stride. mask : the bytes of a row, 255 for those of pixels and
    0 for those between them; a last pixel's padding is not among them. A column's bytes are `across`' at its pixel:
    whether one of them is not 0 tells, as rows are compared only until all columns differ.
    """
    height = down.size + 1
    row_bytes = mask.size
    width = row_bytes - pixel_stride
    across[:] = 0
    all_differ = False
    for i in range(height):
        p = i * row_stride
        if all_differ or (i > 0 and down[i - 1] == 0):
            pass  # a row like the last one shows no new borders between columns
        else:
            here, beside = flat[p : p + width], flat[p + pixel_stride : p + pixel_stride + width]
            for k in range(width):
                across[k] |= here[k] ^ beside[k]
            if i % _ASKED == 0:
                all_differ = True
                for first in range(0, width, pixel_stride):
                    some = np.uint8(0)
                    for k in range(first, min(first + pixel_stride, width)):
                        some |= across[k] & mask[k]
                    if some == 0:
                        all_differ = False
                        break
        if i + 1 == height:
            break
        differ = np.uint8(0)
        for begin in range(p, p + row_bytes, _BLOCK):
            stop = min(begin + _BLOCK, p + row_bytes)
            upper, lower = flat[begin:stop], flat[begin + row_stride : stop + row_stride]
            counts = mask[begin - p : stop - p]
            for k in range(upper.size):
                differ |= (upper[k] ^ lower[k]) & counts[k]
            if differ != 0:
                break
        down[i] = differ


@kernel
def steepness(flat, row_stride, pixel_stride, colour, lines, sums, down, across):
    """Sums of squared differences of four times the luma between neighbours: down (H - 1,), across (W - 1,) float64.

    Rows are compared after the sum of three neighbouring columns, columns after that of every three rows, because three
    lie mostly in one cell and noise shrinks. lines (3, W) int32 and sums (2, W) int32 are scratch. colour : whether a
    pixel has red, green and blue, or one byte of gray.
    """
    height, width = down.size + 1, across.size + 1
    across[:] = 0
    for i in range(height):
        pixels = flat[i * row_stride :]
        line = lines[i % 3]
        if colour and pixel_stride == 4:  # constant strides are read many pixels at a time
            for j in range(width):
                line[j] = np.int32(pixels[4 * j]) + 2 * np.int32(pixels[4 * j + 1]) + np.int32(pixels[4 * j + 2])
        elif colour and pixel_stride == 3:
            for j in range(width):
                line[j] = np.int32(pixels[3 * j]) + 2 * np.int32(pixels[3 * j + 1]) + np.int32(pixels[3 * j + 2])
        elif colour:
            for j in range(width):
                k = j * pixel_stride
                line[j] = np.int32(pixels[k]) + 2 * np.int32(pixels[k + 1]) + np.int32(pixels[k + 2])
        else:
            for j in range(width):
                line[j] = 4 * np.int32(pixels[j * pixel_stride])
        if i % 3 == 2:
            total = sums[0]
            for j in range(width):
                total[j] = lines[0, j] + lines[1, j] + lines[2, j]
            for j in range(width - 1):
                step = np.float32(total[j + 1] - total[j])
                across[j] += step * step
        if i > 0:
            before = lines[(i - 1) % 3]
            rise = sums[1]
            for j in range(width):
                rise[j] = line[j] - before[j]
            square = np.float32(0)
            for j in range(width - 2):
                step = np.float32(rise[j] + rise[j + 1] + rise[j + 2])
                square += step * step
            down[i - 1] = square


@exact_kernel
def draw_edges(places, sizes, scale, shift, drawn):
    """drawn[n] (H - 1,) = 1 between the rows where axis n has a cell's edge, by FrequencyAxis.rows' arithmetic.

    places (k,) : the edges of all axes, sizes (axes,) of each; scale, shift (axes,) take them to pixels from below.
    """
    height = drawn.shape[1] + 1
    begin = 0
    for n in range(sizes.size):
        line = drawn[n]
        for k in range(begin, begin + sizes[n]):
            row = np.floor(height - (places[k] * scale[n] + shift[n]) + 0.5)  # a tie is the upper pixel's
            if 0.0 < row < height:
                line[int(row) - 1] = 1
        begin += sizes[n]


@kernel
def overlaps(drawn, weights, total):
    """total[n] = sum of weights (k,) where drawn[n] (n, k) uint8 is not 0."""
    for n in range(drawn.shape[0]):
        line = drawn[n]
        some = 0.0
        for k in range(weights.size):
            some += weights[k] if line[k] else 0.0
        total[n] = some


@kernel
def combs(free, first, scores):
    """Correlation of a profile of mean 0, free (W - 1,), with the borders between n even frames on W columns.

    scores (m,) gets that of n = first, first + 1, ..., all below W. The border before frame k lies left of the first
    column x whose middle is in it: (2 x + 1) n >= 2 k W.
    """
    width = free.size + 1
    size = 0.0
    for j in range(free.size):
        size += free[j] * free[j]
    for number in range(scores.size):
        n = first + number
        whole, rest = width // n, 2 * (width % n)
        x, lack = 0, -n  # 2 k W = 2 n x + lack for the x found, with -2 n < lack <= 0 after each step
        total = 0.0
        for _ in range(1, n):  # stepwise, because a division takes ten times as long as the rest
            x += whole
            lack += rest
            if lack > 0:
                x += 1
                lack -= 2 * n
            total += free[x - 1]
        spread = (n - 1) * (free.size - n + 1) / free.size
        scores[number] = total / np.sqrt(spread * size) if spread * size > 1e-12 else 0.0
