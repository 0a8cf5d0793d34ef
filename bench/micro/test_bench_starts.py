"""PGHI and SPSI: nanoseconds a bin from one second to one hour, and PGHI beside its exact binary heap.

`extra_info` holds ns_per_bin, and for the first group the own and held-out spectral convergence of both.
FASTSPEC_BENCH_HOUR=1 adds the hour, which needs 2 GB.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import fastspec
from bench.quality.heap_pghi import heap_spectrum
from fastspec.phase import metrics
from fastspec.phase.starts import pghi, spsi
from fastspec.transform.geometry import Geometry

SR = 22050
N_FFT = 1024
TOL = 1e-4
SECONDS = [1, 61, 3600] if os.environ.get("FASTSPEC_BENCH_HOUR") else [1, 61]


def clip(seconds: float) -> np.ndarray[Any, Any]:
    """Glides, plucks and noise: nothing in it is easy for a queue, and all of it is above the tolerance."""
    rng = np.random.default_rng(1)
    t = np.arange(int(seconds * SR)) / SR
    y = 0.05 * rng.standard_normal(t.size)
    for f, rate in ((220, 3.1), (557, 1.7), (1290, 2.3), (3100, 0.9)):
        y += np.sin(2 * np.pi * f * t + 4 * np.sin(2 * np.pi * rate * t)) * np.exp(-4 * ((t * rate) % 1))
    return y.astype(np.float32)


def spectrogram(seconds: int, hop: int) -> np.ndarray[Any, Any]:
    """Frame-major float32 magnitude; an hour repeats its first minute."""
    S = np.abs(fastspec.stft(clip(min(seconds, 61)), n_fft=N_FFT, hop_length=hop)).T
    frames = seconds * SR // hop + 1
    return np.ascontiguousarray(np.tile(S, (-(-frames // len(S)), 1))[:frames])


def note_per_bin(benchmark: Any, bins: int) -> None:
    if benchmark.stats is not None:  # with --benchmark-disable there is none
        benchmark.extra_info["bins"] = bins
        benchmark.extra_info["ns_per_bin"] = benchmark.stats.stats.min / bins * 1e9


@pytest.mark.parametrize("seconds", SECONDS)
@pytest.mark.parametrize("hop", [256, 512])
@pytest.mark.parametrize("start", ["pghi", "pghi_levels", "spsi"])
def test_ns_per_bin(benchmark: Any, start: str, hop: int, seconds: int) -> None:
    S = spectrogram(seconds, hop)
    out = np.empty(S.shape, np.complex64)
    if start == "spsi":
        benchmark(spsi.spectrum, S, Geometry.of(N_FFT, hop), out=out)
    else:
        levels = None
        if start == "pghi_levels":
            levels = (20 * np.log10(np.maximum(S, TOL * S.max()))).astype(np.float32)
        benchmark(pghi.spectrum, S, Geometry.of(N_FFT, hop), tol=TOL, log_magnitude=levels, out=out)
    note_per_bin(benchmark, S.size)
    assert np.isfinite(out[-1]).all()


@pytest.mark.parametrize("hop", [128, 256, 512])
@pytest.mark.parametrize("queue", ["buckets", "heap"])
def test_quality_beside_the_heap(benchmark: Any, queue: str, hop: int) -> None:
    y = clip(5)
    S = np.ascontiguousarray(np.abs(fastspec.stft(y, n_fft=N_FFT, hop_length=hop)).T)
    window = np.hanning(N_FFT + 1)[:-1]
    if queue == "buckets":
        X = benchmark(pghi.spectrum, S, Geometry.of(N_FFT, hop), tol=TOL)
    else:
        X = benchmark(heap_spectrum, S, hop_length=hop, window=window, tol=TOL)
    z = fastspec.istft(X.T, hop_length=hop, length=y.size)
    own, held_out = metrics.own_sc(z, S.T, hop_length=hop), metrics.held_out_sc(z, y)
    benchmark.extra_info.update(own_sc=own, held_out_sc=held_out)
    note_per_bin(benchmark, S.size)
    assert own < -8
