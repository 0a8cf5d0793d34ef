"""Where the cells of a figure's plot lie between its pixels, by the sound that was drawn.

matplotlib snaps a plot's frame to whole pixels, but lays its cells out in a box that lies on fractions of them. An edit
hides that from a reader of borders (`detect.figure.subpixel_box`), not from one who has the sound: each row of pixels
is set beside the cells that it may show, of all places that the box may have, and so is each column. What was edited
agrees with none of these cells, and so favours no place. The place of either axis is a straight line, of pixels by
which the cells lie off, from its first to its last pixel: of all lines the one along which most pixels agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Offsets
from fastspec.axes.time import TimeAxis
from fastspec.calibration.complete import Complete
from fastspec.plot import cells, layout
from fastspec.plot.layout import Layout

Floats = NDArray[np.float32]
Places = NDArray[np.intp]
_EQUAL = 1e-9  # share by which equal sums may differ
Lines = Callable[[float, float], Places]  # which cell each line of pixels shows, by pixels beyond the first and last


class Limits(NamedTuple):
    """How far from whole pixels a plot is looked for, and how finely."""

    reach: float = 1.0  # pixels by which cells lie off at either end, at most; unmeasured
    coarse: float = 1 / 16  # pixels between places that are tried first; unmeasured
    finer: int = 4  # parts of these that are tried next, and parts of those, and so on; unmeasured
    finest: float = 1 / 2000  # pixels between the last ones; unmeasured
    few: int = 96  # lines of pixels that those across them are compared in, as long as it is not known what they show;
    # unmeasured
    many: int = 192  # the same once that is known; unmeasured
    most: int = 2000  # lines of pixels that are compared; unmeasured
    densest: float = 12.0  # frames a pixel: with more, no column tells which it shows; unmeasured
    fewest: int = 4  # pixels of a line that tell that it shows its neighbour's cell; unmeasured
    more: float = 4.0  # times as many as tell that it does not; unmeasured
    around: int = 4  # lines and pixels to either side, in which an edit shows; unmeasured
    edited: float = 0.12  # share of these that disagree, from which a pixel tells nothing of its line; unmeasured
    near: float = 1 / 8  # pixels around the place that was found first, where it is looked for again; unmeasured


LIMITS = Limits()


class Plot(NamedTuple):
    """Levels (H, W) of a plot, NaN where illegible; what cells (frames, cells) show; and when both are alike.

    frames : which frame each row of `drawn` is, in ascending order. step : levels that differ by it are half alike.
    """

    levels: Floats
    drawn: Floats
    frames: Places
    step: float


def frames_shown(facts: Complete, width: int) -> Places | None:
    """The frames that columns of a plot show, wherever between pixels it lies; None where they are too dense."""
    if facts.n_frames > LIMITS.densest * width:
        return None
    low, high = _ends(_columns(facts, width), LIMITS.reach)
    found = np.zeros(facts.n_frames + 1, np.intp)
    np.add.at(found, low, 1)
    np.add.at(found, high + 1, -1)
    return np.flatnonzero(np.cumsum(found[:-1]) > 0)


class Place(NamedTuple):
    """Pixels by which cells lie beyond a plot at its left, top, right and bottom, and how much of it agrees, 0..1."""

    offsets: Offsets
    agreement: float


def place(plot: Plot, facts: Complete) -> Place:
    """Where the cells of these facts lie: as the facts have it, or where more of the plot agrees."""
    known: Offsets = facts.plot_offsets or (0.0, 0.0, 0.0, 0.0)
    found = [Place(each, agreement(plot, facts, each)) for each in (known, _offsets(plot, facts))]
    return max(found, key=lambda place: place.agreement)


def agreement(plot: Plot, facts: Complete, beyond: Offsets) -> float:
    """0..1: the share of a plot's pixels that agree with the cells of these facts, drawn there."""
    height, width = plot.levels.shape
    left, top, right, bottom = beyond
    rows, columns = _rows(facts, height)(top, bottom), _columns(facts, width)(left, right)
    drawn = plot.drawn[np.searchsorted(plot.frames, columns)][:, rows].T
    off = (drawn - plot.levels) * np.float32(1 / plot.step)
    return float(np.nan_to_num(1 / (1 + np.square(off))).mean())


def _offsets(plot: Plot, facts: Complete) -> Offsets:
    height, width = plot.levels.shape
    rows, columns = _rows(facts, height), _columns(facts, width)
    of_rows, of_columns = _Axis(rows, height), _Axis(columns, width)
    some_rows, some_columns = _evenly(height, LIMITS.most), _evenly(width, LIMITS.few)
    # the frames of a column are not known yet: any of those that it may show will do
    place = of_rows.place(_agreement(plot, of_rows.near(some_rows), of_columns.near(some_columns)), (0.0, 0.0))
    aside = (0.0, 0.0)
    for reach in (LIMITS.reach, LIMITS.near):
        lines = _evenly(height, LIMITS.many)
        known = _Near(lines, *(rows(*place)[lines],) * 2)
        near = of_columns.near(_evenly(width, LIMITS.most), aside, reach)
        aside = of_columns.place(_agreement(plot, known, near, across=True), aside, reach)
        lines = _evenly(width, LIMITS.many)
        known = _Near(lines, *(columns(*aside)[lines],) * 2)
        near = of_rows.near(some_rows, place, LIMITS.near)
        place = of_rows.place(_agreement(plot, near, known), place, LIMITS.near)
    return aside[0], place[0], aside[1], place[1]


class _Near(NamedTuple):
    """Lines of pixels, and the first and last of the cells that each may show."""

    lines: Places
    low: Places
    high: Places


class _Table(NamedTuple):
    """How well each line (n,) agrees with each cell (n, cells) from its lowest on that it may show."""

    near: _Near
    scores: Floats


class _Axis:
    """Lines of pixels along one side of a plot."""

    def __init__(self, shown: Lines, size: int) -> None:
        self.shown, self.size = shown, size

    def near(self, lines: Places, place: tuple[float, float] = (0.0, 0.0), reach: float = LIMITS.reach) -> _Near:
        """The cells that lines may show at places no farther off than `reach`."""
        low, high = _ends(self.shown, reach, place)
        return _Near(lines, low[lines], high[lines])

    def place(self, table: _Table, place: tuple[float, float], reach: float = LIMITS.reach) -> tuple[float, float]:
        """The pixels beyond the first and the last line at which all agree best, around a place."""
        step = min(LIMITS.coarse, reach)
        if reach > LIMITS.coarse:
            place = self._coarsely(table, place, reach)
        most = -np.inf
        while step > LIMITS.finest:
            sides = np.arange(-LIMITS.finer, LIMITS.finer + 1) * (step / LIMITS.finer)
            tried = [(place[0] + a, place[1] + b) for a in sides for b in sides]
            place, score = self._middle(tried, table, place)
            if not score > most * (1 + _EQUAL):  # a better one may have a better one beside it
                step /= LIMITS.finer
            most = max(most, score)
        return place

    def _coarsely(self, table: _Table, place: tuple[float, float], reach: float) -> tuple[float, float]:
        """The best of places in a grid, by cells of places that lie off by the same at both ends."""
        count = int(2 * reach / LIMITS.coarse) + 1
        sides = np.linspace(-reach, reach, count)
        near, scores = table
        at = np.arange(near.lines.size)
        shown = np.stack([self.shown(place[0] + each, place[1] - each)[near.lines] for each in sides])
        of_side = scores[at, np.clip(shown - near.low, 0, scores.shape[1] - 1)]  # (sides, lines)
        part = (near.lines + 0.5) / self.size
        # from `first` beyond the first line to `last` within the last one
        off = sides[:, None, None] * (1 - part) + sides[None, :, None] * part
        which = np.rint((off + reach) / (2 * reach) * (count - 1)).astype(np.intp)
        first, last = np.unravel_index(int(of_side[which, at].sum(axis=2).argmax()), (count, count))
        return place[0] + float(sides[first]), place[1] - float(sides[last])

    def _middle(
        self, places: list[tuple[float, float]], table: _Table, place: tuple[float, float]
    ) -> tuple[tuple[float, float], float]:
        """The middle of the best of some places, as several draw the very same, and how well all agree there."""
        near, scores = table
        at = np.arange(near.lines.size)
        found = []
        for each in places:
            shown = self.shown(*each)[near.lines] - near.low
            found.append(float(scores[at, np.clip(shown, 0, scores.shape[1] - 1)].sum(dtype=np.float64)))
        most = max(found)
        best = [each for each, score in zip(places, found, strict=True) if score >= most * (1 - _EQUAL)]
        if len(best) == len(places):
            return place, most
        middle = np.mean(best, axis=0)
        nearest = min(best, key=lambda each: float(np.abs(np.subtract(each, middle)).sum()))
        return (float(nearest[0]), float(nearest[1])), most


def _agreement(plot: Plot, rows: _Near, columns: _Near, *, across: bool = False) -> _Table:
    """How well rows agree with their cells where columns show the likeliest of their frames; `across`: the other way.

    Either is summed over the lines of the other, of which each counts what agrees best.
    """
    levels = plot.levels[np.ix_(rows.lines, columns.lines)]
    own, other = (columns, rows) if across else (rows, columns)
    spans = int((own.high - own.low).max()) + 1, int((other.high - other.low).max()) + 1
    scores = np.zeros((own.lines.size, spans[0]), np.float32)
    for step in range(spans[0]):
        best: Floats = np.full(levels.shape, np.inf, np.float32)
        for aside in range(spans[1]):
            mine, its = np.minimum(own.low + step, own.high), np.minimum(other.low + aside, other.high)
            down, frames = (its, mine) if across else (mine, its)
            drawn = plot.drawn[np.searchsorted(plot.frames, frames)][:, down].T
            np.fmin(best, np.abs(drawn - levels), out=best)
        best *= np.float32(1 / plot.step)
        scores[:, step] = (1 / (1 + np.square(best))).sum(axis=0 if across else 1)
    return _Table(own, scores)


def _edited(off: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where (n, m) the lines around disagree, too, so that somebody edited them."""
    reach = LIMITS.around
    size = 2 * reach + 1
    total = np.pad(off, ((reach + 1, reach), (reach + 1, reach))).cumsum(axis=0, dtype=np.int32).cumsum(axis=1)
    total = total[size:] - total[:-size]
    return np.asarray(total[:, size:] - total[:, :-size] > LIMITS.edited * size * size)


def _ends(shown: Lines, reach: float, place: tuple[float, float] = (0.0, 0.0)) -> tuple[Places, Places]:
    """The first and last cells that lines show at places that lie no farther off."""
    both = np.stack([shown(place[0] + each, place[1] - each) for each in (-reach, reach)])
    return both.min(axis=0), both.max(axis=0)


def _rows(facts: Complete, height: int) -> Lines:
    axis = layout.frequency_axis(facts)
    return lambda first, last: axis.rows(height, (first, last))


def _columns(facts: Complete, width: int) -> Lines:
    axis = TimeAxis(facts.n_frames, facts.hop_length, facts.sr, facts.freq_edges)
    return lambda first, last: axis.columns(width, (first, last))


def _evenly(count: int, most: int) -> Places:
    return np.unique(((np.arange(min(count, most)) + 0.5) * (count / min(count, most))).astype(np.intp))


def line_by_line(plan: Layout, levels: Floats, shown: Floats, same: float) -> Layout:
    """`plan` with the cells that single rows and columns of pixels show, where these are the neighbours of its own.

    A border that lies on the middle of a pixel falls to either side by the last bit of matplotlib's sums. levels :
    (H, W) of the plot. shown : (frames, cells). same : levels that differ by no more are one.
    """
    wide = cells.draw(shown, plan.rows, plan.columns)
    rows = _stepped(plan.rows, levels, wide, lambda rows, some: shown[plan.columns][:, rows[some]].T, same)
    across = plan.columns, levels.T, cells.draw(shown, rows, plan.columns).T
    columns = _stepped(*across, lambda columns, some: shown[columns[some]][:, rows], same)
    return replace(plan, rows=rows, columns=columns)


def _stepped(
    lines: Places, levels: Floats, drawn: Floats, drawn_of: Callable[[Places, Places], Floats], same: float
) -> Places:
    """The cells (n,) of lines (n, m), a neighbour's where of the pixels that tell so many more agree with that."""
    found = lines.copy()
    off = np.abs(levels - drawn) > same
    some = np.flatnonzero(off.sum(axis=1) >= LIMITS.fewest)
    before, after = np.roll(lines, 1), np.roll(lines, -1)
    before[0], after[-1] = lines[0], lines[-1]
    low, high = np.minimum(before, after)[some], np.maximum(before, after)[some]
    best, told = np.zeros(some.size, np.intp), ~_edited(off)[some]
    for step in (-1, 1):
        other = lines.copy()
        other[some] = np.clip(lines[some] + step, low, high)
        agrees = np.abs(levels[some] - drawn_of(other, some)) <= same
        gained = (agrees & off[some] & told).sum(axis=1)
        lost = (~agrees & ~off[some] & told).sum(axis=1)
        better = (gained >= LIMITS.fewest) & (gained >= LIMITS.more * lost) & (gained - lost > best)
        best[better] = (gained - lost)[better]
        found[some[better]] = other[some[better]]
    return found
