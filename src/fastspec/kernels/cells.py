"""Gathers between the picture grid and the cell grid, with the level -> power table folded in."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import kernel

# Frames handled together when a picture is transposed into frames: their output lines stay in the first cache.
_TILE = 64
_LINE = 16  # cells that fill a line of the cache


@kernel
def draw(cells, rows, columns, out):
    """out[y, x] = cells[columns[x], rows[y]]; equal neighbouring rows are copied, being contiguous."""
    height, width = out.shape
    for y in range(height):
        cell = rows[y]
        if y > 0 and rows[y - 1] == cell:
            for x in range(width):  # not row to row: numba would compile its strings for the error, for two seconds
                out[y, x] = out[y - 1, x]
        else:
            for x in range(width):
                out[y, x] = cells[columns[x], cell]


@kernel
def _look_up(table, position):
    """The table at a fractional position: linear between entries, constant beyond the ends."""
    last = table.size - 1
    if position <= 0:
        return table[0]
    if position >= last:
        return table[last]
    low = int(position)
    part = np.float32(position - low)
    return table[low] + part * (table[low + 1] - table[low])


@kernel
def look_up(levels, table, factor, out):
    """out = the table at levels * factor, NaN where the level is; returns how many are NaN. All of shape (n, m)."""
    holes = 0
    for i in range(levels.shape[0]):
        for j in range(levels.shape[1]):
            value = levels[i, j]
            if value == value:
                out[i, j] = _look_up(table, value * factor)
            else:
                out[i, j] = np.nan
                holes += 1
    return holes


@kernel
def shrink_to_neighbours(levels, variance, least, lift, out):
    """Levels (frames, cells) of a damaged picture, each drawn towards its surroundings as far as it is uncertain.

    The mean m and variance v of 7 frames x 3 cells around a cell, of which s is damage, make its expected level
    m + g (level - m), g = (v - s) / v, if levels are normal; its expected power is that of a level higher by
    lift * g * s (Lee, "Digital image enhancement and noise filtering by use of local statistics", 1980). NaN stays and
    does not count; levels with s < `least` stay, and those whose surroundings reach the floor, where they are cut off.
    variance : s of each cell.
    """
    n_frames, n_cells = levels.shape
    for f in range(n_frames):
        first, last = max(f - 3, 0), min(f + 3, n_frames - 1)
        for b in range(n_cells):
            here = levels[f, b]
            error = variance[f, b]
            if here != here or error < least:
                out[f, b] = here
                continue
            total = square = 0.0
            count = 0
            for i in range(first, last + 1):
                for j in range(max(b - 1, 0), min(b + 2, n_cells)):
                    value = levels[i, j]
                    if value == value:
                        total += value
                        square += value * value
                        count += 1
            mean = total / count
            spread = max(square / count - mean * mean, 1e-12)
            if mean * mean < 4 * spread:
                out[f, b] = here
                continue
            share = max(spread - error, 0.0) / spread
            out[f, b] = mean + share * (here - mean) + lift * share * error


@kernel
def means(levels, row_first, row_stop, col_first, col_stop, out):
    """Mean of the legible pixels of every shown cell, out (frames, cells); NaN is illegible, and a cell without."""
    n_frames, n_cells = out.shape
    for start in range(0, n_frames, _TILE):
        stop = min(start + _TILE, n_frames)
        for b in range(n_cells):
            for f in range(start, stop):
                total = 0.0
                count = 0
                for y in range(row_first[b], row_stop[b]):
                    for x in range(col_first[f], col_stop[f]):
                        value = float(levels[y, x])
                        if value == value:  # not NaN
                            total += value
                            count += 1
                out[f, b] = total / count if count > 0 else np.nan


@kernel
def means_of_entries(flat, row_stride, pixel_stride, table, row_first, row_stop, col_first, col_stop, out):
    """`means` of pixels of one byte, whose levels stand in table (256,), NaN for none: as long as all are legible.

    flat : the picture's bytes. Returns how many cells have a pixel without level; only with none is `out`
    (frames, cells) of use.
    """
    n_frames, n_cells = out.shape
    misses = 0
    single = True
    for f in range(n_frames):
        single &= col_first[f] == col_first[0] + f and col_stop[f] == col_first[f] + 1
    for b in range(n_cells):
        single &= row_stop[b] == row_first[b] + 1
    if single:
        _entries(flat, row_stride, pixel_stride, table, row_first, col_first[0], out)
        for f in range(n_frames):
            for b in range(n_cells):
                misses += out[f, b] != out[f, b]
        return misses
    for start in range(0, n_frames, _TILE):
        stop = min(start + _TILE, n_frames)
        for b in range(n_cells):
            first, last = row_first[b], row_stop[b]
            for f in range(start, stop):
                total = 0.0
                for y in range(first, last):
                    for x in range(col_first[f], col_stop[f]):
                        total += float(table[flat[y * row_stride + x * pixel_stride]])
                value = np.float32(total / ((last - first) * (col_stop[f] - col_first[f])))
                out[f, b] = value
                misses += value != value
        if misses > 0:
            return misses
    return misses


@kernel
def _entries(flat, row_stride, pixel_stride, table, rows, left, out):
    """out[f, b] = the level of the pixel in row rows[b] and column left + f; a line of the cache is written at once."""
    n_frames, n_cells = out.shape
    begin = np.empty(_LINE, np.int64)
    for first in range(0, n_cells, _LINE):
        count = min(_LINE, n_cells - first)
        for k in range(count):
            begin[k] = rows[first + k] * row_stride + left * pixel_stride
        if count == _LINE:
            for f in range(n_frames):
                line, x = out[f, first : first + _LINE], f * pixel_stride
                for k in range(_LINE):
                    line[k] = table[flat[begin[k] + x]]
        else:
            for f in range(n_frames):
                for k in range(count):
                    out[f, first + k] = table[flat[begin[k] + f * pixel_stride]]


@kernel
def fill_holes(cells, total, weight):
    """Fill NaN cells with the mean of the nearest whole cells in the four directions, weighted by 1 / distance.

    One pass fills every hole that sees a whole cell; returns how many holes are left (call again).
    `total` and `weight` are scratch of cells' shape.
    """
    n_frames, n_cells = cells.shape
    total[:] = 0
    weight[:] = 0
    for direction in range(4):
        outer = n_frames if direction < 2 else n_cells
        inner = n_cells if direction < 2 else n_frames
        for i in range(outer):
            seen = np.float32(0)
            distance = 0
            for step in range(inner):
                j = step if direction % 2 == 0 else inner - 1 - step
                f = i if direction < 2 else j
                b = j if direction < 2 else i
                value = cells[f, b]
                if value == value:
                    seen = value
                    distance = 1
                elif distance > 0:
                    total[f, b] += seen / np.float32(distance)
                    weight[f, b] += np.float32(1) / np.float32(distance)
                    distance += 1
    left = 0
    for f in range(n_frames):
        for b in range(n_cells):
            if cells[f, b] != cells[f, b]:
                if weight[f, b] > 0:
                    cells[f, b] = total[f, b] / weight[f, b]
                else:
                    left += 1
    return left


@kernel
def _spread(source, low, part, out):
    """One frame from its shown cells to all cells: linear between shown neighbours."""
    for b in range(out.size):
        i = low[b]
        w = part[b]
        value = source[i]
        if w > 0:
            value += w * (source[i + 1] - value)
        out[b] = value


@kernel
def expand(shown, frame_low, frame_part, cell_low, cell_part, below, above, out):
    """Bilinear interpolation of `shown` (values of the shown cells) onto every cell.

    `below` and `above` are scratch of one frame each; frames must come in ascending order of `frame_low`.
    """
    n_frames, n_cells = out.shape
    last = shown.shape[0] - 1
    at = -1
    for f in range(n_frames):
        i = frame_low[f]
        if i != at:
            _spread(shown[i], cell_low, cell_part, below)
            if i < last:
                _spread(shown[i + 1], cell_low, cell_part, above)
            at = i
        w = frame_part[f]
        line = out[f]
        for b in range(n_cells):
            line[b] = below[b] if w == 0 else below[b] + w * (above[b] - below[b])
