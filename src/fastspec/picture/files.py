"""Picture files <-> pixels, the calibration that travels inside them, and limits for files that nobody vouches for.

Row 0 is the top of the picture. What a format can hold and how it is saved stands in `fastspec.picture.formats`.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from fastspec._files import write_whole
from fastspec.errors import OutputError, ParameterError, PictureError, listed
from fastspec.picture import formats, jpeg_planes, png
from fastspec.picture import sidecar as sidecars
from fastspec.picture.formats import PictureFormat, Saving, format_named, format_of, writable
from fastspec.picture.picture import Picture
from fastspec.picture.pillow import (
    MAX_EMBEDDED,
    decoding,
    notes_before_loading,
    opaque_colour,
    parts_of,
    parts_of_numbers,
)
from fastspec.picture.pixel_limit import sizes_checked
from fastspec.picture.silence import quiet_decoders

MAX_PIXELS = 1 << 26  # 8192 x 8192: some 256 MiB while it is read, and below Pillow's own warning
SizeCheck = Callable[[int, int], None]  # of width and height
MAX_BYTES = 1 << 29  # of a file; MAX_PIXELS of 16-bit RGBA, uncompressed


def read(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    background: Sequence[int] = (255, 255, 255),
    max_pixels: int | None = MAX_PIXELS,
    check: Callable[[int, int, str], object] | None = None,
) -> Picture:
    """Read a PNG, JPEG, WebP, TIFF, BMP or GIF picture of one frame, or an NPY or NPZ array of levels (bins, frames).

    source : path, the file's bytes, or a binary stream (read from where it stands, left open).
    background : RGB, what transparent pixels are laid on.
    max_pixels : larger pictures are refused before their pixels are decoded; None for Pillow's limit alone, and more
        than MAX_PIXELS lifts that.
    check : called with width, height and the file's name before pixels are decoded; it raises for what is too large.

    Raises PictureError, with one sentence that names the file, for anything that is not such a picture.
    """
    behind = opaque_colour(background)
    name = os.fspath(source) if isinstance(source, str | os.PathLike) else getattr(source, "name", "the picture")
    name = str(name)

    beside = sidecars.beside(source) if isinstance(source, str | os.PathLike) else None

    def check_size(width: int, height: int) -> None:
        if max_pixels is not None and width * height > max_pixels:
            raise PictureError(
                f"{name} has {width} x {height} pixels, more than {max_pixels=}; raise it if that is right"
            )
        if check is not None:
            check(width, height, name)

    with _opened(source, name) as stream:
        kind = _sniffed(stream, name, check_size)
        if kind.numbers is not None:
            with decoding(name):
                values = kind.numbers(stream, name, check_size)
                return Picture(*parts_of_numbers(values, name, {"format": kind.name}), sidecar=beside)
        with quiet_decoders(), _pixels_limited(check_size, max_pixels):
            with decoding(name):
                image = Image.open(stream, formats=[kind.name])
            with image:
                _check_header(image, name, check_size)
                if kind.check is not None:
                    kind.check(stream, image, name)
                with decoding(name):
                    notes = notes_before_loading(image)
                    image.load()
                parts = parts_of(image, behind, name, notes, own=True)
                return Picture(*parts, sidecar=beside, file=_kept(stream) if "subsampling" in parts.info else None)


def write(  # noqa: PLR0913 - the public options
    picture: Picture,
    target: str | os.PathLike[str] | BinaryIO,
    *,
    format: str | None = None,
    quality: int = 95,
    embedded: str | None = None,
    lossless: bool = True,
    compress_level: int = 2,
    sidecar: bool = False,
) -> None:
    """Write a picture as PNG, JPEG, WebP or TIFF; the file appears under its name only once it is whole.

    target : path, or a binary stream (needs `format`). format : "png", "jpeg", "webp" or "tiff"; None goes by the
    suffix. sidecar : also write the calibration beside it, as TARGET.json, which decoding finds where an editor has
    dropped the text in the file. The other options are those of `encode_bytes`.

    >>> write(fastspec.encode(y, sr), "speech.png", sidecar=True)  # doctest: +SKIP

    Raises ParameterError for an unknown format or suffix, PictureError for a picture that the format cannot hold,
    OutputError when the place cannot be written.
    """
    to_path = isinstance(target, str | os.PathLike)
    chosen = format_of(target if to_path else None, format)  # type: ignore[arg-type]
    data = encode_bytes(picture, chosen, quality, embedded, lossless, compress_level)
    if sidecar:
        if not to_path:
            raise ParameterError("a stream has no place beside it for a sidecar; name a file, or leave sidecar out")
        text = sidecars.text_of(picture if embedded is None else replace(picture, embedded=embedded)).encode()
        write_whole(sidecars.path_of(target), lambda out: out.write(text))  # type: ignore[arg-type]
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
    spectrograms more than 2 costs time and saves nothing, and with 2 palette pictures are written faster
    (`picture.png`).

    16-bit gray fits PNG and TIFF only. Alpha is not written: the pixels already lie on their background.
    """
    kind = format_named(format_of(None, format))
    if not 1 <= quality <= 100:
        raise ParameterError(f"{quality=} is not in 1..100")
    if not 0 <= compress_level <= 9:
        raise ParameterError(f"{compress_level=} is not in 0..9")
    text = picture.embedded if embedded is None else embedded
    _check_room(picture, text, kind)
    assert kind.save is not None  # of those that `format_of` knows
    options = kind.save(Saving(text, quality, lossless, compress_level))
    out = io.BytesIO()
    quick = kind.name == "PNG" and png.fits(picture, compress_level)
    try:
        shown = replace(picture, pixels=picture.pixels[:1, :1]) if quick else picture
        _to_pil(shown, kind).save(out, kind.name, **options)
        if quick:
            return png.with_pixels(out.getvalue(), picture.pixels)
    except (OSError, ValueError, OverflowError, MemoryError, KeyError) as error:
        raise PictureError(f"the picture cannot be made into {kind.name}: {error}; try PNG") from error
    return out.getvalue()


def _check_room(picture: Picture, text: str | None, kind: PictureFormat) -> None:
    """Raise PictureError for what a format cannot hold."""
    if text is not None and len(text) > (kind.longest_text or MAX_EMBEDDED):
        raise PictureError(f"a calibration of {len(text)} characters is too long for {kind.name}; shorten its remarks")
    side = max(picture.width, picture.height)
    if kind.largest_side is not None and side > kind.largest_side:
        raise PictureError(f"{kind.name} holds at most {kind.largest_side} pixels a side, not {side}; use PNG")
    if picture.pixels.dtype == np.uint16 and not kind.deep:
        others = listed(entry.name for entry in writable() if entry.deep)
        raise PictureError(f"{kind.name} holds no 16-bit gray; use {others}, or draw 8 bits")


def _kept(stream: BinaryIO) -> bytes | None:
    """The bytes of a stream, unless they are many; it stays where it is."""
    with decoding("the picture"):
        at = stream.tell()
        stream.seek(0)
        data = stream.read(jpeg_planes.LARGEST + 1)
        stream.seek(at)
    return data if len(data) <= jpeg_planes.LARGEST else None


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
    # decoders go back to the first byte of what they are given, so what a picture stands behind is left out
    if hasattr(source, "seekable") and source.seekable() and source.tell() == 0:
        return nullcontext(source)
    data = source.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise PictureError(f"{name} has more than {MAX_BYTES} bytes; save it to a file first")
    return io.BytesIO(data)


def _sniffed(stream: BinaryIO, name: str, check_size: SizeCheck) -> PictureFormat:
    """The format by the file's first bytes, so that only one decoder ever sees the rest."""
    try:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        head = stream.read(30)
        stream.seek(0)
    except (OSError, ValueError) as error:
        raise PictureError(f"{name} cannot be read: {error}") from error
    if not isinstance(head, bytes):
        raise ParameterError("the stream gives text; open it in binary mode")
    if not head:
        raise PictureError(f"{name} is empty")
    if size > MAX_BYTES:
        raise PictureError(f"{name} has {size} bytes, more than the {MAX_BYTES} that are read; save it as PNG")
    for kind in formats.FORMATS:
        if re.match(kind.magic, head, re.DOTALL):
            if kind.size_of is not None:
                check_size(*kind.size_of(head))
            return kind
    known = listed(kind.shown for kind in formats.FORMATS)
    raise PictureError(f"{name} is no {known} file, whatever its name says")


def _pixels_limited(check_size: SizeCheck, max_pixels: int | None) -> AbstractContextManager[None]:
    """Where `max_pixels` was raised, it stands in for Pillow's own limit; a host's lower one holds otherwise."""
    if max_pixels is None or max_pixels <= MAX_PIXELS:
        return nullcontext()
    return sizes_checked(check_size)


def _check_header(image: Image.Image, name: str, check_size: SizeCheck) -> None:
    check_size(*image.size)
    with decoding(name):
        # an MPO file is a JPEG photograph with a preview behind it: its first frame is the picture
        animated = getattr(image, "is_animated", False) and image.format != "MPO"
    if animated:
        raise PictureError(f"{name} is animated or has several pages; save the one to decode as a picture of its own")


def _to_pil(picture: Picture, kind: PictureFormat) -> Image.Image:
    if picture.palette is None:
        return Image.fromarray(np.ascontiguousarray(picture.pixels))
    if not kind.indexed:
        return Image.fromarray(picture.rgb())
    image = Image.fromarray(np.ascontiguousarray(picture.pixels))
    image.putpalette(picture.palette.tobytes())
    return image
