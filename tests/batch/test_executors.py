"""Who runs the shards, and which wishes make no sense."""

from __future__ import annotations

import threading

import pytest

from fastspec.batch.executors import cores, engine
from fastspec.errors import ParameterError


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
