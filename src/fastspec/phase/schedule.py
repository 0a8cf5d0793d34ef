"""Who iterates when: pictures in groups that stay in cache, early stops, traces, and the threads at work."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from fastspec._typing import Array
from fastspec.kernels import phase as kernels
from fastspec.phase.engine import Frames, Group, Item, Team
from fastspec.phase.methods import Method
from fastspec.transform import fft

GROUP_BLOCKS = 12  # blocks of small pictures iterated together: their whole state stays in a 2 MB cache
RUNS_PER_WORKER = 3  # a thread that is held up leaves its later runs to the others


@dataclass(frozen=True)
class Step:
    """What a callback is told after an iteration of one picture; a true answer ends that picture's iterations."""

    item: int
    iteration: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """What is the same for every picture of one call."""

    frames: Frames
    method: Method
    n_iter: int
    trace: bool = False
    deadline: float | None = None
    callback: Callable[[Step], object] | None = None


@dataclass
class Job:
    """One picture: its place in the call, how to write its target and start, and its waveform when done.

    fill(mag, X) writes the target [shape=(frames, bins)] into `mag` and the start into `X` (None: zero phase wanted).
    """

    number: int
    item: Item
    fill: Callable[[Array, Array | None], None]
    zero_start: bool
    waveform: Array | None = None


def work_off(jobs: Sequence[Job], plan: Plan, workers: int) -> None:
    """Give every job its waveform and trace, with up to `workers` threads."""
    groups = _grouped(jobs, plan.frames)
    lock = threading.Lock()
    if workers == 1:
        team = Team(plan.frames)
        for group in groups:
            _iterate(group, plan, team, lock)
        return
    pool = _pool(workers - 1)
    height = fft.block_height(plan.frames.n_fft)
    if len(groups) >= 4 * workers or all(sum(j.item.frames for j in g) < 4 * height for g in groups):
        left = list(reversed(groups))

        def help_out() -> None:
            team = None
            while True:
                try:
                    group = left.pop()  # atomic
                except IndexError:
                    return
                team = team or Team(plan.frames)
                _iterate(group, plan, team, lock)

        helpers = [pool.submit(help_out) for _ in range(min(workers, len(groups)) - 1)]
        try:
            help_out()
        finally:
            left.clear()
            for helper in helpers:
                if not helper.cancel():
                    helper.result()
        return
    team = Team(plan.frames, pool, workers)
    for group in groups:
        _iterate(group, plan, team, lock)


def _grouped(jobs: Sequence[Job], frames: Frames) -> list[list[Job]]:
    """Neighbours together until their frames fill GROUP_BLOCKS blocks; results do not depend on it."""
    limit = GROUP_BLOCKS * fft.block_height(frames.n_fft)
    groups: list[list[Job]] = []
    size = limit
    for job in jobs:
        if size + job.item.frames > limit:
            groups.append([])
            size = 0
        groups[-1].append(job)
        size += job.item.frames
    return groups


def _iterate(jobs: Sequence[Job], plan: Plan, team: Team, lock: threading.Lock) -> None:
    items = [job.item for job in jobs]
    dtype = plan.frames.dtype
    total = sum(item.frames for item in items)
    mag = np.empty((total, plan.frames.bins), dtype)
    X = None
    if not all(job.zero_start for job in jobs):
        X = np.empty(mag.shape, np.result_type(dtype, np.complex64))
    at = 0
    for job in jobs:
        part = slice(at, at + job.item.frames)
        job.fill(mag[part], None if X is None else X[part])
        at = part.stop
    group = Group(plan.frames, mag, items, plan.method)
    by_item = {id(job.item): job for job in jobs}
    parts = team.workers * RUNS_PER_WORKER if team.workers > 1 else 1
    runs = group.cut(group.ids(items), parts)
    spare = np.zeros_like(group.z) if plan.trace else group.z
    watched = [item for item in items if item.tol is not None]
    kept = np.zeros_like(group.z) if watched else group.z
    seconds = 0.0

    def finish(done: Sequence[Item]) -> None:
        for item in done:
            by_item[id(item)].waveform = group.waveform(item)

    clock = time.perf_counter()
    group.begin(X, runs, team, plan.n_iter == 0)
    del X
    seconds += time.perf_counter() - clock
    if plan.n_iter == 0:
        finish(items)
    active = items if plan.n_iter else []
    ending: list[Item] = []
    for k in range(1, plan.n_iter + 1):
        if k == plan.n_iter or (plan.deadline is not None and time.perf_counter() >= plan.deadline):
            ending = active
        if plan.trace:
            group.step(runs, team, True, spare)
        clock = time.perf_counter()
        if ending:
            if len(ending) < len(active):
                runs = group.cut(group.ids(ending), parts)
            group.step(runs, team, True)
            finish(ending)
            gone = {id(item) for item in ending}
            going = [item for item in active if id(item) not in gone]
            if going:
                runs = group.cut(group.ids(going), parts)
        else:
            going = active
        if going:
            group.step(runs, team, False)
        seconds += time.perf_counter() - clock
        if plan.trace:
            _record(group, active, spare, team, parts, k, seconds)
        for item in active:
            item.iterations = k
        active, ending = going, []
        if not active:
            return
        for item in active:
            if item.tol is not None:
                span = slice(item.origin, item.origin + plan.frames.slots(item.frames) * plan.frames.hop)
                moved, power = kernels.change(group.z[span], kept[span])
                # iteration 1 is compared with nothing yet
                item.converged = k > 1 and moved <= item.tol**2 * power
                if item.converged:
                    ending.append(item)
        if plan.callback is not None:
            with lock:
                for item in active:
                    stop = plan.callback(Step(by_item[id(item)].number, k, seconds))
                    if stop and not item.converged:
                        ending.append(item)


def _record(group: Group, active: Sequence[Item], y: Array, team: Team, parts: int, k: int, seconds: float) -> None:
    """Own spectral convergence of each picture's read-out y_k; not counted in the time."""
    out = np.zeros(group.mag.shape[0])
    group.measure(y, group.cut(group.ids(active), parts), team, out)
    for item in active:
        part = slice(item.first, item.first + item.frames)
        if item.power == 0:
            item.power = float(np.square(group.mag[part], dtype=np.float64).sum())
        ratio = float(out[part].sum()) / item.power if item.power else 0.0
        db = 10 * np.log10(ratio) if ratio > 0 else -np.inf
        item.trace.append({"iteration": k, "sc_db": float(db), "seconds": seconds, "transform_pairs": float(k)})


# --- threads ------------------------------------------------------------------------------------------------

_pools: dict[int, ThreadPoolExecutor] = {}
_pools_lock = threading.Lock()


def _pool(helpers: int) -> ThreadPoolExecutor:
    """Helper threads, kept from call to call because each holds its own plans."""
    with _pools_lock:
        if helpers not in _pools:
            _pools[helpers] = ThreadPoolExecutor(helpers, thread_name_prefix="fastspec")
        return _pools[helpers]


def _forget_pools() -> None:
    """In a forked child the threads are gone and the lock may be held by one of them."""
    global _pools_lock
    _pools_lock = threading.Lock()
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pools)
