"""Mel: librosa's banks, and an inverse that fits better than least squares and leaves no holes."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastspec.errors import ParameterError
from fastspec.transform.mel import MelBank, log_to_stft, mel_to_stft

BANKS = [
    {"sr": 22050, "n_fft": 2048},
    {"sr": 16000, "n_fft": 512, "n_mels": 40, "fmin": 50.0, "fmax": 7000.0},
    {"sr": 44100, "n_fft": 4096, "n_mels": 512, "htk": True, "norm": None, "fmax": 10000.0},
    {"sr": 22050, "n_fft": 1023, "n_mels": 20, "htk": True},
]


@pytest.mark.filterwarnings("ignore:Empty filters detected")
@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_bank_is_that_of_librosa(bank, dtype):
    expected = librosa.filters.mel(**bank, dtype=dtype)
    got = MelBank(**bank).weights(dtype)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=1e-6 if dtype == np.float32 else 1e-12, atol=1e-12)


def _speechlike(n_frames=40, n_bins=1025, sr=22050):
    """Harmonics of a gliding pitch under a falling envelope, with a little noise."""
    rng = np.random.default_rng(0)
    f = np.linspace(0, sr / 2, n_bins)
    pitch = np.linspace(150, 260, n_frames)[:, None]
    teeth = np.exp(-((((f / pitch + 0.5) % 1 - 0.5) * pitch / 20) ** 2))
    return ((teeth + 0.01 * rng.random((n_frames, n_bins))) / (1 + f / 500)).astype(np.float32)


def _twin(bands, weights, n_iter, start):
    """Richardson-Lucy with dense matrices."""
    x, total = start.astype(float), weights.sum(axis=0)
    for _ in range(n_iter):
        ratio = bands / np.maximum(x @ weights.T, 1e-30)
        x = x * np.divide(ratio @ weights, total, out=np.zeros_like(x), where=total > 0)
    return x


@pytest.mark.parametrize("bank", BANKS)
def test_the_kernel_does_what_dense_matrices_do(bank):
    from fastspec.transform.mel import _Outline

    weights = MelBank(**bank).weights()
    S = _speechlike(70, weights.shape[1])
    bands = S**2 @ weights.T
    bands /= bands.max()
    got = mel_to_stft(bands, MelBank(**bank), n_iter=7)
    expected = np.sqrt(_twin(bands, weights, 7, _Outline(weights)(bands)))
    np.testing.assert_allclose(got, expected, rtol=2e-3, atol=1e-6)
    assert np.all(got[:, weights.sum(axis=0) == 0] == 0)


def test_it_fits_the_bands_and_the_spectrum_better_than_least_squares():
    S = _speechlike()
    weights = MelBank(22050, 2048).weights()
    bands = S**2 @ weights.T
    ours = mel_to_stft(bands, MelBank(22050, 2048))
    theirs = librosa.feature.inverse.mel_to_stft(np.ascontiguousarray(bands.T), sr=22050, n_fft=2048).T
    residual = [np.linalg.norm(A**2 @ weights.T - bands) / np.linalg.norm(bands) for A in (ours, theirs)]
    distance = [np.linalg.norm(A - S) / np.linalg.norm(S) for A in (ours, theirs)]
    assert residual[0] < 0.01
    assert residual[0] < residual[1]
    assert distance[0] < distance[1]


@pytest.mark.parametrize("power", [1.0, 2.0])
@pytest.mark.parametrize("loudness", [1e-9, 1.0, 1e9])
def test_any_power_and_loudness(power, loudness):
    S = _speechlike(5) * np.float32(loudness)
    weights = MelBank(22050, 2048).weights()
    bands = S.astype(float) ** power @ weights.T
    got = mel_to_stft(bands, MelBank(22050, 2048), power=power)
    np.testing.assert_allclose(got.astype(float) ** power @ weights.T, bands, rtol=0.1, atol=0.01 * bands.max())


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 3), st.integers(1, 70), st.integers(1, 60), st.floats(0, 1))
def test_never_negative_never_nan(seed, n_frames, n_mels, silence):
    rng = np.random.default_rng(seed)
    bands = rng.random((n_frames, n_mels)) ** 8 * (rng.random((n_frames, n_mels)) >= silence)
    got = mel_to_stft(bands, MelBank(16000, 128, n_mels), n_iter=5)  # so short that some bands hold no bin
    assert got.shape == (n_frames, 65)
    assert got.dtype == np.float32
    assert np.all(np.isfinite(got))
    assert got.min() >= 0


def test_a_frame_does_not_depend_on_its_neighbours():
    bands = _speechlike(130)[:, :128].copy()
    together = mel_to_stft(bands, MelBank(22050, 2048), n_iter=4)
    bands[64:] = bands[:66]
    np.testing.assert_array_equal(mel_to_stft(bands, MelBank(22050, 2048), n_iter=4)[:64], together[:64])


def test_logarithmic_cells_land_on_their_bins():
    f = 55.0 * 2.0 ** (np.arange(84) / 12)
    C = np.zeros((2, 84), np.float32)
    C[0] = 1.0
    C[1, 60] = 1.0  # 1760 Hz
    S = log_to_stft(C, f, sr=22050, n_fft=2048)
    bins = np.arange(1025) * 22050 / 2048
    inside = (bins > 54) & (bins < f[-1])
    np.testing.assert_allclose(S[0, inside], 1.0, rtol=1e-5)
    assert np.all(S[0, bins > f[-1] * 1.06] == 0)
    assert S[0, 0] == 0
    assert abs(bins[S[1].argmax()] - 1760) < 22050 / 2048


@pytest.mark.parametrize(
    "facts",
    [
        {"sr": 0, "n_fft": 512},
        {"sr": 22050, "n_fft": 1},
        {"sr": 22050, "n_fft": 512, "n_mels": 0},
        {"sr": 22050, "n_fft": 512, "fmin": 300.0, "fmax": 300.0},
        {"sr": 22050, "n_fft": 512, "fmin": -1.0},
        {"sr": 22050, "n_fft": 512, "fmax": 11026.0},
        {"sr": 22050, "n_fft": 512, "norm": "l1"},
    ],
)
def test_banks_that_cannot_be_are_refused(facts):
    with pytest.raises(ParameterError):
        MelBank(**facts)


@pytest.mark.parametrize(
    ("bands", "facts"),
    [
        (np.ones(5), {}),
        (np.ones((5, 0)), {}),
        (-np.ones((5, 4)), {}),
        (np.full((5, 4), np.nan), {}),
        (np.full((5, 4), np.inf), {}),
        (np.ones((5, 4)), {"power": 0.0}),
        (np.ones((5, 4)), {"n_iter": -1}),
    ],
)
def test_bands_that_make_no_sense_are_refused(bands, facts):
    with pytest.raises(ParameterError):
        mel_to_stft(bands, MelBank(22050, 512, 4), **facts)


def test_logarithmic_cells_that_do_not_fit_are_refused():
    for C, f in ((np.ones((3, 4)), np.arange(1, 4)), (np.ones((3, 4)), np.arange(4)), (np.ones(4), np.ones(4))):
        with pytest.raises(ParameterError):
            log_to_stft(C, f, sr=22050, n_fft=512)
