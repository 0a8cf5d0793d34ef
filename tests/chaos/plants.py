"""Faults put into the batch on purpose, to see that chaos finds them. Forked processes have them, fresh ones do not."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

from fastspec import _files
from fastspec.batch import shard, storage
from fastspec.batch.local_book import LocalBook
from fastspec.batch.run import Batch


def record_before_rename() -> None:
    """Lines of the ledger are written before the outputs of their shard are."""
    right = shard._keep
    late: list[tuple[Any, ...]] = []

    def keep(target: str, data: Any, item: Any, where: Any) -> None:
        content = bytes(data)
        put, storage.write = storage.write, lambda *more: late.append((target, content, more[2]))
        try:
            right(target, data, item, where)
        finally:
            storage.write = put

    append = LocalBook.append

    def appended(self: LocalBook, data: bytes) -> None:
        append(self, data)
        while late:
            storage.write(*late.pop())

    shard._keep = keep
    LocalBook.append = appended
    storage.sync_folders = lambda paths, root: None
    Batch._seen = lambda self, record: record


def no_sync_of_content() -> None:
    """Outputs are renamed to their names before their bytes are on the disk."""

    def write_whole(path: Any, fill: Callable[[Any], object]) -> None:
        part = os.path.join(os.path.dirname(path), f".fastspec-{os.urandom(8).hex()}.part")
        with open(part, "wb") as out:
            fill(out)
        os.replace(part, path)

    vars(storage).update(write_whole=write_whole)


def no_sync_of_names() -> None:
    """Records are written before the names of their outputs are durable."""
    storage.sync_folders = lambda paths, root: None


def size_alone() -> None:
    """A resume keeps every output of the right size, whatever its bytes."""
    right = storage.checksum

    def checksum(path: str) -> tuple[int, Any] | None:
        found = right(path)
        return None if found is None else (found[0], _Any())

    class _Any:
        def __eq__(self, other: object) -> bool:
            return True

        __hash__ = None

    storage.checksum = checksum


def not_atomic() -> None:
    """Outputs are written under their final names."""

    def write_whole(path: Any, fill: Callable[[Any], object]) -> None:
        memory = io.BytesIO()
        fill(memory)
        data = memory.getvalue()
        with open(path, "wb") as out:
            for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
                out.write(piece)
                out.flush()
                os.fsync(out.fileno())

    vars(storage).update(write_whole=write_whole)


def no_lock() -> None:
    """Nobody holds anything."""
    _files.fcntl = None


def leftovers_stay() -> None:
    """What a killed process was writing is never removed."""
    storage.remove_leftovers = lambda folder: None


def place_unwatched() -> None:
    """Nobody looks whether the out dir is still where it was."""
    LocalBook._check_place = lambda self: None


# Name -> the fault, and the kinds of acts that find it in a few rounds.
PLANTS: dict[str, tuple[Callable[[], None], str]] = {
    "record-before-rename": (record_before_rename, "power,kill_at_step"),
    "no-sync-of-content": (no_sync_of_content, "power"),
    "no-sync-of-names": (no_sync_of_names, "power"),
    "size-alone": (size_alone, "tampered"),
    "not-atomic": (not_atomic, "kill_at_step"),
    "no-lock": (no_lock, "two,pause"),
    "leftovers-stay": (leftovers_stay, "kill_at_step"),
    "place-unwatched": (place_unwatched, "vanish"),
}
