"""Frame geometry keeps its promises, and the transform's kernels agree with slow, obvious twins."""

from __future__ import annotations

import pickle

import librosa
import numpy as np
import pytest

from fastspec import istft, stft
from fastspec.errors import ParameterError
from fastspec.kernels import stft as kernels
from fastspec.transform.geometry import Geometry, count_frames
from fastspec.transform.stft import analyse, synthesise


def noise(*shape: int, dtype: str = "float64", seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


# --- geometry -----------------------------------------------------------------------------------------------


def test_geometry_is_immutable_equal_by_value_and_survives_pickling():
    g = Geometry.of(1024, 512, window="hanning")
    assert Geometry.of(1024, 512, window="hanning") is g
    assert Geometry.of(1024, 512, window=np.hanning(1024)) == g
    assert Geometry.of(1024, 512) != g
    copy = pickle.loads(pickle.dumps(g))
    assert copy == g
    assert hash(copy) == hash(g)
    assert not copy.window.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        g.window[0] = 1
    with pytest.raises(AttributeError):
        g.n_fft = 3  # type: ignore[misc]
    assert (g.n_bins, g.pad, g.frames_of(0), g.frames_of(5120), g.length_of(11)) == (513, 512, 1, 11, 5120)
    with pytest.raises(ParameterError, match="unknown"):
        Geometry(512, 128, 512, "xyzzy")
    assert Geometry.of(64, 16, window=("general_cosine", [0.5, 0.5])) == Geometry.of(64, 16)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("n_fft", [16, 15, 2, 3])
@pytest.mark.parametrize("hop", [1, 4, 5])
def test_frames_are_counted_as_librosa_counts_them(n_fft, hop, center):
    g = Geometry.of(n_fft, hop, center=center)
    for samples in range(n_fft, 40):
        frames = librosa.stft(np.zeros(samples), n_fft=n_fft, hop_length=hop, center=center).shape[-1]
        assert count_frames(samples, hop, n_fft, center=center) == g.frames_of(samples) == frames
        touched = np.flatnonzero(g.window_sumsquare(frames) + 1)[-1] + 1 - g.pad
        assert g.samples_under(frames) == touched
    least = g.length_of(7)
    assert [count_frames(least + more, hop, n_fft, center=center) for more in (-1, 0, hop - 1, hop)] == [6, 7, 7, 8]
    if center and n_fft % 2 == 0:
        assert count_frames(39, hop) == g.frames_of(39)  # an even n_fft does not matter
    assert count_frames(3, hop, 16, center=False) < 1


def test_window_sums_are_librosas():
    for n_fft, hop, width in ((512, 128, 512), (501, 100, 333), (64, 80, 64)):
        g = Geometry.of(n_fft, hop, width)
        wanted = librosa.filters.window_sumsquare(
            window="hann", n_frames=9, hop_length=hop, win_length=width, n_fft=n_fft, dtype=np.float64
        )
        np.testing.assert_allclose(g.window_sumsquare(9), wanted, atol=1e-13)


def test_frame_major_internals_are_the_public_transforms_of_one_channel():
    y = noise(3000, dtype="float32")
    g = Geometry.of(256, 64)
    S = stft(y, n_fft=256)
    out = np.empty((S.shape[1], S.shape[0]), np.complex64)
    analyse(np.pad(y, g.pad), g, out)
    np.testing.assert_array_equal(out.T, S)
    back = np.empty(3000, np.float32)
    synthesise(out, g, back)
    np.testing.assert_array_equal(back, istft(S, length=3000))
    with pytest.raises(ParameterError, match="do not hold"):
        analyse(y, g, out)


# --- kernels and their slow twins ---------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kernel_frame_rows(dtype):
    signal, window, block = noise(200, dtype=dtype), noise(9, dtype=dtype, seed=1), np.full((6, 16), 9, dtype)
    kernels.frame_rows(signal, 11, 7, window, 3, 2, 3, block)
    wanted = np.full((6, 16), 9, dtype)
    for i in range(3):
        wanted[2 + i] = np.pad(window, (3, 4)) * signal[11 + 7 * i :][:16]
    np.testing.assert_allclose(block, wanted, rtol=1e-6)


@pytest.mark.parametrize("start", [-40, -3, 0, 5, 28, 60])
def test_kernel_overlap_add(start):
    block, window, signal = noise(6, 16), noise(9, seed=1), noise(30, seed=2)
    wanted = np.pad(signal, 200)
    for i in range(4):
        wanted[200 + start + 7 * i :][:16] += np.pad(window, (3, 4)) * block[1 + i]
    kernels.overlap_add(block, 1, 4, window, 3, start, 7, signal)
    np.testing.assert_allclose(signal, wanted[200:230], atol=1e-14)


@pytest.mark.parametrize(("width", "hop"), [(16, 4), (15, 4), (4, 6), (9, 9), (10, 1)])
@pytest.mark.parametrize("frames", [1, 2, 9])
@pytest.mark.parametrize("offset", [-3, 0, 7])
def test_kernel_normalise(width, hop, frames, offset):
    squares = np.hanning(width) ** 2
    total = np.zeros(400)
    for k in range(frames):
        total[100 + k * hop :][:width] += squares
    period = np.zeros(-(-width // hop) * hop)
    period[:width] = squares
    period = period.reshape(-1, hop).sum(axis=0)
    inverse = 1 / np.where(period > 1e-300, period, 1)
    signal = noise(120)
    here = total[100 + offset :][:120]
    wanted = np.where(here > 1e-300, signal / np.where(here > 1e-300, here, 1), signal)
    wanted[:5] = signal[:5]
    wanted[110:] = signal[110:]
    kernels.normalise(signal, 5, 110, offset, frames, hop, squares, inverse, 1e-300)
    np.testing.assert_allclose(signal, wanted, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_kernel_all_finite(dtype):
    values = np.full(1001, np.finfo(dtype).max, dtype)
    assert kernels.all_finite(values)
    assert kernels.all_finite(values[:0])
    for place in (0, 500, 1000):
        for bad in (np.nan, np.inf, -np.inf):
            broken = values.copy()
            broken[place] = bad
            assert not kernels.all_finite(broken)
