"""Where matplotlib's axes lie between the pixels: the fractional box behind the whole-pixel one that its frame shows.

The frame's lines are snapped to whole pixels, but `pcolormesh` lays its cells out in the box itself. Ticks cannot tell
that box (the data's values at its borders are half a cell off round ones, and cells are not known yet), but the usual
layouts can: an axes' place is a share of the figure's size, by the defaults of rcParams and `Figure.colorbar`. Where
frames are wider than pixels, their borders, each snapped by itself, tell both the box and the number of frames; so do
the borders of rows tell the box and the axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box, Offsets
from fastspec.axes import EDGES_BIN_CENTRES, EDGES_EXPLICIT, EDGES_HALFWAY, EDGES_LOUDEST, EDGES_WHOLE
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FILES, Fact
from fastspec.detect import axis_candidates
from fastspec.detect.axis_candidates import AxisEdges
from fastspec.detect.cell_borders import borders_of, legible

_LEFT, _RIGHT, _BOTTOM, _TOP = 0.125, 0.9, 0.11, 0.88  # rcParams figure.subplot.*
_APART = 0.2  # figure.subplot.hspace, of an axes' height
# shares of a parent that a colour bar (with its gap) takes: by default, and the often copied fraction=0.046, pad=0.04
_BAR, _THIN_BAR = 0.15 + 0.05, 0.046 + 0.04
_FAR_BAR = 0.15 + 0.10, 0.15 + 0.15  # at the left; below
_MOST_ROWS = 3
_PARTS = (1, 10, 100)  # of an inch, in which figures' sizes are given


class Limits(NamedTuple):
    """How near borders lie to their places, and what that proves. Places are in pixels.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right. "field" is `python -m bench.quality.field CORPUS --only colours --decode`.
    """

    same: float = 0.02  # by which two explanations of a border may differ; unmeasured
    snap: float = 0.5 + 1e-6  # by which a border is drawn off its place at most: half a pixel, by matplotlib's source
    whole_dpi: float = 0.02  # by which dpi may differ from a whole number, as PNG has pixels a metre: by its standard
    rounding: float = 1e-9  # of a size, by which a product may be off; unmeasured
    sure: float = 0.85  # of a usual layout of matplotlib's own file; facts
    less_sure: float = 0.75  # of one where the file does not say so; facts
    # Borders of frames: snapping to whole pixels leaves .29 rms and .5 at most, but for the fit's own error.
    fewest: int = 40  # borders; unmeasured
    densest: float = 0.9  # of the columns that begin another frame; unmeasured
    rms: float = 0.32  # of borders from their places; unmeasured
    farthest: float = 0.56  # of one border from its place; unmeasured
    ends: float = 0.6  # by which the box may reach beyond whole pixels; unmeasured
    # Before 3.3 matplotlib drew cells half a pixel to the left of and below their places: in four public figures of
    # 3.0.3 and 3.1.3 the box seems to lie .62 to .87 within the right border, of two up to .94 beyond the left one
    ends_of_old: float = 1.0  # likewise, of its figures; unmeasured
    unseen: float = 1.25  # frames for each that differs from the one before; unmeasured
    nats: float = 40.0  # log odds against borders that lie so by chance; unmeasured
    sure_of_frames: float = 0.9  # where no other number of frames fits; facts
    sure_of_fewest_frames: float = 0.75  # where others do; facts
    sure_of_columns: float = 0.7  # of offsets where nothing is known of the rows; facts
    # Borders of rows: axes are tried some pixels beyond the lower and upper border, then ever finer round the best.
    coarse: float = 0.25  # first step; unmeasured
    steps: int = 2  # of these, to both sides; unmeasured
    steps_of_old: int = 4  # likewise, of old figures; unmeasured
    finest: float = 1 / 128  # last step; unmeasured
    refined: int = 16  # axes that are tried so; unmeasured
    better: float = 0.01  # of the score, by which another place than the usual must be better; field
    told: float = 1 / 64  # offsets above which they are said; unmeasured
    lead_start: float = 0.5  # confidence in edges as good as the other ones; facts
    lead_slope: float = 2.0  # confidence for each 1 of the score by which they are better; facts
    sure_of_edges: float = 0.99  # in a box on whole pixels; facts
    sure_between: float = 0.9  # in one between them, where other edges elsewhere may look the same; facts
    close: float = 0.8  # confidence in edges below which the other ones are said; unmeasured
    sure_of_rows: float = 0.7  # of offsets where nothing is known of the columns; facts
    sure_of_both: float = 0.8  # of offsets that rows and columns tell; facts


LIMITS = Limits()


def _widths() -> Iterator[tuple[float, float]]:
    wide = _RIGHT - _LEFT
    yield _LEFT, _RIGHT
    yield _LEFT, _RIGHT - wide * _BAR
    yield _LEFT, _RIGHT - wide * _THIN_BAR
    yield _LEFT + wide * _FAR_BAR[0], _RIGHT


def _heights() -> Iterator[tuple[float, float]]:
    for rows in range(1, _MOST_ROWS + 1):
        high = (_TOP - _BOTTOM) / (rows + _APART * (rows - 1))
        for row in range(rows):
            top = _TOP - row * high * (1 + _APART)
            yield top - high, top
    high = _TOP - _BOTTOM
    yield _BOTTOM + high * _FAR_BAR[1], _TOP
    yield _BOTTOM, _TOP - high * _BAR
    yield 0.1, 0.9  # the style "classic"


_WIDTHS, _HEIGHTS = tuple(_widths()), tuple(_heights())


def fractional(box: Box, width: int, height: int, info: dict[str, Any]) -> tuple[Offsets, float, str] | None:
    """How far the axes reach beyond `box` in a picture of `width` x `height` pixels, how sure that is, and why.

    info : of the picture; `dpi` tells the size of a figure that was no whole number of pixels. None where no usual
    layout has all four borders, or where several differ.
    """
    software = str(info.get("software", ""))
    if software and not software.startswith("Matplotlib"):
        return None
    dpi = info.get("dpi") or (None, None)
    left, top, right, bottom = box
    across = _beyond(left, right, _sizes(width, dpi[0]), _WIDTHS)
    # matplotlib counts upwards, from the lower border of the whole pixels
    up = _beyond(height - bottom, height - top, _sizes(height, dpi[1]), _HEIGHTS)
    if across is None or up is None:
        return None
    sure = LIMITS.sure if software and dpi[0] else LIMITS.less_sure
    return (across[0], up[1], across[1], up[0]), sure, "matplotlib's usual place of a plot in a figure of this size"


def _sizes(pixels: int, dpi: float | None) -> list[float]:
    """Sizes of the figure, in pixels, that matplotlib cuts to `pixels`: those of the roundest number of inches."""
    if dpi and dpi >= 1:
        dpi = round(dpi) if abs(dpi - round(dpi)) < LIMITS.whole_dpi else dpi  # PNG has pixels a metre
        for parts in _PARTS:
            first = math.ceil(pixels * parts / dpi - LIMITS.rounding)
            sizes = [inches / parts * dpi for inches in range(first, first + 1 + parts) if inches > 0]
            sizes = [size for size in sizes if size < pixels + 1 - LIMITS.rounding]
            if sizes:
                return sizes
    return [float(pixels)]


def _beyond(
    low: int, high: int, sizes: Sequence[float], shares: Sequence[tuple[float, float]]
) -> tuple[float, float] | None:
    """Pixels beyond `low` and `high` in the one layout whose borders are drawn there; None for none or several."""
    fits = [(low - size * first, size * last - high) for size in sizes for first, last in shares]
    fits = [fit for fit in fits if max(abs(fit[0]), abs(fit[1])) <= LIMITS.snap]
    if not fits or max(abs(a - b) for fit in fits for a, b in zip(fit, fits[0], strict=True)) > LIMITS.same:
        return None
    return round(fits[0][0], 4), round(fits[0][1], 4)


def is_old(info: Mapping[str, Any]) -> bool:
    """Whether matplotlib before 3.3 signed a picture: it wrote its name in small letters."""
    return str(info.get("software", "")).startswith("matplotlib")


def read_cells(area: NDArray[Any], known: Calibration, *, edges_open: bool = False, old: bool = False) -> Calibration:
    """What `read_rows` and `read_columns` tell of a figure's plot, with one fact plot_offsets.

    Where rows contradict the usual layouts, theirs are the offsets, and columns are asked again. old : of a matplotlib
    that drew cells off their places, so that the box is looked for farther off, too.
    """
    rows = read_rows(area, known, edges_open=edges_open)
    if old and not rows.facts:
        rows = read_rows(area, known, edges_open=edges_open, old=True)
    free = known.without("plot_offsets") if "plot_offsets" in rows else known
    columns = read_columns(area, free)
    if old and not columns.facts:
        columns = read_columns(area, free, old=True)
    facts = {**rows.facts, **columns.facts}
    if "plot_offsets" in rows and "plot_offsets" in columns:
        _, top, _, bottom = rows["plot_offsets"]
        left, _, right, _ = columns["plot_offsets"]
        facts["plot_offsets"] = Fact(
            (left, top, right, bottom), "pixels", LIMITS.sure_of_both, "borders of frames and of rows"
        )
    return Calibration(facts)


def read_rows(area: NDArray[Any], known: Calibration, *, edges_open: bool = False, old: bool = False) -> Calibration:
    """freq_scale, freq_edges, sr, n_fft or n_mels and plot_offsets of a figure's plot `area` (H, W[, 3]).

    Nothing of a picture without margins, whose box is whole pixels (`fastspec.detect.cell_borders.read_runs`).
    edges_open : see `axis_candidates.constraints`.
    """
    own_rows = known.get("freq_edges") in (EDGES_BIN_CENTRES, EDGES_WHOLE, EDGES_LOUDEST)
    if known.source("plot_area") != "pixels" or own_rows:
        return Calibration()
    if "fmin" in known and known.get("freq_scale") in ("linear", "log"):  # a view that does not show all cells
        return Calibration()
    borders = borders_of(area)[0]
    if not legible(borders):
        return Calibration()
    sure, own = axis_candidates.constraints(known, edges_open=edges_open)
    told = known.get("plot_offsets")
    for facts in (own, sure) if own != sure else (sure,):
        edges = axis_candidates.axis_edges(facts)
        # a usual layout's box, or one of whole pixels, is worth a look before all others
        usual = told[:0:-2] if told else (0.0, 0.0)
        found = _axis(edges, borders, np.tile(usual, (len(edges.facts), 1)))
        as_told = found is not None and found[1] > axis_candidates.LIMITS.sure_of_most
        if not as_told:
            found = _axis(edges, borders, None, old=old)
            as_told = found is not None and not _lies_better(edges, borders, found[0], found[3], usual)
        if found is not None:
            return _stated(*found, known, as_told)
    return Calibration()


def _lies_better(
    edges: AxisEdges,
    borders: NDArray[np.bool_],
    axis: Mapping[str, Any],
    there: tuple[float, float],
    usual: tuple[float, float],
) -> bool:
    """Whether an axis explains the borders better there: where most rows begin a cell it does so anywhere."""
    both, counts = _agreement(edges.some([edges.facts.index(dict(axis))] * 2), borders, np.array([there, usual]))
    scores = both / np.maximum(np.count_nonzero(borders) + counts - both, 1)
    return bool(scores[0] > scores[1] + LIMITS.better)


def _axis(
    edges: AxisEdges, borders: NDArray[np.bool_], beyond: NDArray[np.float64] | None, *, old: bool = False
) -> tuple[Mapping[str, Any], float, float, tuple[float, float]] | None:
    """The facts of the one axis that explains the borders, how sure they and its edges are, and where it lies; or None.

    beyond : (axes, 2) where the axes lie, None where that is to be found.
    """
    if not edges.facts:
        return None
    if beyond is None:
        edges, beyond = _placed(edges, borders, old=old)
    both, counts = _agreement(edges, borders, beyond)
    found, confidence = axis_candidates.best_axis(edges.facts, counts, both, borders, axis_candidates.same_but_edges)
    if found is None:
        return None
    # other edges may look the same in a box that lies elsewhere
    scores = both / (np.count_nonzero(borders) + counts - both)
    twins = [
        score
        for facts, score in zip(edges.facts, scores, strict=True)
        if axis_candidates.same_but_edges(facts, found.facts)
    ]
    lead = float(max(twins) - min(twins)) if len(twins) > 1 else 1.0
    low, high = beyond[edges.facts.index(dict(found.facts))]
    most = LIMITS.sure_of_edges if low == high == 0 else LIMITS.sure_between
    sure = min(confidence, LIMITS.lead_start + LIMITS.lead_slope * lead, most)
    return found.facts, confidence, sure, (float(low), float(high))


def _stated(
    found: Mapping[str, Any],
    confidence: float,
    sure_of_edges: float,
    beyond: tuple[float, float],
    known: Calibration,
    as_told: bool,
) -> Calibration:
    """The facts of an axis that was found, no surer than an area that is unclear."""
    area = known.facts["plot_area"].confidence
    confidence = min(confidence, area) if area < LIMITS.less_sure else confidence
    rate = known["sr"] if known.source("sr") not in (None, "assumed") else None
    facts = axis_candidates.facts_of(found, confidence, "heights of row runs", rate)
    edges = facts["freq_edges"]
    other = next(e for e in (EDGES_HALFWAY, EDGES_EXPLICIT) if e != edges.value)
    sure = min(edges.confidence, sure_of_edges)
    facts["freq_edges"] = replace(edges, confidence=sure, alternative=other if sure < LIMITS.close else None)
    low, high = beyond
    if not as_told and max(abs(low), abs(high)) > LIMITS.told:
        note = "borders of rows; nothing is known of the columns"
        facts["plot_offsets"] = Fact((0.0, round(high, 3), 0.0, round(low, 3)), "pixels", LIMITS.sure_of_rows, note)
    return Calibration(facts)


def _placed(edges: AxisEdges, borders: NDArray[np.bool_], *, old: bool) -> tuple[AxisEdges, NDArray[np.float64]]:
    """The likeliest axes, and the pixels (axes, 2) below and above the borders at which each fits them best."""
    sides = LIMITS.steps_of_old if old else LIMITS.steps
    steps = np.arange(-sides, sides + 1) * LIMITS.coarse
    most = LIMITS.ends_of_old if old else LIMITS.snap
    best, beyond = np.full(len(edges.facts), -1.0), np.zeros((len(edges.facts), 2))
    for low in steps:
        for high in steps:
            _better(edges, borders, np.tile((low, high), (len(best), 1)), best, beyond)
    few = np.sort(np.argsort(-best, kind="stable")[: LIMITS.refined])
    edges, best, beyond = edges.some(few.tolist()), best[few], beyond[few]
    step = LIMITS.coarse / 2
    while step >= LIMITS.finest:
        start = beyond.copy()
        for low in (-step, 0.0, step):
            for high in (-step, 0.0, step):
                _better(edges, borders, np.clip(start + np.array([low, high]), -most, most), best, beyond)
        step /= 2
    return edges, beyond


def _better(
    edges: AxisEdges,
    borders: NDArray[np.bool_],
    tried: NDArray[np.float64],
    best: NDArray[np.float64],
    beyond: NDArray[np.float64],
) -> None:
    """Put the places `tried` into `beyond`, and their scores into `best`, of the axes for which they are better."""
    both, counts = _agreement(edges, borders, tried)
    scores = both / np.maximum(np.count_nonzero(borders) + counts - both, 1)
    better = scores > best
    best[better], beyond[better] = scores[better], tried[better]


def _agreement(
    edges: AxisEdges, borders: NDArray[np.bool_], beyond: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Borders (axes,) that are seen and drawn by an axis that reaches `beyond` (axes, 2), and all that are drawn."""
    from fastspec.kernels.cell_borders import draw_edges, overlaps

    drawn = np.zeros((len(edges.facts), len(borders)), np.uint8)
    span = len(borders) + 1 + beyond.sum(axis=1)
    draw_edges(edges.places, edges.sizes, span * edges.scale, span * edges.shift - beyond[:, 0], drawn)
    both = np.empty(len(edges.facts), np.float64)
    overlaps(drawn, borders.astype(np.float64), both)
    return both, drawn.sum(axis=1, dtype=np.int64)


def read_columns(area: NDArray[Any], known: Calibration, *, old: bool = False) -> Calibration:
    """n_frames, and plot_offsets if unknown, of a figure's plot `area` (H, W[, 3]) between whose pixels frames begin.

    Nothing where the frames are known from pixels already, as those of a box on whole pixels are.
    """
    if known.source("plot_area") != "pixels" or known.source("n_frames") in ("pixels", *FILES):
        return Calibration()
    found = _fitted(borders_of(area)[1], LIMITS.ends_of_old if old else LIMITS.ends)
    if found is None:
        return Calibration()
    frames, left, right, alone = found
    sure = LIMITS.sure_of_frames if alone else LIMITS.sure_of_fewest_frames
    facts = {"n_frames": Fact(frames, "pixels", sure, "borders of frames, each on its next pixel")}
    if "plot_offsets" not in known:
        note = "borders of frames; nothing is known of the rows"
        facts["plot_offsets"] = Fact(
            (round(left, 3), 0.0, round(right, 3), 0.0), "pixels", LIMITS.sure_of_columns, note
        )
    return Calibration(facts)


def _fitted(across: NDArray[np.bool_], ends: float = LIMITS.ends) -> tuple[int, float, float, bool] | None:
    """Frames, pixels beyond the left and right border, and whether no other number of frames fits; or None.

    across : (W - 1,) true where a column differs from the next. Every seen border must lie at its place.
    ends : pixels by which the box reaches beyond the columns, at most.
    """
    places = np.flatnonzero(across) + 1.0
    width, seen = len(across) + 1, len(places)
    most = min(int((seen + 1) * LIMITS.unseen) + 1, int(width * LIMITS.densest))
    if seen < LIMITS.fewest or most <= seen:
        return None
    counts = np.arange(seen + 1, most + 1)
    which = np.rint(counts[:, None] * (places / width))
    counts, which = (some[(np.diff(which, axis=1) > 0).all(axis=1)] for some in (counts, which))
    if not len(counts):
        return None
    centred = which - which.mean(axis=1, keepdims=True)
    step = (centred @ (places - places.mean())) / (centred**2).sum(axis=1)
    start = places.mean() - step * which.mean(axis=1)
    off = np.abs(places - start[:, None] - step[:, None] * which)
    beyond = start + counts * step - width
    good = (off.max(axis=1) <= LIMITS.farthest) & (np.sqrt((off**2).mean(axis=1)) <= LIMITS.rms)
    good &= (np.abs(start) <= ends) & (np.abs(beyond) <= ends)
    # a border has one pixel of `step` to lie on; and each number of frames was a trial
    good &= seen * np.log(np.maximum(step, 1.0)) - np.log(len(counts)) >= LIMITS.nats
    fits = np.flatnonzero(good)
    if not len(fits):
        return None
    best = int(fits[0])  # the fewest borders that were not seen
    return int(counts[best]), -float(start[best]), float(beyond[best]), len(fits) == 1
