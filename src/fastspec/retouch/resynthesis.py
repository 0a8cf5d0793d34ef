"""The original with an edit applied to its complex STFT; what no edited frame reaches stays as it is, bit for bit."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array
from fastspec.calibration.complete import Complete
from fastspec.phase.retrieval import fade_ends
from fastspec.plot import to_stft
from fastspec.plot.layout import Layout
from fastspec.retouch.edits import Edit
from fastspec.retouch.moves import Move
from fastspec.transform.geometry import Geometry
from fastspec.transform.stft import istft, stft


class Limits(NamedTuple):
    """How phases of painted cells are found. unmeasured: no command repeats the value."""

    iterations: int = 32  # of the fast Griffin-Lim algorithm on the frames around painted cells; unmeasured
    # Bins beside painted cells whose phases are free too, of a transform as long as its window. Speech, what is shown
    # in painted cells and in their frames, dB: smudged block with 0, 2, 4, 8 -16.1 -29.4, -24.7 -36.2, -25.8 -37.4,
    # -26.1 -36.5; flat block -24.8 -19.1, -26.8 -19.1, -26.6 -19.2, -26.6 -19.2; other speech, line, chirp: within .8
    # Those that are louder than so many times the loudest painted one keep theirs. 10 dB less of music, of whose cells
    # that fell near the floor some count as painted, without limit, with 2, 1, and without lobes: held-out SC -70.4,
    # -76.8, -77.4, -77.9 dB; flat block -26.0, -26.3, -25.4, -24.6, smudge -15.4, -13.6, -13.4, -13.3, blur -27.3,
    # -27.5, -24.6, -24.3
    louder: float = 2.0  # times; unmeasured
    lobe: float = 2.0  # bins, half of a Hann window's main lobe; unmeasured
    momentum: float = 0.99  # of these, librosa's; unmeasured


LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class Change:
    """What an edit adds to each channel of the sound that was drawn.

    added : (channels, n) float32. first, stop : samples that edited frames reach, outside of which it is 0.
    """

    added: NDArray[np.float32]
    first: int
    stop: int


class _Grid(NamedTuple):
    """The transform on which an edit is applied, and which frame of the picture each of its frames shows."""

    options: dict[str, Any]
    shown: NDArray[np.intp]  # -1 where a frame lies outside the picture


def change_of(
    waves: NDArray[np.float32],
    edit: Edit,
    facts: Complete,
    plan: Layout,
    reference: float,
    between: Callable[[], object] = lambda: None,
) -> Change:
    """What `edit` adds to `waves` (channels, n) at the rate of `facts`.

    reference : amplitude of the STFT that is 0 dB. between : called between steps, to end the work by raising.
    """
    n = waves.shape[1]
    options = {**facts.transform_options(), "hop_length": facts.retrieval_hop}
    geometry = Geometry.of(**options)
    count = max(1, geometry.frames_of(n))
    grid = _Grid(options, _frames_shown(count, facts, plan))
    edited = (grid.shown >= 0) & np.asarray(edit.touched.any(axis=1))[np.maximum(grid.shown, 0)]
    if not edited.any():
        return Change(np.zeros_like(waves), 0, 0)
    first, last = int(np.flatnonzero(edited)[0]), int(np.flatnonzero(edited)[-1])
    X = np.stack([stft(wave, **options).T for wave in waves])  # (channels, frames, bins)
    bands = _bank(facts, plan)
    rows = grid.shown[first : last + 1]
    inside = rows >= 0
    there = np.maximum(rows, 0)
    gain = np.where(inside[:, None], bands.gains(edit.gain[there]), np.float32(1))
    between()
    new = X[:, first : last + 1] * gain
    for move in edit.moves:
        _copy(move, X, new, first, grid, bands, geometry)
    free = bands.marked(edit.painted[there]) & inside[:, None]
    if free.any():
        between()
        wanted = _painted_magnitude(edit, facts, plan, first, last, count) * np.float32(reference)
        mean = X.mean(axis=0)
        fixed = mean.copy()
        fixed[first : last + 1] = new.mean(axis=0)
        if edit.exact:  # cells that damage alone makes new would set others free, louder ones
            own = np.abs(fixed[first : last + 1])
            around = _lobes(np.where(free, wanted, 0), own, geometry) & inside[:, None]
            wanted = np.where(free, wanted, own)
            free |= around
        found = with_phases(fixed, wanted, free, first, geometry, options, between)
        new = np.where(free, new + (found - new.mean(axis=0)), new)
    X[:, first : last + 1] = np.subtract(new, X[:, first : last + 1])
    X[:, :first] = 0
    X[:, last + 1 :] = 0
    X[:, first : last + 1][:, ~edited[first : last + 1]] = 0
    added = np.stack(
        [istft(x.T, **{k: v for k, v in options.items() if k != "n_fft"}, n_fft=facts.n_fft, length=n) for x in X]
    )
    if not geometry.center:  # before the first frame's centre, windows are too small to divide by
        for each in added:
            fade_ends(each, count, options)
    start = first * facts.retrieval_hop - geometry.pad + geometry.lead
    stop = last * facts.retrieval_hop - geometry.pad + geometry.lead + geometry.win_length
    return Change(added.astype(np.float32, copy=False), max(0, start), min(n, stop))


def _lobes(painted: NDArray[np.float32], own: NDArray[np.float32], geometry: Geometry) -> NDArray[np.bool_]:
    """Cells (frames, bins) that a window spreads painted ones to: their phases follow, their magnitudes stay.

    painted : magnitudes, 0 of others. own : of all cells; those much louder than what was painted keep their phases.
    """
    reach = math.ceil(LIMITS.lobe * geometry.n_fft / geometry.win_length)
    loudest = painted.copy()
    for shift in range(1, min(reach, painted.shape[1] - 1) + 1):
        np.maximum(loudest[:, shift:], painted[:, :-shift], out=loudest[:, shift:])
        np.maximum(loudest[:, :-shift], painted[:, shift:], out=loudest[:, :-shift])
    return np.asarray(own < LIMITS.louder * loudest)


def _frames_shown(count: int, facts: Complete, plan: Layout) -> NDArray[np.intp]:
    """The picture's frame (column, of spans of time) that each of `count` frames of the transform lies in."""
    if plan.frames is not None:
        at = np.full(count, -1.0)
        some = min(count, plan.frames.size)
        at[:some] = plan.frames[:some]
        nearest = np.floor(at + 0.5).astype(np.intp)
    else:
        nearest = np.floor(np.arange(count) * (facts.retrieval_hop / facts.hop_length) + 0.5).astype(np.intp)
    return np.where((nearest >= 0) & (nearest < plan.n_frames), nearest, -1)


class _Bins:
    """Cells that are the transform's bins."""

    def __init__(self, n_bins: int, n_cells: int) -> None:
        self.n_bins, self.n_cells = n_bins, n_cells

    def gains(self, cells: NDArray[np.float32]) -> NDArray[np.float32]:
        """Gains (frames, bins) of those of cells (frames, cells)."""
        missing = self.n_bins - self.n_cells
        return np.pad(cells, ((0, 0), (0, missing)), constant_values=1) if missing else cells

    def marked(self, cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which bins (frames, bins) belong to marked cells (frames, cells)."""
        missing = self.n_bins - self.n_cells
        return np.pad(cells, ((0, 0), (0, missing))) if missing else cells

    def share(self, cells: slice) -> NDArray[np.float32]:
        """How much (n_bins,) of each bin belongs to these cells."""
        share = np.zeros(self.n_bins, np.float32)
        share[cells] = 1
        return share


class _Bands(_Bins):
    """Cells that are bands: a bin has the gains of those that hold it, by how much they do."""

    def __init__(self, weights: NDArray[np.float32]) -> None:
        super().__init__(weights.shape[1], weights.shape[0])
        held = weights / np.maximum(weights.max(axis=1, keepdims=True), np.float32(1e-30))
        total = held.sum(axis=0)
        self.shares = np.where(total > 0, held / np.maximum(total, np.float32(1e-30)), 0).astype(np.float32)
        self.outside = (total <= 0).astype(np.float32)

    def gains(self, cells: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cells @ self.shares + self.outside, np.float32)

    def marked(self, cells: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.asarray(cells.astype(np.float32) @ self.shares >= 0.5)

    def share(self, cells: slice) -> NDArray[np.float32]:
        return np.asarray(self.shares[cells].sum(axis=0), np.float32)


def _bank(facts: Complete, plan: Layout) -> _Bins:
    n_bins = 1 + facts.n_fft // 2
    return _Bands(to_stft.bank_weights(facts)) if plan.kind == "mel" else _Bins(n_bins, plan.n_cells)


def _copy(move: Move, X: Array, new: Array, first: int, grid: _Grid, bands: _Bins, geometry: Geometry) -> None:
    """Write a block's spectrum (channels, frames, bins) from where it was copied; in place."""
    frames, share = move.into[0], bands.share(move.into[1])
    places = np.flatnonzero((grid.shown >= frames.start) & (grid.shown < frames.stop))
    # frames of the transform for each frame of the picture, 1 but for hops that were made finer
    finer = max(1, round(grid.shown.size / (int(grid.shown.max()) + 1)))
    sources = finer * move.turn - places if move.mirrored else places - finer * move.frames
    held = (sources >= 0) & (sources < X.shape[1]) & (places >= first) & (places - first < new.shape[1])
    places, sources = places[held], sources[held]
    copied = X[:, sources] * X.real.dtype.type(10 ** (move.louder / 20))
    if move.mirrored:
        copied = np.conj(copied)
    if move.cells:
        copied = np.roll(copied, move.cells, axis=2)
        # a frame's phase turns with the hop: a bin higher by `cells` has turned by so much more in the source's time
        turn = np.exp(2j * np.pi * move.cells * geometry.hop_length / geometry.n_fft * places)
        copied = copied * turn.astype(copied.dtype)[None, :, None]
    new[:, places - first] = new[:, places - first] * (1 - share) + copied * share


def _painted_magnitude(
    edit: Edit, facts: Complete, plan: Layout, first: int, last: int, count: int
) -> NDArray[np.float32]:
    """Magnitudes (last + 1 - first, bins) relative to the reference, of what the picture shows there."""
    whole = to_stft.stft_magnitudes([edit.target], plan, facts._replace(ref=None))
    whole, _ = to_stft.retrievable(whole, facts)
    found = whole[:count][first : last + 1]
    missing = last + 1 - first - len(found)
    return np.pad(found, ((0, missing), (0, 0)), mode="edge") if missing else found


def with_phases(
    fixed: Array,
    wanted: NDArray[np.float32],
    free: NDArray[np.bool_],
    first: int,
    geometry: Geometry,
    options: dict[str, Any],
    between: Callable[[], object],
) -> Array:
    """The spectrum of frames first .. first + len(free) with phases for the free cells, all others held fixed.

    fixed : (frames, bins) of the whole sound. wanted : magnitudes of the free frames.
    PGHI's phases to begin with, each region's turned as its border's are; then the fast Griffin-Lim algorithm.
    """
    around = -(-geometry.win_length // geometry.hop_length)
    begin, end = max(0, first - around), min(len(fixed), first + len(free) + around)
    part = np.ascontiguousarray(fixed[begin:end])
    inner = slice(first - begin, first - begin + len(free))
    open_cells = np.zeros(part.shape, np.bool_)
    open_cells[inner] = free
    magnitude = np.abs(part)
    magnitude[inner] = np.where(free, wanted, magnitude[inner])
    part = np.where(open_cells, magnitude * _started(part, magnitude, open_cells, geometry), part)
    n = max(1, geometry.length_of(len(part)))
    before = None
    for _ in range(LIMITS.iterations):
        between()
        own = {k: v for k, v in options.items() if k != "n_fft"}
        again = stft(istft(part.T, **own, n_fft=geometry.n_fft, length=n), **options).T[: len(part)]
        here = again[open_cells]
        led = here if before is None else here + np.float32(LIMITS.momentum) * (here - before)
        before = here
        size = np.abs(led)
        part[open_cells] = magnitude[open_cells] * led / np.maximum(size, np.float32(1e-30))
    return part[inner]


def _started(part: Array, magnitude: NDArray[np.float32], free: NDArray[np.bool_], geometry: Geometry) -> Array:
    """Phase factors for all cells: PGHI's, those of each free region turned to agree with the cells around it."""
    from fastspec.phase.starts import pghi
    from fastspec.retouch import regions

    phases = pghi.spectrum(np.ascontiguousarray(magnitude, np.float32), geometry)
    phases /= np.maximum(np.abs(phases), np.float32(1e-30))
    labels, count = regions.label(free, np.zeros(free.shape, np.float32), 0.0)
    for number, (rows, columns) in enumerate(regions.boxes(labels, np.arange(count))):
        wide = (
            slice(max(0, rows.start - 1), rows.stop + 1),
            slice(max(0, columns.start - 1), columns.stop + 1),
        )
        own = labels[wide] == number
        border = regions.grown(own, 1) & ~free[wide]
        turn = np.sum(part[wide][border] * np.conj(phases[wide][border]))
        if abs(turn) > 0:
            phases[wide][own] *= turn / abs(turn)
    return phases
