"""What phase retrieval accepts, and what librosa's arguments mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.errors import ParameterError
from fastspec.phase import methods, starts
from fastspec.transform.geometry import Geometry, positive

Init = str | starts.Start | Array | None


def magnitudes(S: npt.ArrayLike) -> Array:
    """S checked: (..., bins, frames), real, finite, non-negative, float32 or float64."""
    S = np.asarray(S)
    if S.ndim < 2 or 0 in S.shape:
        raise ParameterError(f"S has shape {S.shape}; it must be (..., bins, frames) and not empty")
    if S.dtype.kind == "c":
        raise ParameterError("S is complex: give np.abs(S) as S, and S itself as init= for a warm start")
    if S.dtype.kind not in "fiub":
        raise ParameterError(f"S has dtype {S.dtype}; it must be real numbers")
    if S.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        S = S.astype(np.float32)
    low, high = float(S.min()), float(S.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ParameterError("S holds NaN or infinite values; replace them by finite magnitudes")
    if low < 0:
        raise ParameterError(f"S holds negative values (down to {low:.4g}); give magnitudes, not decibels")
    return S


def check_init(init: Init, shape: tuple[int, ...]) -> None:
    """Raise ParameterError unless `init` is a start for spectrograms of this shape."""
    if init is None or isinstance(init, starts.Start):
        return
    if isinstance(init, str):
        if starts.find(init) is None:
            raise ParameterError(f"init={init!r} is unknown; use one of {starts.names()}, None or a complex array")
        return
    if np.shape(init) != shape or not np.iscomplexobj(init):
        raise ParameterError(
            f"init is {np.asarray(init).dtype} of shape {np.shape(init)}; a warm start is complex {shape}"
        )
    if not np.isfinite(init).all():
        raise ParameterError("init holds NaN or infinite values; a warm start must be finite")


def geometry_of(bins: int, options: dict[str, Any]) -> Geometry:
    """The geometry that librosa's arguments mean for a picture of `bins` rows; an error if no sound comes of it."""
    n_fft = options["n_fft"]
    if n_fft is None:
        if bins < 2:
            raise ParameterError(f"S has {bins} bin, which leaves n_fft open; give n_fft")
        options = {**options, "n_fft": 2 * (bins - 1)}
    elif (wanted := positive("n_fft", n_fft) // 2 + 1) != bins:  # before a window is made, which may be huge
        raise ParameterError(f"S has {bins} bins but n_fft={n_fft} has {wanted}; give S with its own n_fft")
    geometry = Geometry.of(**options)
    if geometry.n_fft < 2:
        raise ParameterError(f"n_fft={geometry.n_fft} leaves no phase to find; it must be at least 2")
    geometry.check_invertible()
    if callable(geometry.pad_mode):
        raise ParameterError("pad_mode is a function; phase retrieval takes named modes only, such as 'constant'")
    return geometry


def one_each(name: str, value: Any, number: int, batch: bool) -> list[Any]:
    """One value a picture: a list given for a batch, or the same value for all."""
    if batch and isinstance(value, list | tuple):
        if len(value) != number:
            raise ParameterError(f"{name} has {len(value)} members for {number} spectrograms; give one each")
        return list(value)
    return [value] * number


def librosa_rng(random_state: Any) -> Any:
    """The generator that librosa draws from for this `random_state`; ParameterError for what is none."""
    if random_state is None:
        return np.random.default_rng()
    if isinstance(random_state, int | np.integer):
        return np.random.RandomState(int(random_state))  # librosa's generator, for the same start
    if isinstance(random_state, np.random.RandomState | np.random.Generator):
        return random_state
    raise ParameterError(f"random_state={random_state!r} is unsupported; give None, an int or a NumPy generator")


def one_seed(random_state: Any, rng: Any) -> int | None:
    """The seed for starts that are no plain draw (PGHI's random phases below its tolerance)."""
    for value in (random_state, rng):
        if isinstance(value, int | np.integer):
            return int(value)
    return None


def check_options(phase: dict[str, Any]) -> None:
    """Raise ParameterError for a method, start, count or seed (of `phase`) that `phase_retrieval` would refuse."""
    methods.of(phase["method"])
    if not isinstance(phase["init"], str) or starts.find(phase["init"]) is None:
        raise ParameterError(f"init={phase['init']!r} is unknown; use one of {', '.join(starts.names())}")
    count = phase["n_iter"]
    if not isinstance(count, tuple) and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
        raise ParameterError(f"n_iter={phase['n_iter']!r} is not a whole number of at least 0")
    for name, least in (("seed", 0), ("workers", 1)):
        value = phase.get(name, least)
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ParameterError(f"{name}={value!r} is not a whole number of at least {least}")
