"""One look at a picture's colours, for all that ask which colormap's entries they are.

A grid of some ten thousand pixels, its different colours and how often each occurs. Which of them are entries of which
of some two hundred tables is found for all tables at once.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Rounding
from fastspec.colours import colormap, matching
from fastspec.errors import ParameterError
from fastspec.kernels import colour_survey as _kernels
from fastspec.picture.picture import Picture

__all__ = ["Atlas", "Glance", "atlas", "pack"]

kernels: Any = _kernels  # numba's dispatchers are untyped
_ROWS, _COLUMNS = 96, 160  # at most, of the grid
# Of maps with one table the name that people use.
_COMMON = ("gray", "gray_r", "Greys", "Greys_r", "viridis", "magma")
_ALL = 1 - 1e-9
_ROUNDINGS: tuple[Rounding, ...] = ("round", "trunc")


@dataclass(frozen=True, eq=False)
class Atlas:
    """All tables of colours, each once: of a map and its exact mirror, or of maps that are the same, the first.

    A *family* has the same colours in some order: a map, its reverse, and twilight's two beginnings.

    names, roundings : of each table. family : (tables,) its family. families : of every map's name, whatever its
    table. tables : the table of every (name, rounding). sizes : (tables,) different colours of each.
    keys, bucket, start, owner : see `kernels.colours.count_entries`.
    """

    names: tuple[str, ...]
    roundings: tuple[Rounding, ...]
    family: NDArray[np.intp]
    families: dict[str, int]
    tables: dict[tuple[str, str], int]
    sizes: NDArray[np.intp]
    keys: NDArray[np.int32]
    bucket: NDArray[np.int32]
    start: NDArray[np.int32]
    owner: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Glance:
    """What was seen: `grid` (h, w, 3) uint8, and its different `colours` (n,) int32, rising, with their `counts` (n,).

    A colour is red << 16 | green << 8 | blue. found : what was worked out from them, kept for whoever asks next.
    """

    grid: NDArray[np.uint8]
    colours: NDArray[np.int32]
    counts: NDArray[np.intp]
    found: dict[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None) -> Glance:
        """Look at pixels (H, W, 3) or (H, W) uint8, with `palette` (N, 3) uint8 for entries, or (H, W) uint16.

        The grid has at most 96 x 160 pixels; an empty picture has an empty one.
        """
        return cls.whole(sample(pixels, palette))

    @classmethod
    def at(
        cls, picture: Picture, box: tuple[int, int, int, int], hidden: tuple[int, int, int, int] = (0, 0, 0, 0)
    ) -> Glance:
        """Look at an area of a picture, as `Picture.area` has it, once for all that ask."""
        key = (cls, box, hidden)
        if key not in picture.looked:
            picture.looked[key] = cls.of(picture.area(box, hidden), picture.palette)
        found: Glance = picture.looked[key]
        return found

    @classmethod
    def whole(cls, grid: NDArray[np.uint8]) -> Glance:
        """Look at every pixel of `grid` (h, w, 3)."""
        colours, counts = np.unique(pack(grid), return_counts=True)
        return cls(grid, colours, counts)

    @property
    def different(self) -> int:
        """How many colours there are."""
        return len(self.colours)

    @cached_property
    def points(self) -> NDArray[np.uint8]:
        """The colours as (n, 3) uint8."""
        wide = self.colours
        return np.stack([wide >> 16, wide >> 8 & 255, wide & 255], axis=1).astype(np.uint8)

    def lively(self, *others: tuple[int, int, int], spread: int = 2) -> Glance:
        """Without grays (whose channels are at most `spread` apart) and these `others`; the grid stays whole."""
        points = self.points.astype(np.int16)
        keep = np.ptp(points, axis=1) > spread if len(points) else np.zeros(0, bool)
        keep &= ~np.isin(self.colours, [r << 16 | g << 8 | b for r, g, b in others])
        return Glance(self.grid, self.colours[keep], self.counts[keep])

    def shares(self, names: Iterable[str], rounding: Rounding = "round") -> dict[str, float]:
        """For each map of RGB colours the share of the pixels whose colour is an entry, 0 where nothing was seen.

        Raises ParameterError for names that are no such map.
        """
        book = atlas()
        shares, _ = self.entries()
        names = list(names)
        missing = [name for name in names if (name, rounding) not in book.tables]
        if missing:
            raise ParameterError(f"no colormap of colours is called {missing[0]!r}")
        return {name: float(shares[book.tables[name, rounding]]) for name in names}

    def index(self, name: str) -> tuple[NDArray[np.float32], float]:
        """Which entry of the map each pixel of the grid is or is nearest to, (h, w), and the number of the last one.

        The maps of more entries are read as 256. Found without the search grid that `matching.index_of` builds.
        """
        key = f"index of {name}"
        if key not in self.found:
            self.found[key] = self._index(name)
        found: tuple[NDArray[np.float32], float] = self.found[key]
        return found

    def _index(self, name: str) -> tuple[NDArray[np.float32], float]:
        shares, book = self.entries()[0], atlas()
        for how in _ROUNDINGS:
            if shares[book.tables[name, how]] > _ALL:
                cmap = colormap.get(name, how)
                return matching.index_of(self.grid, cmap, "exact").index, float(len(cmap) - 1)
        table = np.ascontiguousarray(spaced(colormap.get(name).table).T)
        out = np.empty(self.grid.shape[:2], np.float32)
        kernels.nearest_entries(self.grid.reshape(-1, 3), table, out.reshape(-1))
        return out, float(table.shape[1] - 1)

    def entries(self, *, root: bool = False) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """For each table of the atlas the share of the pixels that are its entries, and how many different ones.

        root : weigh each colour with the square root of its count, so that a background does not outvote all others.
        """
        key = "root" if root else "plain"
        if key not in self.found:
            book = atlas()
            weight = np.sqrt(self.counts) if root else self.counts.astype(np.float64)
            shares, hits = np.zeros(len(book.names)), np.zeros(len(book.names), np.intp)
            kernels.count_entries(self.colours, weight, book.keys, book.bucket, book.start, book.owner, shares, hits)
            self.found[key] = shares / max(float(weight.sum()), 1.0), hits
        found: tuple[NDArray[np.float64], NDArray[np.intp]] = self.found[key]
        return found


def sample(pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Some rows and columns of a picture as colours (h, w, 3), evenly spaced."""
    # odd steps meet the blocks of JPEG at every phase
    down, across = (-(-n // most) | 1 for n, most in zip(pixels.shape[:2], (_ROWS, _COLUMNS), strict=True))
    return as_colours(pixels[down // 2 :: down, across // 2 :: across] if down + across > 2 else pixels, palette)


def as_colours(part: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Pixels of any kind as contiguous colours (h, w, 3) uint8."""
    if palette is not None and part.ndim == 2:
        return np.asarray(palette[np.minimum(part, len(palette) - 1)], np.uint8)
    if part.dtype == np.uint16:
        part = (part >> 8).astype(np.uint8)
    if part.ndim == 2:
        return np.repeat(part[..., None], 3, axis=2)
    return np.ascontiguousarray(part[..., :3])


def spaced(table: NDArray[np.uint8]) -> NDArray[np.int32]:
    """256 entries (256, 3) of a table of any size, evenly."""
    return table[np.arange(256) * len(table) // 256].astype(np.int32)


def pack(colours: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Colours (..., 3) as one number each, flat."""
    wide = colours.reshape(-1, 3).astype(np.int32)
    packed: NDArray[np.int32] = wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
    return packed


def atlas() -> Atlas:
    """The tables of all maps that `colormap.names` lists, made at the first call."""
    return _atlas(colormap.revision())


@lru_cache(maxsize=2)
def _atlas(_revision: Hashable) -> Atlas:
    ordered = sorted(colormap.names(), key=lambda n: (n not in _COMMON, n.endswith("_r"), n))
    ways = {name: colormap.roundings(name) for name in ordered}
    listed = [(name, how, colormap.get(name, how).table) for name in ordered for how in ways[name]]
    listed = [entry for entry in listed if entry[2].ndim == 2]  # plain gray levels: as "gray"
    number = np.repeat(np.arange(len(listed)), [len(table) for _, _, table in listed])
    both = np.sort(number << 24 | pack(np.concatenate([table for _, _, table in listed])))
    both = both[np.r_[True, both[1:] != both[:-1]]]
    number, colours = both >> 24, both & 0xFFFFFF
    first = np.searchsorted(number, np.arange(len(listed)))
    # tables of the same colours have the same sum of scrambled colours
    scrambled = colours.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    marks = np.add.reduceat(scrambled ^ scrambled >> np.uint64(29), first).tolist()
    kept: dict[int, int] = {}
    sets: dict[int, int] = {}
    families: dict[str, int] = {}
    tables: dict[tuple[str, str], int] = {}
    leaders: list[int] = []
    for n, ((name, how, _), mark) in enumerate(zip(listed, marks, strict=True)):
        if how == "round":
            families[name] = sets.setdefault(mark, len(sets))
        if mark not in kept:
            kept[mark] = len(leaders)
            leaders.append(n)
        tables |= {(name, way): kept[mark] for way in (_ROUNDINGS if len(ways[name]) == 1 else (how,))}
    table_of = np.full(len(listed), -1)
    table_of[leaders] = np.arange(len(leaders))
    mine = table_of[number] >= 0
    both = np.sort(colours[mine] << 16 | table_of[number[mine]])
    keys, start = np.unique(both >> 16, return_index=True)
    names = tuple(listed[n][0] for n in leaders)
    edges = np.arange((1 << 24 - _kernels.BUCKET_BITS) + 1) << _kernels.BUCKET_BITS
    return Atlas(
        names,
        tuple(listed[n][1] for n in leaders),
        np.array([families[name] for name in names]),
        families,
        tables,
        np.bincount(table_of[number[mine]]),
        keys.astype(np.int32),
        np.searchsorted(keys, edges).astype(np.int32),
        np.r_[start, len(both)].astype(np.int32),
        (both & 0xFFFF).astype(np.int32),
    )
