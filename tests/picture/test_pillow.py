"""Pixels of every mode and the metadata beside them are read right or refused with a reason."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fastspec.errors import ParameterError, PictureError
from fastspec.picture.files import read
from fastspec.picture.picture import Picture
from tests.picture.made import png, saved


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_alpha_of_opaque_pictures_costs_no_copy(rng):
    rgba = rng.integers(0, 256, (6, 5, 4), dtype=np.uint8)
    rgba[..., 3] = 255
    picture = read(saved(Image.fromarray(rgba)))
    np.testing.assert_array_equal(picture.pixels, rgba[..., :3])
    assert picture.alpha is None
    assert picture.pixels.strides == (20, 4, 1)
    picture = Picture.from_array(rgba)
    assert np.shares_memory(picture.pixels, rgba)


@pytest.mark.parametrize("background", [(255, 255, 255), (0, 0, 0), (10, 200, 30)])
def test_transparent_pixels_lie_on_the_declared_background(background, rng):
    rgba = rng.integers(0, 256, (6, 5, 4), dtype=np.uint8)
    picture = read(saved(Image.fromarray(rgba)), background=background)
    a = rgba[..., 3:] / 255
    np.testing.assert_allclose(picture.pixels, a * rgba[..., :3] + (1 - a) * background, atol=0.5001)
    np.testing.assert_array_equal(picture.alpha, rgba[..., 3])


def test_gray_with_alpha_and_gray_with_a_transparent_level():
    la = Image.new("LA", (2, 1))
    la.putpixel((0, 0), (100, 255))
    la.putpixel((1, 0), (100, 0))
    picture = read(saved(la))
    np.testing.assert_array_equal(picture.pixels, [[100, 255]])
    np.testing.assert_array_equal(picture.alpha, [[255, 0]])
    np.testing.assert_array_equal(read(saved(la), background=(1, 2, 3)).pixels, [[[100] * 3, [1, 2, 3]]])
    gray = Image.fromarray(np.array([[7, 8]], np.uint8))
    picture = read(saved(gray, transparency=8))
    np.testing.assert_array_equal(picture.pixels, [[7, 255]])


@pytest.mark.parametrize("transparency", [None, 2, bytes([255, 128, 0])])
@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_palette_pictures_stay_palette_pictures(format, transparency):
    pixels = np.array([[0, 1, 2, 3], [3, 2, 1, 0]], np.uint8)
    palette = np.array([[10, 20, 30], [200, 100, 0], [9, 9, 9], [255, 0, 255]], np.uint8)
    image = Image.fromarray(pixels)
    image.putpalette(palette.tobytes())
    if format == "GIF" and isinstance(transparency, bytes):
        pytest.skip("GIF has one transparent entry")
    options = {} if transparency is None else {"transparency": transparency}
    picture = read(saved(image, format, **options), background=(0, 0, 255))
    np.testing.assert_array_equal(picture.pixels, pixels)
    expected = palette.copy()
    if transparency is not None:
        expected[2] = [0, 0, 255]
    if isinstance(transparency, bytes):
        expected[1] = [100, 50, 127]
    np.testing.assert_array_equal(picture.rgb(), expected[pixels])
    assert (picture.alpha is None) == (transparency is None)


def test_palette_entries_that_do_not_exist_are_black():
    data = png(2, 1, b"PLTE" + bytes([1, 2, 3]), kind=3, data=zlib.compress(bytes([0, 0, 5])))
    np.testing.assert_array_equal(read(data).rgb(), [[[1, 2, 3], [0, 0, 0]]])


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bit_gray(format, rng):
    pixels = rng.integers(0, 65536, (6, 5), dtype=np.uint16)
    picture = read(saved(Image.fromarray(pixels), format))
    assert picture.pixels.dtype == np.uint16
    np.testing.assert_array_equal(picture.pixels, pixels)
    np.testing.assert_array_equal(picture.rgb()[..., 0], np.rint(pixels / 257))


def test_big_endian_tiff_and_one_bit_pictures():
    deep = Image.frombytes("I;16B", (2, 1), b"\x01\x02\xff\xfe")
    np.testing.assert_array_equal(read(saved(deep, "TIFF")).pixels, [[0x0102, 0xFFFE]])
    bits = Image.fromarray(np.array([[True, False, True]]))
    np.testing.assert_array_equal(read(saved(bits)).pixels, [[255, 0, 255]])


def test_16_bit_colour_is_reduced_and_says_so():
    data = png(1, 1, depth=16, kind=2, data=zlib.compress(b"\0" + b"\x80\x10\x20\x20\xff\xff"))
    picture = read(data)
    np.testing.assert_array_equal(picture.pixels, [[[0x80, 0x20, 0xFF]]])
    assert "reduced to 8" in picture.info["notes"][0]


def test_cmyk_is_converted_and_says_so(rng):
    rgb = np.full((8, 8, 3), (200, 30, 60), np.uint8)
    data = saved(Image.fromarray(rgb).convert("CMYK"), "JPEG", quality=100, subsampling=0)
    picture = read(data)
    np.testing.assert_allclose(picture.pixels, rgb, atol=8)
    assert "CMYK" in picture.info["notes"][0]
    assert picture.info["mode"] == "CMYK"


def test_orientation_is_noted_and_not_obeyed(rng):
    pixels = np.zeros((8, 16), np.uint8)
    exif = Image.Exif()
    exif[274] = 6
    picture = read(saved(Image.fromarray(pixels), "JPEG", exif=exif))
    assert (picture.height, picture.width) == (8, 16)
    assert picture.info["orientation"] == 6
    assert "orientation is 6" in picture.info["notes"][0]
    turned = read(saved(Image.fromarray(pixels), "TIFF", exif=exif))
    assert (turned.height, turned.width) == (16, 8)
    assert "turned" in turned.info["notes"][0]


def test_metadata_of_other_tools_is_kept():
    text = PngInfo()
    text.add_text("Software", "Matplotlib version3.11.2, https://matplotlib.org/")
    picture = read(saved(Image.new("RGB", (2, 2)), pnginfo=text, dpi=(100, 100)))
    assert picture.info["software"].startswith("Matplotlib")
    assert picture.info["dpi"] == pytest.approx((100, 100), abs=0.01)
    exif = Image.Exif()
    exif[11000], exif[11005], exif[11080] = 44100, 1, 3.5e7  # as Riffusion writes them
    for format in ("PNG", "JPEG", "WEBP"):
        got = read(saved(Image.new("RGB", (2, 2)), format, exif=exif)).info["exif"]
        assert got[11000] == 44100
        assert got[11080] == pytest.approx(3.5e7)


@pytest.mark.parametrize("mode", ["LAB"])
def test_modes_without_a_known_scale_are_refused(mode):
    with pytest.raises(PictureError, match="scale is unknown"):
        read(saved(Image.new(mode, (2, 2)), "TIFF"))


def test_32_bit_levels_are_read_when_they_fit_16():
    levels = np.array([[0, 65535]], np.int32)
    np.testing.assert_array_equal(read(saved(Image.fromarray(levels), "TIFF")).pixels, levels)
    with pytest.raises(PictureError, match="70000"):
        read(saved(Image.fromarray(levels + 4465), "TIFF"))


@pytest.mark.parametrize("background", [(0, 0), (0, 0, 300), (0.5, 0, 0), (-1, 0, 0)])
def test_a_background_must_be_a_colour(background):
    with pytest.raises(ParameterError, match="background"):
        read(png(1, 1), background=background)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_lose_the_picture():
    data = saved(Image.new("L", (8, 8)), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x31" * 40)
    assert read(data).width == 8


def test_pil_images_are_pictures(rng):
    image = Image.fromarray(rng.integers(0, 256, (3, 4, 4), dtype=np.uint8))
    picture = Picture.from_pil(image, background=(0, 0, 0))
    np.testing.assert_array_equal(picture.pixels, read(saved(image), background=(0, 0, 0)).pixels)
    with pytest.raises(PictureError, match="LAB"):
        Picture.from_pil(Image.new("LAB", (2, 2)))
