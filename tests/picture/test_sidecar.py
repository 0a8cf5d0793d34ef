"""The text beside a picture, and the thumbnail by which it is told whose it is."""

from __future__ import annotations

import json

import numpy as np
import pytest

import fastspec
from fastspec.errors import ParameterError
from fastspec.picture import files, sidecar


def picture(dtype=np.uint8, palette=None):
    """A few bright parts on dark ground, and the text that it carries."""
    pixels = np.zeros((64, 80), dtype)
    pixels[10:30, 20:70] = np.iinfo(dtype).max if palette is None else 1
    return fastspec.Picture(pixels, palette=palette, embedded='{"format": "x", "facts": {"sr": 8000}}')


def test_what_stands_beside_has_each_fact_with_its_source_and_the_size(tmp_path):
    files.write(picture(), tmp_path / "a.png", sidecar=True)
    document = json.loads((tmp_path / "a.png.json").read_text())
    assert document["facts"] == {"sr": {"value": 8000, "source": "drawn"}}
    assert document["size"] == [80, 64]
    found = sidecar.beside(tmp_path / "a.png")
    assert found is not None
    assert found.name == "a.png.json"
    assert files.read(tmp_path / "a.png").sidecar == found
    assert sidecar.beside(tmp_path / "b.png") is None


def test_a_stream_has_no_place_beside_it(tmp_path):
    with open(tmp_path / "a.png", "wb") as out, pytest.raises(ParameterError, match="stream"):
        files.write(picture(), out, format="png", sidecar=True)


def test_a_thumbnail_does_not_depend_on_how_pixels_are_stored():
    white = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    shots = {
        sidecar.thumbnail(each)
        for each in (picture(), picture(np.uint16), picture(palette=white), fastspec.Picture(picture().rgb()))
    }
    assert len(shots) == 1


def test_only_margins_that_are_wholly_outside_count():
    outside = sidecar.cells_outside((5, 0, 80, 64), 80, 64)
    assert outside[:, 0].all()
    assert not outside[:, 1:].any()
    assert not sidecar.cells_outside((4, 0, 80, 64), 80, 64).any()
