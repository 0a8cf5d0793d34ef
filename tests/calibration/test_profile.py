"""A tool's way of drawing as a calibration: what holds for all its pictures, and what is only usual."""

from __future__ import annotations

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile

MINE = Profile(
    "mine",
    "a test's",
    "nowhere",
    {"level_kind": "db", "window": "hann"},
    usual={"freq_scale": "log", "cmap": "magma", "window": "hamming"},
    by_scale={"mel": {"n_mels": 64}},
    options=frozenset({"window"}),
)


def test_facts_are_the_profiles_and_usual_ones_are_assumed():
    cal = MINE.calibration()
    assert {name: cal.source(name) for name in cal} == {
        "profile": "profile", "level_kind": "profile", "window": "profile", "freq_scale": "assumed", "cmap": "assumed",
    }  # fmt: skip
    assert cal["window"] == "hann"
    assert cal.facts["window"].confidence < cal.facts["level_kind"].confidence  # one that the tool lets users choose
    assert "usual for mine" in cal.facts["cmap"].note


def test_some_facts_belong_to_one_scale():
    assert MINE.calibration("mel")["n_mels"] == 64
    assert "n_mels" not in MINE.calibration()
    assert "n_mels" not in MINE.calibration("linear")


def test_pixels_are_stronger_and_guesses_are_not():
    told = {"cmap": "gray", "level_kind": "power"}
    seen = MINE.calibration().merged(Calibration.of("pixels", **told))
    assert (seen["cmap"], seen["level_kind"]) == ("gray", "power")
    guessed = MINE.calibration().merged(Calibration.of("assumed", **told))
    assert guessed["level_kind"] == "db"
