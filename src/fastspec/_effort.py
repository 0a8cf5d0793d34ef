"""Seconds that this process works at something: what a time limit may count.

A clock on the wall also counts while the process is stopped or waits, and a first call also compiles and plans for all
later ones. Neither is the work that was asked for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_preparing = threading.local()  # .depth: of a kernel that is compiled for another one
_prepared: dict[int, float] = {}  # thread -> seconds; each thread writes its own, so no fork meets a lock


class Stopwatch:
    """Seconds of work, lap by lap: of a processor, of all threads of the process, and no more than a clock shows.

    Laps are short beside what is limited, so that of a lap in which the process was stopped only its work counts.
    """

    def __init__(self) -> None:
        self._clock, self._processor = time.monotonic(), time.process_time()

    def lap(self) -> float:
        """Seconds since the last lap."""
        clock, processor = time.monotonic(), time.process_time()
        taken = min(clock - self._clock, processor - self._processor)
        self._clock, self._processor = clock, processor
        return max(0.0, taken)


@contextmanager
def preparing() -> Iterator[None]:
    """What is done within is done once for all later calls: compiling a kernel, planning a transform."""
    depth = getattr(_preparing, "depth", 0)
    _preparing.depth = depth + 1
    watch = Stopwatch()
    try:
        yield
    finally:
        _preparing.depth = depth
        if not depth:
            thread = threading.get_ident()
            _prepared[thread] = _prepared.get(thread, 0.0) + watch.lap()


def prepared() -> float:
    """Seconds that this process has spent within `preparing`, in all its threads."""
    return sum(list(_prepared.values()))
