"""The command line. It parses, calls the library, prints, and chooses the exit code; nothing else.

Results go to standard output, progress and messages to standard error; the exit codes are those of
`fastspec.cli.exit_codes`. What a command needs beyond click is imported when it runs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Sequence
from types import ModuleType

import click

import fastspec
from fastspec._text import printable
from fastspec.cli import decode, encode, exit_codes, garbage, inspect_, maintenance, output, streams
from fastspec.errors import FastspecError, code_and_message


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(fastspec.__version__, prog_name="fastspec")
def cli() -> None:
    """Turn pictures of spectrograms back into sound, and sound into such pictures."""


for _command in (decode.decode, encode.encode, inspect_.inspect, maintenance.warmup, maintenance.doctor):
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the `fastspec` command."""
    # pyFFTW's interfaces, which fastspec does not use, import SciPy and dask where those are installed: up to 150 ms.
    sys.modules.setdefault("pyfftw.interfaces", ModuleType("pyfftw.interfaces"))
    garbage.collect_rarely()
    try:
        code = run(arguments)
    except KeyboardInterrupt:  # it came when all was said
        code = exit_codes.INTERRUPTED
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):  # the command is over, and its exit code says how it ended
            signal.signal(number, signal.SIG_IGN)
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these words, or those of the process, and return its exit code."""
    with streams.guarded() as (shown, said), warnings.catch_warnings():
        warnings.showwarning = _warned  # type: ignore[assignment]
        code = _code_of(arguments)
        sys.stdout.flush()
        return _settled(code, shown, said)


def _code_of(arguments: Sequence[str] | None) -> int:
    """The exit code of the command with these words; what it ended in is said."""
    try:
        words = None if arguments is None else list(arguments)
        return int(cli.main(args=words, prog_name="fastspec", standalone_mode=False) or exit_codes.DONE)
    except BrokenPipeError:  # a reader that went away (`| head`) is no error of ours
        return exit_codes.DONE
    except click.ClickException as error:
        return _explained(error)
    except (KeyboardInterrupt, click.Abort) as error:
        cause = error.__cause__ or error.__context__  # click 8.1.0 raises it from None
        if isinstance(cause, EOFError):  # which click takes for the end of what a user types
            output.say(f"fastspec: a file is cut short ({cause}); run fastspec doctor")
            return exit_codes.FATAL
        output.say("interrupted; outputs written so far are whole")
        return exit_codes.INTERRUPTED
    except MemoryError:
        output.say("fastspec: not enough memory; lower --max-pixels or --max-seconds, or convert fewer at once")
        return exit_codes.FATAL
    except FastspecError as error:
        output.say(f"fastspec: {error}")
        return exit_codes.of_error(error)
    except ImportError as error:  # what fastspec stands on cannot be loaded
        output.say(f"fastspec: {error}")
        return exit_codes.FATAL
    except OSError as error:  # a name too long, a device that went away
        output.say(f"fastspec: {error}; name another file or folder")
        return exit_codes.FATAL
    except Exception as error:
        if sys.flags.dev_mode:
            raise
        output.say(f"fastspec: {_unforeseen(error)}")
        return exit_codes.FATAL


def _unforeseen(error: Exception) -> str:
    """A sentence on an error that nobody foresaw: what, and where in our code."""
    _, message = code_and_message(error)
    package = os.path.dirname(os.path.dirname(__file__)) + os.sep
    ours = [each for each in traceback.extract_tb(error.__traceback__) if each.filename.startswith(package)]
    where = f" (in {os.path.basename(ours[-1].filename)}, line {ours[-1].lineno})" if ours else ""
    return f"{message}{where}; this is a bug: report it with the file (python -X dev -m fastspec shows all of it)"


def _explained(error: click.ClickException) -> int:
    """Say what click found wrong with the words, and return the exit code."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        for line in context.get_usage().splitlines():
            output.say(line)
        output.say(f"Try '{context.command_path} --help' for help.")
    output.say(f"Error: {error.format_message()}")
    return exit_codes.USAGE if isinstance(error, click.UsageError) else exit_codes.FATAL


def _settled(code: int, shown: streams.Stream, said: streams.Stream) -> int:
    """The exit code, where a stream may have failed in between: what it was to hold is lost, which is an error."""
    for name, stream in (("output", shown), ("error", said)):
        if stream.failure is not None and not isinstance(stream.failure, BrokenPipeError):
            reason = getattr(stream.failure, "strerror", None) or stream.failure
            output.say(f"fastspec: standard {name} cannot be written: {reason}; files that were written are whole")
            code = code or exit_codes.FATAL
    return code


def _warned(message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object) -> None:
    """Show a warning of a library as one line; the text may be a file's."""
    output.say(f"{filename}:{lineno}: {category.__name__}: {printable(message)}")
