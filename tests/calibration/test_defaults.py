"""What is assumed where nothing is told: librosa's own defaults, which never replace what is known."""

from __future__ import annotations

import inspect

import librosa
import pytest

from fastspec.calibration import defaults
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, NEEDED, Fact


def assumed(**given):
    return defaults.assumed(Calibration.of("given", **given))


def librosas(function, name):
    return inspect.signature(function).parameters[name].default


def test_they_are_librosas():
    cal = assumed()
    assert cal["sr"] == librosas(librosa.load, "sr")
    assert cal["n_fft"] == librosas(librosa.stft, "n_fft")
    assert cal["window"] == librosas(librosa.stft, "window")
    assert cal["db_range"] == (-librosas(librosa.amplitude_to_db, "top_db"), 0)
    mel = assumed(freq_scale="mel")
    assert mel["n_mels"] == librosas(librosa.filters.mel, "n_mels")
    assert mel["fmin"] == librosas(librosa.filters.mel, "fmin")
    assert mel["mel_norm"] == librosas(librosa.filters.mel, "norm")
    cqt = assumed(freq_scale="cqt")
    assert cqt["n_bins"] == librosas(librosa.cqt, "n_bins")
    assert cqt["fmin"] == pytest.approx(librosa.note_to_hz("C1"))


def test_all_that_is_needed_is_there_but_for_time():
    cal = assumed()
    assert set(NEEDED) - cal.keys() == {"n_frames", "duration"}
    assert {cal.source(name) for name in cal} == {"assumed"}
    assert defaults.ASSUMED.keys() <= FACTS.keys()


def test_what_is_known_stays():
    known = Calibration({"sr": Fact(8000, "pixels", 0.9), "cmap": Fact("gray", "embedded")})
    cal = defaults.assumed(known)
    assert {name: cal.facts[name] for name in known} == known.facts
    assert defaults.assumed(cal).facts == cal.facts


def test_the_window_is_the_whole_transform_and_the_hop_a_quarter_where_512_is_too_long():
    assert assumed(n_fft=1024)["win_length"] == 1024
    assert [assumed(n_fft=n)["hop_length"] for n in (2048, 1024, 512, 256, 2)] == [512, 512, 128, 64, 1]
    assert assumed(n_fft=256, hop_length=512)["hop_length"] == 512
    assert assumed(n_fft=2048, win_length=400)["hop_length"] == 100


def test_bins_on_a_mel_axis_have_no_bank():
    assert "n_mels" not in assumed(freq_scale="mel", freq_edges="audacity")
