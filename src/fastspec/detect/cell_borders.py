"""Axis, rate and FFT length from where rows differ from the next, frames from where columns do.

A drawn cell covers whole rows and columns of identical pixels, so in a lossless picture the borders between different
rows are the borders of cells; which axis draws just these borders is nearly always unique.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.colours.matching import bytes_of
from fastspec.detect import axis_candidates


class Limits(NamedTuple):
    """Which borders are legible, and when they are those of frames.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`, whose table sets confidences against the share that is
    right.
    """

    fewest_rows: float = 0.02  # of the rows that differ from the next: fewer are silence; unmeasured
    most_rows: float = 0.98  # likewise: more are noise or a photograph; unmeasured
    narrowest: int = 8  # pixels of a picture in which frames are counted; unmeasured
    fewest_columns: float = 0.01  # of the columns that differ from the next; unmeasured
    most_columns: float = 0.98  # likewise: more are one frame a column, or noise; unmeasured
    unseen: float = 1.25  # frames tried for each span of columns: others are like the one before; unmeasured
    score: float = 0.9  # Jaccard index of the borders drawn and seen; unmeasured
    dense: float = 0.5  # of the columns that differ, above which those that are alike are what tells; unmeasured
    kept: float = 0.9  # of the columns within frames that are alike; unmeasured
    nats: float = 20.0  # log odds against chance; unmeasured
    silent: int = 2  # columns alike that frames do not explain, for each that they do: more are silence; unmeasured
    sure: float = 0.99  # confidence where all is explained; facts
    sure_of_most: float = 0.9  # where not every border is; facts


LIMITS = Limits()
_SIEVE = 4  # parts of the borders that are looked at one after the other
Once = Callable[[Callable[[NDArray[Any]], Any]], Any]  # a function of an area's pixels, called once for all that ask
Borders = tuple[NDArray[np.bool_], NDArray[np.bool_]]  # of rows and of columns, as of `borders_of`


def read_runs(
    area: NDArray[Any], known: Calibration, *, edges_open: bool = False, seen: Borders | None = None
) -> Calibration:
    """freq_scale, freq_edges, sr, n_fft or n_mels, and n_frames, as far as the borders in `area` (H, W[, 3]) tell them.

    Of a figure's plot only n_frames: its rows begin between pixels (`fastspec.detect.figure.subpixel_box`). An axis is
    stated only when it explains every border and no other comes near. What the user gave limits the search only when
    the pixels alone do not decide, so that a wrong option is contradicted and not obeyed in silence.
    edges_open : see `axis_candidates.constraints`. seen : the area's borders, if they were found before.
    """
    borders, across = seen or borders_of(area)
    frames = _frames_of(across)
    facts = {} if frames is None else {"n_frames": Fact(*frames, "widths of column runs")}
    if known.source("plot_area") != "pixels":
        facts |= axis_in(borders, known, edges_open=edges_open)
    return Calibration(facts)


def axis_in(borders: NDArray[np.bool_], known: Calibration, *, edges_open: bool = False) -> dict[str, Fact]:
    """The facts of the frequency axis that `borders` between rows (H - 1,) tell, as of `read_runs`; or none."""
    if not legible(borders):
        return {}
    sure, own = axis_candidates.constraints(known, edges_open=edges_open)
    found, confidence = axis_candidates.axis_of(borders, own)
    if found is None and own != sure:
        found, confidence = axis_candidates.axis_of(borders, sure)
    return (
        {}
        if found is None
        else axis_candidates.facts_of(found.facts, confidence, "heights of row runs", sure.get("sr"))
    )


def legible(borders: NDArray[np.bool_]) -> bool:
    """Whether some neighbouring rows differ and some do not, so that an axis may be read."""
    return bool(borders.size and LIMITS.fewest_rows < borders.mean() < LIMITS.most_rows)


def is_dense(borders: NDArray[np.bool_]) -> bool:
    """Whether nearly all neighbouring rows differ, so that no cell is higher than one."""
    return bool(borders.size and borders.mean() >= LIMITS.most_rows)


def borders_of(area: NDArray[Any]) -> Borders:
    """True where a row differs from the next one, (H - 1,), and a column from the next, (W - 1,), anywhere.

    area : (H, W, 3) uint8 or (H, W) of one or two bytes a pixel.
    """
    from fastspec.kernels.cell_borders import borders

    height, width = area.shape[:2]
    used = 3 if area.shape[2:] else area.itemsize
    flat, row, pixel = bytes_of(area)
    down = np.zeros(max(height - 1, 0), np.uint8)
    across = np.zeros((max(width - 1, 0), pixel), np.uint8)
    mask = np.zeros((width, pixel), np.uint8)
    mask[:, :used] = 255
    if height and width:
        borders(flat, row, pixel, mask.reshape(-1)[: (width - 1) * pixel + used], down, across.reshape(-1))
    columns: NDArray[np.bool_] = np.asarray(across[:, :used].any(axis=1))
    return down != 0, columns


def _frame_at(
    columns: NDArray[np.intp], counts: NDArray[np.intp], ways: NDArray[np.intp], width: int
) -> NDArray[np.intp]:
    """Which of each number of frames lies under the middle of these of `width` columns: (counts, columns)."""
    middles = (2 * columns + 1)[None, :] * counts[:, None] - ways[:, None]
    return np.asarray(middles // (2 * width))


def _explaining(
    counts: NDArray[np.intp], ways: NDArray[np.intp], seen: NDArray[np.intp], width: int
) -> NDArray[np.intp]:
    """Which of the numbers of frames have borders at enough of those `seen` that their score may do: their places."""
    left, missed = np.arange(len(counts)), np.zeros(len(counts), np.intp)
    for first in range(_SIEVE):  # a part of the borders tells most numbers
        some = seen[first::_SIEVE]
        same = _frame_at(some, counts[left], ways[left], width) == _frame_at(some + 1, counts[left], ways[left], width)
        missed += np.count_nonzero(same, axis=1)
        kept = missed <= (1 - LIMITS.score) * len(seen) + 1
        left, missed = left[kept], missed[kept]
    return left


def _frames_of(borders: NDArray[np.bool_]) -> tuple[int, str, float] | None:
    """The number of frames, its source and how sure, from the borders between columns (W - 1,)."""
    width = len(borders) + 1
    share = float(borders.mean()) if width > 1 else 0.0
    if width < LIMITS.narrowest or not LIMITS.fewest_columns < share < LIMITS.most_columns:
        return None
    # Each drawn border lies at a multiple of width / n: only counts near the number of spans can explain them.
    spans = int(np.count_nonzero(borders)) + 1
    counts = np.arange(spans, min(width, int(spans * LIMITS.unseen) + 2))
    # a border on a pixel's middle goes either way; no middle is one where both are the same
    either = counts[counts % (2 * (width & -width)) == 0]
    counts, ways = np.concatenate([counts, either]), np.repeat((0, 1), (len(counts), len(either)))
    likely = _explaining(counts, ways, np.flatnonzero(borders), width)
    counts, ways = counts[likely], ways[likely]
    if not len(counts):
        return None
    drawn = np.diff(_frame_at(np.arange(width), counts, ways, width), axis=1) != 0
    union = np.count_nonzero(drawn | borders, axis=1)
    scores = np.count_nonzero(drawn & borders, axis=1) / union
    best = int(np.argmax(scores))
    score, within = float(scores[best]), ~drawn[best]
    if score < LIMITS.score:
        return None
    # Where nearly all columns differ, any dense comb scores high; then those alike must lie within its frames.
    alike = int(np.count_nonzero(within & ~borders))
    kept = alike / max(1, int(np.count_nonzero(within)))
    dense = share > LIMITS.dense
    rarer = alike if dense else int(np.count_nonzero(drawn[best] & borders))
    nats = -rarer * np.log(min(share, 1 - share))
    silent = width - 1 - int(np.count_nonzero(borders)) - alike  # columns alike that this count does not explain
    if kept < LIMITS.kept or nats < LIMITS.nats or (dense and silent > LIMITS.silent * alike):
        return None
    explained = not bool((borders & within).any())
    most = LIMITS.sure if kept == 1.0 and explained else LIMITS.sure_of_most
    return int(counts[best]), "pixels", min(most, score)
