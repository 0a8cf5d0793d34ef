"""Text of strangers (names of files, facts and software in them, messages of libraries) as it may be shown."""

from __future__ import annotations

import os
import shlex
import unicodedata

_PLAIN = frozenset(range(0x20, 0x7F)) - set(b"\\'")  # bytes that stand for themselves within $'...'
_BLANK = "Zs"  # the category of blanks, such as the wide one in Japanese names


def printable(text: object, keep: str = "") -> str:
    """The text with all that no terminal shows escaped: control characters, ends of lines, marks that turn the
    direction of writing, lone surrogates. Characters of `keep` stay.

    A backslash stays one, so that text that was escaped stays as it is; JSON is the form that loses nothing.

    >>> printable("a\\x1b[2J\\nb")
    'a\\\\x1b[2J\\\\nb'
    """
    shown = str(text)
    if shown.isprintable():
        return shown
    return "".join(each if _is_shown(each) or each in keep else _escaped(each) for each in shown)


def shell_word(text: str) -> str:
    """The text as a word that a shell takes for it: quoted, or as $'...' where it holds what no terminal shows."""
    if all(map(_is_shown, text)):
        return shlex.quote(text)
    try:
        data = os.fsencode(text)
    except UnicodeEncodeError:  # a surrogate that stands for no byte is no part of any name
        data = text.encode(errors="backslashreplace")
    shown = "".join(chr(byte) if byte in _PLAIN else f"\\x{byte:02x}" for byte in data)
    return f"$'{shown}'"


def _is_shown(character: str) -> bool:
    return character.isprintable() or unicodedata.category(character) == _BLANK


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
