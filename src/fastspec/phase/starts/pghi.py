"""PGHI: phases from magnitude alone by phase gradient heap integration. Prusa, Balazs, Sondergaard 2017."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from fastspec._typing import Array
from fastspec.errors import ParameterError
from fastspec.kernels import pghi as kernels
from fastspec.phase.starts import arguments
from fastspec.phase.starts.arguments import Seed
from fastspec.phase.starts.start import Start
from fastspec.transform.geometry import Geometry
from fastspec.transform.windows import WindowSpec

PICTURE_TOL = 1e-4  # librosa's top_db=80: what a picture shows as its floor
_PIECE_CELLS = 24576  # one piece of time: about .4 MB of working memory, and two are worked at once
_MOST_CELLS = 65536  # a piece that short hops make longer: another 1 ns a bin
_PIECE_WINDOWS = 8  # windows that a piece spans; steady sounds are up to .7 dB worse in shorter ones


def pghi(  # noqa: PLR0913 - librosa's arguments
    S: npt.ArrayLike,
    *,
    hop_length: int | None = None,
    win_length: int | None = None,
    n_fft: int | None = None,
    window: WindowSpec = "hann",
    gamma: float | None = None,
    tol: float = PICTURE_TOL,
    log_magnitude: npt.ArrayLike | None = None,
    rng: Seed = None,
) -> Array:
    """Spectrogram with phases found from its magnitude by phase gradient heap integration.

    S : real [shape=(..., 1 + n_fft // 2, frames)], non-negative magnitude; any number of leading channels
    hop_length, win_length, n_fft, window : of the STFT (with center=True) that S is the magnitude of, as in librosa
    gamma : samples squared; exp(-pi t**2 / gamma) is the Gaussian most like the window. If None it is fitted, which
        gives the published constants (.2564 win_length**2 for Hann) within .2 %.
    tol : between 0 and 1, relative to the maximum; cells at or below it get a random phase. With a picture, its floor:
        cells there have no gradient to go by. The default is 80 dB down.
    log_magnitude : decibels, in S's shape: the levels that S was made of, which saves their logarithm
    rng : seed or generator of the random phases; channel c of a given seed is the same alone and in company

    Returns complex [shape=S.shape], |result| = S; complex64, or complex128 for float64 S; frame-major in memory.
    Raises ParameterError. Source: Prusa, Balazs, Sondergaard 2017, with 64 buckets for the heap and in pieces of time
    that each take up the phases of the frame beside them, from the middle forward and backward. Own SC beside one exact
    heap over the whole picture (negative: better), means of five stretches of speech and of five of music: -.2 and -.3
    dB at 1024/512, -.4 and -.2 at 1024/256, -1.1 and -.1 at 2048/512, +.5 and 0 at 1024/128, -1.0 and 0 at 1024/64, +.2
    and +.2 at 2048/256; on one voice any other order is up to 4 dB better or worse. On steady sounds at 87 to 94 %
    overlap, buckets of equal decibels cost .5 dB, and pieces shorter than 8 windows up to .7.
    """
    magnitude, geometry = arguments.checked(S, hop_length, win_length, n_fft, window)
    logs = None
    if log_magnitude is not None:
        logs = np.asarray(log_magnitude)
        if logs.shape != magnitude.shape or logs.dtype.kind not in "fiu":
            raise ParameterError(
                f"log_magnitude is {logs.dtype} of shape {logs.shape}; give decibels in S's shape {magnitude.shape}"
            )
    seed = arguments.seed_of(rng)

    def one(index: tuple[int, ...], frames: Array, out: Array) -> None:
        spectrum(
            frames,
            geometry,
            tol=tol,
            seed=seed,
            gamma=gamma,
            log_magnitude=None if logs is None else logs[index].T,
            out=out,
        )

    return arguments.each(magnitude, one)


def spectrum(
    S: Array,
    geometry: Geometry,
    *,
    tol: float = PICTURE_TOL,
    seed: int = 0,
    gamma: float | None = None,
    log_magnitude: Array | None = None,
    out: Array | None = None,
) -> Array:
    """`pghi` of one frame-major spectrogram.

    S : float32 or float64 [shape=(frames, 1 + n_fft // 2)], finite and not negative
    log_magnitude : decibels [shape as S]
    out : complex of S's precision, C-contiguous [shape as S]; its memory may not be S's

    Returns `out`. The result depends on nothing but these arguments.
    """
    if not 0 < tol < 1:
        raise ParameterError(f"tol={tol} must lie between 0 and 1, e.g. 1e-4 for 80 dB under the maximum")
    if gamma is not None and not 0 < gamma < math.inf:
        raise ParameterError(f"gamma={gamma} must be positive, in samples squared; about .26 * win_length ** 2")
    S = np.ascontiguousarray(S)
    out = arguments.out_for(S, out)
    frames, bins = S.shape
    fitted, centre = fit_gaussian(geometry.window)
    top = arguments.peak(S)
    tol_log2 = max(math.log2(tol), -96.0)  # under the smallest float32, nothing is left to compare
    scale, offset, logs = 0.0, 0.0, S
    if log_magnitude is not None:
        logs = np.ascontiguousarray(log_magnitude, dtype=np.float32)
        high = float(np.max(logs))
        if not high < math.inf:  # also NaN, which max passes on
            raise ParameterError("log_magnitude holds NaN or infinite values; give decibels")
        if high > -math.inf:
            scale = math.log2(10) / 20
            offset = -high * scale
    if log_magnitude is None or high == -math.inf:
        # silence: with a scale of 0 every cell is at the bottom, and the phases do not matter
        logs, scale = S, 1 / top if top >= 1e-37 else 0.0
    rows = piece_rows(frames, bins, -(-geometry.n_fft // geometry.hop_length))
    kernels.integrate(
        S,
        logs,
        logs is not S,
        np.float64(scale),
        np.float64(offset),
        float(tol_log2),
        geometry.hop_length,
        geometry.n_fft,
        float(fitted if gamma is None else gamma),
        float(centre),
        int(np.random.SeedSequence(seed).generate_state(1)[0]),
        rows,
        out.view(S.dtype),
        *kernels.scratch(rows, bins),
    )
    return out


def piece_rows(frames: int, bins: int, overlap: int) -> int:
    """Frames that PGHI takes at once. Never fewer than 8, or too much would rest on each border frame."""
    wanted = max(_PIECE_CELLS // bins, min(_PIECE_WINDOWS * overlap, _MOST_CELLS // bins))
    return int(min(frames, max(8, wanted)))


def fit_gaussian(window: Array) -> tuple[float, float]:
    """(gamma, centre) of the Gaussian exp(-pi (t - centre)**2 / gamma) nearest to a window in least squares.

    window : real [shape=(n_fft,)]; its sign and scale do not matter

    Found with zeros around the window, where the Gaussian should vanish too: that gives the constants of the PGHI
    papers (Hann .25645, sqrt-Hann .41532, Hamming .29794, Blackman .17954 win_length**2) within .2 %.
    """
    return _fit(np.ascontiguousarray(window, dtype=np.float64).tobytes())


@lru_cache(maxsize=64)
def _fit(samples: bytes) -> tuple[float, float]:
    window = np.abs(np.frombuffer(samples))
    n = window.size
    w = np.pad(window / window.max(), n)
    at = np.arange(w.size) - n
    power = w**2 / np.sum(w**2)
    centre = float(np.sum(power * at))
    gamma = max(4 * math.pi * float(np.sum(power * (at - centre) ** 2)), 1.0)  # exact for a Gaussian
    for _ in range(50):  # Gauss-Newton; 10 steps suffice for every window SciPy knows
        t = at - centre
        bell = np.exp(-math.pi / gamma * t * t)
        by_log_gamma, by_centre = bell * (math.pi / gamma) * t * t, bell * (2 * math.pi / gamma) * t
        rest = w - bell
        a, b, c = (float(x @ y) for x, y in ((by_log_gamma,) * 2, (by_log_gamma, by_centre), (by_centre,) * 2))
        u, v = float(by_log_gamma @ rest), float(by_centre @ rest)
        det = a * c - b * b
        if not det > 1e-12 * max(a * c, 1e-300):  # a window of one or two samples fixes no curve
            break
        step = float(np.clip((u * c - v * b) / det, -0.5, 0.5))
        gamma = max(gamma * math.exp(step), 1.0)
        centre = float(np.clip(centre + (v * a - u * b) / det, 0.0, n - 1.0))
        if abs(step) < 1e-9:
            break
    return gamma, centre


def _write(mag: Array, X: Array, geometry: Geometry, seed: int) -> None:
    spectrum(mag, geometry, seed=seed, out=X)


START = Start("pghi", _write)
