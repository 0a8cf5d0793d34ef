"""Output files: whole under their name or not there at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from fastspec.errors import OutputError

_PART = ".fastspec-", ".part"  # how the name of a file begins and ends while it is written


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
                with open(target, "wb") as out:
                    fill(out)
                return
        part = os.path.join(folder, secrets.token_hex(8).join(_PART))
        try:
            with open(part, "xb") as out:
                fill(out)
                out.flush()
                os.fsync(out.fileno())
            os.replace(part, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(part)
            raise


def is_part(name: str) -> bool:
    """Whether a file of this name is one that was being written, by `write_whole`, when its process was killed."""
    return name.startswith(_PART[0]) and name.endswith(_PART[1])


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
