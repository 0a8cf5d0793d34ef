"""SPSI: phases from magnitude alone by peak picking and phase advance. Beauregard, Harish, Wyse 2015."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.kernels import spsi as kernels
from fastspec.phase.starts import arguments
from fastspec.phase.starts.start import Start
from fastspec.transform.geometry import Geometry
from fastspec.transform.windows import WindowSpec


def spsi(
    S: npt.ArrayLike,
    *,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: WindowSpec = "hann",
) -> Array:
    """Spectrogram with phases found from its magnitude by single pass spectrogram inversion.

    S : real [shape=(..., 1 + n_fft // 2, frames)], non-negative magnitude; any number of leading channels
    hop_length, win_length, n_fft, window : of the STFT (with center=True) that S is the magnitude of, as in librosa;
        only the hop and n_fft matter

    Returns complex [shape=S.shape], |result| = S; complex64, or complex128 for float64 S; frame-major in memory.
    Raises ParameterError. Source: Beauregard, Harish, Wyse 2015, with peaks interpolated in logarithms and advanced by
    the mean frequency of two frames: .7 dB better in held-out SC than the paper's way in the mean of two voices and two
    pieces of music at 1024/256, 2048/512, 512/128 and 1024/512 (-.3 to +2.5 dB). `pghi` is better in all but one.
    """
    magnitude, geometry = arguments.checked(S, hop_length, win_length, n_fft, window)

    def one(_: tuple[int, ...], frames: Array, out: Array) -> None:
        spectrum(frames, geometry, out=out)

    return arguments.each(magnitude, one)


def spectrum(S: Array, geometry: Geometry, *, out: Array | None = None) -> Array:
    """`spsi` of one frame-major spectrogram; arguments as for `pghi.spectrum`."""
    S = np.ascontiguousarray(S)
    out = arguments.out_for(S, out)
    arguments.peak(S)
    kernels.advance(S, geometry.hop_length, geometry.n_fft, out.view(S.dtype))
    return out


def _write(mag: Array, X: Array, geometry: Geometry, seed: int) -> None:
    spectrum(mag, geometry, out=X)


START = Start("spsi", _write)
