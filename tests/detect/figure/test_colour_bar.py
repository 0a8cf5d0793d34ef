"""What the labels of a colour bar tell."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import LogNorm, Normalize, TwoSlopeNorm

from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure import colour_bar
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.detect.figure.bar_title import meaning
from fastspec.detect.figure.findings import Findings
from tests.detect.figure.figures import decibels, saved


def test_a_colour_bar_below_the_plot(speech):
    figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
    mesh = axes.pcolormesh(decibels(speech[0]), cmap="viridis")
    figure.colorbar(mesh, ax=axes, location="bottom")
    assert read_figure(saved(figure), Calibration())["db_range"] == pytest.approx((-80, 0), abs=0.5)


def bar_of(shown, norm, *, label=None, **options):
    figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
    mesh = axes.pcolormesh(shown, cmap="coolwarm", norm=norm)
    figure.colorbar(mesh, ax=axes, label=label, **options)
    return read_figure(saved(figure), Calibration())


@pytest.mark.parametrize("location", ["right", "bottom"])
@pytest.mark.parametrize(("low", "high"), [(-45, 35), (-62, 18), (-24.5, 51), (-70, 12)])
def test_a_bar_whose_halves_have_steps_of_their_own(speech, low, high, location):
    """librosa 1.0 draws levels on both sides of 0 dB with matplotlib's TwoSlopeNorm."""
    shown = decibels(speech[0]) * (high - low) / 80 + high
    facts = bar_of(shown, TwoSlopeNorm(0.0, low, high), location=location)
    assert facts["db_center"] == 0
    assert facts["db_range"] == pytest.approx((low, high), abs=0.8)
    assert facts.facts["db_range"].confidence > 0.8


@pytest.mark.parametrize(("low", "high", "bare"), [(-78, 3, "upper"), (-4, 66, "lower")])
def test_a_half_without_numbers_is_only_assumed(speech, low, high, bare):
    """Its numbers lie on a line through both halves, which would end 60 dB off."""
    shown = decibels(speech[0]) * (high - low) / 80 + high
    facts = bar_of(shown, TwoSlopeNorm(0.0, low, high))
    assert (facts["db_center"], facts.facts["db_range"].source) == (0, "assumed")
    assert facts["db_range"] == pytest.approx((low, high), abs=6)
    assert any(f"no number in its {bare} half" in remark for remark in facts.remarks)


@pytest.mark.parametrize(("low", "high"), [(-80, 0), (-45, 35), (-40, 40), (-20, 60), (-90, 10)])
def test_one_step_from_end_to_end_is_no_bar_of_halves(speech, low, high):
    facts = bar_of(decibels(speech[0]) * (high - low) / 80 + high, Normalize(low, high))
    assert "db_center" not in facts
    assert facts["db_range"] == pytest.approx((low, high), abs=0.8)


def drawn(values, title="", norm=None, size=(8, 4), dpi=90, cmap="inferno"):
    """Facts, remarks and doubt of a figure with a colour bar beside it."""
    figure, axes = plt.subplots(figsize=size, dpi=dpi)
    time, hertz = np.arange(values.shape[1]) / 40, np.linspace(0, 6000, len(values))
    mesh = axes.pcolormesh(time, hertz, values, cmap=cmap, norm=norm, shading="nearest")
    axes.set(xlabel="Time [s]", ylabel="Frequency [Hz]")
    figure.colorbar(mesh, ax=axes, label=title)
    return read_figure(saved(figure), Calibration())


@pytest.fixture(scope="module")
def smooth():
    """Values 0 .. 1 (97, 150) with every level."""
    grid = np.add.outer(np.sin(np.arange(97) / 7), np.cos(np.arange(150) / 11))
    noise = np.random.default_rng(2).normal(size=grid.shape)
    values = grid + 0.5 * noise
    return (values - values.min()) / np.ptp(values)


@pytest.mark.parametrize(("title", "per_decade"), [("Power", 10), ("Amplitude", 20)])
@pytest.mark.parametrize(
    ("low", "high", "size", "dpi"), [(-7, 0, (8, 4), 72), (-4, 3, (11, 3), 100), (-3, 5, (5, 5), 150)]
)
def test_a_bar_in_powers_of_ten_is_decibels(smooth, title, per_decade, low, high, size, dpi):
    values = 10 ** (low + (high - low) * smooth)
    found = drawn(values, title, LogNorm(10.0**low, 10.0**high), size, dpi)
    assert found["db_range"] == (per_decade * low, per_decade * high)
    assert found.source("db_range") == "pixels"
    assert found["level_kind"] == "db"


def test_powers_of_ten_of_what_is_not_said_are_assumed_to_be_of_power(smooth):
    found = drawn(10 ** (-6 + 5 * smooth), norm=LogNorm(1e-6, 1e-1))
    assert found["db_range"] == (-60, -10)
    assert found.source("db_range") == "assumed"
    assert any("-120 .. -20 of amplitude" in remark and "--db-range" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("low", "high", "title", "expected", "source"),
    [
        (-75, 5, "Level (dB)", (-75, 5), "pixels"),
        (-30, -5, "dB/Hz", (-30, -5), "pixels"),
        (-70, 10, "", (-70, 10), "pixels"),
        (-18, 6, "ln", (-78.17, 26.06), "assumed"),
        (-6, 2, "log10", (-60, 20), "assumed"),
        (-11.513, 1.5, "", (-100, 13.03), "assumed"),
        (-11.513, 1.5, "ln", (-100, 13.03), "assumed"),
        (-17, 4, "", (-73.83, 17.37), "assumed"),
        (-9, 1, "", (-90, 10), "assumed"),
        (-3, 4, "z-score", None, None),
        (-2.5, 3, "", None, None),
        (0, 1, "", None, None),
    ],
)
def test_numbers_are_decibels_only_where_they_may_be(smooth, low, high, title, expected, source):
    found = drawn(low + (high - low) * smooth, title)
    assert found.source("db_range") == source
    if expected:
        assert found["db_range"] == pytest.approx(expected, abs=1.0)
    if source != "pixels":
        assert found.get("level_kind") != "db"
        assert any("--db-range" in remark or "--level-range" in remark for remark in found.remarks)


@pytest.mark.parametrize(("low", "power"), [(-11.513, 1.0), (-11.0, None)])
def test_a_logarithm_that_ends_at_ln_1e_5_is_of_amplitude_bands(smooth, low, power):
    found = drawn(low + (1.5 - low) * smooth)
    assert found.get("mel_power") == power
    assert found.source("mel_power") == (power and "assumed")
    assert any(("ln of amplitude" if power else "ln of power") in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("low", "high", "doubted"),
    [(-0.25, 381.9, False), (-1.9, 382, False), (0, 5000, False), (-60, 382, True), (-700, 900, True)],
)
def test_large_powers_are_levels_and_large_numbers_of_both_signs_are_not(low, high, doubted):
    """An end lies off 0 by as much as a pixel or so."""
    findings, nothing = Findings(), cast(Any, None)
    colour_bar._say(findings, colour_bar.Bar(nothing, nothing, (low, high), 1.66, meaning(""), 0.9), powers=False)
    assert bool(findings.strange) is doubted


def test_what_the_title_calls_amplitude_is(smooth):
    found = drawn(0.8 * smooth, "Amplitude")
    assert found["level_kind"] == "amplitude"
    assert "db_range" not in found


@pytest.mark.parametrize(("low", "high", "title"), [(0, 90, "Counts"), (-3.1416, 3.1416, ""), (0, 400, "Phase [rad]")])
def test_colours_of_other_quantities_are_a_doubt(smooth, low, high, title):
    found = drawn(low + (high - low) * smooth, title)
    assert "no levels" in found.picture["doubt"]
    assert "db_range" not in found


def test_of_two_colour_bars_the_nearest_is_read_with_a_remark(smooth):
    figure, axes = plt.subplots(figsize=(9, 5), dpi=100)
    mesh = axes.pcolormesh(np.arange(150) / 40, np.arange(97) * 60, -80 + 80 * smooth)
    figure.colorbar(mesh, ax=axes, label="dB")
    figure.colorbar(mesh, ax=axes, label="dB")
    found = read_figure(saved(figure), Calibration())
    assert any("several colour bars" in remark for remark in found.remarks)
    assert found.facts["db_range"].confidence <= 0.5
