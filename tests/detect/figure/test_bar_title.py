"""Titles of colour bars say what the numbers are, however badly they are read."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from fastspec.detect.figure.bar_title import Meaning, meaning, read_title
from fastspec.detect.figure.plots import find_figure
from tests.detect.figure.figures import saved


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Level (dB)", Meaning("dB")),
        ("Power/frequency (dB/Hz)", Meaning("dB", "power")),
        ("?el (dB)", Meaning("dB")),
        ("log10lSl", Meaning("log10")),
        ("Iog magnitude", Meaning("log", "amplitude")),
        ("In", Meaning("ln")),
        ("log power", Meaning("log", "power")),
        ("P0we?", Meaning("", "power")),
        ("z-Sc0Fe", Meaning("z")),
        ("normaIised", Meaning("z")),
        ("counts", Meaning(other="counts")),
        ("", Meaning()),
        ("Spektrum", Meaning()),
    ],
)
def test_what_a_title_says(title, expected):
    assert meaning(title) == expected


@pytest.mark.parametrize("dpi", [80, 120])
@pytest.mark.parametrize("title", ["Intensity [dB]", "Power", "Amplitude", "log10", "normalised"])
def test_titles_beside_the_numbers_are_read(title, dpi):
    figure, axes = plt.subplots(figsize=(7, 4), dpi=dpi)
    image = axes.imshow(np.random.default_rng(0).random((60, 90)), aspect="auto")
    figure.colorbar(image, label=title)
    found = find_figure(saved(figure).rgb())
    bar = found.bar_of(found.images[0])
    assert meaning(read_title(found, bar, "right")) == meaning(title)


def test_a_word_over_the_bar_is_read_and_no_title_is_none():
    figure, axes = plt.subplots(figsize=(7, 4), dpi=100)
    image = axes.imshow(np.random.default_rng(0).random((60, 90)), aspect="auto")
    bar = figure.colorbar(image)
    axes.set_title("Blackbird, 6 a.m.")
    found = find_figure(saved(figure).rgb())
    assert read_title(found, found.bar_of(found.images[0]), "right") == ""
    bar.ax.set_title("dB")
    found = find_figure(saved(figure).rgb())
    assert read_title(found, found.bar_of(found.images[0]), "right") == "dB"
