"""A survey of a picture's colours, made once for all that ask which colormap's entries they are.

A grid of some ten thousand pixels, its different colours and how often each occurs. Which of them are entries of which
of some two hundred tables is found for all tables at once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, TypeVarTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._cached import cached_property
from fastspec._typing import Box, Rounding
from fastspec.colours import colormap, matching
from fastspec.errors import ParameterError
from fastspec.kernels import colour_survey as _kernels
from fastspec.picture.picture import Picture

__all__ = ["Atlas", "ColourSurvey", "as_colours", "atlas", "in_colour", "index_in", "pack", "spaced", "usual_order"]

kernels: Any = _kernels  # numba's dispatchers are untyped


class Limits(NamedTuple):
    """How much of a picture is looked at. unmeasured: no command repeats the value."""

    grid: tuple[int, int] = (96, 160)  # most rows and columns of the survey; unmeasured
    strips: tuple[int, int] = (32, 24)  # columns that are looked at as a whole, and rows; unmeasured
    longest: tuple[int, int] = (1200, 1600)  # pixels of such a column, and of such a row; unmeasured
    few: int = 256  # pixels that tell first whether all are a map's entries; unmeasured
    grays: int = 2  # of 255: colours whose channels lie at most so far apart are grays; unmeasured
    every: float = 1 - 1e-9  # share of the pixels from which all are entries of a map, as sums round; unmeasured


LIMITS = Limits()
_FIRST_NAMES = ("gray", "gray_r", "Greys", "Greys_r", "viridis", "magma")  # of maps with one table those people use
_ROUNDINGS: tuple[Rounding, ...] = ("round", "trunc")
_Result = TypeVar("_Result")
_About = TypeVarTuple("_About")


@dataclass(frozen=True, eq=False)
class Atlas:
    """All tables of colours, each once: of a map and its exact mirror, or of maps that are the same, the first.

    A *family* has the same colours in some order: a map, its reverse, and twilight's two beginnings.

    names, roundings : of each table. family : (tables,) its family. families : of every map's name, whatever its
    table. tables : the table of every (name, rounding). sizes : (tables,) different colours of each.
    keys, bucket, start, owner : see `kernels.colour_survey.count_entries`.
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
class ColourSurvey:
    """What was seen: `grid` (h, w, 3) uint8, and its different `colours` (n,) int32, rising, with their `counts` (n,).

    A colour is red << 16 | green << 8 | blue. The grid passes pixels over; `down` (H, c, 3) are some columns and
    `across` (r, W, 3) some rows of which none is missing, at most 1200 and 1600 long.
    """

    grid: NDArray[np.uint8]
    colours: NDArray[np.int32]
    counts: NDArray[np.intp]
    down: NDArray[np.uint8]
    across: NDArray[np.uint8]
    _kept: dict[tuple[Any, ...], Any] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None) -> ColourSurvey:
        """Look at pixels (H, W, 3) or (H, W) uint8, with `palette` (N, 3) uint8 for entries, or (H, W) uint16.

        The grid has at most 96 x 160 pixels; an empty picture has an empty one.
        """
        return cls._surveyed(sample(pixels, palette), *strips(pixels, palette))

    @classmethod
    def at(cls, picture: Picture, box: Box, hidden: Box = (0, 0, 0, 0)) -> ColourSurvey:
        """Look at an area of a picture, as `Picture.area` has it, once for all that ask."""
        key = (cls, box, hidden)
        if key not in picture.looked:
            picture.looked[key] = cls.of(picture.area(box, hidden), picture.palette)
        found: ColourSurvey = picture.looked[key]
        return found

    @classmethod
    def whole(cls, grid: NDArray[np.uint8]) -> ColourSurvey:
        """Look at every pixel of `grid` (h, w, 3)."""
        return cls._surveyed(grid, *strips(grid, None))

    @classmethod
    def _surveyed(cls, grid: NDArray[np.uint8], down: NDArray[np.uint8], across: NDArray[np.uint8]) -> ColourSurvey:
        colours, counts = np.unique(pack(grid), return_counts=True)
        return cls(grid, colours, counts, down, across)

    @property
    def different(self) -> int:
        """How many colours there are."""
        return len(self.colours)

    @cached_property
    def points(self) -> NDArray[np.uint8]:
        """The colours as (n, 3) uint8."""
        wide = self.colours
        return np.stack([wide >> 16, wide >> 8 & 255, wide & 255], axis=1).astype(np.uint8)

    def once(self, work: Callable[[ColourSurvey, *_About], _Result], *about: *_About) -> _Result:
        """`work(self, *about)`, done once for all that ask, of the maps known by now; `about` are hashable."""
        key = (work, colormap.revision(), *about)
        if key not in self._kept:
            self._kept[key] = work(self, *about)
        kept: _Result = self._kept[key]
        return kept

    def without_grays(self, *others: tuple[int, int, int]) -> ColourSurvey:
        """Without grays and these `others`; the grid stays whole."""
        return self.once(ColourSurvey._without_grays, *others)

    def _without_grays(self, *others: tuple[int, int, int]) -> ColourSurvey:
        red, green, blue = self.points.T
        high, low = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
        keep = high - low > LIMITS.grays
        for r, g, b in others:
            keep &= self.colours != r << 16 | g << 8 | b
        return ColourSurvey(self.grid, self.colours[keep], self.counts[keep], self.down, self.across)

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
        return self.once(ColourSurvey._index, name)

    def _index(self, name: str) -> tuple[NDArray[np.float32], float]:
        return self._index_of(self.grid, name)

    def levels_of_strips(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """`down` (H, c) and `across` (r, W) as levels 0..1 of the map."""
        return self.once(ColourSurvey._levels_of_strips, name)

    def _levels_of_strips(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        strips = self.down, self.across
        found = [self._exact_index_of(pixels, name) for pixels in strips]
        if all(index is None for index in found):  # their colours are looked for together
            both = np.concatenate([pixels.reshape(1, -1, 3) for pixels in strips], axis=1)
            index, top = self._index_of(both, name)
            parts = np.split(index[0], [self.down[..., 0].size])
            down, across = (part.reshape(pixels.shape[:2]) for part, pixels in zip(parts, strips, strict=True))
            return np.asarray(down / np.float32(top)), np.asarray(across / np.float32(top))
        (down, top), (across, _) = (index or self._index_of(p, name) for index, p in zip(found, strips, strict=True))
        return down / np.float32(top), across / np.float32(top)

    def _exact_index_of(self, pixels: NDArray[np.uint8], name: str) -> tuple[NDArray[np.float32], float] | None:
        """Which entry each pixel is, where all are entries of the map."""
        shares, book = self.entries()[0], atlas()
        for how in _ROUNDINGS:
            if shares[book.tables[name, how]] > LIMITS.every:
                cmap = colormap.get(name, how)
                index = matching.index_of(pixels, cmap, "exact").index
                if pixels is self.grid or np.isfinite(index).all():  # paint may lie where the grid has passed it over
                    return index, float(len(cmap) - 1)
        return None

    def _index_of(self, pixels: NDArray[np.uint8], name: str) -> tuple[NDArray[np.float32], float]:
        exact = self._exact_index_of(pixels, name)
        if exact is not None:
            return exact
        return _nearest(pixels, name, nearly=pixels is not self.grid)

    def entries(self, *, root: bool = False) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """For each table of the atlas the share of the pixels that are its entries, and how many different ones.

        root : weigh each colour with the square root of its count, so that a background does not outvote all others.
        """
        return self.once(ColourSurvey._entries, root)

    def _entries(self, root: bool) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        book = atlas()
        weight = np.sqrt(self.counts) if root else self.counts.astype(np.float64)
        shares, hits = np.zeros(len(book.names)), np.zeros(len(book.names), np.intp)
        kernels.count_entries(self.colours, weight, book.keys, book.bucket, book.start, book.owner, shares, hits)
        return shares / max(float(weight.sum()), 1.0), hits


def index_in(pixels: NDArray[np.uint8], name: str) -> tuple[NDArray[np.float32], float]:
    """As `ColourSurvey.whole(pixels).index(name)`, of colours (h, w, 3), for those who ask nothing else of them."""
    few = pixels.reshape(1, -1, 3)[:, :: max(1, pixels[..., 0].size // LIMITS.few)]
    for how in colormap.roundings(name):
        cmap = colormap.get(name, how)
        if all_entries(few, cmap) is not None and (index := all_entries(pixels, cmap)) is not None:
            return index, float(len(cmap) - 1)
    return _nearest(pixels, name)


def all_entries(pixels: NDArray[np.uint8], cmap: colormap.Colormap) -> NDArray[np.float32] | None:
    """Which entry of the map each of these colours is; None where one is none of them."""
    index = matching.index_of(pixels, cmap, "exact").index
    return index if np.isfinite(index).all() else None


def _nearest(pixels: NDArray[np.uint8], name: str, *, nearly: bool = False) -> tuple[NDArray[np.float32], float]:
    """Which of some 256 entries of the map is nearest to each colour (h, w, 3), and the number of the last one."""
    table = np.ascontiguousarray(spaced(colormap.get(name).table).T)
    if nearly:
        return _nearly_nearest(pixels, table), float(table.shape[1] - 1)
    out = np.empty(pixels.shape[:2], np.float32)
    kernels.nearest_entries(pixels.reshape(-1, 3), table, out.reshape(-1))
    return out, float(table.shape[1] - 1)


def _nearly_nearest(pixels: NDArray[np.uint8], table: NDArray[np.int32]) -> NDArray[np.float32]:
    """Which entry of the table (3, k) is nearest to each colour (h, w, 3), as six bits of each channel tell it."""
    red, green, blue = (pixels[..., channel].astype(np.int32) >> 2 for channel in range(3))
    key = red << 12 | green << 6 | blue
    seen = np.zeros(1 << 18, bool)
    seen[key] = True
    used = np.flatnonzero(seen)
    colours = np.stack([used >> 12, used >> 6 & 63, used & 63], axis=1).astype(np.uint8) * 4 + 2
    found, entry = np.empty(len(used), np.float32), np.empty(1 << 18, np.float32)
    kernels.nearest_entries(np.asarray(colours, np.uint8), table, found)
    entry[used] = found
    return np.asarray(entry[key])


def sample(pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Some rows and columns of a picture as colours (h, w, 3), evenly spaced."""
    # odd steps meet the blocks of JPEG at every phase
    down, across = (-(-n // most) | 1 for n, most in zip(pixels.shape[:2], LIMITS.grid, strict=True))
    whole = down == across == 1
    return as_colours(pixels if whole else pixels[down // 2 :: down, across // 2 :: across], palette)


def strips(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Some columns (H, c, 3) and some rows (r, W, 3) of a picture as colours, evenly spaced, no pixel passed over."""
    (height, width), (most_columns, most_rows), (highest, widest) = pixels.shape[:2], LIMITS.strips, LIMITS.longest
    down = pixels[_middle(height, highest), _spread(width, most_columns)]
    across = pixels[_spread(height, most_rows), _middle(width, widest)]
    return as_colours(down, palette), as_colours(across, palette)


def _middle(size: int, most: int) -> slice:
    start = max(0, size - most) // 2
    return slice(start, start + min(size, most))


def _spread(size: int, most: int) -> slice:
    step = size // most
    if step <= 1:  # all of fewer than twice as many
        return slice(0, size)
    start = (size - step * (most - 1)) // 2
    return slice(start, start + step * (most - 1) + 1, step)


def in_colour(pixels: NDArray[Any]) -> bool:
    """Whether pixels are colours (H, W, 3) rather than gray levels or palette entries (H, W)."""
    return len(pixels.shape[2:]) > 0


def as_colours(part: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Pixels of any kind as contiguous colours (h, w, 3) uint8."""
    if palette is not None and not in_colour(part):
        return np.asarray(palette[np.minimum(part, len(palette) - 1)], np.uint8)
    if part.dtype == np.uint16:
        part = (part >> 8).astype(np.uint8)
    if not in_colour(part):
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


def usual_order() -> list[str]:
    """The names of all maps: of maps with one table the name that people use comes first."""
    return sorted(colormap.names(), key=lambda n: (n not in _FIRST_NAMES, n.endswith("_r"), n))


@lru_cache(maxsize=2)
def _atlas(_revision: Hashable) -> Atlas:
    ordered = usual_order()
    ways = {name: colormap.roundings(name) for name in ordered}
    maps = [(name, how, colormap.get(name, how)) for name in ordered for how in ways[name]]
    maps = [entry for entry in maps if not entry[2].ramp]  # plain gray levels: as "gray"
    number, colours = _different_colours([cmap.table for _, _, cmap in maps])
    kept: dict[int, int] = {}
    sets: dict[int, int] = {}
    families: dict[str, int] = {}
    tables: dict[tuple[str, str], int] = {}
    leaders: list[int] = []
    for n, ((name, how, _), mark) in enumerate(zip(maps, _marks(number, colours, len(maps)), strict=True)):
        if how == "round":
            families[name] = sets.setdefault(mark, len(sets))
        if mark not in kept:
            kept[mark] = len(leaders)
            leaders.append(n)
        tables |= {(name, way): kept[mark] for way in (_ROUNDINGS if len(ways[name]) == 1 else (how,))}
    table_of = np.full(len(maps), -1)
    table_of[leaders] = np.arange(len(leaders))
    mine = table_of[number] >= 0
    both = np.sort(colours[mine] << 16 | table_of[number[mine]])
    keys, start = np.unique(both >> 16, return_index=True)
    names = tuple(maps[n][0] for n in leaders)
    edges = np.arange((1 << 24 - _kernels.BUCKET_BITS) + 1) << _kernels.BUCKET_BITS
    return Atlas(
        names,
        tuple(maps[n][1] for n in leaders),
        np.array([families[name] for name in names]),
        families,
        tables,
        np.bincount(table_of[number[mine]]),
        keys.astype(np.int32),
        np.searchsorted(keys, edges).astype(np.int32),
        np.r_[start, len(both)].astype(np.int32),
        (both & 0xFFFF).astype(np.int32),
    )


def _different_colours(tables: list[NDArray[np.uint8]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Each table's colours, each once: the table's number, rising, and the colour, rising within a table."""
    number = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
    both = np.sort(number << 24 | pack(np.concatenate(tables)))
    both = both[np.r_[True, both[1:] != both[:-1]]]
    return both >> 24, both & 0xFFFFFF


def _marks(number: NDArray[np.int64], colours: NDArray[np.int64], count: int) -> list[int]:
    """One number for each of `count` tables, the same where their colours are: the sum of their scrambled colours."""
    first = np.searchsorted(number, np.arange(count))
    scrambled = colours.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    marks: list[int] = np.add.reduceat(scrambled ^ scrambled >> np.uint64(29), first).tolist()
    return marks
