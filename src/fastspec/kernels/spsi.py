"""Single pass spectrogram inversion (Beauregard, Harish, Wyse 2015): phases carried along peaks, frame by frame.

A peak's frequency is that of a parabola through the logarithms of three bins (the paper takes magnitudes), and it
advances by the mean of its frequency and of the peak's before it (the paper: its own).

Phases are turns in 32-bit fixed point, as in `kernels.pghi`; half a turn is the lowest integer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastspec.kernels import kernel

TURN = 4294967296.0
# sin(2 pi y) / y by powers of y**2 on [-1/4, 1/4]: Chebyshev fit
S0, S1, S2, S3, S4 = 6.28318528, -41.3416807, 81.6024807, -76.5812846, 39.7607221
QUARTER = 1 << 30
HALF = 1 << 31
NEAR = 2.0  # bins: a peak this near to the one before is the same tone, whose frequency glides
LEAST = 1e-6  # of a peak: under it, neighbours are taken for this


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


@kernel
def advance(S: Any, hop: int, n_fft: int, out: Any) -> None:
    """S * exp(i phase) of a frame-major magnitude (frames, bins), written to `out` as real pairs (frames, 2 * bins)."""
    frames, bins = S.shape
    phase = np.zeros(bins, np.int32)
    is_peak = np.zeros(bins, np.uint8)
    carrier = np.zeros(bins, np.int32)
    now = np.full(bins, -NEAR * 2)  # the frequency in bins of the peak that a bin belongs to
    past = now.copy()
    for m in range(bins):
        carrier[m] = np.int32(np.int64(np.round(((hop * m) % n_fft) * (1.0 / n_fft) * TURN)))
    for n in range(frames):
        row = S[n]
        past, now = now, past
        for m in range(1, bins - 1):  # levels of a picture repeat, so that a peak may be two bins wide
            is_peak[m] = (row[m] >= row[m - 1]) & (row[m] > row[m + 1])
        for m in range(bins):
            now[m] = past[m]
        for j in range(1, bins - 1):
            if is_peak[j] == 0:
                continue
            mid = row[j]
            left = np.log(max(row[j - 1] / mid, LEAST))
            right = np.log(max(row[j + 1] / mid, LEAST))
            bend = left + right
            at = j + (0.5 * (left - right) / bend if bend < 0 else 0.0)
            mean = 0.5 * (at + past[j]) if abs(at - past[j]) < NEAR else at
            turn = (mean - j) * hop / n_fft
            turn -= np.floor(turn)
            here = np.int32(phase[j] + carrier[j] + np.int64(turn * TURN))
            # the window is centred in its frame: neighbours differ by half a turn, as far as the peak reaches
            phase[j] = here
            now[j] = at
            there = np.int32(here + HALF)
            m = j + 1
            while m < bins and row[m] < row[m - 1]:
                phase[m] = there
                now[m] = at
                there = np.int32(there + HALF)
                m += 1
            there = np.int32(here + HALF)
            m = j - 1
            while m >= 0 and (m == j - 1 or row[m] < row[m + 1]):
                phase[m] = there
                now[m] = at
                there = np.int32(there + HALF)
                m -= 1
        _emit_row(row, phase, out[n])
