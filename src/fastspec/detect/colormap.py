"""The colormap and its direction, read off the pixels.

A clean picture holds nothing but entries of its map, so the map that has them all is the one, and its bytes tell how
fractions were rounded. A damaged picture (JPEG, noise, few colours, another size) holds colours near its map; then
the map with the smallest mean distance is named, as sure as the runner-up is far. Both orders of a map have the same
colours: `fastspec.detect.colormap_direction` tells which end is loud.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Rounding
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.colours import colormap
from fastspec.detect.colormap_direction import LIMITS as DIRECTIONS
from fastspec.detect.colormap_direction import direction, reverse_of
from fastspec.detect.colour_survey import Atlas, ColourSurvey, atlas, kernels, spaced


class Limits(NamedTuple):
    """What makes a map the one, and how sure of it the colours are.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`: its table sets confidences against the share that is
    right. unmeasured: no command repeats the value.
    """

    clean: float = 0.8  # share of colours that are entries of one map: with fewer the picture is damaged; unmeasured
    fewest: int = 3  # colours: fewer hardly name a map, and one does not at all; unmeasured
    sure_of_few: float = 0.5  # confidence at most, of so few; facts
    # clean pictures
    sure: float = 0.99  # confidence at most of a map, a direction or a rounding; facts
    rival_takes: float = 0.6  # of it, where a rival has every colour too; facts
    rounding_takes: float = 0.49  # of it, where the other rounding has every colour too; facts
    told_apart: float = 3.0  # colours that a rival lacks by which what it takes falls to a third; unmeasured
    unseen: float = 0.25  # of a colour: what one that only the rival has, and which does not occur, counts; unmeasured
    rival: int = 20  # such colours: with more no rival is named; unmeasured
    tie: float = 1e-9  # share of colours by which equal sums may differ as they round; unmeasured
    sure_of_gray: float = 0.9  # a damaged picture in Greys has all levels of gray as well; facts
    whole_gray: int = 256  # entries of plain gray, which a map of fewer grays is part of; unmeasured
    beside: int = 30  # pixels of the neighbours of grays that Greys lacks: fewer do not show the lack; unmeasured
    rare: float = 0.25  # of such neighbours: grays that occur less are left out by Greys; unmeasured
    # order of a map's colours
    same_jumps: float = 1.02  # ratio of the mean steps from pixel to pixel in two orders, up to which none is the
    # better; unmeasured
    clear_jumps: float = 1.3  # from which the smoother is the one; unmeasured
    sure_of_same: float = 0.6  # confidence at most, of two that are as smooth; facts
    sure_of_smoother: float = 0.75  # between the two ratios; facts
    # damaged pictures
    first: int = 96  # colours that choose the finalists among all maps; unmeasured
    finalists: int = 12  # maps; unmeasured
    second: int = 1024  # colours that choose among these; unmeasured
    far: float = 60.0  # of 255: farther colours are paint or text, no evidence between maps; unmeasured
    uncovered: float = 0.3  # of the misfit, that a map whose entries hardly occur gets more; unmeasured
    prior: float = 0.06  # of the misfit, by which a map that few people draw in must be better; unmeasured
    shunned: float = 0.5  # the same of a map that hardly anybody draws in; unmeasured
    rival_near: tuple[float, float] = (1.6, 4.0)  # times the misfit, and of 255: a worse rival is not named; unmeasured
    # On 180 maps with eight kinds of damage a wrong map was never ahead by more than .37 of its misfit.
    margin_from: float = 2.0  # of 255, added to the misfit of which the lead is a share; unmeasured
    margin: float = 3.2  # e-folds of what is left to certainty, for each 1 of lead; unmeasured
    sure_of_lead: float = 0.97  # confidence at most; facts
    colours: float = 8.0  # of which few halve the confidence, e-folds; unmeasured
    misfit: float = 35.0  # of 255, from which confidence falls; unmeasured
    misfit_scale: float = 30.0  # of 255, by which it falls to a third; unmeasured
    sure_of_damaged: float = 0.9  # of a direction that is no tool's default; facts
    sure_of_foreign: float = 0.7  # of a tool's own map, where nothing else speaks of that tool; facts
    # what is stated
    states_rounding: float = 0.6  # confidence from which a rounding is stated; facts
    states_rounding_of: float = 0.5  # confidence of the map from which its rounding is; facts
    names_rival: float = 0.97  # confidence below which the next best is named; unmeasured
    every: float = 0.999  # share of colours that the note calls all; unmeasured


LIMITS = Limits()
_DEFAULTS = ("viridis", "magma")  # of matplotlib and librosa
# Those that people choose most often, and those that hardly anybody draws sound in, as their colours come again
_CHOSEN = (
    *_DEFAULTS, "inferno", "plasma", "cividis", "jet", "turbo", "hot", "gray", "coolwarm", "rainbow", "nipy_spectral",
    "RdBu", "Spectral",
)  # fmt: skip
_SHUNNED = ("flag", "prism")


@dataclass(frozen=True)
class RecognisedColormap:
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
    area: NDArray[Any], known: Calibration, palette: NDArray[np.uint8] | None = None, seen: ColourSurvey | None = None
) -> Calibration:
    """cmap and cmap_rounding of `area`: (H, W, 3) or (H, W) uint8, with `palette` (N, 3) for entries; (H, W) uint16.

    A map that is known surely is kept; then only its rounding is read. seen : the area, if it was looked at before.
    """
    sure = known.get("cmap") if known.source("cmap") != "assumed" else None
    seen = seen or ColourSurvey.of(area, palette)
    reading = recognise(seen, only=sure)
    only_gray = area.dtype == np.uint16  # the only map of 16 bits, whatever few levels look like
    if reading is None or (sure is None and reading.colours <= 1 and not only_gray):
        return Calibration()
    facts: dict[str, Fact] = {}
    rounding_shows = reading.rounding is not None and reading.rounding_confidence > LIMITS.states_rounding
    if rounding_shows and (sure or reading.confidence > LIMITS.states_rounding_of):
        note = "the entries of the map that occur"
        facts["cmap_rounding"] = Fact(reading.rounding, "pixels", reading.rounding_confidence, note)
    if sure is None:
        facts["cmap"] = _map_fact(seen, reading, known, only_gray)
    return Calibration(facts)


def _map_fact(seen: ColourSurvey, reading: RecognisedColormap, known: Calibration, only_gray: bool) -> Fact:
    """The map with its direction; as sure as both are, and assumed where the direction is hardly more than a guess."""
    ends = direction(seen, "gray" if only_gray else reading.name, known.without("cmap"))
    name, polarity = ends.cmap, ends.sure_of_cmap
    sure_of_map, other, damaged = reading.confidence, reading.rival, reading.exact < LIMITS.clean
    if name in ("gray", "gray_r"):  # a damaged picture in Greys has all levels of gray as well
        sure_of_map = min(sure_of_map, LIMITS.sure_of_gray)
        other = other or ("Greys_r" if name == "gray" else "Greys")
    tool = colormap.tool_of(name)
    if damaged and tool is not None and tool != str(known.get("profile")).partition("-")[0]:
        sure_of_map = min(sure_of_map, LIMITS.sure_of_foreign)
    if reading.colours < LIMITS.fewest and not only_gray:
        sure_of_map = min(sure_of_map, LIMITS.sure_of_few)
    default = name in (*_DEFAULTS, *colormap.defaults_of_tools())
    if damaged and not default:  # damage hides which end was the loud one, too
        polarity = min(polarity, LIMITS.sure_of_damaged)
    rival = other if sure_of_map < min(polarity, LIMITS.names_rival) else None
    if rival is None and polarity < LIMITS.names_rival and reverse_of(name) != name:
        rival = reverse_of(name)
    off = f"colours lie {reading.distance:.1f} of 255 off"
    note = "every colour is an entry" if reading.exact > LIMITS.every else off
    source = "pixels" if polarity >= DIRECTIONS.stated else "assumed"
    return Fact(name, source, round(sure_of_map * polarity, 4), note, rival)


def recognise(seen: ColourSurvey, only: str | None = None) -> RecognisedColormap | None:
    """The map of the colours seen, whatever its direction; `only` limits the choice to this map. None if none fits."""
    return seen.once(_recognise, only)


def _recognise(seen: ColourSurvey, only: str | None) -> RecognisedColormap | None:
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
    if shares[best] >= LIMITS.clean:
        return _clean_reading(book, shares, hits, best, seen)
    return _near_reading(book, float(shares[best]), seen) if only is None else None


def _clean_reading(
    book: Atlas, shares: NDArray[np.float64], hits: NDArray[np.intp], best: int, seen: ColourSurvey
) -> RecognisedColormap:
    # where two tables have all colours, the one with fewer besides is likelier, but plain gray is more usual than Greys
    tied = np.flatnonzero((hits == hits[best]) & (shares >= shares[best] - LIMITS.tie))
    if len(tied) > 1:
        best = int(tied[np.argmin(book.sizes[tied] + (np.array(tied) != best) * 0.5)])
        plain = [int(n) for n in tied if book.names[n] == "gray" and book.sizes[n] >= LIMITS.whole_gray]
        best = plain[0] if plain and book.names[best].startswith("Greys") else best
    most, best = best, _prefer_greys(book, shares, best, seen)
    family = book.family[best]
    others = np.flatnonzero((book.family != family) & (book.family != book.family[most]))
    rival = int(others[np.argmax(shares[others])])
    unseen = book.sizes - hits
    # a rival with all these colours too would have shown some of its others
    more = float(hits[best] - hits[rival]) + LIMITS.unseen * max(0.0, float(unseen[rival] - unseen[best]))
    confidence = LIMITS.sure - LIMITS.rival_takes * float(np.exp(-max(more, 0) / LIMITS.told_apart))
    same = np.flatnonzero(book.family == family)
    twin = [i for i in same if i != best and book.roundings[i] != book.roundings[best]]
    rounding: Rounding | None = None
    sure = 0.0
    if twin:
        extra = int(hits[best] - hits[twin[0]])
        rounding = book.roundings[best]
        sure = LIMITS.sure - LIMITS.rounding_takes * float(np.exp(-max(extra, 0) / LIMITS.told_apart))
    name, turned = _unrolled(book, best, seen)
    return RecognisedColormap(
        name,
        min(confidence, turned),
        book.names[rival] if more < LIMITS.rival and shares[rival] > 0 else None,
        rounding,
        sure,
        0.0,
        float(shares[best]),
        seen.different,
    )


def _prefer_greys(book: Atlas, shares: NDArray[np.float64], best: int, seen: ColourSurvey) -> int:
    """The number of Greys' table where grays that it leaves out hardly occur, as in a painted picture; or `best`."""
    if book.names[best] != "gray" or book.sizes[best] < LIMITS.whole_gray:
        return best
    counts = np.bincount(seen.points[:, 0], seen.counts, minlength=256)
    for how in ("round", "trunc"):
        number = book.tables["Greys", how]
        has = np.isin(np.arange(256), colormap.get("Greys", how).table[:, 0])
        gaps = np.flatnonzero(~has[1:-1] & has[:-2] & has[2:]) + 1
        beside = float(np.minimum(counts[gaps - 1], counts[gaps + 1]).sum())  # not the background's beside its own
        shows = shares[number] > LIMITS.clean and beside > LIMITS.beside
        if shows and counts[gaps].sum() < LIMITS.rare * beside:
            return number
    return best


def _unrolled(book: Atlas, best: int, seen: ColourSurvey) -> tuple[str, float]:
    """The map's name; of maps with the same colours in another order the one without jumps, and how sure."""
    name = book.names[best]
    orders = _orders(colormap.revision()).get(book.families[name], ())  # none where only the reverse has these colours
    if len(orders) <= 1:
        return name, LIMITS.sure
    jumps = []
    for member in orders:
        index, top = seen.index(member)
        level = index / top
        steps = [np.abs(np.diff(level, axis=axis)) for axis in (0, 1)]
        jumps.append((sum(float(step.mean()) for step in steps if step.size), member))  # a single row has no steps
    jumps.sort()
    ratio = jumps[1][0] / max(jumps[0][0], 1e-9)
    if name in orders and ratio < LIMITS.same_jumps:
        return name, LIMITS.sure_of_same
    return jumps[0][1], LIMITS.sure if ratio > LIMITS.clear_jumps else LIMITS.sure_of_smoother


@lru_cache(maxsize=1)
def _orders(_revision: Hashable) -> dict[int, tuple[str, ...]]:
    """For each family the maps that have its colours in different orders; a reverse is no other order."""
    found: dict[int, dict[bytes, str]] = {}
    for name, family in reversed(atlas().families.items()):
        if not name.endswith("_r"):
            table = colormap.get(name).table
            found.setdefault(family, {})[min(table.tobytes(), table[::-1].tobytes())] = name
    return {family: tuple(orders.values()) for family, orders in found.items()}


@lru_cache(maxsize=1)
def _points(_revision: Hashable) -> tuple[tuple[int, ...], NDArray[np.int32], NDArray[np.int32]]:
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


def _near_reading(book: Atlas, exact: float, seen: ColourSurvey) -> RecognisedColormap:
    firsts, fine, coarse = _points(colormap.revision())
    weight = np.sqrt(seen.counts)
    far = np.empty(len(firsts))
    everyone = np.arange(len(firsts))
    kernels.mean_distances(*_spread(seen.points, weight, LIMITS.first), coarse, everyone, LIMITS.far, far)
    finalists = np.argsort(far)[: LIMITS.finalists]
    near, bias, cover = np.empty((3, LIMITS.finalists))
    kernels.fit(*_spread(seen.points, weight, LIMITS.second), fine, finalists, LIMITS.far, near, bias, cover)
    usual = (*_CHOSEN, *colormap.defaults_of_tools())
    named = [book.names[firsts[k]].removesuffix("_r") for k in finalists]
    against = [LIMITS.shunned if n in _SHUNNED else LIMITS.prior * (n not in usual) for n in named]
    misfit = (near + bias) * (1 + LIMITS.uncovered - LIMITS.uncovered * cover) * (1 + np.array(against))
    best, rival = np.argsort(misfit)[:2]
    other = book.names[firsts[finalists[rival]]]
    name, turned = _unrolled(book, firsts[finalists[best]], seen)
    confidence = confidence_of(float(misfit[best]), float(misfit[rival]), seen.different)
    times, more = LIMITS.rival_near
    close = misfit[rival] < times * misfit[best] + more
    return RecognisedColormap(
        name, min(turned, confidence), other if close else None, None, 0.0, float(near[best]), exact, seen.different
    )


def confidence_of(misfit: float, next_misfit: float, colours: int) -> float:
    """How sure a map is of this misfit while the next map's is `next_misfit`, judged by `colours` colours."""
    lead = (next_misfit - misfit) / (misfit + LIMITS.margin_from)
    sure = min(LIMITS.sure_of_lead, 1 - 0.5 * float(np.exp(-lead * LIMITS.margin)))
    sure *= 1 - 0.5 * float(np.exp(-colours / LIMITS.colours))
    return round(sure * float(np.exp(-max(misfit - LIMITS.misfit, 0) / LIMITS.misfit_scale)), 4)


def _spread(
    points: NDArray[np.uint8], weight: NDArray[np.float64], count: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """About `count` of the colours, evenly over their order, and their weights."""
    step = -(-len(points) // count)
    return points[::step].astype(np.int32), np.ascontiguousarray(weight[::step])
