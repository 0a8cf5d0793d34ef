"""Kernels of the lanes engine: all frames of a block through transform, update, inverse and overlap-add.

A block is as many stretches of frames as a vector has lanes. Waveforms are [sample, lane], half-size transforms
[position, re | im, lane] in the order that the forward passes leave, magnitudes [frame, cell, lane] in the order that
pairs of bins are visited. All arrays are flat. docs/engine.md has the layout.
"""

from __future__ import annotations

import numpy as np

from fastspec.kernels import kernel
from fastspec.kernels.lanes import operations as do


@kernel
def _forward_pass(buf, radix, size, half, table, at, general):
    """One forward pass in place: butterflies of `radix` over blocks of `size` numbers."""
    s = size // radix
    step = 2 * s
    if radix == 8:
        if s == 1:
            for b in range(0, half, size):
                do.last8(buf, 2 * b, step, table, at)
        else:
            for b in range(0, half, size):
                for j in range(s):
                    do.forward8(buf, 2 * (b + j), step, table, at + 14 * j)
    elif radix == 4:
        if s == 1:
            for b in range(0, half, size):
                do.last4(buf, 2 * b, step, table, at)
        else:
            for b in range(0, half, size):
                for j in range(s):
                    do.forward4(buf, 2 * (b + j), step, table, at + 6 * j)
    elif general is not None:
        for b in range(0, half, size):
            for j in range(s):
                if radix == 5:
                    do.forward5(buf, 2 * (b + j), step, table, at + 8 * j)
                elif radix == 3:
                    do.forward3(buf, 2 * (b + j), step, table, at + 4 * j)
                else:
                    do.forward2(buf, 2 * (b + j), step, table, at + 2 * j)


@kernel
def _inverse_pass(buf, radix, size, half, table, at, general):
    """One inverse pass in place."""
    s = size // radix
    step = 2 * s
    if radix == 8:
        if s == 1:
            for b in range(0, half, size):
                do.first8(buf, 2 * b, step, table, at)
        else:
            for b in range(0, half, size):
                for j in range(s):
                    do.inverse8(buf, 2 * (b + j), step, table, at + 14 * j)
    elif radix == 4:
        if s == 1:
            for b in range(0, half, size):
                do.first4(buf, 2 * b, step, table, at)
        else:
            for b in range(0, half, size):
                for j in range(s):
                    do.inverse4(buf, 2 * (b + j), step, table, at + 6 * j)
    elif general is not None:
        for b in range(0, half, size):
            for j in range(s):
                if radix == 5:
                    do.inverse5(buf, 2 * (b + j), step, table, at + 8 * j)
                elif radix == 3:
                    do.inverse3(buf, 2 * (b + j), step, table, at + 4 * j)
                else:
                    do.inverse2(buf, 2 * (b + j), step, table, at + 2 * j)


@kernel
def _forward(z, first, window, buf, half, radices, table, offsets, general):
    """Window the frames that begin at sample `first`, and transform them."""
    radix = radices[0]
    s = half // radix
    if radix == 8:
        for j in range(s):
            do.load8(z, first, window, 2 * j, 2 * s, buf, table, 14 * j)
    elif general is not None:
        for j in range(s):
            if radix == 5:
                do.load5(z, first, window, 2 * j, 2 * s, buf, table, 8 * j)
            elif radix == 4:
                do.load4(z, first, window, 2 * j, 2 * s, buf, table, 6 * j)
            elif radix == 3:
                do.load3(z, first, window, 2 * j, 2 * s, buf, table, 4 * j)
            else:
                do.load2(z, first, window, 2 * j, 2 * s, buf, table, 2 * j)
    size = s
    for i in range(1, radices.size):
        _forward_pass(buf, radices[i], size, half, table, offsets[i], general)
        size //= radices[i]


@kernel
def _inverse(buf, synthesis, ring, base, open_samples, half, radices, table, offsets, general):
    """Transform back, window, and add to the ring of open slots."""
    size = 1
    for i in range(radices.size - 1, 0, -1):
        size *= radices[i]
        _inverse_pass(buf, radices[i], size, half, table, offsets[i], general)
    radix = radices[0]
    s = half // radix
    if radix == 8:
        for j in range(s):
            do.unload8(buf, 2 * j, 2 * s, table, 14 * j, synthesis, ring, base, open_samples)
    elif general is not None:
        for j in range(s):
            if radix == 5:
                do.unload5(buf, 2 * j, 2 * s, table, 8 * j, synthesis, ring, base, open_samples)
            elif radix == 4:
                do.unload4(buf, 2 * j, 2 * s, table, 6 * j, synthesis, ring, base, open_samples)
            elif radix == 3:
                do.unload3(buf, 2 * j, 2 * s, table, 4 * j, synthesis, ring, base, open_samples)
            else:
                do.unload2(buf, 2 * j, 2 * s, table, 2 * j, synthesis, ring, base, open_samples)


@kernel
def _begin(X, numbers, f, order, out):
    """out[cell, re | im, lane] = the start of frame `f` of each lane; 0 where there is none."""
    lanes = numbers.shape[1]
    for lane in range(lanes):
        row = numbers[f, lane]
        if row >= 0:
            for c in range(order.size):
                out[2 * c * lanes + lane] = X[row, 2 * order[c]]
                out[(2 * c + 1) * lanes + lane] = X[row, 2 * order[c] + 1]
        else:
            for c in range(2 * order.size):
                out[c * lanes + lane] = 0


@kernel
def sweep(
    op, rule, z, out, t, d, mag, state, X, numbers, order, keep, factors, wave_factors,
    window, synthesis, steady, border, gain_rows, hop, ring, spare, buf,
    radices, table, back, offsets, one, other, turn, middle, general,
):  # fmt: skip
    """One transform pair of all frames of a block, and the wave rule.

    op : number of the update; rule : of the wave rule; z, out, t, d : waveforms [slots * hop, lane]
    mag : targets; state : spectra carried; X : starts (rows of all pictures), for the update `start` alone
    numbers : [shape=(frames, lanes)] which row each frame is, -1 for none; keep : 1 and 0 likewise
    steady : gains of a slot in mid-picture; border, gain_rows : gains of other slots, and [slots, lanes] which
    ring, spare, buf : scratch; ring is empty at the beginning
    The first slots, as many as overlap a frame but one, belong to the lane before and are left alone.
    """
    frames, lanes = numbers.shape
    half = buf.size // (2 * lanes)
    cells = order.size
    slots = ring.size // (hop * lanes)
    beside = 2 if middle < 0 else 3
    starting = op == 0
    for i in range(ring.size):
        ring[i] = 0
    for f in range(frames):
        at = f * cells
        lies = 2 * at
        if starting:
            _begin(X, numbers, f, order, spare)
            lies = 0
        else:
            _forward(z, f * hop, window, buf, half, radices, table, offsets, general)
        carried = spare if starting else state
        do.update_edges(op, buf, mag, at, carried, lies, factors, keep, f)
        if middle >= 0:
            do.update_middle(op, buf, middle, mag, at + 2, carried, lies + 4, factors, keep, f)
        for p in range(one.size):
            do.update_pair(
                op, buf, one[p], other[p], turn, 2 * p, mag, at + beside + 2 * p, carried, lies + 2 * beside + 4 * p,
                factors, keep, f,
            )  # fmt: skip
        base = (f % slots) * hop
        _inverse(buf, synthesis, ring, base, slots * hop, half, radices, back, offsets, general)
        if f < slots - 1:
            for i in range(base * lanes, (base + hop) * lanes):
                ring[i] = 0
            continue
        same = True
        for lane in range(lanes):
            same = same and gain_rows[f, lane] == 0
        if same:
            for i in range(hop):
                do.finish(rule, ring, base + i, steady, i, out, t, d, f * hop + i, wave_factors)
        else:
            for lane in range(lanes):
                row = gain_rows[f, lane]
                for i in range(hop):
                    spare[i * lanes + lane] = border[row, i]
            for i in range(hop):
                do.finish_border(rule, ring, base + i, spare, i, out, t, d, f * hop + i, wave_factors)


@kernel
def misfit(
    z, mag, numbers, order, window, hop, spare, buf, radices, table, offsets, one, other, turn, middle, general, out
):
    """out[row] = sum over the cells of a frame of (|STFT z| - A)^2, in double precision."""
    frames, lanes = numbers.shape
    half = buf.size // (2 * lanes)
    beside = 2 if middle < 0 else 3
    total = np.zeros(lanes)
    for f in range(frames):
        at = f * order.size * lanes
        _forward(z, f * hop, window, buf, half, radices, table, offsets, general)
        for lane in range(lanes):
            re, im = 2.0 * buf[lane], 2.0 * buf[lanes + lane]
            low, high = abs(re + im) - mag[at + lane], abs(re - im) - mag[at + lanes + lane]
            total[lane] = low * low + high * high
            if middle >= 0:
                re, im = 2.0 * buf[middle * lanes + lane], 2.0 * buf[(middle + 1) * lanes + lane]
                low = np.sqrt(re * re + im * im) - mag[at + 2 * lanes + lane]
                total[lane] += low * low
        for p in range(one.size):
            do.spectrum_pair(buf, one[p], other[p], turn, 2 * p, spare)
            row = at + (beside + 2 * p) * lanes
            for i in range(2):
                for lane in range(lanes):
                    re, im = np.float64(spare[2 * i * lanes + lane]), np.float64(spare[(2 * i + 1) * lanes + lane])
                    low = np.sqrt(re * re + im * im) - mag[row + i * lanes + lane]
                    total[lane] += low * low
        for lane in range(lanes):
            if numbers[f, lane] >= 0:
                out[numbers[f, lane]] = total[lane]


@kernel
def pack(rows, numbers, order, out):
    """out[frame, cell, lane] = rows[numbers[frame, lane], order[cell]], 0 where there is none."""
    frames, lanes = numbers.shape
    for f in range(frames):
        at = f * order.size * lanes
        for lane in range(lanes):
            row = numbers[f, lane]
            if row >= 0:
                for c in range(order.size):
                    out[at + c * lanes + lane] = rows[row, order[c]]
            else:
                for c in range(order.size):
                    out[at + c * lanes + lane] = 0


@kernel
def exchange(z, owned, beyond, hop, lanes):
    """What each lane needs of its neighbours: z [block, slots * hop * lanes].

    Every lane owns `owned` slots after `beyond`. The slots before and behind these are the last and first ones of the
    lanes before and after.
    """
    blocks = z.shape[0]
    for b in range(blocks):
        for i in range(beyond * hop):
            low, end = i * lanes, (i + owned * hop) * lanes
            begin, high = (i + beyond * hop) * lanes, (i + (beyond + owned) * hop) * lanes
            for lane in range(1, lanes):
                z[b, low + lane] = z[b, end + lane - 1]
                z[b, high + lane - 1] = z[b, begin + lane]
            z[b, low] = z[b - 1, end + lanes - 1] if b > 0 else 0
            z[b, high + lanes - 1] = z[b + 1, begin] if b < blocks - 1 else 0


@kernel
def unpack(z, lanes, owned, beyond, hop, first, out):
    """out = the samples of the stream from slot `first` on."""
    slots = owned + 2 * beyond
    for s in range(out.size // hop):
        stretch = (first + s) // owned
        block = stretch // lanes
        lane = stretch - block * lanes
        at = ((block * slots + first + s - stretch * owned + beyond) * hop) * lanes + lane
        for i in range(hop):
            out[s * hop + i] = z[at + i * lanes]
