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


@pytest.mark.parametrize(
    "facts",
    [{"count": 2}, {"count": 65536}, {"floor_share": 0.0}, {"floor_share": 1.0}, {"lo": -1e-9}, {"exponent": 1e-9}],
)
def test_scales_at_the_edge_of_sense_are_taken(facts):
    scale = LevelScale(**facts)
    assert {name: getattr(scale, name) for name in facts} == facts
    assert np.isfinite(scale.amplitude(np.array([0.0, 0.5, 1.0]))).all()


@pytest.mark.parametrize(
    "facts", [{"floor_share": -1e-9}, {"floor_share": 1 + 1e-9}, {"exponent": -1.0}, {"peak": -1.0}]
)
def test_scales_just_beyond_are_refused(facts):
    with pytest.raises(ParameterError):
        LevelScale(**facts)


@pytest.mark.parametrize(
    ("exponent", "share"), [(0.25, 0.3), (1.0, 0.3), (1.49, 0.3), (1.5, 0.0), (2.0, 0.0), (4.0, 0.0)]
)
def test_power_laws_are_like_amplitude_up_to_half_way_to_power(exponent, share):
    law = {"kind": "power_law", "exponent": exponent}
    lowest = 0.5 / 256
    plain = LevelScale(**law, floor_share=None).amplitude(lowest)
    np.testing.assert_allclose(LevelScale(**law).amplitude(lowest), share * plain)
    np.testing.assert_allclose(plain, lowest ** (1 / exponent))


@pytest.mark.parametrize("quantiser", ["cells", "rounded"])
def test_only_the_lowest_level_is_the_floor(quantiser):
    scale = LevelScale(quantiser=quantiser)
    middle = float(scale.position(0))
    np.testing.assert_allclose(scale.amplitude([0.0, middle]), 0.5e-4)
    assert scale.amplitude(middle + 1e-6) > 0.999e-4


def test_levels_of_two_are_halves():
    cells, rounded = LevelScale(count=2), LevelScale(count=2, quantiser="rounded")
    assert cells.position([0, 1]).tolist() == [0.25, 0.75]
    assert rounded.position([0, 1]).tolist() == [0.0, 1.0]
    assert cells.index([0.4999, 0.5]).tolist() == rounded.index([0.4999, 0.5]).tolist() == [0, 1]


def test_the_fine_table_has_both_ends():
    table = LevelScale("amplitude", peak=3.0).fine_powers
    assert table.size == 8193
    assert (table[0], table[-1]) == (0.0, 9.0)
    np.testing.assert_allclose(table[4096], 2.25)


def test_what_counts_as_silence_is_librosas():
    quiet = np.array([1.0, 1e-5, 1e-7, 0.0])
    for ours, theirs in ((amplitude_to_db, librosa.amplitude_to_db), (power_to_db, librosa.power_to_db)):
        for top_db in (None, 0.0, 1e-3, 80.0, 300.0):
            np.testing.assert_allclose(ours(quiet, top_db=top_db), theirs(quiet, top_db=top_db), atol=1e-9)
    assert amplitude_to_db(quiet, top_db=None).tolist()[2:] == [-100.0, -100.0]
    assert power_to_db(quiet, top_db=None).tolist()[3] == -100.0


@pytest.mark.parametrize("shape", [(), (5,), (4, 5), (3, 4, 5), (2, 3, 4, 5)])
def test_each_channel_may_have_its_own_reference(shape):
    S = np.random.default_rng(len(shape)).uniform(1e-4, 1, shape)
    own = None if not shape else tuple(range(-min(len(shape), 2), 0))
    top = S.max(axis=own, keepdims=True)
    expected = 20 * np.log10(S / top)
    np.testing.assert_allclose(amplitude_to_db(S, ref=np.max, axes="auto", top_db=None), expected, atol=1e-9)
    floored = np.maximum(expected, -20.0)
    np.testing.assert_allclose(amplitude_to_db(S, ref=np.max, axes="auto", top_db=20.0), floored, atol=1e-9)
    if len(shape) > 2:
        assert not np.allclose(amplitude_to_db(S, ref=np.max, top_db=None), expected)
    with pytest.raises(ParameterError, match="axes='all'"):
        power_to_db(S, axes="all")
