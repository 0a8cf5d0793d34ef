"""FFTW's wisdom on disk: one file for each FFTW, processor and precision, with its checksum, behind a lock file.

A file that is absent, damaged or of another FFTW is as good as none; it is replaced by the next one that is saved. What
is damaged, and what cannot be kept, is said once, in one line.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fastspec import _kept

LOCK_SECONDS = 20.0  # another process plans for a second at most; one that hangs must not hang us

_PLACE = {"float32": 1, "float64": 0}  # of a precision in pyFFTW's wisdom triple

Wisdom = tuple[bytes, bytes, bytes]


def cache_dir() -> Path:
    """Folder of the wisdom files: `FASTSPEC_CACHE_DIR`, or this user's cache folder. It need not exist."""
    given = os.environ.get("FASTSPEC_CACHE_DIR")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_cache_dir("fastspec", appauthor=False))


def path_of(dtype: npt.DTypeLike = np.float32) -> Path:
    """Wisdom file for this FFTW, this processor and this precision."""
    import pyfftw

    key = hashlib.sha256(_processor().encode()).hexdigest()[:12]
    return cache_dir() / f"fftw-{pyfftw.fftw_version}-{key}-{np.dtype(dtype).name}.wisdom"


def state(dtype: npt.DTypeLike = np.float32) -> str:
    """Whether the wisdom file of this precision is "present", "absent" or "damaged" (then it is made again)."""
    path = path_of(dtype)
    if not os.path.lexists(path):
        return "absent"
    try:
        _kept.opened(_kept.read(path))
    except (_kept.DamagedError, OSError):
        return "damaged"
    return "present"


def known() -> Wisdom:
    """All that FFTW knows in this process."""
    import pyfftw

    found: Wisdom = pyfftw.export_wisdom()
    return found


def restore(wisdom: Wisdom) -> None:
    """Let FFTW know this and nothing else."""
    import pyfftw

    pyfftw.forget_wisdom()
    pyfftw.import_wisdom(wisdom)


def load(path: Path, dtype: npt.DTypeLike) -> None:
    """Let FFTW know what a wisdom file of this precision holds as well."""
    import pyfftw

    try:
        body = _kept.opened(_kept.read(path))
    except FileNotFoundError:
        return
    except (_kept.DamagedError, OSError) as error:
        _kept.tell(
            f"load {path}",
            f"FFTW's plans in {path} are damaged or cannot be read ({_kept.reason(error)}); they are made again",
        )
        return
    triple = [b"", b"", b""]
    triple[_PLACE[np.dtype(dtype).name]] = body
    pyfftw.import_wisdom(tuple(triple))


def save(path: Path, dtype: npt.DTypeLike) -> bool:
    """Replace a wisdom file by all that FFTW knows of this precision; False if that is impossible."""
    body = known()[_PLACE[np.dtype(dtype).name]]
    if b"wisdom" not in body:  # MKL, loaded before pyFFTW, has taken FFTW's names and keeps no wisdom
        return False
    try:
        _kept.replace(path, _kept.sealed(body))
    except OSError as error:
        _unkept(path.parent, error)
        return False
    return True


def _unkept(folder: Path, error: OSError | str) -> None:
    """Say why plans cannot be kept."""
    why = _kept.reason(error) if isinstance(error, OSError) else error
    _kept.tell(
        f"save {folder}",
        f"FFTW's plans cannot be kept in {folder} ({why}); estimated ones are used, which may be slower and may round "
        f"differently; FASTSPEC_CACHE_DIR names another folder",
    )


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[bool]:
    """Hold the lock file beside `path`; gives False if the folder is not writable or the lock stays taken."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # a pipe in its place would be waited for
        descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | getattr(os, "O_NONBLOCK", 0), 0o666)
    except OSError as error:
        _unkept(path.parent, error)
        yield False
        return
    with open(descriptor, "r+b", buffering=0) as file:
        deadline = time.monotonic() + LOCK_SECONDS
        held, why = False, "its lock file is no file"
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                why = f"another process has held its lock for {LOCK_SECONDS:g} s"
                while not (held := _try_lock(file.fileno())) and time.monotonic() < deadline:
                    time.sleep(0.01)
        except OSError as error:  # a file system without locks
            why = _kept.reason(error)
        if not held:
            _unkept(path.parent, why)
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
