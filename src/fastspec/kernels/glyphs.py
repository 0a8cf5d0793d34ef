"""Kernels of the label reader: connected ink, the glyphs of a line, and the printed character each resembles."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import exact_kernel

_MOST_PLACES = 64


@exact_kernel
def components(ink, left, top, right, bottom, above, parent, marks, boxes):
    """Boxes of the 8-connected pixels with ink (H, W) uint8 > `above` within a window, in order of first appearance.

    parent (N,) and marks (2, right - left) int32 are scratch. boxes (N, 5) int32 gets left, top, right, bottom (half
    open) and count of pixels. Returns how many there are; -1 when they do not fit.
    """
    wide = right - left
    limit = parent.shape[0]
    count = 0
    for j in range(wide):
        marks[0, j] = -1
        marks[1, j] = -1
    for i in range(top, bottom):
        now, old = i % 2, 1 - i % 2
        for j in range(wide):
            marks[now, j] = -1
            if ink[i, left + j] <= above:
                continue
            root = -1
            for k in range(4):
                if k == 0:
                    near = marks[now, j - 1] if j > 0 else -1
                else:
                    at = j + k - 2
                    near = marks[old, at] if 0 <= at < wide else -1
                if near < 0:
                    continue
                while parent[near] != near:
                    parent[near] = parent[parent[near]]
                    near = parent[near]
                if root < 0:
                    root = near
                elif near != root:
                    first, second = min(root, near), max(root, near)
                    parent[second] = first
                    root = first
            if root < 0:
                if count == limit:
                    return -1
                root = count
                parent[root] = root
                boxes[root, 0], boxes[root, 1], boxes[root, 2], boxes[root, 3] = left + j, i, left + j + 1, i + 1
                boxes[root, 4] = 0
                count += 1
            marks[now, j] = root
            boxes[root, 0] = min(boxes[root, 0], left + j)
            boxes[root, 2] = max(boxes[root, 2], left + j + 1)
            boxes[root, 3] = i + 1
            boxes[root, 4] += 1
    for k in range(count - 1, -1, -1):  # a root comes before what was joined to it
        root = k
        while parent[root] != root:
            root = parent[root]
        if root != k:
            boxes[root, 0] = min(boxes[root, 0], boxes[k, 0])
            boxes[root, 1] = min(boxes[root, 1], boxes[k, 1])
            boxes[root, 2] = max(boxes[root, 2], boxes[k, 2])
            boxes[root, 3] = max(boxes[root, 3], boxes[k, 3])
            boxes[root, 4] += boxes[k, 4]
    kept = 0
    for k in range(count):
        if parent[k] == k:
            for c in range(5):
                boxes[kept, c] = boxes[k, c]
            kept += 1
    return kept


@exact_kernel
def edges(profile, inked):
    """Where ink begins and ends along profile (N,), the largest coverage of each line; (-1, -1) without ink.

    The border between ink and paper lies inside a gray pixel, whose coverage says where.
    """
    first, last = -1, -1
    for i in range(profile.shape[0]):
        if profile[i] > inked:
            if first < 0:
                first = i
            last = i
    if first < 0:
        return -1.0, -1.0
    before = profile[first - 1] if first > 0 else 0.0
    behind = profile[last + 1] if last + 1 < profile.shape[0] else 0.0
    if first == last:
        start = first + 0.5 * (1 - profile[first]) - before
        return start, start + profile[first] + before + behind
    return first + 1 - profile[first] - before, last + profile[last] + behind


@exact_kernel
def normalise(line, left, right, top, base, inked, scratch, grid, shape):
    """The glyph in columns left ... right of line (H, W) on grid (R, C), its shape (3,); False without ink.

    shape : logarithm of width over height, top and bottom in heights of the line, whose digits reach from `top` to
    `base`. scratch (R + 1, max(H, W) + 1) float32.
    """
    high, wide = line.shape[0], right - left
    rows, columns = grid.shape
    profile = scratch[rows, :high]
    for i in range(high):
        most = np.float32(0)
        for j in range(left, right):
            most = max(most, line[i, j])
        profile[i] = most
    y0, y1 = edges(profile, inked)
    profile = scratch[rows, :wide]
    for j in range(wide):
        most = np.float32(0)
        for i in range(high):
            most = max(most, line[i, left + j])
        profile[j] = most
    x0, x1 = edges(profile, inked)
    if (y0 == -1.0 and y1 == -1.0) or (x0 == -1.0 and x1 == -1.0):
        return False
    step = (y1 - y0) / rows
    for r in range(rows):
        a, b = max(0.0, y0 + r * step), min(float(high), y0 + (r + 1) * step)
        for j in range(wide):
            total = 0.0
            for i in range(int(a), min(high, int(np.ceil(b)))):
                total += (min(b, i + 1.0) - max(a, float(i))) * line[i, left + j]
            scratch[r, j] = total / max(step, 1e-4)
    step = (x1 - x0) / columns
    for c in range(columns):
        a, b = max(0.0, x0 + c * step), min(float(wide), x0 + (c + 1) * step)
        for r in range(rows):
            total = 0.0
            for j in range(int(a), min(wide, int(np.ceil(b)))):
                total += (min(b, j + 1.0) - max(a, float(j))) * scratch[r, j]
            grid[r, c] = total / max(step, 1e-4)
    tall = max(base - top, 1.0)
    shape[0] = np.log(max(x1 - x0, 0.5) / max(y1 - y0, 0.5))
    shape[1] = (y0 - top) / tall
    shape[2] = (y1 - top) / tall
    return True


@exact_kernel
def match(grid, shape, grids, shapes, usable, limit):
    """The entry of `usable` that resembles a glyph most, and its distance; (-1, limit) when none is nearer.

    grid (R, C) and shape (3,) as from `normalise`; grids (N, R * C) uint8 of 255, shapes (N, 3). The distance is the
    mean difference of the grids, plus a quarter of the shapes' and half of the places'.
    """
    cells = grids.shape[1]
    mine = np.empty(cells, np.int32)
    flat = grid.ravel()
    for c in range(cells):
        mine[c] = np.int32(min(max(flat[c], np.float32(0)), np.float32(2)) * np.float32(255) + np.float32(0.5))
    scale = 1.0 / (255.0 * cells)
    forms = np.empty(len(usable), np.float32)
    wide, first, last = np.float32(shape[0]), np.float32(shape[1]), np.float32(shape[2])
    quarter, half = np.float32(0.25), np.float32(0.5)
    likely = 0
    for k in range(len(usable)):
        at = usable[k]
        place = abs(shapes[at, 1] - first) + abs(shapes[at, 2] - last)
        forms[k] = quarter * abs(shapes[at, 0] - wide) + half * place
        if forms[k] < forms[likely]:
            likely = k
    best, least = -1, limit
    for k in range(-1, len(usable)):  # a likely one first, so that most others need not be compared
        at = likely if k < 0 else k
        if forms[at] >= least:
            continue
        theirs = grids[usable[at]]
        total = np.int32(0)
        for c in range(cells):
            total += abs(mine[c] - np.int32(theirs[c]))
        distance = forms[at] + total * scale
        if distance < least:
            best, least = usable[at], distance
    return best, least


@exact_kernel
def spans(line, inked, found):
    """Stretches of columns with ink in line (H, W): found (N, 4) gets left, right, and where ink begins and ends below.

    Returns how many there are; those that do not fit are left out.
    """
    high, wide = line.shape
    profile = np.empty(high, np.float32)
    count, start = 0, -1
    for j in range(wide + 1):
        filled = False
        if j < wide:
            for i in range(high):
                if line[i, j] > inked:
                    filled = True
                    break
        if filled and start < 0:
            start = j
        elif not filled and start >= 0:
            if count == found.shape[0]:
                return count
            for i in range(high):
                most = np.float32(0)
                for m in range(start, j):
                    most = max(most, line[i, m])
                profile[i] = most
            found[count, 0], found[count, 1] = start, j
            found[count, 2], found[count, 3] = edges(profile, inked)
            count += 1
            start = -1
    return count


@exact_kernel
def cut(line, left, right, top, base, inked, grids, shapes, usable, rows, good, limit, found):
    """The glyphs in columns left ... right of line (H, W), which may touch: found (N, 4) float64 gets entry, left,
    right and distance of each. Returns how many.

    They are cut at thin places, so that the worst of them resembles its entry as well as possible. One glyph no wider
    than most, or nearer than `good`, is left whole. Entry -1, `limit` away, stands for what resembles none.
    """
    cells = grids.shape[1]
    grid = np.empty((rows, cells // rows), np.float32)
    shape = np.empty(3, np.float32)
    scratch = np.empty((rows + 1, max(line.shape[0], line.shape[1]) + 1), np.float32)
    high, wide = base - top, right - left
    entry, distance = -1, limit
    if normalise(line, left, right, top, base, inked, scratch, grid, shape):
        entry, distance = match(grid, shape, grids, shapes, usable, limit)
    found[0, 0], found[0, 1], found[0, 2], found[0, 3] = entry, left, right, distance
    if (wide <= 0.95 * high and (distance <= good or wide < 0.7 * high)) or wide > 8 * high:
        return 1
    places = np.empty(wide + 1, np.int64)
    ink = np.zeros(wide, np.float32)
    for j in range(wide):
        for i in range(line.shape[0]):
            ink[j] += line[i, left + j]
    shortest = max(1, int(0.16 * high))
    count = 1
    places[0] = 0
    for j in range(shortest, wide - shortest + 1):
        least = min(ink[j - 1], ink[j + 1] if j + 1 < wide else ink[j])
        if ink[j] <= least + 1e-3 and ink[j] < 0.75 * high:
            places[count] = j
            count += 1
    places[count] = wide
    count += 1
    if count > _MOST_PLACES:  # no text: a label of a dozen touching glyphs has some forty
        return 1
    worst = np.full(count, 1e9)
    total = np.full(count, 1e9)
    before = np.full(count, -1, np.int64)
    chosen = np.full(count, -1, np.int64)
    nearest = np.full(count, 1e9)
    worst[0] = total[0] = 0.0
    for b in range(1, count):
        for a in range(b - 1, -1, -1):
            span = places[b] - places[a]
            if span > 1.15 * high:
                break
            if span < shortest or worst[a] >= distance:
                continue
            if not normalise(line, left + places[a], left + places[b], top, base, inked, scratch, grid, shape):
                continue
            entry, off = match(grid, shape, grids, shapes, usable, limit)
            bad, all_of_it = max(worst[a], off), total[a] + off * span
            if bad < worst[b] - 1e-9 or (bad < worst[b] + 1e-9 and all_of_it < total[b]):
                worst[b], total[b], before[b], chosen[b], nearest[b] = bad, all_of_it, a, entry, off
    if worst[count - 1] >= min(distance, 0.8 * good):  # noise can be cut into anything
        return 1
    size, at = 0, count - 1
    while at > 0:
        size += 1
        at = before[at]
    if size > found.shape[0]:
        return 1
    at, k = count - 1, size - 1
    while at > 0:
        found[k, 0], found[k, 1], found[k, 2] = chosen[at], left + places[before[at]], left + places[at]
        found[k, 3] = nearest[at]
        at = before[at]
        k -= 1
    return size
