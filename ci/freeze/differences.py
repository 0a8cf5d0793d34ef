"""What differs between two results, shown short; and what is meant to differ, made equal first.

Meant to differ are the version number, the distribution's name (`fastspec-audio[plot]`, once `fastspec[plot]`), the
full stop that some messages and remarks end with, the place of `colormaps.names()`, which a hint names, and the two
trees' own folders.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MESSAGES = ("message", "err", "remarks", "problems", "unforced")
_SHOWN = 14  # lines of a difference
_COMPILING = re.compile(r"^fastspec: compiling what this needs.*\n?", re.MULTILINE)
_DRAWN_BY = re.compile(r"fastspec \d+\.\d+\.\d+")  # in pictures that either tree drew
_SPEED = re.compile(r"^[\d.]+ s: [\d.]+ files/s, .*$", re.MULTILINE)
_STOPS = re.compile(r"\.$", re.MULTILINE)


@dataclass(frozen=True)
class Made:
    """What is a tree's own: its version and its folders, longest first."""

    version: str
    folders: tuple[str, ...]


def equal_made(value: Any, made: Made, message: bool = False) -> Any:
    """`value` without what is meant to differ. message : whether its full stops are those of messages."""
    if isinstance(value, str):
        for folder in made.folders:
            value = value.replace(folder, "FOLDER")
        value = (
            _DRAWN_BY.sub("fastspec VERSION", value)
            .replace(made.version, "VERSION")
            .replace("fastspec-audio[", "fastspec[")
        )
        value = value.replace("fastspec.colormaps.names()", "fastspec.colours.names()")
        value = _SPEED.sub("SPEED", _COMPILING.sub("", value))
        return _STOPS.sub("", value) if message else value
    if isinstance(value, Mapping):
        return {name: equal_made(inner, made, message or name in _MESSAGES) for name, inner in value.items()}
    if isinstance(value, list):
        return [equal_made(inner, made, message) for inner in value]
    return value


def between(old: Any, new: Any) -> list[str]:
    """The lines that differ; none where both are equal."""
    before, now = list(_lines(old)), list(_lines(new))
    if before == now:
        return []
    lines = list(difflib.unified_diff(before, now, "old", "new", n=1, lineterm=""))[2:]
    more = [f"... and {len(lines) - _SHOWN} more lines"] if len(lines) > _SHOWN else []
    return [line[:400] for line in lines[:_SHOWN]] + more


def _lines(value: Any) -> Iterator[str]:
    for line in json.dumps(value, indent=1, ensure_ascii=False).splitlines():
        yield from line.replace("\\n", "\n  ").splitlines()


@dataclass
class Report:
    """What a part came to."""

    compared: int = 0
    allowed: int = 0
    differ: int = 0

    def line(self, part: str) -> str:
        allowed = f", {self.allowed} differ as allowed" if self.allowed else ""
        return f"{part}: {self.compared} compared, {self.differ} differ{allowed}"
