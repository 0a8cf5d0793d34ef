"""Frequency scales that Audacity draws on, beside those of librosa: even measures of pitch, and the way back to Hz.

Source: NumberScale.h of Audacity 3.2.4. `bark` is Traunmueller's formula (J. Acoust. Soc. Am. 88, 1990) with his
corrections below 2 and above 20.1 Bark, `erb` the ERB-rate of Moore and Glasberg (ibid. 74, 1983) in Audacity's
constants, `mel` 1127 ln(1 + f / 700), which is HTK's, and `period` the negative of the period, so that it rises with
frequency.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec.errors import ParameterError

SCALES = ("linear", "log", "mel", "bark", "erb", "period")
_LOWEST_HZ = 1.0  # of a period
_ERB, _ERB_RATIO, _ERB_HZ = 11.17268, 46.06538, 14678.49
_BARK_LOW, _BARK_HIGH = 2.0, 20.1


def to_scale(frequencies: ArrayLike, scale: str) -> NDArray[np.float64]:
    """Hz to the even measure of `scale`, one of `SCALES`; any shape. ParameterError for another scale."""
    f = np.asarray(frequencies, dtype=np.float64)
    if scale == "linear":
        return f
    f = np.maximum(f, 0.0)  # half a bin below the lowest
    if scale == "log":
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(f))
    if scale == "mel":
        return np.asarray(1127.0 * np.log1p(f / 700.0))
    if scale == "bark":
        bark = 26.81 * f / (1960.0 + f) - 0.53
        low = bark + 0.15 * (_BARK_LOW - bark)
        high = bark + 0.22 * (bark - _BARK_HIGH)
        return np.where(bark < _BARK_LOW, low, np.where(bark > _BARK_HIGH, high, bark))
    if scale == "erb":
        return np.asarray(_ERB * np.log1p(_ERB_RATIO * f / (f + _ERB_HZ)))
    if scale == "period":
        return -1.0 / np.maximum(f, _LOWEST_HZ)
    raise ParameterError(f"scale={scale!r} is no scale of Audacity's; use one of {', '.join(SCALES)}.")


def from_scale(values: ArrayLike, scale: str) -> NDArray[np.float64]:
    """The inverse of `to_scale`, Hz; what lies beyond a scale's end is infinite."""
    v = np.asarray(values, dtype=np.float64)
    if scale == "linear":
        return v
    if scale == "log":
        return np.asarray(np.exp(v))
    if scale == "mel":
        return np.asarray(700.0 * np.expm1(v / 1127.0))
    if scale == "bark":
        low = _BARK_LOW + (v - _BARK_LOW) / 0.85
        high = _BARK_HIGH + (v - _BARK_HIGH) / 1.22
        bark = np.where(v < _BARK_LOW, low, np.where(v > _BARK_HIGH, high, v))
        return _pole(1960.0 * (bark + 0.53), 26.28 - bark)
    if scale == "erb":
        # Audacity's own inverse, whose constants are rounded for themselves
        return _pole(np.full_like(v, 676170.4), 47.06538 - np.exp(0.08950404 * v)) - _ERB_HZ
    if scale == "period":
        return _pole(np.ones_like(v), -v)
    raise ParameterError(f"scale={scale!r} is no scale of Audacity's; use one of {', '.join(SCALES)}.")


def _pole(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """The quotient, infinite where the divisor is no longer above 0."""
    inside = below > 0
    return np.where(inside, above / np.where(inside, below, 1.0), np.inf)
