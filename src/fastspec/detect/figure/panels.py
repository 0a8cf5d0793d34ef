"""Panels that stand so close together that they were found as one plot: where one ends and the next begins.

Between panels lie lines of the background from border to border, or a line of their common frame where they touch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.rectangles import LIMITS as RECTANGLE
from fastspec.detect.figure.rectangles import Away, Rgb, beyond, fills_of


class Limits(NamedTuple):
    """Where a plot falls into panels.

    "refusals" is `python -m bench.quality.refusals CORPUS --only panels`, which counts the figures whose panels are
    told apart; that others are not cut is judged by the same with `--only figure`.
    """

    empty: float = 0.2  # of a line between panels that tick marks, labels and titles may fill; unmeasured
    bare: float = 0.02  # the same between panels without frames; unmeasured
    solid: float = 0.97  # of panels without frames that is no paper, so that paper is no level of theirs; unmeasured
    wide: int = 7  # lines of background that part panels without frames: a grid's are narrower; unmeasured
    ink: int = 40  # difference (of 255) of the pixels of a frame's line from its colour; unmeasured
    all_along: float = 0.97  # of a line between touching panels that has the frame's colour; unmeasured
    rare: float = 0.3  # of a plot's pixels that have its frame's colour: with more, such lines may be data; unmeasured
    jump: float = 2.5  # times the usual difference from line to line: across a border between panels; unmeasured
    least_jump: float = 20.0  # difference (of 255) across such a border: beside a tone's line there is less; unmeasured
    same: int = 14  # difference of the pixels of a line of paper; unmeasured
    light: int = 225  # of 255, in each channel: as light as the paper behind curves; unmeasured
    mostly: float = 0.9  # of such a line's pixels; unmeasured
    least: int = 24  # pixels a side of a panel; unmeasured
    same_row: float = 0.5  # of the lower of two panels by which they overlap where they stand in one row; unmeasured


LIMITS = Limits()
MakePlot = Callable[[Box], Plot]


def parted(rgb: Rgb, away: Away, plot: Plot, plot_at: MakePlot) -> list[Plot]:
    """The panels that `plot` consists of, or itself. plot_at : makes the plot of a rectangle."""
    for downwards in (True, False):
        parts = _parts(rgb, away, plot, downwards)
        if len(parts) > 1:
            panels = [plot_at(part) for part in parts]
            return [piece for panel in panels for piece in parted(rgb, away, panel, plot_at)]
    return [plot]


def reading_order(plots: Sequence[Plot]) -> list[Plot]:
    """Row by row from the top, each from left to right."""
    rows: list[list[Plot]] = []
    for plot in sorted(plots, key=lambda p: p.outer[1]):
        for row in rows:
            top, bottom = max(plot.outer[1], row[0].outer[1]), min(plot.outer[3], row[0].outer[3])
            lower = min(plot.outer[3] - plot.outer[1], row[0].outer[3] - row[0].outer[1])
            if bottom - top > LIMITS.same_row * lower:
                row.append(plot)
                break
        else:
            rows.append([plot])
    return [plot for row in rows for plot in sorted(row, key=lambda p: p.outer[0])]


def _parts(rgb: Rgb, away: Away, plot: Plot, downwards: bool) -> list[Box]:
    """The rectangles above each other, or beside each other, that a plot consists of."""
    left, top, right, bottom = plot.outer
    rows, columns = fills_of(away, RECTANGLE.faint, left, top, right, bottom)
    share = rows if downwards else columns
    if len(share) < 2 * LIMITS.least:
        return []
    inside = rgb[top:bottom, left:right]
    lines = inside if downwards else inside.swapaxes(0, 1)
    cuts = _gaps(share, lines, plot, downwards)
    edges = [0, *(edge for cut in cuts for edge in cut), len(share)]
    parts = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a >= LIMITS.least]
    if downwards:
        return [(left, top + a, right, top + b) for a, b in parts]
    return [(left + a, top, left + b, bottom) for a, b in parts]


def _gaps(share: NDArray[np.float64], lines: Rgb, plot: Plot, downwards: bool) -> list[tuple[int, int]]:
    """Where one panel of a plot ends and the next begins, by lines."""
    solid = share[share >= LIMITS.empty]
    if plot.ink is None and (not len(solid) or solid.mean() < LIMITS.solid):
        return []  # paper is a colour of the data, and may be silence
    found = []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (share < LIMITS.empty).astype(np.int8), [0]])))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if min(first, len(share) - last) < LIMITS.least:
            continue
        if plot.ink is None:
            parts = last - first >= LIMITS.wide and share[first:last].max() < LIMITS.bare
        else:
            parts = bool(_inked(lines[[first - 1, last]], plot).all())
        if parts:
            found.append((first, last))
    return found or _touching(lines, plot, downwards)


def _touching(lines: Rgb, plot: Plot, downwards: bool) -> list[tuple[int, int]]:
    """Lines of the frame's colour within a plot, across which it does not go on, which belong to both panels."""
    if plot.ink is None:
        return []
    inked = np.zeros(len(lines), bool)
    share = 1 - beyond(lines[:, :: max(1, lines.shape[1] // 64)], plot.ink, LIMITS.ink).mean(axis=1)
    some = np.flatnonzero(share > LIMITS.all_along)
    inked[some] = _inked(lines[some], plot)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inked.astype(np.int8), [0]])))
    # elsewhere such a line may be silence, or a cursor in a sound that sets in
    clear = downwards and share[plot.frame + 1 : -plot.frame - 1].mean() < LIMITS.rare
    found = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        before, after = first - plot.frame, last + plot.frame - 1
        if min(first, len(lines) - last) < LIMITS.least:
            continue
        # beside a light frame, on dark paper, light lines are silence
        dark = max(plot.ink) < LIMITS.light
        paper = (_paper(lines[before]), _paper(lines[after])) if dark else (False, False)
        if paper == (True, False):  # a silent spectrogram may have the frame's colour
            last = min(last, first + 2 * plot.frame)
        elif paper == (False, True):
            first = max(first, last - 2 * plot.frame)
        elif last - first > 2 * plot.frame + 1 or (
            paper == (False, False) and not (clear and _breaks(lines, before, after))
        ):
            continue
        found.append((last, first))  # the line is the border of both
    return found


def _inked(lines: Rgb, plot: Plot) -> NDArray[np.bool_]:
    """Whether lines of pixels (n, W, 3) have the frame's colour: (n,)."""
    assert plot.ink is not None
    near = ~beyond(lines, plot.ink, LIMITS.ink)
    return np.asarray(near.mean(axis=1) > LIMITS.all_along)


def _breaks(lines: Rgb, before: int, after: int) -> bool:
    """Whether line `after` follows upon line `before` less smoothly than any line does upon the one before it."""
    some = lines[:, :: max(1, lines.shape[1] // 256)].astype(np.int16)
    gap = after - before
    places = (*range(before - 3 * gap, before, gap), *range(after, after + 3 * gap, gap))
    usual = [float(np.abs(some[k + gap] - some[k]).mean()) for k in places if 0 <= k < len(some) - gap]
    here = float(np.abs(some[after] - some[before]).mean())
    return here > max(LIMITS.least_jump, LIMITS.jump * float(np.median(usual)))


def _paper(line: Rgb) -> bool:
    """Whether nearly all of a line of pixels is paper, as at the border of a plot of curves."""
    colour = np.median(line, axis=0)
    plain = np.abs(line - colour).max(axis=1) <= LIMITS.same
    return bool(colour.min() >= LIMITS.light and plain.mean() > LIMITS.mostly)
