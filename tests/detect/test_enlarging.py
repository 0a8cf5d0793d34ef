"""Sizes before an enlargement that a stretch of a line rules out, against a slow twin, and those that it must not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fastspec.detect import enlarged, enlarging
from fastspec.kernels.enlarged import left_of_stretch

MANY = 180


@pytest.fixture(scope="module")
def small():
    """Noise whose neighbours are alike, as those of spectra are."""
    rng = np.random.default_rng(5)
    levels = rng.normal(size=(97, 141)).cumsum(axis=1) + 2 * rng.normal(size=(97, 141))
    return np.clip(128 + 8 * levels, 50, 200).astype(np.uint8)


def lines_of(small, kind):
    """Lines (180, n) float32, enlarged from 97 pixels and rounded."""
    index, weight = enlarged.blend(len(small), MANY, kind)
    return np.rint((weight[..., None] * small.astype(np.float32)[index]).sum(axis=1)).astype(np.float32)


@pytest.mark.parametrize("kind", enlarging.FILTERS)
@pytest.mark.parametrize("first", [0, 60, 130])
def test_what_a_stretch_leaves_equals_least_squares(kind, first):
    pixels = np.random.default_rng(1).normal(0, 40, 50)
    pixels[7] = np.nan
    reach, freedom = enlarging.REACH[kind], 9
    counts = np.array([60, 97, 140])
    left = np.empty(len(counts))
    scratch = np.empty(2 * reach), np.empty((80, 2 * reach + 1)), np.empty(80)
    bell = enlarging.weights(np.arange(reach * 2048 + 1) / 2048, kind)
    left_of_stretch(pixels, first, MANY, counts, bell, reach, freedom, *scratch, left)
    for count, found in zip(counts.tolist(), left.tolist(), strict=True):
        length = min(len(pixels), int((freedom + 2 * reach) / (1 - count / MANY)) + 1)
        index, weight = enlarged.blend(count, MANY, kind)
        share = np.zeros((length, count))
        stretch = slice(first, first + length)
        for tap in range(2 * reach):
            np.add.at(share, (np.arange(length), index[stretch, tap]), weight[stretch, tap])
        kept = np.isfinite(pixels[:length])
        system = np.concatenate([share[kept], 1e-7**0.5 * np.eye(count)])
        some = np.concatenate([pixels[:length][kept], np.zeros(count)])
        off = some - system @ np.linalg.lstsq(system, some, rcond=None)[0]
        expected = np.square(off).sum() / (kept.sum() * (1 - count / MANY))
        assert found == pytest.approx(expected, rel=1e-3, abs=0.02)


@pytest.mark.parametrize("kind", enlarging.FILTERS)
def test_the_true_size_stays_possible_and_few_others_do(small, kind):
    possible = enlarging.Possible(lines_of(small, kind)).of(np.arange(40, 140), kind)
    assert 97 in possible
    assert len(possible) < 4


def test_noise_was_enlarged_from_no_size():
    noise = np.random.default_rng(3).integers(1, 255, (MANY, 20)).astype(np.float32)
    for kind in enlarging.FILTERS:
        assert not len(enlarging.Possible(noise).of(np.arange(40, 160), kind))


def test_pixels_that_were_cut_off_rule_nothing_out(small):
    image = Image.fromarray(np.clip(3.0 * (small.astype(float) - 128) + 128, 0, 255).astype(np.uint8))
    large = np.asarray(image.resize((141, MANY), Image.Resampling.LANCZOS)).astype(np.float32)
    assert (large == 0).any()
    assert (large == 255).any()
    assert 97 in enlarging.Possible(large).of(np.arange(90, 105), "lanczos")
    blank = np.full((MANY, 5), 255, np.float32)
    assert len(enlarging.Possible(blank).of(np.arange(90, 105), "linear")) == 15
