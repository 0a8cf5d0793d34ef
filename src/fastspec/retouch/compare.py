"""The picture as it is beside the picture as the original gives it, cell by cell: which of them somebody edited.

Pixels of files that lose nothing are compared one by one: a cell is touched if any of its pixels differ, as the tool
drew them all alike. Where JPEG or the like moved all colours a little, cells are: one is touched if it and its
neighbours differ by more than the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array, Box, FloatArray
from fastspec.colours import matching
from fastspec.colours.colormap import Colormap, plateaus
from fastspec.colours.levels import LevelScale
from fastspec.plot import cells, damage
from fastspec.plot.cells import PixelSpans
from fastspec.plot.layout import Layout
from fastspec.retouch import regions, subpixel, unlike
from fastspec.retouch.redraw import Drawn
from fastspec.retouch.unlike import Unlike


class Limits(NamedTuple):
    """What is an edit and what is how the file was stored. In steps of the colormap unless another unit is named."""

    # Rounding in another order draws the next colour, and so does the mark of our own pictures (`plot.mark`), by 1.5
    # steps at worst; edits are larger.
    same: float = 1.75  # steps; unmeasured
    # The same where neighbouring entries have one colour, so that the next colour is farther: at most so far.
    next: float = 3.0  # steps; unmeasured
    clean: float = 0.8  # share of pixels in the map's own colours, from which a file counts as lossless; unmeasured
    seed: float = 4.5  # deviations of 3 x 3 cells' mean from which they are an edit; unmeasured
    grow: float = 2.5  # the same of cells beside an edit; unmeasured
    least: float = 1.5  # dB: smaller differences of damaged pictures are no edit; unmeasured
    gap: float = 0.75  # of the distance of the levels that a palette of few colours has there, the same; unmeasured
    rows: int = 64  # of pixels, that tell whether there are few; unmeasured
    specks: int = 9  # cells: fewer together are damage, not an edit; unmeasured
    parts: int = 16  # of the level scale, each with an error of its own; unmeasured
    fewest: int = 200  # cells of neighbouring parts: with fewer their error does not show; unmeasured
    damaged: float = 3.0  # dB (rms of a cell) in JPEG: with more, everything was edited: noise, blur; unmeasured
    resaved: float = 1.0  # dB (rms of a pixel) in files that lose nothing: with more, everything was edited, with less
    # it was a JPEG before; unmeasured
    no_white: float = 15.0  # of 255, half the way from white to a map's nearest colour: magma's is 32; unmeasured
    rim: int = 16  # pixels: no eraser's soft rim is wider; unmeasured
    partly: float = 0.02  # share of a cell's pixels: with fewer edited it is not touched; unmeasured


LIMITS = Limits()
_COLOURED = 3  # dimensions of pixels in colour
_COLOURS = 256  # levels that colours of 8 bits tell apart
_ROUNDING = 0.01  # steps
_MAD = 1.4826  # standard deviations of a normal distribution, of its median absolute one


@dataclass(frozen=True, eq=False)
class Compared:
    """The shown cells of one channel of a picture, (shown frames, shown cells), beside what they were.

    before, after : levels 0..1 of the colours, `after` of the pixels that were edited. touched : which were edited, and
    `part` of their pixels, 0..1. exact : whether the file lost nothing. error : rms of a level that nobody edited.
    everywhere : whether that is more than storing the picture explains.
    off_map : pixels whose colour is none of the map's, read as the nearest. white : pixels that count as erased since
    they are white and the map has no white.
    frames, cells : which of the picture's each row and column is.
    unlike : how the original differs from what was drawn, None where it does not.
    """

    before: NDArray[np.float32]
    after: NDArray[np.float32]
    touched: NDArray[np.bool_]
    part: NDArray[np.float32]
    exact: bool
    error: float
    everywhere: bool
    off_map: int
    white: int
    across: PixelSpans
    down: PixelSpans
    unlike: Unlike | None = None

    @property
    def share(self) -> float:
        """Of the plot's pixels that show touched cells."""
        pixels = np.outer(self.across.stop - self.across.first, self.down.stop - self.down.first)
        return float((pixels * self.part * self.touched).sum() / pixels.sum())

    @property
    def frames(self) -> NDArray[np.intp]:
        """Which frames (columns, of spans of time) are shown."""
        return np.flatnonzero(self.across.shown)

    @property
    def cells(self) -> NDArray[np.intp]:
        """Which cells are shown."""
        return np.flatnonzero(self.down.shown)


def compare(  # noqa: PLR0913 - what a part of a picture is
    pixels: Array,
    cmap: Colormap,
    plan: Layout,
    drawn: Drawn,
    *,
    scale: LevelScale,
    clipped: FloatArray | None = None,
    palette: NDArray[np.uint8] | None = None,
    alpha: NDArray[np.uint8] | None = None,
    hidden: Box = (0, 0, 0, 0),
    jpeg: bool | None = False,
    between_pixels: bool = False,
) -> Compared:
    """One channel's pixels (H, W) or (H, W, 3) beside what the original gives.

    scale : of the levels. clipped : share (n_frames,) of each frame that is clipped in the original.
    alpha : (H, W); what is transparent counts as erased.
    jpeg : whether the file's colours lost as JPEG's do, None where its format may have kept them, which they then tell.
    hidden : lines at the left, top, right and bottom that a frame covers, where nothing is told. between_pixels :
    whether the plot lies on fractions of a pixel, so that single lines of pixels may show cells beside the plan's.
    """
    weight = damage.LIMITS.jpeg_chroma_weight if pixels.ndim == _COLOURED else None
    read = matching.index_of(pixels, cmap, palette=palette, chroma_weight=weight if jpeg else None, distance=True)
    if jpeg is None:
        jpeg = read.exact < LIMITS.clean
        if jpeg:
            read = matching.index_of(pixels, cmap, palette=palette, chroma_weight=weight, distance=True)
    positions, silent, clean = cmap.levels_of(read.index), cmap.levels_of(np.zeros(1, np.float32)), read.exact
    white = _white_off_map(pixels if palette is None else palette[pixels], cmap, read.distance, lossy=jpeg)
    if white.any():
        positions = np.where(white, silent, positions)
        clean *= white.size / max(1, int(np.count_nonzero(~white)))
    if alpha is not None:
        positions = np.where(alpha < 128, silent, positions)
    exact = clean >= LIMITS.clean and not jpeg
    # colours of 8 bits tell no more levels, however many a palette has
    step = cmap.step if pixels.dtype == np.uint16 else max(cmap.step, 1 / _COLOURS)
    if exact and between_pixels:
        plan = subpixel.line_by_line(plan, positions, drawn.shown, _same(cmap) * step)
    across = cells.pixel_spans("columns", plan.columns, plan.n_frames)
    down = cells.pixel_spans("rows", plan.rows, plan.n_cells)
    shown = cells.draw(drawn.shown, plan.rows, plan.columns)
    if any(hidden):
        positions = _covered(positions, shown, hidden)
    before = np.ascontiguousarray(drawn.shown[across.shown][:, down.shown])
    off_map = 0 if read.distance is None else int(np.count_nonzero((read.distance > damage.LIMITS.paint) & ~white))
    erased = int(np.count_nonzero(white))
    if exact:
        after, part = _by_pixels(positions, shown, (across, down), _same(cmap) * step)
        touched = part >= LIMITS.partly
        seen = Compared(before, after, touched, part, True, 0.0, False, off_map, erased, across, down)
        return _beside_unlike(seen, drawn, scale, cmap, clipped)
    after = cells.means(positions, across, down)
    left, right = hidden[0], len(plan.columns) - hidden[2]
    told = (across.first >= left) & (across.stop <= right)
    decibels = scale.hi - scale.lo
    touched = np.zeros(before.shape, np.bool_)
    touched[told], error = _by_cells((after - before)[told], before[told], decibels, _between_levels(positions))
    if jpeg:
        everywhere = error * decibels > LIMITS.damaged
    else:
        everywhere = _deviation((positions - shown)[:, left:right]) * decibels > LIMITS.resaved
    part = touched.astype(np.float32)
    off_map = 0 if jpeg else off_map
    return Compared(before, after, touched, part, False, error, everywhere, off_map, erased, across, down)


def _beside_unlike(
    seen: Compared, drawn: Drawn, scale: LevelScale, cmap: Colormap, clipped: FloatArray | None
) -> Compared:
    """What was compared, with what an original that differs from what was drawn explains by that alone."""
    ends = cmap.levels_of(np.array([0, len(cmap) - 1], np.float32))
    floor, top = float(ends[0]), float(ends[1])
    heard = (seen.before > floor + cmap.step / 2) | (seen.after > floor + cmap.step / 2)
    share = np.zeros(len(seen.before)) if clipped is None else clipped[seen.frames]
    # nearer to the floor a change may be too small to count
    told = np.maximum(seen.before, seen.after) > floor + LIMITS.next * cmap.step
    if not unlike.differs(seen.touched, told, share):
        return seen
    own = np.ascontiguousarray(drawn.amplitudes[seen.across.shown][:, seen.down.shown])
    how = unlike.found(own, seen.after, scale, (floor, top, cmap.step), share)
    rest = heard & ~how.touched
    error = _MAD * float(np.median(np.abs(seen.after - seen.before)[rest])) if rest.any() else 0.0
    part = how.touched.astype(np.float32)
    return replace(seen, touched=how.touched, part=part, exact=False, error=error, unlike=how)


def _white_off_map(colours: Array, cmap: Colormap, off: Array | None, *, lossy: bool) -> NDArray[np.bool_]:
    """Which pixels (H, W) an eraser or a deleted selection left white, of a map that has no white.

    off : (H, W), how far colours lie off the map: what is mixed with white at the rim of an erased place is of it, too.
    """
    nothing = np.zeros(colours.shape[:2], np.bool_)
    if colours.ndim != 3 or cmap.table.ndim != 2:
        return nothing
    free = float(np.linalg.norm(255.0 - cmap.table, axis=1).min()) / 2  # nearer to white than to any colour of the map
    if free < LIMITS.no_white:
        return nothing
    bright = (colours >= 255 - free).all(axis=2)
    if not bright.any():
        return nothing
    white = bright & (np.square(255.0 - colours).sum(axis=2) < free * free)
    if off is None or not white.any():
        return np.asarray(white)
    mixed = off > (damage.LIMITS.paint_least if lossy else damage.LIMITS.paint)
    for _ in range(LIMITS.rim):
        grown = white.copy()
        grown[1:] |= white[:-1]
        grown[:-1] |= white[1:]
        grown[:, 1:] |= white[:, :-1]
        grown[:, :-1] |= white[:, 1:]
        white |= grown & mixed
    return np.asarray(white)


def _covered(positions: NDArray[np.float32], shown: NDArray[np.float32], hidden: Box) -> NDArray[np.float32]:
    """Positions (H, W) that are as `shown` where a frame hides them."""
    height, width = positions.shape
    left, top, right, bottom = hidden
    found = shown.copy()
    inner = slice(top, height - bottom), slice(left, width - right)
    found[inner] = positions[inner]
    return found


def _by_pixels(
    positions: NDArray[np.float32],
    drawn: NDArray[np.float32],
    spans: tuple[PixelSpans, PixelSpans],
    same: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Levels of the shown cells' edited pixels, and which part of their pixels was edited.

    same : levels that differ by no more are no edit. A cell's level is that of the pixel in its middle, which a pasted
    block's jagged borders do not reach.
    """
    across, down = spans
    differs = np.abs(positions - drawn) > same
    part = cells.means(differs.astype(np.float32), across, down)
    middle = np.ix_((down.first + down.stop - 1) // 2, (across.first + across.stop - 1) // 2)
    level = np.ascontiguousarray(positions[middle].T)
    # where the middle is as it was, what was painted beside it counts
    beside = (part >= LIMITS.partly) & ~differs[middle].T
    if beside.any():
        only = cells.means(np.where(differs, positions, np.float32(np.nan)), across, down)
        level = np.where(beside, only, level)
    return np.where(part >= LIMITS.partly, level, drawn[middle].T), part


def _same(cmap: Colormap) -> float:
    """Steps between levels of which one may be drawn for the other: to the next colour, and what a mark adds."""
    gaps = np.diff(plateaus(cmap.table)[1])
    return float(np.clip(gaps.max(initial=0.0) + _ROUNDING, LIMITS.same, LIMITS.next))


def _by_cells(
    difference: NDArray[np.float32], before: NDArray[np.float32], decibels: float, few: NDArray[np.float32]
) -> tuple[NDArray[np.bool_], float]:
    """Which cells of a damaged picture were edited, by how much all differ from what they were, and their usual rms.

    few : the levels that there are, ascending, where they are few (a palette of some colours); else empty.
    """
    error = _deviation(difference)
    mean = regions.box_mean(difference)
    usual = _deviations_by_level(mean, before)
    far = np.abs(mean - np.median(mean))
    least = np.maximum(LIMITS.least / decibels, LIMITS.gap * regions.box_mean(_gaps(before, few)))
    seed, grown = far > np.maximum(LIMITS.seed * usual, least), far > np.maximum(LIMITS.grow * usual, least)
    labels, count = regions.label(grown, np.zeros(grown.shape, np.float32), 0.0)
    if not count:
        return grown, error
    sizes = np.bincount(labels[grown], minlength=count)
    seeded = np.bincount(labels[grown], seed[grown], minlength=count) > 0
    keep = seeded & (sizes >= LIMITS.specks)
    return grown & keep[labels], error


def _between_levels(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """The levels that a picture (H, W) has, ascending, if they are as few as a palette's; else none."""
    few: NDArray[np.float32] = np.unique(positions[:: max(1, positions.shape[0] // LIMITS.rows)])
    return few[np.isfinite(few)] if few.size <= _COLOURS else few[:0]


def _gaps(levels: NDArray[np.float32], few: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far apart those of `few` levels are that each of some levels lies between; 0 without any."""
    if few.size < 2:
        return np.zeros(levels.shape, np.float32)
    above = np.clip(np.searchsorted(few, levels), 1, few.size - 1)
    between: NDArray[np.float32] = few[above] - few[above - 1]
    return np.asarray(between + np.maximum(0, levels - few[-1]) + np.maximum(0, few[0] - levels), np.float32)


def _deviations_by_level(values: NDArray[np.float32], levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The usual deviation of values (n, m) whose cells have such levels, which colours of a map differ in; (n, m)."""
    part = np.clip(levels * LIMITS.parts, 0, LIMITS.parts - 1).astype(np.intp)
    everywhere = _deviation(values)
    found = np.full(LIMITS.parts, everywhere, np.float32)
    for number in range(LIMITS.parts):
        some = values[np.abs(part - number) <= 1]
        if some.size >= LIMITS.fewest:
            found[number] = max(everywhere, _deviation(some))
    return np.maximum(found, np.float32(1e-6))[part]


def _deviation(values: NDArray[np.float32]) -> float:
    """Standard deviation of most values, whatever the others are."""
    return _MAD * float(np.median(np.abs(values - np.median(values))))
