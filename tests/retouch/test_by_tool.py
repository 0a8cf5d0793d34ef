from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fastspec import encoder, inspection
from fastspec.decoder import Decoder
from fastspec.picture.picture import Picture
from fastspec.retouch.original import Original
from fastspec.retouch.search import explain
from tests.retouch.pictures import SPEECH, speech


@pytest.mark.parametrize("profile", ["sox", "riffusion", "audio-diffusion", "audacity", "fastspec", "spek"])
def test_what_a_tool_drew_is_drawn_again(profile):
    y, sr = speech()
    picture = encoder.encode(y, sr, profile=profile)
    found = explain(picture, inspection.given_facts({}), Original.of((y, sr)))
    assert found.agreement > 0.98
    assert len(found.channels) == 1
    wrong = explain(picture, inspection.given_facts({}), Original.of((np.ascontiguousarray(y[::-1]), sr)))
    assert not wrong.is_its_original


@pytest.mark.parametrize("edited", [False, True])
def test_speks_own_picture_is_drawn_again_and_edited(edited):
    y, sr = speech()
    pixels = np.array(Image.open(SPEECH.with_name("spek.png")).convert("RGB"))
    if edited:
        pixels[120:160, 150:220] = 0
    found = Decoder().retouch(pixels, (y, sr))
    if not edited:
        np.testing.assert_array_equal(found.wave, y)
        return
    assert found.share == pytest.approx(40 * 70 / (213 * 350), rel=0.5)  # what was black before is no edit
    assert found.exact > 0.7 * y.size
    assert 5500 < found.hertz[0] < found.hertz[1] < 8000


def test_without_its_text_a_range_that_rulers_tell_badly_is_found():
    y, sr = speech()
    picture = encoder.encode(y, sr, profile="spek", size=(490, 313))
    found = explain(Picture.from_array(picture.rgb()), inspection.given_facts({}), Original.of((y, sr)))
    assert found.agreement > 0.95
    assert found.calibration["db_range"] == (-120, 0)
    given = inspection.given_facts({"db_range": (-121, 0)})
    assert explain(Picture.from_array(picture.rgb()), given, Original.of((y, sr))).calibration["db_range"] == (-121, 0)


def test_a_tool_that_cannot_be_drawn_says_so():
    y, sr = speech()
    picture = encoder.encode(y, sr, profile="sox")
    pixels = picture.palette[picture.pixels]
    found = explain(Picture.from_array(pixels), inspection.given_facts({"profile": "ffmpeg"}), Original.of((y, sr)))
    assert not found.is_its_original
    assert "cannot be drawn" in found.verdict


def painted(y, sr, profile):
    """A tool's picture with a block of its own pixels, in disorder."""
    picture = encoder.encode(y, sr, profile=profile)
    pixels = picture.pixels.copy()
    high, wide = pixels.shape[:2]
    some = pixels.reshape(-1, *pixels.shape[2:])
    block = slice(high // 3, high // 3 + 16), slice(wide // 2, wide // 2 + 12)
    pixels[block] = some[np.random.default_rng(0).integers(0, len(some), (16, 12))]
    return replace(picture, pixels=pixels)


@pytest.mark.parametrize("profile", ["sox", "riffusion", "spek"])
def test_a_reference_that_the_tools_own_drawing_contradicts_is_not_used(profile):
    y, sr = speech()
    picture = painted(y, sr, profile)
    ideal, found = Decoder().retouch(picture, (y, sr)), Decoder(ref=1e9).retouch(picture, (y, sr))
    np.testing.assert_allclose(found.wave, ideal.wave, atol=1e-4)
    assert any("ref of 1e+09 (given)" in said for said in found.calibration.remarks)
    assert not any("what was drawn" in said for said in ideal.calibration.remarks)


def test_what_is_painted_is_as_loud_as_the_original():
    y, sr = speech()
    picture = painted(y, sr, "riffusion")
    ideal, found = (Decoder().retouch(picture, (y * np.float32(gain), sr)) for gain in (1, 0.5))
    np.testing.assert_allclose(2 * found.wave, ideal.wave, atol=1e-3)
    assert any("6.0 dB quieter" in said for said in found.calibration.remarks)
