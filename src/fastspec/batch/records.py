"""Which records of a ledger can be used. People edit ledgers, so any field may hold anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

TERMINAL = ("done", "failed", "skipped")
_MOST = 2**63 - 1  # of a whole number in a database
_WORD = re.compile(r"[ -~]{1,64}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_DEEP = 3  # lists in lists, of a fact


def fault(record: object) -> str | None:
    """What makes a record unusable, as a phrase, or None."""
    if not isinstance(record, dict):
        return "it is no record"
    kind = record.get("type")
    if not isinstance(kind, str):
        return "it has no type"
    if kind not in TERMINAL:
        return None
    for name, (required, right, wanted) in _FIELDS.items():
        value = record.get(name)
        if value is None and name == "output" and kind == "failed" and name in record:
            continue  # of a folder that could not be listed
        if value is None and not required:
            continue
        if not right(value):
            return f"{name} is no {wanted}" if name in record else f"it has no {name}"
    return None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def _is_stamp(value: object) -> bool:
    return isinstance(value, list) and len(value) == 2 and _is_whole(value[0]) and _is_time(value[1])


def _is_stamps(value: object) -> bool:
    return isinstance(value, dict) and all(_is_name(name) and _is_stamp(stamp) for name, stamp in value.items())


def _is_time(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MOST


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != "" and "\0" not in value


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _is_facts(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(each, list) and len(each) >= 2 and isinstance(each[1], str) and _is_plain(each[0], _DEEP)
        for each in value.values()
    )


def _is_plain(value: object, deep: int) -> bool:
    if isinstance(value, list):
        return deep > 0 and all(_is_plain(each, deep - 1) for each in value)
    return not isinstance(value, dict)


def _matches(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_FIELDS: dict[str, tuple[bool, Callable[[Any], bool], str]] = {
    "input": (True, _is_name, "name of a file"),
    "output": (True, _is_name, "name of a file"),
    "stamp": (False, _is_stamp, "size and time of a file"),
    "beside": (False, _is_stamps, "table of files with their sizes and times"),
    "size": (False, _is_whole, "size of a file"),
    "sha256": (False, _matches(_DIGEST), "SHA-256"),
    "code": (False, _matches(_WORD), "code of an error"),
    "doubtful": (False, _is_words, "list of facts"),
    "unsure": (False, _is_words, "list of facts"),
    "seen": (False, _is_words, "list of what was seen"),
    "facts": (False, _is_facts, "table of facts with their sources"),
}
