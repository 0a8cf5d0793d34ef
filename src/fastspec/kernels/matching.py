"""Kernels of the room of colours: colours <-> positions in a colour table.

Pixels come as the flat, read-only uint8 view of a picture (see `matching.bytes_of`): pixel (i, j) begins at
`i * row_stride + j * pixel_stride`, so RGB and RGBA pictures are read where they lie.
"""

from __future__ import annotations

import numpy as np

from fastspec.kernels import exact_kernel, exact_part

_STRIPE = 64  # frames handled together: their output lines stay in the first cache


@exact_kernel
def paint(levels, factor, offset, table, out):
    """Colours of `levels` (n,): table row clip(floor(level * factor + offset)); out (n, channels). NaN is row 0."""
    top = table.shape[0] - 1
    for i in range(levels.size):
        x = levels[i] * factor + offset
        k = 0
        if x >= top:
            k = top
        elif x > 0:  # false for NaN
            k = int(x)
        out[i, 0] = table[k, 0]
        if table.shape[1] == 3:  # spelt out, because a loop over channels takes nearly twice as long
            out[i, 1] = table[k, 1]
            out[i, 2] = table[k, 2]


@exact_kernel
def take(flat, row_stride, width, lut, out):
    """out[i, j] = lut[pixel (i, j)] for one-channel pictures; out (height, width) float32."""
    for i in range(out.shape[0]):
        start = i * row_stride
        for j in range(width):
            out[i, j] = lut[flat[start + j]]


@exact_kernel
def find_exact(flat, row_stride, pixel_stride, multiplier, shift, slots, keys, values, out):
    """Positions of colours that are entries of the table, NaN for all others; returns how many are others.

    slots is a perfect hash (no two entries share a slot), so one comparison decides; only as many of its cache lines
    are touched as there are colours in the picture. A memory of the last colour was tried: it costs more than the
    look-up that it saves.
    """
    misses = 0
    for i in range(out.shape[0]):
        p = i * row_stride
        for j in range(out.shape[1]):
            key = np.uint32(flat[p]) | np.uint32(flat[p + 1]) << np.uint32(8) | np.uint32(flat[p + 2]) << np.uint32(16)
            p += pixel_stride
            entry = slots[np.uint32(np.uint32(key) * multiplier) >> shift]
            if keys[entry] == key:
                out[i, j] = values[entry]
            else:
                out[i, j] = np.nan
                misses += 1
    return misses


@exact_kernel
def refine(points, metric, parent_side, parent_start, parent_ids, factor, start, ids):
    """Split each cell of the colour cube in factor**3 and keep the entries that can be nearest to a colour within.

    A grid of side s has s**3 cells of 256/s values an axis; the candidates of cell c are ids[start[c]:start[c + 1]],
    in rising order. points (m, 3) float32 are the entries after `metric` (3, 3). An entry is dropped when another one
    is nearer everywhere in the cell: the difference of two squared distances is linear in the colour, so its minimum
    over a box is known exactly. With ids of size 0 only start is written.
    """
    side = parent_side * factor
    width = 256 // side
    half = (width - 1) / 2
    fill = ids.size > 0
    total = 0
    for cell in range(side**3):
        r, g, b = cell // (side * side), cell // side % side, cell % side
        cr, cg, cb = r * width + half, g * width + half, b * width + half
        x = metric[0, 0] * cr + metric[0, 1] * cg + metric[0, 2] * cb
        y = metric[1, 0] * cr + metric[1, 1] * cg + metric[1, 2] * cb
        z = metric[2, 0] * cr + metric[2, 1] * cg + metric[2, 2] * cb
        parent = (r // factor * parent_side + g // factor) * parent_side + b // factor
        best, least = 0, np.inf
        for n in range(parent_start[parent], parent_start[parent + 1]):
            k = parent_ids[n]
            d = (points[k, 0] - x) ** 2 + (points[k, 1] - y) ** 2 + (points[k, 2] - z) ** 2
            if d < least:
                best, least = k, d
        start[cell] = total
        for n in range(parent_start[parent], parent_start[parent + 1]):
            k = parent_ids[n]
            d = (points[k, 0] - x) ** 2 + (points[k, 1] - y) ** 2 + (points[k, 2] - z) ** 2
            dx, dy, dz = points[best, 0] - points[k, 0], points[best, 1] - points[k, 1], points[best, 2] - points[k, 2]
            slope = 0.0
            for c in range(3):
                slope += abs(metric[0, c] * dx + metric[1, c] * dy + metric[2, c] * dz)
            if d - least <= 2 * slope * half + 1e-2:  # the margin covers float32 rounding; it only adds candidates
                if fill:
                    ids[total] = k
                total += 1
    start[side**3] = total


@exact_part
def _nearest(x, y, z, cell, points, start, ids):
    """The entry of `cell`'s candidates that is nearest."""
    k = np.int64(0)
    least = np.float32(np.inf)
    for n in range(start[cell], start[cell + 1]):
        q = ids[n]
        dx, dy, dz = points[q, 0] - x, points[q, 1] - y, points[q, 2] - z
        d = dx * dx + dy * dy + dz * dz
        if d < least:
            k, least = np.int64(q), d
    return k


@exact_part
def _foot(x, y, z, k, points, sides, values):
    """Value and squared distance of the nearer foot on the two sides that meet in entry k, which itself may be one.

    Without a branch that half of all colours take.
    """
    dx, dy, dz = x - points[k, 0], y - points[k, 1], z - points[k, 2]
    on = (dx * sides[k + 1, 0] + dy * sides[k + 1, 1] + dz * sides[k + 1, 2]) * sides[k + 1, 3]
    on = min(max(on, np.float32(0)), np.float32(1))
    ex, ey, ez = dx - on * sides[k + 1, 0], dy - on * sides[k + 1, 1], dz - on * sides[k + 1, 2]
    beyond = ex * ex + ey * ey + ez * ez
    back = -(dx * sides[k, 0] + dy * sides[k, 1] + dz * sides[k, 2]) * sides[k, 3]
    back = min(max(back, np.float32(0)), np.float32(1))
    ex, ey, ez = dx + back * sides[k, 0], dy + back * sides[k, 1], dz + back * sides[k, 2]
    before = ex * ex + ey * ey + ez * ez
    value = values[k] + on * sides[k + 1, 4] if beyond <= before else values[k] - back * sides[k, 4]
    return value, min(beyond, before)


@exact_kernel
def find_near(
    flat, row_stride, pixel_stride, metric, points, sides, values, side, start, ids,
    between, seen, known, out, distance,
):  # fmt: skip
    """Positions of the colours whose `out` is NaN: those of the nearest entry, or between entries.

    between: project the colour on the two segments that join the nearest entry to its neighbours and take the nearer
    foot. distance (height, width) or (0, 0) gets the distance to the entry or foot, 0 where out was already known.
    seen (2**k,) int32, all -1, and known (2**k, 2) float32 remember colours: a JPEG has some 20 pixels a colour.
    """
    bits = 0  # of a colour's 8 that lie within a cell: a shift, as a division takes as long as the search
    while side << bits < 256:
        bits += 1
    want = distance.size > 0
    mask = np.uint32(seen.size - 1)
    for i in range(out.shape[0]):
        p = i * row_stride - pixel_stride
        for j in range(out.shape[1]):
            p += pixel_stride
            if out[i, j] == out[i, j]:
                if want:
                    distance[i, j] = 0
                continue
            r, g, b = np.int32(flat[p]), np.int32(flat[p + 1]), np.int32(flat[p + 2])
            key = np.int32((r << 16) | (g << 8) | b)
            slot = (np.uint32(key * np.uint32(2654435769)) >> np.uint32(12)) & mask
            if seen[slot] != key:
                fr, fg, fb = np.float32(r), np.float32(g), np.float32(b)
                x, y, z = _measured(fr, fg, fb, metric)
                cell = (r >> bits) * side * side + (g >> bits) * side + (b >> bits)
                k = _nearest(x, y, z, cell, points, start, ids)
                if between:
                    value, least = _foot(x, y, z, k, points, sides, values)
                else:
                    dx, dy, dz = x - points[k, 0], y - points[k, 1], z - points[k, 2]
                    value, least = values[k], dx * dx + dy * dy + dz * dz
                seen[slot] = key
                known[slot, 0] = value
                known[slot, 1] = np.sqrt(least)
            out[i, j] = known[slot, 0]
            if want:
                distance[i, j] = known[slot, 1]


@exact_kernel
def cells_exact(flat, row_stride, pixel_stride, multiplier, shift, slots, keys, values, spans, most, out):
    """Mean value of each shown cell's pixels, out (frames, cells), as long as all colours are entries of the table.

    spans : first and last + 1 row of each cell and column of each frame. Stops once more than `most` pixels are no
    entries; returns how many were met. Only with none is `out` of use.
    """
    row_first, row_stop, col_first, col_stop = spans
    misses = 0
    last, value = np.uint32(0xFFFFFFFF), np.float32(0)  # no colour has four bytes
    line, total = np.empty(_STRIPE, np.float32), np.empty(_STRIPE, np.float32)
    for f0 in range(0, out.shape[0], _STRIPE):
        n = min(_STRIPE, out.shape[0] - f0)
        left = min(col_first[f0], col_first[f0 + n - 1]) * pixel_stride
        size = max(col_stop[f0], col_stop[f0 + n - 1]) * pixel_stride - left - (pixel_stride - 3)
        for b in range(out.shape[1]):
            total[:n] = 0
            missed = 0
            for y in range(row_first[b], row_stop[b]):
                differ = np.uint8(1)
                if y > row_first[b]:  # most rows of a cell are the same bytes: comparing them takes a tenth of reading
                    differ = np.uint8(0)
                    begin = y * row_stride + left
                    here, above = flat[begin : begin + size], flat[begin - row_stride : begin - row_stride + size]
                    for k in range(size):
                        differ |= here[k] ^ above[k]
                if differ != 0:
                    missed = 0
                    for i in range(n):
                        first, stop = col_first[f0 + i], col_stop[f0 + i]
                        p = y * row_stride + first * pixel_stride
                        part = np.float32(0)
                        for _ in range(first, stop):
                            red, green, blue = np.uint32(flat[p]), np.uint32(flat[p + 1]), np.uint32(flat[p + 2])
                            key = np.uint32(red | green << np.uint32(8) | blue << np.uint32(16))
                            p += pixel_stride
                            if key != last:  # a clean cell has one colour
                                entry = slots[np.uint32(key * multiplier) >> shift]
                                if keys[entry] == key:
                                    last, value = key, values[entry]
                                else:
                                    missed += 1
                            part += value
                        line[i] = part
                misses += missed
                if misses > most:
                    return misses
                for i in range(n):
                    total[i] += line[i]
            height = row_stop[b] - row_first[b]
            for i in range(n):
                out[f0 + i, b] = total[i] / np.float32(height * (col_stop[f0 + i] - col_first[f0 + i]))
    return misses


@exact_part
def _measured(red, green, blue, metric):
    """A colour where distances are measured."""
    return (
        metric[0, 0] * red + metric[0, 1] * green + metric[0, 2] * blue,
        metric[1, 0] * red + metric[1, 1] * green + metric[1, 2] * blue,
        metric[2, 0] * red + metric[2, 1] * green + metric[2, 2] * blue,
    )


@exact_kernel
def _at(flat, p, search):
    """Value and squared distance of the pixel whose first byte is p."""
    metric, points, sides, values, side, start, ids, bits = search
    x, y, z = _measured(np.float32(flat[p]), np.float32(flat[p + 1]), np.float32(flat[p + 2]), metric)
    cell = (np.int64(flat[p]) >> bits) * side * side + (np.int64(flat[p + 1]) >> bits) * side
    cell += np.int64(flat[p + 2]) >> bits
    return _foot(x, y, z, _nearest(x, y, z, cell, points, start, ids), points, sides, values)


@exact_kernel
def cells_near(
    flat, row_stride, pixel_stride, metric, points, sides, values, side, start, ids,
    spans, close, paint, alone, crowd, out, hidden,
):  # fmt: skip
    """Value of each shown cell's mean colour, out (frames, cells): the foot on the table's polygon.

    sides (m + 1, 5): from the entry before each entry to it, one over the square of that, and the step of values; zeros
    at both ends, where there is none. A cell whose mean lies farther off than `close` is looked at pixel by pixel:
    those farther than `alone`, and those farther than `paint` with `crowd` of the 3 x 3 pixels around them, are passed
    over, a cell of none but such becomes NaN. hidden (frames, cells) int32 gets how many were passed over.
    """
    row_first, row_stop, col_first, col_stop = spans
    top, end = min(row_first[0], row_first[-1]), max(row_stop[0], row_stop[-1])
    left, right = min(col_first[0], col_first[-1]), max(col_stop[0], col_stop[-1])
    bits = 0
    while side << bits < 256:
        bits += 1
    search = (metric, points, sides, values, side, start, ids, bits)
    red, green, blue = np.empty(_STRIPE, np.float32), np.empty(_STRIPE, np.float32), np.empty(_STRIPE, np.float32)
    entry = np.empty(_STRIPE, np.int64)
    for f0 in range(0, out.shape[0], _STRIPE):
        n = min(_STRIPE, out.shape[0] - f0)
        for b in range(out.shape[1]):
            height = row_stop[b] - row_first[b]
            for i in range(
                n
            ):  # in steps over a stripe, which take half the time of all steps for one cell after another
                first, stop = col_first[f0 + i], col_stop[f0 + i]
                r = g = bl = np.int32(0)
                for y in range(row_first[b], row_stop[b]):
                    p = y * row_stride + first * pixel_stride
                    for _ in range(first, stop):
                        r += np.int32(flat[p])
                        g += np.int32(flat[p + 1])
                        bl += np.int32(flat[p + 2])
                        p += pixel_stride
                one = np.float32(1) / np.float32(height * (stop - first))
                red[i], green[i], blue[i] = np.float32(r) * one, np.float32(g) * one, np.float32(bl) * one
            for i in range(n):
                cell = (np.int64(red[i]) >> bits) * side * side + (np.int64(green[i]) >> bits) * side
                cell += np.int64(blue[i]) >> bits
                luma, cb, cr = _measured(red[i], green[i], blue[i], metric)
                red[i], green[i], blue[i] = luma, cb, cr
                entry[i] = _nearest(luma, cb, cr, cell, points, start, ids)
            for i in range(n):
                value, least = _foot(red[i], green[i], blue[i], entry[i], points, sides, values)
                out[f0 + i, b] = value
                red[i] = least
                hidden[f0 + i, b] = 0
            for i in range(n):
                f = f0 + i
                count = height * (col_stop[f] - col_first[f])
                if red[i] > close * close and (count > 1 or red[i] > paint * paint):
                    total = np.float32(0)
                    legible = 0
                    for y in range(row_first[b], row_stop[b]):
                        p = y * row_stride + col_first[f] * pixel_stride
                        for x in range(col_first[f], col_stop[f]):
                            value, least = _at(flat, p, search)
                            over = least > alone * alone
                            if least > paint * paint and not over:
                                around = (max(y - 1, top), min(y + 2, end), max(x - 1, left), min(x + 2, right))
                                far = 0
                                for v in range(around[0], around[1]):
                                    for u in range(around[2], around[3]):
                                        _, off = _at(flat, v * row_stride + u * pixel_stride, search)
                                        far += off > paint * paint
                                over = far >= crowd
                            p += pixel_stride
                            if not over:
                                total += value
                                legible += 1
                    hidden[f, b] = count - legible
                    if legible == 0:
                        out[f, b] = np.nan
                    elif legible < count:
                        out[f, b] = total / np.float32(legible)
