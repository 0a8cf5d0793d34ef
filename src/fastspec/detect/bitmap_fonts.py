"""The bitmap fonts in which drawing tools write, and exact reading of what is written in them.

A character of such a font always has the same pixels, so a text is read by counting, cell by cell, the pixels that
differ from each character; some may, as JPEG moves them. ci/data/make_bitmap_fonts.py makes the tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.picture.picture import Picture

UNKNOWN = "?"


class Limits(NamedTuple):
    """How exactly a character must be met."""

    wrong: float = 0.09  # of a cell's pixels that may differ from the character's, as JPEG moves them; unmeasured
    margin: int = 2  # pixels by which every other character must differ more, unless none is wrong; unmeasured


LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class Font:
    """Characters (N,) and their pixels (N, rows * columns) float32; `pitch` columns from one to the next.

    The first is the space. twice : twice the transposed pixels. own : (N,) how many pixels each character has.
    """

    rows: int
    columns: int
    pitch: int
    characters: str
    bits: NDArray[np.float32]
    twice: NDArray[np.float32]
    own: NDArray[np.float32]

    def drawn(self, text: str) -> NDArray[np.bool_]:
        """The pixels (rows, len(text) * pitch) of a text; KeyError for a character that the font lacks."""
        out = np.zeros((self.rows, len(text) * self.pitch), np.bool_)
        for i, char in enumerate(text):
            if char not in self.characters:
                raise KeyError(char)
            glyph = self.bits[self.characters.index(char)].reshape(self.rows, self.columns) > 0
            out[:, i * self.pitch : i * self.pitch + self.columns] = glyph
        return out

    def read(self, line: NDArray[np.bool_], x: int, count: int) -> tuple[str, int]:
        """The `count` characters written from column x of a line (rows, W) on, and how many pixels are wrong in all.

        What lies outside the line is empty; a cell that resembles no character, or two, is "?".
        """
        wide = count * self.pitch
        first, last = max(x, 0), min(x + wide, line.shape[1])
        if line.shape[0] != self.rows or last <= first or count < 1:
            return UNKNOWN * max(count, 0), 0
        if not line[:, first:last].any():
            return " " * count, 0
        part = np.zeros((self.rows, wide), np.float32)
        part[:, first - x : last - x] = line[:, first:last]
        cells = part.reshape(self.rows, count, self.pitch)[:, :, : self.columns].transpose(1, 0, 2).reshape(count, -1)
        alike = cells @ self.twice - self.own
        best = alike.argmax(axis=1)
        each = np.arange(count)
        most = alike[each, best]
        alike[each, best] = -np.inf
        wrong = cells.sum(axis=1) - most
        sure = (wrong <= LIMITS.wrong * cells.shape[1]) & ((most - alike.max(axis=1) >= LIMITS.margin) | (wrong == 0))
        text = "".join([self.characters[k] if ok else UNKNOWN for k, ok in zip(best, sure, strict=True)])
        return text, int(wrong.sum())

    def shows(self, line: NDArray[np.bool_], x: int, text: str) -> bool:
        """Whether just this text is written from column x of a line on."""
        return x >= 0 and self.read(line, x, len(text))[0] == text

    def centred(self, line: NDArray[np.bool_], inked: list[int], x: int, most: int) -> tuple[str, int]:
        """A text of at most `most` characters that is centred on column x, free on both sides; "" if there is none.

        inked : `sums` of the line. Returns the text and its wrong pixels.
        """
        half = self.pitch // 2

        def written(first: int, last: int) -> int:
            low, high = (min(max(column, 0), len(inked) - 1) for column in (first, last))
            return inked[high] - inked[low]

        for count in range(1, most + 1):
            left, right = x - half * count, x + half * count
            if written(left - self.pitch, left) or written(right, right + self.pitch):
                continue
            if not (written(left, left + self.pitch) and written(right - self.pitch, right)):
                continue
            text, wrong = self.read(line, left, count)
            if not any(char in " " + UNKNOWN for char in text):
                return text, wrong
        return "", 0


def sums(line: NDArray[np.bool_]) -> list[int]:
    """How many columns before each, and before the end, are written on: one more than there are columns."""
    total: list[int] = np.cumsum(line.any(axis=0)).tolist()
    return [0, *total]


@lru_cache(maxsize=2)
def font(name: str, columns: int, pitch: int) -> Font:
    """The font `name` of the archive, whose characters are `columns` pixels wide and stand `pitch` pixels apart."""
    with resources.files("fastspec").joinpath("data/bitmap_fonts.npz").open("rb") as file, np.load(file) as archive:
        characters, packed = archive[f"{name}_characters"], archive[f"{name}_bits"]
    rows = packed.shape[1]
    bits = np.unpackbits(packed[:, :, None], axis=2)[:, :, :columns].reshape(len(packed), -1)
    table = np.concatenate([np.zeros((1, rows * columns)), bits]).astype(np.float32)
    twice = np.ascontiguousarray(2 * table.T)
    return Font(rows, columns, pitch, " " + "".join(characters), table, twice, table.sum(axis=1))


@dataclass(frozen=True, eq=False)
class Plane:
    """A picture's green, read a part at a time: text, lines and paper are gray."""

    pixels: NDArray[Any]
    green: NDArray[np.uint8] | None  # of the palette's entries

    @classmethod
    def of(cls, picture: Picture) -> Plane | None:
        """The plane of an 8-bit picture; None for deeper ones."""
        if picture.pixels.dtype != np.uint8:
            return None
        if picture.palette is not None:
            green = np.zeros(256, np.uint8)
            green[: len(picture.palette)] = picture.palette[:, 1]
            return cls(picture.pixels, green)
        return cls(picture.pixels[:, :, 1] if picture.pixels.shape[2:] else picture.pixels, None)

    def part(self, top: int, bottom: int, left: int, right: int) -> NDArray[np.uint8]:
        """Rows top .. bottom - 1 and columns left .. right - 1; what lies outside the picture is left out."""
        part = self.pixels[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        return part if self.green is None else self.green[part]

    def ink(self, box: Box, paper: int, least: int) -> NDArray[np.bool_]:
        """Which pixels of a box (top, bottom, left, right) differ from the paper by more than `least`."""
        return np.abs(self.part(*box).astype(np.int16) - paper) > least
