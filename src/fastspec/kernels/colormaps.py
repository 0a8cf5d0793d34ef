"""Kernels of the colormaps room: colours <-> positions in a colour table.

Pixels come as the flat, read-only uint8 view of a picture (see `colormaps.bytes_of`): pixel (i, j) begins at
`i * row_stride + j * pixel_stride`, so RGB and RGBA pictures are read where they lie.
"""

from __future__ import annotations

import numpy as np

from fastspec.kernels import exact_kernel, exact_part


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
def _foot(x, y, z, cell, points, sides, values, start, ids, between):
    """Value and squared distance of the nearest entry of `cell`'s candidates or, if `between`, of the nearer foot.

    sides (m - 1, 4): from each entry to the next, and one over the square of that.
    """
    m = points.shape[0]
    k = np.int64(0)
    least = np.float32(np.inf)
    for n in range(start[cell], start[cell + 1]):
        q = ids[n]
        dx, dy, dz = points[q, 0] - x, points[q, 1] - y, points[q, 2] - z
        d = dx * dx + dy * dy + dz * dz
        nearer = d < least
        k = np.int64(q) if nearer else k
        least = d if nearer else least
    value = values[k]
    if between:
        for low in range(max(k - 1, 0), min(k + 1, m - 1)):
            ux, uy, uz = sides[low, 0], sides[low, 1], sides[low, 2]
            dx, dy, dz = x - points[low, 0], y - points[low, 1], z - points[low, 2]
            along = (dx * ux + dy * uy + dz * uz) * sides[low, 3]
            along = min(max(along, np.float32(0)), np.float32(1))  # no branch that half of all colours take
            dx -= along * ux
            dy -= along * uy
            dz -= along * uz
            d = dx * dx + dy * dy + dz * dz
            nearer = d < least
            least = d if nearer else least
            value = values[low] + along * (values[low + 1] - values[low]) if nearer else value
    return value, least


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
                x = metric[0, 0] * fr + metric[0, 1] * fg + metric[0, 2] * fb
                y = metric[1, 0] * fr + metric[1, 1] * fg + metric[1, 2] * fb
                z = metric[2, 0] * fr + metric[2, 1] * fg + metric[2, 2] * fb
                cell = (r >> bits) * side * side + (g >> bits) * side + (b >> bits)
                value, least = _foot(x, y, z, cell, points, sides, values, start, ids, between)
                seen[slot] = key
                known[slot, 0] = value
                known[slot, 1] = np.sqrt(least)
            out[i, j] = known[slot, 0]
            if want:
                distance[i, j] = known[slot, 1]


@exact_kernel
def cells_exact(flat, row_stride, pixel_stride, multiplier, shift, slots, keys, values, runs, most, out):
    """Mean value of each shown cell's pixels, out (frames, cells), as long as all colours are entries of the table.

    runs : first and last + 1 row of each cell and column of each frame. Stops once more than `most` pixels are no
    entries; returns how many were met.
    """
    row_first, row_stop, col_first, col_stop = runs
    misses = 0
    last, value = np.uint32(0xFFFFFFFF), np.float32(0)  # no colour has four bytes
    for f0 in range(0, out.shape[0], 64):  # as many frames as the first cache holds of the output
        for b in range(out.shape[1]):
            for f in range(f0, min(f0 + 64, out.shape[0])):
                total = np.float32(0)
                for y in range(row_first[b], row_stop[b]):
                    p = y * row_stride + col_first[f] * pixel_stride
                    for _ in range(col_first[f], col_stop[f]):
                        red, green, blue = np.uint32(flat[p]), np.uint32(flat[p + 1]), np.uint32(flat[p + 2])
                        key = np.uint32(red | green << np.uint32(8) | blue << np.uint32(16))
                        p += pixel_stride
                        if key != last:  # a clean cell has one colour
                            entry = slots[np.uint32(key * multiplier) >> shift]
                            if keys[entry] != key:
                                misses += 1
                                if misses > most:
                                    return misses
                            else:
                                last, value = key, values[entry]
                        total += value
                out[f, b] = total / np.float32((row_stop[b] - row_first[b]) * (col_stop[f] - col_first[f]))
    return misses


@exact_kernel
def cells_near(
    flat, row_stride, pixel_stride, metric, points, sides, values, side, start, ids,
    runs, close, paint, out, hidden,
):  # fmt: skip
    """Value of each shown cell's mean colour, out (frames, cells): the foot on the table's polygon.

    A cell whose mean lies farther off than `close` is looked at pixel by pixel: those farther than `paint` are
    passed over, a cell of none but such becomes NaN. hidden (frames, cells) int32 gets how many were passed over.
    """
    row_first, row_stop, col_first, col_stop = runs
    bits = 0
    while side << bits < 256:
        bits += 1
    for f0 in range(0, out.shape[0], 64):
        for b in range(out.shape[1]):
            for f in range(f0, min(f0 + 64, out.shape[0])):
                red = green = blue = np.int32(0)
                for y in range(row_first[b], row_stop[b]):
                    p = y * row_stride + col_first[f] * pixel_stride
                    for _ in range(col_first[f], col_stop[f]):
                        red += np.int32(flat[p])
                        green += np.int32(flat[p + 1])
                        blue += np.int32(flat[p + 2])
                        p += pixel_stride
                count = (row_stop[b] - row_first[b]) * (col_stop[f] - col_first[f])
                one = np.float32(1) / np.float32(count)
                fr, fg, fb = np.float32(red) * one, np.float32(green) * one, np.float32(blue) * one
                x = metric[0, 0] * fr + metric[0, 1] * fg + metric[0, 2] * fb
                y_ = metric[1, 0] * fr + metric[1, 1] * fg + metric[1, 2] * fb
                z = metric[2, 0] * fr + metric[2, 1] * fg + metric[2, 2] * fb
                cell = (np.int32(fr) >> bits) * side * side + (np.int32(fg) >> bits) * side + (np.int32(fb) >> bits)
                value, least = _foot(x, y_, z, cell, points, sides, values, start, ids, True)
                hidden[f, b] = 0
                if least > close * close and (count > 1 or least > paint * paint):
                    total = np.float32(0)
                    left = 0
                    for y in range(row_first[b], row_stop[b]):
                        p = y * row_stride + col_first[f] * pixel_stride
                        for _ in range(col_first[f], col_stop[f]):
                            r, g, bl = np.float32(flat[p]), np.float32(flat[p + 1]), np.float32(flat[p + 2])
                            x = metric[0, 0] * r + metric[0, 1] * g + metric[0, 2] * bl
                            y_ = metric[1, 0] * r + metric[1, 1] * g + metric[1, 2] * bl
                            z = metric[2, 0] * r + metric[2, 1] * g + metric[2, 2] * bl
                            cell = (np.int32(flat[p]) >> bits) * side * side
                            cell += (np.int32(flat[p + 1]) >> bits) * side + (np.int32(flat[p + 2]) >> bits)
                            one_value, off = _foot(x, y_, z, cell, points, sides, values, start, ids, True)
                            p += pixel_stride
                            if off <= paint * paint:
                                total += one_value
                                left += 1
                    hidden[f, b] = count - left
                    if left == 0:
                        value = np.float32(np.nan)
                    elif left < count:
                        value = total / np.float32(left)
                out[f, b] = value
