"""Which inputs become which outputs: files, folders, globs, @lists and standard input, settled before work starts."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastspec.batch import storage
from fastspec.errors import OutputError, ParameterError

_LONGEST_LINE = 1 << 16  # characters; no name has as many
_MOST_LISTS = 20  # that name one another
ORIGINAL = "a sound that pictures were drawn of"


@dataclass(frozen=True, slots=True)
class Item:
    """One input file and the output it becomes. fault : why it cannot be read, where that is known before."""

    source: Path
    target: Path
    fault: str | None = None


def items_of(
    inputs: Sequence[str],
    *,
    suffixes: frozenset[str],
    new_suffix: str,
    out: str | None = None,
    out_dir: str | None = None,
    overwrite: bool = False,
    say: Callable[[str], object] = lambda _: None,
) -> list[Item]:
    """The items that `inputs` mean, in a fixed order; for a few files (`fastspec.batch.worklist` is for many).

    An input is a file, a folder (searched recursively for `suffixes`; its structure is kept under `out_dir`), a
    glob, `@file` (a list of inputs, one a line) or `-` (such a list on standard input). One input may go to
    `out`; several need `out_dir`; one input without either goes beside itself. A file that is named more than once is
    one item; `say` is told so.

    Raises ParameterError when there is nothing to do, a folder cannot be listed, two inputs would share an output, or
    an output would replace an input, and OutputError when an output exists and `overwrite` is off (a file named by
    `out` is replaced).
    """
    if out is not None and out_dir is not None:
        raise ParameterError(f"give either an output file ({out}) or an output folder ({out_dir}), not both")
    found = _each_once(expand(inputs, suffixes), say)
    if not found:
        raise nothing_to_do(inputs, suffixes)
    if out is not None and len(found) > 1:
        raise ParameterError(f"{len(found)} inputs cannot all become {out}; name a folder with --out-dir")
    if out is None and out_dir is None and len(found) > 1:
        raise ParameterError(f"{len(found)} inputs need a folder for the results; name it with --out-dir")
    for path in (found[0][0], out or ""):
        if storage.is_remote(path):
            raise ParameterError(f"{path} is remote storage, which takes an output folder; name it with --out-dir")
    items = [Item(Path(path), _target(Path(path), relative, new_suffix, out, out_dir)) for path, relative in found]
    _refuse_clashes(items)
    if not overwrite and out is None:
        existing = [item.target for item in items if os.path.exists(item.target)]
        if existing:
            raise already_there(str(existing[0]), len(existing) - 1)
    return items


def items_to_read(inputs: Sequence[str], suffixes: frozenset[str]) -> list[Item]:
    """The files that `inputs` mean, each once, for what writes nothing; each item's target is its source.

    A folder that cannot be listed is an item with a fault. Raises ParameterError when there are none.
    """
    faults: dict[str, str] = {}
    found = [path for path, _ in expand(inputs, suffixes, faults.__setitem__)]
    if not found and not faults:
        raise nothing_to_do(inputs, suffixes)
    return [Item(Path(path), Path(path), faults.get(path)) for path in dict.fromkeys([*found, *faults])]


def nothing_to_do(inputs: Iterable[str], suffixes: frozenset[str]) -> ParameterError:
    """The error for inputs that mean no file."""
    named = ", ".join(inputs)
    return ParameterError(
        f"nothing to do: no file with one of {', '.join(sorted(suffixes))} among {named or 'no inputs'}"
    )


def already_there(first: str, more: int) -> OutputError:
    """The error for outputs that exist."""
    others = f" and {more} more" if more else ""
    return OutputError(f"{first}{others} already exists; add --overwrite to replace it, or name another place")


def would_clash(first: str, second: str, target: str) -> ParameterError:
    """The error for two inputs with one output."""
    return ParameterError(f"{first} and {second} would both become {target}; convert them into different folders")


def would_replace(target: str, what: str = "an input") -> ParameterError:
    """The error for an output over something that is read."""
    return ParameterError(f"the output {target} would replace {what}; name another place")


def are_one(first: str, second: str) -> bool:
    """Whether two inputs are one file, named in the same or in two ways."""
    if first == second or storage.is_remote(first) or storage.is_remote(second):
        return first == second
    return os.path.realpath(first) == os.path.realpath(second)


def _each_once(found: Iterable[tuple[str, str]], say: Callable[[str], object]) -> list[tuple[str, str]]:
    """What was found, a file of one output once."""
    kept: dict[tuple[str, str], tuple[str, str]] = {}
    for path, relative in found:
        key = (path if storage.is_remote(path) else os.path.realpath(path), relative)
        if key in kept:
            say(f"{path} was named more than once and is converted once")
        kept.setdefault(key, (path, relative))
    return list(kept.values())


def expand(
    inputs: Iterable[str], suffixes: frozenset[str], fail: Callable[[str, str], object] = storage.refuse
) -> Iterator[tuple[str, str]]:
    """Every input file with its path below the output folder; files that no longer exist are kept and fail later.

    fail : called with what cannot be listed, and a sentence on why. Raises ParameterError for lists that are none.
    """
    return _expanded(inputs, suffixes, fail, {})


def _expanded(
    inputs: Iterable[str], suffixes: frozenset[str], fail: Callable[[str, str], object], within: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """within : the lists that name these inputs, one another, by the files that they are."""
    for text in inputs:
        if not text.strip():
            raise ParameterError("an input is empty; name files, folders or patterns")
        if "\0" in text:
            fail(text, f"the name {text!r} holds a NUL, which no file's name does; correct it")
        elif text == "-" or (text.startswith("@") and not os.path.exists(text)):
            listing = text.removeprefix("@")
            key = listing if listing == "-" else os.path.realpath(listing)
            if key in within or len(within) == _MOST_LISTS:
                way = " -> ".join([*within.values(), listing])
                what = "names itself" if key in within else f"is the {_MOST_LISTS + 1}th that another names"
                raise ParameterError(f"the list {listing} {what} ({way}); take that line out")
            yield from _expanded(_names_in(listing), suffixes, fail, {**within, key: listing})
        else:
            yield from storage.find(text, suffixes, fail)


def _names_in(listing: str) -> Iterator[str]:
    """The names in a list, "-" for standard input: a line each, in UTF-8 or UTF-16; other bytes are kept as they are.

    Raises ParameterError.
    """
    if listing == "-" and sys.stdin is None:
        raise ParameterError("standard input is closed, so no list can be read from it; name the inputs")
    try:
        with _stream_of(listing) as stream:
            for number, line in enumerate(_lines_of(stream), 1):
                if "\0" in line or len(line) > _LONGEST_LINE:
                    raise ParameterError(f"{listing} is no list of names: line {number} holds a NUL or has no end")
                if line.strip() and not line.startswith("#"):
                    yield line.rstrip("\r\n")
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ParameterError(f"cannot read the list {listing}: {reason}; check the path") from None


@contextmanager
def _stream_of(listing: str) -> Iterator[Any]:
    if listing == "-":
        yield getattr(sys.stdin, "buffer", sys.stdin)
    else:
        with open(listing, "rb") as stream:
            yield stream


def _lines_of(stream: Any) -> Iterator[str]:
    wide = hasattr(stream, "peek") and stream.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if wide:  # as PowerShell writes them
        yield from codecs.getreader("utf-16")(stream, "surrogatepass")
        return
    first = True
    while line := stream.readline(_LONGEST_LINE + 2):
        text = line if isinstance(line, str) else line.decode("utf-8", "surrogateescape")
        yield text.removeprefix("\ufeff") if first else text
        first = False


def _target(path: Path, relative: str, suffix: str, out: str | None, out_dir: str | None) -> Path:
    if out is not None:
        return Path(out)
    if out_dir is not None:
        return Path(out_dir) / Path(relative).with_suffix(suffix)
    return path.with_suffix(suffix)


def check_kept(items: Iterable[Item], originals: Iterable[str]) -> None:
    """Raise ParameterError where an output would replace a sound that pictures were drawn of."""
    kept = {os.path.realpath(original) for original in originals}
    for item in items:
        if os.path.realpath(item.target) in kept:
            raise would_replace(str(item.target), ORIGINAL)


def _refuse_clashes(items: Sequence[Item]) -> None:
    owner: dict[str, Path] = {}
    sources = {os.path.realpath(item.source) for item in items}
    for item in items:
        key = os.path.realpath(item.target)
        if key in sources:
            raise would_replace(str(item.target))
        if key in owner:
            raise would_clash(str(owner[key]), str(item.source), str(item.target))
        owner[key] = item.source
