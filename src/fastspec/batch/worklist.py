"""All inputs of a batch and what is known of each, on disk: ten million take no more memory than ten."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import PurePosixPath

from fastspec.batch import facts_table, storage
from fastspec.batch import inputs as batch_inputs
from fastspec.batch.ledger import TERMINAL, Record
from fastspec.batch.shard import Task
from fastspec.errors import OutputError, ParameterError

_PAGE = 1000  # rows read at a time
_TASK = "id, source, name, size, sha256, facts"


@contextmanager
def temporary_errors() -> Iterator[None]:
    """Within, what SQLite cannot keep in its temporary file becomes an OutputError that says so."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise OutputError(
            f"the list of inputs, a temporary file, cannot be written: {error}; make room in {tempfile.gettempdir()}, "
            "or name another folder in TMPDIR, then run again with --resume"
        ) from error


class Worklist:
    """The inputs of a batch in their order; each is open, or has ended as done, failed or skipped. A context.

    It lives in a temporary SQLite database, which is deleted on closing it; only one thread may use it.
    """

    def __init__(self, folder: str, suffix: str, unreadable: str = "picture") -> None:
        """unreadable : the code of folders that cannot be listed."""
        self.folder = folder
        self.suffix = suffix
        self.unreadable = unreadable
        self.repeated = 0  # inputs that were named once more
        self._base = sqlite3.connect("", isolation_level=None)  # an empty name: a file of its own, deleted at the end
        self._base.execute("PRAGMA journal_mode=OFF")
        self._base.execute("PRAGMA synchronous=OFF")
        self._base.execute(
            # names are bytes: not all are text. A folder that cannot be listed has a message, and no name of an output
            "CREATE TABLE items (id INTEGER PRIMARY KEY, source BLOB, name BLOB UNIQUE, state TEXT DEFAULT 'open',"
            " size INTEGER, sha256 TEXT, code TEXT, facts TEXT, line INTEGER, doubtful TEXT, used TEXT, message BLOB)"
        )
        self._base.execute("CREATE TABLE risky (path BLOB PRIMARY KEY, what TEXT)")

    def __enter__(self) -> Worklist:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def keep(self, originals: Iterable[str]) -> None:
        """Let no output replace these local files; to be called before inputs are added."""
        rows = ((_bytes(os.path.realpath(path)), batch_inputs.ORIGINAL) for path in originals)
        self._base.executemany("INSERT OR IGNORE INTO risky VALUES (?, ?)", rows)

    def add(self, inputs: Iterable[str], suffixes: frozenset[str]) -> None:
        """Take in all inputs.

        Raises ParameterError for none, for shared outputs and for outputs over inputs or what is to be kept.
        """
        named: list[str] = []

        def noted() -> Iterator[str]:
            for text in inputs:
                if len(named) < 5:
                    named.append(text)
                yield text

        self._base.execute("BEGIN")
        for source, relative in batch_inputs.expand(noted(), suffixes, self._unlisted):
            self._insert(source, _clean(relative, self.suffix, source))
        self._base.execute("COMMIT")
        if not len(self):
            raise batch_inputs.nothing_to_do(named, suffixes)
        if self._base.execute("SELECT 1 FROM risky").fetchone() and not storage.is_remote(self.folder):
            for task in self.tasks():
                target = storage.join(self.folder, task.name)
                real = _bytes(os.path.realpath(target))
                if found := self._base.execute("SELECT what FROM risky WHERE path = ?", (real,)).fetchone():
                    raise batch_inputs.would_replace(target, found[0])

    def _insert(self, source: str, name: str) -> None:
        try:
            self._base.execute("INSERT INTO items (source, name) VALUES (?, ?)", (_bytes(source), _bytes(name)))
        except sqlite3.IntegrityError:
            query = "SELECT source FROM items WHERE name = ?"
            first = _text(self._base.execute(query, (_bytes(name),)).fetchone()[0])
            if not batch_inputs.are_one(first, source):
                raise batch_inputs.would_clash(first, source, storage.join(self.folder, name)) from None
            self.repeated += 1
            return
        if source.lower().endswith(self.suffix) and not storage.is_remote(source):
            row = (_bytes(os.path.realpath(source)), "an input")
            self._base.execute("INSERT OR REPLACE INTO risky VALUES (?, ?)", row)

    def _unlisted(self, source: str, message: str) -> None:
        """Take in a folder that cannot be listed."""
        row = (_bytes(source), self.unreadable, _bytes(message))
        if self._base.execute("SELECT 1 FROM items WHERE name IS NULL AND source = ?", row[:1]).fetchone():
            self.repeated += 1
            return
        self._base.execute("INSERT INTO items (source, state, code, message) VALUES (?, 'unlisted', ?, ?)", row)

    def unlisted(self) -> Iterator[Record]:
        """The records of the folders that cannot be listed and have none yet."""
        last = 0
        query = "SELECT id, source, code, message FROM items WHERE state = 'unlisted' AND id > ? ORDER BY id LIMIT ?"
        while rows := self._base.execute(query, (last, _PAGE)).fetchall():
            last = rows[-1][0]
            for _, source, code, message in rows:
                told = {"code": code, "message": _text(message)}
                yield {"type": "failed", "input": _text(source), "output": None, **told}

    def know(self, table: str) -> None:
        """Take in the facts that a table (`facts_table`) gives single inputs.

        Raises ParameterError for a row that is about no file, or about the same as another.
        """
        self._base.execute("CREATE TABLE places (key BLOB, id INTEGER)")
        self._base.execute("BEGIN")
        for number, source in self._base.execute("SELECT id, source FROM items"):
            key = _bytes(facts_table.key(_text(source)))
            self._base.execute("INSERT INTO places VALUES (?, ?)", (key, number))
        self._base.execute("CREATE INDEX place ON places (key)")
        number, told = 0, False
        for number, row in enumerate(facts_table.rows(table), 1):  # noqa: B007 - counted
            found = next(filter(None, map(self._at, row.keys)), None)
            if found is None:
                facts_table.check_is_file(table, row)
                continue
            told = True
            for item, line in found:
                if line is not None:
                    raise facts_table.twice(table, row, line)
                self._base.execute("UPDATE items SET facts = ?, line = ? WHERE id = ?", (row.facts, row.line, item))
        self._base.execute("DROP TABLE places")
        self._base.execute("COMMIT")
        if number and not told:
            raise facts_table.about_others(table, number)

    def _at(self, key: str) -> list[tuple[int, int | None]]:
        """(id, line of its facts) of the inputs that lie at a place: one, unless it was named in two ways."""
        query = "SELECT id, line FROM items WHERE id IN (SELECT id FROM places WHERE key = ?)"
        return list(self._base.execute(query, (_bytes(key),)).fetchall())

    def __len__(self) -> int:
        return int(self._base.execute("SELECT COUNT(*) FROM items").fetchone()[0])

    def recall(self, records: Iterable[Record], *, retry_failed: bool) -> None:
        """Take over what an earlier run's ledger says; the last record of an output counts.

        A done output is to be verified, unless its input or what stands beside it (sidecar, original) has changed
        since; a failure stays one unless it is retried.
        """
        self._base.execute("BEGIN")
        for record in records:
            kind = record["type"]
            if kind not in TERMINAL or not self._has(record):
                continue
            if kind == "done":
                size, digest = (None, None) if _has_changed(record) else (record.get("size"), record.get("sha256"))
                self._set(record, "open", size, digest, None)
                self._doubt(record)
            elif kind == "failed":
                again = "unlisted" if record.get("output") is None else "open"
                self._set(record, again if retry_failed else "failed", None, None, record.get("code"))
            else:
                self._set(record, "open", None, None, None)
        self._base.execute("COMMIT")

    def _has(self, record: Record) -> bool:
        where, keys = _of(record)
        return self._base.execute(f"SELECT 1 FROM items {where}", keys).fetchone() is not None

    def _set(self, record: Record, *values: object) -> None:
        where, keys = _of(record)
        self._base.execute(f"UPDATE items SET state = ?, size = ?, sha256 = ?, code = ? {where}", (*values, *keys))

    def end(self, record: Record) -> None:
        """Note that an input has ended as its record says."""
        where, keys = _of(record)
        self._base.execute(f"UPDATE items SET state = ?, code = ? {where}", (record["type"], record.get("code"), *keys))
        if not record.get("kept"):  # what is kept was doubtful before
            self._doubt(record)

    def _doubt(self, record: Record) -> None:
        names = json.dumps(record["doubtful"]) if record.get("doubtful") else None
        where, keys = _of(record)
        self._base.execute(f"UPDATE items SET doubtful = ? {where}", (names, *keys))

    def doubtful(self) -> list[tuple[list[str], int]]:
        """The facts that done inputs' sounds hang on and that were only assumed, and of how many inputs."""
        query = "SELECT doubtful, COUNT(*) FROM items WHERE state = 'done' AND doubtful IS NOT NULL GROUP BY doubtful"
        return [(json.loads(names), number) for names, number in self._base.execute(query).fetchall()]

    def note_used(self, records: Iterable[Record]) -> None:
        """Take in, from a ledger, the facts that inputs were converted with; the last record of an output counts."""
        self._base.execute("BEGIN")
        for record in records:
            if record["type"] == "done" and isinstance(record.get("facts"), dict):
                rest = (record.get(name) or () for name in ("unsure", facts_table.DOUBTFUL, facts_table.SEEN))
                cells = json.dumps(facts_table.used(record["facts"], *rest))
                where, keys = _of(record)
                self._base.execute(f"UPDATE items SET used = ? {where}", (cells, *keys))
        self._base.execute("COMMIT")

    def used(self) -> Iterator[tuple[str, dict[str, str]]]:
        """(input, cells of a table of facts) of the inputs that are done, in order, lazily."""
        query = "SELECT source, used FROM items WHERE state = 'done' AND used IS NOT NULL ORDER BY id"
        with closing(self._base.execute(query)) as found:
            for source, cells in found:
                yield _text(source), json.loads(cells)

    def tasks(self) -> Iterator[Task]:
        """The open inputs, in order, lazily."""
        last = 0
        query = f"SELECT {_TASK} FROM items WHERE state = 'open' AND id > ? ORDER BY id LIMIT ?"
        while rows := self._base.execute(query, (last, _PAGE)).fetchall():
            last = rows[-1][0]
            for _, source, name, *rest in rows:
                yield Task(_text(source), _text(name), *rest)

    def counts(self) -> dict[str, int]:
        """How many inputs are in each state: open, done, failed, skipped."""
        query = (
            "SELECT CASE state WHEN 'unlisted' THEN 'open' ELSE state END AS told, COUNT(*) FROM items GROUP BY told"
        )
        with closing(self._base.execute(query)) as rows:
            return {"open": 0, "done": 0, "failed": 0, "skipped": 0, **dict(rows)}

    def errors(self) -> dict[str, int]:
        """How many inputs failed with each code, most frequent first."""
        query = "SELECT code, COUNT(*) FROM items WHERE state = 'failed' GROUP BY code ORDER BY 2 DESC, 1"
        return dict(self._base.execute(query).fetchall())

    def failures(self, limit: int) -> list[tuple[str, str]]:
        """(input, code) of the first failed inputs."""
        query = "SELECT source, code FROM items WHERE state = 'failed' ORDER BY id LIMIT ?"
        return [(_text(source), code) for source, code in self._base.execute(query, (limit,)).fetchall()]

    def refuse_existing(self) -> None:
        """Raise OutputError when an output of an open input exists."""
        if not storage.exists(self.folder):
            return
        present = _present(self.folder)
        found = [
            task.name
            for task in self.tasks()
            if (task.name in present if present is not None else storage.exists(storage.join(self.folder, task.name)))
        ]
        if found:
            raise batch_inputs.already_there(storage.join(self.folder, found[0]), len(found) - 1)


def _present(folder: str) -> set[str] | None:
    """Names of all files below a remote folder, by one listing; None for a local one, where a look is cheap."""
    if not storage.is_remote(folder):
        return None
    fs, inner = storage.filesystem(folder)
    base = inner.rstrip("/") + "/"
    return {str(path).removeprefix(base) for path in fs.find(inner)}


def _bytes(text: str) -> bytes:
    """A name as the database holds it: any, byte for byte."""
    return text.encode("utf-8", "surrogatepass")


def _text(held: bytes) -> str:
    return held.decode("utf-8", "surrogatepass")


def _of(record: Record) -> tuple[str, tuple[bytes, ...]]:
    """(condition, its values) of the row that a record is about."""
    name, source = record.get("output"), record.get("input")
    told = {"name": name, "source": source} if source is not None else {"name": name}
    keys = tuple(_bytes(each) for each in told.values() if each is not None)
    return "WHERE " + " AND ".join(f"{key} {'IS NULL' if each is None else '= ?'}" for key, each in told.items()), keys


def _has_changed(record: Record) -> bool:
    """Whether what an output was made of is no more what it was."""
    files = {**(record.get("beside") or {}), record["input"]: record.get("stamp")}
    return any(storage.stamp(path) != _pair(stamp) for path, stamp in files.items())


def _pair(stamp: object) -> tuple[int, int] | None:
    return (stamp[0], stamp[1]) if isinstance(stamp, list) and len(stamp) == 2 else None


def _clean(relative: str, suffix: str, source: str) -> str:
    """The name of an output below the output folder, forward slashes, never outside it."""
    path = PurePosixPath(relative)
    if path.name in ("", ".", "..") or ".." in path.parts or path.is_absolute():
        raise ParameterError(f"{source!r} is no name of a file; name files, folders or patterns")
    return str(path.with_suffix(suffix))
