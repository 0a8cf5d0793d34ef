"""A tool that overrides nothing, and the grid on which spans of time are put."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.errors import ParameterError
from fastspec.picture.picture import Picture
from fastspec.tools import span_grid
from fastspec.tools.tool import Drawing, Tool

SPANS = {"columns": "spans", "sr": 8000, "duration": 2.0}


def known(**facts):
    return Calibration.of("given", **facts)


def test_it_recognises_and_changes_nothing():
    tool, picture = Tool(), Picture(np.zeros((40, 50, 3), np.uint8))
    assert tool.read_metadata(picture) == tool.recognise(picture) == {}
    assert tool.read_legend(picture, {}).told == tool.read_plot(picture.pixels, known()).told == frozenset()
    assert not tool.has_own_frame(known())
    assert tool.misplaced_axes(picture, picture.pixels) is None
    assert tool.drawing() is None
    assert list(tool.colour_tables()) == []
    cells = np.ones((3, 4), np.float32)
    assert tool.restore(cells, known()) is cells
    frames = known(n_fft=512)
    assert tool.with_grid(frames, 50, 40) is tool.with_extent(frames, 50) is frames


def test_columns_that_are_spans_get_a_grid_of_a_bin_a_row_that_overlaps_enough():
    cal = Tool().with_grid(known(**SPANS), 50, 257)
    assert (cal["n_fft"], cal["win_length"], cal["hop_length"]) == (512, 512, 64)
    assert {cal.source(name) for name in ("n_fft", "win_length", "hop_length")} == {"assumed"}  # rows need not be bins
    told = Tool().with_grid(known(**SPANS, n_fft=1024, hop_length=100), 50, 257)
    assert (told["n_fft"], told["win_length"], told["hop_length"]) == (1024, 1024, 100)
    given = Tool().with_grid(known(**SPANS, n_fft=1024), 50, 257)
    assert (given["hop_length"], given.source("hop_length")) == (128, "profile")


@pytest.mark.parametrize(
    ("rows", "n_fft"), [(1, 256), (128, 256), (200, 512), (257, 512), (513, 1024), (8000, 16384), (10**6, 16384)]
)
def test_lengths_are_powers_of_two_within_what_can_be_computed(rows, n_fft):
    chosen = span_grid.Choice(known(**SPANS))
    span_grid.choose_bins(chosen, span_grid.power_of_two(rows))
    assert chosen["n_fft"] == n_fft


def test_time_runs_from_border_to_border():
    assert Tool().with_extent(known(**SPANS), 50)["time_extent"] == (0.0, 2.0)
    told = Tool().with_extent(known(**SPANS, time_extent=(0.5, 1.5)), 50)
    assert told["time_extent"] == (0.5, 1.5)
    untold = Tool().with_extent(known(columns="spans", time_extent=(0.0, 1.5)), 50)
    assert untold["duration"] == 1.5
    assert span_grid.centred(50, 0.1) == pytest.approx((-0.05, 4.95))
    assert span_grid.samples_of(known(**SPANS)) == 16000


def test_an_unknown_duration_is_assumed_and_said():
    cal = Tool().with_extent(known(columns="spans"), 250)
    assert (cal["duration"], cal.source("duration")) == (2.5, "assumed")
    assert "give --duration" in cal.remarks[0]


class _Drawing(Drawing):
    profile = Profile("mine", "a test's", "nowhere", {"freq_scale": "linear", "cmap": "gray"})
    takes = frozenset({"n_fft"})
    freq_scale = "linear"


def test_a_drawing_takes_its_own_options_and_what_does_no_harm():
    plan = _Drawing().plan(known(profile="mine", n_fft=512, window="hann", center=True, freq_scale="linear"), None, 8)
    assert (plan["n_fft"], plan["cmap"], plan.source("cmap")) == (512, "gray", "profile")
    for option in ({"cmap": "magma"}, {"window": "hamming"}, {"freq_scale": "mel"}, {"hop_length": 3}):
        with pytest.raises(ParameterError, match=f"{next(iter(option))}=.*'mine'"):
            _Drawing().plan(known(**option), None, 8)
    with pytest.raises(ParameterError, match="8 bits"):
        _Drawing().plan(known(), None, 16)
