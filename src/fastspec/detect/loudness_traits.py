"""What tells which end of a colour scale is loud and which end of the frequency axis is low, as numbers.

A picture is looked at as it would be if the last colour were the loudest and the lowest frequency at the bottom. Were
the scale the other way round, or the axis, or both, some of the numbers (`TRAITS`) would change their sign: those that
speak of loudness only with the scale, those of the axis only with the axis, and those that tell bass from treble by
loudness with either.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Levels = NDArray[np.float32]


class Limits(NamedTuple):
    """What is looked at, and bounds of what one number may say.

    Levels are 0..1. unmeasured: no command repeats the value; what the numbers are worth together is measured by
    `python -m bench.quality.direction SOUNDS`.
    """

    least_spread: float = 0.02  # of levels, by which differences of means are divided; unmeasured
    last: float = 0.002  # of the scale, which counts as its very end; unmeasured
    tenth: float = 0.1  # of the scale at either end, which most of a linear scale's cells lie in; unmeasured
    tail: float = 0.001  # share of the pixels beyond the quantiles that are compared with the median; unmeasured
    rim: float = 0.01  # the same of the rows that are no ends of the axis; unmeasured
    margin: int = 40  # parts of the time, of which the first and the last are compared with the rest; unmeasured
    edge: int = 20  # parts of the axis, of which the lowest and the highest are compared; unmeasured
    quarter: int = 4  # likewise; unmeasured
    fifth: int = 5  # likewise; unmeasured
    few: int = 50  # steps between unlike pixels: fewer have no skewness; unmeasured
    short: int = 20  # cells: less has no course; unmeasured
    rare: float = 2e-4  # share below which a pile of pixels is none; unmeasured
    within: float = 0.1  # quantile of the steps from row to row, which damage makes within a cell; unmeasured
    still: float = 1e-3  # of levels: a mean step that is none; unmeasured
    turns: float = 0.05  # share of the pixels at which a row turns, likewise; unmeasured
    rows: float = 0.02  # share of pixel rows that begin a cell, below which there are none; unmeasured


LIMITS = Limits()
SCALE, AXIS, BOTH = (-1, 1), (1, -1), (-1, -1)  # signs if the scale is turned, and if the axis is
# The sign of each number, in the order of `traits`, if the scale is turned and if the axis is.
TRAITS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {
        "pile": SCALE,  # more pixels at the very bottom of the scale than at its top: what was cut off at -80 dB
        "mass": SCALE,  # likewise of the lowest and the highest tenth: quiet cells of linear magnitudes
        "tail": SCALE,  # the loudest pixels are farther from the median than the quietest: peaks of few
        "dips_down": SCALE,  # the spectrum of noise has narrow deep dips
        "dips_across": SCALE,  # and so has its course in time
        "rise": SCALE,  # sounds set in faster than they die away
        "ends": SCALE,  # silence before and after
        "start": SCALE,  # and before
        "hump": SCALE,  # the middle of the axis louder than both its ends
        "bands": SCALE,  # nothing at the ends of the axis, such as above what a codec has kept
        "rims": SCALE,  # more of the quietest than of the loudest pixels lie there
        "inner_tail": SCALE,  # the tail of the other rows
        "inner_mass": SCALE,  # the mass of the other rows, between their own ends
        "rough_time": AXIS,  # low rows change with sharper corners in time
        "turns": AXIS,  # and rise and fall more often
        "steps": AXIS,  # low rows differ more from one to the next: partials
        "cells": AXIS,  # low rows are higher: a logarithmic axis
        "blocks": AXIS,  # likewise, where damage hides the borders: steps from row to row are few and large
        "first_bins": AXIS,  # the first bins differ, which hold the window's leakage of 0 Hz
        "alike1": AXIS,  # low rows are like their neighbours: bands of mel that share a bin
        "alike5": AXIS,  # low rows are like those five farther
        "dips_below": BOTH,  # the course of low rows has narrow dips, that of high ones peaks
        "direct": BOTH,  # the first bins are quieter than the next
        "tilt": BOTH,  # bass is louder than treble: the ends of the axis
        "quarters": BOTH,  # its lowest and highest quarter
        "halves": BOTH,  # its halves
        "course": BOTH,  # and all rows
    }
)


def traits(grid: Levels, down: Levels, across: Levels) -> NDArray[np.float64]:
    """The numbers of `TRAITS`, each some -3..3.

    Levels 0..1 of a picture, the upper rows first: `grid` (h, w) of evenly spaced pixels, `down` (H, c) of columns and
    `across` (r, W) of rows without a gap, all at least 4 x 4.
    """
    grid, down, across = grid[::-1], down[::-1], across[::-1]
    blocks = _blocks(down)
    begins = np.r_[True, (down[1:] != down[:-1]).any(axis=1)]
    down = down[begins]
    across = across[:, np.r_[True, (across[:, 1:] != across[:, :-1]).any(axis=0)]]
    bends = across[:, 2:] - 2 * across[:, 1:-1] + across[:, :-2]
    spread = max(float(grid.std()), LIMITS.least_spread)
    rows, columns = _means(grid, 1), _means(grid, 0)
    of_rows = _means(down, 1)
    return np.array(
        [
            *_histogram(grid),
            *_skewness_of_bends(down, bends),
            _rise(across),
            *_quiet_borders(rows, columns, spread),
            *_rims(grid),
            *_roughness(across),
            _steps(down),
            _log_ratio(*_lower_and_upper(begins[1:].astype(float), 2)[::-1], LIMITS.rows, 3.0),
            blocks,
            _first_bins(of_rows, spread),
            _alike(down, 1),
            _alike(down, LIMITS.fifth),
            _dips_below(bends),
            _direct(of_rows, spread),
            *_tilts(rows, spread),
        ]
    )


def _histogram(grid: Levels) -> tuple[float, float, float]:
    """pile, mass and tail."""
    sorted_levels = np.sort(grid, axis=None)
    count = len(sorted_levels)

    def below(level: float) -> float:
        return float(np.searchsorted(sorted_levels, level, side="right")) / count

    pile = _log_ratio(below(LIMITS.last), 1 - below(1 - LIMITS.last), LIMITS.rare, 10.0) / 6
    mass = below(LIMITS.tenth) - (1 - below(1 - LIMITS.tenth))
    low, middle, high = (
        float(sorted_levels[min(count - 1, int(share * count))]) for share in (LIMITS.tail, 0.5, 1 - LIMITS.tail)
    )
    return pile, mass, (low + high - 2 * middle) / max(high - low, LIMITS.least_spread)


def _skewness_of_bends(down: Levels, bends: Levels) -> tuple[float, float]:
    """dips_down and dips_across. bends : second differences across."""
    both = down[2:] - 2 * down[1:-1] + down[:-2], bends
    first, second = (_clipped(_skewness(bend), 1.5) for bend in both)
    return first, second


def _skewness(steps: Levels) -> float:
    """Of those that are not 0, about 0; 0 where there are few."""
    count = int(np.count_nonzero(steps))
    if count < LIMITS.few:
        return 0.0
    squares = steps * steps
    third = float(np.dot(squares.ravel(), steps.ravel())) / count
    return third / float((squares.sum() / count) ** 1.5)


def _quiet_borders(rows: Levels, columns: Levels, spread: float) -> tuple[float, float, float]:
    """ends, start and hump."""
    few = max(1, len(columns) // LIMITS.margin)
    first, last = _mean(columns[:few]), _mean(columns[-few:])
    some = max(1, few // 2)
    mean = _mean(columns)
    quarter = max(1, len(rows) // LIMITS.quarter)
    middle = rows[quarter:-quarter] if len(rows) > 2 * quarter else rows
    sides = float(_plain_mean(rows[:quarter]) + _plain_mean(rows[-quarter:])) / 2
    return (
        _clipped((mean - (first + last) / 2) / spread, 2.0),
        _clipped((mean - _mean(columns[:some])) / spread, 2.0),
        _clipped((_mean(middle) - sides) / spread, 2.0),
    )


def _rims(grid: Levels) -> tuple[float, float, float, float]:
    """bands, rims, inner_tail and inner_mass."""
    few = max(1, len(grid) // LIMITS.edge)
    ends = np.concatenate([grid[:few], grid[-few:]])
    inner = np.sort(grid[2 * few : -2 * few] if len(grid) > 4 * few else grid, axis=None)
    count = len(inner)
    low, middle, high = (
        float(inner[min(count - 1, int(share * count))]) for share in (LIMITS.rim, 0.5, 1 - LIMITS.rim)
    )
    reach = max(high - low, LIMITS.least_spread)
    tenth = reach / 10
    return (
        _share(ends < LIMITS.tenth) - _share(ends > 1 - LIMITS.tenth),
        _share(ends < low) - _share(ends > high),
        (low + high - 2 * middle) / reach,
        float(np.searchsorted(inner, low + tenth) - (count - np.searchsorted(inner, high - tenth, side="right")))
        / count,
    )


def _rise(across: Levels) -> float:
    return _clipped(_skewness(across[:, 1:] - across[:, :-1]), 1.5)


def _roughness(across: Levels) -> tuple[float, float]:
    """rough_time and turns."""
    if across.shape[1] < LIMITS.short:
        return 0.0, 0.0
    steps = across[:, 1:] - across[:, :-1]
    step = _means(np.abs(steps), 1)
    bend = _means(np.abs(steps[:, 1:] - steps[:, :-1]), 1)
    turning = np.count_nonzero(steps[:, 1:] * steps[:, :-1] < 0, axis=1) / (steps.shape[1] - 1)
    low_turns, high_turns = _lower_and_upper(turning, 2)
    (low, high), (low_step, high_step) = _lower_and_upper(bend, 2), _lower_and_upper(step, 2)
    rough = _log_ratio(low / max(low_step, LIMITS.still), high / max(high_step, LIMITS.still), LIMITS.still, 2.0)
    return rough, _log_ratio(low_turns, high_turns, LIMITS.turns, 2.0)


def _dips_below(bends: Levels) -> float:
    half = max(1, len(bends) // 2)
    return _clipped(_skewness(bends[:half]) - _skewness(bends[-half:]), 2.0)


def _direct(means: Levels, spread: float) -> float:
    if len(means) < LIMITS.short:
        return 0.0
    return _clipped(float((means[0] - means[2]) - (means[-1] - means[-3])) / spread, 2.0)


def _steps(down: Levels) -> float:
    if len(down) < LIMITS.short:
        return 0.0
    step = _means(np.abs(down[1:] - down[:-1]), 1)
    return _log_ratio(*_lower_and_upper(step, LIMITS.quarter), LIMITS.still, 2.0)


def _blocks(down: Levels) -> float:
    if len(down) < LIMITS.short:
        return 0.0
    step = _means(np.abs(down[1:] - down[:-1]), 1)
    step = np.maximum(step - np.quantile(step, LIMITS.within), 0)
    (low, high), (low_square, high_square) = _lower_and_upper(step, 2), _lower_and_upper(step * step, 2)
    still = LIMITS.still**2
    return _log_ratio(
        (high * high + still) / (high_square + still), (low * low + still) / (low_square + still), 0.0, 2.0
    )


def _first_bins(means: Levels, spread: float) -> float:
    if len(means) < LIMITS.short:
        return 0.0
    return _clipped(float(abs(means[0] - means[2]) - abs(means[-1] - means[-3])) / spread, 2.0)


def _alike(down: Levels, lag: int) -> float:
    """How much more rows of the lowest fifth are like those `lag` above, over time, than rows of the highest."""
    if len(down) < LIMITS.short:
        return 0.0
    part = max(1, (len(down) - lag) // LIMITS.fifth)
    means = []
    for some in (down[: part + lag], down[-part - lag :]):
        centred = some - _means(some, 1)[:, None]
        length = np.sqrt(np.square(centred).sum(axis=1)) + np.float32(1e-6)
        means.append(float(((centred[lag:] * centred[:-lag]).sum(axis=1) / (length[lag:] * length[:-lag])).mean()))
    return means[0] - means[1]


def _tilts(rows: Levels, spread: float) -> tuple[float, float, float, float]:
    """tilt, quarters, halves and course."""
    ends, quarters, halves = (
        _clipped(float(np.subtract(*_lower_and_upper(rows, part))) / spread, 3.0)
        for part in (LIMITS.edge, LIMITS.quarter, 2)
    )
    place = np.arange(len(rows)) - (len(rows) - 1) / 2
    off = rows - _plain_mean(rows)
    length = float(np.sqrt((place @ place) * (off @ off)))
    return ends, quarters, halves, -float(place @ off) / length if length > 0 else 0.0


def _lower_and_upper(rows: NDArray[np.floating], part: int) -> tuple[float, float]:
    """Means of the lowest and of the highest of `part` parts."""
    few = max(1, len(rows) // part)
    return _mean(rows[:few]), _mean(rows[-few:])


# As ndarray.mean gives them, which takes several times as long for few numbers


def _plain_mean(values: NDArray[Any]) -> Any:
    return np.add.reduce(values, axis=None) / values.size


def _mean(values: NDArray[Any]) -> float:
    return float(_plain_mean(values))


def _means(values: Levels, axis: int) -> Levels:
    return np.asarray(np.add.reduce(values, axis=axis) / values.shape[axis])


def _share(which: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(which)) / which.size


def _log_ratio(one: float, other: float, least: float, most: float) -> float:
    return _clipped(float(np.log((one + least) / (other + least))), most)


def _clipped(value: float, most: float) -> float:
    return min(max(value, -most), most)
