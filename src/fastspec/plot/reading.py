"""Pixels of a plot -> levels of the cells they show, as sure as the pixels are.

Three ways, by what the colours are. All entries of the map: a look-up a pixel, in one pass. A few others: paint on a
clean picture, which is passed over pixel by pixel. Most others: damage; then the colours of a cell's pixels are
averaged before the map is searched once, which is as good as averaging levels (log-mel and held-out SC of the damaged
pictures of the corpus differ by less than .02 dB) and takes a fifth of the time; cells whose mean lies far off the map
are read pixel by pixel. How much a level is uncertain is measured where one cell has two pixels, and decides how far a
level is drawn towards its surroundings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._cached import cached_property
from fastspec.colours import matching
from fastspec.colours.colormap import Colormap
from fastspec.colours.levels import LevelScale
from fastspec.plot import cells, damage, stored, subsampled
from fastspec.plot.cells import CellGrid, PixelSpans


class Limits(NamedTuple):
    """How damage is measured and when it is heeded. unmeasured: no command repeats the value."""

    pairs: int = 6  # of rows, in which damage is looked at; unmeasured
    close: float = 1 / 3  # of paint's distance: a cell a third of which is paint is about that far off; unmeasured
    # Mean log-mel and held-out SC of the minute of speech, most of whose cells have one pixel, over JPEG q50 and noise
    # of 10 and 20 in magma, viridis and jet: 3.97/-5.99 dB without it, 3.94/-5.99 with it (noise 20 in viridis 4.38,
    # 4.27); of three clips whose cells have seven pixels: within .02 dB.
    uncertain: float = 1.0  # dB (rms) of a cell: surer levels are left alone; `python -m bench.quality.damage CORPUS`,
    # whose second table gives these measures of the corpus' damaged pictures


LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class Shown:
    """What the shown cells of a plot say.

    levels : (shown frames, shown cells) float32, 0..1 on the colour scale, NaN where nothing legible is left.
    exact : share of the pixels whose colour is an entry of the map. hidden : pixels that were passed over.
    variance : of one pixel's level, by the level's sixteenth, (16,), or None where all are exact or it does not show.
    expected : levels are what is expected of each by its surroundings, too: they are drawn no nearer to these.
    """

    levels: NDArray[np.float32]
    across: PixelSpans
    down: PixelSpans
    exact: float
    hidden: int
    variance: NDArray[np.float32] | None = None
    expected: bool = False

    @property
    def loudest(self) -> float:
        """The highest level; -1 where none is legible."""
        return float(np.fmax.reduce(self.levels, axis=None, initial=-1.0))

    def uncertainty(self, decibels: float) -> float:
        """Rms error of one pixel's level in dB on a scale of so many `decibels`; 0 where it does not show."""
        if self.variance is None:
            return 0.0
        sixteenth = np.clip(self.levels * damage.PARTS, 0, damage.PARTS - 1)
        counts = np.bincount(sixteenth[np.isfinite(sixteenth)].astype(np.intp), minlength=damage.PARTS)
        return decibels * float(np.sqrt((self.variance * counts).sum() / max(1, counts.sum())))

    def amplitudes(self, scale: LevelScale) -> NDArray[np.float32]:
        """Amplitudes (n_frames, n_cells) of all cells; uncertain levels weigh less beside their surroundings."""
        decibels = scale.hi - scale.lo if scale.kind == "db" else 0.0
        levels = self.levels
        if self.variance is not None and not self.expected and self.uncertainty(decibels) >= LIMITS.uncertain:
            levels = self._shrink_to_neighbours(decibels)
        return cells.amplitudes(levels, scale, self.across, self.down)

    def _shrink_to_neighbours(self, decibels: float) -> NDArray[np.float32]:
        from fastspec.kernels.cells import shrink_to_neighbours

        assert self.variance is not None
        sixteenth = np.clip(np.nan_to_num(self.levels) * damage.PARTS, 0, damage.PARTS - 1).astype(np.intp)
        pixels = np.outer(self.across.stop - self.across.first, self.down.stop - self.down.first)
        out = np.empty_like(self.levels)
        error = self.variance[sixteenth] / pixels.astype(np.float32)
        shrink_to_neighbours(self.levels, error, (LIMITS.uncertain / decibels) ** 2, decibels * math.log(10) / 20, out)
        return out


@dataclass(frozen=True, eq=False)
class Entries:
    """What a plot says whose cells are one pixel each, all of them entries of a palette, or gray: as `Shown`.

    pixels : (H, W) uint8. table : the levels of the entries (256,), of all that the pixels name.
    """

    pixels: NDArray[np.uint8]
    table: NDArray[np.float32]
    across: PixelSpans
    down: PixelSpans
    exact: float = 1.0
    hidden: int = 0
    variance: None = None
    expected: bool = False

    @cached_property
    def levels(self) -> NDArray[np.float32]:
        """As `Shown.levels`, worked out only for who asks."""
        return self._looked_up(self.table)

    @property
    def loudest(self) -> float:
        """The highest level."""
        top = int(self.pixels.max())
        if self.table[top] == self.table[: top + 1].max():
            return float(self.table[top])
        return float(self.levels.max())

    def uncertainty(self, decibels: float) -> float:
        """0: entries are exact."""
        return 0.0

    def amplitudes(self, scale: LevelScale) -> NDArray[np.float32]:
        """As `Shown.amplitudes`; those of 256 levels are looked up, not those of all pixels."""
        return self._looked_up(cells.amplitudes_of(self.table, scale))

    def _looked_up(self, table: NDArray[np.float32]) -> NDArray[np.float32]:
        found = cells.means_of_entries(self.pixels, table, self.across, self.down)
        assert found is not None  # every entry has a level
        return found


def _of_entries(
    pixels: NDArray[np.uint8], table: NDArray[np.float32], across: PixelSpans, down: PixelSpans
) -> Shown | Entries | None:
    """What pixels (H, W) show whose levels stand in a table (256,), NaN for none; None where one has none."""
    if across.single and down.single and not np.isnan(table[: int(pixels.max()) + 1]).any():
        return Entries(pixels, table, across, down)
    levels = cells.means_of_entries(pixels, table, across, down)
    return None if levels is None else Shown(levels, across, down, 1.0, 0)


def read(
    pixels: NDArray[Any],
    cmap: Colormap,
    plan: CellGrid,
    *,
    palette: NDArray[np.uint8] | None = None,
    jpeg: bool = False,
    blocks: Blocks | None = None,
) -> Shown | Entries:
    """The levels of the shown cells of a plot.

    pixels : (H, W, 3) or (H, W), as `matching.index_of` takes them. plan : the cell of each row and the frame of each
    column. jpeg : how the colours were stored. blocks : where a JPEG's blocks lie, or None.

    Raises ParameterError where shapes do not fit.
    """
    rows, columns = plan.rows, plan.columns
    across, down = plan.across, plan.down
    if pixels.ndim == 2 and pixels.dtype == np.uint8:
        table = _levels_of_entries(cmap, palette)
        clean = _of_entries(pixels, table, across, down)
        if clean is not None:
            return clean
    if pixels.ndim == 3:
        spans = (down.first, down.stop, across.first, across.stop)
        most = int((1 - damage.LIMITS.clean) * pixels.shape[0] * pixels.shape[1])
        levels, misses = _exact(pixels, cmap, spans, most)
        if misses == 0:
            return Shown(levels, across, down, 1.0, 0)
        if misses > most:
            sample = _sampled(pixels, cmap, rows, columns, jpeg)
            if sample.exact < damage.LIMITS.clean:
                hidden: NDArray[Any] = _near(pixels, cmap, spans, sample, jpeg, levels)
                if blocks is None or not subsampled.ambiguous(cmap):
                    return Shown(levels, across, down, sample.exact, int(hidden.sum()), sample.variance)
                near = cells.draw(np.where(hidden > 0, np.float32(np.nan), levels), *_shown_places(plan))
                found, drawn = _searched(pixels, cmap, near, blocks, (rows, columns))
                levels, unseen = cells.means(found, across, down), int(np.isnan(found).sum())
                return Shown(levels, across, down, sample.exact, unseen, sample.variance, expected=drawn)
    seen = damage.read_levels(pixels, cmap, palette=palette, jpeg=jpeg)
    levels = cells.means(seen.positions, across, down)
    return Shown(
        levels, across, down, seen.exact, seen.hidden, damage.variance(seen.positions, rows, columns, seen.exact)
    )


def _levels_of_entries(cmap: Colormap, palette: NDArray[np.uint8] | None) -> NDArray[np.float32]:
    """Levels (256,) of a palette's entries, or of gray, that have a colour of the map; NaN for others."""
    return _levels_of_palette(cmap, None if palette is None else palette.tobytes())


@lru_cache(maxsize=32)
def _levels_of_palette(cmap: Colormap, palette: bytes | None) -> NDArray[np.float32]:
    if palette is None:
        colours = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    else:
        colours = np.frombuffer(palette, np.uint8).reshape(-1, 3)
    levels = np.full(256, np.nan, np.float32)
    levels[: len(colours)] = cmap.levels_of(matching.index_of(colours[None], cmap, "exact").index[0])
    levels.flags.writeable = False
    return levels


class Blocks(NamedTuple):
    """A JPEG's blocks in a plot.

    pairs : row and column, 0 or 1, at which the first whole block of 2 x 2 pixels with one chroma begins, or None where
    each has its own. page : the file, or None where it is not at hand.
    """

    pairs: tuple[int, int] | None
    page: stored.Page | None = None


def _searched(
    pixels: NDArray[np.uint8], cmap: Colormap, near: NDArray[np.float32], blocks: Blocks, places: Any
) -> tuple[NDArray[np.float32], bool]:
    """Levels (H, W) of a map with colours of equal luma, and whether all that the file stores was asked."""
    found = near if blocks.pairs is None else subsampled.levels(pixels, cmap, near, blocks.pairs, places)
    known = found if blocks.page is None else stored.levels(blocks.page, pixels, cmap, found, places)
    return known, known is not found


@dataclass(frozen=True, eq=False)
class _Sample:
    """Some rows of a damaged picture: share of entries, from which distances a pixel is paint, and the variance."""

    exact: float
    paint: tuple[float, float]  # among others such, and alone
    covers: bool  # whether little enough is that far off for it to be paint
    variance: NDArray[np.float32] | None


def _sampled(
    pixels: NDArray[np.uint8], cmap: Colormap, rows: NDArray[np.intp], columns: NDArray[np.intp], jpeg: bool
) -> _Sample:
    height = len(rows)
    first = np.unique(np.linspace(0, max(height - 2, 0), min(LIMITS.pairs, max(1, height // 2))).astype(np.intp))
    some = np.unique(np.concatenate([first, np.minimum(first + 1, height - 1)]))
    weight = damage.LIMITS.jpeg_chroma_weight if jpeg else None
    read = matching.index_of(np.ascontiguousarray(pixels[some]), cmap, chroma_weight=weight, distance=True)
    assert read.distance is not None
    paint = damage.paint_from(read.distance, read.exact, damage.of_mixtures(cmap) if weight else None)
    far = read.distance > paint[0]
    positions = np.where(far, np.float32(np.nan), cmap.levels_of(read.index))
    variance = damage.variance(positions, rows[some], columns, read.exact)
    return _Sample(read.exact, paint, float(far.mean()) < damage.LIMITS.most_paint, variance)


def _exact(
    pixels: NDArray[np.uint8], cmap: Colormap, spans: tuple[NDArray[np.intp], ...], most: int
) -> tuple[NDArray[np.float32], int]:
    multiplier, shift, slots, keys, values = matching.entry_hash(cmap)
    flat, row, pixel = matching.bytes_of(pixels)
    levels = np.empty((spans[2].size, spans[0].size), np.float32)
    values = cmap.levels_of(values)
    misses = matching.kernels.cells_exact(flat, row, pixel, multiplier, shift, slots, keys, values, spans, most, levels)
    return levels, int(misses)


def _near(
    pixels: NDArray[np.uint8],
    cmap: Colormap,
    spans: tuple[NDArray[np.intp], ...],
    sample: _Sample,
    jpeg: bool,
    levels: NDArray[np.float32],
) -> NDArray[np.int32]:
    """Fill `levels` from damaged colours; how many pixels of each cell were passed over."""
    weight = damage.LIMITS.jpeg_chroma_weight if jpeg else None
    metric, points, sides, values, *cube = matching.search_grid(cmap, weight)
    flat, row, pixel = matching.bytes_of(pixels)
    hidden = np.empty(levels.shape, np.int32)
    paint, alone = (np.float32(limit if sample.covers else np.inf) for limit in sample.paint)
    close = paint * np.float32(LIMITS.close)
    values, sides = cmap.levels_of(values), sides * np.array([1, 1, 1, 1, cmap.step], np.float32)
    limits = close, paint, alone, damage.LIMITS.crowd
    matching.kernels.cells_near(flat, row, pixel, metric, points, sides, values, *cube, spans, *limits, levels, hidden)
    return hidden


def _shown_places(plan: CellGrid) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which of the shown cells each row, and of the shown frames each column shows."""
    rows, columns = (np.unique(places, return_inverse=True)[1].astype(np.intp) for places in (plan.rows, plan.columns))
    return rows, columns
