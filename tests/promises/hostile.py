"""Files that nobody should have to read: a generator of hostile pictures, and a run of them through the decoder.

`pictures(count)` gives as many (name, bytes) as wanted, always the same ones for one seed: first the special cases,
then mutations of good files. As a script it writes them into a folder, or runs them (or hostile sounds) in this process
and prints what became of them as JSON:

    python -m tests.promises.hostile write FOLDER COUNT
    python -m tests.promises.hostile pictures COUNT [SEED]
    python -m tests.promises.hostile sounds COUNT [SEED]
"""

from __future__ import annotations

import io
import itertools
import json
import random
import resource
import struct
import sys
import tempfile
import time
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from fastspec import Decoder, Encoder, inspection
from fastspec.errors import FastspecError, FastspecWarning
from fastspec.sound import files as sound_files
from tests.promises.hostile_cases import PNG, File, carrying, chunk, seeds, specials
from tests.promises.hostile_sounds import sounds
from tests.promises.hostile_texts import claims

# ---- mutations


def mutated(rng: random.Random) -> File:
    """One good file made bad."""
    name, data = rng.choice(list(seeds().items()))
    if rng.random() < 0.25:
        return "claims.png", carrying(claims(rng))
    kind = rng.choice(["cut", "flip", "bytes", "fill", "swap", "insert", "delete", "chunks", "numbers"])
    raw, size = bytearray(data), len(data)
    if kind == "cut":
        return f"cut-{name}", data[: rng.randrange(size)]
    if kind == "chunks" and data.startswith(PNG):
        return f"chunks-{name}", _png_damaged(data, rng)
    if kind in ("flip", "chunks"):
        for _ in range(rng.choice([1, 1, 2, 8, 64])):
            raw[rng.randrange(size)] ^= 1 << rng.randrange(8)
    elif kind == "bytes":
        for _ in range(rng.choice([1, 4, 30])):
            raw[rng.randrange(min(size, rng.choice([40, 200, size])))] = rng.choice([0, 1, 127, 128, 255])
    elif kind == "numbers":
        at = rng.randrange(min(size - 4, rng.choice([60, 400, size])))
        raw[at : at + 4] = rng.choice([b"\xff" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(4), b"\0\0\0\x80"])
    elif kind == "fill":
        at = rng.randrange(size)
        raw[at : at + rng.randrange(200)] = bytes([rng.choice([0, 255, 0x41])]) * rng.randrange(200)
    elif kind == "swap":
        other = rng.choice(list(seeds().values()))
        raw = raw[: rng.randrange(size)] + other[rng.randrange(len(other)) :]
    elif kind == "insert":
        at = rng.randrange(size)
        raw[at:at] = rng.randbytes(rng.randrange(1, 50))
    else:
        at = rng.randrange(size)
        del raw[at : at + rng.randrange(1, 50)]
    return f"{kind}-{name}", bytes(raw)


def _png_damaged(data: bytes, rng: random.Random) -> bytes:
    """A PNG with damage inside its chunks and right checksums, which a decoder has to meet with its own care."""
    parts, at = [], 8
    while at + 12 <= len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        parts.append((data[at + 4 : at + 8], bytearray(data[at + 8 : at + 8 + size])))
        at += 12 + size
    for _ in range(rng.choice([1, 2, 5])):
        name, body = rng.choice(parts)
        if name == b"IDAT" and rng.random() < 0.7:
            try:
                pixels = bytearray(zlib.decompress(bytes(body)))
            except zlib.error:  # damaged a moment ago
                pixels = bytearray(9)
            pixels[rng.randrange(len(pixels))] = rng.randrange(256)  # a filter of 5 or more, perhaps
            body[:] = zlib.compress(bytes(pixels[: rng.choice([len(pixels), rng.randrange(len(pixels))])]))
            break
        if body:
            body[rng.randrange(len(body))] = rng.choice([0, 1, 3, 16, 255, rng.randrange(256)])
    if rng.random() < 0.3:
        rng.shuffle(parts)
    if rng.random() < 0.3:
        parts.append(rng.choice(parts))
    return PNG + b"".join(chunk(name, bytes(body)) for name, body in parts)


def pictures(count: int, seed: int = 1) -> Iterator[File]:
    """`count` hostile pictures with names of their own; with few, the special cases are thinned out evenly."""
    every = list(specials())
    keep = min(len(every), (2 * count + 2) // 3)
    chosen = [every[i * len(every) // keep] for i in range(keep)]
    rng = random.Random(seed)
    made = itertools.chain(chosen, (mutated(rng) for _ in itertools.count()))
    for number, (name, data) in enumerate(itertools.islice(made, count)):
        yield f"{number:05d}-{name}", data


# ---- running them


def run_pictures(count: int, seed: int = 1, **options: object) -> dict[str, object]:
    """Inspect and decode `count` hostile pictures in this process."""
    decoder = Decoder(**{"n_iter": 1, "force": True, "max_pixels": 1 << 20, "max_seconds": 600.0, **options})
    decoder.decode(io.BytesIO(seeds()["palette.png"]))  # compiling and importing is not the files' doing

    def convert(data: bytes) -> bool:
        json.dumps(inspection.inspect(io.BytesIO(data), max_pixels=decoder.max_pixels).report())
        return bool(np.isfinite(decoder.decode(io.BytesIO(data))[0]).all())

    return _run(pictures(count, seed), convert)


def run_sounds(count: int, seed: int = 1) -> dict[str, object]:
    """Read and draw `count` hostile sounds in this process."""
    encoder = Encoder(n_fft=256)
    encoder.encode(np.ones(1000, np.float32), 8000)
    with tempfile.TemporaryDirectory() as folder:

        def convert(data: bytes) -> bool:
            path = Path(folder) / "a.wav"
            path.write_bytes(data)
            return encoder.encode(*sound_files.read(path, longest=60.0)).pixels.size > 0

        return _run(sounds(count, seed), convert)


def _run(files: Iterator[File], convert: Callable[[bytes], bool]) -> dict[str, object]:
    """Outcomes, the slowest files, the most memory, and all that is neither right nor a clear refusal."""
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    times: list[tuple[float, str]] = []
    unforeseen: list[str] = []
    idle = before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    steps: list[tuple[float, str]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", FastspecWarning)  # what was assumed of them
        for name, data in files:
            start = time.perf_counter()
            try:
                good = convert(data)
                outcomes["done"] += 1
                if not good:
                    unforeseen.append(f"{name}: the result holds NaN or nothing")
            except FastspecError as error:
                outcomes[error.code] += 1
                reasons["".join("#" if c.isdigit() else c for c in str(error))[:60]] += 1
                if "\n" in str(error) or len(str(error)) > 600:
                    unforeseen.append(f"{name}: message of {len(str(error))} characters")
            except Exception as error:
                unforeseen.append(f"{name}: {type(error).__name__}: {str(error)[:200]}")
            times.append((time.perf_counter() - start, name))
            now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            steps.append(((now - before) / 1024, name))
            before = now
    return {
        "files": len(times),
        "outcomes": dict(outcomes),
        "unforeseen": unforeseen,
        "seconds": sum(seconds for seconds, _ in times),
        "slowest": sorted(times, reverse=True)[:5],
        "idle_mib": idle / 1024,
        "peak_mib": before / 1024,
        "largest_steps_mib": sorted(steps, reverse=True)[:3],
        "reasons": reasons.most_common(12),
    }


if __name__ == "__main__":
    if sys.argv[1] == "write":
        Path(sys.argv[2]).mkdir(parents=True, exist_ok=True)
        for name, data in pictures(int(sys.argv[3])):
            (Path(sys.argv[2]) / name).write_bytes(data)
    else:
        run = {"pictures": run_pictures, "sounds": run_sounds}[sys.argv[1]]
        print(json.dumps(run(*map(int, sys.argv[2:])), indent=1))
