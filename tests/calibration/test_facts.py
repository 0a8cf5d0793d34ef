"""What each fact takes, and what it refuses."""

from __future__ import annotations

import math

import pytest

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, check_fact
from fastspec.errors import ParameterError
from fastspec.inspection import given_facts


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


def test_zero_has_no_sign():
    assert str(Calibration.of("pixels", db_range=(-80.0, -0.0))["db_range"]) == "(-80.0, 0.0)"


@pytest.mark.parametrize("name", [name for name, spec in FACTS.items() if spec.kind in ("int", "float")])
def test_numbers_out_of_range_are_refused_with_the_value_and_the_remedy(name):
    wrong = [math.nan, math.inf, -math.inf, 1e30, True, "x", (1, 2), FACTS[name].low - abs(FACTS[name].low) - 1]
    if FACTS[name].low > 0:
        wrong += [0, -1]
    for value in wrong:
        with pytest.raises(fastspec.ParameterError) as caught:
            given_facts({name: value})
        said = str(caught.value)
        assert said.startswith(f"{name}=")
        assert " is not a " in said
        assert said.endswith(f"correct it, or leave it out (--{name.replace('_', '-')})")


def test_what_lasts_no_time_or_ages_is_no_duration():
    assert given_facts({"duration": 0.001})["duration"] == 0.001
    for value in (0, 0.0, -1, 1e-9, 1e12):
        with pytest.raises(fastspec.ParameterError, match=r"duration=.*correct it"):
            given_facts({"duration": value})
