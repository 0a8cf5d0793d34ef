"""Smooth surfaces: gradients, waves drawn as art, contour plots. Even the smoothest spectrogram is rougher."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import ColourSurvey, as_colours


class Limits(NamedTuple):
    """What separates surfaces from spectrograms, on the survey's grid.

    `python -m bench.quality.refusals CORPUS` judges them by its kinds gradient, sine_art and contour_plot. Roughness is
    the mean second difference of levels as a share of the mean first one: of 170 spectrograms of speech and music, also
    blurred, enlarged and JPEG, the smoothest had 1.3, of tones and chirps .9; of 20 surfaces the roughest .6.
    """

    rough: float = 0.9  # roughness of a surface at most; measured by `python -m bench.quality.refusals CORPUS`
    side: int = 16  # points of the grid each way, at least; unmeasured
    spread: float = 0.08  # of levels, 0..1: fainter pictures show no surface; unmeasured
    floor: float = 0.6  # share of the commonest colour: with more it is silence with a sound; unmeasured
    # Contours: few colours, in large areas with winding borders.
    shift: int = 3  # bits of each channel that are left out in counting colours, for JPEG; unmeasured
    filled: float = 0.95  # of the picture, which that many colours fill; unmeasured
    colours: int = 32  # at most; unmeasured
    turns: int = 14  # of level along a row or column, nine of ten of which have fewer; unmeasured
    turn: float = 0.03  # of the levels: less is JPEG; unmeasured
    most: float = 0.9  # quantile of the turns of rows and columns; unmeasured
    lines: int = 64  # rows and columns in which borders are looked for; unmeasured
    border: int = 24  # difference (of 255) of pixels across a border; unmeasured
    borders: float = 0.08  # of the pixels that lie at borders; unmeasured
    rim: int = 3  # pixels at either end, where paper or a frame may be left; unmeasured
    straight: float = 0.25  # of a row or column that is border: with more it is a cell's; unmeasured


LIMITS = Limits()


def surface(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: ColourSurvey, level: NDArray[Any]
) -> str | None:
    """What to say of a smooth surface, pixels (H, W[, 3]) of which `level` (h, w), 0..1, was surveyed, else None."""
    if min(level.shape) < LIMITS.side or float(level.std()) < LIMITS.spread:
        return None
    if float(seen.counts.max()) > LIMITS.floor * float(seen.counts.sum()):
        return None
    first = sum(float(np.abs(np.diff(level, axis=axis)).sum()) for axis in (0, 1))
    second = sum(float(np.abs(np.diff(level, 2, axis=axis)).sum()) for axis in (0, 1))
    if second < LIMITS.rough * first:
        return "a smooth surface, such as a gradient or waves, without a spectrogram's texture"
    return (
        "a contour plot or another drawing of areas in few colours" if _contours(pixels, palette, level, seen) else None
    )


def _contours(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, level: NDArray[Any], seen: ColourSurvey) -> bool:
    """Whether a picture consists of areas of few colours with winding borders."""
    few = (seen.points >> LIMITS.shift).astype(np.int32) @ np.array([4096, 64, 1], np.int32)
    shares = np.sort(np.bincount(np.unique(few, return_inverse=True)[1], seen.counts))[::-1]
    if int(np.searchsorted(np.cumsum(shares), LIMITS.filled * shares.sum())) >= LIMITS.colours:
        return False
    if max(_turns(level), _turns(level.T)) > LIMITS.turns:
        return False
    for lines in (pixels, pixels.swapaxes(0, 1)):
        some = as_colours(lines[:: max(1, len(lines) // LIMITS.lines)], palette).astype(np.int16)
        apart = np.abs(some[:, 1:] - some[:, :-1])
        border = np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2]) > LIMITS.border
        within = border[:, LIMITS.rim : -LIMITS.rim] if border.shape[1] > 2 * LIMITS.rim else border
        if border.mean() > LIMITS.borders or within.mean(axis=0).max() > LIMITS.straight:
            return False
    return True


def _turns(level: NDArray[Any]) -> float:
    """How often levels along a row turn from rising to falling or back, which nine of ten rows fall short of."""
    step = np.diff(np.round(level / LIMITS.turn), axis=1)
    way = np.sign(step)
    # each place has the way of the last step before it that is one
    last = np.maximum.accumulate(np.where(way != 0, np.arange(way.shape[1]), 0), axis=1)
    way = np.take_along_axis(way, last, axis=1)
    return float(np.quantile((way[:, 1:] * way[:, :-1] < 0).sum(axis=1), LIMITS.most))
