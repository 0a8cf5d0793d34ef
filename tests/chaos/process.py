"""Processes of a batch: forked from here, which saves the seconds of a start, or started as a user would; with limits.

What a process says on standard error is kept, and a process that does not end in time is a problem that shows where it
hung.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

LIMIT = 150.0  # seconds that a process may take; a busy machine that compiles a kernel needs thirty
_STEP = 0.004  # seconds between two looks
WRONG = 99  # exit code of a process that ended in what nobody caught

_alive: set[int] = set()


class HungError(Exception):
    """A process that did not end in time."""


class Process:
    """A `fastspec` process: forked and calling its main function, or a Python of its own where `fresh`.

    words : of the command line. prepare : what a forked one does before. work : what it does instead of the command.
    environment : variables beside ours. output : descriptor for its standard output, or None for one that is closed.
    limit : seconds that it may take.
    """

    def __init__(
        self,
        words: list[str],
        said: Path,
        *,
        fresh: bool = False,
        prepare: Callable[[], object] | None = None,
        work: Callable[[], int] | None = None,
        environment: Mapping[str, str] | None = None,
        output: int | None = -1,
        limit: float = LIMIT,
    ) -> None:
        self.words = words
        self.said_at = said
        self.limit = limit
        self.status: int | None = None
        self.stopped = False
        sys.stdout.flush()
        sys.stderr.flush()
        faulthandler.cancel_dump_traceback_later()  # a child would wait for a watchdog that it does not have
        self.pid = os.fork()
        if self.pid:
            _alive.add(self.pid)
            return
        code = WRONG
        try:
            _redirect(said, output)
            os.environ.update(environment or {})
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
            if fresh:
                os.execve(sys.executable, [sys.executable, "-m", "fastspec", *words], os.environ)
            faulthandler.dump_traceback_later(0.9 * limit, exit=False)
            tempfile.tempdir = None
            if prepare is not None:
                prepare()
            code = (work or (lambda: _command(words)))()
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command is over
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal, or None while it runs."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG | os.WUNTRACED)
            if pid and os.WIFSTOPPED(status):
                self.stopped = True
            elif pid:
                self.status = os.waitstatus_to_exitcode(status)
                _alive.discard(self.pid)
        return self.status

    def wait(self) -> int:
        """Its exit code. Raises HungError, and kills it, if it takes longer than its limit."""
        if self.runs_for(self.limit):
            self.kill()
            self.poll()
            raise HungError(f"{' '.join(self.words[:2])} did not end in {self.limit:.0f} s; {self.said[-3000:]}")
        assert self.status is not None
        return self.status

    def runs_for(self, seconds: float) -> bool:
        """Whether it still runs after so many seconds; returns when it ends."""
        return not self.until(lambda: False, seconds) and self.status is None

    def until(self, happens: Callable[[], bool], seconds: float = LIMIT) -> bool:
        """Wait for something while it runs; whether that happened."""
        end = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < end:
            if happens():
                return True
            time.sleep(_STEP)
        return False

    def send(self, number: int) -> bool:
        """Send a signal; whether it still ran."""
        if self.poll() is not None:
            return False
        os.kill(self.pid, number)
        return True

    def go_on(self) -> None:
        """After a stop."""
        self.stopped = False
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, and wait for its end."""
        if self.send(signal.SIGKILL):
            self.runs_for(20)

    @property
    def said(self) -> str:
        """What it has said on standard error."""
        return self.said_at.read_text(errors="replace") if self.said_at.exists() else ""


def end_all() -> None:
    """Kill what still runs, whatever happened."""
    for pid in list(_alive):
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    _alive.clear()


def _command(words: list[str]) -> int:
    from fastspec import cli

    return cli.run(words)


def _redirect(said: Path, output: int | None) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    error = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    os.dup2(nothing, 0)
    os.dup2(error, 2)
    if output is None:
        os.close(1)
    else:
        os.dup2(nothing if output < 0 else output, 1)
