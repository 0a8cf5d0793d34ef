"""Entries of a map drawn at random from what a JPEG's own coefficients and the cells around leave open.

A plane of a JPEG is (planes, block rows, block columns, 8, 8) of what the coefficients of the present entries are off
those of the file, its weights (8, 8) and two running sums (8 s + 1, 8) of the transform's basis over pixels, down and
across, of which s share a sample. One entry changed moves the coefficients of the blocks that its cell lies in by an
outer product, so that what any other entry would cost is a parabola in its luma and chroma.
"""

from __future__ import annotations

import math

import numpy as np

from fastspec.kernels import kernel


@kernel
def _slope(y0, y1, x0, x1, off, weights, down, across, out):
    """Slopes of the cost of a rectangle's planes, out[:2], and half its curvature, out[2]."""
    high, wide = down.shape[0] - 1, across.shape[0] - 1
    out[:] = 0
    for i in range(y0 // high, (y1 - 1) // high + 1):
        top, bottom = max(y0 - high * i, 0), min(y1 - high * i, high)
        for j in range(x0 // wide, (x1 - 1) // wide + 1):
            left, right = max(x0 - wide * j, 0), min(x1 - wide * j, wide)
            for u in range(8):
                a = down[bottom, u] - down[top, u]
                first, second, curve = np.float32(0), np.float32(0), np.float32(0)
                if off.shape[0] > 1:
                    for v in range(8):
                        b = across[right, v] - across[left, v]
                        w = weights[u, v] * b
                        curve += w * b
                        first += w * off[0, i, j, u, v]
                        second += w * off[1, i, j, u, v]
                else:
                    for v in range(8):
                        b = across[right, v] - across[left, v]
                        w = weights[u, v] * b
                        curve += w * b
                        first += w * off[0, i, j, u, v]
                out[0] += a * first
                out[1] += a * second
                out[2] += np.float32(0.5) * a * a * curve


@kernel
def _shared(one, other, weights, down, across):
    """How much two rectangles' changes cost together, (y0, y1, x0, x1) each."""
    high, wide = down.shape[0] - 1, across.shape[0] - 1
    total = np.float32(0)
    for i in range(max(one[0] // high, other[0] // high), min((one[1] - 1) // high, (other[1] - 1) // high) + 1):
        top, bottom = max(one[0] - high * i, 0), min(one[1] - high * i, high)
        top2, bottom2 = max(other[0] - high * i, 0), min(other[1] - high * i, high)
        for j in range(max(one[2] // wide, other[2] // wide), min((one[3] - 1) // wide, (other[3] - 1) // wide) + 1):
            left, right = max(one[2] - wide * j, 0), min(one[3] - wide * j, wide)
            left2, right2 = max(other[2] - wide * j, 0), min(other[3] - wide * j, wide)
            for u in range(8):
                a = (down[bottom, u] - down[top, u]) * (down[bottom2, u] - down[top2, u])
                part = np.float32(0)
                for v in range(8):
                    part += (
                        weights[u, v] * (across[right, v] - across[left, v]) * (across[right2, v] - across[left2, v])
                    )
                total += a * part
    return total


@kernel
def _move(y0, y1, x0, x1, off, down, across, by, second):
    """Change a rectangle's planes by these."""
    high, wide = down.shape[0] - 1, across.shape[0] - 1
    for i in range(y0 // high, (y1 - 1) // high + 1):
        top, bottom = max(y0 - high * i, 0), min(y1 - high * i, high)
        for j in range(x0 // wide, (x1 - 1) // wide + 1):
            left, right = max(x0 - wide * j, 0), min(x1 - wide * j, wide)
            for u in range(8):
                a = (down[bottom, u] - down[top, u]) * by
                for v in range(8):
                    off[0, i, j, u, v] += a * (across[right, v] - across[left, v])
                if off.shape[0] > 1:
                    a = (down[bottom, u] - down[top, u]) * second
                    for v in range(8):
                        off[1, i, j, u, v] += a * (across[right, v] - across[left, v])


@kernel
def _set(entry, i, j, k, table, edges, luma, chroma):
    """Give a cell another entry."""
    old = entry[i, j]
    if k == old:
        return
    entry[i, j] = k
    y0, y1, x0, x1 = edges[0][i], edges[0][i + 1], edges[1][j], edges[1][j + 1]
    off, _, down, across = luma
    _move(y0, y1, x0, x1, off, down, across, table[0, k] - table[0, old], np.float32(0))
    off, _, down, across = chroma
    _move(y0, y1, x0, x1, off, down, across, table[1, k] - table[1, old], table[2, k] - table[2, old])


@kernel
def _by_luma(entry, i, j, group, table, edges, luma, near, line, slope):
    """What each entry of a cell costs by luma, itself and the cells around that are not of a group.

    group : its first and last row, first and last column.
    """
    off, weights, down, across = luma
    _slope(edges[0][i], edges[0][i + 1], edges[1][j], edges[1][j + 1], off, weights, down, across, slope)
    n, here, first, curve = line.shape[0], table[0, entry[i, j]], slope[0], slope[2]
    for k in range(n):
        d = table[0, k] - here
        line[k] = d * (first + curve * d) + near[2, k]
    for side in range(4):
        in_time = side < 2
        y, x = (i, j - 1 + 2 * side) if in_time else (i - 5 + 2 * side, j)
        inside = group[0] <= y <= group[1] and group[2] <= x <= group[3]
        if 0 <= y < entry.shape[0] and 0 <= x < entry.shape[1] and not inside:
            cost, start = near[0 if in_time else 1], n - 1 - entry[y, x]
            for k in range(n):
                line[k] += cost[start + k]


@kernel
def sweep(entry, live, edges, table, luma, chroma, near, limits, chances, total, several):
    """Draw each live cell's entry (R, F) anew, in place, by what is known and the cells around.

    edges : rows (R + 1,) and columns (F + 1,) of pixels at which cells begin. table (3, n) : the map in YCbCr. luma,
    chroma : planes, see the module. near (3, 2 n - 1) : what an entry costs that lies n - 1 below, up to n - 1 above
    that of the cell before or after, and above or below; and, in its first n, each by itself. limits : how much costs
    count (1, less at first), and how much more than the least an entry may cost. chances (R, F) : 0..1. The mean around
    which an entry is drawn is added to total (R, F). several (R, F) uint8 is set where luma and the cells around leave
    several ranges of entries.
    """
    beta, enough = limits
    n = table.shape[1]
    line, slope = np.empty(n, np.float32), np.empty(3, np.float32)
    off, weights, down, across = chroma
    for i in range(entry.shape[0]):
        for j in range(entry.shape[1]):
            if not live[i, j]:
                continue
            _by_luma(entry, i, j, (i, i, j, j), table, edges, luma, near, line, slope)
            least = np.float32(np.inf)
            for k in range(n):
                least = min(least, line[k])
            ranges, before = 0, False
            for k in range(n):
                now = line[k] < least + enough
                ranges += now and not before
                before = now
            several[i, j] = ranges > 1
            old = entry[i, j]
            _slope(edges[0][i], edges[0][i + 1], edges[1][j], edges[1][j + 1], off, weights, down, across, slope)
            first, second, curve = slope[0], slope[1], slope[2]
            cb, cr = table[1, old], table[2, old]
            least = np.float32(np.inf)
            for k in range(n):
                d, e = table[1, k] - cb, table[2, k] - cr
                line[k] += d * (first + curve * d) + e * (second + curve * e)
                least = min(least, line[k])
            whole, mean = np.float32(0), np.float32(0)
            for k in range(n):
                cost, p = beta * (line[k] - least), np.float32(0)
                if cost < enough:
                    p = np.float32(math.exp(-cost))
                    whole += p
                    mean += p * np.float32(k)
                line[k] = p
            total[i, j] += mean / whole
            rest, k = chances[i, j] * whole, 0
            while k < n - 1 and rest >= line[k]:
                rest -= line[k]
                k += 1
            _set(entry, i, j, k, table, edges, luma, chroma)


@kernel
def _lowest(line, old, enough, found):
    """The present entry and up to found.shape[0] - 1 local minima of a line, the cheapest; how many."""
    n, count = line.shape[0], 1
    found[0] = old
    least = np.float32(np.inf)
    for k in range(n):
        least = min(least, line[k])
    for k in range(n):
        if line[k] >= least + enough or k == old:
            continue
        if (k == 0 or line[k] <= line[k - 1]) and (k == n - 1 or line[k] < line[k + 1]):
            if count < found.shape[0]:
                found[count] = k
                count += 1
            else:
                worst = 1
                for m in range(2, count):
                    if line[found[m]] > line[found[worst]]:
                        worst = m
                if line[k] < line[found[worst]]:
                    found[worst] = k
    return count


@kernel
def groups(entry, several, steps, most, edges, table, luma, chroma, near, limits, chances):
    """Draw the entries of some cells at once, in place: colours that share chroma may be swapped among them.

    steps (G, 2) : rows and columns from the first cell of a group to each. several (R, F) : cells that are open, see
    `sweep`, which tells the others, too; a group with fewer than two of them is left alone, as is one whose first and
    last row (or, of one row, column) share no chroma. Drawn is among the present entries and local minima of each
    cell's cost by luma and the cells around the group, `most` a cell. Returns how many groups were changed.
    """
    beta, enough = limits
    n, size, changed = table.shape[1], steps.shape[0], 0
    lines, slope = np.empty((size, n), np.float32), np.empty(3, np.float32)
    found, count, drawn = np.empty((size, most), np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
    moved, own = np.empty((size, most, 3), np.float32), np.empty((size, most), np.float32)
    costs, shared = np.empty(most**size, np.float32), np.empty((size, size, 2), np.float32)
    off, weights, down, across = chroma
    high, wide = down.shape[0] // 8, across.shape[0] // 8
    far, right = steps[:, 0].max(), steps[:, 1].max()
    for i in range(entry.shape[0] - far):
        if far > 0 and (edges[0][i + 1] - 1) // high < edges[0][i + far] // high:
            continue
        for j in range(entry.shape[1] - right):
            if far == 0 and (edges[1][j + 1] - 1) // wide < edges[1][j + right] // wide:
                continue
            several_here = 0
            for g in range(size):
                several_here += several[i + steps[g, 0], j + steps[g, 1]]
            if several_here < 2:
                continue
            total = 1
            for g in range(size):
                y, x = i + steps[g, 0], j + steps[g, 1]
                old = entry[y, x]
                found[g, 0], count[g] = old, 1
                if several[y, x]:
                    _by_luma(entry, y, x, (i, i + far, j, j + right), table, edges, luma, near, lines[g], slope)
                    count[g] = _lowest(lines[g], old, enough, found[g])
                else:
                    lines[g, old] = 0
                total *= count[g]
                _slope(edges[0][y], edges[0][y + 1], edges[1][x], edges[1][x + 1], off, weights, down, across, slope)
                for m in range(count[g]):
                    k = found[g, m]
                    e, f = table[1, k] - table[1, old], table[2, k] - table[2, old]
                    moved[g, m, 0], moved[g, m, 1], moved[g, m, 2] = table[0, k] - table[0, old], e, f
                    own[g, m] = lines[g, k] + e * (slope[0] + slope[2] * e) + f * (slope[1] + slope[2] * f)
            if total == 1:
                continue
            for g in range(size):
                y, x = i + steps[g, 0], j + steps[g, 1]
                one = edges[0][y], edges[0][y + 1], edges[1][x], edges[1][x + 1]
                for h in range(g):
                    if count[g] > 1 and count[h] > 1:
                        y, x = i + steps[h, 0], j + steps[h, 1]
                        other = edges[0][y], edges[0][y + 1], edges[1][x], edges[1][x + 1]
                        shared[g, h, 0] = _shared(one, other, luma[1], luma[2], luma[3])
                        shared[g, h, 1] = _shared(one, other, weights, down, across)
                    else:
                        shared[g, h] = 0
            least = np.float32(np.inf)
            for number in range(total):
                rest, cost = number, np.float32(0)
                for g in range(size):
                    m = rest % count[g]
                    rest //= count[g]
                    drawn[g] = m
                    cost += own[g, m]
                    for h in range(g):
                        a, b = moved[g, m], moved[h, drawn[h]]
                        cost += shared[g, h, 0] * a[0] * b[0] + shared[g, h, 1] * (a[1] * b[1] + a[2] * b[2])
                        di, dj = abs(steps[g, 0] - steps[h, 0]), abs(steps[g, 1] - steps[h, 1])
                        if di + dj == 1:
                            cost += near[di, n - 1 + found[g, m] - found[h, drawn[h]]]
                costs[number] = cost
                least = min(least, cost)
            whole = np.float32(0)
            for number in range(total):
                costs[number] = np.float32(math.exp(-beta * (costs[number] - least)))
                whole += costs[number]
            rest, number = chances[i, j] * whole, 0
            while number < total - 1 and rest >= costs[number]:
                rest -= costs[number]
                number += 1
            changed += number > 0
            for g in range(size):
                _set(entry, i + steps[g, 0], j + steps[g, 1], found[g, number % count[g]], table, edges, luma, chroma)
                number //= count[g]
    return changed


@kernel
def relax(rows, columns, value, luma, chroma, pull):
    """Pixels of no cell take the colour that the coefficients ask for, in place; value (N, 3): YCbCr off the file's.

    pull : weight of the squares of their values.
    """
    slope = np.empty(3, np.float32)
    for m in range(rows.shape[0]):
        y, x = rows[m], columns[m]
        off, weights, down, across = luma
        _slope(y, y + 1, x, x + 1, off, weights, down, across, slope)
        by = -(slope[0] + pull * value[m, 0]) / (2 * slope[2] + pull)
        value[m, 0] += by
        _move(y, y + 1, x, x + 1, off, down, across, by, np.float32(0))
        off, weights, down, across = chroma
        _slope(y, y + 1, x, x + 1, off, weights, down, across, slope)
        by = -(slope[0] + pull * value[m, 1]) / (2 * slope[2] + pull)
        second = -(slope[1] + pull * value[m, 2]) / (2 * slope[2] + pull)
        value[m, 1] += by
        value[m, 2] += second
        _move(y, y + 1, x, x + 1, off, down, across, by, second)
