"""Figures of librosa 1.0 with colour bars of colorbar_db are read as those of 0.11 are."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

import fastspec
from tests.librosa1.needs import NEEDS_LIBROSA_1
from tests.librosa1.pictures import HOP, figure

pytestmark = NEEDS_LIBROSA_1

SURE = 0.9  # above which no fact may be false
STFT = {"linear": "linear", "log": "log", "log_oct3": "log", "mel": "mel", "mel_oct3": "mel"}


@pytest.fixture(scope="module", params=[16000, 22050])
def sound(request, speech):
    """Three seconds of speech."""
    y, sr = speech
    return librosa.resample(y[: 3 * sr], orig_sr=sr, target_sr=request.param), request.param


def read(path):
    cal = fastspec.inspect(path)
    assert not cal.picture.get("doubt"), cal.picture
    return cal


@pytest.mark.parametrize("y_axis", STFT)
def test_axes_of_an_stft(tmp_path, sound, y_axis):
    y, sr = sound
    S = np.abs(librosa.stft(y, n_fft=1024, hop_length=HOP))
    options = {"vscale": "dBFS"}
    if y_axis.startswith("mel"):
        S = librosa.feature.melspectrogram(S=S**2, sr=sr, n_mels=64)
        options = {"vscale": "dBFS[power]"}
    cal = read(figure(tmp_path / "figure.png", S, sr, y_axis, **options))
    truth = {"freq_scale": STFT[y_axis], "sr": sr, "cmap": "magma", "db_range": (-80.0, 0.0)}
    assert {name: cal[name] for name in truth} == truth
    # a mel bank may end below half the rate, so that 8 kHz says less of a rate
    assert all(cal.facts[name].confidence >= (0.5 if name == "sr" else 0.8) for name in truth)
    assert cal["duration"] == pytest.approx(y.size / sr, abs=HOP / sr)
    assert cal["n_mels" if y_axis.startswith("mel") else "n_fft"] == (64 if y_axis.startswith("mel") else 1024)
    assert not any("not understood" in remark for remark in cal.remarks)


@pytest.mark.parametrize("y_axis", ["cqt_hz", "cqt_oct3", "vqt_oct3"])
def test_axes_in_octaves(tmp_path, sound, y_axis):
    y, sr = sound
    C = np.abs(librosa.cqt(y, sr=sr, hop_length=256, n_bins=72))
    cal = read(figure(tmp_path / "figure.png", C, sr, y_axis, vscale="dBFS", intervals="equal"))
    assert (cal["freq_scale"], cal["n_bins"], cal["db_range"]) == ("cqt", 72, (-80.0, 0.0))
    assert not any("not understood" in remark for remark in cal.remarks)


def test_the_linear_axis_with_thirds_of_octaves_is_not_said_to_be_logarithmic(tmp_path, sound):
    y, sr = sound
    S = np.abs(librosa.stft(y, n_fft=1024, hop_length=HOP))
    cal = read(figure(tmp_path / "figure.png", S, sr, "oct3", vscale="dBFS"))
    assert cal["freq_scale"] == "linear" or cal.facts["freq_scale"].confidence <= SURE


@pytest.mark.parametrize(("vscale", "reference"), [("dB", 1.0), ("dB[0.1]", 0.1), ("dB[power]", 1.0)])
def test_decibels_of_a_fixed_reference_are_those_of_the_bar(tmp_path, sound, vscale, reference):
    y, sr = sound
    S = np.abs(librosa.stft(y, n_fft=1024, hop_length=HOP))
    values = S**2 if "power" in vscale else S
    peak = 20 * np.log10(S.max() / reference)
    cal = read(figure(tmp_path / "figure.png", values, sr, "log", vscale=vscale))
    assert cal["db_range"] == pytest.approx((peak - 80, peak), abs=0.6)
    assert cal.facts["db_range"].confidence >= 0.8


@pytest.mark.parametrize("gain", [1.0, 4.0, 15.0])
def test_coolwarm_has_zero_in_its_middle(tmp_path, sound, gain):
    """Without vscale, 1.0 draws levels on both sides of 0 dB with a TwoSlopeNorm."""
    y, sr = sound
    S = librosa.amplitude_to_db(gain * np.abs(librosa.stft(y, n_fft=1024, hop_length=HOP)))
    path = figure(tmp_path / "figure.png", S, sr, "log")
    cal = read(path)
    assert (cal["cmap"], cal["db_center"]) == ("coolwarm", 0.0)
    assert cal["db_range"] == pytest.approx((S.min(), S.max()), abs=0.8)
    assert cal.facts["db_range"].confidence >= 0.8
    shown = fastspec.Decoder(hop_length=HOP).read(path).magnitude.T
    level = 20 * np.log10(shown / shown.max())
    assert level.shape == S.shape
    loud = S.max() - 50 < S
    assert np.median(np.abs(level - (S - S.max()))[loud]) < 0.7  # half a pixel of the bar at either end


@pytest.mark.parametrize("bar", [True, False])
@pytest.mark.parametrize("vscale", ["phase", "dphase"])
def test_phases_are_refused(tmp_path, sound, vscale, bar):
    y, sr = sound
    D = librosa.stft(y, n_fft=1024, hop_length=HOP)
    cal = fastspec.inspect(figure(tmp_path / "figure.png", D, sr, "log", vscale=vscale, bar=bar))
    assert "phase" in cal.picture["doubt"]
