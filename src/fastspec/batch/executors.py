"""Who runs the shards: threads of this process, or the workers of a Dask cluster; both are `concurrent.futures`."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from fastspec.errors import ParameterError, missing_extra

ENGINES = ("threads", "dask")


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


@contextmanager
def engine(name: str, jobs: int | None, scheduler: str | None) -> Iterator[tuple[Executor, int]]:
    """(executor, number of shards it runs at a time); waits for its workers to end.

    name : "threads" or "dask". jobs : threads, or worker processes of a local cluster; None: one a core.
    scheduler : address of a Dask scheduler (or a file that tells it); None starts a local cluster.

    Raises ParameterError or MissingExtraError.
    """
    if name not in ENGINES:
        raise ParameterError(f"engine={name!r} is unknown; use one of {', '.join(ENGINES)}")
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1):
        raise ParameterError(f"jobs={jobs!r} is not a whole number of at least 1")
    if name == "threads":
        if scheduler is not None:
            raise ParameterError(f"scheduler={scheduler!r} belongs to the engine dask; add --engine dask")
        count = jobs or cores()
        with ThreadPoolExecutor(count, thread_name_prefix="fastspec-batch") as pool:
            yield pool, count
        return
    with _dask(jobs, scheduler) as client:
        # what a dead worker had is run again; what kills three workers comes back as an error and is narrowed down
        yield client.get_executor(pure=False), _threads_of(client)


@contextmanager
def _dask(jobs: int | None, scheduler: str | None) -> Iterator[Any]:
    try:
        import distributed
    except ImportError:
        raise missing_extra("distributed", "dask", "the engine dask") from None
    if scheduler is None:
        with _workers_deaf_to_ctrl_c():
            cluster = distributed.LocalCluster(
                n_workers=jobs or cores(), threads_per_worker=1, processes=True, dashboard_address=None
            )
        with cluster, distributed.Client(cluster) as client:
            yield client
        return
    where = {"scheduler_file": scheduler} if scheduler.endswith(".json") else {"address": scheduler}
    try:
        client = distributed.Client(**where, timeout=30)
    except (OSError, ValueError) as error:
        raise ParameterError(f"no Dask scheduler answers at {scheduler!r} ({error}); check the address") from None
    with client:
        yield client


@contextmanager
def _workers_deaf_to_ctrl_c() -> Iterator[None]:
    """Processes begun here leave SIGINT, which a terminal sends to all of them, to the coordinator."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _threads_of(client: Any) -> int:
    threads: dict[str, int] = client.nthreads()
    return max(1, sum(threads.values()))
