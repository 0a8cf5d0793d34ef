"""Pieces of text beside a plot: connected ink, put together to labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.glyphs import LIMITS as GLYPH
from fastspec.detect.figure.plots import Figure

SIDES = ("left", "right", "bottom", "top")


class Limits(NamedTuple):
    """Which ink beside a plot is text, and what of it is one label.

    Heights are those of the digits. `python -m bench.quality.facts CORPUS --figures N` judges all of these together: it
    counts the durations, rates and ranges that labels tell.
    """

    ink: int = 40  # difference of ink from the background (of 255), above; unmeasured
    frame: float = 1.3  # times the darkest ink that the frame's is, at most, where text has its colour; unmeasured
    most: int = 20_000  # pieces of connected ink looked at; an empty margin has some hundred; unmeasured
    deep: int = 4  # pixels of a margin with text; unmeasured
    long: int = 8  # pixels of a margin along the axis; unmeasured
    pad: int = 30  # pixels by which labels may reach beyond a plot's ends; unmeasured
    part: int = 6  # times such a reach goes into a longer plot; unmeasured
    beyond: int = 4  # pixels by which the middle of a label may lie beyond a plot's ends; unmeasured
    lowest: int = 4  # pixels of a letter, points and minus signs aside; unmeasured
    tallest: float = 4.0  # times a letter is as high as most pieces, or as four pixels; unmeasured
    widest: int = 12  # times a letter is as wide as high; unmeasured
    gap: float = 0.66  # heights between glyphs of one label, a space at most; unmeasured
    # A number and its unit, in a line of their own, and letters of a title that runs upwards beside them.
    unit: float = 1.0  # heights between both, a wide space at most; unmeasured
    level: float = 0.25  # heights by which their tops and bottoms may differ; unmeasured
    letter: float = 0.5  # heights that two letters, one above the other, are high and wide at least; unmeasured
    above_other: float = 0.5  # of the narrower one's columns that both share; unmeasured
    far: int = 40  # heights that a label is long at most; unmeasured
    tall: float = 0.6  # heights that a label is high at least; unmeasured
    near: float = 0.7  # heights by which a label may be farther from the plot than the nearest; unmeasured
    # Which pieces lie in the line of some letters; heights are theirs.
    middle: float = 0.6  # heights by which the middle of a piece may lie outside of them; unmeasured
    middle_below: float = 0.35  # of that, below; unmeasured
    above: float = 1.4  # of that, by which a piece may begin above them; unmeasured
    below: float = 0.8  # of that, by which it may end below; unmeasured
    # Which pieces lie in one of several lines.
    shared: float = 0.25  # of the lower one's rows that two pieces share; unmeasured
    high: float = 2.2  # heights of a line at most; unmeasured


LIMITS = Limits()


@dataclass(frozen=True)
class Margin:
    """What lies beside a plot: the window (left, top, right, bottom) of the picture, and how dark its ink is (of 255).

    side : of the plot, which reaches along it from inside[0] to inside[1]. away : the whole picture's distances from
    the background.
    """

    away: NDArray[np.uint8]
    window: Box
    peak: int
    side: str
    inside: tuple[int, int]

    @property
    def upright(self) -> bool:
        """Whether the axis runs across, and text beside it lies in one line."""
        return self.side in ("bottom", "top")

    def along(self, box: Box) -> tuple[int, int]:
        """Where a box begins and ends along the axis."""
        return (box[0], box[2]) if self.upright else (box[1], box[3])

    def depth(self, box: Box) -> tuple[int, int]:
        """How far the near and the far end of a box are from the plot."""
        left, top, right, bottom = self.window
        if self.side == "left":
            return right - box[2], right - box[0]
        if self.side == "right":
            return box[0] - left, box[2] - left
        return (box[1] - top, box[3] - top) if self.side == "bottom" else (bottom - box[3], bottom - box[1])

    def line(self, box: Box, turned: bool = False) -> NDArray[np.float32]:
        """Coverage (H, W) of a box and one pixel around it; text that runs upwards is turned."""
        left, top, right, bottom = box
        height, width = self.away.shape
        part = self.away[max(0, top - 1) : min(height, bottom + 1), max(0, left - 1) : min(width, right + 1)]
        if turned:
            part = part.T[:, ::-1]
        share = np.ascontiguousarray(part, np.float32) / np.float32(self.peak)
        return np.asarray(np.minimum(share, np.float32(1)), np.float32)


def margin(figure: Figure, plot: Plot, side: str) -> Margin | None:
    """The room at one side of `plot`, up to the next plot; None when nothing can stand there."""
    left, top, right, bottom = plot.outer
    height, width = figure.away.shape
    along = (top, bottom) if side in ("left", "right") else (left, right)
    pad = max(LIMITS.pad, (along[1] - along[0]) // LIMITS.part)
    limit = {"left": left, "right": width - right, "bottom": height - bottom, "top": top}[side]
    for other in figure.plots:
        o = other.outer
        if other is plot:
            continue
        if side == "right" and o[0] >= right and o[1] < bottom and o[3] > top:
            limit = min(limit, o[0] - right)
        if side == "left" and o[2] <= left and o[1] < bottom and o[3] > top:
            limit = min(limit, left - o[2])
        if side == "bottom" and o[1] >= bottom and o[0] < right and o[2] > left:
            limit = min(limit, o[1] - bottom)
        if side == "top" and o[3] <= top and o[0] < right and o[2] > left:
            limit = min(limit, top - o[3])
    first = max(0, along[0] - pad)
    last = min((height if side in ("left", "right") else width), along[1] + pad)
    if limit < LIMITS.deep or last - first < LIMITS.long:
        return None
    window = {
        "left": (left - limit, first, left, last),
        "right": (right, first, right + limit, last),
        "bottom": (first, bottom, last, bottom + limit),
        "top": (first, top - limit, last, top),
    }[side]
    x0, y0, x1, y1 = window
    peak = int(figure.away[y0:y1, x0:x1].max())
    if plot.ink is not None:  # small text is nowhere as dark as its ink, which is mostly the frame's
        frame = max(abs(a - b) for a, b in zip(plot.ink, figure.background, strict=True))
        peak = frame if peak <= frame <= LIMITS.frame * peak else peak
    return Margin(figure.away, window, peak, side, along) if peak > LIMITS.ink else None


def pieces(room: Margin) -> NDArray[np.int32]:
    """Boxes (N, 4) of connected ink in a margin that do not touch the plot: left, top, right, bottom."""
    from fastspec.kernels.glyphs import components

    left, top, right, bottom = room.window
    boxes, parent = _scratch()
    marks = np.empty((2, right - left), np.int32)
    count = components(room.away, *room.window, int(GLYPH.inked * room.peak), parent, marks, boxes)
    if count <= 0:
        return np.empty((0, 4), np.int32)
    found = boxes[:count, :4].copy()
    near = {
        "left": found[:, 2] < right,
        "right": found[:, 0] > left,
        "bottom": found[:, 1] > top,
        "top": found[:, 3] < bottom,
    }[room.side]
    return found[near]


def _scratch() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    return np.empty((LIMITS.most, 5), np.int32), np.empty(LIMITS.most, np.int32)


def labels(room: Margin, found: NDArray[np.int32], *, turned: bool) -> list[Box]:
    """Boxes of the pieces of text next to the plot, in order along the axis; `turned` text runs upwards."""
    if not len(found):
        return []
    across = found if not turned else found[:, [1, 0, 3, 2]]  # as if the text ran to the right
    high = across[:, 3] - across[:, 1]
    wide = across[:, 2] - across[:, 0]
    first, last = (found[:, 0], found[:, 2]) if room.upright else (found[:, 1], found[:, 3])
    start, end = room.inside[0] - LIMITS.beyond, room.inside[1] + LIMITS.beyond
    beside = (first + last >= 2 * start) & (first + last <= 2 * end)
    letters = beside & (high >= LIMITS.lowest) & (wide < LIMITS.widest * high)
    letters &= high < LIMITS.tallest * max(float(LIMITS.lowest), _middle(high))
    if not letters.any():
        return []
    depth = _depths(room, found)
    nearest = int(depth[letters].min())
    close = letters & (depth <= nearest + _middle(high[letters]))
    size = _middle(high[close])
    one_line = room.upright != turned  # all labels stand in one line
    lines = [across[_in_line(across, across[close])]] if one_line else _lines(across[wide < LIMITS.far * size], size)
    boxes: list[Box] = []
    for line in lines:
        line = line[np.argsort(line[:, 0], kind="stable")]
        if not one_line:
            line = _without_title(line, size)
        for part in _parts(line, size, apart=one_line):
            x0, y0 = part[:, :2].min(axis=0).tolist()
            x1, y1 = part[:, 2:].max(axis=0).tolist()
            if y1 - y0 < LIMITS.tall * size or x1 - x0 > LIMITS.far * size:
                continue
            box = (x0, y0, x1, y1) if not turned else (y0, x0, y1, x1)
            if room.depth(box)[0] <= nearest + LIMITS.near * size + 1:
                boxes.append(box)
    return sorted(boxes, key=room.along)


def _parts(line: NDArray[np.int32], size: float, *, apart: bool) -> list[NDArray[np.int32]]:
    """The labels in a line; unless they stand side by side (`apart`), a number and its unit are one."""
    ends = np.maximum.accumulate(line[:, 2])
    gaps = line[1:, 0] - ends[:-1]
    breaks = np.flatnonzero(gaps > LIMITS.gap * size) + 1
    if apart or not len(breaks):
        return np.split(line, breaks)
    parts, kept = np.split(line, breaks), []
    for at, before, after in zip(breaks.tolist(), parts[:-1], parts[1:], strict=True):
        off = max(
            abs(int(before[:, 1].min()) - int(after[:, 1].min())), abs(int(before[:, 3].max()) - int(after[:, 3].max()))
        )
        if gaps[at - 1] > LIMITS.unit * size or off > LIMITS.level * size:
            kept.append(at)
    return np.split(line, kept)


def _without_title(line: NDArray[np.int32], size: float) -> NDArray[np.int32]:
    """A line without letters that stand one above the other: they are of a title that runs upwards."""
    wide = line[:, 2] - line[:, 0]
    big = np.minimum(wide, line[:, 3] - line[:, 1]) >= LIMITS.letter * size
    some = np.flatnonzero(big)
    title = np.zeros(len(line), np.bool_)
    for a, b in zip(some[:-1].tolist(), some[1:].tolist(), strict=True):  # neighbours, in order of their left ends
        shared = min(line[a, 2], line[b, 2]) - max(line[a, 0], line[b, 0])
        one_above = min(line[a, 3], line[b, 3]) <= max(line[a, 1], line[b, 1])
        if one_above and shared >= LIMITS.above_other * min(wide[a], wide[b]):
            title[a] = title[b] = True
    return line if title.all() else line[~title]


def _middle(values: NDArray[np.int32]) -> float:
    """The upper median; NumPy's own costs more than all else here."""
    return float(np.sort(values)[len(values) // 2])


def _depths(room: Margin, found: NDArray[np.int32]) -> NDArray[np.int32]:
    left, top, right, bottom = room.window
    nearest: NDArray[np.int32] = {
        "left": right - found[:, 2],
        "right": found[:, 0] - left,
        "bottom": found[:, 1] - top,
        "top": bottom - found[:, 3],
    }[room.side]
    return nearest


def _in_line(across: NDArray[np.int32], letters: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Which pieces lie in the line of `letters`, points and minus signs too."""
    top, bottom = _middle(letters[:, 1]), _middle(letters[:, 3])
    more = LIMITS.middle * (bottom - top)
    middle = 0.5 * (across[:, 1] + across[:, 3])
    inside: NDArray[np.bool_] = (middle > top - more) & (middle < bottom + LIMITS.middle_below * more)
    return inside & (across[:, 1] > top - LIMITS.above * more) & (across[:, 3] < bottom + LIMITS.below * more)


def _lines(across: NDArray[np.int32], size: float) -> list[NDArray[np.int32]]:
    """Pieces in lines of their own, one below another: those whose rows overlap."""
    order = np.argsort(across[:, 1], kind="stable")
    across = across[order]
    lines: list[list[int]] = []
    top = bottom = -1e9
    tall = across[:, 3] - across[:, 1]
    for k, (y0, y1, h) in enumerate(zip(across[:, 1].tolist(), across[:, 3].tolist(), tall.tolist(), strict=True)):
        shared = min(bottom, y1) - max(top, y0)
        if lines and shared >= LIMITS.shared * min(h, bottom - top) and max(bottom, y1) - top <= LIMITS.high * size:
            lines[-1].append(k)
            bottom = max(bottom, y1)
        else:
            lines.append([k])
            top, bottom = y0, y1
    return [across[line] for line in lines]
