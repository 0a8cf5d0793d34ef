"""Audacity, audio-diffusion and Riffusion: their drawing, proven against the tools or what they drew, and the way back.

`tests/data/audacity.png` is a screenshot of Audacity 3.2.4 with the test speech. The classes of diffusers and riffusion
are compared where they are installed; where not, their published formulas are.
"""

from __future__ import annotations

from pathlib import Path

import librosa
import numpy as np
import pytest

import fastspec
from fastspec.axes import scales
from fastspec.axes.frequency import FrequencyAxis
from fastspec.colours import colormap, matching
from fastspec.errors import ParameterError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.sound.resample import resample
from fastspec.tools.audacity import colours as audacity_colours

SCALES = [name for name in scales.NAMES if scales.get(name).has_pitch]  # in the order of the screenshot
DATA = Path(__file__).parents[1] / "data"
ROWS, FIRST, COLUMNS = 151, 200, 120  # of each scale in audacity.png
WIDTHS = {"linear": 958}  # columns of the whole clip; 944 on all other scales


@pytest.fixture(scope="module")
def screenshot():
    """Colours (6, 151, 120, 3) of Audacity's own pictures, one a scale."""
    return picture_files.read(DATA / "audacity.png").rgb().reshape(6, ROWS, COLUMNS, 3)


def audacity_twin(y, sr, scale, width, height, columns=slice(None)):
    """Entries of the colour table, by SpectrumCache.cpp and SpectrumView.cpp, row by row."""
    window = np.zeros(4096)
    window[1024:3072] = np.hanning(2049)[:-1]
    window *= 2 / np.hanning(2049).sum()
    padded = np.pad(np.asarray(y, np.float64), 2048)
    drawn = []
    for column in range(width)[columns]:
        centre = int(np.floor(0.5 + 0.5 + column * (len(y) / width)))
        power = np.abs(np.fft.rfft(padded[centre : centre + 4096] * window)[:-1]) ** 2
        drawn.append(10 * np.log10(np.maximum(power, 1e-16)))
    spectra = np.array(drawn)
    low = {"linear": 0.0, "period": sr / 2048}.get(scale, 1.0)
    bottom, top = scales.get(scale).pitch(np.array([low, min(20000.0, sr / 2)]))
    out = []
    for row in range(height):
        hertz = scales.get(scale).hertz(bottom + np.array([row, row + 1]) * (top - bottom) / (height - 1))
        if np.isinf(hertz[1]):
            hertz[1] = 0.0
        first, stop = np.floor(0.5 + np.clip(hertz / (sr / 4096), 0, 2047)).astype(int)
        loudest = spectra[:, first : max(first + 1, stop)].max(axis=1)
        out.append((255 * np.clip((loudest + 80 + 20) / 80, 0, 1)).astype(int))
    return np.array(out)[::-1]


@pytest.mark.parametrize(("number", "scale"), list(enumerate(SCALES)))
def test_audacitys_pixels_are_those_of_its_formulas(screenshot, speech, number, scale):
    width = WIDTHS.get(scale, 944)
    y, sr = speech
    twin = audacity_twin(y, sr, scale, width, ROWS, slice(FIRST, FIRST + COLUMNS))
    table = audacity_colours.table("audacity-3.2").astype(int)
    read = matching.index_of(screenshot[number], colormap.get("audacity-3.2"))
    assert read.exact == 1
    same = (screenshot[number] == table[twin]).all(axis=2)
    assert same.mean() > 0.985  # Audacity's transforms are of single precision
    assert np.abs(read.index - np.maximum(twin, 1)).max() <= 2  # entries 0 to 2 are black


@pytest.mark.parametrize("scale", SCALES)
def test_rows_are_among_those_that_audacity_takes_the_loudest_of(scale):
    axis = FrequencyAxis(scale=scale, sr=22050, n_fft=4096, edges="audacity")
    spectrum = np.random.default_rng(1).random(2048)
    first, stop = axis.spans(ROWS)
    for row, cell in enumerate(axis.rows(ROWS)):
        assert first[row] <= cell < max(first[row] + 1, stop[row])
        assert spectrum[cell] <= spectrum[first[row] : max(first[row] + 1, stop[row])].max()


def test_audacitys_other_maps():
    gray, inverse = (audacity_colours.table(f"audacity-{name}")[:, 0].astype(int) for name in ("grayscale", "inverse"))
    assert (gray[0], gray[-1]) == (214, 0)
    assert (np.diff(gray) <= 0).all()
    np.testing.assert_array_equal(inverse, 255 * np.arange(256) // 256)
    classic = audacity_colours.table("audacity-classic")
    np.testing.assert_array_equal(
        classic[[0, 64, 128, 192]], [[192, 192, 192], [76, 153, 255], [229, 25, 229], [255, 0, 0]]
    )
    np.testing.assert_array_equal(
        classic[[108, 123, 124, 255]], [[181, 64, 237], [217, 34, 231], [219, 32, 230], [255, 251, 251]]
    )
    np.testing.assert_array_equal(audacity_colours.table("audacity")[[0, 255]], [[1, 1, 1], [254, 251, 249]])
    for name in audacity_colours.COLOURS:
        np.testing.assert_array_equal(colormap.get(f"{name}_r").table, colormap.get(name).table[::-1])


@pytest.mark.parametrize(
    ("scale", "stoi", "distance"),
    [("linear", 0.74, 6.8), ("log", 0.83, 5.4), ("mel", 0.85, 4.3), ("bark", 0.88, 4.2), ("erb", 0.88, 4.4)],
)
def test_a_track_becomes_speech_with_scale_duration_and_rate(speech, scale, stoi, distance):
    y, sr = speech
    table = audacity_colours.table("audacity-3.2")
    picture = Picture(table[audacity_twin(y, sr, scale, 944, ROWS)])
    x, _ = fastspec.decode(picture, profile="audacity", freq_scale=scale, duration=4.5, sr=sr)
    assert x.shape == y.shape
    assert metrics.stoi(x, y, sr) > stoi
    assert metrics.log_mel_distance(x, y, sr) < distance
    assert x.std() == pytest.approx(y.std(), rel=0.8)  # 0 dB is full scale; a row's loudest bin stands for several


@pytest.mark.parametrize("name", audacity_colours.COLOURS + audacity_colours.GRAYS)
def test_audacitys_colour_schemes_are_told_apart(speech, name):
    y, sr = speech
    rgb = fastspec.encode(y, sr, profile="audacity", cmap=name, size=(300, ROWS)).rgb()
    read = fastspec.inspect(rgb, profile="audacity", duration=4.5, sr=sr)
    assert read["cmap"] == name
    assert read.facts["cmap"].confidence >= 0.9


def test_audacitys_facts_are_its_defaults(screenshot):
    read = fastspec.inspect(screenshot[2], profile="audacity", duration=0.5)
    assert (read["freq_scale"], read["n_fft"], read["win_length"], read["sr"]) == ("mel", 4096, 2048, 44100)
    assert (read["cmap"], read.source("cmap")) == ("audacity-3.2", "pixels")
    assert read["db_range"] == (-100.0, -20.0)
    assert "n_mels" not in read  # bins on a mel axis, not bands
    assert fastspec.inspect(screenshot[2], profile="audacity", win_length=512)["n_fft"] == 1024
    assert fastspec.inspect(screenshot[2], profile="audacity", n_fft=8192)["win_length"] == 4096
    assert fastspec.inspect(screenshot[2], profile="audacity")["duration"] == pytest.approx(120 * 512 / 44100)


# Drawing as the tools do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", SCALES)
def test_our_drawing_is_audacitys(screenshot, speech, scale):
    y, sr = speech
    size = (WIDTHS.get(scale, 944), ROWS)
    picture = fastspec.encode(y, sr, profile="audacity", freq_scale=scale, cmap="audacity-3.2", size=size)
    shown = screenshot[SCALES.index(scale)]
    ours = picture.pixels[:, FIRST : FIRST + COLUMNS]
    assert (picture.palette[ours] == shown).all(axis=2).mean() > 0.985
    read = matching.index_of(shown, colormap.get("audacity-3.2")).index
    assert np.abs(read - np.maximum(ours, 1)).max() <= 2


def test_a_picture_drawn_as_audacity_does_needs_no_fact(speech):
    y, sr = speech
    picture = fastspec.encode(y, sr, profile="audacity")
    assert (picture.width, picture.height) == (round(4.5 * 44100 / 512), 512)
    x, rate = fastspec.decode(picture)
    assert (rate, x.shape) == (sr, y.shape)
    assert metrics.log_mel_distance(x, y, sr) < 2.7
    assert metrics.stoi(x, y, sr) > 0.95
    other = fastspec.encode(
        y, sr, profile="audacity", freq_scale="bark", win_length=1024, window="blackman", cmap="audacity-grayscale"
    )
    x, _ = fastspec.decode(other)
    assert metrics.log_mel_distance(x, y, sr) < 3.2
    assert x.std() == pytest.approx(y.std(), rel=0.3)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"profile": "audacity", "freq_scale": "cqt"}, "freq_scale"),
        ({"profile": "audacity", "cmap": "magma"}, "audacity-classic"),
        ({"profile": "audacity", "bits": 16, "cmap": "audacity"}, "bits=16"),
        ({"profile": "audacity", "n_mels": 80}, "n_mels=80"),
        ({"profile": "audio-diffusion", "size": (256, 256)}, "size="),
        ({"profile": "audio-diffusion", "cmap": "magma"}, "cmap='magma'"),
        ({"profile": "ffmpeg"}, "audio-diffusion"),
    ],
)
def test_what_the_tools_do_not_draw_is_refused(options, match):
    with pytest.raises(ParameterError, match=match):
        fastspec.Encoder(**options)


@pytest.mark.parametrize("profile", ["audacity", "audio-diffusion"])
@pytest.mark.parametrize("samples", [1, 300, 5000])
def test_silence_and_short_sounds_are_drawn(profile, samples):
    for wave in (np.zeros(samples, np.float32), np.full(samples, 0.5, np.float32)):
        picture = fastspec.encode(wave, 16000, profile=profile)
        x, _ = fastspec.decode(picture, force=True)
        assert np.isfinite(x).all()
        assert wave.any() or not x.any()


# audio-diffusion's Mel -------------------------------------------------------------------------------------------

SLICE = 256 * 512 - 1  # samples of a picture of 256 columns


@pytest.fixture(scope="module")
def slice_of_speech(speech):
    y, sr = speech
    return np.tile(y, 2)[:SLICE], sr


def mel_picture(y, sr, bands=256, hop_length=512):
    """Mel.audio_slice_to_image by librosa's own functions: gray (bands, frames), the lowest band on top."""
    power = librosa.feature.melspectrogram(y=y, sr=sr, n_fft=2048, hop_length=hop_length, n_mels=bands)
    decibels = librosa.power_to_db(power, ref=np.max, top_db=80)
    return (np.clip((decibels + 80) * 255 / 80, 0, 255) + 0.5).astype(np.uint8)


def assert_same(ours, its):
    assert ours.shape == its.shape
    off = np.abs(ours.astype(int) - its)
    assert off.max() <= 1
    assert (off == 0).mean() > 0.999


@pytest.mark.parametrize(("bands", "hop_length"), [(256, 512), (64, 1024)])
def test_audio_diffusions_pixels_are_librosas(slice_of_speech, bands, hop_length):
    y, sr = slice_of_speech
    ours = fastspec.encode(y, sr, profile="audio-diffusion", n_mels=bands, hop_length=hop_length)
    assert_same(ours.pixels, mel_picture(y, sr, bands, hop_length))


def test_audio_diffusions_pixels_are_those_of_diffusers(slice_of_speech):
    mel = pytest.importorskip("diffusers.pipelines.deprecated.audio_diffusion.mel")
    y, sr = slice_of_speech
    tool = mel.Mel()
    tool.load_audio(raw_audio=np.append(y, np.float32(0)))
    drawn = np.asarray(tool.audio_slice_to_image(0))
    assert_same(fastspec.encode(y, sr, profile="audio-diffusion").pixels, drawn)


def test_a_picture_of_audio_diffusion_needs_no_fact(slice_of_speech):
    """Mel.image_to_audio, librosa's least squares and 32 iterations, leaves 2.91 dB and STOI .971 in half a minute."""
    y, sr = slice_of_speech
    gray = mel_picture(y, sr)
    read = fastspec.inspect(gray)
    assert (read["profile"], read["n_mels"], read["n_frames"], read["sr"]) == ("audio-diffusion", 256, 256, 22050)
    assert not any("duration" in remark for remark in read.remarks)
    x, rate = fastspec.decode(gray)
    assert rate == sr
    assert metrics.log_mel_distance(x, y[: x.size], sr) < 2.7
    assert metrics.stoi(x, y[: x.size], sr) > 0.97


# Riffusion -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stereo", [False, True])
def test_riffusions_pixels_are_its_own(speech, stereo):
    converter = pytest.importorskip("riffusion.spectrogram_image_converter")
    params = pytest.importorskip("riffusion.spectrogram_params").SpectrogramParams(stereo=stereo)
    pydub = pytest.importorskip("pydub")
    y, sr = speech
    wave = resample(np.stack([y, 0.5 * y[::-1]])[: 1 + stereo], sr, 44100)
    pcm = (np.clip(wave, -1, 1) * 32767).astype("<i2")
    segment = pydub.AudioSegment(pcm.T.tobytes(), frame_rate=44100, sample_width=2, channels=len(wave))
    its = converter.SpectrogramImageConverter(params, device="cpu").spectrogram_image_from_audio(segment)
    ours = fastspec.encode(pcm.astype(np.float32) / 32767, 44100, profile="riffusion")
    assert_same(ours.rgb(), np.asarray(its))
