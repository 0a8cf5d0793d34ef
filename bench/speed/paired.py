"""Paired timing: two ways of the same work, alternating A B B A in one process, and an interval for their ratio.

A machine's speed drifts by tens of percent within seconds. Neighbours in time drift together, so the ratio inside one
round is steadier than either time, and the median of many rounds is steadier still. Its interval is a bootstrap over
rounds: 95 % of resampled medians lie inside.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

LIMITED = ("OMP", "MKL", "OPENBLAS", "NUMBA", "VECLIB_MAXIMUM")
THREADS = {f"{library}_NUM_THREADS".replace("MAXIMUM_NUM", "MAXIMUM"): "1" for library in LIMITED}
SHORTEST = 0.02  # seconds: shorter work is repeated within one measurement
RESAMPLES = 4000


@dataclass(frozen=True)
class Estimate:
    """A median over rounds and its 95 % interval."""

    median: float
    low: float
    high: float
    rounds: int

    def asdict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Paired:
    """ratio : seconds of `theirs` over seconds of `ours`, above 1 where ours is faster; the rest in seconds."""

    ratio: Estimate
    theirs: float
    ours: float


def one_thread_each() -> None:
    """Start this program again with every library limited to one thread, unless it is so already."""
    if any(os.environ.get(name) != value for name, value in THREADS.items()):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **THREADS})


def estimate(samples: Sequence[float]) -> Estimate:
    """Median of `samples` and the interval of resampled medians (always the same resampling)."""
    values = np.asarray(samples, np.float64)
    picks = np.random.default_rng(0).integers(0, values.size, (RESAMPLES, values.size))
    low, high = np.percentile(np.median(values[picks], axis=1), (2.5, 97.5))
    return Estimate(float(np.median(values)), float(low), float(high), int(values.size))


def clock(call: Callable[[], object], shortest: float = SHORTEST) -> Callable[[], float]:
    """A function that measures `call` once, in seconds; short work is repeated and the mean taken.

    `call` runs once or twice here, so that compiling and planning are over.
    """
    call()
    start = time.perf_counter()
    call()
    repeats = max(1, int(shortest / max(time.perf_counter() - start, 1e-9)))

    def measure() -> float:
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        return (time.perf_counter() - start) / repeats

    return measure


def clock_once(call: Callable[[], object]) -> Callable[[], float]:
    """As `clock` for work of seconds: never repeated, and not run beforehand."""

    def measure() -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return measure


def clock_cpu(call: Callable[[], object], shortest: float = SHORTEST) -> Callable[[], float]:
    """As `clock`, in seconds of this thread's processor time: for work without a peer on a machine that is shared.

    Waiting for a processor does not count; a shared cache and a shared core still do.
    """
    call()
    start = time.thread_time()
    call()
    repeats = max(1, int(shortest / max(time.thread_time() - start, 1e-9)))

    def measure() -> float:
        start = time.thread_time()
        for _ in range(repeats):
            call()
        return (time.thread_time() - start) / repeats

    return measure


def clock_iteration(call: Callable[[int], object], few: int = 2, many: int = 10) -> Callable[[], float]:
    """Measures one iteration: what call(many) takes longer than call(few), so that neither start nor end counts."""
    call(few)

    def measure() -> float:
        start = time.perf_counter()
        call(few)
        middle = time.perf_counter()
        call(many)
        return ((time.perf_counter() - middle) - (middle - start)) / (many - few)

    return measure


def alternate(theirs: Callable[[], float], ours: Callable[[], float], rounds: int) -> Paired:
    """Measure A B B A, `rounds` times, with the collector of garbage off; every other round is B A A B."""
    ratios, their_seconds, our_seconds = [], [], []
    collecting = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            a: list[float] = []
            b: list[float] = []
            first, second = ((theirs, a), (ours, b)) if number % 2 == 0 else ((ours, b), (theirs, a))
            for measure, seconds in (first, second, second, first):
                seconds.append(measure())
            ratios.append(sum(a) / sum(b))
            their_seconds += a
            our_seconds += b
    finally:
        if collecting:
            gc.enable()
    return Paired(estimate(ratios), float(np.median(their_seconds)), float(np.median(our_seconds)))


def alone(ours: Callable[[], float], rounds: int) -> Estimate:
    """The estimate of one measurement that has no peer."""
    return estimate([ours() for _ in range(rounds)])
