"""Pictures of one geometry, iterated in lanes: what `phase.engine.Group` does with FFTW's transforms."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fastspec._typing import Array
from fastspec.kernels import phase as kernels
from fastspec.kernels.lanes import sweep
from fastspec.kernels.lanes.updates import FACTORS, UPDATES
from fastspec.kernels.lanes.vectors import lanes
from fastspec.phase.engine import TINY, Member
from fastspec.phase.frames import Frames
from fastspec.phase.lanes.plan import Plan, plan, radices_of
from fastspec.phase.lanes.stream import Stream
from fastspec.phase.methods import Tuned
from fastspec.phase.methods.method import Projection
from fastspec.phase.team import Team
from fastspec.transform.fft import aligned

MOST_OVERLAP = 16  # frames over a sample; memory of short pictures grows with it (3 GB at 4096); unmeasured

_NUMBER = {name: number for number, name in enumerate(UPDATES)}

# What projections of rows are cell by cell: while iterating, and when they read out.
_OF: dict[Projection, tuple[str, str]] = {
    kernels.project: ("project", "project"),
    kernels.split: ("split", "split_out"),
    kernels.relax: ("relax", "relax_out"),
    kernels.difference_half: ("difference_half", "difference_half"),
    kernels.difference_rest: ("difference_rest", "project"),
}


def runs(n_fft: int, overlap: int) -> bool:
    """Whether lanes have passes for this size, and each lane few enough frames that its neighbour works too."""
    return overlap <= MOST_OVERLAP and bool(radices_of(n_fft))


def fits(frames: Frames, tuned: Tuned) -> bool:
    """Whether this geometry and method run in lanes."""
    return runs(frames.geometry.n_fft, frames.overlap) and all(map(_OF.get, tuned.method.projections))


def side(frames: Frames) -> int:
    """Frames side by side."""
    return lanes(frames.dtype)


class Seat:
    """What one thread needs."""

    def __init__(self, frames: Frames) -> None:
        count, geometry = side(frames), frames.geometry
        self.buffer = aligned((geometry.n_fft * count,), frames.dtype)
        self.ring = aligned((frames.overlap * geometry.hop_length * count,), frames.dtype)
        self.spare = aligned((max(geometry.hop_length, 2 * geometry.n_bins) * count,), frames.dtype)


class LaneGroup:
    """Pictures of one geometry whose frames share vectors. Its methods are `phase.engine.Group`'s.

    mag : ndarray [shape=(frames of all members, bins)], non-negative, peaks near 1
    members : the pictures in order; their `frames` add up to mag.shape[0]
    parts : blocks that threads can share
    """

    def __init__(self, frames: Frames, mag: Array, members: Sequence[Member], tuned: Tuned, parts: int) -> None:
        self.frames = frames
        self.members = list(members)
        self.method = tuned.method
        self._tuned = tuned
        self._mag: Array | None = mag  # until they are dealt to the lanes
        count = side(frames)
        self._window = frames.window * frames.dtype.type(0.5)  # see `kernels.lanes.operations.update_pair`
        self.plan: Plan = plan(frames.geometry.n_fft, frames.dtype)
        self.stream = Stream.of([member.frames for member in members], frames.overlap, count, parts)
        self._lay_out()
        dtype, stream = frames.dtype, self.stream
        shape = stream.blocks, stream.slots * frames.geometry.hop_length * count
        self.z = aligned(shape, dtype)
        self.t = aligned(shape, dtype) if self.method.waves > 0 else self.z
        self.d = aligned(shape, dtype) if self.method.waves > 1 else self.z
        self.factors = np.zeros(FACTORS + 1, dtype)
        self.factors[: len(tuned.factors)] = tuned.factors
        self.factors[FACTORS] = TINY[dtype.name]
        self.wave_factors = np.asarray(tuned.wave_factors, dtype)
        self._cells = stream.numbers.shape[1] * frames.geometry.n_bins * count
        self.targets: Array = aligned((stream.blocks, 0), dtype)  # until the start, which takes as much, is let go
        self.state: Array = aligned((stream.blocks, 0), dtype)
        self.keep = np.ascontiguousarray((stream.numbers >= 0).astype(dtype).reshape(stream.blocks, -1))

    def _lay_out(self) -> None:
        """Say what normalises each slot, and what fills the borders."""
        frames, stream, hop = self.frames, self.stream, self.frames.geometry.hop_length
        rows = np.ones(stream.blocks * stream.lanes * stream.owned + 2 * stream.beyond, np.int32)
        table, height = [], 0
        known: dict[tuple[int, int], Array] = {}
        target, source, weight = [], [], []
        first = 0
        for member, start in zip(self.members, stream.starts, strict=True):
            key = (member.frames, member.length)
            if key not in known:
                made_rows, made = frames.gains(*key)
                known[key] = np.where(made_rows > 1, made_rows + height, made_rows).astype(np.int32)
                table.append(made)
                height += len(made)
            member.first, member.origin = first, int(start) * hop
            at = stream.beyond + int(start)
            rows[at : at + known[key].size] = known[key]
            to, come, factor = frames.pads(*key)
            target.append(to + member.origin)
            source.append(come + member.origin)
            weight.append(factor)
            first += member.frames
        self.gains = np.concatenate(table)
        self.gain_rows = stream.dealt(rows)
        self.target = self._address(np.concatenate(target).astype(np.int64))
        self.source = self._address(np.concatenate(source).astype(np.int64))
        self.weight = np.concatenate(weight).astype(frames.dtype)

    def _address(self, samples: Array) -> Array:
        """Where samples of the stream lie in a flat waveform."""
        hop, stream = self.frames.geometry.hop_length, self.stream
        slot, inside = np.divmod(samples, hop)
        block, at, lane = stream.place(slot)
        return ((block * stream.slots + at) * hop + inside) * stream.lanes + lane

    def blank(self) -> Array:
        """An array for another waveform."""
        return aligned(self.z.shape, self.frames.dtype)

    def samples(self, member: Member, z: Array) -> Array:
        """All samples that a member's frames cover, of the waveform `z`."""
        hop, stream = self.frames.geometry.hop_length, self.stream
        out = np.empty(self.frames.slots(member.frames) * hop, self.frames.dtype)
        sweep.unpack(z.reshape(-1), stream.lanes, stream.owned, stream.beyond, hop, member.origin // hop, out)
        return out

    def waveform(self, member: Member, z: Array) -> Array:
        """A member's samples as they stand in `z` (after a final pass: the read-out ISTFT(P_A(.)))."""
        pad = self.frames.geometry.pad
        return self.samples(member, z)[pad : pad + member.length].copy()

    def power(self, member: Member) -> float:
        """The sum of a member's squared targets."""
        self._deal()
        stream = self.stream
        cells = self.targets.reshape(*stream.numbers.shape[:2], -1, stream.lanes)
        each = np.square(cells, dtype=np.float64).sum(axis=2)
        own, sums = stream.numbers[:, stream.beyond :], each[:, stream.beyond :]
        mine = (own >= member.first) & (own < member.first + member.frames)
        in_order = np.zeros(member.frames)  # a sum rounds by its order, which no cut may change
        in_order[own[mine] - member.first] = sums[mine]
        return float(in_order.sum())

    def _deal(self) -> None:
        """Deal the targets to the lanes, once."""
        if self._mag is None:
            return
        self.targets = aligned((self.stream.blocks, self._cells), self.frames.dtype)
        for block in range(self.stream.blocks):
            sweep.pack(self._mag, self.stream.numbers[block], self.plan.order, self.targets[block])
        self._mag = None

    # --- passes ---------------------------------------------------------------------------------------

    def cut(self, members: Sequence[Member], parts: int) -> list[int]:
        """The blocks that hold frames of these members."""
        hop = self.frames.geometry.hop_length
        found: set[int] = set()
        for member in members:
            found.update(self.stream.blocks_of(member.origin // hop, self.frames.slots(member.frames)))
        return sorted(found)

    def begin(self, X: Array | None, blocks: Sequence[int], team: Team, final: bool) -> None:
        """From the start X [shape as mag, complex; None: zero phase] to the waveforms of iteration 0."""
        if X is None:
            assert self._mag is not None  # nothing was iterated yet
            X = self._mag.astype(np.result_type(self.frames.dtype, np.complex64))
        X.imag[:, 0] = 0  # a real signal has none there; the inverse would ignore it, the state would not
        X.imag[:, -1] = 0
        plain = final or self.method.waves == 0
        self._pass("start", kernels.PLAIN if plain else kernels.START, blocks, team, self.z, X)
        if self.method.waves > 1:
            self.d[:] = self.t
        if self.method.spectral and not final:
            self._tuned.first_state(X)
            parts = X.view(self.frames.dtype)
            self.state = aligned((self.stream.blocks, 2 * self._cells), self.frames.dtype)
            order = np.stack([2 * self.plan.order, 2 * self.plan.order + 1], 1).ravel()
            for block in range(self.stream.blocks):
                sweep.pack(parts, self.stream.numbers[block], order, self.state[block])

    def lead_in(self, blocks: Sequence[int], team: Team) -> None:
        """The transform pairs of an iteration before its last; most methods have none."""
        for projection in self.method.projections[:-1]:
            self._pass(_OF[projection][0], kernels.PLAIN, blocks, team, self.z)

    def step(self, blocks: Sequence[int], team: Team, final: bool, out: Array | None = None) -> None:
        """An iteration's last transform pair; `final` reads out, ISTFT(P_A(.)), into `out` (None: the waveform)."""
        name = _OF[self.method.projections[-1]][final]
        rule = kernels.PLAIN if final else self.method.wave_rule
        self._pass(name, rule, blocks, team, self.z if out is None else out)

    def measure(self, y: Array, blocks: Sequence[int], team: Team, out: Array) -> None:
        """out[f] = sum of (|STFT y| - A)^2 over frame f."""
        self._deal()
        plan, hop, window = self.plan, self.frames.geometry.hop_length, self._window

        def work(block: int, seat: Seat) -> None:
            sweep.misfit(
                y[block], self.targets[block], self.stream.numbers[block], plan.order, window, hop, seat.spare,
                seat.buffer, plan.radices, plan.table, plan.offsets, plan.one, plan.other, plan.turn, plan.middle,
                plan.general, out,
            )  # fmt: skip

        team.each(work, blocks)

    def _pass(
        self, name: str, rule: int, blocks: Sequence[int], team: Team, out: Array, X: Array | None = None
    ) -> None:  # fmt: skip
        if name != "start":
            self._deal()
        plan, frames, stream = self.plan, self.frames, self.stream
        hop, window, synthesis = frames.geometry.hop_length, self._window, frames.synthesis.reshape(-1)
        starts = np.zeros((1, 2), frames.dtype) if X is None else X.view(frames.dtype)
        steady = self.gains[0]

        def work(block: int, seat: Seat) -> None:
            sweep.sweep(
                _NUMBER[name], rule, self.z[block], out[block], self.t[block], self.d[block], self.targets[block],
                self.state[block], starts, stream.numbers[block], plan.order, self.keep[block], self.factors,
                self.wave_factors, window, synthesis, steady, self.gains, self.gain_rows[block], hop, seat.ring,
                seat.spare, seat.buffer, plan.radices, plan.table, plan.back, plan.offsets, plan.one, plan.other,
                plan.turn, plan.middle, plan.general,
            )  # fmt: skip

        team.each(work, blocks)
        if self.target.size:
            kernels.pad(out.reshape(-1), self.target, self.source, self.weight)
        sweep.exchange(out, stream.owned, stream.beyond, hop, stream.lanes)
