"""The plots of a figure: each is found, to the pixel, and no two are taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

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
