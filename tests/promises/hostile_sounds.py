"""Hostile sound files: lying headers, bombs of silence, damage."""

from __future__ import annotations

import io
import itertools
import random
import struct
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import soundfile

BIG = 0x7FFFFFFF


@lru_cache(maxsize=1)
def seeds() -> dict[str, bytes]:
    """Small good sounds of many formats."""
    rng = np.random.default_rng(7)
    y = 0.3 * np.cumsum(rng.standard_normal((3000, 2)), axis=0) / 50
    kinds = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "IMA_ADPCM"), ("WAV", "ULAW"), ("FLAC", "PCM_16"),
             ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("AIFF", "PCM_24"), ("AU", "PCM_16"),
             ("CAF", "ALAC_16"), ("W64", "PCM_16"), ("RF64", "PCM_16"),
             ("MP3", "MPEG_LAYER_III"), ("VOC", "PCM_16")]  # fmt: skip
    files = {}
    for format, subtype in kinds:
        if subtype in soundfile.available_subtypes(format):
            out = io.BytesIO()
            soundfile.write(out, np.clip(y, -1, 1), 8000, subtype, format=format)
            files[f"{format}-{subtype}"] = out.getvalue()
    return files


def wav(channels: int = 1, rate: int = 8000, bits: int = 16, kind: int = 1, claimed: int | None = None,
        data: bytes = bytes(2000), align: int | None = None) -> bytes:  # fmt: skip
    """A WAV file whose header may lie."""
    width = channels * bits // 8 if align is None else align
    speed = min(rate * width, 0xFFFFFFFF)
    head = struct.pack("<HHIIHH", kind, channels, rate, speed, width & 0xFFFF, bits)
    size = len(data) if claimed is None else claimed
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", len(body) & 0xFFFFFFFF) + body


def silence(frames: int) -> bytes:
    """FLAC that is nothing but constant blocks: 14 bytes for 65 535 x 8 samples."""
    shape = 8000 << 44 | 7 << 41 | 15 << 36 | frames * 65_535  # rate, channels, bits, samples
    info = struct.pack(">HH", 65_535, 65_535) + bytes(6) + shape.to_bytes(8, "big") + bytes(16)
    out = [b"fLaC\x80\0\0\x22" + info]
    for number in range(frames):
        coded = bytes([number]) if number < 128 else bytes([0xC0 | number >> 6, 0x80 | number & 63])
        head = b"\xff\xf8\x70\x78" + coded + b"\xff\xfe"
        block = head + bytes([_crc(head, 8, 0x07)]) + bytes(8 * 3)
        out.append(block + _crc(block, 16, 0x8005).to_bytes(2, "big"))
    return b"".join(out)


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    value, top = 0, 1 << (bits - 1)
    for byte in data:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = ((value << 1) ^ polynomial if value & top else value << 1) & ((1 << bits) - 1)
    return value


def specials() -> Iterator[tuple[str, bytes]]:
    """Cases by hand."""
    for channels, rate, bits in itertools.product(
        (0, 1, 2, 1024, 65_535), (0, 1, 8000, 0xFFFFFFFF), (0, 1, 16, 24, 65_535)
    ):
        yield f"head-{channels}-{rate}-{bits}", wav(channels, rate, bits)
    for claimed in (0, 1, 3, 1 << 20, BIG, 0xFFFFFFFF):
        yield f"claims-{claimed}", wav(claimed=claimed)
        yield f"float-{claimed}", wav(bits=32, kind=3, claimed=claimed)
    for kind in (0, 2, 3, 6, 7, 17, 49, 85, 0xFFFE, 0xFFFF):
        yield f"kind-{kind}", wav(kind=kind, align=1)
    odd = np.array([0, 1e38, -1e38, 3e38, 1e-40, 1], "<f4")
    for name, values in {
        "loud": odd,
        "nan": odd * np.nan,
        "inf": np.full(9, np.inf, "<f4"),
        "tiny": np.full(999, 1e-45, "<f4"),
    }.items():
        yield f"values-{name}", wav(bits=32, kind=3, data=values.tobytes())
    yield "double", wav(bits=64, kind=3, data=np.array([1e308, -1e308, 1.0]).tobytes())
    for frames in (1, 30, 1500):
        yield f"silence-{frames}", silence(frames)
    chunks = b"".join(b"LIST" + struct.pack("<I", 4) + b"INFO" for _ in range(20_000))
    yield "chunks", wav()[:12] + chunks + wav()[12:]
    for name, data in seeds().items():
        yield f"twice-{name}", data + data
        yield f"leading-{name}", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + data
        for cut in (4, 12, 40, 60, len(data) // 2, len(data) - 1):
            yield f"cut-{name}-{cut}", data[:cut]
    for data in (
        b"",
        b"\0",
        b"RIFF",
        b"fLaC",
        b"OggS",
        b"ID3",
        b"\xff\xfb",
        b"FORM",
        b".snd",
        b"caff",
        b"text only\n" * 99,
    ):
        for fill in (b"", bytes(300), b"\xff" * 3000):
            yield f"stub-{data[:4]!r}-{len(fill)}", data + fill


def sounds(count: int, seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """`count` hostile sounds with names of their own: the special cases, then mutations."""
    every = list(specials())
    keep = min(len(every), (2 * count + 2) // 3)
    yield from (every[i * len(every) // keep] for i in range(keep))
    rng = random.Random(seed)
    good = list(seeds().items())
    for number in range(count - keep):
        name, data = rng.choice(good)
        raw = bytearray(data)
        for _ in range(rng.choice([1, 2, 8, 60])):
            at = rng.randrange(min(len(raw), rng.choice([44, 120, len(raw)])))
            raw[at] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        if rng.random() < 0.2:
            del raw[rng.randrange(len(raw)) :]
        yield f"{number}-{name}", bytes(raw)
