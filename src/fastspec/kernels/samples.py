"""The line of levels over decibels that most pixels lie on, and how well pixels agree with one."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import kernel


@kernel
def commonest(levels, loud, slope, tolerance, counts):
    """The start of the line of this slope that most pixels (n,) lie on, and how many lie within `tolerance` of it.

    counts : int64 scratch; what is farther from the least of the starts than it has room for is not looked at.
    """
    low = np.inf
    for i in range(levels.size):
        low = min(low, levels[i] - slope * loud[i])
    counts[:] = 0
    last = counts.size - 1
    for i in range(levels.size):
        place = int((levels[i] - slope * loud[i] - low) / tolerance)
        if place < last:
            counts[place] += 1
    best = 0
    for place in range(last):
        if counts[place] + counts[place + 1] > counts[best] + counts[best + 1]:
            best = place
    start = low + (best + 1) * tolerance
    found = 0
    for _ in range(2):
        total, found = 0.0, 0
        for i in range(levels.size):
            value = levels[i] - slope * loud[i]
            if abs(value - start) < tolerance:
                total += value
                found += 1
        if found == 0:
            return start, 0
        start = total / found
    return start, found


@kernel
def fitted(levels, loud, slope, start, tolerance, fewest):
    """Slope and start of least squares of the pixels (n,) near a line, ever nearer, and how many then lie near.

    fewest : pixels, with fewer near the line it stays as it is.
    """
    wide = 4 * tolerance
    for _ in range(6):
        n, sx, sy, sxx, sxy = 0, 0.0, 0.0, 0.0, 0.0
        for i in range(levels.size):
            x, y = np.float64(loud[i]), np.float64(levels[i])
            if abs(y - slope * x - start) < wide:
                n += 1
                sx += x
                sy += y
                sxx += x * x
                sxy += x * y
        spread = n * sxx - sx * sx
        if n < fewest or spread <= 1e-6 * n * n:
            break
        new = (n * sxy - sx * sy) / spread
        if not new > 0:
            break
        slope, start = new, (sy - new * sx) / n
        wide = max(tolerance, wide / 2)
    found = 0
    for i in range(levels.size):
        if abs(levels[i] - slope * loud[i] - start) < tolerance:
            found += 1
    return slope, start, found


@kernel
def agreeing(levels, loud, line, ends, step, cells, width, near):
    """Pixels (n,) that a line tells something of, the sum of how well they agree, and how many do exactly and nearly.

    line : slope and start. ends : levels beyond which a colour only says that it is quieter or louder. step : of the
    map, of which `cells` says whether a level is the middle of its colour's. width, near : steps.
    """
    slope, start = line
    low, high = ends
    told, score, exact, close = 0, 0.0, 0, 0
    for i in range(levels.size):
        level = levels[i]
        if np.isnan(level):
            continue
        drawn = min(1.0, max(0.0, slope * loud[i] + start))
        if cells:
            drawn = (np.floor(drawn / step) + 0.5) * step
            drawn = min(high + step / 4, max(low - step / 4, drawn))
        else:
            drawn = np.round(drawn / step) * step
        if (drawn <= low and level <= low) or (drawn >= high and level >= high):
            continue
        off = abs(drawn - level) / step
        told += 1
        score += 1 / (1 + (off / width) ** 2)
        exact += off < 0.5
        close += off < near
    return told, score, exact, close
