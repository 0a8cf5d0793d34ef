"""Magnitude to waveform: the facade over the fused loop, for one picture, a stack, or a ragged batch."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.errors import ParameterError
from fastspec.kernels import phase as kernels
from fastspec.phase import checks, methods, starts
from fastspec.phase.checks import Init
from fastspec.phase.engine import Member
from fastspec.phase.frames import Frames
from fastspec.phase.schedule import Settings, Step, Target, work_off
from fastspec.phase.starts import given
from fastspec.phase.starts.start import Start
from fastspec.transform.geometry import Geometry

FADE_BELOW = 0.2  # of the window's squared peak: samples behind the last frame with less are faded


def griffinlim(  # noqa: PLR0913 - librosa's arguments
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
    S = checks.magnitudes(S)
    if random_state is not None and rng is not None:
        raise ParameterError("random_state and rng are both given; give one of them")
    if isinstance(init, str) and init == "random":
        # in librosa's order, so that a seed means the same start
        source = checks.librosa_rng(random_state) if rng is None else np.random.default_rng(rng)
        init = np.asarray(source.random(size=S.shape))
        init *= 2 * np.pi  # an array that is not complex holds phases, from here on inwards
    else:
        checks.check_init(init, S.shape)
    seed = None if rng is None and random_state is None else checks.one_seed(random_state, rng)
    options = {
        "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
        "window": window, "center": center, "pad_mode": pad_mode,
    }  # fmt: skip
    settings = Settings(methods.of("fgla", momentum=momentum), n_iter)
    y, _ = _retrieve([_Request(S, init, length, seed)], options, dtype, settings, workers)
    return y[0]


def phase_retrieval(  # noqa: PLR0913 - librosa's arguments
    S: npt.ArrayLike | Sequence[npt.ArrayLike],
    *,
    method: str | methods.Method = "fgla",
    init: Init | Sequence[Init] = "pghi",
    n_iter: int = 16,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: Any = "hann",
    center: bool = True,
    pad_mode: str = "constant",
    length: int | Sequence[int | None] | None = None,
    seed: int | Sequence[int] | None = 0,
    tol: float | Sequence[float | None] | None = None,
    time_limit: float | None = None,
    callback: Callable[[Step], object] | None = None,
    return_trace: bool = False,
    workers: int = 1,
    dtype: npt.DTypeLike | None = None,
    **parameters: float | None,
) -> Any:
    """Waveform of one magnitude spectrogram, of a stack, or of a list of differently long ones.

    S : ndarray [shape=(..., 1 + n_fft // 2, frames)], non-negative, or a list of such arrays (one ragged batch)
    method : "fgla", "admm", "raar" or another of `fastspec.phase.methods.names()`, to which other packages add by
        entry points `fastspec.methods`; or a `fastspec.phase.methods.Method` of your own
    parameters : what the method takes, such as momentum=.5; its file in `fastspec.phase.methods` says what, in which
        bounds, and the defaults
    init : "pghi", "spsi", "random", "zero" or another of `fastspec.phase.starts.names()`, to which other packages add
        by entry points `fastspec.starts`; None for "zero"; a complex array of S's shape (its phases are the start); or
        a `fastspec.phase.starts.Start` of your own. For a list of S also a list
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
    some: list[Any] = list(S) if batch else [S]  # type: ignore[arg-type]
    if not some:
        raise ParameterError("The batch is empty: give at least one spectrogram")
    number = len(some)
    arrays = [checks.magnitudes(s) for s in some]
    inits = checks.one_each("init", init, number, batch)
    for array, start in zip(arrays, inits, strict=True):
        checks.check_init(start, array.shape)
    tuned = methods.of(method, **parameters)
    requests = [
        _Request(*each)
        for each in zip(
            arrays,
            inits,
            checks.one_each("length", length, number, batch),
            checks.one_each("seed", seed, number, batch),
            checks.one_each("tol", tol, number, batch),
            strict=True,
        )
    ]
    options = {
        "n_fft": n_fft, "hop_length": hop_length, "win_length": win_length,
        "window": window, "center": center, "pad_mode": pad_mode,
    }  # fmt: skip
    deadline = None if time_limit is None else started + time_limit
    settings = Settings(tuned, n_iter, return_trace, deadline, callback)
    y, members = _retrieve(requests, options, dtype, settings, workers)
    result = y if batch else y[0]
    return (result, [member.trace for member in members]) if return_trace else result


@dataclass(frozen=True)
class _Request:
    """One array of magnitudes of a call, and what is wanted of it."""

    S: Array
    init: Init
    length: int | None
    seed: int | None
    tol: float | None = None


def _retrieve(
    requests: Sequence[_Request],
    options: dict[str, Any],
    dtype: npt.DTypeLike | None,
    settings: Settings,
    workers: int,
) -> tuple[list[Array], list[Member]]:
    """(waveforms of each request [shape=(..., length)], the pictures in them one by one)."""
    if not isinstance(settings.n_iter, int | np.integer):
        raise ParameterError(f"n_iter={settings.n_iter!r} is not a whole number of at least 0")
    if settings.n_iter < 0:
        raise ParameterError(f"n_iter={settings.n_iter} must not be negative")
    if workers < 1:
        raise ParameterError(f"workers={workers} must be at least 1")
    kind: np.dtype[Any] = (
        np.dtype(dtype) if dtype is not None else np.result_type(np.float32, *(request.S.dtype for request in requests))
    )
    if kind not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ParameterError(f"dtype={kind} is not supported; use float32 or float64")
    frames = Frames(checks.geometry_of(requests[0].S.shape[-2], options), kind)
    targets: list[Target] = []
    shapes = []
    for request in requests:
        length = _length(request, frames.geometry)
        shapes.append((*request.S.shape[:-2], length))
        targets += _targets(request, length, frames.geometry, len(targets))
    work_off(targets, frames, settings, workers)
    done = iter(targets)
    results = []
    for shape in shapes:
        out = np.empty(shape, kind)
        for row, target in zip(out.reshape(-1, shape[-1]), done, strict=False):
            _unscaled(target, row[: target.member.length])
            row[target.member.length :] = 0
        results.append(out)
    return results, [target.member for target in targets]


def _length(request: _Request, geometry: Geometry) -> int:
    """Samples that a request is to become; an error if it does not fit the geometry."""
    bins, frames = request.S.shape[-2:]
    if bins != geometry.n_bins:
        raise ParameterError(
            f"S has {bins} bins but n_fft={geometry.n_fft} has {geometry.n_bins}; a batch has one geometry"
        )
    length = geometry.length_of(frames) if request.length is None else request.length
    if request.length is None and length < 1:
        raise ParameterError(f"{frames} frame(s) at hop_length={geometry.hop_length} span no sample; give length=")
    if length < 1:
        raise ParameterError(f"length={length} must be at least 1")
    if request.tol is not None and not request.tol >= 0:
        raise ParameterError(f"tol={request.tol} must not be negative")
    return length


def _targets(request: _Request, length: int, geometry: Geometry, first: int) -> list[Target]:
    """The pictures of one request, numbered from `first` on."""
    seed = int(np.random.SeedSequence().entropy % 2**63) if request.seed is None else request.seed  # type: ignore[operator]
    targets: list[Target] = []
    for index in np.ndindex(request.S.shape[:-2]):
        S = request.S[index]
        start = _start(request.init, index)
        scale = _scale(S)
        member = Member(S.shape[-1], min(length, geometry.samples_under(S.shape[-1])), request.tol)
        fill = _filler(S, scale, start, geometry, seed)
        targets.append(Target(first + len(targets), member, fill, start.zero, scale))
    return targets


def _start(init: Init, index: tuple[int, ...]) -> Start:
    """The start that `init`, which is checked, means for the picture `index` of a stack."""
    if isinstance(init, Start):
        return init
    if init is None or isinstance(init, str):
        found = starts.find("zero" if init is None else init)
        assert found is not None
        return found
    return given.start(np.asarray(init)[index])


def _filler(
    S: Array, scale: float, start: Start, geometry: Geometry, seed: int
) -> Callable[[Array, Array | None], None]:
    """What writes one picture's target, and X_0 = target with the start's phases."""

    def fill(mag: Array, X: Array | None) -> None:
        factor = np.asarray(scale, S.dtype)[()]
        if S.T.flags.c_contiguous:
            np.multiply(S.T, factor, out=mag, casting="same_kind")
        else:
            kernels.take(S, factor, mag)
        if X is not None:
            start.write(mag, X, geometry, seed)

    return fill


def _unscaled(target: Target, out: Array) -> None:
    """The waveform of a target into `out`. Raises ParameterError where its values are beyond those of `out`."""
    assert target.waveform is not None
    with np.errstate(all="ignore"):
        np.multiply(target.waveform, out.dtype.type(1 / target.scale), out=out)
    if target.scale < 1 and not np.isfinite(out).all():
        raise ParameterError(
            f"S holds magnitudes of the order of {1 / target.scale:.0e}, whose sound {out.dtype} does not hold; "
            f"divide S by that{', or give dtype=np.float64' if out.dtype == np.float32 else ''}"
        )


def _scale(S: Array) -> float:
    """A power of two that brings far-off peaks near 1, so that no square over- or underflows; exact to undo."""
    peak = float(S.max())
    if peak == 0 or 2.0**-16 <= peak <= 2.0**16:
        return 1.0
    largest = 120 if S.dtype == np.float32 else 1020  # exponents whose powers, and their inverses, are exact
    exponent = min(max(math.frexp(peak)[1], -largest), largest)
    return math.ldexp(1.0, -exponent)


def fade_ends(y: Array, frames: int, options: dict[str, Any]) -> Array:
    """`y` (..., n) with its last few samples faded, and without `center` its first, in place.

    Behind the last frame's centre, and before the first's, the inverse transform divides by squared windows that fall
    to zero, so that the rest of an inconsistent spectrum becomes a click as loud as the sound, or, where a window's
    first sample is .0004, a hundred times as loud. librosa's istft has it too.
    """
    geometry = Geometry.of(**options)
    few = min(frames, 2 + geometry.n_fft // geometry.hop_length)
    weights = geometry.window_sumsquare(few)
    behind = weights[geometry.pad + (few - 1) * geometry.hop_length :]
    tail = y[..., (frames - 1) * geometry.hop_length :]
    fade = np.minimum(1.0, behind[: tail.shape[-1]] / (FADE_BELOW * float(geometry.squares.max())))
    tail[..., : fade.size] *= fade.astype(np.float32)
    if not geometry.center:
        before = weights[: min(geometry.n_fft, y.shape[-1])]
        y[..., : before.size] *= np.minimum(1.0, before / (FADE_BELOW * float(geometry.squares.max()))).astype(
            np.float32
        )
    return y
