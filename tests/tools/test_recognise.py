"""Pictures of SoX and ffmpeg: colours, geometry and levels proven against the tools themselves, and the way to sound.

Tests that draw with the tools are skipped where those are not installed (Debian: apt install sox ffmpeg).
"""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
import soundfile
from PIL import Image

import fastspec
from fastspec import tools
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap, matching
from fastspec.errors import CalibrationError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.plot import cells, channels
from fastspec.tools import recognition
from fastspec.tools.ffmpeg import colours as ffmpeg_colours
from fastspec.tools.sox import colours as sox_colours

needs_sox = pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 3 * sr], sr


@pytest.fixture(scope="module")
def folder(tmp_path_factory, clip):
    place = tmp_path_factory.mktemp("tools")
    y, sr = clip
    soundfile.write(place / "clip.wav", y, sr)
    soundfile.write(place / "stereo.wav", np.stack([y, 0.5 * y], axis=1), sr)
    soundfile.write(place / "long.wav", np.tile(y, 1 + 30 * sr // len(y)), sr)
    return place


def _sox(folder, name, *options, source="clip.wav"):
    path = folder / f"{name}.png"
    subprocess.run(["sox", folder / source, "-n", "spectrogram", *options, "-o", path], check=True)
    return path


def _ffmpeg(folder, name, options, source="long.wav"):
    path = folder / f"{name}.png"
    command = ["ffmpeg", "-v", "error", "-y", "-i", folder / source, "-lavfi", f"showspectrumpic={options}", path]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def _sox_twin(y, sr, width=800, n_fft=1024):
    """SoX's raw picture by its published formulas: one transform a column of whole samples, in 249 levels of dB."""
    span = len(y) // width
    padded = np.pad(y, (n_fft, n_fft)).astype(np.float64)
    window = np.hanning(n_fft)
    window = window * 2 / window.sum()
    starts = n_fft + (np.arange(width) * span + span // 2) - n_fft // 2
    power = np.abs(np.fft.rfft(np.stack([padded[s : s + n_fft] * window for s in starts]), axis=1)) ** 2
    decibel = 10 * np.log10(np.maximum(power, 1e-30))
    level = np.where(decibel < -120, 0, np.where(decibel >= 0, 250, 1 + (1 + decibel / 120) * 249)).astype(np.uint8)
    fixed = np.array([[0, 0, 0], [255, 255, 255], [191, 191, 191], [127, 127, 127]], np.uint8)
    palette = np.concatenate([fixed, sox_colours.table("sox")])
    return Picture(np.ascontiguousarray(4 + level.T[::-1]), palette)


def test_a_drawn_twin_of_sox_becomes_speech_with_duration_and_rate_alone(clip):
    y, sr = clip
    picture = _sox_twin(y, sr)
    decoder = fastspec.Decoder(duration=len(y) / sr, sr=sr)
    decoded = decoder.read(picture)
    assert decoded.calibration["profile"] == "sox"
    assert decoded.calibration.facts["profile"].confidence > 0.9
    assert decoded.calibration["n_fft"] == 1024
    x = decoder.waveform(decoded)
    assert x.shape == y.shape
    assert metrics.stoi(x, y, sr) > 0.97


@needs_sox
@pytest.mark.parametrize(
    ("options", "name"),
    [
        ((), "sox"),
        (("-l",), "sox_r"),
        (("-m",), "sox-mono"),
        (("-h",), "sox-high"),
        (("-m", "-l"), "sox-mono_r"),
        *(((f"-p{k}",), f"sox-{k}") for k in range(2, 7)),
    ],
)
def test_soxs_palettes_are_its_own_byte_for_byte(folder, options, name):
    path = _sox(folder, f"palette{''.join(options)}", "-r", "-x", "100", "-y", "65", *options)
    with Image.open(path) as image:
        palette = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
    np.testing.assert_array_equal(palette[4:255], sox_colours.table(name))
    read = fastspec.inspect(path)
    assert (read["profile"], read["cmap"], read.source("cmap")) == ("sox", name, "pixels")


@needs_sox
def test_the_twin_draws_as_sox_does(folder, clip):
    y, sr = clip
    drawn = picture_files.read(_sox(folder, "raw", "-r"))
    twin = _sox_twin(y, sr)
    assert drawn.pixels.shape == twin.pixels.shape
    # SoX changes its window within the first and last window, and dithers nothing
    inner = slice(60, -60)
    off = np.abs(drawn.pixels[:, inner].astype(int) - twin.pixels[:, inner])
    assert np.median(off) <= 1
    assert (off <= 4).mean() > 0.95


@needs_sox
@pytest.mark.parametrize(
    ("options", "source", "box"),
    [
        ((), "clip.wav", (58, 30, 858, 543)),
        (("-t", "Title"), "clip.wav", (58, 50, 858, 563)),
        (("-a",), "clip.wav", (58, 30, 858, 543)),
        (("-r",), "clip.wav", (0, 0, 800, 513)),
        (("-l", "-x", "300", "-y", "129"), "clip.wav", (58, 30, 358, 159)),
        ((), "stereo.wav", (58, 30, 858, 545)),
        (("-r",), "stereo.wav", (0, 0, 800, 515)),
    ],
)
def test_soxs_plot_area_and_channels_are_found(folder, options, source, box):
    path = _sox(folder, "area", *options, source=source)
    read = fastspec.inspect(path, duration=3.0, sr=16000)
    assert read["plot_area"] == box
    assert read.get("channels", 1) == (2 if source == "stereo.wav" else 1)


@needs_sox
@pytest.mark.parametrize(
    ("options", "source", "least"),
    [((), "clip.wav", 0.97), (("-r",), "clip.wav", 0.97), ((), "stereo.wav", 0.95), (("-y", "257"), "clip.wav", 0.93)],
)
def test_sox_to_speech_with_duration_and_rate_alone(folder, clip, options, source, least):
    y, sr = clip
    x, rate = fastspec.decode(_sox(folder, "speech", *options, source=source), duration=len(y) / sr, sr=sr)
    assert rate == sr
    assert x.shape == ((2, len(y)) if source == "stereo.wav" else (len(y),))
    assert all(metrics.stoi(one, y, sr) > least for one in np.atleast_2d(x))


@needs_sox
def test_sox_saved_again_as_rgb_is_still_sox(folder, clip):
    y, sr = clip
    for options in ((), ("-l",)):
        path = _sox(folder, "indexed", *options)
        with Image.open(path) as image:
            image.convert("RGB").save(folder / "rgb.png")
        read = fastspec.inspect(folder / "rgb.png", duration=len(y) / sr, sr=sr)
        assert (read["profile"], read["plot_area"]) == ("sox", (58, 30, 858, 543))
        x, _ = fastspec.decode(folder / "rgb.png", duration=len(y) / sr, sr=sr)
        assert metrics.stoi(x, y, sr) > 0.97


@needs_ffmpeg
@pytest.mark.parametrize("name", ffmpeg_colours.NAMES)
def test_ffmpegs_colours_are_its_own(folder, name):
    path = _ffmpeg(folder, "colours", f"s=512x128:legend=0:color={name[7:]}")
    read = matching.index_of(picture_files.read(path).pixels, colormap.get(name), distance=True)
    assert read.exact > (0.98 if name != "ffmpeg-channel" else 0.0)
    assert read.distance is not None
    assert read.distance.max() < 3
    if name != "ffmpeg-channel":  # gray, which has no fingerprint
        known = fastspec.inspect(path)
        assert (known["profile"], known["cmap"]) == ("ffmpeg", name)


@needs_ffmpeg
def test_ffmpegs_legend_gives_area_and_rate(folder, clip):
    _, sr = clip
    read = fastspec.inspect(_ffmpeg(folder, "legend", "s=640x256:color=fiery"))
    assert read["profile"] == "ffmpeg"
    left, top, right, bottom = read["plot_area"]
    assert (right - left, bottom - top, top) == (640, 256, 64)
    assert (read["sr"], read.source("sr")) == (sr, "pixels")


@needs_ffmpeg
@pytest.mark.parametrize("profile", [None, "ffmpeg-sqrt", "ffmpeg-5thrt"])
def test_ffmpeg_to_sound_with_duration_and_rate_alone(folder, profile):
    y, sr = soundfile.read(folder / "long.wav", dtype="float32")
    scale = "log" if profile is None else profile[7:]
    path = _ffmpeg(folder, scale, f"s=1024x512:legend=0:scale={scale}")
    x, _ = fastspec.decode(path, duration=len(y) / sr, sr=sr, **({} if profile is None else {"profile": profile}))
    assert x.shape == y.shape
    assert metrics.log_mel_distance(x, y, sr) < 8.5  # speech; music is within 5.2


def test_a_profile_given_is_kept_whatever_the_fingerprint_says(clip):
    y, sr = clip
    picture = _sox_twin(y, sr)
    assert fastspec.inspect(picture, profile="ffmpeg", duration=3.0, sr=sr)["profile"] == "ffmpeg"


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 9), (512, 3), (200, 200), (90, 160)])
@pytest.mark.parametrize("kind", ["gray", "deep", "palette", "rgb", "black"])
def test_fingerprints_never_raise_nor_see_tools_in_noise(shape, kind):
    generator = np.random.default_rng(sum(shape))
    pixels = generator.integers(0, 255, (*shape, 3) if kind == "rgb" else shape, dtype=np.uint8)
    palette = None
    if kind == "palette":
        palette = generator.integers(0, 255, (256, 3), dtype=np.uint8)
    elif kind == "deep":
        pixels = pixels.astype(np.uint16) * 257
    elif kind == "black":
        pixels = np.zeros((*shape, 3), np.uint8)
    found = recognition.read_tool(Picture(pixels, palette), Calibration())
    assert all(fact.confidence < 0.9 for fact in found.facts.values())


def test_a_picture_of_librosas_is_no_other_tools(speech_picture):
    assert "profile" not in recognition.read_tool(picture_files.read(speech_picture), Calibration()).facts


# The grid of our own --------------------------------------------------------------------------------------------


def test_frames_between_columns_take_their_roots_mean_and_farther_ones_the_mean_power():
    columns = np.square(np.array([[1.0], [2.0], [4.0], [8.0]], np.float32))
    between = cells.to_frames(columns, np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]))
    np.testing.assert_allclose(np.sqrt(between[:, 0]), [1, 1.5, 2, 3, 4, 6, 8], rtol=1e-6)
    columns = np.sqrt(np.array([[1.0], [2.0], [4.0], [8.0]], np.float32))
    wide = cells.to_frames(columns, np.array([0.5, 2.5]))  # two columns a frame: their mean
    np.testing.assert_allclose(np.square(wide[:, 0]), [1.5, 6], rtol=1e-6)
    beyond = cells.to_frames(columns, np.array([-9.0, 20.0, 49.0]))
    assert np.isfinite(beyond).all()


def test_frames_keep_the_energy_of_columns():
    generator = np.random.default_rng(5)
    columns = generator.random((200, 3)).astype(np.float32)
    frames = cells.to_frames(columns, (np.arange(50) + 0.5) * 4 - 0.5)
    np.testing.assert_allclose(np.square(frames).mean(0), np.square(columns).mean(0), rtol=1e-5)


def test_parts_of_stacked_channels_leave_the_lines_out():
    pixels = np.zeros((11, 4), np.uint8)
    pixels[5] = 9
    parts = channels.parts(pixels, {"channels": 2, "channel_layout": "stacked"})
    assert [part.shape for part in parts] == [(5, 4), (5, 4)]
    assert not any(part.any() for part in parts)
    with pytest.raises(CalibrationError, match="channels=5"):
        channels.parts(pixels, {"channels": 5, "channel_layout": "stacked"})
    with pytest.raises(CalibrationError, match="colour"):
        channels.parts(pixels, {"channels": 2, "channel_layout": "green-blue"})


def _with_extent(known, width):
    return tools.of(known["profile"]).with_extent(known, width)


def test_columns_of_sox_and_ffmpeg_are_whole_samples():
    known = Calibration.of(profile="sox", columns="spans", sr=22050, duration=7.1, n_fft=1024)
    assert _with_extent(known, 800)["time_extent"] == (0.0, 800 * 195 / 22050)
    known = Calibration.of(profile="ffmpeg", columns="spans", sr=22050, duration=61.45, n_fft=1024)
    assert _with_extent(known, 1024)["time_extent"] == pytest.approx((0.0, 1024 * 1322 / 22050))


def test_a_sound_too_short_for_ffmpeg_is_said():
    known = Calibration.of(profile="ffmpeg", columns="spans", sr=22050, n_fft=1024)
    short = _with_extent(known.updated("given", duration=7.1), 1024)
    assert any("too short" in remark for remark in short.remarks)
    assert not _with_extent(known.updated("given", duration=61.45), 1024).remarks
    assert tools.of("ffmpeg").with_grid(short.without("n_fft"), 1024, 512)["win_length"] == 304


def test_an_unknown_duration_is_assumed_and_said(clip):
    y, sr = clip
    read = fastspec.inspect(_sox_twin(y, sr), sr=sr)
    assert read.source("duration") == "assumed"
    assert any("--duration" in remark for remark in read.remarks)
    assert "duration" in read.missing
