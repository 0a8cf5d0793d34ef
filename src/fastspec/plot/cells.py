"""Cells -> picture and picture -> cells, along the rows and columns that `fastspec.axes` gives.

A cell shown by pixels takes their mean. A cell that no pixel shows is interpolated between its nearest shown
neighbours, in frequency and then in time, linearly in a root of amplitude (`Limits.hidden`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._cached import cached_property
from fastspec.colours import matching
from fastspec.colours.levels import LevelScale
from fastspec.errors import ParameterError, PictureError


class Limits(NamedTuple):
    """How hidden cells are interpolated, and how columns that show spans of time become frames.

    tools: `python -m bench.quality.tools CORPUS --unseen` prints these measures, of other pictures. unmeasured: no
    command repeats the value.
    """

    # Six sounds as twelve pictures of SoX, seven as twelve of ffmpeg, mean log-mel distance and held-out SC with 2:
    # 2.94 dB, -15.1 and 4.28, -6.45; 1: 2.74, -15.6 and 4.21, -6.58; 1/2: 2.64, -15.7 and 4.19, -6.59; decibels 2.59,
    # -15.5 and 4.20, -6.60.
    between: float = 0.5  # the power of amplitudes that is interpolated between columns; tools
    # Held-out SC in dB and STOI of clean arrays (n_fft 2048, 308 rows), decibels, 1/4, 1/2, 1, 2: speech -6.99/.886,
    # -7.07/.887, -6.93/.884, -6.34/.869, -5.56/.852 and -5.36/.845, -5.51/.855, -5.41/.854, -5.05/.842, -4.35/.820; a
    # minute of speech -3.07/.652, -3.26/.659, -3.45/.661, -3.79/.654, -4.10/.650; music -7.57, -7.43, -6.95, -5.82,
    # -4.24 and -3.75, -3.95, -3.95, -3.72, -3.27.
    hidden: float = 0.5  # the power of amplitudes that is interpolated over hidden cells; unmeasured
    block: int = 256  # frames at a time, so that no second whole spectrum is held; unmeasured


LIMITS = Limits()


@dataclass(frozen=True)
class CellGrid:
    """Which cell each pixel of a plot shows: `rows` (height,) of `n_cells`, `columns` (width,) of `n_frames`."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    n_cells: int
    n_frames: int

    @cached_property
    def across(self) -> PixelSpans:
        """The columns of each shown frame."""
        return pixel_spans("columns", self.columns, self.n_frames)

    @cached_property
    def down(self) -> PixelSpans:
        """The rows of each shown cell."""
        return pixel_spans("rows", self.rows, self.n_cells)


@dataclass(frozen=True)
class PixelSpans:
    """Pixels of each shown cell (or frame) along one side, and where every cell lies between the shown ones."""

    pixels: int
    first: NDArray[np.intp]  # first pixel of each shown cell, in ascending order of cells
    stop: NDArray[np.intp]
    shown: NDArray[np.bool_]  # (count,)
    low: NDArray[np.intp]  # (count,): number of the shown cell at or below
    part: NDArray[np.float32]  # (count,): share of the next shown cell

    @cached_property
    def whole(self) -> bool:
        """Whether every cell is shown."""
        return bool(self.shown.all())

    @cached_property
    def single(self) -> bool:
        """Whether every cell is shown by one pixel."""
        return self.whole and self.pixels == self.first.size


def draw(cells: NDArray[Any], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[Any]:
    """Picture of `cells` (n_frames, n_cells), any dtype: shape (len(rows), len(columns)), row 0 at the top."""
    cells = np.ascontiguousarray(cells)
    if cells.ndim != 2 or not cells.size:
        raise ParameterError(f"cells of shape {cells.shape} cannot be drawn; give (frames, cells), not empty")
    _check_range("rows", rows, cells.shape[1])
    _check_range("columns", columns, cells.shape[0])
    out = np.empty((len(rows), len(columns)), cells.dtype)
    _kernels().draw(cells, np.asarray(rows, np.intp), np.asarray(columns, np.intp), out)
    return out


def amplitudes(
    levels: NDArray[np.float32], scale: LevelScale, across: PixelSpans, down: PixelSpans
) -> NDArray[np.float32]:
    """Amplitudes (n_frames, n_cells) of all cells from levels 0 .. 1 of the shown ones, (shown frames, shown cells).

    NaN is a hole, filled from its neighbours. Raises PictureError where all are.
    """
    table = scale.fine_powers
    shown = np.empty_like(levels)
    holes = _kernels().look_up(levels, table, np.float32(table.size - 1), shown)
    if holes == shown.size:
        raise PictureError("No pixel of the picture is legible, so there is nothing to read")
    _fill(shown, holes)
    if across.whole and down.whole:
        return np.sqrt(shown, out=shown)
    every = _expand(np.power(shown, np.float32(LIMITS.hidden / 2), out=shown), across, down)
    return np.power(every, np.float32(1 / LIMITS.hidden), out=every)


def amplitudes_of(levels: NDArray[np.float32], scale: LevelScale) -> NDArray[np.float32]:
    """Amplitudes of levels (n,) as `amplitudes` gives them; NaN stays."""
    table = scale.fine_powers
    found = np.empty_like(levels)
    _kernels().look_up(levels[None], table, np.float32(table.size - 1), found[None])
    return np.sqrt(found, out=found)


def means_of_entries(
    pixels: NDArray[np.uint8], levels: NDArray[np.float32], across: PixelSpans, down: PixelSpans
) -> NDArray[np.float32] | None:
    """`means` of pixels (H, W) whose levels stand in a table (256,), NaN for none; None where a pixel has none.

    Raises ParameterError where the spans name other pixels.
    """
    if pixels.shape != (down.pixels, across.pixels):
        raise ParameterError(f"pixels of shape {pixels.shape} do not fit {down.pixels} rows, {across.pixels} columns")
    shown = np.empty((across.first.size, down.first.size), np.float32)
    ends = (down.first, down.stop, across.first, across.stop)
    misses = _kernels().means_of_entries(*matching.bytes_of(pixels), levels, *ends, shown)
    return None if misses else shown


def means(positions: NDArray[np.float32], across: PixelSpans, down: PixelSpans) -> NDArray[np.float32]:
    """Mean of each shown cell's legible pixels: (shown frames, shown cells), NaN where there is none.

    positions : (H, W), NaN where illegible. The mean is taken over levels, not powers: damage is then symmetric, and
    an undamaged cell keeps its level. Raises ParameterError where the spans name other pixels.
    """
    if positions.shape != (down.pixels, across.pixels):
        raise ParameterError(
            f"levels of shape {positions.shape} do not fit {down.pixels} rows, {across.pixels} columns"
        )
    shown = np.empty((across.first.size, down.first.size), np.float32)
    ends = (down.first, down.stop, across.first, across.stop)
    _kernels().means(np.ascontiguousarray(positions, np.float32), *ends, shown)
    return shown


def to_frames(columns: NDArray[np.float32], frames: NDArray[np.float64]) -> NDArray[np.float32]:
    """Amplitudes of STFT frames from those of columns that show spans of time.

    columns : (width, n_cells) amplitudes. frames : (n_frames,) where each frame lies in columns, 0 the middle of the
    first; evenly spaced. Frames as close as columns or closer are interpolated between these; farther ones take the
    mean power of the columns as far as half way to the next. Beyond the ends the last column holds.

    Returns (n_frames, n_cells) float32.
    """
    width = columns.shape[0]
    apart = max(1.0, float(frames[1] - frames[0]) if frames.size > 1 else 1.0)
    power = LIMITS.between if apart == 1.0 else 2.0
    total = np.zeros((width + 1, columns.shape[1]))
    np.cumsum(np.power(columns, power, dtype=np.float64), axis=0, out=total[1:])
    found = np.empty((frames.size, columns.shape[1]), np.float32)
    for start in range(0, frames.size, LIMITS.block):
        centre = np.clip(frames[start : start + LIMITS.block] + 0.5, 0.0, float(width))
        ends = [np.clip(centre - 0.5 * apart, 0.0, width), np.clip(centre + 0.5 * apart, 0.0, width)]
        sums = []
        for end in ends:
            low = np.minimum(end.astype(np.intp), width - 1)
            part = (end - low)[:, None]
            sums.append(total[low] * (1 - part) + total[low + 1] * part)
        mean = np.maximum(sums[1] - sums[0], 0.0) / (ends[1] - ends[0])[:, None]
        found[start : start + LIMITS.block] = np.power(mean, 1.0 / power, out=mean)
    return found


def _fill(shown: NDArray[np.float32], holes: int) -> None:
    """Fill the NaN cells in place."""
    while holes:
        holes = _kernels().fill_holes(shown, np.empty_like(shown), np.empty_like(shown))


def _expand(shown: NDArray[np.float32], across: PixelSpans, down: PixelSpans) -> NDArray[np.float32]:
    out = np.empty((across.low.size, down.low.size), np.float32)
    below, above = np.empty((2, down.low.size), np.float32)
    _kernels().expand(shown, across.low, across.part, down.low, down.part, below, above, out)
    return out


def _kernels() -> Any:
    """The compiled kernels, imported on first use: numba takes a third of a second."""
    from fastspec.kernels import cells as kernels_cells

    return kernels_cells


def pixel_spans(name: str, cells: NDArray[np.intp], count: int) -> PixelSpans:
    """Spans of equal entries of `cells` (monotone, in 0 .. count - 1)."""
    cells = np.asarray(cells, np.intp)
    _check_range(name, cells, count)
    steps = np.diff(cells)
    if np.any(steps > 0) and np.any(steps < 0):
        raise ParameterError(f"{name} must rise or fall steadily: each cell is one run of pixels")
    starts = np.concatenate([[0], np.flatnonzero(steps) + 1])
    stops = np.append(starts[1:], cells.size)
    if cells.size and cells[0] > cells[-1]:
        starts, stops = starts[::-1], stops[::-1]
    known = cells[starts]
    every = np.arange(count)
    low = np.clip(np.searchsorted(known, every, side="right") - 1, 0, known.size - 1)
    high = np.minimum(low + 1, known.size - 1)
    gap = np.maximum(known[high] - known[low], 1)
    part = np.where(high > low, np.clip((every - known[low]) / gap, 0.0, 1.0), 0.0)
    full = part == 1.0  # beyond the last shown cell: that cell itself, so that no kernel reads past it
    low, part = np.where(full, high, low), np.where(full, 0.0, part)
    shown = np.zeros(count, np.bool_)
    shown[known] = True
    return PixelSpans(
        cells.size,
        np.ascontiguousarray(starts, np.intp),
        np.ascontiguousarray(stops, np.intp),
        shown,
        low.astype(np.intp),
        part.astype(np.float32),
    )


def _check_range(name: str, cells: NDArray[np.intp], count: int) -> None:
    if len(cells) == 0:
        raise ParameterError(f"{name} is empty; a picture has at least one pixel each way")
    if np.min(cells) < 0 or np.max(cells) >= count:
        raise ParameterError(f"{name} name cells {np.min(cells)} .. {np.max(cells)}, but there are {count}")
