"""The colormap and its direction, read off the pixels.

A clean picture holds nothing but entries of its map, so the map that has them all is the one, and its bytes tell how
fractions were rounded. A damaged picture (JPEG, noise, few colours, another size) holds colours near its map; then
the map with the smallest mean distance is named, as sure as the runner-up is far. Both orders of a map have the same
colours. Which end is loud is told by what sound looks like in decibels: treble is quieter than bass, the floor holds
many pixels and the peak few, and the spectrum of noise has narrow deep dips rather than narrow high peaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import colormaps, presets
from fastspec.calibration import Calibration, Fact

_ROWS, _COLUMNS = 96, 160  # of the grid of pixels that is looked at
_FIRST, _SECOND = 96, 512  # colours that choose among all maps, and among the best
_FINALISTS = 6
_SURE_OF_GRAY = 0.9
_FEW = 3  # fewer colours name no map
_CAP = 60.0  # of 255: farther colours are paint or text, no evidence between maps
_CLEAN = 0.8  # share of colours that must be entries of the map
# Their ends have one colour or come back, so their direction shows badly.
_CYCLIC = ("twilight", "hsv", "flag", "prism")
# Of maps with one table the name that people use.
_COMMON = ("gray", "gray_r", "Greys", "Greys_r", "viridis", "magma")
_ROUNDINGS: tuple[colormaps.Rounding, ...] = ("round", "trunc")


@dataclass(frozen=True)
class Reading:
    """What colours say: `name` of the map, how sure (0..1), the `rival`, `rounding` or None where it does not show.

    distance : mean distance of the colours from the map, of 255 (0 for a clean picture). exact : share of colours that
    are entries of the map. colours : how many different ones were seen.
    """

    name: str
    confidence: float
    rival: str | None
    rounding: colormaps.Rounding | None
    rounding_confidence: float
    distance: float
    exact: float
    colours: int


def read_colours(area: NDArray[Any], known: Calibration, palette: NDArray[np.uint8] | None = None) -> Calibration:
    """cmap and cmap_rounding of `area`: (H, W, 3) or (H, W) uint8, with `palette` (N, 3) for entries; (H, W) uint16.

    A map that is known surely is kept; then only its rounding is read.
    """
    sure = known.get("cmap") if known.source("cmap") != "assumed" else None
    grid = sample(area, palette)
    if grid is None:
        return Calibration()
    reading = recognise(grid, only=sure)
    if reading is None or (sure is None and reading.colours < _FEW and _is_silence(grid)):
        return Calibration()
    facts: dict[str, Fact] = {}
    if reading.rounding is not None and reading.rounding_confidence > 0.6 and (sure or reading.confidence > 0.5):
        note = "the entries of the map that occur"
        facts["cmap_rounding"] = Fact(reading.rounding, "pixels", reading.rounding_confidence, note)
    if sure is None:
        only_gray = area.dtype == np.uint16  # the only map of 16 bits, whatever few levels look like
        name, polarity = direction(grid, "gray" if only_gray else reading.name)
        sure_of_map, other = reading.confidence, reading.rival
        if name in ("gray", "gray_r"):  # a damaged picture in Greys has all levels of gray as well
            sure_of_map, other = min(sure_of_map, _SURE_OF_GRAY), other or ("Greys_r" if name == "gray" else "Greys")
        confidence = round(sure_of_map * polarity, 4)
        rival = other if sure_of_map < min(polarity, 0.97) else None
        if rival is None and polarity < 0.97:
            rival = reverse_of(name)
        note = "every colour is an entry" if reading.exact > 0.999 else f"colours lie {reading.distance:.1f} of 255 off"
        facts["cmap"] = Fact(name, "pixels", confidence, note, rival)
    return Calibration(facts)


def _is_silence(grid: NDArray[np.uint8]) -> bool:
    """Whether all is as dark as the lowest level of the map that is assumed when nothing is known."""
    lowest = colormaps.get(presets.ASSUMED["cmap"]).table[0].astype(int)
    return bool((np.abs(grid.astype(int) - lowest) <= 2).all())


def sample(area: NDArray[Any], palette: NDArray[np.uint8] | None = None) -> NDArray[np.uint8] | None:
    """Some rows and columns of a picture as colours (h, w, 3), or None where there is nothing to see."""
    height, width = area.shape[:2]
    if height < 1 or width < 1 or area.size == 0:
        return None
    rows = (np.arange(min(height, _ROWS)) * height + height // 2) // min(height, _ROWS)
    columns = (np.arange(min(width, _COLUMNS)) * width + width // 2) // min(width, _COLUMNS)
    grid = area[np.minimum(rows, height - 1)][:, np.minimum(columns, width - 1)]
    if palette is not None and grid.ndim == 2:
        return np.asarray(palette[np.minimum(grid, len(palette) - 1)], np.uint8)
    if grid.dtype == np.uint16:
        grid = (grid >> 8).astype(np.uint8)
    if grid.ndim == 2:
        return np.repeat(grid[..., None], 3, axis=2)
    return np.ascontiguousarray(grid[..., :3])


def recognise(grid: NDArray[np.uint8], only: str | None = None) -> Reading | None:
    """The map of colours (h, w, 3), whatever its direction; `only` limits the choice to this map."""
    packed = _packed(grid.reshape(-1, 3))
    colours, counts = np.unique(packed, return_counts=True)
    points = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1).astype(np.uint8)
    weight = np.sqrt(counts)
    atlas = _atlas(_names_key())
    shares, hits = _exact_shares(atlas, colours, weight)
    if only is not None:
        family = atlas.family_of.get(only)
        if family is None:
            return None
        mine = np.flatnonzero(atlas.family == family)
        best = int(mine[np.argmax(shares[mine])])
    else:
        best = int(np.argmax(shares))
    if shares[best] >= _CLEAN:
        return _clean_reading(atlas, shares, hits, best, grid, len(colours))
    if only is not None:
        return None
    return _near_reading(atlas, points, weight, float(shares[best]), grid)


def direction(grid: NDArray[np.uint8], name: str) -> tuple[str, float]:
    """`name` or its reverse, whichever makes the picture look like sound, and how sure (0.5 .. 0.99)."""
    cmap = colormaps.get(name)
    index = colormaps.index_of(grid, cmap, "nearest").index
    logit = _evidence(index / max(1.0, float(len(cmap) - 1))) + _prior(name)
    if logit < 0:
        name, logit = reverse_of(name), -logit
    return name, min(0.8 if name.startswith(_CYCLIC) else 0.99, float(1 / (1 + np.exp(-logit))))


def reverse_of(name: str) -> str:
    """The name of the same map in the other order."""
    return name[:-2] if name.endswith("_r") else name + "_r"


def _prior(name: str) -> float:
    """Log odds of this direction before the picture is looked at: a tool's default is more often used than not."""
    if name.startswith(("gray", "Greys", "binary")):
        return 0.0
    return -1.5 if name.endswith("_r") else 1.5


def _evidence(level: NDArray[Any]) -> float:
    """Log odds that high `level` (h, w), 0..1, is loud. Weights were set on pictures of speech and music."""
    height, width = level.shape
    spread = float(level.std())
    if height < 4 or width < 4 or spread < 1e-3:
        # One colour: the lowest one, silence, is the likelier
        return 2.0 * (1 - 2 * float(level.mean()))
    tilt = float(level[height // 2 :].mean() - level[: height // 2].mean()) / max(spread, 0.05)
    floor, top = float((level <= 0.002).mean()), float((level >= 0.998).mean())
    dips = 0.0
    for axis in (0, 1):
        bend = np.diff(level, 2, axis=axis).ravel()
        bend = bend[bend != 0]
        if bend.size > 100:
            dips += float((bend**3).mean() / (bend**2).mean() ** 1.5)
    crest = float((level > 0.5).mean() - 0.5)  # most of a picture is quiet
    return float(2.0 * tilt + np.clip(12 * (floor - top), -2.5, 2.5) + np.clip(2.0 * dips, -3, 3) - 1.5 * crest)


@dataclass(frozen=True)
class _Atlas:
    """All maps, each table once. A *family* has the same colours: a map, its reverse, and twilight's two beginnings."""

    names: tuple[str, ...]  # of each table
    roundings: tuple[colormaps.Rounding, ...]
    family: NDArray[np.intp]  # of each table
    family_of: dict[str, int]
    keys: NDArray[np.int32]  # packed colours of all tables, sorted
    owner: NDArray[np.int32]  # the table of each
    sizes: NDArray[np.intp]  # different colours of each table
    points: NDArray[np.float32]  # (families, 256, 3), the rounded table


def _names_key() -> tuple[str, ...]:
    return tuple(colormaps.names())


@lru_cache(maxsize=2)
def _atlas(all_names: tuple[str, ...]) -> _Atlas:
    ordered = sorted(all_names, key=lambda n: (n not in _COMMON, n.endswith("_r"), n))
    sets: dict[bytes, int] = {}
    seen: set[bytes] = set()
    names: list[str] = []
    roundings: list[colormaps.Rounding] = []
    family: list[int] = []
    family_of: dict[str, int] = {}
    keys: list[NDArray[np.int32]] = []
    points: list[NDArray[np.float32]] = []
    for name in ordered:
        for rounding in _ROUNDINGS:
            table = colormaps.get(name, rounding).table
            if table.ndim != 2:  # plain gray levels: as "gray"
                continue
            packed = np.unique(_packed(table))
            if rounding == "round":
                number = sets.setdefault(packed.tobytes(), len(sets))
                family_of[name] = number
                if number == len(points):
                    points.append(table[np.arange(256) * len(table) // 256].astype(np.float32))
            mark = packed.tobytes()
            if mark in seen:
                continue
            seen.add(mark)
            names.append(name)
            roundings.append(rounding)
            family.append(family_of[name])
            keys.append(packed)
    flat = np.concatenate(keys)
    owner = np.repeat(np.arange(len(keys), dtype=np.int32), [len(k) for k in keys])
    order = np.argsort(flat, kind="stable")
    sizes = np.array([len(k) for k in keys])
    where = np.array(family)
    return _Atlas(tuple(names), tuple(roundings), where, family_of, flat[order], owner[order], sizes, np.stack(points))


def _packed(colours: NDArray[np.uint8]) -> NDArray[np.int32]:
    wide = colours.astype(np.int32)
    return wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]


def _exact_shares(
    atlas: _Atlas, colours: NDArray[np.int32], weight: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """For each table the weighted share of the colours that are its entries, and their number."""
    low, high = np.searchsorted(atlas.keys, colours), np.searchsorted(atlas.keys, colours, side="right")
    many = high - low
    which = np.repeat(np.arange(len(colours)), many)
    at = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(low, many)
    owner = atlas.owner[at]
    size = len(atlas.names)
    shares = np.bincount(owner, weight[which], minlength=size) / weight.sum()
    return shares, np.bincount(owner, minlength=size)


def _clean_reading(
    atlas: _Atlas,
    shares: NDArray[np.float64],
    hits: NDArray[np.intp],
    best: int,
    grid: NDArray[np.uint8],
    colours: int,
) -> Reading:
    # where two tables have all colours, the one with fewer besides is likelier
    tied = np.flatnonzero((hits == hits[best]) & (shares >= shares[best] - 1e-9))
    if len(tied) > 1:
        best = int(tied[np.argmin(atlas.sizes[tied] + (np.array(tied) != best) * 0.5)])
    family = atlas.family[best]
    others = np.flatnonzero(atlas.family != family)
    rival = int(others[np.argmax(shares[others])])
    unseen = atlas.sizes - hits
    # a rival with all these colours too would have shown some of its others
    more = float(hits[best] - hits[rival]) + 0.25 * max(0.0, float(unseen[rival] - unseen[best]))
    confidence = 0.99 - 0.6 * float(np.exp(-max(more, 0) / 3))
    same = np.flatnonzero(atlas.family == family)
    twin = [i for i in same if i != best and atlas.roundings[i] != atlas.roundings[best]]
    rounding: colormaps.Rounding | None = None
    sure = 0.0
    if twin:
        extra = int(hits[best] - hits[twin[0]])
        rounding, sure = atlas.roundings[best], 0.99 - 0.49 * float(np.exp(-max(extra, 0) / 3))
    name, turned = _unrolled(atlas, best, grid)
    return Reading(
        name,
        min(confidence, turned),
        atlas.names[rival] if more < 20 and shares[rival] > 0 else None,
        rounding,
        sure,
        0.0,
        float(shares[best]),
        colours,
    )


def _unrolled(atlas: _Atlas, best: int, grid: NDArray[np.uint8]) -> tuple[str, float]:
    """The map's name; of maps with the same colours in another order the one without jumps, and how sure."""
    name = atlas.names[best]
    number = atlas.family_of[name]
    members = [n for n, f in atlas.family_of.items() if f == number and not n.endswith("_r")]
    tables = {}
    for member in members[::-1]:
        table = colormaps.get(member).table
        tables[min(table.tobytes(), table[::-1].tobytes())] = member
    if len(tables) < 2:
        return name, 0.99
    jumps = []
    for member in tables.values():
        cmap = colormaps.get(member)
        level = colormaps.index_of(grid, cmap, "nearest").index / len(cmap)
        steps = [np.abs(np.diff(level, axis=axis)) for axis in (0, 1)]
        jumps.append((sum(float(step.mean()) for step in steps if step.size), member))  # a single row has no steps
    jumps.sort()
    ratio = jumps[1][0] / max(jumps[0][0], 1e-9)
    if name in tables.values() and ratio < 1.02:
        return name, 0.6
    return jumps[0][1], 0.99 if ratio > 1.3 else 0.75


def _near_reading(
    atlas: _Atlas, points: NDArray[np.uint8], weight: NDArray[np.float64], exact: float, grid: NDArray[np.uint8]
) -> Reading:
    few = _spread(points, weight, _FIRST)
    coarse = _distances(*few, atlas.points[:, ::4])
    finalists = np.argsort(coarse)[:_FINALISTS]
    fine = _distances(*_spread(points, weight, _SECOND), atlas.points[finalists])
    order = np.argsort(fine)
    best, rival = int(finalists[order[0]]), int(finalists[order[1]])
    near, far = float(fine[order[0]]), float(fine[order[1]])
    firsts = {f: i for i, f in reversed(list(enumerate(atlas.family.tolist())))}
    name, turned = _unrolled(atlas, firsts[best], grid)
    confidence = min(turned, confidence_of(near, far, len(points)))
    rival_name = atlas.names[firsts[rival]] if far < 1.6 * near + 4 else None
    return Reading(name, confidence, rival_name, None, 0.0, near, exact, len(points))


def confidence_of(near: float, far: float, colours: int) -> float:
    """How sure a map is whose mean distance is `near` while the next map's is `far`, judged by `colours` colours."""
    margin = (far - near) / (near + 2.0)
    sure = min(0.97, 1 - 0.5 * float(np.exp(-margin * 8)))
    sure *= 1 - 0.5 * float(np.exp(-colours / 8))
    return round(sure * float(np.exp(-max(near - 12, 0) / 25)), 4)


def _spread(
    points: NDArray[np.uint8], weight: NDArray[np.float64], count: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """About `count` of the colours, evenly over their order, and their weights."""
    step = -(-len(points) // count)
    return points[::step].astype(np.float32), weight[::step]


def _distances(
    colours: NDArray[np.float32], weight: NDArray[np.float64], tables: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Weighted mean of the distance, at most `_CAP`, of colours (n, 3) from each of tables (m, k, 3): shape (m,)."""
    flat = tables.reshape(-1, 3)
    # |c - t|^2 = |c|^2 + (|t|^2 - 2 c.t); a product of matrices is several times as fast as differences
    rest = (flat * flat).sum(axis=1) - 2 * (colours @ flat.T)
    least = rest.reshape(len(colours), *tables.shape[:2]).min(axis=2)
    square = np.maximum(least + (colours * colours).sum(axis=1)[:, None], 0)
    distance = np.minimum(np.sqrt(square), _CAP)
    result: NDArray[np.float64] = weight @ distance / weight.sum()
    return result
