"""Phase retrieval: an iteration against librosa and its transforms alone, threads, many small pictures."""

from __future__ import annotations

import os

import librosa
import numpy as np
import pytest

from fastspec import fft, griffinlim, phase_retrieval, stft

SECONDS = 61
GEOMETRIES = [(1024, 512), (1024, 256), (2048, 512)]
METHODS = ("gla", "fgla", "agla", "admm", "raar")
ITERATIONS = 10


def picture(n_fft, hop, seconds=SECONDS, seed=0):
    """Magnitudes of chirps in noise at 22 050 Hz: speed depends on the size alone."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * 22050)) / 22050
    y = np.sin(2 * np.pi * (200 + 30 * t) * t) + 0.1 * rng.standard_normal(t.size)
    return np.abs(stft(y.astype(np.float32), n_fft=n_fft, hop_length=hop))


@pytest.fixture(params=GEOMETRIES, ids=lambda g: f"{g[0]}-{g[1]}")
def case(request):
    n_fft, hop = request.param
    return picture(n_fft, hop), n_fft, hop


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("method", METHODS)
def test_iterations(benchmark, case, method, workers):
    """Ten iterations with set-up: one call of `phase_retrieval` from phase zero."""
    if workers > (os.cpu_count() or 1):
        pytest.skip("fewer processors than workers")
    S, _, hop = case
    benchmark.extra_info["iterations"] = ITERATIONS
    benchmark(phase_retrieval, S, method=method, init="zero", n_iter=ITERATIONS, hop_length=hop, workers=workers)


def test_transforms_alone(benchmark, case):
    """The FFTW transforms of ten iterations in the same blocks: what nobody can go below."""
    S, n_fft, _ = case
    pair = fft.pair(n_fft)
    blocks = -(-S.shape[1] // pair.height)
    noise = np.random.default_rng(0).standard_normal(pair.real.shape)

    def transforms():
        for _ in range(ITERATIONS):
            pair.real[:] = noise  # unnormalised transforms grow
            for _ in range(blocks):
                pair.forward()
                pair.inverse()
                pair.real[0] = 0

    benchmark.extra_info["iterations"] = ITERATIONS
    benchmark(transforms)


def test_librosa(benchmark, case):
    """librosa's own iterations, the same number; slow, so once a round."""
    S, n_fft, hop = case
    benchmark.extra_info["iterations"] = ITERATIONS
    benchmark.pedantic(
        librosa.griffinlim,
        (S,),
        {"n_iter": ITERATIONS, "hop_length": hop, "n_fft": n_fft, "init": None},
        rounds=3,
        warmup_rounds=1,
    )


@pytest.mark.parametrize("workers", [1, 2])
def test_many_small_pictures(benchmark, workers):
    """256 pictures of a second at 512/128 as one ragged batch: a PGHI start and four iterations."""
    batch = [picture(512, 128, 1, seed) for seed in range(256)]
    benchmark(phase_retrieval, batch, n_iter=4, hop_length=128, workers=workers)


def test_many_small_pictures_with_librosa(benchmark):
    """The first 16 of them in a loop of librosa's 32 iterations."""
    batch = [picture(512, 128, 1, seed) for seed in range(16)]
    benchmark.pedantic(
        lambda: [librosa.griffinlim(S, n_iter=32, hop_length=128) for S in batch], rounds=2, warmup_rounds=1
    )


@pytest.mark.parametrize("init", ["zero", "random", "pghi", "spsi"])
def test_starts(benchmark, init):
    """A start and its read-out, no iteration."""
    S = picture(1024, 512)
    benchmark(phase_retrieval, S, init=init, n_iter=0, hop_length=512)


def test_librosa_compatible_call(benchmark):
    """What someone gets who only changes the import: `griffinlim(S)` with its random start and 32 iterations."""
    S = picture(1024, 256, 10)
    benchmark(griffinlim, S, rng=0)
