"""ffmpeg's showspectrumpic: colours and legend proven against ffmpeg itself, and the way to sound.

Pictures without ffmpeg are drawn here after avf_showspectrum.c, written with the font's own cells.
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
from fastspec.colours import colormap, matching
from fastspec.errors import PictureError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.plot import channels
from fastspec.tools import recognition
from fastspec.tools.ffmpeg import colours
from fastspec.tools.ffmpeg.lettering import face
from tests.tools.programs import draw_with_ffmpeg, needs_ffmpeg, write, write_sounds

FAST = {"n_iter": 2}


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


@needs_ffmpeg
@pytest.mark.parametrize("name", colours.NAMES)
def test_ffmpegs_colours_are_its_own(folder, name):
    path = draw_with_ffmpeg(folder, "colours.png", f"s=512x128:legend=0:color={name[7:]}")
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
    read = fastspec.inspect(draw_with_ffmpeg(folder, "legend.png", "s=640x256:color=fiery"))
    assert read["profile"] == "ffmpeg"
    left, top, right, bottom = read["plot_area"]
    assert (right - left, bottom - top, top) == (640, 256, 64)
    assert (read["sr"], read.source("sr")) == (sr, "pixels")


@needs_ffmpeg
@pytest.mark.parametrize("profile", [None, "ffmpeg-sqrt", "ffmpeg-5thrt"])
def test_ffmpeg_to_sound_with_duration_and_rate_alone(folder, profile):
    y, sr = soundfile.read(folder / "long.wav", dtype="float32")
    scale = "log" if profile is None else profile[7:]
    path = draw_with_ffmpeg(folder, f"{scale}.png", f"s=1024x512:legend=0:scale={scale}")
    x, _ = fastspec.decode(path, duration=len(y) / sr, sr=sr, **({} if profile is None else {"profile": profile}))
    assert x.shape == y.shape
    assert metrics.log_mel_distance(x, y, sr) < 8.5  # speech; music is within 5.2


def test_a_sound_too_short_for_ffmpeg_is_said():
    known = Calibration.of(profile="ffmpeg", columns="spans", sr=22050, n_fft=1024)
    short = tools.of("ffmpeg").with_extent(known.updated("given", duration=7.1), 1024)
    assert any("too short" in remark for remark in short.remarks)
    assert not tools.of("ffmpeg").with_extent(known.updated("given", duration=61.45), 1024).remarks
    assert tools.of("ffmpeg").with_grid(short.without("n_fft"), 1024, 512)["win_length"] == 304


def figure(sr=44100, seconds=12.0, w=480, h=256, root=None, drange=120, layout="mono"):
    """ffmpeg's figure after avf_showspectrum.c, (H, W, 3): dBFS without `root`, else that root of the amplitude."""
    side = int((np.log10(sr) + 1) * 25)
    height, width = h + 128, w + 2 * side
    luma = np.zeros((height, width), np.uint8)

    def put(x, y, text):
        write(luma, face(), x, y, text, 255)

    text = f"{sr} Hz | {layout}"
    put(2, height - 10, "CREATED BY LIBAVFILTER")
    put(width - 2 - 10 * len(text), height - 10, text)
    luma[[63, 64 + h], side - 1 : side + w + 1] = 200
    luma[63 : 65 + h, [side - 1, side + w]] = 200
    for y in range(0, h, 40):
        text = f"{y * (sr // 2) / h:.2f}" if y else "DC"
        put(side - 8 * len(text) - 4, h + 64 - y - 5, text)
    for x in range(0, w, 80):
        text = f"{x * seconds / w:.2f}s" if x else "0"
        put(side + x - 4 * len(text), h + 70, text)
    put(width // 2 - 16, height - 32, "TIME")
    for y in range(0, h + 5, 25):
        share = max(0.0, 1 - y / (h - 1))
        put(side + w + 35, 61 + y, f"{(share - 1) * drange:.0f}" if root is None else f"{share**root:.3f}")
    rgb = np.repeat(luma[:, :, None], 3, axis=2)
    table = colours.table("ffmpeg-magma")
    noise = np.random.default_rng(1).random((h, w)) ** 2
    rgb[64 : 64 + h, side : side + w] = table[(noise * (len(table) - 1)).astype(int)]
    return Picture(rgb)


@pytest.mark.parametrize(
    ("root", "profile"), [(None, "ffmpeg"), (1, "ffmpeg-lin"), (2, "ffmpeg-sqrt"), (3, "ffmpeg-cbrt"),
                          (4, "ffmpeg-4thrt"), (5, "ffmpeg-5thrt")],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["rgb", "jpeg"])
def test_ffmpegs_legend_gives_rate_duration_and_scale(tmp_path, root, profile, kind):
    picture = figure(root=root)
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
    read = fastspec.inspect(figure(root=2), profile="ffmpeg-cbrt")
    assert read["profile"] == "ffmpeg-cbrt"
    assert any("the legend shows ffmpeg-sqrt" in remark for remark in read.remarks)


@pytest.mark.parametrize("drange", [60, 83, 200])
def test_ffmpegs_range_is_read(drange):
    assert fastspec.inspect(figure(drange=drange))["db_range"] == (-drange, 0.0)


def test_mixed_channels_of_ffmpegs_are_said():
    read = fastspec.inspect(figure(layout="stereo"))
    assert read["channels"] == 1
    assert any("mixed the colours of 2 channels" in remark for remark in read.remarks)


@needs_ffmpeg
@pytest.mark.parametrize("scale", ["log", "lin", "sqrt", "cbrt", "4thrt", "5thrt"])
@pytest.mark.parametrize("kind", ["png", "jpg"])
def test_ffmpegs_own_legends(labelled, speech, scale, kind):
    _, sr = speech
    read = fastspec.inspect(draw_with_ffmpeg(labelled, f"{scale}.{kind}", f"s=480x256:scale={scale}:color=viridis"))
    assert (read["profile"], read["sr"]) == ("ffmpeg" if scale == "log" else f"ffmpeg-{scale}", sr)
    assert read["duration"] == pytest.approx(24.0, rel=1e-3)
    assert read["cmap"] == "ffmpeg-viridis"


@needs_ffmpeg
def test_ffmpegs_channels_and_ranges(labelled, speech):
    _, sr = speech
    path = draw_with_ffmpeg(labelled, "separate.png", "s=480x250:mode=separate:drange=70:limit=-10", "stereo.wav")
    read = fastspec.inspect(path)
    assert (read["channels"], read["channel_layout"], read["sr"]) == (2, "stacked", sr)
    assert read["db_range"] == (-80.0, -10.0)


@needs_ffmpeg
def test_what_cannot_be_read_of_ffmpegs_is_refused_or_said(labelled):
    lying = draw_with_ffmpeg(labelled, "lying.png", "s=480x256:orientation=horizontal")
    with pytest.raises(PictureError, match=r"turn that by 90 degrees counterclockwise"):
        fastspec.decode(lying)
    with pytest.raises(PictureError, match="100 to 3000 Hz only"):
        fastspec.decode(draw_with_ffmpeg(labelled, "zoom.png", "s=480x256:start=100:stop=3000"))
    bent = fastspec.inspect(draw_with_ffmpeg(labelled, "bent.png", "s=480x256:fscale=log"))
    assert any("fscale=log" in remark for remark in bent.remarks)
    pale = fastspec.inspect(draw_with_ffmpeg(labelled, "pale.png", "s=480x256:saturation=0.3"))
    assert any("saturation" in remark for remark in pale.remarks)


@needs_ffmpeg
def test_a_lying_picture_turned_as_the_refusal_says_becomes_sound(labelled, speech):
    _, sr = speech
    picture = picture_files.read(draw_with_ffmpeg(labelled, "turned.png", "s=256x480:orientation=horizontal"))
    found = recognition.read_tool(picture, Calibration())
    left, top, right, bottom = found.facts["plot_area"].value
    turned = np.ascontiguousarray(np.rot90(picture.pixels[top:bottom, left:right]))
    x, rate = fastspec.decode(turned, profile="ffmpeg", sr=sr, duration=24.0)
    upright, _ = fastspec.decode(draw_with_ffmpeg(labelled, "upright.png", "s=480x256"))
    assert rate == sr
    assert metrics.log_mel_distance(x, upright, sr) < 1.0


def test_columns_are_whole_steps():
    known = Calibration.of(profile="ffmpeg", columns="spans", sr=22050, duration=61.45, n_fft=1024)
    assert tools.of("ffmpeg").with_extent(known, 1024)["time_extent"] == pytest.approx((0.0, 1024 * 1322 / 22050))


@pytest.fixture(scope="module")
def stereo(speech):
    """(2, n) float32: a voice on the left, another, which is the same backwards, on the right."""
    y, sr = speech
    y = y[: 3 * sr]
    y = 0.5 * y / np.abs(y).max()
    wave = np.stack([0.9 * y + 0.2 * y[::-1], 0.3 * y + 0.8 * y[::-1]])
    return np.ascontiguousarray(wave, np.float32), sr


def distances(x, y, sr):
    """Log-mel distances of two channels to their originals, of both to the other's, and of their sums."""

    def far(a, b):
        return metrics.log_mel_distance(np.ascontiguousarray(a), np.ascontiguousarray(b), sr)

    return [far(x[0], y[0]), far(x[1], y[1])], [far(x[0], y[1]), far(x[1], y[0])], far(x.mean(0), y.mean(0))


@needs_ffmpeg
def test_ffmpegs_separate_channels_when_told(stereo, tmp_path):
    y, sr = stereo
    y = np.tile(y, 8)
    soundfile.write(tmp_path / "s.wav", y.T, sr, "PCM_16")
    drawing = "showspectrumpic=mode=separate:scale=log:legend=0:s=200x256"
    command = ["ffmpeg", "-v", "error", "-i", tmp_path / "s.wav", "-lavfi", drawing, tmp_path / "s.png"]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    x, _ = fastspec.decode(tmp_path / "s.png", channels=2, duration=y.shape[1] / sr, sr=sr, profile="ffmpeg", **FAST)
    own, crossed, _ = distances(x, y, sr)
    assert np.mean(own) + 0.5 < np.mean(crossed)


def test_ffmpegs_first_channel_lies_below():
    pixels = np.repeat(np.array([[7], [7], [9], [9]], np.uint8), 3, axis=1)
    ffmpeg = tools.of("ffmpeg")
    found = channels.parts(pixels, {"channels": 2}, ffmpeg.channel_gap, first_on_top=ffmpeg.first_channel_on_top)
    assert [int(part[0, 0]) for part in found] == [9, 7]
