"""Parts of a batch by themselves: how shards are cut, pages, sums, refusals, and what is called lost."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from types import SimpleNamespace

import pytest

from fastspec.batch import decode_files, ledger, run, storage
from fastspec.batch.place import Place
from fastspec.batch.run import Options, _cut, _pages
from fastspec.batch.shard import Report, Shard, Task
from fastspec.batch.worklist import Worklist
from fastspec.errors import FastspecError, ParameterError


def sizes(total, most, workers):
    """Sizes of the shards of so many tasks, checked to hold each once, numbered in order."""
    tasks = [Task(f"{k}", f"{k}") for k in range(total)]
    plain = Shard(9, "out", "base", (), Place("out", (1, 2), "here"))
    shards = list(_cut(iter(tasks), plain, most, total, workers))
    assert [shard.number for shard in shards] == list(range(len(shards)))
    assert [task for shard in shards for task in shard.tasks] == tasks
    assert all(replace(shard, number=9, tasks=()) == plain for shard in shards)
    return [len(shard.tasks) for shard in shards]


@pytest.mark.parametrize(
    ("total", "most", "workers", "expected"),
    [
        (0, 16, 2, []),
        (1, 16, 2, [1]),
        (8, 16, 2, [1] * 8),  # four shards a worker at least
        (9, 16, 2, [1, 1, 2, 2, 2, 1]),  # fair is two: the first of each worker is smaller
        (100, 16, 2, [3, 3, *[13] * 7, 3]),
        (1000, 16, 1, [4, *[16] * 62, 4]),
        (7, 1, 3, [1] * 7),
    ],
)
def test_shards_are_small_at_first_and_fair(total, most, workers, expected):
    assert sizes(total, most, workers) == expected


@pytest.mark.parametrize(("number", "expected"), [(0, []), (1, [1]), (500, [500]), (501, [500, 1]), (1000, [500, 500])])
def test_pages_hold_each_record_once(number, expected):
    records = [{"input": str(k)} for k in range(number)]
    pages = list(_pages(iter(records)))
    assert [len(page) for page in pages] == expected
    assert [record for page in pages for record in page] == records


def test_what_options_make_no_sense():
    for options, said in (
        ({"on_error": "go"}, "on_error='go' is unknown; use continue or stop"),
        ({"overwrite": True, "resume": True}, "choose one"),
        ({"overwrite": True, "retry_failed": True}, "choose one"),
        ({"shard_size": 0}, "shard_size=0 is not at least 1"),
        ({"engine": "mpi"}, "engine='mpi' is unknown; use one of threads, dask"),
    ):
        with pytest.raises(ParameterError, match=said):
            Options(**options)
    assert Options(shard_size=1).shard_size == 1
    for options, resumes in (({}, False), ({"resume": True}, True), ({"retry_failed": True}, True)):
        assert Options(**options).resumes is resumes


@pytest.fixture
def batch(tmp_path):
    """A batch of three inputs that are not there, not begun, and its worklist."""
    made = decode_files([f"{k}.png" for k in range(3)], tmp_path / "out", n_iter=1)
    made.summary.inputs = 3
    with Worklist(made.folder, ".wav") as work:
        work.add([f"{k}.png" for k in range(3)], frozenset({".png"}))
        yield made, work


def record(kind, number, **more):
    return {"type": kind, "input": f"{number}.png", "output": f"{number}.wav", **more}


@pytest.mark.parametrize(
    ("ended", "outcome", "wanted"),
    [
        (3, "complete", "complete"),
        (2, "complete", "incomplete"),
        (2, "stopped", "incomplete"),
        (3, "stopped", "stopped"),
        (2, "interrupted", "interrupted"),
        (3, "interrupted", "complete"),  # it came too late to matter
        (2, "lost", "lost"),
    ],
)
def test_what_a_batch_came_to(batch, ended, outcome, wanted):
    made, work = batch
    for number, kind in zip(range(ended), ("done", "failed", "skipped"), strict=False):
        work.end(record(kind, number, code="picture") if kind == "failed" else record(kind, number))
    made.summary.outcome = outcome
    made._ignored[:] = ["line 3: x", "line 5: y"]
    made._sum_up(work, 2.5)
    told = made.summary
    assert told.outcome == wanted
    assert (told.seconds, told.unusable, told.first_unusable) == (2.5, 2, "line 3: x")
    assert (told.done, told.failed, told.skipped) == (1, int(ended > 1), int(ended > 2))
    assert told.open == 3 - ended
    assert told.failures == [("1.png", "picture")]


def test_only_so_many_failures_are_listed(tmp_path):
    made = decode_files(["x.png"], tmp_path / "out", n_iter=1)
    with Worklist(made.folder, ".wav") as work:
        work.add([f"{k}.png" for k in range(25)], frozenset({".png"}))
        for number in range(25):
            work.end(record("failed", number, code="picture"))
        made._sum_up(work, 1.0)
    assert made.summary.failures == [(f"{k}.png", "picture") for k in range(20)]
    assert made.summary.errors == {"picture": 25}


def test_an_output_that_went_away_at_once_is_a_failure(batch):
    made, _ = batch
    storage.write(storage.join(made.folder, "0.wav"), b"abc")
    right = record("done", 0, size=3)
    assert made._seen(right) is right
    for wrong in (record("done", 0, size=4), record("done", 1, size=3)):
        told = made._seen(wrong)
        assert (told["type"], told["code"]) == ("failed", "output")
        assert "was moved, removed or changed as soon as it was written" in told["message"]
    for passed in (record("done", 1, size=3, kept=True), record("failed", 1)):
        assert made._seen(passed) is passed


class Book:
    """A ledger that notes its lines."""

    def __init__(self):
        self.lines = []

    def append(self, records):
        self.lines += list(records)


def test_records_are_lines_before_they_are_handed_out_and_kept_ones_are_none(batch):
    made, work = batch
    storage.write(storage.join(made.folder, "1.wav"), b"abc")
    book = Book()
    records = [record("done", 0, kept=True), record("done", 1, size=3), record("failed", 2, code="picture")]
    handed = []
    for each in made._enter(Report(0, list(records)), work, book):
        assert book.lines == records[1:]
        handed.append(each)
    assert handed == records
    assert (made.summary.done, made.summary.failed, made.summary.kept) == (2, 1, 1)
    assert not made.interrupted


@pytest.mark.parametrize("how", ["continue", "stop"])
def test_a_failure_stops_a_batch_that_is_to_stop(tmp_path, how):
    made = decode_files(["0.png", "1.png"], tmp_path / "out", n_iter=1, on_error=how)
    with Worklist(made.folder, ".wav") as work:
        work.add(["0.png", "1.png"], frozenset({".png"}))
        list(made._enter(Report(0, [record("failed", 0, code="picture")]), work, Book()))
    assert made.interrupted == (how == "stop")
    assert made.summary.outcome == ("stopped" if how == "stop" else "complete")


@pytest.mark.parametrize(
    "error", [CancelledError(), ConnectionError("x"), type("CommClosedError", (Exception,), {})("x")]
)
def test_an_engine_that_is_gone_is_told_with_the_remedy(batch, error):
    made, _ = batch
    future: Future[Report] = Future()
    future.set_exception(error)
    with pytest.raises(FastspecError, match=r"the engine threads is gone .*run again with --resume"):
        list(made._outcome(SimpleNamespace(), future, Shard(0, "out", "", ()), {}))
    assert made.summary.outcome == "lost"


def test_a_shard_that_its_workers_did_not_survive_is_halved_until_the_culprit_is_alone(batch):
    made, _ = batch
    tasks = tuple(Task(f"{k}.png", f"{k}.wav") for k in range(3))
    submitted = []

    def submit(_, shard, config):
        assert config is made.config
        submitted.append(shard)
        return Future()

    executor = SimpleNamespace(submit=submit)
    future: Future[Report] = Future()
    future.set_exception(RuntimeError("killed"))
    flying = {}
    assert list(made._outcome(executor, future, Shard(7, "out", "", tasks), flying)) == []
    assert [[task.source for task in shard.tasks] for shard in submitted] == [["0.png"], ["1.png", "2.png"]]
    assert list(flying.values()) == submitted
    assert all(shard.number == 7 for shard in submitted)
    (report,) = made._outcome(executor, future, submitted[0], {})
    assert [(r["type"], r["input"]) for r in report.records] == [("failed", "0.png")]


def test_no_more_shards_fly_than_keep_the_workers_busy(batch):
    made, _ = batch
    executor = SimpleNamespace(submit=lambda *_: Future())
    shards = iter([Shard(k, "out", "", ()) for k in range(9)])
    flying = {}
    made._hand_out(shards, executor, 2, flying)
    assert len(flying) == 4
    made._hand_out(shards, executor, 2, flying)
    assert len(flying) == 4
    made._take_back(2, flying)
    assert flying == {}
    made.interrupt()
    made._hand_out(shards, executor, 2, flying)
    assert flying == {}
    running: Future[Report] = Future()
    running.set_running_or_notify_cancel()
    flying = {running: Shard(0, "out", "", ()), Future(): Shard(1, "out", "", ())}
    made._take_back(1, flying)
    assert list(flying) == [running]


def test_signals_end_a_batch_in_two_steps():
    said = []
    made = SimpleNamespace(interrupted=False, in_flight=3)
    made.interrupt = lambda: setattr(made, "interrupted", True)
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    with run.finishing_on_signals(made, said.append):
        signal.raise_signal(signal.SIGTERM)
        assert made.interrupted
        signal.raise_signal(signal.SIGTERM)  # only a second Ctrl-C ends it at once
        assert said == ["finishing 3 files in flight; interrupt again to abandon them"] * 2
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    found = []

    def elsewhere():
        with run.finishing_on_signals(made, said.append):
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert found == [before[0]]


def test_one_input_need_be_no_list(tmp_path):
    assert decode_files("a.png", tmp_path, n_iter=1).inputs == ["a.png"]
    assert decode_files(tmp_path / "a.png", tmp_path, n_iter=1).inputs == [tmp_path / "a.png"]
    assert decode_files(["a.png"], tmp_path, n_iter=1).summary.ledger == str(tmp_path / ledger.NAME)


def test_a_batch_can_be_run_again(tmp_path):
    made = decode_files([tmp_path / "none.png"], tmp_path / "out", n_iter=1)
    first = made.run()
    assert (first.failed, first.outcome) == (1, "complete")
    made.interrupt()
    made.summary.outcome = "complete"
    assert made.interrupted
    list(made)
    assert not made.interrupted
