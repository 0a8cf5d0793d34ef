"""Standard output and error as they are: of any encoding, closed, full, or with nobody who reads them.

Within `guarded` no write to them raises. What an encoding cannot hold is escaped. A stream that is closed was closed on
purpose: what it would show is lost, which is said once. One that fails (a full disk) does not stop the work, whose
outputs are files; the command then ends with an error.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_STANDARD = (0, 1, 2)  # descriptors of input, output and error


class Stream(io.TextIOBase):
    """A text stream whose writes never fail. `failure` is what the first one that did not get through ended in."""

    def __init__(self, target: TextIO | None, closed: Callable[[], object] = lambda: None) -> None:
        """target : None where there is none. closed : called once something is written to a closed one."""
        self.target = target
        self.failure: Exception | None = None
        self._told = closed

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Of the target."""
        return getattr(self.target, "encoding", None) or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        """What becomes of characters that the encoding does not have."""
        return "backslashreplace"

    def writable(self) -> bool:
        """Whatever happens."""
        return True

    def isatty(self) -> bool:
        """Whether somebody sits before it."""
        try:
            return self.target is not None and self.target.isatty()
        except ValueError:  # closed
            return False

    def fileno(self) -> int:
        """The target's descriptor."""
        if self.target is None:
            raise io.UnsupportedOperation("fileno")
        return self.target.fileno()

    def write(self, text: str) -> int:
        """Write the text, if that can be."""
        if not isinstance(text, str):
            raise TypeError(f"this stream takes text, not {type(text).__name__}")
        if not text:
            return 0
        if self.target is None or self.target.closed:
            told, self._told = self._told, lambda: None
            told()
        elif self.failure is None:
            target = self.target
            self._try(lambda: target.write(text.encode(self.encoding, self.errors).decode(self.encoding)))
        return len(text)

    def flush(self) -> None:
        """Hand over what was written, if that can be."""
        if self.target is not None and self.failure is None and not self.target.closed:
            self._try(self.target.flush)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except (OSError, ValueError, RuntimeError) as error:  # the last: a signal's handler writes within a write
            if not isinstance(error, RuntimeError):
                self.failure = error
                self._abandon()

    def _abandon(self) -> None:
        """Let what is still in its buffer go nowhere, or Python would try again, and fail, when it ends."""
        assert self.target is not None
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                os.dup2(nowhere, self.target.fileno())
            finally:
                os.close(nowhere)


@contextmanager
def guarded() -> Iterator[tuple[Stream, Stream]]:
    """Within, sys.stdout and sys.stderr are `Stream`s of what they were."""
    _occupy_descriptors()
    before = sys.stdout, sys.stderr
    error = Stream(before[1])
    output = Stream(before[0], lambda: error.write("fastspec: standard output is closed; results are not shown\n"))
    sys.stdout, sys.stderr = output, error
    try:
        yield output, error
    finally:
        output.flush()
        error.flush()
        sys.stdout, sys.stderr = before


def nobody_reads() -> bool:
    """Whether the reader of standard output went away, as `| head` does."""
    return isinstance(sys.stdout, Stream) and isinstance(sys.stdout.failure, BrokenPipeError)


def _occupy_descriptors() -> None:
    """Open what of the standard descriptors is closed, or the next file that is opened would take what libraries say
    on standard error."""
    for descriptor in _STANDARD:
        try:
            os.fstat(descriptor)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # the lowest descriptor that is free
