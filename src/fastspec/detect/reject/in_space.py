"""Drawings that are no rectangle: surfaces in space, polar plots, pies.

A spectrogram's data ends at straight sides. What stands on paper with labels around it and touches the sides of its
own box here and there alone was drawn in other coordinates.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import as_colours, in_colour


class Limits(NamedTuple):
    """What separates them from spectrograms on paper of their lowest level.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds surface_3d, polar, in_space and bar_chart, and
    by the true on_paper, of_birds and two_bars. The largest share of a side that was touched: discs .01 to .08,
    surfaces .05 to .39; sounds without frame .76 at least where they fill a third of their box.
    """

    ring: float = 0.99  # of the outermost pixels that have the paper's colour; unmeasured
    paper: int = 12  # difference (of 255) from the paper, up to which a pixel is paper; unmeasured
    ringing: int = 8  # likewise at the border; unmeasured
    looked_at: int = 320  # pixels of the shorter side: of longer ones every second, third ... is seen; unmeasured
    side: int = 64  # pixels of a picture each way, at least; unmeasured
    large: float = 0.06  # of the picture, the box of the largest thing at least; unmeasured
    longer: float = 2.5  # times as long as wide is that box at most: harmonics alone are flatter; unmeasured
    filled: float = 0.3  # of that box; `python -m bench.quality.refusals CORPUS`
    touched: float = 0.5  # of each of its sides; `python -m bench.quality.refusals CORPUS`
    tick: float = 0.1  # of a line at an end of the box that is ink: less are tick marks, which stick out; unmeasured
    near: float = 0.01  # of the box, from a side, within which it is touched; unmeasured
    text: float = 0.08  # of the picture's sides, the most a letter has; unmeasured
    letters: int = 5  # things as small outside the box; unmeasured


LIMITS = Limits()


def in_space(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> str | None:
    """What to say of a whole picture (H, W[, 3]) with one large thing on paper that is no rectangle, else None."""
    if min(pixels.shape[:2]) < LIMITS.side:
        return None
    sides = (pixels[:1], pixels[-1:], pixels[:, :1].swapaxes(0, 1), pixels[:, -1:].swapaxes(0, 1))
    ring = np.concatenate([as_colours(side, palette)[0] for side in sides]).astype(np.int16)
    paper = np.median(ring, axis=0)
    if (np.abs(ring - paper).max(axis=1) <= LIMITS.ringing).mean() < LIMITS.ring:
        return None
    step = max(1, min(pixels.shape[:2]) // LIMITS.looked_at)
    ink = _unlike(pixels[::step, ::step], palette, paper)
    from scipy import ndimage

    label, count = ndimage.label(ink, np.ones((3, 3), int))
    if count <= LIMITS.letters:
        return None
    boxes = ndimage.find_objects(label)
    sizes = [(rows.stop - rows.start, columns.stop - columns.start) for rows, columns in boxes]
    largest = max(range(count), key=lambda k: sizes[k][0] * sizes[k][1])
    rows, columns = boxes[largest]
    high, wide = sizes[largest]
    if high * wide < LIMITS.large * ink.size or max(high, wide) > LIMITS.longer * min(high, wide):
        return None
    inside = ink[rows, columns]
    if inside.mean() < LIMITS.filled or _touched(inside) >= LIMITS.touched:
        return None
    outside = np.array([max(size) <= LIMITS.text * max(ink.shape) for size in sizes])
    for k, (down, across) in enumerate(boxes):
        apart = down.stop <= rows.start or down.start >= rows.stop
        outside[k] &= apart or across.stop <= columns.start or across.start >= columns.stop
    if outside.sum() < LIMITS.letters:
        return None
    left, top, right, bottom = (step * v for v in (columns.start, rows.start, columns.stop, rows.stop))
    return f"a drawing that is not rectangular (3-D surface, disc, pie chart), at {left},{top},{right},{bottom}"


def _unlike(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, paper: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which pixels (h, w[, 3]) are no paper, in any channel; a byte is compared in a tenth of a difference's time."""
    colours = pixels if palette is None and in_colour(pixels) else as_colours(pixels, palette)
    low, high = np.ceil(paper - LIMITS.paper).clip(0), np.floor(paper + LIMITS.paper).clip(max=255)
    ink = np.zeros(pixels.shape[:2], bool)
    for channel in range(colours.shape[2]):
        plane = colours[..., channel]
        ink |= plane < np.uint8(low[channel])
        ink |= plane > np.uint8(high[channel])
    return ink


def _touched(inside: NDArray[np.bool_]) -> float:
    """The greatest share of a side of the box that ink (h, w) touches, of the lines that hold ink."""
    shares = []
    full = [np.flatnonzero(inside.mean(axis=axis) >= LIMITS.tick) for axis in (1, 0)]
    if not all(map(len, full)):
        return 0.0
    inside = inside[full[0][0] : full[0][-1] + 1, full[1][0] : full[1][-1] + 1]
    for lines in (inside, inside.T):
        near = max(1, int(LIMITS.near * len(lines)))
        used = np.maximum(lines.any(axis=0).sum(), 1)
        shares += [lines[:near].any(axis=0).sum() / used, lines[-near:].any(axis=0).sum() / used]
    return float(max(shares))
