"""Defaults and limits of drawing, on both sides of each."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.encoder import Encoder
from fastspec.errors import AudioError, CalibrationError, ParameterError

SR = 8000


def clicks(samples=4000):
    """A sound from full scale to silence: every range of decibels is filled."""
    y = np.zeros(samples, np.float32)
    y[1024] = 1.0  # in the middle of a frame
    return y


@pytest.mark.parametrize(("bits", "top_db", "lowest"), [(8, None, -80), (16, None, -120), (8, 40, -40), (16, 95, -95)])
def test_the_range_is_what_the_bits_hold_or_what_is_wished(bits, top_db, lowest):
    picture = Encoder(n_fft=256, bits=bits, top_db=top_db).encode(clicks(), SR)
    lo, hi = fastspec.inspect(picture)["db_range"]
    assert (lo, hi) == pytest.approx((lowest, 0.0), abs=1e-3)


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        ({}, {"n_fft": 2048, "win_length": 2048, "hop_length": 512, "cmap": "magma", "freq_scale": "linear"}),
        ({"bits": 16}, {"cmap": "gray"}),
        ({"n_fft": 1024}, {"win_length": 1024, "hop_length": 256}),
        ({"n_fft": 1024, "win_length": 400}, {"win_length": 400, "hop_length": 100}),
        ({"n_fft": 8, "win_length": 3}, {"hop_length": 1}),
        ({"freq_scale": "mel"}, {"n_mels": 128, "profile": "librosa"}),
        ({"freq_scale": "mel", "n_mels": 40}, {"n_mels": 40}),
        ({"size": (64, 48)}, {"profile": "librosa"}),
        ({"freq_scale": "log"}, {"profile": "librosa"}),
        ({"profile": "librosa-0.8"}, {"profile": "librosa-0.8"}),
        ({"center": False}, {"center": False, "profile": "fastspec"}),
    ],
)
def test_what_is_not_said_is_librosas(options, facts):
    found = Encoder(**options).facts
    assert {name: found[name] for name in facts} == facts
    assert ("n_mels" in found) == (options.get("freq_scale") == "mel")


@pytest.mark.parametrize("sign", [1, -1])
def test_the_loudest_sound_that_is_drawn(sign):
    fastspec.encode(sign * np.float64(9e8) * clicks(), SR, n_fft=256)
    for factor, said in ((2e9, r"2e\+09"), (1e12, r"1e\+12"), (2e12, r"2e\+12")):
        with pytest.raises(AudioError, match=f"samples of {said}, .*; scale it to 1"):
            fastspec.encode(sign * np.float64(factor) * clicks(), SR, n_fft=256)


def test_a_sound_of_just_the_longest_is_drawn():
    encoder = Encoder(n_fft=256, max_seconds=0.5)
    assert encoder.encode(clicks(4000), SR).width == 63
    with pytest.raises(CalibrationError, match="max_seconds"):
        encoder.encode(clicks(4001), SR)


@pytest.mark.parametrize(
    ("size", "fits"), [((1, 1), True), ((30_000, 30_000), True), ((30_001, 9), False), ((9, 0), False)]
)
def test_the_smallest_and_the_largest_picture(size, fits):
    if fits:
        assert Encoder(size=size).size == size
        return
    with pytest.raises(ParameterError, match="size="):
        Encoder(size=size)


def test_channels_are_averaged_and_that_is_said():
    left, right = clicks(), np.roll(clicks(), 500)
    encoder = Encoder(n_fft=256)
    both = encoder.encode(np.stack([left, right]), SR)
    assert np.array_equal(both.pixels, encoder.encode((left + right) / 2, SR).pixels)
    assert encoder.remarks(np.stack([left, right])) == ("2 channels are averaged into one picture",)
    assert encoder.remarks(left) == encoder.remarks(left[None]) == ()
    assert np.array_equal(encoder.encode(left[None], SR).pixels, encoder.encode(left, SR).pixels)


def test_small_maps_are_palettes_and_ramps_are_not():
    for options in ({}, {"cmap": "gray"}, {"cmap": "jet"}):
        picture = Encoder(n_fft=256, **options).encode(clicks(), SR)
        assert picture.palette is not None
        assert (picture.pixels.ndim, picture.pixels.dtype) == (2, np.uint8)
    deep = Encoder(n_fft=256, bits=16).encode(clicks(), SR)
    assert (deep.palette, deep.pixels.dtype) == (None, np.uint16)


def test_frames_and_reference_are_carried():
    cal = fastspec.inspect(Encoder(n_fft=256, hop_length=64).encode(0.5 * clicks(), SR))
    assert (cal["n_frames"], cal["duration"], cal["sr"]) == (63, 0.5, SR)
    assert cal["ref"] == pytest.approx(0.5, rel=0.01)  # the click within the window's middle
    assert "ref" not in fastspec.inspect(Encoder(n_fft=256).encode(np.zeros(4000), SR))


def test_a_sound_of_one_value_has_a_range(short):
    picture = Encoder(n_fft=256, db_range=(-60, -10)).encode(np.zeros(4000), SR)
    assert fastspec.inspect(picture)["db_range"] == (-60, -10)
    assert len(np.unique(picture.pixels)) == 1


def test_the_widest_range_that_is_taken():
    assert fastspec.Encoder(top_db=1000).top_db == 1000
    for wrong in (1000.5, 0, -1, "60"):
        with pytest.raises(ParameterError, match=r"top_db=.* is not a number of decibels above 0 and up to 1000"):
            fastspec.Encoder(top_db=wrong)
