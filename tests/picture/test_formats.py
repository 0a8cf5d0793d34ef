"""The table of picture formats: what names mean, what each holds, and that one entry makes a new format."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fastspec.batch.config import decode_config, encode_config
from fastspec.batch.inputs import items_of
from fastspec.errors import ParameterError, PictureError
from fastspec.picture import formats
from fastspec.picture.files import encode_bytes, read, write
from fastspec.picture.formats import PictureFormat, format_of, searched_suffixes, suffix_of, writable
from fastspec.picture.picture import Picture
from tests.picture.made import saved


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bit_gray_is_written(format, rng):
    pixels = rng.integers(0, 65536, (6, 5), dtype=np.uint16)
    np.testing.assert_array_equal(read(encode_bytes(Picture(pixels), format)).pixels, pixels)


def test_lossy_formats_refuse_16_bits():
    for format in ("JPEG", "WEBP"):
        with pytest.raises(PictureError, match="16-bit"):
            encode_bytes(Picture(np.zeros((2, 2), np.uint16)), format)


def test_jpeg_keeps_full_chroma_and_webp_loses_only_when_told(rng):
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:, ::2] = [255, 0, 0]
    pixels[:, 1::2] = [0, 0, 255]
    jpeg = read(encode_bytes(Picture(pixels), "JPEG")).pixels
    assert np.abs(jpeg.astype(int) - pixels).max() < 40
    noise = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    small = encode_bytes(Picture(noise), "WEBP", 20, lossless=False)
    assert len(small) < len(encode_bytes(Picture(noise), "WEBP"))
    assert not np.array_equal(read(small).pixels, noise)


@pytest.mark.parametrize(
    ("name", "format", "message"),
    [
        ("a.xyz", None, r"suffix \.xyz"),
        ("a", None, "no suffix"),
        ("a.png", "gif", "format='gif'"),
        ("a.bmp", None, "bmp"),
    ],
)
def test_unknown_formats_say_which_are_known(name, format, message, tmp_path):
    with pytest.raises(ParameterError, match=message) as caught:
        write(Picture(np.zeros((2, 2), np.uint8)), tmp_path / name, format=format)
    assert "png" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_sides_that_a_format_cannot_hold():
    wide = Picture(np.zeros((1, 16_384), np.uint8))
    with pytest.raises(PictureError, match="at most 16383"):
        encode_bytes(wide, "webp")
    assert read(encode_bytes(wide, ".PNG")).width == 16_384


def test_what_names_mean():
    assert format_of("a.JPG") == format_of("a.jfif") == format_of(None, "jpg") == format_of("a.png", ".jpeg") == "JPEG"
    with pytest.raises(ParameterError, match="BytesIO is no path of a picture to write; name a file"):
        format_of(io.BytesIO())
    assert format_of("a.tif") == format_of(None, "tif") == "TIFF"
    assert [suffix_of(entry.name) for entry in writable()] == [".png", ".jpg", ".webp", ".tif"]


def test_the_writable_formats_are_told_in_these_words():
    with pytest.raises(ParameterError) as caught:
        format_of("a.bmp")
    assert str(caught.value) == (
        "a.bmp has the suffix .bmp, so its format is unknown; use .png, .jpg, .webp or .tiff, or give the format"
    )
    with pytest.raises(ParameterError, match="'gif' is no picture format to write; use png, jpeg, webp or tiff"):
        format_of(None, "gif")


def test_no_suffix_has_two_meanings():
    suffixes = [suffix for entry in formats.FORMATS for suffix in (*entry.suffixes, *entry.rare_suffixes)]
    assert len(suffixes) == len(set(suffixes))
    assert searched_suffixes() < set(suffixes)


def test_one_entry_makes_a_format(monkeypatch, tmp_path, rng):
    picture = Picture(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8))
    data = saved(Image.fromarray(picture.pixels), "PPM")
    with pytest.raises(PictureError, match="is no PNG"):
        read(data)
    entry = PictureFormat("PPM", "PPM", rb"P6\s", (".ppm",), save=lambda saving: {})
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, entry))
    write(picture, tmp_path / "a.ppm")
    assert (tmp_path / "a.ppm").read_bytes() == data
    np.testing.assert_array_equal(read(tmp_path / "a.ppm").pixels, picture.pixels)
    items = items_of([str(tmp_path)], suffixes=searched_suffixes(), new_suffix=".wav", out_dir="out")
    assert [item.source.name for item in items] == ["a.ppm"]
    assert decode_config(n_iter=1).suffix == ".wav"
    assert encode_config(picture_format="ppm").suffix == ".ppm"
    with pytest.raises(ParameterError, match="use png, jpeg, webp, tiff or ppm"):
        encode_bytes(picture, "gif")
    with pytest.raises(PictureError, match="NPY, NPZ or PPM"):
        read(b"none of them")
