"""Single pass spectrogram inversion (Beauregard, Harish, Wyse 2015): phases carried along peaks, frame by frame.

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
    for m in range(bins):
        carrier[m] = np.int32(np.int64(np.round(((hop * m) % n_fft) * (1.0 / n_fft) * TURN)))
    for n in range(frames):
        row = S[n]
        for m in range(1, bins - 1):  # levels of a picture repeat, so that a peak may be two bins wide
            is_peak[m] = (row[m] >= row[m - 1]) & (row[m] > row[m + 1])
        for j in range(1, bins - 1):
            if is_peak[j] == 0:
                continue
            left, mid, right = row[j - 1], row[j], row[j + 1]
            bend = left - 2 * mid + right
            p = 0.5 * (left - right) / bend if bend < 0 else 0.0
            turn = p * hop / n_fft
            turn -= np.floor(turn)
            here = np.int32(phase[j] + carrier[j] + np.int64(turn * TURN))
            phase[j] = here
            # across the main lobe of a window centred in its frame neighbours differ by half a turn; beyond it, on the
            # side of the true peak, side lobe signs and that half turn cancel, and on the other side they stay opposed
            far = np.int32(here + HALF)
            up, down = (here, far) if p >= 0 else (far, here)
            phase[j + 1] = far
            m = j + 2
            while m < bins and row[m] < row[m - 1]:
                phase[m] = up
                m += 1
            phase[j - 1] = far
            m = j - 2
            while m >= 0 and row[m] < row[m + 1]:
                phase[m] = down
                m -= 1
        _emit_row(row, phase, out[n])
