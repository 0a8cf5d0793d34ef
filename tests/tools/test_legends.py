"""Legends of SoX and ffmpeg: what the tools have written beside the plot, read off the pixels.

Pictures without a tool are drawn here after the sources' geometry, written with the font's own cells. Tests with the
tools are skipped where those are not installed.
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
from fastspec.detect import legend as detect_legend
from fastspec.errors import PictureError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.tools import recognition
from fastspec.tools.ffmpeg import colours as ffmpeg_colours
from fastspec.tools.ffmpeg import lettering
from fastspec.tools.sox import colours as sox_colours
from fastspec.tools.sox import legend as sox_legend

FACES = {"sox": sox_legend.face, "ffmpeg": lettering.face}
needs_sox = pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def _write(pixels, name, x, y, text, ink):
    drawn = FACES[name]().drawn(text)
    part = pixels[y : y + drawn.shape[0], x : x + drawn.shape[1]]
    part[drawn[:, : part.shape[1]]] = ink


def _sox_figure(sr=16000, seconds=4.0, cols=400, rows=257, z=90, top=-10, channels=1, seed=0):
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
                _write(pixels, "sox", 24, low - y - 5, f"{0.1 * i:5g}" if i else "   DC", 2)
    for i, share in tenths(seconds, 5):
        x = int(share * cols + 0.5)
        pixels[height - 48 : height - 45, 57 + x] = 3
        if i % 10 == 0:
            text = f"{0.1 * i:g}"
            _write(pixels, "sox", 58 + x - 3 * len(text), height - 43, text, 2)
    _write(pixels, "sox", 58 + (cols - 6 * 8) // 2, height - 25, "Time (s)", 1)
    upright = pixels[::-1, 10:22].T
    start = 48 + (stacked - 6 * 15) // 2
    upright[:, start : start + 90][sox_legend.face().drawn("Frequency (kHz)")] = 1
    bar = min(400, stacked)
    base = 48 + (stacked - bar) // 2
    levels = 4 + 1 + np.arange(bar) * 249 // (bar - 1)
    pixels[height - base - bar : height - base, width - 49 : width - 35] = levels[::-1, None]
    step = int(10 * np.ceil(z / 10 * 14 / (bar - 1)))
    for i in range(0, z + 1, step):
        y = int(i / z * (bar - 1) + 0.5)
        _write(pixels, "sox", width - 34, height - 1 - base - y - 5, f"{i + top - z:+d}", 2)
    fixed = np.array([[0, 0, 0], [255, 255, 255], [191, 191, 191], [127, 127, 127]], np.uint8)
    return Picture(pixels, np.concatenate([fixed, sox_colours.table("sox")]))


def _ffmpeg_figure(sr=44100, seconds=12.0, w=480, h=256, root=None, drange=120, layout="mono"):
    """ffmpeg's figure after avf_showspectrum.c, (H, W, 3): dBFS without `root`, else that root of the amplitude."""
    side = int((np.log10(sr) + 1) * 25)
    height, width = h + 128, w + 2 * side
    luma = np.zeros((height, width), np.uint8)

    def write(x, y, text):
        _write(luma, "ffmpeg", x, y, text, 255)

    text = f"{sr} Hz | {layout}"
    write(2, height - 10, "CREATED BY LIBAVFILTER")
    write(width - 2 - 10 * len(text), height - 10, text)
    luma[[63, 64 + h], side - 1 : side + w + 1] = 200
    luma[63 : 65 + h, [side - 1, side + w]] = 200
    for y in range(0, h, 40):
        text = f"{y * (sr // 2) / h:.2f}" if y else "DC"
        write(side - 8 * len(text) - 4, h + 64 - y - 5, text)
    for x in range(0, w, 80):
        text = f"{x * seconds / w:.2f}s" if x else "0"
        write(side + x - 4 * len(text), h + 70, text)
    write(width // 2 - 16, height - 32, "TIME")
    for y in range(0, h + 5, 25):
        share = max(0.0, 1 - y / (h - 1))
        write(side + w + 35, 61 + y, f"{(share - 1) * drange:.0f}" if root is None else f"{share**root:.3f}")
    rgb = np.repeat(luma[:, :, None], 3, axis=2)
    table = ffmpeg_colours.table("ffmpeg-magma")
    noise = np.random.default_rng(1).random((h, w)) ** 2
    rgb[64 : 64 + h, side : side + w] = table[(noise * (len(table) - 1)).astype(int)]
    return Picture(rgb)


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
    picture = _sox_figure(**told)
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
    picture = _sox_figure()
    pixels = picture.pixels.copy()
    pixels[-43:-31] = np.random.default_rng(2).integers(0, 4, pixels[-43:-31].shape)  # over the times
    read = fastspec.inspect(Picture(pixels, picture.palette))
    assert read.source("duration") == "assumed"
    assert read.source("sr") == "pixels"
    assert any("labels of times are not understood" in remark for remark in read.remarks)


def test_what_is_given_is_not_contradicted_by_what_agrees():
    read = fastspec.inspect(_sox_figure(), duration=4.01, sr=16000)
    assert read["duration"] == 4.01
    assert not read.remarks
    read = fastspec.inspect(_sox_figure(), duration=5.0)
    assert read["duration"] == 5.0
    assert any(remark.startswith("duration: given says 5") for remark in read.remarks)


def test_the_bar_of_soxs_labels_allows_one_range_where_it_is_high():
    places = {tuple(sox_legend._bar_places(z, 400)) for z in range(20, 181)}
    assert len(places) == 161


@pytest.mark.parametrize(
    ("root", "profile"), [(None, "ffmpeg"), (1, "ffmpeg-lin"), (2, "ffmpeg-sqrt"), (3, "ffmpeg-cbrt"),
                          (4, "ffmpeg-4thrt"), (5, "ffmpeg-5thrt")],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["rgb", "jpeg"])
def test_ffmpegs_legend_gives_rate_duration_and_scale(tmp_path, root, profile, kind):
    picture = _ffmpeg_figure(root=root)
    if kind == "jpeg":
        Image.fromarray(picture.pixels).save(tmp_path / "figure.jpg", quality=75)
        picture = picture_files.read(tmp_path / "figure.jpg")
    read = fastspec.inspect(picture)
    assert (read["profile"], read["sr"], read["channels"]) == (profile, 44100, 1)
    assert read["duration"] == pytest.approx(12.0, rel=1e-3)
    assert read["plot_area"] == (141, 64, 621, 320)
    if root is None:
        assert read["db_range"] == (-120.0, 0.0)
    else:
        assert read["level_exponent"] == pytest.approx(1 / root)


def test_a_given_profile_of_ffmpegs_is_kept_and_the_legends_said():
    read = fastspec.inspect(_ffmpeg_figure(root=2), profile="ffmpeg-cbrt")
    assert read["profile"] == "ffmpeg-cbrt"
    assert any("the legend shows ffmpeg-sqrt" in remark for remark in read.remarks)


@pytest.mark.parametrize("drange", [60, 83, 200])
def test_ffmpegs_range_is_read(drange):
    assert fastspec.inspect(_ffmpeg_figure(drange=drange))["db_range"] == (-drange, 0.0)


def test_mixed_channels_of_ffmpegs_are_said():
    read = fastspec.inspect(_ffmpeg_figure(layout="stereo"))
    assert read["channels"] == 1
    assert any("mixed the colours of 2 channels" in remark for remark in read.remarks)


@pytest.mark.parametrize("shape", [(1, 1), (300, 1), (200, 210), (400, 500), (591, 944)])
@pytest.mark.parametrize("kind", ["gray", "deep", "palette", "rgb", "black"])
def test_legends_are_seen_in_no_noise(shape, kind):
    rng = np.random.default_rng(sum(shape))
    pixels = rng.integers(0, 255, (*shape, 3) if kind == "rgb" else shape, dtype=np.uint8)
    palette = rng.integers(0, 255, (256, 3), dtype=np.uint8) if kind == "palette" else None
    if kind == "deep":
        pixels = pixels.astype(np.uint16) * 257
    elif kind == "black":
        pixels = np.zeros((*shape, 3), np.uint8)
    picture = Picture(pixels, palette)
    assert sox_legend.plot(picture) is None
    box = (58, 30, max(59, shape[1] - 86), max(31, shape[0] - 48))
    found = {"plot_area": detect_legend.pixels_fact(box, 1.0, "")}
    for tool in ("sox", "ffmpeg"):
        named = {**found, "profile": detect_legend.pixels_fact(tool, 1.0, "")}
        legend = recognition.read_legend(tools.of(tool), picture, named, Calibration())
        assert not set(legend.facts) & {"sr", "duration", "db_range", "cmap"}


# With the tools --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory, speech):
    place = tmp_path_factory.mktemp("legends")
    y, sr = speech
    y = y[: 4 * sr]
    soundfile.write(place / "clip.wav", y, sr)
    soundfile.write(place / "stereo.wav", np.stack([y, 0.5 * y[::-1]], axis=1), sr)
    soundfile.write(place / "long.wav", np.tile(y, 6), sr)
    return place


def _sox(folder, name, *options, source="clip.wav"):
    path = folder / f"{name}.png"
    subprocess.run(["sox", folder / source, "-n", "spectrogram", *options, "-o", path], check=True)
    return path


def _ffmpeg(folder, name, options, source="long.wav"):
    path = folder / name
    command = ["ffmpeg", "-v", "error", "-y", "-i", folder / source, "-lavfi", f"showspectrumpic={options}", path]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


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
def test_soxs_own_figures_need_no_option(folder, speech, options, range_db):
    _, sr = speech
    read = fastspec.inspect(_sox(folder, "figure", *options))
    assert (read["sr"], read["db_range"], read["channels"]) == (sr, range_db, 1)
    assert read["duration"] == pytest.approx(4.0, rel=0.02)
    assert not read.missing
    assert not read.remarks


@needs_sox
def test_soxs_part_of_a_sound_in_two_channels(folder, speech):
    _, sr = speech
    read = fastspec.inspect(_sox(folder, "part", "-S", "1", "-d", "2", source="stereo.wav"))
    assert (read["sr"], read["channels"], read["channel_layout"]) == (sr, 2, "stacked")
    assert read["duration"] == pytest.approx(2.0, rel=0.02)


@needs_sox
def test_the_range_read_makes_the_sound_as_loud_as_it_was(folder, speech):
    y, sr = speech
    y = y[: 4 * sr]
    sounds = {}
    for name, options in {"usual": ("-z", "120"), "narrow": ("-z", "80", "-Z", "-10")}.items():
        x, rate = fastspec.decode(_sox(folder, name, *options))
        assert rate == sr
        x = np.pad(x, (0, max(0, len(y) - len(x))))[: len(y)]
        assert metrics.stoi(x, y, sr) > 0.96
        sounds[name] = float(np.sqrt(np.mean(x**2)))
    assert sounds["narrow"] == pytest.approx(sounds["usual"], rel=0.05)
    assert sounds["usual"] == pytest.approx(float(np.sqrt(np.mean(y**2))), rel=0.1)  # decibels of full scale


@needs_ffmpeg
@pytest.mark.parametrize("scale", ["log", "lin", "sqrt", "cbrt", "4thrt", "5thrt"])
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_ffmpegs_own_legends(folder, speech, scale, kind):
    _, sr = speech
    read = fastspec.inspect(_ffmpeg(folder, f"{scale}.{kind}", f"s=480x256:scale={scale}:color=viridis"))
    assert (read["profile"], read["sr"]) == ("ffmpeg" if scale == "log" else f"ffmpeg-{scale}", sr)
    assert read["duration"] == pytest.approx(24.0, rel=1e-3)
    assert read["cmap"] == "ffmpeg-viridis"


@needs_ffmpeg
def test_ffmpegs_channels_and_ranges(folder, speech):
    _, sr = speech
    path = _ffmpeg(folder, "separate.png", "s=480x250:mode=separate:drange=70:limit=-10", "stereo.wav")
    read = fastspec.inspect(path)
    assert (read["channels"], read["channel_layout"], read["sr"]) == (2, "stacked", sr)
    assert read["db_range"] == (-80.0, -10.0)


@needs_ffmpeg
def test_what_cannot_be_read_of_ffmpegs_is_refused_or_said(folder):
    lying = _ffmpeg(folder, "lying.png", "s=480x256:orientation=horizontal")
    with pytest.raises(PictureError, match=r"turn that by 90 degrees counterclockwise"):
        fastspec.decode(lying)
    with pytest.raises(PictureError, match="100 to 3000 Hz only"):
        fastspec.decode(_ffmpeg(folder, "zoom.png", "s=480x256:start=100:stop=3000"))
    bent = fastspec.inspect(_ffmpeg(folder, "bent.png", "s=480x256:fscale=log"))
    assert any("fscale=log" in remark for remark in bent.remarks)
    pale = fastspec.inspect(_ffmpeg(folder, "pale.png", "s=480x256:saturation=0.3"))
    assert any("saturation" in remark for remark in pale.remarks)


@needs_ffmpeg
def test_a_lying_picture_turned_as_the_refusal_says_becomes_sound(folder, speech):
    _, sr = speech
    picture = picture_files.read(_ffmpeg(folder, "turned.png", "s=256x480:orientation=horizontal"))
    found = recognition.read_tool(picture, Calibration())
    left, top, right, bottom = found.facts["plot_area"].value
    turned = np.ascontiguousarray(np.rot90(picture.pixels[top:bottom, left:right]))
    x, rate = fastspec.decode(turned, profile="ffmpeg", sr=sr, duration=24.0)
    upright, _ = fastspec.decode(_ffmpeg(folder, "upright.png", "s=480x256"))
    assert rate == sr
    assert metrics.log_mel_distance(x, upright, sr) < 1.0
