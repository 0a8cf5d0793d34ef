"""specshow of librosa 1.0 draws the axes of 0.11, under more names; vscale draws fastspec's decibels."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

import fastspec
from fastspec.colours.levels import amplitude_to_db, power_to_db
from tests.librosa1.needs import NEEDS_LIBROSA_1
from tests.librosa1.pictures import bare

pytestmark = NEEDS_LIBROSA_1

SAME = [
    ("log_oct3", "log", 257),
    ("fft_note", "log", 257),
    ("oct3", "linear", 257),  # its manual says logarithmic; it is drawn linear
    ("mel_oct3", "mel", 60),
    ("cqt_oct3", "cqt_hz", 72),
    ("cqt_note", "cqt_hz", 72),
    ("vqt_oct3", "cqt_hz", 72),
    ("vqt_hz", "cqt_hz", 72),
]


@pytest.mark.parametrize(("new", "known", "bins"), SAME)
def test_an_axis_of_another_name_is_drawn_as_the_known_one(new, known, bins):
    data = np.random.default_rng(bins).random((bins, 90))
    options = {"intervals": "equal"} if new.startswith("vqt") else {}
    np.testing.assert_array_equal(bare(data, 16000, new, **options), bare(data, 16000, known))


@pytest.mark.parametrize(
    ("vscale", "decibels"),
    [
        ("dBFS", lambda S: amplitude_to_db(S, ref=np.max)),
        ("dBFS[power]", lambda S: power_to_db(S, ref=np.max)),
        ("dB", amplitude_to_db),
        ("dB[power]", power_to_db),
        ("dB[0.1]", lambda S: amplitude_to_db(S, ref=0.1)),
        ("dB[power,2]", lambda S: power_to_db(S, ref=2.0)),
    ],
)
def test_vscale_is_decibels_in_magma(short, vscale, decibels):
    y, sr = short
    S = np.abs(librosa.stft(y, n_fft=512, hop_length=200))
    drawn = bare(decibels(S), sr, "linear", cmap="magma")
    np.testing.assert_array_equal(bare(S, sr, "linear", vscale=vscale), drawn)


@pytest.mark.parametrize("freq_scale", ["log", "mel", "linear"])
def test_encode_draws_what_specshow_draws(short, freq_scale):
    y, sr = short
    S = np.abs(librosa.stft(y, n_fft=512, hop_length=200))
    if freq_scale == "mel":
        S = librosa.feature.melspectrogram(S=S**2, sr=sr, n_mels=60)
    vscale = "dBFS[power]" if freq_scale == "mel" else "dBFS"
    shape = {"n_fft": 512, "hop_length": 200, "freq_scale": freq_scale, "cmap": "magma", "size": (333, 240)}
    more = {"n_mels": 60} if freq_scale == "mel" else {}
    ours = fastspec.encode(y, sr, **shape, **more)
    differ = (np.asarray(ours.rgb()) != bare(S, sr, freq_scale, vscale=vscale)).any(axis=2).mean()
    assert differ < 1e-4  # a level on the border of two colours
