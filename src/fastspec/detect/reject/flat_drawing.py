"""Drawings in flat colours of no map: curves of several colours, diagrams, screenshots, scattered points.

Spectrograms have the colours of a map, or a texture of colours that damage has moved off it. Where most pixels are the
same as those beside them, nothing was damaged: colours off every map are inks then.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colormap import RecognisedColormap
from fastspec.detect.colour_survey import as_colours


class Limits(NamedTuple):
    """What such drawings are like.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds waveforms, editors and flat_drawings and by
    all true ones. Of 106 true ones in files without loss those that lie farther off than this have flat shares up to
    .36, those with more a distance up to 6.2; of 24 such drawings the most have 611 colours.
    """

    off: float = 7.0  # of 255, mean distance of colours from the nearest map; refusals
    flat: float = 0.5  # of the pixels, that are the same as those at their right and below; refusals
    colours: int = 1000  # at most: JPEG saved as PNG has more, unless nearly all is silence; refusals
    lines: int = 96  # bands of two rows that are looked at; unmeasured


LIMITS = Limits()


def flat_drawing(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, reading: RecognisedColormap) -> str | None:
    """What to say of a drawing in flat colours of no map, pixels (H, W[, 3]), else None."""
    if reading.distance < LIMITS.off or reading.colours > LIMITS.colours or min(pixels.shape[:2]) <= 1:
        return None
    first = np.unique(np.linspace(0, len(pixels) - 2, min(LIMITS.lines, len(pixels) - 1)).astype(np.intp))
    upper, lower = (as_colours(pixels[rows], palette) for rows in (first, first + 1))
    here = upper[:, :-1]
    same = ((here == upper[:, 1:]) & (here == lower[:, :-1])).all(axis=2)
    if float(same.mean()) < LIMITS.flat:
        return None
    return (
        "a drawing in flat colours of no colormap, such as curves, a diagram or a screenshot: cut out the spectrogram "
        "if there is one, or give --crop"
    )
