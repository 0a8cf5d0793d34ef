"""The ledger's lines on remote storage, where nothing can be appended to: each batch of lines is an object of its own.

Objects are ordered by a counter in their names, which goes on from the highest there: no clock decides which record of
an input is the last.
"""

from __future__ import annotations

import json
import re
import secrets
from contextlib import suppress
from typing import Any

from fastspec.batch import holder, storage
from fastspec.errors import OutputError

_NUMBER = re.compile(r"(\d{1,40})-")  # releases up to 0.1 counted nanoseconds
_LARGEST_LOCK = 1 << 16  # bytes


def parts(path: str) -> tuple[Any, list[str]]:
    """(file system, objects with the lines of a ledger, in their order)."""
    fs, inner = storage.filesystem(path)
    with suppress(Exception):  # not all have one
        fs.invalidate_cache(inner)
    try:
        return fs, sorted(fs.find(inner), key=_order)
    except FileNotFoundError:
        return fs, []
    except Exception as error:  # the protocols raise what they like
        raise OutputError(f"the ledger {path} cannot be read: {error}") from error


def _order(part: str) -> tuple[int, str]:
    name = part.rsplit("/", 1)[-1]
    found = _NUMBER.match(name)
    return (int(found[1]) if found else -1), name


class RemoteBook:
    """Writes the lines of one batch, under a lock that names its holder."""

    def __init__(self, folder: str, path: str) -> None:
        self.path = path
        self._lock = _Lock(folder)
        self._number = 0

    def open(self) -> None:
        """Take the lock. Raises OutputError when another holds it."""
        self._lock.take()
        _, found = parts(self.path)
        self._number = max((_order(part)[0] for part in found), default=0)

    def close(self) -> None:
        """Let go of the lock."""
        self._lock.release()

    def place(self) -> None:
        """Objects lie in no folder that could be moved."""

    def append(self, data: bytes) -> None:
        """Write lines. Raises OutputError."""
        self._lock.check()
        self._number += 1
        storage.write(f"{self.path}/{self._number:020d}-{self._lock.token}.jsonl", data)

    def start_over(self) -> None:
        """Forget all lines."""
        fs, inner = storage.filesystem(self.path)
        try:
            fs.rm(inner, recursive=True)
        except FileNotFoundError:
            return
        except Exception as error:
            raise OutputError(f"the ledger {self.path} cannot be removed: {error}") from error


class _Lock:
    """An object that names the process at work in a folder."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.path = storage.join(folder, storage.LOCK_NAME)
        self.token = secrets.token_hex(4)

    def take(self) -> None:
        found = self._holder()
        if found is not None:
            state = holder.state(found)
            if state == holder.ALIVE:
                raise OutputError(
                    f"another fastspec ({holder.name(found)}) is writing to {self.folder}; wait until it ends, or name "
                    "another folder"
                )
            if state == holder.UNKNOWN:
                raise OutputError(
                    f"another fastspec ({holder.name(found)}) holds {self.folder}, and cannot be asked from here; "
                    f"wait until it ends, or delete {self.path} if it is dead"
                )
        storage.write(self.path, json.dumps({**holder.myself(), "token": self.token}).encode())
        self.check()  # two may have found it free

    def check(self) -> None:
        """Raise OutputError unless the lock is still ours."""
        found = self._holder()
        if found is None:
            raise OutputError(
                f"the lock {self.path} was removed while the batch wrote there; see who did, then run again with "
                "--resume"
            )
        if found.get("token") != self.token:
            raise OutputError(
                f"another fastspec ({holder.name(found)}) has taken {self.folder}; wait until it ends, then run again "
                "with --resume"
            )

    def release(self) -> None:
        with suppress(Exception):
            found = self._holder()
            if found is not None and found.get("token") == self.token:
                fs, inner = storage.filesystem(self.path)
                fs.rm_file(inner)

    def _holder(self) -> dict[str, Any] | None:
        """What the lock says, or None where there is none, or one that names nobody."""
        fs, inner = storage.filesystem(self.path)
        try:
            found = json.loads(fs.cat_file(inner, 0, _LARGEST_LOCK))
        except (FileNotFoundError, ValueError, RecursionError):
            return None
        except Exception as error:
            raise OutputError(f"the lock {self.path} cannot be read: {error}") from error
        return found if holder.is_one(found) else None
