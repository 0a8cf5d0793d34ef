"""Threads and forks: nobody is left at work, nobody waits for ever."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import time

import numpy as np
import pytest

from fastspec.phase.retrieval import phase_retrieval
from tests.phase.sounds import spectrum


def test_an_error_in_a_callback_comes_out_and_leaves_no_thread_at_work():
    def callback(step):
        raise RuntimeError("stop here")

    batch = [spectrum(900, seed=k) for k in range(3)]
    for workers in (1, 2):
        with pytest.raises(RuntimeError, match="stop here"):
            phase_retrieval(batch, n_iter=5, init="zero", callback=callback, workers=workers)
    assert np.isfinite(phase_retrieval(batch, n_iter=2, init="zero", workers=2)[0]).all()


def test_many_threads_at_once_all_get_the_same():
    S = spectrum(400)
    want = phase_retrieval(S, n_iter=3, init="zero")
    results = [None] * 8

    def one(k):
        results[k] = phase_retrieval(S, n_iter=3, init="zero", workers=1 + k % 3)

    threads = [threading.Thread(target=one, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    for y in results:
        np.testing.assert_array_equal(y, want)


def _child(connection, S):
    connection.send(phase_retrieval(S, n_iter=3, init="zero", workers=2))


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_works_and_never_hangs():
    S = spectrum(400)
    want = phase_retrieval(S, n_iter=3, init="zero", workers=2)  # the parent's helper threads exist now
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=_child, args=(there, S))
    child.start()
    deadline = time.monotonic() + 60
    while not here.poll(0.05):
        assert time.monotonic() < deadline
        assert child.exitcode in (None, 0)
    np.testing.assert_array_equal(here.recv(), want)
    child.join(10)
    assert child.exitcode == 0
