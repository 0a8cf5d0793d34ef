"""Titles of axes that say that a plot is no spectrogram."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure import axis_words
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.detect.figure.foreign_axes import foreign_axes
from fastspec.detect.figure.ticks import Side
from tests.detect.figure.figures import decibels, saved


@pytest.mark.parametrize(
    ("up", "along"),
    [
        ("Lag", "Time (s)"), ("BPM", "Time"), ("Query", "Key position"), ("Encoder timestep", "Decoder tlmestep"),
        ("MFCC coeMcient", "Frame"), ("Period (s)", "Time (s)"), ("Latitude", "Longitude"), ("", "Lag (s)"),
    ],
)  # fmt: skip
def test_titles_that_no_spectrogram_has(up, along):
    assert "no axis of a spectrogram" in foreign_axes(Side(title=up), Side(title=along))


@pytest.mark.parametrize(("up", "along"), [("Time (s)", "Time (s)"), ("Frame", "Frame index")])
def test_both_axes_the_same(up, along):
    assert foreign_axes(Side(title=up), Side(title=along)).startswith("both axes")


def test_time_upwards_and_frequency_across_is_a_spectrogram_on_its_side():
    assert "turn it" in foreign_axes(Side(title="Time (s)"), Side(title="Frequency (Hz)"))


@pytest.mark.parametrize(
    ("up", "along"),
    [
        ("Frequency (Hz)", "Time (s)"), ("Frequenz in kHz", "Zeit in s"), ("Hz", "Time"), ("Mel bands", "Frames"),
        ("Mel coefficient", "Frame"), ("Frequency bin", "Time frame"), ("?? ??", "? (s)"), ("Tempo", "Hz"), ("", ""),
        ("Mel-Kanal", "Zeitschritt"), ("Frequency", "Time"), ("MIDI note", "Time"), ("Channel", "Sample"),
    ],
)  # fmt: skip
def test_titles_of_spectrograms(up, along):
    assert "no axis" not in foreign_axes(Side(title=up), Side(title=along))
    assert not axis_words.foreign(up)


@pytest.mark.parametrize(
    ("extent", "titles", "doubt"),
    [
        ((0, 3, -1, 1), ("", ""), "neither frequencies nor counts"),  # amplitudes
        ((0, 30, -6, 11), ("", ""), "neither frequencies nor counts"),
        ((14, 17.4, 2, 30), ("", ""), "neither times"),
        ((6.5, 12.5, 42, 48.2), ("x", "y"), "neither times"),
        ((14, 17.4, 2, 30), ("Time (s)", "Frequency (kHz)"), ""),  # a view of a part
        ((2, 3, 2000, 9000), ("", ""), ""),
        ((0, 90, -0.5, 79.5), ("", ""), ""),
        ((0, 4, -0.2, 11.1), ("", ""), ""),  # half a bin below 0
    ],
)
def test_numbers_that_no_spectrogram_has(speech, extent, titles, doubt):
    figure, axes = plt.subplots(figsize=(7, 4), dpi=100)
    axes.imshow(decibels(speech[0]), aspect="auto", origin="lower", extent=extent)
    axes.set(xlabel=titles[0], ylabel=titles[1])
    said = read_figure(saved(figure), Calibration()).picture.get("doubt", "")
    assert doubt in said
    assert bool(doubt) == bool(said)


@pytest.mark.parametrize("dpi", [80, 110])
@pytest.mark.parametrize(
    ("x", "y", "bar"),
    [
        ("Time (s)", "Depth", "Temperature (\N{DEGREE SIGN}C)"), ("Time (s)", "y", "Humidity (%)"),
        ("Time (s)", "y", "Group delay (s)"), ("Frame", "Bin", "Mask"), ("Step", "Step", "Attention weight"),
        ("Time (s)", "y", "Voltage (mV)"), ("Time (s)", "y", "similarity"),
    ],
)  # fmt: skip
def test_a_bar_of_another_quantity_refuses(x, y, bar, dpi):
    shown = np.random.default_rng(1).uniform(-80, 0, (64, 90))
    figure, axes = plt.subplots(figsize=(6, 4), dpi=dpi)
    figure.colorbar(axes.imshow(shown, aspect="auto", origin="lower", extent=(0, 3, 0, 8000)), label=bar)
    axes.set(xlabel=x, ylabel=y)
    found = read_figure(saved(figure), Calibration())
    assert "no levels" in found.picture["doubt"]
    assert "db_range" not in found


@pytest.mark.parametrize("bar", ["Level (dB)", "dB", "Magnitude", "A-weighted level", "Power (dB/Hz)", "Intensity", ""])
def test_a_bar_of_levels_does_not(bar):
    shown = np.random.default_rng(1).uniform(-80, 0, (64, 90))
    figure, axes = plt.subplots(figsize=(6, 4), dpi=100)
    figure.colorbar(axes.imshow(shown, aspect="auto", origin="lower", extent=(0, 3, 0, 8000)), label=bar)
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    found = read_figure(saved(figure), Calibration())
    assert "doubt" not in found.picture
    assert found["db_range"] == pytest.approx((-80, 0), abs=0.5)


def test_levels_that_no_sound_has_refuse():
    shown = np.random.default_rng(1).uniform(-520, 240, (64, 90))
    figure, axes = plt.subplots(figsize=(6, 4), dpi=100)
    figure.colorbar(axes.imshow(shown, aspect="auto", origin="lower", extent=(0, 3, 0, 8000)))
    assert "which are no levels" in read_figure(saved(figure), Calibration()).picture["doubt"]


@pytest.mark.parametrize("kind", ["tempo", "hertz"])
def test_octaves_that_are_too_low_for_frequencies_are_tempi(kind):
    figure, axes = plt.subplots(figsize=(6, 4), dpi=100)
    high = 480 if kind == "tempo" else 8000
    axes.pcolormesh(np.arange(90) / 30, np.geomspace(16, high, 65), np.random.default_rng(1).random((64, 89)))
    axes.set_yscale("log", base=2)
    axes.yaxis.set_major_formatter("{x:g}")
    said = read_figure(saved(figure), Calibration()).picture.get("doubt", "")
    assert ("tempi" in said) == (kind == "tempo")
