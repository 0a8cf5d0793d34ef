"""Output files: whole under their name or not there at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from fastspec.errors import OutputError

fcntl: Any
try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

_PART = ".fastspec-", ".part"  # how the name of a file begins and ends while it is written
_BOUND = os.name == "nt"  # a file that is open can neither be renamed nor removed


def write_whole(path: str | os.PathLike[str], fill: Callable[[BinaryIO], object]) -> None:
    """Let `fill(stream)` write a file that appears under `path` only once it is whole and on the disk.

    It is written as ".fastspec-*.part" in the same folder, synced, then renamed over `path`. Devices and pipes
    are written directly. Raises OutputError; nothing is left behind then.
    """
    target = os.path.realpath(path)  # a link keeps pointing where it did
    folder = os.path.dirname(target)
    with output_errors(os.fspath(path)):
        with suppress(FileNotFoundError):
            mode = os.stat(target).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(21, "it is a folder; name a file in it")
            if not stat.S_ISREG(mode):
                with open(target, "wb") as device:
                    fill(device)
                return
        part, out = _begun(folder)
        try:
            with out:
                fill(out)
                out.flush()
                os.fsync(out.fileno())
                if not _BOUND:
                    os.replace(part, target)
            if _BOUND:
                os.replace(part, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise


def _begun(folder: str) -> tuple[str, BinaryIO]:
    """A new part and its stream. It is held until it has its final name, so that nobody takes it for a leftover."""
    while True:
        part = os.path.join(folder, secrets.token_hex(8).join(_PART))
        out: BinaryIO = open(part, "xb")  # noqa: SIM115 - closed by whoever fills it
        with suppress(OSError):  # no locks on this file system: then nothing is held
            hold(out.fileno())
        if os.path.lexists(part):
            return part, out
        out.close()  # somebody was quicker, and has removed it


def hold(handle: int) -> None:
    """Hold an open file for this process until it is closed. On Windows nothing is held: what is open stays there.

    Raises BlockingIOError when another process, or another stream of this one, holds it, and OSError where files
    cannot be held.
    """
    if fcntl is not None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def let_go(handle: int) -> None:
    """Hold a file no longer, not even by the handle that a forked child has of it."""
    if fcntl is not None:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_UN)


def is_part(name: str) -> bool:
    """Whether a file of this name is one that was being written, by `write_whole`, when its process was killed."""
    return name.startswith(_PART[0]) and name.endswith(_PART[1])


def remove_part(path: str) -> bool:
    """Remove a part unless its writer is still at work; whether it is gone."""
    try:
        handle = os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
        try:
            if is_held(handle):
                return False
            if not _BOUND:
                os.unlink(path)
        finally:
            os.close(handle)
        if _BOUND:
            os.unlink(path)
    except OSError:
        return False
    return True


def is_held(handle: int) -> bool:
    """Whether another holds an open file. Where nothing can be held, nothing is; else this process holds it now."""
    try:
        hold(handle)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


@contextmanager
def output_errors(name: str) -> Iterator[None]:
    """Within, an OSError of writing `name` becomes an OutputError that says so."""
    try:
        yield
    except OutputError:
        raise
    except FileNotFoundError as e:
        raise OutputError(f"{name} cannot be written: its folder does not exist; create it first") from e
    except OSError as e:
        raise OutputError(f"{name} cannot be written: {e.strerror or e}; choose another place") from e
