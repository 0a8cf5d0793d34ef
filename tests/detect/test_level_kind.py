"""Linear levels are told from decibels by how their colours lie; the kind stays assumed."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec


@pytest.fixture(scope="module")
def amplitudes():
    """Amplitudes (200, 260) 0 .. 1 of a voice-like sound: harmonics that fall, in noise."""
    rng = np.random.default_rng(4)
    rows, columns = np.arange(200)[:, None], np.arange(260)
    comb = np.exp(-0.5 * ((rows % 11 - 5) / 1.2) ** 2)
    loud = 0.15 + np.abs(np.sin(columns / 17)) ** 3
    return (comb * loud * 10 ** (-rows / 60) + 1e-4) * rng.rayleigh(0.4, (200, 260))


@pytest.fixture
def picture(tmp_path):
    def make(values):
        plt.imsave(tmp_path / "a.png", values[::-1], cmap="viridis")
        return tmp_path / "a.png"

    return make


@pytest.mark.parametrize(
    ("exponent", "kinds"), [(2.0, {"power"}), (1.0, {"amplitude", "power"}), (0.5, {"amplitude", "power_law"})]
)
def test_linear_levels_are_assumed_to_be_what_they_seem(amplitudes, picture, exponent, kinds):
    found = fastspec.inspect(picture(amplitudes**exponent))
    assert found["level_kind"] in kinds
    assert found.source("level_kind") == "assumed"
    assert any("--level-kind" in remark for remark in found.remarks)


def test_decibels_over_a_high_floor_and_given_kinds_stay(amplitudes, picture):
    decibels = np.maximum(20 * np.log10(amplitudes / amplitudes.max()), -35)
    assert fastspec.inspect(picture(decibels))["level_kind"] == "db"
    assert fastspec.inspect(picture(amplitudes), level_kind="db")["level_kind"] == "db"
    assert fastspec.inspect(picture(amplitudes), db_range=(-90, 0))["level_kind"] == "db"
