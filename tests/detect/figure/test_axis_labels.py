"""Whole figures that show a part of the axis, or the axis the other way round, and times in other units."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import fastspec
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.picture.picture import Picture

SR = 22050
TONES = (440.0, 1000.0, 3000.0)


@pytest.fixture(scope="module")
def tones():
    time = np.arange(5 * SR) / SR
    noise = 1e-3 * np.random.default_rng(0).standard_normal(time.size)
    return sum(np.sin(2 * np.pi * f * time) for f in TONES) + noise


def drawn(tones, folder, change, *, scale="linear"):
    """The file of a specshow figure after `change(axes)`."""
    import librosa
    import librosa.display

    figure = Figure(figsize=(8, 5), dpi=100)
    axes = figure.add_subplot()
    db = librosa.amplitude_to_db(np.abs(librosa.stft(tones.astype(np.float32), n_fft=2048)), ref=np.max)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        librosa.display.specshow(db, sr=SR, hop_length=512, x_axis="time", y_axis=scale, ax=axes)
        change(axes)
        figure.savefig(folder / "figure.png")
    return folder / "figure.png"


def peaks(y, sr):
    """The three loudest frequencies, Hz."""
    power = np.abs(np.fft.rfft(y * np.hanning(y.size))) ** 2
    found = []
    for _ in TONES:
        k = int(np.argmax(power))
        found.append(k * sr / y.size)
        power[max(0, k - 150 * y.size // sr) : k + 150 * y.size // sr] = 0
    return sorted(found)


@pytest.mark.parametrize(("scale", "low", "high"), [("linear", 300, 11025), ("log", 100, 8000), ("log", 64, 8192)])
def test_a_view_that_begins_above_zero_keeps_pitches(tones, tmp_path, scale, low, high):
    path = drawn(tones, tmp_path, lambda axes: axes.set_ylim(low, high), scale=scale)
    cal = fastspec.inspect(path)
    assert cal["freq_scale"] == scale
    assert cal["fmin"] == pytest.approx(low, abs=0.003 * high)
    assert cal.facts["sr"].confidence < 0.7  # the view may end anywhere
    y, sr = fastspec.decode(path)
    np.testing.assert_allclose(peaks(y, sr), TONES, rtol=0.06, atol=12)


def test_a_whole_axis_is_no_part(tones, tmp_path):
    for scale in ("linear", "log", "mel"):
        assert "fmin" not in read_figure(Picture.from_pil(Image.open(drawn(tones, tmp_path, lambda axes: None,
                                         scale=scale))), fastspec.Calibration())  # fmt: skip


def test_an_axis_that_rises_downwards_is_turned(tones, tmp_path):
    path = drawn(tones, tmp_path, lambda axes: axes.invert_yaxis())
    cal = fastspec.inspect(path)
    assert cal["origin"] == "upper"
    assert cal.source("origin") == "pixels"
    assert "doubt" not in cal.picture
    y, sr = fastspec.decode(path)
    np.testing.assert_allclose(peaks(y, sr), TONES, rtol=0.03, atol=12)


def test_offsets_of_a_turned_axis_are_those_of_the_file(tones, tmp_path):
    def place(axes):
        axes.set_position((0.1313, 0.1179, 0.757, 0.7537))  # no usual layout, between pixels

    def turned(axes):
        place(axes)
        axes.invert_yaxis()

    upright = fastspec.inspect(drawn(tones, tmp_path, place, scale="log"))
    upside = fastspec.inspect(drawn(tones, tmp_path, turned, scale="log"))
    assert upright["n_fft"] == upside["n_fft"] == 2048
    assert upside["origin"] == "upper"
    with Image.open(tmp_path / "figure.png") as image:
        height = image.height
    for cal in (upright, upside):  # the box of the file, from below
        _, top, _, bottom = cal["plot_area"]
        _, above, _, below = cal.get("plot_offsets", (0, 0, 0, 0))
        assert height - bottom - below == pytest.approx(0.1179 * 500, abs=0.35)
        assert height - top + above == pytest.approx((0.1179 + 0.7537) * 500, abs=0.35)


def test_times_in_minutes(tones, tmp_path):
    from matplotlib.ticker import FuncFormatter

    def minutes(axes):
        axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: f"{seconds / 60:.3f}"))
        axes.set_xlabel("Time (min)")

    cal = fastspec.inspect(drawn(tones, tmp_path, minutes))
    assert cal["duration"] == pytest.approx(5.0, rel=0.02)
