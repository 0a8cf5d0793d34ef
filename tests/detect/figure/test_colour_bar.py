"""What the labels of a colour bar tell."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import Normalize, TwoSlopeNorm

from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.axis_labels import read_figure
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
