"""matplotlib's imshow backwards: the cells of `plt.specgram` from the pixels that it blended of them.

imshow gives a pixel the mean of cells round its centre, weighted by a Hann window one cell wide on each side, wider by
cells a pixel where it shrinks (Agg's span_image_resample with matplotlib's filter for `interpolation="auto"`); only
where it magnifies both ways more than threefold, or by exactly 1 or 2, a pixel takes the one cell under its centre.
This, applied to colours, predicts 98 to 99 % of the bytes of plt.specgram's pictures (matplotlib 3.11) and the others
to within 1. pcolormesh with shading="gouraud" puts cells on the corners of its mesh, from border to border of the plot,
and draws colours in between (`VERTICES`). The inverse of either is a least squares fit, small banded systems along the
rows and along the columns. matplotlib blends colours since 3.10 and the data before; colours do for both: which is
undone, colours or levels, changed cells of speech drawn by 3.11 by .04 dB (1.59 against 1.53 dB rms from the truth
where rows shrink by 1.3, .33 against .17 where nothing shrinks). Of speech so drawn, STOI rose from .969 and .958 to
.985 and .976 (NFFT 1024 on 800 x 400 pixels).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Offsets
from fastspec.calibration.complete import Complete


class Limits(NamedTuple):
    """How smooth the cells are that blending has mixed, and what it has left of them.

    tools: `python -m bench.quality.tools CORPUS --only 'specgram_*' --unseen` prints this measure, of other pictures.
    unmeasured: no command repeats the value.
    """

    # Weight of the cells' second differences. What shrinking lost must be settled by it: over eight pictures of speech
    # with 1.3 to 2.6 bins a row, STOI is .960, .961, .950 with 1e-3, 1e-2, 1e-1 (first differences .959, .960, .950;
    # third no better). Where nothing is lost, levels come back to within .18 dB with 1e-3, .52 with 1e-2.
    shrunk: float = 1e-2  # where there are more cells than pixels; tools
    whole: float = 1e-4  # where there are no more; unmeasured
    little: float = 1e-6  # in a fit that is only judged: it keeps the system regular; unmeasured
    most: int = 8  # cells a pixel; beyond, their mean is all that is left; unmeasured


LIMITS = Limits()
BELLS, NEAREST, VERTICES = "bells", "nearest", "vertices"  # how cells become pixels
MAGNIFIED = 3  # pixels a cell, both ways, beyond which imshow shows the nearest one (matplotlib's "auto")


def cells_of(pixels: NDArray[Any], facts: Complete, kind: str = BELLS, *, entries: bool = False) -> NDArray[Any]:
    """The same of a plot's `pixels` by its facts."""
    rows = facts.n_mels if facts.freq_scale == "mel" else facts.n_bins
    shown = facts.n_fft, facts.shown_n_fft, facts.drawn_frames
    return cells(pixels, *shown, kind, rows=rows, entries=entries, beyond=_beyond(facts, *pixels.shape[:2]))


def _beyond(facts: Complete, height: int, width: int) -> Offsets:
    area = facts.plot_area
    whole = area is not None and (area[3] - area[1], area[2] - area[0]) == (height, width)
    return facts.plot_offsets if whole and facts.plot_offsets is not None else (0.0, 0.0, 0.0, 0.0)


def blends_of(
    pixels: tuple[int, int], cells: tuple[int, int], facts: Complete, kind: str
) -> tuple[tuple[NDArray[np.int32], NDArray[np.float32]], tuple[NDArray[np.int32], NDArray[np.float32]]]:
    """How a plot of (H, W) `pixels` was blended of (rows, frames) `cells`: `blend` down and across."""
    beyond = _beyond(facts, *pixels)
    if kind == BELLS and all(many > MAGNIFIED * few for many, few in zip(pixels, cells, strict=True)):
        kind = NEAREST
    ends = (beyond[1], beyond[3]), (beyond[0], beyond[2])
    down, across = (blend(few, many, kind, some) for many, few, some in zip(pixels, cells, ends, strict=True))
    return down, across


def cells(  # noqa: PLR0913 - what cells were, and where
    pixels: NDArray[Any],
    n_fft: int,
    shown_n_fft: int | None,
    frames: int | None,
    kind: str = BELLS,
    *,
    rows: int | None = None,
    entries: bool = False,
    beyond: Offsets = (0.0, 0.0, 0.0, 0.0),
) -> NDArray[Any]:
    """The picture, one pixel a cell, that was blended into `pixels` (H, W[, 3]) uint8 of a plot in the way of `kind`.

    Rows are the bins of `n_fft`, between those of `shown_n_fft` where the picture was drawn with a shorter one, or as
    many `rows` as are no bins; columns are its `frames`, where they are known and the window was not lengthened, else
    W. `entries` of a palette, other kinds of pixels, and all without `shown_n_fft`, are returned as they are.
    beyond : pixels that the cells reach past the plot's at the left, top, right and bottom.
    """
    if shown_n_fft is None or pixels.dtype != np.uint8 or entries:
        return pixels
    height, width = pixels.shape[:2]
    planes = pixels.shape[2:]
    bins = rows or 1 + shown_n_fft // 2
    if bins > LIMITS.most * height:
        return pixels
    if kind == BELLS and frames is not None and width > MAGNIFIED * frames and height > MAGNIFIED * bins:
        kind = NEAREST
    lines = pixels.reshape(height, -1).astype(np.float32)
    lines += 0.5  # the middle of what truncation left
    lines = invert(lines, bins, kind=kind, beyond=(beyond[1], beyond[3]))
    longer = rows is None and n_fft != shown_n_fft
    if longer:
        at = np.linspace(0, bins - 1, 1 + n_fft // 2)
        low = np.minimum(at.astype(np.intp), bins - 2)
        part = (at - low).astype(np.float32)[:, None]
        lines = lines[low] * (1 - part) + lines[low + 1] * part
    table: NDArray[np.float32] = lines.reshape(-1, width, *planes)
    if not longer and frames is not None and frames <= LIMITS.most * width:
        lines = np.ascontiguousarray(table.swapaxes(0, 1)).reshape(width, -1)
        table = (
            invert(lines, frames, kind=kind, beyond=(beyond[0], beyond[2]))
            .reshape(frames, bins, *planes)
            .swapaxes(0, 1)
        )
    return np.ascontiguousarray(np.clip(table, 0, 255)).astype(np.uint8)


def invert(
    lines: NDArray[np.float32],
    count: int,
    smooth: float | None = None,
    *,
    kind: str = BELLS,
    beyond: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.float32]:
    """`count` cells (count, n) that are blended into `lines` (pixels, n) along the first axis; as `blend`."""
    from fastspec.kernels import imshow

    index, weight = blend(count, lines.shape[0], kind, beyond)
    if smooth is None:
        smooth = LIMITS.shrunk if count > lines.shape[0] else LIMITS.whole
    out = np.empty((count, lines.shape[1]), np.float32)
    band = np.zeros((count, 1 + max(2, int((index.max(axis=1) - index.min(axis=1)).max()))))
    imshow.invert(lines, index, weight, smooth, out, band)
    return out


def misfit(lines: NDArray[np.float32], count: int, *, nearest: bool = False) -> float:
    """Mean square that no `count` cells, fewer than pixels, explain of `lines` (pixels, n), over the freedom left."""
    from fastspec.kernels import imshow

    pixels, many = lines.shape
    if nearest:
        index, _ = blend(count, pixels, NEAREST)
        left = float(np.mean(np.square(lines - invert(lines, count, LIMITS.little, kind=NEAREST)[index[:, 0]])))
    else:
        scratch = np.empty((count, many)), np.empty(count), np.empty(count)
        left = float(imshow.unexplained(lines, count, LIMITS.little, *scratch))
    share: float = 1.0 - count / pixels
    return left / share


@lru_cache(maxsize=16)
def blend(
    count: int, pixels: int, kind: str = BELLS, beyond: tuple[float, float] = (0.0, 0.0)
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Which cells each of `pixels` pixels is blended of, and their shares: (pixels, taps) each; read-only.

    Cells beyond the ends are those before them, mirrored. `NEAREST`: the one under the pixel's centre; `VERTICES`: the
    two that it lies between, the first and the last on the plot's borders. beyond : pixels that the cells reach past
    the first and the last pixel.
    """
    places, size = np.arange(pixels) + (0.5 + beyond[0]), pixels + beyond[0] + beyond[1]
    if kind == VERTICES and count > 1:
        at = np.clip(places * ((count - 1) / size), 0, count - 1)
        low = np.minimum(at.astype(np.int32), count - 2)
        part = (at - low).astype(np.float32)
        return np.stack([low, low + 1], axis=1).astype(np.int32), np.stack([1 - part, part], axis=1)
    nearest = kind == NEAREST
    centre = places * (count / size)
    reach = 0.5 if nearest else max(1.0, count / size)
    first = np.floor(centre if nearest else centre - reach + 0.5).astype(np.intp)
    every = first[:, None] + np.arange(1 if nearest else int(np.ceil(2 * reach)) + 1)
    away = (every + 0.5 - centre[:, None]) / reach
    weight = np.where(np.abs(away) < 1, 0.5 + 0.5 * np.cos(np.pi * away), 0.0)
    if nearest:
        weight[:] = 1.0
    weight /= weight.sum(axis=1, keepdims=True)
    index = np.where(every < 0, -1 - every, every)
    index = np.clip(np.where(index >= count, 2 * count - 1 - index, index), 0, count - 1).astype(np.int32)
    return index, weight.astype(np.float32)
