"""Photographs are told by colours that no map has and by their texture; damaged spectrograms are none."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFilter

import fastspec
from fastspec.colours import colormap
from fastspec.detect.reject import photograph
from fastspec.detect.reject.rejection import reason_to_reject
from tests.detect.reject import pictures
from tests.detect.reject.pictures import SR, sounds


@pytest.fixture(scope="module")
def picture(speech_picture):
    return np.asarray(Image.open(speech_picture).convert("RGB"))


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("negative", [False, True])
def test_gray_photographs_are_named(seed, negative):
    gray = pictures.gray_photograph(seed)
    gray = 255 - gray if negative else gray
    assert reason_to_reject(gray) == "a gray photograph"
    assert reason_to_reject(gray.astype(np.uint16) * 257) == "a gray photograph"


def test_a_colour_photograph_is_named_with_its_distance():
    said = reason_to_reject(pictures.colour_photograph())
    assert said is not None
    assert said.startswith("a photograph or painting: its colours lie ")


@pytest.mark.parametrize("damage", ["jpeg", "noise", "blur", "half", "negative"])
def test_damaged_gray_spectrograms_are_no_photographs(speech, damage):
    for name, y in sounds(speech[0]).items():
        drawn = fastspec.encode(np.asarray(y, np.float32), SR, n_fft=512, hop_length=128, cmap="gray", size=(640, 480))
        image = Image.fromarray(drawn.rgb()).convert("L")
        if damage == "jpeg":
            out = io.BytesIO()
            image.save(out, "JPEG", quality=60)
            image = Image.open(out)
        elif damage == "noise":
            grain = np.random.default_rng(0).normal(0, 10, (480, 640))
            image = Image.fromarray(np.clip(np.asarray(image) + grain, 0, 255).astype(np.uint8))
        elif damage == "blur":
            image = image.filter(ImageFilter.GaussianBlur(1.5))
        elif damage == "half":
            image = image.resize((320, 240), Image.Resampling.LANCZOS)
        else:
            image = Image.fromarray(255 - np.asarray(image))
        assert reason_to_reject(np.asarray(image)) is None, name


@pytest.mark.parametrize("cmap", ["jet", "turbo", "nipy_spectral", "sox", "ffmpeg-rainbow"])
@pytest.mark.parametrize("damage", ["jpeg", "noise"])
def test_colours_far_from_their_map_make_no_photograph(speech, cmap, damage):
    """With a cell for every pixel JPEG mixes colours that lie far apart on these maps."""
    y, sr = speech
    rgb = fastspec.encode(y, sr, n_fft=1024, hop_length=32, cmap=cmap, size=(640, 480)).rgb()
    if damage == "jpeg":
        out = io.BytesIO()
        Image.fromarray(rgb).save(out, "JPEG", quality=50)
        rgb = np.asarray(Image.open(out))
    else:
        grain = np.random.default_rng(0).normal(0, 20, rgb.shape)
        rgb = np.clip(rgb + grain + 0.5, 0, 255).astype(np.uint8)
    assert reason_to_reject(rgb) is None


@pytest.mark.parametrize("kind", ["gray", "RGB", "palette", "16 bits", "part"])
def test_textures_are_those_of_obvious_means(kind):
    gray = np.random.default_rng(0).integers(0, 256, (64, 48)).astype(np.uint8)
    palette = np.repeat(np.arange(255, -1, -1).astype(np.uint8)[:, None], 3, axis=1)
    pixels = {
        "gray": gray,
        "RGB": np.repeat(gray[..., None], 3, axis=2),
        "palette": 255 - gray,
        "16 bits": gray.astype(np.uint16) * 256 + 77,
        "part": np.repeat(np.pad(gray, 5)[..., None], 3, axis=2)[5:-5, 5:-5],
    }[kind]
    out = photograph._textures(pixels, palette if kind == "palette" else None).reshape(4, 3, 5)
    for a in range(4):
        for b in range(3):
            patch = gray[16 * a : 16 * a + 16, 16 * b : 16 * b + 16].astype(float)
            down, across = (gradient[1:-1, 1:-1] for gradient in np.gradient(patch))
            products = [(across * across).mean(), (down * down).mean(), (across * down).mean()]
            np.testing.assert_allclose(out[a, b], [patch.mean(), patch.std(), *products])


@pytest.mark.parametrize("sigma", [5, 10, 20])
def test_noise_on_a_spectrogram_is_no_photograph(picture, sigma):
    noisy = picture + np.random.default_rng(0).normal(0, sigma, picture.shape) + 0.5
    assert reason_to_reject(np.clip(noisy, 0, 255).astype(np.uint8)) is None


@pytest.mark.parametrize("cmap", ["viridis", "magma", "jet"])
def test_a_photograph_in_a_maps_colours_is_one(cmap):
    # smooth shades with edges in all directions: round things on a slope of light
    y, x = np.mgrid[0:300, 0:400] / 100.0
    light = 110 + 25 * x - 18 * y
    for cx, cy, r, shade in ((1.0, 1.2, 0.6, 70), (2.6, 0.9, 0.5, -60), (3.0, 2.2, 0.7, 40), (1.8, 2.3, 0.4, -80)):
        near = (x - cx) ** 2 + (y - cy) ** 2 < r * r
        light = np.where(near, light + shade * (1 - 0.5 * ((x - cx) + (y - cy)) / r), light)
    levels = np.clip(light + np.random.default_rng(0).normal(0, 1.5, light.shape), 0, 255).astype(np.intp)
    said = reason_to_reject(colormap.get(cmap).table[levels])
    assert said is not None
    assert "photograph" in said
