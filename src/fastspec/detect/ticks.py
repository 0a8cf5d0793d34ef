"""Tick marks of a plot and the numbers beside them, and the scale that both fit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import FrequencyAxis
from fastspec.detect.figure import Figure, Plot
from fastspec.detect.labels import Coverage, coverage, extent, parse_number, read_line, runs

SIDES = ("left", "right", "bottom", "top")
_INK = 0.45  # a tick mark is at least so dark
_SOME = 0.28  # as in labels
_LONGEST = 40  # pixels of a tick mark
_MISFIT = 1.3  # pixels between a tick mark and where its number belongs
_MOST = 40  # tick marks looked at
_NUMERIC = "0123456789.:+-\N{MINUS SIGN}kHzdBsm"


@dataclass(frozen=True)
class Tick:
    """A tick mark at `position` (pixels from the picture's left or top) and its number, with unit "" when none."""

    position: float
    value: float
    unit: str


@dataclass(frozen=True)
class Side:
    """What stands beside a plot: positions of all tick marks, the labelled ones, labels not understood, its title."""

    marks: tuple[float, ...]
    ticks: tuple[Tick, ...]
    unread: int
    title: str


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


def read_side(figure: Figure, plot: Plot, side: str) -> Side:
    """Tick marks and labels at one side of `plot`."""
    ink = plot.ink or (tuple(255 * (c < 128) for c in figure.background))
    margin, start = _margin(figure, plot, side, ink)
    if margin.shape[0] < 4 or margin.shape[1] < 8:
        return Side((), (), 0, "")
    lengths = np.where(margin[:2].mean(axis=0) > _INK, _depth(margin), 0)
    along = (plot.outer[1], plot.outer[3]) if side in ("left", "right") else (plot.outer[0], plot.outer[2])
    lengths[: max(0, along[0] - start - 2)] = 0  # labels of other axes may stand farther out
    lengths[along[1] - start + 2 :] = 0
    marks = [(a, b) for a, b in runs(lengths > 0) if b - a <= 12]
    if not marks or len(marks) > _MOST:
        return Side((), (), 0, "")
    longest = max(int(lengths[a:b].max()) for a, b in marks)
    if longest > _LONGEST:
        return Side((), (), 0, "")
    positions, ticks, unread, deepest = [], [], 0, 0
    beyond = margin[longest + 1 :]
    for a, b in marks:
        positions.append(float(start + a + (b - a) // 2))
        if lengths[a:b].max() < 0.75 * longest:
            continue
        box = _label(beyond, (a + b - 1) // 2, longest, upright=side in ("bottom", "top"))
        if box is None:
            continue
        number = _read(beyond, box, side)
        deepest = max(deepest, box[1])
        if number is None:
            unread += 1
        else:
            ticks.append(Tick(positions[-1], *number))
    title = _title(beyond, deepest) if side == "bottom" and deepest else ""
    return Side(tuple(positions), tuple(ticks), unread, title)


def _margin(figure: Figure, plot: Plot, side: str, ink: tuple[int, ...]) -> tuple[Coverage, int]:
    """Ink beside the plot: row 0 next to the frame, columns along it; and the picture's place of column 0."""
    left, top, right, bottom = plot.outer
    height, width = figure.rgb.shape[:2]
    along = (top, bottom) if side in ("left", "right") else (left, right)
    pad = max(30, (along[1] - along[0]) // 6)
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
    if side in ("left", "right"):
        x = slice(left - limit, left) if side == "left" else slice(right, right + limit)
        part = coverage(figure.rgb[first:last, x], figure.background, ink)
        return (part[:, ::-1] if side == "left" else part).T, first
    y = slice(top - limit, top) if side == "top" else slice(bottom, bottom + limit)
    part = coverage(figure.rgb[y, first:last], figure.background, ink)
    return (part[::-1] if side == "top" else part), first


def _depth(margin: Coverage) -> NDArray[np.int64]:
    """How many pixels of each column are ink, counted from the frame."""
    light = margin[: _LONGEST + 2] <= _INK
    return np.where(light.any(axis=0), light.argmax(axis=0), _LONGEST + 2)


def _read(beyond: Coverage, box: tuple[int, int, int, int], side: str) -> tuple[float, str] | None:
    near, far, first, last = box
    # one pixel more all around: the faint rims of glyphs say where they end
    line = beyond[max(0, near - 1) : far + 1, max(0, first - 1) : last + 1]
    if side in ("left", "right"):
        line = line.T[:, ::-1] if side == "left" else line.T
    elif side == "top":
        line = line[::-1]
    text, _ = read_line(np.ascontiguousarray(line), _NUMERIC)
    return parse_number(text)


def _label(beyond: Coverage, at: int, tick: int, *, upright: bool) -> tuple[int, int, int, int] | None:
    """Box (near, far, first, last) of the text next to column `at` of the margin, or None."""
    reach = max(3, tick) if upright else max(2, tick // 2)
    first, last = max(0, at - reach), min(beyond.shape[1], at + reach + 1)
    inked = beyond > _SOME
    rows = np.flatnonzero(inked[:, first:last].any(axis=1))
    if not len(rows) or rows[0] > 6 * tick + 6:
        return None
    near, far = int(rows[0]), int(rows[0]) + 1
    columns = np.flatnonzero(inked[near, first:last])
    first, last = first + int(columns[0]), first + int(columns[-1]) + 1
    while True:
        before = (near, far, first, last)
        # Lines of text end at the first empty row; glyphs of one line are at most a part of its height apart.
        high = far - near if upright else last - first
        touch, loose = 1, max(2, round(0.9 * tick), int(0.62 * high))
        if upright:
            near, far = _grown(inked[:, first:last].any(axis=1), near, far, touch)
            first, last = _grown(inked[near:far].any(axis=0), first, last, loose)
        else:
            first, last = _grown(inked[near:far].any(axis=0), first, last, touch)
            # beside a minus alone, look as high and deep as a digit would reach
            more = max(0, (3 * tick // 2 - high + 1) // 2)
            near, far = _grown(inked[:, max(0, first - more) : last + more].any(axis=1), near, far, loose)
        if max(far - near, last - first) > 60 * (tick + 2):
            return None
        if (near, far, first, last) == before:
            return before


def _grown(inked: Any, first: int, last: int, gap: int) -> tuple[int, int]:
    """The span with all ink that lies at most `gap` - 1 empty places beyond it."""
    while first > 0 and inked[max(0, first - gap) : first].any():
        first = max(0, first - gap) + int(np.flatnonzero(inked[max(0, first - gap) : first])[0])
    while last < len(inked) and inked[last : last + gap].any():
        last = last + int(np.flatnonzero(inked[last : last + gap])[-1]) + 1
    return first, last


def _title(beyond: Coverage, deepest: int) -> str:
    """The first line of text under the labels of the time axis."""
    inked = beyond[deepest:] > _SOME
    lines = [(a, b) for a, b in runs(inked.any(axis=1)) if b - a >= 5]
    if not lines:
        return ""
    top, bottom = lines[0]
    middle = inked.shape[1] // 2
    columns = np.flatnonzero(inked[top:bottom].any(axis=0))
    near = int(columns[np.argmin(np.abs(columns - middle))])
    first, last = _grown(inked[top:bottom].any(axis=0), near, near + 1, max(3, (bottom - top)))
    line = beyond[deepest + top : deepest + bottom, first:last]
    # a capital's height; brackets and y reach below the baseline
    letter = runs(line.max(axis=0) > _SOME)[0]
    span = extent(line[:, letter[0] : letter[1]].max(axis=1))
    return read_line(np.ascontiguousarray(line), span=span)[0]


def _symlog(scale: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    axis = FrequencyAxis(scale=scale, sr=48000, n_fft=1024, n_cells=128 if scale == "mel" else None)
    return axis.transform


def _inverse_symlog(scale: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    threshold, linear = {"log": (440.0 * 2.0 ** (-33 / 12), 1.0), "mel": (1000.0, 2.0)}[scale]

    def inverse(t: NDArray[np.float64]) -> NDArray[np.float64]:
        size = np.abs(t)
        bent = threshold * np.exp2(np.minimum(size / threshold - linear, 40.0))
        return np.asarray(np.sign(t) * np.where(size <= threshold * linear, size / linear, bent))

    return inverse


_SCALES: dict[
    str,
    tuple[Callable[[NDArray[np.float64]], NDArray[np.float64]], Callable[[NDArray[np.float64]], NDArray[np.float64]]],
] = {
    "linear": (lambda v: v, lambda t: t),
    "log": (_symlog("log"), _inverse_symlog("log")),
    "mel": (_symlog("mel"), _inverse_symlog("mel")),
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


def _line(place: NDArray[np.float64], t: NDArray[np.float64]) -> tuple[float, float, float, int] | None:
    """t = a + b * place through as many points as possible: a, b, rms misfit in pixels, how many."""
    best: NDArray[np.bool_] | None = None
    for i in range(len(place)):
        for j in range(i + 1, len(place)):
            if t[i] == t[j] or place[i] == place[j]:
                continue
            b = (t[j] - t[i]) / (place[j] - place[i])
            off = np.abs((t - t[i]) / b - (place - place[i]))
            near = off <= 2 * _MISFIT
            if best is None or near.sum() > best.sum():
                best = near
    if best is None or best.sum() < 2:
        return None
    x, y = place[best], t[best]
    b, a = np.polyfit(x - x.mean(), y, 1)
    off = (y - a) / b - (x - x.mean())
    if np.abs(off).max() > _MISFIT:
        return None
    return float(a - b * x.mean()), float(b), float(np.sqrt(np.mean(off**2))), int(best.sum())
