"""Picture files: every mode is read right or refused with a reason, and files are written whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import os
import threading
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from fastspec.errors import OutputError, ParameterError, PictureError
from fastspec.picture.files import MAX_PIXELS, encode_bytes, read, write
from fastspec.picture.formats import suffix_of, writable
from fastspec.picture.picture import Picture
from fastspec.picture.pillow import KEYWORD, MAX_EMBEDDED
from tests.picture.made import png, saved

CALIBRATION = json.dumps({"sr": 22050, "remark": "ein Fluß, 川, 𝄞"}, ensure_ascii=False)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


# ---- reading what is fine


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (5, 7)])
@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "BMP"])
def test_lossless_files_come_back_exactly(shape, format, rng):
    pixels = rng.integers(0, 256, (*shape, 3), dtype=np.uint8)
    options = {"lossless": True} if format == "WEBP" else {}
    picture = read(saved(Image.fromarray(pixels), format, **options))
    np.testing.assert_array_equal(picture.pixels, pixels)
    assert (picture.height, picture.width) == shape
    assert picture.info["format"] == format
    assert picture.alpha is None
    assert picture.palette is None
    assert picture.embedded is None


def test_path_bytes_and_streams_are_the_same_picture(tmp_path, rng):
    pixels = rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)
    data = saved(Image.fromarray(pixels))
    path = tmp_path / "with blank and ü.png"
    path.write_bytes(data)

    class Pipe(io.RawIOBase):
        def __init__(self):
            self.left = io.BytesIO(data)

        def readable(self):
            return True

        def read(self, n=-1):
            return self.left.read(n)

    with path.open("rb") as stream:
        for source in (path, str(path), data, bytearray(data), stream, Pipe()):
            np.testing.assert_array_equal(read(source).pixels, pixels)
        assert not stream.closed


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
@pytest.mark.parametrize("before", [b"junk", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
def test_a_stream_is_read_from_where_it_stands(kind, before, rng):
    data = saved(Image.fromarray(rng.integers(0, 256, (24, 40, 3), dtype=np.uint8)), kind)
    stream = io.BytesIO(before + data)
    stream.seek(len(before))
    picture, whole = read(stream), read(data)
    np.testing.assert_array_equal(picture.pixels, whole.pixels)
    assert picture.file == whole.file
    assert not stream.closed


def test_an_array_in_a_stream_is_read_from_where_it_stands(rng):
    levels = rng.normal(size=(9, 12)).astype(np.float32)
    for save in (np.save, np.savez):
        stream = io.BytesIO()
        stream.write(b"junk")
        save(stream, levels)
        stream.seek(4)
        assert read(stream).pixels.shape == (9, 12)


# ---- reading what is not


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"this is a shopping list, not a picture", "is no PNG, JPEG, WebP, TIFF, BMP, GIF, NPY or NPZ"),
        (b"%PDF-1.4 ...", "is no PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no PNG"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (png(40_000, 40_000), "40000 x 40000|limit|pixels"),
        (png(12_000, 12_000), "pixels"),
        (png(9_000, 9_000), "9000 x 9000 pixels.*max_pixels=67108864"),
        (png(0, 5, data=b""), "damaged"),
        (png(5, 5, data=b"not deflated"), "damaged"),
        (png(5, 5, data=zlib.compress(b"short")), "damaged"),
        (png(5, 5, kind=9), "damaged"),
    ],
)
def test_bad_files_are_refused_with_a_reason(data, message, tmp_path):
    path = tmp_path / "bad.png"
    path.write_bytes(data)
    with pytest.raises(PictureError, match=message) as caught:
        read(path)
    assert "bad.png" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_folder_and_pipe_are_refused(tmp_path):
    with pytest.raises(PictureError, match=r"none\.png does not exist"):
        read(tmp_path / "none.png")
    with pytest.raises(PictureError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(PictureError, match="cannot be opened"):
        read("a\0b.png")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.png")
        with pytest.raises(PictureError, match="not a regular file"):
            read(tmp_path / "pipe.png")
    with pytest.raises(ParameterError, match="binary"):
        read(io.StringIO("text"))
    with pytest.raises(ParameterError, match="not int"):
        read(7)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_truncated_files_are_refused(format, rng):
    noise = Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8))
    data = saved(noise.quantize() if format == "GIF" else noise, format)
    for part in (0.3, 0.6, 0.9):
        with pytest.raises(PictureError):
            read(data[: int(part * len(data))])


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "TIFF"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_flipped_bytes_give_a_picture_or_a_picture_error(format, data):
    pixels = (np.arange(32 * 32 * 3) * 7 % 251).astype(np.uint8).reshape(32, 32, 3)
    body = bytearray(saved(Image.fromarray(pixels), format))
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(PictureError):
        picture = read(bytes(body), max_pixels=1_000_000)
        assert picture.rgb().shape == (picture.height, picture.width, 3)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_animations_and_many_pages_are_refused_but_single_frames_are_fine(format):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "white")]
    many = saved(frames[0], format, save_all=True, append_images=frames[1:])
    with pytest.raises(PictureError, match="animated or has several pages"):
        read(many)
    one = read(saved(frames[0], format, save_all=True))
    np.testing.assert_allclose(one.rgb()[0, 0], [255, 0, 0], atol=2)  # WebP is lossy here


def test_a_limit_can_be_lowered_and_raised():
    data = png(100, 100)
    with pytest.raises(PictureError, match="100 x 100 pixels"):
        read(data, max_pixels=9_999)
    assert read(data, max_pixels=None).width == 100


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_a_raised_limit_lifts_pillows_too(format, monkeypatch):
    data = saved(Image.new("RGB", (100, 90), "red"), format)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(PictureError, match="Pillow's limit"):
        read(data)  # one that a host has lowered holds
    assert read(data, max_pixels=MAX_PIXELS + 1).width == 100
    with pytest.raises(PictureError, match="Pillow's limit"):
        read(data, max_pixels=None)


def test_a_picture_beyond_pillows_own_limit_is_read():
    """A bomb to Pillow, which refuses 179 million pixels: 180 million of one bit each, refused as too many or read."""
    data = png(20_000, 9_000, depth=1, data=zlib.compress(bytes(9_000 * 2501), 1))
    with pytest.raises(PictureError, match="20000 x 9000 pixels, more than max_pixels=179999999"):
        read(data, max_pixels=179_999_999)
    picture = read(data, max_pixels=180_000_000)
    assert (picture.width, picture.height) == (20_000, 9_000)


# ---- the embedded calibration


@pytest.mark.parametrize("format", [entry.name for entry in writable()])
@pytest.mark.parametrize("kind", ["gray", "rgb", "palette"])
def test_calibration_travels_in_the_file(format, kind, rng, tmp_path):
    pixels = rng.integers(0, 256, (9, 7, 3) if kind == "rgb" else (9, 7), dtype=np.uint8)
    palette = rng.integers(0, 256, (256, 3), dtype=np.uint8) if kind == "palette" else None
    picture = Picture(pixels, palette=palette, embedded=CALIBRATION)
    path = tmp_path / f"a{suffix_of(format)}"
    write(picture, path)
    back = read(path)
    assert back.info["format"] == format
    assert back.info["software"].startswith("fastspec")
    assert json.loads(back.embedded) == json.loads(CALIBRATION)
    if format == "JPEG":
        assert back.rgb().shape == picture.rgb().shape
    else:
        np.testing.assert_array_equal(back.rgb(), picture.rgb())
    write(picture, path, embedded='{"other": 1}')
    assert read(path).embedded == '{"other": 1}'


@pytest.mark.parametrize(
    "text", ["", "{", "not json \u2028", "\ud800".encode("utf-8", "replace").decode(), "x" * 60_000]
)
def test_corrupt_calibration_is_only_text_here(text):
    for format in ("PNG", "JPEG"):
        read(encode_bytes(Picture(np.zeros((2, 2), np.uint8), embedded=text), format))
    assert read(encode_bytes(Picture(np.zeros((2, 2), np.uint8), embedded=text))).embedded == text


def test_huge_calibration_is_refused():
    text = "x" * (MAX_EMBEDDED + 1)
    with pytest.raises(PictureError, match="too long"):
        encode_bytes(Picture(np.zeros((2, 2), np.uint8), embedded=text))
    with pytest.raises(PictureError, match="too long for JPEG"):
        encode_bytes(Picture(np.zeros((2, 2), np.uint8), embedded="x" * 65_100), "JPEG")
    chunk = b"iTXt" + KEYWORD.encode() + b"\0\0\0\0\0" + text.encode()
    with pytest.raises(PictureError, match="262145 characters"):
        read(png(2, 2, chunk))
    bomb = b"iTXt" + KEYWORD.encode() + b"\0\1\0\0\0" + zlib.compress(bytes(50_000_000))
    with pytest.raises(PictureError):
        read(png(2, 2, bomb))


# ---- writing


def test_files_are_whole_or_absent(tmp_path, monkeypatch, rng):
    path = tmp_path / "a.png"
    write(Picture(np.zeros((2, 2), np.uint8)), path)
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", lambda fd: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OutputError, match="No space left"):
        write(Picture(rng.integers(0, 256, (9, 9), dtype=np.uint8)), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_unwritable_places_are_an_output_error(tmp_path):
    picture = Picture(np.zeros((2, 2), np.uint8))
    with pytest.raises(OutputError, match="folder does not exist"):
        write(picture, tmp_path / "none" / "a.png")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        write(picture, tmp_path / "file" / "a.png")
    (tmp_path / "d.png").mkdir()
    with pytest.raises(OutputError, match="folder"):
        write(picture, tmp_path / "d.png")
    if os.geteuid() != 0:
        tmp_path.chmod(0o500)
        with pytest.raises(OutputError):
            write(picture, tmp_path / "a.png")


def test_streams_and_suffixes(tmp_path):
    out = io.BytesIO()
    write(Picture(np.zeros((2, 3), np.uint8)), out, format="png")
    assert read(out.getvalue()).width == 3
    with pytest.raises(ParameterError, match="stream has no suffix"):
        write(Picture(np.zeros((2, 3), np.uint8)), io.BytesIO())
    write(Picture(np.zeros((2, 3), np.uint8)), tmp_path / "A.JPG")
    assert read(tmp_path / "A.JPG").info["format"] == "JPEG"
    assert suffix_of("jpeg") == ".jpg"
    with pytest.raises(ParameterError, match="quality=0"):
        write(Picture(np.zeros((2, 3), np.uint8)), tmp_path / "a.jpg", quality=0)


def test_reading_from_many_threads(rng):
    pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = saved(Image.fromarray(pixels))
    good = []

    def work():
        good.append(all(np.array_equal(read(data).pixels, pixels) for _ in range(10)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [True] * 4
