"""The colours of a figure's own colour bar: which known map they are, in which direction, or the table of one unknown.

A bar shows its map from the quietest to the loudest level by place, so that it names a map, and which end is loud, far
more surely than the colours of the plot do. It is believed where the plot has its colours.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.calibration.facts import Fact
from fastspec.colours import colormap, user_tables
from fastspec.detect.colormap import LIMITS as MAPS
from fastspec.detect.colormap import recognise
from fastspec.detect.colour_survey import ColourSurvey, as_colours, kernels, spaced, usual_order
from fastspec.detect.evidence import Evidence, Scene, Signal
from fastspec.picture.picture import Picture

LABEL = "colour bar"  # the name of a table that was read off one


class Limits(NamedTuple):
    """What a bar's colours are, and whose.

    "field" is `python -m bench.quality.field CORPUS --only colours`. Differences of colours are of 255.
    """

    across: float = 0.25  # of the bar's width at each side, that its frame and JPEG's chroma may tint; unmeasured
    ends: int = 1  # lines at each end that the frame hides; unmeasured
    ends_of_jpeg: int = 3  # the same where chroma is blurred; unmeasured
    per_line: int = 300  # lines of the bar for each of which a frame is thicker by one; unmeasured
    shortest: int = 24  # lines of a bar that is read; unmeasured
    entries: int = 256  # of a table; unmeasured
    steps: int = 64  # colours of a bar of steps at most; unmeasured
    lines_a_step: int = 3  # lines that a step has at least; unmeasured
    # Of 61 bars of figures, 35 of them JPEG of quality 75 to 95, the true map lay 3.8 off at most and the next 16.
    known: float = 8.0  # root mean square difference from a known map, which the bar shows up to this; field
    rival: tuple[float, float] = (2.0, 4.0)  # times the difference, and plus this: a map nearer is a rival; field
    sure: float = 0.9  # of a known map without rival, as some bars are of other data; field
    sure_of_rival: float = 0.7  # of one with; unmeasured
    sure_of_table: float = 0.9  # of a table in whose colours the plot is, likewise; field
    # Of 38 JPEG figures the true map lay 28 off at most but for one of 37, other maps 23 and more.
    near: float = 30.0  # mean distance of the plot's colours from the bar's known map, up to which it is theirs; field
    nearer: tuple[float, float] = (1.25, 2.0)  # times the distance from the best map, and plus this: up to which a
    # bar's colours are the plot's; field
    far: float = 45.0  # mean distance from which they are not, whatever other maps have; unmeasured
    every: float = 0.98  # share of the plot's colours that are entries of one map, which no other is then; unmeasured


LIMITS = Limits()


class BarColours:
    """cmap, or the table of a map that nobody knows, of the figure's colour bar."""

    tells = frozenset({"cmap", "cmap_table"})

    def applies(self, scene: Scene) -> bool:
        """Where a bar was found, and neither user, file nor tool name the map."""
        return "colour_bar" in scene.known.picture and scene.source("cmap") in (None, "assumed")

    def read(self, scene: Scene) -> Evidence:
        """The map, if the plot has the bar's colours."""
        bar = table_of(scene.picture, scene.known.picture["colour_bar"])
        if bar is None:
            return Evidence()
        facts = of_plot(bar, scene.survey)
        return Evidence(facts, signals=frozenset({Signal.COLOURS_BY_BAR} if facts else ()))


class BarTable(NamedTuple):
    """What a bar shows: `table` (256, 3) uint8 from low to high, and whether it consists of steps of one colour."""

    table: NDArray[np.uint8]
    stepped: bool


def table_of(picture: Picture, box: Box) -> BarTable | None:
    """The colours of a bar from its low to its high end: from below upwards, or from left to right.

    Lines that the frame hides continue those beside them. None for a bar of hardly any lines.
    """
    left, top, right, bottom = box
    colours = as_colours(picture.pixels[top:bottom, left:right], picture.palette)
    lines = colours[::-1] if bottom - top >= right - left else colours.swapaxes(0, 1)
    count, wide = lines.shape[:2]
    if count < LIMITS.shortest:
        return None
    jpeg = picture.info.get("format") == "JPEG"
    side = int(LIMITS.across * wide)
    course = np.median(lines[:, side : wide - side], axis=1)
    hidden = (LIMITS.ends_of_jpeg if jpeg else LIMITS.ends) + count // LIMITS.per_line
    seen = course[hidden : count - hidden]
    different = 1 + int(np.count_nonzero((np.diff(seen, axis=0) != 0).any(axis=1)))
    stepped = different <= min(LIMITS.steps, len(seen) // LIMITS.lines_a_step)
    places = (np.arange(LIMITS.entries) + 0.5) * (count / LIMITS.entries) - hidden - 0.5
    nearest = seen[np.clip(np.rint(places), 0, len(seen) - 1).astype(np.intp)]
    if stepped:
        return BarTable(nearest.astype(np.uint8), True)
    table = _interpolated(seen, places, hidden)
    if not jpeg and count >= LIMITS.entries:  # each entry has a line of its own
        shown = np.abs(places - (len(seen) - 1) / 2) < len(seen) / 2
        table[shown] = nearest[shown]
    return BarTable(np.clip(np.rint(table), 0, 255).astype(np.uint8), False)


def _interpolated(seen: NDArray[np.float64], places: NDArray[np.float64], beyond: int) -> NDArray[np.float64]:
    """Colours at fractional lines of `seen` (n, 3), continued `beyond` lines more at each end as its ends go on."""
    step = min(4, len(seen) - 1)
    before = seen[0] - np.outer(np.arange(beyond + 1, 0, -1), (seen[step] - seen[0]) / step)
    after = seen[-1] + np.outer(np.arange(1, beyond + 2), (seen[-1] - seen[-1 - step]) / step)
    course = np.concatenate([before, seen, after])
    lines = np.arange(len(course)) - (beyond + 1.0)
    return np.stack([np.interp(places, lines, channel) for channel in course.T], axis=1)


def of_plot(bar: BarTable, seen: ColourSurvey) -> dict[str, Fact]:
    """cmap, and cmap_table of an unknown map, that a bar tells of the plot whose colours were `seen`; {} if none."""
    name, off, rival = known_map(bar.table)
    known = off <= LIMITS.known
    distance = distance_from(spaced(colormap.get(name).table if known else bar.table), seen)
    if distance > LIMITS.far or not seen.different:
        return {}
    if not (known and distance <= LIMITS.near) and not _fits(distance, bar, seen):
        return {}
    if known:
        sure = LIMITS.sure if rival is None else LIMITS.sure_of_rival
        note = f"the colour bar, whose colours lie {off:.1f} of 255 off"
        return {"cmap": Fact(name, "pixels", sure, note, rival)}
    note = f"read off the colour bar; no known map is nearer than {off:.0f} of 255"
    table = Fact(user_tables.as_text(LABEL, bar.table), "pixels", LIMITS.sure_of_table, note)
    return {"cmap": Fact(LABEL, "pixels", LIMITS.sure_of_table, note), "cmap_table": table}


def _fits(distance: float, bar: BarTable, seen: ColourSurvey) -> bool:
    """Whether no known map lies much nearer to the plot's colours than the bar's do, which lie so far off."""
    best = recognise(seen)
    if best is None:
        return True
    times, more = LIMITS.nearer
    return (bar.stepped or best.exact < LIMITS.every) and distance <= times * best.distance + more


def distance_from(table: NDArray[np.int32], seen: ColourSurvey) -> float:
    """Mean distance of the plot's colours from the nearest of the entries (256, 3), of 255."""
    if not seen.different:
        return 0.0
    step = -(-seen.different // MAPS.second)
    points = seen.points[::step].astype(np.int32)
    weight = np.ascontiguousarray(np.sqrt(seen.counts)[::step])
    found = np.empty(1)
    kernels.mean_distances(points, weight, np.ascontiguousarray(table.T)[None], np.arange(1), MAPS.far, found)
    return float(found[0])


def known_map(table: NDArray[np.uint8]) -> tuple[str, float, str | None]:
    """The known map nearest to a table (256, 3) by place, its root mean square difference, and a rival or None."""
    names, tables = _every_fourth(colormap.revision())
    off = np.sqrt(np.square(tables - spaced(table)[2::4].astype(np.float32)).mean(axis=(1, 2)))
    best = int(np.argmin(off))
    times, more = LIMITS.rival
    near = np.flatnonzero(off <= times * off[best] + more)
    apart = np.sqrt(np.square(tables[near] - tables[best]).mean(axis=(1, 2)))
    others = near[apart > more]
    rival = names[int(others[np.argmin(off[others])])] if len(others) else None
    return names[best], float(off[best]), rival


@lru_cache(maxsize=1)
def _every_fourth(_revision: Hashable) -> tuple[tuple[str, ...], NDArray[Any]]:
    """The names of all maps of colours, and 64 entries of each: (maps, 64, 3) float32."""
    maps = [colormap.get(name) for name in usual_order()]
    maps = [cmap for cmap in maps if not cmap.ramp]
    return tuple(cmap.name for cmap in maps), np.stack([spaced(cmap.table)[2::4] for cmap in maps]).astype(np.float32)
