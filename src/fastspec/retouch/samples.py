"""Some pixels of a plot, and how well a sound drawn under supposed facts explains them.

Only the frames that the sampled columns show are transformed, so that a supposition costs a millisecond or two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.complete import Complete
from fastspec.colours.colormap import Colormap
from fastspec.kernels import samples as kernels
from fastspec.plot import damage, layout, to_stft
from fastspec.retouch.mappings import PLAIN, Mapping

_PLACES = 4096  # of starts of lines that are told apart
_SLOPES = tuple(1 / decibels for decibels in (80, 100, 120, 60, 90, 70, 50, 40))
_AT_ONCE = 512  # frames that are transformed together
_UNKNOWN_SPREAD = 4.0  # steps of a level, of damaged pixels of which nothing tells how uncertain they are


class Limits(NamedTuple):
    """How levels are compared, in steps of the colour map."""

    columns: int = 48  # of the plot that a search looks at; unmeasured
    rows: int = 320  # at most as many of its rows; unmeasured
    kernel: float = 1.0  # steps off at which a pixel counts half, of an undamaged picture; unmeasured
    near: float = 4.0  # steps: residuals within it show whether levels agree exactly or only about; unmeasured
    inlier: float = 3.0  # steps around the commonest residual that a line of levels is fitted to; unmeasured
    fewest: int = 50  # pixels within the scale, with fewer nothing can be told; unmeasured


LIMITS = Limits()


class Line(NamedTuple):
    """Levels of decibels: level = slope * dB + start."""

    slope: float
    start: float

    @property
    def ends(self) -> tuple[float, float]:
        """Decibels, of amplitude 1, at level 0 and at level 1."""
        return -self.start / self.slope, (1 - self.start) / self.slope


class Trial(NamedTuple):
    """How well a supposition explains the samples.

    score : 0..1, robust: what was painted over counts nothing. exact : share of the pixels that have the very level.
    crisp : share of the exact ones among those that agree about; near 1 where nothing is supposed wrongly.
    """

    score: float
    exact: float
    crisp: float
    line: Line


NOTHING = Trial(0.0, 0.0, 0.0, Line(1 / 80, 1.0))


@dataclass(frozen=True, eq=False)
class Samples:
    """Levels (rows, columns) of some pixels, NaN where illegible; `spread` in steps: how uncertain one is (rms)."""

    levels: NDArray[np.float32]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    size: tuple[int, int]  # width and height of the plot
    cmap: Colormap
    spread: float
    mapping: Mapping = PLAIN

    @classmethod
    def of(
        cls,
        positions: NDArray[np.float32],
        cmap: Colormap,
        spread: float,
        most: int = LIMITS.columns,
        inside: NDArray[np.bool_] | None = None,
        mapping: Mapping = PLAIN,
    ) -> Samples:
        """Evenly spread over a plot's levels (H, W), or over its columns `inside` (W,)."""
        height, width = positions.shape
        columns = np.arange(width, dtype=np.intp) if inside is None else np.flatnonzero(inside)
        at = columns[_spread(columns.size, most)], _spread(height, LIMITS.rows)
        return cls(positions[np.ix_(at[1], at[0])], at[1], at[0], (width, height), cmap, spread, mapping)

    def decibels(self, wave: NDArray[np.float32], facts: Complete, offset: int = 0) -> NDArray[np.float32]:
        """What the sampled pixels would show of a sound (n,), dB of amplitude; `offset` samples into it."""
        plan = layout.layout(facts, *self.size)
        frames, back = np.unique(plan.columns[self.columns], return_inverse=True)
        cells = to_stft.amplitudes_of(magnitudes(wave, frames, facts, offset), facts)
        rows = np.minimum(plan.rows[self.rows], cells.shape[1] - 1)
        return np.ascontiguousarray(self.mapping.decibels(cells).T[np.ix_(rows, back)])

    def cells(
        self,
        wave: NDArray[np.float32],
        frames: NDArray[np.intp],
        facts: Complete,
        offset: int = 0,
        check: Callable[[], object] = lambda: None,
    ) -> NDArray[np.float32]:
        """The same of all cells of some frames, (len(frames), cells); `check` is called between steps."""
        found = []
        for first in range(0, len(frames), _AT_ONCE):
            check()
            some = magnitudes(wave, frames[first : first + _AT_ONCE], facts, offset)
            found.append(self.mapping.decibels(to_stft.amplitudes_of(some, facts)))
        return np.concatenate(found)

    def trial(self, wave: NDArray[np.float32], facts: Complete, offset: int = 0, *, free: bool = False) -> Trial:
        """How well that explains them; `free` where the decibels of the colours are not known."""
        if not self.levels.size:
            return NOTHING
        return self.compared(self.decibels(wave, facts, offset), facts, free=free)

    def compared(self, decibels: NDArray[np.float32], facts: Complete, *, free: bool = False) -> Trial:
        """The same of decibels (rows, columns)."""
        step = self.cmap.step
        low, high = self.ends
        within = np.isfinite(self.levels) & (self.levels > low) & (self.levels < high) & (decibels > -200)
        if np.count_nonzero(within) < LIMITS.fewest:
            return NOTHING
        levels, loud = self.levels[within], decibels[within]
        lo, hi = facts.db_range
        tolerance = float(LIMITS.inlier * max(1.0, self.spread) * step)
        slopes = (*_SLOPES, _across(levels, loud)) if self.mapping.added else _SLOPES
        line = _line(levels, loud, 1 / (hi - lo), tolerance, slopes if free else ())
        return self.scored(decibels, line)

    def scored(self, decibels: NDArray[np.float32], line: Line) -> Trial:
        """How well decibels (rows, columns) explain the samples by this line."""
        step, (low, high) = self.cmap.step, self.ends
        width, cells = max(LIMITS.kernel, self.spread), self.cmap.quantiser == "cells"
        seen, drawn = self.levels.reshape(-1), decibels.reshape(-1)
        ends = float(low), float(high)
        told, score, exact, near = kernels.agreeing(
            seen, drawn, tuple(line), ends, float(step), cells, float(width), LIMITS.near
        )
        if told < LIMITS.fewest:
            return NOTHING
        return Trial(score / told, exact / told, exact / max(near, 1), line)

    @property
    def ends(self) -> tuple[float, float]:
        """Levels at or beyond which a colour only says that the sound is quieter, or louder."""
        step = self.cmap.step
        first = self.cmap.origin + self.cmap.guards[0] * step
        last = self.cmap.origin + (len(self.cmap) - 1 - self.cmap.guards[1]) * step
        return first + step / 4, last - step / 4

    def quantised(self, levels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Levels as the map's colours show them."""
        step, levels = self.cmap.step, np.clip(levels, 0, 1)
        if self.cmap.quantiser == "cells":
            drawn = np.clip((np.floor(levels / step) + 0.5) * step, self.ends[0] - step / 4, self.ends[1] + step / 4)
        else:
            drawn = np.round(levels / step) * step
        return np.asarray(drawn, np.float32)

    def off(self, decibels: NDArray[np.float32], line: Line) -> NDArray[np.float32]:
        """Steps (rows, columns) between what is seen and what is drawn; NaN where both are beyond the same end."""
        step, (low, high) = self.cmap.step, self.ends
        drawn = self.quantised(line.slope * decibels + line.start)
        off: NDArray[np.float32] = np.abs(drawn - self.levels) / step
        off[((drawn <= low) & (self.levels <= low)) | ((drawn >= high) & (self.levels >= high))] = np.nan
        return off


def spread_of(seen: damage.Levels, plan: layout.Layout, cmap: Colormap) -> float:
    """How uncertain a pixel's level is, rms in steps of the map; 0 where all are exact."""
    if seen.exact >= damage.LIMITS.clean:
        return 0.0
    variance = damage.variance(seen.positions, plan.rows, plan.columns, seen.exact)
    return _UNKNOWN_SPREAD if variance is None else float(np.sqrt(variance.mean())) / cmap.step


def magnitudes(
    wave: NDArray[np.float32], frames: NDArray[np.intp], facts: Complete, offset: int = 0
) -> NDArray[np.float32]:
    """STFT magnitudes (len(frames), 1 + n_fft // 2) of some frames of a sound (n,) that begins `offset` samples in."""
    from fastspec.transform.stft import stft

    n_fft = facts.n_fft
    first = frames * facts.hop_length - (n_fft // 2 if facts.center else 0)
    ends = max(0, offset), min(wave.size, offset + facts.samples)  # what the picture shows of it
    at = (first + offset)[:, None] + np.arange(n_fft)
    pieces = np.where((at >= ends[0]) & (at < ends[1]), wave[np.clip(at, 0, wave.size - 1)], np.float32(0))
    options: dict[str, Any] = {**facts.transform_options(), "hop_length": n_fft, "center": False}
    return np.ascontiguousarray(np.abs(stft(pieces.reshape(-1), **options)).T)


def _spread(count: int, most: int) -> NDArray[np.intp]:
    """At most so many of `count`, evenly, the first and last few left out: frames there depend on padding."""
    if count <= most:
        return np.arange(count, dtype=np.intp)
    return np.unique(((np.arange(most) + 0.5) * (count / most)).astype(np.intp))


def _line(
    levels: NDArray[np.float32], loud: NDArray[np.float32], slope: float, tolerance: float, others: Sequence[float]
) -> Line:
    """The line that most pixels lie on, of this slope, or with `others` of one near those."""
    counts = np.empty(_PLACES, np.int64)
    start, votes = kernels.commonest(levels, loud, slope, tolerance, counts)
    line = Line(slope, start)
    if not others:
        return line
    for other in others:
        start, found = kernels.commonest(levels, loud, other, tolerance, counts)
        if found > votes:
            line, votes = Line(other, start), found
    *fitted, found = kernels.fitted(levels, loud, *line, tolerance, LIMITS.fewest)
    return Line(*fitted) if found >= votes / 2 else line


def _across(levels: NDArray[np.float32], loud: NDArray[np.float32]) -> float:
    """The slope between the quiet and the loud tenths of both."""
    low, high = np.quantile(levels, (0.1, 0.9))
    quietest, loudest = np.quantile(loud, (0.1, 0.9))
    return float(max(high - low, 1e-6) / max(loudest - quietest, 1e-6))
