"""Where SoX draws its plot, lines and labels (spectrogram.c): pixels from the figure's borders."""

from __future__ import annotations

from fastspec._typing import Box

LEFT, RIGHT, BELOW = 58, 86, 48
ABOVE, ABOVE_WITH_TITLE = 30, 50
_SMALLEST_PLOT = 16  # pixels a side
_SMALLEST_LABELLED = 64


def plot(width: int, height: int, above: int = ABOVE) -> Box:
    """The plot's area in a figure of this size."""
    return (LEFT, above, width - RIGHT, height - BELOW)


def has_room(width: int, height: int, *, labelled: bool = False) -> bool:
    """Whether margins leave a plot, or one with labels that can be told from it."""
    least = _SMALLEST_LABELLED if labelled else _SMALLEST_PLOT
    return width >= LEFT + RIGHT + least and height >= BELOW + ABOVE + least
