"""Checked facts as attributes."""

from __future__ import annotations

import pytest

from fastspec import tools
from fastspec.calibration import defaults, timing
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import LIMITS, Complete, retrieval_hop
from fastspec.calibration.facts import FACTS
from fastspec.errors import CalibrationError

LEAST = {
    "cmap": "magma",
    "freq_scale": "linear",
    "freq_edges": "cells",
    "sr": 8000,
    "n_fft": 512,
    "hop_length": 128,
    "n_frames": 7,
    "duration": 0.1,
}


def test_every_attribute_is_a_fact_and_takes_what_the_fact_takes():
    facts = Complete.of(LEAST)
    named = set(Complete._fields)
    assert named <= set(FACTS)
    told = {name: getattr(facts, name) for name in named if getattr(facts, name) is not None}
    assert dict(Calibration.of(**told)) == told


def test_what_is_told_stays_and_the_rest_is_librosas():
    facts = Complete.of({**LEAST, "ref": 2.0, "mel_norm": "none", "columns": "spans", "fmin": None})
    assert (facts.win_length, facts.window, facts.center, facts.fmin) == (512, "hann", True, None)
    assert (facts.ref, facts.bank_norm, facts.shows_spans, facts.samples) == (2.0, None, True, 800)
    assert Complete.of(LEAST).bank_norm == "slaney"
    options = {"n_fft": 512, "hop_length": 128, "win_length": 512, "window": "hann", "center": True}
    assert facts.transform_options() == options


def test_drawn_frames_need_their_step():
    spans = {**LEAST, "columns": "spans", "time_extent": (0.5, 2.0)}
    assert Complete.of(spans).drawn_frames is None
    assert Complete.of({**spans, "column_step": 0.1}).drawn_frames == 15


@pytest.mark.parametrize("name", list(LEAST))
def test_a_missing_fact_is_named(name):
    with pytest.raises(CalibrationError, match=name):
        Complete.of({**LEAST, name: None})


@pytest.mark.parametrize("name", list(tools.profiles()))
def test_every_profile_with_the_defaults_is_complete(name):
    cal = defaults.assumed(tools.profile(name).calibration())
    facts = Complete.of(timing.reconcile(cal, 640))
    assert facts.profile == name
    assert facts.n_frames == 640


@pytest.mark.parametrize("window", [63, 256, 2048])
def test_hops_of_windows_that_hardly_overlap_are_made_finer(window):
    for hop in range(1, window + 1):
        dense = retrieval_hop(hop, window)
        assert (dense == hop) == (hop <= LIMITS.sparse * window)
        assert dense == hop or 1 <= dense <= LIMITS.dense * window
        assert dense == hop or dense > LIMITS.dense * window / 2
    assert Complete.of({**LEAST, "n_fft": 2048, "hop_length": 1920}).retrieval_hop == 480
    assert Complete.of({**LEAST, "n_fft": 2048, "win_length": 512, "hop_length": 400}).retrieval_hop == 100
