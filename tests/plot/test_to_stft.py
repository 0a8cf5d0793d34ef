"""Amplitudes of a picture's cells and STFT magnitudes: banks, missing bins, one-sided powers, channels."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from fastspec.calibration.complete import Complete
from fastspec.errors import CalibrationError
from fastspec.plot import to_stft
from fastspec.plot.layout import layout
from fastspec.transform.mel import MelBank, log_to_stft, mel_to_stft

FACTS = {
    "cmap": "magma",
    "freq_scale": "linear",
    "freq_edges": "cells",
    "sr": 8000,
    "n_fft": 512,
    "hop_length": 128,
    "n_frames": 7,
    "duration": 0.1,
}
RNG = np.random.default_rng(4)


def facts(**changed):
    return Complete.of({**FACTS, **changed})


def recovered(cells, **changed):
    """The magnitude of one channel's cells, one pixel each."""
    known = facts(**changed)
    return to_stft.stft_magnitudes([cells], layout(known, 7, 300), known)


def test_bins_are_themselves_times_the_reference():
    cells = RNG.random((7, 257), np.float32)
    assert recovered(cells) is cells
    np.testing.assert_array_equal(recovered(cells, ref=2.0), 2 * cells)


def test_a_highest_bin_that_was_not_drawn_is_silent():
    cells = RNG.random((7, 256), np.float32)
    found = recovered(cells, n_bins=256)
    np.testing.assert_array_equal(found[:, :256], cells)
    assert not found[:, 256].any()


def test_one_sided_powers_double_all_bins_but_the_outermost():
    cells = RNG.random((7, 257), np.float32)
    found = recovered(cells.copy(), one_sided=True)
    np.testing.assert_array_equal(found[:, 1:-1], cells[:, 1:-1])
    np.testing.assert_allclose(found[:, [0, -1]], cells[:, [0, -1]] * 2**0.5, rtol=1e-6)


@pytest.mark.parametrize(("power", "norm", "htk"), [(2.0, "slaney", False), (1.0, "none", True)])
def test_bands_go_back_through_their_own_bank(power, norm, htk):
    bands = RNG.random((7, 30), np.float32) + 0.1
    bank = {"mel_power": power, "mel_norm": norm, "mel_htk": htk, "fmin": 100.0, "fmax": 3000.0}
    found = recovered(bands, freq_scale="mel", n_mels=30, **bank)
    made = MelBank(8000, 512, 30, 100.0, 3000.0, htk, None if norm == "none" else "slaney")
    expected = mel_to_stft(bands**power, made, power=power)
    np.testing.assert_array_equal(found, expected)


def test_bands_above_the_rate_are_made_and_cut_off():
    bands = RNG.random((7, 30), np.float32)
    found = recovered(bands, freq_scale="mel", n_mels=30, fmax=10_000.0)  # 2.5 times the highest frequency there is
    assert found.shape == (7, 257)
    bank = MelBank(24_000, 1536, 30, fmax=10_000.0)
    # products of matrices of other shapes may be summed in another order
    np.testing.assert_allclose(found, mel_to_stft(bands**2, bank)[:, :257], rtol=4e-6)


def test_constant_q_bins_are_spread_over_the_bins_around_them():
    cells = RNG.random((7, 24), np.float32)
    known = facts(freq_scale="cqt", freq_edges="librosa>=0.9", n_bins=24, fmin=100.0)
    plan = layout(known, 7, 300)
    np.testing.assert_array_equal(
        to_stft.stft_magnitudes([cells], plan, known), log_to_stft(cells, plan.frequencies, sr=8000, n_fft=512)
    )


def test_spans_of_time_become_frames():
    cells = np.repeat(np.float32([[1.0], [3.0]]), 257, axis=1)
    known = facts(columns="spans", time_extent=(0.0, 0.1))
    found = to_stft.stft_magnitudes([cells], layout(known, 2, 257), known)
    assert found.shape == (7, 257)
    assert (np.diff(found[:, 5]) >= 0).all()
    assert (found.min(), found.max()) == (1, 3)


def test_channels_are_stacked():
    cells = RNG.random((2, 7, 257), np.float32)
    known = facts(channels=2)
    np.testing.assert_array_equal(to_stft.stft_magnitudes(list(cells), layout(known, 7, 257), known), cells)


def test_what_is_drawn_is_librosas(short):
    y, sr = short
    drawn = facts(sr=sr)
    magnitude = to_stft.magnitude_of(y, drawn)
    np.testing.assert_allclose(magnitude, np.abs(librosa.stft(y, n_fft=512, hop_length=128)).T, atol=1e-4)
    assert to_stft.cells_of(magnitude, drawn) == (magnitude, False)
    bands, is_power = to_stft.cells_of(magnitude, facts(sr=sr, freq_scale="mel", n_mels=40))
    assert is_power
    expected = librosa.feature.melspectrogram(y=y, sr=sr, n_fft=512, hop_length=128, n_mels=40).T
    np.testing.assert_allclose(bands, expected, rtol=1e-3, atol=1e-6)


def test_frames_that_overlap_are_retrieved_as_they_are():
    magnitude = RNG.random((7, 257), np.float32)
    found, options = to_stft.retrievable(magnitude, facts())
    assert found is magnitude
    assert options == facts().transform_options()


@pytest.mark.parametrize("channels", [(), (2,)])
def test_frames_that_hardly_overlap_are_interpolated(channels):
    sparse = facts(hop_length=480, duration=0.4, n_frames=7)
    magnitude = RNG.random((*channels, 7, 257), np.float32)
    found, options = to_stft.retrievable(magnitude, sparse)
    assert options == {**sparse.transform_options(), "hop_length": 120}
    assert found.shape == (*channels, 1 + round(0.4 * 8000) // 120, 257)
    np.testing.assert_allclose(found[..., ::4, :], magnitude, rtol=1e-5)
    middle = (0.5 * np.sqrt(magnitude[..., 2, :]) + 0.5 * np.sqrt(magnitude[..., 3, :])) ** 2
    np.testing.assert_allclose(found[..., 10, :], middle, rtol=1e-5)


def test_spans_of_time_are_read_on_finer_frames():
    spans = facts(columns="spans", time_extent=(0.0, 0.4), hop_length=480, duration=0.4, n_frames=7)
    cells = RNG.random((50, 257), np.float32)
    read = to_stft.stft_magnitudes([cells], layout(spans, 50, 257), spans)
    found, options = to_stft.retrievable(read, spans)
    assert found is read
    assert options["hop_length"] == 120
    assert found.shape[0] == 1 + round(0.4 * 8000) // 120


@pytest.mark.parametrize("power", [1.0, 2.0, 1.5])
def test_amplitudes_of_bands_are_roots_of_their_powers(power):
    magnitude = RNG.random((7, 257), np.float32)
    known = facts(freq_scale="mel", n_mels=30, mel_power=power, fmin=50.0, fmax=3000.0, mel_htk=True)
    weights = librosa.filters.mel(sr=8000, n_fft=512, n_mels=30, fmin=50.0, fmax=3000.0, htk=True)
    found = to_stft.amplitudes_of(magnitude, known)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, (magnitude.astype(float) ** power @ weights.T) ** (1 / power), rtol=1e-4)
    np.testing.assert_allclose(to_stft.bank_weights(known), weights, atol=1e-7)


def test_amplitudes_of_bins_are_themselves_and_one_sided_ones_are_halved_back():
    magnitude = RNG.random((7, 257), np.float32)
    before = magnitude.copy()
    assert to_stft.amplitudes_of(magnitude, facts()) is magnitude
    found = to_stft.amplitudes_of(magnitude, facts(one_sided=True))
    np.testing.assert_array_equal(found[:, 1:-1], before[:, 1:-1])
    np.testing.assert_allclose(found[:, [0, -1]], before[:, [0, -1]] / 2**0.5, rtol=1e-6)
    np.testing.assert_array_equal(magnitude, before)


def test_amplitudes_of_constant_q_cells_are_refused():
    with pytest.raises(CalibrationError, match="freq_scale='cqt_note': what constant-Q cells a sound gives is not"):
        to_stft.amplitudes_of(np.ones((7, 257), np.float32), facts(freq_scale="cqt_note"))
