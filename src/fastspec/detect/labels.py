"""Reading printed numbers and short words by comparison with glyphs drawn beforehand; no OCR engine is needed.

A glyph is cut out at gaps between columns, scaled to one small grid and compared with every glyph of the table
(matplotlib's default font, DejaVu Sans, in many sizes, made by ci/make_glyphs.py). Its shape (width over height) and
its place between the line's top and baseline count too, so that a point, a minus and a comma keep apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

Coverage = NDArray[np.float32]  # (H, W), 0 paper ... 1 ink

GRID = (10, 8)  # rows and columns of a glyph
CHARACTERS = "0123456789.:+-\N{MINUS SIGN}kHzdBTimesFrqucynhotlaS()"
_INKED = 0.28  # columns and rows with less ink everywhere are gaps
_REJECT = 0.33  # mean difference beyond which a glyph is called unreadable
_WIDEST = 0.95  # width of a single glyph, in heights of the line


@dataclass(frozen=True)
class Glyph:
    """A character found in a line: its columns, how far it is from the table's glyph, and the runner-up's distance."""

    char: str
    left: int
    right: int
    distance: float


@lru_cache(maxsize=1)
def _table() -> tuple[NDArray[np.str_], NDArray[np.float32], NDArray[np.float32]]:
    """Characters (N,), their grids (N, rows * columns) and shapes (N, 3)."""
    with resources.files("fastspec").joinpath("data/glyphs.npz").open("rb") as file, np.load(file) as archive:
        grids = archive["grids"].astype(np.float32).reshape(len(archive["grids"]), -1) / 255
        return archive["characters"], grids, archive["shapes"].astype(np.float32)


def coverage(pixels: NDArray[np.uint8], paper: tuple[int, ...], ink: tuple[int, ...]) -> Coverage:
    """How much ink covers each pixel (H, W, 3): 0 for the paper's colour, 1 for the ink's."""
    way = np.asarray(ink, np.float32) - np.asarray(paper, np.float32)
    off = pixels.astype(np.float32) - np.asarray(paper, np.float32)
    return np.clip(off @ (way / max(float(way @ way), 1.0)), 0, 1)


def runs(inked: Any) -> list[tuple[int, int]]:
    """First and last + 1 of every run of True."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]


def extent(profile: NDArray[np.float32]) -> tuple[float, float] | None:
    """Where ink begins and ends along `profile`, the largest coverage of each row or column; None without ink.

    The border between ink and paper lies inside a gray pixel, whose coverage says where.
    """
    inked = np.flatnonzero(profile > _INKED)
    if not len(inked):
        return None
    first, last = int(inked[0]), int(inked[-1])
    before = float(profile[first - 1]) if first else 0.0
    behind = float(profile[last + 1]) if last + 1 < len(profile) else 0.0
    if first == last:
        start = first + 0.5 * (1 - float(profile[first])) - before
        return start, start + float(profile[first]) + before + behind
    return first + 1 - float(profile[first]) - before, last + float(profile[last]) + behind


def normalised(
    line: Coverage, left: int, right: int, span: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
    """Grid (rows * columns,) and shape (3,) of the glyph in these columns of a line, or None without ink.

    span : top of the line's digits and its baseline. shape : logarithm of width over height, top and bottom in heights
    of the line.
    """
    part = line[:, left:right]
    rows, columns = extent(part.max(axis=1, initial=0)), extent(part.max(axis=0, initial=0))
    if rows is None or columns is None:
        return None
    (top, bottom), (first, last) = rows, columns
    high, wide, tall = max(bottom - top, 0.5), max(last - first, 0.5), max(span[1] - span[0], 1.0)
    grid = _resampled(_resampled(part, top, bottom, GRID[0]).T, first, last, GRID[1]).T
    shape = np.array([np.log(wide / high), (top - span[0]) / tall, (bottom - span[0]) / tall], np.float32)
    return np.ascontiguousarray(grid).ravel(), shape


def _resampled(part: Coverage, first: float, last: float, count: int) -> NDArray[np.float32]:
    """Means of `part` (N, M) over `count` even spans between first and last of its first axis: (count, M)."""
    sums = np.zeros((len(part) + 1, part.shape[1]), np.float32)
    np.cumsum(part, axis=0, out=sums[1:])
    at = np.clip(np.linspace(first, last, count + 1), 0, len(part))
    low = np.minimum(at.astype(int), len(part) - 1)
    values = sums[low] + (at - low)[:, None].astype(np.float32) * part[low]
    return np.asarray(np.diff(values, axis=0) / np.float32(max(last - first, 1e-3) / count))


def _classify(line: Coverage, left: int, right: int, span: tuple[float, float], allowed: str) -> tuple[str, float]:
    found = normalised(line, left, right, span)
    if found is None:
        return "", 1.0
    characters, grids, shapes = _table()
    usable = _usable(allowed)
    grid, shape = found
    off = np.abs(grids[usable] - grid).mean(axis=1)
    form = np.abs(shapes[usable] - shape)
    distance = off + 0.25 * form[:, 0] + 0.5 * (form[:, 1] + form[:, 2])
    best = int(np.argmin(distance))
    return str(characters[usable][best]), float(distance[best])


@lru_cache(maxsize=8)
def _usable(allowed: str) -> NDArray[np.intp]:
    return np.flatnonzero(np.isin(_table()[0], list(allowed)))


def read_line(line: Coverage, allowed: str = CHARACTERS, span: tuple[float, float] | None = None) -> tuple[str, float]:
    """The text of one line (H, W) and its worst glyph's distance.

    span : top of its digits and capitals, and its baseline; by default where its ink begins and ends.
    Glyphs that resemble none are "?"; a wide gap is a space.
    """
    span = span or extent(line.max(axis=1, initial=0))
    if span is None:
        return "", 1.0
    cut = _Cutter(line, span, allowed)
    glyphs: list[Glyph] = []
    for left, right in runs(line.max(axis=0, initial=0) > _INKED):
        glyphs.extend(cut.split(left, right))
    text, worst, end = "", 0.0, None
    for glyph in glyphs:
        if end is not None and glyph.left - end > 0.38 * (span[1] - span[0]):
            text += " "
        text += glyph.char if glyph.distance <= _REJECT else "?"
        worst, end = max(worst, glyph.distance), glyph.right
    return text, worst


class _Cutter:
    """Cuts one line into glyphs; keeps what was compared, because touching glyphs are tried in many ways."""

    def __init__(self, line: Coverage, span: tuple[float, float], allowed: str) -> None:
        self.line, self.span, self.allowed = line, span, allowed
        self.height = span[1] - span[0]
        self.seen: dict[tuple[int, int], Glyph] = {}
        self.done: dict[tuple[int, int], list[Glyph]] = {}

    def whole(self, left: int, right: int) -> Glyph:
        """These columns as one glyph."""
        if (left, right) not in self.seen:
            char, distance = _classify(self.line, left, right, self.span, self.allowed)
            self.seen[left, right] = Glyph(char, left, right, distance)
        return self.seen[left, right]

    def split(self, left: int, right: int) -> list[Glyph]:
        """The glyph in these columns, or the glyphs when they touch."""
        if (left, right) not in self.done:
            self.done[left, right] = self._split(left, right)
        return self.done[left, right]

    def _split(self, left: int, right: int) -> list[Glyph]:
        glyph, wide = self.whole(left, right), right - left
        single = wide <= _WIDEST * self.height and (glyph.distance <= 0.75 * _REJECT or wide < 0.7 * self.height)
        if single or wide > 6 * self.height:
            return [glyph]
        ink = self.line[:, left:right].sum(axis=0)
        best, worst = [glyph], glyph.distance
        shortest = max(1, int(0.16 * self.height))
        cuts = [c for c in range(shortest, wide - shortest + 1) if ink[c] <= ink[c - 1 : c + 2].min() + 1e-3]
        # the first glyph ends at a thin place not far from its beginning
        cuts = [c for c in cuts if c <= 1.1 * self.height]
        for cut in sorted(cuts, key=lambda c: float(ink[c]))[:4]:
            first = self.whole(left, left + cut)
            if first.distance > worst:
                continue
            behind = self.split(left + cut, right)
            quality = max(first.distance, *(g.distance for g in behind))
            if quality < worst:
                best, worst = [first, *behind], quality
        return best


def parse_number(text: str) -> tuple[float, str] | None:
    """Value and unit ("", "k", "s", "dB", "kHz" ...) of a text that is a number, or None.

    A colon separates minutes and seconds (or hours, minutes and seconds): the unit is then ":".
    """
    text = text.replace("\N{MINUS SIGN}", "-").strip()
    text = re.sub("(?<!d)B", "8", re.sub("d ?8$", "dB", text))  # small ones look alike
    end = len(text)
    while end and text[end - 1] not in "0123456789":
        end -= 1
    number, unit = text[:end].replace(" ", ""), text[end:].strip()
    if not number or "?" in text or unit not in ("", "k", "kHz", "Hz", "dB", "s", "ms", "m"):
        return None
    sign = -1.0 if number[0] == "-" else 1.0
    number = number[1:] if number[0] in "+-" else number
    if ":" in number:
        parts = number.split(":")
        if unit or len(parts) > 3 or not all(p.isdigit() and len(p) == 2 for p in parts[1:]) or not parts[0].isdigit():
            return None
        value = 0.0
        for part in parts:
            value = value * 60 + int(part)
        return sign * value, ":"
    whole, _, fraction = number.partition(".")
    if not (whole + fraction).isdigit() or number.count(".") > 1 or number.endswith("."):
        return None
    if not whole.isdigit() or (len(whole) > 1 and whole[0] == "0"):
        return None
    return sign * float(number), unit
