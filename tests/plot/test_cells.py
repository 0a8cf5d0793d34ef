"""Grid: shown cells come back exactly, hidden ones are interpolated in roots, illegible pixels are passed over."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastspec.axes.frequency import FrequencyAxis
from fastspec.axes.time import TimeAxis
from fastspec.colours.levels import LevelScale
from fastspec.errors import ParameterError, PictureError
from fastspec.plot import cells
from fastspec.plot.cells import amplitudes, draw, means, pixel_spans, to_frames

SCALE = LevelScale()


def read_amplitude(levels, scale, rows, columns, *, n_frames, n_cells):
    """The road of a picture whose levels are known: means of cells, then amplitudes of all."""
    across, down = pixel_spans("columns", columns, n_frames), pixel_spans("rows", rows, n_cells)
    positions = scale.position(levels) if levels.dtype.kind in "ui" else levels
    return amplitudes(means(positions.astype(np.float32), across, down), scale, across, down)


def _twin(levels, scale, rows, columns, n_frames, n_cells):
    """The slow, obvious reading: means of legible pixels, then np.interp in roots of amplitude, cells first."""
    x = scale.position(levels) if levels.dtype.kind == "u" else levels.astype(float)
    known_cells, known_frames = np.unique(rows), np.unique(columns)
    amplitude = np.empty((known_frames.size, known_cells.size))
    for i, f in enumerate(known_frames):
        for j, b in enumerate(known_cells):
            amplitude[i, j] = scale.amplitude(np.nanmean(x[np.ix_(rows == b, columns == f)]))
    wide = np.array([np.interp(np.arange(n_cells), known_cells, p) for p in np.sqrt(amplitude)])
    return np.array([np.interp(np.arange(n_frames), known_frames, c) for c in wide.T]).T ** 2


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_every_shown_cell_comes_back_and_the_rest_is_interpolated(data):
    n_frames, n_cells = data.draw(st.integers(1, 40)), data.draw(st.integers(2, 40))
    height, width = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 60))
    scale = data.draw(st.sampled_from(["linear", "log", "mel"]))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    cells = rng.integers(0, 256, (n_frames, n_cells), dtype=np.uint8)
    rows, columns = FrequencyAxis(scale, n_cells=n_cells).rows(height), TimeAxis(n_frames).columns(width)
    picture = draw(cells, rows, columns)
    np.testing.assert_array_equal(picture, cells[np.ix_(columns, rows)].T)
    got = read_amplitude(picture, SCALE, rows, columns, n_frames=n_frames, n_cells=n_cells)
    np.testing.assert_allclose(got, _twin(picture, SCALE, rows, columns, n_frames, n_cells), rtol=1e-5)
    shown = np.ix_(np.unique(columns), np.unique(rows))
    np.testing.assert_array_equal(SCALE.index(SCALE.level(got[shown])), cells[shown])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64, np.int64])
def test_native_pictures_of_any_type(dtype):
    count = 65536 if dtype == np.uint16 else 256
    scale = LevelScale(count=count, quantiser="rounded")
    picture = np.random.default_rng(1).integers(0, count, (33, 70))
    levels = (scale.position(picture) if np.dtype(dtype).kind == "f" else picture).astype(dtype)
    rows = FrequencyAxis("linear", n_cells=33, edges="cells").rows(33)
    columns = TimeAxis(70, edges="cells").columns(70)
    got = read_amplitude(levels, scale, rows, columns, n_frames=70, n_cells=33)
    assert got.flags.c_contiguous
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, scale.amplitude(scale.position(picture))[::-1].T, rtol=2e-5)


def test_noisy_pixels_are_averaged_in_levels():
    rng = np.random.default_rng(2)
    rows, columns = FrequencyAxis("linear", n_cells=5).rows(200), TimeAxis(7).columns(140)
    noisy = (0.5 + rng.normal(0, 0.1, (200, 140))).astype(np.float32)
    got = read_amplitude(noisy, SCALE, rows, columns, n_frames=7, n_cells=5)
    np.testing.assert_allclose(got, _twin(noisy, SCALE, rows, columns, 7, 5), rtol=1e-4)


def test_illegible_pixels_are_filled_from_their_neighbours():
    rows = FrequencyAxis("linear", n_cells=9, edges="cells").rows(9)
    columns = TimeAxis(11, edges="cells").columns(11)
    levels = np.full((9, 11), 0.5, np.float32)
    levels[3:6, 2:8] = np.nan
    levels[:, 10] = np.nan
    got = read_amplitude(levels, SCALE, rows, columns, n_frames=11, n_cells=9)
    np.testing.assert_allclose(got, SCALE.amplitude(0.5), rtol=1e-4)
    levels[:, :] = np.nan
    levels[0, 0] = 0.5  # one legible pixel: the whole picture is that level
    got = read_amplitude(levels, SCALE, rows, columns, n_frames=11, n_cells=9)
    np.testing.assert_allclose(got, SCALE.amplitude(0.5), rtol=1e-4)
    with pytest.raises(PictureError, match="legible"):
        read_amplitude(np.full_like(levels, np.nan), SCALE, rows, columns, n_frames=11, n_cells=9)


def test_a_hole_takes_the_mean_of_its_neighbours_by_distance():
    scale = LevelScale("power")
    levels = np.array([[0.1, np.nan, np.nan, 0.4]], np.float32)
    got = read_amplitude(levels, scale, np.zeros(1, np.intp), np.arange(4), n_frames=4, n_cells=1)
    np.testing.assert_allclose(got[:, 0] ** 2, [0.1, 0.2, 0.3, 0.4], atol=1e-4)


def test_read_only_pictures_can_be_read():
    levels = np.zeros((4, 5), np.uint8)
    levels.flags.writeable = False
    got = read_amplitude(levels, SCALE, np.arange(4)[::-1], np.arange(5), n_frames=5, n_cells=4)
    np.testing.assert_allclose(got, 0.5e-4, rtol=1e-6)


def test_what_does_not_fit_is_refused():
    rows, columns = np.arange(4), np.arange(5)
    good = {"n_frames": 5, "n_cells": 4}
    levels = np.zeros((4, 5), np.uint8)
    for picture, r, c, sizes in [
        (levels[:3], rows, columns, good),
        (levels, rows, columns, {"n_frames": 4, "n_cells": 4}),
        (levels, rows, columns, {"n_frames": 5, "n_cells": 3}),
        (levels, np.array([0, 1, 0, 1]), columns, good),
        (np.zeros((0, 5), np.uint8), rows[:0], columns, good),
    ]:
        with pytest.raises(ParameterError):
            read_amplitude(picture, SCALE, r, c, **sizes)
    with pytest.raises(ParameterError):
        draw(np.zeros((0, 3)), rows, columns)
    with pytest.raises(ParameterError):
        draw(np.zeros((5, 3)), rows, columns)


def test_frames_between_columns_take_their_roots_mean_and_farther_ones_the_mean_power():
    columns = np.square(np.array([[1.0], [2.0], [4.0], [8.0]], np.float32))
    between = to_frames(columns, np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]))
    np.testing.assert_allclose(np.sqrt(between[:, 0]), [1, 1.5, 2, 3, 4, 6, 8], rtol=1e-6)
    columns = np.sqrt(np.array([[1.0], [2.0], [4.0], [8.0]], np.float32))
    wide = to_frames(columns, np.array([0.5, 2.5]))  # two columns a frame: their mean
    np.testing.assert_allclose(np.square(wide[:, 0]), [1.5, 6], rtol=1e-6)
    beyond = to_frames(columns, np.array([-9.0, 20.0, 49.0]))
    assert np.isfinite(beyond).all()


def test_frames_keep_the_energy_of_columns():
    generator = np.random.default_rng(5)
    columns = generator.random((200, 3)).astype(np.float32)
    frames = to_frames(columns, (np.arange(50) + 0.5) * 4 - 0.5)
    np.testing.assert_allclose(np.square(frames).mean(0), np.square(columns).mean(0), rtol=1e-5)


@pytest.mark.parametrize("shape", [(7, 9), (64, 70), (3, 200)])
def test_means_of_entries_are_means_of_their_levels(shape):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 200, shape).astype(np.uint8)
    table = rng.random(256).astype(np.float32)
    table[200:] = np.nan
    for rows, columns in (
        (np.arange(shape[0])[::-1], np.arange(shape[1])),
        (np.arange(shape[0]) // 2, np.arange(shape[1]) // 3),
    ):
        down, across = pixel_spans("rows", rows, shape[0]), pixel_spans("columns", columns, shape[1])
        for some in (pixels, np.repeat(pixels, 2, axis=1)[:, ::2]):
            found = cells.means_of_entries(some, table, across, down)
            np.testing.assert_array_equal(found, cells.means(table[pixels], across, down))
        spoilt = pixels.copy()
        spoilt[-1, -1] = 255
        assert cells.means_of_entries(spoilt, table, across, down) is None
    with pytest.raises(ParameterError, match="do not fit"):
        cells.means_of_entries(pixels[1:], table, across, down)


def test_amplitudes_of_entries_are_those_of_their_cells():
    levels = np.random.default_rng(5).random((40, 33)).astype(np.float32)
    levels[3, 4] = 0.0
    spans = pixel_spans("columns", np.arange(40), 40), pixel_spans("rows", np.arange(33), 33)
    for scale in (SCALE, LevelScale("power"), LevelScale(lo=-120.0, hi=10.0, quantiser="rounded")):
        found = cells.amplitudes_of(np.append(levels.reshape(-1), np.float32(np.nan)), scale)
        np.testing.assert_array_equal(found[:-1].reshape(levels.shape), amplitudes(levels, scale, *spans))
        assert np.isnan(found[-1])
