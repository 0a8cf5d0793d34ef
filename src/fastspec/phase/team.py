"""Threads: who works on what, and with which buffers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from fastspec._typing import Array
from fastspec.phase.frames import Frames
from fastspec.transform import fft

Task = TypeVar("Task")
Kit = TypeVar("Kit")


class Seat:
    """What one thread needs: its plans, their buffers as kernels see them, and the samples left open between blocks."""

    def __init__(self, frames: Frames) -> None:
        n_fft, hop = frames.geometry.n_fft, frames.geometry.hop_length
        self.pair = fft.pair(n_fft, frames.dtype)
        self.spec = self.pair.spec.view(frames.dtype)
        height, overlap = self.pair.height, frames.overlap
        self.carry = np.zeros((overlap - 1, hop), frames.dtype)
        # rows by slots; where hops do not divide n_fft they are copied into wider ones
        self.exact = overlap * hop == n_fft
        flat = self.pair.real if self.exact else np.zeros((height, overlap * hop), frames.dtype)
        self.wide = flat
        self.rows = flat.reshape(height, overlap, hop)


@dataclass
class Segment:
    """Frames `ids` done by one thread in order; `joint` when they begin inside a member that a segment before began."""

    ids: Array
    joint: bool
    rows: Array  # the raw first frames, for the seam
    open: Array  # the samples that the segment before left open


class Team:
    """Threads that share the segments of one pass: this one and those of `pool`.

    seat : makes what one thread of an engine needs
    """

    def __init__(
        self, frames: Frames, seat: Callable[[Frames], Any] = Seat, pool: Executor | None = None, workers: int = 1
    ) -> None:
        self.frames = frames
        self.pool = pool
        self.workers = workers if pool is not None else 1
        self._make = seat
        self.seat = seat(frames)

    def each(self, work: Callable[[Task, Any], None], segments: Sequence[Task]) -> None:
        """Call `work` on every segment; the first error of any thread is raised here."""
        if self.pool is None or len(segments) < 2:
            for segment in segments:
                work(segment, self.seat)
            return
        share(segments, work, self.seat, lambda: self._make(self.frames), self.pool, self.workers)


def share(
    tasks: Sequence[Task],
    work: Callable[[Task, Kit], None],
    own: Kit,
    make: Callable[[], Kit],
    pool: Executor,
    workers: int,
) -> None:
    """Call `work(task, kit)` on every task, by this thread with the kit `own` and by others with one of `make`.

    Whoever is free takes the next task. The first error of any thread is raised here; then no thread is at work.
    """
    left = list(reversed(tasks))

    def help_out(kit: Kit | None) -> None:
        while True:
            try:
                task = left.pop()  # atomic
            except IndexError:
                return
            kit = make() if kit is None else kit
            work(task, kit)

    helpers = [pool.submit(help_out, None) for _ in range(min(workers, len(tasks)) - 1)]
    try:
        help_out(own)
    finally:
        left.clear()
        for helper in helpers:
            if not helper.cancel():
                helper.result()


_pools: dict[int, ThreadPoolExecutor] = {}
_pools_lock = threading.Lock()


def pool_of(helpers: int) -> ThreadPoolExecutor:
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
