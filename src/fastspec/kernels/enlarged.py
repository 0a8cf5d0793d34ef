"""Whether a few pixels of a line can have been enlarged by a filter: a small banded system for each size before."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import exact_kernel, kernel


@kernel
def left_of_stretch(pixels, first, many, counts, bell, reach, freedom, weights, band, sums, left):
    """For each of `counts` numbers of cells that `many` pixels may have been, the mean square that none explains.

    pixels : (L,) float64 of a line from place `first` on, NaN where they were cut off. Of them just so many are looked
    at that `freedom` are left over. bell : (N,) weights of a cell by its distance, from 0 to `reach` cells. weights
    (2 reach,), band (C, 2 reach + 1) and sums (C,) : scratch. left : (counts,), over the freedom that all cells leave.
    """
    taps = 2 * reach
    per = (bell.size - 1) / reach
    for k in range(counts.size):
        step = counts[k] / many
        length = min(pixels.size, int((freedom + taps) / (1.0 - step)) + 1)
        lowest = int(np.floor((first + 0.5) * step - 0.5)) + 1 - reach
        cells = int(np.floor((first + length - 0.5) * step - 0.5)) + reach - lowest + 1
        for c in range(cells):
            sums[c] = 0.0
            band[c, 0] = 1e-7  # a cell of no pixel keeps the system regular
            for t in range(1, taps):
                band[c, t] = 0.0
        power, used = 0.0, 0
        for i in range(length):
            value = pixels[i]
            if np.isnan(value):
                continue
            centre = (first + i + 0.5) * step - 0.5
            base = int(np.floor(centre)) + 1 - reach
            total = 0.0
            for t in range(taps):
                at = abs(base + t - centre) * per
                low = min(int(at), bell.size - 2)
                w = bell[low] + (at - low) * (bell[low + 1] - bell[low])
                if base + t < 0 or base + t >= counts[k]:
                    w = 0.0
                weights[t] = w
                total += w
            for t in range(taps):
                w = weights[t] / total
                weights[t] = w
                c = base + t - lowest
                sums[c] += w * value
                for u in range(t + 1):
                    band[c, t - u] += w * weights[u]
            power += value * value
            used += 1
        for c in range(cells):  # L D L^T: band[c, k] becomes L[c, c - k] D[c - k], band[c, 0] D[c]; at its end 1 / D[c]
            start = max(0, c - taps + 1)
            for j in range(start, c):
                w = band[c, c - j]
                for m in range(max(start, j - taps + 1), j):
                    w -= band[c, c - m] * band[j, j - m] * band[m, taps]
                band[c, c - j] = w
            for j in range(start, c):
                w = band[c, c - j] * band[j, taps]
                band[c, 0] -= w * band[c, c - j]
                sums[c] -= w * sums[j]
            band[c, taps] = 1.0 / band[c, 0]
            power -= sums[c] * sums[c] * band[c, taps]
        left[k] = power / (max(used, 1) * (1.0 - step))


@exact_kernel
def plausible(tried, seen, many, even, most, kept):
    """kept[k] = whether tried[k] lines leave at most `most` of the borders `seen` unexplained, whichever way ties go.

    tried, seen : (n,), (m,) whole numbers; many : lines now. A border is left where the lines on its two sides would
    come from one line: by the line under a pixel's middle, and by that under its end. even : share by which places may
    be off.
    """
    for k in range(tried.size):
        left = tried[k] / many
        bound = 1.0 - left - 2.0 * even
        kept[k] = 0
        for way in range(2):
            at = 0.5 if way == 0 else 0.0
            missed = 0
            for j in range(seen.size):
                last = (seen[j] - 1 + at) * left - even
                last -= np.floor(last)
                if last < bound:
                    missed += 1
                    if missed > most:
                        break
            if missed <= most:
                kept[k] = 1
                break


@exact_kernel
def unexplained(lines, seen, many, at, way, even, rare, missed):
    """missed[k] = how many of the borders `seen` (m,) lie between pixels that lines[k] lines, repeated, make alike.

    at : where a pixel takes its line, .5 its middle. Places are off by `way` of a line; where rare[k], either way by
    `even`, so that a border is explained if one way does.
    """
    for k in range(lines.size):
        below, above = (-even, even) if rare[k] else (way, way)
        count = 0
        for j in range(seen.size):
            last = np.floor((seen[j] - 1 + at) * lines[k] / many + below)
            count += last == np.floor((seen[j] + at) * lines[k] / many + above)
        missed[k] = count
