"""Waveform to short-time Fourier transform and back, with librosa's arguments, conventions and results.

`Geometry` holds what both directions share. Inside, spectra are frame-major `(frames, bins)` and go through blocks of
fixed height that stay in cache; `stft` and `istft` show them transposed, without a copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.errors import ParameterError
from fastspec.kernels import stft as kernels
from fastspec.transform import fft
from fastspec.transform.geometry import Geometry, PadMode, count_frames, positive
from fastspec.transform.windows import WindowSpec


def stft(  # noqa: PLR0913 - librosa's arguments
    y: Array,
    *,
    n_fft: int = 2048,
    hop_length: int | None = None,
    win_length: int | None = None,
    window: WindowSpec = "hann",
    center: bool = True,
    dtype: npt.DTypeLike | None = None,
    pad_mode: PadMode = "constant",
    out: Array | None = None,
) -> Array:
    """Short-time Fourier transform, as `librosa.stft` (0.11) gives it.

    y : real floating [shape=(..., samples)], any number of leading channels
    window : see `fastspec.transform.windows.get_window`
    dtype : complex64 or complex128, and so the precision of the work; if None, complex128 for float64 signals
    out : complex [shape=(..., 1 + n_fft // 2, >= frames)] to write to, any layout

    Returns complex [shape=(..., 1 + n_fft // 2, frames)]; each channel's memory is frame-major (Fortran order), as
    librosa's is. Raises ParameterError for bad arguments, samples that are not finite, and signals too short to frame
    (only with center=False, or too short for `pad_mode`).
    """
    geometry = Geometry.of(n_fft, hop_length, win_length, window, center, pad_mode)
    if not isinstance(y, np.ndarray) or y.dtype.kind != "f" or y.ndim == 0:
        kind = f"{y.dtype} of shape {y.shape}" if isinstance(y, np.ndarray) else type(y).__name__
        raise ParameterError(f"y is {kind}, not an array of floating-point samples; convert it, e.g. y / 32768")
    spectral = np.dtype(dtype) if dtype is not None else np.dtype("c16" if y.dtype == np.float64 else "c8")
    if spectral not in (np.complex64, np.complex128):
        raise ParameterError(f"dtype={spectral} is no dtype of a spectrum; use complex64 or complex128")
    real = np.dtype(np.float32 if spectral == np.complex64 else np.float64)
    shape = (*y.shape[:-1], geometry.n_bins, geometry.frames_of(y.shape[-1]))
    if out is None:
        major = np.empty((*shape[:-2], shape[-1], shape[-2]), spectral)
    else:
        if not np.iscomplexobj(out):
            raise ParameterError(f"out has dtype {out.dtype}; it must be complex")
        if out.ndim != len(shape) or out.shape[:-1] != shape[:-1] or out.shape[-1] < shape[-1]:
            raise ParameterError(f"out has shape {out.shape}; this signal needs {shape}")
        major = out[..., : shape[-1]].swapaxes(-1, -2)
    segments: list[_Segment] = []
    for channel in np.ndindex(*y.shape[:-1]):
        signal = np.ascontiguousarray(y[channel], dtype=real)
        if not kernels.all_finite(signal):
            raise ParameterError("y holds NaN or infinite samples; replace them, e.g. with numpy.nan_to_num(y)")
        segments += _segments(signal, geometry, major[channel])
    _analyse(segments, geometry, real)
    return out if out is not None and out.shape == shape else major.swapaxes(-1, -2)


def istft(  # noqa: PLR0913 - librosa's arguments
    stft_matrix: Array,
    *,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: WindowSpec = "hann",
    center: bool = True,
    dtype: npt.DTypeLike | None = None,
    length: int | None = None,
    out: Array | None = None,
) -> Array:
    """Waveform whose STFT is nearest to `stft_matrix` in the least-squares sense, as `librosa.istft` (0.11) gives it.

    stft_matrix : [shape=(..., 1 + n_fft // 2, frames)], in any memory order
    n_fft : needed only where it is odd
    dtype : float32 or float64, and so the precision of the work; if None, float64 for complex128 spectra
    length : samples wanted; the result is cut or padded with zeros to it
    out : floating [shape=(..., samples)] to write to

    Returns real [shape=(..., samples)]. Raises NonInvertibleError if the window and hop lose samples, ParameterError
    for other bad arguments and for spectra that are not finite. Where `length` goes beyond the centre of the last
    frame, the last samples are divided by ever smaller window sums, as in librosa.
    """
    if not isinstance(stft_matrix, np.ndarray) or stft_matrix.dtype.kind not in "fiuc" or stft_matrix.ndim < 2:
        raise ParameterError("stft_matrix must be a numeric array of shape (..., bins, frames)")
    bins, frames = stft_matrix.shape[-2:]
    if frames < 1 or bins < 1 or (n_fft is None and bins < 2):
        raise ParameterError(f"stft_matrix has shape {stft_matrix.shape}, which holds no spectrum")
    size = 2 * (bins - 1) if n_fft is None else positive("n_fft", n_fft)
    if bins != size // 2 + 1:  # before a window is made, which may be huge
        raise ParameterError(
            f"stft_matrix has {bins} bins, but n_fft={size} makes {size // 2 + 1}; "
            f"use n_fft={2 * (bins - 1)} or {2 * bins - 1}"
        )
    geometry = Geometry.of(size, hop_length, win_length, window, center)
    wide = stft_matrix.dtype in (np.complex128, np.float64)
    real = np.dtype(dtype) if dtype is not None else np.dtype(np.float64 if wide else np.float32)
    if real not in (np.float32, np.float64):
        raise ParameterError(f"dtype={real} is no dtype of a waveform; use float32 or float64")
    samples = geometry.length_of(frames) if length is None else positive("length", length)
    used = min(frames, -(-(samples + 2 * geometry.pad) // geometry.hop_length)) if length is not None else frames
    if used > 1:
        geometry.check_invertible()
    shape = (*stft_matrix.shape[:-2], samples)
    if out is not None and (out.shape != shape or out.dtype.kind != "f"):
        raise ParameterError(f"out is {out.dtype} of shape {out.shape}; this spectrum needs floats of shape {shape}")
    direct = out is not None and out.dtype == real and out.flags.c_contiguous
    y = out if out is not None and direct else np.empty(shape, real)
    y.fill(0)
    major = stft_matrix[..., :used].swapaxes(-1, -2)
    channels = list(np.ndindex(*shape[:-1]))
    _synthesise([(major[channel], y[channel]) for channel in channels], geometry, real)
    if not kernels.all_finite(y.reshape(-1)):
        raise ParameterError("stft_matrix holds values that are NaN, infinite or too large to sum up")
    if out is None or direct:
        return y
    out[...] = y
    return out


def analyse(padded: Array, geometry: Geometry, out: Array) -> None:
    """Frames `t = 0, 1 ...` of a signal that is padded already, as many as `out` has rows.

    padded : float32 or float64, contiguous [shape=(samples,)]; frame t begins at sample t * hop_length
    out : complex [shape=(frames, n_bins)], any layout; the work is done in the precision of `padded`
    """
    frames = out.shape[0]
    if padded.size < geometry.n_fft + geometry.hop_length * (frames - 1):
        raise ParameterError(f"{padded.size} samples do not hold {frames} frames of n_fft={geometry.n_fft}")
    _analyse([(padded, 0, frames, out)], geometry, padded.dtype)


def synthesise(spec: Array, geometry: Geometry, out: Array) -> None:
    """Normalised overlap-add of frame-major spectra, the padding cut off: what `istft` does to one channel.

    spec : [shape=(frames, n_bins)], any layout and numeric dtype, left as it is
    out : float32 or float64, contiguous [shape=(samples,)]; samples beyond the last frame become zero
    """
    out.fill(0)
    _synthesise([(spec, out)], geometry, out.dtype)


# --- inside -----------------------------------------------------------------------------------------------

# signal, start of its first frame, number of frames, their rows (frame-major)
_Segment: TypeAlias = tuple[Array, int, int, Array]


def _segments(y: Array, geometry: Geometry, rows: Array) -> Iterator[_Segment]:
    """Frames of one channel in at most three segments: over the padded head, the signal itself, the padded tail.

    Only head and tail are copied. They are cut as librosa cuts them, so that every pad mode gives its numbers.
    """
    n_fft, hop, half = geometry.n_fft, geometry.hop_length, geometry.pad
    if half == 0:
        yield y, 0, len(rows), rows
        return
    head = -(-half // hop)  # frames that begin before the signal
    tail = count_frames(y.size + half, hop, n_fft, center=False)  # the first frame that ends behind it
    if tail <= head:
        yield _padded(y, (half, half), geometry.pad_mode), 0, len(rows), rows
        return
    before = y[: (head - 1) * hop - half + n_fft + 1]
    yield _padded(before, (half, 0), geometry.pad_mode), 0, head, rows[:head]
    yield y, head * hop - half, tail - head, rows[head:tail]
    if len(rows) > tail:
        behind = y[tail * hop - half :]
        yield _padded(behind, (0, half), geometry.pad_mode), 0, len(rows) - tail, rows[tail:]


def _padded(y: Array, widths: tuple[int, int], mode: PadMode) -> Array:
    try:
        padded = np.pad(y, widths, mode=mode)  # type: ignore[call-overload]
    except ValueError as error:
        raise ParameterError(f"{y.size} samples cannot be padded with pad_mode={mode!r}: {error}") from error
    return np.ascontiguousarray(padded, dtype=y.dtype)


def _analyse(segments: list[_Segment], geometry: Geometry, real: np.dtype[Any]) -> None:
    """Transform all segments; frames of different ones share blocks, since a block costs the same full or not."""
    made = fft.pair(geometry.n_fft, real)
    window, lead, hop = geometry.analysis(real), geometry.lead, geometry.hop_length
    waiting: list[tuple[int, Array]] = []
    row = 0

    def flush() -> None:
        made.forward()
        for first, rows in waiting:
            np.copyto(rows, made.spec[first : first + len(rows)], casting="same_kind")
        waiting.clear()

    for signal, start, frames, rows in segments:
        done = 0
        while done < frames:
            count = min(frames - done, made.height - row)
            kernels.frame_rows(signal, start + done * hop, hop, window, lead, row, count, made.real)
            waiting.append((row, rows[done : done + count]))
            done += count
            row = (row + count) % made.height
            if row == 0:
                flush()
    if waiting:
        flush()


def _synthesise(items: list[tuple[Array, Array]], geometry: Geometry, real: np.dtype[Any]) -> None:
    """Overlap-add spectra (frame-major) to zeroed signals and normalise them; spectra share blocks."""
    made = fft.pair(geometry.n_fft, real)
    window, inverse, squares = geometry.synthesis(real), geometry.inverse_period(real), geometry.squares
    lead, hop, offset = geometry.lead, geometry.hop_length, geometry.pad - geometry.lead
    tiny = float(np.finfo(real).tiny)
    waiting: list[tuple[int, int, int, int]] = []
    row = 0

    def flush() -> None:
        made.inverse()
        for item, first, begin, count in waiting:
            spec, y = items[item]
            kernels.overlap_add(made.real, first, count, window, lead, begin * hop - geometry.pad, hop, y)
            # samples before the next frame's window are complete, and still in cache
            low = max(0, begin * hop - offset) if begin else 0
            high = y.size if begin + count == len(spec) else min(y.size, (begin + count) * hop - offset)
            if low < high:
                kernels.normalise(y, low, high, offset, len(spec), hop, squares, inverse, tiny)
        waiting.clear()

    for item, (spec, _) in enumerate(items):
        done = 0
        while done < len(spec):
            count = min(len(spec) - done, made.height - row)
            np.copyto(made.spec[row : row + count], spec[done : done + count], casting="same_kind")
            waiting.append((item, row, done, count))
            done += count
            row = (row + count) % made.height
            if row == 0:
                flush()
    if waiting:
        flush()
