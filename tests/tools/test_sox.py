"""SoX: colours, margins, labels and levels proven against SoX itself, and the way to sound.

Pictures without SoX are drawn here after spectrogram.c, written with the font's own cells.
"""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import soundfile
from PIL import Image

import fastspec
from fastspec import tools
from fastspec.calibration.calibration import Calibration
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.tools.sox import colours, legend
from tests.tools.programs import draw_with_sox, needs_sox, write, write_sounds


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 3 * sr], sr


@pytest.fixture(scope="module")
def folder(tmp_path_factory, clip):
    y, sr = clip
    return write_sounds(tmp_path_factory.mktemp("sounds"), y, sr, 0.5 * y, 1 + 30 * sr // len(y))


@pytest.fixture(scope="module")
def labelled(tmp_path_factory, speech):
    y, sr = speech
    y = y[: 4 * sr]
    return write_sounds(tmp_path_factory.mktemp("labelled"), y, sr, 0.5 * y[::-1], 6)


def twin(y, sr, width=800, n_fft=1024):
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
    palette = np.concatenate([fixed, colours.table("sox")])
    return Picture(np.ascontiguousarray(4 + level.T[::-1]), palette)


def test_a_drawn_twin_of_sox_becomes_speech_with_duration_and_rate_alone(clip):
    y, sr = clip
    picture = twin(y, sr)
    decoder = fastspec.Decoder(duration=len(y) / sr, sr=sr)
    decoded = decoder.read(picture)
    assert decoded.calibration["profile"] == "sox"
    assert decoded.calibration.facts["profile"].confidence > 0.9
    assert decoded.calibration["n_fft"] == 1024
    x = decoder.waveform(decoded)
    assert x.shape == y.shape
    assert metrics.stoi(x, y, sr) > 0.97


def test_an_unknown_duration_is_assumed_and_said(clip):
    y, sr = clip
    read = fastspec.inspect(twin(y, sr), sr=sr)
    assert read.source("duration") == "assumed"
    assert any("--duration" in remark for remark in read.remarks)
    assert "duration" in read.missing


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
    path = draw_with_sox(folder, f"palette{''.join(options)}", "-r", "-x", "100", "-y", "65", *options)
    with Image.open(path) as image:
        palette = np.array(image.getpalette(), np.uint8).reshape(-1, 3)
    np.testing.assert_array_equal(palette[4:255], colours.table(name))
    read = fastspec.inspect(path)
    assert (read["profile"], read["cmap"], read.source("cmap")) == ("sox", name, "pixels")


@needs_sox
def test_the_twin_draws_as_sox_does(folder, clip):
    y, sr = clip
    drawn = picture_files.read(draw_with_sox(folder, "raw", "-r"))
    ours = twin(y, sr)
    assert drawn.pixels.shape == ours.pixels.shape
    # SoX changes its window within the first and last window, and dithers nothing
    inner = slice(60, -60)
    off = np.abs(drawn.pixels[:, inner].astype(int) - ours.pixels[:, inner])
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
    path = draw_with_sox(folder, "area", *options, source=source)
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
    x, rate = fastspec.decode(draw_with_sox(folder, "speech", *options, source=source), duration=len(y) / sr, sr=sr)
    assert rate == sr
    assert x.shape == ((2, len(y)) if source == "stereo.wav" else (len(y),))
    assert all(metrics.stoi(one, y, sr) > least for one in np.atleast_2d(x))


@needs_sox
def test_sox_saved_again_as_rgb_is_stilldraw_with_sox(folder, clip):
    y, sr = clip
    for options in ((), ("-l",)):
        path = draw_with_sox(folder, "indexed", *options)
        with Image.open(path) as image:
            image.convert("RGB").save(folder / "rgb.png")
        read = fastspec.inspect(folder / "rgb.png", duration=len(y) / sr, sr=sr)
        assert (read["profile"], read["plot_area"]) == ("sox", (58, 30, 858, 543))
        x, _ = fastspec.decode(folder / "rgb.png", duration=len(y) / sr, sr=sr)
        assert metrics.stoi(x, y, sr) > 0.97


def figure(sr=16000, seconds=4.0, cols=400, rows=257, z=90, top=-10, channels=1, seed=0):
    """SoX's figure after spectrogram.c, of a noise that gets quieter towards the top; palette entries (H, W)."""
    stacked = rows * channels + channels - 1
    height, width = 48 + stacked + 30, 58 + cols + 86
    pixels = np.zeros((height, width), np.uint8)
    rng = np.random.default_rng(seed)
    pixels[30 : 30 + stacked, 58 : 58 + cols] = 4 + np.clip(
        rng.normal(120, 30, (stacked, cols)) - np.linspace(90, 0, stacked)[:, None], 0, 250
    )

    def tenths(to, step):
        return [(i, i / (10 * to)) for i in range(0, int(10 * to) + 1, step)]

    for k in range(channels):
        low = height - 1 - (48 + k * (rows + 1))
        pixels[low - rows, 57 : 59 + cols] = pixels[low + 1, 57 : 59 + cols] = 3
        pixels[low - rows : low + 2, [57, 58 + cols]] = 3
        for i, share in tenths(sr / 2000, 10):
            y = int(share * (rows - 1) + 0.5)
            pixels[low - y, 55:58] = 3
            if i or not k:
                write(pixels, legend.face(), 24, low - y - 5, f"{0.1 * i:5g}" if i else "   DC", 2)
    for i, share in tenths(seconds, 5):
        x = int(share * cols + 0.5)
        pixels[height - 48 : height - 45, 57 + x] = 3
        if i % 10 == 0:
            text = f"{0.1 * i:g}"
            write(pixels, legend.face(), 58 + x - 3 * len(text), height - 43, text, 2)
    write(pixels, legend.face(), 58 + (cols - 6 * 8) // 2, height - 25, "Time (s)", 1)
    upright = pixels[::-1, 10:22].T
    start = 48 + (stacked - 6 * 15) // 2
    upright[:, start : start + 90][legend.face().drawn("Frequency (kHz)")] = 1
    bar = min(400, stacked)
    base = 48 + (stacked - bar) // 2
    levels = 4 + 1 + np.arange(bar) * 249 // (bar - 1)
    pixels[height - base - bar : height - base, width - 49 : width - 35] = levels[::-1, None]
    step = int(10 * np.ceil(z / 10 * 14 / (bar - 1)))
    for i in range(0, z + 1, step):
        y = int(i / z * (bar - 1) + 0.5)
        write(pixels, legend.face(), width - 34, height - 1 - base - y - 5, f"{i + top - z:+d}", 2)
    fixed = np.array([[0, 0, 0], [255, 255, 255], [191, 191, 191], [127, 127, 127]], np.uint8)
    return Picture(pixels, np.concatenate([fixed, colours.table("sox")]))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"sr": 44100, "seconds": 10.0, "rows": 513, "z": 120, "top": 0},
        {"sr": 8000, "seconds": 3.0, "z": 37, "top": 12},
        {"sr": 48000, "cols": 800, "seconds": 6.0, "channels": 2, "z": 60, "top": -33},
    ],
)
@pytest.mark.parametrize("kind", ["palette", "rgb", "jpeg"])
def test_soxs_labels_give_all_that_decoding_needs(tmp_path, told, kind):
    picture = figure(**told)
    if kind == "rgb":
        picture = Picture(picture.rgb())
    elif kind == "jpeg":
        Image.fromarray(picture.rgb()).save(tmp_path / "figure.jpg", quality=75)
        picture = picture_files.read(tmp_path / "figure.jpg")
    read = fastspec.inspect(picture)
    want = {"sr": 16000, "seconds": 4.0, "z": 90, "top": -10, "channels": 1, **told}
    assert (read["profile"], read["cmap"], read["sr"], read["channels"]) == ("sox", "sox", want["sr"], want["channels"])
    assert read["db_range"] == (want["top"] - want["z"], want["top"])
    assert read["duration"] == pytest.approx(want["seconds"], rel=2e-3)
    assert all(read.source(name) == "pixels" for name in ("sr", "duration", "db_range", "cmap"))
    assert not read.missing
    assert not read.remarks


def test_labels_of_soxs_that_cannot_be_read_are_said():
    picture = figure()
    pixels = picture.pixels.copy()
    pixels[-43:-31] = np.random.default_rng(2).integers(0, 4, pixels[-43:-31].shape)  # over the times
    read = fastspec.inspect(Picture(pixels, picture.palette))
    assert read.source("duration") == "assumed"
    assert read.source("sr") == "pixels"
    assert any("labels of times are not understood" in remark for remark in read.remarks)


def test_what_is_given_is_not_contradicted_by_what_agrees():
    read = fastspec.inspect(figure(), duration=4.01, sr=16000)
    assert read["duration"] == 4.01
    assert not read.remarks


@pytest.mark.parametrize("told", [3.9, 4.06, 5.0, 400.0])
def test_a_duration_that_contradicts_soxs_labels_is_said(told):
    read = fastspec.inspect(figure(), duration=told)
    assert read["duration"] == told
    assert f"duration: given says {told:g}, pixels says 4; using {told:g}" in read.remarks


def test_labels_that_say_what_sox_leaves_out_of_a_sound_do_not_contradict_it():
    read = fastspec.inspect(figure(seconds=6.0, cols=800), duration=6.05)  # 120 of 121 samples a column
    assert read["duration"] == 6.05
    assert not read.remarks
    read = fastspec.inspect(figure(seconds=6.0, cols=800), duration=6.1)  # 122 samples a column
    assert any(remark.startswith("duration: given says 6.1, pixels says 6") for remark in read.remarks)


def test_the_bar_of_soxs_labels_allows_one_range_where_it_is_high():
    places = {tuple(legend._bar_places(z, 400)) for z in range(20, 181)}
    assert len(places) == 161


@needs_sox
@pytest.mark.parametrize(
    ("options", "range_db"),
    [
        ((), (-120, 0)),
        (("-z", "80", "-Z", "-10"), (-90, -10)),
        (("-l", "-t", "A title", "-c", "a comment"), (-120, 0)),
        (("-m", "-z", "75"), (-75, 0)),
        (("-h", "-l", "-y", "129"), (-120, 0)),
        (("-a", "-Y", "300", "-Z", "20"), (-100, 20)),
        (("-X", "60", "-q", "64"), (-120, 0)),
        (("-x", "1500", "-y", "513"), (-120, 0)),
    ],
)
def test_soxs_own_figures_need_no_option(labelled, speech, options, range_db):
    _, sr = speech
    read = fastspec.inspect(draw_with_sox(labelled, "figure", *options))
    assert (read["sr"], read["db_range"], read["channels"]) == (sr, range_db, 1)
    assert read["duration"] == pytest.approx(4.0, rel=0.02)
    assert not read.missing
    assert not read.remarks


@needs_sox
def test_soxs_part_of_a_sound_in_two_channels(labelled, speech):
    _, sr = speech
    read = fastspec.inspect(draw_with_sox(labelled, "part", "-S", "1", "-d", "2", source="stereo.wav"))
    assert (read["sr"], read["channels"], read["channel_layout"]) == (sr, 2, "stacked")
    assert read["duration"] == pytest.approx(2.0, rel=0.02)


@needs_sox
def test_the_range_read_makes_the_sound_as_loud_as_it_was(labelled, speech):
    y, sr = speech
    y = y[: 4 * sr]
    sounds = {}
    for name, options in {"usual": ("-z", "120"), "narrow": ("-z", "80", "-Z", "-10")}.items():
        x, rate = fastspec.decode(draw_with_sox(labelled, name, *options))
        assert rate == sr
        x = np.pad(x, (0, max(0, len(y) - len(x))))[: len(y)]
        assert metrics.stoi(x, y, sr) > 0.96
        sounds[name] = float(np.sqrt(np.mean(x**2)))
    assert sounds["narrow"] == pytest.approx(sounds["usual"], rel=0.05)
    assert sounds["usual"] == pytest.approx(float(np.sqrt(np.mean(y**2))), rel=0.1)  # decibels of full scale


def test_columns_are_whole_samples():
    known = Calibration.of(profile="sox", columns="spans", sr=22050, duration=7.1, n_fft=1024)
    assert tools.of("sox").with_extent(known, 800)["time_extent"] == (0.0, 800 * 195 / 22050)


@pytest.fixture(scope="module")
def stereo(speech):
    """(2, n) float32: a voice on the left, another, which is the same backwards, on the right."""
    y, sr = speech
    y = y[: 3 * sr]
    y = 0.5 * y / np.abs(y).max()
    wave = np.stack([0.9 * y + 0.2 * y[::-1], 0.3 * y + 0.8 * y[::-1]])
    return np.ascontiguousarray(wave, np.float32), sr


@needs_sox
@pytest.mark.parametrize(
    ("count", "options"), [(1, {}), (2, {}), (3, {}), (2, {"cmap": "sox-3_r"}), (1, {"n_fft": 256})]
)
def test_the_drawing_is_soxs_own(stereo, tmp_path, count, options):
    y, sr = stereo
    wave = np.concatenate([y, y[:1, ::-1]])[:count]
    soundfile.write(tmp_path / "s.wav", wave.T, sr, "PCM_16")
    wave = soundfile.read(tmp_path / "s.wav", dtype="float32")[0].T
    extra = {"cmap": ("-p", "3", "-l"), "n_fft": ("-y", "129")}
    chosen = [word for name in options for word in extra[name]]
    command = ["sox", tmp_path / "s.wav", "-n", "spectrogram", "-r", *chosen, "-o", tmp_path / "s.png"]
    subprocess.run(command, check=True)
    theirs = picture_files.read(tmp_path / "s.png")
    ours = fastspec.encode(wave, sr, profile="sox", **options)
    assert ours.pixels.shape == theirs.pixels.shape
    ends = 2 + 512 * 800 // wave.shape[-1]  # columns where SoX shortens its window, of 1024 at most
    inside = (slice(None), slice(ends, -ends))
    step = np.abs(ours.pixels[inside].astype(int) - theirs.pixels[inside])
    assert (step > 0).mean() < 2e-3
    assert step.max() <= 1
    np.testing.assert_array_equal(ours.palette, theirs.palette)
