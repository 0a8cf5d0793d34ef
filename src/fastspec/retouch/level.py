"""An original at another level than the sound that was drawn, told by a stated reference and by what is redrawn.

The search does not mind levels: it fits a line. Where a reference is stated, the line says how much louder or quieter
the original is than that. A picture that was brightened as a whole gives the same line, but there the floor of the
scale is brightened too; of an original at another level cells at the floor stay there, and others rise above it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import FloatArray
from fastspec.calibration.complete import Complete
from fastspec.colours.colormap import Colormap
from fastspec.colours.levels import LevelScale
from fastspec.plot.layout import Layout
from fastspec.retouch.mappings import QUIETEST
from fastspec.retouch.redraw import Drawn, shown_of
from fastspec.retouch.samples import Line, Samples, Trial


class Limits(NamedTuple):
    """When an original is at another level. Steps are those of the colour map."""

    same: float = 2.0  # steps: a line so near the stated one is that one; unmeasured
    near: float = 3.0  # steps around the line, in which its place is found to a fraction of one; unmeasured
    explained: float = 1.75  # steps off, of a pixel that is as expected; as of `compare`; unmeasured
    spreads: float = 2.0  # times the uncertainty of a level, the same of damaged pictures; unmeasured
    fewest: int = 50  # cells near the line, with fewer its place is not found; unmeasured
    telling: int = 8  # cells that tell a level of the sound from a picture that was brightened; unmeasured
    more: float = 2.0  # times as many of them for the sound as for the picture; unmeasured
    peak: float = 0.1  # steps: a reference so near the loudest cell is that cell, as with ref=np.max; unmeasured
    most: int = 1 << 22  # cells that are looked at; unmeasured
    quiet: float = 0.25  # of the scale: cells up to it show how loud the original's noise is; unmeasured
    heard: float = 1.2  # times the error that the picture's own levels have, from which there is noise; unmeasured
    deviations: float = 5.5  # of the noise, beyond which a cell was edited; unmeasured
    score: float = 0.02  # by which a channel at the stated level may explain less than the mean of all; unmeasured


LIMITS = Limits()
_FLOAT = 3e-7  # of the loudest cell: float32 rounds so, and a level between two colours may become either
_MAD = 1.4826  # standard deviations of a normal distribution, of its median absolute one
_LN10_20 = math.log(10) / 20  # of an amplitude, for one dB


def is_told(facts: Complete) -> bool:
    """Whether levels and a reference say how loud the drawn sound was."""
    return facts.level_kind == "db" and facts.db_center is None and facts.ref is not None and facts.ref > 0


def rough(facts: Complete, line: Line) -> float:
    """Decibels by which a sound with this line is louder than the stated reference says."""
    return (_stated(facts) - line.start) / line.slope


def tolerance(facts: Complete, step: float) -> float:
    """Decibels within which it is as loud as stated; `step` of the colour map, of the range from 0 to 1."""
    return LIMITS.same * step * (facts.db_range[1] - facts.db_range[0])


def channel_at(
    trial_of: Callable[[int | None], Trial], count: int, facts: Complete, found: tuple[int | None, Trial], step: float
) -> tuple[int | None, Trial]:
    """The channel at the level that is stated, if the one that was `found`, None for the mean of all, is at another.

    Channels that differ by a gain alone explain the picture alike, and only their levels tell them apart.
    """
    close = tolerance(facts, step)
    if abs(rough(facts, found[1].line)) < close:
        return found
    for channel in (None, *range(count)):
        trial = trial_of(channel)
        if trial.score >= found[1].score - LIMITS.score and abs(rough(facts, trial.line)) < close:
            return channel, trial
    return found


def samples_of(positions: NDArray[np.float32], plan: Layout, cmap: Colormap, spread: float) -> Samples:
    """One pixel of each cell that a plot's levels (H, W) show, of many cells of some that are spread evenly."""
    rows, columns = (np.unique(cells, return_index=True)[1] for cells in (plan.rows, plan.columns))
    thinner = math.ceil(math.sqrt(rows.size * columns.size / LIMITS.most))
    rows, columns = rows[::thinner], columns[::thinner]
    height, width = positions.shape
    return Samples(positions[np.ix_(rows, columns)], rows, columns, (width, height), cmap, spread)


def gain_of(samples: Samples, plan: Layout, amplitudes: FloatArray, facts: Complete, line: Line) -> float:
    """Decibels by which the original is louder than what was drawn; 0.0 where an edit explains a difference as well.

    amplitudes : (n_frames, n_cells) of the original, as the transform gives them. facts : with the stated reference.
    line : that was fitted to them.
    """
    step, slope, start = samples.cmap.step, 1 / (facts.db_range[1] - facts.db_range[0]), _stated(facts)
    unit = step * (1 + samples.spread)
    if abs(rough(facts, line)) < tolerance(facts, unit):
        return 0.0
    drawn = amplitudes[np.ix_(plan.columns[samples.columns], plan.rows[samples.rows])].T
    expected = slope * 20 * np.log10(np.maximum(drawn, QUIETEST)) + start
    low, high = samples.ends
    inner = (samples.levels > low) & (samples.levels < high)  # none of illegible pixels
    off = (samples.levels - expected)[inner]
    off = np.sort(off[np.abs(off - (line.start - start)) < LIMITS.near * unit])
    if off.size < LIMITS.fewest:
        return 0.0
    shift = _place(off, unit)
    of_peak = 1 - slope * 20 * math.log10(float(amplitudes.max())) - start - slope * facts.db_range[1]
    if abs(shift - of_peak) < LIMITS.peak * unit:
        shift = of_peak
    as_stated = np.clip(expected, 0, 1)
    by_sound, by_picture = np.clip(expected + shift, 0, 1), np.clip(as_stated + shift, 0, 1)
    close = max(LIMITS.explained, LIMITS.spreads * samples.spread) * step

    def agree(other: FloatArray) -> NDArray[np.bool_]:
        return np.asarray(np.abs(samples.levels - other) < close)

    telling = np.abs(by_sound - by_picture) > 2 * close
    sound, picture = (np.count_nonzero(telling & agree(other)) for other in (by_sound, by_picture))
    if sound < LIMITS.telling or sound <= LIMITS.more * picture:
        return 0.0
    # at the floor, noise of the original may be louder than what was drawn
    if np.count_nonzero(inner & agree(by_sound)) <= np.count_nonzero(inner & agree(as_stated)):
        return 0.0
    return -shift / slope


def with_own_noise(drawn: Drawn, samples: Samples, plan: Layout, scale: LevelScale) -> Drawn:
    """What was drawn, with the picture's own levels in cells that differ by no more than noise of the original.

    One that was made quieter was rounded anew, to 16 bits for one, and quiet cells show that: it is no edit. How loud
    the noise is, most of the quiet cells tell.
    """
    at = np.ix_(plan.columns[samples.columns], plan.rows[samples.rows])
    own, seen = drawn.amplitudes[at], samples.levels.T
    low, high = samples.ends
    level = scale.level(own)
    inner = (seen > low) & (seen < high) & (level > low) & (level < low + LIMITS.quiet * (high - low))
    if samples.spread or np.count_nonzero(inner) < LIMITS.fewest:
        return drawn
    rounded = samples.cmap.step * (scale.hi - scale.lo) * _LN10_20 / 4  # median error of a level, as a share
    rounded *= float(np.median(own[inner]))
    median = float(np.median(np.abs(scale.amplitude(seen[inner]) - own[inner])))
    heard = median > LIMITS.heard * rounded
    noise = _MAD * math.sqrt(median * median - rounded * rounded) if heard else 0.0
    reach = max(_FLOAT, LIMITS.deviations * noise)
    same = LIMITS.explained * samples.cmap.step
    least = shown_of(np.maximum(own - reach, QUIETEST).astype(np.float32), scale, samples.cmap) - same
    most = shown_of((own + reach).astype(np.float32), scale, samples.cmap) + same
    shown = drawn.shown.copy()
    shown[at] = np.where((seen >= least) & (seen <= most), seen, shown[at])
    return replace(drawn, shown=shown)


def said(gain: float, ref: float, source: str) -> str:
    """That an original is so many decibels louder than what was drawn, as a sentence."""
    how = "louder" if gain > 0 else "quieter"
    return (
        f"the original is {abs(gain):.1f} dB {how} than what was drawn, by the picture's ref of {ref:g} ({source}); "
        "edits are applied at the original's level"
    )


def _stated(facts: Complete) -> float:
    """Where the stated line begins: the level of amplitude 1."""
    assert facts.ref is not None
    lo, hi = facts.db_range
    return 1 - (hi + 20 * math.log10(facts.ref)) / (hi - lo)


def _place(off: FloatArray, width: float) -> float:
    """The middle of what lies in the fullest interval of this width; `off` in ascending order."""
    ends = np.searchsorted(off, off + width, side="right")
    best = int(np.argmax(ends - np.arange(off.size)))
    return float(off[best] + off[ends[best] - 1]) / 2
