"""The plots of a whole figure: rectangles that stand on a background, their frames, colour bars and tick marks.

A plot is a rectangle whose outermost lines differ from the background all along (its frame, or its data) while the
lines just outside are background but for tick marks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect.figure.frames import Plot, kind_of, plot_in
from fastspec.detect.figure.panels import parted
from fastspec.detect.figure.rectangles import LIMITS as RECTANGLE
from fastspec.detect.figure.rectangles import (
    Away,
    Colour,
    Rgb,
    background_of,
    departure_from,
    fills_of,
    luma_departure_from,
    overlap,
    rectangles,
)


class Limits(NamedTuple):
    """Where plots without clear borders are, and when several rectangles are one plot.

    `python -m bench.quality.facts CORPUS --figures N` judges all of these together: it counts the plot areas that are
    right. "field" is `python -m bench.quality.field CORPUS --only specgrams`.
    """

    smallest: int = 2  # times a figure is as large as the smallest plot; unmeasured
    # Lines of a grid in the background's colour cut a plot into tiles.
    line_fill: float = 0.2  # of a grid's line that is no background; unmeasured
    tile: float = 0.5  # of all that is no paper, up to which a plot without frame may be a tile alone; unmeasured
    much: float = 0.25  # of a figure without any plot that is no paper, from which a grid may hide one; unmeasured
    plot_fill: float = 0.6  # of all other lines; unmeasured
    grid_line: int = 5  # pixels of a grid's line; unmeasured
    between: float = 0.03  # of the lines that are neither: text stands between plots; unmeasured
    slack: int = 3  # pixels by which a tile may reach beyond the plot; unmeasured
    # A colour bar that lies under or over its plot.
    bar_wide: int = 4  # times the smallest plot that its plot is wide; unmeasured
    bar_full: float = 0.95  # of its first and last row that is no background; unmeasured
    bar_filled: float = 0.2  # of every row between; unmeasured
    bar_low: int = 5  # rows; unmeasured
    bar_flat: int = 4  # times it is as wide as high; unmeasured
    # A plot without clear border: the block of lines that are mostly filled.
    pale: int = 18  # difference (of 255) from the background; unmeasured
    rounds: int = 3  # times that columns and rows are looked for in each other; unmeasured
    filled: float = 0.12  # of each line; unmeasured
    gap: int = 4  # pixels from one such line to the next; unmeasured
    moved: float = 0.01  # of a figure that is hardly off the paper: with more something has moved it; unmeasured
    ringing: int = 3  # pixels by which JPEG's ringing widens a plot on a plain background; field
    some: int = 500  # pixels of a plot whose colours are looked for in its bars; unmeasured
    unlike: float = 55.0  # mean distance of its pixels from the nearest of these, in all channels; unmeasured
    as_like: tuple[float, float] = (
        2.0,
        3.0,
    )  # times the least of these distances, and plus this: likely, too; unmeasured
    entries: int = 128  # colours of each bar that are compared with them; unmeasured
    bar_height: float = 0.05  # of a plot's height that its colour bar's may differ from it; unmeasured


LIMITS = Limits()


@dataclass(frozen=True)
class Figure:
    """The plots on a background colour, the largest first; `away` (H, W) says how far pixels lie from that colour."""

    rgb: Rgb
    away: Away
    background: Colour
    plots: tuple[Plot, ...]

    @property
    def images(self) -> tuple[Plot, ...]:
        """The plots that may be spectrograms, the largest first."""
        return tuple(plot for plot in self.plots if plot.kind == "image")

    @property
    def curves(self) -> tuple[Plot, ...]:
        """The plots of curves, such as a waveform."""
        return tuple(plot for plot in self.plots if plot.kind == "curves")

    def bar_of(self, plot: Plot) -> Plot | None:
        """The colour bar of `plot`: the only one, or that which ends where it does, as each panel may have its own.

        Of several the nearest whose colours are the plot's: others may be of contours, of phases, of masks.
        """
        bars = self.bars_like(plot)
        return bars[0] if bars else None

    def bars_like(self, plot: Plot) -> list[Plot]:
        """The bars that may be that of `plot` and have its colours, the nearest first."""
        bars = self.bars_of(plot) if plot.kind == "image" else []
        unlike = [_unlike(self.rgb, plot, bar) for bar in bars]
        times, more = LIMITS.as_like
        most = min(LIMITS.unlike, times * min(unlike, default=0.0) + more)
        return [bar for bar, away in zip(bars, unlike, strict=True) if away <= most]

    def bars_of(self, plot: Plot) -> list[Plot]:
        """The colour bars that may be that of `plot`, the nearest first."""
        bars = [p for p in self.plots if p.kind == "bar"]
        if len(bars) > 1:
            bars = [bar for bar in bars if _beside(bar.outer, plot.outer)]
        bars = sorted(bars, key=lambda bar: bar.outer[0] - plot.outer[2])
        next_plots = [p.outer[0] for p in self.images if p.outer[0] >= plot.outer[2]]
        return [bar for k, bar in enumerate(bars) if not k or not any(x < bar.outer[0] for x in next_plots)]


def _unlike(rgb: Rgb, plot: Plot, bar: Plot) -> float:
    """Mean distance (of 255) of some of a plot's pixels from the nearest colour of a bar."""
    left, top, right, bottom = bar.box
    part = rgb[top:bottom, left:right]
    course = part[:, (right - left) // 2] if bottom - top > right - left else part[(bottom - top) // 2]
    x0, y0, x1, y1 = plot.box
    inside = rgb[y0:y1, x0:x1].reshape(-1, 3)
    some = inside[:: max(1, len(inside) // LIMITS.some)].astype(np.int16)
    entries = course[:: max(1, len(course) // LIMITS.entries)].astype(np.int16)
    away = np.abs(some[:, :1] - entries[:, 0])
    for channel in (1, 2):  # a sum along so short an axis takes several times as long
        away += np.abs(some[:, channel, None] - entries[:, channel])
    return float(away.min(axis=1).mean())


def _beside(bar: Box, plot: Box) -> bool:
    """Whether a colour bar stands at the right of a plot and is as high."""
    off = max(abs(bar[1] - plot[1]), abs(bar[3] - plot[3]))
    return bar[0] >= plot[2] and off <= LIMITS.bar_height * (plot[3] - plot[1])


def find_figure(rgb: Rgb, jpeg: bool = False) -> Figure | None:
    """The plots of a picture (H, W, 3), or None when it has no margin of one colour or nothing stands on it.

    jpeg : frames are looked for in luma first, as the colours beside them bleed into them and into the paper.
    """
    height, width = rgb.shape[:2]
    if min(height, width) < LIMITS.smallest * RECTANGLE.smallest:
        return None
    background = background_of(rgb)
    if background is None:
        return None
    plots: list[Plot] = []
    away = None
    if jpeg:
        away = luma_departure_from(rgb, background)
        plots = _framed(rgb, away, background, RECTANGLE.ink, plots, luma=True)
    if away is None or not any(plot.kind == "image" for plot in plots):
        away = departure_from(rgb, background)
        plots = _by_colour(rgb, away, background, plots, clean=not jpeg)
    plots = _closed(rgb, away, background, _joined(rgb, away, background, plots))
    plots = [piece for plot in plots for piece in _parted(rgb, away, background, plot)]
    for plot in [plot for plot in plots if plot.kind == "image"]:
        plots.extend(_lying_bars(rgb, away, background, plot, plots))
    if not plots:
        return None
    return Figure(rgb, away, background, tuple(sorted(plots, key=lambda p: -p.size)))


def _by_colour(rgb: Rgb, away: Away, background: Colour, plots: list[Plot], *, clean: bool = False) -> list[Plot]:
    """`plots` and those that stand away from the background in any channel, with a frame or without.

    clean : whether no damage has moved colours, so that nearly white is no paper.
    """
    tolerances: tuple[int, ...] = (RECTANGLE.ink, RECTANGLE.faint)
    if clean and np.count_nonzero(away <= RECTANGLE.hardly) - np.count_nonzero(away == 0) < LIMITS.moved * away.size:
        tolerances = (*tolerances, RECTANGLE.hardly)
    for tolerance in tolerances:
        plots = _framed(rgb, away, background, tolerance, plots)
        if any(plot.kind == "image" for plot in plots):
            break
    if not any(plot.kind == "image" for plot in plots):
        hull = _hull(away, plots)
        if hull is not None and kind_of(rgb, background, hull, 0) == "image":
            plots = [*plots, _bare(rgb, away, background, hull) or Plot(hull, hull, 0, None, "image", ragged=True)]
    return plots


def _bare(rgb: Rgb, away: Away, background: Colour, hull: Box) -> Plot | None:
    """The plot without frame that JPEG's ringing has widened to `hull`."""
    for outer in rectangles(away, RECTANGLE.ink):
        if _near(outer, hull):
            plot = plot_in(rgb, away, background, outer)
            return plot if plot.kind == "image" else None
    return None


def _framed(
    rgb: Rgb, away: Away, background: Colour, tolerance: int, plots: list[Plot], luma: bool = False
) -> list[Plot]:
    """`plots` and the rectangles that stand farther than `tolerance` away; of dark ones those with a frame alone."""
    found = list(plots)
    for outer in rectangles(away, tolerance):
        if not any(overlap(outer, p.outer) for p in found):
            plot = plot_in(rgb, away, background, outer, luma)
            if plot.frame or tolerance <= RECTANGLE.faint:
                found.append(plot)
    return found


def _near(box: Box, hull: Box) -> bool:
    """Whether only JPEG's ringing round the box widens it to the hull."""
    return max(abs(a - b) for a, b in zip(box, hull, strict=True)) <= LIMITS.ringing


def _parted(rgb: Rgb, away: Away, background: Colour, plot: Plot) -> list[Plot]:
    """The panels of a plot, as long as a spectrogram is among them."""
    if plot.kind == "bar" or plot.ragged:
        return [plot]
    panels = parted(rgb, away, plot, lambda outer: plot_in(rgb, away, background, outer))
    if len(panels) == 1 or not any(panel.kind == "image" for panel in panels):
        return [plot]
    # a colour bar stands apart: what touches a panel and looks like one is a tier of text
    return [replace(panel, kind="curves") if panel.kind == "bar" else panel for panel in panels]


def _joined(rgb: Rgb, away: Away, background: Colour, plots: list[Plot]) -> list[Plot]:
    """`plots`, and where lines of a grid in the background's colour have cut one plot into several, that one."""
    images = [plot for plot in plots if plot.kind == "image"]
    inks = {tile.ink for tile in images}
    if not images or len(plots) <= 1 or (len(inks) == 1 and inks != {None}):  # frames of one colour are frames
        return plots
    # a wide tile of noise looks like a colour bar
    for tiles in (plots, images):
        others = [plot for plot in plots if plot not in tiles]
        hull = _hull(away, others)
        if len(tiles) <= 1 or hull is None or not _tiled(away, hull, tiles, others):
            continue
        plot = plot_in(rgb, away, background, hull)
        if plot.kind == "image":
            return [plot, *others]
    return plots


def _closed(rgb: Rgb, away: Away, background: Colour, plots: list[Plot]) -> list[Plot]:
    """`plots`, or the one that covers all of them once thin lines of the background's colour are filled.

    Lines of a grid with an inset or with silence between them leave tiles that do not make up the plot.
    """
    tiles = [plot for plot in plots if plot.kind == "image"]
    inks = {tile.ink for tile in tiles}
    if len(tiles) > 1 and len(inks) == 1 and inks != {None}:  # frames of one colour are frames
        return plots
    drawn = np.count_nonzero(away > RECTANGLE.faint) if len(tiles) <= 1 else 0
    if len(tiles) == 1 and (tiles[0].ragged or tiles[0].size > LIMITS.tile * drawn):
        return plots
    if not tiles and (plots or drawn < LIMITS.much * away.size):
        return plots
    from scipy.ndimage import grey_closing

    wide = LIMITS.grid_line
    filled = np.maximum(grey_closing(away, (1, wide)), grey_closing(away, (wide, 1)))
    found = _by_colour(rgb, filled, background, [])
    images = [plot for plot in found if plot.kind == "image"]
    if len(images) != 1 or any(_union(t.outer, images[0].outer, LIMITS.slack) != images[0].outer for t in tiles):
        return plots
    return found


def _tiled(away: Away, hull: Box, tiles: list[Plot], others: list[Plot]) -> bool:
    """Whether a box is all filled but for thin lines between the tiles, all of which lie in it."""
    if any(_union(tile.outer, hull, LIMITS.slack) != hull for tile in tiles) or any(
        overlap(p.outer, hull) for p in others
    ):
        return False
    for share in fills_of(away, RECTANGLE.faint, *hull):
        lines = np.flatnonzero(share < LIMITS.line_fill)
        if np.count_nonzero(share < LIMITS.plot_fill) - len(lines) > LIMITS.between * len(share):  # text between plots
            return False
        if any(len(run) > LIMITS.grid_line for run in np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1)):
            return False
    return True


def _union(inner: Box, outer: Box, slack: int) -> Box:
    """`outer`, grown to hold `inner` but for `slack` pixels at each side."""
    left, top, right, bottom = inner
    return (
        min(left + slack, outer[0]), min(top + slack, outer[1]),
        max(right - slack, outer[2]), max(bottom - slack, outer[3]),
    )  # fmt: skip


def _lying_bars(rgb: Rgb, away: Away, background: Colour, plot: Plot, plots: list[Plot]) -> list[Plot]:
    """A colour bar under or over `plot`, as wide as it, too low to be found by long columns."""
    left, top, right, bottom = plot.outer
    if any(p.kind == "bar" for p in plots) or right - left < LIMITS.bar_wide * RECTANGLE.smallest:
        return []
    found = []
    for first, last in ((bottom, away.shape[0]), (0, top)):
        share = fills_of(away, RECTANGLE.faint, left, first, right, last)[0]
        full = np.flatnonzero(share >= LIMITS.bar_full)
        if not len(full):
            continue
        y0, y1 = first + int(full[0]), first + int(full[-1]) + 1
        low = LIMITS.bar_low <= y1 - y0 <= (right - left) // LIMITS.bar_flat
        if not low or share[full[0] : full[-1]].min() < LIMITS.bar_filled:
            continue
        outer = (left, y0, right, y1)
        if not any(overlap(outer, p.outer) for p in plots):
            bar = plot_in(rgb, away, background, outer)
            if bar.kind == "bar":
                found.append(bar)
    return found[:1]


def _hull(away: Away, plots: list[Plot]) -> Box | None:
    """The block of rows and columns that are mostly no background, in a figure whose plot has no clear border."""
    if plots:
        away = away.copy()
        for plot in plots:
            left, top, right, bottom = plot.outer
            away[top:bottom, left:right] = 0
    rows, columns = slice(0, away.shape[0]), slice(0, away.shape[1])
    for _ in range(LIMITS.rounds):
        columns = _block(fills_of(away, LIMITS.pale, 0, rows.start, away.shape[1], rows.stop)[1])
        if columns.stop > columns.start:
            rows = _block(fills_of(away, LIMITS.pale, columns.start, 0, columns.stop, away.shape[0])[0])
    if columns.stop - columns.start < RECTANGLE.smallest or rows.stop - rows.start < RECTANGLE.smallest:
        return None
    top, bottom = rows.start, rows.stop
    for plot in plots:  # a colour bar is as high as its plot
        off = max(abs(plot.box[1] - top), abs(plot.box[3] - bottom))
        if plot.kind == "bar" and off < LIMITS.bar_height * (bottom - top):
            top, bottom = plot.box[1], plot.box[3]
    return columns.start, top, columns.stop, bottom


def _block(share: NDArray[np.float64]) -> slice:
    """The longest stretch of lines that are filled to an eighth; up to three thinner ones may lie between."""
    places = np.flatnonzero(share > LIMITS.filled)
    if not len(places):
        return slice(0, 0)
    parts = np.split(places, np.flatnonzero(np.diff(places) > LIMITS.gap) + 1)
    longest = max(parts, key=len)
    return slice(int(longest[0]), int(longest[-1]) + 1)
