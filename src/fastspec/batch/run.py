"""A batch from its inputs to its summary: worklist, ledger, workers, and what happens when any of them gives out."""

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
from dataclasses import dataclass, replace
from typing import Any

from fastspec import __version__
from fastspec.batch import executors, facts_table, ledger, storage
from fastspec.batch.config import Config
from fastspec.batch.ledger import Record
from fastspec.batch.place import Place
from fastspec.batch.plans import Plans
from fastspec.batch.shard import Report, Shard, Task, failed, run_shard
from fastspec.batch.summary import Summary
from fastspec.batch.worklist import Worklist, temporary_errors
from fastspec.errors import FastspecError, OutputError, ParameterError

SHARD = {"threads": 16, "dask": 64}  # files; a shard takes about a second on a core, on a cluster some
_QUEUED = 2  # shards a worker that are handed out: one at work, one waiting
_LISTED = 20  # failures that the summary names


@dataclass(frozen=True, slots=True)
class Options:
    """How a batch runs; none of it changes an output.

    jobs, engine, scheduler : as `executors.engine`. resume : go on where an earlier run of the same configuration
    stopped. retry_failed : also try its failures again. overwrite : replace outputs that exist. on_error :
    "continue" | "stop" (at the first failure). shard_size : files a worker takes at a time.

    Raises ParameterError for values that are none of these.
    """

    jobs: int | None = None
    resume: bool = False
    retry_failed: bool = False
    overwrite: bool = False
    on_error: str = "continue"
    engine: str = "threads"
    scheduler: str | None = None
    shard_size: int | None = None

    def __post_init__(self) -> None:
        if self.on_error not in ("continue", "stop"):
            raise ParameterError(f"on_error={self.on_error!r} is unknown; use continue or stop")
        if self.overwrite and self.resumes:
            raise ParameterError("overwrite converts all anew, resume and retry_failed keep what is done; choose one")
        if self.shard_size is not None and self.shard_size < 1:
            raise ParameterError(f"shard_size={self.shard_size} is not at least 1")
        if self.engine not in executors.ENGINES:
            raise ParameterError(f"engine={self.engine!r} is unknown; use one of {', '.join(executors.ENGINES)}")

    @property
    def resumes(self) -> bool:
        """Whether what an earlier run has done is kept."""
        return self.resume or self.retry_failed


class Batch:
    """Many files into one folder, once iterated: yields a record (a dict) for each input as it ends.

    config : of `decode_config` or `encode_config`. inputs : files, folders, globs, "@list", "-". out_dir : local
    or remote. suffixes : what to look for in folders. how : of `Options`, by name. facts : the table of single
    inputs' facts that `config` was made with. facts_out : a table that the facts used are written to at the end.

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
        facts: str | os.PathLike[str] | None = None,
        facts_out: str | os.PathLike[str] | None = None,
        **how: Any,
    ) -> None:
        self.config = config
        self.inputs = [inputs] if isinstance(inputs, str | os.PathLike) else inputs
        self.folder = os.fspath(out_dir)
        self._path = self.folder
        self._place: Place | None = None
        self.suffixes = suffixes
        self.how = Options(**how)
        self.facts = None if facts is None else os.fspath(facts)
        self.facts_out = None if facts_out is None else os.fspath(facts_out)
        self.summary = Summary(ledger=storage.join(self.folder, ledger.NAME))
        self.in_flight = 0
        self._stop = threading.Event()
        self._ignored: list[str] = []
        self._plans = Plans(self.folder)

    @property
    def interrupted(self) -> bool:
        """Whether it hands out nothing more: `interrupt` was called, or a failure stopped it."""
        return self._stop.is_set()

    def interrupt(self) -> None:
        """Hand out nothing more; the iteration ends when what is in flight has."""
        self.summary.outcome = "interrupted"
        self._stop.set()

    def dry_run(self) -> Iterator[Task]:
        """What would be converted, without doing or writing anything."""
        with self._worklist() as work:
            self._recall(work, None)
            yield from work.tasks()
            unlisted = list(work.unlisted())
            self.summary.failed = len(unlisted)
            self.summary.failures = [(record["input"], record["code"]) for record in unlisted[:_LISTED]]

    def __iter__(self) -> Iterator[Record]:
        self._stop.clear()
        self._ignored.clear()
        self._plans = Plans(self.folder)
        if self.facts_out is not None:
            facts_table.check_target(self.facts_out, self.facts, self.how.overwrite or self.how.resumes)
        with self._worklist() as work, ledger.Ledger(self.folder) as book:
            self._recall(work, book)
            if self.how.resumes or self.how.overwrite:
                storage.remove_leftovers(self.folder)
            book.append([self._header(work)])
            clock = time.perf_counter()
            self._path, self._place = storage.absolute(self.folder), book.place()
            try:
                yield from self._converted(work, book)
                if self.how.engine != "threads":  # what a worker that was killed was writing; others have done its work
                    storage.remove_leftovers(self.folder)
            finally:
                self._sum_up(work, time.perf_counter() - clock)
            book.append([{"type": "end", **_counts(self.summary), "outcome": self.summary.outcome}])
            if self.facts_out is not None:
                work.note_used(ledger.read(self.folder))
                facts_table.write(self.facts_out, work.used)
                self.summary.facts_out = self.facts_out

    def run(self) -> Summary:
        """Iterate to the end and return the summary."""
        for _ in self:
            pass
        return self.summary

    @contextmanager
    def _worklist(self) -> Iterator[Worklist]:
        with temporary_errors(), Worklist(self.folder, self.config.suffix, self.config.unreadable) as work:
            work.keep(self.config.originals())
            work.add((os.fspath(path) for path in self.inputs), self.suffixes)
            self.summary.inputs, self.summary.repeated = len(work), work.repeated
            if self.facts is not None:
                if facts_table.fingerprint(self.facts) != json.loads(self.config.settled).get("facts"):
                    raise ParameterError(f"{self.facts} has changed since this batch was made; make it again")
                work.know(self.facts)
            yield work

    def _recall(self, work: Worklist, book: ledger.Ledger | None) -> None:
        """Take over an earlier run's results, or refuse to mix with them."""
        earlier = None
        for record in ledger.read(self.folder, self._ignored.append):
            if record["type"] == "run":
                earlier = record
                if not self.config.continues(record):
                    break
        if earlier is not None and not self.config.continues(earlier):
            if not self.how.overwrite:
                differs = "; ".join(self.config.differences(earlier.get("config"))[:8]) or "its ledger tells no more"
                raise ParameterError(
                    f"{self.folder} holds the results of another configuration ({differs}); give its options, "
                    f"another folder, or --overwrite"
                )
            if book is not None:
                book.start_over()
        if self.how.resumes and earlier is not None:
            work.recall(self._plans.watched(ledger.read(self.folder)), retry_failed=self.how.retry_failed)
        elif not self.how.overwrite:
            work.refuse_existing()

    def _header(self, work: Worklist) -> Record:
        return {
            "type": "run",
            "version": ledger.VERSION,
            "fastspec": __version__,
            "fingerprint": self.config.fingerprint,
            "config": json.loads(self.config.settled),
            "inputs": len(work),
            "host": socket.gethostname(),
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }

    def _converted(self, work: Worklist, book: ledger.Ledger) -> Iterator[Record]:
        how = self.how
        for some in _pages(work.unlisted()):
            yield from self._enter(Report(-1, some), work, book)
        with executors.engine(how.engine, how.jobs, how.scheduler) as (executor, workers):
            shards = self._shards(work, workers)
            flying: dict[Future[Report], Shard] = {}
            try:
                while True:
                    self._hand_out(shards, executor, workers, flying)
                    if self._stop.is_set():
                        self._take_back(workers, flying)
                    self.in_flight = sum(len(shard.tasks) for shard in flying.values())
                    if not flying:
                        break
                    finished, _ = wait(flying, timeout=0.5, return_when=FIRST_COMPLETED)
                    for future in finished:
                        shard = flying.pop(future)
                        for report in self._outcome(executor, future, shard, flying):
                            yield from self._enter(report, work, book)
            except BaseException:
                for future in flying:
                    future.cancel()
                raise
        if self._stop.is_set() and self.summary.outcome == "stopped":
            reason = "stopped after a failure"
            skipped: Iterator[Record] = (
                {"type": "skipped", "input": task.source, "output": task.name, "reason": reason}
                for task in work.tasks()
            )
            for some in _pages(skipped):
                yield from self._enter(Report(-1, some), work, book)

    def _shards(self, work: Worklist, workers: int) -> Iterator[Shard]:
        here = self.how.engine == "threads"
        most = self.how.shard_size or SHARD[self.how.engine]
        base = "" if here else os.getcwd()
        plain = Shard(0, self._path, base, (), self._place)
        return _cut(work.tasks(), plain, most, work.counts()["open"], workers)

    def _hand_out(
        self, shards: Iterator[Shard], executor: Executor, workers: int, flying: dict[Future[Report], Shard]
    ) -> None:
        """Let as many shards fly as keep the workers busy."""
        while not self._stop.is_set() and len(flying) < _QUEUED * workers:
            shard = next(shards, None)
            if shard is None:
                return
            flying[self._submit(executor, shard)] = shard

    def _take_back(self, workers: int, flying: dict[Future[Report], Shard]) -> None:
        """Cancel what no worker has begun."""
        # Dask also cancels what runs, which is the oldest shard of each worker
        queued = list(flying)[workers if self.how.engine == "dask" else 0 :]
        for future in [f for f in queued if f.cancel()]:
            del flying[future]

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
            f"the engine {self.how.engine} is gone ({type(error).__name__}: {error}); "
            f"run again with --resume to go on where it stopped"
        )

    def _enter(self, report: Report, work: Worklist, book: ledger.Ledger) -> Iterator[Record]:
        if self.how.engine == "threads":  # elsewhere a name may be seen here later than where it was written
            report.records = [self._seen(record) for record in report.records]
        book.append(record for record in report.records if not record.get("kept"))
        self.summary.add(report)
        for record in report.records:
            self._plans.check(record)
            work.end(record)
            self.summary.done += record["type"] == "done"
            if record["type"] == "failed":
                self.summary.failed += 1
                if self.how.on_error == "stop" and not self._stop.is_set():
                    self.summary.outcome = "stopped"
                    self._stop.set()
        yield from report.records

    def _seen(self, record: Record) -> Record:
        """A record, or that of a failure where somebody took the output away at once."""
        if record["type"] != "done" or record.get("kept") or storage.is_remote(self.folder):
            return record
        target = storage.join(self._path, record["output"])
        found = storage.stamp(target)
        if found is not None and found[0] == record["size"]:
            return record
        error = OutputError(
            f"{target} was moved, removed or changed as soon as it was written; see who did, then retry"
        )
        return failed(Task(record["input"], record["output"]), error)

    def _sum_up(self, work: Worklist, seconds: float) -> None:
        for name, number in work.counts().items():
            setattr(self.summary, name, number)
        self.summary.seconds = seconds
        self.summary.unusable = len(self._ignored)
        self.summary.first_unusable = self._ignored[0] if self._ignored else ""
        self.summary.replanned = self._plans.line()
        self.summary.count_doubts(work.doubtful())
        self.summary.errors = work.errors()
        self.summary.failures = work.failures(_LISTED)
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
        if batch.interrupted and number == signal.SIGINT:
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


def _cut(tasks: Iterator[Task], plain: Shard, most: int, total: int, workers: int) -> Iterator[Shard]:
    """Shards of up to `most` tasks: the first ones small, so that results come soon, and none so large that few
    workers get all of a small batch."""
    fair = max(1, min(most, -(-total // (4 * workers))))
    size, number = max(1, fair // 4), 0
    some: list[Task] = []
    for task in tasks:
        some.append(task)
        if len(some) == size:
            yield replace(plain, number=number, tasks=tuple(some))
            number, some = number + 1, []
            size = fair if number >= workers else size
    if some:
        yield replace(plain, number=number, tasks=tuple(some))


def _pages(records: Iterator[Record]) -> Iterator[list[Record]]:
    some: list[Record] = []
    for record in records:
        some.append(record)
        if len(some) == 500:
            yield some
            some = []
    if some:
        yield some
