"""Gradients, waves and contours are surfaces; smooth, blurred and sparse spectrograms are not."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib import pyplot as plt
from PIL import Image, ImageFilter

import fastspec
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.reject.rejection import no_spectrum
from tests.detect.figure.figures import decibels, saved


def said(pixels):
    return no_spectrum(pixels, None, ColourSurvey.of(pixels))


def coloured(values, cmap):
    return (255 * colormaps[cmap]((values - values.min()) / np.ptp(values))[..., :3]).astype(np.uint8)


Y, X = np.mgrid[-2:2:350j, -3:3:500j]
SURFACES = {
    "ramp": X,
    "slope": X + 2 * Y,
    "hill": np.exp(-(X**2) - Y**2),
    "waves": np.sin(4 * X) + np.cos(3 * Y),
    "rings": np.sin(6 * np.hypot(X, Y)),
}


@pytest.mark.parametrize("name", SURFACES)
@pytest.mark.parametrize("cmap", ["viridis", "jet", "gray"])
def test_surfaces_are_smooth(name, cmap):
    assert "smooth surface" in said(coloured(SURFACES[name], cmap))


@pytest.mark.parametrize("levels", [6, 15])
def test_filled_contours_are_areas(levels):
    figure, axes = plt.subplots(figsize=(7, 5), dpi=100)
    axes.contourf(X + 3, Y + 2, np.sin(2 * X + Y) + np.cos(2 * Y), levels=levels)
    assert "contour plot" in fastspec.inspect(saved(figure)).picture["doubt"]


@pytest.mark.parametrize("blur", [0, 1, 2])
@pytest.mark.parametrize("cmap", ["magma", "gray_r"])
def test_blurred_and_enlarged_spectrograms_are_no_surfaces(speech, blur, cmap):
    shown = Image.fromarray(coloured(decibels(speech[0])[::-1], cmap))
    enlarged = shown.resize((700, 900), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(blur))
    assert said(np.asarray(enlarged)) is None


def test_a_chirp_is_no_surface():
    t = np.arange(32000) / 16000
    shown = decibels(np.sin(2 * np.pi * (100 * t + 1800 * t * t)).astype(np.float32))
    assert said(coloured(shown[::-1], "viridis")) is None
