"""Who iterates when: pictures in groups that stay in cache, early stops, traces, and the threads at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastspec._typing import Array
from fastspec.kernels import phase as kernels
from fastspec.phase import engines
from fastspec.phase.engine import Member
from fastspec.phase.frames import Frames
from fastspec.phase.methods import Tuned
from fastspec.phase.team import Team, pool_of, share

SEGMENTS_PER_WORKER = 3  # a thread that is held up leaves its later segments to the others
_MANY_GROUPS = 4  # a worker has more groups: then each is one thread's


@dataclass(frozen=True)
class Step:
    """What a callback is told after an iteration of one picture; a true answer ends that picture's iterations."""

    item: int
    iteration: int
    seconds: float


@dataclass(frozen=True)
class Settings:
    """What is the same for every picture of one call.

    deadline : of `time.perf_counter`
    """

    method: Tuned
    n_iter: int
    trace: bool = False
    deadline: float | None = None
    callback: Callable[[Step], object] | None = None


@dataclass
class Target:
    """One picture: its place in the call, how to write its target and start, and its waveform when done.

    fill(mag, X) writes the target [shape=(frames, bins)] into `mag` and the start into `X` (None: zero phase wanted).
    scale : what the target's magnitudes are multiplied by, and so the waveform
    """

    number: int
    member: Member
    fill: Callable[[Array, Array | None], None]
    zero_start: bool
    scale: float
    waveform: Array | None = None


def work_off(targets: Sequence[Target], frames: Frames, settings: Settings, workers: int) -> None:
    """Give every target its waveform and trace, with up to `workers` threads."""
    engine = engines.choose(frames, settings.method)
    groups = _grouped(targets, engine.group_frames(frames))
    lock = threading.Lock()

    def one(group: list[Target], team: Team) -> None:
        _Loop(group, settings, engine, team, lock).run()

    if workers == 1:
        team = Team(frames, engine.seat)
        for group in groups:
            one(group, team)
        return
    pool = pool_of(workers - 1)
    few = engine.undivided_frames(frames)
    if len(groups) >= _MANY_GROUPS * workers or all(sum(t.member.frames for t in g) < few for g in groups):
        share(groups, one, Team(frames, engine.seat), lambda: Team(frames, engine.seat), pool, workers)
        return
    team = Team(frames, engine.seat, pool, workers)
    for group in groups:
        one(group, team)


def _grouped(targets: Sequence[Target], limit: int) -> list[list[Target]]:
    """Neighbours together until they have `limit` frames; results do not depend on it."""
    groups: list[list[Target]] = []
    size = limit
    for target in targets:
        if size + target.member.frames > limit:
            groups.append([])
            size = 0
        groups[-1].append(target)
        size += target.member.frames
    return groups


class _Loop:
    """The iterations of one group; each picture leaves when it is done."""

    def __init__(
        self,
        targets: Sequence[Target],
        settings: Settings,
        engine: engines.Engine,
        team: Team,
        lock: threading.Lock,
    ) -> None:
        self.settings = settings
        self.team = team
        self.lock = lock  # callbacks come one at a time
        self.targets = {id(target.member): target for target in targets}
        self.active = [target.member for target in targets]
        self.seconds = 0.0
        mag, X = _filled(targets, team.frames)
        self.parts = team.workers * SEGMENTS_PER_WORKER if team.workers > 1 else 1
        self.group = engine.group(team.frames, mag, self.active, settings.method, self.parts)
        self.segments = self._cut(self.active)
        self.spare = self.group.blank() if settings.trace else self.group.z
        self.kept: dict[int, Array] = {}
        with self._timed():
            self.group.begin(X, self.segments, team, settings.n_iter == 0)

    def run(self) -> None:
        """Iterate until every picture has its waveform."""
        if self.settings.n_iter == 0:
            self._keep(self.active, self.group.z)
            return
        ending: list[Member] = []
        k = 0
        while self.active:
            k += 1
            if k == self.settings.n_iter or self._late():
                ending = self.active
            self._iterate(k, ending)
            ending = [*self._converged(k), *self._called_off(k)]

    def _iterate(self, k: int, ending: Sequence[Member]) -> None:
        """Iteration k of all that are active; those `ending` are read out and leave."""
        members, segments = self.active, self.segments
        with self._timed():
            self.group.lead_in(segments, self.team)
        if self.settings.trace:
            self.group.step(segments, self.team, True, self.spare)
        with self._timed():
            if ending:
                self._read_out(ending)
            if self.active:
                self.group.step(self.segments, self.team, False)
        if self.settings.trace:
            self._record(members, segments, k)
        for member in members:
            member.iterations = k

    def _read_out(self, ending: Sequence[Member]) -> None:
        """The last transform pair of those ending; the others stay active."""
        everything = len(ending) == len(self.active)
        out = self.group.z if everything else self.group.blank()  # the others' waveforms go on
        self.group.step(self.segments if everything else self._cut(ending), self.team, True, out)
        self._keep(ending, out)
        gone = {id(member) for member in ending}
        self.active = [member for member in self.active if id(member) not in gone]
        if self.active:
            self.segments = self._cut(self.active)

    def _keep(self, members: Sequence[Member], z: Array) -> None:
        for member in members:
            self.targets[id(member)].waveform = self.group.waveform(member, z)

    def _cut(self, members: Sequence[Member]) -> Any:
        return self.group.cut(members, self.parts)

    def _late(self) -> bool:
        return self.settings.deadline is not None and time.perf_counter() >= self.settings.deadline

    def _converged(self, k: int) -> list[Member]:
        """Active pictures that iteration k changed by less than their tolerance."""
        for member in self.active:
            if member.tol is not None:
                now = self.group.samples(member, self.group.z)
                kept = self.kept.setdefault(id(member), np.zeros_like(now))
                moved, power = kernels.change(now, kept)
                # iteration 1 is compared with nothing yet
                member.converged = k > 1 and moved <= member.tol**2 * power
        return [member for member in self.active if member.converged]

    def _called_off(self, k: int) -> list[Member]:
        """Other active pictures that the callback, asked about every active one, wants no more of."""
        if self.settings.callback is None or not self.active:
            return []
        off = []
        with self.lock:
            for member in self.active:
                stop = self.settings.callback(Step(self.targets[id(member)].number, k, self.seconds))
                if stop and not member.converged:
                    off.append(member)
        return off

    def _record(self, members: Sequence[Member], segments: Any, k: int) -> None:
        """Own spectral convergence of each picture's read-out y_k; not counted in the time."""
        pairs = float(k * self.group.method.pairs)
        out = np.zeros(sum(member.frames for member in self.group.members))
        self.group.measure(self.spare, segments, self.team, out)
        for member in members:
            part = slice(member.first, member.first + member.frames)
            if member.power == 0:
                member.power = self.group.power(member)
            ratio = float(out[part].sum()) / member.power if member.power else 0.0
            db = 10 * np.log10(ratio) if ratio > 0 else -np.inf
            row = {"iteration": k, "sc_db": float(db), "seconds": self.seconds, "transform_pairs": pairs}
            member.trace.append(row)

    @contextmanager
    def _timed(self) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - started


def _filled(targets: Sequence[Target], frames: Frames) -> tuple[Array, Array | None]:
    """(targets [shape=(frames of all, bins)], their starts; None where all phases are 0)."""
    mag = np.empty((sum(target.member.frames for target in targets), frames.geometry.n_bins), frames.dtype)
    zero = all(target.zero_start for target in targets)
    X = None if zero else np.empty(mag.shape, np.result_type(frames.dtype, np.complex64))
    at = 0
    for target in targets:
        part = slice(at, at + target.member.frames)
        target.fill(mag[part], None if X is None else X[part])
        at = part.stop
    return mag, X
