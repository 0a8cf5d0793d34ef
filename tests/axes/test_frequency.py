"""Axes: what matplotlib's pcolormesh draws, `rows` and `columns` draw, pixel for pixel."""

from __future__ import annotations

import librosa
import librosa.display
import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import ListedColormap

from fastspec.axes.frequency import FrequencyAxis
from fastspec.axes.time import TimeAxis
from fastspec.errors import ParameterError
from fastspec.plot.cells import draw

SIZES = [(640, 480), (320, 240), (333, 217), (64, 513), (101, 700)]
TABLES = [
    ("linear", 257, {}),
    ("log", 513, {}),
    ("log", 129, {}),
    ("mel", 128, {}),
    ("mel", 80, {"fmin": 20.0, "fmax": 7600.0}),
    ("mel", 64, {"htk": True}),
    ("cqt", 84, {}),
    ("cqt", 252, {"bins_per_octave": 36}),
]


def _canvas(width, height):
    fig = plt.figure(figsize=(width / 100, height / 100), dpi=100)
    return fig, fig.add_axes([0, 0, 1, 1])


def _numbers(n_frames, n_cells):
    """A table whose every cell has its own number, and the colours that say it."""
    n = n_frames * n_cells
    k = np.arange(n)
    colours = ListedColormap(np.stack([k >> 16 & 255, k >> 8 & 255, k & 255], axis=1) / 255.0)
    return k.reshape(n_cells, n_frames).astype(float), {"cmap": colours, "vmin": -0.5, "vmax": n - 0.5}


def _grab(fig):
    fig.axes[0].axis("off")
    fig.canvas.draw()
    rgb = np.asarray(fig.canvas.buffer_rgba()).astype(int)
    plt.close(fig)
    return rgb[..., 0] * 65536 + rgb[..., 1] * 256 + rgb[..., 2]


def _drawn_today(size, n_frames, n_cells, scale, sr, hop, **options):
    """The number of the cell at each pixel of a librosa 0.11 picture."""
    fig, ax = _canvas(*size)
    table, look = _numbers(n_frames, n_cells)
    name = "cqt_hz" if scale == "cqt" else scale
    librosa.display.specshow(table, y_axis=name, x_axis="time", sr=sr, hop_length=hop, ax=ax, **look, **options)
    return _grab(fig)


def _drawn_before_09(size, n_frames, n_cells, scale, sr, hop, fmin=None, fmax=None, htk=False, bins_per_octave=12):
    """The same as librosa 0.6 - 0.8 called matplotlib: n + 1 borders, flat shading, explicit limits."""
    fig, ax = _canvas(*size)
    table, look = _numbers(n_frames, n_cells)
    x = librosa.frames_to_time(np.arange(n_frames + 1), sr=sr, hop_length=hop)
    if scale in ("linear", "log"):
        y = librosa.fft_frequencies(sr=sr, n_fft=2 * (n_cells - 1))
        top = y[-1]
        y = np.append(np.maximum(0, y - 0.5 * (y[1] - y[0])), top)
    elif scale == "mel":
        top = fmax or sr / 2
        y = librosa.mel_frequencies(n_cells, fmin=fmin or 0, fmax=top, htk=htk)
        y[1:] -= 0.5 * np.diff(y)
        y = np.append(np.maximum(0, y), top)
    else:
        lowest = librosa.note_to_hz("C1") / 2.0 ** (0.5 / bins_per_octave)
        y = librosa.cqt_frequencies(n_cells + 1, fmin=lowest, bins_per_octave=bins_per_octave)
    ax.pcolormesh(x, y, table, shading="flat", **look)
    ax.set_xlim(x.min(), x.max())
    ax.set_ylim(y.min(), y.max())
    if scale == "mel":
        ax.set_yscale("symlog", linthresh=1000.0, base=2)
    elif scale == "log":
        ax.set_yscale("symlog", linthresh=librosa.note_to_hz("C2"), base=2, linscale=0.5)
    elif scale == "cqt":
        ax.set_yscale("log", base=2)
    return _grab(fig)


@pytest.mark.parametrize("edges", ["librosa>=0.9", "librosa<0.9"])
@pytest.mark.parametrize(("scale", "n_cells", "options"), TABLES)
@pytest.mark.parametrize("sr", [22050, 16000, 44100])
def test_rows_and_columns_are_those_of_pcolormesh(edges, scale, n_cells, options, sr):
    drawn = _drawn_before_09 if edges == "librosa<0.9" else _drawn_today
    rng = np.random.default_rng(n_cells + sr)
    size = SIZES[rng.integers(len(SIZES))]
    # a column that is half as wide or twice as wide as a frame puts borders exactly on pixel centres
    for n_frames in (int(rng.integers(2, 700)), size[0] // 2, 2 * size[0]):
        hop = int(rng.choice([128, 256, 441, 512]))
        shown = drawn(size, n_frames, n_cells, scale, sr, hop, **options)
        rows = FrequencyAxis(scale, sr=sr, n_cells=n_cells, edges=edges, **options).rows(size[1])
        columns = TimeAxis(n_frames, hop, sr, edges).columns(size[0])
        np.testing.assert_array_equal(shown, rows[:, None] * n_frames + columns[None])


def test_an_stft_drawn_on_the_mel_axis_follows_the_axis():
    shown = _drawn_today((320, 240), 50, 129, "mel", 22050, 512)
    axis = FrequencyAxis("mel", sr=22050, n_fft=256, kind="stft")
    np.testing.assert_array_equal(shown[:, 0] // 50, axis.rows(240))
    np.testing.assert_allclose(axis.frequencies, librosa.fft_frequencies(sr=22050, n_fft=256))


def test_a_drawn_picture_has_the_colours_of_specshow():
    db = np.random.default_rng(0).uniform(-80, 0, (129, 90)).astype(np.float32)
    db[0, 0], db[0, 1] = -80, 0
    fig, ax = _canvas(320, 240)
    librosa.display.specshow(db, y_axis="log", x_axis="time", sr=22050, hop_length=128, ax=ax, cmap="magma")
    ax.axis("off")
    fig.canvas.draw()
    picture = np.asarray(fig.canvas.buffer_rgba())[..., :3].copy()
    plt.close(fig)
    rows = FrequencyAxis("log", n_fft=256).rows(240)
    drawn = draw(np.ascontiguousarray(db.T), rows, TimeAxis(90, 128).columns(320))
    colours = plt.get_cmap("magma")(matplotlib.colors.Normalize(-80, 0)(drawn))[..., :3]
    np.testing.assert_array_equal(picture, np.round(255 * colours))  # pcolormesh rounds, imshow truncates


@pytest.mark.parametrize("scale", ["linear", "mel-rows"])
def test_one_pixel_a_cell_shows_every_cell(scale):
    axis = FrequencyAxis(scale, n_fft=254, n_cells=128, edges="cells", kind="stft")
    np.testing.assert_array_equal(axis.rows(128), np.arange(128)[::-1])
    np.testing.assert_array_equal(
        FrequencyAxis(scale, n_fft=254, n_cells=128, edges="cells", kind="stft", origin="upper").rows(128),
        np.arange(128),
    )


def test_specgram_divides_its_height_evenly_between_bin_centres():
    axis = FrequencyAxis("linear", sr=8000, n_fft=8, edges="bins")
    assert axis.limits == (0.0, 4000.0)
    np.testing.assert_array_equal(axis.rows(10), np.repeat(np.arange(5)[::-1], 2))


def test_aliases_of_specshow():
    assert FrequencyAxis("hz", n_fft=64) == FrequencyAxis("linear", n_fft=64)
    assert FrequencyAxis("fft_note", n_fft=64) == FrequencyAxis("log", n_fft=64)


def test_limits_and_transform_of_the_log_axis():
    new, old = FrequencyAxis("log", n_fft=1024), FrequencyAxis("log", n_fft=1024, edges="librosa<0.9")
    df = 22050 / 1024
    assert new.limits == pytest.approx((-df / 2, 11025 + df / 2))
    assert old.limits == pytest.approx((0, 11025))
    scale = matplotlib.scale.SymmetricalLogTransform(2, librosa.note_to_hz("C2"), 0.5)
    f = np.linspace(-100, 11025, 999)
    np.testing.assert_allclose(new.transform(f), scale.transform_non_affine(f), rtol=1e-14)
    np.testing.assert_allclose(FrequencyAxis("log", n_fft=64, linthresh=0, fmin=10).transform([2, 8]), [1, 3])


def test_a_zoomed_linear_axis_shows_its_part_only():
    rows = FrequencyAxis("linear", sr=16000, n_fft=512, fmin=1000, fmax=3000).rows(300)
    assert rows[-1] == round(1000 / 31.25)
    assert rows[0] == round(3000 / 31.25)


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 700),
    n_fft=st.integers(1, 600).map(lambda n: 2 * n),
    scale=st.sampled_from(["linear", "log", "mel", "mel-rows", "cqt"]),
    edges=st.sampled_from(["librosa<0.9", "librosa>=0.9", "cells", "bins"]),
)
def test_rows_fall_from_the_top_and_stay_on_the_table(height, n_fft, scale, edges):
    axis = FrequencyAxis(scale, n_fft=n_fft, n_cells=1 + n_fft // 2, edges=edges)
    rows = axis.rows(height)
    assert rows.shape == (height,)
    assert rows.min() >= 0
    assert rows.max() < axis.count
    assert np.all(np.diff(rows) <= 0)
    assert np.all(np.diff(axis.cell_edges) >= 0)


@pytest.mark.parametrize(
    "facts",
    [
        {"scale": "sone", "n_fft": 64},
        {"scale": "linear"},
        {"scale": "mel"},
        {"scale": "log", "n_fft": 1023},
        {"scale": "linear", "n_fft": 1},
        {"scale": "linear", "n_fft": 64, "sr": 0},
        {"scale": "linear", "n_fft": 64, "n_cells": 34},
        {"scale": "linear", "n_cells": 1},
        {"scale": "linear", "n_fft": 64, "fmin": 500.0, "fmax": 500.0},
        {"scale": "linear", "n_fft": 64, "fmax": 11026.0},
        {"scale": "linear", "n_fft": 64, "fmin": -1.0},
        {"scale": "linear", "n_fft": 64, "edges": "round"},
        {"scale": "linear", "n_fft": 64, "origin": "left"},
        {"scale": "linear", "n_fft": 64, "kind": "bark"},
        {"scale": "mel", "n_cells": 0},
        {"scale": "cqt", "n_cells": 84, "fmax": 4000.0},
        {"scale": "cqt", "n_cells": 84, "fmin": 0.0},
        {"scale": "log", "n_fft": 64, "linthresh": 0.0},
        {"scale": "log", "n_fft": 64, "linthresh": -1.0},
        {"scale": "log", "n_fft": 64, "linscale": 0.0},
        {"scale": "log", "n_fft": 64, "base": 1.0},
    ],
)
def test_contradictions_are_refused(facts):
    with pytest.raises(ParameterError):
        FrequencyAxis(**facts)


def test_heights_below_one_are_refused():
    with pytest.raises(ParameterError, match="height=0"):
        FrequencyAxis("linear", n_fft=64).rows(0)


def test_an_axis_without_extent_is_refused():
    axis = FrequencyAxis("period", sr=1, n_fft=2)  # Audacity's periods begin at 1 Hz
    with pytest.raises(ParameterError, match="begins and ends at -1"):
        axis.rows(33)


def test_even_cells_may_reach_past_the_pixels():
    from fastspec.axes.edges import evenly

    np.testing.assert_array_equal(evenly(10, 5, (0.0, 0.0)), np.repeat(np.arange(5), 2))
    np.testing.assert_array_equal(evenly(9, 5, (1.0, 0.0)), np.repeat(np.arange(5), 2)[1:])
    assert evenly(9, 5, (0.0, 1.0))[-1] == 4
