"""Alignments are one path from corner to corner; sounds are not, nor paths that end elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec
from fastspec.detect.reject.alignments import alignment
from tests.detect.figure.figures import decibels, saved


def path(rng, shape=(80, 140), wide=1.5, ends=(0.0, 1.0), ground=0.0):
    """Levels (h, w) of a path that rises from one share of the height to another."""
    height, width = shape
    middle = np.linspace(*ends, width) * (height - 1) + rng.normal(size=width)
    level = np.exp(-(((np.arange(height)[:, None] - middle) / wide) ** 2)) * rng.uniform(0.4, 1, width)
    return ground + (1 - 2 * ground) * level


@pytest.mark.parametrize("turned", [1, -1])
@pytest.mark.parametrize(("wide", "ground"), [(1.0, 0.0), (2.5, 0.0), (1.5, 1.0)])
def test_a_path_from_corner_to_corner(wide, ground, turned):
    assert "alignments" in str(alignment(path(np.random.default_rng(1), wide=wide, ground=ground)[::turned]))


@pytest.mark.parametrize("ends", [(0.0, 0.5), (0.4, 1.0), (0.5, 0.5)])
def test_a_path_that_ends_elsewhere_may_be_a_whistle(ends):
    assert alignment(path(np.random.default_rng(2), ends=ends)) is None


def test_a_path_amid_other_sounds_is_none():
    rng = np.random.default_rng(3)
    shown = path(rng) + 0.5 * (rng.random((80, 140)) > 0.7)
    assert alignment(shown) is None
    assert alignment(path(rng)[:, :10]) is None


def test_speech_is_none(speech):
    shown = decibels(speech[0])
    assert alignment(((shown - shown.min()) / np.ptp(shown))[::4, ::2]) is None


@pytest.mark.parametrize("labelled", [True, False])
def test_a_sweep_beside_an_axis_in_hertz_is_none(labelled):
    figure, axes = plt.subplots(figsize=(7, 4), dpi=100)
    axes.imshow(
        path(np.random.default_rng(4), (129, 200), 1.5), aspect="auto", origin="lower", extent=(0, 4, 0, 8000),
        cmap="magma",
    )  # fmt: skip
    if labelled:
        axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    else:
        axes.set(xticks=[], yticks=[])
    assert ("doubt" in fastspec.inspect(saved(figure)).picture) == (not labelled)
