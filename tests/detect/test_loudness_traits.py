"""What tells loud from quiet and bass from treble, as numbers."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.detect.loudness_traits import TRAITS, traits


def looked_at(levels):
    """The numbers by name of levels (H, W), the upper rows first, all of which are grid and strips."""
    levels = levels.astype(np.float32)
    return dict(zip(TRAITS, traits(levels, levels, levels).tolist(), strict=True))


@pytest.fixture(scope="module")
def levels():
    """Noise of falling treble (60, 80) that decays, 0..1, the quietest of it cut off."""
    rng = np.random.default_rng(3)
    decay = np.resize(np.linspace(0, -2, 20), 80)
    power = rng.exponential(size=(60, 80)) * 10 ** (np.linspace(-4, 0, 60)[:, None] + decay)
    return np.clip((10 * np.log10(power) + 55) / 60, 0, 1)


def test_signs_change_as_the_table_says(levels):
    upright, axis = looked_at(levels), looked_at(levels[::-1])
    scale, both = looked_at(1 - levels), looked_at(1 - levels[::-1])
    for name, (if_scale, if_axis) in TRAITS.items():
        assert scale[name] == pytest.approx(if_scale * upright[name], abs=2e-3), name
        assert axis[name] == pytest.approx(if_axis * upright[name], abs=2e-3), name
        assert both[name] == pytest.approx(if_scale * if_axis * upright[name], abs=2e-3), name


def test_each_number_has_the_sign_of_what_it_is_named_for(levels):
    found = looked_at(levels)
    for name in ("pile", "mass", "rise", "tilt", "quarters", "halves", "course"):
        assert found[name] > 0.1, name
    steps = levels - levels.mean(axis=1, keepdims=True) + 0.5  # noise in decibels, nothing cut off, no spectrum
    assert looked_at(steps)["dips_down"] > 0.3
    assert looked_at(steps)["dips_across"] > 0.1


def test_silence_around_a_sound_is_seen():
    levels = np.random.default_rng(4).random((50, 90)) + 0.5
    levels[:, :9] = levels[:, -9:] = 0
    found = looked_at(levels / 2)
    assert found["ends"] > 0.5
    assert found["start"] > 0.5
    assert abs(found["hump"]) < 0.2


def test_rows_that_are_higher_below_are_seen_through_noise():
    rng = np.random.default_rng(5)
    heights = np.r_[[1] * 30, [2] * 10, [4] * 10, [8] * 5]
    clean = np.repeat(rng.random((len(heights), 70)), heights, axis=0)
    assert looked_at(clean)["cells"] > 0.5
    noisy = looked_at(clean + 0.05 * rng.normal(size=clean.shape))
    assert noisy["cells"] == 0
    assert noisy["blocks"] > 0.5
    assert noisy["alike1"] > 0.1


@pytest.mark.parametrize("shape", [(4, 4), (4, 300), (300, 4), (19, 21)])
def test_small_pictures_give_numbers(shape):
    levels = np.random.default_rng(6).random(shape).astype(np.float32)
    found = traits(levels, levels, levels)
    assert found.shape == (len(TRAITS),)
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 10


def test_flat_levels_give_zeros():
    assert np.abs(traits(*[np.full((40, 40), 0.5, np.float32)] * 3)).max() == 0
