"""From sound to picture: what is drawn, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap
from fastspec.encoder import Encoder
from fastspec.errors import AudioError, CalibrationError, ParameterError
from fastspec.phase import metrics
from fastspec.plot import cells, layout
from tests.specshow import specshow


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
@pytest.mark.parametrize(("size", "cmap"), [((640, 480), "magma"), ((333, 401), "viridis")])
def test_a_sized_picture_is_specshows_pixel_for_pixel(short, scale, size, cmap):
    import librosa

    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=512, freq_scale=scale, size=size, cmap=cmap)
    if scale == "mel":
        cells = librosa.power_to_db(librosa.feature.melspectrogram(y=y, sr=sr, n_fft=1024, hop_length=512), ref=np.max)
    else:
        cells = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=1024, hop_length=512)), ref=np.max)
    expected = specshow(cells, sr, size, y_axis=scale, hop_length=512, cmap=cmap)
    assert picture.rgb().shape == expected.shape
    # The transforms agree to rounding, so that a value on the border of two levels may take either.
    differ = (picture.rgb() != expected).any(axis=2)
    assert differ.mean() < 2e-3
    step = np.abs(picture.rgb().astype(int) - expected).max(axis=2)
    assert step.max() <= 8  # one entry of the colour table


def test_native_drawing_is_one_pixel_a_frame_and_bin(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=256)
    assert picture.rgb().shape == (513, 1 + len(y) // 256, 3)
    deep = fastspec.encode(y, sr, n_fft=1024, hop_length=256, bits=16)
    assert deep.pixels.shape == (513, 1 + len(y) // 256)
    assert deep.pixels.dtype == np.uint16


def test_channels_are_averaged_and_said(short):
    y, sr = short
    stereo = np.stack([y, np.zeros_like(y)])
    a = fastspec.encode(stereo, sr, n_fft=512)
    b = fastspec.encode(0.5 * y, sr, n_fft=512)
    assert np.mean(a.rgb() != b.rgb()) < 1e-3
    assert "2 channels" in Encoder().remarks(stereo)[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_are_refused(bad):
    y = np.zeros(4000, np.float32)
    y[123] = bad
    with pytest.raises(AudioError, match="123"):
        fastspec.encode(y, 8000)
    with pytest.raises(AudioError):
        fastspec.encode(np.zeros(0, np.float32), 8000)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"bits": 12}, "bits"),
        ({"bits": 16, "cmap": "magma"}, "16 bits"),
        ({"size": (0, 10)}, "size"),
        ({"size": (10, 10**6)}, "size"),
        ({"n_mels": 40}, "mel axis"),
        ({"freq_scale": "cqt"}, "cqt"),
        ({"n_fft": 1}, "n_fft"),
        ({"hop_length": 0}, "hop_length"),
        ({"window": np.ones(2048)}, "is not a window's name"),
        ({"window": "tukey:wide"}, "'wide' for a parameter"),
    ],
)
def test_drawings_that_cannot_be_are_refused(options, word):
    with pytest.raises((ParameterError, CalibrationError), match=word):
        Encoder(**options)


@pytest.mark.parametrize("wave", [np.zeros(3000, np.float32), np.ones((2, 3000), np.float32) * [[1], [-1]]])
def test_silence_is_drawn_as_the_lowest_colour_and_said(wave):
    picture = fastspec.encode(wave, 8000, n_fft=256)
    assert len(np.unique(picture.pixels)) == 1
    assert fastspec.inspect(picture)["db_range"] == (-80, 0)
    assert "silence" in Encoder().remarks(np.zeros(10))[-1]


def test_a_range_of_ones_own_is_drawn_and_carried(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=512, db_range=(-60, -10))
    assert fastspec.inspect(picture)["db_range"] == (-60, -10)
    loud, quiet = (np.mean(fastspec.encode(y, sr, n_fft=512, db_range=r).pixels) for r in ((-60, -20), (-60, 0)))
    assert loud > quiet


def test_what_only_tools_draw_or_take_is_refused_by_name():
    with pytest.raises(ParameterError, match=r"ffmpeg.*can be decoded but not drawn.*librosa"):
        Encoder(profile="ffmpeg")
    with pytest.raises(ParameterError, match="sox"):
        Encoder(profile="audacity", top_db=90)
    with pytest.raises(ParameterError, match="max_seconds"):
        Encoder(max_seconds=0)
    with pytest.raises(CalibrationError, match="max_seconds"):
        Encoder(max_seconds=0.1).encode(np.ones(8000), 8000)
    with pytest.raises(AudioError, match="float32"):
        fastspec.encode(np.full(100, 1e20), 8000)


@pytest.mark.parametrize(
    ("window", "text"),
    [
        ("tukey:0.25", "tukey:0.25"),
        (("tukey", 0.25), "tukey:0.25"),
        (("gaussian", 40), "gaussian:40"),
        (8.6, "kaiser:8.6"),
    ],
)
def test_windows_with_parameters_are_drawn_and_read(short, window, text):
    y, sr = short
    picture = Encoder(n_fft=256, hop_length=64, window=window).encode(y[:sr], sr)
    assert fastspec.inspect(picture)["window"] == text
    back, _ = fastspec.decode(picture)
    assert metrics.held_out_sc(back, y[:sr]) < -5
    assert not np.array_equal(picture.pixels, Encoder(n_fft=256, hop_length=64).encode(y[:sr], sr).pixels)
    given, _ = fastspec.decode(picture, window=window)
    assert np.array_equal(back, given)


@pytest.mark.parametrize(("peak", "heard"), [(1e-29, True), (1e-36, False), (0.0, False)])
def test_what_is_quieter_than_any_reference_is_silence(peak, heard):
    wave = (peak * np.sin(np.arange(4000) / 3)).astype(np.float32)
    y, _ = fastspec.decode(Encoder(n_fft=256).encode(wave, 8000), n_iter=1)
    assert bool(y.any()) is heard


@pytest.mark.parametrize("options", [{}, {"freq_scale": "log"}, {"freq_scale": "mel", "n_mels": 40}, {"cmap": "jet"}])
def test_cells_are_painted_once_where_pixels_are_more(monkeypatch, options):
    y = np.random.default_rng(1).standard_normal(8000).astype(np.float32)
    encoder, right, painted = Encoder(n_fft=256, size=(501, 307), **options), colormap.entry_of, []

    def entry_of(position, cmap):
        painted.append(position)
        return right(position, cmap)

    monkeypatch.setattr(colormap, "entry_of", entry_of)
    drawn = encoder.encode(y, 8000)
    Encoder(n_fft=256, size=(50, 30), **options).encode(y, 8000)
    assert painted[0].size < 501 * 307
    assert painted[1].shape == (30, 50)
    plan = layout.layout(Complete.of(encoder.facts.updated("given", sr=8000, n_frames=126, duration=1.0)), 501, 307)
    pixels = right(cells.draw(painted[0], plan.rows, plan.columns), colormap.get(encoder.facts["cmap"]))
    np.testing.assert_array_equal(drawn.pixels, pixels)
