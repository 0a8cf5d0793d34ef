"""Axes that count rows and frames: told from Hz, kHz and seconds, and what is made of them."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.count_axes import Count, usual_bins, usual_rows


def array(rows: int, frames: int) -> np.ndarray:
    """Levels like those of sound: neighbours alike, less of them above."""
    rng = np.random.default_rng(rows)
    smooth = rng.standard_normal((rows, frames)).cumsum(axis=1) * 0.3
    return smooth + 6 * rng.standard_normal((rows, frames)) - np.linspace(0, 30, rows)[:, None]


def drawn(tmp_path, values, how=None, size=(8.0, 4.5), **labels):
    """A figure's file."""
    figure, axes = plt.subplots(figsize=size)
    axes.imshow(values, aspect="auto", **{"origin": "lower", "interpolation": "none", **(how or {})})
    axes.set(**labels)
    path = tmp_path / "figure.png"
    figure.savefig(path)
    plt.close(figure)
    return path


@pytest.mark.parametrize(
    ("rows", "frames", "origin", "labels"),
    [
        (64, 143, "lower", {"xlabel": "Frames", "ylabel": "Channel"}),
        (96, 210, "upper", {}),
        (128, 77, "lower", {"xlabel": "Time"}),
        (40, 18, "upper", {"xlabel": "time index"}),
    ],
)
def test_rows_and_frames_are_counted(tmp_path, rows, frames, origin, labels):
    cal = fastspec.inspect(drawn(tmp_path, array(rows, frames), {"origin": origin}, **labels))
    assert (cal["n_frames"], cal.source("n_frames")) == (frames, "pixels")
    assert (cal["origin"], cal["freq_edges"], cal["n_mels"]) == (origin, "cells", rows)
    assert cal.source("freq_scale") == cal.source("n_mels") == "assumed"
    assert "fmax" not in cal
    assert {cal.source("sr"), cal.source("duration")} == {"assumed"}
    assert any("counts" in said and "--sr" in said for said in cal.remarks)


@pytest.mark.parametrize("side", [128, 224])
def test_a_square_that_counts_from_the_top_may_be_a_picture(tmp_path, side):
    values = array(side, side)
    turned, upright = (
        fastspec.inspect(drawn(tmp_path, values, {"origin": origin, "cmap": "magma"})) for origin in ("upper", "lower")
    )
    assert "counts rows" not in turned.facts["origin"].note
    assert "counts rows" in upright.facts["origin"].note
    assert turned["n_frames"] == side


@pytest.mark.parametrize("n_fft", [512, 2048])
def test_so_many_bins_tell_the_length_of_the_transform(tmp_path, n_fft):
    values = array(1 + n_fft // 2, 150)
    cal = fastspec.inspect(drawn(tmp_path, values, xlabel="Frame", ylabel="Bins"))
    assert (cal["freq_scale"], cal["n_fft"], cal["freq_edges"]) == ("linear", n_fft, "cells")
    assert cal.source("n_fft") == "pixels"


def test_bands_that_are_given_are_the_rows(tmp_path):
    path = drawn(tmp_path, array(72, 160), xlabel="Trames")
    assert fastspec.inspect(path)["n_frames"] == 160
    cal = fastspec.inspect(path, n_mels=72)
    assert (cal["freq_scale"], cal.source("freq_scale"), cal["freq_edges"]) == ("mel", "pixels", "cells")


@pytest.mark.parametrize(
    ("extent", "duration", "labels"),
    [((0, 3.0, 0, 8000), 3.0, {"xlabel": "Time (s)"}), ((0, 12, 0, 11.025), 12, {"xlabel": "Time [sec]"})],
)
def test_hertz_and_seconds_are_no_counts(tmp_path, extent, duration, labels):
    cal = fastspec.inspect(drawn(tmp_path, array(129, 200), {"extent": extent}, **labels))
    assert cal["duration"] == pytest.approx(duration, rel=0.01)
    assert cal.source("sr") == "pixels"
    assert "counted_rows" not in cal.picture


def test_rows_may_be_counted_where_time_is_in_seconds(tmp_path):
    path = drawn(tmp_path, array(48, 120), {"extent": (-0.5, 29.5, -0.5, 47.5)}, xlabel="Time (s)")
    cal = fastspec.inspect(path)
    assert cal.picture["counted_rows"][0] == pytest.approx(48, abs=0.2)
    assert "counted_frames" not in cal.picture
    assert cal.source("duration") == "pixels"
    assert cal["duration"] == pytest.approx(29.5, rel=0.02)


def test_counts_begin_at_the_first_cell(tmp_path):
    cal = fastspec.inspect(drawn(tmp_path, array(128, 200), {"extent": (100, 700, 10, 127.5)}))
    assert not {"counted_rows", "counted_frames"} & cal.picture.keys()


def test_minutes_of_frames_are_no_seconds(tmp_path):
    cal = fastspec.inspect(drawn(tmp_path, array(80, 560), size=(11.0, 3.0)))
    assert cal.source("duration") == "assumed"
    assert abs(cal["n_frames"] - 560) <= 1
    assert cal.facts["n_frames"].confidence < 0.6


def test_a_count_is_known_to_one_pixel():
    assert usual_bins(Count(1023.9, 2.7, clear=False)) == 2048
    assert usual_bins(Count(513.2, 0.3, clear=False)) == 1024
    assert usual_bins(Count(1001.0, 2.7, clear=False)) is None


def test_numbers_of_rows_that_are_given():
    assert usual_rows(Calibration.of("given", n_mels=72, n_fft=600)) == (72, 301, 300)
    assert usual_rows(Calibration.of("assumed", n_mels=72)) == ()


@pytest.mark.parametrize(("size", "dpi"), [((9.0, 3.6), 72), ((5.5, 4.5), 72)])
def test_small_labels_beside_a_title_are_read(tmp_path, size, dpi):
    figure, axes = plt.subplots(figsize=size, dpi=dpi)
    axes.imshow(array(100, 140), aspect="auto", origin="lower", interpolation="nearest")
    axes.set(xlabel="frame number", ylabel="Channels")
    path = tmp_path / "small.png"
    figure.savefig(path)
    plt.close(figure)
    cal = fastspec.inspect(path)
    assert cal.picture["counted_rows"][0] == pytest.approx(100, abs=0.6)
    assert cal["n_mels"] == 100


def test_frames_are_no_milliseconds(tmp_path):
    cal = fastspec.inspect(drawn(tmp_path, array(96, 150), {"interpolation": "antialiased"}, xlabel="Quadros"))
    assert cal.source("duration") == "assumed"
    assert cal["n_frames"] == 150


def axes_of(tmp_path, values, setup, style="default", dpi=100, **options):
    """A figure's file in a style."""
    with plt.style.context(style):
        figure, axes = plt.subplots(figsize=(7.0, 4.0), dpi=dpi)
        axes.imshow(values, aspect="auto", **{"origin": "lower", "interpolation": "none", **options})
        axes.grid(visible=False)
        setup(axes)
        path = tmp_path / "styled.png"
        figure.savefig(path)
        plt.close(figure)
    return path


@pytest.mark.parametrize("title", ["Mel channel", "n_mels", "Banda mel"])
def test_titles_say_that_rows_are_mel_bands(tmp_path, title):
    cal = fastspec.inspect(drawn(tmp_path, array(64, 150), xlabel="Frame", ylabel=title))
    assert (cal["freq_scale"], cal["n_mels"], cal.picture["rows"]) == ("mel", 64, 64)
    assert cal.source("freq_scale") == cal.source("n_mels") == "pixels"


def test_the_title_of_the_plot_says_mel_too(tmp_path):
    cal = fastspec.inspect(drawn(tmp_path, array(80, 150), xlabel="Frame", title="Mel spectrogram"))
    assert (cal["n_mels"], cal.source("n_mels")) == (80, "pixels")


def test_rows_of_no_usual_number_are_counted(tmp_path):
    cal = fastspec.inspect(drawn(tmp_path, array(72, 150), xlabel="Trames"))
    assert (cal.picture["rows"], cal["freq_edges"], cal.source("n_mels")) == (72, "cells", "assumed")


def test_512_bands_are_rarer_than_513_bins(tmp_path):
    cal = fastspec.inspect(drawn(tmp_path, array(513, 150), xlabel="Frames", ylabel="Channels"))
    assert (cal["freq_scale"], cal["n_fft"]) == ("linear", 1024)


@pytest.mark.parametrize("style", ["classic", "fivethirtyeight", "seaborn-v0_8", "bmh", "dark_background"])
def test_axes_without_tick_marks_outside_count(tmp_path, style):
    path = axes_of(tmp_path, array(80, 170), lambda axes: axes.set(xlabel="Frame", ylabel="Channel"), style, 120)
    cal = fastspec.inspect(path)
    assert cal["n_mels"] == 80
    assert cal.source("sr") == "assumed"
    assert abs(cal["n_frames"] - 170) <= 3


def test_frames_that_run_backwards_are_read_mirrored(tmp_path):
    levels = array(80, 170)
    levels[:, 1:] = (levels[:, 1:] + levels[:, :-1]) / 2  # windows overlap
    path = axes_of(tmp_path, levels, lambda axes: (axes.invert_xaxis(), axes.set(xlabel="Frames")))
    cal = fastspec.inspect(path)
    assert "doubt" not in cal.picture
    assert cal.picture["backwards"]
    assert any("mirrored" in said for said in cal.remarks)
