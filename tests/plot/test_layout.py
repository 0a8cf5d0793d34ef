"""Which cell each pixel shows, by the facts: axes, offsets, spans of time, colour tables."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.axes import EDGES_BIN_CENTRES, EDGES_LOUDEST, EDGES_WHOLE, FREQ_EDGES
from fastspec.calibration.complete import Complete
from fastspec.errors import CalibrationError, ParameterError
from fastspec.plot import layout

FACTS = {
    "cmap": "magma",
    "freq_scale": "linear",
    "freq_edges": "cells",
    "sr": 8000,
    "n_fft": 64,
    "hop_length": 32,
    "n_frames": 10,
    "duration": 0.04,
}


def facts(**changed):
    return Complete.of({**FACTS, **changed})


def test_a_pixel_a_cell_is_the_identity_with_low_frequencies_below():
    plan = layout.layout(facts(), 10, 33)
    np.testing.assert_array_equal(plan.rows, np.arange(33)[::-1])
    np.testing.assert_array_equal(plan.columns, np.arange(10))
    np.testing.assert_allclose(plan.frequencies, np.arange(33) * 125.0)
    assert (plan.n_cells, plan.n_frames, plan.kind, plan.frames) == (33, 10, "stft", None)
    np.testing.assert_array_equal(layout.layout(facts(origin="upper"), 10, 33).rows, np.arange(33))


def test_rows_and_columns_are_kept_for_the_next_picture_of_the_same_axes():
    one, other = (layout.layout(facts(freq_scale="log", freq_edges="librosa>=0.9"), 40, 50) for _ in range(2))
    assert one.rows is other.rows
    assert one.columns is other.columns


@pytest.mark.parametrize(
    ("changed", "kind", "cells"),
    [
        ({"freq_scale": "mel", "freq_edges": "librosa>=0.9", "n_mels": 20}, "mel", 20),
        ({"freq_scale": "mel", "freq_edges": "cells", "n_mels": 20}, "mel", 20),
        ({"freq_scale": "cqt", "freq_edges": "librosa>=0.9", "n_bins": 24, "fmin": 100.0}, "cqt", 24),
        ({"freq_scale": "cqt", "freq_edges": "librosa<0.9", "sr": 44100}, "cqt", 84),
        ({"freq_edges": "librosa>=0.9", "n_bins": 32}, "stft", 32),
    ],
)
def test_cells_are_what_the_scale_counts(changed, kind, cells):
    plan = layout.layout(facts(**changed), 10, 200)
    assert (plan.kind, plan.n_cells, len(plan.frequencies)) == (kind, cells, cells)
    assert plan.rows.max() == cells - 1


def test_a_mel_bank_may_end_above_the_rate_that_is_wanted():
    axis = layout.frequency_axis(facts(freq_scale="mel", freq_edges="cells", n_mels=20, fmax=10_000.0))
    assert axis.sr == 20_000


def test_offsets_hold_for_the_whole_plot_alone():
    said = facts(freq_edges="librosa>=0.9", plot_area=(5, 5, 45, 55), plot_offsets=(2.0, 2.0, 2.0, 2.0))
    none = facts(freq_edges="librosa>=0.9", plot_area=(5, 5, 45, 55))
    assert (layout.layout(said, 40, 50).columns != layout.layout(none, 40, 50).columns).any()
    np.testing.assert_array_equal(layout.layout(said, 41, 50).columns, layout.layout(none, 41, 50).columns)


def test_columns_that_are_spans_of_time_say_where_each_frame_lies():
    plan = layout.layout(facts(columns="spans", time_extent=(0.0, 0.02)), 5, 33)
    assert plan.n_frames == 5
    # a column is 4 ms wide, as a hop is; the first frame lies on the left border of the first one
    np.testing.assert_allclose(plan.frames, np.arange(10) - 0.5)


def test_sixteen_bits_are_plain_gray():
    assert len(layout.colormap({"cmap": "gray"}, 16)) == 1 << 16
    assert len(layout.colormap({"cmap": "gray_r"}, 16)) == 1 << 16
    with pytest.raises(CalibrationError, match="plain gray"):
        layout.colormap({"cmap": "magma"}, 16)
    with pytest.raises(ParameterError, match="magma"):
        layout.colormap({"cmap": "magmma"})


def test_levels_are_those_of_the_facts():
    cmap = layout.colormap(FACTS)
    scale = layout.level_scale(facts(db_range=(-60.0, -10.0)), cmap)
    assert (scale.kind, scale.lo, scale.hi, scale.count) == ("db", -60, -10, 256)


@pytest.mark.parametrize("edges", FREQ_EDGES)
def test_what_the_cells_of_a_mel_axis_are_follows_from_the_edges(edges):
    known = facts(freq_scale="mel", freq_edges=edges, n_mels=20)
    axis, bins = layout.frequency_axis(known), edges == EDGES_LOUDEST
    assert layout.cell_kind(known) == axis.kind == ("stft" if bins else "mel")
    assert axis.scale == ("mel-rows" if edges in (EDGES_WHOLE, EDGES_BIN_CENTRES) else "mel")
    assert axis.count == (32 if bins else 20)


def test_an_entry_above_the_range_is_no_level():
    sox = layout.colormap({"cmap": "sox"})
    assert layout.level_scale(facts(), sox).count == len(sox) - 1
