"""Audacity's spectrogram view: its pixels, the way back, and our drawing.

`tests/data/audacity.png` is a screenshot of Audacity 3.2.4 with the test speech.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fastspec
from fastspec.axes import scales
from fastspec.axes.frequency import FrequencyAxis
from fastspec.colours import colormap, matching
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.tools.audacity import colours

SCALES = [name for name in scales.NAMES if scales.get(name).has_pitch]  # in the order of the screenshot
DATA = Path(__file__).parents[1] / "data"
ROWS, FIRST, COLUMNS = 151, 200, 120  # of each scale in audacity.png
WIDTHS = {"linear": 958}  # columns of the whole clip; 944 on all other scales


@pytest.fixture(scope="module")
def screenshot():
    """Colours (6, 151, 120, 3) of Audacity's own pictures, one a scale."""
    return picture_files.read(DATA / "audacity.png").rgb().reshape(6, ROWS, COLUMNS, 3)


def twin_of(y, sr, scale, width, height, columns=slice(None)):
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
    twin = twin_of(y, sr, scale, width, ROWS, slice(FIRST, FIRST + COLUMNS))
    table = colours.table("audacity-3.2").astype(int)
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
    gray, inverse = (colours.table(f"audacity-{name}")[:, 0].astype(int) for name in ("grayscale", "inverse"))
    assert (gray[0], gray[-1]) == (214, 0)
    assert (np.diff(gray) <= 0).all()
    np.testing.assert_array_equal(inverse, 255 * np.arange(256) // 256)
    classic = colours.table("audacity-classic")
    np.testing.assert_array_equal(
        classic[[0, 64, 128, 192]], [[192, 192, 192], [76, 153, 255], [229, 25, 229], [255, 0, 0]]
    )
    np.testing.assert_array_equal(
        classic[[108, 123, 124, 255]], [[181, 64, 237], [217, 34, 231], [219, 32, 230], [255, 251, 251]]
    )
    np.testing.assert_array_equal(colours.table("audacity")[[0, 255]], [[1, 1, 1], [254, 251, 249]])
    for name in colours.COLOURS:
        np.testing.assert_array_equal(colormap.get(f"{name}_r").table, colormap.get(name).table[::-1])


@pytest.mark.parametrize(
    ("scale", "stoi", "distance"),
    [("linear", 0.74, 6.8), ("log", 0.83, 5.4), ("mel", 0.85, 4.3), ("bark", 0.88, 4.2), ("erb", 0.88, 4.4)],
)
def test_a_track_becomes_speech_with_scale_duration_and_rate(speech, scale, stoi, distance):
    y, sr = speech
    table = colours.table("audacity-3.2")
    picture = Picture(table[twin_of(y, sr, scale, 944, ROWS)])
    x, _ = fastspec.decode(picture, profile="audacity", freq_scale=scale, duration=4.5, sr=sr)
    assert x.shape == y.shape
    assert metrics.stoi(x, y, sr) > stoi
    assert metrics.log_mel_distance(x, y, sr) < distance
    assert x.std() == pytest.approx(y.std(), rel=0.8)  # 0 dB is full scale; a row's loudest bin stands for several


@pytest.mark.parametrize("name", colours.COLOURS + colours.GRAYS)
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
