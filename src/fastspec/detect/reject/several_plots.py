"""Several plots in one picture: boxes full of colours, apart on paper of one colour."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import pack


class Limits(NamedTuple):
    """What counts as a plot of its own. unmeasured: no command repeats the value."""

    least_side: int = 64  # pixels: smaller pictures hold one plot; unmeasured
    looked_at: int = 400  # pixels of the shorter side: of longer ones every second, third ... is seen; unmeasured
    paper_in_border: float = 0.9  # share of the border in one colour: less is no paper; unmeasured
    paper_in_row: float = 0.98  # share of a row: with more it is between plots; unmeasured
    paper_in_column: float = 0.9  # share of a column beside plots: with more it is between them; unmeasured
    grid: int = 4  # pixels between plots: fewer are a grid's line; unmeasured
    gap: int = 2  # pixels: narrower stretches are lines; unmeasured
    full: float = 0.7  # share of a box that is no paper: less is text or a curve; unmeasured
    colours: int = 24  # in a box: fewer are no spectrogram; unmeasured
    area: float = 0.06  # of the picture: smaller boxes are legends and logos; unmeasured
    side: float = 0.12  # of the picture's shorter side: narrower boxes are colour bars; unmeasured
    alike: float = 0.4  # of the largest box's area: smaller ones are no plots of like size; unmeasured


LIMITS = Limits()


def count_plots(pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None) -> int:
    """How many plots of like size stand apart on one background in the whole picture; 1 where that does not show."""
    if min(pixels.shape[:2]) < LIMITS.least_side:
        return 1
    step = max(1, min(pixels.shape[:2]) // LIMITS.looked_at)
    small = pixels[::step, ::step]
    border = _keys(np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])[None])
    colours, counts = np.unique(border, return_counts=True)
    if counts.max() < LIMITS.paper_in_border * border.size:
        return 1
    key = _keys(small)  # only now: most pictures have no paper, and this is a look at every pixel
    boxes = _boxes(key, key == colours[np.argmax(counts)])
    narrow = LIMITS.side * min(key.shape)
    large = [h * w for h, w in boxes if h * w > LIMITS.area * key.size and min(h, w) > narrow]
    return sum(1 for area in large if area > LIMITS.alike * max(large)) if large else 1


def _boxes(key: NDArray[np.int32], paper: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Height and width of the boxes full of colours between rows and columns of paper, (H, W) both."""
    boxes: list[tuple[int, int]] = []
    for top, bottom in _stretches(paper.mean(axis=1) < LIMITS.paper_in_row):
        for left, right in _stretches(paper[top:bottom].mean(axis=0) < LIMITS.paper_in_column):
            part = key[top:bottom, left:right]
            full = float((~paper[top:bottom, left:right]).mean())
            if full > LIMITS.full and len(np.unique(part)) > LIMITS.colours:
                boxes.append(part.shape)
    return boxes


def _stretches(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of the runs of True that are longer than a line; lines of a grid part none."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    runs: list[tuple[int, int]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if runs and first - runs[-1][1] <= LIMITS.grid:
            runs[-1] = runs[-1][0], last
        else:
            runs.append((first, last))
    return [run for run in runs if run[1] - run[0] > LIMITS.gap]


def _keys(pixels: NDArray[Any]) -> NDArray[np.int32]:
    """One number a colour or palette entry, (H, W)."""
    return pack(pixels).reshape(pixels.shape[:2]) if pixels.shape[2:] else pixels.astype(np.int32)
