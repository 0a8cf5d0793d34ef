"""Originals at another level than the sound that was drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import fastspec
from fastspec.calibration.complete import Complete
from fastspec.retouch import level
from fastspec.retouch.samples import Line, Trial
from tests.retouch.pictures import speech

STEPS = 19  # of the colormap, 5.9 dB


@pytest.fixture(scope="module")
def own():
    y, sr = speech()
    return fastspec.encode(y, sr), y, sr


def retouched(picture, sound, sr, **given):
    return fastspec.Decoder(**given).retouch(picture, (sound, sr))


def levels_said(found):
    return [said for said in found.calibration.remarks if "what was drawn" in said]


@pytest.mark.parametrize(
    ("gain", "said"), [(0.5, "6.0 dB quieter"), (2.0, "6.0 dB louder"), (2.0**-20, "120.4 dB qui")]
)
def test_another_level_is_no_edit(own, gain, said):
    picture, y, sr = own
    quieter = y * np.float32(gain)
    found = retouched(picture, quieter, sr)
    np.testing.assert_array_equal(found.wave, quieter)
    assert said in levels_said(found)[0]
    assert found.calibration["ref"] == pytest.approx(gain * fastspec.inspect(picture)["ref"], rel=1e-3)


def test_edits_are_made_at_the_level_of_the_original(own):
    picture, y, sr = own
    pixels = picture.pixels.copy()
    pixels[300:500, 60:90] = 0
    edited = replace(picture, pixels=pixels)
    found, quieter = (retouched(edited, y * np.float32(gain), sr) for gain in (1, 0.5))
    assert quieter.exact == found.exact > y.size / 2
    np.testing.assert_allclose(quieter.wave, found.wave / 2, atol=0.5 / 2**15)


@pytest.mark.parametrize(("gain", "exact"), [(0.5, 1.0), (0.1, 1.0), (0.01, 0.9)])
def test_an_original_that_was_made_quieter_and_rounded_anew_shows_no_edits(own, gain, exact):
    picture, y, sr = own
    quieter = np.round(y * gain * 2**15) / np.float32(2**15)
    found = retouched(picture, quieter, sr)
    assert np.mean(found.wave == quieter) >= exact
    pixels = picture.pixels.copy()
    pixels[300:500, 60:90] = 0
    erased = retouched(replace(picture, pixels=pixels), quieter, sr)
    ideal = retouched(replace(picture, pixels=pixels), y, sr)
    assert erased.exact >= 0.9 * ideal.exact
    assert np.abs(erased.wave - gain * ideal.wave).max() < 4 / 2**15


def test_levels_between_two_colours_may_become_either(own):
    picture, y, sr = own
    quieter = y * np.float32(0.1)  # rounded in float32
    np.testing.assert_array_equal(retouched(picture, quieter, sr).wave, quieter)


@pytest.mark.parametrize("steps", [STEPS, -STEPS])
@pytest.mark.parametrize("first", [0, 30])
def test_a_picture_that_was_brightened_stays_an_edit(own, steps, first):
    picture, y, sr = own
    pixels = picture.pixels.copy()
    pixels[:, first:] = np.clip(pixels[:, first:].astype(int) + steps, 0, 255)
    found = retouched(replace(picture, pixels=pixels), y, sr)
    assert not levels_said(found)
    assert found.calibration.source("ref") == "embedded"
    ratio = np.abs(found.wave).max() / np.abs(y).max()
    assert ratio > 1.5 if steps > 0 else ratio < 0.75


@pytest.mark.parametrize("ref", [1e9, 1e-30, 1e-3])
def test_a_reference_that_the_original_contradicts_is_not_used(own, ref):
    picture, y, sr = own
    found = retouched(picture, y, sr, ref=ref)
    np.testing.assert_array_equal(found.wave, y)
    assert f"ref of {ref:g} (given)" in levels_said(found)[0]
    assert found.calibration.source("ref") == "original"


def test_the_channel_at_the_stated_level_is_the_one_that_was_drawn(own):
    picture, y, sr = own
    sound = y * np.array([0.5, 0.2, 1, 0.1, 0, -1], np.float32)[:, None]
    pixels = picture.pixels.copy()
    pixels[300:500, 60:90] = 0
    found = retouched(replace(picture, pixels=pixels), sound, sr)
    assert not levels_said(found)
    changed = np.flatnonzero((found.wave != sound).any(axis=1))
    np.testing.assert_array_equal(changed, [2])
    assert found.exact > y.size / 2


def test_the_mean_is_kept_where_no_channel_is_at_the_stated_level():
    facts = Complete("magma", "linear", "cells", 8000, 256, 64, 256, 10, 1.0, ref=1.0)

    def trial(channel):
        return Trial(0.9, 0.9, 0.9, Line(1 / 80, 1.1 if channel is None else 1.2))

    found = None, trial(None)
    assert level.channel_at(trial, 3, facts, found, 1 / 256) == found

    def second(channel):
        return Trial(0.9, 0.9, 0.9, Line(1 / 80, 1.0)) if channel == 1 else trial(channel)

    assert level.channel_at(second, 3, facts, found, 1 / 256)[0] == 1

    def unlike(channel):
        return second(channel)._replace(score=0.5)

    assert level.channel_at(unlike, 3, facts, found, 1 / 256) == found


def test_the_line_tells_decibels():
    facts = Complete("magma", "linear", "cells", 8000, 256, 64, 256, 10, 1.0, ref=10.0)
    assert level.is_told(facts)
    assert not level.is_told(facts._replace(ref=None))
    assert level.rough(facts, Line(1 / 80, 1 - 20 / 80)) == pytest.approx(0)
    assert level.rough(facts, Line(1 / 80, 1 - 26 / 80)) == pytest.approx(6)
