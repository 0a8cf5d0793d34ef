"""Both ways along the road: what is drawn, what comes back, and what carries over."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest

import fastspec
from fastspec import decoder
from fastspec.calibration import complete
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap, levels
from fastspec.decoder import Decoder
from fastspec.encoder import Encoder
from fastspec.errors import CalibrationError, ParameterError, PictureError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from tests.specshow import specshow


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tiff"])
def test_what_encode_draws_decode_reads_without_an_option(short, tmp_path, suffix):
    y, sr = short
    path = tmp_path / f"speech{suffix}"
    picture_files.write(fastspec.encode(y, sr, n_fft=1024, hop_length=256), path)
    back, rate = fastspec.decode(path)
    assert rate == sr
    assert back.shape == y.shape
    assert back.dtype == np.float32
    assert metrics.held_out_sc(back, y, sr) < -12
    report = fastspec.inspect(path).report()
    for fact in ("sr", "n_fft", "hop_length", "duration", "cmap", "db_range", "freq_scale", "n_frames"):
        assert report["facts"][fact]["source"] == "embedded"
    assert report["missing"] == []


@pytest.mark.parametrize("bits", [8, 16])
def test_cells_come_back_to_half_a_level(short, bits):
    y, sr = short
    encoder = Encoder(n_fft=1024, hop_length=256, bits=bits)
    picture = encoder.encode(y, sr)
    decoded = Decoder().read(picture)
    true = np.abs(fastspec.stft(y, n_fft=1024, hop_length=256)).T
    lo, hi = decoded.calibration["db_range"]
    floor = true.max() * 10 ** (lo / 20)
    drawn = true > floor * 1.05
    error = 20 * np.log10(decoded.magnitude[drawn] / true[drawn])
    half = (hi - lo) / 2**bits / 2 * 1.01 + 1e-3
    assert np.mean(np.abs(error) > half) < 0.13  # what `plot.mark` moved by a level
    assert np.abs(error).max() <= 3 * half


def test_the_absolute_level_survives_the_round_trip(short):
    y, sr = short
    quiet = 0.01 * y
    back, _ = fastspec.decode(fastspec.encode(quiet, sr, n_fft=1024, hop_length=256))
    assert np.sqrt(np.mean(back**2)) == pytest.approx(np.sqrt(np.mean(quiet**2)), rel=0.05)


@pytest.mark.parametrize("options", [{"freq_scale": "mel"}, {"freq_scale": "log"}, {"size": (400, 700)}])
def test_every_scale_comes_back_as_speech(short, options):
    y, sr = short
    back, _ = fastspec.decode(fastspec.encode(y, sr, n_fft=1024, hop_length=256, **options))
    assert back.shape == y.shape
    assert metrics.log_mel_distance(back, y, sr) < 6.0


@pytest.mark.parametrize("edges", ["librosa>=0.9", "librosa<0.9"])
def test_a_cqt_picture_is_read_and_decoded(short, edges):
    import librosa

    y, sr = short
    cells = librosa.amplitude_to_db(np.abs(librosa.cqt(y, sr=sr)), ref=np.max)
    if edges == "librosa>=0.9":
        pixels = specshow(cells, sr, (640, 480), y_axis="cqt_hz", hop_length=512)
    else:  # flat shading of explicit edges: rows of even height
        rows = (2 * np.arange(480) + 1) * 84 // 960
        pixels = colormap.colour_of((cells[::-1][rows] + 80) / 80, colormap.get("magma")).repeat(7, axis=1)
    cal = fastspec.inspect(pixels)
    assert (cal["freq_scale"], cal["n_bins"]) == ("cqt", 84)
    assert cal.source("freq_scale") == "pixels"
    back, _ = fastspec.decode(pixels, duration=len(y) / sr)
    assert metrics.stoi(back, y, sr) > 0.6


def test_a_given_duration_stretches_an_embedded_picture(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=256, size=(300, 300), freq_scale="log")
    back, rate = fastspec.decode(picture, duration=3.0)
    assert len(back) == 3 * rate


def test_pictures_of_every_kind_are_the_same_picture(short, tmp_path):
    from PIL import Image

    y, sr = short
    drawn = fastspec.encode(y, sr, n_fft=512, hop_length=128)
    path = tmp_path / "a.png"
    picture_files.write(drawn, path)
    decoder = Decoder(n_iter=2)
    expected = decoder.decode(path)[0]
    np.testing.assert_array_equal(decoder.decode(drawn)[0], expected)
    np.testing.assert_array_equal(decoder.decode(str(path))[0], expected)
    with Image.open(path) as image:
        np.testing.assert_array_equal(decoder.decode(image)[0], expected)
    np.testing.assert_array_equal(decoder.decode(io.BytesIO(path.read_bytes()))[0], expected)
    with pytest.raises(ParameterError, match="int"):
        decoder.decode(3)


def test_batch_stream_and_threads_give_the_bits_of_one_by_one(short):
    y, sr = short
    pictures = [fastspec.encode(y[:n], sr, n_fft=512, hop_length=128) for n in (900, 5000, 20000, 5000)]
    pictures.append(fastspec.encode(y[:9000], sr, n_fft=1024, hop_length=256))
    decoder = Decoder(n_iter=4)
    alone = [decoder.decode(picture)[0] for picture in pictures]
    for together in (decoder.decode_batch(pictures), list(decoder.stream(iter(pictures)))):
        for (y_batch, rate), y_alone in zip(together, alone, strict=True):
            assert rate == sr
            np.testing.assert_array_equal(y_batch, y_alone)
    results = {}
    threads = [
        threading.Thread(target=lambda k=k: results.update({k: decoder.decode(pictures[k])[0]}))
        for k in range(len(pictures))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, y_alone in enumerate(alone):
        np.testing.assert_array_equal(results[k], y_alone)


def test_out_receives_the_waveforms(short):
    y, sr = short
    pictures = [fastspec.encode(y[:5000], sr, n_fft=512, hop_length=128)] * 2
    out = [np.empty(5000, np.float32), np.empty(5000, np.float32)]
    result = Decoder(n_iter=1).decode_batch(pictures, out=out)
    assert result[0][0] is out[0]
    assert np.any(out[1])
    with pytest.raises(ParameterError, match="shape"):
        Decoder(n_iter=1).decode_batch(pictures, out=[np.empty(4, np.float32)] * 2)
    with pytest.raises(ParameterError, match="one for each"):
        Decoder(n_iter=1).decode_batch(pictures, out=out[:1])


def test_the_customers_picture_is_read_and_sounds_like_the_speech(speech, speech_picture):
    y, sr = speech
    cal = fastspec.inspect(speech_picture, profile="librosa")
    assert (cal["sr"], cal["n_fft"], cal["freq_scale"]) == (sr, 1024, "log")
    assert cal.source("sr") == "pixels"
    back, rate = fastspec.decode(speech_picture, profile="librosa", duration=len(y) / sr)
    assert (len(back), rate) == (len(y), sr)
    assert metrics.log_mel_distance(back, y, sr) < 3.0
    assert metrics.stoi(back, y, sr) > 0.9


def test_silence_goes_both_ways_without_nan():
    picture = fastspec.encode(np.zeros(8000, np.float32), 8000, n_fft=512)
    y, sr = fastspec.decode(picture)
    assert (sr, y.shape) == (8000, (8000,))
    assert not y.any()


def test_an_all_black_picture_is_silence_and_says_so():
    black = np.zeros((100, 50, 3), np.uint8)
    black[..., 2] = 3  # magma's darkest
    decoded = Decoder(sr=8000, n_fft=256, hop_length=64, freq_scale="linear").read(black)
    assert not decoded.magnitude.any()
    assert any("silence" in remark for remark in decoded.calibration.remarks)


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2)])
def test_tiny_pictures_give_finite_sound(shape):
    pixels = np.full((*shape, 3), 250, np.uint8)
    y, _ = fastspec.decode(pixels, sr=8000, n_fft=256, hop_length=64, freq_scale="linear", n_iter=3)
    assert np.isfinite(y).all()
    assert y.size >= 1


@pytest.mark.parametrize("length", [1, 10, 511, 513])
def test_sound_shorter_than_a_window_is_drawn_and_read(length):
    y = np.sin(np.arange(length) * 0.3).astype(np.float32)
    back, _ = fastspec.decode(fastspec.encode(y, 8000, n_fft=512))
    assert back.shape == (length,)
    assert np.isfinite(back).all()


@pytest.mark.parametrize(
    ("options", "error", "word"),
    [
        ({"cmap": "magmma"}, ParameterError, "magma"),
        ({"window": "hannn"}, ParameterError, "hann"),
        ({"profile": "librosaa"}, ParameterError, "librosa"),
        ({"n_fft": 1023, "freq_scale": "log"}, CalibrationError, "1022 or 1024"),
        ({"quality": "superb"}, ParameterError, "balanced"),
        ({"method": "magic"}, ParameterError, "magic"),
        ({"init": "magic"}, ParameterError, "pghi"),
        ({"n_iter": -1}, ParameterError, "-1"),
        ({"seed": -1}, ParameterError, "-1"),
        ({"tempo": 3}, ParameterError, "tempo"),
    ],
)
def test_wrong_options_are_refused_before_any_picture_is_read(options, error, word):
    with pytest.raises(error, match=word):
        Decoder(**options)


def test_a_wrong_colormap_is_questioned(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=512, cmap="viridis")
    decoded = Decoder(cmap="hot").read(picture.rgb())
    assert any("another colormap" in remark for remark in decoded.calibration.remarks)


@pytest.mark.parametrize(
    "claim",
    [{"n_frames": 10**9}, {"duration": 1e9}, {"n_fft": 1 << 17, "n_frames": 10**6}, {"sr": 10**7, "duration": 1e6}],
)
def test_a_picture_that_claims_to_be_endless_is_refused_before_memory_is_taken(claim):
    text = Calibration.of("embedded", **{"sr": 8000, "n_fft": 512, "hop_length": 128, **claim}).to_json()
    with pytest.raises(CalibrationError, match=r"limit|contradicts"):
        Decoder().read(Picture(np.zeros((257, 10, 3), np.uint8), embedded=text))


@pytest.mark.parametrize(("n_fft", "hop"), [(1024, 512), (1024, 256), (512, 500)])
def test_the_end_of_the_sound_does_not_click(n_fft, hop):
    """The inverse transform divides the last samples by windows that fall to zero."""
    noise = np.random.default_rng(3).standard_normal(20 * hop + hop - 1).astype(np.float32)
    y, _ = fastspec.decode(fastspec.encode(noise, 8000, n_fft=n_fft, hop_length=hop))
    assert np.abs(y[-hop:]).max() < 1.5 * np.abs(y[hop:-hop]).max()


def test_limits_on_pixels_and_seconds_are_obeyed(speech_picture):
    with pytest.raises(PictureError, match="pixels"):
        Decoder(max_pixels=1000).read(speech_picture)
    with pytest.raises(CalibrationError, match="max_seconds"):
        Decoder(max_seconds=2, profile="librosa", duration=4.5).read(speech_picture)
    with pytest.raises(ParameterError, match="max_seconds"):
        Decoder(max_seconds=-1)


def test_a_picture_that_is_no_picture_is_refused():
    with pytest.raises(PictureError):
        fastspec.decode(np.zeros((4, 4, 2), np.uint8))


def test_every_quality_is_a_valid_choice_and_few_frames_get_fewer_iterations():
    for quality in decoder.QUALITIES:
        planned = Decoder(quality=quality)
        assert 0 < planned._iterations(0.5) <= planned._iterations(0.25)
    assert Decoder(n_iter=7)._iterations(0.5) == Decoder(n_iter=7)._iterations(0.1) == 7


@pytest.mark.parametrize(("n_fft", "hop"), [(1024, 900), (512, 400), (2048, 1920)])
def test_windows_that_hardly_overlap_make_sound_and_no_clicks(speech, monkeypatch, n_fft, hop):
    y, sr = speech
    y = y[: 3 * sr + 77]
    picture = fastspec.encode(y, sr, n_fft=n_fft, hop_length=hop)
    x, _ = fastspec.decode(picture)
    assert x.shape == y.shape
    assert fastspec.inspect(picture)["hop_length"] == hop
    assert any("interpolated" in remark for remark in fastspec.inspect(picture).remarks)
    monkeypatch.setattr(complete, "LIMITS", complete.LIMITS._replace(sparse=1.0))
    clicks, _ = fastspec.decode(picture)
    assert metrics.held_out_sc(x, y, sr) < metrics.held_out_sc(clicks, y, sr) - 1.2
    assert crest_factor(x) < min(crest_factor(y) + 4.5, crest_factor(clicks))


def test_windows_that_overlap_are_not_spoken_of(short):
    y, sr = short
    assert not fastspec.inspect(fastspec.encode(y, sr, n_fft=512, hop_length=320)).remarks


def crest_factor(y):
    """Peak over root mean square, in dB."""
    return 20 * np.log10(np.abs(y).max() / np.sqrt(np.mean(np.square(y, dtype=float))))


@pytest.mark.parametrize(("n_fft", "hop", "window"), [(512, 128, "hann"), (256, 224, "tukey"), (1024, 512, "hann")])
def test_frames_that_are_not_centred_do_not_click_at_the_ends(speech, n_fft, hop, window):
    """The first window begins with the sound, and its first samples are (nearly) zero: what they are divided by."""
    y, sr = speech
    y = y[sr : 3 * sr]
    S = np.abs(fastspec.stft(y, n_fft=n_fft, hop_length=hop, window=window, center=False))
    gray = np.clip(255 * (levels.amplitude_to_db(S, ref=np.max) / 80 + 1), 0, 255).round().astype(np.uint8)[::-1]
    known = {"freq_scale": "linear", "freq_edges": "cells", "cmap": "gray", "db_range": (-80, 0), "origin": "lower"}
    shape = {"n_fft": n_fft, "hop_length": hop, "window": window, "center": False, "n_frames": S.shape[1]}
    x, _ = fastspec.decode(gray, sr=sr, duration=y.size / sr, force=True, **known, **shape)
    assert crest_factor(x) < crest_factor(y) + 4.5
    assert np.abs(x[:n_fft]).max() < 1.5 * np.abs(x[n_fft:-n_fft]).max()
