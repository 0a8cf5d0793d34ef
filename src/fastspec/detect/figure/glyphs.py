"""Reading printed numbers and short words by comparison with glyphs drawn beforehand; no OCR engine is needed.

A glyph is cut out at gaps between columns, scaled to one small grid and compared with every glyph of the table
(DejaVu Sans, which matplotlib uses unless told otherwise, and some other fonts, made by ci/data/make_glyphs.py). Its
shape (width over height) and its place between the line's top and baseline count too, so that a point, a minus and a
comma keep apart.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Coverage = NDArray[np.float32]  # (H, W), 0 paper ... 1 ink

GRID = (10, 8)  # rows and columns of a glyph
CHARACTERS = "0123456789.,:+-\N{MINUS SIGN}kHzdBTimesFrqucynhotlaS()[]/\N{MULTIPLICATION SIGN}"
# with the letters of titles, in matplotlib's own font alone
WORDS = CHARACTERS + "AILMPbgpvwCDEGJKNOQRUVWXYZfjx\N{DEGREE SIGN}%&"


class Limits(NamedTuple):
    """What is a glyph, and how far it may be from a printed one.

    A distance is the mean difference of coverage on the small grid, plus a quarter of that of the shapes and half of
    that of the places (`kernels.glyphs.match`). Heights are those of the line's digits.
    """

    inked: float = 0.28  # coverage above; columns and rows with less everywhere are gaps; unmeasured
    reject: float = 0.3  # distance beyond which a glyph is called unreadable; unmeasured
    good: float = 0.25  # distance up to which a wide glyph is not tried as two; unmeasured
    limit: float = 0.6  # distance beyond which none are told apart; unmeasured
    tall: float = 0.75  # of the tallest glyph's height, from which one tells where the line's digits are; unmeasured
    space: float = 0.38  # heights between glyphs that are a space; unmeasured
    raised: float = 0.2  # heights by which an exponent stands above the baseline at least; unmeasured
    digit: float = 0.4  # heights of a raised digit, above; a minus is raised in any line; unmeasured
    before_power: int = 2  # glyphs before an exponent: the 10; unmeasured
    most: int = 64  # glyphs in a line; unmeasured


LIMITS = Limits()


class Glyph(NamedTuple):
    """A character found in a line: its columns, how far it is from the table's glyph, its font, and its rows."""

    char: str
    left: int
    right: int
    distance: float
    font: int
    top: float
    bottom: float


class Table(NamedTuple):
    """Characters (N,), index of their fonts (N,), grids (N, rows * columns) uint8 of 255, shapes (N, 3)."""

    characters: NDArray[np.str_]
    fonts: NDArray[np.uint8]
    grids: NDArray[np.uint8]
    shapes: NDArray[np.float32]


@lru_cache(maxsize=1)
def table() -> Table:
    """The printed characters that glyphs are compared with."""
    with resources.files("fastspec").joinpath("data/glyphs.npz").open("rb") as file, np.load(file) as archive:
        grids = np.ascontiguousarray(archive["grids"].reshape(len(archive["grids"]), -1))
        return Table(archive["characters"], archive["fonts"], grids, archive["shapes"].astype(np.float32))


@lru_cache(maxsize=64)
def _usable(allowed: str, font: int | None) -> NDArray[np.int64]:
    some = np.isin(table().characters, list(allowed))
    return np.flatnonzero(some if font is None else some & (table().fonts == font)).astype(np.int64)


def coverage(pixels: NDArray[np.uint8], paper: tuple[int, ...], ink: tuple[int, ...]) -> Coverage:
    """How much ink covers each pixel (H, W, 3): 0 for the paper's colour, 1 for the ink's."""
    way = np.asarray(ink, np.float32) - np.asarray(paper, np.float32)
    off = pixels.astype(np.float32) - np.asarray(paper, np.float32)
    return np.clip(off @ (way / max(float(way @ way), 1.0)), 0, 1)


def spans_of(inked: Any) -> list[tuple[int, int]]:
    """First and last + 1 of every span of True."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]


def extent(profile: NDArray[np.float32]) -> tuple[float, float] | None:
    """Where ink begins and ends along `profile`, the largest coverage of each row or column; None without ink.

    The border between ink and paper lies inside a gray pixel, whose coverage says where.
    """
    from fastspec.kernels.glyphs import edges

    first, last = edges(np.ascontiguousarray(profile, np.float32), LIMITS.inked)
    return None if first == last == -1 else (float(first), float(last))


def normalised(
    line: Coverage, left: int, right: int, span: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Grid (rows, columns) and shape (3,) of the glyph in these columns of a line, or None without ink.

    span : top of the line's digits and its baseline. shape : logarithm of width over height, top and bottom in heights
    of the line.
    """
    from fastspec.kernels.glyphs import normalise

    line = np.ascontiguousarray(line, np.float32)
    grid, shape = np.empty(GRID, np.float32), np.empty(3, np.float32)
    scratch = np.empty((GRID[0] + 1, max(line.shape) + 1), np.float32)
    found = normalise(line, left, right, float(span[0]), float(span[1]), LIMITS.inked, scratch, grid, shape)
    return (grid, shape) if found else None


def read_glyphs(
    line: Coverage, allowed: str = CHARACTERS, span: tuple[float, float] | None = None, font: int | None = None
) -> tuple[list[Glyph], float]:
    """The glyphs of one line (H, W) and the height of its digits; only those of one `font` of the table, if given.

    span : top of its digits and capitals, and its baseline; by default those of most tall glyphs.
    """
    from fastspec.kernels.glyphs import cut, spans

    line = np.ascontiguousarray(line, np.float32)
    found = np.empty((LIMITS.most, 4))
    stretches = found[: spans(line, LIMITS.inked, found)].tolist()
    if not stretches:
        return [], 1.0
    if span is None:
        least = LIMITS.tall * max(bottom - top for _, _, top, bottom in stretches)
        tall = [(top, bottom) for _, _, top, bottom in stretches if bottom - top >= least]
        # an exponent begins above the digits, a comma and a bracket end below them
        span = sorted(top for top, _ in tall)[len(tall) // 2], sorted(bottom for _, bottom in tall)[len(tall) // 2]
    known, usable = table(), _usable(allowed, font)
    glyphs: list[Glyph] = []
    for left, right, top, bottom in stretches:
        sides = int(left), int(right)
        near = LIMITS.good, LIMITS.limit
        many = cut(line, *sides, *span, LIMITS.inked, known.grids, known.shapes, usable, GRID[0], *near, found)
        for entry, first, last, distance in found[:many].tolist():
            char = str(known.characters[int(entry)]) if entry >= 0 else "?"
            kind = int(known.fonts[int(entry)]) if entry >= 0 else -1
            glyphs.append(Glyph(char, int(first), int(last), distance, kind, top, bottom))
    return glyphs, span[1] - span[0]


def text_of(glyphs: list[Glyph], height: float) -> tuple[str, float]:
    """The text of glyphs in a line whose digits are `height` high, and the worst distance.

    Glyphs that resemble none are "?"; a wide gap is a space.
    """
    text, worst, end = "", 0.0 if glyphs else 1.0, None
    for glyph in glyphs:
        if end is not None and glyph.left - end > LIMITS.space * height:
            text += " "
        text += glyph.char if glyph.distance <= LIMITS.reject else "?"
        worst, end = max(worst, glyph.distance), glyph.right
    return text, worst


def read_line(
    line: Coverage, allowed: str = CHARACTERS, span: tuple[float, float] | None = None, font: int | None = None
) -> tuple[str, float]:
    """The text of one line (H, W) and its worst glyph's distance; an exponent follows a "^"."""
    glyphs, height = read_glyphs(line, allowed, span, font)
    if span is None and len(glyphs) > LIMITS.before_power:
        base = max(glyph.bottom for glyph in glyphs[: LIMITS.before_power])
        raised = [k for k, glyph in enumerate(glyphs) if base - glyph.bottom > LIMITS.raised * height]
        # a minus is raised in any line; digits are so only in an exponent
        first = next((k for k in raised if glyphs[k].bottom - glyphs[k].top > LIMITS.digit * height), 0)
        if first >= LIMITS.before_power:
            first -= raised[:1] == [first - 1]
            at = glyphs[first].left
            foot, worst = text_of(*read_glyphs(line[:, :at], allowed, None, font))
            head, worse = text_of(*read_glyphs(line[:, at:], allowed, None, font))
            return f"{foot}^{head}", max(worst, worse)
    return text_of(glyphs, height)


def parse_number(text: str) -> tuple[float, str] | None:
    """Value and unit ("", "k", "s", "dB", "kHz" ...) of a text that is a number, or None.

    A colon separates minutes and seconds (or hours, minutes and seconds): the unit is then ":". "10^3" and "1.5e+03"
    are numbers; a comma is a decimal point after 0 or before one or two digits, and parts thousands otherwise.
    """
    text = text.replace("\N{MINUS SIGN}", "-").strip()
    text = re.sub("(?<!d)B", "8", re.sub("d ?8$", "dB", text))  # small ones look alike
    power = re.fullmatch(r"10\^([+-]?\d{1,2})", text.replace(" ", ""))
    if power:
        return 10.0 ** int(power[1]), "^"
    found = re.fullmatch(r"([+-]?)([\d.,: ]*\d)(e[+-]?0?\d)? *(k|kHz|Hz|dB|s|ms|m|)", text)
    if not found:
        return None
    sign, number, exponent, unit = -1.0 if found[1] == "-" else 1.0, found[2].replace(" ", ""), found[3], found[4]
    if ":" in number:
        return None if unit or exponent else _clock(sign, number)
    if number.count(",") == 1 and "." not in number and (re.search(r",\d\d?$", number) or number.startswith("0,")):
        number = number.replace(",", ".")
    elif re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", number):
        number = number.replace(",", "")
    if not re.fullmatch(r"(0|[1-9]\d*)(\.\d+)?", number):
        return None
    return sign * float(number + (exponent or "")), unit


def _clock(sign: float, number: str) -> tuple[float, str] | None:
    """Seconds of "1:05", "0:01.5" or "1:00:05"."""
    if not re.fullmatch(r"\d+(:\d\d){1,2}([.,]\d{1,3})?", number):
        return None
    value = 0.0
    for part in number.replace(",", ".").split(":"):
        value = value * 60 + float(part)
    return sign * value, ":"
