from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.complete import Complete
from fastspec.plot import layout
from fastspec.retouch import alignment
from fastspec.retouch.alignment import Bounds, Place, places
from fastspec.retouch.search import LIMITS

SECONDS = 0.02  # between times of the sound
EVERY = Bounds(every=(0.0, np.inf))


def sound(seed, times=1500):
    """Decibels (bands, times) that change about ten times a second."""
    rng = np.random.default_rng(seed)
    rough = rng.normal(-40, 12, (alignment.LIMITS.bands, times // 5 + 2))
    at = np.arange(times) / 5
    low = at.astype(int)
    return ((1 - at % 1) * rough[:, low] + at % 1 * rough[:, low + 1]).astype(np.float32)


def picture(bands, first, stop, columns):
    """Levels (bands, columns) of some times, 80 dB wide."""
    at = first + (np.arange(columns) + 0.5) * (stop - first) / columns
    inside = np.clip(at, 0, bands.shape[1] - 1).astype(int)
    shown = np.clip(bands[:, inside] / 80 + 1, 0, 1)
    shown[:, (at < 0) | (at >= bands.shape[1])] = np.random.default_rng(9).random((len(bands), 1))
    return shown.astype(np.float32)


@pytest.mark.parametrize(("first", "stop"), [(400, 700), (0, 1500), (60, 1500), (1000, 1100), (-700, 1500)])
@pytest.mark.parametrize("columns", [150, 900])
def test_the_part_that_a_picture_shows_is_found_whatever_its_length(first, stop, columns):
    bands = sound(0)
    best = places(picture(bands, first, stop, columns), bands, SECONDS, EVERY)[0]
    assert best.duration == pytest.approx((stop - first) * SECONDS, abs=3 * SECONDS)
    assert best.start == pytest.approx(first * SECONDS, abs=3 * SECONDS)
    assert best.weight > 2


def test_a_given_length_is_the_only_one():
    bands = sound(1)
    found = places(picture(bands, 300, 800, 400), bands, SECONDS, Bounds((10.0,)))
    assert {place.duration for place in found} == {10.0}
    assert found[0].start == pytest.approx(6.0, abs=2 * SECONDS)


def test_an_edit_does_not_hide_the_place_and_another_sound_has_none():
    bands = sound(2)
    edited = picture(bands, 400, 800, 600)
    edited[2:6, 100:350] = 0
    assert places(edited, bands, SECONDS, EVERY)[0].start == pytest.approx(8.0, abs=3 * SECONDS)
    right = places(edited, bands, SECONDS, EVERY)[0].weight
    assert places(edited, sound(3), SECONDS, EVERY)[0].weight < right / 2


def test_slow_changes_are_not_compared_and_flat_pictures_are_nowhere():
    times = np.linspace(-60, -20, 1500, dtype=np.float32)
    slow = np.tile(times, (alignment.LIMITS.bands, 1))
    found = places(picture(slow, 0, 1500, 300), sound(4), SECONDS, EVERY)
    assert found[0].weight < LIMITS.likely
    assert places(np.full((alignment.LIMITS.bands, 300), 0.5, np.float32), sound(4), SECONDS, EVERY)[0].likeness < 0.1


def test_a_place_weighs_by_its_seconds():
    assert Place(4.0, 0.0, 0.5, 4.0).weight == pytest.approx(2 * Place(4.0, 0.0, 0.5, 1.0).weight)
    assert np.isfinite(Place(4.0, 0.0, 1.0, 4.0).weight)


def test_bands_of_a_picture_and_of_its_sound_rise_and_fall_together():
    facts = Complete("magma", "log", "librosa>=0.9", 8000, 256, 128, 256, 126, 2.0)
    rng = np.random.default_rng(5)
    loud = np.repeat(rng.uniform(0.01, 1, 16), 1000)
    wave = (loud * rng.normal(0, 0.1, 16000)).astype(np.float32)
    plan = layout.layout(facts, 200, 120)
    bands, step = alignment.bands_of_sound(wave, facts, plan)
    assert (step, bands.shape) == (128, (alignment.LIMITS.bands, 126))
    assert np.corrcoef(bands[3, 4:120:8], np.log(loud[500::1000])[:15])[0, 1] > 0.9
    assert bands.min() >= bands.max() - 80


def test_illegible_rows_count_as_the_mean():
    positions = np.tile(np.linspace(0, 1, 50, dtype=np.float32), (80, 1))
    positions[:, 20:30] = np.nan
    bands = alignment.bands_of_picture(positions)
    assert np.isfinite(bands).all()
    np.testing.assert_allclose(bands[:, 25], bands[:, [*range(20), *range(30, 50)]].mean(axis=1), atol=1e-5)
