"""Tick marks of a plot and the numbers beside them."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect.figure import text_boxes
from fastspec.detect.figure.axis_fit import Tick, fit
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.glyphs import WORDS, parse_number, read_glyphs, read_line, spans_of
from fastspec.detect.figure.plots import Figure
from fastspec.detect.figure.text_boxes import Margin

_NUMERIC = "0123456789.,:+-\N{MINUS SIGN}kHzdBsme"
_POWER = "0123456789e+-\N{MINUS SIGN}\N{MULTIPLICATION SIGN}"
_UNREAD = 1.0  # distance of what is no number


class Limits(NamedTuple):
    """What is a tick mark, and which text belongs to one. Distances are those of `figure.glyphs`.

    `python -m bench.quality.facts CORPUS --figures N` judges all of these together: it counts the durations, rates and
    ranges that labels tell.
    """

    ink: float = 0.45  # of the darkest ink, which a tick mark has at least; unmeasured
    begin: int = 2  # pixels from the plot in which a mark begins; unmeasured
    longest: int = 40  # pixels of a mark; unmeasured
    thickest: int = 12  # pixels of a mark; unmeasured
    outside: int = 2  # pixels by which a mark may lie beyond the plot's ends; unmeasured
    most: int = 120  # marks, above which they are something else: a colour bar of 12 decades has 109; unmeasured
    marked: int = 4  # marks in a row, beside which text at none of them is no label; unmeasured
    label_outside: int = 3  # pixels by which a label without mark may lie beyond the plot's ends; unmeasured
    at_mark: float = 3.0  # pixels from a label's middle to its mark, or more where it is high; unmeasured
    at_mark_high: float = 0.4  # of a label's height, likewise; unmeasured
    enough: int = 5  # labels read, as more say nothing new; unmeasured
    hopeless: int = 2  # labels in a row that are no numbers, above which no further are read; unmeasured
    sure: float = 0.13  # distance of a glyph in the right font; unmeasured
    turned: float = 0.2  # mean distance beyond which text may stand upright; unmeasured
    factor: int = 2  # heights of a factor over an axis, from which it may be to the side of the axis; unmeasured
    lap: int = 2  # pixels by which a factor below may begin above the end of the labels; unmeasured
    power_wide: float = 3.0  # depths of the labels, within which a factor ends at the right end; unmeasured
    title: int = 5  # pixels of a title's height; unmeasured
    unread: float = 0.25  # of a title's letters, with more of which unread it is in another font; unmeasured
    title_gap: float = 1.5  # heights between parts of a title's line; unmeasured


LIMITS = Limits()


class Side(NamedTuple):
    """What stands beside a plot: positions of all tick marks, the labelled ones, labels not understood, its title.

    doubt : mean distance of the labels' worst glyphs from printed ones, 1 for labels not understood.
    deep : pixels to which labels reach.
    """

    marks: tuple[float, ...] = ()
    ticks: tuple[Tick, ...] = ()
    unread: int = 0
    title: str = ""
    doubt: float = 0.0
    deep: int = 0


def read_side(figure: Figure, plot: Plot, side: str, *, titled: bool = False) -> Side:
    """Tick marks and labels at one side of `plot`, and its title if that is wanted.

    Where no marks stand outside (they may point inwards, or be left out) a label's own middle is its place.
    """
    room = text_boxes.margin(figure, plot, side)
    if room is None:
        return Side()
    marks = _marks(room, plot)
    if len(marks) > LIMITS.most:
        return Side()
    found = text_boxes.pieces(room)
    boxes = _some(_belonging(room, plot, text_boxes.labels(room, found, turned=False), marks))
    numbers, doubt, beside = _numbers(room, boxes, turned=False)
    if doubt > LIMITS.turned:
        turned = _some(_belonging(room, plot, text_boxes.labels(room, found, turned=True), marks))
        others, less, _ = _numbers(room, turned, turned=True)
        worse = _agreeing(room, turned, others, marks) < _agreeing(room, boxes, numbers, marks)
        if less < doubt and len({number[0] for number in others if number is not None}) > 1 and not worse:
            boxes, numbers, doubt, beside = turned, others, less, []
    ticks, unread, deepest = [], 0, 0
    for box, number in zip(boxes, numbers, strict=True):
        deepest = deepest if box in beside else max(deepest, room.depth(box)[1])
        if number is None:
            unread += 1
        else:
            ticks.append(Tick(_place(room, box, marks)[0], *number))
    title = _title(room, found, deepest) if titled and deepest else ""
    return Side(tuple(marks), tuple(ticks), unread, title, doubt, deepest)


def _agreeing(room: Margin, boxes: list[Box], numbers: list[tuple[float, str] | None], marks: list[float]) -> int:
    """How many of the numbers lie in a line."""
    read = [(box, number) for box, number in zip(boxes, numbers, strict=True) if number is not None]
    line = fit([Tick(_place(room, box, marks)[0], *number) for box, number in read])
    return 0 if line is None else line.used


def _belonging(room: Margin, plot: Plot, boxes: list[Box], marks: list[float]) -> list[Box]:
    """The labels at tick marks, or where no label is at one, those beside the plot: not those of other axes."""
    places = [_place(room, box, marks) for box in boxes]
    if any(marked for _, marked in places):
        return [box for box, (_, marked) in zip(boxes, places, strict=True) if marked]
    if len(marks) >= LIMITS.marked:
        return []  # what stands amid so many marks, and at none, is a title
    first, last = (plot.outer[0], plot.outer[2]) if room.upright else (plot.outer[1], plot.outer[3])
    slack = LIMITS.label_outside
    return [box for box, (place, _) in zip(boxes, places, strict=True) if first - slack <= place <= last + slack]


def _some(boxes: list[Box]) -> list[Box]:
    """Labels enough to fit a line, those at both ends among them."""
    if len(boxes) <= LIMITS.enough:
        return boxes
    return [boxes[round(k * (len(boxes) - 1) / (LIMITS.enough - 1))] for k in range(LIMITS.enough)]


def factor_beside(figure: Figure, plot: Plot) -> float:
    """What the numbers of the vertical axis are to be multiplied with, as printed over its upper end: "1e4"; else 1."""
    room = text_boxes.margin(figure, plot, "top")
    if room is None:
        return 1.0
    for box in text_boxes.labels(room, text_boxes.pieces(room), turned=False):
        high = box[3] - box[1]
        if abs(box[0] - plot.outer[0]) <= LIMITS.factor * high:
            power = _power(room, box)
            if power != 1.0:
                return power
    return 1.0


def factor_below(figure: Figure, plot: Plot, deep: int) -> float:
    """What the numbers of the horizontal axis are to be multiplied with, as printed at its right end: "1e6"; else 1."""
    room = text_boxes.margin(figure, plot, "bottom")
    if room is None or not deep:
        return 1.0
    found = text_boxes.pieces(room)
    below = found[found[:, 1] >= room.window[1] + deep - LIMITS.lap]
    last = plot.outer[2]
    some = below[(below[:, 2] > last - LIMITS.power_wide * deep) & (below[:, 2] <= last + deep)]
    tall = some[some[:, 3] - some[:, 1] >= LIMITS.title]
    if not len(tall):
        return 1.0
    first = tall[np.argmin(tall[:, 1])]
    line = some[(some[:, 1] < first[3]) & (some[:, 3] > first[1])]
    box = int(line[:, 0].min()), int(line[:, 1].min()), int(line[:, 2].max()), int(line[:, 3].max())
    return _power(room, box)


def _power(room: Margin, box: Box) -> float:
    """The power of ten in a box, else 1."""
    text = read_line(room.line(box), _POWER)[0].replace("\N{MINUS SIGN}", "-")
    power = re.fullmatch(r"(?:1e|\N{MULTIPLICATION SIGN}10\^)([+-]?\d{1,2})", text.replace(" ", ""))
    return 10.0 ** int(power[1]) if power else 1.0


def _marks(room: Margin, plot: Plot) -> list[float]:
    """Places of the tick marks, dark lines that begin at the plot."""
    left, top, right, bottom = room.window
    part = room.away[top:bottom, left:right]
    if room.upright:
        part = part.T
    near = (part[:, ::-1] if room.side in ("left", "top") else part)[:, : LIMITS.longest + LIMITS.begin]
    dark = near[:, : LIMITS.begin].mean(axis=1) > LIMITS.ink * room.peak
    start = left if room.upright else top
    first, last = (plot.outer[0], plot.outer[2]) if room.upright else (plot.outer[1], plot.outer[3])
    marks = []
    for a, b in spans_of(dark):
        if b - a > LIMITS.thickest or not first - LIMITS.outside <= start + a <= last + LIMITS.outside:
            continue  # labels of other axes may stand farther out
        light = near[(a + b - 1) // 2] <= LIMITS.ink * room.peak
        if (int(light.argmax()) if light.any() else near.shape[1]) <= LIMITS.longest:
            marks.append(float(start + a + (b - a) // 2))
    return marks


def _place(room: Margin, box: Box, marks: list[float]) -> tuple[float, bool]:
    """Where a label belongs along the axis, and whether a tick mark says so."""
    first, last = room.along(box)
    middle = 0.5 * (first + last)
    high = min(box[3] - box[1], box[2] - box[0])
    near = min(marks, key=lambda mark: abs(mark - middle), default=-np.inf)
    marked = abs(near - middle) <= max(LIMITS.at_mark, LIMITS.at_mark_high * high)
    return (near, True) if marked else (middle, False)


def _numbers(
    room: Margin, boxes: list[Box], *, turned: bool
) -> tuple[list[tuple[float, str] | None], float, list[Box]]:
    """The numbers in boxes, the mean of their worst distances, and which boxes hold letters of a title, too.

    One axis has one font, that of the first label.
    """
    numbers: list[tuple[float, str] | None] = []
    font: int | None = None
    doubt = 0.0
    beside: list[Box] = []
    for box in boxes:
        if font is None and len(numbers) > LIMITS.hopeless and not any(numbers):
            return [None] * len(boxes), _UNREAD, beside  # text of another kind
        line = room.line(box, turned)
        text, worst = read_line(line, _NUMERIC, font=font)
        if font is not None and worst > LIMITS.sure:
            text, worst = read_line(line, _NUMERIC)
        elif font is None and worst < LIMITS.sure:
            fonts = [glyph.font for glyph in read_glyphs(line, _NUMERIC)[0]]
            font = max(set(fonts), key=fonts.count)
        number = parse_number(text)
        if number is None and " " in text:  # the letters of a title may stand beside
            parts = text.split()
            number = parse_number(parts[-1] if room.side == "left" else parts[0])
            beside.append(box)
        numbers.append(number)
        doubt += worst if number is not None else _UNREAD
    return numbers, doubt / len(numbers) if len(numbers) > 1 else _UNREAD, beside


def title_beside(figure: Figure, plot: Plot, side: str, deep: int = 0) -> str:
    """The title nearest to one side of `plot`, beyond the labels, which reach `deep` pixels; at the left it runs up."""
    room = text_boxes.margin(figure, plot, side)
    return "" if room is None else _title(room, text_boxes.pieces(room), deep)


def _title(room: Margin, found: NDArray[np.int32], deepest: int) -> str:
    """The line of text beyond the labels that is nearest to the plot and to its middle."""
    turned = room.side in ("left", "right")
    depth = np.array([room.depth(tuple(box))[0] for box in found.tolist()], int)
    beyond = found[depth >= deepest] if len(found) else found
    across = np.stack([-beyond[:, 3], beyond[:, 0], -beyond[:, 1], beyond[:, 2]], axis=1) if turned else beyond
    high = across[:, 3] - across[:, 1]
    tall = across[high >= LIMITS.title]
    if not len(tall):
        return ""
    if room.side == "bottom":
        first = tall[np.argmin(tall[:, 1])]
    else:
        near = tall[np.argmax(tall[:, 3])]
        same = tall[(tall[:, 1] < near[3]) & (tall[:, 3] > near[1])]
        first = same[np.argmin(same[:, 1])]
    size = int(first[3] - first[1])
    line = across[(across[:, 1] < first[3]) & (across[:, 3] > first[1] - size // 2)]
    line = line[np.argsort(line[:, 0], kind="stable")]
    ends = np.maximum.accumulate(line[:, 2])
    parts = np.split(line, np.flatnonzero(line[1:, 0] - ends[:-1] > LIMITS.title_gap * size) + 1)
    left, upper, right, lower = room.window
    middle = -0.5 * (upper + lower) if turned else 0.5 * (left + right)
    part = min(parts, key=lambda p: abs(0.5 * (p[0, 0] + p[-1, 2]) - middle))
    x0, y0, x1, y1 = (int(part[:, k].min() if k <= 1 else part[:, k].max()) for k in range(4))
    box = (y0, -x1, y1, -x0) if turned else (x0, y0, x1, y1)
    # a capital's height; brackets and y reach below the baseline
    top = part[0, 1] - y0 + 1.0
    line, span = room.line(box, turned), (top, top + float(part[0, 3] - part[0, 1]))
    title = read_line(line, WORDS, span, font=0)[0]
    # matplotlib's own font has all letters; others have those of the commonest words
    return title if title.count("?") <= LIMITS.unread * len(title) else read_line(line, span=span)[0]
