"""A Picture is checked when it is made and stays as it is."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from fastspec.errors import ParameterError, PictureError
from fastspec.picture.picture import Picture


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_pictures_are_immutable_checked_and_picklable(rng):
    pixels = rng.integers(0, 256, (3, 4, 3), dtype=np.uint8)
    picture = Picture.from_array(pixels, embedded="{}")
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0] = 0
    pixels[0] = 0  # the caller's own array stays writable
    with pytest.raises(AttributeError):
        picture.embedded = None  # type: ignore[misc]
    again = pickle.loads(pickle.dumps(picture))
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    for bad in (np.zeros((2, 2)), np.zeros((0, 2), np.uint8), np.zeros(3, np.uint8), np.zeros((2, 2, 2), np.uint8)):
        with pytest.raises(PictureError, match="make no picture"):
            Picture.from_array(bad)
    with pytest.raises(PictureError, match="palette"):
        Picture(np.zeros((2, 2), np.uint8), palette=np.zeros((300, 3), np.uint8))


def test_a_picture_saves_itself_as_files_does(tmp_path):
    from fastspec.picture import files

    picture = Picture(np.zeros((3, 4), np.uint8), embedded='{"a": 1}')
    picture.save(tmp_path / "a.png")
    files.write(picture, tmp_path / "b.png")
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    with pytest.raises(ParameterError, match="psd"):
        picture.save(tmp_path / "a.psd")
