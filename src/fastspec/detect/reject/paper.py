"""Drawings and figures on paper in which no plot was found: curves, diagrams, panels with arrows between them.

A spectrogram without margins reaches the edges of its picture. Where all of these are paper and the colours are those
of no map, what is drawn within is either none or stands beside other things.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration import guesses
from fastspec.calibration.calibration import Calibration
from fastspec.detect.array_cells import is_coloured
from fastspec.detect.colour_survey import as_colours


class Limits(NamedTuple):
    """What counts as paper: of 380 pictures of twelve public projects 16 such drawings, and no spectrogram."""

    white: int = 240  # of 255, in each channel of the paper at least; unmeasured
    ring: float = 0.999  # share of the outermost pixels that have its colour; unmeasured


LIMITS = Limits()


def drawn_on_paper(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, known: Calibration) -> str | None:
    """What to say of a picture (H, W[, 3]) whose plot was not found and whose edges are paper, else None.

    Not of gray ones, in which white may be silence, nor of colours that are those of a map.
    """
    cmap = known.facts.get("cmap")
    if known.source("plot_area") != "assumed" or cmap is None or cmap.source not in ("pixels", "assumed"):
        return None
    if cmap.source == "pixels" and cmap.confidence >= guesses.LIMITS.believed:
        return None
    sides = [pixels[:1], pixels[-1:], pixels[:, :1].swapaxes(0, 1), pixels[:, -1:].swapaxes(0, 1)]
    ring = np.concatenate([as_colours(side, palette)[0] for side in sides])
    paper = np.median(ring, axis=0)
    if paper.min() < LIMITS.white or (ring == paper).all(axis=1).mean() < LIMITS.ring:
        return None
    if not is_coloured(as_colours(pixels, palette)):
        return None
    return "a drawing or figure on paper in which no plot was found: cut out the spectrogram, or give --crop"
