"""Levels of pictures that were saved as JPEG, painted on, or are noisy: what is illegible, and how sure the rest is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import colormaps
from fastspec.colormaps import Colormap

# JPEG halves the resolution of chroma, so its colours are matched in YCbCr with little weight on chroma. Rms dB over an
# 80 dB range at q95 4:2:0, in RGB and with the weights .1, .05: magma 1.65, .86, .82; viridis 2.10, .87, .82; inferno
# 1.81, .91, .87; jet 2.26, 1.59, 1.57; turbo 2.64, 1.43, 1.28. At q75 and q50 .05 is within 2 % of the best weight for
# all of these, and of 16 maps none is better off in RGB.
JPEG_CHROMA_WEIGHT = 0.05
_CLEAN = 0.8  # share of pixels that are entries of the map; the others are then paint or text
_PAINT = 12.0  # of 255: how far paint lies off the map of a clean picture; its smooth rims lie nearer
# In a damaged picture paint lies much farther off than most pixels do: as a multiple of their median, and at least.
_PAINT_RATIO, _PAINT_LEAST = 5.0, 24.0
_PAINT_LEAST_JPEG = 14.0  # there chroma counts little
_MOST_PAINT = 0.4  # with more off the map it is the wrong map


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Levels of pixels.

    positions : (H, W) float32, 0..1 on the colour scale, NaN where paint or text hides them.
    exact : share of the pixels whose colour is an entry of the map. hidden : how many pixels are NaN.
    """

    positions: NDArray[np.float32]
    exact: float
    hidden: int

    def remarks(self, rows: NDArray[np.intp], columns: NDArray[np.intp], decibels: float) -> tuple[str, ...]:
        """What the user should hear; rows (H,) and columns (W,) are the cells shown, `decibels` the whole scale's."""
        said = []
        if self.exact < _CLEAN:
            error = uncertainty(self.positions, rows, columns)
            if error is not None:
                said.append(f"the colours are damaged: a pixel's level is uncertain by {error * decibels:.1f} dB (rms)")
        if self.hidden:
            share = self.hidden / self.positions.size
            said.append(
                f"{self.hidden} pixels ({share:.2%}) lie off the colormap (paint, text or damage); "
                "they are filled from their neighbours"
            )
        return tuple(said)


def read_levels(
    pixels: NDArray[Any], cmap: Colormap, *, palette: NDArray[np.uint8] | None = None, jpeg: bool = False
) -> Levels:
    """Levels of `pixels`, of any kind that `colormaps.index_of` takes; `jpeg` says how its colours were stored."""
    weight = JPEG_CHROMA_WEIGHT if jpeg and pixels.ndim == 3 else None
    read = colormaps.index_of(pixels, cmap, palette=palette, chroma_weight=weight, distance=True)
    positions = cmap.levels_of(read.index)
    hidden = 0
    if read.exact < 1 and read.distance is not None:
        far = read.distance > _paint_from(read.distance, read.exact, weight is not None)
        count = int(np.count_nonzero(far))
        if 0 < count < _MOST_PAINT * far.size:
            positions[far] = np.nan
            hidden = count
    return Levels(positions, read.exact, hidden)


def _paint_from(distance: NDArray[np.float32], exact: float, weighted: bool) -> float:
    """The distance from the map at which a pixel counts as painted over."""
    if exact >= _CLEAN:
        return _PAINT
    some = distance.reshape(-1)[:: max(1, distance.size // 20_000)]
    return max(_PAINT_LEAST_JPEG if weighted else _PAINT_LEAST, _PAINT_RATIO * float(np.median(some)))


def uncertainty(positions: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> float | None:
    """Rms error of one pixel's level, 0..1, by how pixels of one cell differ; None where no cell has two.

    positions : (H, W); rows (H,) and columns (W,) are the cells that the pixels show.
    """
    some = positions[:: max(1, len(rows) // 200)]
    beside = np.flatnonzero(columns[1:] == columns[:-1])
    differences = some[:, beside + 1] - some[:, beside]
    if not differences.size:
        under = np.flatnonzero(rows[1:] == rows[:-1])
        few = positions[:, :: max(1, len(columns) // 200)]
        differences = few[under + 1] - few[under]
    differences = differences[np.isfinite(differences)]
    return float(np.sqrt(np.mean(np.square(differences)) / 2)) if differences.size else None
