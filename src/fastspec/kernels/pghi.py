"""Phase gradient integration (Prusa, Balazs, Sondergaard 2017) with a bucket queue, in pieces that fit the cache.

Phases are turns in 32-bit fixed point: 2**32 is one turn, so that wrapping is the overflow of an integer addition and
an hour of frames gathers no rounding error. Half gradients are held likewise; a trapezoid step is two additions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastspec.kernels import exact_part, kernel

# Buckets between the tolerance and the maximum, 1.3 dB each at 80 dB. As many as a word has bits: the fullest bucket is
# found without a search, at 17 ns a bin in all against 22 with 512 buckets, and 64 to 2048 buckets sound alike.
LEVELS = 64
TURN = 4294967296.0
# log2(1 + f) / f on [sqrt(1/2) - 1, sqrt(2) - 1] and sin(2 pi y) / y by powers of y**2 on [-1/4, 1/4]: Chebyshev fits.
C0, C1, C2, C3 = 1.44269496, -0.721352759, 0.480924039, -0.360241986
C4, C5, C6, C7 = 0.287075611, -0.248821806, 0.234209851, -0.146203534
S0, S1, S2, S3, S4 = 6.28318528, -41.3416807, 81.6024807, -76.5812846, 39.7607221
QUARTER = 1 << 30
HALF = 1 << 31
ZERO = np.uint64(0)
ONE = np.uint64(1)
INSIDE = np.float32(TURN * (1 - 2.0**-23))  # half a turn must stay within int32


@kernel
def _scramble(x):
    """Integer hash without patterns (Wellons' lowbias32)."""
    x = np.uint32(x)
    x = np.uint32((x ^ (x >> np.uint32(16))) * np.uint32(0x7FEB352D))
    x = np.uint32((x ^ (x >> np.uint32(15))) * np.uint32(0x846CA68B))
    return np.uint32(x ^ (x >> np.uint32(16)))


@kernel
def _log2_row(ratio, bits, out):
    """log2 of positive float32 within 1e-6; `bits` is the same memory as int32, which is overwritten."""
    for m in range(out.size):
        # the mantissa is brought between sqrt(1/2) and sqrt(2), where log2 has no step at 1
        e = np.int32((bits[m] - 0x3F3504F3) >> 23)
        bits[m] = np.int32(bits[m] - (e << 23))
        out[m] = np.float32(e)
    for m in range(out.size):
        f = ratio[m] - np.float32(1.0)
        p = np.float32(C7)
        p = p * f + np.float32(C6)
        p = p * f + np.float32(C5)
        p = p * f + np.float32(C4)
        p = p * f + np.float32(C3)
        p = p * f + np.float32(C2)
        p = p * f + np.float32(C1)
        p = p * f + np.float32(C0)
        out[m] = out[m] + p * f


@kernel
def _levels_row(S, logs, has_logs, scale, offset, lowest, ratio, bits, out):
    """One frame's log2 magnitude relative to the maximum, not under `lowest`."""
    if has_logs:
        for m in range(out.size):
            out[m] = max(np.float32(logs[m] * scale + offset), lowest)
    else:
        least = np.float32(1e-30)
        for m in range(out.size):
            ratio[m] = max(np.float32(S[m] * scale), least)
        _log2_row(ratio, bits, out)
        for m in range(out.size):
            out[m] = max(out[m], lowest)


@kernel
def _emit_row(S, turns, out):
    """out[2 m], out[2 m + 1] = S[m] times cosine and sine of turns[m], by polynomial (error 1e-6)."""
    for m in range(S.size):
        t = np.int32(turns[m])
        y = np.float32(t if np.int32(t + QUARTER) >= 0 else np.int32(HALF - t)) * np.float32(1.0 / TURN)
        u = np.int32(t + QUARTER)
        x = np.float32(u if np.int32(u + QUARTER) >= 0 else np.int32(HALF - u)) * np.float32(1.0 / TURN)
        yy = y * y
        xx = x * x
        s = (((np.float32(S4) * yy + np.float32(S3)) * yy + np.float32(S2)) * yy + np.float32(S1)) * yy + np.float32(S0)
        c = (((np.float32(S4) * xx + np.float32(S3)) * xx + np.float32(S2)) * xx + np.float32(S1)) * xx + np.float32(S0)
        out[2 * m] = S[m] * (c * x)
        out[2 * m + 1] = S[m] * (s * y)


@exact_part
def _bit_length(x):
    """Bits needed for x: the compiler knows this loop as one instruction."""
    n = ZERO
    while x != ZERO:
        x = x >> ONE
        n += ONE
    return n


@exact_part
def _enter(level, turn, link, head, filled, n, turns):
    """Give cell n these turns and queue it, if its level is not 0. Cell 0 takes what is done already: no branch."""
    q = np.uint64(level[n])
    level[n] = 0
    w = n if q else ZERO
    turn[w] = turns
    link[w] = head[q]
    head[q] = np.uint32(w)
    return filled | (ONE << q)


@kernel
def _flood(level, turn, onward, across, link, head, filled, width):
    """Spread phases from queued cells to neighbours whose level is not 0, loudest first. `filled`: one bit a bucket."""
    while filled > ONE:
        top = _bit_length(filled) - ONE
        c = np.uint64(head[top])
        rest = link[c]
        head[top] = rest
        filled ^= np.uint64(rest == np.uint32(0)) << top
        here = turn[c]
        filled = _enter(level, turn, link, head, filled, c + ONE, here + across[c])
        filled = _enter(level, turn, link, head, filled, c - ONE, here - across[c - ONE])
        filled = _enter(level, turn, link, head, filled, c + width, here + onward[c])
        filled = _enter(level, turn, link, head, filled, c - width, here - onward[c - width])


def scratch(rows: int, bins: int) -> tuple[Any, ...]:
    """The arrays that `integrate` works in, of pieces of `rows` frames."""
    cells = (rows + 3) * row_width(bins)
    ratio = np.zeros(bins, np.float32)
    level = np.zeros(cells, np.uint8)
    return (
        level,
        level.view(np.uint64),  # words
        *(np.zeros(cells, np.uint32) for _ in range(4)),  # turn, onward, across, link
        np.zeros(rows * row_width(bins), np.uint32),  # order
        np.zeros((rows + 2, bins), np.float32),  # log
        np.zeros(LEVELS, np.uint32),  # head
        np.zeros(LEVELS + 1, np.uint32),  # start
        ratio,
        ratio.view(np.int32),  # bits
        np.zeros(bins, np.uint8),  # border
        np.zeros(bins, np.int32),  # carrier
        np.zeros((3, bins), np.uint32),  # rows
    )


def row_width(bins: int) -> int:
    """Cells of a row: its bins and at least one guard cell, a multiple of the eight levels of a word."""
    return (bins // 8 + 1) * 8


@kernel
def integrate(
    S: Any,
    logs: Any,
    has_logs: bool,
    scale: float,
    offset: float,
    tol_log2: float,
    hop: int,
    n_fft: int,
    gamma: float,
    centre: float,
    key: int,
    rows: int,
    out: Any,
    level: Any,
    words: Any,
    turn: Any,
    onward: Any,
    across: Any,
    link: Any,
    order: Any,
    log: Any,
    head: Any,
    start: Any,
    ratio: Any,
    bits: Any,
    border: Any,
    carrier: Any,
    steps_of: Any,
) -> None:
    """S * exp(i phase) of a frame-major magnitude (frames, bins), written to `out` as real pairs (frames, 2 * bins).

    With `has_logs`, log2 of the relative magnitude is logs * scale + offset; without, it is log2(S * scale). Cells at
    or below `tol_log2` get a phase that is a hash of their number and `key`. `rows` frames are one piece.

    level ... turns : `scratch(rows, bins)`. To make arrays within takes numba a third of its time for this kernel.
    """
    frames, bins = S.shape
    # guard cells after each row, a guard row before and after: level 0, never entered
    width = (bins // 8 + 1) * 8
    for m in range(bins):
        carrier[m] = np.int32(np.int64(((hop * m) % (2 * n_fft)) * (0.5 / n_fft) * TURN + 0.5))

    lowest = np.float32(tol_log2)
    threshold = np.float32(tol_log2 + 0.002)  # rounding must not lift the floor of a picture over itself
    steps = np.float32((LEVELS - 2) / -tol_log2)
    # a turn is 2 pi and the logarithms are binary: ln 2 / (2 pi); another half for the trapezoid
    factor_t = np.float32(0.5 * np.log(2.0) / (2 * np.pi) * hop * n_fft / gamma)
    factor_f = np.float32(-0.5 * np.log(2.0) / (2 * np.pi) * gamma / (hop * n_fft))
    odd = n_fft % 2
    slope = np.float32(-0.5 * centre / n_fft)
    dummy = S[0]
    step, step_before, sideways = steps_of[0], steps_of[1], steps_of[2]

    for first in range(0, frames, rows):
        count = min(rows, frames - first)
        # logs of the piece's frames at rows 1 .. count, of its neighbours before and behind
        for r in range(count + 2):
            n = first + r - 1
            if 0 <= n < frames:
                _levels_row(S[n], logs[n] if has_logs else dummy, has_logs, scale, offset, lowest, ratio, bits, log[r])
        for r in range(count):
            base = (r + 2) * width
            n = first + r
            mid = log[r + 1]
            before = log[r] if n > 0 else mid
            behind = log[r + 2] if n < frames - 1 else mid
            by_f = factor_f * np.float32(0.5 if 0 < n < frames - 1 else 1.0)
            lev = level[base : base + bins]
            to_next = across[base : base + bins]
            from_past = onward[base - width : base - width + bins]
            tu = turn[base : base + bins]
            for m in range(bins):
                x = mid[m]
                lev[m] = np.uint8(LEVELS - 1 + x * steps) if x > threshold else np.uint8(0)
            for m in range(bins):
                g = (behind[m] - before[m]) * by_f + slope
                g -= np.float32(np.floor(g + np.float32(0.5)))
                sideways[m] = np.int32(g * INSIDE)
            for m in range(bins - 1):
                to_next[m] = sideways[m] + sideways[m + 1]
            for m in range(1, bins - 1):
                g = (mid[m + 1] - mid[m - 1]) * (np.float32(0.5) * factor_t)
                g -= np.float32(np.floor(g + np.float32(0.5)))
                step[m] = np.int32(np.int32(g * INSIDE) + carrier[m])
            # the spectrum of a real signal is even about bin 0 and about n_fft / 2, which is a bin if n_fft is even
            step[0] = carrier[0]
            m = bins - 1
            if m > 0:
                g = (mid[m] - mid[m - 1]) * (np.float32(0.5 * odd) * factor_t)
                g -= np.float32(np.floor(g + np.float32(0.5)))
                step[m] = np.int32(np.int32(g * INSIDE) + carrier[m])
            for m in range(bins):
                from_past[m] = step_before[m] + step[m]
                step_before[m] = step[m]
            for m in range(bins):
                tu[m] = _scramble(np.uint32(n * bins + m) ^ np.uint32(key))
        level[(count + 2) * width : (count + 3) * width] = 0

        # the frame before the piece feeds it
        filled = ZERO
        if first > 0:
            for m in range(bins):
                q = border[m]
                if q:
                    c = width + m
                    link[c] = head[q]
                    head[q] = c
                    filled |= ONE << np.uint64(q)
        last = (count + 1) * width
        for m in range(bins):  # not slice to slice: that would compile numba's strings for its error, for two seconds
            border[m] = level[last + m]
        _flood(level, turn, onward, across, link, head, filled, np.uint64(width))

        # what no frame before it reaches: islands, each from its loudest cell
        start[:] = 0
        for i in range(width // 4, (count + 2) * width // 8):
            if words[i]:
                for c in range(8 * i, 8 * i + 8):
                    start[level[c]] += 1
        total = 0
        for q in range(LEVELS - 1, 0, -1):
            size = start[q]
            start[q] = total
            total += size
        if total:
            for i in range(width // 4, (count + 2) * width // 8):
                if words[i]:
                    for c in range(8 * i, 8 * i + 8):
                        q = level[c]
                        if q:
                            order[start[q]] = c
                            start[q] += 1
            for i in range(total):
                c = order[i]
                q = level[c]
                if q:
                    level[c] = 0
                    turn[c] = 0
                    link[c] = 0
                    head[q] = c
                    _flood(level, turn, onward, across, link, head, ONE << np.uint64(q), np.uint64(width))

        for r in range(count):
            c = (r + 2) * width
            _emit_row(S[first + r], turn[c : c + bins], out[first + r])
        for m in range(bins):
            turn[width + m] = turn[last + m]
            across[width + m] = across[last + m]
