"""Text and line drawings: two colours make up the picture, or hard edges in both directions."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colormap import RecognisedColormap
from fastspec.detect.colour_survey import ColourSurvey, as_colours, index_in


class Limits(NamedTuple):
    """What separates drawings from spectrograms. unmeasured: no command repeats the value."""

    both: float = 0.88  # share of the pixels in the two commonest colours: more is a drawing of two; unmeasured
    second: float = 0.04  # share of the second colour: less is a few strokes, or silence with a sound; unmeasured
    apart: float = 90.0  # of 255, in one channel: ink and paper; two levels of a map lie nearer; unmeasured
    paper: float = 0.4  # share of the commonest colour: less is no paper to draw on; unmeasured
    jump: float = 0.5  # of the level scale, from one pixel to the next: a hard edge; unmeasured
    edges: float = 0.02  # share of hard edges, down as well as across: more is a drawing; unmeasured
    edges_of_ink: float = 0.12  # the same as a share of the ink, for drawings of few strokes; unmeasured
    least_of_ink: float = 0.0005  # share of the picture: fewer such edges may be chance; unmeasured
    bands: int = 24  # places down and across that are looked at closely; unmeasured
    band: tuple[int, int] = (8, 16)  # rows and columns of neighbouring pixels at each; unmeasured


LIMITS = Limits()


def line_drawing(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: ColourSurvey, reading: RecognisedColormap
) -> str | None:
    """What to say of text or a line drawing, pixels (H, W[, 3]), else None."""
    order = np.argsort(-seen.counts)[:2]
    share = seen.counts[order] / seen.counts.sum()
    first, second = seen.points[order].astype(int)
    apart = float(np.abs(first - second).max())
    if share.sum() > LIMITS.both and share[1] > LIMITS.second and apart > LIMITS.apart:
        return "a drawing of two colours, such as a waveform or text"
    if share[0] < LIMITS.paper:
        return None
    index, top = index_in(_close_up(pixels, palette), reading.name)
    across, down = (float((np.abs(np.diff(index, axis=axis)) > LIMITS.jump * top).mean()) for axis in (1, 0))
    ink = 1.0 - float(share[0])
    edges = min(across, down)
    if edges > LIMITS.edges or edges > LIMITS.edges_of_ink * ink > LIMITS.least_of_ink:
        return "a picture of text or a line drawing"
    return None


def _close_up(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Neighbouring pixels in bands of rows: (rows, columns, 3), whole pictures if they are small."""
    rows, columns = (
        np.unique(np.linspace(0, max(length - band, 0), LIMITS.bands).astype(int)[:, None] + np.arange(band))
        for length, band in zip(pixels.shape[:2], LIMITS.band, strict=True)
    )
    height, width = pixels.shape[:2]
    return as_colours(pixels[rows[rows < height]][:, columns[columns < width]], palette)
