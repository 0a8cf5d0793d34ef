"""Gray copies of pictures in colour."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.colours import colormap
from fastspec.errors import PictureError
from fastspec.retouch import grays
from tests.retouch.pictures import drawn, speech


def coloured(y, sr, cmap="magma"):
    picture = fastspec.encode(y, sr, cmap=cmap)
    return picture.pixels if picture.palette is None else picture.palette[picture.pixels]


def as_gray(pixels, mode="L"):
    return np.asarray(Image.fromarray(pixels).convert("L").convert(mode))


def retouched(pixels, y, sr, **given):
    return fastspec.Decoder(**given).retouch(pixels, (y, sr))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("what", ["own", "figure"])
def test_a_gray_copy_is_read_by_the_lightness_of_its_map(mode, what):
    y, sr = speech()
    pixels = coloured(y, sr) if what == "own" else drawn(y, sr, edited=False).pixels
    found = retouched(as_gray(pixels, mode), y, sr)
    np.testing.assert_array_equal(found.wave, y)
    assert found.calibration["cmap"] == "magma as gray (Rec. 601)"


def test_an_edit_of_a_gray_copy_stays_where_it_is():
    y, sr = speech()
    pixels = as_gray(drawn(y, sr, edited=False).pixels).copy()
    pixels[100:150, 100:200] = 0
    found = retouched(pixels, y, sr)
    assert found.exact > y.size / 2
    assert np.abs(found.wave).max() < 1.1 * np.abs(y).max()


@pytest.mark.parametrize("cmap", ["magma", "viridis"])
def test_a_stated_map_is_looked_for_alone(cmap):
    y, sr = speech()
    found = retouched(as_gray(coloured(y, sr, cmap)), y, sr, cmap=cmap)
    np.testing.assert_array_equal(found.wave, y)
    assert found.calibration["cmap"].startswith(cmap)


def test_a_jpeg_of_a_gray_copy():
    y, sr = speech()
    file = io.BytesIO()
    Image.fromarray(as_gray(drawn(y, sr, edited=False).pixels)).save(file, "JPEG", quality=90)
    found = retouched(Image.open(file), y, sr)
    assert found.calibration["cmap"].startswith("magma")
    assert np.abs(found.wave).max() < 1.1 * np.abs(y).max()


def test_a_map_whose_grays_tell_no_levels_is_refused():
    y, sr = speech()
    with pytest.raises(PictureError, match="several colours of jet become one gray"):
        retouched(as_gray(coloured(y, sr, "jet")), y, sr, cmap="jet")
    other = np.ascontiguousarray(y[::-1])
    with pytest.raises(PictureError, match=r"fit|grays do not match"):
        retouched(as_gray(coloured(y, sr)), other, sr, cmap="magma")


def test_a_picture_drawn_in_gray_stays_one():
    y, sr = speech()
    found = retouched(coloured(y, sr, "gray"), y, sr)
    np.testing.assert_array_equal(found.wave, y)
    assert "as gray" not in found.calibration["cmap"]


def test_lightness_is_that_of_pillow():
    for name in ("magma", "viridis", "jet"):
        table = colormap.get(name).table
        own = grays.lightness(colormap.get(name))
        np.testing.assert_array_equal(own, np.asarray(Image.fromarray(table[None]).convert("L"))[0])
        assert grays.rises(own) == grays.rises(own[::-1]) == (name != "jet")
    white = colormap.get("gray")
    np.testing.assert_array_equal(grays.lightness(white, "linear light"), white.table[:, 0])
