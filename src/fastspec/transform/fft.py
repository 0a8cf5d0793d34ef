"""Planned real FFTs of fixed block height, the same plans on every thread and in every process of a machine.

FFTW's timed planning gives the fastest transforms but chooses by the clock: two processes can get plans
that round differently. So a timed plan is used only once it lies in the wisdom file of this machine, from
where every thread and process takes it. Where that file cannot be written, plans are FFTW's estimated ones,
which depend on the size alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec.errors import ParameterError, missing_extra

BLOCK = 32
"""Frames of a block at common sizes: those of 1024 or 2048 samples stay in a second-level cache of 2 MB."""

MEASURE_LIMIT = 16384  # above, timed planning takes seconds and gains little: blocks leave the cache anyway
LOCK_SECONDS = 20.0  # another process plans for a second at most; one that hangs must not hang us
PAIRS_KEPT = 16  # plan pairs kept by a thread; the least recently used one goes first

_PRECISION = {"float32": 1, "float64": 0}  # place in pyFFTW's wisdom triple


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
        import pyfftw  # here, not above: it costs a quarter of a second where SciPy is installed

        self.n_fft = n_fft
        self.height = height
        self.dtype = dtype
        self.real: npt.NDArray[Any] = pyfftw.empty_aligned((height, n_fft), dtype.name)
        self.spec: npt.NDArray[Any] = pyfftw.empty_aligned(
            (height, n_fft // 2 + 1), np.result_type(dtype, np.complex64).name
        )
        self.forward: Callable[[], object]
        self.inverse: Callable[[], object]
        self.forward, self.inverse = _BACKENDS[backend](self)
        self.real[:] = 0  # planning scribbles on the buffers
        self.spec[:] = 0


def pair(n_fft: int, dtype: npt.DTypeLike = np.float32, height: int | None = None) -> Pair:
    """This thread's plan pair for `n_fft`, from its own cache: the same object for the same arguments.

    Whoever takes it owns its buffers until it calls anything else that transforms with the same arguments.
    `height` is the number of frames of a block, `block_height(n_fft)` if None.
    """
    kind = np.dtype(dtype)
    if kind.name not in _PRECISION:
        raise ParameterError(f"dtype={kind.name} cannot be transformed; use float32 or float64.")
    if n_fft < 1:
        raise ParameterError(f"n_fft={n_fft} must be at least 1.")
    rows = block_height(n_fft) if height is None else height
    if rows < 1:
        raise ParameterError(f"height={rows} must be at least 1.")
    pairs: OrderedDict[tuple[Any, ...], Pair] | None = getattr(_local, "pairs", None)
    if pairs is None:
        pairs = _local.pairs = OrderedDict()
    key = (n_fft, rows, kind.name, _backend)
    found = pairs.get(key)
    if found is None:
        found = pairs[key] = Pair(n_fft, rows, kind, _backend)
        if len(pairs) > PAIRS_KEPT:
            pairs.popitem(last=False)
    else:
        pairs.move_to_end(key)
    return found


def set_backend(name: str) -> None:
    """Use `"pyfftw"` (the default) or `"mkl"` (extra `mkl`) for plans made from now on, in every thread."""
    global _backend
    if name not in _BACKENDS:
        raise ParameterError(f"backend {name!r} is unknown; use one of {', '.join(map(repr, _BACKENDS))}.")
    if name == "mkl":
        try:
            import mkl_fft  # noqa: F401
        except ImportError:
            raise missing_extra("mkl_fft", "mkl", "the MKL backend") from None
    _backend = name


def backend() -> str:
    """Name of the backend that new plans use."""
    return _backend


def cache_dir() -> Path:
    """Folder of the wisdom files: `FASTSPEC_CACHE_DIR`, or this user's cache folder. It need not exist."""
    given = os.environ.get("FASTSPEC_CACHE_DIR")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_cache_dir("fastspec", appauthor=False))


def wisdom_path(dtype: npt.DTypeLike = np.float32) -> Path:
    """Wisdom file for this FFTW, this processor and this precision."""
    import pyfftw

    key = hashlib.sha256(_processor().encode()).hexdigest()[:12]
    return cache_dir() / f"fftw-{pyfftw.fftw_version}-{key}-{np.dtype(dtype).name}.wisdom"


def wisdom_state(dtype: npt.DTypeLike = np.float32) -> str:
    """Whether the wisdom file of this precision is "present", "absent" or "damaged" (then it is made again)."""
    path = wisdom_path(dtype)
    if not path.exists():
        return "absent"
    return "present" if _body(path) is not None else "damaged"


# --- backends ---------------------------------------------------------------------------------------------


def _plan_pyfftw(made: Pair) -> tuple[Callable[[], object], Callable[[], object]]:
    with _lock:
        forward, inverse = _planned(made)
    return forward.execute, inverse.execute


def _plan_mkl(made: Pair) -> tuple[Callable[[], object], Callable[[], object]]:
    import mkl_fft

    real, spec, n = made.real, made.spec, made.n_fft
    return (
        lambda: mkl_fft.rfft(real, axis=1, out=spec),
        lambda: mkl_fft.irfft(spec, n, axis=1, norm="forward", out=real),
    )


_BACKENDS: dict[str, Callable[[Pair], tuple[Callable[[], object], Callable[[], object]]]] = {
    "pyfftw": _plan_pyfftw,
    "mkl": _plan_mkl,
}
_backend = "pyfftw"


# --- FFTW plans and wisdom; all below runs under _lock ----------------------------------------------------


def _planned(made: Pair) -> tuple[Any, Any]:
    place = _PRECISION[made.dtype.name]
    path = wisdom_path(made.dtype)
    if path not in _imported:
        _imported.add(path)
        _import(path, place)
    effort = "FFTW_MEASURE" if _worth_measuring(made.n_fft) else "FFTW_ESTIMATE"
    known = _from_wisdom(made, effort)
    if known is not None:
        return known
    with _exclusive(path) as writable:
        if writable:
            _import(path, place)  # another process may have planned this size meanwhile: its plan is the plan
            known = _from_wisdom(made, effort)
            if known is not None:
                return known
            before = _wisdom()
            plans = _make(made, effort)
            if _export(path, place):
                return plans
            _restore(before)  # a timed plan that cannot be kept would differ from the next process's
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


def _wisdom() -> tuple[bytes, bytes, bytes]:
    import pyfftw

    found: tuple[bytes, bytes, bytes] = pyfftw.export_wisdom()
    return found


def _restore(wisdom: tuple[bytes, bytes, bytes]) -> None:
    import pyfftw

    pyfftw.forget_wisdom()
    pyfftw.import_wisdom(wisdom)


def _import(path: Path, place: int) -> None:
    """Take in a wisdom file; one that is absent, damaged or of another FFTW changes nothing."""
    import pyfftw

    body = _body(path)
    if body is not None:
        triple = [b"", b"", b""]
        triple[place] = body
        pyfftw.import_wisdom(tuple(triple))


def _body(path: Path) -> bytes | None:
    """What a wisdom file holds; None if it is absent or damaged."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest().encode() == digest else None


def _export(path: Path, place: int) -> bool:
    """Replace the wisdom file by all that this process knows; False if that is impossible."""
    body = _wisdom()[place]
    if b"wisdom" not in body:  # MKL, loaded before pyFFTW, has taken FFTW's names and keeps no wisdom
        return False
    try:
        handle, name = tempfile.mkstemp(prefix=path.stem, suffix=".tmp", dir=path.parent)
    except OSError:
        return False
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        return False
    return True


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[bool]:
    """Hold the lock file beside `path`; gives False if the folder is not writable or the lock stays taken."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path.with_suffix(".lock"), "ab")  # noqa: SIM115 - closed below, which also unlocks it
    except OSError:
        yield False
        return
    with file:
        deadline = time.monotonic() + LOCK_SECONDS
        held = False
        with contextlib.suppress(OSError):  # a file system without locks
            while not (held := _try_lock(file.fileno())) and time.monotonic() < deadline:
                time.sleep(0.01)
        yield held


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:  # somebody else's
            return False
        return True
else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # somebody else's
            return False
        return True


def _processor() -> str:
    """The processor's model, without starting a process (which `platform.processor` does)."""
    names = [platform.machine(), os.environ.get("PROCESSOR_IDENTIFIER", "")]
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        seen = {line.split(":")[0].strip(): line for line in lines if line.startswith(("model", "flags", "CPU "))}
        names += [seen[name].partition(":")[2].strip() for name in sorted(seen)]
    return "|".join(names)


_lock = threading.RLock()
_local = threading.local()
_imported: set[Path] = set()

# A fork while another thread plans would leave the child a half-changed planner and a lock nobody lets go.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _lock.acquire(),
        after_in_parent=lambda: _lock.release(),
        after_in_child=lambda: _lock.release(),
    )
