"""Files that only save time: read if they are whole, made again if they are not, and never a reason to fail.

Each begins with the checksum of the rest. What is wrong with them is said once, in one line, through the logger
"fastspec": by default on standard error.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

LONGEST = 1 << 28  # bytes; the largest kernel has half a million

_told: set[str] = set()


class DamagedError(Exception):
    """A file that is there and not what was written."""


def sealed(body: bytes) -> bytes:
    """What to write: a line with the checksum, and `body`."""
    return hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def opened(data: bytes) -> bytes:
    """The body of what `sealed` made. Raises DamagedError."""
    digest, _, body = data.partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != digest:
        raise DamagedError("its checksum is wrong")
    return body


def read(path: str | os.PathLike[str]) -> bytes:
    """All of a file. Raises DamagedError for what is no file or too long (a pipe would be waited for), and OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode):
            raise DamagedError("it is no file")
        if state.st_size > LONGEST:
            raise DamagedError(f"it has {state.st_size} bytes")
        return file.read()


def replace(path: str | os.PathLike[str], data: bytes) -> None:
    """Put a file in its place at once, whole. Raises OSError; then nothing is left behind."""
    target = Path(path)
    handle, name = tempfile.mkstemp(prefix=target.stem, suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(name, target)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def tell(about: str, sentence: str) -> None:
    """Say a sentence, unless something was said `about` this before."""
    if about in _told:
        return
    _told.add(about)
    import logging

    logging.getLogger("fastspec").warning("%s", sentence)


def reason(error: BaseException) -> str:
    """Why something failed, in few words."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
