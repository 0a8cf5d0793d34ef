"""Levels <-> amplitudes: what a position on the colour scale, 0 .. 1, means in loudness.

A level is drawn from an amplitude a, a fraction of the reference (usually the maximum): for decibels
x = (20 log10 a - lo) / (hi - lo), or two such lines that meet at x = 1/2 (matplotlib's TwoSlopeNorm), for amplitude
x = a, for power x = a^2, for a power law x = a^p. x is then rounded to one of `count` levels, in one of two ways:
"cells" as matplotlib's colormaps do, level k being k/N <= x < (k + 1)/N, or "rounded" as gray images do, level k being
the nearest to x (N - 1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec._cached import cached_property
from fastspec._typing import Quantiser
from fastspec.errors import ParameterError

LevelKind = Literal["db", "amplitude", "power", "power_law"]

# What the lowest level of a decibel scale stands for, as a fraction of the floor's amplitude. It means "at or below
# the floor", silence included. Measured on five pictures of speech and music (PGHI and 8 iterations of GLADMM), mean
# log-mel distance in dB: 0: 1.851, .3: 1.822, .5: 1.815, .7: 1.816, 1: 1.886. Speech gains, its pauses being under the
# floor; music alone would like .7 to 1 a little better.
FLOOR_SHARE = 0.5

# What the lowest level of amplitudes and of powers stands for, as a fraction of the amplitude in its middle: most of
# what has it is far quieter, as it reaches from nothing to -48 dB of amplitude and to -24 dB of power. Held-out SC in
# dB and STOI of three seconds of two voices and two pieces of music, means (PGHI and the default iterations):
# amplitude 0: -16.6/.971, .1: -16.7/.972, .3: -17.0/.973, .5: -17.0/.974, 1: -16.7/.973;
# power 0: -9.2/.774, .03: -9.4/.739, .1: -9.5/.722, .3: -8.3/.705, 1: -3.2/.652.
AMPLITUDE_SHARE, POWER_SHARE = 0.3, 0.0
_LIKE_POWER = 1.5  # the exponent from which a power law is more like power than like amplitude


@dataclass(frozen=True)
class LevelScale:
    """How loudness became a level.

    kind : "db" | "amplitude" | "power" | "power_law"
    lo, hi : dB at x = 0 and x = 1 (`kind="db"` only)
    center : dB at x = 1/2, where the lower and the upper half have slopes of their own; None: (lo + hi) / 2
    exponent : x = amplitude ** exponent (`kind="power_law"` only; 1 is amplitude, 2 is power)
    count : number of levels
    quantiser : "cells" | "rounded", see the module's text
    peak : amplitude at x = 1 for the scales that are not decibels
    floor_share : amplitude of the lowest level of a decibel scale, in units of the floor's (`FLOOR_SHARE` says why);
        None gives the lowest level no special meaning, of any scale.

    Raises ParameterError for an unknown kind, an empty dB range, or numbers that are not positive and finite.
    """

    kind: LevelKind = "db"
    lo: float = -80.0
    hi: float = 0.0
    exponent: float = 1.0
    count: int = 256
    quantiser: Quantiser = "cells"
    peak: float = 1.0
    floor_share: float | None = FLOOR_SHARE
    center: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(LevelKind):
            raise ParameterError(f"kind={self.kind!r} is unknown; use one of {', '.join(get_args(LevelKind))}")
        if self.quantiser not in get_args(Quantiser):
            raise ParameterError(f"quantiser={self.quantiser!r} is unknown; use 'cells' or 'rounded'")
        if not (math.isfinite(self.lo) and math.isfinite(self.hi) and self.lo < self.hi):
            raise ParameterError(f"The dB range {self.lo!r} .. {self.hi!r} is empty; give LO below HI")
        if self.center is not None and self.kind == "db" and not self.lo < self.center < self.hi:
            raise ParameterError(
                f"db_center={self.center:g} lies outside db_range {self.lo:g} .. {self.hi:g}; give both of one scale"
            )
        if not (math.isfinite(self.exponent) and self.exponent > 0):
            raise ParameterError(f"exponent={self.exponent!r} of a power law must be above 0")
        if not (math.isfinite(self.peak) and self.peak > 0):
            raise ParameterError(f"peak={self.peak!r} must be an amplitude above 0")
        if not 2 <= self.count <= 65536:
            raise ParameterError(f"count={self.count!r} levels; a scale has 2 to 65536")
        if self.floor_share is not None and not 0 <= self.floor_share <= 1:
            raise ParameterError(f"floor_share={self.floor_share!r} must lie in 0 .. 1")

    @property
    def _power(self) -> float:
        return {"amplitude": 1.0, "power": 2.0}.get(self.kind, self.exponent)

    def position(self, index: ArrayLike) -> NDArray[np.float64]:
        """x in 0 .. 1 of level numbers: the middle of what each stands for."""
        k = np.asarray(index, dtype=np.float64)
        return (k + 0.5) / self.count if self.quantiser == "cells" else k / (self.count - 1)

    def index(self, x: ArrayLike) -> NDArray[np.int64]:
        """Level numbers of x, limited to 0 .. count - 1."""
        x = np.asarray(x, dtype=np.float64)
        steps = x * self.count if self.quantiser == "cells" else x * (self.count - 1) + 0.5
        return np.clip(np.floor(steps), 0, self.count - 1).astype(np.int64)

    def amplitude(self, x: ArrayLike) -> NDArray[np.float64]:
        """Amplitude of x (any shape, limited to 0 .. 1), relative to the reference.

        On a decibel scale everything up to the lowest level's middle gets the floor's share, on the others its own.
        """
        x = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
        at_floor = x <= float(self.position(0)) * (1 + 1e-9)
        if self.kind != "db":
            share = POWER_SHARE if self._power >= _LIKE_POWER else AMPLITUDE_SHARE
            amplitude = np.asarray(self.peak * x ** (1.0 / self._power))
            return amplitude if self.floor_share is None else np.where(at_floor, share * amplitude, amplitude)
        amplitude = 10.0 ** (self._decibel(x) / 20.0)
        if self.floor_share is None:
            return amplitude
        return np.where(at_floor, self.floor_share * 10.0 ** (self.lo / 20.0), amplitude)

    def level(self, amplitude: ArrayLike) -> NDArray[np.float64]:
        """x in 0 .. 1 of amplitudes (any shape); what lies beyond the scale gets its end."""
        a = np.asarray(amplitude, dtype=np.float64)
        if self.kind != "db":
            return np.asarray(np.clip(a / self.peak, 0.0, 1.0) ** self._power)
        with np.errstate(divide="ignore"):
            decibel = 20.0 * np.log10(np.maximum(a, 0.0))
        if self.center is not None:
            return np.asarray(np.interp(decibel, [self.lo, self.center, self.hi], [0.0, 0.5, 1.0]))
        return np.clip((decibel - self.lo) / (self.hi - self.lo), 0.0, 1.0)

    def _decibel(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.center is not None:
            return np.asarray(np.interp(x, [0.0, 0.5, 1.0], [self.lo, self.center, self.hi]))
        return self.lo + (self.hi - self.lo) * x

    @cached_property
    def fine_powers(self) -> NDArray[np.float32]:
        """Squared amplitude at x = i / (size - 1), for positions between levels: linear in between errs < 1e-5."""
        size = 8193
        return (self.amplitude(np.arange(size) / (size - 1)) ** 2).astype(np.float32)


Axes = Literal["auto"] | int | tuple[int, ...] | None


def amplitude_to_db(
    S: ArrayLike, *, ref: float | Any = 1.0, amin: float = 1e-5, top_db: float | None = 80.0, axes: Axes = None
) -> NDArray[Any]:
    """Magnitudes to decibels, as librosa.amplitude_to_db: `20 log10(S / ref)`.

    S : any shape, real or complex.  ref : a number or a function of |S| such as np.max.
    amin : what counts as silence.  top_db : distance from the maximum at which values are floored, or None.
    axes : those over which a callable `ref` and the maximum are taken. None: all, as librosa to 0.11; "auto": the
        last two (the only one, if there is one), so that each channel has its own, as librosa 1.0 does by default.
        With `axes`, `ref` must take `axis` and `keepdims`.
    """
    magnitude = np.abs(np.asarray(S))
    if not amin > 0:
        raise ParameterError(f"amin={amin!r} must be above 0")
    axes = _axes_of(axes, magnitude.ndim)
    return _power_to_db(np.square(magnitude), _reference(magnitude, ref, axes) ** 2, amin**2, top_db, axes)


def power_to_db(
    S: ArrayLike, *, ref: float | Any = 1.0, amin: float = 1e-10, top_db: float | None = 80.0, axes: Axes = None
) -> NDArray[Any]:
    """Powers to decibels, as librosa.power_to_db: `10 log10(S / ref)`; arguments as `amplitude_to_db`."""
    power = np.asarray(S)
    if np.iscomplexobj(power):
        power = np.abs(power)
    if not amin > 0:
        raise ParameterError(f"amin={amin!r} must be above 0")
    axes = _axes_of(axes, power.ndim)
    return _power_to_db(power, _reference(power, ref, axes), amin, top_db, axes)


def _axes_of(axes: Axes, dimensions: int) -> int | tuple[int, ...] | None:
    if axes == "auto":
        return None if dimensions == 0 else tuple(range(-min(dimensions, 2), 0))
    if isinstance(axes, str):
        raise ParameterError(f"axes={axes!r} is unknown; give 'auto', None or numbers of axes")
    return axes


def _reference(values: NDArray[Any], ref: Any, axes: int | tuple[int, ...] | None) -> Any:
    if not callable(ref):
        return abs(ref)
    return ref(values) if axes is None else ref(values, axis=axes, keepdims=True)


def _power_to_db(
    power: NDArray[Any], reference: Any, amin: float, top_db: float | None, axes: int | tuple[int, ...] | None
) -> NDArray[Any]:
    decibel = 10.0 * np.log10(np.maximum(amin, power))
    decibel -= 10.0 * np.log10(np.maximum(amin, reference))
    if top_db is not None:
        if top_db < 0:
            raise ParameterError(f"top_db={top_db!r} must not be negative")
        decibel = np.maximum(decibel, decibel.max(axis=axes, keepdims=axes is not None) - top_db)
    return np.asarray(decibel)


def db_to_amplitude(S_db: ArrayLike, *, ref: float = 1.0) -> NDArray[Any]:
    """Decibels to magnitudes, as librosa.db_to_amplitude."""
    return np.asarray(ref * np.power(10.0, 0.05 * np.asarray(S_db)))


def db_to_power(S_db: ArrayLike, *, ref: float = 1.0) -> NDArray[Any]:
    """Decibels to powers, as librosa.db_to_power."""
    return np.asarray(ref * np.power(10.0, 0.1 * np.asarray(S_db)))
