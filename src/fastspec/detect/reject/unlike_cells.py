"""Cells unlike those beside them: weights, attention, cepstral coefficients, learned features.

An analysis of sound has windows that overlap, in time or in frequency: two neighbouring bins share .44 of the power of
noise under a Hann window, mel bands share their flanks, frames their samples. Numbers that have nothing to do with
those beside them are none. Cells are seen where they are larger than a pixel: lines of pixels come in runs then.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.cell_borders import Borders, borders_of
from fastspec.detect.colour_survey import as_colours
from fastspec.picture.words import taken


class Limits(NamedTuple):
    """What separates cells of no sound from those of one.

    "refusals" is `python -m bench.quality.refusals CORPUS`, by its kinds weights, attention, learned, alignments, mfcc
    and features, and by the true few_bands, of_noise, scipy_power and mel_of_few_bands. Correlation with the next
    cells, the greater of both ways, but for what rows and columns tell: of 27 true ones whose cells show .39 at least,
    of noise too; of 9 matrices .15 at most. Of neighbouring rows over time: true .21 at least,
    of nine of ten .69; cepstra .02 to .22 and .27 to .64.
    """

    least: int = 2  # pixels of a cell, each way; unmeasured
    first: int = 32  # places of a line that are looked at first, for speed alone; unmeasured
    even: float = 0.7  # share of cells that are as large as most, but for a pixel; unmeasured
    cells: int = 12  # each way, at least; unmeasured
    most: int = 1024  # lines that are compared, each way: above this every second, third ...; unmeasured
    # Correlation with the next cells, below which they are of no sound.
    alike: float = 0.25  # `python -m bench.quality.refusals CORPUS`
    spread: float = 4.0  # of 255, deviation of what rows and columns leave: less is silence; unmeasured
    covered: float = (
        0.7  # of the picture's side, that so many cells of the usual size fill: silence merges them; unmeasured
    )
    tall: int = 4  # pixels of a row of coefficients, at least; unmeasured
    rows: tuple[int, int] = (10, 64)  # of such rows; unmeasured
    # Median correlation of neighbouring rows, below which they are no bands.
    rows_alike: float = 0.15  # `python -m bench.quality.refusals CORPUS`
    any_alike: float = 0.5  # of nine of ten pairs, likewise; `python -m bench.quality.refusals CORPUS`


LIMITS = Limits()
_LUMA = (77, 150, 29)  # of 256


def unlike_cells(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: Callable[[], Borders] | None = None
) -> str | None:
    """What to say of pixels (H, W[, 3]) whose cells have nothing to do with those beside them, else None.

    seen : tells the borders of the pixels, if others ask for them, too.
    """
    height, width = pixels.shape[:2]
    if min(height, width) < LIMITS.least * LIMITS.cells:
        return None
    borders = seen() if seen else borders_of(pixels)
    down = _cells(pixels, palette, borders[0])
    if down is None:
        return None
    across = _cells(pixels.swapaxes(0, 1), palette, borders[1])
    (rows, tall), (columns, wide) = down, across or (np.arange(width), 1.0)
    cells = _luma(taken(pixels, rows, columns), palette) / 256.0
    if tall >= LIMITS.tall and LIMITS.rows[0] <= len(rows) <= LIMITS.rows[1] and _rows_differ(cells):
        return f"{len(rows)} rows, each unlike the next: coefficients or features rather than frequency bands"
    if across is None or min(tall, wide) < LIMITS.least or min(cells.shape) < LIMITS.cells:
        return None
    rest = cells - cells.mean(axis=0) - cells.mean(axis=1, keepdims=True) + cells.mean()
    if float(rest.std()) < LIMITS.spread:
        return None
    pairs = ((rest[1:], rest[:-1]), (rest[:, 1:], rest[:, :-1]))
    if any(_correlation(*pair) >= LIMITS.alike for pair in pairs):
        return None
    return f"a matrix of {len(rows)} x {len(columns)} cells, each unlike the next, unlike any sound"


def _cells(
    lines: NDArray[Any], palette: NDArray[np.uint8] | None, borders: NDArray[np.bool_]
) -> tuple[NDArray[np.intp], float] | None:
    """The middle line of each run of equal lines of pixels (n, m), and how long most are; None where they differ.

    borders : where a line's pixels differ from the next one's, (n - 1,).
    """
    last = _changes(lines, palette, np.flatnonzero(borders))
    if last is None:
        return None
    edges = np.concatenate([[0], last + 1, [len(lines)]])
    runs = np.diff(edges)
    usual = float(np.median(runs))
    if usual < LIMITS.least or len(runs) * usual < LIMITS.covered * len(lines):
        return None
    if (np.abs(runs - usual) <= 1).mean() < LIMITS.even:
        return None
    return (edges[:-1] + edges[1:]) // 2, usual


def _changes(lines: NDArray[Any], palette: NDArray[np.uint8] | None, last: NDArray[np.intp]) -> NDArray[np.intp] | None:
    """Of the lines `last` those whose levels differ from the next one's; None where most stand alone.

    Some places tell most of them.
    """
    lines = lines[:, :: max(1, lines.shape[1] // LIMITS.most)]
    some = _luma(lines[:, :: max(1, lines.shape[1] // LIMITS.first)], palette)
    told = (some[1:] != some[:-1]).any(axis=1)[last]
    alone = np.count_nonzero(np.diff(last[told]) == 1)
    if (LIMITS.least + 1) * alone > len(lines):  # the others are too few, however long they are
        return None
    rest = last[~told]
    told[~told] = (_luma(taken(lines, rest), palette) != _luma(taken(lines, rest + 1), palette)).any(axis=1)
    return np.asarray(last[told], np.intp)


def _luma(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.int32]:
    """256 times the levels of pixels (h, w[, 3])."""
    planes = np.moveaxis(as_colours(pixels, palette), 2, 0)
    return np.asarray(sum(plane * np.int32(weight) for plane, weight in zip(planes, _LUMA, strict=True)))


def _rows_differ(cells: NDArray[np.float64]) -> bool:
    """Whether rows, but the outermost, which a border may have cut, go their own ways over time."""
    inner = cells[1:-1]
    if float(inner.std(axis=1).max()) < LIMITS.spread:
        return False
    pairs = [_correlation(one, other) for one, other in zip(inner[1:], inner[:-1], strict=True)]
    middle, high = np.quantile(pairs, (0.5, 0.9))
    return bool(middle < LIMITS.rows_alike and high < LIMITS.any_alike)


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    a, b = a - a.mean(), b - b.mean()
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / spread) if spread > 0 else 1.0
