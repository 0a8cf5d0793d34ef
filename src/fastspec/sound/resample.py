"""Waveforms at another sample rate."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from fastspec._typing import Array
from fastspec.errors import ParameterError

# The parameters of resampy's filter "kaiser_best".
_ZEROS = 64  # crossings of zero a side
_ROLLOFF = 0.9475  # of the lower Nyquist frequency
_BETA = 14.769656  # of the Kaiser window


class Costs(NamedTuple):
    """Seconds of one core of a common server."""

    product: float = 2e-9  # s a sample and tap; measured from 44100 to 22050 Hz and back, to 48000, 16000 and 8000 Hz
    phase: float = 0.3e-3  # s a set of taps; measured from 22050 to 22051 Hz, which has 22051 of them


COSTS = Costs()


def seconds_of(n: int, sr: int, to: int) -> float:
    """About how long `resample` takes for one channel of n samples, seconds of a processor."""
    common = math.gcd(int(sr), int(to))
    length = n * to / sr
    taps = 2 * _ZEROS / (_ROLLOFF * min(1.0, to / sr))
    return COSTS.product * length * taps + COSTS.phase * min(int(to) // common, length)


def resample(y: Array, sr: int, to: int) -> Array:
    """Band-limited resampling of (..., n) samples from `sr` to `to` Hz; the length becomes ceil(n * to / sr).

    A Kaiser-windowed sinc of 64 zero crossings a side, rolled off at .9475 of the lower Nyquist frequency, applied
    phase by phase. Raises ParameterError for rates that are no positive whole numbers.
    """
    for name, value in (("sr", sr), ("to", to)):
        if value != int(value) or value < 1:
            raise ParameterError(f"{name}={value!r} is no sample rate; give a positive whole number of Hz")
    common = math.gcd(int(sr), int(to))
    up, down = int(to) // common, int(sr) // common
    n = y.shape[-1]
    length = -(-n * up // down)
    cutoff = _ROLLOFF * min(1.0, up / down)
    half = math.ceil(_ZEROS / cutoff)
    padded = np.pad(y, [(0, 0)] * (y.ndim - 1) + [(half, half + down)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=-1)
    out = np.empty((*y.shape[:-1], length), dtype=y.dtype)
    for phase in range(min(up, length)):
        first, fraction = divmod(phase * down, up)
        t = np.arange(-half, half + 1) - fraction / up
        edge = np.clip(1 - (t * cutoff / _ZEROS) ** 2, 0, None)
        taps = cutoff * np.sinc(t * cutoff) * np.i0(_BETA * np.sqrt(edge)) / np.i0(_BETA) * (edge > 0)
        count = -(-(length - phase) // up)
        out[..., phase::up] = windows[..., first::down, :][..., :count, :] @ taps.astype(y.dtype)
    return out
