"""Drawings in flat colours of no map: curves of several colours, diagrams, screenshots, scattered points.

Spectrograms have the colours of a map, or a texture of colours that damage has moved off it. Where most pixels are the
same as those beside them, nothing was damaged: colours off every map are inks then.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colormap import RecognisedColormap, recognise
from fastspec.detect.colour_survey import ColourSurvey, as_colours


class Limits(NamedTuple):
    """What such drawings are like.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds waveforms, editors and flat_drawings and by
    all true ones. Of 106 true ones in files without loss those that lie farther off than this have flat shares up to
    .36, those with more a distance up to 6.2; of 24 such drawings the most have 611 colours.
    """

    off: float = 7.0  # of 255, mean distance of colours from the nearest map; refusals
    flat: float = 0.5  # of the pixels, that are the same as those at their right and below; refusals
    colours: int = 1000  # at most: JPEG saved as PNG has more, unless nearly all is silence; refusals
    paper: float = 0.5  # share of the commonest colour, from which the others are judged by themselves; unmeasured
    ink: int = 100  # points of the survey's grid in other colours, at least; unmeasured
    lines: int = 96  # bands of two rows that are looked at; unmeasured


LIMITS = Limits()


def flat_drawing(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: ColourSurvey, reading: RecognisedColormap
) -> str | None:
    """What to say of a drawing in flat colours of no map, pixels (H, W[, 3]) that were surveyed, else None."""
    if reading.colours > LIMITS.colours or min(pixels.shape[:2]) <= 1:
        return None
    mostly_paper = float(seen.counts.max()) > LIMITS.paper * float(seen.counts.sum())
    if reading.distance < LIMITS.off and not mostly_paper:
        return None
    if _flat(pixels, palette) < LIMITS.flat or (reading.distance < LIMITS.off and not _ink_off_maps(seen)):
        return None
    return (
        "a drawing in flat colours of no colormap, such as curves, a diagram or a screenshot: cut out the spectrogram "
        "if there is one, or give --crop"
    )


def _flat(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> float:
    """The share of the pixels (H, W[, 3]) that are the same as those at their right and below."""
    first = np.unique(np.linspace(0, len(pixels) - 2, min(LIMITS.lines, len(pixels) - 1)).astype(np.intp))
    upper, lower = (as_colours(pixels[rows], palette) for rows in (first, first + 1))
    here = upper[:, :-1]
    return float(((here == upper[:, 1:]) & (here == lower[:, :-1])).all(axis=2).mean())


def _ink_off_maps(seen: ColourSurvey) -> bool:
    """Whether the colours but the commonest lie off all maps."""
    paper = seen.points[np.argmax(seen.counts)]
    ink = seen.grid[(seen.grid != paper).any(axis=2)]
    if len(ink) < LIMITS.ink:
        return False
    reading = recognise(ColourSurvey.whole(ink[None]))
    return reading is not None and reading.distance >= LIMITS.off
