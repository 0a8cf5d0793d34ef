"""Phases in colour: every angle is as frequent as any other, and no two neighbours are alike."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colormap import RecognisedColormap
from fastspec.detect.colour_survey import ColourSurvey, pack


class Limits(NamedTuple):
    """What separates angles from levels.

    `python -m bench.quality.refusals CORPUS` judges them by its kind phase_in_hue.
    """

    parts: int = 8  # of the levels, that are counted; unmeasured
    share: tuple[float, float] = (0.07, 0.2)  # of the picture in each part: an eighth of angles; unmeasured
    unlike: float = 0.15  # mean difference of neighbours, on the circle: a quarter of angles by chance; unmeasured
    # Differences of angles (librosa 1.0's dphase) are as often above 0 as below, and mostly near 0, the middle of a map
    # whose ends meet.
    symmetric: float = (
        0.06  # by which shares above and below differ at most: .004 to .04, of levels .7 to .9; unmeasured
    )
    unlike_differences: float = 0.055  # mean difference of neighbours: .07 to .17, of levels .01 to .05; unmeasured
    least_of_differences: float = 0.005  # of the picture in each part: .01 to .04; unmeasured
    off: float = 0.5  # share of colours that are entries of the map: with fewer two things are shown; unmeasured
    vivid: float = 0.35  # saturation of a colour that has a hue; unmeasured
    bright: float = 0.2  # value, 0..1, of one; unmeasured
    least: float = 0.25  # of the picture that has hues; unmeasured
    hues: int = 12  # parts of the circle that are counted; unmeasured
    of_hues: float = 0.035  # of those colours in each part; unmeasured


LIMITS = Limits()
_CYCLIC = ("twilight", "twilight_shifted", "hsv")  # maps whose ends meet


def phase(seen: ColourSurvey, reading: RecognisedColormap, level: NDArray[Any]) -> str | None:
    """What to say of a picture of angles, whose `level` (h, w), 0..1 of the map that was read, else None."""
    if min(level.shape) < LIMITS.parts:
        return None
    if reading.exact < LIMITS.off:
        return "phases in colour: hue and brightness show two things" if _all_hues(seen) else None
    red, green, blue = seen.points.T
    if (red == green).all() and (green == blue).all():  # gray: noise looks the same
        return None
    shares = np.histogram(level, LIMITS.parts, (0.0, 1.0))[0] / level.size
    even = LIMITS.share[0] <= shares.min() and shares.max() <= LIMITS.share[1]
    cyclic = reading.name.removesuffix("_r") in _CYCLIC and shares.min() >= LIMITS.least_of_differences
    if not even and not cyclic:
        return None
    unlike = min(float(_round(np.diff(level, axis=axis)).mean()) for axis in (0, 1))
    if even and unlike > LIMITS.unlike:
        return "phases: all values are equally frequent"
    if cyclic and unlike > LIMITS.unlike_differences and _lopsided(level) < LIMITS.symmetric:
        return "phase differences: as often above zero as below"
    return None


def _lopsided(level: NDArray[Any]) -> float:
    """By how much the share of levels below x and of those above 1 - x differ, at most."""
    shares = np.histogram(level, 64, (0.0, 1.0))[0] / level.size
    return float(np.abs(np.cumsum(shares) - np.cumsum(shares[::-1])).max())


def _round(difference: NDArray[Any]) -> NDArray[Any]:
    """How far angles are apart, on the circle."""
    away = np.abs(difference)
    shorter: NDArray[Any] = np.minimum(away, 1 - away)
    return shorter


def _all_hues(seen: ColourSurvey) -> bool:
    """Whether vivid colours of all hues are about as frequent, and neighbours differ, unlike a photograph's."""
    points = seen.points.astype(np.float64) / 255
    planes = np.ascontiguousarray(points.T)
    value = np.maximum(np.maximum(planes[0], planes[1]), planes[2])
    chroma = value - np.minimum(np.minimum(planes[0], planes[1]), planes[2])
    vivid = (chroma > LIMITS.vivid * np.maximum(value, 1e-9)) & (value > LIMITS.bright)
    counts = seen.counts[vivid]
    if counts.sum() < LIMITS.least * seen.counts.sum():
        return False
    red, green, blue = points[vivid].T
    hue = np.arctan2(np.sqrt(3) * (green - blue), 2 * red - green - blue) / (2 * np.pi) % 1
    shares = np.bincount((hue * LIMITS.hues).astype(np.intp) % LIMITS.hues, counts, LIMITS.hues) / counts.sum()
    if shares.min() < LIMITS.of_hues:
        return False
    of_colour = np.zeros(len(points))
    of_colour[vivid] = hue
    where = np.searchsorted(seen.colours, pack(seen.grid)).reshape(seen.grid.shape[:2])
    both = vivid[where][:, 1:] & vivid[where][:, :-1]
    return float(_round(np.diff(of_colour[where], axis=1))[both].mean()) > LIMITS.unlike
