"""Picture files made by Pillow and by hand."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


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
