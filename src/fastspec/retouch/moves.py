"""Blocks of a picture that were copied from elsewhere in it, as selection tools do, perhaps mirrored in time or made
louder or quieter."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.retouch import regions


class Limits(NamedTuple):
    """What is a copy. unmeasured: no command repeats the value."""

    side: int = 4  # cells: narrower blocks are not searched for; unmeasured
    least: int = 32  # cells: smaller blocks agree with some place by chance; unmeasured
    same: float = 1.25  # units: a copy's levels differ by no more from where they were; unmeasured
    agree: float = 0.85  # share of a block's cells that must; an unrelated place has below .2; unmeasured
    variety: float = 6.0  # units (standard deviation): flatter blocks agree with too many places; unmeasured
    joined: int = 2  # cells: parts of one block lie no farther apart; unmeasured
    most: int = 12  # blocks that are searched for, the largest first; unmeasured


LIMITS = Limits()


class Move(NamedTuple):
    """A block `into` (frames, cells) that shows what stood `frames` earlier and `cells` lower.

    mirrored : in time: frame t of the block shows `turn` - t, and `frames` says nothing. louder : by how much of the
    range of levels, 0..1, negative if quieter.
    """

    into: tuple[slice, slice]
    frames: int
    cells: int
    mirrored: bool = False
    turn: int = 0
    louder: float = 0.0


class _Source(NamedTuple):
    """Levels (frames, cells) that blocks may come from, and transforms of them, of 1 where there are levels, and of
    their squares, each padded."""

    levels: NDArray[np.float32]
    spectrum: NDArray[np.complex128]
    squares: NDArray[np.complex128]

    @classmethod
    def of(cls, levels: NDArray[np.float32]) -> _Source:
        shape = tuple(2 * side for side in levels.shape)
        return cls(levels, np.fft.rfft2(levels, shape), np.fft.rfft2(np.square(levels), shape))


def find(
    before: NDArray[np.float32],
    after: NDArray[np.float32],
    touched: NDArray[np.bool_],
    unit: float,
    *,
    linear: bool,
    ends: tuple[float, float] | None = None,
) -> list[Move]:
    """Blocks of touched cells that were copied, as positions among the shown cells (shown frames, shown cells).

    unit : of level, how far one may be off. linear : whether cells lie evenly in Hz, so that blocks can move up and
    down. ends : the lowest and the highest level where equal steps are equal factors, so that blocks may be louder.
    """
    if not touched.any():
        return []
    near = regions.grown(touched, LIMITS.joined)
    labels, count = regions.label(near, np.zeros(near.shape, np.float32), 0.0)
    sizes = np.bincount(labels[touched], minlength=count)
    around = regions.boxes(labels, np.arange(count))
    found: list[Move] = []
    sources: dict[bool, _Source] = {}
    for number in np.argsort(-sizes)[: LIMITS.most]:
        if sizes[number] < LIMITS.least:
            break
        mask = touched[around[number]] & (labels[around[number]] == number)
        inner = regions.box(mask)
        where = tuple(
            slice(outer.start + part.start, outer.start + part.stop)
            for outer, part in zip(around[number], inner, strict=True)
        )
        mask, block = mask[inner], after[where]
        if min(mask.shape) < LIMITS.side or float(block[mask].std()) < LIMITS.variety * unit:
            continue
        for louder, mirrored in ((False, False), (False, True), (True, False), (True, True)):
            if louder and ends is None:
                break
            if mirrored not in sources:
                sources[mirrored] = _Source.of(before[::-1] if mirrored else before)
            levels = ends if louder else None
            move = _match(block, mask, where, sources[mirrored], unit, linear=linear, mirrored=mirrored, ends=levels)
            if move is not None:
                found.append(move)
                break
    return found


def _match(  # noqa: PLR0913 - a block and where it may come from
    block: NDArray[np.float32],
    mask: NDArray[np.bool_],
    where: tuple[slice, ...],
    source: _Source,
    unit: float,
    *,
    linear: bool,
    mirrored: bool,
    ends: tuple[float, float] | None,
) -> Move | None:
    """The place in `source` that a block shows, by the least sum of squares of its masked cells; None without one.

    ends : with them, the block may be louder or quieter by one difference, and is clipped to them.
    """
    frames, cells = source.levels.shape
    shape = 2 * frames, 2 * cells
    weighted = np.conj(np.fft.rfft2(np.where(mask, block, 0.0), shape))
    weight = np.conj(np.fft.rfft2(mask.astype(np.float64), shape))
    squares = np.fft.irfft2(source.squares * weight - 2 * source.spectrum * weighted, shape)
    if ends is not None:  # the mean difference is taken off
        off = np.fft.irfft2(source.spectrum * weight, shape) - float(block[mask].sum(dtype=np.float64))
        squares -= np.square(off) / np.count_nonzero(mask)
    squares = squares[: frames - block.shape[0] + 1, : cells - block.shape[1] + 1]
    top, low = where[0].start, where[1].start
    if not linear:
        squares = squares[:, low : low + 1]
    if not squares.size:
        return None
    at = np.unravel_index(int(np.argmin(squares)), squares.shape)
    first, lowest = int(at[0]), int(at[1]) if linear else low
    if not mirrored and (first, lowest) == (top, low):
        return None
    shown = source.levels[first : first + block.shape[0], lowest : lowest + block.shape[1]]
    louder = 0.0
    if ends is not None:
        louder = _difference(block[mask], shown[mask], unit, ends)
        if not louder:
            return None
        shown = np.clip(shown + np.float32(louder), *ends)
    same = np.abs(block - shown) <= LIMITS.same * unit
    if float(same[mask].mean()) < LIMITS.agree:
        return None
    into = slice(top, top + block.shape[0]), slice(low, low + block.shape[1])
    if mirrored:
        # frame i of the block is frame first + i of the mirrored source, which is frames - 1 - first - i
        return Move(into, 0, low - lowest, mirrored=True, turn=frames - 1 - first + top, louder=louder)
    return Move(into, top - first, low - lowest, louder=louder)


def _difference(
    block: NDArray[np.float32], shown: NDArray[np.float32], unit: float, ends: tuple[float, float]
) -> float:
    """The one by which most levels (n,) of a block are above those where it was, of what is not clipped; 0 for none."""
    inside = (block > ends[0] + unit) & (block < ends[1] - unit) & (shown > ends[0] + unit)
    if np.count_nonzero(inside) < LIMITS.least:
        return 0.0
    away = block[inside] - shown[inside]
    usual = float(np.median(away))
    near = np.abs(away - usual) <= LIMITS.same * unit
    if not near.any():  # the median of an even number lies between two of them
        return 0.0
    found = float(away[near].mean())
    return found if abs(found) > LIMITS.same * unit else 0.0


def on_all_cells(move: Move, frames: NDArray[np.intp], cells: NDArray[np.intp]) -> Move:
    """A move among the shown cells as one among all, up to the first and last that pixels show.

    frames, cells : which of all each of the shown ones is, ascending.
    """
    rows, columns = move.into
    into = (
        slice(int(frames[rows.start]), int(frames[rows.stop - 1]) + 1),
        slice(int(cells[columns.start]), int(cells[columns.stop - 1]) + 1),
    )
    lower = int(cells[columns.start] - cells[columns.start - move.cells])
    places = np.arange(rows.start, rows.stop)
    if move.mirrored:
        turn = float(np.median(frames[places] + frames[move.turn - places]))
        return Move(into, 0, lower, mirrored=True, turn=round(turn), louder=move.louder)
    earlier = round(float(np.median(frames[places] - frames[places - move.frames])))
    return Move(into, earlier, lower, louder=move.louder)
