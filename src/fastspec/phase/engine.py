"""The fused loop: a group of pictures of one geometry, iterated together block by block.

One iteration is one pass over the frames. A block of them goes window -> r2c -> phase update -> c2r -> window and
overlap-add while it stays in cache, and blocks do not care whose frames they hold. Samples always receive their
frames in frame order, and every frame meets the same arithmetic in every row of a block, so a result does not depend
on the company a picture travels in, on the number of threads, or on where a run of frames was cut for them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fastspec._typing import Array
from fastspec.kernels import phase as kernels
from fastspec.phase.methods import Method
from fastspec.transform import fft

TINY = {"float32": 1e-36, "float64": 1e-280}  # |spectrum|^2 below this has no phase; targets have a peak near 1


class Frames:
    """How one geometry lies in memory: windows, slots and the window sums that normalise each slot.

    window : ndarray [shape=(n_fft,)], the analysis window, already padded to n_fft
    center, pad_mode : as librosa's; the pad modes are "constant" and those that copy samples
    """

    def __init__(
        self, window: Array, hop: int, *, center: bool = True, pad_mode: str = "constant", dtype: Any = np.float32
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.n_fft = int(window.size)
        self.hop = hop
        self.center = center
        self.pad_mode = pad_mode
        self.bins = self.n_fft // 2 + 1
        self.overlap = -(-self.n_fft // hop)  # slots under one frame, and frames over one slot
        self.lead = self.n_fft // 2 if center else 0
        self.window = np.ascontiguousarray(window, self.dtype)
        synthesis = np.zeros(self.overlap * hop, self.dtype)
        synthesis[: self.n_fft] = np.asarray(window, np.float64) / self.n_fft
        self.synthesis = synthesis.reshape(self.overlap, hop)  # by slots, as overlap-add wants it
        self._square = np.zeros(self.overlap * hop)
        self._square[: self.n_fft] = self.window.astype(np.float64) ** 2

    def natural_length(self, frames: int) -> int:
        """Samples that `frames` frames stand for when no length is given (librosa's rule)."""
        return self.hop * (frames - 1) + (self.n_fft - 2 * self.lead)

    def covered(self, frames: int) -> int:
        """Samples from the first valid one to the last that any frame touches."""
        return self.hop * (frames - 1) + self.n_fft - self.lead

    def slots(self, frames: int) -> int:
        """Slots of one item's waveform."""
        return frames + self.overlap - 1

    def gains(self, frames: int, length: int) -> tuple[Array, Array]:
        """(row of each slot, table [shape=(rows, hop)] of what to multiply overlap-added samples by).

        Row 0 is the steady state, row 1 all zeros. Samples outside the sound have gain 0, which also clears them.
        """
        hop, reach = self.hop, self.overlap
        short = min(frames, 3 * reach)  # beyond that the middle repeats
        total = np.zeros((short + reach - 1, hop))
        for j, part in enumerate(self._square.reshape(reach, hop)):
            total[j : j + short] += part
        limit = float(np.finfo(self.dtype).tiny)
        inverse = np.where(total > limit, 1 / np.maximum(total, limit), 1.0)
        steady = np.zeros(hop)
        steady += self._square.reshape(reach, hop).sum(axis=0)
        table = [np.where(steady > limit, 1 / np.maximum(steady, limit), 1.0), np.zeros(hop)]
        rows = np.zeros(self.slots(frames), np.int32)
        start, stop = self.lead, self.lead + length
        for slot in [*range(min(reach, rows.size)), *range(max(reach, min(frames, stop // hop)), rows.size)]:
            if slot * hop >= stop or (slot + 1) * hop <= start:
                rows[slot] = 1
                continue
            if slot < reach and frames > short:
                from_short = slot
            elif slot >= frames:
                from_short = slot - (frames - short)
            else:
                from_short = slot if frames == short else min(slot, short - 1)
            at = slot * hop + np.arange(hop)
            rows[slot] = len(table)
            table.append(np.where((at >= start) & (at < stop), inverse[from_short], 0.0))
        return rows, np.asarray(table, self.dtype)

    def pads(self, frames: int, length: int) -> tuple[Array, Array, Array]:
        """(target, source, weight): sample numbers that fill the borders of one item, and factors."""
        if not self.center or self.pad_mode == "constant":
            empty = np.empty(0, np.int64)
            return empty, empty, np.empty(0)
        end = self.lead + length
        right = min(self.lead, self.slots(frames) * self.hop - end)
        ramp = self.pad_mode == "linear_ramp"  # from the edge down to 0
        mode: Any = "edge" if ramp else self.pad_mode
        source = np.pad(np.arange(length), (self.lead, right), mode=mode)
        weight = np.pad(np.ones(length), (self.lead, right), mode="linear_ramp" if ramp else "edge")
        target = np.concatenate([np.arange(self.lead), np.arange(end, end + right)])
        return target, source[target] + self.lead, weight[target]


@dataclass
class Item:
    """One picture of a group, and what became of it."""

    frames: int
    length: int  # samples, already cut to what its frames cover
    tol: float | None = None
    first: int = 0  # number of its first frame
    origin: int = 0  # sample number of its first frame's start
    power: float = 0.0  # sum of squared target magnitudes, for the trace
    iterations: int = 0
    converged: bool = False
    trace: list[dict[str, float]] = field(default_factory=list)


class _Seat:
    """What one thread needs: its plans, their buffers as kernels see them, and the samples left open between blocks."""

    def __init__(self, frames: Frames) -> None:
        self.pair = fft.pair(frames.n_fft, frames.dtype)
        self.spec = self.pair.spec.view(frames.dtype)
        height, overlap, hop = self.pair.height, frames.overlap, frames.hop
        self.carry = np.zeros((overlap - 1, hop), frames.dtype)
        # rows by slots; where hops do not divide n_fft they are copied into wider ones
        self.exact = overlap * hop == frames.n_fft
        flat = self.pair.real if self.exact else np.zeros((height, overlap * hop), frames.dtype)
        self.wide = flat
        self.rows = flat.reshape(height, overlap, hop)


@dataclass
class _Run:
    """Frames `ids` done by one thread in order; `joint` when they begin inside an item that a run before began."""

    ids: Array
    joint: bool
    rows: Array  # the raw first frames, for the seam
    open: Array  # the samples that the run before left open


class Group:
    """Pictures of one geometry whose frames share blocks.

    mag : ndarray [shape=(frames of all items, bins)], frame-major, C-contiguous, non-negative, peaks near 1
    items : the pictures in order; their `frames` add up to mag.shape[0]
    """

    def __init__(self, frames: Frames, mag: Array, items: Sequence[Item], method: Method) -> None:
        self.frames = frames
        self.mag = mag
        self.items = list(items)
        self.method = method
        dtype = frames.dtype
        slot, flags, gain_row, table, target, source, weight = [], [], [], [], [], [], []
        known: dict[tuple[int, int], tuple[Array, Array]] = {}
        at = first = height = 0
        for item in self.items:
            key = (item.frames, item.length)
            if key not in known:
                rows, made = frames.gains(*key)
                known[key] = (rows + height, made)
                table.append(made)
                height += len(made)
            gain_row.append(known[key][0])
            item.first, item.origin = first, at * frames.hop
            slot.append(np.arange(at, at + item.frames))
            mark = np.zeros(item.frames, np.uint8)
            mark[0] |= kernels.FIRST
            mark[-1] |= kernels.LAST
            flags.append(mark)
            to, come, factor = frames.pads(*key)
            target.append(to + item.origin)
            source.append(come + item.origin)
            weight.append(factor)
            at += frames.slots(item.frames)
            first += item.frames
        self.slot = np.concatenate(slot).astype(np.int64)
        self.flags = np.concatenate(flags)
        self.gain_row = np.concatenate(gain_row).astype(np.int32)
        self.gains = np.concatenate(table)
        self.target = np.concatenate(target).astype(np.int64)
        self.source = np.concatenate(source).astype(np.int64)
        self.weight = np.concatenate(weight).astype(dtype)
        size = at * frames.hop
        self.z = np.empty(size, dtype)  # not zeros: the first pass writes every sample, and clearing takes longer
        self.t = np.empty(size, dtype) if method.waves > 0 else self.z
        self.d = np.empty(size, dtype) if method.waves > 1 else self.z
        self.tiny = dtype.type(TINY[dtype.name])
        self.spec_par = np.asarray(method.spec_par, dtype)
        self.state: Array = np.empty((0, 0), dtype)
        self._none = np.zeros(4, dtype)

    def ids(self, items: Sequence[Item]) -> Array:
        """Numbers of all frames of `items`."""
        return np.concatenate([np.arange(i.first, i.first + i.frames) for i in items])

    def waveform(self, item: Item) -> Array:
        """An item's samples as they stand (after a final pass: the read-out ISTFT(P_A(.)))."""
        start = item.origin + self.frames.lead
        return self.z[start : start + item.length].copy()

    # --- passes ---------------------------------------------------------------------------------------

    def begin(self, X: Array | None, runs: Sequence[_Run], team: Team, final: bool) -> None:
        """From the start X [shape as mag, complex; None: zero phase] to the waveforms of iteration 0."""
        if X is not None:
            X.imag[:, 0] = 0  # a real signal has none there; the inverse would ignore it, the state would not
            if self.frames.n_fft % 2 == 0:
                X.imag[:, -1] = 0

        def fill(seat: _Seat, ids: Array) -> None:
            rows = slice(int(ids[0]), int(ids[-1]) + 1)  # a first pass has every frame, in order
            seat.pair.spec[: ids.size] = self.mag[rows] if X is None else X[rows]

        plain = final or self.method.waves == 0
        rule = kernels.PLAIN if plain else kernels.START
        self._pass(runs, team, fill, self.z, rule, np.zeros(4, self.frames.dtype))
        if self.method.waves > 1:
            self.d[:] = self.t
        if self.method.spectral and not final:
            state = X if X is not None else self.mag.astype(np.result_type(self.frames.dtype, np.complex64))
            self.method.first_state(state)
            self.state = state.view(self.frames.dtype)

    def step(self, runs: Sequence[_Run], team: Team, final: bool, out: Array | None = None) -> None:
        """One iteration; `final` reads out, ISTFT(P_A(.)), into `out` (None: over the carried waveform)."""
        name, z, mag, state = self.method.name, self.z, self.mag, self.state
        slot, hop, window, tiny, par = self.slot, self.frames.hop, self.frames.window, self.tiny, self.spec_par

        def fill(seat: _Seat, ids: Array) -> None:
            kernels.gather(z, slot, ids, hop, window, seat.pair.real)
            seat.pair.forward()
            if name == "admm":
                kernels.split(seat.spec, mag, state, ids, tiny, par, final)
            elif name == "raar":
                kernels.relax(seat.spec, mag, state, ids, tiny, par, final)
            else:
                kernels.project(seat.spec, mag, ids, tiny)

        rule = kernels.PLAIN if final else self.method.rule
        wave = np.zeros(4, self.frames.dtype)
        wave[: len(self.method.wave_par)] = self.method.wave_par
        self._pass(runs, team, fill, z if out is None else out, rule, wave)

    def measure(self, y: Array, runs: Sequence[_Run], team: Team, out: Array) -> None:
        """out[f] = sum of (|STFT y| - A)^2 over frame f."""

        def work(run: _Run, seat: _Seat) -> None:
            for at in range(0, run.ids.size, seat.pair.height):
                ids = run.ids[at : at + seat.pair.height]
                kernels.gather(y, self.slot, ids, self.frames.hop, self.frames.window, seat.pair.real)
                seat.pair.forward()
                kernels.misfit(seat.spec, self.mag, ids, out)

        team.each(work, runs)

    def _pass(
        self,
        runs: Sequence[_Run],
        team: Team,
        fill: Callable[[_Seat, Array], None],
        z: Array,
        rule: int,
        wave: Array,
    ) -> None:
        synthesis, size, hop = self.frames.synthesis, self.frames.n_fft, self.frames.hop
        slot, flags, gain_row, gains = self.slot, self.flags, self.gain_row, self.gains
        y, t, d = z.reshape(-1, hop), self.t.reshape(-1, hop), self.d.reshape(-1, hop)
        seam = self.frames.overlap - 1

        def work(run: _Run, seat: _Seat) -> None:
            rows, carry, height = seat.rows, seat.carry, seat.pair.height
            lead = seam if run.joint else 0
            for at in range(0, run.ids.size, height):
                ids = run.ids[at : at + height]
                fill(seat, ids)
                seat.pair.inverse()
                if not seat.exact:
                    seat.wide[:, :size] = seat.pair.real
                if at < lead:
                    keep = min(lead - at, ids.size)
                    run.rows[at : at + keep] = rows[:keep]
                kernels.overlap_add(
                    rows, ids, at, synthesis, slot, flags, gain_row, gains, carry, y, t, d, rule, wave, lead
                )
            run.open[:] = carry

        team.each(work, runs)
        for before, run in itertools.pairwise(runs):
            if run.joint and seam:
                # the samples left open meet the next frames one by one in frame order, exactly as without a seam
                ids, left = run.ids[:seam], before.open
                kernels.overlap_add(
                    run.rows, ids, 1, synthesis, slot, flags, gain_row, gains, left, y, t, d, rule, wave, 0
                )
        if self.target.size:
            kernels.pad(z, self.target, self.source, self.weight)

    def cut(self, ids: Array, parts: int) -> list[_Run]:
        """`ids` in at most `parts` runs of whole blocks and about equal size."""
        frames = self.frames
        height = fft.block_height(frames.n_fft)
        blocks = -(-ids.size // height)
        edges = sorted({min(ids.size, round(blocks * i / parts) * height) for i in range(parts + 1)})
        good = [0]
        for edge in edges[1:-1]:
            # a seam's frames must all lie in one run and one item
            inside = (self.flags[ids[edge - frames.overlap : edge + frames.overlap]] != 0).any()
            if edge - good[-1] >= 2 * frames.overlap and ids.size - edge >= 2 * frames.overlap and not inside:
                good.append(edge)
        good.append(ids.size)
        runs = []
        for start, stop in itertools.pairwise(good):
            rows = np.zeros((frames.overlap - 1 if start else 0, frames.overlap, frames.hop), frames.dtype)
            still_open = np.zeros((frames.overlap - 1, frames.hop), frames.dtype)
            runs.append(_Run(ids[start:stop], start > 0, rows, still_open))
        return runs


class Team:
    """Threads that share the runs of one pass: this one and those of `pool`."""

    def __init__(self, frames: Frames, pool: Executor | None = None, workers: int = 1) -> None:
        self.frames = frames
        self.pool = pool
        self.workers = workers if pool is not None else 1
        self.seat = _Seat(frames)
        self._spare: list[_Seat] = []

    def each(self, work: Callable[[_Run, _Seat], None], runs: Sequence[_Run]) -> None:
        """Call `work` on every run; the first error of any thread is raised here."""
        if self.pool is None or len(runs) < 2:
            for run in runs:
                work(run, self.seat)
            return
        left = list(reversed(runs))

        def help_out(seat: _Seat | None) -> None:
            while True:
                try:
                    run = left.pop()  # atomic
                except IndexError:
                    return
                seat = seat or _Seat(self.frames)
                work(run, seat)

        helpers = [self.pool.submit(help_out, None) for _ in range(min(self.workers, len(runs)) - 1)]
        try:
            help_out(self.seat)
        finally:
            left.clear()
            for helper in helpers:
                helper.result()
