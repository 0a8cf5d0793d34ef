"""An original that is not quite the sound that was drawn: which cells were edited all the same.

A lossy copy, one that was clipped, dithered or made noisy, differs from what was drawn everywhere. How much, the whole
picture tells: what both differ by is taken for noise, whose power depends on the band, on how loud the sound is there
and in the whole frame, and on how much of the frame is clipped. It is fitted to blocks of cells such that most of them
agree (least absolute deviations), so that edits, which are few of the blocks, do not count. What stands out of that
noise is an edit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import FloatArray
from fastspec.colours.levels import LevelScale
from fastspec.retouch import regions


class Limits(NamedTuple):
    """When an original differs, and what stands out of how it does."""

    tiles: int = 16  # each side of the picture is divided into so many, which are looked at one by one; unmeasured
    lonely: float = (
        0.004  # share of a tile's cells that are not as their neighbours, from which it is uneven; unmeasured
    )
    uneven: float = 0.35  # share of the tiles with sound, from which the original differs; unmeasured
    runs: int = 3  # of clipped frames that differ more than those beside them, from which clipping is why; unmeasured
    runs_share: float = 0.5  # of the clipped frames that do so; unmeasured
    beside: int = 3  # frames before and after; unmeasured
    more: float = 2.0  # times as many of their cells; unmeasured
    least: float = 0.05  # and so many more, of all that tell; unmeasured
    frames: int = 8  # of a block that noise is measured in; unmeasured
    cells: int = 12  # the same; unmeasured
    fewest: int = 16  # cells of a block that tell; unmeasured
    bands: int = 16  # with a noise of their own; unmeasured
    rounds: int = 30  # of the fit; unmeasured
    usual: int = 16  # classes of loudness against the noise, each with what cells usually differ by; unmeasured
    seed: float = 6.0  # deviations of 3 x 3 cells' mean from which they are an edit; unmeasured
    grow: float = 3.0  # the same of cells beside an edit; unmeasured
    seeds: int = 9  # cells of the first kind that an edit has at least; unmeasured
    specks: int = 60  # cells: fewer together are noise, not an edit; unmeasured
    filled: float = 0.6  # share of a region's hull that it fills, from which all of that was edited; unmeasured
    most: float = 30.0  # deviations: one cell counts as no more; unmeasured


LIMITS = Limits()
_MEDIAN = 0.455  # of the square of a normal variable
_MAD = 1.4826  # standard deviations of a normal distribution, of its median absolute one
_DB = 20 / np.log(10)
_NONE = 1e-20  # power that is no noise
_EXACT = 0.05  # of the power of rounding: less noise is none
_LEAST_CLIPPED = 1e-6  # share of a frame
_LOWEST = 6  # octaves of power under the noise, of the first class of loudness
_FIRST_BAND = 3  # terms of the fit before the bands


class Unlike(NamedTuple):
    """How an original differs. touched : (frames, cells) that were edited. decibels : by which most others differ, and
    by_cell : (cells,) the same along the axis, NaN where nothing tells it."""

    touched: NDArray[np.bool_]
    decibels: float
    by_cell: NDArray[np.float32]


def differs(touched: NDArray[np.bool_], told: NDArray[np.bool_], clipped: FloatArray) -> bool:
    """Whether cells (frames, cells) that differ lie scattered over all of the picture, as no edit does.

    told : cells that would show a difference, not at the floor before and after. clipped : (frames,) as of `found`;
    what clipping does shows in these frames alone.
    """
    return _is_uneven(touched, told) or _is_clipped(touched, told, clipped > 0)


def _is_clipped(touched: NDArray[np.bool_], told: NDArray[np.bool_], clipped: NDArray[np.bool_]) -> bool:
    """Whether more differs in clipped frames (n,) than in those beside them, which is so of no edit of several."""
    share = (touched & told).sum(axis=1) / np.maximum(told.sum(axis=1), 1)
    at, others = np.flatnonzero(clipped), np.flatnonzero(~clipped)
    if at.size < LIMITS.runs or others.size < LIMITS.runs:
        return False
    right = np.searchsorted(others, at)
    beside = [np.clip(right + shift, 0, others.size - 1) for shift in range(-LIMITS.beside, LIMITS.beside)]
    usual = np.median(share[others[np.stack(beside)]], axis=0)
    stands_out = share[at] > LIMITS.more * usual + LIMITS.least
    runs = np.unique(right[stands_out]).size
    return runs >= LIMITS.runs and float(stands_out.mean()) >= LIMITS.runs_share


def _is_uneven(touched: NDArray[np.bool_], told: NDArray[np.bool_]) -> bool:
    same = told & ~touched
    # a cell on the edge of an edit has one neighbour that is not of it, one beside an edit has one that is
    odd = (touched & (_neighbours(same) > 1)) | (same & (_neighbours(touched) > 1))
    counts, lone = _tiled(told), _tiled(odd)
    some = counts >= LIMITS.fewest
    return bool(some.any()) and float((lone[some] > LIMITS.lonely * counts[some]).mean()) > LIMITS.uneven


def _neighbours(marked: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """How many of the cells above, below, left and right of each are marked."""
    count = np.zeros(marked.shape, np.uint8)
    count[1:] += marked[:-1]
    count[:-1] += marked[1:]
    count[:, 1:] += marked[:, :-1]
    count[:, :-1] += marked[:, 1:]
    return count


def _tiled(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """How many cells of each tile are marked."""
    count = marked.astype(np.int64)
    for axis, size in enumerate(marked.shape):
        first = np.unique(np.arange(LIMITS.tiles) * size // LIMITS.tiles)
        count = np.add.reduceat(count, first, axis=axis)
    return count


def found(
    own: FloatArray,
    after: NDArray[np.float32],
    scale: LevelScale,
    levels: tuple[float, float, float],
    clipped: FloatArray,
) -> Unlike:
    """Which cells were edited, of amplitudes (frames, cells) of the original and the levels that the picture shows.

    levels : of the quietest and the loudest colour, and between two.
    clipped : share (frames,) of each frame that is clipped.
    """
    low, high, step = levels
    open_scale = replace(scale, floor_share=None)
    seen, floor, top = (
        np.asarray(open_scale.amplitude(level), np.float32) for level in (np.maximum(after, low), low, high)
    )
    heard = float(floor) * 1.01
    held = np.clip(own, floor, top).astype(np.float32)
    told = (seen > heard) | (held > heard)
    # what rounding to a level adds
    above = np.asarray(open_scale.amplitude(np.minimum(after + step, 1)), np.float32)
    rounding = np.square(above - seen) / 12 + np.float32(_NONE)
    noise = _noise(held, seen, told, rounding, clipped)
    variance = noise + rounding
    away, loud = (seen - held) / np.sqrt(variance), np.square(held) / variance
    for group in _groups(clipped):
        away[group] = _without_usual(away[group], loud[group], told[group])
    touched = _standing_out(np.clip(np.where(told, away, 0), -LIMITS.most, LIMITS.most), told)
    rest = told & ~touched & (seen > heard) & (held > heard)
    off = np.where(rest, np.abs(_DB * np.log(seen / held)), np.nan)
    by_cell = np.full(own.shape[1], np.nan, np.float32)
    enough = rest.sum(axis=0) >= LIMITS.fewest
    if enough.any():
        by_cell[enough] = np.nanmedian(off[:, enough], axis=0)
    return Unlike(touched, float(np.nanmedian(off)) if rest.any() else 0.0, by_cell)


def _without_usual(away: FloatArray, loud: FloatArray, told: NDArray[np.bool_]) -> FloatArray:
    """What cells differ by less what those as loud against the noise (`loud`, of power) usually do: noise of the
    original alone makes it louder where it is quiet, and never quieter."""
    part = np.clip(np.floor(np.log2(np.maximum(loud, 1e-9)) + _LOWEST), 0, LIMITS.usual - 1).astype(np.intp)
    result = away.copy()
    for number in range(LIMITS.usual):
        some = told & (part == number)
        if np.count_nonzero(some) < LIMITS.fewest:
            continue
        middle = float(np.median(away[some]))
        spread = _MAD * float(np.median(np.abs(away[some] - middle)))
        result[some] = (away[some] - middle) / max(spread, 1.0)
    return result


def _standing_out(away: FloatArray, told: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which cells differ by more than noise, of what each differs by in deviations (frames, cells)."""
    mean = np.abs(regions.box_mean(np.asarray(away, np.float32)))
    usual = max(_MAD * float(np.median(mean[told])), 1 / 3) if told.any() else 1.0
    seed, grown = mean > LIMITS.seed * usual, mean > LIMITS.grow * usual
    result = np.zeros(away.shape, np.bool_)
    labels, count = regions.label(grown, np.zeros(grown.shape, np.float32), 0.0)
    if not count:
        return result
    sizes = np.bincount(labels[grown], minlength=count)
    seeds = np.bincount(labels[grown], seed[grown], minlength=count)
    keep = np.flatnonzero((seeds >= LIMITS.seeds) & (sizes >= LIMITS.specks))
    for number, where in zip(keep, regions.boxes(labels, keep), strict=True):
        piece = labels[where] == number
        whole = regions.hull(piece)
        filled = np.count_nonzero(piece) >= LIMITS.filled * np.count_nonzero(whole)
        result[where] |= whole if filled else piece
    return result


def _noise(
    own: NDArray[np.float32],
    seen: NDArray[np.float32],
    told: NDArray[np.bool_],
    rounding: NDArray[np.float32],
    clipped: FloatArray,
) -> NDArray[np.float32]:
    """Power (frames, cells) of what differs, in phase with a cell, fitted to most blocks of cells."""
    near = regions.box_mean(regions.box_mean(np.square(own))) + np.float32(_NONE)
    noise = np.full(own.shape, _NONE, np.float32)
    for group in _groups(clipped):
        noise[group] = _fitted(own[group], seen[group], told[group], rounding[group], near[group], clipped[group])
    return noise


def _groups(clipped: FloatArray) -> list[NDArray[np.bool_]]:
    """Frames (n,) that are clipped and those that are not: what differs in the ones tells nothing of the others."""
    return [group for group in (clipped == 0, clipped > 0) if group.any()]


def _fitted(
    own: NDArray[np.float32],
    seen: NDArray[np.float32],
    told: NDArray[np.bool_],
    rounding: NDArray[np.float32],
    near: NDArray[np.float32],
    clipped: FloatArray,
) -> NDArray[np.float32]:
    """The same of some frames alone. near : power (frames, cells) around each."""
    frames, cells = own.shape
    at, ends = np.linspace(0, 1, cells), np.linspace(0, 1, LIMITS.bands)
    bands = np.maximum(0, 1 - np.abs(at[:, None] - ends) * (LIMITS.bands - 1))
    terms = np.stack([np.log(near.mean(axis=1)), np.log(np.maximum(clipped, _LEAST_CLIPPED))], axis=1)
    values, rows = [], []
    for first in range(0, frames, LIMITS.frames):
        for low in range(0, cells, LIMITS.cells):
            block = slice(first, first + LIMITS.frames), slice(low, low + LIMITS.cells)
            some = told[block]
            if np.count_nonzero(some) < LIMITS.fewest:
                continue
            values.append(np.log(_differing(seen[block][some], own[block][some], rounding[block][some])))
            loud = np.log(np.median(near[block][some]))
            rows.append([loud, *np.median(terms[block[0]], axis=0), *bands[block[1]].mean(axis=0)])
    if len(values) < 2 * LIMITS.bands:
        return np.full(own.shape, np.exp(np.median(values)) if values else _NONE, np.float32)
    fit = _least_absolute(np.array(rows), np.array(values))
    logarithm = fit[0] * np.log(near) + (terms @ fit[1:_FIRST_BAND])[:, None] + (bands @ fit[_FIRST_BAND:])[None]
    power: NDArray[np.float32] = np.exp(np.clip(logarithm, np.log(_NONE), -np.log(_NONE))).astype(np.float32)
    return power


def _differing(seen: FloatArray, own: FloatArray, rounding: FloatArray) -> float:
    """Power by which amplitudes (n,) of a block differ, beside a gain of all of it."""
    heard = own > 1.01 * own.min()
    gain = float(np.median(seen[heard] / own[heard])) if np.count_nonzero(heard) >= LIMITS.fewest else 1.0
    power = float(np.median(np.square(seen - gain * own))) / _MEDIAN / max(gain, 1.0) ** 2
    rounded = float(np.median(rounding))
    return max(power - rounded, _EXACT * rounded, _NONE)


def _least_absolute(X: FloatArray, y: FloatArray) -> FloatArray:
    """Weights by which the columns of X (n, k) explain y (n,) with the least absolute deviations; those of the bands
    are smooth."""
    k = X.shape[1]
    smooth = np.zeros((LIMITS.bands - 2, k))
    for number in range(LIMITS.bands - 2):
        smooth[number, _FIRST_BAND + number : _FIRST_BAND + number + 3] = 1, -2, 1
    ridge = 1e-3 * len(y) / LIMITS.bands * smooth.T @ smooth + 1e-6 * np.eye(k)
    weight, fit = np.ones(len(y)), np.zeros(k)
    for _ in range(LIMITS.rounds):
        fit = np.linalg.solve(X.T @ (X * weight[:, None]) + ridge * weight.mean(), X.T @ (y * weight))
        weight = 1 / np.maximum(np.abs(y - X @ fit), 0.05)
    return fit
