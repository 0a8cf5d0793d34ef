"""Tick marks of a plot and the numbers beside them, and the scale that both fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.axes import scales
from fastspec.axes.scales import symlog
from fastspec.detect.figure import text_boxes
from fastspec.detect.figure.glyphs import parse_number, read_glyphs, read_line, runs
from fastspec.detect.figure.plots import Figure, Plot
from fastspec.detect.figure.text_boxes import Margin

_INK = 0.45  # a tick mark is at least so dark
_LONGEST = 40  # pixels of a tick mark
_THICKEST = 12  # pixels
_MISFIT = 1.3  # pixels between a tick mark and where its number belongs
_MOST = 60  # tick marks looked at
_ENOUGH = 5  # labels read; more say nothing new
_NUMERIC = "0123456789.,:+-\N{MINUS SIGN}kHzdBsme"
_POWER = "0123456789e+-\N{MINUS SIGN}\N{MULTIPLICATION SIGN}"
_SURE = 0.13  # distance of a glyph in the right font
_TURNED = 0.2  # mean distance beyond which text may stand upright


@dataclass(frozen=True)
class Tick:
    """A tick mark at `position` (pixels from the picture's left or top) and its number, with unit "" when none."""

    position: float
    value: float
    unit: str


@dataclass(frozen=True)
class Side:
    """What stands beside a plot: positions of all tick marks, the labelled ones, labels not understood, its title.

    doubt : mean distance of the labels' worst glyphs from printed ones, 1 for labels not understood.
    """

    marks: tuple[float, ...] = ()
    ticks: tuple[Tick, ...] = ()
    unread: int = 0
    title: str = ""
    doubt: float = 0.0


@dataclass(frozen=True)
class Fit:
    """value = inverse(a + b * position): `scale` is its name, `misfit` in pixels, `used` labels of all."""

    scale: str
    a: float
    b: float
    misfit: float
    used: int
    rival: str | None = None

    def at(self, position: float) -> float:
        """The value at a position in pixels."""
        return float(_SCALES[self.scale][1](np.asarray(self.a + self.b * position)))

    def pixel(self, position: float) -> float:
        """How much the value changes in one pixel there."""
        return abs(self.at(position + 0.5) - self.at(position - 0.5))


def read_side(figure: Figure, plot: Plot, side: str, *, titled: bool = False) -> Side:
    """Tick marks and labels at one side of `plot`, and its title if that is wanted.

    Where no marks stand outside (they may point inwards, or be left out) a label's own middle is its place.
    """
    room = text_boxes.margin(figure, plot, side)
    if room is None:
        return Side()
    marks = _marks(room, plot)
    if len(marks) > _MOST:
        return Side()
    found = text_boxes.pieces(room)
    boxes = _some(_belonging(room, plot, text_boxes.labels(room, found, turned=False), marks))
    numbers, doubt = _numbers(room, boxes, turned=False)
    if doubt > _TURNED:
        turned = _some(_belonging(room, plot, text_boxes.labels(room, found, turned=True), marks))
        others, less = _numbers(room, turned, turned=True)
        if less < doubt and sum(number is not None for number in others) > 1:
            boxes, numbers, doubt = turned, others, less
    ticks, unread, deepest = [], 0, 0
    for box, number in zip(boxes, numbers, strict=True):
        deepest = max(deepest, room.depth(box)[1])
        if number is None:
            unread += 1
        else:
            ticks.append(Tick(_place(room, box, marks)[0], *number))
    title = _title(room, found, deepest) if titled and deepest else ""
    return Side(tuple(marks), tuple(ticks), unread, title, doubt)


def _belonging(room: Margin, plot: Plot, boxes: list[Box], marks: list[float]) -> list[Box]:
    """The labels at tick marks, or where no label is at one, those beside the plot: not those of other axes."""
    places = [_place(room, box, marks) for box in boxes]
    if any(marked for _, marked in places):
        return [box for box, (_, marked) in zip(boxes, places, strict=True) if marked]
    first, last = (plot.outer[0], plot.outer[2]) if room.upright else (plot.outer[1], plot.outer[3])
    return [box for box, (place, _) in zip(boxes, places, strict=True) if first - 3 <= place <= last + 3]


def _some(boxes: list[Box]) -> list[Box]:
    """Labels enough to fit a line, those at both ends among them."""
    if len(boxes) <= _ENOUGH:
        return boxes
    return [boxes[round(k * (len(boxes) - 1) / (_ENOUGH - 1))] for k in range(_ENOUGH)]


def factor_beside(figure: Figure, plot: Plot) -> float:
    """What the numbers of the vertical axis are to be multiplied with, as printed over its upper end: "1e4"; else 1."""
    room = text_boxes.margin(figure, plot, "top")
    if room is None:
        return 1.0
    for box in text_boxes.labels(room, text_boxes.pieces(room), turned=False):
        high = box[3] - box[1]
        if abs(box[0] - plot.outer[0]) <= 2 * high:
            text = read_line(room.line(box), _POWER)[0].replace("\N{MINUS SIGN}", "-")
            power = re.fullmatch(r"(?:1e|\N{MULTIPLICATION SIGN}10\^)([+-]?\d{1,2})", text.replace(" ", ""))
            if power:
                return 10.0 ** int(power[1])
    return 1.0


def _marks(room: Margin, plot: Plot) -> list[float]:
    """Places of the tick marks, dark lines that begin at the plot."""
    left, top, right, bottom = room.window
    part = room.away[top:bottom, left:right]
    if room.upright:
        part = part.T
    near = part[:, ::-1][:, : _LONGEST + 2] if room.side in ("left", "top") else part[:, : _LONGEST + 2]
    dark = near[:, :2].mean(axis=1) > _INK * room.peak
    start = left if room.upright else top
    first, last = (plot.outer[0], plot.outer[2]) if room.upright else (plot.outer[1], plot.outer[3])
    marks = []
    for a, b in runs(dark):
        if b - a > _THICKEST or not first - 2 <= start + a <= last + 2:
            continue  # labels of other axes may stand farther out
        light = near[(a + b - 1) // 2] <= _INK * room.peak
        if (int(light.argmax()) if light.any() else near.shape[1]) <= _LONGEST:
            marks.append(float(start + a + (b - a) // 2))
    return marks


def _place(room: Margin, box: Box, marks: list[float]) -> tuple[float, bool]:
    """Where a label belongs along the axis, and whether a tick mark says so."""
    first, last = room.along(box)
    middle = 0.5 * (first + last)
    high = min(box[3] - box[1], box[2] - box[0])
    near = min(marks, key=lambda mark: abs(mark - middle), default=-1e9)
    return (near, True) if abs(near - middle) <= max(3.0, 0.4 * high) else (middle, False)


def _numbers(room: Margin, boxes: list[Box], *, turned: bool) -> tuple[list[tuple[float, str] | None], float]:
    """The numbers in boxes, and the mean of their worst distances; one axis has one font, that of the first label."""
    numbers: list[tuple[float, str] | None] = []
    font: int | None = None
    doubt = 0.0
    for box in boxes:
        if font is None and len(numbers) > 2 and not any(numbers):
            return [None] * len(boxes), 1.0  # text of another kind
        line = room.line(box, turned)
        text, worst = read_line(line, _NUMERIC, font=font)
        if font is not None and worst > _SURE:
            text, worst = read_line(line, _NUMERIC)
        elif font is None and worst < _SURE:
            fonts = [glyph.font for glyph in read_glyphs(line, _NUMERIC)[0]]
            font = max(set(fonts), key=fonts.count)
        number = parse_number(text)
        if number is None and " " in text:  # the letters of a title may stand beside
            parts = text.split()
            number = parse_number(parts[-1] if room.side == "left" else parts[0])
        numbers.append(number)
        doubt += worst if number is not None else 1.0
    return numbers, doubt / len(numbers) if len(numbers) > 1 else 1.0


def _title(room: Margin, found: NDArray[np.int32], deepest: int) -> str:
    """The first line of text beyond the labels of a horizontal axis."""
    below = found[found[:, 1] >= room.window[1] + deepest] if room.side == "bottom" else found[:0]
    high = below[:, 3] - below[:, 1]
    tall = below[high >= 5]
    if not len(tall):
        return ""
    first = tall[np.argmin(tall[:, 1])]
    size = int(first[3] - first[1])
    line = below[(below[:, 1] < first[3]) & (below[:, 3] > first[1] - size // 2)]
    line = line[np.argsort(line[:, 0], kind="stable")]
    ends = np.maximum.accumulate(line[:, 2])
    parts = np.split(line, np.flatnonzero(line[1:, 0] - ends[:-1] > 1.5 * size) + 1)
    middle = 0.5 * (room.window[0] + room.window[2])
    part = min(parts, key=lambda p: abs(0.5 * (p[0, 0] + p[-1, 2]) - middle))
    box = int(part[:, 0].min()), int(part[:, 1].min()), int(part[:, 2].max()), int(part[:, 3].max())
    # a capital's height; brackets and y reach below the baseline
    top = part[0, 1] - box[1] + 1.0
    return read_line(room.line(box), span=(top, top + float(part[0, 3] - part[0, 1])))[0]


_Measure = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _symlog(scale: str) -> tuple[_Measure, _Measure]:
    """The symmetrical log that specshow draws `scale` on, and its inverse."""
    bent = scales.get(scale).symlog
    assert bent is not None
    linthresh, linscale = bent
    return lambda v: symlog.symlog(v, linthresh, linscale), lambda t: symlog.inverse(t, linthresh, linscale)


_SCALES: dict[str, tuple[_Measure, _Measure]] = {
    "linear": (lambda v: v, lambda t: t),
    "log": _symlog("log"),
    "mel": _symlog("mel"),
    "octaves": (lambda v: np.log2(np.maximum(v, 1e-9)), lambda t: np.exp2(np.minimum(t, 40.0))),
}


def fit(ticks: Sequence[Tick], scales: Sequence[str] = ("linear",)) -> Fit | None:
    """The scale that puts most numbers at their marks, or None when fewer than two thirds (and three) agree."""
    if len(ticks) < 2:
        return None
    place = np.array([tick.position for tick in ticks])
    value = np.array([tick.value for tick in ticks])
    fits = []
    for scale in scales:
        if scale == "octaves" and (value <= 0).any():
            continue
        found = _line(place, _SCALES[scale][0](value))
        if found is not None:
            a, b, misfit, used = found
            fits.append(Fit(scale, a, b, misfit, used))
    fits = [f for f in fits if f.used >= max(min(3, len(ticks)), 0.66 * len(ticks))]
    if not fits:
        return None
    fits.sort(key=lambda f: (-f.used, round(f.misfit, 1)))
    best = fits[0]
    rival = fits[1].scale if len(fits) > 1 and fits[1].used == best.used and fits[1].misfit < 1.0 else None
    return Fit(best.scale, best.a, best.b, best.misfit, best.used, rival)


def _line(
    place: NDArray[np.float64], t: NDArray[np.float64], *, last: bool = False
) -> tuple[float, float, float, int] | None:
    """t = a + b * place through as many points as possible: a, b, rms misfit in pixels, how many."""
    first, second = np.triu_indices(len(place), 1)
    differ = (t[first] != t[second]) & (place[first] != place[second])
    first, second = first[differ], second[differ]
    if not len(first):
        return None
    steps = (place[second] - place[first]) / (t[second] - t[first])  # pixels
    off = np.abs((t - t[first][:, None]) * steps[:, None] - (place - place[first][:, None]))
    near = off <= 2 * _MISFIT
    best = near[np.argmax(near.sum(axis=1))]
    x, y = place[best], t[best]
    middle, a = float(x.mean()), float(y.mean())
    b = float((x - middle) @ (y - a)) / float((x - middle) @ (x - middle))
    if b == 0:
        return None
    off = (y - a) / b - (x - middle)
    if not last and np.abs(off).max() > _MISFIT and len(x) > 3:  # one that came near by chance
        kept = np.abs(off) < np.abs(off).max()
        return _line(x[kept], y[kept], last=True)
    if np.abs(off).max() > _MISFIT:
        return None
    return a - b * middle, b, float(np.sqrt(np.mean(off**2))), int(best.sum())
