"""Facts: sourced, merged by strength, embedded and reported."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fastspec
from fastspec import tools
from fastspec.calibration import defaults
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, SOURCES, Fact
from fastspec.errors import CalibrationError, ParameterError
from fastspec.picture import files as picture_files

OLD = Path(__file__).parents[1] / "data" / "release-0.1" / "pictures"


def test_a_calibration_is_a_mapping_that_knows_its_sources():
    cal = Calibration.of("given", sr=16000, n_fft=None, db_range=(-60, 0))
    assert dict(cal) == {"sr": 16000, "db_range": (-60.0, 0.0)}
    assert cal.source("sr") == "given"
    assert cal.source("n_fft") is None
    assert "sr" not in cal.missing
    assert "n_fft" in cal.missing


def test_the_stronger_source_wins_whichever_comes_first():
    for first in SOURCES:
        for second in SOURCES:
            merged = Calibration.of(first, sr=8000).merged(Calibration.of(second, sr=16000))
            if first == second:
                continue
            stronger = min(first, second, key=SOURCES.index)
            assert merged.source("sr") == stronger
            assert merged["sr"] == (8000 if stronger == first else 16000)


def test_options_that_contradict_the_file_are_said_and_guesses_are_not():
    given_facts = Calibration.of("given", sr=8000)
    assert "8000" in given_facts.merged(Calibration.of("embedded", sr=16000)).remarks[0]
    assert given_facts.merged(Calibration.of("profile", sr=16000)).remarks == ()
    assert given_facts.merged(Calibration.of("embedded", sr=8000)).remarks == ()


_VALUES = {
    "sr": st.integers(1, 400_000),
    "n_fft": st.integers(2, 65536),
    "duration": st.floats(1e-3, 1e6),
    "cmap": st.text(min_size=1, max_size=12),
    "db_range": st.tuples(st.floats(-200, -1), st.floats(0, 50)),
    "center": st.booleans(),
    "freq_scale": st.sampled_from(["linear", "log", "mel"]),
    "plot_area": st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(10, 99), st.integers(10, 99)),
}


@given(st.fixed_dictionaries({}, optional=_VALUES))
def test_embedding_keeps_every_fact_exactly(facts):
    cal = Calibration.of("given", **facts)
    back = Calibration.from_json(cal.to_json())
    assert dict(back) == dict(cal)
    assert all(fact.source == "embedded" for fact in back.facts.values())


@given(st.one_of(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_any_foreign_text_is_refused_without_a_crash(text):
    with pytest.raises(CalibrationError):
        Calibration.from_json(text)


def test_unknown_and_impossible_facts_are_left_out_and_said():
    text = json.dumps({"format": "fastspec-calibration", "version": 1, "facts": {"sr": 8000, "warp": 3, "n_fft": "x"}})
    cal = Calibration.from_json(text)
    assert dict(cal) == {"sr": 8000}
    assert len(cal.remarks) == 2


def _carrying(version):
    """A picture that 0.1.0 drew, with another format version."""
    picture = picture_files.read(OLD / "a.png")
    return replace(picture, embedded=json.dumps({**json.loads(picture.embedded), "version": version}))


def test_a_calibration_that_0_1_embedded_is_read():
    cal = fastspec.inspect(OLD / "a.png")
    assert (cal["sr"], cal["n_fft"], cal["n_frames"], cal["duration"]) == (8000, 64, 31, 0.06)
    assert {cal.source(name) for name in ("sr", "n_fft", "hop_length", "cmap", "db_range", "ref")} == {"embedded"}
    assert cal.remarks == ()
    assert fastspec.decode(OLD / "a.png", n_iter=1)[0].shape == (480,)


def test_a_calibration_of_a_newer_format_is_refused_with_a_word():
    with pytest.raises(CalibrationError, match=r"has format 2, and this fastspec reads format 1.*update fastspec"):
        Calibration.from_json(_carrying(2).embedded)
    cal = fastspec.inspect(_carrying(2))
    assert "embedded" not in {cal.source(name) for name in cal}
    assert [remark for remark in cal.remarks if "format 2" in remark and "update fastspec" in remark]
    assert fastspec.inspect(_carrying(1)).remarks == ()


def test_an_oversized_embedded_text_is_refused():
    with pytest.raises(CalibrationError, match="exceeds"):
        Calibration.from_json("x" * 100_000)


def test_calibrations_travel_between_processes_and_hash():
    cal = Calibration.of("pixels", sr=8000, db_range=(-80, 0)).described(width=640).remarked("note")
    again = pickle.loads(pickle.dumps(cal))
    assert again == cal
    assert hash(again) == hash(cal)
    assert again.remarks == ("note",)


def test_the_report_has_every_promised_fact_and_its_consequence():
    report = Calibration({"sr": Fact(22050, "pixels", 0.99)}).report()
    promised = "profile cmap db_range freq_scale sr n_fft win_length window hop_length n_frames duration plot_area"
    assert list(report["facts"])[:12] == promised.split()
    assert report["facts"]["sr"] == {
        "value": 22050,
        "source": "pixels",
        "confidence": 0.99,
        "if_wrong": FACTS["sr"].if_wrong,
    }
    assert "duration" in report["missing"]
    json.dumps(report)


@pytest.mark.parametrize("name", list(tools.profiles()))
def test_every_profile_is_complete_with_the_defaults(name):
    profile = tools.profile(name)
    assert profile.source
    assert profile.title
    cal = defaults.assumed(profile.calibration())
    assert {"cmap", "db_range", "freq_scale", "freq_edges", "sr", "n_fft", "hop_length", "win_length"} <= cal.keys()


def test_an_unknown_profile_suggests_the_near_ones():
    with pytest.raises(ParameterError, match="did you mean librosa"):
        tools.profile("librossa")
