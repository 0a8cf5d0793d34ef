"""Pictures turned by a few degrees: their outline against the paper is a rectangle's that stands on a corner."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_LOOKED_AT = 300  # pixels a side
_PAPER, _SAME, _INK = 0.8, 24, 40  # share of the border that has one colour, and distances (of 255) from it
_FILLED = 0.2  # share of the pixels that are no paper
_FEWEST, _RISE = 32, 0.02  # lines with ink a side, and how far the outline reaches, of the side
_FITS, _ALIKE = 0.85, 0.08  # how well two lines must explain an outline; slopes of three sides that are one turn


def tilted(pixels: NDArray[Any]) -> bool:
    """Whether a picture (H, W, 3) or (H, W) uint8 lies askew on paper of one colour."""
    height, width = pixels.shape[:2]
    if min(height, width) < 2 * _FEWEST or pixels.dtype != np.uint8:
        return False
    step = max(1, max(height, width) // _LOOKED_AT)
    some = pixels[::step, ::step]
    some = some.reshape(*some.shape[:2], -1)[..., :3]
    ring = np.concatenate([some[0], some[-1], some[:, 0], some[:, -1]]).astype(np.int16)
    paper = np.median(ring, axis=0).astype(np.int16)
    if (np.abs(ring - paper).max(axis=1) <= _SAME).mean() < _PAPER:
        return False
    ink = np.abs(some - paper).max(axis=2) > _INK
    if ink.mean() < _FILLED:  # a curve
        return False
    # seen from each side, the outline of a rectangle has the same slope, but for its sign
    outlines = [_two_lines(side) for side in (ink, ink[::-1], ink.T, ink.T[::-1])]
    slopes = sorted(sign * slope for sign, (fit, slope) in zip((1, -1, -1, 1), outlines, strict=True) if fit > _FITS)
    three = [(low, high) for low, high in zip(slopes, slopes[2:], strict=False)]
    return any(high - low < _ALIKE and min(abs(low), abs(high)) > _RISE and low * high > 0 for low, high in three)


def _two_lines(ink: NDArray[np.bool_]) -> tuple[float, float]:
    """How much of the upper outline's variance two lines, one after the other, explain; the flatter one's slope."""
    places = np.flatnonzero(ink.any(axis=0)).astype(np.float64)
    if len(places) < _FEWEST:
        return 0.0, 0.0
    first = np.argmax(ink[:, places.astype(np.intp)], axis=0).astype(np.float64)
    low, high = np.quantile(first, [0.02, 0.98])
    if high - low < _RISE * ink.shape[1] or first.var() == 0:
        return 0.0, 0.0
    left = _residuals(places, first)
    right = _residuals(places[::-1], first[::-1])[::-1]
    cut = 3 + int(np.argmin(left[2:-3] + right[3:-2]))
    fit = 1.0 - float(left[cut - 1] + right[cut]) / (len(first) * float(first.var()))
    longer = slice(0, cut) if 2 * cut > len(first) else slice(cut, None)
    slope = float(np.polyfit(places[longer], first[longer], 1)[0])
    return fit, slope if abs(slope) <= 1 else -1 / slope


def _residuals(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of squares that a line leaves of the first 1, 2, 3 ... points."""
    n = np.arange(1, len(x) + 1)
    x, y = x - x.mean(), y - y.mean()
    sx, sy, sxx, sxy, syy = (np.cumsum(v) for v in (x, y, x * x, x * y, y * y))
    xx, xy, yy = sxx - sx * sx / n, sxy - sx * sy / n, syy - sy * sy / n
    return np.maximum(yy - np.where(xx > 1e-9, xy * xy / np.maximum(xx, 1e-9), 0.0), 0.0)
