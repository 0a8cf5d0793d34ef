"""The judges: equal to plain librosa twins, indifferent to gain, never NaN."""

from __future__ import annotations

import sys

import librosa
import numpy as np
import pytest

import fastspec
from fastspec.errors import MissingExtraError, ParameterError
from fastspec.phase import metrics

SR = 22050


def sound(seconds=1.0, seed=0):
    t = np.arange(int(SR * seconds)) / SR
    rng = np.random.default_rng(seed)
    tone = np.sin(2 * np.pi * (300 + 200 * t) * t) * np.exp(-((t % 0.25) * 8)) + 0.3 * np.sin(2 * np.pi * 1234 * t)
    return tone + 0.01 * rng.standard_normal(t.size)


@pytest.fixture(scope="module")
def pair():
    y = sound()
    return (0.4 * y + 0.05 * np.random.default_rng(5).standard_normal(y.size))[:-700], y


def twin_pair(pair, n_fft, hop):
    y, ref = pair
    n = min(len(y), len(ref))
    y, ref = y[:n], ref[:n]
    a = np.abs(librosa.stft(y, n_fft=2048, hop_length=256))
    b = np.abs(librosa.stft(ref, n_fft=2048, hop_length=256))
    gain = np.sum(a * b) / np.sum(a * a)
    return tuple(np.abs(librosa.stft(w, n_fft=n_fft, hop_length=hop)) for w in (gain * y, ref))


def test_held_out_sc_equals_librosa_twin(pair):
    a, b = twin_pair(pair, 2048, 256)
    expected = 20 * np.log10(np.linalg.norm(a - b) / np.linalg.norm(b))
    assert metrics.held_out_sc(*pair) == pytest.approx(expected, abs=1e-6)
    y, ref = pair
    assert metrics.held_out_sc(y, ref, SR) == metrics.held_out_sc(y, ref)


def test_log_mel_distance_equals_librosa_twin(pair):
    a, b = twin_pair(pair, 1024, 256)
    bank = librosa.filters.mel(sr=SR, n_fft=1024, n_mels=80)
    a, b = bank @ a**2, bank @ b**2
    floor = b.max() * 1e-8
    d = 10 * np.log10(np.maximum(a, floor)) - 10 * np.log10(np.maximum(b, floor))
    y, ref = pair
    assert metrics.log_mel_distance(y, ref, SR) == pytest.approx(np.sqrt(np.mean(d**2)), abs=1e-5)


def test_log_spectral_distance_equals_librosa_twin(pair):
    a, b = (m**2 for m in twin_pair(pair, 2048, 256))
    floor = b.max() * 1e-8
    d = 10 * np.log10(np.maximum(a, floor)) - 10 * np.log10(np.maximum(b, floor))
    assert metrics.log_spectral_distance(*pair) == pytest.approx(np.sqrt(np.mean(d**2)), abs=1e-6)


@pytest.mark.parametrize(("n_fft", "hop", "win"), [(512, 128, 512), (511, 100, 400)])
def test_own_sc_and_inconsistency_equal_librosa_twins(n_fft, hop, win):
    y = sound(0.5)
    options = {"hop_length": hop, "win_length": win, "n_fft": n_fft}
    S = np.abs(librosa.stft(y, **options))
    X = S * np.exp(2j * np.pi * np.random.default_rng(0).random(S.shape))
    z = librosa.istft(X, **options)
    again = librosa.stft(z, **options)
    m = min(again.shape[1], S.shape[1])
    expected = 20 * np.log10(np.linalg.norm(np.abs(again[:, :m]) - S[:, :m]) / np.linalg.norm(S[:, :m]))
    assert metrics.own_sc(z, S, **options) == pytest.approx(expected, abs=1e-6)
    expected = 20 * np.log10(np.linalg.norm(again[:, :m] - X[:, :m]) / np.linalg.norm(X[:, :m]))
    assert metrics.inconsistency(X, **options) == pytest.approx(expected, abs=1e-6)


def test_stoi_is_pystois(pair):
    pystoi = pytest.importorskip("pystoi")
    y, ref = pair
    assert metrics.stoi(y, ref, SR) == pytest.approx(pystoi.stoi(ref[: len(y)], y, SR), abs=1e-12)


def test_stoi_without_pystoi_names_the_extra(pair, monkeypatch):
    y, ref = pair
    monkeypatch.setitem(sys.modules, "pystoi", None)
    with pytest.raises(MissingExtraError, match=r"fastspec-audio\[bench\]"):
        metrics.stoi(y, ref, SR)


def test_stoi_of_too_little_sound_is_a_clear_error():
    pytest.importorskip("pystoi")
    with pytest.raises(ParameterError, match="too little"):
        metrics.stoi(sound(0.1), sound(0.1), SR)


@pytest.mark.parametrize("gain", [1e-3, -1.0, 7.0, 1e-200, 1e200])
def test_gain_does_not_matter(pair, gain):
    y, ref = pair
    for judge in (metrics.held_out_sc, metrics.log_mel_distance, metrics.log_spectral_distance):
        assert judge(gain * y, ref, SR) == pytest.approx(judge(y, ref, SR), abs=1e-6)


def test_the_same_sound_is_perfect(pair):
    _, y = pair
    assert metrics.held_out_sc(y, y) < -280
    assert metrics.spectral_convergence(y[:, None], y[:, None]) == metrics.PERFECT_DB
    assert metrics.log_mel_distance(y, y, SR) == pytest.approx(0, abs=1e-9)
    # the frame in the middle of a sound that begins and ends in silence is consistent
    quiet = np.concatenate([np.zeros(2048), y, np.zeros(2048)])
    assert metrics.inconsistency(fastspec.stft(quiet, n_fft=1024), n_fft=1024) < -250


def test_silent_recovery_is_judged_and_silent_reference_refused(pair):
    _, y = pair
    silence = np.zeros_like(y)
    assert metrics.held_out_sc(silence, y) == pytest.approx(0)
    assert metrics.log_mel_distance(silence, y, SR) > 10
    assert np.isfinite(metrics.log_spectral_distance(silence, y))
    for judge in (metrics.held_out_sc, metrics.log_mel_distance, metrics.log_spectral_distance):
        with pytest.raises(ParameterError, match="silent"):
            judge(y, silence, SR)
    with pytest.raises(ParameterError, match="peak is 0"):
        metrics.own_sc(y, np.zeros((513, 9)))
    with pytest.raises(ParameterError, match="peak is 0"):
        metrics.inconsistency(np.zeros((513, 9), complex))


@pytest.mark.parametrize(
    ("bad", "words"),
    [(np.array([1.0, np.nan]), "NaN"), (np.zeros((2, 100)), "one channel"), (np.zeros(0), "not empty")],
)
def test_bad_waveforms_are_refused(bad, words):
    with pytest.raises(ParameterError, match=words):
        metrics.held_out_sc(bad, sound(0.2))
    with pytest.raises(ParameterError, match=words):
        metrics.log_mel_distance(sound(0.2), bad, SR)


def test_mismatched_spectra_are_refused():
    with pytest.raises(ParameterError, match=r"\(3, 4\)"):
        metrics.spectral_convergence(np.ones((3, 4)), np.ones((3, 5)))
    with pytest.raises(ParameterError, match="257 bins"):
        metrics.own_sc(sound(0.2), np.ones((257, 5)), n_fft=1024)
