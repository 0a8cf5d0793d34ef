"""Pictures of our own that an editor saved again, in its own way and without their text: they need no option."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.phase import metrics

WAYS = {
    "palette.png": lambda image: image,
    "colours.png": lambda image: image.convert("RGB"),
    "alpha.png": lambda image: image.convert("RGBA"),
    "adapted.png": lambda image: image.convert("RGB").quantize(256),
    "a.bmp": lambda image: image.convert("RGB"),
    "a.tiff": lambda image: image.convert("RGB"),
    "a.gif": lambda image: image,
    "a.webp": lambda image: image.convert("RGB"),
    "doubled.png": lambda image: image.resize((2 * image.width, 2 * image.height), Image.Resampling.NEAREST),
    "enlarged.png": lambda image: image.convert("RGB").resize((image.width * 5 // 4, image.height * 5 // 4)),
}


@pytest.fixture(scope="module")
def own(speech, tmp_path_factory):
    y, sr = speech
    path = tmp_path_factory.mktemp("own") / "drawn.png"
    fastspec.encode(y, sr, n_fft=1024).save(path)
    return y, sr, path, fastspec.decode(path)[0]


@pytest.mark.parametrize("name", WAYS)
def test_ways_that_lose_nothing_sound_as_the_picture_itself(name, own, tmp_path):
    y, sr, drawn, same = own
    with Image.open(drawn) as image:
        made = WAYS[name](image)
        made.info.clear()
        made.save(tmp_path / name, **({"lossless": True} if name.endswith("webp") else {}))
    found = fastspec.inspect(tmp_path / name)
    assert (found["sr"], found["duration"]) == (sr, pytest.approx(y.size / sr))
    x, _ = fastspec.decode(tmp_path / name)
    assert x.shape == same.shape
    assert metrics.held_out_sc(x, y, sr) < metrics.held_out_sc(same, y, sr) + 1
    again = fastspec.Decoder().retouch(tmp_path / name, (y, sr))
    np.testing.assert_array_equal(again.wave, y)


@pytest.mark.parametrize("cut", [(20, 0), (0, 30)])
def test_a_picture_cut_in_time_keeps_what_it_shows(cut, own, tmp_path):
    y, sr, drawn, _ = own
    with Image.open(drawn) as image:
        left, right = cut[0], image.width - cut[1]
        made = image.crop((left, 0, right, image.height))
        made.info.clear()
        made.save(tmp_path / "cut.png")
    found = fastspec.Decoder(sr=sr, n_fft=1024, hop_length=256).retouch(tmp_path / "cut.png", (y, sr))
    assert found.wave.shape == y.shape
    assert metrics.held_out_sc(found.wave, y, sr) < -30
