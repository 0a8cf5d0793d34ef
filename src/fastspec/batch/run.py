"""A batch from its inputs to its summary: plan, ledger, workers, and what happens when any of them gives out."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import replace

from fastspec import __version__
from fastspec.batch import executors, ledger, storage
from fastspec.batch.config import Config
from fastspec.batch.shard import Record, Report, Shard, Task, failed, run_shard
from fastspec.batch.summary import Summary
from fastspec.batch.worklist import Plan
from fastspec.errors import FastspecError, ParameterError

SHARD = {"threads": 16, "dask": 64}  # files; a shard takes about a second on a core, on a cluster some
_QUEUED = 2  # shards a worker that are handed out: one at work, one waiting
_LISTED = 20  # failures that the summary names


class Batch:
    """Many files into one folder, once iterated: yields a record (a dict) for each input as it ends.

    config : of `decode_config` or `encode_config`. inputs : files, folders, globs, "@list", "-". out_dir : local
    or remote. suffixes : what to look for in folders. jobs, engine, scheduler : as `executors.engine`.
    resume : go on where an earlier run of the same configuration stopped. retry_failed : also try its failures
    again. overwrite : replace outputs that exist. on_error : "continue" | "stop" (at the first failure).
    shard_size : files a worker takes at a time.

    The records are in the ledger before they are yielded. `summary` is filled when the iteration ends. `interrupt`
    (from a signal handler or another thread) lets what is in flight finish and ends the iteration.

    Raises, all before any work: ParameterError for inputs that clash and for another configuration, OutputError
    for outputs that exist and for a folder in use. Later only OutputError when the ledger itself cannot be written,
    and FastspecError when the engine is lost.
    """

    def __init__(
        self,
        config: Config,
        inputs: Iterable[str | os.PathLike[str]],
        out_dir: str | os.PathLike[str],
        *,
        suffixes: frozenset[str],
        jobs: int | None = None,
        resume: bool = False,
        retry_failed: bool = False,
        overwrite: bool = False,
        on_error: str = "continue",
        engine: str = "threads",
        scheduler: str | None = None,
        shard_size: int | None = None,
    ) -> None:
        if on_error not in ("continue", "stop"):
            raise ParameterError(f"on_error={on_error!r} is unknown; use continue or stop")
        if overwrite and (resume or retry_failed):
            raise ParameterError("overwrite converts all anew, resume and retry_failed keep what is done; choose one")
        if shard_size is not None and shard_size < 1:
            raise ParameterError(f"shard_size={shard_size} is not at least 1")
        if engine not in executors.ENGINES:
            raise ParameterError(f"engine={engine!r} is unknown; use one of {', '.join(executors.ENGINES)}")
        self.config = config
        self.inputs = [inputs] if isinstance(inputs, str | os.PathLike) else inputs
        self.folder = os.fspath(out_dir)
        self.suffixes = suffixes
        self.resume = resume or retry_failed
        self.retry_failed = retry_failed
        self.overwrite = overwrite
        self.on_error = on_error
        self.engine = (engine, jobs, scheduler)
        self.shard_size = shard_size
        self.summary = Summary(ledger=storage.join(self.folder, ledger.NAME))
        self.in_flight = 0
        self._stop = threading.Event()

    def interrupt(self) -> None:
        """Hand out nothing more; the iteration ends when what is in flight has."""
        self.summary.outcome = "interrupted"
        self._stop.set()

    def dry_run(self) -> Iterator[Task]:
        """What would be converted, without doing or writing anything."""
        with self._planned() as plan:
            self._settle_with_ledger(plan, None)
            yield from plan.tasks()

    def __iter__(self) -> Iterator[Record]:
        self._stop.clear()
        with self._planned() as plan, ledger.Ledger(self.folder) as book:
            self._settle_with_ledger(plan, book)
            if self.resume:
                storage.remove_leftovers(self.folder)
            book.append([self._header(plan)])
            clock = time.perf_counter()
            try:
                yield from self._work(plan, book)
                if self.engine[0] != "threads":  # what a worker that was killed was writing; others have done its work
                    storage.remove_leftovers(self.folder)
            finally:
                self._sum_up(plan, time.perf_counter() - clock)
            book.append([{"type": "end", **_counts(self.summary), "outcome": self.summary.outcome}])

    def run(self) -> Summary:
        """Iterate to the end and return the summary."""
        for _ in self:
            pass
        return self.summary

    @contextmanager
    def _planned(self) -> Iterator[Plan]:
        with Plan(self.folder, self.config.suffix) as plan:
            plan.add((os.fspath(path) for path in self.inputs), self.suffixes)
            self.summary.inputs = len(plan)
            yield plan

    def _settle_with_ledger(self, plan: Plan, book: ledger.Ledger | None) -> None:
        """Take over an earlier run's results, or refuse to mix with them."""
        earlier = None
        for record in ledger.read(self.folder):
            if record["type"] == "run":
                earlier = record
                if record.get("fingerprint") != self.config.fingerprint:
                    break
        if earlier is not None and earlier.get("fingerprint") != self.config.fingerprint:
            if not self.overwrite:
                differs = "; ".join(self.config.differences(earlier.get("config") or {})[:8])
                raise ParameterError(
                    f"{self.folder} holds the results of another configuration ({differs}); give its options, "
                    f"another folder, or --overwrite"
                )
            if book is not None:
                book.start_over()
        if self.resume and earlier is not None:
            plan.recall(ledger.read(self.folder), retry_failed=self.retry_failed)
        elif not self.overwrite:
            plan.refuse_existing()

    def _header(self, plan: Plan) -> Record:
        return {
            "type": "run",
            "version": 1,
            "fastspec": __version__,
            "fingerprint": self.config.fingerprint,
            "config": json.loads(self.config.settled),
            "inputs": len(plan),
            "host": socket.gethostname(),
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }

    def _work(self, plan: Plan, book: ledger.Ledger) -> Iterator[Record]:
        with executors.engine(*self.engine) as (executor, workers):
            open_files = plan.counts()["open"]
            most = self.shard_size or SHARD[self.engine[0]]
            base = "" if self.engine[0] == "threads" else os.getcwd()
            folder = storage.absolute(self.folder)
            shards = _shards(plan.tasks(), folder, base, most, open_files, workers)
            flying: dict[Future[Report], Shard] = {}
            try:
                exhausted = False
                while True:
                    while not exhausted and not self._stop.is_set() and len(flying) < _QUEUED * workers:
                        shard = next(shards, None)
                        if shard is None:
                            exhausted = True
                        else:
                            flying[self._submit(executor, shard)] = shard
                    if self._stop.is_set():
                        # Dask also cancels what runs, which is the oldest shard of each worker
                        queued = list(flying)[workers if self.engine[0] == "dask" else 0 :]
                        for future in [f for f in queued if f.cancel()]:
                            del flying[future]
                    self.in_flight = sum(len(shard.tasks) for shard in flying.values())
                    if not flying:
                        break
                    finished, _ = wait(flying, timeout=0.5, return_when=FIRST_COMPLETED)
                    for future in finished:
                        shard = flying.pop(future)
                        for report in self._outcome(executor, future, shard, flying):
                            yield from self._enter(report, plan, book)
            except BaseException:
                for future in flying:
                    future.cancel()
                raise
        if self._stop.is_set() and self.summary.outcome == "stopped":
            reason = "stopped after a failure"
            for some in _pages(plan.tasks()):
                skipped = [
                    {"type": "skipped", "input": task.source, "output": task.name, "reason": reason} for task in some
                ]
                yield from self._enter(Report(-1, skipped), plan, book)

    def _submit(self, executor: Executor, shard: Shard) -> Future[Report]:
        try:
            return executor.submit(run_shard, shard, self.config)
        except Exception as error:
            raise self._lost(error) from error

    def _outcome(
        self, executor: Executor, future: Future[Report], shard: Shard, flying: dict[Future[Report], Shard]
    ) -> Iterator[Report]:
        """The report of a shard. One that its workers did not survive is cut in two until the culprit is alone."""
        try:
            yield future.result()
        except (CancelledError, BrokenExecutor, ConnectionError) as error:
            raise self._lost(error) from error
        except Exception as error:
            if type(error).__name__ in ("FutureCancelledError", "CommClosedError", "FuturesCancelledError"):
                raise self._lost(error) from error
            if len(shard.tasks) == 1:
                yield Report(shard.number, [failed(shard.tasks[0], error)])
                return
            half = len(shard.tasks) // 2
            for part in (shard.tasks[:half], shard.tasks[half:]):
                smaller = replace(shard, tasks=part)
                flying[self._submit(executor, smaller)] = smaller

    def _lost(self, error: BaseException) -> FastspecError:
        self.summary.outcome = "lost"
        return FastspecError(
            f"the engine {self.engine[0]} is gone ({type(error).__name__}: {error}); "
            f"run again with --resume to go on where it stopped"
        )

    def _enter(self, report: Report, plan: Plan, book: ledger.Ledger) -> Iterator[Record]:
        book.append(record for record in report.records if not record.get("kept"))
        self.summary.add(report)
        for record in report.records:
            plan.end(record)
            self.summary.done += record["type"] == "done"
            if record["type"] == "failed":
                self.summary.failed += 1
                if self.on_error == "stop" and not self._stop.is_set():
                    self.summary.outcome = "stopped"
                    self._stop.set()
        yield from report.records

    def _sum_up(self, plan: Plan, seconds: float) -> None:
        for name, number in plan.counts().items():
            setattr(self.summary, name, number)
        self.summary.seconds = seconds
        self.summary.errors = plan.errors()
        self.summary.failures = plan.failures(_LISTED)
        told = _counts(self.summary)
        ended = told["done"] + told["failed"] + told["skipped"]
        if self.summary.outcome == "interrupted" and not self.summary.open:
            self.summary.outcome = "complete"  # it came too late to matter
        if self.summary.outcome in ("complete", "stopped") and ended != told["inputs"]:
            self.summary.outcome = "incomplete"


@contextmanager
def finishing_on_signals(batch: Batch, say: Callable[[str], object]) -> Iterator[None]:
    """Let SIGINT and SIGTERM end a batch once what is in flight is done; a second SIGINT ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, _: object) -> None:
        if batch._stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        batch.interrupt()
        say(f"finishing {batch.in_flight} files in flight; interrupt again to abandon them")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _counts(summary: Summary) -> dict[str, int]:
    return {name: getattr(summary, name) for name in ("inputs", "done", "failed", "skipped")}


def _shards(tasks: Iterator[Task], folder: str, base: str, most: int, total: int, workers: int) -> Iterator[Shard]:
    """Shards of up to `most` tasks: the first ones small, so that results come soon, and none so large that few
    workers get all of a small batch."""
    fair = max(1, min(most, -(-total // (4 * workers))))
    size, number = max(1, fair // 4), 0
    some: list[Task] = []
    for task in tasks:
        some.append(task)
        if len(some) == size:
            yield Shard(number, folder, base, tuple(some))
            number, some = number + 1, []
            size = fair if number >= workers else size
    if some:
        yield Shard(number, folder, base, tuple(some))


def _pages(tasks: Iterator[Task]) -> Iterator[list[Task]]:
    some: list[Task] = []
    for task in tasks:
        some.append(task)
        if len(some) == 500:
            yield some
            some = []
    if some:
        yield some
