"""Heat maps, matrices and chromagrams are tables; spectrograms of few bands or few frames are not."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib import pyplot as plt
from PIL import Image

import fastspec
from fastspec.detect.reject.tables import table
from tests.detect.figure.figures import decibels, saved


def drawn(values, cmap="viridis", size=(640, 400)):
    """Cells of one size, as imshow draws them without blending."""
    rgb = (255 * colormaps[cmap]((values - values.min()) / np.ptp(values))[..., :3]).astype(np.uint8)
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.NEAREST))


@pytest.mark.parametrize("shape", [(7, 24), (12, 52), (18, 30), (5, 9)])
@pytest.mark.parametrize("cmap", ["magma", "coolwarm", "gray"])
def test_a_heat_map_is_a_table(shape, cmap):
    values = np.random.default_rng(1).poisson(6, shape)
    assert f"{shape[0]} x {shape[1]} cells" in str(table(drawn(values, cmap), None))


@pytest.mark.parametrize("shape", [(4, 50), (3, 20), (6, 70)])
def test_a_table_of_few_rows(shape):
    values = np.random.default_rng(6).normal(size=shape) + 3 * np.random.default_rng(7).normal(size=(shape[0], 1))
    assert f"{shape[0]} x {shape[1]} cells" in str(table(drawn(values), None))


def test_few_bands_in_decibels_are_no_table(speech):
    cells = drawn(np.random.default_rng(8).poisson(6, (20, 40)))
    assert "20 x 40 cells" in str(table(cells, None))
    assert table(cells, None, bands=True) is None
    assert table(cells[:220], None, bands=True) is not None  # 11 rows
    bands = decibels(speech[0])[:480].reshape(20, 24, -1).mean(axis=1)[::-1, ::4]
    figure, axes = plt.subplots(figsize=(7, 5), dpi=100)
    image = axes.imshow(
        bands[::-1], aspect="auto", extent=(0, 4, 0, 8000), origin="lower", cmap="jet", vmin=-60, vmax=0,
        interpolation="nearest",
    )  # fmt: skip
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    figure.colorbar(image, label="dB")
    assert "doubt" not in fastspec.inspect(saved(figure)).picture


def test_a_correlation_matrix_is_its_own_mirror_image():
    rng = np.random.default_rng(2)
    values = np.corrcoef(rng.normal(size=(32, 300)) + rng.normal(size=300))
    assert "matrix of 32 x 32 cells" in str(table(drawn(values), None))


def test_forty_rows_of_counts_are_a_table_and_forty_bands_are_none(speech):
    counts = np.random.default_rng(3).poisson(6, (40, 60))
    assert "each unlike the next" in str(table(drawn(counts), None))
    bands = decibels(speech[0])[:480].reshape(40, 12, -1).mean(axis=1)[::-1, :60]
    assert table(drawn(bands), None) is None


@pytest.mark.parametrize("frames", [6, 20, 100])
def test_a_short_sound_is_no_table(speech, frames):
    assert table(drawn(decibels(speech[0], n_fft=256)[::-1, 20 : 20 + frames]), None) is None


def test_evenly_spaced_harmonics_are_no_table():
    rows = np.zeros((400, 600, 3), np.uint8)
    rows[20::40] = rows[21::40] = (250, 200, 120)
    assert table(rows, None) is None


def test_axes_that_look_like_hertz_and_seconds_save_no_heat_map():
    figure, axes = plt.subplots(figsize=(7, 5), dpi=100)
    shown = np.random.default_rng(4).poisson(4, (11, 40)) ** 0.5
    axes.imshow(shown, aspect="auto", extent=(0, 40, 0, 11025), origin="lower")
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    doubt = fastspec.inspect(saved(figure)).picture["doubt"]
    assert "11 x 40 cells" in doubt
    assert ", at " in doubt
