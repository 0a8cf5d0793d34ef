"""What happens inside a process at a chosen step: it dies, loses its power, is refused, stops, or its clock jumps.

A step is one call of what makes a batch durable: open for writing, write, fsync, replace, mkdir, unlink. The process is
a forked child, so what is replaced here stays replaced in it alone.
"""

from __future__ import annotations

import builtins
import errno
import itertools
import os
import random
import resource
import shutil
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastspec import _files

REFUSALS = (errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT, errno.ESTALE, errno.EACCES)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_REAL = {name: getattr(os, name) for name in ("open", "write", "fsync", "replace", "mkdir", "unlink")}


class Wire:
    """Counts the steps below a folder. `trip` is called before the one of number `at`; its result may be an error that
    the step raises, and so does each after it where `lasting`."""

    def __init__(self, root: Path, at: int, trip: Callable[[], OSError | None], lasting: bool = False) -> None:
        self.root = str(root)
        self.at = at
        self.trip = trip
        self.lasting = lasting
        self.steps = itertools.count()

    def lay(self) -> None:
        """From now on, in this process."""
        for name in _REAL:
            setattr(os, name, self._wrapped(name))
        _files.open = self._opened  # type: ignore[attr-defined]

    def step(self) -> None:
        """One step; raises what it is refused with."""
        number = next(self.steps)
        if number == self.at or (self.lasting and number > self.at):
            error = self.trip()
            if error is not None:
                raise error

    def _opened(self, path: Any, mode: str = "r", **more: Any) -> Any:
        if "r" not in mode and self._here(path):
            self.step()
        return builtins.open(path, mode, **more)

    def _here(self, what: Any) -> bool:
        if isinstance(what, int):
            with suppress(OSError):
                what = os.readlink(f"/proc/self/fd/{what}")
        return isinstance(what, str | os.PathLike) and os.fspath(what).startswith(self.root)

    def _wrapped(self, name: str) -> Any:
        real = getattr(os, name)

        def call(first: Any, *more: Any, **options: Any) -> Any:
            reads = name == "open" and not (more and more[0] & _WRITES)
            if not reads and self._here(first):
                self.step()
            return real(first, *more, **options)

        return call


def die() -> None:
    """SIGKILL, at this step."""
    os.kill(os.getpid(), signal.SIGKILL)


def stop() -> None:
    """SIGSTOP, until somebody lets it go on."""
    os.kill(os.getpid(), signal.SIGSTOP)


def refuse(number: int) -> Callable[[], OSError]:
    """A file system that refuses with this error."""
    return lambda: OSError(number, os.strerror(number))


class Power:
    """A disk that forgets what was not synced: `cut` takes it away and kills the process.

    Content that was not synced under its name is cut to half; a name or folder that was not synced where it stands is
    gone, or is not, as chance has it; lines that were not synced are torn.
    """

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = str(root)
        self.chance = chance
        self.guard = threading.RLock()
        self.whole: set[tuple[int, int]] = set()  # files whose content is synced
        self.hollow: dict[str, tuple[int, int]] = {}  # names that were given to content before that was synced
        self.named: dict[str, bytes | None] = {}  # names that are not durable -> what they replaced
        self.made: set[str] = set()  # folders and files whose names are not durable
        self.length: dict[str, int] = {}  # of files that are appended to, where they are synced

    def lay(self) -> None:
        """From now on, in this process."""
        for name in ("fsync", "replace", "mkdir", "open", "write"):
            setattr(os, name, getattr(self, name))

    def fsync(self, handle: int) -> None:
        """As os.fsync."""
        with self.guard:
            _REAL["fsync"](handle)
            state, path = os.fstat(handle), os.readlink(f"/proc/self/fd/{handle}")
            self.whole.add((state.st_dev, state.st_ino))
            self.hollow = {n: v for n, v in self.hollow.items() if v not in self.whole}
            self.length.pop(path, None)
            if os.path.isdir(path):
                self.named = {n: v for n, v in self.named.items() if os.path.dirname(n) != path}
                self.made = {n for n in self.made if os.path.dirname(n) != path}

    def replace(self, source: Any, target: Any) -> None:
        """As os.replace."""
        with self.guard:
            state = os.stat(source)
            before = Path(target).read_bytes() if os.path.isfile(target) else None
            _REAL["replace"](source, target)
            if str(target).startswith(self.root):
                self.named[str(target)] = before
                if (state.st_dev, state.st_ino) not in self.whole:
                    self.hollow[str(target)] = (state.st_dev, state.st_ino)

    def mkdir(self, path: Any, *more: Any) -> None:
        """As os.mkdir."""
        with self.guard:
            _REAL["mkdir"](path, *more)
            self.made.add(os.path.abspath(path))

    def open(self, path: Any, flags: int, *more: Any, **options: Any) -> int:
        """As os.open."""
        with self.guard:
            new = bool(flags & os.O_CREAT) and isinstance(path, str) and not os.path.exists(path)
            handle: int = _REAL["open"](path, flags, *more, **options)
            if new and path.startswith(self.root):
                self.made.add(path)
            return handle

    def write(self, handle: int, data: Any) -> int:
        """As os.write."""
        with self.guard:
            path = os.readlink(f"/proc/self/fd/{handle}")
            if path.startswith(self.root):
                self.length.setdefault(path, os.fstat(handle).st_size)
            done: int = _REAL["write"](handle, data)
            return done

    def cut(self) -> None:
        """The power fails. Names that were synced with their content stay; others may or may not."""
        with self.guard:
            for path, length in self.length.items():
                with suppress(OSError):
                    os.truncate(path, self.chance.randint(length, max(length, os.path.getsize(path))))
            for path in self.hollow:
                with suppress(OSError):
                    os.truncate(path, os.path.getsize(path) // 2)
            for path, before in self.named.items():
                with suppress(OSError):
                    if self.chance.random() < 0.5:
                        os.unlink(path) if before is None else Path(path).write_bytes(before)
            for path in self.made:
                if self.chance.random() < 0.5:
                    shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else Path(path).unlink(True)
            for part in Path(self.root).rglob("*.part"):
                with suppress(OSError):
                    os.truncate(part, os.path.getsize(part) // 2)
            die()


def jump(seconds: float, after: int) -> None:
    """Let the clock of this process be wrong by so many seconds, from the call of this number on."""
    calls = itertools.count()
    real = {name: getattr(time, name) for name in ("time", "time_ns", "gmtime", "localtime")}

    def off() -> float:
        return seconds if next(calls) >= after else 0.0

    time.time = lambda: real["time"]() + off()
    time.time_ns = lambda: real["time_ns"]() + round(off()) * 10**9
    time.gmtime = lambda at=None: real["gmtime"](time.time() if at is None else at)
    time.localtime = lambda at=None: real["localtime"](time.time() if at is None else at)


def limit_files(size: int) -> None:
    """No file of this process grows beyond so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
