"""Colours as a tool's fingerprint: what is enough to name a map by, and which map it is."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.colours import colormap
from fastspec.detect import fingerprint
from fastspec.picture.picture import Picture

NAMES = ("sox", "sox-3", "ffmpeg-fire", "magma")
RNG = np.random.default_rng(6)


def picture(name, entries=200, shape=(60, 80)):
    table = colormap.get(name).table
    return Picture(table[len(table) - 1 - RNG.integers(0, min(entries, len(table)), shape)])  # not the darkest


@pytest.mark.parametrize("name", ["sox", "ffmpeg-fire", "magma"])
def test_the_map_whose_entries_the_colours_are(name):
    survey = fingerprint.look(picture(name))
    assert survey is not None
    assert not fingerprint.few(survey)
    best, share = fingerprint.best_map(survey, NAMES)
    assert (best, share) == (name, 1.0)


def test_colours_of_no_map_have_a_small_share():
    survey = fingerprint.look(Picture(RNG.integers(0, 256, (60, 80, 3), np.uint8)))
    assert survey is not None
    assert fingerprint.best_map(survey, NAMES)[1] < 0.05


@pytest.mark.parametrize("pixels", [np.full((60, 80, 3), 9, np.uint8), RNG.integers(0, 256, (60, 80), np.uint8)])
def test_grays_name_no_map(pixels):
    survey = fingerprint.look(Picture(pixels))
    assert survey is not None
    assert fingerprint.best_map(survey, NAMES)[1] == 0


def test_few_colours_name_no_map():
    survey = fingerprint.look(picture("magma", entries=fingerprint.LIMITS.fewest_colours - 1))
    assert survey is not None
    assert fingerprint.few(survey)
    assert fingerprint.best_map(survey, NAMES)[1] == 0


def test_a_background_that_is_an_entry_names_no_map():
    """inferno's darkest colour is one of SoX's; the others are not."""
    table = colormap.get("inferno").table
    pixels = np.full((60, 80), 0)
    pixels[40:, :3] = RNG.integers(1, 256, (20, 3))
    survey = fingerprint.look(Picture(table[pixels]))
    assert survey is not None
    assert fingerprint.best_map(survey, ("sox", "sox-2"))[1] == 0


def test_tiny_areas_and_16_bits_are_not_looked_at():
    side = fingerprint.LIMITS.least_side
    assert fingerprint.look(picture("magma", shape=(side, side))) is not None
    assert fingerprint.look(picture("magma", shape=(side - 1, 80))) is None
    assert fingerprint.look(picture("magma"), (0, 0, 80, side - 1)) is None
    assert fingerprint.look(Picture(np.zeros((60, 80), np.uint16))) is None


def test_colours_are_told_from_grays_and_palettes():
    assert fingerprint.is_colour(picture("magma"))
    assert not fingerprint.is_colour(Picture(np.zeros((60, 80), np.uint8)))
    assert not fingerprint.is_colour(Picture(np.zeros((60, 80), np.uint8), colormap.get("magma").table))
