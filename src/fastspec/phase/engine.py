"""The fused loop: a group of pictures of one geometry, iterated together block by block.

A transform pair is one pass over the frames. A block of them goes window -> r2c -> phase update -> c2r -> window and
overlap-add while it stays in cache, and blocks do not care whose frames they hold. Samples always receive their
frames in frame order, and every frame meets the same arithmetic in every row of a block, so a result does not depend
on the company a picture travels in, on the number of threads, or on where a segment of frames was cut for them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from fastspec._typing import Array
from fastspec.kernels import phase as kernels
from fastspec.phase.frames import Frames
from fastspec.phase.methods import Tuned
from fastspec.phase.methods.method import Projection
from fastspec.phase.team import Seat, Segment, Team
from fastspec.transform import fft

TINY = {"float32": 1e-36, "float64": 1e-280}  # |spectrum|^2 below this has no phase; targets have a peak near 1


@dataclass
class Member:
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


class Group:
    """Pictures of one geometry whose frames share blocks.

    mag : ndarray [shape=(frames of all members, bins)], frame-major, C-contiguous, non-negative, peaks near 1
    members : the pictures in order; their `frames` add up to mag.shape[0]
    """

    def __init__(self, frames: Frames, mag: Array, members: Sequence[Member], tuned: Tuned) -> None:
        self.frames = frames
        self.mag = mag
        self.members = list(members)
        self.method = tuned.method
        self._tuned = tuned
        self._lay_out()
        dtype = frames.dtype
        size = self.gain_row.size * frames.geometry.hop_length
        self.z = np.empty(size, dtype)  # not zeros: the first pass writes every sample, and clearing takes longer
        self.t = np.empty(size, dtype) if self.method.waves > 0 else self.z
        self.d = np.empty(size, dtype) if self.method.waves > 1 else self.z
        self.tiny = dtype.type(TINY[dtype.name])
        self.factors = np.asarray(tuned.factors, dtype)
        self.wave_factors = np.asarray(tuned.wave_factors, dtype)
        self.state: Array = np.empty((0, 0), dtype)

    def _lay_out(self) -> None:
        """Say where each frame lies in the waveform that all members share, and what normalises each of its slots."""
        frames, hop = self.frames, self.frames.geometry.hop_length
        slot, flags, gain_row, table, target, source, weight = [], [], [], [], [], [], []
        known: dict[tuple[int, int], Array] = {}
        at = first = height = 0
        for member in self.members:
            key = (member.frames, member.length)
            if key not in known:
                rows, made = frames.gains(*key)
                known[key] = rows + height
                table.append(made)
                height += len(made)
            gain_row.append(known[key])
            member.first, member.origin = first, at * hop
            slot.append(np.arange(at, at + member.frames))
            mark = np.zeros(member.frames, np.uint8)
            mark[0] |= kernels.FIRST
            mark[-1] |= kernels.LAST
            flags.append(mark)
            to, come, factor = frames.pads(*key)
            target.append(to + member.origin)
            source.append(come + member.origin)
            weight.append(factor)
            at += frames.slots(member.frames)
            first += member.frames
        self.slot = np.concatenate(slot).astype(np.int64)
        self.flags = np.concatenate(flags)
        self.gain_row = np.concatenate(gain_row).astype(np.int32)
        self.gains = np.concatenate(table)
        self.target = np.concatenate(target).astype(np.int64)
        self.source = np.concatenate(source).astype(np.int64)
        self.weight = np.concatenate(weight).astype(frames.dtype)

    def blank(self) -> Array:
        """An array for another waveform."""
        return np.zeros_like(self.z)

    def samples(self, member: Member, z: Array) -> Array:
        """All samples that a member's frames cover, of the waveform `z`."""
        return z[member.origin : member.origin + self.frames.slots(member.frames) * self.frames.geometry.hop_length]

    def waveform(self, member: Member, z: Array) -> Array:
        """A member's samples as they stand in `z` (after a final pass: the read-out ISTFT(P_A(.)))."""
        pad = self.frames.geometry.pad
        return self.samples(member, z)[pad : pad + member.length].copy()

    def power(self, member: Member) -> float:
        """The sum of a member's squared targets."""
        return float(np.square(self.mag[member.first : member.first + member.frames], dtype=np.float64).sum())

    # --- passes ---------------------------------------------------------------------------------------

    def begin(self, X: Array | None, segments: Sequence[Segment], team: Team, final: bool) -> None:
        """From the start X [shape as mag, complex; None: zero phase] to the waveforms of iteration 0."""
        if X is not None:
            X.imag[:, 0] = 0  # a real signal has none there; the inverse would ignore it, the state would not
            if self.frames.geometry.n_fft % 2 == 0:
                X.imag[:, -1] = 0

        def fill(seat: Seat, ids: Array) -> None:
            rows = slice(int(ids[0]), int(ids[-1]) + 1)  # a first pass has every frame, in order
            seat.pair.spec[: ids.size] = self.mag[rows] if X is None else X[rows]

        plain = final or self.method.waves == 0
        rule = kernels.PLAIN if plain else kernels.START
        self._pass(segments, team, fill, self.z, rule)
        if self.method.waves > 1:
            self.d[:] = self.t
        if self.method.spectral and not final:
            state = X if X is not None else self.mag.astype(np.result_type(self.frames.dtype, np.complex64))
            self._tuned.first_state(state)
            self.state = state.view(self.frames.dtype)

    def lead_in(self, segments: Sequence[Segment], team: Team) -> None:
        """The transform pairs of an iteration before its last; most methods have none."""
        for projection in self.method.projections[:-1]:
            self._pass(segments, team, self._projecting(projection, False), self.z, kernels.PLAIN)

    def step(self, segments: Sequence[Segment], team: Team, final: bool, out: Array | None = None) -> None:
        """An iteration's last transform pair; `final` reads out, ISTFT(P_A(.)), into `out` (None: the waveform)."""
        rule = kernels.PLAIN if final else self.method.wave_rule
        fill = self._projecting(self.method.projections[-1], final)
        self._pass(segments, team, fill, self.z if out is None else out, rule)

    def _projecting(self, project: Projection, final: bool) -> Callable[[Seat, Array], None]:
        """What takes a block of frames from the waveform to the projection's spectrum."""
        z, mag, state, tiny, factors = self.z, self.mag, self.state, self.tiny, self.factors
        slot, hop, window = self.slot, self.frames.geometry.hop_length, self.frames.window

        def fill(seat: Seat, ids: Array) -> None:
            kernels.gather(z, slot, ids, hop, window, seat.pair.real)
            seat.pair.forward()
            project(seat.spec, mag, state, ids, tiny, factors, final)

        return fill

    def measure(self, y: Array, segments: Sequence[Segment], team: Team, out: Array) -> None:
        """out[f] = sum of (|STFT y| - A)^2 over frame f."""

        def work(segment: Segment, seat: Seat) -> None:
            for at in range(0, segment.ids.size, seat.pair.height):
                ids = segment.ids[at : at + seat.pair.height]
                kernels.gather(y, self.slot, ids, self.frames.geometry.hop_length, self.frames.window, seat.pair.real)
                seat.pair.forward()
                kernels.misfit(seat.spec, self.mag, ids, out)

        team.each(work, segments)

    def _pass(
        self,
        segments: Sequence[Segment],
        team: Team,
        fill: Callable[[Seat, Array], None],
        z: Array,
        rule: int,
    ) -> None:
        synthesis, size, hop = self.frames.synthesis, self.frames.geometry.n_fft, self.frames.geometry.hop_length
        wave = self.wave_factors
        slot, flags, gain_row, gains = self.slot, self.flags, self.gain_row, self.gains
        y, t, d = z.reshape(-1, hop), self.t.reshape(-1, hop), self.d.reshape(-1, hop)
        seam = self.frames.overlap - 1

        def work(segment: Segment, seat: Seat) -> None:
            rows, carry, height = seat.rows, seat.carry, seat.pair.height
            lead = seam if segment.joint else 0
            for at in range(0, segment.ids.size, height):
                ids = segment.ids[at : at + height]
                fill(seat, ids)
                seat.pair.inverse()
                if not seat.exact:
                    seat.wide[:, :size] = seat.pair.real
                if at < lead:
                    keep = min(lead - at, ids.size)
                    segment.rows[at : at + keep] = rows[:keep]
                kernels.overlap_add(
                    rows, ids, at, synthesis, slot, flags, gain_row, gains, carry, y, t, d, rule, wave, lead
                )
            segment.open[:] = carry

        team.each(work, segments)
        for before, segment in itertools.pairwise(segments):
            if segment.joint and seam:
                # the samples left open meet the next frames one by one in frame order, exactly as without a seam
                ids, left = segment.ids[:seam], before.open
                kernels.overlap_add(
                    segment.rows, ids, 1, synthesis, slot, flags, gain_row, gains, left, y, t, d, rule, wave, 0
                )
        if self.target.size:
            kernels.pad(z, self.target, self.source, self.weight)

    def cut(self, members: Sequence[Member], parts: int) -> list[Segment]:
        """The frames of these members in at most `parts` segments of whole blocks and about equal size."""
        ids = np.concatenate([np.arange(i.first, i.first + i.frames) for i in members])
        frames, hop = self.frames, self.frames.geometry.hop_length
        height = fft.block_height(frames.geometry.n_fft)
        blocks = -(-ids.size // height)
        edges = sorted({min(ids.size, round(blocks * i / parts) * height) for i in range(parts + 1)})
        good = [0]
        for edge in edges[1:-1]:
            # a seam's frames must all lie in one segment and one member
            inside = (self.flags[ids[edge - frames.overlap : edge + frames.overlap]] != 0).any()
            if edge - good[-1] >= 2 * frames.overlap and ids.size - edge >= 2 * frames.overlap and not inside:
                good.append(edge)
        good.append(ids.size)
        segments = []
        for start, stop in itertools.pairwise(good):
            rows = np.zeros((frames.overlap - 1 if start else 0, frames.overlap, hop), frames.dtype)
            still_open = np.zeros((frames.overlap - 1, hop), frames.dtype)
            segments.append(Segment(ids[start:stop], start > 0, rows, still_open))
        return segments
