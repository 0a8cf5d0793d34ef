"""Palette pictures as PNG: the same pixels, palette and chunks as Pillow writes, for every decoder."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.colours import colormap
from fastspec.picture import files, png
from fastspec.picture.picture import Picture

TABLE = colormap.get("magma").table


def _picture(height, width, seed=0, palette=TABLE):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, len(palette), (height, width)).astype(np.uint8)
    pixels[1::3] = pixels[: len(pixels[1::3]) * 3 : 3][: len(pixels[1::3])]  # some rows are as the one above
    return Picture(pixels, palette=palette, embedded='{"a": "ä"}')


def _chunks(data):
    at, found = 8, []
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        found.append((kind, body))
        at += 12 + length
    return found


def _undone(data, height, width):
    """The slow, obvious decoder: rows as they are, or added to the row above."""
    lines = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, width + 1)
    rows = []
    for line in lines:
        assert line[0] in (0, 2)
        rows.append(line[1:] + (rows[-1] if line[0] else 0))
    return np.array(rows, np.uint8)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (9, 1), (40, 33), (5, 1_000_003)])
def test_pixels_palette_and_text_are_pillows(shape):
    picture = _picture(*shape)
    quick, slow = files.encode_bytes(picture), files.encode_bytes(picture, compress_level=3)
    ours, theirs = _chunks(quick), _chunks(slow)
    assert [c for c in ours if c[0] != b"IDAT"] == [c for c in theirs if c[0] != b"IDAT"]
    data = b"".join(body for kind, body in ours if kind == b"IDAT")
    np.testing.assert_array_equal(_undone(data, *shape), picture.pixels)
    with Image.open(io.BytesIO(quick)) as image:
        assert image.mode == "P"
        np.testing.assert_array_equal(np.asarray(image.convert("RGB")), picture.rgb())
        assert picture.embedded in image.info.values()
    again = files.read(quick)
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    np.testing.assert_array_equal(again.palette, picture.palette)
    assert again.embedded == picture.embedded


def test_stripes_join_without_a_seam(monkeypatch):
    picture = _picture(40, 33)
    for bytes_ in (1, 34, 100, 1 << 20):
        monkeypatch.setattr(png, "LIMITS", png.LIMITS._replace(stripe=bytes_))
        np.testing.assert_array_equal(files.read(files.encode_bytes(picture)).pixels, picture.pixels)


@pytest.mark.parametrize(
    ("colours", "level", "quick"), [(256, 2, True), (17, 2, True), (16, 2, False), (256, 6, False)]
)
def test_who_asks_for_more_gets_pillows(colours, level, quick):
    picture = _picture(12, 9, palette=TABLE[:colours])
    assert png.fits(picture, level) == quick
    np.testing.assert_array_equal(files.read(files.encode_bytes(picture, compress_level=level)).rgb(), picture.rgb())
    assert not png.fits(Picture(picture.pixels), level)


def test_spectrograms_are_no_larger_to_speak_of():
    y = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * np.linspace(0, 1, 16000, dtype=np.float32)
    for options in ({}, {"size": (640, 480)}, {"size": (640, 480), "freq_scale": "log"}):
        picture = fastspec.encode(y, 16000, n_fft=512, **options)
        assert len(files.encode_bytes(picture)) < 1.1 * len(files.encode_bytes(picture, compress_level=3))
