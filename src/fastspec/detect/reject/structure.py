"""Pictures without the structure of sound: matrices of weights, angles, textures, measurements, similarity.

A spectrogram of speech or music has a spectrum and a course: what each row and each column tell makes up most of it.
Nor is it its own mirror image, as what compares each moment with each other is.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Limits(NamedTuple):
    """What separates them from spectrograms, on the survey's grid of levels, 0..1.

    `python -m bench.quality.refusals CORPUS` judges them by its kinds weights, angles, texture, measured, attention,
    styled_heat_map and self_similarity. Shares of variance that rows and columns explain together: of 939 pictures of
    speech and music, drawn in all styles and damaged, .37 at least where levels are not skewed, .42 at least of others
    that are no power; of weights .02 to .04, of angles .02 to .2, of textures .02. Noise in decibels has .04 to .3, but
    is skewed.
    """

    side: int = 24  # points of the grid each way, at least; unmeasured
    spread: float = 0.06  # deviation of the levels: less is power, nearly all of which is dark; unmeasured
    explained: float = 0.25  # share that rows and columns explain; `python -m bench.quality.refusals CORPUS`
    skew: float = 0.6  # skewness of levels, below which they are no noise in decibels; unmeasured
    kurtosis: float = 2.6  # likewise; unmeasured
    points: int = 96  # of a square that is compared with its mirror image; unmeasured
    rest: float = 0.02  # share of the variance that rows and columns leave, at least; unmeasured
    mirrored: float = 0.8  # correlation with it, but for rows' and columns' means: of 939 at most .73; unmeasured


LIMITS = Limits()


def unstructured(level: NDArray[Any]) -> str | None:
    """What to say of a picture whose surveyed `level` (h, w), 0..1, has no structure of sound, else None."""
    if min(level.shape) < LIMITS.side or float(level.std()) < LIMITS.spread:
        return None
    if _mirror_image(level):
        return "a symmetric matrix, such as of similarities or distances"
    rows, columns = level.mean(axis=1), level.mean(axis=0)
    power = float(level.var())
    explained = float(rows.var() + columns.var()) / power
    if explained > LIMITS.explained:
        return None
    said = (
        f"a texture, a matrix or measurements without a spectrum: rows and columns explain {explained:.0%} of its "
        "levels"
    )
    away = (level - level.mean()) / power**0.5
    even = abs(float((away**3).mean())) < LIMITS.skew or float((away**4).mean()) < LIMITS.kurtosis
    return said if even else None


def _mirror_image(level: NDArray[Any]) -> bool:
    """Whether levels are the same mirrored at one of their diagonals, drawn as high as wide."""
    height, width = level.shape
    many = min(height, width, LIMITS.points)
    down, across = (((np.arange(many) + 0.5) * side / many).astype(np.intp) for side in (height, width))
    square = level[down][:, across]
    rest = square - square.mean(axis=0) - square.mean(axis=1, keepdims=True) + square.mean()
    power = float((rest * rest).sum())
    least = LIMITS.mirrored * power
    return (
        power > LIMITS.rest * float(square.var()) * square.size
        and max(float((one * one.T).sum()) for one in (rest, rest[::-1])) > least
    )
