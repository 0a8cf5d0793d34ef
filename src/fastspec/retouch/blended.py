"""A picture whose cells imshow blended into pixels: which of them somebody edited.

What undoes the blending gives every cell an error of its own, so that cells cannot be compared. Pixels can: what the
original gives is blended as imshow does it, and a cell is edited where a pixel that shows much of it differs. All other
cells are the original's own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array, Box
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap
from fastspec.colours.colormap import Colormap
from fastspec.plot import cells, imshow, layout
from fastspec.retouch.redraw import Drawn


class Limits(NamedTuple):
    """When a blended pixel is not the one that was drawn, and of which cells it tells."""

    same: float = 2.5  # of 255: rounding in another order, and float32 of matplotlib's, differ by 1; unmeasured
    agree: float = 0.3  # share of the pixels: where fewer agree, the file or its place differs, and cells are compared
    # as they are; unmeasured
    much: float = (
        0.3  # share of a pixel's largest: cells with less of a pixel that differs are as they were; unmeasured
    )


LIMITS = Limits()
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
    differs = np.abs(mixed_colours(own, down, across) - (pixels.astype(np.float32) + 0.5)).max(axis=2) > LIMITS.same
    left, top, right, bottom = hidden
    differs[:top] = differs[len(differs) - bottom :] = False
    differs[:, :left] = differs[:, differs.shape[1] - right :] = False
    if float(differs.mean()) > 1 - LIMITS.agree:
        return read
    touched = _cells_of(_cells_of(differs, down, rows).T, across, frames).T
    return np.where(touched[..., None], read, own)


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


def _cells_of(differs: NDArray[np.bool_], blend: Blend, count: int) -> NDArray[np.bool_]:
    """Cells (count, n) of which pixels (pixels, n) that differ show much."""
    index, weight = blend
    much = weight >= LIMITS.much * weight.max(axis=1, keepdims=True)
    found: NDArray[Any] = np.zeros((count, differs.shape[1]), np.bool_)
    for tap in range(index.shape[1]):
        np.logical_or.at(found, index[much[:, tap], tap], differs[much[:, tap]])
    return found
