"""The bitmap fonts of drawing tools are read exactly, or not at all."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.detect.bitmap_fonts import Plane
from fastspec.picture.picture import Picture
from fastspec.tools.ffmpeg import lettering
from fastspec.tools.sox import legend as sox_legend

FACES = {"sox": sox_legend.face, "ffmpeg": lettering.face}


@pytest.mark.parametrize("name", ["sox", "ffmpeg"])
def test_a_font_reads_what_it_writes_and_nothing_else(name):
    face = FACES[name]()
    text = face.characters[1:]
    line = face.drawn(text)
    assert face.read(line, 0, len(text)) == (text, 0)
    assert face.read(np.zeros_like(line), 0, 3)[0] == "   "
    assert face.read(line, -face.pitch, 2)[0] == f" {text[0]}"
    noise = np.random.default_rng(0).random(line.shape) < 0.5
    assert set(face.read(noise, 0, len(text))[0]) == {"?"}
    with pytest.raises(KeyError):
        face.drawn("\N{SNOWMAN}")


@pytest.mark.parametrize("name", ["sox", "ffmpeg"])
def test_a_wrong_pixel_makes_no_digit_another(name):
    face = FACES[name]()
    for char in "0123456789.-":
        drawn = face.drawn(char)
        for row, column in np.ndindex(face.rows, face.columns):
            damaged = drawn.copy()
            damaged[row, column] ^= True
            assert face.read(damaged, 0, 1)[0] in (char, "?")


def test_a_plane_stays_within_the_picture():
    plane = Plane.of(Picture(np.zeros((50, 60), np.uint8)))
    assert plane.part(-9, 4, -3, 2).shape == (4, 2)
    assert plane.part(-9, -4, 0, 2).size == 0


def test_a_plane_is_the_green_of_colours_and_of_a_palettes_entries():
    rgb = np.random.default_rng(1).integers(0, 255, (9, 11, 3), np.uint8)
    np.testing.assert_array_equal(Plane.of(Picture(rgb)).part(2, 7, 3, 9), rgb[2:7, 3:9, 1])
    entries = np.arange(99, dtype=np.uint8).reshape(9, 11) % 4
    palette = np.array([[1, 20, 3], [4, 50, 6], [7, 80, 9], [0, 110, 0]], np.uint8)
    plane = Plane.of(Picture(entries, palette))
    np.testing.assert_array_equal(plane.part(0, 9, 0, 11), palette[entries, 1])
    assert plane.ink((0, 9, 0, 11), 50, 30).sum() == np.isin(entries, [3]).sum()
    assert Plane.of(Picture(np.zeros((9, 11), np.uint16))) is None


@pytest.mark.parametrize("name", ["sox", "ffmpeg"])
def test_as_many_pixels_may_be_wrong_as_jpeg_moves(name):
    face = FACES[name]()
    wrong = int(0.09 * face.rows * face.columns)
    rng = np.random.default_rng(2)
    read = {count: set() for count in (wrong, wrong + 1)}
    for count, texts in read.items():
        for _ in range(200):
            cell = face.drawn("8").copy()
            flips = rng.choice(face.rows * face.columns, count, replace=False)
            cell[flips // face.columns, flips % face.columns] ^= True
            texts.add(face.read(cell, 0, 1)[0])
    assert "8" in read[wrong]
    assert "8" not in read[wrong + 1]
