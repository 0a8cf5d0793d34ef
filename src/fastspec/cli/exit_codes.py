"""What the exit codes of the command mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastspec.errors import CalibrationError, FastspecError, ParameterError

if TYPE_CHECKING:
    from fastspec.batch.summary import Summary

DONE = 0
FATAL = 1
USAGE = 2
PARTIAL = 3  # finished, but some files failed
INTERRUPTED = 130


def of_error(error: FastspecError) -> int:
    """The code of a command that ended in this error."""
    return USAGE if isinstance(error, ParameterError | CalibrationError) else FATAL


def of_summary(summary: Summary) -> int:
    """The code of a batch that ended so."""
    ends = {"interrupted": INTERRUPTED, "incomplete": FATAL}
    return ends.get(summary.outcome, PARTIAL if summary.failed else DONE)
