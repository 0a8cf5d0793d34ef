"""The ledger of a batch: JSON lines beside the outputs, only ever appended to, one terminal record an input.

The first line of every run tells its configuration; then come `done`, `failed` and `skipped` records. A record is
written after its output is durable under its final name, so what the ledger says is true after any kind of death. The
last line may be torn by one; it is cut off before the next is written. On remote storage, where nothing can be
appended to, every batch of lines is an object of its own in a folder of the ledger's name.

All is ASCII. A byte of a file's name that is not UTF-8 stands as a lone surrogate, "\\udc80" to "\\udcff" for 0x80 to
0xff, as Python has it in names (PEP 383): so each name comes back byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from fastspec._version import __version__
from fastspec.batch import records, storage
from fastspec.batch.local_book import LocalBook
from fastspec.batch.place import Place
from fastspec.batch.records import TERMINAL as TERMINAL
from fastspec.batch.remote_book import RemoteBook, parts
from fastspec.calibration.facts import shortened
from fastspec.errors import OutputError, ParameterError

NAME = "fastspec-ledger.jsonl"
VERSION = 1  # of the format, in the first line of every run; raised when an older fastspec would misread it
Record = dict[str, Any]


def read(folder: str, unusable: Callable[[str], object] | None = None) -> Iterator[Record]:
    """The records of a ledger in their order, lazily; lines that are torn or no usable records are passed over.

    unusable : called with a phrase on each line passed over but a torn last one.

    Raises OutputError when it cannot be read, ParameterError when a newer fastspec wrote it in another format.
    """
    path = storage.join(folder, NAME)
    for number, line in enumerate(_lines(path), 1):
        if not line.endswith(b"\n") or not line.strip():
            continue
        try:
            record = json.loads(line)
            fault = records.fault(record)
        except (ValueError, RecursionError):
            fault = "it is no JSON"
        if fault is not None:
            if unusable is not None:
                unusable(f"line {number}: {fault}")
            continue
        if record["type"] == "run":
            _check_version(record, path)
        yield record


def _check_version(run: Record, path: str) -> None:
    version = run.get("version", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise ParameterError(
            f"the ledger {path} has format {shortened(str(version))}, written by fastspec "
            f"{shortened(str(run.get('fastspec', 'of unknown version')))}; "
            f"this is {__version__}, which reads format {VERSION}: update it, or name another folder"
        )


def _lines(path: str) -> Iterator[bytes]:
    if not storage.is_remote(path):
        try:
            with open(path, "rb", opener=storage.regular) as lines:
                yield from lines
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(f"the ledger {path} cannot be read: {error.strerror or error}") from error
        return
    fs, found = parts(path)
    for part in found:
        try:
            data = fs.cat_file(part)
        except FileNotFoundError:
            continue
        except Exception as error:  # the protocols raise what they like
            raise OutputError(f"the ledger {path} cannot be read: {error}") from error
        yield from data.splitlines(keepends=True)


class Ledger:
    """The open ledger of the one process that may write under `folder`; a context.

    Raises OutputError when another process holds it or it cannot be written.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.path = storage.join(folder, NAME)
        self._book: LocalBook | RemoteBook = (RemoteBook if storage.is_remote(folder) else LocalBook)(folder, self.path)

    def __enter__(self) -> Ledger:
        self._book.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def place(self) -> Place | None:
        """The local folder that it is in, by which workers know it; None of a remote one."""
        return self._book.place()

    def append(self, records: Iterable[Record]) -> None:
        """Write records and return once they are durable where the outputs are.

        Raises OutputError; then none of them counts.
        """
        text = "".join(json.dumps(record, separators=(",", ":"), default=_plain) + "\n" for record in records)
        if text:
            self._book.append(text.encode())

    def start_over(self) -> None:
        """Forget all records, because another configuration begins."""
        self._book.start_over()


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else str(value)
