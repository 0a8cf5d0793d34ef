"""Rectangles on a background of one colour: what stands away from it, and where its borders are straight and full."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec._typing import Box

Rgb = NDArray[np.uint8]
Away = NDArray[np.uint8]  # (H, W), how far pixels lie from the background's colour
Colour = tuple[int, int, int]


class Limits(NamedTuple):
    """What stands away from a background, and how full a rectangle is. Differences of colours are of 255.

    `python -m bench.quality.facts CORPUS --figures N` judges all of these together: it counts the plot areas that are
    right.
    """

    ink: int = 75  # difference from the background of frames and text; unmeasured
    faint: int = 26  # likewise of pale data, in a plot without frame; unmeasured
    hardly: int = 4  # likewise where the file keeps colours as they were drawn; unmeasured
    same: int = 14  # difference of outermost pixels that have the background's colour, but for JPEG; unmeasured
    ring: float = 0.93  # of the outermost pixels that have the background's colour; unmeasured
    smallest: int = 24  # pixels of a plot's height; unmeasured
    shortest: int = 12  # times a plot's height is that of the picture at most; unmeasured
    narrowest: int = 6  # pixels between the first and the last column of a plot at least; unmeasured
    outside: float = 0.25  # of the line above or below a plot that tick marks may fill; unmeasured
    beside: float = 0.4  # of one at its side: those of nine decades fill a third of a low colour bar's; unmeasured
    many: int = 48  # sides looked at, the longest ones, for speed; unmeasured
    per_column: int = 8  # sides in a column of pixels for which there is room; unmeasured
    shared: float = 0.85  # of the longer of two sides that they share, and of these the full rows; unmeasured
    full: float = 0.97  # of a plot's first and last row that stands away from the background; unmeasured


LIMITS = Limits()


def background_of(rgb: Rgb) -> Colour | None:
    """The colour of nearly all outermost pixels; None where they have several."""
    return colour_of_ring(np.concatenate([rgb[0], rgb[-1], rgb[1:-1, 0], rgb[1:-1, -1]]))


def colour_of_ring(outermost: NDArray[np.uint8]) -> Colour | None:
    """The colour of nearly all of these pixels (n, 3); None where they have several."""
    ring = outermost.astype(np.int16)
    colour = np.median(ring, axis=0)
    share = (distances(ring, colour) <= LIMITS.same).mean()
    return (int(colour[0]), int(colour[1]), int(colour[2])) if share >= LIMITS.ring else None


def departure_from(rgb: Rgb, background: Colour) -> Away:
    """How far each pixel is from a colour, in the channel where it is farthest: (H, W) uint8."""
    from fastspec.kernels.figure import departure

    away = np.empty(rgb.shape[:2], np.uint8)
    departure(rgb, *background, away)
    return away


def luma_departure_from(rgb: Rgb, background: Colour) -> Away:
    """How far the luma of each pixel is from that of a colour: (H, W) uint8. JPEG stores luma at each pixel."""
    from fastspec.kernels.figure import luma_departure

    away = np.empty(rgb.shape[:2], np.uint8)
    luma_departure(rgb, int(luma_of(np.array(background, np.uint8))), away)
    return away


def luma_of(colours: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The luma of colours (..., 3) as JPEG has it (ITU-T T.871), to whole numbers."""
    return np.asarray((colours @ np.array([19595, 38470, 7471]) + 32768) >> 16)


def beyond(colours: Rgb, colour: ArrayLike, most: int) -> NDArray[np.bool_]:
    """Whether colours (..., 3) lie farther than `most` from a colour, in the channel that is farthest."""
    out = np.zeros(colours.shape[:-1], bool)
    for channel, middle in enumerate(np.asarray(colour).tolist()):
        part = colours[..., channel]
        if middle - most > 0:
            out |= part < np.uint8(middle - most)
        if middle + most < np.iinfo(np.uint8).max:
            out |= part > np.uint8(middle + most)
    return out


def distances(colours: NDArray[Any], colour: ArrayLike) -> NDArray[Any]:
    """How far signed colours (..., 3) lie from a colour, in the channel that is farthest: (...)."""
    red, green, blue = (
        np.abs(colours[..., channel] - middle) for channel, middle in enumerate(np.asarray(colour).tolist())
    )
    return np.asarray(np.maximum(np.maximum(red, green), blue))


def fills_of(
    away: Away, above: int, left: int, top: int, right: int, bottom: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of the pixels of each row and each column of a box that lie farther than `above` from the background."""
    from fastspec.kernels.figure import fills

    rows, columns = np.empty(bottom - top, np.int64), np.empty(right - left, np.int64)
    fills(away, above, left, top, right, bottom, rows, columns)
    return rows / max(1, right - left), columns / max(1, bottom - top)


def rectangles(away: Away, above: int) -> list[Box]:
    """Rectangles (left, top, right, bottom) in order of size, none overlapping another."""
    from fastspec.kernels.figure import ends, long_runs

    height, width = away.shape
    found = np.empty((LIMITS.per_column * width, 3), np.int64)
    shortest = max(LIMITS.smallest, height // LIMITS.shortest)
    runs = found[: long_runs(away, above, shortest, np.empty(width, np.int64), found)]
    if not len(runs):
        return []
    edges = []
    free = np.empty(len(runs), np.uint8)
    for side in (-1, 1):
        ends(away, above, runs, side, LIMITS.beside, free)
        some = runs[free > 0]
        edges.append(some[np.argsort(some[:, 1] - some[:, 2], kind="stable")][: LIMITS.many])
    (left, top1, bottom1), (last, top2, bottom2) = (
        some.T[:, :, None] if k == 0 else some.T for k, some in enumerate(edges)
    )
    # a tick mark in a corner lengthens a side
    top, bottom = np.maximum(top1, top2), np.minimum(bottom1, bottom2)
    longer = np.maximum(bottom1 - top1, bottom2 - top2)
    good = (last - left >= LIMITS.narrowest) & (bottom - top >= LIMITS.shared * longer)
    area = np.where(good, (last + 1 - left) * (bottom - top), 0)
    order = np.argsort(-area, axis=None, kind="stable")[: np.count_nonzero(good)]
    which = np.unravel_index(order, area.shape)
    some_left, some_last = (np.broadcast_to(v, area.shape)[which] for v in (left, last))
    rectangles: list[Box] = []
    for x0, x1, y0, y1 in zip(
        some_left.tolist(), some_last.tolist(), top[which].tolist(), bottom[which].tolist(), strict=True
    ):
        box = (x0, y0, x1 + 1, y1)
        if any(overlap(box, other) for other in rectangles):
            continue
        fitted = _fitted(away, above, *box)
        if fitted is not None:
            rectangles.append(fitted)
    return rectangles


def _fitted(away: Away, above: int, left: int, top: int, right: int, bottom: int) -> Box | None:
    """The rectangle with its first and last rows full and the rows outside empty, or None."""
    share = fills_of(away, above, left, top, right, bottom)[0]
    rows = np.flatnonzero(share >= LIMITS.full)
    if not len(rows):
        return None
    first, last = top + int(rows[0]), top + int(rows[-1]) + 1
    if last - first < LIMITS.shared * (bottom - top):
        return None
    for row in (first - 1, last):
        if 0 <= row < away.shape[0] and np.count_nonzero(away[row, left:right] > above) > LIMITS.outside * (
            right - left
        ):
            return None
    return left, first, right, last


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes (left, top, right, bottom) share a pixel."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
