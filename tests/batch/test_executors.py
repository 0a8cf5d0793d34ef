"""Who runs the shards, and which wishes make no sense."""

from __future__ import annotations

import os
import signal
import sys
import threading

import pytest

from fastspec.batch.executors import cores, engine
from fastspec.errors import MissingExtraError, ParameterError


def test_threads_are_as_many_as_jobs_or_cores():
    assert cores() >= 1
    with engine("threads", 3, None) as (pool, count):
        assert count == 3
        together = threading.Barrier(3)
        waited = [pool.submit(together.wait, 10) for _ in range(3)]
        assert sorted(done.result() for done in waited) == [0, 1, 2]
    with engine("threads", None, None) as (_, count):
        assert count == cores()


def test_leaving_waits_for_what_runs():
    begun, ended = threading.Event(), threading.Event()

    def work() -> None:
        begun.wait(10)
        ended.set()

    with engine("threads", 1, None) as (pool, _):
        pool.submit(work)
        begun.set()
    assert ended.is_set()


@pytest.mark.parametrize(
    ("name", "jobs", "scheduler", "word"),
    [
        ("processes", None, None, "threads, dask"),
        ("threads", 0, None, "jobs=0"),
        ("threads", True, None, "jobs=True"),
        ("threads", 1.5, None, "jobs=1.5"),
        ("threads", None, "tcp://head:8786", "--engine dask"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(name, jobs, scheduler, word):
    with pytest.raises(ParameterError, match=word), engine(name, jobs, scheduler):
        pass


def test_cores_are_those_that_the_process_may_use_and_one_at_least(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3, 5, 7} if pid == 0 else set(), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert cores() == 3
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(), raising=False)
    assert cores() == 1
    monkeypatch.delattr(os, "sched_getaffinity")
    assert cores() == 64
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cores() == 1


class Dask:
    """What is asked of the package distributed, noted."""

    def __init__(self, threads, fault=None):
        self.threads, self.fault, self.asked = threads, fault, []

    def note(self, what, **how):
        self.asked.append((what, how))

    def LocalCluster(self, **how):  # noqa: N802 - as distributed calls it
        self.note("cluster", deaf=signal.getsignal(signal.SIGINT) is signal.SIG_IGN, **how)
        return Part(self, "cluster")

    def Client(self, *cluster, **how):  # noqa: N802
        self.note("client", **how)
        if self.fault is not None:
            raise self.fault
        return Part(self, "client")


class Part:
    """A cluster or its client."""

    def __init__(self, dask, name):
        self.dask, self.name = dask, name

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.dask.note(f"{self.name} left")

    def get_executor(self, **how):
        self.dask.note("executor", **how)
        return "executor"

    def nthreads(self):
        return self.dask.threads


@pytest.fixture
def hearing():
    """SIGINT has a handler, as where nobody began us deaf."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def test_a_local_cluster_has_a_process_for_each_job_which_leaves_ctrl_c_to_us(monkeypatch, hearing):
    for jobs, count in ((3, 3), (None, cores())):
        dask = Dask({"a": 1, "b": 2})
        monkeypatch.setitem(sys.modules, "distributed", dask)
        with engine("dask", jobs, None) as (executor, workers):
            assert (executor, workers) == ("executor", 3)
        how = {"n_workers": count, "threads_per_worker": 1, "processes": True, "dashboard_address": None}
        assert dask.asked == [
            ("cluster", {"deaf": True, **how}),
            ("client", {}),
            ("executor", {"pure": False}),  # a task that is run again is done again
            ("client left", {}),
            ("cluster left", {}),
        ]
        assert signal.getsignal(signal.SIGINT) is hearing


@pytest.mark.usefixtures("hearing")
def test_in_another_thread_signals_are_left_alone(monkeypatch):
    dask = Dask({})
    monkeypatch.setitem(sys.modules, "distributed", dask)

    def work():
        with engine("dask", 1, None) as (_, workers):
            return workers

    with engine("threads", 1, None) as (pool, _):
        assert pool.submit(work).result() == 1  # a cluster whose workers have not come yet
    assert dask.asked[0][1]["deaf"] is False


@pytest.mark.parametrize(
    ("scheduler", "where"),
    [("tcp://head:8786", {"address": "tcp://head:8786"}), ("dask.json", {"scheduler_file": "dask.json"})],
)
def test_a_scheduler_is_found_by_its_address_or_file(monkeypatch, scheduler, where):
    dask = Dask({"a": 4})
    monkeypatch.setitem(sys.modules, "distributed", dask)
    with engine("dask", None, scheduler) as (_, workers):
        assert workers == 4
    assert dask.asked == [("client", {**where, "timeout": 30}), ("executor", {"pure": False}), ("client left", {})]
    monkeypatch.setitem(sys.modules, "distributed", Dask({}, OSError("refused")))
    with pytest.raises(ParameterError, match=r"no Dask scheduler answers at .* \(refused\); check the address"):
        engine("dask", None, scheduler).__enter__()


def test_without_distributed_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match="dask"):
        engine("dask", None, None).__enter__()


def test_the_least_number_of_jobs_is_one_and_threads_have_a_name():
    with engine("threads", 1, None) as (pool, count):
        assert count == 1
        assert pool.submit(lambda: threading.current_thread().name).result().startswith("fastspec-batch")
