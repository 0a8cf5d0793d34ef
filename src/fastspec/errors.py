"""Every exception that fastspec raises on purpose, in one closed family."""

from __future__ import annotations

from collections.abc import Iterable


class FastspecError(Exception):
    """Base of all errors raised on purpose. The message shows the offending value and the remedy.

    `code` is a short stable word for ledgers and JSON output; it never changes for a given class.
    """

    code = "error"


class ParameterError(FastspecError, ValueError):
    """An argument is out of its range, of the wrong shape, or contradicts another."""

    code = "parameter"


class NonInvertibleError(ParameterError):
    """A window and hop from which no waveform can be recovered (some samples are weighted by zero)."""

    code = "non-invertible"


class CalibrationError(FastspecError, ValueError):
    """Facts about a picture that are missing or contradict each other."""

    code = "calibration"


class PictureError(FastspecError, ValueError):
    """A picture that cannot be read, is unsuitable, or exceeds a limit."""

    code = "picture"


class AudioError(FastspecError, ValueError):
    """A sound file or waveform that cannot be read, written or drawn."""

    code = "audio"


class LimitError(FastspecError):
    """A picture that asks for more memory or time than it may take; refused before either is taken."""

    code = "limit"


class TimeLimitError(LimitError):
    """A picture that took longer than it may, and was stopped."""

    code = "timeout"


class OutputError(FastspecError, OSError):
    """An output that cannot be written (folder missing, no permission, disk full)."""

    code = "output"


class MissingExtraError(FastspecError, ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""

    code = "missing-extra"


class FastspecWarning(UserWarning):
    """What was assumed of a picture, or is doubtful about its sound: the remarks that the command line prints.

    Once a call; `warnings.filterwarnings("ignore", category=fastspec.FastspecWarning)` silences it, and
    `strict=True` refuses instead.
    """


def code_and_message(error: BaseException) -> tuple[str, str]:
    """How records and summaries name an error: "internal", and its type before the message, where nobody foresaw it."""
    if isinstance(error, FastspecError):
        return error.code, str(error)
    return "internal", f"{type(error).__name__}: {error}"


DISTRIBUTION = "fastspec-audio"  # what pip calls us; "fastspec" is another project


def install_command(extra: str) -> str:
    """The command that installs what an extra brings."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def missing_extra(package: str, extra: str, purpose: str) -> MissingExtraError:
    """The error for an absent optional `package`: what needs it and which extra installs it."""
    return MissingExtraError(f"{purpose} needs {package}, which is not installed; run: {install_command(extra)}")


def listed(words: Iterable[str]) -> str:
    """The words as a sentence lists them: "a, b or c"."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
