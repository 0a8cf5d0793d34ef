"""The plots of a whole figure: rectangles that stand on a background, their frames, colour bars and tick marks.

A plot is a rectangle whose outermost lines differ from the background all along (its frame, or its data) while the
lines just outside are background but for tick marks. matplotlib snaps a frame's line to whole pixels: a line `w` pixels
wide whose first pixel is `p` lies on the border `p + w // 2` between data and margin, so it hides some data.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
Mask = NDArray[np.uint8]

_RING_SHARE = 0.93  # of the outermost pixels that must have the background's colour
_INK, _FAINT = 75, 26  # differences from the background (of 255): frame and text; pale data of a plot without frame
_OUTSIDE = 0.25  # tick marks may fill this share of the line beside a plot
_SMALLEST = 24  # pixels of a plot's height
_MANY = 48  # edges looked at


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
        return (inner + 1, inner + 1, beyond + 1, beyond + 1)


@dataclass(frozen=True)
class Figure:
    """The plots on a background colour, the largest first."""

    rgb: Rgb
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
    if height < 2 * _SMALLEST or width < 2 * _SMALLEST:
        return None
    background = _background(rgb)
    if background is None:
        return None
    rgb = np.array(rgb, order="C")
    plots: list[Plot] = []
    for tolerance in (_INK, _FAINT):
        for outer in _rectangles(_mask(rgb, background, tolerance)):
            if not any(_overlap(outer, p.outer) for p in plots):
                plot = _plot(rgb, background, outer)
                if plot.frame or tolerance == _FAINT:
                    plots.append(plot)
        if any(plot.kind == "image" for plot in plots):
            break
    if not any(plot.kind == "image" for plot in plots):
        hull = _hull(rgb, background, plots)
        if hull is not None and _kind(rgb, background, hull, 0) == "image":
            plots.append(Plot(hull, hull, 0, None, "image", ragged=True))
    if not plots:
        return None
    return Figure(rgb, background, tuple(sorted(plots, key=lambda p: -p.size)))


def _hull(rgb: Rgb, background: tuple[int, int, int], plots: list[Plot]) -> tuple[int, int, int, int] | None:
    """The block of rows and columns that are mostly no background, in a figure whose plot has no clear border."""
    mask = _mask(rgb, background, 18)
    for plot in plots:
        left, top, right, bottom = plot.outer
        mask[top:bottom, left:right] = 0
    rows, columns = slice(0, mask.shape[0]), slice(0, mask.shape[1])
    for _ in range(3):
        columns = _block(mask[rows].mean(axis=0))
        rows = _block(mask[:, columns].mean(axis=1)) if columns.stop > columns.start else rows
    if columns.stop - columns.start < _SMALLEST or rows.stop - rows.start < _SMALLEST:
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


def _background(rgb: Rgb) -> tuple[int, int, int] | None:
    ring = np.concatenate([rgb[0], rgb[-1], rgb[1:-1, 0], rgb[1:-1, -1]]).astype(np.int16)
    colour = np.median(ring, axis=0)
    share = (np.abs(ring - colour).max(axis=1) <= 14).mean()
    return (int(colour[0]), int(colour[1]), int(colour[2])) if share >= _RING_SHARE else None


def _mask(rgb: Rgb, background: tuple[int, int, int], tolerance: int) -> Mask:
    from fastspec.kernels.figure import differs

    mask = np.empty(rgb.shape[:2], np.uint8)
    differs(rgb, *background, tolerance, mask)
    return mask


def _rectangles(mask: Mask) -> list[tuple[int, int, int, int]]:
    """Rectangles (left, top, right, bottom) in order of size, none overlapping another."""
    from fastspec.kernels.figure import long_runs

    height, width = mask.shape
    found = np.empty((8 * width, 3), np.int64)
    runs = found[: long_runs(mask, max(_SMALLEST, height // 12), np.empty(width, np.int64), found)]
    if not len(runs):
        return []
    filled = np.zeros((height + 1, width), np.int32)
    np.cumsum(mask, axis=0, out=filled[1:])

    def share(column: NDArray[np.int64], first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
        inside = (column >= 0) & (column < width)
        column = np.clip(column, 0, width - 1)
        some: NDArray[np.float64] = (filled[last, column] - filled[first, column]) / (last - first) * inside
        return some

    edges = []
    for side in (-1, 1):
        beside = share(runs[:, 0] + side, runs[:, 1], runs[:, 2])
        some = runs[beside <= _OUTSIDE]
        edges.append(some[np.argsort(some[:, 1] - some[:, 2], kind="stable")][:_MANY])
    (left, top1, bottom1), (last, top2, bottom2) = (
        some.T[:, :, None] if k == 0 else some.T for k, some in enumerate(edges)
    )
    # a tick mark in a corner lengthens a side
    top, bottom = np.maximum(top1, top2), np.minimum(bottom1, bottom2)
    longer = np.maximum(bottom1 - top1, bottom2 - top2)
    good = (last - left >= 6) & (bottom - top >= 0.85 * longer)
    area = np.where(good, (last + 1 - left) * (bottom - top), 0)
    order = np.argsort(-area, axis=None, kind="stable")[: np.count_nonzero(good)]
    which = np.unravel_index(order, area.shape)
    some_left, some_last = (np.broadcast_to(v, area.shape)[which] for v in (left, last))
    rectangles: list[tuple[int, int, int, int]] = []
    for x0, x1, y0, y1 in zip(some_left, some_last, top[which], bottom[which], strict=True):
        box = (int(x0), int(y0), int(x1) + 1, int(y1))
        if any(_overlap(box, other) for other in rectangles):
            continue
        fitted = _fitted(mask, *box)
        if fitted is not None:
            rectangles.append(fitted)
    return rectangles


def _fitted(mask: Mask, left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int] | None:
    """The rectangle with its first and last rows full and the rows outside empty, or None."""
    full = mask[top:bottom, left:right].mean(axis=1) >= 0.97
    rows = np.flatnonzero(full)
    if not len(rows):
        return None
    first, last = top + int(rows[0]), top + int(rows[-1]) + 1
    if last - first < 0.85 * (bottom - top):
        return None
    for row in (first - 1, last):
        if 0 <= row < mask.shape[0] and mask[row, left:right].mean() > _OUTSIDE:
            return None
    return left, first, right, last


def _overlap(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _plot(rgb: Rgb, background: tuple[int, int, int], outer: tuple[int, int, int, int]) -> Plot:
    left, top, right, bottom = outer
    inside = rgb[top:bottom, left:right]
    across = inside.swapaxes(0, 1)
    sides = [side.astype(np.int16) for side in (across[:9], inside[:9], across[:-10:-1], inside[:-10:-1])]
    inks = [np.median(side[0], axis=0) for side in sides]
    ink = inks[0]
    stands_out = np.abs(ink - np.asarray(background)).max() >= _INK
    alike = [stands_out and _alike(side[0], ink) for side in sides]
    width = 0
    if all(alike):
        thick = [_thickness(side, ink) for side in sides]
        width = min(thick)
    shift = width // 2
    box = (left + shift, top + shift, right - width + shift, bottom - width + shift) if width else outer
    colour = (int(ink[0]), int(ink[1]), int(ink[2])) if width else None
    if box[2] <= box[0] or box[3] <= box[1]:
        box, width = outer, 0
    return Plot(box, outer, width, colour, _kind(rgb, background, outer, width + 1 if width else 0))


def _thickness(side: NDArray[np.int16], ink: NDArray[np.float64]) -> int:
    """Lines from the border inwards that have the frame's colour."""
    for depth, line in enumerate(side):
        if not _alike(line, ink):
            return depth
    return len(side)


def _alike(line: NDArray[np.int16], ink: NDArray[np.float64]) -> bool:
    """Whether a line of pixels has the frame's colour, but for a fifth of what lies beneath a thin one, and JPEG."""
    off = np.abs(line - ink).max(axis=1)
    return bool((off <= 72).mean() >= 0.95 and np.median(off) <= 56)


def _kind(rgb: Rgb, background: tuple[int, int, int], outer: tuple[int, int, int, int], inset: int) -> str:
    left, top, right, bottom = outer
    inside = rgb[top + inset : bottom - inset, left + inset : right - inset]
    if inside.shape[0] < 3 or inside.shape[1] < 3:
        return "other"
    tall, wide = inside.shape[:2]
    if max(tall, wide) >= 4 * min(tall, wide):
        along = 1 if tall > wide else 0  # the direction in which a colour bar does not change
        inside = inside.astype(np.int16)
        middle = np.median(inside, axis=along, keepdims=True)
        if np.abs(inside - middle).mean() < 5 and np.ptp(middle, axis=1 - along).max() > 60:
            return "bar"
    step = max(1, int((tall * wide / 20_000) ** 0.5))
    some = inside[::step, ::step].reshape(-1, 3).astype(np.int16)
    filled = some[np.abs(some - np.asarray(background)).max(axis=1) > 12]
    if len(filled) < 0.02 * len(some) or (np.abs(some - np.median(some, axis=0)).max(axis=1) <= 4).mean() > 0.97:
        return "other"
    if len(filled) > 0.4 * len(some):
        return "image"
    # curves and text have few colours
    colours = np.sort(np.unique((filled >> 4) @ np.array([256, 16, 1], np.int16), return_counts=True)[1])
    return "other" if colours[-2:].sum() > 0.5 * len(filled) else "image"
