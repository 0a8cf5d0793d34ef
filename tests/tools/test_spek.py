"""Spek: recognised, its rulers read, decoded and drawn.

`tests/data/spek.png` was saved by Spek 0.8.5 of the test speech. The twin is drawn after Spek's source, sample by
sample, with Pillow and the font that GTK takes.
"""

from __future__ import annotations

import math
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.errors import CalibrationError, ParameterError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.tools import recognition

DATA = Path(__file__).parents[1] / "data"
FONT = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
N_FFT, BINS = 2048, 1025


def colour(name, level):
    """spek-palette.cc, number by number."""
    if name == "spek-mono":
        return (int(level * 255 + 0.5),) * 3
    if name == "spek":
        r = 0.0 if level < 0.13 else math.sin((level - 0.13) / 0.60 * math.pi / 2) if level < 0.73 else 1.0
        g = 0.0 if level < 0.6 else math.sin((level - 0.6) / 0.31 * math.pi / 2) if level < 0.91 else 1.0
        b = 0.5 * math.sin(level / 0.6 * math.pi) if level < 0.6 else (level - 0.78) / 0.22 if level >= 0.78 else 0.0
        return tuple(int(v * 255 + 0.5) for v in (r, g, b))
    level *= 0.6625
    if level < 0.15:
        rgb = (0.15 - level) / 0.225, 0.0, 1.0
    elif level < 0.275:
        rgb = 0.0, (level - 0.15) / 0.125, 1.0
    elif level < 0.325:
        rgb = 0.0, 1.0, (0.325 - level) / 0.05
    elif level < 0.5:
        rgb = (level - 0.325) / 0.175, 1.0, 0.0
    else:
        rgb = (1.0, (0.6625 - level) / 0.1625, 0.0) if level < 0.6625 else (0.0, 0.0, 0.0)
    return tuple(int(v * min(level / 0.1, 1.0) * 255 + 0.5) for v in rgb)


def columns_of(y, width):
    """Mean decibels (columns, 1025) by the worker's loop, one sample after the other, of a file read at once."""
    window = 0.5 * (1 - np.cos(2 * np.pi / (N_FFT - 1) * np.arange(N_FFT)))
    padded = np.concatenate([np.zeros(N_FFT), y])
    whole, rest = divmod(len(y), width)
    error = frames = 0
    spectra, drawn = [], []
    for head in range(1, len(y)):
        frames += 1
        full = error < width and frames == whole
        over = error >= width and frames == whole + 1
        if frames % N_FFT == 0 or ((full or over) and not spectra):
            power = np.abs(np.fft.rfft(padded[head : head + N_FFT] * window)) ** 2
            spectra.append(10 * np.log10(np.maximum(power / N_FFT**2, 1e-30)))
        if full or over:
            error += -width if over else rest
            drawn.append(np.mean(spectra, axis=0))
            frames, spectra = 0, []
    return np.array(drawn)


def twin(y, sr, size, name="spek", low=-120, high=0, dense=1):
    """The window as SpekSpectrogram::render draws it, on a screen `dense` times as dense."""
    w, h = size
    left, top, right, bottom, gap = (round(v * dense) for v in (60, 60, 90, 40, 10))
    wide, tall = w - left - right, h - top - bottom
    canvas = Image.new("RGB", size)
    pixels, ink = canvas.load(), ImageDraw.Draw(canvas)
    levels = (np.clip(columns_of(y, wide), low, high) - low) / (high - low)
    for x, column in enumerate(levels[:wide]):
        for j in range(tall):
            pixels[left + x, top + j] = colour(name, column[BINS - 1 - (j * (BINS * 65536 // tall) >> 16)])
    small, normal = ImageFont.truetype(FONT, round(11 * dense)), ImageFont.truetype(FONT, round(12 * dense))
    ink.text((left, top - gap - 14 * dense), f"FLAC, {sr} Hz, 16 bits, channel 1 / 1, W:2048, F:Hann", "white", normal)
    ink.text((w - right + gap, top - 4 * gap), "spek", "white", normal)
    ink.rectangle((left, top, left + wide - 1, top + tall - 1), outline="white")
    for j in range(tall + 1):
        level = (BINS - 1 - (j * (BINS * 65536 // (tall + 1)) >> 16)) / BINS
        ink.line((w - right + gap, top + j, w - right + 2 * gap - 1, top + j), colour(name, level))
    seconds, half = len(y) / sr, sr // 2
    for tick in range(int(seconds) + 1):
        x = left + int(tick * wide / seconds)
        ink.line((x, h - bottom, x, h - bottom + 4), "white")
        ink.text((x, h - bottom + 10), f"{tick // 60}:{tick % 60:02d}", "white", small, anchor="ma")
    for tick in (*range(0, half - 1000, 2000), half):
        y_at = top + int((half - tick) * tall / half)
        ink.line((left - 4, y_at, left, y_at), "white")
        ink.text((left - 10, y_at), f"{tick // 1000} kHz", "white", small, anchor="rm")
    for tick in (*range(-high, -low - 10, 20), -low):
        x, y_at = w - right + 2 * gap, top + int((tick + high) * tall / (high - low))
        ink.line((x, y_at, x + 4, y_at), "white")
        ink.text((x + 10, y_at), f"{-tick} dB", "white", small, anchor="lm")
    return np.array(canvas)


def within(pixels):
    """Inside the frame."""
    return pixels[61:-41, 61:-91].astype(int)


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 3 * sr], sr


@pytest.fixture(scope="module")
def its_own():
    """What Spek itself has saved of the test speech."""
    return picture_files.read(DATA / "spek.png").rgb()


def test_speks_own_picture_needs_no_option(its_own, speech):
    y, sr = speech
    read = fastspec.inspect(its_own)
    assert (read["profile"], read["cmap"], read["sr"], read["db_range"]) == ("spek", "spek", sr, (-120.0, 0.0))
    assert read["duration"] == pytest.approx(len(y) / sr, rel=2e-3)
    assert (read["plot_area"], read["plot_hidden"]) == ((60, 60, 410, 273), (1, 1, 1, 1))
    assert not read.missing
    assert not read.remarks
    x, rate = fastspec.decode(its_own)
    n = min(len(x), len(y))
    assert rate == sr
    assert metrics.stoi(x[:n], y[:n], sr) > 0.78  # of each five bins the picture shows one
    assert x.std() == pytest.approx(y.std(), rel=0.5)


def test_our_drawing_is_speks(its_own, speech):
    y, sr = speech
    drawn = fastspec.encode(y, sr, profile="spek", size=its_own.shape[1::-1]).pixels
    off = np.abs(within(drawn) - within(its_own)).max(axis=2)
    assert off.max() <= 1
    assert (off == 0).mean() > 0.998
    bar, frame = np.s_[60:-39, -80:-70], [np.s_[60, 62:-92], np.s_[62:-42, 60], np.s_[-41, 62:-92], np.s_[62:-42, -91]]
    for part in (bar, *frame):
        np.testing.assert_array_equal(drawn[part], its_own[part])
    for part in (np.s_[:, 57], np.s_[-38, 55:-85], np.s_[55:-35, -68]):  # tick marks
        np.testing.assert_array_equal(*((one[part] > 128).all(axis=-1) for one in (drawn, its_own)))


@pytest.mark.parametrize(
    ("name", "low", "high"), [("spek", -120, 0), ("spek-spectrum", -120, -20), ("spek-mono", -100, -7)]
)
def test_the_drawing_is_that_of_speks_source(clip, name, low, high):
    y, sr = clip
    theirs = twin(y, sr, (520, 460), name, low, high)
    ours = fastspec.encode(y, sr, profile="spek", size=(520, 460), cmap=name, db_range=(low, high)).pixels
    off = np.abs(within(ours) - within(theirs)).max(axis=2)
    assert (off <= 1).mean() > 0.999  # at the brightest level spek-spectrum jumps to black
    assert (off == 0).mean() > 0.99


@pytest.mark.parametrize(
    ("name", "low", "high"), [("spek", -120, 0), ("spek-spectrum", -120, -20), ("spek-mono", -100, -7)]
)
@pytest.mark.parametrize("kind", ["rgb", "jpeg"])
def test_a_twin_needs_no_option(clip, tmp_path, name, low, high, kind):
    y, sr = clip
    image = Image.fromarray(twin(y, sr, (640, 520), name, low, high))
    path = tmp_path / ("twin.jpg" if kind == "jpeg" else "twin.png")
    image.save(path, **({"quality": 90} if kind == "jpeg" else {}))
    read = fastspec.inspect(path)
    assert (read["profile"], read["cmap"], read["sr"], read["db_range"]) == ("spek", name, sr, (low, high))
    assert read["duration"] == pytest.approx(len(y) / sr, rel=3e-3)
    assert not read.missing
    assert not read.remarks
    if kind == "rgb":
        x, _ = fastspec.decode(path)
        n = min(len(x), len(y))
        assert metrics.stoi(x[:n], y[:n], sr) > (0.85 if name == "spek" else 0.8)


def test_a_twin_on_a_dense_screen_is_recognised(clip):
    y, sr = clip
    read = fastspec.inspect(twin(y, sr, (900, 700), dense=1.5))
    assert (read["profile"], read["plot_area"], read["sr"]) == ("spek", (90, 90, 765, 640), sr)
    assert read["duration"] == pytest.approx(len(y) / sr, rel=3e-3)


def test_labels_that_cannot_be_read_are_said(its_own):
    pixels = its_own.copy()
    pixels[-36:, 30:-60] = 0
    read = fastspec.inspect(pixels)
    assert (read["profile"], read.source("sr"), read.source("duration")) == ("spek", "pixels", "assumed")
    assert any("labels of times are not understood" in remark for remark in read.remarks)


def test_memory_that_was_never_written_is_no_sound(its_own):
    pixels = its_own.copy()
    pixels[61:-41, 61:68] = 255  # as some runs of 0.8.5 draw what lies before the sound
    x, _ = fastspec.decode(pixels)
    clean, _ = fastspec.decode(its_own)
    assert np.abs(x).max() < 1.5 * np.abs(clean).max()


def test_pictures_without_frame_or_bar_are_not_speks(its_own):
    cut = its_own[60:-40, 60:-90]
    bare = its_own.copy()
    bare[:, -85:] = 0
    for pixels in (cut, bare, its_own[::-1].copy(), its_own[:, ::-1].copy()):
        assert not recognition.read_tool(Picture(pixels), Calibration()).facts


def test_a_picture_drawn_as_spek_does_needs_no_fact(clip):
    y, sr = clip
    picture = fastspec.encode(y, sr, profile="spek", size=(900, 700))
    x, rate = fastspec.decode(picture)
    assert (rate, x.shape) == (sr, y.shape)
    assert metrics.stoi(x, y, sr) > 0.93
    bare = fastspec.inspect(Picture(picture.pixels))
    assert (bare["profile"], bare["sr"], bare["db_range"]) == ("spek", sr, (-120.0, 0.0))
    assert bare["duration"] == pytest.approx(len(y) / sr, rel=3e-3)
    assert fastspec.encode(y, sr, profile="spek").pixels.shape == (413, 640, 3)
    short = fastspec.encode(y[:50], sr, profile="spek")  # fewer samples than columns: Spek draws nothing
    assert not within(short.pixels).any()
    silent, _ = fastspec.decode(fastspec.encode(np.zeros(sr, np.float32), sr, profile="spek"))
    assert not silent.any()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"cmap": "magma"}, ParameterError, "spek, spek-spectrum, spek-mono"),
        ({"n_fft": 2000}, ParameterError, "none of Spek's; use 256, 512"),
        ({"db_range": (-150.0, 0.0)}, ParameterError, "whole decibels"),
        ({"db_range": (-120.0, -0.5)}, ParameterError, "whole decibels"),
        ({"freq_scale": "mel"}, ParameterError, "freq_scale='mel'"),
        ({"top_db": 80.0}, ParameterError, "top_db=80"),
        ({"size": (160, 200)}, CalibrationError, "leaves no plot"),
        ({"max_seconds": 0.1}, CalibrationError, "limit of 0.1 s"),
    ],
)
def test_what_spek_does_not_draw_is_refused(clip, options, error, message):
    y, sr = clip
    with pytest.raises(error, match=message):
        fastspec.encode(y, sr, profile="spek", **options)


def test_its_maps_can_be_given_but_are_not_searched_for():
    assert not {"spek", "spek-spectrum", "spek-mono"} & set(colormap.names())
    for name in ("spek", "spek-spectrum", "spek-mono"):
        table = colormap.get(name).table.tolist()
        assert (table[0], table.count([0, 0, 0])) == ([0, 0, 0], 1)  # so that black is silence
        for k in range(0, len(table), 97):
            assert tuple(table[k]) == colour(name, (k + 0.5) / len(table))
