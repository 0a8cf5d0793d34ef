"""What the commands say: results on standard output, messages on standard error, all of it fit to be shown.

Files are strangers' work, and so are their names: every line is escaped as a whole, and every cell of a line before
they are joined, so that no text of a file becomes a line, a column or a command of the terminal's.
"""

from __future__ import annotations

import json
import sys
from typing import Any, TextIO

from fastspec._text import printable

_BETWEEN = "\t"  # cells of a line


def row(*cells: object) -> str:
    """A line of cells for `show`."""
    return _BETWEEN.join(map(printable, cells))


def show(text: str) -> None:
    """Lines on standard output, above a progress bar; each of `row`'s cells, or escaped before they were joined."""
    for line in text.split("\n"):
        _put(sys.stdout, printable(line, keep=_BETWEEN))


def say(message: object) -> None:
    """One line on standard error, above a progress bar."""
    _put(sys.stderr, printable(message))


def show_json(value: Any, *, indent: int | None = None) -> None:
    """A value as JSON on standard output, in ASCII: nothing is lost."""
    _put(sys.stdout, json.dumps(value, indent=indent, default=str))


def say_json(value: Any) -> None:
    """A value as one line of JSON on standard error."""
    _put(sys.stderr, json.dumps(value, default=str))


def _put(stream: TextIO | None, text: str) -> None:
    if stream is None:
        return
    bars = sys.modules.get("tqdm")
    if bars is None:  # no bar was ever shown
        stream.write(text + "\n")
    else:
        with bars.tqdm.external_write_mode(file=stream):
            stream.write(text + "\n")
    stream.flush()
