"""What the labels of a colour bar tell."""

from __future__ import annotations

import pytest
from matplotlib import pyplot as plt

from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.axis_labels import read_figure
from tests.detect.figure.figures import decibels, saved


def test_a_colour_bar_below_the_plot(speech):
    figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
    mesh = axes.pcolormesh(decibels(speech[0]), cmap="viridis")
    figure.colorbar(mesh, ax=axes, location="bottom")
    assert read_figure(saved(figure), Calibration())["db_range"] == pytest.approx((-80, 0), abs=0.5)
