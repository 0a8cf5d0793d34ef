"""Facts of single files in a table: CSV with a column `path` and one for any fact, read (`--facts`) and written.

A path is one from the table's own folder, or as the batch names the input. An empty cell is not given, and neither is
one that ends in "?": so a table that fastspec wrote says which facts it only assumed, until somebody replaces them. A
row that nobody has edited, which its last cell tells, is taken as a whole: all its facts hold, what was assumed is
assumed again, and the sound is the same to the bit. Values of several numbers are separated by blanks: "-80 0".
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from fastspec._files import write_whole
from fastspec.batch import storage
from fastspec.calibration import level_units, trust
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, check_fact, plain
from fastspec.detect import evidence
from fastspec.errors import FastspecError, OutputError, ParameterError

PATH = "path"
SUFFIX = ".csv"
_GUESS = "?"  # ends a value that was only assumed
_SEVERAL = ("pair", "box", "border", "offsets")
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")
_COLUMNS = tuple(name for name in FACTS if name != "cmap_table")  # which column `cmap` holds as "LABEL=COLOURS"
_LEVELS = ("level_range", "level_unit")  # instead of db_range, see `calibration.level_units`
# the facts that a sound hangs on; what else was seen of the picture; whether a row is as it was written
DOUBTFUL, SEEN, _CHECKSUM = "doubtful", "seen", "checksum"
_OURS = (DOUBTFUL, SEEN, _CHECKSUM)
AS_USED = "as used"  # among the facts of a row that nobody has edited: what was assumed, doubtful, and seen


class Row(NamedTuple):
    """One line of a table: keys of the inputs that it may mean, the likelier first, and its facts, as JSON."""

    line: int
    path: str
    keys: tuple[str, ...]
    facts: str


def rows(table: str | os.PathLike[str]) -> Iterator[Row]:
    """The rows of a table, lazily; each fact is checked. Raises ParameterError with the line of what is wrong."""
    name = os.fspath(table)
    folder = os.path.dirname(os.path.abspath(name))
    try:
        with open(name, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
            reader = csv.reader(text, delimiter=_delimiter(text), strict=True)
            try:
                head = next(reader, [])
                _check_text(head, name)
                columns = _columns(head, name)
                for cells in reader:
                    at = columns.index(PATH)
                    _check_text([*cells[:at], *cells[at + 1 :]], name)
                    row = _row(cells, columns, f"{name} line {reader.line_num}", folder)
                    if row is not None:
                        if not any(os.path.exists(each) for each in row.keys):  # a file's name may be any bytes
                            _check_text([row.path], name)
                        yield row._replace(line=reader.line_num)
            except csv.Error as error:
                raise ParameterError(f"{name} line {reader.line_num} is no CSV: {error}; mend it") from None
    except OSError as error:
        raise ParameterError(f"{name} cannot be read: {error.strerror or error}; check the path") from None


def fingerprint(table: str | os.PathLike[str], check: Callable[[str], object] | None = None) -> str:
    """What a table says, in a few words that are equal for equal facts, whatever the order of rows and columns.

    check : called with the facts of each row; a FastspecError that it raises is told with the row's line.
    """
    total = number = 0
    for row in rows(table):
        if check is not None:
            try:
                check(row.facts)
            except FastspecError as error:
                raise ParameterError(f"{os.fspath(table)} line {row.line}: {error}") from None
        told = json.dumps([row.path, row.facts])
        total += int.from_bytes(hashlib.sha256(told.encode()).digest(), "big")
        number += 1
    digest = hashlib.sha256(total.to_bytes(64, "big")).hexdigest()  # a sum knows no order
    return f"{number} rows, sha256 {digest[:16]}"


def key(source: str) -> str:
    """The key of an input: where it lies, whatever it is called."""
    return source if storage.is_remote(source) else os.path.normpath(os.path.abspath(source))


def check_is_file(table: str, row: Row) -> None:
    """Raise ParameterError for a row that is about no input and no other file either: its path is mistaken."""
    if not any(not storage.is_remote(each) and os.path.exists(each) for each in row.keys):
        raise ParameterError(
            f"{table} line {row.line}: {row.path!r} is no input and no file, neither from the table's folder nor from "
            "here; correct the path, or leave the row out"
        )


def about_others(table: str, number: int) -> ParameterError:
    """The error for a table of which no row is about an input."""
    return ParameterError(f"none of the {number} rows of {table} is about an input; correct its paths, or leave it out")


def twice(table: str, row: Row, first: int) -> ParameterError:
    """The error for two rows about one file."""
    return ParameterError(f"{table} line {row.line}: {row.path!r} is the file of line {first} too; keep one of them")


def of_inputs(table: str, sources: Iterable[str]) -> dict[str, str]:
    """The facts, as JSON, that a table gives each of a few inputs. Raises ParameterError for rows about no file."""
    known = {key(source): source for source in sources}
    lines: dict[str, int] = {}
    found: dict[str, str] = {}
    number = 0
    for number, row in enumerate(rows(table), 1):  # noqa: B007 - counted
        source = next((known[each] for each in row.keys if each in known), None)
        if source is None:
            check_is_file(table, row)
        elif source in found:
            raise twice(table, row, lines[source])
        else:
            found[source], lines[source] = row.facts, row.line
    if number and not found:
        raise about_others(table, number)
    return found


def used(
    facts: Mapping[str, Sequence[Any]],
    unsure: Iterable[str] = (),
    doubtful: Iterable[str] = (),
    seen: Iterable[str] = (),
) -> dict[str, str]:
    """The cells of a row that says what a file was converted with.

    facts : value and source of each, as records have them. unsure : further ones that are hardly known.
    doubtful : those that the sound hangs on and that were only assumed. seen : of `evidence.SEEN`, what holds.
    """
    hardly = frozenset(unsure)
    cells = {}
    for name in _COLUMNS:
        if name in facts:
            value, source = facts[name][:2]
            if name == "cmap" and "cmap_table" in facts:
                value = facts["cmap_table"][0]
            cells[name] = _text(value) + (_GUESS if source == "assumed" or name in hardly else "")
    told = {DOUBTFUL: " ".join(doubtful), SEEN: " ".join(seen)}
    return cells | {name: cell for name, cell in told.items() if cell}


def used_by(cal: Calibration) -> dict[str, str]:
    """The cells of a row that says what this calibration knew."""
    facts = {name: [plain(fact.value), fact.source] for name, fact in cal.facts.items()}
    return used(facts, trust.unsure(cal), trust.doubts(cal), evidence.seen_of(cal))


def write(table: str, entries: Callable[[], Iterable[tuple[str, dict[str, str]]]]) -> None:
    """Write a table, whole or not at all. entries : gives (input, cells of `used`), twice. Raises OutputError."""
    present = {name for _, cells in entries() for name in cells}
    columns = [name for name in (*_COLUMNS, DOUBTFUL, SEEN) if name in present]
    folder = os.path.dirname(os.path.abspath(table))

    class Lines:
        """What csv writes, as bytes of a stream."""

        def __init__(self, out: Any) -> None:
            self.out = out

        def write(self, text: str) -> int:
            return int(self.out.write(_encoded(text)))

    def fill(out: Any) -> None:
        writer = csv.writer(Lines(out), lineterminator="\n")
        writer.writerow([PATH, *columns, _CHECKSUM])
        for source, cells in entries():
            path = _from(folder, source)
            writer.writerow([path, *(cells.get(name, "") for name in columns), _checksum(path, cells)])

    storage.make_folder(folder)
    write_whole(table, fill)


def check_target(target: str | os.PathLike[str], table: str | os.PathLike[str] | None, replace: bool) -> str:
    """The path of a table to be written. Raises ParameterError or OutputError where it must not be."""
    name = os.fspath(target)
    if storage.is_remote(name) or not name.lower().endswith(SUFFIX):
        raise ParameterError(f"{name} is no local file for a table of facts; give a name that ends in {SUFFIX}")
    if table is not None and os.path.realpath(name) == os.path.realpath(table):
        raise ParameterError(f"the facts used would replace those given in {name}; name another file for them")
    if os.path.isdir(name):
        raise OutputError(f"{name} is a folder; name a file in it")
    if os.path.lexists(name) and not replace:
        raise OutputError(f"{name} already exists; add --overwrite to replace it, or name another file")
    storage.make_folder(os.path.dirname(os.path.abspath(name)))
    return name


def _check_text(cells: Iterable[str], name: str) -> None:
    """Raise ParameterError where a cell holds what is no UTF-8."""
    if any("\udc80" <= sign <= "\udcff" for cell in cells for sign in cell):
        raise ParameterError(f"{name} is no text in UTF-8; save it as CSV in UTF-8")


def _delimiter(text: Any) -> str:
    """What separates the columns: a comma, or a semicolon or tab where the first line has one and no comma."""
    head = text.readline()
    text.seek(0)
    return next((mark for mark in ",;\t" if mark in head), ",")


def _columns(head: Sequence[str], name: str) -> list[str]:
    columns = [column.strip() for column in head]
    while columns and not columns[-1]:
        columns.pop()  # spreadsheets add empty ones
    if PATH not in columns:
        raise ParameterError(f"{name} line 1 has no column {PATH!r}; name the columns {PATH} and facts such as sr")
    for number, column in enumerate(columns):
        if column in columns[:number]:
            raise ParameterError(f"{name} line 1: column {column!r} is there twice; keep one")
        if column not in (PATH, *_COLUMNS, *_LEVELS, *_OURS):
            near = get_close_matches(column, _COLUMNS, 1)
            hint = f"did you mean {near[0]!r}" if near else f"the facts are {', '.join(_COLUMNS)}"
            raise ParameterError(f"{name} line 1: column {column!r} is no fact; {hint}")
    return columns


def _row(cells: Sequence[str], columns: Sequence[str], where: str, folder: str) -> Row | None:
    """The row of these cells, or None where all are empty."""
    if not any(cell.strip() for cell in cells):
        return None
    if any(cells[len(columns) :]):
        raise ParameterError(f"{where} has {len(cells)} cells for {len(columns)} columns; quote what holds a separator")
    values = dict(zip(columns, cells, strict=False))
    path = values.pop(PATH, "")
    if not path:
        raise ParameterError(f"{where} has no path; name the file that it is about")
    told = {name: cell.strip() for name, cell in values.items() if cell.strip()}
    whole = told.pop(_CHECKSUM, "") == _checksum(path, told)
    properties = {name: told.pop(name, "").split() for name in (DOUBTFUL, SEEN)}
    facts: dict[str, Any] = {}
    assumed: dict[str, Any] = {}
    for name, cell in told.items():
        try:
            if not cell.endswith(_GUESS):
                facts |= _fact(name, cell, folder)
            elif whole:
                assumed |= _fact(name, cell.removesuffix(_GUESS), folder)
        except FastspecError as error:
            if not cell.endswith(_GUESS):
                raise ParameterError(f"{where}: {error}") from None
            whole = False  # what a file states and nobody knows
    if whole and (assumed or facts):
        facts[AS_USED] = {"assumed": assumed, **properties}
    return Row(0, path, _keys(path, folder), json.dumps(facts, sort_keys=True))


def _checksum(path: str, cells: Mapping[str, str]) -> str:
    """What tells whether a row is as it was written, wherever the table and the file are now."""
    told = {name: cell for name, cell in cells.items() if name != _CHECKSUM and cell}
    text = json.dumps([path.rpartition("/")[2], told], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _keys(path: str, folder: str) -> tuple[str, ...]:
    """The keys of the files that a path may mean: of the first that there is, or else of all."""
    if storage.is_remote(path):
        return (path,)
    found = tuple(dict.fromkeys((key(os.path.join(folder, path)), key(path))))
    return next(((each,) for each in found if os.path.exists(each)), found)


def _fact(name: str, cell: str, folder: str) -> dict[str, Any]:
    """A fact of a cell, as plain values that serve on any machine."""
    from fastspec.plot import colour_table

    if name in _LEVELS:
        return {name: level_units.checked(name, tuple(cell.split()) if name == _LEVELS[0] else cell)}
    if name == "cmap":
        beside = os.path.join(folder, cell)
        cmap = beside if colour_table.names_file(cell) and os.path.exists(beside) else cell
        found = colour_table.portable({"cmap": cmap})
        if found["cmap"] == cell:
            check_fact(name, cell)
        return found
    return {name: plain(check_fact(name, _value(FACTS[name].kind, cell)))}


def _value(kind: str, cell: str) -> Any:
    """The cell as a value of this kind, or as it is where it is none: then the check says what is wanted."""
    if kind in _SEVERAL:
        return tuple(cell.split())
    if kind == "bool":
        return True if cell.lower() in _YES else False if cell.lower() in _NO else cell
    if kind in ("int", "float"):
        try:
            return float(cell)
        except ValueError:
            return cell
    return cell


def _text(value: Any) -> str:
    """A value as a cell holds it, so that reading gives it back to the bit."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return " ".join(_text(each) for each in value)
    return repr(value) if isinstance(value, float) else str(value)


def _encoded(text: str) -> bytes:
    """The text in UTF-8; bytes of names that are none stay as they are."""
    try:
        return text.encode(errors="surrogateescape")
    except UnicodeEncodeError:  # a surrogate that stands for no byte is in no name, only in what a file claims
        return text.encode(errors="backslashreplace")


def _from(folder: str, source: str) -> str:
    """The path of an input, seen from the table's folder."""
    if storage.is_remote(source):
        return source
    try:
        return os.path.relpath(os.path.abspath(source), folder).replace(os.sep, "/")
    except ValueError:  # another drive
        return os.path.abspath(source)
