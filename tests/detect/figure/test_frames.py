"""A plot's frame, and what it hides."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.detect.figure.frames import _empty, kind_of, plot_in
from fastspec.detect.figure.rectangles import departure_from
from tests.detect.figure.figures import decibels, saved, specshow


def test_a_box_that_is_little_but_frame_has_no_room_in_it():
    assert _empty(np.full((60, 200), 90, np.uint8), (10, 10, 190, 18), 6) == ((0, 0, 0, 0), True)


@pytest.mark.parametrize("style", ["seaborn-v0_8", "ggplot", "bmh", "classic"])
def test_themes_without_outer_marks_or_with_a_pale_frame(speech, style):
    wave, sr = speech
    picture, box = specshow(speech, style=style)
    facts = read_figure(picture, Calibration())
    assert facts["sr"] == sr
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    if style != "classic":  # whose axes end at round numbers beyond the data
        assert facts["plot_area"] == box


@pytest.mark.parametrize("style", ["seaborn-v0_8", "ggplot"])
def test_a_grid_of_the_papers_colour_cuts_no_plot_into_several(speech, style):
    wave, sr = speech
    with plt.style.context(style):
        figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
        axes.specgram(wave + 1e-5, NFFT=512, Fs=sr, noverlap=256, cmap="magma")
        axes.set_xlabel("Time (s)")
        figure.canvas.draw()
        extent = axes.get_window_extent()
        facts = read_figure(saved(figure), Calibration())
    box = (extent.x0, 500 - extent.y1, extent.x1, 500 - extent.y0)
    assert "doubt" not in facts.picture
    np.testing.assert_allclose(facts["plot_area"], box, atol=1.5)
    assert facts["sr"] == sr
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.03)


def test_plot_without_frame_whose_silence_has_the_paper_colour(speech):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    shown = decibels(speech[0])
    mesh = axes.pcolormesh(np.where(shown < -60, -80, shown), cmap="gray_r", vmin=-80, vmax=0)
    figure.colorbar(mesh, ax=axes)
    for spine in axes.spines.values():
        spine.set_visible(False)
    extent = axes.get_window_extent()
    facts = read_figure(saved(figure), Calibration())
    # a rim of silence cannot be told from paper: no area is stated, or a right one less surely
    stated = facts.facts.get("plot_area")
    rows = None if stated is None else stated.value[1::2]
    assert stated is None or stated.confidence <= 0.8
    assert rows in (None, (round(400 - extent.y1), round(400 - extent.y0)))


def framed(width, inside, outer=(30, 20, 150, 100), ink=0):
    """A picture of white paper with a frame `width` pixels thick around what is `inside` (H, W, 3)."""
    rgb = np.full((120, 180, 3), 255, np.uint8)
    left, top, right, bottom = outer
    rgb[top:bottom, left:right] = ink
    high, wide = bottom - top - 2 * width, right - left - 2 * width
    rgb[top + width : bottom - width, left + width : right - width] = inside[:high, :wide]
    return rgb


def read(rgb, outer=(30, 20, 150, 100)):
    white = (255, 255, 255)
    return plot_in(rgb, departure_from(rgb, white), white, outer)


NOISE = np.random.default_rng(0).integers(30, 220, (80, 120, 3), np.uint8)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_data_reach_to_the_middle_of_a_frames_lines(width):
    plot = read(framed(width, NOISE))
    over = width // 2
    assert (plot.frame, plot.kind, plot.ink) == (width, "image", (0, 0, 0))
    assert plot.box == (30 + over, 20 + over, 150 - width + over, 100 - width + over)
    assert plot.hidden == (width - over + 1, width - over + 1, over + 1, over + 1)


def test_a_pale_frame_has_one_colour_all_around():
    assert read(framed(2, NOISE, ink=200)).frame == 2
    uneven = framed(2, NOISE, ink=200)
    uneven[20:22, 30:150] = 226  # the side above is paler
    assert read(uneven).frame == 0


def test_room_of_paper_within_a_frame_is_counted():
    inside = NOISE[:76, :116].copy()
    inside[:, :7] = 255
    plot = read(framed(2, inside))
    assert plot.empty == (8, 0, 0, 0)
    assert plot.solid
    inside[10:40, 20:60] = 255  # paper is a colour of the data
    plot = read(framed(2, inside))
    assert (plot.empty, plot.solid) == ((8, 0, 0, 0), False)


@pytest.mark.parametrize(
    ("kind", "inside"),
    [
        ("image", NOISE),
        ("other", np.full((80, 120, 3), 90, np.uint8)),
        ("bar", np.repeat(np.linspace(0, 255, 120)[None, :, None], 20, axis=0).repeat(3, axis=2).astype(np.uint8)),
        ("other", np.where(np.eye(80, 120, dtype=bool)[..., None], 0, 255).astype(np.uint8).repeat(3, axis=2)),
    ],
)
def test_spectrograms_bars_and_curves_are_told_apart(kind, inside):
    height, width = inside.shape[:2]
    assert kind_of(inside, (255, 255, 255), (0, 0, width, height), 0) == kind
