"""Framing, overlap-add and its normalisation: the parts of the transform pair that are no FFT.

A window is passed as its `width` samples that can differ from zero, which begin at sample `lead` of a frame.
"""

from __future__ import annotations

import numpy as np

from fastspec.kernels import kernel


@kernel
def frame_rows(signal, start, hop, window, lead, row, count, block):
    """Write `count` windowed frames into `block` from `row` on; the first frame begins at `signal[start]`."""
    width = window.size
    for i in range(count):
        frame = block[row + i]
        frame[:lead] = 0
        frame[lead + width :] = 0
        # slices, not offsets: the inner loop then vectorises
        source = signal[start + i * hop + lead : start + i * hop + lead + width]
        inner = frame[lead : lead + width]
        for j in range(width):
            inner[j] = source[j] * window[j]


@kernel
def overlap_add(block, row, count, window, lead, start, hop, signal):
    """Add `count` windowed rows of `block` to `signal`; the first begins at `signal[start]`, which may lie outside."""
    width = window.size
    for i in range(count):
        begin = start + i * hop + lead
        low = max(0, -begin)
        high = min(width, signal.size - begin)
        if low >= high:
            continue
        frame = block[row + i, lead + low : lead + high]
        target = signal[begin + low : begin + high]
        weights = window[low:high]
        for j in range(high - low):
            target[j] += frame[j] * weights[j]


@kernel
def normalise(signal, begin, end, offset, frames, hop, squares, inverse, tiny):
    """Divide `signal[begin:end]` by the overlapped squared windows of all `frames`.

    `offset` is the place of `signal[0]` after the first sample of the first frame's window; `squares` are the squared
    samples of one window (float64) and `inverse` one hop of the reciprocal sums that hold where no frame is missing.
    Samples whose sum does not exceed `tiny` are left alone.
    """
    width = squares.size
    whole = max(0, width - hop)  # from here on, and before frames * hop, no frame is missing
    i = begin
    while i < end:
        place = offset + i
        if whole <= place < frames * hop:
            phase = place % hop
            run = min(end - i, frames * hop - place, hop - phase)
            target = signal[i : i + run]
            factors = inverse[phase : phase + run]
            for j in range(run):
                target[j] *= factors[j]
            i += run
            continue
        if place >= 0:
            total = 0.0
            last = min(frames - 1, place // hop)
            first = max(0, (place - width) // hop + 1)
            for k in range(first, last + 1):
                total += squares[place - k * hop]
            if total > tiny:
                signal[i] /= total
        i += 1


@kernel
def all_finite(values):
    """Whether a 1-d array holds neither NaN nor infinity."""
    finite = True
    for i in range(values.size):  # not a sum of zeros times values: LLVM 14 (numba 0.60) takes that for zero
        finite &= abs(values[i]) < np.inf
    return finite
