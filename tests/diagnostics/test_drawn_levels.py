"""What images in matplotlib figures tell, and where their pixels lie."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fastspec.diagnostics import drawn_levels
from fastspec.diagnostics.drawn_levels import Asked
from fastspec.errors import ParameterError

plt_figure = pytest.importorskip("matplotlib.figure")
ASKED = Asked(16000, 512, 128, {})


def image_of(shape=(257, 100), figsize=(6.4, 4.8), **options) -> tuple[Any, Any]:
    axes = plt_figure.Figure(figsize=figsize).subplots()
    made = axes.imshow(np.linspace(-80, 0, int(np.prod(shape))).reshape(shape), aspect="auto", **options)
    return axes, made


@pytest.mark.parametrize(
    ("options", "origin"),
    [
        ({}, "upper"),
        ({"origin": "lower"}, "lower"),
        ({"extent": (0, 1, 0, 8000)}, "lower"),
        ({"extent": (0, 1, 8000, 0)}, "upper"),
        ({"extent": (0, 1, 0, 8000), "origin": "lower"}, "lower"),
    ],
)
def test_the_axis_says_where_low_frequencies_are(options, origin):
    assert drawn_levels.of_image(*image_of(**options), ASKED)["origin"] == origin


def test_rows_are_bins_or_bands_or_refused():
    assert "n_bins" not in drawn_levels.of_image(*image_of(), ASKED)
    assert drawn_levels.of_image(*image_of((256, 40)), ASKED)["n_bins"] == 256
    of_bands = drawn_levels.of_image(*image_of((40, 40)), ASKED._replace(facts={"n_mels": 40}))
    assert (of_bands["freq_scale"], of_bands["n_mels"]) == ("mel", 40)
    with pytest.raises(ParameterError, match="40 rows"):
        drawn_levels.of_image(*image_of((40, 40)), ASKED)


@pytest.mark.parametrize(
    ("figsize", "options", "blended"),
    [
        ((6.4, 4.8), {}, True),
        ((20, 14), {}, False),
        ((20, 14), {"interpolation": "hanning"}, True),
        ((6.4, 4.8), {"interpolation": "nearest"}, False),
    ],
)
def test_blending_follows_matplotlibs_rule(figsize, options, blended):
    axes, made = image_of(figsize=figsize, **options)
    renderer = axes.figure.canvas.get_renderer() if hasattr(axes.figure.canvas, "get_renderer") else None
    renderer = renderer or SimpleNamespace(height=100 * figsize[1])
    found = drawn_levels.of_image_in_pixels(axes, made, renderer, 512)
    assert ("shown_n_fft" in found) == blended


def test_older_matplotlib_stretched_images_to_whole_pixels(monkeypatch):
    import matplotlib

    axes, made = image_of()
    renderer = SimpleNamespace(height=480)
    monkeypatch.setattr(matplotlib, "__version_info__", (3, 10, 9))
    found = drawn_levels.of_image_in_pixels(axes, made, renderer, 512)
    # the axes reach from 57.6 to 427.2: 370 pixels, of which the axes' rounded border cuts the uppermost
    assert found["plot_area"] == (80, 57, 576, 427)
    assert found["plot_hidden"] == (0, 1, 0, 0)
