"""Facts: checked, sourced, merged by strength, embedded and settled so that they fit together."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastspec import tools
from fastspec.calibration import consistency, defaults
from fastspec.calibration.calibration import FACTS, SOURCES, Calibration, Fact, check_fact
from fastspec.errors import CalibrationError, FastspecError, ParameterError


def test_a_calibration_is_a_mapping_that_knows_its_sources():
    cal = Calibration.of("given", sr=16000, n_fft=None, db_range=(-60, 0))
    assert dict(cal) == {"sr": 16000, "db_range": (-60.0, 0.0)}
    assert cal.source("sr") == "given"
    assert cal.source("n_fft") is None
    assert "sr" not in cal.missing
    assert "n_fft" in cal.missing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sr", 0),
        ("sr", "fast"),
        ("sr", 22050.5),
        ("sr", True),
        ("n_fft", -4),
        ("duration", float("nan")),
        ("db_range", (0, -80)),
        ("db_range", (1,)),
        ("plot_area", (5, 0, 5, 9)),
        ("freq_scale", "logarithmic"),
        ("window", ""),
        ("no_such_fact", 1),
    ],
)
def test_a_wrong_value_is_refused_with_the_value_in_the_message(name, value):
    with pytest.raises(ParameterError, match=r".") as caught:
        check_fact(name, value)
    assert name in str(caught.value)


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


def test_facts_of_a_newer_fastspec_are_left_out_and_said():
    text = json.dumps({"format": "fastspec-calibration", "version": 99, "facts": {"sr": 8000, "warp": 3, "n_fft": "x"}})
    cal = Calibration.from_json(text)
    assert dict(cal) == {"sr": 8000}
    assert len(cal.remarks) == 3


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


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"n_fft": 1023, "freq_scale": "log"}, "1022 or 1024"),
        ({"n_fft": 1024, "win_length": 2048}, "win_length=2048"),
        ({"n_fft": 1024, "hop_length": 2048}, "hop_length=2048"),
        ({"fmin": 4000.0, "fmax": 100.0}, "fmin=4000"),
        ({"sr": 16000, "fmax": 9000.0}, "fmax=9000"),
        ({"n_fft": 64, "n_mels": 128}, "n_mels=128"),
    ],
)
def test_contradicting_facts_are_refused_with_the_remedy(facts, word):
    with pytest.raises(CalibrationError, match=word):
        consistency.check(Calibration.of("given", **facts))


def test_a_plot_area_outside_the_picture_is_refused():
    with pytest.raises(CalibrationError, match="640 x 480"):
        consistency.check(Calibration.of("given", plot_area=(0, 0, 641, 480)), width=640, height=480)


def _cal(**assumed):
    return defaults.assumed(Calibration.of("given", **assumed))


def test_duration_gives_the_number_of_frames_as_librosa_counts_them():
    cal = consistency.settle_time(_cal(sr=22050, hop_length=512, duration=61.45), 640)
    assert cal["n_frames"] == 1 + 1354972 // 512
    assert cal.source("n_frames") == "given"


def test_without_a_duration_one_frame_a_column_is_assumed_and_said():
    cal = consistency.settle_time(_cal(sr=22050), 640)
    assert cal["n_frames"] == 640
    assert cal["duration"] == pytest.approx(639 * 512 / 22050)
    assert cal.source("duration") == "assumed"
    assert "14.84 s" in cal.remarks[-1]


def test_counted_frames_and_a_given_duration_tell_the_hop():
    pixels = Calibration.of("pixels", n_frames=1 + 156555 // 256)
    cal = consistency.settle_time(
        defaults.assumed(Calibration.of("given", sr=22050, duration=7.1).merged(pixels)), 1280
    )
    assert cal["hop_length"] == 256
    assert cal.source("hop_length") == "pixels"


def test_two_given_facts_that_exclude_each_other_are_an_error():
    with pytest.raises(CalibrationError, match="contradicts duration"):
        consistency.settle_time(_cal(sr=22050, hop_length=512, duration=2.0, n_frames=500), 640)


def test_all_errors_are_of_one_family_with_a_stable_code():
    from fastspec import errors

    family = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    assert all(issubclass(e, FastspecError) for e in family)
    assert len({e.code for e in family}) == len(family)


def test_a_hop_that_time_and_frames_tell_is_no_assumption():
    told = Calibration.of("pixels", n_frames=306, duration=7.0938, sr=22050)
    assumed = Calibration.of("assumed", hop_length=512, n_fft=2048, center=True)
    settled = consistency.settle_time(told.merged(assumed), 620)
    assert (settled["hop_length"], settled.source("hop_length")) == (512, "pixels")
    guessed = Calibration.of("assumed", n_frames=306, hop_length=512, n_fft=2048, center=True)
    settled = consistency.settle_time(Calibration.of("given", duration=7.0938, sr=22050).merged(guessed), 620)
    assert settled.source("hop_length") == "assumed"


def test_zero_has_no_sign():
    assert str(Calibration.of("pixels", db_range=(-80.0, -0.0))["db_range"]) == "(-80.0, 0.0)"


@pytest.mark.parametrize(("samples", "frames", "hop"), [(145_424, 284, 512), (96_000, 259, 372), (44_100, 87, 512)])
def test_an_assumed_hop_gives_way_to_frames_that_were_counted(samples, frames, hop):
    from fastspec.calibration.consistency import settle_time

    known = Calibration().updated("pixels", 0.9, n_frames=frames, duration=samples / 44100, sr=44100)
    known = known.updated("assumed", 0.3, hop_length=441, n_fft=2048, win_length=2048)
    settled = settle_time(known, 600)
    assert settled["hop_length"] == hop
    assert settled["n_frames"] == frames
