"""Blocks of a picture that were copied from elsewhere in it, as selection tools do, perhaps mirrored in time."""

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

    mirrored : in time: frame t of the block shows `turn` - t, and `frames` says nothing.
    """

    into: tuple[slice, slice]
    frames: int
    cells: int
    mirrored: bool = False
    turn: int = 0


def find(
    before: NDArray[np.float32], after: NDArray[np.float32], touched: NDArray[np.bool_], unit: float, *, linear: bool
) -> list[Move]:
    """Blocks of touched cells that were copied, as positions among the shown cells (shown frames, shown cells).

    unit : of level, how far one may be off. linear : whether cells lie evenly in Hz, so that blocks can move up and
    down.
    """
    if not touched.any():
        return []
    near = regions.grown(touched, LIMITS.joined)
    labels, count = regions.label(near, np.zeros(near.shape, np.float32), 0.0)
    sizes = np.bincount(labels[touched], minlength=count)
    around = regions.boxes(labels, np.arange(count))
    found: list[Move] = []
    spectra: dict[bool, tuple[NDArray[np.complex128], NDArray[np.complex128]]] = {}
    shape = tuple(2 * side for side in before.shape)
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
        for mirrored in (False, True):
            source = before[::-1] if mirrored else before
            if mirrored not in spectra:
                spectra[mirrored] = np.fft.rfft2(source, shape), np.fft.rfft2(np.square(source), shape)
            move = _match(block, mask, where, source, spectra[mirrored], unit, linear=linear, mirrored=mirrored)
            if move is not None:
                found.append(move)
                break
    return found


def _match(  # noqa: PLR0913 - a block and where it may come from
    block: NDArray[np.float32],
    mask: NDArray[np.bool_],
    where: tuple[slice, ...],
    source: NDArray[np.float32],
    spectra: tuple[NDArray[np.complex128], NDArray[np.complex128]],
    unit: float,
    *,
    linear: bool,
    mirrored: bool,
) -> Move | None:
    """The place in `source` that a block shows, by the least sum of squares of its masked cells; None without one."""
    frames, cells = source.shape
    shape = 2 * frames, 2 * cells
    weighted = np.conj(np.fft.rfft2(np.where(mask, block, 0.0), shape))
    weight = np.conj(np.fft.rfft2(mask.astype(np.float64), shape))
    squares = np.fft.irfft2(spectra[1] * weight - 2 * spectra[0] * weighted, shape)
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
    shown = source[first : first + block.shape[0], lowest : lowest + block.shape[1]]
    same = np.abs(block - shown) <= LIMITS.same * unit
    if float(same[mask].mean()) < LIMITS.agree:
        return None
    into = slice(top, top + block.shape[0]), slice(low, low + block.shape[1])
    if mirrored:
        # frame i of the block is frame first + i of the mirrored source, which is frames - 1 - first - i
        return Move(into, 0, low - lowest, mirrored=True, turn=frames - 1 - first + top)
    return Move(into, top - first, low - lowest)


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
        return Move(into, 0, lower, mirrored=True, turn=round(turn))
    return Move(into, round(float(np.median(frames[places] - frames[places - move.frames]))), lower)
