"""The ledger of a batch: JSON lines beside the outputs, only ever appended to, one terminal record an input.

The first line of every run tells its configuration; then come `done`, `failed` and `skipped` records. A record is
written after its output is durable under its final name, so what the ledger says is true after any kind of death. The
last line may be torn by one; it is cut off before the next is written. On remote storage, where nothing can be
appended to, every batch of lines is an object of its own in a folder of the ledger's name.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from fastspec._version import __version__
from fastspec.batch import storage
from fastspec.errors import OutputError, ParameterError

NAME = "fastspec-ledger.jsonl"
VERSION = 1  # of the format, in the first line of every run; raised when an older fastspec would misread it
TERMINAL = ("done", "failed", "skipped")
_LOCK_NAME = ".fastspec-ledger.lock"
_LOCK_SECONDS = 600  # a remote lock that nobody renewed for so long is of a dead process
Record = dict[str, Any]


def read(folder: str) -> Iterator[Record]:
    """The records of a ledger in their order, lazily; lines that are torn or no records are passed over.

    Raises OutputError when it cannot be read, ParameterError when a newer fastspec wrote it in another format.
    """
    path = storage.join(folder, NAME)
    for record in _read(path):
        if record["type"] == "run":
            _check_version(record, path)
        yield record


def _check_version(run: Record, path: str) -> None:
    version = run.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise ParameterError(
            f"the ledger {path} has format {version}, written by fastspec {run.get('fastspec', 'of unknown version')}; "
            f"this is {__version__}, which reads format {VERSION}: update it, or name another folder"
        )


def _read(path: str) -> Iterator[Record]:
    if not storage.is_remote(path):
        try:
            with open(path, "rb") as lines:
                yield from _records(lines)
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(f"the ledger {path} cannot be read: {error.strerror or error}") from error
        return
    fs, inner = storage.filesystem(path)
    with suppress(FileNotFoundError):
        for part in sorted(fs.find(inner)):
            yield from _records(fs.cat_file(part).splitlines(keepends=True))


def _records(lines: Iterable[bytes]) -> Iterator[Record]:
    for line in lines:
        if not line.endswith(b"\n"):
            continue
        with suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict) and isinstance(record.get("type"), str):
                yield record


class Ledger:
    """The open ledger of the one process that may write under `folder`; a context.

    Raises OutputError when another process holds it or it cannot be written.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.path = storage.join(folder, NAME)
        self._remote = storage.is_remote(folder)
        self._file = -1
        self._lock = -1
        self._part = 0

    def __enter__(self) -> Ledger:
        if self._remote:
            self._take_remote_lock()
        else:
            storage.make_folder(self.folder)
            self._take_lock()
        return self

    def __exit__(self, *_: object) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._lock >= 0:
            os.close(self._lock)  # which also releases it; the file stays, or two processes could lock two files
            self._lock = -1
        if self._remote:
            with suppress(Exception):
                fs, inner = storage.filesystem(storage.join(self.folder, _LOCK_NAME))
                fs.rm_file(inner)

    def append(self, records: Iterable[Record]) -> None:
        """Write records and return once they are durable. Raises OutputError; then none of them counts."""
        text = "".join(json.dumps(record, separators=(",", ":"), default=_plain) + "\n" for record in records)
        data = text.encode()
        if not data:
            return
        if self._remote:
            self._part += 1
            storage.write(f"{self.path}/{time.time_ns():020d}-{self._part:06d}.jsonl", data)
            self._renew_remote_lock()
            return
        try:
            if self._file < 0:
                self._open()
            start = os.fstat(self._file).st_size
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(self._file, view) :]
                os.fsync(self._file)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(self._file, start)
                raise
        except OSError as error:
            raise OutputError(
                f"the ledger {self.path} cannot be written: {error.strerror or error}; "
                f"make room or name another place, then run again with --resume"
            ) from error

    def start_over(self) -> None:
        """Forget all records, because another configuration begins."""
        if self._remote:
            fs, inner = storage.filesystem(self.path)
            with suppress(FileNotFoundError):
                fs.rm(inner, recursive=True)
            return
        with suppress(FileNotFoundError):
            os.replace(self.path, self.path + ".old")
            storage.sync_folder(self.folder)

    def _open(self) -> None:
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o666)
        size = os.fstat(self._file).st_size
        whole = size
        while whole and os.pread(self._file, 1, whole - 1) != b"\n":
            whole -= 1  # a torn line is short
        if whole < size:
            os.ftruncate(self._file, whole)
        storage.sync_folder(self.folder)

    def _take_lock(self) -> None:
        path = os.path.join(self.folder, _LOCK_NAME)
        try:
            self._lock = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}; name another place") from error
        try:
            import fcntl
        except ImportError:  # Windows: nothing dies with its lock there, so none is taken
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            self._lock = -1
            raise OutputError(
                f"another fastspec is writing to {self.folder}; wait until it ends, or name another folder"
            ) from None

    def _take_remote_lock(self) -> None:
        path = storage.join(self.folder, _LOCK_NAME)
        fs, inner = storage.filesystem(path)
        holder: dict[str, Any] = {}
        with suppress(Exception):
            holder = json.loads(fs.cat_file(inner))
        age = time.time() - float(holder.get("time", 0))
        if holder and age < _LOCK_SECONDS:
            raise OutputError(
                f"a fastspec on {holder.get('host')} wrote to {self.folder} {age:.0f} s ago; if it is dead, wait "
                f"{_LOCK_SECONDS - age:.0f} s or delete {path}"
            )
        self._renew_remote_lock()

    def _renew_remote_lock(self) -> None:
        document = {"host": socket.gethostname(), "pid": os.getpid(), "time": time.time()}
        storage.write(storage.join(self.folder, _LOCK_NAME), json.dumps(document).encode())


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
