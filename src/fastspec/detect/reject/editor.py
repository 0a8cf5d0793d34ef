"""Windows of sound editors: a waveform in a lane of its own, above or below a spectrogram that touches it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import as_colours


class Limits(NamedTuple):
    """What a lane with a waveform is.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds editors and editor_window and by all true
    ones. A waveform goes up as far as it goes down, in one colour, from lane to lane; of 460 true spectrograms none has
    such rows.
    """

    looked_at: int = 400  # pixels of a side: of longer ones every second, third ... is seen; unmeasured
    side: int = 96  # pixels of a picture each way, at least; unmeasured
    panel: float = 0.9  # of a column at the side, in one colour; unmeasured
    colours: int = 6  # of plain rows, that may be a lane's; unmeasured
    plain: float = 0.97  # of a row at the upper and lower end of a lane, in one colour; unmeasured
    lane: tuple[float, float] = (0.08, 0.7)  # of the height, that a lane has; unmeasured
    same: int = 12  # difference (of 255) from a colour, for JPEG; unmeasured
    wide: float = 0.5  # of the columns that hold more than a line of the waveform; unmeasured
    ink: tuple[float, float] = (0.04, 0.6)  # of a lane that is waveform; unmeasured
    one_colour: float = 0.85  # of that ink; unmeasured
    solid: float = 0.9  # of each column from its first to its last ink; unmeasured
    middle: float = 0.12  # of the lane's height, by which a column's middle is off; unmeasured
    symmetric: float = 0.6  # of the columns that are that near; unmeasured
    uneven: float = 0.1  # deviation of the columns' heights, of their mean: less is a tone's line; unmeasured


LIMITS = Limits()


def editor(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> str | None:
    """What to say of a picture (H, W[, 3]) with a waveform in a lane of its own, else None."""
    height, width = pixels.shape[:2]
    if min(height, width) < LIMITS.side:
        return None
    step = max(1, min(height, width) // LIMITS.looked_at)
    some = as_colours(pixels[::step, ::step], palette).astype(np.int16)
    some = _without_panels(some)
    if min(some.shape[:2]) < LIMITS.side // 2:
        return None
    paper = np.median(some, axis=1)
    plain = (np.abs(some - paper[:, None]).max(axis=2) <= LIMITS.same).mean(axis=1) >= LIMITS.plain
    for colour in np.unique(paper[plain], axis=0)[: LIMITS.colours]:
        for first, last in _lanes(plain & (np.abs(paper - colour).max(axis=1) <= LIMITS.same)):
            if _waveform(some[first:last], colour):
                return (
                    f"a window of a sound editor, with a waveform at 0,{step * first},{width},{step * last}: cut the "
                    "spectrogram out, or give --crop"
                )
    return None


def _without_panels(some: NDArray[np.int16]) -> NDArray[np.int16]:
    """Colours (h, w, 3) without the columns at either side that have one colour, beside which others stand."""
    middle = np.median(some, axis=0)
    plain = (np.abs(some - middle).max(axis=2) <= LIMITS.same).mean(axis=0) >= LIMITS.panel
    inner = np.flatnonzero(~plain)
    return some[:, inner[0] : inner[-1] + 1] if len(inner) else some[:, :0]


def _lanes(plain: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of the stretches of a lane's height between plain rows."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (~plain).astype(np.int8), [0]])))
    lanes = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    least, most = (share * len(plain) for share in LIMITS.lane)
    return [(a, b) for a, b in lanes if a > 0 and b < len(plain) and least <= b - a <= most]


def _waveform(lane: NDArray[np.int16], paper: NDArray[Any]) -> bool:
    """Whether a lane (h, w, 3) on paper holds a waveform."""
    ink = np.abs(lane - paper).max(axis=2) > 2 * LIMITS.same
    used = ink.sum(axis=0) > 1
    if used.mean() < LIMITS.wide or not LIMITS.ink[0] <= ink.mean() <= LIMITS.ink[1]:
        return False
    colours = lane[ink]
    if (np.abs(colours - np.median(colours, axis=0)).max(axis=1) <= 2 * LIMITS.same).mean() < LIMITS.one_colour:
        return False
    first, last = np.argmax(ink, axis=0)[used], len(ink) - np.argmax(ink[::-1], axis=0)[used]
    heights = last - first
    solid = ink.sum(axis=0)[used] >= LIMITS.solid * heights
    centre = 0.5 * (first + last)
    near = np.abs(centre - np.median(centre)) <= max(1.0, LIMITS.middle * len(ink))
    even = float(heights.std()) < LIMITS.uneven * float(heights.mean())
    return bool(solid.mean() >= LIMITS.symmetric and near.mean() >= LIMITS.symmetric and not even)
