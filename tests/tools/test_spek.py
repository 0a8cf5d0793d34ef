"""Spek: recognised, its rulers read, decoded and drawn.

`tests/data/spek.png` was saved by Spek 0.8.5 of the test speech. The twin is that of `bench.pictures.spek`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fastspec
from bench.pictures.spek import colour
from bench.pictures.spek import window as twin
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.errors import CalibrationError, ParameterError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.tools import recognition

DATA = Path(__file__).parents[1] / "data"


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
