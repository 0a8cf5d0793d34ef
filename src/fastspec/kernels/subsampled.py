"""Levels of pixels that share their chroma in blocks of 2 x 2, as JPEG stores it."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import kernel


@kernel
def sharpen(chroma, along_rows):
    """Undo, in place along one side of (h, w, 2), what means of 2 x 2 blocks keep of JPEG decoders' smooth enlargement.

    A decoder gives a pixel 3/4 of its block's chroma and 1/4 of the next block's, so that a block's mean is 3/4 of its
    own and 1/8 of each neighbour's (7/8 and 1/8 at the ends): a tridiagonal system, solved by elimination.
    """
    lines, n = (chroma.shape[0], chroma.shape[1]) if along_rows else (chroma.shape[1], chroma.shape[0])
    if n == 1:
        return
    factor = np.empty(n)
    for plane in range(2):
        for i in range(lines):
            for k in range(n):
                diagonal = 0.875 if k == 0 or k == n - 1 else 0.75
                before = 0.0
                if k > 0:
                    diagonal -= 0.125 * factor[k - 1]
                    before = chroma[i, k - 1, plane] if along_rows else chroma[k - 1, i, plane]
                factor[k] = 0.125 / diagonal
                if along_rows:
                    chroma[i, k, plane] = (chroma[i, k, plane] - 0.125 * before) / diagonal
                else:
                    chroma[k, i, plane] = (chroma[k, i, plane] - 0.125 * before) / diagonal
            for k in range(n - 2, -1, -1):
                if along_rows:
                    chroma[i, k, plane] -= factor[k] * chroma[i, k + 1, plane]
                else:
                    chroma[k, i, plane] -= factor[k] * chroma[k + 1, i, plane]


@kernel
def solve(luma, chroma, cell_of, frame_of, table, prior, weights, out, misfit):
    """Entries of the map whose lumas and mean chroma are a block's, near what is expected; out (H, W) float32.

    misfit (H / 2, W / 2) gets the weighted squares of what the block's luma and chroma are off then.

    luma (H, W) and chroma (H / 2, W / 2, 2) of the picture; cell_of (H,) and frame_of (W,): pixels of one cell have one
    entry. table (n, 3): the map in YCbCr. prior (H, W): the entry that is expected, NaN for none. weights: of squared
    differences of luma, mean chroma and entries; up to how large a cost the prior is kept unsearched; of the chroma
    that one pixel is expected to have itself, by which starts are chosen.

    The starts of a block are the local minima of each pixel's own cost, at most three each, in all combinations; from
    the best of these each pixel in turn takes its best entry.
    """
    of_luma, of_chroma, of_prior, enough, of_own = weights
    n = table.shape[0]
    cost = np.empty((4, n), np.float32)
    starts, count = np.empty((4, 3), np.int64), np.empty(4, np.int64)
    group, size = np.empty(4, np.int64), np.empty(4, np.float32)
    best, tried = np.zeros(4, np.int64), np.zeros(4, np.int64)
    for i in range(0, luma.shape[0] - 1, 2):
        same_cell = cell_of[i] == cell_of[i + 1]
        for j in range(0, luma.shape[1] - 1, 2):
            same_frame = frame_of[j] == frame_of[j + 1]
            cb, cr = chroma[i // 2, j // 2, 0], chroma[i // 2, j // 2, 1]
            groups = (1 if same_cell else 2) * (1 if same_frame else 2)
            for p in range(4):
                down, right = 0 if same_cell else p // 2, 0 if same_frame else p % 2
                group[p] = down * (1 if same_frame else 2) + right
            size[:] = 0
            kept, mean_cb, mean_cr = np.float32(0), np.float32(0), np.float32(0)
            for p in range(4):
                y, expected = luma[i + p // 2, j + p % 2], prior[i + p // 2, j + p % 2]
                size[group[p]] += 1
                if expected == expected:
                    k = min(max(int(expected + np.float32(0.5)), 0), n - 1)
                    kept += of_luma * (table[k, 0] - y) ** 2
                    mean_cb += np.float32(0.25) * table[k, 1]
                    mean_cr += np.float32(0.25) * table[k, 2]
                else:
                    kept = np.float32(np.inf)
            kept += of_chroma * ((mean_cb - cb) ** 2 + (mean_cr - cr) ** 2)
            misfit[i // 2, j // 2] = kept
            if kept <= enough:
                for p in range(4):
                    out[i + p // 2, j + p % 2] = prior[i + p // 2, j + p % 2]
                continue
            cost[:groups] = 0
            for p in range(4):
                y, expected = luma[i + p // 2, j + p % 2], prior[i + p // 2, j + p % 2]
                line = cost[group[p]]
                if expected == expected:
                    for k in range(n):
                        line[k] += of_luma * (table[k, 0] - y) ** 2 + of_prior * (k - expected) ** 2
                else:
                    for k in range(n):
                        line[k] += of_luma * (table[k, 0] - y) ** 2
            for g in range(groups):
                found = 0
                here = cost[g, 0] + of_own * ((table[0, 1] - cb) ** 2 + (table[0, 2] - cr) ** 2)
                before = np.float32(np.inf)
                for k in range(n):
                    after = np.float32(np.inf)
                    if k < n - 1:
                        after = cost[g, k + 1] + of_own * ((table[k + 1, 1] - cb) ** 2 + (table[k + 1, 2] - cr) ** 2)
                    if here <= before and here < after:
                        if found < 3:
                            starts[g, found] = k
                            found += 1
                        else:  # in the place of the worst, if that is worse
                            worst, value = 0, here
                            for s in range(3):
                                m = starts[g, s]
                                v = cost[g, m] + of_own * ((table[m, 1] - cb) ** 2 + (table[m, 2] - cr) ** 2)
                                if v > value:
                                    worst, value = s, v
                            if value > here:
                                starts[g, worst] = k
                    before, here = here, after
                count[g] = found
            total = 1
            for g in range(groups):
                total *= count[g]
            least = np.float32(np.inf)
            for number in range(total):
                rest, value = number, np.float32(0)
                mean_cb, mean_cr = np.float32(0), np.float32(0)
                for g in range(groups):
                    k = starts[g, rest % count[g]]
                    rest //= count[g]
                    tried[g] = k
                    value += cost[g, k]
                    mean_cb += size[g] * table[k, 1]
                    mean_cr += size[g] * table[k, 2]
                quarter = np.float32(0.25)
                value += of_chroma * ((quarter * mean_cb - cb) ** 2 + (quarter * mean_cr - cr) ** 2)
                if value < least:
                    least = value
                    best[:groups] = tried[:groups]
            for _ in range(4):
                moved = False
                for g in range(groups):
                    rest_cb, rest_cr = np.float32(-4) * cb, np.float32(-4) * cr
                    for other in range(groups):
                        if other != g:
                            rest_cb += size[other] * table[best[other], 1]
                            rest_cr += size[other] * table[best[other], 2]
                    of_rest = of_chroma / np.float32(16)
                    chosen, least = best[g], np.float32(np.inf)
                    for k in range(n):
                        off_cb, off_cr = rest_cb + size[g] * table[k, 1], rest_cr + size[g] * table[k, 2]
                        value = cost[g, k] + of_rest * (off_cb * off_cb + off_cr * off_cr)
                        if value < least:
                            chosen, least = k, value
                    if chosen != best[g]:
                        best[g] = chosen
                        moved = True
                if not moved:
                    break
            off_luma, off_cb, off_cr = np.float32(0), -cb, -cr
            for p in range(4):
                k = best[group[p]]
                out[i + p // 2, j + p % 2] = k
                off_luma += (table[k, 0] - luma[i + p // 2, j + p % 2]) ** 2
                off_cb += np.float32(0.25) * table[k, 1]
                off_cr += np.float32(0.25) * table[k, 2]
            misfit[i // 2, j // 2] = of_luma * off_luma + of_chroma * (off_cb * off_cb + off_cr * off_cr)
