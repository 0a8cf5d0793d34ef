"""Levels <-> colours: the tables of known colormaps, drawn forward and read backward.

A level is a number in 0..1 (0 the quietest that the picture can show). A colour table has N entries; the *index* of an
entry is its row, and a colour between two entries has a fractional index. What level an index means depends on how the
tool chose it:

- "cells" (matplotlib, SoX): entry = min(N - 1, floor(level N)), so index k stands for the middle, (k + 1/2) / N;
- "rounded" (plain gray levels): entry = round(level (N - 1)), so index k stands for k / (N - 1).

`Colormap.origin` and `.step` say it in numbers: level = origin + step * index.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.resources
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Quantiser, Rounding
from fastspec.errors import ParameterError, PictureError
from fastspec.kernels import matching as _kernels

__all__ = [
    "Colormap",
    "ColourTable",
    "IndexResult",
    "colour_of",
    "entry_of",
    "get",
    "index_of",
    "names",
    "register",
    "revision",
    "roundings",
]

Method = Literal["auto", "exact", "nearest", "project"]

kernels: Any = _kernels  # numba's dispatchers are untyped
_ROUNDINGS: tuple[Rounding, ...] = ("round", "trunc")
# Modules above this room whose `colour_tables()` gives tables of drawing tools; imported when first asked for.
_PROVIDERS = ("fastspec.colours.tool_tables",)
_METHODS = ("auto", "exact", "nearest", "project")
# Plain gray: bits and whether loud is dark. The pixel is the level, so pictures of them are (H, W), not RGB.
_RAMPS = {"gray8": (8, False), "gray8_r": (8, True), "gray16": (16, False), "gray16_r": (16, True)}
_MAX_COLOURS = 4096  # beyond it no perfect hash of at most 64 Ki slots can be hoped for
_MEMORY = 1 << 16  # colours remembered while unknown ones are searched: 768 KiB, of the second-level cache
# What JPEG stores (ITU-T T.871); rows are Y, Cb, Cr.
_YCBCR = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])


@dataclass(frozen=True, eq=False)
class Colormap:
    """A colour table and how levels choose its entries.

    table : (N, 3) uint8 for colours, or (N,) uint8 or uint16 for plain gray levels (a *ramp*); made read-only.
    rounding : how the tool turned the map's fractions into bytes: "round" (matplotlib's pcolormesh) or "trunc" (its
        imshow and savefig of arrays).
    quantiser : "cells" or "rounded", see the module.
    guards : how many entries at the lower and upper end stand for levels below 0 and from 1 on ("cells" only).

    Raises ParameterError for a table of another shape or dtype, or with fewer than 2 or more than 4096 colours.
    """

    name: str
    table: NDArray[Any]
    rounding: Rounding = "round"
    quantiser: Quantiser = "cells"
    guards: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        table = np.array(self.table, order="C")
        colours = table.ndim == 2 and table.shape[1] == 3 and table.dtype == np.uint8
        ramp = table.ndim == 1 and table.dtype in (np.uint8, np.uint16)
        if not (colours or ramp) or len(table) < 2 or (colours and len(table) > _MAX_COLOURS):
            raise ParameterError(
                f"the table of colormap {self.name!r} has shape {table.shape} and dtype {table.dtype}; "
                f"give (N, 3) uint8 with N in 2..{_MAX_COLOURS}, or (N,) uint8 or uint16 gray levels"
            )
        table.flags.writeable = False
        object.__setattr__(self, "table", table)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        return f"Colormap({self.name!r}, rounding={self.rounding!r}, N={len(self)})"

    @property
    def ramp(self) -> bool:
        """Whether the pixels are plain gray levels, (H, W), rather than colours."""
        return bool(self.table.ndim == 1)

    @property
    def step(self) -> float:
        """How much level one index is worth."""
        return 1 / (len(self) - sum(self.guards)) if self.quantiser == "cells" else 1 / (len(self) - 1)

    @property
    def origin(self) -> float:
        """The level of index 0; below 0 where that entry is a guard."""
        return self.step * (0.5 - self.guards[0]) if self.quantiser == "cells" else 0.0

    @cached_property
    def levels(self) -> int:
        """How many colours can be told apart (at most N: truncated gray, for one, has 232 of 256)."""
        return len(np.unique(self.table, axis=0))

    @cached_property
    def invertible(self) -> bool:
        """Whether every colour belongs to one run of entries only, so that a clean picture has one reading."""
        return len(_runs(self.table)[0]) == self.levels

    def levels_of(self, index: NDArray[Any]) -> NDArray[np.float32]:
        """Levels in 0..1 of fractional `index`, float32, same shape."""
        return np.asarray(index, np.float32) * np.float32(self.step) + np.float32(self.origin)


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


@dataclass(frozen=True, slots=True, eq=False)
class ColourTable:
    """A named table that does not come from matplotlib, so that no rounding of fractions has two versions of it.

    table : (N, 3) uint8, or a function that makes it when it is first wanted. guards : see `Colormap`.
    listed : whether `names` lists it, so that pictures are searched for it; a gray that only its tool's fingerprint
        tells from matplotlib's is not.
    """

    name: str
    table: NDArray[Any] | Callable[[], NDArray[Any]]
    guards: tuple[int, int] = (0, 0)
    listed: bool = True

    def colormap(self) -> Colormap:
        """The map itself."""
        return Colormap(self.name, self.table() if callable(self.table) else self.table, guards=self.guards)


_registered: dict[str, ColourTable] = {}


def register(
    name: str,
    table: NDArray[Any] | Callable[[], NDArray[Any]],
    *,
    guards: tuple[int, int] = (0, 0),
    listed: bool = True,
) -> None:
    """Make a table known as `name`; arguments as `ColourTable`'s."""
    _registered[name] = ColourTable(name, table, guards, listed)
    get.cache_clear()


def revision() -> Hashable:
    """A key for what was worked out from all maps: another one whenever a map has been registered."""
    return tuple(_registered.values())


@lru_cache(maxsize=1)
def _provided() -> dict[str, ColourTable]:
    """The tables of drawing tools."""
    several: list[Iterable[ColourTable]] = [importlib.import_module(name).colour_tables() for name in _PROVIDERS]
    return {table.name: table for tables in several for table in tables}


def _table_of(name: str) -> ColourTable | None:
    """The table that a user or a tool calls `name`; tools are asked last, as asking imports them."""
    if name in _registered or name in _RAMPS or name in _archive()[0]:
        return _registered.get(name)
    return _provided().get(name)


def names() -> list[str]:
    """Names of all maps, sorted: matplotlib's (with `_r` for reversed), plain grays, those of drawing tools."""
    others = (*_provided().values(), *_registered.values())
    return sorted({*_archive()[0], *_RAMPS, *(table.name for table in others if table.listed)})


def roundings(name: str) -> tuple[Rounding, ...]:
    """The roundings that make a difference to the map called `name`: both of matplotlib's, one of all others."""
    return _ROUNDINGS if _table_of(name) is None else _ROUNDINGS[:1]


@lru_cache(maxsize=512)
def get(name: str, rounding: Rounding = "round") -> Colormap:
    """The map called `name`: matplotlib's tables, or the plain gray levels "gray8", "gray16", "gray8_r", "gray16_r".

    Raises ParameterError for an unknown name (with near ones) or rounding.
    """
    if rounding not in _ROUNDINGS:
        raise ParameterError(f"{rounding=} is unknown; use one of {', '.join(_ROUNDINGS)}")
    table = _table_of(name)
    if table is not None:
        return table.colormap()
    if name in _RAMPS:
        bits, reverse = _RAMPS[name]
        levels = np.arange(2**bits, dtype=np.uint8 if bits == 8 else np.uint16)
        return Colormap(name, levels[::-1] if reverse else levels, rounding, "rounded")
    where, tables = _archive()
    if name not in where:
        near = difflib.get_close_matches(str(name).strip().lower(), [n.lower() for n in names()], n=4)
        near = [n for n in names() if n.lower() in near]
        hint = f"did you mean {', '.join(near)}?" if near else "fastspec.colours.colormap.names() lists all"
        raise ParameterError(f"no colormap is called {name!r}; {hint}")
    return Colormap(name, tables[rounding][where[name]], rounding)


def colour_of(levels: NDArray[Any], cmap: Colormap) -> NDArray[Any]:
    """Draw levels (H, W) in 0..1 as pixels (H, W, 3) uint8, or (H, W) uint8 or uint16 for a ramp.

    Equals matplotlib's choice of entries for float32 and float64 alike. Levels below 0 and NaN take the first entry,
    levels above 1 the last (matplotlib draws NaN transparent; a sound picture has no holes).
    """
    out = _drawn(levels, cmap, cmap.table.reshape(len(cmap), -1))
    return out.reshape(out.shape[:2]) if cmap.ramp else out


def entry_of(levels: NDArray[Any], cmap: Colormap) -> NDArray[Any]:
    """The table entries (H, W) that `colour_of` would draw, uint8 if the map has at most 256, else uint16.

    With the table as palette they are the same picture in a third of the bytes, drawn and read several times as fast.
    """
    entries = np.arange(len(cmap), dtype=np.uint8 if len(cmap) <= 256 else np.uint16)
    return _drawn(levels, cmap, entries[:, None])[..., 0]


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


def _drawn(levels: NDArray[Any], cmap: Colormap, table: NDArray[Any]) -> NDArray[Any]:
    """Rows of `table` (N, channels) chosen by levels (H, W) as the map's quantiser does: (H, W, channels)."""
    levels = np.ascontiguousarray(levels)
    if levels.dtype not in (np.float32, np.float64):
        levels = levels.astype(np.float32)
    if levels.ndim != 2:
        raise ParameterError(f"levels of shape {levels.shape} are no picture; give (height, width)")
    n = len(cmap)
    cells = cmap.quantiser == "cells"
    whole = n - sum(cmap.guards) if cells else n - 1
    factor, offset = levels.dtype.type(whole), levels.dtype.type(cmap.guards[0] if cells else 0.5)
    out = np.empty((levels.size, table.shape[1]), table.dtype)
    kernels.paint(_readonly(levels.reshape(-1)), factor, offset, table, out)
    return out.reshape(*levels.shape, table.shape[1])


@lru_cache(maxsize=1)
def _archive() -> tuple[dict[str, slice], dict[str, NDArray[np.uint8]]]:
    """Where each of matplotlib's maps lies in the shipped tables, and those (ci/make_colormaps.py writes them)."""
    source = importlib.resources.files("fastspec") / "data" / "colormaps.npz"
    with source.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        ends = np.cumsum(archive["counts"]).tolist()
        where = {
            str(name): slice(begin, end)
            for name, begin, end in zip(archive["names"].tolist(), [0, *ends[:-1]], ends, strict=True)
        }
        return where, {rounding: archive[rounding] for rounding in _ROUNDINGS}


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
        colours, centres = _runs(cmap.table)
        gray = colours[:, 0].astype(np.float64) * 257
        rise = np.diff(gray)
        if (colours != colours[:, :1]).any() or not ((rise > 0).all() or (rise < 0).all()):
            raise PictureError(f"a 16-bit gray picture cannot show the colours of {cmap.name!r}; use a gray colormap")
        order = slice(None) if rise[0] > 0 else slice(None, None, -1)
        lut = np.interp(np.arange(65536), gray[order], centres[order])
    out = _look_up(pixels, np.ascontiguousarray(lut, np.float32))
    return IndexResult(out, 1.0, np.zeros_like(out) if distance else None)


def _look_up(pixels: NDArray[Any], lut: NDArray[np.float32]) -> NDArray[np.float32]:
    pixels = _readonly(np.ascontiguousarray(pixels))
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


def _readonly(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _colours(cmap: Colormap) -> NDArray[np.uint8]:
    """The table as 8-bit colours: ramps as gray, those of 16 bits by the entries that 8 bits can show."""
    if not cmap.ramp:
        return cmap.table
    wide = cmap.table.itemsize > 1
    gray = (cmap.table[:: len(cmap) // 256] >> 8).astype(np.uint8) if wide else cmap.table
    return np.repeat(gray[:, None], 3, axis=1)


def _runs(table: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Colours of the runs of equal neighbouring entries, and the index in the middle of each."""
    rows = table.reshape(len(table), -1)
    start = np.flatnonzero(np.r_[True, (rows[1:] != rows[:-1]).any(axis=1)])
    end = np.r_[start[1:], len(table)] - 1
    return table[start], (start + end) / 2


def _nodes(cmap: Colormap) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Runs of 8-bit colours (m, 3) and their indices (m,) in units of the whole map."""
    colours = _colours(cmap)
    nodes, centres = _runs(colours)
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
                return (multiplier, np.uint32(32 - bits), *(_readonly(table) for table in tables))
        bits += 2


@lru_cache(maxsize=32)
def search_grid(cmap: Colormap, chroma_weight: float | None) -> tuple[Any, ...]:
    """For each of 32**3 cells of the colour cube the entries that can be nearest to a colour in it.

    What `kernels.colormaps.find_near` and `cells_near` take: metric, points, sides, values, side, start, ids.
    """
    nodes, centres = _nodes(cmap)
    weight = np.sqrt(1.0 if chroma_weight is None else chroma_weight)
    metric = np.eye(3) if chroma_weight is None else _YCBCR * np.array([[1], [weight], [weight]])
    metric = metric.astype(np.float32)
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
