"""Planned real FFTs of fixed block height, the same plans on every thread and in every process of a machine.

FFTW's timed planning gives the fastest transforms but chooses by the clock: two processes can get plans
that round differently. So a timed plan is used only once it lies in the wisdom file of this machine, from
where every thread and process takes it. Where that file cannot be written, plans are FFTW's estimated ones,
which depend on the size alone.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import math
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec import _effort, _forks
from fastspec._typing import Array
from fastspec.errors import ParameterError, missing_extra
from fastspec.transform import wisdom

BLOCK = 32
"""Frames of a block at common sizes: those of 1024 or 2048 samples stay in a second-level cache of 2 MB."""

MEASURE_LIMIT = 16384  # above, timed planning takes seconds and gains little: blocks leave the cache anyway
PAIRS_KEPT = 16  # plan pairs kept by a thread; the least recently used one goes first

SETTING = "FASTSPEC_FFT"
"""Environment: "fftw" (FFTW does every transform), "numba" (none: lanes, and NumPy's for other sizes), or unset."""
SETTINGS = ("", "fftw", "numba")

_PRECISIONS = ("float32", "float64")
_ALIGNED = 64  # bytes: a line of the cache


def block_height(n_fft: int) -> int:
    """Frames of one block for this `n_fft`; it depends on nothing else, so that results do not either."""
    if n_fft <= 512:
        return 2 * BLOCK
    if n_fft <= 4096:
        return BLOCK
    return 8 if n_fft <= MEASURE_LIMIT else 2


class Pair:
    """A real FFT of fixed height in both directions, with its buffers; never shared between threads.

    real : ndarray [shape=(height, n_fft)], aligned, float32 or float64
    spec : ndarray [shape=(height, 1 + n_fft // 2)], aligned, complex64 or complex128
    forward() : real -> spec
    inverse() : spec -> real, not normalised (fold 1/n_fft into the synthesis window), destroys spec

    Both release the GIL.
    """

    __slots__ = ("dtype", "forward", "height", "inverse", "n_fft", "real", "spec")

    def __init__(self, n_fft: int, height: int, dtype: np.dtype[Any], backend: str) -> None:
        self.n_fft = n_fft
        self.height = height
        self.dtype = dtype
        self.real: Array = aligned((height, n_fft), dtype)
        self.spec: Array = aligned((height, n_fft // 2 + 1), np.result_type(dtype, np.complex64))
        self.forward: Callable[[], object]
        self.inverse: Callable[[], object]
        with _effort.preparing():
            self.forward, self.inverse = BACKENDS[backend].plan(self)
        self.real[:] = 0  # planning scribbles on the buffers
        self.spec[:] = 0


def pair(n_fft: int, dtype: npt.DTypeLike = np.float32, height: int | None = None) -> Pair:
    """This thread's plan pair for `n_fft`, from its own cache: the same object for the same arguments.

    Whoever takes it owns its buffers until it calls anything else that transforms with the same arguments.
    `height` is the number of frames of a block, `block_height(n_fft)` if None.
    """
    kind = np.dtype(dtype)
    if kind.name not in _PRECISIONS:
        raise ParameterError(f"dtype={kind.name} cannot be transformed; use float32 or float64")
    if n_fft < 1:
        raise ParameterError(f"n_fft={n_fft} must be at least 1")
    rows = block_height(n_fft) if height is None else height
    if rows < 1:
        raise ParameterError(f"height={rows} must be at least 1")
    pairs: OrderedDict[tuple[Any, ...], Pair] | None = getattr(_local, "pairs", None)
    if pairs is None:
        pairs = _local.pairs = OrderedDict()
    chosen = backend()
    key = (n_fft, rows, kind.name, chosen)
    found = pairs.get(key)
    if found is None:
        found = pairs[key] = Pair(n_fft, rows, kind, chosen)
        if len(pairs) > PAIRS_KEPT:
            pairs.popitem(last=False)
    else:
        pairs.move_to_end(key)
    return found


def aligned(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """An array whose first element begins a line of the cache; what it holds is undefined."""
    size = math.prod(shape) * dtype.itemsize
    raw = np.empty(size + _ALIGNED, np.uint8)
    start = -raw.ctypes.data % _ALIGNED
    found: Array = raw[start : start + size].view(dtype).reshape(shape)
    return found


def setting() -> str:
    """What the environment asks for. Raises ParameterError for what is none of SETTINGS."""
    found = os.environ.get(SETTING, "")
    if found not in SETTINGS:
        raise ParameterError(f"{SETTING}={found!r} is unknown; use {' or '.join(filter(None, SETTINGS))}, or unset it")
    return found


def signature(n_fft: int, dtype: npt.DTypeLike = np.float32) -> str:
    """A digest of what this process's plans for `n_fft` make of fixed noise: equal where all transforms are."""
    return _signature(n_fft, np.dtype(dtype).name, backend())


@lru_cache(maxsize=64)
def _signature(n_fft: int, dtype: str, backend: str) -> str:
    made = Pair(n_fft, block_height(n_fft), np.dtype(dtype), backend)
    made.real[:] = np.random.RandomState(0).uniform(-1, 1, made.real.shape)
    digest = hashlib.sha256()
    made.forward()
    digest.update(made.spec.tobytes())
    made.inverse()
    digest.update(made.real.tobytes())
    return digest.hexdigest()[:12]


def set_backend(name: str) -> None:
    """Use `"pyfftw"` (the default), `"numpy"`, or `"mkl"` (extra `mkl`) for plans made from now on, in every thread."""
    global _backend
    chosen = BACKENDS.get(name)
    if chosen is None:
        raise ParameterError(f"backend {name!r} is unknown; use one of {', '.join(map(repr, BACKENDS))}")
    if chosen.package:
        try:
            importlib.import_module(chosen.package)
        except ImportError:
            raise missing_extra(chosen.package, chosen.extra, f"the {chosen.shown} backend") from None
    _backend = name


def backend() -> str:
    """Name of the backend that new plans use: what was set, else NumPy's where FFTW is not wanted or not installed."""
    if _backend:
        return _backend
    chosen = setting()
    if chosen == "numba" or (not chosen and not _has_fftw()):
        return "numpy"
    return "pyfftw"


@lru_cache(maxsize=1)
def _has_fftw() -> bool:
    return importlib.util.find_spec("pyfftw") is not None


# --- backends ---------------------------------------------------------------------------------------------

Transforms = tuple[Callable[[], object], Callable[[], object]]  # forward and inverse of a pair's buffers


@dataclass(frozen=True, slots=True)
class Backend:
    """Where transforms come from. To add one, add an entry to `BACKENDS`, and its extra to pyproject.toml.

    plan : makes the transforms of a Pair's buffers.
    package, extra : what it needs beyond fastspec's own dependencies, and the extra that brings it; empty if nothing.
    shown : its name in messages.
    """

    plan: Callable[[Pair], Transforms]
    package: str = ""
    extra: str = ""
    shown: str = ""


def _plan_pyfftw(made: Pair) -> Transforms:
    with _lock:  # which a fork waits for, as it may come while we import
        forward, inverse = _planned(made)
    return forward.execute, inverse.execute


def _plan_mkl(made: Pair) -> Transforms:
    import mkl_fft

    real, spec, n = made.real, made.spec, made.n_fft
    return (
        lambda: mkl_fft.rfft(real, axis=1, out=spec),
        lambda: mkl_fft.irfft(spec, n, axis=1, norm="forward", out=real),
    )


def _plan_numpy(made: Pair) -> Transforms:
    real, spec, n = made.real, made.spec, made.n_fft

    def forward() -> None:
        with np.errstate(all="ignore"):  # infinite samples are refused, or kept, by who transforms
            spec[:] = np.fft.rfft(real, axis=1)

    def inverse() -> None:
        with np.errstate(all="ignore"):
            real[:] = np.fft.irfft(spec, n, axis=1, norm="forward")

    return forward, inverse


BACKENDS = {
    "pyfftw": Backend(_plan_pyfftw),
    "numpy": Backend(_plan_numpy),
    "mkl": Backend(_plan_mkl, package="mkl_fft", extra="mkl", shown="MKL"),
}
_backend = ""  # none was set


# --- FFTW's plans; all below runs under _lock -------------------------------------------------------------


def _planned(made: Pair) -> tuple[Any, Any]:
    path = wisdom.path_of(made.dtype)
    if path not in _loaded:
        _loaded.add(path)
        wisdom.load(path, made.dtype)
    effort = "FFTW_MEASURE" if _worth_measuring(made.n_fft) else "FFTW_ESTIMATE"
    known = _from_wisdom(made, effort)
    if known is not None:
        return known
    with wisdom.exclusive(path) as writable:
        if writable:
            wisdom.load(path, made.dtype)  # another process may have planned this size meanwhile: its plan is the plan
            known = _from_wisdom(made, effort)
            if known is not None:
                return known
            before = wisdom.known()
            plans = _make(made, effort)
            if wisdom.save(path, made.dtype):
                return plans
            wisdom.restore(before)  # a timed plan that cannot be kept would differ from the next process's
        return _make(made, "FFTW_ESTIMATE")


def _make(made: Pair, *flags: str) -> tuple[Any, Any]:
    import pyfftw

    forward = pyfftw.FFTW(made.real, made.spec, axes=(1,), flags=flags)
    inverse = pyfftw.FFTW(
        made.spec, made.real, axes=(1,), direction="FFTW_BACKWARD", flags=(*flags, "FFTW_DESTROY_INPUT")
    )
    return forward, inverse


def _from_wisdom(made: Pair, effort: str) -> tuple[Any, Any] | None:
    try:
        return _make(made, effort, "FFTW_WISDOM_ONLY")
    except RuntimeError:
        return None


def _worth_measuring(n_fft: int) -> bool:
    """Timed planning pays for short sizes made of small primes; others take seconds to plan."""
    if n_fft > MEASURE_LIMIT:
        return False
    rest = n_fft
    for prime in (2, 3, 5, 7, 11, 13):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


_lock = threading.RLock()
_local = threading.local()
_loaded: set[Path] = set()  # wisdom files that this process has taken in


def _new_lock() -> None:
    global _lock
    _lock = threading.RLock()


# A fork while another thread plans would leave the child a half-changed planner and a lock nobody lets go.
_forks.hold(lambda: _lock, _new_lock)
