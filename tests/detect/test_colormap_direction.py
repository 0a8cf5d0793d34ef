"""Which end of a colormap is loud."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.detect.colormap_direction import direction, level_statistics, reverse_of
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.kernels import colour_survey as kernels


@pytest.fixture(scope="module")
def levels():
    """Noise of falling treble (90, 150), 0..1, some of it below the floor."""
    rng = np.random.default_rng(0)
    power = rng.exponential(size=(90, 150)) * 10 ** np.linspace(-4, 0, 90)[:, None]
    return np.clip((10 * np.log10(power) + 50) / 60, 0, 1).astype(np.float32)


def survey(levels, name):
    return ColourSurvey.of(colormap.colour_of(levels, colormap.get(name)))


@pytest.mark.parametrize("name", ["viridis", "magma_r", "gray", "gray_r", "jet", "sox", "sox_r", "coolwarm_r"])
def test_bass_is_louder_than_treble_in_either_order(levels, name):
    for asked in (name, reverse_of(name)):
        found = direction(survey(levels, name), asked, Calibration.of("given", origin="lower"))
        assert found.cmap == name
        assert found.sure_of_cmap > 0.9


def test_maps_that_come_back_leave_a_doubt(levels):
    assert direction(survey(levels, "twilight"), "twilight").sure_of_cmap <= 0.8


def test_a_map_without_a_reverse_is_what_it_is(levels):
    assert reverse_of("ffmpeg-fire") == "ffmpeg-fire"
    found = direction(survey(1 - levels, "ffmpeg-fire"), "ffmpeg-fire")
    assert (found.cmap, found.sure_of_cmap) == ("ffmpeg-fire", 0.99)


@pytest.mark.parametrize(("level", "name"), [(0.0, "gray"), (1.0, "gray_r")])
def test_one_colour_is_silence(level, name):
    assert direction(survey(np.full((30, 40), level, np.float32), "gray"), "gray").cmap == name


def test_statistics_are_those_of_the_levels(levels):
    found = level_statistics(survey(levels, "magma"), "magma")
    np.testing.assert_allclose(found.rows, levels.mean(axis=1), atol=0.005)
    np.testing.assert_allclose(found.columns, levels.mean(axis=0), atol=0.005)
    assert found.spread == pytest.approx(levels.std(), abs=0.005)
    assert min(found.dips) > 0


def test_level_statistics_are_obvious_means():
    index = np.random.default_rng(5).integers(0, 20, (31, 47)).astype(np.float32)
    rows, columns, facts = np.empty(31), np.empty(47), np.empty(7)
    kernels.level_statistics(index, 19.0, rows, columns, facts)
    level = index / 19.0
    np.testing.assert_allclose(rows, level.mean(axis=1), rtol=1e-6)
    np.testing.assert_allclose(columns, level.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(
        facts[:5], [level.mean(), level.std(), *((index == k).mean() for k in (0, 19)), (index > 9).mean()], rtol=1e-5
    )
    for axis in (0, 1):
        bend = np.diff(index, 2, axis=axis).astype(float).ravel()
        bend = bend[bend != 0]
        np.testing.assert_allclose(facts[5 + axis], (bend**3).mean() / (bend**2).mean() ** 1.5, rtol=1e-6)
