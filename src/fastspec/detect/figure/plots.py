"""The plots of a whole figure: rectangles that stand on a background, their frames, colour bars and tick marks.

A plot is a rectangle whose outermost lines differ from the background all along (its frame, or its data) while the
lines just outside are background but for tick marks. matplotlib snaps a frame's line to whole pixels: a line `w` pixels
wide whose first pixel is `p` lies on the border `p + w // 2` between data and margin, so it hides some data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.figure.rectangles import (
    FAINT,
    INK,
    SMALLEST,
    Away,
    Rgb,
    background_of,
    departure_from,
    fills_of,
    overlap,
    rectangles,
)

_SAMPLES = 6_000  # pixels by which the kind of a plot is judged
# shares of a grid's line and of all others that are no background, and a line's pixels at most
_LINE_FILL, _PLOT_FILL, _GRID_LINE = 0.2, 0.6, 5


@dataclass(frozen=True)
class Plot:
    """A rectangle with data: left, top, right, bottom in pixels, half open.

    box : of the data, as far as they reach under the frame. outer : with the whole frame. frame : the lines' width, 0
    for none. ink : the frame's colour. kind : "image" | "bar" | "other".
    """

    box: tuple[int, int, int, int]
    outer: tuple[int, int, int, int]
    frame: int
    ink: tuple[int, int, int] | None
    kind: str
    ragged: bool = False  # some data at the border have the background's colour, and no frame shows where it is
    empty: tuple[int, int, int, int] = (0, 0, 0, 0)  # lines of paper at each side between frame and data, or of silence
    solid: bool = True  # paper is nowhere else in the plot

    @property
    def size(self) -> int:
        """Pixels of data."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    @property
    def hidden(self) -> tuple[int, int, int, int]:
        """Lines of data at each side that the frame covers or tints."""
        if not self.frame:
            return (0, 0, 0, 0)
        inner, beyond = self.frame - self.frame // 2, self.frame // 2
        first, above, last, below = (
            0 if empty else lines
            for empty, lines in zip(self.empty, (inner + 1, inner + 1, beyond + 1, beyond + 1), strict=True)
        )
        return first, above, last, below


@dataclass(frozen=True)
class Figure:
    """The plots on a background colour, the largest first; `away` (H, W) says how far pixels lie from that colour."""

    rgb: Rgb
    away: Away
    background: tuple[int, int, int]
    plots: tuple[Plot, ...]

    @property
    def images(self) -> tuple[Plot, ...]:
        """The plots that may be spectrograms."""
        return tuple(plot for plot in self.plots if plot.kind == "image")

    def bar_of(self, plot: Plot) -> Plot | None:
        """The colour bar beside `plot`, if there is one."""
        bars = [p for p in self.plots if p.kind == "bar"]
        return bars[0] if len(bars) == 1 and plot.kind == "image" else None


def find_figure(rgb: Rgb) -> Figure | None:
    """The plots of a picture (H, W, 3), or None when it has no margin of one colour or nothing stands on it."""
    height, width = rgb.shape[:2]
    if height < 2 * SMALLEST or width < 2 * SMALLEST:
        return None
    background = background_of(rgb)
    if background is None:
        return None
    away = departure_from(rgb, background)
    plots: list[Plot] = []
    for tolerance in (INK, FAINT):
        for outer in rectangles(away, tolerance):
            if not any(overlap(outer, p.outer) for p in plots):
                plot = _plot(rgb, away, background, outer)
                if plot.frame or tolerance == FAINT:
                    plots.append(plot)
        if any(plot.kind == "image" for plot in plots):
            break
    if not any(plot.kind == "image" for plot in plots):
        hull = _hull(away, plots)
        if hull is not None and _kind(rgb, background, hull, 0) == "image":
            plots.append(Plot(hull, hull, 0, None, "image", ragged=True))
    plots = _joined(rgb, away, background, plots)
    for plot in [plot for plot in plots if plot.kind == "image"]:
        plots.extend(_lying_bars(rgb, away, background, plot, plots))
    if not plots:
        return None
    return Figure(rgb, away, background, tuple(sorted(plots, key=lambda p: -p.size)))


def _joined(rgb: Rgb, away: Away, background: tuple[int, int, int], plots: list[Plot]) -> list[Plot]:
    """`plots`, and where lines of a grid in the background's colour have cut one plot into several, that one."""
    images = [plot for plot in plots if plot.kind == "image"]
    inks = {tile.ink for tile in images}
    if not images or len(plots) < 2 or (len(inks) == 1 and inks != {None}):  # frames of one colour are frames
        return plots
    # a wide tile of noise looks like a colour bar
    for tiles in (plots, images):
        others = [plot for plot in plots if plot not in tiles]
        hull = _hull(away, others)
        if len(tiles) < 2 or hull is None or not _tiled(away, hull, tiles, others):
            continue
        plot = _plot(rgb, away, background, hull)
        if plot.kind == "image":
            return [plot, *others]
    return plots


def _tiled(away: Away, hull: tuple[int, int, int, int], tiles: list[Plot], others: list[Plot]) -> bool:
    """Whether a box is all filled but for thin lines between the tiles, all of which lie in it."""
    if any(_union(tile.outer, hull, 3) != hull for tile in tiles) or any(overlap(p.outer, hull) for p in others):
        return False
    for share in fills_of(away, FAINT, *hull):
        lines = np.flatnonzero(share < _LINE_FILL)
        if np.count_nonzero(share < _PLOT_FILL) - len(lines) > 0.03 * len(share):  # text between plots
            return False
        if any(len(run) > _GRID_LINE for run in np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1)):
            return False
    return True


def _union(inner: tuple[int, int, int, int], outer: tuple[int, int, int, int], slack: int) -> tuple[int, int, int, int]:
    """`outer`, grown to hold `inner` but for `slack` pixels at each side."""
    left, top, right, bottom = inner
    return (
        min(left + slack, outer[0]), min(top + slack, outer[1]),
        max(right - slack, outer[2]), max(bottom - slack, outer[3]),
    )  # fmt: skip


def _lying_bars(rgb: Rgb, away: Away, background: tuple[int, int, int], plot: Plot, plots: list[Plot]) -> list[Plot]:
    """A colour bar under or over `plot`, as wide as it, too low to be found by long columns."""
    left, top, right, bottom = plot.outer
    if any(p.kind == "bar" for p in plots) or right - left < 4 * SMALLEST:
        return []
    found = []
    for first, last in ((bottom, away.shape[0]), (0, top)):
        share = fills_of(away, FAINT, left, first, right, last)[0]
        full = np.flatnonzero(share >= 0.95)
        if not len(full):
            continue
        y0, y1 = first + int(full[0]), first + int(full[-1]) + 1
        if not 5 <= y1 - y0 <= (right - left) // 4 or share[full[0] : full[-1]].min() < 0.2:
            continue
        outer = (left, y0, right, y1)
        if not any(overlap(outer, p.outer) for p in plots):
            bar = _plot(rgb, away, background, outer)
            if bar.kind == "bar":
                found.append(bar)
    return found[:1]


def _hull(away: Away, plots: list[Plot]) -> tuple[int, int, int, int] | None:
    """The block of rows and columns that are mostly no background, in a figure whose plot has no clear border."""
    if plots:
        away = away.copy()
        for plot in plots:
            left, top, right, bottom = plot.outer
            away[top:bottom, left:right] = 0
    rows, columns = slice(0, away.shape[0]), slice(0, away.shape[1])
    for _ in range(3):
        columns = _block(fills_of(away, 18, 0, rows.start, away.shape[1], rows.stop)[1])
        if columns.stop > columns.start:
            rows = _block(fills_of(away, 18, columns.start, 0, columns.stop, away.shape[0])[0])
    if columns.stop - columns.start < SMALLEST or rows.stop - rows.start < SMALLEST:
        return None
    top, bottom = rows.start, rows.stop
    for plot in plots:  # a colour bar is as high as its plot
        if plot.kind == "bar" and max(abs(plot.box[1] - top), abs(plot.box[3] - bottom)) < 0.05 * (bottom - top):
            top, bottom = plot.box[1], plot.box[3]
    return columns.start, top, columns.stop, bottom


def _block(share: NDArray[np.float64]) -> slice:
    """The longest stretch of lines that are filled to an eighth; up to three thinner ones may lie between."""
    places = np.flatnonzero(share > 0.12)
    if not len(places):
        return slice(0, 0)
    parts = np.split(places, np.flatnonzero(np.diff(places) > 4) + 1)
    longest = max(parts, key=len)
    return slice(int(longest[0]), int(longest[-1]) + 1)


def _plot(rgb: Rgb, away: Away, background: tuple[int, int, int], outer: tuple[int, int, int, int]) -> Plot:
    left, top, right, bottom = outer
    inside = rgb[top:bottom, left:right]
    across = inside.swapaxes(0, 1)
    sides = [side.astype(np.int16) for side in (across[:9], inside[:9], across[:-10:-1], inside[:-10:-1])]
    inks = [np.median(side[0], axis=0) for side in sides]
    ink = inks[0]
    stands_out = np.abs(ink - np.asarray(background)).max()
    # a paler frame has just one colour all around
    plain = stands_out >= INK or (stands_out > FAINT and np.ptp(inks, axis=0).max() <= 12)
    alike = [plain and _alike(side[0], ink, 1.0 if stands_out >= INK else 0.4) for side in sides]
    width = 0
    if all(alike):
        thick = [_thickness(side, ink, 1.0 if stands_out >= INK else 0.4) for side in sides]
        width = min(thick)
    shift = width // 2
    box = (left + shift, top + shift, right - width + shift, bottom - width + shift) if width else outer
    colour = (int(ink[0]), int(ink[1]), int(ink[2])) if width else None
    if box[2] <= box[0] or box[3] <= box[1]:
        box, width = outer, 0
    if not width:
        box = outer = _sharpened(away, outer)
        width = _white_frame(away, outer)
        if width:  # it hides data at the left and top, and paper at the right and bottom
            over = width // 2
            under = width - over
            box = (outer[0] - under, outer[1] - under, outer[2] + over, outer[3] + over)
            outer = (outer[0] - width, outer[1] - width, outer[2] + width, outer[3] + width)
            return Plot(box, outer, width, None, _kind(rgb, background, outer, width + 1))
    kind = _kind(rgb, background, outer, width + 1 if width else 0)
    if not width or kind != "image":
        return Plot(box, outer, width, colour, kind)
    empty, solid = _empty(away, box, width + 1)
    return Plot(box, outer, width, colour, kind, empty=empty, solid=solid)


def _empty(away: Away, box: tuple[int, int, int, int], inset: int) -> tuple[tuple[int, int, int, int], bool]:
    """Lines of paper between a frame and the data at each side, as round limits of an axis leave them.

    Also whether paper is nowhere else, so that it is no colour of the data.
    """
    left, top, right, bottom = box
    if min(right - left, bottom - top) < 2 * inset + SMALLEST:  # little but frame, as a thick border of text may seem
        return (0, 0, 0, 0), True
    rows, columns = fills_of(away, FAINT, left + inset, top + inset, right - inset, bottom - inset)
    lines = (columns, rows, columns[::-1], rows[::-1])  # tick marks that point inwards may stand there
    first, above, last, below = (int(np.argmax(line > 0.12)) if (line > 0.12).any() else 0 for line in lines)
    high, wide = len(rows) - above - below, len(columns) - first - last
    if max(first, above, last, below) < 2 or min(high, wide) < SMALLEST:
        return (0, 0, 0, 0), True
    inner = rows[above : above + high].mean() * len(columns) / wide
    first, above, last, below = (lines + inset if lines >= 2 else 0 for lines in (first, above, last, below))
    return (first, above, last, below), bool(inner >= 0.97)


def _sharpened(away: Away, outer: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """The rectangle of a plot without frame, its borders where a JPEG's blur is half as far off as the data inside."""
    left, top, right, bottom = outer
    if right - left < 2 * SMALLEST or bottom - top < 2 * SMALLEST:
        return outer
    across, down = away[top:bottom].T, away[:, left:right]
    return (
        _border(across, left, 1),
        _border(down, top, 1),
        _border(across[::-1], len(across) - right, -1),
        _border(down[::-1], len(down) - bottom, -1),
    )


def _border(lines: Away, first: int, way: int) -> int:
    """The first of `lines` near `first` that is half as far from the background as those behind it (-1: reversed)."""
    start = max(0, first - 2)
    level = lines[start : first + 6].mean(axis=1, dtype=np.float64)
    inside = float(np.median(level[-3:]))
    place = start + int(np.argmax(level >= 0.5 * inside)) if inside > 40 else first
    return place if way > 0 else len(lines) - place


def _white_frame(away: Away, outer: tuple[int, int, int, int]) -> int:
    """Width of a frame of the background's colour: tick marks end at it, not at the data; 0 for none."""
    left, top, right, bottom = outer
    beside = away[top:bottom, max(0, left - 8) : left].T[::-1], away[top:bottom, right : right + 8].T
    for strip in (*beside, away[bottom : bottom + 8, left:right]):
        if len(strip) < 8:
            continue
        for width in range(1, 5):
            marks = np.flatnonzero(strip[width : width + 2].min(axis=0) > INK)
            if not 2 <= len(marks) <= 0.1 * strip.shape[1]:
                continue
            if strip[:width, marks].max() < FAINT:
                return width
            break
    return 0


def _thickness(side: NDArray[np.int16], ink: NDArray[np.float64], tight: float) -> int:
    """Lines from the border inwards that have the frame's colour."""
    for depth, line in enumerate(side):
        if not _alike(line, ink, tight):
            return depth
    return len(side)


def _alike(line: NDArray[np.int16], ink: NDArray[np.float64], tight: float) -> bool:
    """Whether a line of pixels has the frame's colour, but for a fifth of what lies beneath a thin one, and JPEG."""
    off = np.abs(line - ink).max(axis=1)
    near, nearer = np.count_nonzero(off <= 72 * tight), np.count_nonzero(off <= 56 * tight)
    return bool(near >= 0.95 * len(off) and nearer >= 0.5 * len(off))


def _kind(rgb: Rgb, background: tuple[int, int, int], outer: tuple[int, int, int, int], inset: int) -> str:
    left, top, right, bottom = outer
    inside = rgb[top + inset : bottom - inset, left + inset : right - inset]
    if inside.shape[0] < 3 or inside.shape[1] < 3:
        return "other"
    tall, wide = inside.shape[:2]
    if max(tall, wide) >= 4 * min(tall, wide):
        along = 1 if tall > wide else 0  # the direction in which a colour bar does not change
        thin = slice(None, None, max(1, min(tall, wide) // 12))
        inside = (inside[:, thin] if tall > wide else inside[thin]).astype(np.int16)
        middle = np.median(inside, axis=along, keepdims=True)
        if np.abs(inside - middle).mean() < 5 and np.ptp(middle, axis=1 - along).max() > 60:
            return "bar"
    step = max(1, int((tall * wide / _SAMPLES) ** 0.5))
    some = inside[::step, ::step].reshape(-1, 3).astype(np.int16)
    filled = some[np.abs(some - np.asarray(background)).max(axis=1) > 12]
    if len(filled) < 0.02 * len(some) or (np.abs(some - np.median(some, axis=0)).max(axis=1) <= 4).mean() > 0.97:
        return "other"
    if len(filled) > 0.4 * len(some):
        return "image"
    # curves and text have few colours
    colours = np.sort(np.unique((filled >> 4) @ np.array([256, 16, 1], np.int16), return_counts=True)[1])
    return "other" if colours[-2:].sum() > 0.5 * len(filled) else "image"
