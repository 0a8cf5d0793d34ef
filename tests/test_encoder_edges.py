"""Defaults and limits of drawing, on both sides of each."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.encoder import Encoder, _is_size
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
        ({"n_fft": 1024, "win_length": 403}, {"hop_length": 100}),
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


@pytest.mark.parametrize(
    ("size", "yes"),
    [
        ((1, 30_000), True), ([9, 9], True), ((np.int64(9), 9), True), ((9,), False), ((9, 9, 9), False),
        ((0, 9), False), ((9, 30_001), False), ((9.0, 9), False), ("99", False), (7, False), (None, False),
    ],
)  # fmt: skip
def test_a_size_is_two_whole_numbers(size, yes):
    assert _is_size(size) is yes


@pytest.mark.parametrize("top_db", [0.5, 1, 1000])
def test_any_positive_number_of_decibels_up_to_1000_is_taken(top_db):
    assert Encoder(top_db=top_db).top_db == top_db
    assert Encoder(profile="sox", top_db=top_db).top_db == top_db


def test_what_tools_take_and_what_they_do_not():
    assert Encoder(profile="sox").top_db == Encoder(profile="spek").top_db == 120
    for wrong in (0, 1000.5):
        with pytest.raises(ParameterError, match=f"top_db={wrong}"):
            Encoder(profile="sox", top_db=wrong)
    with pytest.raises(ParameterError, match=r"top_db=60: profile='sox' takes 1 to 1000 decibels, the others none"):
        Encoder(profile="riffusion", top_db=60)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"freq_scale": "cqt", "n_mels": 3}, "n_mels, fmin and fmax belong to a mel axis, not to freq_scale='cqt'"),
        ({"freq_scale": "cqt"}, "a cqt picture can be decoded but not drawn; use freq_scale log, mel or linear"),
        ({"fmin": 0.0}, "n_mels, fmin and fmax belong to a mel axis, not to freq_scale='linear'"),
        ({"fmax": 9.0, "freq_scale": "log"}, "n_mels, fmin and fmax belong to a mel axis, not to freq_scale='log'"),
        ({"bits": 12}, "bits=12; a picture has 8 or 16 bits a level"),
        ({"size": (0, 9)}, r"size=\(0, 9\); give width and height from 1 to 30000 pixels"),
        ({"profile": "ffmpeg"}, "pictures of profile='ffmpeg' can be decoded but not drawn; use fastspec, librosa, "),
        ({"bits": 16, "cmap": "magma"}, "16"),
    ],
)
def test_each_refusal_says_its_own_reason(options, said):
    with pytest.raises((ParameterError, CalibrationError), match=said):
        Encoder(**options)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_tool_draws_sounds_as_loud_as_float32_can_square(sign):
    tool = Encoder(profile="sox", n_fft=64)
    wave = np.zeros(600)
    wave[300] = sign * 1e12
    tool.encode(wave, SR)
    wave[300] = sign * 1.1e12
    with pytest.raises(AudioError, match=r"samples of 1.1e\+12"):
        tool.encode(wave, SR)


def test_a_tool_gets_the_sound_at_its_own_rate_and_with_its_own_channels():
    asked = []

    class Drawing:
        sr, most_channels, channel_layout = 16000, 2, "stacked"

        def draw(self, wave, cal, **how):
            asked.append((wave, cal, how))
            return "picture"

        def remarks(self, wave, sr):
            return (f"{wave.shape} at {sr}",)

    tool = Encoder(n_fft=64, max_seconds=9, size=(30, 20), top_db=70)
    tool.drawing = Drawing()
    wave = np.sin(np.arange(800) * 0.3)
    for given, sr in ((wave, 16000), (np.stack([wave, -wave]), 16000), (wave, 8000), (np.stack([wave] * 3), 16000)):
        assert tool.encode(given, sr) == "picture"
    alone, both, _, three = asked
    np.testing.assert_array_equal(alone[0], wave[None].astype(np.float32))
    np.testing.assert_array_equal(both[0], np.stack([wave, -wave]).astype(np.float32))
    np.testing.assert_allclose(three[0][0], wave, atol=1e-6)
    assert [each[0].shape for each in asked] == [(1, 800), (2, 800), (1, 1600), (1, 800)]
    assert [(each[1]["sr"], each[1]["duration"]) for each in asked] == [
        (16000, 0.05),
        (16000, 0.05),
        (16000, 0.1),
        (16000, 0.05),
    ]
    assert all(each[0].dtype == np.float32 for each in asked)
    assert (both[1]["channels"], both[1]["channel_layout"]) == (2, "stacked")
    assert "channels" not in alone[1]
    assert all(each[2] == {"size": (30, 20), "max_seconds": 9, "top_db": 70} for each in asked)
    assert tool.remarks(np.stack([wave] * 3), 8000) == (
        "3 channels are averaged into one picture", "(3, 800) at 8000",
    )  # fmt: skip
    assert tool.remarks(np.stack([wave] * 2), 8000) == ("(2, 800) at 8000",)


def test_silence_is_remarked_and_drawn_over_the_range_that_was_wished():
    encoder = Encoder(n_fft=256)
    assert encoder.remarks(np.zeros(9)) == ("the sound is silence: the picture has one colour",)
    silent = encoder.encode(np.zeros(4000), SR)
    assert fastspec.inspect(silent)["db_range"] == (-80.0, 0.0)
    assert set(silent.pixels.ravel().tolist()) == {0}
    assert fastspec.inspect(Encoder(n_fft=256, top_db=50).encode(np.zeros(4000), SR))["db_range"] == (-50.0, 0.0)


def test_a_sound_of_one_level_everywhere_is_drawn_as_the_loudest_colour():
    """One frame of one bin a side: both cells have the same level."""
    wave = np.zeros(2)
    wave[0] = 1.0
    picture = Encoder(n_fft=2, hop_length=2, window="boxcar", center=False).encode(wave, SR)
    assert fastspec.inspect(picture)["db_range"] == (-80.0, 0.0)
    assert set(picture.pixels.ravel().tolist()) == {255}


@pytest.mark.parametrize(("freq_scale", "top_db"), [("linear", 80), ("linear", 100), ("mel", 80), ("mel", 110)])
def test_levels_are_librosas_decibels_down_to_the_lowest_that_are_shown(freq_scale, top_db):
    import librosa

    wave = (np.random.default_rng(1).standard_normal(4000) * np.geomspace(1, 1e-7, 4000)).astype(np.float32)
    how = {"n_mels": 16} if freq_scale == "mel" else {}
    picture = Encoder(n_fft=256, freq_scale=freq_scale, top_db=top_db, bits=16, size=(63, 129), **how).encode(wave, SR)
    spectrum = np.abs(librosa.stft(wave, n_fft=256))
    floor = 10 ** ((80 - top_db) / 10)
    if freq_scale == "mel":
        power = librosa.feature.melspectrogram(S=spectrum**2, sr=SR, n_mels=16)
        wanted = librosa.power_to_db(power, ref=np.max, amin=1e-10 * floor, top_db=top_db)
    else:
        wanted = librosa.amplitude_to_db(spectrum, ref=np.max, amin=1e-5 * floor, top_db=top_db)
    assert fastspec.inspect(picture)["db_range"] == pytest.approx((wanted.min(), 0.0), abs=1e-3)


def test_frames_without_the_centre_are_fewer():
    for center, frames in ((True, 63), (False, 59)):
        picture = Encoder(n_fft=256, center=center).encode(clicks(), SR)
        assert (picture.width, fastspec.inspect(picture)["n_frames"]) == (frames, frames)
    short = Encoder(n_fft=256, max_seconds=1.0)
    short.encode(clicks(8000), SR)


def test_only_own_pictures_of_a_pixel_a_cell_carry_a_mark(monkeypatch):
    from fastspec.plot import mark

    asked = []

    def drawn(levels, position, text, cmap):
        asked.append((text, cmap))
        return levels

    monkeypatch.setattr(mark, "drawn", drawn)
    wave = clicks()
    picture = Encoder(n_fft=256, cmap="viridis").encode(wave, SR)
    assert asked == [(picture.embedded, "viridis")]
    for options in ({"size": (63, 129)}, {"profile": "librosa"}, {"freq_scale": "log"}):
        Encoder(n_fft=256, **options).encode(wave, SR)
    Encoder(n_fft=256).encode(0 * wave, SR)
    assert len(asked) == 1
    Encoder(n_fft=256, profile="fastspec").encode(wave, SR)
    assert len(asked) == 2


@pytest.mark.parametrize("freq_scale", ["linear", "mel"])
def test_the_reference_is_the_amplitude_of_the_loudest_cell(freq_scale):
    import librosa

    wave = np.random.default_rng(1).standard_normal(4000).astype(np.float32)
    picture = Encoder(n_fft=256, freq_scale=freq_scale).encode(wave, SR)
    magnitude = np.abs(librosa.stft(wave, n_fft=256))
    if freq_scale == "mel":  # the root of a power
        magnitude = librosa.feature.melspectrogram(S=magnitude**2, sr=SR, n_mels=128) ** 0.5
    assert fastspec.inspect(picture)["ref"] == pytest.approx(magnitude.max(), rel=1e-4)
