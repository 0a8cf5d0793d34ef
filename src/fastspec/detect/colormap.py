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

from fastspec._typing import Rounding
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.colours import colormap
from fastspec.detect.colour_survey import Atlas, Glance, atlas, kernels, spaced

_FIRST, _SECOND = 96, 1024  # colours that choose among all maps, and among the best
_FINALISTS = 12
# Maps that tools draw with unless told otherwise, and those that people choose most.
_USUAL = ("viridis", "magma", "inferno", "plasma", "cividis", "jet", "turbo", "hot", "gray", "coolwarm", "sox")
_DEFAULTS = ("viridis", "magma", "sox")
_PRIOR = 0.06  # by how much another map must fit better
_SURE_OF_GRAY, _SURE_OF_DAMAGED = 0.9, 0.9
_OF_TOOLS, _SURE_OF_FOREIGN = ("sox", "ffmpeg"), 0.7  # their maps, where nothing else speaks of those tools
_FEW, _SURE_OF_FEW = 3, 0.5  # fewer colours hardly name a map, and one does not at all
_CAP = 60.0  # of 255: farther colours are paint or text, no evidence between maps
_FEW_BESIDE, _RARE = 100, 0.25  # pixels of neighbouring grays, and what share of it is left out by a map without them
_CLEAN = 0.8  # share of colours that must be entries of the map
# Their ends have one colour or come back, so their direction shows badly.
CYCLIC = ("twilight", "hsv", "flag", "prism")
_CONTRARY = 0.4  # of the spread: treble that is louder by this leaves a doubt, whatever else is seen


@dataclass(frozen=True)
class Reading:
    """What colours say: `name` of the map, how sure (0..1), the `rival`, `rounding` or None where it does not show.

    distance : mean distance of the colours from the map, of 255 (0 for a clean picture). exact : share of colours that
    are entries of the map. colours : how many different ones were seen.
    """

    name: str
    confidence: float
    rival: str | None
    rounding: Rounding | None
    rounding_confidence: float
    distance: float
    exact: float
    colours: int


def read_colours(
    area: NDArray[Any], known: Calibration, palette: NDArray[np.uint8] | None = None, seen: Glance | None = None
) -> Calibration:
    """cmap and cmap_rounding of `area`: (H, W, 3) or (H, W) uint8, with `palette` (N, 3) for entries; (H, W) uint16.

    A map that is known surely is kept; then only its rounding is read. seen : the area, if it was looked at before.
    """
    sure = known.get("cmap") if known.source("cmap") != "assumed" else None
    seen = seen or Glance.of(area, palette)
    reading = recognise(seen, only=sure)
    only_gray = area.dtype == np.uint16  # the only map of 16 bits, whatever few levels look like
    if reading is None or (sure is None and reading.colours < 2 and not only_gray):
        return Calibration()
    facts: dict[str, Fact] = {}
    if reading.rounding is not None and reading.rounding_confidence > 0.6 and (sure or reading.confidence > 0.5):
        note = "the entries of the map that occur"
        facts["cmap_rounding"] = Fact(reading.rounding, "pixels", reading.rounding_confidence, note)
    if sure is None:
        name, polarity = direction(seen, "gray" if only_gray else reading.name)
        sure_of_map, other = reading.confidence, reading.rival
        if name in ("gray", "gray_r"):  # a damaged picture in Greys has all levels of gray as well
            sure_of_map, other = min(sure_of_map, _SURE_OF_GRAY), other or ("Greys_r" if name == "gray" else "Greys")
        tool = str(known.get("profile", "nobody")).partition("-")[0]
        if name.startswith(_OF_TOOLS) and not name.startswith(tool) and reading.exact < _CLEAN:
            sure_of_map = min(sure_of_map, _SURE_OF_FOREIGN)
        if reading.colours < _FEW and not only_gray:
            sure_of_map = min(sure_of_map, _SURE_OF_FEW)
        if reading.exact < _CLEAN and name not in _DEFAULTS:  # damage hides which end was the loud one, too
            polarity = min(polarity, _SURE_OF_DAMAGED)
        confidence = round(sure_of_map * polarity, 4)
        rival = other if sure_of_map < min(polarity, 0.97) else None
        if rival is None and polarity < 0.97 and reverse_of(name) != name:
            rival = reverse_of(name)
        note = "every colour is an entry" if reading.exact > 0.999 else f"colours lie {reading.distance:.1f} of 255 off"
        facts["cmap"] = Fact(name, "pixels", confidence, note, rival)
    return Calibration(facts)


def recognise(seen: Glance, only: str | None = None) -> Reading | None:
    """The map of the colours seen, whatever its direction; `only` limits the choice to this map. None if none fits."""
    key = f"the map among {only or 'all'}"
    if key not in seen.found:
        seen.found[key] = _recognise(seen, only)
    reading: Reading | None = seen.found[key]
    return reading


def _recognise(seen: Glance, only: str | None) -> Reading | None:
    if not seen.different:
        return None
    book = atlas()
    shares, hits = seen.entries(root=True)
    if only is not None:
        family = book.families.get(only)
        if family is None:
            return None
        mine = np.flatnonzero(book.family == family)
        best = int(mine[np.argmax(shares[mine])])
    else:
        best = int(np.argmax(shares))
    if shares[best] >= _CLEAN:
        return _clean_reading(book, shares, hits, best, seen)
    return _near_reading(book, float(shares[best]), seen) if only is None else None


def direction(seen: Glance, name: str) -> tuple[str, float]:
    """`name` or its reverse, whichever makes the picture look like sound, and how sure (0.5 .. 0.99)."""
    if reverse_of(name) == name:
        return name, 0.99
    levels = survey(seen, name)
    logit, tilt = _evidence(levels) + _prior(name), _tilt(levels)
    if logit < 0:
        name, logit, tilt = reverse_of(name), -logit, -tilt
    most = 0.8 if name.startswith(CYCLIC) else 0.85 if tilt < -_CONTRARY else 0.99
    return name, min(most, float(1 / (1 + np.exp(-logit))))


def reverse_of(name: str) -> str:
    """The name of the same map in the other order; of a map that nobody draws in the other, its own."""
    other = name[:-2] if name.endswith("_r") else name + "_r"
    return other if other in atlas().families else name


def _prior(name: str) -> float:
    """Log odds of this direction before the picture is looked at: a tool's default is more often used than not."""
    if name.startswith(("gray", "Greys", "binary")):
        return 0.0
    return -1.5 if name.endswith("_r") else 1.5


@dataclass(frozen=True)
class Survey:
    """What the levels of the grid, 0..1 of a map, are like.

    rows, columns : (h,) and (w,) their means. floor, top, loud : shares of the lowest level, the highest, and of the
    upper half. dips : skewness of the second differences down and across, positive where narrow and low.
    """

    rows: NDArray[np.float64]
    columns: NDArray[np.float64]
    mean: float
    spread: float
    floor: float
    top: float
    loud: float
    dips: tuple[float, float]


def survey(seen: Glance, name: str) -> Survey:
    """The levels of the grid as the map `name` has them."""
    key = f"survey of {name}"
    if key not in seen.found:
        index, top = seen.index(name)
        rows, columns, facts = np.empty(index.shape[0]), np.empty(index.shape[1]), np.empty(7)
        kernels.survey(index, top, rows, columns, facts)
        mean, spread, floor, high, loud, down, across = facts.tolist()
        seen.found[key] = Survey(rows, columns, mean, spread, floor, high, loud, (down, across))
    found: Survey = seen.found[key]
    return found


def _evidence(levels: Survey) -> float:
    """Log odds that high levels are loud. Weights were set on pictures of speech and music."""
    height = len(levels.rows)
    if height < 4 or len(levels.columns) < 4 or levels.spread < 1e-3:
        # One colour: the lowest one, silence, is the likelier
        return 2.0 * (1 - 2 * levels.mean)
    ends = float(np.clip(12 * (levels.floor - levels.top), -2.5, 2.5))
    dips = float(np.clip(2.0 * sum(levels.dips), -3, 3))
    return 2.0 * _tilt(levels) + ends + dips - 1.5 * (levels.loud - 0.5)  # most of a picture is quiet


def _tilt(levels: Survey) -> float:
    """By how much the lower half is higher than the upper one, of the spread."""
    middle = len(levels.rows) // 2
    if not middle:
        return 0.0
    return float(levels.rows[middle:].mean() - levels.rows[:middle].mean()) / max(levels.spread, 0.05)


def _clean_reading(
    book: Atlas, shares: NDArray[np.float64], hits: NDArray[np.intp], best: int, seen: Glance
) -> Reading:
    # where two tables have all colours, the one with fewer besides is likelier
    tied = np.flatnonzero((hits == hits[best]) & (shares >= shares[best] - 1e-9))
    if len(tied) > 1:
        best = int(tied[np.argmin(book.sizes[tied] + (np.array(tied) != best) * 0.5)])
    most, best = best, _sparer_gray(book, shares, best, seen)
    family = book.family[best]
    others = np.flatnonzero((book.family != family) & (book.family != book.family[most]))
    rival = int(others[np.argmax(shares[others])])
    unseen = book.sizes - hits
    # a rival with all these colours too would have shown some of its others
    more = float(hits[best] - hits[rival]) + 0.25 * max(0.0, float(unseen[rival] - unseen[best]))
    confidence = 0.99 - 0.6 * float(np.exp(-max(more, 0) / 3))
    same = np.flatnonzero(book.family == family)
    twin = [i for i in same if i != best and book.roundings[i] != book.roundings[best]]
    rounding: Rounding | None = None
    sure = 0.0
    if twin:
        extra = int(hits[best] - hits[twin[0]])
        rounding, sure = book.roundings[best], 0.99 - 0.49 * float(np.exp(-max(extra, 0) / 3))
    name, turned = _unrolled(book, best, seen)
    return Reading(
        name,
        min(confidence, turned),
        book.names[rival] if more < 20 and shares[rival] > 0 else None,
        rounding,
        sure,
        0.0,
        float(shares[best]),
        seen.different,
    )


def _sparer_gray(book: Atlas, shares: NDArray[np.float64], best: int, seen: Glance) -> int:
    """The number of Greys' table where grays that it leaves out hardly occur, as in a painted picture; or `best`."""
    if book.names[best] != "gray" or book.sizes[best] < 256:
        return best
    counts = np.bincount(seen.points[:, 0], seen.counts, minlength=256)
    for how in ("round", "trunc"):
        number = book.tables["Greys", how]
        has = np.isin(np.arange(256), colormap.get("Greys", how).table[:, 0])
        gaps = np.flatnonzero(~has[1:-1] & has[:-2] & has[2:]) + 1
        beside = 0.5 * float(counts[gaps - 1].sum() + counts[gaps + 1].sum())
        if shares[number] > _CLEAN and beside > _FEW_BESIDE and counts[gaps].sum() < _RARE * beside:
            return number
    return best


def _unrolled(book: Atlas, best: int, seen: Glance) -> tuple[str, float]:
    """The map's name; of maps with the same colours in another order the one without jumps, and how sure."""
    name = book.names[best]
    orders = _orders().get(book.families[name], ())  # none where only the reverse has these colours
    if len(orders) < 2:
        return name, 0.99
    jumps = []
    for member in orders:
        index, top = seen.index(member)
        level = index / top
        steps = [np.abs(np.diff(level, axis=axis)) for axis in (0, 1)]
        jumps.append((sum(float(step.mean()) for step in steps if step.size), member))  # a single row has no steps
    jumps.sort()
    ratio = jumps[1][0] / max(jumps[0][0], 1e-9)
    if name in orders and ratio < 1.02:
        return name, 0.6
    return jumps[0][1], 0.99 if ratio > 1.3 else 0.75


@lru_cache(maxsize=1)
def _orders() -> dict[int, tuple[str, ...]]:
    """For each family the maps that have its colours in different orders; a reverse is no other order."""
    found: dict[int, dict[bytes, str]] = {}
    for name, family in reversed(atlas().families.items()):
        if not name.endswith("_r"):
            table = colormap.get(name).table
            found.setdefault(family, {})[min(table.tobytes(), table[::-1].tobytes())] = name
    return {family: tuple(orders.values()) for family, orders in found.items()}


@lru_cache(maxsize=1)
def _points() -> tuple[tuple[int, ...], NDArray[np.int32], NDArray[np.int32]]:
    """For each map and its reverse one table, and 256 and 64 of its entries: (maps, 3, 256) and (maps, 3, 64).

    Many of matplotlib's maps differ from their reverses by one of 255 here and there, which damage hides.
    """
    book = atlas()
    leader: dict[int, int] = {}
    for name, family in book.families.items():
        kin = leader.setdefault(family, family)
        leader.setdefault(book.families.get(reverse_of(name), family), kin)
    kept = sorted(set(leader.values()))
    firsts = {family: number for number, family in reversed(list(enumerate(book.family.tolist())))}
    order = tuple(firsts[family] for family in kept)
    fine = np.ascontiguousarray(np.stack([spaced(colormap.get(book.names[n]).table).T for n in order]))
    return order, fine, np.ascontiguousarray(fine[:, :, ::4])


def _near_reading(book: Atlas, exact: float, seen: Glance) -> Reading:
    firsts, fine, coarse = _points()
    weight = np.sqrt(seen.counts)
    far = np.empty(len(firsts))
    kernels.mean_distances(*_spread(seen.points, weight, _FIRST), coarse, np.arange(len(firsts)), _CAP, far)
    finalists = np.argsort(far)[:_FINALISTS]
    near, bias, cover = np.empty((3, _FINALISTS))
    kernels.fit(*_spread(seen.points, weight, _SECOND), fine, finalists, _CAP, near, bias, cover)
    unusual = np.array([book.names[firsts[k]] not in _USUAL for k in finalists])
    misfit = (near + bias) * (1.3 - 0.3 * cover) * (1 + _PRIOR * unusual)
    best, rival = np.argsort(misfit)[:2]
    other = book.names[firsts[finalists[rival]]]
    name, turned = _unrolled(book, firsts[finalists[best]], seen)
    confidence = confidence_of(float(misfit[best]), float(misfit[rival]), seen.different)
    close = misfit[rival] < 1.6 * misfit[best] + 4
    return Reading(
        name, min(turned, confidence), other if close else None, None, 0.0, float(near[best]), exact, seen.different
    )


def confidence_of(misfit: float, next_misfit: float, colours: int) -> float:
    """How sure a map is of this misfit while the next map's is `next_misfit`, judged by `colours` colours.

    On 180 maps with eight kinds of damage a wrong map was never ahead by more than .37 of its misfit.
    """
    margin = (next_misfit - misfit) / (misfit + 2.0)
    sure = min(0.97, 1 - 0.5 * float(np.exp(-margin * 3.2)))
    sure *= 1 - 0.5 * float(np.exp(-colours / 8))
    return round(sure * float(np.exp(-max(misfit - 35, 0) / 30)), 4)


def _spread(
    points: NDArray[np.uint8], weight: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """About `count` of the colours, evenly over their order, and their weights."""
    step = -(-len(points) // count)
    return points[::step].astype(np.int32), np.ascontiguousarray(weight[::step])
