"""A batch step by step, with an engine that does nothing by itself: what is refused, handed out, written and told."""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
from concurrent.futures import Future
from contextlib import contextmanager

import pytest

from fastspec import __version__
from fastspec._files import _PART
from fastspec.batch import decode_files, executors, facts_table, ledger, storage
from fastspec.batch.shard import Report, Shard, Task, run_shard
from fastspec.batch.worklist import Worklist
from fastspec.errors import FastspecError, ParameterError


def made(tmp_path, count=3, **how):
    return decode_files([f"{k}.png" for k in range(count)], tmp_path / "out", n_iter=1, **how)


def lines(folder):
    return [json.loads(line) for line in (folder / ledger.NAME).read_text().splitlines()]


def written(folder, *records):
    folder.mkdir(exist_ok=True)
    (folder / ledger.NAME).write_text("".join(json.dumps(record) + "\n" for record in records))


class Engine:
    """An executor whose futures end when they are told to; all begin undone but the first `ready`."""

    def __init__(self, monkeypatch, ready=10**6, workers=1, kind="skipped"):
        self.futures, self.shards, self.ready, self.kind, self.asked = [], [], ready, kind, []

        @contextmanager
        def engine(*wishes):
            self.asked.append(wishes)
            yield self, workers

        monkeypatch.setattr(executors, "engine", engine)

    def submit(self, work, shard, config):
        assert work is run_shard
        future: Future[Report] = Future()
        self.futures.append(future)
        self.shards.append(shard)
        if len(self.futures) <= self.ready:
            told = {"type": self.kind, "code": "picture", "message": "m"}
            future.set_result(
                Report(shard.number, [{**told, "input": t.source, "output": t.name} for t in shard.tasks])
            )
        return future


# --- what an earlier run left


def test_only_so_many_differences_are_told(tmp_path):
    batch = made(tmp_path)
    config = json.loads(batch.config.settled)
    written(
        tmp_path / "out", {"type": "run", "fingerprint": "x", "config": {**config, **{f"a{k}": k for k in range(9)}}}
    )
    with pytest.raises(ParameterError) as told:
        batch.run()
    assert re.findall(r"a\d was \d, is not set", str(told.value)) == [f"a{k} was {k}, is not set" for k in range(8)]
    assert str(told.value).endswith("); give its options, another folder, or --overwrite")


@pytest.mark.parametrize(
    ("config", "said"), [({}, "its ledger tells no more"), (None, "its ledger does not tell which")]
)
def test_where_the_ledger_tells_no_difference_that_is_said(tmp_path, config, said):
    batch = made(tmp_path)
    told = None if config is None else json.loads(batch.config.settled)
    written(tmp_path / "out", {"type": "run", "fingerprint": "x", "config": told})
    with pytest.raises(ParameterError, match=re.escape(f"({said})")):
        batch.run()


@pytest.mark.parametrize("order", [("mine", "other"), ("other", "mine"), ("mine", "other", "mine")])
def test_any_run_of_another_configuration_is_refused(tmp_path, order):
    batch = made(tmp_path, resume=True)
    runs = {
        "mine": {"type": "run", "fingerprint": batch.config.fingerprint},
        "other": {"type": "run", "fingerprint": "x"},
    }
    written(tmp_path / "out", *(runs[each] for each in order))
    with pytest.raises(ParameterError, match="another configuration"):
        batch.run()
    assert len(lines(tmp_path / "out")) == len(order)


def test_overwriting_begins_a_ledger_of_its_own_and_a_dry_run_leaves_it_alone(tmp_path, monkeypatch):
    Engine(monkeypatch)
    old = {"type": "run", "fingerprint": "x"}
    written(tmp_path / "out", old)
    batch = made(tmp_path, overwrite=True)
    assert [task.source for task in batch.dry_run()] == ["0.png", "1.png", "2.png"]
    assert lines(tmp_path / "out") == [old]
    batch.run()
    assert [each["type"] for each in lines(tmp_path / "out")] == ["run", "skipped", "skipped", "skipped", "end"]
    assert (tmp_path / "out" / f"{ledger.NAME}.old").read_text() == json.dumps(old) + "\n"
    made(tmp_path, overwrite=True).run()  # of the same configuration: it goes on below
    assert [each["type"] for each in lines(tmp_path / "out")].count("run") == 2


def test_who_is_refused_removes_no_leftovers(tmp_path):
    written(tmp_path / "out", {"type": "run", "fingerprint": "x"})
    part = tmp_path / "out" / "x".join(_PART)
    part.write_bytes(b"half")
    with pytest.raises(ParameterError, match="another configuration"):
        made(tmp_path, resume=True).run()
    assert part.exists()


@pytest.mark.parametrize(("how", "stays"), [({}, True), ({"resume": True}, False), ({"overwrite": True}, False)])
def test_leftovers_are_removed_by_who_goes_on_or_begins_anew(tmp_path, monkeypatch, how, stays):
    Engine(monkeypatch)
    part = tmp_path / "out" / "x".join(_PART)
    part.parent.mkdir()
    part.write_bytes(b"half")
    made(tmp_path, **how).run()
    assert part.exists() is stays


@pytest.mark.parametrize(("engine", "stays"), [("threads", True), ("dask", False)])
def test_what_a_killed_worker_was_writing_is_removed_at_the_end(tmp_path, monkeypatch, engine, stays):
    Engine(monkeypatch)
    batch = made(tmp_path, engine=engine)
    records = iter(batch)
    next(records)
    part = tmp_path / "out" / "x".join(_PART)
    part.write_bytes(b"half")
    list(records)
    assert part.exists() is stays


def test_an_output_that_exists_is_refused_unless_it_is_gone_on_with_or_replaced(tmp_path, monkeypatch):
    Engine(monkeypatch)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.wav").write_bytes(b"x")
    with pytest.raises(FastspecError, match=r"1\.wav already exists"):
        made(tmp_path).run()
    with pytest.raises(FastspecError, match=r"1\.wav already exists"):
        made(tmp_path, resume=True).run()  # no earlier run is known
    assert made(tmp_path, overwrite=True).run().skipped == 3
    assert made(tmp_path, resume=True).run().skipped == 3  # its ledger is there now


def test_a_table_that_changed_since_is_refused(tmp_path):
    (tmp_path / "0.png").write_bytes(b"")
    table = tmp_path / "facts.csv"
    table.write_text("path,sr\n0.png,8000\n")
    batch = decode_files([tmp_path / "0.png"], tmp_path / "out", n_iter=1, facts=table)
    assert [json.loads(task.facts or "{}").get("sr") for task in batch.dry_run()] == [8000]
    table.write_text("path,sr\n0.png,8001\n")
    with pytest.raises(ParameterError, match=r"facts\.csv has changed since this batch was made; make it again"):
        list(batch.dry_run())


def test_a_target_of_facts_is_checked_before_any_work(tmp_path, monkeypatch):
    engine = Engine(monkeypatch)
    (tmp_path / "used.csv").write_text("")
    with pytest.raises(FastspecError, match="already exists"):
        made(tmp_path, facts_out=tmp_path / "used.csv").run()
    assert not (tmp_path / "out").exists()
    for how in ({"resume": True}, {"overwrite": True}):
        summary = made(tmp_path, facts_out=tmp_path / "used.csv", **how).run()
        assert summary.facts_out == str(tmp_path / "used.csv")
    assert engine.shards
    assert (tmp_path / "used.csv").read_text() == f"{facts_table.PATH},checksum\n"


# --- the ledger's first and last line


def test_the_first_and_the_last_line_of_a_run(tmp_path, monkeypatch):
    Engine(monkeypatch)
    before = time.time()
    batch = made(tmp_path)
    batch.run()
    first, *_, last = lines(tmp_path / "out")
    started = first.pop("started")
    assert first == {
        "type": "run",
        "version": 1,
        "fastspec": __version__,
        "fingerprint": batch.config.fingerprint,
        "config": json.loads(batch.config.settled),
        "inputs": 3,
        "host": socket.gethostname(),
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", started)
    assert started in {time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(before + k)) for k in range(-1, 90)}
    assert last == {"type": "end", "inputs": 3, "done": 0, "failed": 0, "skipped": 3, "outcome": "complete"}
    assert 0 < batch.summary.seconds < 90


def test_what_is_tried_is_told_before_it_is_done(tmp_path, monkeypatch):
    Engine(monkeypatch)
    records = iter(made(tmp_path, 1))
    next(records)
    assert [each["type"] for each in lines(tmp_path / "out")] == ["run", "skipped"]
    assert list(records) == []
    assert [each["type"] for each in lines(tmp_path / "out")] == ["run", "skipped", "end"]


# --- who gets what


@pytest.mark.parametrize("engine", ["threads", "dask"])
def test_shards_say_where_they_are(tmp_path, monkeypatch, engine):
    monkeypatch.chdir(tmp_path)
    seen = Engine(monkeypatch, workers=2)
    batch = decode_files([f"{k}.png" for k in range(20)], "out", n_iter=1, engine=engine, jobs=5, scheduler="s")
    list(batch)
    assert seen.asked == [(engine, 5, "s")]
    assert {shard.folder for shard in seen.shards} == {str(tmp_path / "out")}
    assert {shard.base for shard in seen.shards} == {"" if engine == "threads" else os.getcwd()}
    found = os.stat(tmp_path / "out")
    assert {shard.place.inode for shard in seen.shards} == {(found.st_dev, found.st_ino)}
    assert [shard.number for shard in seen.shards] == list(range(len(seen.shards)))
    assert [len(shard.tasks) for shard in seen.shards] == [1, 1, *[3] * 6]  # fair: 20 of 8 parts


@pytest.mark.parametrize(
    ("engine", "given", "most"), [("threads", None, 16), ("dask", None, 64), ("threads", 5, 5), ("dask", 7, 7)]
)
def test_a_worker_takes_no_more_files_than_that(tmp_path, monkeypatch, engine, given, most):
    seen = Engine(monkeypatch)
    list(made(tmp_path, 600, engine=engine, shard_size=given))
    assert max(len(shard.tasks) for shard in seen.shards) == most


def test_how_many_files_are_in_flight(tmp_path, monkeypatch):
    Engine(monkeypatch)
    batch = made(tmp_path, 16, shard_size=2)  # shards of 1, 2, 2 ..., two of which fly
    seen = [batch.in_flight for _ in batch]
    assert seen[0] == 3
    assert (min(seen), max(seen)) == (1, 4)
    assert batch.in_flight == 0


def test_records_are_counted_before_they_are_handed_out(tmp_path, monkeypatch):
    Engine(monkeypatch, kind="failed")
    batch = made(tmp_path, 9, shard_size=3)
    for number, _ in enumerate(batch, 1):
        assert batch.summary.failed >= number
    assert batch.summary.failed == 9


def test_who_stops_listening_takes_back_what_was_not_begun(tmp_path, monkeypatch):
    seen = Engine(monkeypatch, ready=1)
    records = iter(made(tmp_path))
    assert next(records)["input"] == "0.png"
    records.close()
    assert [future.cancelled() for future in seen.futures] == [False, True]
    assert [each["type"] for each in lines(tmp_path / "out")] == ["run", "skipped"]


def test_interrupted_nothing_more_is_handed_out(tmp_path, monkeypatch):
    seen = Engine(monkeypatch, ready=1)
    batch = made(tmp_path, 9)
    got = []
    for record in batch:
        got.append(record["input"])
        batch.interrupt()
    assert got == ["0.png"]
    assert [future.cancelled() for future in seen.futures] == [False, True]
    assert (batch.summary.outcome, batch.summary.open, batch.interrupted) == ("interrupted", 8, True)
    assert lines(tmp_path / "out")[-1]["outcome"] == "interrupted"


def test_what_dask_has_begun_is_waited_for(tmp_path, monkeypatch):
    batch = made(tmp_path, engine="dask")
    flying = {Future(): k for k in range(5)}
    futures = list(flying)
    batch._take_back(2, flying)
    assert list(flying) == futures[:2]
    assert [future.cancelled() for future in futures] == [False, False, True, True, True]


@pytest.mark.parametrize("how", ["continue", "stop"])
def test_after_a_failure_the_rest_is_skipped_or_done(tmp_path, monkeypatch, how):
    Engine(monkeypatch, kind="failed", ready=1 if how == "stop" else 10**6)
    batch = made(tmp_path, 4, on_error=how)
    records = list(batch)
    failed = {"type": "failed", "code": "picture", "message": "m"}
    if how == "continue":
        assert {record["type"] for record in records} == {"failed"}
        assert (batch.summary.failed, batch.summary.skipped, batch.summary.outcome) == (4, 0, "complete")
        return
    assert records == [
        {**failed, "input": "0.png", "output": "0.wav"},
        *(
            {"type": "skipped", "input": f"{k}.png", "output": f"{k}.wav", "reason": "stopped after a failure"}
            for k in (1, 2, 3)
        ),
    ]
    assert [each["type"] for each in lines(tmp_path / "out")] == ["run", "failed", *["skipped"] * 3, "end"]
    assert (batch.summary.failed, batch.summary.skipped, batch.summary.outcome) == (1, 3, "stopped")


def test_an_engine_that_takes_nothing_is_lost(tmp_path, monkeypatch):
    engine = Engine(monkeypatch)

    def submit(*_):
        raise RuntimeError("no more")

    engine.submit = submit
    batch = made(tmp_path)
    with pytest.raises(
        FastspecError, match=r"the engine threads is gone \(RuntimeError: no more\); run again with --resume"
    ):
        batch.run()
    assert (batch.summary.outcome, batch.summary.open) == ("lost", 3)
    assert [each["type"] for each in lines(tmp_path / "out")] == ["run"]


@pytest.mark.parametrize("name", ["FutureCancelledError", "CommClosedError", "FuturesCancelledError", "KilledWorker"])
def test_errors_of_an_engine_that_is_gone_are_told_from_those_of_a_shard(tmp_path, monkeypatch, name):
    seen, batch = Engine(monkeypatch), made(tmp_path, 2)
    future: Future[Report] = Future()
    future.set_exception(type(name, (Exception,), {})("x"))
    shard = Shard(0, "out", "", (Task("0.png", "0.wav"), Task("1.png", "1.wav")))
    if name == "KilledWorker":  # it is narrowed down
        assert list(batch._outcome(seen, future, shard, {})) == []
        assert len(seen.shards) == 2
        return
    with pytest.raises(FastspecError, match=r"the engine threads is gone \("):
        list(batch._outcome(seen, future, shard, {}))
    assert not seen.shards


@pytest.mark.parametrize(("engine", "type_"), [("threads", "failed"), ("dask", "done")])
def test_only_threads_are_asked_whether_the_output_is_there(tmp_path, engine, type_):
    """Elsewhere a name may be seen later than where it was written."""
    batch = made(tmp_path, 1, engine=engine)
    record = {"type": "done", "input": "0.png", "output": "0.wav", "size": 3}
    lines_of = []

    class Book:
        def append(self, records):
            lines_of.extend(records)

    with Worklist(batch.folder, ".wav") as work:
        work.add(["0.png"], frozenset({".png"}))
        (told,) = batch._enter(Report(0, [record]), work, Book())
        assert work.counts()[type_] == 1
    assert told["type"] == lines_of[0]["type"] == type_


def test_an_output_on_remote_storage_is_not_looked_for(tmp_path):
    batch = decode_files(["0.png"], "memory://out", n_iter=1)
    record = {"type": "done", "input": "0.png", "output": "0.wav", "size": 3}
    assert batch._seen(record) is record


def test_folders_that_cannot_be_listed_are_told_first_and_before_a_dry_run_ends(tmp_path, monkeypatch):
    Engine(monkeypatch)
    batch = decode_files([f"a\0{k}" for k in range(21)] + ["0.png"], tmp_path / "out", n_iter=1)
    assert [task.source for task in batch.dry_run()] == ["0.png"]
    assert batch.summary.failed == 21
    assert batch.summary.failures == [(f"a\0{k}", "picture") for k in range(20)]
    assert not storage.exists(str(tmp_path / "out"))
    kinds = [record["type"] for record in batch]
    assert kinds == ["failed"] * 21 + ["skipped"]


def test_inputs_are_counted(tmp_path):
    batch = decode_files(["0.png", "1.png", "./0.png"], tmp_path / "out", n_iter=1)
    assert len(list(batch.dry_run())) == 2
    assert (batch.summary.inputs, batch.summary.repeated) == (2, 1)


def test_what_was_taken_back_is_in_flight_no_more(tmp_path, monkeypatch):
    seen = Engine(monkeypatch, ready=1, workers=2)
    batch, flying = made(tmp_path, 9), []
    for record in batch:
        flying.append((record["input"], batch.in_flight))
        if len(flying) == 1:
            running = seen.futures[1]
            running.set_running_or_notify_cancel()
            report = Report(1, [{"type": "skipped", "input": "1.png", "output": "1.wav"}])
            threading.Timer(0.2, running.set_result, [report]).start()
            batch.interrupt()
    assert flying == [("0.png", 6), ("1.png", 1)]  # shards of 1, 1, 2 and 2
    assert batch.in_flight == 0
