"""Mel filter banks, and the way back from mel bands and constant-Q bins to STFT bins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from fastspec.axes.scales.mel import mel_frequencies
from fastspec.errors import ParameterError

BLOCK = 256  # frames that are searched at a time; results do not depend on it


@dataclass(frozen=True)
class MelBank:
    """Triangular filters that turn power spectra into mel bands, as librosa.filters.mel has them.

    sr : Hz. n_fft : FFT length. n_mels : bands, whose corners lie evenly in mel from fmin to fmax Hz (default: sr / 2).
    htk : HTK's mel formula in place of Slaney's. norm : "slaney" gives each triangle unit area (2 / width in Hz), None
        a peak of 1.

    Raises ParameterError for a bank that cannot be.
    """

    sr: float
    n_fft: int
    n_mels: int = 128
    fmin: float = 0.0
    fmax: float | None = None
    htk: bool = False
    norm: Literal["slaney"] | None = "slaney"

    def __post_init__(self) -> None:
        _check_bins(self.sr, self.n_fft)
        if self.n_mels < 1:
            raise ParameterError(f"n_mels={self.n_mels!r} leaves no band; give at least 1")
        if not 0 <= self.fmin < self.top:
            raise ParameterError(f"fmin={self.fmin!r} Hz must lie at or above 0 and below fmax={self.top!r} Hz")
        if self.top > self.sr / 2.0:
            raise ParameterError(
                f"fmax={self.top!r} Hz lies above half the sampling rate ({self.sr / 2.0!r} Hz); lower it or raise sr"
            )
        if self.norm not in ("slaney", None):
            raise ParameterError(f"norm={self.norm!r} is unknown; use 'slaney' (unit area) or None (unit peak)")

    @property
    def top(self) -> float:
        """Hz of the highest corner."""
        return self.sr / 2.0 if self.fmax is None else float(self.fmax)

    @property
    def corners(self) -> NDArray[np.float64]:
        """Hz of the triangles' corners and tips, rising: shape (n_mels + 2,)."""
        return mel_frequencies(self.n_mels + 2, fmin=self.fmin, fmax=self.top, htk=self.htk)

    @property
    def bins(self) -> NDArray[np.float64]:
        """Hz of the transform's bins: shape (1 + n_fft // 2,)."""
        return np.arange(1 + self.n_fft // 2, dtype=np.float64) * (float(self.sr) / self.n_fft)

    def weights(self, dtype: DTypeLike = np.float32) -> NDArray[Any]:
        """The filters, non-negative: shape (n_mels, 1 + n_fft // 2)."""
        bins, corners = self.bins, self.corners
        widths = np.diff(corners)
        ramps = corners[:, None] - bins[None, :]
        weights = np.zeros((self.n_mels, bins.size), dtype=dtype)
        for band in range(self.n_mels):
            rising = -ramps[band] / widths[band]
            falling = ramps[band + 2] / widths[band + 1]
            weights[band] = np.maximum(0, np.minimum(rising, falling))
        if self.norm == "slaney":
            weights *= (2.0 / (corners[2:] - corners[:-2]))[:, None]
        return weights


def _check_bins(sr: float, n_fft: int) -> None:
    if not sr > 0:
        raise ParameterError(f"sr={sr!r} is not a sampling rate above 0 Hz")
    if n_fft < 2:
        raise ParameterError(f"n_fft={n_fft!r} is too short for a mel bank; give at least 2 samples")


def mel_to_stft(
    M: ArrayLike,
    bank: MelBank,
    *,
    power: float = 2.0,
    n_iter: int = 60,
    n_bins: int | None = None,
    between: Callable[[], object] | None = None,
) -> NDArray[np.float32]:
    """Non-negative STFT magnitudes whose mel bands are `M`.

    A mel picture has far fewer bands than bins, so many spectra fit it; a least-squares fit, as librosa's, picks one
    with holes between the bands. Here the search starts from the bands' own smooth outline and goes by Richardson's
    and Lucy's multiplicative updates, which keep every bin positive and change the outline no more than the bands
    demand. As a triangular bank touches each bin with two bands at most, an update costs a few operations a bin.

    M : (frames, n_mels), non-negative: mel bands of |STFT| ** power that `bank` made. Bins outside fmin .. fmax come
        out as 0.
    n_iter : more iterations fit `M` better; the sound hardly changes after 60.
    n_bins : only the lowest so many bins are returned; None for all. between : called every few hundred frames; what
        it raises ends the search.

    Returns magnitudes (frames, 1 + n_fft//2) float32. Raises ParameterError if M is not a table of finite non-negative
    numbers, or not of the bank's bands.
    """
    bands = np.ascontiguousarray(M, dtype=np.float32)
    if bands.ndim != 2 or bands.shape[1] != bank.n_mels:
        raise ParameterError(f"M of shape {bands.shape} is no table of {bank.n_mels} mel bands; give (frames, n_mels)")
    if not (power > 0 and np.isfinite(power)):
        raise ParameterError(f"power={power!r} must be above 0 (2 for power bands, 1 for magnitude bands)")
    if n_iter < 0:
        raise ParameterError(f"n_iter={n_iter!r} must not be negative")
    if bands.size and not (np.isfinite(bands.max()) and bands.min() >= 0):  # NaN fails both
        raise ParameterError("M holds negative, NaN or infinite values; mel bands are finite and at least 0")
    from fastspec.kernels.mel import invert

    weights = bank.weights()
    corner, falling, rising = _sides(weights, bank)
    # Loudness may be of any scale, but the kernel's smallest number is fixed.
    peak = float(bands.max()) if bands.size else 0.0
    out = np.zeros((bands.shape[0], weights.shape[1] if n_bins is None else n_bins), np.float32)
    if peak == 0.0:
        return out
    kernel: Any = invert
    outline = _Outline(weights)
    for start in range(0, bands.shape[0], BLOCK):  # what a block needs beside its result is four times as large
        if between is not None:
            between()
        scaled = bands[start : start + BLOCK] * np.float32(1.0 / peak)
        found = np.zeros((scaled.shape[0], weights.shape[1]), np.float32)
        kernel(scaled, corner, falling, rising, outline(scaled), n_iter, 1.0 / power, found)
        part = out[start : start + BLOCK]
        np.multiply(found[:, : out.shape[1]], np.float32(peak ** (1.0 / power)), out=part)
    return out


def _sides(
    weights: NDArray[np.float32], bank: MelBank
) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.float32]]:
    """For each bin: the corner at or below it, its weight in the band falling from there and in the one rising."""
    corner = np.clip(np.searchsorted(bank.corners, bank.bins, side="right") - 1, 0, bank.n_mels)
    padded = np.zeros((bank.n_mels + 2, weights.shape[1]), np.float32)
    padded[1:-1] = weights
    every = np.arange(weights.shape[1])
    return corner.astype(np.intp), padded[corner, every], padded[corner + 1, every]


class _Outline:
    """A smooth start: the bands' densities squared, interpolated in log over the bins.

    Squared, because the updates are slow to sharpen peaks (measured: exponents 1 .. 3 differ by less than 0.2 dB of
    spectral convergence after 30 to 60 updates).
    """

    def __init__(self, weights: NDArray[np.float32]) -> None:
        sums = weights.sum(axis=1)
        self.used = np.flatnonzero(sums > 0)  # bands narrower than a bin may catch none
        self.bins = np.arange(weights.shape[1])
        if not self.used.size:
            return
        self.sums = sums[self.used]
        centres = (weights[self.used] @ self.bins) / self.sums
        self.low = np.clip(np.searchsorted(centres, self.bins, side="right") - 1, 0, self.used.size - 1)
        self.high = np.minimum(self.low + 1, self.used.size - 1)
        gap = np.maximum(centres[self.high] - centres[self.low], 1e-6)  # two narrow bands may share their only bin
        self.part = np.clip((self.bins - centres[self.low]) / gap, 0.0, 1.0).astype(np.float32)

    def __call__(self, bands: NDArray[np.float32]) -> NDArray[np.float32]:
        """The outline (frames, bins) of bands (frames, n_mels)."""
        if not self.used.size:
            return np.zeros((bands.shape[0], self.bins.size), np.float32)
        log = 2.0 * np.log(np.maximum(bands[:, self.used] / self.sums, 1e-12))
        between = log[:, self.low] * (1 - self.part) + log[:, self.high] * self.part
        outline: NDArray[np.float32] = np.exp(between).astype(np.float32)
        return outline


def log_to_stft(C: ArrayLike, frequencies: ArrayLike, *, sr: float, n_fft: int) -> NDArray[np.float32]:
    """STFT magnitudes from cells on a logarithmic frequency axis, such as constant-Q bins. An approximation.

    A bin takes the root mean square of the cells less than half a bin away; where there is none, the cells above and
    below are interpolated (power, over log frequency). Bins outside the cells' range are 0. What a constant-Q
    transform's longer windows resolved below the STFT's resolution is lost, and its scaling is left as it is.

    C : (frames, n), non-negative magnitudes. frequencies : (n,) Hz, rising (`FrequencyAxis.frequencies`).

    Returns magnitudes (frames, 1 + n_fft//2) float32. Raises ParameterError if shapes do not fit or the frequencies do
    not rise from above 0.
    """
    cells, f = np.asarray(C, dtype=np.float32), np.asarray(frequencies, dtype=np.float64)
    if cells.ndim != 2 or f.ndim != 1 or cells.shape[1] != f.size or f.size < 2:
        raise ParameterError(f"C of shape {cells.shape} and frequencies of shape {f.shape} do not fit each other")
    if not (f[0] > 0 and np.all(np.diff(f) > 0)):
        raise ParameterError("frequencies must rise from above 0 Hz")
    _check_bins(sr, n_fft)
    bins = np.arange(1 + n_fft // 2) * (float(sr) / n_fft)
    near = np.abs(bins[:, None] - f[None, :]) <= 0.5 * float(sr) / n_fft
    share = near / np.maximum(near.sum(axis=1, keepdims=True), 1)
    edge = np.sqrt(f[1] / f[0])  # half a cell further out
    between = ~near.any(axis=1) & (bins >= f[0] / edge) & (bins <= f[-1] * edge)
    for k in np.flatnonzero(between):
        high = int(np.clip(np.searchsorted(f, bins[k]), 1, f.size - 1))
        part = np.clip(np.log(bins[k] / f[high - 1]) / np.log(f[high] / f[high - 1]), 0.0, 1.0)
        share[k, high - 1], share[k, high] = 1 - part, part
    magnitudes: NDArray[np.float32] = np.sqrt(np.square(cells) @ share.T.astype(np.float32))
    return magnitudes
