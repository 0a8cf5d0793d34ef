"""Colours as a tool's fingerprint: which of the tool's own maps has the colours of a picture as entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from fastspec._typing import Box
from fastspec.detect.colour_survey import ColourSurvey, atlas
from fastspec.picture.picture import Picture


class Limits(NamedTuple):
    """What is too little to name a map by. unmeasured: no command repeats the value."""

    least_side: int = 8  # pixels of an area; unmeasured
    fewest_colours: int = 24  # different ones; unmeasured
    fewest_pixels: int = 64  # of the survey that are coloured; unmeasured
    weighed: float = 0.5  # share of the colours, each weighed by the root of how often it occurs: less is a background
    # that happens to be an entry; unmeasured
    least_share: float = 0.02  # of the survey that is coloured; unmeasured


LIMITS = Limits()
_COLOURED = 3  # dimensions
_PAPER = (221, 216, 208)  # of SoX's light pictures: not gray, but no level


def is_colour(picture: Picture) -> bool:
    """Whether pixels are (H, W, 3), and no grays or entries of a palette."""
    return picture.pixels.ndim == _COLOURED


def look(picture: Picture, box: Box | None = None) -> ColourSurvey | None:
    """The colours within `box`, or all; None for 16-bit gray and tiny areas."""
    if picture.pixels.dtype != np.uint8:
        return None
    left, top, right, bottom = box = box or (0, 0, picture.width, picture.height)
    return None if min(right - left, bottom - top) < LIMITS.least_side else ColourSurvey.at(picture, box)


def few(seen: ColourSurvey) -> bool:
    """Whether there are too few colours to name a tool by."""
    return seen.different < LIMITS.fewest_colours


def best_map(seen: ColourSurvey, names: Sequence[str]) -> tuple[str, float]:
    """The map that holds most pixels, and their share; black, gray and paper do not count."""
    coloured = seen.without_grays(_PAPER)
    pixels = int(coloured.counts.sum())
    if pixels < LIMITS.least_share * int(seen.counts.sum()) or pixels < LIMITS.fewest_pixels or few(coloured):
        return names[0], 0.0
    shares = coloured.shares(names)
    name = max(shares, key=lambda n: (shares[n], n))
    weighed = float(coloured.entries(root=True)[0][atlas().tables[name, "round"]])
    return name, shares[name] if weighed > LIMITS.weighed else 0.0
