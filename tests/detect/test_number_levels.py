"""Arrays of decibels decode as they are; of other levels it is said what is assumed."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec


@pytest.fixture(scope="module")
def amplitudes(speech):
    import librosa

    return np.abs(librosa.stft(speech[0], n_fft=512, hop_length=128))


@pytest.fixture
def saved(tmp_path):
    def save(values):
        np.save(tmp_path / "levels.npy", values.astype(np.float32))
        return tmp_path / "levels.npy"

    return save


def test_decibels_are_used_as_they_are(amplitudes, saved, speech):
    decibels = 20 * np.log10(np.maximum(amplitudes, 1e-4))
    path = saved(decibels)
    found = fastspec.inspect(path)
    assert found["db_range"] == pytest.approx((decibels.min(), decibels.max()), abs=1e-3)
    assert found.source("level_kind") == "pixels"
    assert (found["n_fft"], found["n_frames"]) == (512, amplitudes.shape[1])
    assert (found["origin"], found["cmap"]) == ("lower", "gray")
    read = fastspec.Decoder(sr=speech[1], hop_length=128).read(path)
    loud = amplitudes > 0.01 * amplitudes.max()
    ratio = read.magnitude.T[loud] / amplitudes[loud]
    np.testing.assert_allclose(ratio / np.median(ratio), 1, atol=2e-3)


def test_row_0_is_the_lowest_bin_unless_origin_says_otherwise(amplitudes, saved, speech):
    decibels = 20 * np.log10(np.maximum(amplitudes, 1e-4))
    facts = {"sr": speech[1], "hop_length": 128}
    upright = fastspec.Decoder(**facts).read(saved(decibels)).magnitude
    turned = fastspec.Decoder(**facts, origin="upper").read(saved(decibels[::-1])).magnitude
    np.testing.assert_allclose(upright, turned, rtol=1e-3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda a: np.log(np.maximum(a, 1e-8)), "natural logarithms"),
        (lambda a: a / a.max(), "--level-kind"),
        (lambda a: (a > 0.1) * 1.0 + np.linspace(0, 1, a.shape[1]), "probably no decibels"),
    ],
)
def test_other_levels_are_assumed_and_said(amplitudes, saved, change, said):
    found = fastspec.inspect(saved(change(amplitudes)))
    assert found.source("db_range") == "assumed"
    assert found.source("level_kind") == "assumed"
    assert any(said in remark for remark in found.remarks)


def test_bands_are_given_as_of_a_picture_of_them(amplitudes, saved, speech):
    found = fastspec.inspect(saved(20 * np.log10(amplitudes[:40] + 1e-4)), freq_scale="mel", sr=speech[1])
    assert found["n_mels"] == 40
