"""The command line's way with many files: options of a batch, its progress, its summary and its exit code."""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from fastspec.errors import ParameterError

if TYPE_CHECKING:
    from fastspec.batch.run import Batch

F = TypeVar("F", bound=Callable[..., Any])

_PLAIN_EVERY = 15.0  # seconds between lines of progress where there is no terminal
_EXITS = {"interrupted": 130, "incomplete": 1}

_RUN = {  # option of the command -> argument of Batch
    "jobs": "jobs",
    "resume": "resume",
    "retry_failed": "retry_failed",
    "on_error": "on_error",
    "engine": "engine",
    "scheduler": "scheduler",
    "shard_size": "shard_size",
}
_HERE = ("dry_run", "report", "log_json")


def batch_options(command: F) -> F:
    """Add the options of a batch to a command."""
    for option in reversed(
        (
            click.option("--jobs", type=click.IntRange(1), help="Files converted at a time; one a core if not given."),
            click.option("--resume", is_flag=True, help="Go on where an earlier run into --out-dir stopped."),
            click.option("--retry-failed", is_flag=True, help="As --resume, and try what failed again."),
            click.option("--on-error", type=click.Choice(["continue", "stop"]), default="continue", show_default=True),
            click.option("--dry-run", is_flag=True, help="Only list what would be converted into what."),
            click.option("--report", metavar="FILE", help="Write a summary in JSON."),
            click.option("--log-json", is_flag=True, help="Print results and progress as lines of JSON."),
            click.option("--engine", type=click.Choice(["threads", "dask"]), default="threads", show_default=True),
            click.option("--scheduler", metavar="ADDRESS", help="Of the Dask cluster; without it a local one starts."),
            click.option("--shard-size", type=click.IntRange(1), help="Files that a worker takes at a time."),
        )
    ):
        command = option(command)
    return command


def taken(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a batch, removed from `options`."""
    return {name: options.pop(name) for name in (*_RUN, *_HERE)}


def refuse(options: dict[str, Any]) -> None:
    """Raise ParameterError for options of a batch where there is none."""
    usual = {"on_error": "continue", "engine": "threads"}
    for name, value in options.items():
        if value and value != usual.get(name) and name != "jobs":
            raise ParameterError(f"--{name.replace('_', '-')} is about many files; name their folder with --out-dir")


def run(make: Callable[..., Batch], options: dict[str, Any], unit: str) -> int:
    """Make a batch with its options, iterate it, show how it goes, and return the exit code."""
    from fastspec.batch import storage
    from fastspec.batch.run import finishing_on_signals

    batch = make(**{argument: options[name] for name, argument in _RUN.items()})
    if options["dry_run"]:
        for task in batch.dry_run():
            click.echo(f"{task.source}\t{storage.join(batch.folder, task.name)}")
        return 0
    show = _Json() if options["log_json"] else _Bar(unit) if sys.stderr.isatty() else _Plain()
    first = True
    try:
        with finishing_on_signals(batch, show.say):
            for record in batch:
                show.record(record, batch)
                if first:  # all that stays to the end is loaded
                    gc.freeze()
                    gc.set_threshold(700, 10, 10)
                    first = False
    finally:
        show.close()
        if options["report"]:
            text = json.dumps(batch.summary.as_dict(), indent=2)
            storage.write(storage.absolute(options["report"]), (text + "\n").encode())
    summary = batch.summary
    show.end(summary)
    if summary.outcome == "interrupted":
        show.say("interrupted; run the same command with --resume to go on")
    elif summary.failed:
        show.say("run the same command with --retry-failed to try them again")
    return _EXITS.get(summary.outcome, 3 if summary.failed else 0)


def _line(record: dict[str, Any], batch: Batch) -> str:
    from fastspec.batch import storage

    target = storage.join(batch.folder, record["output"])
    if "pixels" in record:
        return f"{target}\t{record['pixels'][0]} x {record['pixels'][1]}"
    return f"{target}\t{record['seconds']:.2f} s\t{record['sr']} Hz"


class _Plain:
    """Lines of text: results on standard output, messages on standard error."""

    def __init__(self) -> None:
        self.begun = self.told = time.monotonic()
        self.ended = self.kept = self.failed = 0

    def record(self, record: dict[str, Any], batch: Batch) -> None:
        self.ended += 1
        self.kept += bool(record.get("kept"))
        if record["type"] == "failed":
            self.failed += 1
            self.say(f"failed: {record['input']}: {record['message']}")
        elif record["type"] == "done" and not record.get("kept"):
            self.result(_line(record, batch))
        self.progress(batch)

    def progress(self, batch: Batch) -> None:
        now = time.monotonic()
        if now - self.told < _PLAIN_EVERY:
            return
        self.told = now
        rate = self.ended / (now - self.begun)
        left = (batch.summary.inputs - self.ended) / rate
        self.say(
            f"{self.ended} of {batch.summary.inputs}, {rate:.1f} a second, {self.failed} failed, "
            f"about {_duration(left)} left"
        )

    def result(self, text: str) -> None:
        click.echo(text)

    def say(self, text: str) -> None:
        click.echo(text, err=True)

    def end(self, summary: Any) -> None:
        for line in summary.lines():
            self.say(line)

    def close(self) -> None:
        pass


class _Bar(_Plain):
    """A progress bar with rate, time left and failures so far; lines appear above it."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        from tqdm import tqdm

        self.bar = tqdm(unit=unit, file=sys.stderr, smoothing=0.05)

    def progress(self, batch: Batch) -> None:
        self.bar.total = batch.summary.inputs
        if self.failed:
            self.bar.set_postfix(failed=self.failed, refresh=False)
        self.bar.update()

    def result(self, text: str) -> None:
        if not sys.stdout.isatty():  # on the terminal the bar alone tells enough
            click.echo(text)

    def say(self, text: str) -> None:
        self.bar.write(text, file=sys.stderr)

    def close(self) -> None:
        self.bar.close()


class _Json(_Plain):
    """Every record, message and the summary as a line of JSON: records on standard output, the rest on error."""

    def record(self, record: dict[str, Any], batch: Batch) -> None:
        self.ended += 1
        self.failed += record["type"] == "failed"
        click.echo(json.dumps(record, default=str))
        self.progress(batch)

    def say(self, text: str) -> None:
        click.echo(json.dumps({"type": "message", "text": text}), err=True)

    def end(self, summary: Any) -> None:
        click.echo(json.dumps({"type": "summary", **summary.as_dict()}), err=True)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
