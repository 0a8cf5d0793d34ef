"""Picture files <-> pixels, the calibration that travels inside them, and limits for files that nobody vouches for.

Row 0 is the top of the picture. The calibration is carried as an opaque JSON text: in PNG as an iTXt chunk of its own,
in JPEG, WebP and TIFF as the EXIF (TIFF) tag ImageDescription, so that it survives editors that keep metadata.
"""

from __future__ import annotations

import io
import json
import os
import re
import stat
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from fastspec._files import write_whole
from fastspec.errors import OutputError, ParameterError, PictureError
from fastspec.picture.picture import (
    DEEP_MODES,
    DESCRIPTION,
    KEYWORD,
    MAX_EMBEDDED,
    ORIENTATION,
    SOFTWARE,
    Picture,
    decoding,
    from_loaded,
    opaque_colour,
)
from fastspec.picture.silence import quiet_decoders

__all__ = ["FORMATS", "Picture", "encode_bytes", "format_of", "read", "suffix_of", "write"]

MAX_PIXELS = 1 << 26  # 8192 x 8192: some 256 MiB while it is read, and below Pillow's own warning
MAX_BYTES = 1 << 29  # of a file; MAX_PIXELS of 16-bit RGBA, uncompressed
# Scans of a progressive JPEG: encoders make some ten, and each costs as much time as the whole picture.
_MAX_SCANS, _ALWAYS_SCANNED, _SCANNED_PIXELS = 100, 20, 1 << 30

_SUFFIXES = {
    "PNG": (".png",),
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
}
FORMATS = tuple(_SUFFIXES)  # those that can be written; read besides: BMP and GIF
_MAGIC = (
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]", "TIFF"),
    (rb"BM", "BMP"),
    (rb"GIF8[79]a", "GIF"),
)
_LARGEST_SIDE = {"JPEG": 65_500, "WEBP": 16_383}
_LARGEST_JPEG_TEXT = 65_000  # an APP1 segment holds 64 KiB


def read(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    background: Sequence[int] = (255, 255, 255),
    max_pixels: int | None = MAX_PIXELS,
) -> Picture:
    """Read a PNG, JPEG, WebP, TIFF, BMP or GIF picture of one frame.

    source : path, the file's bytes, or a binary stream (read from where it stands, left open).
    background : RGB, what transparent pixels are laid on.
    max_pixels : larger pictures are refused before their pixels are decoded; None for Pillow's limit alone.

    Raises PictureError, with one sentence that names the file, for anything that is not such a picture.
    """
    behind = opaque_colour(background)
    name = os.fspath(source) if isinstance(source, str | os.PathLike) else getattr(source, "name", "the picture")
    name = str(name)
    with _opened(source, name) as stream:
        kind = _sniffed(stream, name, max_pixels)
        with quiet_decoders():
            with decoding(name):
                image = Image.open(stream, formats=[kind])
            with image:
                _check_header(image, name, max_pixels)
                if kind == "JPEG" and image.info.get("progressive"):
                    _check_scans(stream, name, image.width * image.height)
                with decoding(name):
                    notes = _notes_before_loading(image)
                    image.load()
                return from_loaded(image, behind, name, notes, own=True)


def write(
    picture: Picture,
    target: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    quality: int = 95,
    embedded: str | None = None,
    lossless: bool = True,
    compress_level: int = 2,
) -> None:
    """Write a picture as PNG, JPEG, WebP or TIFF; the file appears under its name only once it is whole.

    target : path, or a binary stream (needs `format`). format : "png", "jpeg", "webp" or "tiff"; None goes by the
    suffix. The other options are those of `encode_bytes`.

    Raises ParameterError for an unknown format or suffix, PictureError for a picture that the format cannot hold,
    OutputError when the place cannot be written.
    """
    to_path = isinstance(target, str | os.PathLike)
    chosen = format_of(target if to_path else None, format)  # type: ignore[arg-type]
    data = encode_bytes(picture, chosen, quality, embedded, lossless, compress_level)
    if to_path:
        write_whole(target, lambda out: out.write(data))  # type: ignore[arg-type]
        return
    try:
        target.write(data)  # type: ignore[union-attr]
    except OSError as error:
        raise OutputError(f"the picture cannot be written: {error.strerror or error}") from error


def encode_bytes(
    picture: Picture,
    format: str = "PNG",
    quality: int = 95,
    embedded: str | None = None,
    lossless: bool = True,
    compress_level: int = 2,
) -> bytes:
    """The bytes of a picture file.

    quality : 1..100, of JPEG (drawn 4:4:4, because halved chroma does most of the harm) and of lossy WebP.
    embedded : calibration JSON; None takes the picture's own. lossless : of WebP. compress_level : 0..9, of PNG; on
    spectrograms more than 2 costs time and saves nothing.

    16-bit gray fits PNG and TIFF only. Alpha is not written: the pixels already lie on their background.
    """
    format = format_of(None, format)
    if not 1 <= quality <= 100:
        raise ParameterError(f"{quality=} is not in 1..100")
    if not 0 <= compress_level <= 9:
        raise ParameterError(f"{compress_level=} is not in 0..9")
    text = picture.embedded if embedded is None else embedded
    if text is not None and len(text) > (_LARGEST_JPEG_TEXT if format == "JPEG" else MAX_EMBEDDED):
        raise PictureError(f"a calibration of {len(text)} characters is too long for {format}; shorten its remarks")
    side = max(picture.width, picture.height)
    if side > _LARGEST_SIDE.get(format, side):
        raise PictureError(f"{format} holds at most {_LARGEST_SIDE[format]} pixels a side, not {side}; use PNG")
    if picture.pixels.dtype == np.uint16 and format in ("JPEG", "WEBP"):
        raise PictureError(f"{format} holds no 16-bit gray; use PNG or TIFF, or draw 8 bits")
    options: dict[str, Any] = {}
    from fastspec import __version__

    if format == "PNG":
        chunks = PngInfo()
        chunks.add_text("Software", f"fastspec {__version__}")
        if text is not None:
            chunks.add_itxt(KEYWORD, text)
        options = {"pnginfo": chunks, "compress_level": compress_level}
    else:
        exif = Image.Exif()
        exif[SOFTWARE] = f"fastspec {__version__}"
        if text is not None:
            exif[DESCRIPTION] = f"{KEYWORD}\n{_ascii(text)}"
        options = {"exif": exif}
        if format == "JPEG":
            options |= {"quality": quality, "subsampling": 0}
        elif format == "WEBP":
            options |= {"lossless": lossless, "quality": 50 if lossless else quality, "exact": True}
        else:
            options["compression"] = "tiff_adobe_deflate"
    out = io.BytesIO()
    try:
        _to_pil(picture, format).save(out, format, **options)
    except (OSError, ValueError, OverflowError, MemoryError, KeyError) as error:
        raise PictureError(f"the picture cannot be made into {format}: {error}; try PNG") from error
    return out.getvalue()


def format_of(path: str | os.PathLike[str] | None, format: str | None = None) -> str:
    """The name of a format that can be written, from `format` if given or the suffix of `path`.

    Raises ParameterError when neither tells.
    """
    if format is not None:
        name = format.upper().lstrip(".")
        name = {"JPG": "JPEG", "TIF": "TIFF"}.get(name, name)
        if name in _SUFFIXES:
            return name
        raise ParameterError(f"{format=} is no picture format to write; use png, jpeg, webp or tiff")
    suffix = Path(path).suffix.lower() if path is not None else ""
    for name, suffixes in _SUFFIXES.items():
        if suffix in suffixes:
            return name
    what = (
        f"{os.fspath(path)} has {'the suffix ' + suffix if suffix else 'no suffix'}"
        if path
        else "a stream has no suffix"
    )
    raise ParameterError(f"{what}, so its format is unknown; use .png, .jpg, .webp or .tiff, or give the format")


def suffix_of(format: str) -> str:
    """The usual suffix, with its dot, of a format that can be written."""
    return _SUFFIXES[format_of(None, format)][0]


def _opened(source: Any, name: str) -> Any:
    """A context that gives a searchable binary stream. A pipe or device under a path is refused: it may hang."""
    if isinstance(source, bytes | bytearray | memoryview):
        return io.BytesIO(source)
    if isinstance(source, str | os.PathLike):
        try:
            mode = os.stat(source).st_mode
            if stat.S_ISDIR(mode):
                raise PictureError(f"{name} is a folder, not a picture; name a file in it")
            if not stat.S_ISREG(mode):
                raise PictureError(f"{name} is not a regular file; copy the picture to a file first")
            return open(source, "rb")
        except FileNotFoundError:
            raise PictureError(f"{name} does not exist; check the path") from None
        except (OSError, ValueError) as error:
            if isinstance(error, PictureError):
                raise
            raise PictureError(f"{name} cannot be opened: {getattr(error, 'strerror', None) or error}") from error
    if not hasattr(source, "read"):
        raise ParameterError(f"a picture is a path, bytes or binary stream, not {type(source).__name__}")
    if hasattr(source, "seekable") and source.seekable():
        return nullcontext(source)
    data = source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise PictureError(f"{name} has more than {MAX_BYTES} bytes; save it to a file first")
    return io.BytesIO(data)


def _sniffed(stream: BinaryIO, name: str, max_pixels: int | None) -> str:
    """The format by the file's first bytes, so that only one decoder ever sees the rest."""
    try:
        start = stream.tell()
        size = stream.seek(0, os.SEEK_END) - start
        stream.seek(start)
        head = stream.read(30)
        stream.seek(start)
    except (OSError, ValueError) as error:
        raise PictureError(f"{name} cannot be read: {error}") from error
    if not isinstance(head, bytes):
        raise ParameterError("the stream gives text; open it in binary mode")
    if not head:
        raise PictureError(f"{name} is empty")
    if size > MAX_BYTES:
        raise PictureError(f"{name} has {size} bytes, more than the {MAX_BYTES} that are read; save it as PNG")
    for magic, kind in _MAGIC:
        if re.match(magic, head, re.DOTALL):
            if kind == "WEBP":  # Pillow takes memory for the pixels on opening it
                _check_size(*_webp_size(head), name, max_pixels)
            return kind
    raise PictureError(f"{name} is no PNG, JPEG, WebP, TIFF, BMP or GIF file, whatever its name says")


def _webp_size(head: bytes) -> tuple[int, int]:
    """Width and height in the first 30 bytes of a WebP file, (0, 0) where they cannot be told."""
    kind, body = head[12:16], head[20:].ljust(10, b"\0")
    if kind == b"VP8X":
        return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF
    return 0, 0


def _check_scans(stream: BinaryIO, name: str, pixels: int) -> None:
    """Refuse a JPEG of so many scans that decoding it would take minutes."""
    at, scans, last = stream.tell(), 0, b""
    stream.seek(0)
    while block := stream.read(1 << 20):
        scans += (last + block).count(b"\xff\xda")
        last = block[-1:]
    stream.seek(at)
    most = min(_MAX_SCANS, max(_ALWAYS_SCANNED, _SCANNED_PIXELS // max(1, pixels)))
    if scans > most:
        raise PictureError(f"{name} has {scans} scans, more than {most}; save it as an ordinary JPEG or PNG")


def _check_size(width: int, height: int, name: str, max_pixels: int | None) -> None:
    if max_pixels is not None and width * height > max_pixels:
        raise PictureError(f"{name} has {width} x {height} pixels, more than {max_pixels=}; raise it if that is right")


def _check_header(image: Image.Image, name: str, max_pixels: int | None) -> None:
    _check_size(*image.size, name, max_pixels)
    with decoding(name):
        # an MPO file is a JPEG photograph with a preview behind it: its first frame is the picture
        animated = getattr(image, "is_animated", False) and image.format != "MPO"
    if animated:
        raise PictureError(f"{name} is animated or has several pages; save the one to decode as a picture of its own")


def _notes_before_loading(image: Image.Image) -> list[str]:
    """What Pillow changes on loading and does not tell afterwards."""
    notes = []
    if any("16" in str(tile[3]) for tile in getattr(image, "tile", ())) and image.mode not in DEEP_MODES:
        notes.append("16 bits a channel were reduced to 8")
    tags = getattr(image, "tag_v2", None)
    if tags is not None and tags.get(ORIENTATION, 1) != 1:
        notes.append(f"turned upright, as its orientation tag {tags.get(ORIENTATION)} asks")
    return notes


def _to_pil(picture: Picture, format: str) -> Image.Image:
    if picture.palette is None:
        return Image.fromarray(np.ascontiguousarray(picture.pixels))
    if format in ("JPEG", "WEBP"):
        return Image.fromarray(picture.rgb())
    image = Image.fromarray(np.ascontiguousarray(picture.pixels))
    image.putpalette(picture.palette.tobytes())
    return image


def _ascii(text: str) -> str:
    """The same JSON in ASCII, all that a TIFF text tag holds; JSON may spell any character as an escape."""
    return re.sub(r"[^\x00-\x7f]", lambda match: json.dumps(match[0])[1:-1], text)
