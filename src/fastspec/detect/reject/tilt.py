"""Pictures turned by a few degrees: their outline against the paper is a rectangle's that stands on a corner."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Limits(NamedTuple):
    """What separates a picture that lies askew from upright ones and from curves on paper.

    unmeasured: no command repeats the value.
    """

    looked_at: int = 300  # pixels of the longer side, about: of larger pictures every second, third ...; unmeasured
    paper: float = 0.8  # share of the border in one colour: with less the picture lies on no paper; unmeasured
    same: int = 24  # of 255, in any channel: as far paper may be from its median; unmeasured
    ink: int = 40  # of 255, in any channel: what is farther from the paper is ink; unmeasured
    filled: float = 0.2  # share of ink: less is a curve; unmeasured
    fewest: int = 32  # lines with ink that a side must have; unmeasured
    ends: tuple[float, float] = (0.02, 0.98)  # quantiles between which an outline reaches; unmeasured
    rise: float = 0.02  # of the side: an outline that reaches less far, or a lesser slope, is upright; unmeasured
    fits: float = 0.85  # share of an outline's variance that two lines must explain; unmeasured
    alike: float = 0.08  # difference of the slopes of three sides that are of one turn; unmeasured
    no_spread: float = 1e-9  # pixels squared: points on one place have no line; unmeasured


LIMITS = Limits()


def tilted(pixels: NDArray[Any]) -> bool:
    """Whether a picture (H, W, 3) or (H, W) uint8 lies askew on paper of one colour."""
    height, width = pixels.shape[:2]
    if min(height, width) < 2 * LIMITS.fewest or pixels.dtype != np.uint8:
        return False
    step = max(1, max(height, width) // LIMITS.looked_at)
    some = pixels[::step, ::step]
    some = some.reshape(*some.shape[:2], -1)[..., :3]
    ring = np.concatenate([some[0], some[-1], some[:, 0], some[:, -1]]).astype(np.int16)
    paper = np.median(ring, axis=0).astype(np.int16)
    if (_off(ring, paper) <= LIMITS.same).mean() < LIMITS.paper:
        return False
    ink = _off(some, paper) > LIMITS.ink
    if ink.mean() < LIMITS.filled:  # a curve
        return False
    # seen from each side, the outline of a rectangle has the same slope, but for its sign
    slopes: list[float] = []
    for number, (sign, side) in enumerate(((1, ink), (1, ink.T[::-1]), (-1, ink[::-1]), (-1, ink.T))):
        fit, slope = _two_lines(side)
        slopes += [sign * slope] if fit > LIMITS.fits else []
        if len(slopes) < number:  # the two others are no three sides
            return False
    slopes.sort()
    return any(_one_turn(low, high) for low, high in zip(slopes, slopes[2:], strict=False))


def _off(colours: NDArray[Any], paper: NDArray[np.int16]) -> NDArray[np.int16]:
    """How far colours (..., channels) are from the paper's (channels,), in the channel that is farthest."""
    far: NDArray[np.int16] = np.abs(colours[..., 0] - paper[0])
    for channel in range(1, len(paper)):
        far = np.maximum(far, np.abs(colours[..., channel] - paper[channel]))
    return far


def _one_turn(low: float, high: float) -> bool:
    """Whether the lowest and highest slope of three sides are of one turn of the picture."""
    return high - low < LIMITS.alike and min(abs(low), abs(high)) > LIMITS.rise and low * high > 0


def _two_lines(ink: NDArray[np.bool_]) -> tuple[float, float]:
    """How much of the upper outline's variance two lines, one after the other, explain; the flatter one's slope."""
    places = np.flatnonzero(ink.any(axis=0)).astype(np.float64)
    if len(places) < LIMITS.fewest:
        return 0.0, 0.0
    first = np.argmax(ink[:, places.astype(np.intp)], axis=0).astype(np.float64)
    low, high = np.quantile(first, LIMITS.ends)
    if high - low < LIMITS.rise * ink.shape[1] or first.var() == 0:
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
    explained = np.where(xx > LIMITS.no_spread, xy * xy / np.maximum(xx, LIMITS.no_spread), 0.0)
    return np.maximum(yy - explained, 0.0)
