"""FFTW's wisdom on disk: one file for each FFTW, processor and precision, with its checksum, behind a lock file.

A file that is absent, damaged or of another FFTW is as good as none; it is replaced by the next one that is saved.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

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
    if not path.exists():
        return "absent"
    return "present" if _body_of(path) is not None else "damaged"


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

    body = _body_of(path)
    if body is not None:
        triple = [b"", b"", b""]
        triple[_PLACE[np.dtype(dtype).name]] = body
        pyfftw.import_wisdom(tuple(triple))


def save(path: Path, dtype: npt.DTypeLike) -> bool:
    """Replace a wisdom file by all that FFTW knows of this precision; False if that is impossible."""
    body = known()[_PLACE[np.dtype(dtype).name]]
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
def exclusive(path: Path) -> Iterator[bool]:
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


def _body_of(path: Path) -> bytes | None:
    """What a wisdom file holds; None if it is absent or damaged."""
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest().encode() == digest else None
