"""Lines of a grid over a plot: they neither make cells of a spectrogram nor hide those of a table."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec
from fastspec.detect.reject.grid_lines import grid_lines, without_grid
from tests.detect.figure.figures import decibels

RNG = np.random.default_rng(5)


def gridded(pixels, rows, columns, thick=1, colour=(255, 255, 255), alpha=1.0):
    out = pixels.astype(float)
    for row in rows:
        out[row : row + thick] = alpha * np.array(colour) + (1 - alpha) * out[row : row + thick]
    for column in columns:
        out[:, column : column + thick] = alpha * np.array(colour) + (1 - alpha) * out[:, column : column + thick]
    return out.astype(np.uint8)


def smooth(height=240, width=360):
    y, x = np.mgrid[:height, :width]
    return np.stack([60 + 0.3 * y, 50 + 0.2 * x, 90 + 0.1 * (x + y)], axis=2)


@pytest.mark.parametrize("thick", [1, 2, 3])
@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_lines_are_found_and_taken_out(thick, alpha):
    rows, columns = (30, 90, 150, 210), (45, 120, 195, 270)
    pixels = gridded(smooth(), rows, columns, thick, alpha=alpha)
    assert [first for first, _ in grid_lines(pixels, None)] == list(rows)
    assert [first for first, _ in grid_lines(pixels.swapaxes(0, 1), None)] == list(columns)
    assert np.abs(without_grid(pixels, None) - smooth()).max() < 4


def test_dashes_are_found_on_a_smooth_ground():
    pixels = gridded(smooth(), (60, 130), ())
    pixels[60, ::2] = smooth()[60, ::2].astype(np.uint8)
    assert [first for first, _ in grid_lines(pixels, None)] == [60, 130]


def test_borders_of_cells_are_no_lines():
    cells = RNG.integers(0, 255, (12, 18, 3)).astype(np.uint8).repeat(20, 0).repeat(20, 1)
    assert grid_lines(cells, None) == []
    assert without_grid(cells, None) is cells


def drawn(path, shown, style, colour):
    with plt.style.context(style):
        figure, axes = plt.subplots(figsize=(7, 4), dpi=100)
        axes.imshow(shown, origin="lower", aspect="auto", extent=(0, 3, 0, 8000), cmap="magma", interpolation="nearest")
        axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
        axes.grid(True, color=colour)
        figure.savefig(path)
        plt.close(figure)
    return path


@pytest.mark.parametrize("style", ["default", "ggplot", "dark_background", "bmh"])
@pytest.mark.parametrize("colour", ["w", "k"])
def test_a_grid_makes_no_table_of_a_spectrogram(tmp_path, speech, style, colour):
    assert "doubt" not in fastspec.inspect(drawn(tmp_path / "a.png", decibels(speech[0]), style, colour)).picture


@pytest.mark.parametrize("style", ["ggplot", "seaborn-v0_8", "bmh"])
def test_a_grid_hides_no_table(tmp_path, style):
    said = fastspec.inspect(drawn(tmp_path / "a.png", RNG.random((9, 21)), style, "w")).picture["doubt"]
    assert "table" in said
