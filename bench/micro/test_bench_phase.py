"""The engine, stage by stage: stft and istft, one iteration, the methods, starts, many pictures; peers beside them.

    OMP_NUM_THREADS=1 pytest bench/micro/test_bench_phase.py --benchmark-group-by=group

The honest comparison alternates in one process: `bench/speed/compare.py`. With --benchmark-disable these are smoke
tests.
"""

from __future__ import annotations

import librosa
import numpy as np
import pytest

import fastspec
from bench.speed import peers
from bench.speed.paired import clock_iteration
from bench.speed.rows_engine import magnitude
from fastspec.colours import levels
from fastspec.phase import methods

HOP = 512
SIZES = [1024, 2048]
METHODS = methods.names()


@pytest.mark.parametrize("n_fft", SIZES)
@pytest.mark.parametrize("who", ["fastspec", "librosa"])
def test_stft(benchmark, sound, who, n_fft):
    benchmark.group = f"stft {n_fft}/{HOP}, 61 s"
    run = fastspec.stft if who == "fastspec" else librosa.stft
    assert np.isfinite(benchmark(run, sound, n_fft=n_fft, hop_length=HOP)).all()


@pytest.mark.parametrize("n_fft", SIZES)
@pytest.mark.parametrize("who", ["fastspec", "librosa"])
def test_istft(benchmark, sound, who, n_fft):
    benchmark.group = f"istft {n_fft}/{HOP}, 61 s"
    X = fastspec.stft(sound, n_fft=n_fft, hop_length=HOP)
    run = fastspec.istft if who == "fastspec" else librosa.istft
    y = benchmark(run, X, hop_length=HOP, length=sound.size)
    np.testing.assert_allclose(y, sound, atol=1e-4)


@pytest.mark.parametrize("n_fft", SIZES)
@pytest.mark.parametrize("who", ["fastspec", "librosa", "transforms alone", "torch"])
def test_one_iteration(benchmark, sound, who, n_fft):
    """Ten calls' worth in one: `extra_info` has the milliseconds of one iteration without start and end."""
    benchmark.group = f"2 iterations {n_fft}/{HOP}, 61 s"
    S = magnitude(sound, n_fft, HOP)
    if who == "transforms alone":
        benchmark(peers.Transforms(n_fft, 2 * S.shape[1]))
        return
    if who == "torch":
        torch = peers.optional("torch") or pytest.skip("torch is not installed")
        tensor = torch.from_numpy(S)

    def run(n_iter):
        if who == "fastspec":
            return fastspec.griffinlim(S, n_iter=n_iter, hop_length=HOP, n_fft=n_fft, init=None)
        if who == "torch":
            return peers.torch_griffinlim(tensor, n_iter, HOP).numpy()
        return peers.librosa_griffinlim(S, n_iter, HOP)

    assert np.isfinite(benchmark(run, 2)).all()
    if benchmark.stats is not None:  # with --benchmark-disable there is none
        benchmark.extra_info["ms_per_iteration"] = 1e3 * min(clock_iteration(run)() for _ in range(5))


@pytest.mark.parametrize("method", METHODS)
def test_method(benchmark, sound, method):
    benchmark.group = "a zero start and 4 iterations 1024/512, 61 s"
    S = magnitude(sound, 1024, HOP)
    y = benchmark(fastspec.phase_retrieval, S, method=method, init="zero", n_iter=4, hop_length=HOP, n_fft=1024)
    assert np.isfinite(y).all()


@pytest.mark.parametrize("init", ["zero", "random", "spsi", "pghi"])
def test_start(benchmark, sound, init):
    benchmark.group = "a start and no iteration 1024/512, 61 s"
    S = magnitude(sound, 1024, HOP)
    y = benchmark(fastspec.phase_retrieval, S, method="fgla", init=init, n_iter=0, hop_length=HOP, n_fft=1024)
    assert np.isfinite(y).all()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("together", [True, False])
def test_many_small_pictures(benchmark, sound, together, workers):
    """One call with a list beside a loop of calls."""
    benchmark.group = "32 one-second pictures 512/128, PGHI and 4 iterations"
    spectra = [magnitude(sound[at : at + 22050], 512, 128) for at in range(0, 32 * 22050, 22050)]
    options = {"n_iter": 4, "hop_length": 128, "n_fft": 512, "workers": workers}

    def run():
        if together:
            return fastspec.phase_retrieval(spectra, **options)
        return [fastspec.phase_retrieval(S, **options) for S in spectra]

    assert len(benchmark(run)) == 32


@pytest.mark.parametrize("workers", [1, 2])
def test_threads(benchmark, sound, workers):
    benchmark.group = "PGHI and 8 iterations 1024/512, 61 s, by threads"
    S = magnitude(sound, 1024, HOP)
    benchmark(fastspec.phase_retrieval, S, n_iter=8, hop_length=HOP, n_fft=1024, workers=workers)


@pytest.mark.parametrize("who", ["fastspec", "librosa"])
@pytest.mark.parametrize("way", ["amplitude_to_db", "db_to_amplitude"])
def test_levels(benchmark, sound, way, who):
    benchmark.group = f"{way}, 61 s"
    S = magnitude(sound, 1024, HOP)
    given = S if way == "amplitude_to_db" else librosa.amplitude_to_db(S, ref=np.max)
    options = {"ref": np.max} if way == "amplitude_to_db" else {}
    benchmark(getattr(levels if who == "fastspec" else librosa, way), given, **options)
