"""Which inputs become which outputs: files, folders, globs, @lists and standard input, settled before work starts."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastspec.batch import storage
from fastspec.errors import OutputError, ParameterError


@dataclass(frozen=True, slots=True)
class Item:
    """One input file and the output it becomes."""

    source: Path
    target: Path


def items_of(
    inputs: Sequence[str],
    *,
    suffixes: frozenset[str],
    new_suffix: str,
    out: str | None = None,
    out_dir: str | None = None,
    overwrite: bool = False,
) -> list[Item]:
    """The items that `inputs` mean, in a fixed order; for a few files (`fastspec.batch.worklist` is for many).

    An input is a file, a folder (searched recursively for `suffixes`; its structure is kept under `out_dir`), a
    glob, `@file` (a list of inputs, one a line) or `-` (such a list on standard input). One input may go to
    `out`; several need `out_dir`; one input without either goes beside itself.

    Raises ParameterError when there is nothing to do, two inputs would share an output, or an output would replace
    an input, and OutputError when an output exists and `overwrite` is off (a file named by `out` is replaced).
    """
    if out is not None and out_dir is not None:
        raise ParameterError(f"give either an output file ({out}) or an output folder ({out_dir}), not both")
    found = list(expand(inputs, suffixes))
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

    Raises ParameterError when there are none.
    """
    found = list(dict.fromkeys(path for path, _ in expand(inputs, suffixes)))
    if not found:
        raise nothing_to_do(inputs, suffixes)
    return [Item(Path(path), Path(path)) for path in found]


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


def would_replace(target: str) -> ParameterError:
    """The error for an output over an input."""
    return ParameterError(f"the output {target} would replace an input; name another place")


def expand(inputs: Iterable[str], suffixes: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Every input file with its path below the output folder; files that no longer exist are kept and fail later."""
    for text in inputs:
        if text == "-":
            yield from expand(_lines(sys.stdin), suffixes)
        elif text.startswith("@") and not os.path.exists(text):
            try:
                with open(text[1:], encoding="utf-8") as listing:
                    yield from expand(_lines(listing), suffixes)
            except (OSError, UnicodeDecodeError) as error:
                raise ParameterError(f"cannot read the list {text[1:]}: {error}") from None
        else:
            yield from storage.find(text, suffixes)


def _target(path: Path, relative: str, suffix: str, out: str | None, out_dir: str | None) -> Path:
    if out is not None:
        return Path(out)
    if out_dir is not None:
        return Path(out_dir) / Path(relative).with_suffix(suffix)
    return path.with_suffix(suffix)


def _lines(stream: Iterable[str]) -> Iterator[str]:
    return (line.rstrip("\r\n") for line in stream if line.strip() and not line.startswith("#"))


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
