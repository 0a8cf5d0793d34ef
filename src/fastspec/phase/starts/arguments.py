"""What the starts that are functions too, `pghi` and `spsi`, share: their arguments settled, one channel after another.

The facades take librosa's `(..., bins, frames)`; `spectrum` of each module is the frame-major inside.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.errors import ParameterError
from fastspec.transform.geometry import Geometry, positive
from fastspec.transform.windows import WindowSpec

Seed: TypeAlias = int | np.random.Generator | None


def peak(S: Array) -> float:
    """The largest magnitude; an error if any is none."""
    top, least = float(S.max()), float(S.min())  # NaN where S holds NaN
    if not (least >= 0 and top < math.inf):
        raise ParameterError("S holds NaN, infinite or negative values; give finite magnitudes, not decibels")
    return top


def out_for(S: Array, out: Array | None) -> Array:
    """`out`, or a new array, to hold the spectrum of a frame-major S; an error if either does not fit."""
    kind = np.dtype(np.complex128 if S.dtype == np.float64 else np.complex64)
    if S.ndim != 2 or 0 in S.shape or S.dtype not in (np.float32, np.float64):
        raise ParameterError(f"S is {S.dtype} of shape {S.shape}; it must be floating (frames, bins) and not empty")
    if out is None:
        return np.empty(S.shape, kind)
    if out.shape != S.shape or out.dtype != kind or not out.flags.c_contiguous:
        raise ParameterError(f"out is {out.dtype} of shape {out.shape}; it must be contiguous {kind} of {S.shape}")
    return out


def checked(
    S: npt.ArrayLike, hop_length: int | None, win_length: int | None, n_fft: int | None, window: WindowSpec
) -> tuple[Array, Geometry]:
    """(S as floats, the geometry that librosa's arguments mean for its bins)."""
    magnitude = np.asarray(S)
    if magnitude.dtype.kind not in "fiub":
        raise ParameterError(f"S has dtype {magnitude.dtype}; it must be a real magnitude, e.g. np.abs(S)")
    if magnitude.ndim < 2 or 0 in magnitude.shape:
        raise ParameterError(f"S has shape {magnitude.shape}; it must be (..., bins, frames) and not empty")
    if magnitude.dtype not in (np.float32, np.float64):
        magnitude = magnitude.astype(np.float32)
    bins = magnitude.shape[-2]
    size = max(1, 2 * (bins - 1)) if n_fft is None else positive("n_fft", n_fft)
    if bins != size // 2 + 1:  # before a window is made, which may be huge
        raise ParameterError(
            f"S has {bins} bins, but n_fft={size} makes {size // 2 + 1}; give the n_fft S was made with"
        )
    geometry = Geometry.of(size, hop_length if hop_length is not None or bins > 2 else 1, win_length, window)
    return magnitude, geometry


def each(magnitude: Array, one: Callable[[tuple[int, ...], Array, Array], None]) -> Array:
    """One channel after the other into a frame-major result, shown as (..., bins, frames)."""
    kind = np.complex128 if magnitude.dtype == np.float64 else np.complex64
    major = np.empty((*magnitude.shape[:-2], magnitude.shape[-1], magnitude.shape[-2]), kind)
    for index in np.ndindex(*magnitude.shape[:-2]):
        one(index, magnitude[index].T, major[index])
    return major.swapaxes(-1, -2)


def seed_of(rng: Seed) -> int:
    """One whole number for all channels."""
    if rng is None or isinstance(rng, np.random.Generator):
        return int((np.random.default_rng() if rng is None else rng).integers(2**63))
    if isinstance(rng, bool) or not isinstance(rng, (int, np.integer)) or rng < 0:
        raise ParameterError(f"rng={rng!r} is no seed; give a non-negative integer, a numpy Generator or None")
    return int(rng)
