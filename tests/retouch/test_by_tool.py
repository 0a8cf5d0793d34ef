from __future__ import annotations

import numpy as np
import pytest

from fastspec import encoder, inspection
from fastspec.picture.picture import Picture
from fastspec.retouch.original import Original
from fastspec.retouch.search import explain
from tests.retouch.pictures import speech


@pytest.mark.parametrize("profile", ["sox", "riffusion", "audio-diffusion", "audacity", "fastspec"])
def test_what_a_tool_drew_is_drawn_again(profile):
    y, sr = speech()
    picture = encoder.encode(y, sr, profile=profile)
    found = explain(picture, inspection.given_facts({}), Original.of((y, sr)))
    assert found.agreement > 0.98
    assert len(found.channels) == 1
    wrong = explain(picture, inspection.given_facts({}), Original.of((np.ascontiguousarray(y[::-1]), sr)))
    assert not wrong.is_its_original


def test_a_tool_that_cannot_be_drawn_says_so():
    y, sr = speech()
    picture = encoder.encode(y, sr, profile="sox")
    pixels = picture.palette[picture.pixels]
    found = explain(Picture.from_array(pixels), inspection.given_facts({"profile": "ffmpeg"}), Original.of((y, sr)))
    assert not found.is_its_original
    assert "cannot be drawn" in found.verdict
