"""A kernel as numba's object, with what numba leaves open: damaged caches, interrupts, and switches for debugging."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import CPUDispatcher

from fastspec import _effort, _forks, _kept
from fastspec.kernels._cache import REMEDY, KernelCache

_ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGALRM") if hasattr(signal, name))


class Kernel(CPUDispatcher):
    """What numba.njit makes of a function, compiled also where NUMBA_DISABLE_JIT is set: as Python it would take hours
    and count in other integers."""

    _kept = True

    def enable_caching(self) -> None:
        """Keep what is compiled on disk; in memory alone where no folder can be written."""
        try:
            self._cache = KernelCache(self.py_func)
        except (RuntimeError, OSError):
            self._kept = False

    def compile(self, sig: Any) -> Any:
        """Compile or load the kernel for a signature."""
        if not self._kept:
            _kept.tell("save", f"no folder can be written that compiled kernels are kept in, {REMEDY}")
        with _effort.preparing(), _signals_deferred():
            return super().compile(sig)


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Let what would end this process wait until a kernel is compiled.

    An exception that a signal's handler raises while LLVM calls back is printed and lost, and the kernel is spoilt.
    """
    if threading.current_thread() is not threading.main_thread():  # handlers run in the main thread alone
        yield
        return
    came: list[tuple[int, Any]] = []
    before = {number: handler for number in _ENDING if callable(handler := signal.getsignal(number))}
    for number in before:
        signal.signal(number, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number, frame in came:
            before[number](number, frame)


def _new_compiler_lock() -> None:
    global_compiler_lock._lock = threading.RLock()  # noqa: SLF001 - its owner is in the parent


# A kernel that another thread compiles is half made in a forked child, and numba's lock nobody's.
_forks.hold(lambda: global_compiler_lock._lock, _new_compiler_lock)  # noqa: SLF001
