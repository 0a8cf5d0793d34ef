"""Levels: decibels as librosa has them, every scale and its inverse, and what the floor stands for."""

from __future__ import annotations

import librosa
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import TwoSlopeNorm

from fastspec.colours.levels import LevelScale, amplitude_to_db, db_to_amplitude, db_to_power, power_to_db
from fastspec.errors import ParameterError

SPECTRA = np.abs(np.random.default_rng(0).normal(size=(40, 30))) ** 6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("ref", [1.0, np.max, np.median])
@pytest.mark.parametrize("top_db", [80.0, 20.0, None])
def test_decibels_are_those_of_librosa(dtype, ref, top_db):
    S = SPECTRA.astype(dtype)
    for ours, theirs in ((amplitude_to_db, librosa.amplitude_to_db), (power_to_db, librosa.power_to_db)):
        got, expected = ours(S, ref=ref, top_db=top_db), theirs(S, ref=ref, top_db=top_db)
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-6, atol=1e-5)


def test_decibels_of_silence_complex_numbers_and_back():
    np.testing.assert_array_equal(amplitude_to_db(np.zeros(3), ref=np.max), np.zeros(3))
    np.testing.assert_allclose(amplitude_to_db(np.array([3 + 4j])), 20 * np.log10([5.0]))
    np.testing.assert_allclose(power_to_db(np.array([3 + 4j])), 10 * np.log10([5.0]))
    db = np.linspace(-60, 10, 8)
    np.testing.assert_allclose(db_to_amplitude(db, ref=2.0), librosa.db_to_amplitude(db, ref=2.0))
    np.testing.assert_allclose(db_to_power(db), librosa.db_to_power(db))
    for wrong in ({"amin": 0.0}, {"top_db": -1.0}):
        with pytest.raises(ParameterError):
            amplitude_to_db(np.ones(2), **wrong)
        with pytest.raises(ParameterError):
            power_to_db(np.ones(2), **wrong)


@given(
    kind=st.sampled_from(["db", "amplitude", "power", "power_law"]),
    exponent=st.floats(0.25, 4),
    count=st.integers(2, 65536),
    quantiser=st.sampled_from(["cells", "rounded"]),
    peak=st.floats(1e-3, 1e3),
)
def test_every_level_goes_to_its_amplitude_and_back(kind, exponent, count, quantiser, peak):
    scale = LevelScale(kind, exponent=exponent, count=count, quantiser=quantiser, peak=peak)
    k = np.unique(np.linspace(0, count - 1, 300).astype(int))
    x = scale.position(k)
    np.testing.assert_array_equal(scale.index(x), k)
    amplitude = scale.amplitude(x)
    assert np.all(np.diff(amplitude) > 0)
    np.testing.assert_allclose(scale.level(amplitude)[1:], x[1:], rtol=1e-9, atol=1e-12)
    assert scale.index(scale.level(amplitude[:1]))[0] == 0


def test_levels_are_cells_as_matplotlib_cuts_them():
    scale = LevelScale()
    np.testing.assert_array_equal(
        scale.index([-1, 0, 1 / 256 - 1e-9, 1 / 256, 1 - 1e-9, 1, 2]), [0, 0, 0, 1, 255, 255, 255]
    )
    np.testing.assert_array_equal(LevelScale(quantiser="rounded").index([0, 0.49 / 255, 0.51 / 255, 1]), [0, 0, 1, 255])


def test_the_lowest_level_means_at_or_below_the_floor():
    floor = 1e-4
    np.testing.assert_allclose(LevelScale().amplitude([0.0, 0.5 / 256]), floor / 2)
    assert LevelScale().amplitude(1.5 / 256) > floor
    np.testing.assert_allclose(LevelScale(floor_share=None).amplitude(0.0), floor)
    assert LevelScale(floor_share=0.0).amplitude(0.0) == 0
    assert LevelScale("amplitude").amplitude(0.0) == 0
    assert LevelScale().level([0.0, 1.0, 9.0]).tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(("facts", "share"), [({"kind": "amplitude"}, 0.3), ({"kind": "power"}, 0.0)])
def test_the_lowest_level_of_a_linear_scale_is_quieter_than_its_middle(facts, share):
    scale, plain = LevelScale(**facts), LevelScale(**facts, floor_share=None)
    lowest, above = 0.5 / 256, 1.5 / 256
    np.testing.assert_allclose(scale.amplitude(lowest), share * plain.amplitude(lowest))
    np.testing.assert_allclose(scale.amplitude(above), plain.amplitude(above))
    law = LevelScale("power_law", exponent=2.0)
    np.testing.assert_array_equal(law.amplitude([lowest, above]), LevelScale("power").amplitude([lowest, above]))


def test_the_fine_table_is_fine_enough():
    x = np.random.default_rng(1).uniform(0.01, 1, 999)
    for scale in (LevelScale(), LevelScale(lo=-120), LevelScale("power")):
        table = scale.fine_powers
        got = np.interp(x * (table.size - 1), np.arange(table.size), table)
        np.testing.assert_allclose(got, scale.amplitude(x) ** 2, rtol=1e-5)


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "sone"},
        {"quantiser": "floor"},
        {"lo": 0.0},
        {"lo": -np.inf},
        {"hi": np.nan},
        {"exponent": 0.0},
        {"peak": 0.0},
        {"count": 1},
        {"count": 65537},
        {"floor_share": 2.0},
    ],
)
def test_scales_that_make_no_sense_are_refused(facts):
    with pytest.raises(ParameterError):
        LevelScale(**facts)


def test_two_slopes_are_matplotlibs():
    scale = LevelScale(lo=-44.2, hi=17.5, center=0.0, floor_share=None)
    decibel = np.linspace(-44.2, 17.5, 201)
    level = scale.level(10 ** (decibel / 20))
    np.testing.assert_allclose(level, TwoSlopeNorm(0.0, -44.2, 17.5)(decibel), atol=1e-12)
    np.testing.assert_allclose(20 * np.log10(scale.amplitude(level)), decibel, atol=1e-9)


@pytest.mark.parametrize("center", [-80, 0, 3])
def test_a_middle_outside_of_its_range_is_refused(center):
    with pytest.raises(ParameterError, match=f"db_center={center}"):
        LevelScale(lo=-80, hi=0, center=center)
