"""Whole figures: what they tell together, and where they tell nothing."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.picture.picture import Picture
from tests.detect.figure.figures import decibels, saved, specshow
from tests.detect.figure.tones import drawn


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
def test_labels_tell_scale_rate_duration_and_range(speech, scale):
    picture, box = specshow(speech, scale)
    wave, sr = speech
    facts = read_figure(picture, Calibration())
    assert facts["plot_area"] == box
    assert facts["freq_scale"] == scale
    assert facts["sr"] == sr
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    assert facts["db_range"] == pytest.approx((-80, 0), abs=0.5)
    assert not facts.remarks
    assert max(fact.confidence for fact in facts.facts.values()) <= 0.9


def test_specgram_with_own_labels(speech):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    _, _, _, shown = axes.specgram(wave, NFFT=1024, noverlap=768, Fs=sr, vmin=-140, vmax=-40)
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    figure.colorbar(shown, ax=axes)
    facts = read_figure(saved(figure), Calibration())
    assert facts["sr"] == sr
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    assert facts["db_range"] == pytest.approx((-140, -40), abs=0.5)


def test_kilohertz_without_frame_and_bar(speech):
    wave, sr = speech
    shown = decibels(wave)
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(shown, origin="lower", aspect="auto", extent=(0, len(wave) / sr, 0, sr / 2000), cmap="viridis")
    axes.set(xlabel="Time [s]", ylabel="Frequency [kHz]")
    for spine in axes.spines.values():
        spine.set_visible(False)
    facts = read_figure(saved(figure), Calibration())
    assert facts["sr"] == sr
    assert facts["freq_scale"] == "linear"
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    assert "db_range" not in facts
    assert "plot_hidden" not in facts


def test_frames_and_bins_are_not_taken_for_seconds_and_hertz(speech):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(decibels(speech[0]), origin="lower", aspect="auto", cmap="magma")
    axes.set(xlabel="Frames")
    facts = read_figure(saved(figure), Calibration())
    assert "plot_area" in facts
    assert "duration" not in facts
    assert "sr" not in facts
    assert "neither Hz nor seconds" in facts.remarks[0]


def test_two_spectrograms_are_refused(speech):
    shown = decibels(speech[0])
    figure, both = plt.subplots(2, 1, figsize=(8, 6), dpi=100)
    for axes in both:
        axes.pcolormesh(shown, cmap="magma")
    facts = read_figure(saved(figure), Calibration())
    assert "plot_area" not in facts
    assert "2 spectrograms in one figure" in facts.picture["doubt"]


def test_waveform_above_a_spectrogram_is_passed_over(speech):
    wave, sr = speech
    figure, (above, below) = plt.subplots(2, 1, figsize=(8, 6), dpi=100)
    above.plot(wave)
    below.specgram(wave, Fs=sr)
    extent = below.get_window_extent()
    facts = read_figure(saved(figure), Calibration())
    assert facts["plot_area"][1] == round(600 - extent.y1)


def test_bare_pictures_and_odd_ones_say_nothing():
    rng = np.random.default_rng(5)
    for pixels in (
        rng.integers(0, 255, (1, 1, 3), dtype=np.uint8),
        rng.integers(0, 255, (200, 300, 3), dtype=np.uint8),
        np.zeros((200, 300), np.uint16),
        np.full((200, 300, 3), 255, np.uint8),
        rng.integers(0, 255, (3, 900), dtype=np.uint8),
    ):
        assert not read_figure(Picture(pixels), Calibration()).facts


def test_figure_decodes_without_any_option(speech):
    from fastspec.phase.metrics import stoi

    wave, sr = speech
    picture, _ = specshow(speech, "log", size=(10, 4))
    sound, rate = fastspec.decode(picture)
    assert rate == sr
    n = min(len(wave), len(sound))
    assert stoi(wave[:n], sound[:n], sr) > 0.8


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


@pytest.mark.parametrize("kind", ["spectrogram", "disc"])
def test_a_plot_cut_by_a_white_grid_without_tick_marks_is_found(speech, kind):
    """seaborn's style draws neither a frame nor tick marks; a polar plot is no such rectangle."""
    with plt.style.context("seaborn-v0_8"):
        polar = {"projection": "polar"} if kind == "disc" else {}
        figure, axes = plt.subplots(figsize=(6, 4), dpi=80, subplot_kw=polar)
        shown = decibels(speech[0])[:200, :80]
        if kind == "disc":
            axes.pcolormesh(np.linspace(0, 2 * np.pi, 80), np.arange(200), shown, cmap="viridis")
        else:
            axes.imshow(shown, origin="lower", aspect="auto", cmap="viridis", interpolation="nearest")
        axes.set(xticklabels=[], yticklabels=[])
        axes.grid(True, color="w", linewidth=1.5)
        found = read_figure(saved(figure), Calibration())
    if kind == "disc":
        assert "plot_area" not in found
    else:
        assert found["plot_area"] == pytest.approx((60, 38, 432, 285), abs=4)
