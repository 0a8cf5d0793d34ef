"""What follows from a guess is assumed; what follows from a reading is no surer than that."""

from __future__ import annotations

import pytest

from fastspec.calibration import guesses
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.calibration.report import as_table, decode_command

BELIEVED = guesses.LIMITS.believed
FACTS = {"origin": Fact("lower", "profile", 0.95), "cmap": Fact("viridis", "assumed", 0.5, "usual for mine")}


@pytest.mark.parametrize(
    ("profile", "source"),
    [
        (Fact("mine", "pixels", BELIEVED + 0.01), "profile"),
        (Fact("mine", "pixels", BELIEVED - 0.01), "assumed"),
        (Fact("mine", "given"), "profile"),
        (Fact("mine", "embedded"), "profile"),
        (Fact("mine", "assumed", 0.9), "assumed"),
    ],
)
def test_the_facts_of_a_profile_are_as_well_known_as_that(profile, source):
    brought = guesses.of_profile(FACTS, profile)
    assert (brought["origin"].source, brought["cmap"].source) == (source, "assumed")
    assert all(fact.confidence <= profile.confidence for fact in brought.values())
    assert all(fact.follows == "profile" for fact in brought.values())
    if source == "assumed":
        assert "mine" in brought["origin"].note
        assert f"{profile.confidence:.0%}" in brought["origin"].note


def test_a_derived_fact_has_the_weakest_source_and_the_least_confidence():
    known = {"a": Fact(1, "given"), "b": Fact(2, "pixels", 0.6), "c": Fact(3, "assumed", 0.8)}
    both = guesses.following(5, known, ("a", "b"))
    assert both == Fact(5, "pixels", 0.6, "from a, b")
    assert guesses.following(5, known, ("a", "b", "c"), "why") == Fact(5, "assumed", 0.6, "why")


def test_what_a_named_profile_brings_is_not_repeated_in_the_command():
    profile = Fact("librosa", "pixels", BELIEVED - 0.1)
    facts = guesses.of_profile({"n_fft": Fact(1024, "profile", 0.95)}, profile)
    known = Calibration({"profile": profile, **facts, "sr": Fact(8000, "given")})
    assert decode_command(known, "a.png") == "fastspec decode a.png --profile librosa --sr 8000"
    assert "n_fft    1024" in as_table(known, "a.png")
    assert known.report()["facts"]["n_fft"]["follows"] == "profile"
