"""How good a recovered sound is: distances from the sound that was drawn, and from the picture's magnitude.

All work in float64 and hold two policies. Waveforms are compared over their common length. Against another waveform the
louder or softer sound is forgiven: it is first multiplied by the gain that matches the 2048/256 magnitudes best in
least squares. Silence has no meaningful distance, so a silent reference is a ParameterError; a silent recovery is not:
its spectral convergence is 0 dB.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.errors import ParameterError, missing_extra
from fastspec.transform.windows import WindowSpec

FLOOR_DB = 80.0  # under the peak of the reference
PERFECT_DB = -320.0  # 20 log10 of what double precision cannot tell from 0; instead of minus infinity
_JUDGE = {"n_fft": 2048, "hop_length": 256}  # a transform that no algorithm optimised
_MEL = {"n_fft": 1024, "hop_length": 256}


def spectral_convergence(estimate: npt.ArrayLike, reference: npt.ArrayLike) -> float:
    """20 log10(|| |estimate| - |reference| || / || reference ||) in dB: smaller is better.

    estimate, reference : magnitudes or complex spectra of the same shape
    """
    a, b = np.abs(np.asarray(estimate)).astype(np.float64), np.abs(np.asarray(reference)).astype(np.float64)
    if a.shape != b.shape:
        raise ParameterError(f"The spectra have shapes {a.shape} and {b.shape}; they must be the same")
    return _ratio_db(a - b, b)


def own_sc(  # noqa: PLR0913 - librosa's arguments
    y: npt.ArrayLike,
    S: npt.ArrayLike,
    *,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: WindowSpec = "hann",
    center: bool = True,
    pad_mode: str = "constant",
) -> float:
    """Spectral convergence of `y` on the very magnitude that was to be reached, in dB.

    y : [shape=(samples,)]; S : magnitude [shape=(1 + n_fft // 2, frames)]. Frames that only one has are left out.

    To be read beside `held_out_sc`, never instead: at 50 % overlap it falls while the sound stays wrong.
    """
    target = np.abs(np.asarray(S)).astype(np.float64)
    if target.ndim != 2 or 0 in target.shape:
        raise ParameterError(f"S has shape {target.shape}; it must be (bins, frames) and not empty")
    size = 2 * (target.shape[0] - 1) if n_fft is None else n_fft
    options = {"n_fft": size, "hop_length": hop_length, "win_length": win_length, "window": window}
    got = _magnitude(_waveform("y", y), **options, center=center, pad_mode=pad_mode)
    if got.shape[0] != target.shape[0]:
        raise ParameterError(f"S has {target.shape[0]} bins, but n_fft={size} makes {got.shape[0]}; give n_fft")
    frames = min(got.shape[1], target.shape[1])
    return spectral_convergence(got[:, :frames], target[:, :frames])


def held_out_sc(y: npt.ArrayLike, reference: npt.ArrayLike, sr: float | None = None) -> float:
    """Spectral convergence against the original sound on 2048/256 Hann, after the best gain, in dB.

    y, reference : waveforms [shape=(samples,)]; sr : not needed, accepted so that all judges are called alike
    """
    a, b = _matched(y, reference)
    return spectral_convergence(_magnitude(a, **_JUDGE), _magnitude(b, **_JUDGE))


def log_mel_distance(y: npt.ArrayLike, reference: npt.ArrayLike, sr: float, *, n_mels: int = 80) -> float:
    """RMS difference in dB of mel power spectrograms (80 bands, 1024/256 Hann), after the best gain.

    Both are floored 80 dB under the peak of the reference. Mel bank: Slaney's, as librosa's default, 0 to sr / 2.
    """
    from fastspec.transform.mel import MelBank

    if not (np.isfinite(sr) and sr > 0):
        raise ParameterError(f"sr={sr} must be a positive number of hertz")
    a, b = _matched(y, reference)
    bank = MelBank(float(sr), _MEL["n_fft"], n_mels).weights().astype(np.float64)
    return _floored_distance(bank @ _magnitude(a, **_MEL) ** 2, bank @ _magnitude(b, **_MEL) ** 2)


def log_spectral_distance(y: npt.ArrayLike, reference: npt.ArrayLike, sr: float | None = None) -> float:
    """RMS difference in dB of the 2048/256 Hann power spectra, after the best gain; floored as `log_mel_distance`."""
    a, b = _matched(y, reference)
    return _floored_distance(_magnitude(a, **_JUDGE) ** 2, _magnitude(b, **_JUDGE) ** 2)


def inconsistency(
    X: npt.ArrayLike,
    *,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: WindowSpec = "hann",
    center: bool = True,
) -> float:
    """|| STFT(ISTFT(X)) - X || / || X || in dB: how far a complex spectrum is from being any sound's.

    X : complex [shape=(1 + n_fft // 2, frames)]. With center=True the outermost frames count too, so that even a true
    STFT of a sound that does not begin and end in silence keeps a little.
    """
    from fastspec.transform.stft import istft, stft

    spectrum = np.asarray(X)
    if spectrum.ndim != 2 or 0 in spectrum.shape or spectrum.dtype.kind not in "fc":
        raise ParameterError(f"X is {spectrum.dtype} of shape {spectrum.shape}; it must be complex (bins, frames)")
    spectrum = spectrum.astype(np.complex128)
    size = 2 * (spectrum.shape[0] - 1) if n_fft is None else n_fft
    y = istft(spectrum, hop_length=hop_length, win_length=win_length, n_fft=size, window=window, center=center)
    again = stft(y, n_fft=size, hop_length=hop_length, win_length=win_length, window=window, center=center)
    frames = min(again.shape[1], spectrum.shape[1])
    return _ratio_db(again[:, :frames] - spectrum[:, :frames], spectrum[:, :frames])


def stoi(y: npt.ArrayLike, reference: npt.ArrayLike, sr: float, *, extended: bool = False) -> float:
    """Short-time objective intelligibility (Taal et al. 2011) of speech, 0 to 1, by the package pystoi.

    y, reference : waveforms [shape=(samples,)] at `sr` Hz, resampled by pystoi; gains do not matter to it

    Raises MissingExtraError without pystoi, ParameterError for less speech than its 30 frames (about .4 s).
    """
    try:
        measure = importlib.import_module("pystoi").stoi
    except ImportError:
        raise missing_extra("pystoi", "bench", "STOI") from None
    a, b = _pair(y, reference)
    if sr != int(sr) or sr < 1:
        raise ParameterError(f"sr={sr} must be a positive whole number of hertz for STOI")
    if not b.any():
        raise ParameterError("The reference is silent, so nothing can be compared with it")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        try:
            value = float(measure(b, a, int(sr), extended=extended))
        except (RuntimeWarning, ValueError, IndexError) as error:
            raise ParameterError(f"{len(b) / sr:.2f} s hold too little speech for STOI; give more sound") from error
    return value


def best_gain(y: npt.ArrayLike, reference: npt.ArrayLike) -> float:
    """The factor on `y` that brings its 2048/256 magnitudes nearest to the reference's; 0 for silence."""
    a, b = (_magnitude(w, **_JUDGE) for w in _pair(y, reference))
    power = float(np.vdot(a, a))
    return float(np.vdot(a, b)) / power if power > 0 else 0.0


def _matched(y: npt.ArrayLike, reference: npt.ArrayLike) -> tuple[Array, Array]:
    a, b = _pair(y, reference)
    if not b.any():
        raise ParameterError("The reference is silent, so nothing can be compared with it")
    # near 1 first, so that no square under- or overflows
    b = b / np.abs(b).max()
    a = a / max(np.abs(a).max(), np.finfo(np.float64).tiny)
    return a * best_gain(a, b), b


def _pair(y: npt.ArrayLike, reference: npt.ArrayLike) -> tuple[Array, Array]:
    a, b = _waveform("y", y), _waveform("reference", reference)
    samples = min(a.size, b.size)
    return a[:samples], b[:samples]


def _waveform(name: str, samples: npt.ArrayLike) -> Array:
    values = np.asarray(samples)
    if values.ndim != 1 or values.size == 0 or values.dtype.kind not in "fiu":
        raise ParameterError(
            f"{name} is {values.dtype} of shape {values.shape}; give one channel, shape (samples,), real, not empty"
        )
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise ParameterError(f"{name} holds NaN or infinite samples; such a sound cannot be judged")
    return values


def _magnitude(y: Array, **options: Any) -> Array:
    from fastspec.transform.stft import stft

    return np.asarray(np.abs(stft(y, **options)))


def _ratio_db(difference: Array, reference: Array) -> float:
    # scaled by the peak, so that no square under- or overflows
    peak = float(np.max(np.abs(reference), initial=0.0))
    if not 0 < peak < np.inf:
        raise ParameterError(f"The reference's peak is {peak}, so nothing can be compared with it")
    ratio = float(np.linalg.norm(difference / peak)) / float(np.linalg.norm(reference / peak))
    if not np.isfinite(ratio):
        raise ParameterError("The spectra hold NaN or infinite values; they cannot be compared")
    return max(20 * float(np.log10(ratio)), PERFECT_DB) if ratio > 0 else PERFECT_DB


def _floored_distance(power: Array, reference: Array) -> float:
    floor = float(reference.max()) * 10 ** (-FLOOR_DB / 10)
    if not floor > 0:
        raise ParameterError("The reference is silent, so nothing can be compared with it")
    difference = 10 * np.log10(np.maximum(power, floor) / np.maximum(reference, floor))
    return float(np.sqrt(np.mean(difference**2)))
