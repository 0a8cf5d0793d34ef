"""Phase gradient integration (Prusa, Balazs, Sondergaard 2017) with a bucket queue, in pieces that fit the cache.

Phases are turns in 32-bit fixed point: 2**32 is one turn, so that wrapping is the overflow of an integer addition and
an hour of frames gathers no rounding error. Half gradients are held likewise; the sum of two is a trapezoid step.

A piece takes up the phases of the frame beside it. The middle piece comes first, so that there are two chains, forward
and backward in time, whose floods run at once. Their loop has no branch that can be guessed wrong; its indices are
unsigned, which numba does not wrap around.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastspec.kernels import exact_part, kernel

# Buckets between the tolerance and the maximum, at 80 dB of .9 dB where it is loud and coarser below, as good as finer
# ones; equal ones of 1.3 dB are .1 dB worse in own SC at 87 to 97 % overlap. As many as a word has bits: the fullest
# bucket is found without a search.
LEVELS = 64
LOWEST, SPREAD = np.float32(1.0), np.float32(LEVELS - 2)
TURN = 4294967296.0
# log2(1 + f) / f on [sqrt(1/2) - 1, sqrt(2) - 1] and sin(2 pi y) / y by powers of y**2 on [-1/4, 1/4]: Chebyshev fits.
C0, C1, C2, C3 = 1.44269496, -0.721352759, 0.480924039, -0.360241986
C4, C5, C6, C7 = 0.287075611, -0.248821806, 0.234209851, -0.146203534
S0, S1, S2, S3, S4 = 6.28318528, -41.3416807, 81.6024807, -76.5812846, 39.7607221
QUARTER = 1 << 30
HALF = 1 << 31
ZERO = np.uint64(0)
ONE = np.uint64(1)
WORD = np.uint64(32)
LOW = np.uint64(0xFFFFFFFF)
CARRIER, BEFORE, FIRST, SCRATCH = 0, 1, 2, 3  # rows of `steps`
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
            out[m] = max(np.float32(logs[m] * np.float32(scale) + np.float32(offset)), lowest)
    else:
        least = np.float32(1e-30)
        for m in range(out.size):
            ratio[m] = max(np.float32(S[m] * S.dtype.type(scale)), least)
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
def _enter(level, state, head, filled, n, turns):
    """Give cell n these turns and queue it, if its level is not 0. Cell 0 takes what is done already: no branch."""
    q = np.uint64(level[n])
    level[n] = 0
    w = n if q else ZERO
    state[w] = (np.uint64(head[q]) << WORD) | np.uint64(np.uint32(turns))
    head[q] = np.uint32(w)
    return filled | (ONE << q)


@exact_part
def _spread(level, state, onward, across, head, filled, width):
    """One step of a flood: the loudest queued cell hands its phase to its neighbours. `filled`: one bit a bucket."""
    top = _bit_length(filled) - ONE
    c = np.uint64(head[top])
    both = state[c]
    rest = np.uint32(both >> WORD)
    head[top] = rest
    filled ^= np.uint64(rest == np.uint32(0)) << top
    here = np.uint32(both)
    filled = _enter(level, state, head, filled, c + ONE, here + across[c])
    filled = _enter(level, state, head, filled, c - ONE, here - across[c - ONE])
    filled = _enter(level, state, head, filled, c + width, here + onward[c])
    return _enter(level, state, head, filled, c - width, here - onward[c - width])


@kernel
def _flood(level, state, onward, across, heads, filled, other, width):
    """Spread phases from the queued cells of two pieces to neighbours whose level is not 0, loudest first.

    heads : of the buckets of each piece. filled, other : one bit for each bucket of them that holds cells

    Each piece waits for its own memory: two at once take 15 % less time than one after the other.
    """
    head, head_of_other = heads[0], heads[1]
    while filled > ONE and other > ONE:
        filled = _spread(level, state, onward, across, head, filled, width)
        other = _spread(level, state, onward, across, head_of_other, other, width)
    while filled > ONE:
        filled = _spread(level, state, onward, across, head, filled, width)
    while other > ONE:
        other = _spread(level, state, onward, across, head_of_other, other, width)


def scratch(rows: int, bins: int) -> tuple[Any, ...]:
    """The arrays that `integrate` works in, of two pieces of `rows` frames."""
    cells = 2 * (rows + 3) * row_width(bins)
    ratio = np.zeros(bins, np.float32)
    level = np.zeros(cells, np.uint8)
    return (
        level,
        level.view(np.uint64),  # words
        np.zeros(cells, np.uint64),  # state
        *(np.zeros(cells, np.uint32) for _ in range(2)),  # onward, across
        np.zeros(rows * row_width(bins), np.uint32),  # order
        np.zeros((rows + 2, bins), np.float32),  # log
        np.zeros((2, LEVELS), np.uint32),  # heads
        np.zeros(LEVELS + 1, np.uint32),  # start
        ratio,
        ratio.view(np.int32),  # bits
        np.zeros((2, bins), np.uint8),  # border
        np.zeros((2, 5, bins), np.uint32),  # steps
    )


def row_width(bins: int) -> int:
    """Cells of a row: its bins and at least one guard cell, a multiple of the eight levels of a word."""
    return (bins // 8 + 1) * 8


@kernel
def _prepare(
    S, logs, has_logs, scale, offset, numbers, first, count, way, key,
    level, state, onward, across, log, ratio, bits, steps,
):  # fmt: skip
    """Levels, steps and random phases of the piece that begins with frame `first` and goes on by `way`, 1 or -1.

    The four arrays of cells begin with the piece's guard row and its border row; steps : carrier, of the border frame,
    of the first frame, and two rows of scratch.
    """
    frames, bins = S.shape
    width = (bins // 8 + 1) * 8
    lowest, threshold, by_level = np.float32(numbers[0]), np.float32(numbers[1]), np.float32(numbers[2])
    factor_t, by_frame = np.float32(numbers[3]), np.float32(numbers[4])
    slope, last_bin = np.float32(numbers[5]), np.float32(numbers[6])
    carrier, before_step, first_step = steps[CARRIER], steps[BEFORE], steps[FIRST]
    step, sideways = steps[SCRATCH], steps[SCRATCH + 1]
    sign = np.uint32(way)
    # logs of the piece's frames at rows 1 .. count, of its neighbours before and behind
    for r in range(count + 2):
        n = first + way * (r - 1)
        if 0 <= n < frames:
            _levels_row(S[n], logs[n], has_logs, scale, offset, lowest, ratio, bits, log[r])
    for r in range(count):
        base = (r + 2) * width
        n = first + way * r
        inner = 0 < n < frames - 1
        mid = log[r + 1]
        before = log[r] if 0 <= n - way < frames else mid
        behind = log[r + 2] if 0 <= n + way < frames else mid
        factor_f = by_frame * np.float32(0.5 * way if inner else way)
        lev = level[base : base + bins]
        to_next = across[base : base + bins]
        from_past = onward[base - width : base - width + bins]
        st = state[base : base + bins]
        for m in range(bins):
            x = mid[m]
            u = max(np.float32(1.0) + x * by_level, np.float32(0.0))
            lev[m] = np.uint8(LOWEST + SPREAD * u * np.sqrt(u)) if x > threshold else np.uint8(0)
        for m in range(bins):
            g = (behind[m] - before[m]) * factor_f + slope
            g -= np.float32(np.floor(g + np.float32(0.5)))
            sideways[m] = np.int32(g * INSIDE)
        for m in range(bins - 1):
            to_next[m] = sideways[m] + sideways[m + 1]
        for m in range(1, bins - 1):
            g = (mid[m + 1] - mid[m - 1]) * (np.float32(0.5) * factor_t)
            g -= np.float32(np.floor(g + np.float32(0.5)))
            step[m] = np.uint32(np.int32(g * INSIDE)) + carrier[m]
        # the spectrum of a real signal is even about bin 0 and about n_fft / 2, which is a bin if n_fft is even
        step[0] = carrier[0]
        m = bins - 1
        if m > 0:
            g = (mid[m] - mid[m - 1]) * (last_bin * factor_t)
            g -= np.float32(np.floor(g + np.float32(0.5)))
            step[m] = np.uint32(np.int32(g * INSIDE)) + carrier[m]
        for m in range(bins):
            from_past[m] = (before_step[m] + step[m]) * sign
            before_step[m] = step[m]
        if r == 0:
            for m in range(bins):
                first_step[m] = step[m]
        for m in range(bins):
            st[m] = np.uint64(_scramble(np.uint32(n * bins + m) ^ np.uint32(key)))
    level[(count + 2) * width : (count + 3) * width] = 0


@kernel
def _queue(state, border, head, origin):
    """Queue the cells of a border row, which begins at `origin`, by their levels; one bit for each bucket."""
    filled = ZERO
    for m in range(border.size):
        q = border[m]
        if q:
            c = origin + m
            state[c] = (np.uint64(head[q]) << WORD) | (state[c] & LOW)
            head[q] = c
            filled |= ONE << np.uint64(q)
    return filled


@kernel
def _islands(level, words, state, onward, across, order, heads, start, origin, rows, width):
    """Flood what nothing reached of `rows` rows that begin at cell `origin`: each island from its loudest cell."""
    begin, end = origin // 8, (origin + rows * width) // 8
    start[:] = 0
    for i in range(begin, end):
        if words[i]:
            for c in range(8 * i, 8 * i + 8):
                start[level[c]] += 1
    total = 0
    for q in range(LEVELS - 1, 0, -1):
        size = start[q]
        start[q] = total
        total += size
    if total == 0:
        return
    for i in range(begin, end):
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
            state[c] = 0
            heads[0, q] = c
            _flood(level, state, onward, across, heads, ONE << np.uint64(q), ZERO, np.uint64(width))


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
    state: Any,
    onward: Any,
    across: Any,
    order: Any,
    log: Any,
    heads: Any,
    start: Any,
    ratio: Any,
    bits: Any,
    border: Any,
    steps: Any,
) -> None:
    """S * exp(i phase) of a frame-major magnitude (frames, bins), written to `out` as real pairs (frames, 2 * bins).

    With `has_logs`, log2 of the relative magnitude is logs * scale + offset; without, it is log2(S * scale). Cells at
    or below `tol_log2` get a phase that is a hash of their number and `key`. `rows` frames are one piece. The piece in
    the middle comes first; from it one after the other backward and forward, two at once.

    level ... steps : `scratch(rows, bins)`. To make arrays within takes numba a third of its time for this kernel.
    """
    frames, bins = S.shape
    width = (bins // 8 + 1) * 8  # guard cells after each row, guard rows before and after: level 0, never entered
    cells = (rows + 3) * width
    for m in range(bins):
        turn = np.uint32(np.int64(((hop * m) % (2 * n_fft)) * (0.5 / n_fft) * TURN + 0.5))
        steps[0, CARRIER, m] = turn
        steps[1, CARRIER, m] = turn
    # a turn is 2 pi and the logarithms are binary: ln 2 / (2 pi); another half for the trapezoid
    numbers = (
        tol_log2,
        tol_log2 + 0.002,  # rounding must not lift the floor of a picture over itself
        1.0 / -tol_log2,
        0.5 * np.log(2.0) / (2 * np.pi) * hop * n_fft / gamma,
        -0.5 * np.log(2.0) / (2 * np.pi) * gamma / (hop * n_fft),
        -0.5 * centre / n_fft,
        0.5 * (n_fft % 2),
    )
    right = max(0, (frames - rows) // 2)
    left = right - 1
    begun = False
    while right < frames or left >= 0:
        filled, other = ZERO, ZERO
        for side in range(2):
            way = 1 - 2 * side
            count = min(rows, left + 1) if side else min(rows, frames - right)
            if count <= 0 or (side and not begun):
                continue
            a, b = side * cells, (side + 1) * cells
            _prepare(
                S, logs, has_logs, scale, offset, numbers, left if side else right, count, way, key,
                level[a:b], state[a:b], onward[a:b], across[a:b], log, ratio, bits, steps[side],
            )  # fmt: skip
            if begun:
                queued = _queue(state, border[side], heads[side], a + width)
                filled, other = (filled, queued) if side else (queued, other)
            last = a + (count + 1) * width
            for m in range(bins):  # not slice to slice: that compiles numba's strings for its error, for two seconds
                border[side, m] = level[last + m]
                if not begun:
                    border[1, m] = level[2 * width + m]
        _flood(level, state, onward, across, heads, filled, other, np.uint64(width))
        for side in range(2):
            way = 1 - 2 * side
            count = min(rows, left + 1) if side else min(rows, frames - right)
            if count <= 0 or (side and not begun):
                continue
            first = side * cells + 2 * width
            _islands(level, words, state, onward, across, order, heads, start, first, count, width)
            turns = steps[side, SCRATCH]
            for r in range(count):
                n = left - r if side else right + r
                st = state[first + r * width : first + r * width + bins]
                for m in range(bins):
                    turns[m] = np.uint32(st[m])
                _emit_row(S[n], turns, out[n])
            last = first + (count - 1) * width
            for m in range(bins):
                state[first - width + m] = state[last + m]
                across[first - width + m] = across[last + m]
            if side:
                left -= count
            else:
                right += count
        if not begun:  # the first piece's first frame is what the one before it begins with
            begun = True
            for m in range(bins):
                state[cells + width + m] = state[2 * width + m]
                across[cells + width + m] = across[2 * width + m]
                steps[1, BEFORE, m] = steps[0, FIRST, m]
