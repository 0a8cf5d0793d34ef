"""Arrays of levels are read from .npy, .npz and floating-point TIFF, and what is none is refused in one sentence."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest
from PIL import Image

from fastspec.errors import PictureError
from fastspec.picture import numbers
from fastspec.picture.files import read


@pytest.fixture
def decibels():
    return np.random.default_rng(5).uniform(-73.5, 4.25, (65, 40))


def npy(array, **options):
    buffer = io.BytesIO()
    np.save(buffer, array, **options)
    return buffer.getvalue()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def values_of(picture):
    low, high = picture.info["levels"]
    return low + (high - low) * picture.pixels[::-1] / numbers.TOP


@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8", ">f8"])
def test_numbers_come_back_to_a_thousandth_of_a_decibel(decibels, dtype):
    array = decibels.astype(dtype)
    for data in (npy(array), npy(np.asfortranarray(array)), npz(S=array), npz(S=array, sr=22050)):
        picture = read(data)
        assert picture.pixels.dtype == np.uint16
        assert picture.info["levels"] == (float(array.min()), float(array.max()))
        np.testing.assert_allclose(values_of(picture), array.astype(float), atol=1e-3)


def test_a_floating_point_tiff_is_the_same_array(decibels):
    buffer = io.BytesIO()
    Image.fromarray(decibels.astype(np.float32)).save(buffer, "TIFF")
    np.testing.assert_array_equal(read(buffer.getvalue()).pixels, read(npy(decibels.astype(np.float32))).pixels)


def test_numbers_without_a_negative_one_begin_at_zero(decibels):
    assert read(npy(decibels + 80)).info["levels"] == (0.0, float((decibels + 80).max()))
    assert read(npy(np.full((4, 4), 7.0))).pixels.min() > 0
    assert read(npy(np.zeros((4, 4)))).pixels.max() == 0


class Planted:
    def __reduce__(self):
        return pytest.fail, ("unpickled",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (npy(np.array([[Planted()]], dtype=object), allow_pickle=True), "never unpickled"),
        (npz(S=np.array([[Planted()]], dtype=object)), "never unpickled"),
        (npy(np.ones((4, 4), complex)), "complex"),
        (npy(np.ones((4, 4), np.int16)), "int16"),
        (npy(np.ones((4, 4), np.longdouble)), "float32 or float64"),
        (npy(np.ones((2, 4, 4))), r"shape \(2, 4, 4\)"),
        (npy(np.ones(4)), r"shape \(4,\)"),
        (npy(np.ones((0, 4))), "no numbers"),
        (npy(np.array([[1.0, np.nan]])), "1 numbers that are not finite"),
        (npy(np.array([[1.0, -np.inf]])), "not finite"),
        (npy(np.array([[-1e308, 1e308]])), "too far apart"),
        (npy(np.ones((3000, 40))), "max_pixels"),
        (npz(S=np.ones((3000, 40))), "max_pixels"),
        (npz(S=np.ones((4, 4)), mel=np.ones((4, 4))), r"\(S, mel\)"),
        (npz(), "no PNG"),
        (npy(np.ones((9, 9)))[:-8], "damaged"),
        (npz(S=np.ones((9, 9)))[:-30], "damaged"),
        (npy(np.ones((4, 4)))[:9], "damaged"),
        (b"\x93NUMPY\x09\x00" + bytes(60), "version 9.0"),
        (pickle.dumps(np.ones((4, 4))), "no PNG"),
    ],
)
def test_what_is_no_array_of_levels_is_refused(data, message):
    with pytest.raises(PictureError, match=message) as caught:
        read(data, max_pixels=100_000)
    assert "\n" not in str(caught.value)


def test_a_header_that_lies_about_its_size_takes_no_memory():
    data = bytearray(npy(np.ones((4, 4))))
    at = data.index(b"(4, 4)")
    data[at : at + 8] = b"(9999,9)"
    data = data.replace(b", }        ", b", }      ", 1)
    with pytest.raises(PictureError):
        read(bytes(data))


def test_an_archive_of_something_else_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(PictureError, match="0 arrays"):
        read(buffer.getvalue())
