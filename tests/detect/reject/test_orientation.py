"""Spectrograms on their side and upside down are told by their rows, or by where loudness falls to."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from fastspec.colours import colormap
from fastspec.detect.colormap import recognise
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.reject.orientation import wrong_orientation


@pytest.fixture(scope="module")
def picture(speech_picture):
    return np.asarray(Image.open(speech_picture).convert("RGB"))


def judged(pixels):
    seen = ColourSurvey.of(pixels)
    reading = recognise(seen)
    assert reading is not None
    return wrong_orientation(pixels, seen, reading)


@pytest.mark.parametrize("turns", [1, 3])
def test_a_picture_on_its_side_is_told_by_its_rows(picture, turns):
    assert "on its side" in judged(np.rot90(picture, turns).copy())


@pytest.mark.parametrize("turn", [lambda p: np.rot90(p, 2).copy(), lambda p: p[::-1].copy()])
def test_a_picture_upside_down_is_told_by_its_rows(picture, turn):
    assert "upside down" in judged(turn(picture))


def test_an_upright_picture_is_right(picture):
    assert judged(picture) is None


@pytest.mark.parametrize("turns", [1, 3])
def test_a_linear_picture_on_its_side_is_told_by_where_loudness_falls(turns):
    # noise whose treble is quieter, with some loudness over time: no row is like an axis's
    rng = np.random.default_rng(1)
    levels = np.linspace(40, 200, 300)[:, None] + 25 * np.sin(np.arange(400) / 30)[None] + rng.normal(0, 6, (300, 400))
    drawn = colormap.get("magma").table[np.clip(levels, 0, 255).astype(np.intp)]
    assert judged(drawn) is None
    assert "on its side" in judged(np.rot90(drawn, turns).copy())


def falling(fall, noise, loudness=0.15):
    """Levels (300, 400) of 255 that fall upwards by `fall`, with noise and some loudness over time, in its parts."""
    rng = np.random.default_rng(3)
    levels = 128 + fall * np.linspace(-0.5, 0.5, 300)[:, None] + loudness * fall * np.sin(np.arange(400) / 30)[None]
    levels = levels + rng.normal(0, noise, (300, 400))
    return colormap.get("magma").table[np.clip(np.round(levels), 0, 255).astype(np.intp)]


@pytest.mark.parametrize(
    ("fall", "noise", "told"),
    [
        (160, 10, True),
        (100, 50, True),  # by .8 of the spread
        (60, 70, True),  # by .38 of it
        (40, 60, False),  # by .29 of it
        (30, 2, True),
        (14, 1, False),  # which is hardly a picture
    ],
)
def test_a_fall_must_be_clear_to_be_told(fall, noise, told):
    drawn = falling(fall, noise)
    said = judged(np.rot90(drawn).copy())
    assert (said is not None) == told
    assert judged(drawn) is None


@pytest.mark.parametrize("kind", ["flat", "narrow", "steady noise"])
def test_what_has_no_direction_is_not_turned(kind):
    rng = np.random.default_rng(2)
    levels = rng.normal(120, 30, (300, 400))
    if kind == "flat":
        levels = 120 + rng.normal(0, 3, (300, 400))
    elif kind == "narrow":
        levels = np.tile(np.linspace(0, 250, 300), (20, 1))
    drawn = colormap.get("magma").table[np.clip(levels, 0, 255).astype(np.intp)]
    assert judged(drawn) is None


@pytest.mark.parametrize("seed", [9, 14, 48])
def test_repeated_strokes_are_not_taken_for_a_picture_on_its_side(seed):
    # a drum loop: broadband hits that fade, louder in the first half, over a quiet floor
    rng = np.random.default_rng(seed)
    time, loudness = np.arange(400), np.zeros(400)
    for k in range(8):
        gain, length = rng.uniform(0.2, 1) * (1 if k < 4 else 0.35), rng.uniform(5, 30)
        loudness += gain * np.where(time >= 50 * k, np.exp(-np.maximum(time - 50 * k, 0) / length), 0)
    levels = 50 + 170 * np.minimum(loudness, 1)[None] - 30 * np.linspace(1, 0, 256)[:, None]
    levels = np.clip(levels + rng.normal(0, 8, levels.shape), 0, 255).astype(np.intp)
    assert judged(colormap.get("magma").table[levels]) is None
