"""The plots of a figure: each is found, to the pixel, and no two are taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec
from fastspec.detect.figure.plots import find_figure
from fastspec.picture.picture import Picture
from tests.detect.figure.figures import decibels, saved, specshow


@pytest.mark.parametrize(
    ("size", "dpi", "style", "jpeg", "bar"),
    [
        ((8, 4), 100, None, False, True),
        ((6.4, 4.8), 100, None, False, False),
        ((7.3, 4.1), 72, None, False, True),
        ((10, 4), 120, "dark_background", False, True),
        ((6, 4), 150, None, True, True),
        ((5, 3), 200, None, False, True),
        ((5, 3), 300, None, False, False),
    ],
)
def test_area_is_exact_to_the_pixel(speech, size, dpi, style, jpeg, bar):
    picture, box = specshow(speech, size=size, dpi=dpi, style=style, jpeg=jpeg, bar=bar)
    found = find_figure(picture.rgb())
    assert found is not None
    assert found.images[0].box == box
    assert (found.bar_of(found.images[0]) is not None) == bar


@pytest.mark.parametrize("cmap", ["jet", "gist_rainbow", "rainbow", "hsv", "gist_ncar", "hot"])
@pytest.mark.parametrize(("size", "dpi", "quality"), [((6, 4), 75, 60), ((9, 4.5), 100, 95)])
def test_colours_that_jpeg_lets_bleed_hide_neither_frame_nor_bar(speech, cmap, size, dpi, quality):
    picture, box = specshow(speech, size=size, dpi=dpi, cmap=cmap, jpeg=True, pil_kwargs={"quality": quality})
    found = find_figure(picture.rgb(), jpeg=True)
    assert found is not None
    plot = found.images[0]
    assert (plot.box, plot.frame > 0) == (box, True)
    bar = found.bar_of(plot)
    assert bar is not None
    assert bar.box[1::2] == box[1::2]


@pytest.mark.parametrize("shape", [(2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("frames", [True, False])
def test_plots_beside_each_other_are_not_joined(speech, shape, frames):
    figure, axes = plt.subplots(*shape, figsize=(8, 6), dpi=100)
    for one in axes.flat:
        one.imshow(decibels(speech[0]), origin="lower", aspect="auto")
        one.set_title("a title")
        one.axis("on" if frames else "off")
    found = find_figure(saved(figure).rgb())
    assert found is not None
    assert len(found.images) == shape[0] * shape[1]


def test_lines_under_the_frame_are_filled():
    pixels = np.arange(48, dtype=np.uint8).reshape(6, 8)
    area = Picture(pixels).area((1, 1, 7, 5), (1, 1, 2, 1))
    assert area.shape == (4, 6)
    assert area[1, 1] == pixels[2, 2]
    np.testing.assert_array_equal(area[0], area[1])
    np.testing.assert_array_equal(area[:, 5], area[:, 3])
    np.testing.assert_array_equal(Picture(pixels).area((1, 1, 7, 5)), pixels[1:5, 1:7])


def marked(paper, gap):
    """Noise of 200 x 120 pixels with paper at each side and, where there is room, tick marks `gap` pixels from it."""
    left, top, right, bottom = paper
    rgb = np.full((top + 120 + bottom, left + 200 + right, 3), 255, np.uint8)
    rgb[top : top + 120, left : left + 200] = np.random.default_rng(1).integers(30, 220, (120, 200, 3))
    if bottom > 2 * gap:
        rgb[top + 120 + gap : top + 125 + gap, left + 10 : left + 200 : 30] = 0
    if left > 2 * gap:
        rgb[top + 5 : top + 120 : 25, left - gap - 5 : left - gap] = 0
    return rgb


@pytest.mark.parametrize("gap", [1, 2, 3, 4])
@pytest.mark.parametrize(
    "paper",
    [
        (60, 60, 60, 60),
        (60, 0, 900, 700),
        (60, 1, 500, 500),
        (0, 400, 600, 500),
        (1, 60, 400, 400),
        (60, 400, 0, 500),
        (60, 60, 1, 60),
    ],
)
def test_the_white_frame_of_a_plot_at_the_pictures_border_is_cut_off(paper, gap):
    rgb = marked(paper, gap)
    left, top, _, _ = paper
    under, over = gap - gap // 2, gap // 2
    size = (rgb.shape[1], rgb.shape[0])
    whole = (left - under, top - under, left + 200 + over, top + 120 + over)
    found = find_figure(rgb)
    assert found is not None
    (plot,) = found.images
    assert plot.box == tuple(min(max(0, place), size[k % 2]) for k, place in enumerate(whole))
    assert 0 <= plot.outer[0] <= plot.box[0] < plot.box[2] <= plot.outer[2] <= size[0]
    assert 0 <= plot.outer[1] <= plot.box[1] < plot.box[3] <= plot.outer[3] <= size[1]
    cal = fastspec.inspect(rgb)
    assert cal.get("plot_area", plot.box) == plot.box


@pytest.mark.parametrize(("size", "quality"), [((5, 4), 95), ((7, 3), 88), ((4, 4), 80)])
def test_a_bare_plot_is_exact_in_a_jpeg(speech, size, quality):
    figure, axes = plt.subplots(figsize=size, dpi=100)
    axes.imshow(decibels(speech[0])[:129], origin="lower", aspect="auto", cmap="inferno", vmin=-100)
    axes.axis("off")
    figure.canvas.draw()
    extent, height = axes.get_window_extent(), figure.bbox.height
    found = find_figure(saved(figure, jpeg=True, pil_kwargs={"quality": quality}).rgb())
    assert found is not None
    assert not found.images[0].ragged
    box = (extent.x0, height - extent.y1, extent.x1, height - extent.y0)
    assert np.abs(np.subtract(found.images[0].box, box)).max() <= 1


def test_data_of_little_contrast_are_no_frame():
    rng = np.random.default_rng(4)
    rgb = np.full((300, 400, 3), 255, np.uint8)
    level = np.linspace(146, 112, 200)[:, None, None] + rng.normal(0, 16, (200, 300, 1))
    rgb[50:250, 60:360] = np.clip(level, 60, 190)
    found = find_figure(rgb)
    assert found is not None
    assert (found.images[0].box, found.images[0].frame) == ((60, 50, 360, 250), 0)


@pytest.mark.parametrize("other", ["hsv", "coolwarm"])
def test_of_two_bars_that_in_the_colours_of_the_plot_is_its_own(speech, other):
    figure, axes = plt.subplots(figsize=(9, 5), dpi=100)
    mesh = axes.pcolormesh(decibels(speech[0]), cmap="gray_r")
    figure.colorbar(mesh, ax=axes)
    figure.colorbar(plt.cm.ScalarMappable(cmap=other), ax=axes)
    found = find_figure(saved(figure).rgb())
    right = found.bar_of(found.images[0])
    near, far = sorted(found.bars_of(found.images[0]), key=lambda bar: bar.box[0])
    assert right in (far, None)
    assert right != near


def test_a_white_grid_leaves_one_plot(speech):
    """A grid's lines of the paper's colour from border to border."""
    figure, axes = plt.subplots(figsize=(7, 4), dpi=100)
    axes.imshow(decibels(speech[0]), origin="lower", aspect="auto", cmap="magma", interpolation="nearest")
    axes.set_frame_on(False)
    axes.grid(True, color="w", linewidth=1.2)
    found = find_figure(saved(figure).rgb())
    assert found.images[0].box == pytest.approx((88, 48, 630, 356), abs=3)


def test_silence_beside_a_light_frame_on_dark_paper_parts_nothing(speech):
    with plt.style.context("dark_background"):
        figure, axes = plt.subplots(figsize=(7, 4), dpi=100)
        shown = decibels(speech[0])
        shown[len(shown) // 2 :] = -80
        axes.imshow(shown, origin="lower", aspect="auto", cmap="gray_r", interpolation="nearest", vmin=-60)
        found = find_figure(saved(figure, facecolor="black").rgb())
    assert len(found.plots) == 1
