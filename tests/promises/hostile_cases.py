"""Hostile pictures made by hand: each breaks one rule of its format, or keeps it and asks for the moon."""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from PIL import Image

from fastspec.picture.files import encode_bytes, read
from fastspec.picture.picture import Picture
from fastspec.picture.pillow import KEYWORD
from tests.promises.hostile_texts import texts

File = tuple[str, bytes]
PNG = b"\x89PNG\r\n\x1a\n"
KINDS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}  # PNG's colour types and their bits
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
BIG = 0x7FFFFFFF


# ---- building blocks


def chunk(name: bytes, body: bytes, length: int | None = None) -> bytes:
    """A PNG chunk with a right checksum; `length` may lie."""
    size = len(body) if length is None else length
    return struct.pack(">I", size) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, depth: int, kind: int, data: bytes, *extra: bytes, interlace: int = 0) -> bytes:
    """A PNG of given IDAT contents (compressed here) with `extra` chunks before them."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlace))
    return PNG + header + b"".join(extra) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def scanlines(samples: np.ndarray, depth: int) -> bytes:
    """PNG's rows without filter of (H, W, S) samples of 1 to 16 bits."""
    out = []
    for row in samples:
        flat = row.reshape(-1)
        bits = (flat[:, None].astype(np.uint32) >> np.arange(depth - 1, -1, -1)) & 1
        out.append(b"\0" + np.packbits(bits.reshape(-1).astype(np.uint8)).tobytes())
    return b"".join(out)


def png_of(samples: np.ndarray, depth: int, kind: int, interlace: int) -> bytes:
    """A right PNG of (H, W, S) samples, whole or in Adam7's seven passes; palettes are a ramp."""
    height, width = samples.shape[:2]
    extra = [chunk(b"PLTE", bytes(v for i in range(1 << depth) for v in (i, 255 - i, i // 2)))] if kind == 3 else []
    if not interlace:
        data = scanlines(samples, depth)
    else:
        passes = (samples[y::down, x::right] for x, y, right, down in _ADAM7)
        data = b"".join(scanlines(part, depth) for part in passes if part.size)
    return png(width, height, depth, kind, data, *extra, interlace=interlace)


def saved(image: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, format, **options)
    return out.getvalue()


def tiff(*tags: tuple[int, int, int, int | bytes], order: str = "<", after: int = 0, tail: bytes = b"") -> bytes:
    """A TIFF of one directory of (tag, type, count, value or its four bytes); `after` is the next directory's place."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8) + struct.pack(order + "H", len(tags))
    for tag, kind, count, value in tags:
        raw = value if isinstance(value, bytes) else struct.pack(order + "I", value & 0xFFFFFFFF)
        if isinstance(value, int) and kind == 3 and count == 1:
            raw = struct.pack(order + "HH", value & 0xFFFF, 0)
        head += struct.pack(order + "HHI", tag, kind, count & 0xFFFFFFFF) + raw
    return head + struct.pack(order + "I", after) + tail


def plain_tiff(width: int, height: int, *more: tuple[int, int, int, int | bytes], **changes: int) -> bytes:
    """A gray TIFF of 8 bits; `changes` are t<tag>=value, `more` further tags."""
    values = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 200, 277: 1, 278: height, 279: width * height}
    values |= {int(name[1:]): value for name, value in changes.items()}
    tags = [(t, 4 if t in (256, 257, 273, 278, 279) else 3, 1, v) for t, v in values.items()]
    body = tiff(*sorted([*tags, *more], key=lambda tag: tag[0]))
    return body.ljust(200, b"\0") + bytes(range(256)) * 4


# ---- good files


@lru_cache(maxsize=1)
def seeds() -> dict[str, bytes]:
    """Small good pictures of every kind, most of them with their calibration."""
    from fastspec import Encoder

    rng = np.random.default_rng(5)
    y = (rng.standard_normal(1600) * np.linspace(1, 0.01, 1600)).astype(np.float32)
    small = {"n_fft": 64, "hop_length": 32}
    palette = Encoder(**small).encode(y, 8000)
    deep = Encoder(**small, bits=16).encode(y, 8000)
    colour = Picture(palette.rgb(), embedded=palette.embedded)
    gray = Encoder(**small, cmap="gray").encode(y, 8000)
    files = {f"{name}.{suffix}": encode_bytes(picture, suffix)
             for suffix in ("png", "tiff", "jpg", "webp")
             for name, picture in (("palette", palette), ("colour", colour), ("deep", deep), ("gray", gray))
             if not (name == "deep" and suffix in ("jpg", "webp"))}  # fmt: skip
    files["lossy.webp"] = encode_bytes(colour, "webp", 60, lossless=False)
    image = Image.fromarray(palette.rgb())
    files["plain.png"] = saved(image, "PNG")
    files["alpha.png"] = saved(image.convert("RGBA"), "PNG")
    files["progressive.jpg"] = saved(image, "JPEG", progressive=True, exif=_exif_of("made by hand"))
    files["cmyk.jpg"] = saved(image.convert("CMYK"), "JPEG")
    files["plain.bmp"] = saved(image, "BMP")
    files["palette.bmp"] = saved(image.quantize(16), "BMP")
    files["plain.gif"] = saved(image.quantize(64), "GIF")
    for how in ("tiff_lzw", "packbits", "tiff_adobe_deflate", "group4", "jpeg"):
        files[f"{how}.tif"] = saved(image.convert("1") if how == "group4" else image, "TIFF", compression=how)
    samples = rng.integers(0, 2, (9, 11, 1))
    files["adam7.png"] = png_of(samples * 255, 8, 0, 1)
    files["bit.png"] = png_of(samples, 1, 3, 1)
    return files


def _exif_of(text: str) -> Image.Exif:
    exif = Image.Exif()
    exif[270] = text
    return exif


# ---- special cases


def variants() -> Iterator[File]:
    """Right PNGs of every colour type and depth, whole and interlaced, and the combinations that do not exist."""
    rng = np.random.default_rng(6)
    for kind, depth, interlace in itertools.product(range(8), (1, 2, 3, 4, 8, 16, 32), (0, 1, 2)):
        name = f"kind{kind}-{depth}bit-{interlace}.png"
        if depth in KINDS.get(kind, ()) and interlace < 2:
            yield name, png_of(rng.integers(0, 1 << depth, (13, 19, _SAMPLES[kind])), depth, kind, interlace)
        else:
            yield name, png(13, 19, depth, kind, bytes(10_000), interlace=interlace)


def bombs() -> Iterator[File]:
    """Little files that stand for much memory."""
    zeros = zlib.compress(bytes(1 << 24), 9)
    text = {
        "zTXt": b"Comment\0\0" + zeros, "iTXt": b"Comment\0\1\0\0\0" + zeros, "iCCP": b"icc\0\0" + zeros,
        "own": KEYWORD.encode() + b"\0\1\0\0\0" + zeros, "plain": KEYWORD.encode() + b"\0\0\0\0\0" + b"9" * 300_000,
    }  # fmt: skip
    for name, body in text.items():
        kind = {"own": b"iTXt", "plain": b"iTXt"}.get(name) or name.encode()
        yield f"bomb-{name}.png", png(4, 4, 8, 0, bytes(20), chunk(kind, body))
    small = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(900_000), 9))
    yield "bomb-many-texts.png", png(4, 4, 8, 0, bytes(20), *[small] * 120)
    yield "bomb-many-chunks.png", png(4, 4, 8, 0, bytes(20), *[chunk(b"tEXt", b"a\0b")] * 20_000)
    yield "bomb-idat.png", png(4, 4, 8, 0, bytes(1 << 24))
    yield "bomb-empty-idats.png", png(4, 4, 8, 0, bytes(20), *[chunk(b"IDAT", b"")] * 20_000)
    for width, height in (
        (BIG, BIG),
        (BIG, 1),
        (1, BIG),
        (0, 0),
        (0, 5),
        (65_536, 65_536),
        (20_000, 20_000),
        (9, 2**30),
    ):
        yield f"huge-{width}x{height}.png", png(width, height, 8, 2, bytes(1000))
        yield f"huge-{width}x{height}.tif", plain_tiff(width, height)
        for bits in (1, 8, 24, 32):
            yield f"huge-{width}x{height}-{bits}.bmp", _bmp(width, height, bits)
    for width, height in ((65_535, 65_535), (0, 0), (65_500, 2000), (0, 9)):
        yield f"huge-{width}x{height}.gif", b"GIF89a" + struct.pack("<HH", width, height) + seeds()["plain.gif"][10:]
        for name in ("colour.jpg", "progressive.jpg"):
            yield f"huge-{width}x{height}-{name}", _jpeg_resized(seeds()[name], width, height)
    for side in (1 << 14, 1 << 24):
        size = struct.pack("<I", side - 1)[:3] * 2
        body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + size
        yield f"huge-{side}.webp", b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
    yield "huge-vp8l.webp", b"RIFF\x20\0\0\0WEBPVP8L\x10\0\0\0\x2f\xff\xff\xff\x0f" + bytes(11)
    scan = b"\xff\xda\0\x08\x01\x01\0\x01\x3f\0" + b"\0" * 4
    whole = _jpeg_resized(seeds()["progressive.jpg"], 1000, 900)
    yield "many-scans.jpg", whole[:-2] + scan * 3000 + whole[-2:]
    for rle, bits in ((1, 8), (2, 4)):
        yield f"rle{bits}.bmp", _bmp(3000, 3000, bits, rle, b"\0\2\xff\xff" * 50 + b"\xff\1" * 2000)
    yield "lzw.tif", plain_tiff(900, 900, t259=5, t279=600)
    yield (
        "tile.tif",
        plain_tiff(4, 4, (322, 4, 1, 1 << 30), (323, 4, 1, 1 << 20), (324, 4, 1, 200), (325, 4, 1, 64), t259=5),
    )
    yield (
        "tile-raw.tif",
        plain_tiff(4, 4, (322, 4, 1, 1 << 15), (323, 4, 1, 1 << 15), (324, 4, 1, 200), (325, 4, 1, 64)),
    )
    yield "strips.tif", plain_tiff(4, 4, t278=BIG, t259=8)
    for tag, value in (
        (258, 32),
        (258, 64),
        (258, 1),
        (277, 65_535),
        (277, 3),
        (262, 6),
        (262, 5),
        (259, 7),
        (259, 34_925),
    ):
        yield f"tag{tag}-{value}.tif", plain_tiff(4, 4, **{f"t{tag}": value})
    for tag in (273, 279, 258, 270, 320, 700):
        for count in (0, 1000, BIG, 0xFFFFFFFF):
            kind = 2 if tag in (270, 700) else 3 if tag in (258, 320) else 4
            rest = [
                t
                for t in ((256, 4, 1, 4), (257, 4, 1, 4), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 150))
                if t[0] != tag
            ]
            yield f"count{tag}-{count}.tif", tiff(*sorted([*rest, (tag, kind, count, 8)]), tail=bytes(300))


def nested() -> Iterator[File]:
    """Directories of tags that contain themselves, are deep, or are many."""
    yield "cyclic-next.tif", plain_tiff(4, 4)[:122] + struct.pack("<I", 8) + bytes(400)
    pages = b"II*\0\x08\0\0\0" + b"".join(struct.pack("<HI", 0, 8 + 6 * (i + 1)) for i in range(20_000))
    yield "many-pages.tif", pages
    entry = struct.pack("<HHII", 256, 4, 1, 4)
    yield "many-tags.tif", b"II*\0\x08\0\0\0\xff\xff" + entry * 65_535 + bytes(4)
    jpeg, quiet = seeds()["colour.jpg"], seeds()["plain.png"]
    for pointer in (0x8769, 0x8825, 0xA005, 330):
        cyclic = tiff((pointer, 4, 1, 8), (270, 2, 4, b"hey\0"))
        twice = tiff((pointer, 13, 1, 8), (pointer, 4, 200, 8), order=">")
        deep = b"II*\0\x08\0\0\0" + b"".join(
            struct.pack("<HHHII", 1, pointer, 4, 1, 8 + 18 * (i + 1)) + bytes(4) for i in range(3000)
        )
        for name, block in (("cyclic", cyclic), ("twice", twice), ("deep", deep)):
            yield f"exif-{name}-{pointer}.jpg", with_exif(jpeg, block)
            yield f"exif-{name}-{pointer}.png", quiet[:33] + chunk(b"eXIf", block) + quiet[33:]
            yield f"exif-{name}-{pointer}.tif", block
    for raw in (
        b"",
        b"II",
        b"II*\0",
        b"MM\0*\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0\xff\xff" + b"\x31" * 40,
        bytes(60_000),
    ):
        yield f"exif-{len(raw)}.jpg", with_exif(jpeg, raw)
        yield f"exif-{len(raw)}.png", quiet[:33] + chunk(b"eXIf", raw) + quiet[33:]
    for tag in (11000, 11005, 11010, 11020, 11040, 11050, 11060, 11070):  # Riffusion's, by whose word we set facts
        for kind, value in (
            (4, 0),
            (4, 0xFFFFFFFF),
            (2, b"abc\0"),
            (11, struct.pack("<f", 1e30)),
            (11, b"\0\0\xc0\x7f"),
        ):
            facts = {11000: 44_100, 11005: 0, 11010: 10, 11020: 100, 11040: 512, 11050: 0, 11060: 10_000}
            tags = [(t, 4, 1, v) for t, v in facts.items() if t != tag] + [(tag, kind, 4 if kind == 2 else 1, value)]
            yield (
                f"riffusion-{tag}-{kind}-{len(str(value))}.jpg",
                with_exif(jpeg, tiff(*sorted(tags, key=lambda t: t[0]))),
            )


def with_exif(jpeg: bytes, block: bytes) -> bytes:
    """A JPEG with an EXIF block of ours right behind its start."""
    body = b"Exif\0\0" + block[:65_000]
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body + jpeg[2:]


def _jpeg_resized(data: bytes, width: int, height: int) -> bytes:
    at = max(data.find(b"\xff\xc0\0"), data.find(b"\xff\xc2\0"))
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def _bmp(width: int, height: int, bits: int, how: int = 0, data: bytes = bytes(200)) -> bytes:
    palette = bytes(4 << bits) if bits <= 8 else b""
    info = struct.pack("<IiiHHIIiiII", 40, min(width, BIG), min(height, BIG), 1, bits, how, 0, 1, 1, 0, 0)
    return b"BM" + struct.pack("<IHHI", 999, 0, 0, 54 + len(palette)) + info + palette + data


def mixed() -> Iterator[File]:
    """Wrong suffixes, things glued together, animation, damaged palettes and texts, what is no picture."""
    good = seeds()
    suffixes = [".png", ".jpg", ".webp", ".tif", ".bmp", ".gif", ".jpeg", ".PNG"]
    for (name, data), suffix in zip(good.items(), itertools.cycle(suffixes), strict=False):
        yield f"wrong-{name}{suffix}", data
        yield f"trailing-{name}", data + b"PK\3\4" + bytes(range(256)) * 20
        yield f"leading-{name}", b"\n" + data
        yield f"twice-{name}", data + data
    for one, two in itertools.product(("plain.png", "plain.gif", "colour.jpg", "plain.bmp"), repeat=2):
        yield f"poly-{one[:-4]}-{two}", good[one][:40] + good[two]
    image = Image.open(io.BytesIO(good["plain.png"])).convert("RGB")
    others = [image, image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)]
    for format, suffix in (("PNG", "png"), ("GIF", "gif"), ("WEBP", "webp"), ("TIFF", "tif"), ("MPO", "jpg")):
        yield f"animated.{suffix}", saved(image, format, save_all=True, append_images=others)
    control = chunk(b"acTL", struct.pack(">II", BIG, 0))
    yield "frames.png", png(4, 4, 8, 0, bytes(20), control, chunk(b"fcTL", bytes(26)), chunk(b"fdAT", bytes(9)))
    for size in (0, 1, 2, 3, 767, 768, 769, 3000):
        yield f"plte{size}.png", png(4, 4, 8, 3, bytes(range(20)), chunk(b"PLTE", bytes(size)))
        yield f"trns{size}.png", png(4, 4, 8, 3, bytes(20), chunk(b"PLTE", bytes(9)), chunk(b"tRNS", bytes(size)))
        yield f"trns{size}-gray.png", png(4, 4, 16, 0, bytes(40), chunk(b"tRNS", bytes(size)))
    for length in (0, 5, BIG, 0xFFFFFFFF):
        yield f"length{length}.png", png(4, 4, 8, 0, bytes(20), chunk(b"tEXt", b"a\0b", length))
    for kind in (b"pHYs", b"gAMA", b"cHRM", b"sRGB", b"tIME", b"acTL", b"fcTL", b"zzzz", b"ZZZZ", b"iCCP", b"iTXt"):
        for body in (b"", b"\0", bytes(9), b"\xff" * 40, b"a\0\1\0\0\0", KEYWORD.encode() + b"\0\1\1\0\0x"):
            yield f"{kind.decode()}{len(body)}.png", png(4, 4, 8, 0, bytes(20), chunk(kind, body))
    for data in (
        b"",
        b"\0",
        b"\x89PNG",
        PNG,
        b"GIF89a",
        b"BM",
        b"\xff\xd8\xff",
        b"II*\0",
        b"RIFF\0\0\0\0WEBP",
        b"<svg/>",
    ):
        for fill in (b"", bytes(300), b"\xff" * 300):
            yield f"stub{len(data)}-{len(fill)}-{data[:1].hex()}.png", data + fill


def carrying(text: str) -> bytes:
    """A small picture, as PNG, that carries `text`."""
    raw = text.encode("utf-8", "surrogatepass")
    body = KEYWORD.encode() + b"\0\1\0\0\0" + zlib.compress(raw)
    base = seeds()["plain.png"]
    return base[:33] + chunk(b"iTXt", body) + base[33:]


def specials() -> Iterator[File]:
    """Every case made by hand."""
    yield from variants()
    yield from bombs()
    yield from nested()
    yield from mixed()
    for number, text in enumerate(texts(read(seeds()["palette.png"]).embedded or "")):
        yield f"text{number}.png", carrying(text)
