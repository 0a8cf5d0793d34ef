"""Files converted before the user's eyes: results, failures, bars, lines or JSON, and the exit code at the end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastspec.cli import exit_codes, garbage, output, streams
from fastspec.errors import CalibrationError, ParameterError, code_and_message

if TYPE_CHECKING:
    from fastspec.batch.inputs import Item
    from fastspec.batch.run import Batch
    from fastspec.batch.summary import Summary

_PLAIN_EVERY = 15.0  # seconds between lines of progress where there is no terminal
_HERE = ("dry_run", "report", "log_json")  # options of a batch that are carried out here; Batch takes the others
_said_of_compiling: list[str] = []  # what was said already in this process


@contextmanager
def compiling_said() -> Iterator[None]:
    """Say once in a process, if kernels have to be compiled in here, why it takes so long.

    Kernels are compiled as they are first needed, so that another kind of picture may need others in a later run.
    """
    from fastspec.kernels import compiling

    def say_once(kernel: str) -> None:
        if not _said_of_compiling:
            _said_of_compiling.append(kernel)
            output.say(
                "fastspec: compiling what this kind of picture needs, up to 20 s; it is kept for later runs "
                "(fastspec warmup compiles for all kinds of pictures)"
            )

    with compiling(say_once):
        yield


def run_items(items: Sequence[Item], convert: Callable[[Item], str], unit: str, *, bar: bool = True) -> int:
    """Convert every item and return the exit code; a failure of one of many is listed at the end.

    convert : gives the line to print, or "". unit : what the bar counts.
    """
    if len(items) == 1:
        return _run_one(items[0], convert)
    from tqdm import tqdm

    failures = []
    shown = bar and sys.stderr.isatty()
    with tqdm(total=len(items), unit=unit, file=sys.stderr, disable=not shown) as progress:
        for item in items:
            try:
                result = convert(item)
                if result:
                    output.show(result)
                if streams.nobody_reads():
                    raise BrokenPipeError
            except BrokenPipeError:  # nobody reads the results any more
                raise
            except Exception as error:  # one file must not keep the others from being read
                code, message = code_and_message(error)
                failures.append((item.source, code))
                output.say(f"failed: {item.source}: {message}")
            if item is items[0]:
                garbage.all_is_loaded()
            progress.update()
    if failures:
        output.say(f"{len(items) - len(failures)} of {len(items)} done, {len(failures)} failed:")
        for source, code in failures:
            output.say(f"  {source}: {code}")
        return exit_codes.PARTIAL
    return exit_codes.DONE


def _run_one(item: Item, convert: Callable[[Item], str]) -> int:
    try:
        result = convert(item)
    except (CalibrationError, ParameterError) as error:  # the options alone fit: it is this file that they do not fit
        output.say(f"fastspec: {item.source}: {error}")
        return exit_codes.FATAL
    if result:
        output.show(result)
    return exit_codes.DONE


def refuse(options: dict[str, Any]) -> None:
    """Raise ParameterError for options of a batch where there is none."""
    usual = {"on_error": "continue", "engine": "threads"}
    for name, value in options.items():
        if value and value != usual.get(name) and name != "jobs":
            raise ParameterError(f"--{name.replace('_', '-')} is about many files; name a folder with --out-dir")


def run_batch(make: Callable[..., Batch], options: dict[str, Any], unit: str) -> int:
    """Make a batch with its options, iterate it, show how it goes, and return the exit code."""
    from fastspec.batch import storage
    from fastspec.batch.run import finishing_on_signals

    batch = make(**{name: value for name, value in options.items() if name not in _HERE})
    if options["dry_run"]:
        for task in batch.dry_run():
            output.show(output.row(task.source, storage.join(batch.folder, task.name)))
        for source, _ in batch.summary.failures:
            output.say(f"failed: {source} cannot be listed")
        return exit_codes.PARTIAL if batch.summary.failed else exit_codes.DONE
    show = _Json() if options["log_json"] else _Bar(unit) if sys.stderr.isatty() else _Plain()
    first = True
    try:
        with finishing_on_signals(batch, show.say):
            for record in batch:
                show.record(record, batch)
                if first:
                    garbage.all_is_loaded()
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
    return exit_codes.of_summary(summary)


def _line(record: dict[str, Any], batch: Batch) -> str:
    from fastspec.batch import storage

    target = storage.join(batch.folder, record["output"])
    if "pixels" in record:
        return output.row(target, f"{record['pixels'][0]} x {record['pixels'][1]}")
    return output.row(target, f"{record['seconds']:.2f} s", f"{record['sr']} Hz")


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
        output.show(text)

    def say(self, text: str) -> None:
        output.say(text)

    def end(self, summary: Summary) -> None:
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
            output.show(text)

    def close(self) -> None:
        self.bar.close()


class _Json(_Plain):
    """Every record, message and the summary as a line of JSON: records on standard output, the rest on error."""

    def record(self, record: dict[str, Any], batch: Batch) -> None:
        self.ended += 1
        self.failed += record["type"] == "failed"
        output.show_json(record)
        self.progress(batch)

    def say(self, text: str) -> None:
        output.say_json({"type": "message", "text": text})

    def end(self, summary: Summary) -> None:
        output.say_json({"type": "summary", **summary.as_dict()})


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
