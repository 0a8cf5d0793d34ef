"""Mel scale, mel filter banks, and the way back from mel bands to STFT bins."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastspec.errors import ParameterError

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


def mel_filterbank(
    *,
    sr: float,
    n_fft: int,
    n_mels: int = 128,
    fmin: float = 0.0,
    fmax: float | None = None,
    htk: bool = False,
    norm: Literal["slaney"] | None = "slaney",
    dtype: DTypeLike = np.float32,
) -> NDArray[Any]:
    """Triangular filters that turn power spectra into mel bands; equal to librosa.filters.mel.

    Returns
    -------
    weights : ndarray [shape=(n_mels, 1 + n_fft//2)]
        Non-negative; with `norm="slaney"` each triangle has unit area (2 / width in Hz), with None a peak of 1.
    """
    fmax = _check_bank(sr, n_fft, n_mels, fmin, fmax)
    if norm not in ("slaney", None):
        raise ParameterError(f"norm={norm!r} is unknown; use 'slaney' (unit area) or None (unit peak).")
    bins = np.arange(1 + n_fft // 2) * (float(sr) / n_fft)
    corners = mel_frequencies(n_mels + 2, fmin=fmin, fmax=fmax, htk=htk)
    widths = np.diff(corners)
    ramps = corners[:, None] - bins[None, :]
    weights = np.zeros((n_mels, bins.size), dtype=dtype)
    for band in range(n_mels):
        rising = -ramps[band] / widths[band]
        falling = ramps[band + 2] / widths[band + 1]
        weights[band] = np.maximum(0, np.minimum(rising, falling))
    if norm == "slaney":
        weights *= (2.0 / (corners[2:] - corners[:-2]))[:, None]
    return weights


def _check_bank(sr: float, n_fft: int, n_mels: int, fmin: float, fmax: float | None) -> float:
    """Refuse a bank that cannot exist; returns `fmax` in Hz (default: the Nyquist frequency)."""
    if not sr > 0:
        raise ParameterError(f"sr={sr!r} is not a sampling rate above 0 Hz.")
    if n_fft < 2:
        raise ParameterError(f"n_fft={n_fft!r} is too short for a mel bank; give at least 2 samples.")
    if n_mels < 1:
        raise ParameterError(f"n_mels={n_mels!r} leaves no band; give at least 1.")
    top = sr / 2.0 if fmax is None else float(fmax)
    if not 0 <= fmin < top:
        raise ParameterError(f"fmin={fmin!r} Hz must lie at or above 0 and below fmax={top!r} Hz.")
    if top > sr / 2.0:
        raise ParameterError(
            f"fmax={top!r} Hz lies above half the sampling rate ({sr / 2.0!r} Hz); lower it or raise sr."
        )
    return top
