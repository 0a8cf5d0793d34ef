"""Colours of pixels -> fractional indices into a colour table: exact ones by a hash, others by a search grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fastspec.colours.colormap import Colormap, plateaus, readonly
from fastspec.errors import ParameterError, PictureError
from fastspec.kernels import matching as _kernels

__all__ = ["IndexResult", "bytes_of", "entry_hash", "index_of", "search_grid", "weighted_nodes"]

Method = Literal["auto", "exact", "nearest", "project"]

kernels: Any = _kernels  # numba's dispatchers are untyped
_METHODS = ("auto", "exact", "nearest", "project")
_MEMORY = 1 << 16  # colours remembered while unknown ones are searched: 768 KiB, of the second-level cache
# What JPEG stores (ITU-T T.871); rows are Y, Cb, Cr.
YCBCR = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])


@dataclass(frozen=True, slots=True, eq=False)
class IndexResult:
    """What `index_of` read.

    index : (H, W) float32, the fractional index, 0..N-1; NaN where method "exact" found an unknown colour.
    exact : fraction of pixels whose colour is an entry of the table; 1.0 means a clean picture and the
        right map.
    distance : (H, W) float32, how far each colour lies from the map in RGB units (in those of the weighted YCbCr with
        `chroma_weight`), or None unless asked for.
    """

    index: NDArray[np.float32]
    exact: float
    distance: NDArray[np.float32] | None = None


def index_of(
    pixels: NDArray[Any],
    cmap: Colormap,
    method: Method = "auto",
    *,
    palette: NDArray[np.uint8] | None = None,
    chroma_weight: float | None = None,
    distance: bool = False,
) -> IndexResult:
    """Read pixels back to fractional indices.

    pixels : (H, W, 3) uint8 colours, (H, W) uint8 gray or, with `palette` (N, 3) uint8, palette entries, or (H, W)
        uint16 gray. Where several entries have one colour, the middle of their (first) run is meant.
    method : "exact": only entries of the table, NaN elsewhere; "nearest": the nearest entry; "project": the foot on the
        segment between neighbouring entries, which is finer than either for blended, resized or noisy colours;
        "auto": exact where the colour is an entry, projected elsewhere. (A colour on the map projects on itself, so
        "auto" needs no guess about the picture.)
    chroma_weight : measure nearness in YCbCr with this weight on (squared) chroma, in (0, 1], as suits pictures that
        JPEG has damaged; None measures in RGB.
    distance : also return how far each colour is from the map.

    Raises ParameterError for unknown options, PictureError for pixels of another shape or dtype.
    """
    if method not in _METHODS:
        raise ParameterError(f"{method=} is unknown; use one of {', '.join(_METHODS)}")
    if chroma_weight is not None and not 0 < chroma_weight <= 1:
        raise ParameterError(f"{chroma_weight=} is not in (0, 1]; 0.15 suits JPEG")
    pixels = np.asarray(pixels)
    options = (cmap, method, chroma_weight, distance)
    if pixels.ndim == 3 and pixels.shape[2] == 3 and pixels.dtype == np.uint8 and palette is None:
        return _index_of_colours(pixels, *options)
    if pixels.ndim != 2 or pixels.dtype not in (np.uint8, np.uint16):
        raise PictureError(
            f"pixels of shape {pixels.shape} and dtype {pixels.dtype} cannot be read; "
            "give (H, W, 3) uint8, or (H, W) uint8 or uint16 (alpha is laid on a background first)"
        )
    if pixels.dtype == np.uint16 and palette is None:
        return _index_of_gray16(pixels, cmap, distance)
    if palette is None:
        palette = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    if pixels.size and pixels.max() >= len(palette):
        raise PictureError(f"palette entry {pixels.max()} is used, but the palette has only {len(palette)} entries")
    # A palette is a picture of at most 256 colours: read it once, then look the pixels up.
    read = _index_of_colours(np.ascontiguousarray(palette, np.uint8)[None], *options)
    entry = np.isfinite(_index_of_colours(palette[None], cmap, "exact", None, False).index[0]).astype(np.float32)
    return IndexResult(
        _look_up(pixels, read.index[0]),
        float(_look_up(pixels, entry).mean()) if pixels.size else 1.0,
        None if read.distance is None else _look_up(pixels, read.distance[0]),
    )


def _index_of_colours(
    pixels: NDArray[np.uint8], cmap: Colormap, method: Method, chroma_weight: float | None, distance: bool
) -> IndexResult:
    flat, row, pixel = bytes_of(pixels)
    out = np.empty(pixels.shape[:2], np.float32)
    misses = kernels.find_exact(flat, row, pixel, *entry_hash(cmap), out)
    far = np.zeros(out.shape if distance else (0, 0), np.float32)
    if misses and method != "exact":
        size = min(_MEMORY, 1 << out.size.bit_length())
        seen, known = np.full(size, -1, np.int32), np.empty((size, 2), np.float32)
        kernels.find_near(
            flat, row, pixel, *search_grid(cmap, chroma_weight), method != "nearest", seen, known, out, far
        )
    elif misses and distance:
        far[np.isnan(out)] = np.nan
    return IndexResult(out, 1 - misses / max(1, out.size), far if distance else None)


def _index_of_gray16(pixels: NDArray[np.uint16], cmap: Colormap, distance: bool) -> IndexResult:
    """16-bit gray: the level itself for a ramp of 16 bits, else a fraction of a gray map's 8-bit entries."""
    n = len(cmap)
    if cmap.ramp:
        values = np.linspace(0, n - 1, 65536, dtype=np.float64)
        lut = values if cmap.table[0] < cmap.table[-1] else values[::-1]
    else:
        colours, centres = plateaus(cmap.table)
        gray = colours[:, 0].astype(np.float64) * 257
        rise = np.diff(gray)
        if (colours != colours[:, :1]).any() or not ((rise > 0).all() or (rise < 0).all()):
            raise PictureError(f"a 16-bit gray picture cannot show the colours of {cmap.name!r}; use a gray colormap")
        order = slice(None) if rise[0] > 0 else slice(None, None, -1)
        lut = np.interp(np.arange(65536), gray[order], centres[order])
    out = _look_up(pixels, np.ascontiguousarray(lut, np.float32))
    return IndexResult(out, 1.0, np.zeros_like(out) if distance else None)


def _look_up(pixels: NDArray[Any], lut: NDArray[np.float32]) -> NDArray[np.float32]:
    pixels = readonly(np.ascontiguousarray(pixels))
    out = np.empty(pixels.shape, np.float32)
    kernels.take(pixels.reshape(-1), pixels.shape[1], pixels.shape[1], lut, out)
    return out


def bytes_of(pixels: NDArray[Any]) -> tuple[NDArray[np.uint8], int, int]:
    """The bytes under (H, W, 3) uint8 or (H, W) pixels as one read-only row, and the strides of rows and pixels in it.

    One layout for all pictures means one compilation; RGBA as Pillow hands it out is read without dropping its alpha.
    Copies only where strides are unusual.
    """
    height, width = pixels.shape[:2]
    used = 3 if pixels.ndim == 3 else pixels.itemsize
    row, pixel = pixels.strides[:2]
    if (pixels.ndim == 3 and pixels.strides[2] != 1) or pixel < used or row < width * pixel or not pixels.size:
        pixels = np.ascontiguousarray(pixels)
        row, pixel = width * used, used
    size = (height - 1) * row + (width - 1) * pixel + used if pixels.size else 0
    base = pixels.view(np.uint8) if pixels.itemsize > 1 else pixels
    flat = np.lib.stride_tricks.as_strided(base, (size,), (1,), writeable=False)
    return flat, row, pixel


def _colours(cmap: Colormap) -> NDArray[np.uint8]:
    """The table as 8-bit colours: ramps as gray, those of 16 bits by the entries that 8 bits can show."""
    if not cmap.ramp:
        return cmap.table
    wide = cmap.table.itemsize > 1
    gray = (cmap.table[:: len(cmap) // 256] >> 8).astype(np.uint8) if wide else cmap.table
    return np.repeat(gray[:, None], 3, axis=1)


def _nodes(cmap: Colormap) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Runs of 8-bit colours (m, 3) and their indices (m,) in units of the whole map."""
    colours = _colours(cmap)
    nodes, centres = plateaus(colours)
    return nodes, (centres * ((len(cmap) - 1) / (len(colours) - 1))).astype(np.float32)


@lru_cache(maxsize=64)
def entry_hash(cmap: Colormap) -> tuple[Any, ...]:
    """A perfect hash of the map's colours: multiplier, shift, slots (2**bits,) uint16, keys and values (m,)."""
    nodes, centres = _nodes(cmap)
    packed = nodes.astype(np.uint32) @ np.array([1, 1 << 8, 1 << 16], np.uint32)
    keys, first = np.unique(packed, return_index=True)  # the first run of a colour that comes back
    generator = np.random.default_rng(0)
    bits = 14 if len(keys) <= 256 else 16
    while True:
        for multiplier in generator.integers(0, 2**32, 4096, dtype=np.uint32) | np.uint32(1):
            slot = (keys * multiplier) >> np.uint32(32 - bits)
            if len(np.unique(slot)) == len(keys):
                slots = np.zeros(1 << bits, np.uint16)
                slots[slot] = np.arange(len(keys))
                tables = (slots, keys, np.ascontiguousarray(centres[first]))
                return (multiplier, np.uint32(32 - bits), *(readonly(table) for table in tables))
        bits += 2


def _metric(chroma_weight: float | None) -> NDArray[np.float32]:
    """The matrix that takes RGB where distances are measured."""
    weight = np.sqrt(1.0 if chroma_weight is None else chroma_weight)
    metric = np.eye(3) if chroma_weight is None else YCBCR * np.array([[1], [weight], [weight]])
    return metric.astype(np.float32)


def weighted_nodes(cmap: Colormap, chroma_weight: float) -> NDArray[np.float32]:
    """The map's colours (m, 3), in order, in YCbCr whose squared chroma has this weight."""
    return np.asarray(_nodes(cmap)[0] @ _metric(chroma_weight).T, np.float32)


@lru_cache(maxsize=32)
def search_grid(cmap: Colormap, chroma_weight: float | None) -> tuple[Any, ...]:
    """For each of 32**3 cells of the colour cube the entries that can be nearest to a colour in it.

    What `kernels.matching.find_near` and `cells_near` take: metric, points, sides, values, side, start, ids.
    """
    nodes, centres = _nodes(cmap)
    metric = _metric(chroma_weight)
    points = (nodes @ metric.T).astype(np.float32)
    side, start, ids = 1, np.array([0, len(nodes)], np.int32), np.arange(len(nodes), dtype=np.uint16)
    for factor in (8, 4):  # by way of 8**3 cells: a fifth of the work
        finer = np.empty((side * factor) ** 3 + 1, np.int32)
        kernels.refine(points, metric, side, start, ids, factor, finer, ids[:0])
        kept = np.empty(finer[-1], np.uint16)
        kernels.refine(points, metric, side, start, ids, factor, finer, kept)
        side, start, ids = side * factor, finer, kept
    steps = np.diff(points, axis=0)
    sides = np.zeros((len(points) + 1, 5), np.float32)  # none before the first and after the last entry
    sides[1:-1, :3], sides[1:-1, 3], sides[1:-1, 4] = steps, 1 / (steps * steps).sum(axis=1), np.diff(centres)
    return metric, points, sides, centres, side, start, ids
