"""Colour tables that a user gives: checked, and as the text that travels in facts (`cmap_table`)."""

from __future__ import annotations

import base64
import reprlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec.colours.tables import MOST_COLOURS
from fastspec.errors import ParameterError

_BYTE = 255
_REMEDY = f"give N x 3 numbers, red, green and blue from the quietest to the loudest, N from 2 to {MOST_COLOURS}"


def checked(name: str, table: ArrayLike) -> NDArray[np.uint8]:
    """The table as colours (N, 3) uint8; ParameterError, with the first wrong value, for what is no such table.

    Fractions of 0 to 1, of any float type, are rounded as matplotlib rounds; all others are whole numbers 0 to 255.
    """
    try:
        array = np.asarray(table)
        numbers = array.astype(np.float64) if array.dtype.kind in "uif" else None
    except ValueError:  # rows of different lengths
        array, numbers = np.empty(0), None
    if numbers is None or array.ndim != 2 or array.shape[1] != 3 or not 2 <= len(array) <= MOST_COLOURS:
        raise ParameterError(f"the table of colormap {name!r} has shape {array.shape} of {array.dtype}; {_REMEDY}")
    fractions = array.dtype.kind == "f" and not (numbers > 1).any()
    whole = np.floor(numbers * _BYTE + 0.5) if fractions else numbers
    wrong = ~((whole >= 0) & (whole <= _BYTE) & (whole == np.floor(whole)))  # NaN too
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise ParameterError(
            f"entry {row} of colormap {name!r} holds {numbers[row, column]:g}; colours are whole numbers 0 to 255 or, "
            "all of them, fractions 0 to 1"
        )
    colours: NDArray[np.uint8] = whole.astype(np.uint8)
    if not (colours != colours[0]).any():
        raise ParameterError(f"all {len(colours)} entries of colormap {name!r} have one colour; {_REMEDY}")
    return colours


def as_text(name: str, table: NDArray[np.uint8]) -> str:
    """Name and colours (N, 3) as one text; `from_text` reads it."""
    return f"{name}={base64.b64encode(np.ascontiguousarray(table).tobytes()).decode('ascii')}"


def from_text(text: str) -> tuple[str, NDArray[np.uint8]]:
    """Name and colours (N, 3) of `as_text`; ParameterError for any other text."""
    name, _, packed = text.rpartition("=")  # bytes by threes need none of the signs "=" that pad base64
    try:
        colours = np.frombuffer(base64.b64decode(packed, validate=True), np.uint8)
    except ValueError:
        colours = np.empty(0, np.uint8)
    if not name or colours.size % 3 or not 2 * 3 <= colours.size <= MOST_COLOURS * 3:
        raise ParameterError(f"{reprlib.repr(text)} is no name and table of a colormap")
    return name, colours.reshape(-1, 3)


def is_text(value: Any) -> bool:
    """Whether `from_text` reads this."""
    try:
        from_text(value)
    except (ParameterError, AttributeError):
        return False
    return True
