"""What was done to the cells that somebody edited: made louder or quieter, erased, copied from elsewhere, or painted.

One gain for a region where one explains all of its cells, as a brush or a brightness tool leaves it, is known far
better than any cell's level; a gain of its own for each cell where it changes slowly; else the region's content is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import FloatArray
from fastspec.colours.levels import LevelScale
from fastspec.plot.cells import PixelSpans
from fastspec.retouch import moves as blocks
from fastspec.retouch import regions
from fastspec.retouch.compare import Compared
from fastspec.retouch.moves import Move


class Limits(NamedTuple):
    """When cells have one gain, a slowly changing one, or new content.

    A unit is a step of the colormap, or more where levels are uncertain.
    """

    alike: float = 1.5  # units: neighbours whose change differs by no more have one gain; unmeasured
    spread: float = 2.0  # units: nine tenths of the changes of a region with one gain lie as close; unmeasured
    constant: int = 16  # cells: fewer with one gain are so by chance; unmeasured
    heard: float = 0.5  # share of a region above the floor before, from which one change of it is a gain; unmeasured
    smooth: int = 64  # cells: fewer whose gain changes slowly are so by chance; unmeasured
    explained: float = 0.5  # share of an edit's cells with some gain: with more it is no copy; unmeasured
    deviations: float = 2.5  # of a damaged level: a unit there; unmeasured
    everywhere: float = 0.5  # share of cells with new content from which the whole picture is new; unmeasured


LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class Edit:
    """What to do with each cell (n_frames, n_cells) of one channel.

    gain : factor of amplitudes, 1 of untouched cells. painted : cells whose content is new, with `target` amplitudes
    relative to the reference. moves : blocks copied from elsewhere, in cells, `louder` in dB. touched : any of these.
    everywhere : whether the whole picture is new. exact : whether the file lost nothing, so that what is painted is so.
    """

    gain: NDArray[np.float32]
    painted: NDArray[np.bool_]
    target: NDArray[np.float32]
    moves: tuple[Move, ...]
    touched: NDArray[np.bool_]
    everywhere: bool
    exact: bool = True


@dataclass(eq=False)
class _Canvas:
    """Shown cells (shown frames, shown cells) while they are explained; `rest` are those that are not yet."""

    seen: Compared
    own: FloatArray  # amplitudes of the original
    target: NDArray[np.float32]  # amplitudes of the picture
    unit: float  # of level
    at_floor: NDArray[np.bool_]
    at_top: NDArray[np.bool_]
    rest: NDArray[np.bool_]
    touched: NDArray[np.bool_]
    gain: NDArray[np.float32]
    floor: float

    @property
    def heard(self) -> NDArray[np.bool_]:
        """Cells that were above the floor."""
        return np.asarray(self.seen.before > self.floor + 0.5 * self.unit)

    @property
    def quiet(self) -> NDArray[np.bool_]:
        """Cells at the floor before and after, of which nothing is known."""
        return np.asarray(self.at_floor & (self.seen.before <= self.floor + 0.5 * self.unit))

    def explain(self, where: tuple[slice, slice], cells: NDArray[np.bool_], gain: FloatArray | float) -> None:
        """Give cells of a rectangle their gain."""
        self.gain[where][cells] = gain[cells] if isinstance(gain, np.ndarray) else gain
        self.rest[where] &= ~cells
        self.touched[where] |= cells


def edit_of(
    seen: Compared, amplitudes: FloatArray, scale: LevelScale, levels: tuple[float, float, float], *, linear: bool
) -> Edit:
    """What was done, from what was compared.

    amplitudes : (n_frames, n_cells) of the original's cells, relative to the reference. scale : of the levels.
    levels : the lowest and the highest that a colour stands for, and the step between two. linear : whether equal
    distances of cells are equal in Hz.
    """
    floor, top, step = levels
    unit = max(step, LIMITS.deviations * seen.error)
    canvas = _Canvas(
        seen,
        own=np.ascontiguousarray(amplitudes[seen.across.shown][:, seen.down.shown]),
        target=np.asarray(scale.amplitude(seen.after), np.float32),
        unit=unit,
        at_floor=seen.after <= floor + 0.5 * unit,
        at_top=seen.after >= top - 0.5 * unit,
        rest=seen.touched.copy(),
        touched=seen.touched.copy(),
        gain=np.ones(seen.touched.shape, np.float32),
        floor=floor,
    )
    ends = (floor, top) if scale.kind == "db" and scale.center is None else None
    found = blocks.find(seen.before, seen.after, _rough(canvas), unit, linear=linear, ends=ends)
    for move in found:
        canvas.rest[move.into] = False
        canvas.touched[move.into] = True
    _find_gains(canvas, top)
    _find_erased(canvas)
    return _on_all_cells(canvas, found, scale.hi - scale.lo)


def _rough(canvas: _Canvas) -> NDArray[np.bool_]:
    """Touched cells of edits that no gain explains, and which may be copied from elsewhere.

    Cells that were at the floor prove no gain: a louder copy of silence raises all of them alike.
    """
    inside = canvas.rest & canvas.heard & ~canvas.at_floor & ~canvas.at_top
    change = canvas.seen.after - canvas.seen.before
    labels, count = regions.label(inside, change, LIMITS.alike * canvas.unit)
    if not count:
        return canvas.rest & ~canvas.at_floor
    in_large = np.zeros(inside.shape, np.bool_)
    in_large[inside] = np.bincount(labels[inside], minlength=count)[labels[inside]] >= LIMITS.constant
    edits, number = regions.label(canvas.rest, np.zeros(inside.shape, np.float32), 0.0)
    open_cells = np.bincount(edits[inside], minlength=number)
    explained = np.bincount(edits[in_large], minlength=number)
    rough = explained < LIMITS.explained * open_cells
    return np.asarray(canvas.rest & rough[edits])


def _find_gains(canvas: _Canvas, top: float) -> None:
    """Explain regions by one gain each, or by one that changes slowly."""
    seen = canvas.seen
    change = seen.after - seen.before
    inside = canvas.rest & ~canvas.at_floor & ~canvas.at_top
    labels, count = regions.label(inside, change, LIMITS.alike * canvas.unit)
    sizes = np.bincount(labels[inside], minlength=count)
    large = np.flatnonzero(sizes >= LIMITS.constant)
    quiet = canvas.quiet
    for number, where in zip(large, regions.boxes(labels, large), strict=True):
        piece = labels[where] == number
        changes = change[where][piece]
        low, middle, high = np.quantile(changes, (0.05, 0.5, 0.95))
        ratios = canvas.target[where] / canvas.own[where]
        heard = piece & canvas.heard[where]
        if high - low <= LIMITS.spread * canvas.unit:
            if not _proves_a_gain(seen.before[where][heard], int(sizes[number]), canvas.unit):
                continue  # painted over silence in one colour
            factor = float(np.exp(np.log(ratios[heard]).mean()))
            expected = seen.before[where] + middle
            fell = canvas.at_floor[where] & (expected <= canvas.floor + canvas.unit)
            rose = canvas.at_top[where] & (expected >= top - canvas.unit)
            open_cells = (canvas.rest[where] & (fell | rose)) | (quiet[where] & ~canvas.touched[where])
            canvas.explain(where, piece | (regions.hull(piece) & open_cells), factor)
        elif sizes[number] >= LIMITS.smooth:
            canvas.explain(where, heard, np.asarray(ratios, np.float32))


def _proves_a_gain(before: NDArray[np.float32], size: int, unit: float) -> bool:
    """Whether a region of `size` cells with one change was made louder, by the levels (n,) of those that were heard.

    Paint of one colour over silence changes all of it alike, too, and the quietest cells nearly so.
    """
    if before.size >= LIMITS.heard * size:
        return True
    if before.size < LIMITS.constant:
        return False
    low, high = np.quantile(before, (0.05, 0.95))
    return bool(high - low > 2 * LIMITS.spread * unit)


def _find_erased(canvas: _Canvas) -> None:
    """What fell to the floor, and cells between that lay there before."""
    erased = canvas.rest & canvas.at_floor
    labels, count = regions.label(erased, np.zeros(erased.shape, np.float32), 0.0)
    quiet = canvas.quiet & ~canvas.touched
    for number, where in enumerate(regions.boxes(labels, np.arange(count))):
        piece = labels[where] == number
        canvas.explain(where, piece | (regions.hull(piece) & quiet[where]), 0.0)


def _on_all_cells(canvas: _Canvas, found: list[Move], decibels: float) -> Edit:
    """The edit on all cells: those that no pixel shows have what was done to the nearest one that pixels show.

    If those on both sides of them were edited: where an edit ends between two cells is not known, and it reaches no
    farther than it was seen to. decibels : that the levels span.
    """
    seen = canvas.seen
    (low, high, near), (below, above, nearest) = neighbours(seen.across), neighbours(seen.down)
    touched = canvas.touched[low] & canvas.touched[high]
    touched = touched[:, below] & touched[:, above]
    grid = np.ix_(near, nearest)
    painted = canvas.rest
    return Edit(
        gain=np.where(touched, canvas.gain[grid], np.float32(1)),
        painted=painted[grid] & touched,
        target=canvas.target[grid],
        moves=tuple(
            blocks.on_all_cells(move, seen.frames, seen.cells)._replace(louder=move.louder * decibels) for move in found
        ),
        touched=touched,
        everywhere=seen.everywhere or float(painted.mean()) >= LIMITS.everywhere,
        exact=seen.exact,
    )


def neighbours(spans: PixelSpans) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """The numbers of the shown cells at or below, at or above, and nearest to each cell."""
    low = spans.low
    high = np.where(spans.part > 0, low + 1, low)
    return low, high, np.where(spans.part > 0.5, high, low)
