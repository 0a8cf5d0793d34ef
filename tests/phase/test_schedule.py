"""Stopping and telling: traces, tolerances, time limits, callbacks."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec import stft
from fastspec.phase import methods
from fastspec.phase.retrieval import phase_retrieval
from tests.phase.sounds import spectrum, speechlike


def test_trace_tells_the_read_outs_own_convergence():
    S = np.abs(stft(speechlike(), n_fft=256, hop_length=64))
    for method in methods.names():
        options = {"method": method, "hop_length": 64, "init": "zero"}
        y, [trace] = phase_retrieval(S, n_iter=6, return_trace=True, **options)
        np.testing.assert_array_equal(y, phase_retrieval(S, n_iter=6, **options))
        assert [row["iteration"] for row in trace] == [1, 2, 3, 4, 5, 6]
        for k in (1, 3, 6):
            at = phase_retrieval(S, n_iter=k, **options)
            off = np.abs(stft(at, n_fft=256, hop_length=64)) - S
            want = 20 * np.log10(np.linalg.norm(off) / np.linalg.norm(S))
            assert trace[k - 1]["sc_db"] == pytest.approx(want, abs=1e-6)
            assert trace[k - 1]["transform_pairs"] == k * methods.of(method).method.pairs
        assert trace[-1]["seconds"] > 0


@pytest.mark.parametrize("workers", [1, 2])
def test_each_picture_stops_at_its_own_tolerance_with_the_bits_it_has_alone(workers):
    batch = [spectrum(60, seed=k) for k in range(5)]
    tols = [0.5, None, 0.05, 0.1, 1e-9]
    options = {"method": "gla", "n_iter": 25, "init": "random", "return_trace": True}
    together, traces = phase_retrieval(batch, tol=tols, workers=workers, **options)
    stopped = [len(trace) for trace in traces]
    assert stopped[0] < stopped[3] <= stopped[2] <= 25
    assert stopped[1] == stopped[4] == 25
    for S, tol, y, trace in zip(batch, tols, together, traces, strict=True):
        alone, [its] = phase_retrieval(S, tol=tol, **options)
        np.testing.assert_array_equal(alone, y)
        assert [row["sc_db"] for row in its] == [row["sc_db"] for row in trace]
    plain = phase_retrieval(batch[0], method="gla", n_iter=stopped[0], init="random")
    np.testing.assert_array_equal(together[0], plain)


def test_time_limit_reads_out_what_there_is():
    S = spectrum(60)
    y = phase_retrieval(S, n_iter=10**9, time_limit=0.05, init="zero")
    assert np.isfinite(y).all()
    first = phase_retrieval(S, n_iter=10**9, time_limit=0, init="zero")
    np.testing.assert_array_equal(first, phase_retrieval(S, n_iter=1, init="zero"))


def test_callback_hears_of_every_iteration_and_may_stop_a_picture():
    heard = []

    def callback(step):
        heard.append((step.item, step.iteration))
        return step.item == 1 and step.iteration == 3

    batch = [spectrum(20, seed=1), spectrum(30, seed=2)]
    out = phase_retrieval(batch, n_iter=6, init="zero", callback=callback)
    assert [k for item, k in heard if item == 0] == [1, 2, 3, 4, 5]
    assert [k for item, k in heard if item == 1] == [1, 2, 3]
    np.testing.assert_array_equal(out[0], phase_retrieval(batch[0], n_iter=6, init="zero"))
    np.testing.assert_array_equal(out[1], phase_retrieval(batch[1], n_iter=4, init="zero"))
