"""Tables in colours: few cells, all of one height and width, as heat maps, matrices and chromagrams have them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import as_colours


class Limits(NamedTuple):
    """What a cell is, and what tells a table from a spectrogram of few bands or few frames.

    `python -m bench.quality.refusals CORPUS` judges all of these together, by its kinds of heat maps and matrices and
    by the true spectrograms mel_of_few_bands and short.
    """

    lines: int = 64  # rows and columns in which borders are looked for; unmeasured
    strongest: int = 8  # steps whose median is what a border's is like; unmeasured
    step: float = 1.0  # of 255, mean over a line: less is no border; unmeasured
    flat: float = 0.25  # of a border's step: the median of all, within cells; unmeasured
    of_usual: float = 0.3  # of a border's step, from which a place has one; unmeasured
    there: float = 0.7  # of the borders that must show, as neighbours may be equal; unmeasured
    most_of_all: float = 0.8  # of all steps that are at borders; unmeasured
    some: float = 0.3  # the same where all borders show, the other steps being text within cells and JPEG; unmeasured
    nearly_all: float = 0.9  # of the borders that must show then; unmeasured
    denser: float = 2.0  # times as many steps are at borders then as there would be by chance; unmeasured
    differ: float = 0.1  # of a border's step, by which cells beside each other differ; unmeasured
    not_text: float = 0.4  # quantile of the steps along a row that is no text's; unmeasured
    better: float = 1.1  # times as many of them that make more cells likelier than fewer; unmeasured
    fewest: int = 3  # cells; unmeasured
    least: int = 5  # pixels of a cell; unmeasured
    most: int = 130  # cells that are looked for; unmeasured
    rows: int = 24  # fewer are no spectrum; unmeasured
    bands: int = 16  # fewer are no bands of mel; unmeasured
    together: float = 0.7  # median correlation of neighbouring rows over time that bands have; unmeasured
    pitches: int = 12  # rows of a chromagram; by its standard
    more_rows: int = 64  # fewer may be a matrix; unmeasured
    some_rows: int = 48  # fewer may be a table whose cells are each unlike the next; unmeasured
    alike: float = 0.97  # correlation of a matrix with itself turned over; unmeasured
    like_next: float = 0.12  # correlation of cells with the next ones, below which they are of no sound; unmeasured


LIMITS = Limits()


def table(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, *, bands: bool = False) -> str | None:
    """What to say of a table in colours, pixels (H, W[, 3]), else None.

    bands : whether labels say that `LIMITS.bands` rows and more are frequencies, and colours decibels.
    """
    rows = borders(pixels, palette)
    if rows is None or len(rows) > LIMITS.more_rows:
        return None
    if bands and len(rows) >= LIMITS.bands:
        return None
    columns = borders(pixels.swapaxes(0, 1), palette)
    if len(rows) < LIMITS.rows and not (
        columns is None and len(rows) >= LIMITS.bands and _bands(pixels[rows], palette)
    ):
        across = "" if columns is None else f" x {len(columns)}"
        kind = "a chromagram or a heat map" if len(rows) == LIMITS.pitches else "a heat map or another table"
        return f"{kind}: {len(rows)}{across} cells of one height"
    if columns is None:
        return None
    cells = as_colours(pixels[rows][:, columns], palette).astype(np.float64)
    if len(rows) == len(columns) and _symmetric(cells):
        return f"a symmetric matrix of {len(rows)} x {len(rows)} cells, such as of correlations"
    if len(rows) < LIMITS.some_rows and _like_next(cells) < LIMITS.like_next:
        return f"a heat map of {len(rows)} x {len(columns)} cells, each unlike the next"
    return None


def _bands(rows: NDArray[Any], palette: NDArray[np.uint8] | None) -> bool:
    """Whether rows (R, W[, 3]) rise and fall together with those beside them, as bands of mel do."""
    level = as_colours(rows, palette).astype(np.float64).mean(axis=2)[..., None]
    pairs = [_correlation(one[None], other[None]) for one, other in zip(level[1:], level[:-1], strict=True)]
    return float(np.median(pairs)) > LIMITS.together


def borders(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.intp] | None:
    """The middle row of each of the cells of one height that pixels (H, W[, 3]) consist of; None where they do not."""
    height, width = pixels.shape[:2]
    if height < LIMITS.fewest * LIMITS.least:
        return None
    places = (np.arange(min(width, LIMITS.lines)) + 0.5) * width / min(width, LIMITS.lines)
    some = as_colours(pixels[:, places.astype(np.intp)], palette)
    steps = _steps(some)
    kth = int(LIMITS.not_text * (steps.shape[1] - 1))
    # text within cells changes many rows, each in few places
    ways = (lambda: steps.mean(axis=1), lambda: np.partition(steps, kth, axis=1)[:, kth].astype(np.float64))
    for way in ways:
        step = way()
        count, usual = _count(step, height)
        middles: NDArray[np.intp] = ((np.arange(count) + 0.5) * height / max(count, 1)).astype(np.intp)
        # lines, such as harmonics, lie as evenly, but what is between them is alike
        if count and _steps(some[middles]).mean() > LIMITS.differ * usual:
            return middles
    return None


def _steps(colours: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """How much each row of colours (H, n, 3) differs from the next, in the channel that changes most: (H - 1, n)."""
    apart = np.maximum(colours[1:], colours[:-1]) - np.minimum(colours[1:], colours[:-1])
    return np.asarray(np.maximum(np.maximum(apart[..., 0], apart[..., 1]), apart[..., 2]))


def _count(step: NDArray[np.float64], height: int) -> tuple[int, float]:
    """How many cells of one height make up `height` rows, 0 for none, and what a border's step is like.

    step : how much each row differs from the next.
    """
    rising = np.sort(step)
    for strongest in (LIMITS.strongest, LIMITS.fewest - 1):  # of the fewest cells there are no more borders
        usual = _median(rising[-strongest:])
        if usual >= LIMITS.step and _median(rising) <= LIMITS.flat * usual:
            break
    else:
        return 0, usual
    # the strongest of three neighbours, as borders lie between pixels
    near = np.maximum(step, np.maximum(np.append(step[1:], 0), np.append(0, step[:-1])))
    sums, total, best, count = np.concatenate([[0.0], np.cumsum(step)]), float(step.sum()), 0.0, 0
    strong = near > LIMITS.of_usual * usual
    last, starts = _places(height)
    if not len(starts):
        return 0, usual
    many = np.diff(np.append(starts, len(last)))
    found = np.add.reduceat(strong[last].astype(np.intp), starts) / many
    for number in np.flatnonzero(found >= LIMITS.there):
        cells, there = int(many[number]) + 1, float(found[number])
        at = last[starts[number] : starts[number] + many[number]]
        share = float((sums[np.minimum(at + 2, len(step))] - sums[np.maximum(at - 1, 0)]).sum()) / total
        apart = there > LIMITS.nearly_all and share > max(LIMITS.some, LIMITS.denser * 3 * cells / height)
        if share > LIMITS.better * best and (apart or share > LIMITS.most_of_all):
            best, count = share, cells
    return count, usual


def _median(rising: NDArray[np.float64]) -> float:
    """The median of sorted numbers."""
    return float(rising[(len(rising) - 1) // 2] + rising[len(rising) // 2]) / 2


@lru_cache(maxsize=16)
def _places(height: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The last rows of all cells but the lowest, for each number of cells that may make up `height` rows, one after the
    other; and where those of each number start."""
    numbers = np.arange(LIMITS.fewest, min(LIMITS.most, height // LIMITS.least) + 1)
    starts = np.cumsum(numbers - 1) - (numbers - 1)
    cells = np.repeat(numbers, numbers - 1)
    which = np.arange(len(cells)) - np.repeat(starts, numbers - 1) + 1
    return np.round(which * height / cells).astype(np.intp) - 1, starts


def _symmetric(cells: NDArray[np.float64]) -> bool:
    """Whether cells (n, n, 3) are the same mirrored at one of their diagonals."""
    return any(_correlation(one, one.swapaxes(0, 1)) > LIMITS.alike for one in (cells, cells[::-1]))


def _like_next(cells: NDArray[np.float64]) -> float:
    """Correlation of cells (R, C, 3) with those beside or below them, the greater, but for what rows and columns tell.

    Sounds go on from frame to frame and from band to band; tables of counts do not.
    """
    rest = cells - cells.mean(axis=0) - cells.mean(axis=1, keepdims=True) + cells.mean(axis=(0, 1))
    return max(_correlation(rest[1:], rest[:-1]), _correlation(rest[:, 1:], rest[:, :-1]))


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    a, b = a - a.mean(axis=(0, 1)), b - b.mean(axis=(0, 1))
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / spread) if spread > 0 else 1.0
