"""The picture formats, one entry each in `FORMATS`.

To add a format that Pillow knows, add a `PictureFormat`: its magic makes it readable, `save` writable, and the command
line, its messages and the search through folders take it from there. This module imports no Pillow: commands list
the formats in their help.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from fastspec.errors import ParameterError, PictureError, listed

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Scans of a progressive JPEG: encoders make some ten, and each costs as much time as the whole picture.
_MAX_SCANS, _ALWAYS_SCANNED, _SCANNED_PIXELS = 100, 20, 1 << 30


@dataclass(frozen=True, slots=True)
class Saving:
    """How a picture is to be written.

    text : the calibration's JSON that it carries, or None.
    quality : 1..100, of lossy formats. lossless : where a format can be either. compress_level : 0..9, of deflate.
    """

    text: str | None = None
    quality: int = 95
    lossless: bool = True
    compress_level: int = 2


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """One kind of picture file.

    name : Pillow's. shown : in messages.
    magic : pattern of the first bytes; a file is of the first format that fits.
    suffixes : those by which it is known, the usual one first; folders are searched for them.
    rare_suffixes : those that only a name may have that is written out.
    shown_suffix : in messages; the usual one if empty.
    other_names : under which it may be asked for too.
    save : options of Pillow's `save` for what is to be written; None for a format that is only read.
    deep : whether it holds 16-bit gray. indexed : whether it holds palette entries.
    longest_text : characters of calibration, largest_side : pixels that it holds; None for no limit of its own.
    size_of : (width, height) by the first 30 bytes, where Pillow would take memory for the pixels on opening.
    check : of an opened file, before its pixels are decoded: (stream, Pillow's image, name) or a PictureError.
    numbers : reads a file that is no picture but an array (bins, frames): (stream, name, check of width and height).
    """

    name: str
    shown: str
    magic: bytes
    suffixes: tuple[str, ...]
    rare_suffixes: tuple[str, ...] = ()
    shown_suffix: str = ""
    other_names: tuple[str, ...] = ()
    save: Callable[[Saving], dict[str, Any]] | None = None
    deep: bool = False
    indexed: bool = False
    longest_text: int | None = None
    largest_side: int | None = None
    size_of: Callable[[bytes], tuple[int, int]] | None = None
    check: Callable[[BinaryIO, Any, str], None] | None = None
    numbers: Callable[[IO[bytes], str, Callable[[int, int], None]], NDArray[Any]] | None = None


# --- what is particular to a format ---------------------------------------------------------------------------


def _save_png(saving: Saving) -> dict[str, Any]:
    from fastspec.picture.pillow import png_chunks

    return {"pnginfo": png_chunks(saving.text), "compress_level": saving.compress_level}


def _save_jpeg(saving: Saving) -> dict[str, Any]:
    from fastspec.picture.pillow import exif_tags

    # 4:4:4, because halved chroma does most of the harm
    return {"exif": exif_tags(saving.text), "quality": saving.quality, "subsampling": 0}


def _save_webp(saving: Saving) -> dict[str, Any]:
    from fastspec.picture.pillow import exif_tags

    quality = 50 if saving.lossless else saving.quality  # of lossless WebP: effort
    return {"exif": exif_tags(saving.text), "lossless": saving.lossless, "quality": quality, "exact": True}


def _save_tiff(saving: Saving) -> dict[str, Any]:
    from fastspec.picture.pillow import exif_tags

    return {"exif": exif_tags(saving.text), "compression": "tiff_adobe_deflate"}


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


def _check_scans(stream: BinaryIO, image: Any, name: str) -> None:
    """Refuse a JPEG of so many scans that decoding it would take minutes."""
    if not image.info.get("progressive"):
        return
    at, scans, last = stream.tell(), 0, b""
    stream.seek(0)
    while block := stream.read(1 << 20):
        scans += (last + block).count(b"\xff\xda")
        last = block[-1:]
    stream.seek(at)
    most = min(_MAX_SCANS, max(_ALWAYS_SCANNED, _SCANNED_PIXELS // max(1, image.width * image.height)))
    if scans > most:
        raise PictureError(f"{name} has {scans} scans, more than {most}; save it as an ordinary JPEG or PNG")


def _npy(stream: IO[bytes], name: str, check: Callable[[int, int], None]) -> NDArray[Any]:
    from fastspec.picture.numbers import load_npy

    return load_npy(stream, name, check)


def _npz(stream: IO[bytes], name: str, check: Callable[[int, int], None]) -> NDArray[Any]:
    from fastspec.picture.numbers import load_npz

    return load_npz(stream, name, check)


# --- the table --------------------------------------------------------------------------------------------------

FORMATS = (
    PictureFormat("PNG", "PNG", rb"\x89PNG\r\n\x1a\n", (".png",), save=_save_png, deep=True, indexed=True),
    PictureFormat(
        "JPEG",
        "JPEG",
        rb"\xff\xd8\xff",
        (".jpg", ".jpeg"),
        (".jpe", ".jfif"),
        other_names=("JPG",),
        save=_save_jpeg,
        longest_text=65_000,  # an APP1 segment holds 64 KiB
        largest_side=65_500,
        check=_check_scans,
    ),
    PictureFormat(
        "WEBP", "WebP", rb"RIFF....WEBP", (".webp",), save=_save_webp, largest_side=16_383, size_of=_webp_size
    ),
    PictureFormat(
        "TIFF",
        "TIFF",
        rb"II[\x2a\x2b]\0|MM\0[\x2a\x2b]",
        (".tif", ".tiff"),
        shown_suffix=".tiff",
        other_names=("TIF",),
        save=_save_tiff,
        deep=True,
        indexed=True,
    ),
    PictureFormat("BMP", "BMP", rb"BM", (".bmp",)),
    PictureFormat("GIF", "GIF", rb"GIF8[79]a", (".gif",)),
    PictureFormat("NPY", "NPY", rb"\x93NUMPY", (".npy",), numbers=_npy),
    PictureFormat("NPZ", "NPZ", rb"PK\x03\x04", (".npz",), numbers=_npz),
)


def format_named(name: str) -> PictureFormat:
    """The entry with Pillow's name `name`."""
    return next(entry for entry in FORMATS if entry.name == name)


def writable() -> tuple[PictureFormat, ...]:
    """The entries of formats that can be written."""
    return tuple(entry for entry in FORMATS if entry.save is not None)


def searched_suffixes() -> frozenset[str]:
    """The suffixes, with their dots, for which folders are searched."""
    return frozenset(suffix for entry in FORMATS for suffix in entry.suffixes)


def format_of(path: str | os.PathLike[str] | None, format: str | None = None) -> str:
    """The name of a format that can be written, from `format` if given or the suffix of `path`.

    Raises ParameterError when neither tells.
    """
    if format is not None:
        name = format.upper().lstrip(".")
        for entry in writable():
            if name == entry.name or name in entry.other_names:
                return entry.name
        known = listed(entry.name.lower() for entry in writable())
        raise ParameterError(f"{format=} is no picture format to write; use {known}")
    if not isinstance(path, str | os.PathLike | None):
        raise ParameterError(f"{type(path).__name__} is no path of a picture to write; name a file")
    suffix = Path(path).suffix.lower() if path is not None else ""
    for entry in writable():
        if suffix in (*entry.suffixes, *entry.rare_suffixes):
            return entry.name
    what = (
        f"{os.fspath(path)} has {'the suffix ' + suffix if suffix else 'no suffix'}"
        if path
        else "a stream has no suffix"
    )
    known = listed(entry.shown_suffix or entry.suffixes[0] for entry in writable())
    raise ParameterError(f"{what}, so its format is unknown; use {known}, or give the format")


def suffix_of(format: str) -> str:
    """The usual suffix, with its dot, of a format that can be written."""
    return format_named(format_of(None, format)).suffixes[0]
