"""The mel scale as librosa and HTK have it, and the axis that specshow calls "mel", which is a symmetrical log."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec.axes.scales.log import bent
from fastspec.axes.scales.scale import Axis, Hertz, Scale

# Slaney's Auditory Toolbox: linear below 1 kHz (200/3 Hz a mel), logarithmic above (27 mels for a factor of 6.4).
_HZ_PER_MEL = 200.0 / 3
_LOG_FROM_HZ = 1000.0
_LOG_FROM_MEL = _LOG_FROM_HZ / _HZ_PER_MEL
_LOG_STEP = np.log(6.4) / 27.0


def hz_to_mel(frequencies: ArrayLike, *, htk: bool = False) -> NDArray[np.float64]:
    """Hz to mel: Slaney's scale, or HTK's `2595 log10(1 + f / 700)` with `htk=True`. As librosa.hz_to_mel."""
    f = np.asarray(frequencies, dtype=np.float64)
    if htk:
        return np.asarray(2595.0 * np.log10(1.0 + f / 700.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        upper = _LOG_FROM_MEL + np.log(f / _LOG_FROM_HZ) / _LOG_STEP
    return np.where(f >= _LOG_FROM_HZ, upper, f / _HZ_PER_MEL)


def mel_to_hz(mels: ArrayLike, *, htk: bool = False) -> NDArray[np.float64]:
    """Mel to Hz, the inverse of `hz_to_mel`. As librosa.mel_to_hz."""
    m = np.asarray(mels, dtype=np.float64)
    if htk:
        return np.asarray(700.0 * (10.0 ** (m / 2595.0) - 1.0))
    return np.where(m >= _LOG_FROM_MEL, _LOG_FROM_HZ * np.exp(_LOG_STEP * (m - _LOG_FROM_MEL)), _HZ_PER_MEL * m)


def mel_frequencies(
    n_mels: int = 128, *, fmin: float = 0.0, fmax: float = 11025.0, htk: bool = False
) -> NDArray[np.float64]:
    """`n_mels` frequencies in Hz, evenly spaced in mel from `fmin` to `fmax` inclusive. As librosa's."""
    low, high = hz_to_mel([fmin, fmax], htk=htk)
    return mel_to_hz(np.linspace(low, high, n_mels), htk=htk)


def bank_frequencies(axis: Axis, n_mels: int) -> Hertz:
    """`n_mels` frequencies evenly spaced in mel between the corners of the axis' bank."""
    return mel_frequencies(n_mels, fmin=axis.fmin or 0.0, fmax=axis.fmax or axis.sr / 2, htk=axis.htk)


class Mel(Scale):
    """Mel bands on specshow's axis, linear below 1 kHz and logarithmic above; `pitch` is 1127 ln(1 + f / 700), HTK's.

    That is Audacity's form (NumberScale.h of 3.2.4), whose last bits differ from those of `hz_to_mel`.
    """

    name = "mel"
    kind = "mel"
    symlog = (1000.0, 1.0)
    zoomable = False

    def pitch(self, hertz: Hertz) -> Hertz:
        return np.asarray(1127.0 * np.log1p(np.maximum(hertz, 0.0) / 700.0))

    def hertz(self, pitch: Hertz) -> Hertz:
        return np.asarray(700.0 * np.expm1(pitch / 1127.0))

    def measure(self, hertz: Hertz, axis: Axis) -> Hertz:
        return bent(hertz, axis)

    def positions(self, axis: Axis) -> Hertz:
        return bank_frequencies(axis, axis.count)

    def explicit_borders(self, axis: Axis) -> Hertz:
        centres = axis.positions
        shifted = centres.copy()
        shifted[1:] -= 0.5 * np.diff(centres)
        return np.append(np.maximum(0.0, shifted), axis.fmax or axis.sr / 2)


SCALE = Mel()
