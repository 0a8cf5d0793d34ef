"""griffinlim: librosa's results to rounding, true warm starts, and never NaN."""

from __future__ import annotations

from inspect import signature

import librosa
import numpy as np
import pytest

import fastspec
from fastspec.errors import NonInvertibleError, ParameterError


def sound(samples=6000, dtype=np.float32, channels=()):
    t = np.arange(samples)
    noise = np.random.default_rng(5).standard_normal((*channels, samples))
    return (np.sin(2 * np.pi * (0.01 + 2e-6 * t) * t) + 0.05 * noise).astype(dtype)


GEOMETRIES = [
    {"n_fft": 1024, "hop_length": 512},
    {"n_fft": 1024, "hop_length": 256, "win_length": 800},
    {"n_fft": 1000, "hop_length": 300, "window": "hamming"},
    {"n_fft": 1023, "hop_length": 200, "win_length": 900},
    {"n_fft": 512},
    {"n_fft": 512, "hop_length": 50, "window": "blackman"},
    {"n_fft": 512, "hop_length": 128, "pad_mode": "reflect"},
    {"n_fft": 512, "hop_length": 128, "pad_mode": "linear_ramp"},
    {"n_fft": 512, "hop_length": 128, "center": False, "window": "hamming"},
    {"n_fft": 64, "hop_length": 64, "window": "boxcar"},
]


@pytest.mark.parametrize("n_iter", [0, 1, 2, 32])
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_zero_phase_start_gives_librosas_waveform(geometry, n_iter):
    S = np.abs(librosa.stft(sound(dtype=np.float64), **geometry))
    theirs = librosa.griffinlim(S, n_iter=n_iter, init=None, **geometry)
    ours = fastspec.griffinlim(S, n_iter=n_iter, init=None, **geometry)
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9 * np.abs(theirs).max())


@pytest.mark.parametrize(("n_iter", "tolerance"), [(1, 1e-4), (2, 2e-4)])
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_single_precision_is_librosas_to_rounding(geometry, n_iter, tolerance):
    S = np.abs(librosa.stft(sound(), **geometry))
    theirs = librosa.griffinlim(S, n_iter=n_iter, init=None, **geometry)
    ours = fastspec.griffinlim(S, n_iter=n_iter, init=None, **geometry)
    assert ours.dtype == theirs.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * np.abs(theirs).max())


def test_rounding_grows_over_32_iterations_no_faster_than_librosas():
    # Iterations amplify rounding: librosa in single precision strays from itself in double precision, and so may we.
    for hop in (512, 256):
        S = np.abs(librosa.stft(sound(22050), n_fft=1024, hop_length=hop))
        exact = librosa.griffinlim(S.astype(np.float64), hop_length=hop, init=None)
        theirs = librosa.griffinlim(S, hop_length=hop, init=None)
        ours = fastspec.griffinlim(S, hop_length=hop, init=None)
        assert np.linalg.norm(ours - exact) < 20 * np.linalg.norm(theirs - exact) + 1e-5 * np.linalg.norm(exact)
        assert np.linalg.norm(ours - exact) < 2e-2 * np.linalg.norm(exact)


@pytest.mark.parametrize("length", [5632, 6000, 6143])
def test_length_as_librosa(length):
    S = np.abs(librosa.stft(sound(length, np.float64), n_fft=1024, hop_length=512))
    options = {"n_iter": 3, "hop_length": 512, "length": length, "init": None}
    np.testing.assert_allclose(fastspec.griffinlim(S, **options), librosa.griffinlim(S, **options), atol=1e-11)


def test_seed_gives_librosas_start_on_every_channel():
    S = np.abs(librosa.stft(sound(dtype=np.float64, channels=(2, 3)), n_fft=512))
    seeded = "rng" if "rng" in signature(librosa.griffinlim).parameters else "random_state"  # 1.0 calls it rng
    theirs = librosa.griffinlim(S, n_iter=4, **{seeded: np.random.RandomState(7)})
    ours = fastspec.griffinlim(S, n_iter=4, random_state=7)
    assert ours.shape == theirs.shape == (2, 3, 5888)
    np.testing.assert_allclose(ours, theirs, atol=1e-10)
    generator = fastspec.griffinlim(S, n_iter=4, random_state=np.random.default_rng(3))
    np.testing.assert_array_equal(generator, fastspec.griffinlim(S, n_iter=4, rng=3))


def test_momentum_beside_librosas():
    S = np.abs(librosa.stft(sound(dtype=np.float64), n_fft=512))
    for momentum in (0, 0.5):
        options = {"n_iter": 5, "momentum": momentum, "init": None}
        np.testing.assert_allclose(fastspec.griffinlim(S, **options), librosa.griffinlim(S, **options), atol=1e-10)


def test_complex_start_is_a_true_warm_start():
    y = sound(dtype=np.float64)
    X = librosa.stft(y, n_fft=1024, hop_length=256)
    S = np.abs(X)
    again = fastspec.griffinlim(S, n_iter=20, hop_length=256, init=X, length=y.size)
    np.testing.assert_allclose(again, y, atol=1e-9)  # a fixed point: the right phases stay
    scaled = fastspec.griffinlim(S, n_iter=20, hop_length=256, init=3 * X, length=y.size)
    np.testing.assert_allclose(scaled, y, atol=1e-9)  # only its phases count


@pytest.mark.parametrize("init", ["random", "zero", "pghi", "spsi", None])
def test_every_start_works_and_silence_stays_silent(init):
    S = np.abs(librosa.stft(sound(), n_fft=512))
    y = fastspec.griffinlim(S, n_iter=3, init=init, rng=1)
    assert np.isfinite(y).all()
    assert y.std() > 0.1
    S[:, 10:] = 0
    assert np.isfinite(fastspec.griffinlim(S, n_iter=3, init=init, rng=1)).all()
    np.testing.assert_array_equal(fastspec.griffinlim(0 * S, n_iter=3, init=init, rng=1), 0)


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1e12, 1e30])
def test_far_off_scales_lose_nothing(scale):
    S = np.abs(librosa.stft(sound(), n_fft=512))
    y = fastspec.griffinlim(S, n_iter=3, init="zero")
    far = fastspec.griffinlim((S.astype(np.float64) * scale).astype(np.float32), n_iter=3, init="zero")
    np.testing.assert_allclose(far / scale, y, atol=1e-3)


def test_one_frame():
    S = np.abs(librosa.stft(sound(600, np.float64), n_fft=512, hop_length=128))[:, 2:3]
    y = fastspec.griffinlim(S, n_iter=2, hop_length=128, length=100)
    assert y.shape == (100,)
    assert np.isfinite(y).all()
    assert fastspec.griffinlim(S, n_iter=2, hop_length=128, center=False).shape == (512,)
    with pytest.raises(ParameterError, match="length"):
        fastspec.griffinlim(S, n_iter=2, hop_length=128)


def test_bad_input_is_named():
    S = np.ones((257, 5), np.float32)
    cases = [
        ((S,), {"n_fft": 1024}, "257 bins"),
        ((-S,), {}, "negative"),
        ((S * np.nan,), {}, "NaN"),
        ((S * np.inf,), {}, "NaN or infinite"),
        ((S + 0j,), {}, "complex"),
        ((S[:, :0],), {}, "not empty"),
        ((S,), {"init": np.ones((257, 4), complex)}, "warm start"),
        ((S,), {"init": np.full((257, 5), np.nan + 0j)}, "finite"),
        ((S,), {"init": "magic"}, "magic"),
        ((S,), {"n_iter": -1}, "n_iter"),
        ((S,), {"momentum": -1}, "momentum"),
        ((S,), {"length": 0}, "length"),
        ((S,), {"dtype": np.float16}, "float16"),
        ((S,), {"pad_mode": "wrap"}, "wrap"),
        ((S,), {"random_state": 1, "rng": 1}, "one of them"),
        ((S,), {"random_state": "x"}, "random_state"),
    ]
    for arguments, options, words in cases:
        with pytest.raises(ParameterError, match=words):
            fastspec.griffinlim(*arguments, **options)
    with pytest.raises(NonInvertibleError, match="hop_length"):
        fastspec.griffinlim(S, hop_length=600)


@pytest.mark.parametrize("n_iter", [1.5, None, [2, 3], "4"])
def test_a_count_that_is_no_whole_number_is_refused(n_iter):
    with pytest.raises(ParameterError, match=r"n_iter=.* is not a whole number of at least 0"):
        fastspec.phase_retrieval(np.ones((65, 9), np.float32), n_iter=n_iter)
    with pytest.raises(ParameterError, match=r"n_iter=.* is not a whole number of at least 0"):
        fastspec.griffinlim(np.ones((65, 9), np.float32), n_iter=n_iter)
