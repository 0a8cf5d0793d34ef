"""Plots of curves: a waveform fills each of its columns from its lowest to its highest value, amid paper."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.figure.rectangles import Colour, Rgb, beyond, distances


class Limits(NamedTuple):
    """What tells curves and bars on paper from a spectrogram some of whose levels have the paper's colour.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds above_a_waveform, waveforms and figure.
    """

    columns: int = 256  # that are looked at, for speed; unmeasured
    paper: int = 24  # difference (of 255) from the background up to which a pixel is paper; unmeasured
    light: int = 225  # of 255, in each channel: as light as paper beside a figure of another colour; unmeasured
    rim: float = 0.02  # of the height, at the top and at the bottom, where a curve does not reach; unmeasured
    free: float = 0.9  # of these rows that is paper; unmeasured
    least_paper: float = 0.1  # of the columns in which something is drawn; unmeasured
    solid: float = 0.85  # of the pixels from a column's first to its last that are no paper; unmeasured
    in_columns: float = 0.8  # of the columns with ink that are so solid; unmeasured
    bits: int = 4  # of each channel that are left out in counting colours; unmeasured
    far: int = 90  # difference of the commonest ink from the paper: levels near the floor are nearer; unmeasured
    few: int = 4  # colours, of 4096, that make up most of the ink; unmeasured
    in_few: float = 0.75  # of the ink in so few colours; unmeasured


LIMITS = Limits()


def curves(inside: Rgb, background: Colour) -> bool:
    """Whether the inside of a plot (H, W, 3) is curves, bars or a waveform on paper."""
    some = inside[:, :: max(1, inside.shape[1] // LIMITS.columns)]
    paper = _paper(some, background)
    ink = beyond(some, paper, LIMITS.paper)
    if not ink.any():
        return False
    rim = max(1, int(LIMITS.rim * len(ink)))
    used = ink.any(axis=0)  # a spectrogram may end before its plot does
    some, ink = some[:, used], ink[:, used]
    if ink[ink.any(axis=1)].mean() > 1 - LIMITS.least_paper:
        return False
    # bars stand on the lower rim
    if ink[:rim].mean() > 1 - LIMITS.free:
        return False
    inked = some[ink].astype(np.int16)
    if _few_colours(inked, paper):
        return True
    strong = float(np.median(distances(inked, paper))) > LIMITS.far
    return strong and bool(ink[-rim:].mean() < 1 - LIMITS.free) and _solid(ink)


def _few_colours(ink: NDArray[np.int16], paper: NDArray[np.int16]) -> bool:
    """Whether most of the ink (n, 3) has few colours, and the commonest is far from the paper's, as levels' is not."""
    red, green, blue = (ink[:, channel] >> LIMITS.bits for channel in range(3))
    part = 8 - LIMITS.bits
    counts = np.bincount(red << 2 * part | green << part | blue)
    few = np.argsort(-counts)[: LIMITS.few]
    most = np.array([few[0] >> 2 * part, few[0] >> part, few[0]]) % (1 << part)
    far = np.abs((most << LIMITS.bits) - paper).max() > LIMITS.far
    return bool(far and counts[few].sum() > LIMITS.in_few * len(ink))


def _paper(some: Rgb, background: Colour) -> NDArray[np.int16]:
    """The colour behind curves: that at the upper border where it is as light as paper, else the figure's."""
    above = np.median(some[: max(1, int(LIMITS.rim * len(some)))], axis=(0, 1)).astype(np.int16)
    return above if above.min() >= LIMITS.light else np.asarray(background, np.int16)


def _solid(ink: NDArray[np.bool_]) -> bool:
    """Whether most columns are filled from their first to their last pixel of ink."""
    first, last = np.argmax(ink, axis=0), len(ink) - np.argmax(ink[::-1], axis=0)
    full = ink.sum(axis=0) > LIMITS.solid * (last - first)
    return bool(full.mean() > LIMITS.in_columns)
