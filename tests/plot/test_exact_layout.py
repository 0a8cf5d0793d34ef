"""Layouts and imshow's blends, exactly: facts that arrive, spans, offsets, shares of cells, limits in numbers."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.axes.time import TimeAxis
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap, user_tables
from fastspec.colours.colormap import Colormap
from fastspec.errors import ParameterError
from fastspec.plot import imshow, layout, subsampled

GRAY = colormap.get("gray")

# --- layout

FACTS = {
    "cmap": "magma", "freq_scale": "linear", "freq_edges": "cells", "sr": 8000, "n_fft": 64, "hop_length": 32,
    "n_frames": 10, "duration": 0.04,
}  # fmt: skip


def facts(**changed):
    return Complete.of({**FACTS, **changed})


def test_frames_of_spans_are_counted_from_where_the_columns_begin():
    plan = layout.layout(facts(columns="spans", time_extent=(0.004, 0.024)), 5, 33)
    np.testing.assert_allclose(plan.frames, np.arange(10) - 1.5)  # a hop, and a column, is 4 ms
    wide = layout.layout(facts(columns="spans", time_extent=(0.0, 0.04)), 20, 33)
    np.testing.assert_allclose(wide.frames, 2 * np.arange(10) - 0.5)


@pytest.mark.parametrize(("center", "count"), [(True, 1 + 320 // 16), (False, 1 + (320 - 64) // 16)])
def test_frames_that_hardly_overlap_are_denser(center, count):
    known = facts(columns="spans", time_extent=(0.0, 0.04), hop_length=60, n_frames=6, center=center)
    hop = known.retrieval_hop
    assert hop < 60
    count = 1 + (320 if center else 320 - 64) // hop
    np.testing.assert_allclose(layout.layout(known, 40, 33).frames, np.arange(count) * hop / 8 - 0.5)


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        (
            {"freq_scale": "symlog", "linthresh": 300.0, "linscale": 0.7, "log_base": 10.0},
            {"linthresh": 300.0, "linscale": 0.7, "base": 10.0},
        ),
        (
            {"freq_scale": "mel", "n_mels": 20, "mel_htk": True, "fmin": 50.0, "fmax": 3000.0},
            {"htk": True, "fmin": 50.0, "fmax": 3000.0, "sr": 8000, "n_cells": 20},
        ),
        ({"freq_scale": "mel", "n_mels": 20, "fmax": 4001.0}, {"sr": 8002.0}),
        (
            {"freq_scale": "cqt", "freq_edges": "librosa>=0.9", "n_bins": 24, "bins_per_octave": 6, "fmin": 100.0},
            {"bins_per_octave": 6, "fmin": 100.0, "n_cells": 24, "fmax": None},
        ),
        (
            {"origin": "upper", "fmin": 10.0, "fmax": 3000.0},
            {"origin": "upper", "n_fft": 64, "edges": "cells", "fmin": 10.0, "fmax": 3000.0, "sr": 8000},
        ),
    ],
)
def test_facts_of_the_axis_arrive(given, seen):
    scale = given.get("freq_scale")
    if scale == "symlog":
        given = {**given, "freq_scale": "log", "freq_edges": "librosa>=0.9"}
    axis = layout.frequency_axis(facts(**given))
    assert {name: getattr(axis, name) for name in seen} == seen


def test_a_sound_shorter_than_a_window_is_one_frame():
    short = facts(columns="spans", time_extent=(0.0, 0.004), hop_length=60, n_frames=1, center=False, duration=0.004)
    assert short.retrieval_hop != short.hop_length
    np.testing.assert_array_equal(layout.layout(short, 5, 33).frames, [-0.5])


def test_the_corners_of_a_constant_q_axis_follow_from_its_bins():
    known = facts(freq_scale="cqt", freq_edges="librosa>=0.9", n_bins=24, fmin=100.0, fmax=3000.0)
    assert layout.frequency_axis(known).fmax is None


def test_offsets_of_rows_are_top_and_bottom_and_of_columns_left_and_right():
    known = facts(freq_edges="librosa>=0.9", plot_area=(5, 5, 45, 55), plot_offsets=(3.0, 2.0, 0.5, 0.25))
    plan = layout.layout(known, 40, 50)
    np.testing.assert_array_equal(plan.rows, layout.frequency_axis(known).rows(50, (2.0, 0.25)))
    time = TimeAxis(10, 32, 8000, "librosa>=0.9")
    np.testing.assert_array_equal(plan.columns, time.columns(40, (3.0, 0.5)))


def test_a_scale_is_that_of_the_facts():
    cmap = layout.colormap({"cmap": "magma"})
    known = facts(db_range=(-60.0, -10.0), db_center=-20.0)
    assert layout.level_scale(known, cmap).center == -20.0
    power = layout.level_scale(facts(level_kind="power", level_exponent=0.7), cmap)
    assert (power.kind, power.exponent, power.quantiser) == ("power", 0.7, cmap.quantiser)


def test_own_tables_count_under_their_own_names_alone():
    found = layout.colormap({"cmap": "mine", "cmap_table": _table("mine")})
    assert found.name == "mine"
    assert layout.colormap({"cmap": "gray", "cmap_table": _table("gray")}) is colormap.get("gray", "round")
    assert layout.colormap({"cmap": "viridis", "cmap_table": _table("mine")}) is colormap.get("viridis", "round")
    with pytest.raises(ParameterError, match="another"):
        layout.colormap({"cmap": "another", "cmap_table": _table("mine")})
    assert layout.colormap({"cmap": "jet", "cmap_rounding": "trunc"}) is colormap.get("jet", "trunc")
    assert layout.colormap({"cmap": "gray_r"}, 16).table[0] == 65535


def _table(name):
    return user_tables.as_text(
        name, np.array([[0, 255, 0], [255, 0, 0]] * 8, np.uint8) // np.arange(1, 17)[:, None].astype(np.uint8)
    )


def test_maps_with_colours_of_equal_luma_are_told():
    def of(lumas):
        return Colormap("x", np.repeat(np.array(lumas, np.uint8)[:, None], 3, axis=1))

    for rise in (1, -1):
        assert subsampled.ambiguous(of([0, 100, 91, 200][::rise]))
        assert not subsampled.ambiguous(of([0, 100, 92, 200][::rise]))
    assert not subsampled.ambiguous(GRAY)
    assert subsampled.ambiguous(colormap.get("jet"))


# --- imshow


def dense(index, weight, count):
    out = np.zeros((len(index), count))
    for pixel, (cells_, shares) in enumerate(zip(index, weight, strict=True)):
        np.add.at(out[pixel], cells_, shares)
    return out


def bells(count, pixels, beyond):
    """Weights by loops: a Hann window one cell wide on each side, wider where it shrinks, mirrored at the ends."""
    size = pixels + sum(beyond)
    reach, out = max(1.0, count / size), np.zeros((pixels, count))
    for pixel in range(pixels):
        centre = (pixel + 0.5 + beyond[0]) * count / size
        for cell in range(-3 * count - 3, 4 * count + 3):
            away = abs(cell + 0.5 - centre) / reach
            if away < 1:
                at = -1 - cell if cell < 0 else 2 * count - 1 - cell if cell >= count else cell
                out[pixel, min(max(at, 0), count - 1)] += 0.5 + 0.5 * np.cos(np.pi * away)
    return out / out.sum(axis=1, keepdims=True)


@pytest.mark.parametrize(("count", "pixels"), [(5, 12), (12, 5), (7, 7), (3, 4), (1, 6), (2, 9)])
@pytest.mark.parametrize("beyond", [(0.0, 0.0), (0.4, 1.2)])
def test_shares_of_cells_in_pixels(count, pixels, beyond):
    found = dense(*imshow.blend(count, pixels, imshow.BELLS, beyond), count)
    np.testing.assert_allclose(found, bells(count, pixels, beyond), atol=1e-6)
    places = (np.arange(pixels) + 0.5 + beyond[0]) / (pixels + sum(beyond))
    nearest = dense(*imshow.blend(count, pixels, imshow.NEAREST, beyond), count)
    np.testing.assert_array_equal(nearest, np.eye(count)[(places * count).astype(int)])
    corners = dense(*imshow.blend(count, pixels, imshow.VERTICES, beyond), count)
    if count > 1:
        wanted = np.array([np.interp(places * (count - 1), np.arange(count), each) for each in np.eye(count)]).T
        np.testing.assert_allclose(corners, wanted, atol=1e-6)


def plain(height=12, width=12, value=100):
    return np.full((height, width), value, np.uint8)


def test_a_plot_of_one_colour_has_cells_of_that_colour():
    for value in (0, 100, 255):
        for kind in (imshow.BELLS, imshow.NEAREST, imshow.VERTICES):
            assert np.unique(imshow.cells(plain(value=value), 14, 14, 9, kind)).tolist() == [value]


@pytest.mark.parametrize(("n_fft", "cells_"), [(64, True), (66, False)])
def test_more_than_eight_cells_a_row_are_left(n_fft, cells_):
    pixels = plain(4, 30)
    n_fft = 2 * (32 if cells_ else 33) - 2
    found = imshow.cells(pixels, n_fft, n_fft, None)
    assert (found is not pixels) is cells_
    assert found.shape == ((32, 30) if cells_ else (4, 30))


@pytest.mark.parametrize(("frames", "columns"), [(32, 32), (33, 4)])
def test_more_than_eight_cells_a_column_are_left(frames, columns):
    assert imshow.cells(plain(12, 4), 14, 14, frames).shape == (8, columns)


@pytest.mark.parametrize(("width", "height", "nearest"), [(19, 19, True), (18, 19, False), (19, 18, False)])
def test_magnified_more_than_threefold_both_ways_the_nearest_cell_is_shown(monkeypatch, width, height, nearest):
    asked, firsts = [], []
    invert = imshow.invert

    def noting(lines, count, *more, kind, beyond):
        asked.append((count, kind, beyond))
        firsts.append(lines[0, 0])
        return invert(lines, count, *more, kind=kind, beyond=beyond)

    monkeypatch.setattr(imshow, "invert", noting)
    imshow.cells(plain(height, width), 10, 10, 6, beyond=(0.1, 0.2, 0.3, 0.4))
    kind = imshow.NEAREST if nearest else imshow.BELLS
    assert asked == [(6, kind, (0.2, 0.4)), (6, kind, (0.1, 0.3))]
    assert firsts[0] == 100.5  # the middle of what truncation left
    asked.clear()
    imshow.cells(plain(height, width), 10, 10, 6, imshow.VERTICES)
    assert {kind for _, kind, _ in asked} == {imshow.VERTICES}
    down, across = imshow.blends_of((height, width), (6, 6), facts(), imshow.BELLS)
    assert down[0].shape[1] == (1 if nearest else 3)
    assert across[0].shape[1] == down[0].shape[1]


def test_rows_of_a_longer_transform_lie_between_those_that_were_drawn():
    pixels = np.repeat(np.arange(0, 250, 25, dtype=np.uint8)[:9, None], 5, axis=1)  # nine bins, from 0 to 200
    found = imshow.cells(pixels, 32, 16, 3, imshow.VERTICES)
    assert found.shape == (17, 5)  # columns are left as they are
    at = np.arange(17) / 2 * 9 / 8 - 0.5  # the rows of half bins, which lie on the corners of nine pixels
    np.testing.assert_allclose(found[:, 0], np.clip(25 * at + 0.5, 0, None), atol=1)
    assert imshow.cells(pixels, 16, 16, 3, imshow.VERTICES).shape == (9, 3)


@pytest.mark.parametrize(("count", "smooth"), [(9, 1e-4), (10, 1e-4), (11, 1e-2)])
def test_cells_are_smoother_where_there_are_more_than_pixels(count, smooth):
    lines = np.random.default_rng(0).random((10, 3)).astype(np.float32)
    np.testing.assert_array_equal(imshow.invert(lines, count), imshow.invert(lines, count, smooth))
    assert not np.array_equal(imshow.invert(lines, count), imshow.invert(lines, count, smooth * 4 / 3))


def test_what_cells_are_asked_of_a_plots_facts(monkeypatch):
    asked = []
    monkeypatch.setattr(imshow, "cells", lambda *given, **how: asked.append((given[1:], how)))
    area, beyond = (5, 5, 45, 55), (0.1, 0.2, 0.3, 0.4)
    known = facts(freq_scale="mel", n_mels=20, plot_area=area, plot_offsets=beyond)
    none = (0.0,) * 4
    for shape, wanted in (((50, 40), beyond), ((50, 41), none), ((51, 40), none)):
        imshow.cells_of(np.zeros(shape), known, imshow.VERTICES, entries=True)
        given, how = asked.pop()
        assert given == (64, known.shown_n_fft, known.drawn_frames, imshow.VERTICES)
        assert how == {"rows": 20, "entries": True, "beyond": wanted}
    imshow.cells_of(np.zeros((50, 40)), facts(n_bins=30))
    assert asked.pop()[1] == {"rows": 30, "entries": False, "beyond": none}
