"""A picture whose cells imshow blended into pixels: which of them somebody edited.

What undoes the blending gives every cell an error of its own, so that cells cannot be compared. Pixels can: what the
original gives is blended as imshow does it, and a cell is edited where a pixel differs whose centre lies in it. All
other cells are the original's own. Of an edit that shifts the levels of all its pixels alike, or gives them one colour,
the pixels tell the shift or the colour exactly: its cells are the original's with this shift, or have this colour. The
cells of other edits are those that were read.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array, Box
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap, matching
from fastspec.colours.colormap import Colormap
from fastspec.plot import cells, imshow, layout
from fastspec.retouch import regions
from fastspec.retouch.redraw import Drawn


class Limits(NamedTuple):
    """When a blended pixel is not the one that was drawn, and of which cells it tells."""

    same: float = 2.5  # of 255: rounding in another order, and float32 of matplotlib's, differ by 1; unmeasured
    agree: float = 0.3  # share of the pixels: where fewer agree, the file or its place differs, and cells are compared
    # as they are; unmeasured
    alike: float = 1.5  # steps of the colormap: pixels side by side whose shift differs by no more have one; unmeasured
    spread: float = 2.0  # steps: nine tenths of a region's shifts lie as close to their median; unmeasured
    most: float = 0.9  # share of a region's pixels that one shift or one colour must explain; unmeasured
    region: int = 64  # pixels: fewer with one shift or colour are so by chance; unmeasured


LIMITS = Limits()
_NONE, _READ = -2, -1  # numbers of pixels that nobody edited, and of those that no region explains
_COLOURED = 3  # dimensions of pixels in colour


def with_own_cells(
    pixels: Array, read: Array, drawn: Drawn, facts: Complete, cmap: Colormap, kind: str, hidden: Box = (0, 0, 0, 0)
) -> Array:
    """The cells `read` (rows, frames, 3) of `pixels` (H, W, 3), those that nobody edited as the original gives them.

    kind : of the blending, see `plot.imshow`. hidden : lines at the left, top, right and bottom that a frame covers.
    `read` itself where nothing was blended, of grays, or where few pixels are as the original gives them.
    """
    if read is pixels or pixels.ndim != _COLOURED or cmap.ramp:
        return read
    rows, frames = read.shape[:2]
    plan = layout.layout(facts, frames, rows)
    own = colormap.colour_of(cells.draw(drawn.shown, plan.rows, plan.columns), cmap)
    down, across = imshow.blends_of(pixels.shape[:2], (rows, frames), facts, kind)
    mixed = mixed_colours(own, down, across)
    differs = np.abs(mixed - (pixels.astype(np.float32) + 0.5)).max(axis=2) > LIMITS.same
    left, top, right, bottom = hidden
    differs[:top] = differs[len(differs) - bottom :] = False
    differs[:, :left] = differs[:, differs.shape[1] - right :] = False
    if float(differs.mean()) > 1 - LIMITS.agree:
        return read
    if not differs.any():
        return np.asarray(own)
    where = regions.box(differs)
    found = np.full(differs.shape, _NONE, np.int32)
    found[differs] = _READ
    alike = _alike(differs[where], np.clip(mixed[where], 0, 255).astype(np.uint8), pixels[where], cmap)
    found[where][alike.number >= 0] = alike.number[alike.number >= 0]
    number = _cells_of(_cells_of(found, down, rows).T, across, frames).T
    out = np.where((number == _NONE)[..., None], own, read)
    levels = cells.draw(drawn.shown, plan.rows, plan.columns)
    for each, (shift, colour) in enumerate(alike.edits):
        inside = number == each
        shifted = np.clip(levels[inside] + shift, 0, 1)[None]
        out[inside] = colormap.colour_of(shifted, cmap)[0] if colour is None else colour
    return np.asarray(out)


class _Alike(NamedTuple):
    """Regions of pixels that one shift of levels, or one colour, explains: the number of each pixel's, -1 elsewhere."""

    number: NDArray[np.int32]
    edits: list[tuple[np.float32, NDArray[np.uint8] | None]]


def _alike(differs: NDArray[np.bool_], before: Array, after: Array, cmap: Colormap) -> _Alike:
    """What explains the pixels (H, W) that differ between the colours (H, W, 3) `before` and `after`."""
    levels = [cmap.levels_of(matching.index_of(each, cmap).index) for each in (before, after)]
    shift, step = levels[1] - levels[0], np.float32(cmap.step)
    low, high = (cmap.levels_of(np.array([end], np.float32))[0] for end in (0, len(cmap) - 1))
    found, edits = np.full(differs.shape, -1, np.int32), list[tuple[np.float32, NDArray[np.uint8] | None]]()

    def take(pieces: NDArray[np.bool_], values: NDArray[np.float32], tolerance: float, *, colour: bool) -> None:
        labels, count = regions.label(pieces, values, tolerance)
        sizes = np.bincount(labels[pieces], minlength=count)
        large = np.flatnonzero(sizes >= LIMITS.region)
        for number, where in zip(large, regions.boxes(labels, large), strict=True):
            piece = labels[where] == number
            here = values[where]
            middle = np.float32(np.median(here[piece]))
            if not colour:
                middle = np.round(middle / step) * step
                if float((np.abs(here[piece] - middle) <= LIMITS.spread * step).mean()) < LIMITS.most:
                    continue
                # those that reached an end of the map, or whose colour lies far off it
                reached = (
                    np.abs(np.clip(levels[0][where] + middle, low, high) - levels[1][where]) <= LIMITS.spread * step
                )
                piece |= regions.hull(piece) & differs[where] & (found[where] < 0) & reached
            found[where][piece] = len(edits)
            edits.append((middle, after[where][piece][0] if colour else None))

    codes = after.astype(np.float32) @ np.array([65536, 256, 1], np.float32)  # exact: below 2 ** 24
    take(differs, codes, 0.0, colour=True)
    inside = differs & (found < 0) & (levels[1] > low + step) & (levels[1] < high - step)
    take(inside, shift, LIMITS.alike * float(step), colour=False)
    return _Alike(found, edits)


Blend = tuple[NDArray[np.int32], NDArray[np.float32]]


def mixed_colours(own: Array, down: Blend, across: Blend) -> NDArray[np.float32]:
    """Colours (H, W, 3) of pixels, of those of cells."""
    lines = _mixed(own.astype(np.float32), down)
    return np.ascontiguousarray(_mixed(np.ascontiguousarray(lines.swapaxes(0, 1)), across).swapaxes(0, 1))


def _mixed(lines: NDArray[np.float32], blend: Blend) -> NDArray[np.float32]:
    index, weight = blend
    shape = (weight.shape[0], *(1,) * (lines.ndim - 1))
    found = np.zeros((weight.shape[0], *lines.shape[1:]), np.float32)
    for tap in range(index.shape[1]):
        found += weight[:, tap].reshape(shape) * lines[index[:, tap]]
    return found


def _cells_of(numbers: NDArray[np.int32], blend: Blend, count: int) -> NDArray[np.int32]:
    """The numbers (count, n) of cells, of those (pixels, n) of the pixels whose centres lie in them: the largest.

    A cell in which no pixel's centre lies has the number of the cells on both sides, the smaller one of two.
    """
    index, weight = blend
    nearest = index[np.arange(len(index)), weight.argmax(axis=1)]
    found = np.full((count, numbers.shape[1]), np.iinfo(np.int32).min, np.int32)
    np.maximum.at(found, nearest, numbers)
    shown = np.unique(nearest)
    after = np.minimum(np.searchsorted(shown, np.arange(count)), shown.size - 1)
    low = np.where(shown[after] > np.arange(count), np.maximum(after - 1, 0), after)
    return np.asarray(np.minimum(found[shown[low]], found[shown[after]]), np.int32)
