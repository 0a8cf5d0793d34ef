"""Drawings in flat colours of no map are refused; spectrograms whose colours lie off theirs are not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image, ImageDraw

import fastspec
from fastspec.detect.colormap import recognise
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.reject.flat_drawing import flat_drawing
from fastspec.picture.files import read
from tests.detect.figure.figures import decibels


def said(pixels):
    survey = ColourSurvey.of(pixels, None)
    return flat_drawing(pixels, None, survey, recognise(survey))


def png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    plt.close(figure)
    return read(file.getvalue())


def waves(axes, seconds):
    axes.plot(seconds, np.sin(40 * seconds))
    axes.plot(seconds, 0.9 * np.sin(43 * seconds))


def points(axes, seconds):
    rng = np.random.default_rng(1)
    for colour in ("tab:orange", "tab:blue", "tab:green"):
        axes.scatter(*rng.normal(size=(2, 60)), s=9, c=colour)


def energy(axes, seconds):
    axes.plot(seconds, np.abs(np.sin(3 * seconds)) ** 9, "b")
    axes.plot(seconds, np.abs(np.sin(2 * seconds)) ** 5, "y")


@pytest.mark.parametrize("draw", [waves, points, energy])
@pytest.mark.parametrize("size", [(6, 4), (14, 5)])
def test_curves_and_points_of_several_colours(draw, size):
    figure, axes = plt.subplots(figsize=size, dpi=80)
    draw(axes, np.linspace(0, 5, 900))
    axes.set_xlabel("Time")
    assert fastspec.inspect(png(figure)).picture.get("doubt")


def test_points_on_a_sheet_as_high_as_a_spectrum():
    figure, axes = plt.subplots(figsize=(9.75, 5.13), dpi=100)
    rng = np.random.default_rng(2)
    for colour in ("#4a7fb0", "#ffa500"):
        axes.plot(*rng.random((2, 40)), "o", color=colour)
    axes.axis("off")
    picture = png(figure)
    assert "flat colours" in str(said(np.ascontiguousarray(picture.rgb())))
    assert fastspec.inspect(picture).picture["doubt"]


def test_a_diagram():
    image = Image.new("RGB", (500, 300), (20, 24, 30))
    draw = ImageDraw.Draw(image)
    for k in range(12):
        colour = [(120, 190, 20), (0, 120, 220), (240, 180, 0)][k % 3]
        draw.rectangle((20 + 40 * k, 30 + 15 * k, 50 + 40 * k, 70 + 15 * k), fill=colour)
        draw.text((22 + 40 * k, 200), f"layer {k}", fill=(200, 160, 220))
    assert "flat colours" in str(said(np.asarray(image)))


@pytest.mark.parametrize("quality", [75, 95])
@pytest.mark.parametrize("cmap", ["jet", "turbo", "viridis"])
def test_damaged_spectrograms_with_silence_are_none(speech, cmap, quality):
    shown = decibels(speech[0])[::-1]
    shown = np.where(np.arange(shown.shape[1]) % 90 < 60, shown.min(), shown)
    level = (shown - shown.min()) / np.ptp(shown)
    file = io.BytesIO()
    Image.fromarray((plt.get_cmap(cmap)(level)[..., :3] * 255).astype(np.uint8)).save(file, "JPEG", quality=quality)
    assert "flat colours" not in fastspec.inspect(read(file.getvalue())).picture.get("doubt", "")


def test_a_map_of_its_own_is_none_where_a_bar_shows_it(speech):
    shown = decibels(speech[0])
    colours = [(0.0, "#103050"), (0.4, "#20c060"), (0.7, "#c020c0"), (1.0, "#f0f0a0")]
    from matplotlib.colors import LinearSegmentedColormap

    figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
    image = axes.imshow(
        np.maximum(shown, -30), origin="lower", aspect="auto", extent=(0, 4, 0, 11025),
        cmap=LinearSegmentedColormap.from_list("own", colours), interpolation="nearest",
    )  # fmt: skip
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    figure.colorbar(image, label="dB")
    assert "doubt" not in fastspec.inspect(png(figure)).picture
