"""Where a figure's cells lie between pixels, though somebody edited it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fastspec import inspection
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap, matching
from fastspec.decoder import Decoder
from fastspec.phase import metrics
from fastspec.plot import cells, layout
from fastspec.retouch import redraw, subpixel
from tests.retouch.figures import Figure
from tests.retouch.pictures import speech

SAVED = [
    {"y_axis": "log", "how": {"bbox_inches": "tight"}},
    {"y_axis": "linear", "tight": True},
    {"y_axis": "linear", "dpi": 110, "figsize": (9.3, 3.7)},
    {"y_axis": "mel", "dpi": 150, "tight": True},
]


def figure(**saved):
    y, sr = speech()
    return Figure(y[: 3 * sr], sr, **saved)


def known(figure, offsets=None):
    facts = {
        "sr": figure.sr, "duration": figure.y.size / figure.sr, "n_fft": 1024, "hop_length": 256, "cmap": "magma",
        "freq_scale": figure.y_axis, "freq_edges": "librosa>=0.9", "db_range": (-80.0, 0.0),
        "n_frames": len(figure.spectrum), "plot_area": figure.area, "profile": "librosa",
    }  # fmt: skip
    if figure.y_axis == "mel":
        facts["n_mels"] = figure.decibels.shape[0]
    if offsets is not None:
        facts["plot_offsets"] = offsets
    return Complete.of(inspection.profile_facts(inspection.given_facts(facts)))


def beside(figure, pixels, facts):
    """Levels of a plot's pixels beside those of the cells that were drawn."""
    left, top, right, bottom = figure.area
    cmap = colormap.get("magma")
    levels = cmap.levels_of(matching.index_of(np.ascontiguousarray(pixels[top:bottom, left:right]), cmap).index)
    amplitudes = (10 ** (figure.decibels.T / 20)).astype(np.float32)
    shown = redraw.shown_of(amplitudes, layout.level_scale(facts, cmap), cmap)
    frames = subpixel.frames_shown(facts, right - left)
    return subpixel.Plot(levels, shown[frames], frames, cmap.step)


@pytest.mark.parametrize("saved", SAVED)
def test_an_erased_rectangle_does_not_hide_where_the_cells_lie(saved):
    drawn = figure(**{**saved, "y_axis": "log" if saved["y_axis"] == "mel" else saved["y_axis"]})
    facts = known(drawn)
    plot = beside(drawn, drawn.erased(), facts)
    found = subpixel.place(plot, facts)
    assert found.agreement > 0.999 * subpixel.agreement(plot, facts, drawn.offsets)
    height, width = plot.levels.shape
    own, true = (
        _redrawn(plot, layout.layout(known(drawn, tuple(each)), width, height))
        for each in (found.offsets, drawn.offsets)
    )
    outside = np.ones((height, width), np.bool_)
    outside[drawn.place()] = False
    # single lines, whose borders lie on the middle of a pixel, fall to either side
    assert np.abs(own - true)[outside].astype(bool).mean() < 0.002


def _redrawn(plot, plan):
    return plot.drawn[np.searchsorted(plot.frames, plan.columns)][:, plan.rows].T


@pytest.mark.parametrize("saved", SAVED[:3])
@pytest.mark.parametrize("edited", [False, True])
def test_a_figure_with_axes_needs_nothing_but_its_original(saved, edited):
    drawn = figure(**saved)
    stream = io.BytesIO()
    Image.fromarray(drawn.erased() if edited else drawn.pixels).save(stream, "PNG")
    stream.seek(0)
    found = Decoder().retouch(stream, (drawn.y, drawn.sr))
    if not edited:
        np.testing.assert_array_equal(found.wave, drawn.y)
        return
    height, width = drawn.plot.shape[:2]
    plan = layout.layout(known(drawn, tuple(drawn.offsets)), width, height)
    marked, ideal = drawn.cells_of_place(plan), drawn.spectrum.copy()
    ideal[marked] = 0
    assert metrics.held_out_sc(found.wave, drawn.sound(ideal), drawn.sr) < -40
    frames = np.flatnonzero(marked.any(axis=1))
    changed = np.flatnonzero(found.wave != drawn.y)
    assert changed[0] >= frames[0] * 256 - 512
    assert changed[-1] < frames[-1] * 256 + 512


def test_agreement_of_lines_is_that_of_their_best_cells():
    rng = np.random.default_rng(0)
    plot = subpixel.Plot(
        rng.random((7, 5)).astype(np.float32), rng.random((6, 9)).astype(np.float32), np.arange(2, 8), 0.1
    )
    plot.levels[2, 3] = np.nan
    rows = subpixel._Near(np.array([0, 2, 6]), np.array([0, 3, 6]), np.array([2, 4, 8]))
    columns = subpixel._Near(np.array([1, 3]), np.array([2, 4]), np.array([3, 7]))

    def alike(row, column, cell, frame):
        off = (plot.drawn[frame - 2, cell] - plot.levels[row, column]) / plot.step
        return 0.0 if np.isnan(off) else 1 / (1 + off * off)

    by_rows = subpixel._agreement(plot, rows, columns).scores
    by_columns = subpixel._agreement(plot, rows, columns, across=True).scores
    for k, (row, low, high) in enumerate(zip(*rows, strict=True)):
        for cell in range(low, high + 1):
            best = [max(alike(row, x, cell, f) for f in range(a, b + 1)) for x, a, b in zip(*columns, strict=True)]
            assert by_rows[k, cell - low] == pytest.approx(sum(best), rel=1e-4)
    for k, (column, low, high) in enumerate(zip(*columns, strict=True)):
        for frame in range(low, high + 1):
            best = [max(alike(y, column, c, frame) for c in range(a, b + 1)) for y, a, b in zip(*rows, strict=True)]
            assert by_columns[k, frame - low] == pytest.approx(sum(best), rel=1e-4)


def test_no_column_tells_its_frame_where_a_pixel_has_very_many():
    facts = known(figure())
    assert subpixel.frames_shown(facts._replace(n_frames=2000), 200) is not None
    assert subpixel.frames_shown(facts._replace(n_frames=2000), 100) is None


def test_single_lines_may_show_their_neighbours_cells_and_an_edit_moves_none():
    shown = np.random.default_rng(0).random((40, 30)).astype(np.float32)
    rows, columns = np.repeat(np.arange(30)[::-1], 2), np.repeat(np.arange(40), 3)
    plan = layout.Layout(rows.astype(np.intp), columns.astype(np.intp), 30, 40, "stft", np.arange(30.0))
    true_rows, true_columns = rows.copy(), columns.copy()
    true_rows[20], true_columns[32], true_columns[60] = true_rows[19], true_columns[33], true_columns[59]
    levels = cells.draw(shown, true_rows, true_columns)
    levels[30:36, 45:75] = 0
    found = subpixel.line_by_line(plan, levels, shown, 1e-3)
    np.testing.assert_array_equal(found.rows, true_rows)
    np.testing.assert_array_equal(found.columns, true_columns)
