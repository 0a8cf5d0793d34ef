"""Kernels of the room that recognises colormaps: look-up in all tables at once, distances, and a survey of levels."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import exact_kernel

MEMORY_BITS = 13  # 64 KiB of colours and their nearest entries
BUCKET_BITS = 10  # colours of 24 bits whose upper 14 agree share a bucket


@exact_kernel
def count_entries(colours, weight, keys, bucket, start, owner, shares, hits):
    """Add to shares (t,) the weight (n,) of the colours (n,) int32 that each table has, and to hits (t,) their number.

    keys (m,) int32: all colours of all tables, rising; those of bucket b begin at bucket[b]. The tables of keys[k] are
    owner[start[k]:start[k + 1]].
    """
    for i in range(colours.size):
        colour = colours[i]
        b = colour >> BUCKET_BITS
        for k in range(bucket[b], bucket[b + 1]):
            if keys[k] == colour:
                for n in range(start[k], start[k + 1]):
                    shares[owner[n]] += weight[i]
                    hits[owner[n]] += 1
                break


@exact_kernel
def mean_distances(colours, weight, tables, which, cap, out):
    """out[t]: weighted mean of the distance, at most `cap`, of colours (n, 3) from the nearest entry of a table.

    colours int32; tables (all, 3, k) int32; which: the tables that are wanted. Casts keep the numbers at 32 bits,
    which are searched eight at a time.
    """
    whole = 0.0
    for i in range(weight.size):
        whole += weight[i]
    farthest = np.int32(cap * cap)
    for t in range(which.size):
        reds, greens, blues = tables[which[t], 0], tables[which[t], 1], tables[which[t], 2]
        total = 0.0
        for i in range(colours.shape[0]):
            r, g, b = colours[i, 0], colours[i, 1], colours[i, 2]
            least = farthest
            for k in range(reds.size):
                x, y, z = np.int32(reds[k] - r), np.int32(greens[k] - g), np.int32(blues[k] - b)
                d = np.int32(np.int32(np.int32(x * x) + np.int32(y * y)) + np.int32(z * z))
                least = min(least, d)
            total += weight[i] * np.sqrt(np.float64(least))
        out[t] = total / whole


@exact_kernel
def level_statistics(index, top, rows, columns, facts):
    """What the levels of a picture, index (h, w) float32 of 0..top, are like.

    rows (h,) and columns (w,) get their means, as parts of `top`; facts (7,): mean, standard deviation, shares of the
    floor, the top and the upper half, and the skewness of the second differences down and across, 0 if few differ.
    """
    height, width = index.shape
    total = square = 0.0
    floor = high = loud = 0
    low, up, half = 0.002 * top, 0.998 * top, 0.5 * top
    for j in range(width):
        columns[j] = 0.0
    for i in range(height):
        here = 0.0
        for j in range(width):
            x = index[i, j]
            here += x
            square += x * x
            columns[j] += x
            floor += x <= low
            high += x >= up
            loud += x > half
        rows[i] = here / width / top
        total += here
    for j in range(width):
        columns[j] = columns[j] / height / top
    size = height * width
    mean = total / size
    facts[0] = mean / top
    facts[1] = np.sqrt(max(square / size - mean * mean, 0.0)) / top
    facts[2], facts[3], facts[4] = floor / size, high / size, loud / size
    for axis in range(2):
        down, across = 1 - axis, axis
        count = 0
        second = third = 0.0
        for i in range(down, height - down):
            for j in range(across, width - across):
                bend = index[i + down, j + across] - 2 * index[i, j] + index[i - down, j - across]
                if bend != 0:
                    count += 1
                    second += bend * bend
                    third += bend * bend * bend
        facts[5 + axis] = third / count / (second / count) ** 1.5 if count > 100 else 0.0


@exact_kernel
def nearest_entries(flat, tables, out):
    """out (n,): which entry of a table (3, k) int32, k <= 4096, is nearest to each colour (n, 3) uint8; the first.

    Colours that come again are looked up: a slot remembers the last colour that fell into it, and its entry.
    """
    reds, greens, blues = tables[0], tables[1], tables[2]
    memory = np.full(1 << MEMORY_BITS, np.int64(-1))
    for i in range(out.size):
        r, g, b = np.int32(flat[i, 0]), np.int32(flat[i, 1]), np.int32(flat[i, 2])
        colour = np.int64(r) << 16 | np.int64(g) << 8 | np.int64(b)
        slot = ((colour * 0x9E3779B1) & 0xFFFFFFFF) >> (32 - MEMORY_BITS)
        if memory[slot] >> 12 == colour:
            out[i] = memory[slot] & 4095
            continue
        least = np.int32(2**31 - 1)
        for k in range(reds.size):
            x, y, z = np.int32(reds[k] - r), np.int32(greens[k] - g), np.int32(blues[k] - b)
            d = np.int32(np.int32(np.int32(x * x) + np.int32(y * y)) + np.int32(z * z))
            least = min(least, np.int32(np.int32(d << 12) | np.int32(k)))  # one minimum finds distance and entry
        memory[slot] = colour << 12 | np.int64(least & 4095)
        out[i] = least & 4095


@exact_kernel
def fit(colours, weight, tables, which, cap, near, bias, cover):
    """As `mean_distances`, in near (t,); bias (t,): mean length of the mean residual of each sixteenth of a table.

    Colours that noise moved lie around their entries, those of another map to one side of them. cover (t,): the share
    of the sixteenths that have a tenth of their part of the colours.
    """
    parts = 16
    whole = 0.0
    for i in range(weight.size):
        whole += weight[i]
    farthest = np.int32(cap * cap)
    sums = np.empty((parts, 4))
    for t in range(which.size):
        reds, greens, blues = tables[which[t], 0], tables[which[t], 1], tables[which[t], 2]
        sums[:] = 0.0
        total = 0.0
        for i in range(colours.shape[0]):
            r, g, b = colours[i, 0], colours[i, 1], colours[i, 2]
            least = np.int32(2**31 - 1)
            for k in range(reds.size):
                x, y, z = np.int32(reds[k] - r), np.int32(greens[k] - g), np.int32(blues[k] - b)
                d = np.int32(np.int32(np.int32(x * x) + np.int32(y * y)) + np.int32(z * z))
                least = min(least, np.int32(np.int32(d << 12) | np.int32(k)))
            k, d = least & 4095, least >> 12
            total += weight[i] * np.sqrt(np.float64(min(d, farthest)))
            part = k * parts // reds.size
            sums[part, 0] += weight[i] * (r - reds[k])
            sums[part, 1] += weight[i] * (g - greens[k])
            sums[part, 2] += weight[i] * (b - blues[k])
            sums[part, 3] += weight[i]
        near[t] = total / whole
        aside, covered = 0.0, 0
        for part in range(parts):
            aside += np.sqrt(sums[part, 0] ** 2 + sums[part, 1] ** 2 + sums[part, 2] ** 2)
            covered += sums[part, 3] > 0.1 * whole / parts
        bias[t] = aside / whole
        cover[t] = covered / parts


@exact_kernel
def texture(flat, row_stride, pixel_stride, gray, tops, lefts, side, out):
    """What patches of side x side pixels of a picture's bytes are like: out (tops, lefts, 5).

    gray (256,) uint8 is the level of each byte. Mean and standard deviation, and the means of gx gx, gy gy and gx gy,
    where g is the gradient by central differences of the inner pixels.
    """
    patch = np.empty((side, side), np.int64)
    inner = (side - 2) * (side - 2)
    for a in range(tops.size):
        for b in range(lefts.size):
            total = square = xx = yy = xy = 0
            for i in range(side):
                p = (tops[a] + i) * row_stride + lefts[b] * pixel_stride
                for j in range(side):
                    value = np.int64(gray[flat[p]])
                    patch[i, j] = value
                    total += value
                    square += value * value
                    p += pixel_stride
            for i in range(1, side - 1):
                for j in range(1, side - 1):
                    gx, gy = patch[i, j + 1] - patch[i, j - 1], patch[i + 1, j] - patch[i - 1, j]
                    xx += gx * gx
                    yy += gy * gy
                    xy += gx * gy
            mean = total / (side * side)
            out[a, b, 0] = mean
            out[a, b, 1] = np.sqrt(max(square / (side * side) - mean * mean, 0.0))
            out[a, b, 2], out[a, b, 3], out[a, b, 4] = xx / 4 / inner, yy / 4 / inner, xy / 4 / inner
