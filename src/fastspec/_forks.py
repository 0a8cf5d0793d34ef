"""What a fork waits for, so that the child finds it whole: another thread's imports, plans and compilations.

A forked child has one thread. A lock that another thread of its parent held stays locked in it for ever, and what that
lock protects is half changed. So whoever forks first takes the locks that are registered here, and Python's own of
modules that are being imported; child and parent let go of them. That takes microseconds, unless another thread is
importing, planning or compiling for us: then the fork waits until it has done.

`fastspec` imports this module first of all, so it imports nothing that costs time.
"""

from __future__ import annotations

import _imp
import _thread
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, Protocol

    class Lock(Protocol):
        """A lock that the thread which has it may take again."""

        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            """Take it, waiting up to `timeout` seconds; whether it is taken."""

        def release(self) -> object:
            """Let go of it."""


WAIT_SECONDS = 60.0  # compiling a kernel takes some seconds; longer only where two threads wait for each other


class Guard:
    """A lock that forks take.

    find : gives it as it is now, or None. renew : in the child, puts a new one in its place where it could not be had.
    ours : whether we let go of it after the fork, and not its owner.
    """

    def __init__(self, find: Callable[[], Lock | None], renew: Callable[[], object], ours: bool = True) -> None:
        self.find = find
        self.renew = renew
        self.ours = ours


def hold(find: Callable[[], Lock], renew: Callable[[], object]) -> None:
    """Let every fork from now on take the lock that `find()` gives; `renew` replaces it in a child if it cannot."""
    _guards.append(Guard(find, renew))


class _Imports:
    """Python's locks of modules as one: had while no other thread imports for us, and nobody begins to import."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        deadline = time.monotonic() + (timeout if blocking else 0)
        while True:
            _imp.acquire_lock()  # who begins to import takes it
            if not self._busy():
                return True
            _imp.release_lock()
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.001)

    def release(self) -> None:
        _imp.release_lock()

    @staticmethod
    def _busy() -> bool:
        """Whether another thread that runs code of ours is importing a module.

        No public name tells who imports; without the private one nobody is waited for.
        """
        locks: dict[str, Any] = getattr(sys.modules.get("_frozen_importlib"), "_module_locks", {})
        found = [find() for find in list(locks.values())]
        owners = {getattr(lock, "owner", None) for lock in found} - {None, _thread.get_ident()}
        if not owners:
            return False
        frames = sys._current_frames()  # noqa: SLF001 - of the threads, documented
        return any(_runs_ours(frame) for thread, frame in frames.items() if thread in owners)


def _runs_ours(frame: FrameType | None) -> bool:
    while frame is not None:
        if str(frame.f_globals.get("__name__", "")).partition(".")[0] == __name__.partition(".")[0]:
            return True
        frame = frame.f_back
    return False


# Modules that let forks take a lock too. Of hooks, who registers last takes his first, so where such a module is
# imported after us its lock is held while we wait: for a thread that may want it.
_OTHERS = {"logging": "_lock", "concurrent.futures.thread": "_global_shutdown_lock"}
_later = [name for name in _OTHERS if name not in sys.modules]


def _other(name: str) -> Lock | None:
    lock: Lock | None = getattr(sys.modules.get(name), _OTHERS[name], None)
    return lock


_imports = _Imports()
_guards: list[Guard] = [Guard(lambda: _imports, lambda: None)]
_guards += [Guard(lambda name=name: _other(name), lambda: None, ours=False) for name in _later]  # type: ignore[misc]
_held: list[tuple[Guard, Lock | None]] = []  # by the fork that is under way; forks come one at a time


def take_all() -> None:
    """Take all locks, and none while one is missing: who waits for one holds no other that its owner may want."""
    deadline = time.monotonic() + WAIT_SECONDS
    for guard in _guards:
        lock = None if guard.ours else guard.find()
        if lock is not None:
            try:  # noqa: SIM105 - contextlib costs time
                lock.release()
            except RuntimeError:
                pass  # its module is just being imported
    first = _guards[0]
    while True:
        left = deadline - time.monotonic()
        taken: list[tuple[Guard, Lock | None]] = []
        for guard in (first, *(guard for guard in list(_guards) if guard is not first)):
            lock = guard.find()
            if lock is None:
                continue
            waits = not taken and left > 0
            if lock.acquire(timeout=left) if waits else lock.acquire(blocking=False):
                taken.append((guard, lock))
            elif left > 0:
                first = guard
                break
            else:
                taken.append((guard, None))  # rather a child without it than a process that hangs
        else:
            _held[:] = [(guard, lock) for guard, lock in taken if guard.ours]
            return
        _let_go(taken)


def _after_in_parent() -> None:
    held, _held[:] = list(_held), []
    _let_go(held)


def _after_in_child() -> None:
    held, _held[:] = list(_held), []
    _let_go(held)
    for guard, lock in held:
        if lock is None:
            guard.renew()


def _let_go(held: list[tuple[Guard, Lock | None]]) -> None:
    for _, lock in reversed(held):
        if lock is not None:
            lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=take_all, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
