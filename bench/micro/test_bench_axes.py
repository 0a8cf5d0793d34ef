"""Axes, grid and mel inverse: milliseconds for a 61 s picture, beside the usual way with NumPy and librosa."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from fastspec.axes.frequency import FrequencyAxis
from fastspec.axes.time import TimeAxis
from fastspec.colours.levels import LevelScale
from fastspec.plot.cells import amplitudes, draw, means, pixel_spans
from fastspec.transform.mel import MelBank, mel_to_stft

FRAMES, BINS, HEIGHT, WIDTH = 2647, 513, 480, 640
SCALE = LevelScale()


@pytest.fixture(scope="module")
def picture():
    """A 640 x 480 log-axis picture of 61 s: levels, rows, columns."""
    axis = FrequencyAxis("log", n_fft=1024, edges="librosa<0.9")
    cells = np.random.default_rng(0).integers(0, 256, (FRAMES, BINS), dtype=np.uint8)
    rows, columns = axis.rows(HEIGHT), TimeAxis(FRAMES, edges="librosa<0.9").columns(WIDTH)
    return draw(cells, rows, columns), rows, columns


@pytest.fixture(scope="module")
def bands():
    """Mel bands of 8 s: (frames, 128)."""
    S = np.random.default_rng(0).random((345, 1025), np.float32) ** 4
    return S @ MelBank(22050, 2048).weights().T


def test_axes(benchmark):
    def run():
        axis = FrequencyAxis("log", n_fft=1024, edges="librosa<0.9")
        return axis.rows(HEIGHT), TimeAxis(FRAMES, edges="librosa<0.9").columns(WIDTH)

    benchmark(run)


def test_read_positions(benchmark, picture):
    positions = SCALE.position(picture[0]).astype(np.float32)

    def run():
        across, down = pixel_spans("columns", picture[2], FRAMES), pixel_spans("rows", picture[1], BINS)
        return amplitudes(means(positions, across, down), SCALE, across, down)

    benchmark(run)


def test_read_as_scripts_do(benchmark, picture):
    """The usual script: levels to amplitude, np.interp along frequency, then along time."""
    levels, rows, columns = picture
    cells, first = np.unique(rows, return_index=True)
    frames, left = np.unique(columns, return_index=True)

    def run():
        shown = SCALE.amplitude(SCALE.position(levels[np.ix_(first, left)])).T
        wide = np.array([np.interp(np.arange(BINS), cells, line) for line in shown])
        return np.array([np.interp(np.arange(FRAMES), frames, line) for line in wide.T]).T

    benchmark(run)


def test_draw(benchmark, picture):
    cells = np.random.default_rng(0).integers(0, 256, (FRAMES, BINS), dtype=np.uint8)
    benchmark(draw, cells, *picture[1:])


def test_mel_inverse(benchmark, bands):
    benchmark(mel_to_stft, bands, MelBank(22050, 2048))


def test_mel_inverse_of_librosa(benchmark, bands):
    table = np.ascontiguousarray(bands.T)
    benchmark.pedantic(librosa.feature.inverse.mel_to_stft, (table,), {"sr": 22050, "n_fft": 2048}, rounds=2)
