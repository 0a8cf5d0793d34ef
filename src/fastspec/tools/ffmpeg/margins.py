"""Where ffmpeg draws its plot with a legend (avf_showspectrum.c, `draw_legend`): pixels from the picture's borders."""

from __future__ import annotations

import math

from fastspec._typing import Box
from fastspec.detect import rates

ABOVE = 64  # and below
LEAST_SIDE, _MOST_SIDE = 90, 170  # left and right, for rates of 1 kHz to 1 MHz
_SMALLEST = 8  # pixels a side of a plot


def plot(width: int, height: int, side: int) -> Box:
    """The plot's area in a picture of this size, `side` columns from its left and right border."""
    return (side, ABOVE, width - side, height - ABOVE)


def has_room(width: int, height: int, side: int = LEAST_SIDE) -> bool:
    """Whether such margins leave a plot."""
    return height >= 2 * ABOVE + _SMALLEST and width >= 2 * side + _SMALLEST


def is_side(side: int) -> bool:
    """Whether a margin may be so wide."""
    return LEAST_SIDE <= side <= _MOST_SIDE


def rates_of(side: int) -> list[int]:
    """The usual rates with which the margin is so wide: it has room for the digits of frequencies."""
    return [rate for rate in rates.USUAL if side in (int((math.log10(rate) + 1) * 25), int(math.log10(rate) * 25))]
