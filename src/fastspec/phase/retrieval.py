"""Magnitude to waveform: the facade over the fused loop, for one picture, a stack, or a ragged batch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.errors import ParameterError
from fastspec.kernels import phase as kernels
from fastspec.phase import methods
from fastspec.phase.engine import Frames, Item
from fastspec.phase.schedule import Job, Plan, Step, work_off
from fastspec.phase.starts import pghi_spectrum, spsi_spectrum
from fastspec.transform.geometry import Geometry

Init = str | Array | None

FADE_BELOW = 0.2  # of the window's squared peak: samples behind the last frame with less are faded
INITS = ("random", "zero", "pghi", "spsi")


def griffinlim(
    S: npt.ArrayLike,
    *,
    n_iter: int = 32,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: Any = "hann",
    center: bool = True,
    dtype: npt.DTypeLike | None = None,
    length: int | None = None,
    pad_mode: str = "constant",
    momentum: float = 0.99,
    init: Init = "random",
    random_state: Any = None,
    rng: Any = None,
    workers: int = 1,
) -> Array:
    """Waveform of a magnitude spectrogram by fast Griffin-Lim, as `librosa.griffinlim` with the same arguments.

    S : ndarray [shape=(..., 1 + n_fft // 2, frames)], non-negative magnitudes
    n_iter : iterations, one inverse and one forward transform each
    init : "random" (librosa's draw: the same seed gives librosa's start), None or "zero" (all phases 0; librosa's
        waveform to rounding), "pghi", "spsi", or a complex array of S's shape whose phases are the start. Unlike
        librosa's complex S, which multiplies its phase in again in every iteration, that is a true warm start.
    random_state : None, int, RandomState or Generator, as librosa's; rng : what `np.random.default_rng` takes
    length : samples wanted; None: hop_length * (frames - 1), or all that the frames cover if not `center`
    dtype : float32 or float64; None: float64 if S is, else float32

    Returns ndarray [shape=(..., length)]. Zero magnitudes give zeros, never NaN.
    Raises ParameterError for shapes that do not fit n_fft and for negative, NaN or infinite magnitudes.
    Source: Perraudin, Balazs, Sondergaard 2013; Griffin, Lim 1984.
    """
    S = _magnitudes(S)
    if random_state is not None and rng is not None:
        raise ParameterError("random_state and rng are both given; give one of them.")
    if isinstance(init, str) and init == "random":
        # in librosa's order, so that a seed means the same start
        source = _librosa_rng(random_state) if rng is None else np.random.default_rng(rng)
        init = np.asarray(source.random(size=S.shape))
        init *= 2 * np.pi  # an array that is not complex holds phases, from here on inwards
    else:
        _check_init(init, S.shape)
    seed = None if rng is None and random_state is None else _one_seed(random_state, rng)
    y, _ = _retrieve(
        [S],
        options={
            "n_fft": n_fft,
            "hop_length": hop_length,
            "win_length": win_length,
            "window": window,
            "center": center,
            "pad_mode": pad_mode,
        },
        method=methods.settle("fgla", momentum=momentum),
        n_iter=n_iter,
        inits=[init],
        lengths=[length],
        seeds=[seed],
        tols=[None],
        dtype=dtype,
        workers=workers,
    )
    return y[0]


def phase_retrieval(
    S: npt.ArrayLike | Sequence[npt.ArrayLike],
    *,
    method: str = "fgla",
    init: Init | Sequence[Init] = "pghi",
    n_iter: int = 16,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: Any = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    length: int | Sequence[int | None] | None = None,
    momentum: float | None = None,
    rho: float | None = None,
    beta: float | None = None,
    gamma: float | None = None,
    seed: int | Sequence[int] | None = 0,
    tol: float | Sequence[float | None] | None = None,
    time_limit: float | None = None,
    callback: Callable[[Step], object] | None = None,
    return_trace: bool = False,
    workers: int = 1,
    dtype: npt.DTypeLike | None = None,
) -> Any:
    """Waveform of one magnitude spectrogram, of a stack, or of a list of differently long ones.

    S : ndarray [shape=(..., 1 + n_fft // 2, frames)], non-negative, or a list of such arrays (one ragged batch)
    method : "gla", "fgla" (momentum), "agla" (momentum, beta, gamma), "admm" (rho), "raar" (beta)
    init : "pghi", "spsi", "random", "zero" or None, or a complex array of S's shape (its phases are the start);
        for a list of S also a list
    length, seed, tol : one value, or for a list of S one a member. The seed of a picture fixes its random phases, so
        a picture gets the same start alone and in company.
    tol : a picture stops when one iteration changes the waveform it carries by less than this (relative, rms)
    time_limit : seconds, from the call; then every picture is read out as it stands, after at least one iteration
    callback : called with a `Step` after each iteration of each picture (one call at a time, perhaps from another
        thread); a true answer ends that picture
    return_trace : also return, for each picture, a list with a dict an iteration: `iteration`, `sc_db` (own spectral
        convergence of the read-out, 20 log10 (|| |STFT y| - S || / ||S||)), `seconds` (without the measuring) and
        `transform_pairs`
    workers : threads; results do not depend on it

    Returns ndarray [shape=(..., length)], for a list a list of such; with `return_trace` a pair of that and the
    traces (a list, in the order of the pictures; leading axes flattened).
    Raises ParameterError for shapes that do not fit n_fft, negative, NaN or infinite magnitudes, an empty batch and
    arguments that do not fit each other; NonInvertibleError for a window and hop that lose samples.
    """
    started = time.perf_counter()
    batch = isinstance(S, list | tuple) and (not S or np.ndim(S[0]) >= 2)
    given: list[Any] = list(S) if batch else [S]  # type: ignore[arg-type]
    if not given:
        raise ParameterError("The batch is empty: give at least one spectrogram.")
    number = len(given)
    arrays = [_magnitudes(s) for s in given]
    starts = _each("init", init, number, batch)
    for array, start in zip(arrays, starts, strict=True):
        _check_init(start, array.shape)
    y, items = _retrieve(
        arrays,
        options={
            "n_fft": n_fft,
            "hop_length": hop_length,
            "win_length": win_length,
            "window": window,
            "center": center,
            "pad_mode": pad_mode,
        },
        method=methods.settle(method, momentum=momentum, rho=rho, beta=beta, gamma=gamma),
        n_iter=n_iter,
        inits=starts,
        lengths=_each("length", length, number, batch),
        seeds=_each("seed", seed, number, batch),
        tols=_each("tol", tol, number, batch),
        dtype=dtype,
        workers=workers,
        deadline=None if time_limit is None else started + time_limit,
        callback=callback,
        trace=return_trace,
    )
    result = y if batch else y[0]
    return (result, [item.trace for item in items]) if return_trace else result


def _retrieve(
    arrays: list[Array],
    *,
    options: dict[str, Any],
    method: methods.Method,
    n_iter: int,
    inits: list[Init],
    lengths: list[int | None],
    seeds: list[int | None],
    tols: list[float | None],
    dtype: npt.DTypeLike | None,
    workers: int,
    deadline: float | None = None,
    callback: Callable[[Step], object] | None = None,
    trace: bool = False,
) -> tuple[list[Array], list[Item]]:
    if n_iter < 0:
        raise ParameterError(f"n_iter={n_iter} must not be negative.")
    if workers < 1:
        raise ParameterError(f"workers={workers} must be at least 1.")
    kind: np.dtype[Any] = (
        np.dtype(dtype) if dtype is not None else np.result_type(np.float32, *(a.dtype for a in arrays))
    )
    if kind not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ParameterError(f"dtype={kind} is not supported; use float32 or float64.")
    geometry, frames = _layout(arrays[0].shape[-2], options, kind)
    jobs: list[Job] = []
    shapes: list[tuple[tuple[int, ...], int, int]] = []
    scales: list[float] = []
    for S, init, length, seed, tol in zip(arrays, inits, lengths, seeds, tols, strict=True):
        if S.shape[-2] != frames.bins:
            raise ParameterError(
                f"S has {S.shape[-2]} bins but n_fft={frames.n_fft} has {frames.bins}; a batch has one geometry."
            )
        if length is None:
            length = frames.natural_length(S.shape[-1])
            if length < 1:
                raise ParameterError(
                    f"{S.shape[-1]} frame(s) at hop_length={geometry.hop_length} span no sample; give length=."
                )
        elif length < 1:
            raise ParameterError(f"length={length} must be at least 1.")
        if tol is not None and not tol >= 0:
            raise ParameterError(f"tol={tol} must not be negative.")
        if seed is None and isinstance(init, str):
            seed = int(np.random.SeedSequence().entropy % 2**63)  # type: ignore[operator]
        first = len(jobs)
        for index in np.ndindex(S.shape[:-2]):
            one = S[index]
            start = init if init is None or isinstance(init, str) else np.asarray(init)[index]
            item = Item(one.shape[-1], min(length, frames.covered(one.shape[-1])), tol)
            scale = _scale(one)
            scales.append(scale)
            fill = _filler(one, start, scale, seed, geometry)
            jobs.append(Job(len(jobs), item, fill, start is None or (isinstance(start, str) and start == "zero")))
        shapes.append(((*S.shape[:-2], length), first, len(jobs)))
    work_off(jobs, Plan(frames, method, n_iter, trace, deadline, callback), workers)
    results = []
    for shape, first, stop in shapes:
        out = np.empty(shape, kind)
        flat = out.reshape(-1, shape[-1])
        for row, job, scale in zip(flat, jobs[first:stop], scales[first:stop], strict=True):
            assert job.waveform is not None
            np.multiply(job.waveform, kind.type(1 / scale), out=row[: job.item.length])
            row[job.item.length :] = 0
        results.append(out)
    return results, [job.item for job in jobs]


def _filler(
    S: Array, start: Init, scale: float, seed: int | None, geometry: Geometry
) -> Callable[[Array, Array | None], None]:
    """What writes one picture's target, and X_0 = target with the start's phases."""

    def fill(mag: Array, X: Array | None) -> None:
        factor = np.asarray(scale, S.dtype)[()]
        if S.T.flags.c_contiguous:
            np.multiply(S.T, factor, out=mag, casting="same_kind")
        else:
            kernels.take(S, factor, mag)
        if X is None:
            return
        if start is None or (isinstance(start, str) and start == "zero"):
            X[:] = mag
        elif isinstance(start, str) and start == "pghi":
            pghi_spectrum(mag, hop_length=geometry.hop_length, window=geometry.window, seed=seed or 0, out=X)
        elif isinstance(start, str) and start == "spsi":
            spsi_spectrum(mag, hop_length=geometry.hop_length, n_fft=geometry.n_fft, out=X)
        elif not isinstance(start, str) and np.iscomplexobj(start):
            kernels.take(start, X.dtype.type(1), X)
            kernels.warm(X, mag)
        else:
            # in double precision, as librosa draws them
            phase = start.T if not isinstance(start, str) else _random_phases(seed, mag.shape)
            np.multiply(mag, np.cos(phase), out=X.real, casting="same_kind")
            np.multiply(mag, np.sin(phase), out=X.imag, casting="same_kind")

    return fill


def _random_phases(seed: int | None, shape: tuple[int, ...]) -> Array:
    return np.asarray(2 * np.pi * np.random.default_rng(seed).random(shape, np.float32))


def _magnitudes(S: npt.ArrayLike) -> Array:
    """S checked: (..., bins, frames), real, finite, non-negative, float32 or float64."""
    S = np.asarray(S)
    if S.ndim < 2 or 0 in S.shape:
        raise ParameterError(f"S has shape {S.shape}; it must be (..., bins, frames) and not empty.")
    if S.dtype.kind == "c":
        raise ParameterError("S is complex: give np.abs(S) as S, and S itself as init= for a warm start.")
    if S.dtype.kind not in "fiub":
        raise ParameterError(f"S has dtype {S.dtype}; it must be real numbers.")
    if S.dtype not in (np.dtype(np.float32), np.dtype(np.float64)):
        S = S.astype(np.float32)
    low, high = float(S.min()), float(S.max())
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ParameterError("S holds NaN or infinite values; replace them by finite magnitudes.")
    if low < 0:
        raise ParameterError(f"S holds negative values (down to {low:.4g}); give magnitudes, not decibels.")
    return S


def _check_init(init: Any, shape: tuple[int, ...]) -> None:
    if init is None:
        return
    if isinstance(init, str):
        if init not in INITS:
            raise ParameterError(f"init={init!r} is unknown; use one of {INITS}, None or a complex array.")
        return
    if np.shape(init) != shape or not np.iscomplexobj(init):
        raise ParameterError(
            f"init is {np.asarray(init).dtype} of shape {np.shape(init)}; a warm start is complex {shape}."
        )
    if not np.isfinite(init).all():
        raise ParameterError("init holds NaN or infinite values; a warm start must be finite.")


def _scale(S: Array) -> float:
    """A power of two that brings far-off peaks near 1, so that no square over- or underflows; exact to undo."""
    peak = float(S.max())
    if peak == 0 or 2.0**-16 <= peak <= 2.0**16:
        return 1.0
    exponent = min(max(math.frexp(peak)[1], -120), 120)
    return math.ldexp(1.0, -exponent)


def _layout(bins: int, options: dict[str, Any], dtype: np.dtype[Any]) -> tuple[Geometry, Frames]:
    """The geometry that librosa's arguments mean for a picture of `bins` rows, and how it lies in memory."""
    n_fft = options["n_fft"]
    if n_fft is None:
        if bins < 2:
            raise ParameterError(f"S has {bins} bin, which leaves n_fft open; give n_fft.")
        options = {**options, "n_fft": 2 * (bins - 1)}
    geometry = Geometry.of(**options)
    if geometry.n_bins != bins:
        raise ParameterError(f"S has {bins} bins but n_fft={n_fft} has {geometry.n_bins}; give S with its own n_fft.")
    if geometry.n_fft < 2:
        raise ParameterError(f"n_fft={geometry.n_fft} leaves no phase to find; it must be at least 2.")
    geometry.check_invertible()
    if callable(geometry.pad_mode):
        raise ParameterError("pad_mode is a function; phase retrieval takes named modes only, such as 'constant'.")
    frames = Frames(
        geometry.window,
        geometry.hop_length,
        center=geometry.center,
        pad_mode=geometry.pad_mode,
        dtype=dtype,
    )
    return geometry, frames


def _each(name: str, value: Any, number: int, batch: bool) -> list[Any]:
    """One value a picture: a list given for a batch, or the same value for all."""
    if batch and isinstance(value, list | tuple):
        if len(value) != number:
            raise ParameterError(f"{name} has {len(value)} members for {number} spectrograms; give one each.")
        return list(value)
    return [value] * number


def _librosa_rng(random_state: Any) -> Any:
    if random_state is None:
        return np.random.default_rng()
    if isinstance(random_state, int | np.integer):
        return np.random.RandomState(int(random_state))  # librosa's generator, for the same start
    if isinstance(random_state, np.random.RandomState | np.random.Generator):
        return random_state
    raise ParameterError(f"random_state={random_state!r} is unsupported; give None, an int or a NumPy generator.")


def _one_seed(random_state: Any, rng: Any) -> int | None:
    """The seed for starts that are no plain draw (PGHI's random phases below its tolerance)."""
    for value in (random_state, rng):
        if isinstance(value, int | np.integer):
            return int(value)
    return None


def fade_tail(y: Array, frames: int, options: dict[str, Any]) -> Array:
    """`y` (..., n) with its last few samples faded, in place.

    Behind the last frame's centre, the inverse transform divides by squared windows that fall to zero, so that the
    rest of an inconsistent spectrum becomes a click as loud as the sound. librosa's istft has it too.
    """
    geometry = Geometry.of(**options)
    few = min(frames, 2 + geometry.n_fft // geometry.hop_length)
    weights = geometry.window_sumsquare(few)
    behind = weights[geometry.pad + (few - 1) * geometry.hop_length :]
    tail = y[..., (frames - 1) * geometry.hop_length :]
    fade = np.minimum(1.0, behind[: tail.shape[-1]] / (FADE_BELOW * float(geometry.squares.max())))
    tail[..., : fade.size] *= fade.astype(np.float32)
    return y


def check_options(phase: dict[str, Any]) -> None:
    """Raise ParameterError for a method, start, count or seed (of `phase`) that `phase_retrieval` would refuse."""
    methods.settle(phase["method"])
    if phase["init"] not in ("pghi", "spsi", "random", "zero"):
        raise ParameterError(f"init={phase['init']!r} is unknown; use one of pghi, spsi, random, zero")
    count = phase["n_iter"]
    if not isinstance(count, tuple) and (isinstance(count, bool) or not isinstance(count, int) or count < 0):
        raise ParameterError(f"n_iter={phase['n_iter']!r} is not a whole number of at least 0")
    if not isinstance(phase["seed"], int) or phase["seed"] < 0:
        raise ParameterError(f"seed={phase['seed']!r} is not a whole number of at least 0")
