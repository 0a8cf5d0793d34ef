"""Picture files: every mode is read right or refused with a reason, and files are written whole or not at all."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pickle
import struct
import threading
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fastspec.errors import OutputError, ParameterError, PictureError
from fastspec.picture import files as picture_files
from fastspec.picture.files import Picture, encode_bytes, read, write
from fastspec.picture.picture import MAX_EMBEDDED

CALIBRATION = json.dumps({"sr": 22050, "remark": "ein Fluß, 川, 𝄞"}, ensure_ascii=False)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def saved(image: Image.Image, format: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def png(width: int, height: int, *chunks: bytes, depth: int = 8, kind: int = 0, data: bytes | None = None) -> bytes:
    """A PNG file made by hand, so that its header may lie."""
    if data is None:
        data = zlib.compress(bytes(height * (1 + width))) if width * height < 1e6 else zlib.compress(bytes(100))

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    extra = b"".join(chunk(body[:4], body[4:]) for body in chunks)
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


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

    offset = io.BytesIO(b"junk" + data)
    offset.seek(4)
    with path.open("rb") as stream:
        for source in (path, str(path), data, bytearray(data), stream, Pipe()):
            np.testing.assert_array_equal(read(source).pixels, pixels)
        assert not stream.closed


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


# ---- reading what is not


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"this is a shopping list, not a picture", "is no PNG, JPEG, WebP, TIFF, BMP or GIF"),
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


@pytest.mark.parametrize("mode", ["F", "LAB"])
def test_modes_without_a_known_scale_are_refused(mode):
    with pytest.raises(PictureError, match="scale is unknown"):
        read(saved(Image.new(mode, (2, 2)), "TIFF"))


def test_32_bit_levels_are_read_when_they_fit_16():
    levels = np.array([[0, 65535]], np.int32)
    np.testing.assert_array_equal(read(saved(Image.fromarray(levels), "TIFF")).pixels, levels)
    with pytest.raises(PictureError, match="70000"):
        read(saved(Image.fromarray(levels + 4465), "TIFF"))


def test_a_limit_can_be_lowered_and_raised():
    data = png(100, 100)
    with pytest.raises(PictureError, match="100 x 100 pixels"):
        read(data, max_pixels=9_999)
    assert read(data, max_pixels=None).width == 100


@pytest.mark.parametrize("background", [(0, 0), (0, 0, 300), (0.5, 0, 0), (-1, 0, 0)])
def test_a_background_must_be_a_colour(background):
    with pytest.raises(ParameterError, match="background"):
        read(png(1, 1), background=background)


# ---- the embedded calibration


@pytest.mark.parametrize("format", picture_files.FORMATS)
@pytest.mark.parametrize("kind", ["gray", "rgb", "palette"])
def test_calibration_travels_in_the_file(format, kind, rng, tmp_path):
    pixels = rng.integers(0, 256, (9, 7, 3) if kind == "rgb" else (9, 7), dtype=np.uint8)
    palette = rng.integers(0, 256, (256, 3), dtype=np.uint8) if kind == "palette" else None
    picture = Picture(pixels, palette=palette, embedded=CALIBRATION)
    path = tmp_path / f"a{picture_files.suffix_of(format)}"
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
    chunk = b"iTXt" + picture_files.KEYWORD.encode() + b"\0\0\0\0\0" + text.encode()
    with pytest.raises(PictureError, match="262145 characters"):
        read(png(2, 2, chunk))
    bomb = b"iTXt" + picture_files.KEYWORD.encode() + b"\0\1\0\0\0" + zlib.compress(bytes(50_000_000))
    with pytest.raises(PictureError):
        read(png(2, 2, bomb))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_does_not_lose_the_picture():
    data = saved(Image.new("L", (8, 8)), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x31" * 40)
    assert read(data).width == 8


# ---- writing


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


def test_streams_and_suffixes(tmp_path):
    out = io.BytesIO()
    write(Picture(np.zeros((2, 3), np.uint8)), out, format="png")
    assert read(out.getvalue()).width == 3
    with pytest.raises(ParameterError, match="stream has no suffix"):
        write(Picture(np.zeros((2, 3), np.uint8)), io.BytesIO())
    write(Picture(np.zeros((2, 3), np.uint8)), tmp_path / "A.JPG")
    assert read(tmp_path / "A.JPG").info["format"] == "JPEG"
    assert picture_files.suffix_of("jpeg") == ".jpg"
    with pytest.raises(ParameterError, match="quality=0"):
        write(Picture(np.zeros((2, 3), np.uint8)), tmp_path / "a.jpg", quality=0)


# ---- Picture


def test_pictures_are_immutable_checked_and_picklable(rng):
    pixels = rng.integers(0, 256, (3, 4, 3), dtype=np.uint8)
    picture = Picture.from_array(pixels, embedded="{}")
    with pytest.raises(ValueError, match="read-only"):
        picture.pixels[0] = 0
    pixels[0] = 0  # the caller's own array stays writable
    with pytest.raises(AttributeError):
        picture.embedded = None
    again = pickle.loads(pickle.dumps(picture))
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    for bad in (np.zeros((2, 2)), np.zeros((0, 2), np.uint8), np.zeros(3, np.uint8), np.zeros((2, 2, 2), np.uint8)):
        with pytest.raises(PictureError, match="make no picture"):
            Picture.from_array(bad)
    with pytest.raises(PictureError, match="palette"):
        Picture(np.zeros((2, 2), np.uint8), palette=np.zeros((300, 3), np.uint8))


def test_pil_images_are_pictures(rng):
    image = Image.fromarray(rng.integers(0, 256, (3, 4, 4), dtype=np.uint8))
    picture = Picture.from_pil(image, background=(0, 0, 0))
    np.testing.assert_array_equal(picture.pixels, read(saved(image), background=(0, 0, 0)).pixels)
    with pytest.raises(PictureError, match="floating-point"):
        Picture.from_pil(Image.new("F", (2, 2)))


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
