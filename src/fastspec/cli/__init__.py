"""The command line. It parses, calls the library, prints, and chooses the exit code; nothing else.

Results go to standard output, progress and messages to standard error; the exit codes are those of
`fastspec.cli.exit_codes`. What a command needs beyond click is imported when it runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from types import ModuleType

import click

import fastspec
from fastspec.cli import decode, encode, exit_codes, garbage, inspect_, maintenance
from fastspec.errors import FastspecError


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
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command with these words, or those of the process, and return its exit code."""
    try:
        code = cli.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
        sys.stdout.flush()
        return int(code or exit_codes.DONE)
    except BrokenPipeError:  # a reader that went away (`| head`) is no error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_codes.DONE
    except click.ClickException as error:
        error.show()
        return exit_codes.USAGE if isinstance(error, click.UsageError) else exit_codes.FATAL
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; outputs written so far are whole", err=True)
        return exit_codes.INTERRUPTED
    except MemoryError:
        click.echo(
            "fastspec: not enough memory; lower --max-pixels or --max-seconds, or convert fewer at once", err=True
        )
        return exit_codes.FATAL
    except FastspecError as error:
        click.echo(f"fastspec: {error}", err=True)
        return exit_codes.of_error(error)
    except OSError as error:  # a name too long, a device that went away
        click.echo(f"fastspec: {error}; name another file or folder", err=True)
        return exit_codes.FATAL
