"""Windows of sound editors: a waveform in a lane of its own, above or below a spectrogram that touches it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import as_colours, in_colour


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
    lines = pixels[::step, ::step]
    left, right = _without_panels(lines, palette)
    lines = lines[:, left:right]
    if min(lines.shape[:2]) < LIMITS.side // 2:
        return None
    plain, paper = _plain_rows(lines, palette)
    for colour in np.unique(paper[plain], axis=0)[: LIMITS.colours]:
        for first, last in _lanes(plain & (np.abs(paper - colour).max(axis=1) <= LIMITS.same)):
            if _waveform(as_colours(lines[first:last], palette).astype(np.int16), colour):
                return (
                    f"a window of a sound editor, with a waveform at 0,{step * first},{width},{step * last}: cut the "
                    "spectrogram out, or give --crop"
                )
    return None


def _without_panels(lines: NDArray[Any], palette: NDArray[np.uint8] | None) -> tuple[int, int]:
    """Begin and end of the columns but those at either side that have one colour, beside which others stand."""
    columns = lines.swapaxes(0, 1)
    left = _panel(columns, palette)
    return left, max(left, len(columns) - _panel(columns[::-1], palette))


def _panel(lines: NDArray[Any], palette: NDArray[np.uint8] | None) -> int:
    """How many lines (n, m[, 3]) have one colour before the first that has not."""
    first, many = 0, 1
    while first < len(lines):  # mostly the first line has not
        share, _ = _of_one_colour(_planes(lines[first : first + many], palette))
        inner = np.flatnonzero(share < LIMITS.panel)
        if len(inner):
            return first + int(inner[0])
        first, many = first + many, 4 * many
    return len(lines)


def _plain_rows(
    lines: NDArray[Any], palette: NDArray[np.uint8] | None
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which rows (h, w[, 3]) have one colour, (h,), and the colours of those, (h, 3)."""
    height, width = lines.shape[:2]
    plain, paper = np.zeros(height, bool), np.zeros((height, 3))
    # Of a row in one colour so many pixels are others at most: in order, the middle ones of any that are five times as
    # many are of that colour. Most rows end here.
    others = int((1 - LIMITS.plain) * width) + 1
    some = _planes(lines[:, :: max(1, width // (5 * others))], palette)
    low, high = others, some.shape[2] - 1 - others
    maybe = np.arange(height)
    for plane in some if low < high else ():
        rising = np.partition(plane[maybe], (low, high), axis=1)
        maybe = maybe[rising[:, high] - rising[:, low] <= 2 * LIMITS.same]
    if len(maybe):
        share, paper[maybe] = _of_one_colour(_planes(lines[maybe], palette))
        plain[maybe] = share >= LIMITS.plain
    return plain, paper


def _planes(rows: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Pixels (h, w[, 3]) as one plane, if they are gray, or three: (1 or 3, h, w)."""
    if palette is None and not in_colour(rows):
        return np.ascontiguousarray(as_colours(rows, None)[None, ..., 0])
    return np.ascontiguousarray(np.moveaxis(as_colours(rows, palette), 2, 0))


def _of_one_colour(planes: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The share of each row of planes (1 or 3, h, w) that has the median colour, (h,), and that colour, (h, 1 or 3)."""
    width = planes.shape[2]
    middle = np.partition(planes, ((width - 1) // 2, width // 2), axis=2)
    colour = 0.5 * middle[..., (width - 1) // 2] + 0.5 * middle[..., width // 2]
    low, high = np.ceil(colour - LIMITS.same).clip(0), np.floor(colour + LIMITS.same).clip(max=255)
    near = planes >= low.astype(np.uint8)[..., None]
    near &= planes <= high.astype(np.uint8)[..., None]
    return np.asarray(near.all(axis=0).mean(axis=1)), np.asarray(colour.T)


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
