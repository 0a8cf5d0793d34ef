"""Ranges of levels in other units than decibels become db_range and level_kind, everywhere facts are given."""

from __future__ import annotations

import click
import numpy as np
import pytest

import fastspec
from fastspec.batch.config import decode_config
from fastspec.calibration.level_units import UNITS, as_facts
from fastspec.calibration.trust import doubts
from fastspec.cli import options
from fastspec.errors import ParameterError
from fastspec.inspection import given_facts

RATE = 16000


@pytest.mark.parametrize(
    ("unit", "kind", "db_per_unit"),
    [
        ("dB", None, 1.0),
        ("dB", "db", 1.0),
        ("ln", "power", 4.342945),
        ("ln", "amplitude", 8.685890),
        ("log10", "power", 10.0),
        ("log10", "amplitude", 20.0),
        ("LOG10", "power", 10.0),
    ],
)
def test_logarithms_are_decibels_in_another_unit(unit, kind, db_per_unit):
    facts, remarks = as_facts({"level_range": (-7.5, 1), "level_unit": unit, "level_kind": kind, "sr": RATE})
    assert facts.pop("db_range") == pytest.approx((-7.5 * db_per_unit, db_per_unit), rel=1e-6)
    assert facts == {"level_kind": "db", "sr": RATE}
    assert remarks == ()


@pytest.mark.parametrize(("unit", "decibels"), [("ln", (-43.43, -8.686)), ("log10", (-100, -20))])
def test_a_logarithm_of_nothing_said_is_one_of_power_which_is_said(unit, decibels):
    cal = given_facts({"level_range": (-10, -2), "level_unit": unit})
    assert cal["db_range"] == pytest.approx(decibels, rel=1e-4)
    assert len(cal.remarks) == 1
    assert "assumed to be the logarithm of power" in cal.remarks[0]
    assert "--level-kind amplitude" in cal.remarks[0]


@pytest.mark.parametrize("kind", ["amplitude", "power", "power_law"])
def test_linear_values_are_what_level_kind_says(kind):
    for lo in (0, 1e-9, 0.003):
        assert as_facts({"level_range": [lo, 3], "level_unit": "linear", "level_kind": kind})[0] == {"level_kind": kind}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"level_unit": "ln"}, "--level-range"),
        ({"level_range": (-9, 0)}, "--level-unit"),
        ({"level_range": (-9, 0), "level_unit": "bel"}, "'bel' is unknown"),
        ({"level_range": (0, -9), "level_unit": "ln"}, "LO below HI"),
        ({"level_range": (0, float("inf")), "level_unit": "ln"}, "LO below HI"),
        ({"level_range": (1, 2, 3), "level_unit": "ln"}, "LO below HI"),
        ({"level_range": 3, "level_unit": "ln"}, "LO below HI"),
        ({"level_range": "19", "level_unit": "ln"}, "LO below HI"),
        ({"level_range": (-9, 0), "level_unit": "dB", "level_kind": "power"}, "contradicts level_kind='power'"),
        ({"level_range": (-9, 0), "level_unit": "ln", "level_kind": "db"}, "power or amplitude"),
        ({"level_range": (-9, 0), "level_unit": "log10", "level_kind": "power_law"}, "power or amplitude"),
        ({"level_range": (0, 1), "level_unit": "linear"}, "nothing says what the values are"),
        ({"level_range": (0, 1), "level_unit": "linear", "level_kind": "db"}, "contradicts level_kind='db'"),
        ({"level_range": (0.1, 1), "level_unit": "linear", "level_kind": "power"}, "does not begin at 0"),
        ({"level_range": (-1, 0), "level_unit": "linear", "level_kind": "power"}, "does not begin at 0"),
        (
            {"level_range": (0, 1), "level_unit": "linear", "level_kind": "power", "db_range": (-80, 0)},
            "contradicts db_range",
        ),
        ({"level_range": (-9, 0), "level_unit": "log10", "db_range": (-80, 0)}, "contradicts db_range"),
    ],
)
def test_what_cannot_be_is_refused(given, said):
    with pytest.raises(ParameterError, match=said):
        given_facts(given)


def test_the_same_range_in_decibels_besides_is_no_contradiction():
    facts, _ = as_facts({"level_range": (-9, 0), "level_unit": "log10", "level_kind": "power", "db_range": (-90, 0)})
    assert facts["db_range"] == (-90, 0)


@pytest.mark.parametrize("unit", UNITS)
def test_options_arrive_whatever_their_case(unit):
    seen = {}
    command = click.Command("c", params=options.FACTS, callback=lambda **values: seen.update(values))
    command.main(["--level-range", "0", "2.5", "--level-unit", unit.upper()], standalone_mode=False)
    assert options.given_facts(seen) == {"level_range": (0.0, 2.5), "level_unit": unit}


def test_a_batch_of_the_same_range_is_the_same_batch():
    plain, other = {"db_range": (-90.0, 0.0), "level_kind": "db"}, {"level_unit": "log10", "level_kind": "power"}
    same = decode_config(level_range=(-9.0, 0.0), **other)
    assert same.fingerprint == decode_config(**plain).fingerprint
    assert same.fingerprint != decode_config(level_range=(-8.0, 0.0), **other).fingerprint


def test_inspect_decode_and_decoder_take_them():
    y = np.sin(np.arange(RATE // 2) * 0.3).astype(np.float32) * np.linspace(0.01, 1, RATE // 2, dtype=np.float32)
    pixels = fastspec.encode(y, RATE, n_fft=256, hop_length=64, db_range=(-60, 0)).rgb()
    known = {"sr": RATE, "n_fft": 256, "hop_length": 64, "cmap": "magma", "freq_scale": "linear", "n_frames": 126}
    known |= {"origin": "lower", "freq_edges": "librosa>=0.9", "force": True}
    facts = {name: value for name, value in known.items() if name != "force"}
    unit = {"level_range": (-3, 0), "level_unit": "log10", "level_kind": "amplitude"}
    cal = fastspec.inspect(pixels, **facts, **unit)
    assert (cal["db_range"], cal.source("db_range"), cal["level_kind"]) == ((-60, 0), "given", "db")
    want = fastspec.Decoder(**known, db_range=(-60, 0), level_kind="db").read(pixels).magnitude
    np.testing.assert_array_equal(fastspec.Decoder(**known, **unit).read(pixels).magnitude, want)
    narrow = {**unit, "level_range": (-2, 0)}
    assert np.abs(fastspec.Decoder(**known, **narrow).read(pixels).magnitude - want).max() > 0


def test_a_range_that_hangs_on_a_guess_is_not_given():
    guess = given_facts({"level_range": (-9, 0), "level_unit": "log10"})
    assert (guess["db_range"], guess.source("db_range"), guess.source("level_kind")) == ((-90, 0), "assumed", "given")
    assert doubts(guess) == ("db_range",)  # so that --strict refuses it
    for sure in ({"level_kind": "power"}, {"db_range": (-90, 0)}):
        said = given_facts({"level_range": (-9, 0), "level_unit": "log10", **sure})
        assert (said.source("db_range"), doubts(said)) == ("given", ())


@pytest.mark.parametrize(
    ("kind", "exponent", "law"), [("amplitude", 0.3, 0.3), ("power", 0.25, 0.5), (None, 0.4, 0.4), ("power_law", 3, 3)]
)
def test_an_exponent_makes_a_power_law_of_amplitude_and_power(kind, exponent, law):
    facts, _ = as_facts({"level_kind": kind, "level_exponent": exponent})
    assert facts == {"level_kind": "power_law", "level_exponent": law}


def test_an_exponent_that_only_repeats_the_kind_changes_nothing():
    for kind, exponent in (("amplitude", 1), ("power", 2), ("power", 1), ("db", 1)):
        given = {"level_kind": kind, "level_exponent": exponent}
        assert as_facts(given)[0] == given


def test_decibels_have_no_exponent():
    with pytest.raises(ParameterError, match="power_law"):
        as_facts({"level_kind": "db", "level_exponent": 0.5})
