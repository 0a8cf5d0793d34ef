"""Judge the search for how an original was drawn, and for the part of it that a picture shows.

    python -m bench.quality.original_search CORPUS [--limit ROOM.NAME VALUE ...] [--sounds N]

CORPUS holds audio/. Each sound, or its middle half, is drawn as librosa draws it (STFT of 1024 and 512 with np.hanning,
log axis, magma, 640 x 480, the half also on 160 x 300, which has fewer columns than frames), a rectangle is erased, and
it is saved as PNG, as JPEG of quality 75, or with noise of 10 of 255. The search gets nothing but a sound: the whole,
the whole after 8000 zeros, more than was drawn, less than was drawn, or a wrong one (the sound backwards). Printed: how
many were found, to two samples (wrong ones: refused), the least and the largest agreement (`retouch.agreement`), and
processor seconds.

`--limit` repeats that with other values of a field of the `LIMITS` of a module of `fastspec.retouch`, such as
`alignment.bands 4 8 12`.
"""

from __future__ import annotations

import argparse
import importlib
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from PIL import Image

from bench.quality.originals import Drawing, levels
from bench.quality.text_table import text_table
from fastspec import inspection
from fastspec.errors import FastspecError
from fastspec.retouch.agreement import LIMITS as AGREEMENT
from fastspec.retouch.original import Original
from fastspec.retouch.search import explain

Sound = np.ndarray[Any, np.dtype[np.float32]]
ZEROS = 8000
SIZES = {"whole": (640, 480), "part": (640, 480), "part, few columns": (160, 300)}
STORED = ("PNG", "JPEG", "noise")


class Case(NamedTuple):
    """A picture as a file's bytes, a sound that it is said to show, and its first sample in it; None: nowhere."""

    kind: str
    picture: bytes
    original: Sound
    sr: int
    begins: int | None


def cases(corpus: Path, most: int) -> Iterator[Case]:
    """All of them."""
    for path in sorted((corpus / "audio").glob("*.flac"))[:most]:
        y, sr = soundfile.read(path, dtype="float32", always_2d=True)
        whole = np.ascontiguousarray(y[:, 0])
        first, stop = whole.size // 4, whole.size * 3 // 4
        for drawn, size in SIZES.items():
            shown = whole if drawn == "whole" else np.ascontiguousarray(whole[first:stop])
            pixels = levels(None)(Drawing(shown, sr, "librosa>=0.9", size)).pixels
            for stored in STORED:
                picture = as_file(pixels, stored)
                if drawn != "whole":
                    yield Case(f"{drawn}, {stored}", picture, whole, sr, first)
                    continue
                yield Case(f"as drawn, {stored}", picture, whole, sr, 0)
                yield Case(f"after zeros, {stored}", picture, np.pad(whole, (ZEROS, 0)), sr, ZEROS)
                yield Case(f"shorter, {stored}", picture, np.ascontiguousarray(whole[first:stop]), sr, -first)
                yield Case(f"wrong, {stored}", picture, np.ascontiguousarray(whole[::-1]), sr, None)


def as_file(pixels: np.ndarray[Any, np.dtype[np.uint8]], stored: str) -> bytes:
    """The bytes of a file of these pixels (H, W, 3)."""
    if stored == "noise":
        noise = np.random.default_rng(0).normal(0, 10, pixels.shape)
        pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(
        stream, **({"format": "JPEG", "quality": 75} if stored == "JPEG" else {"format": "PNG"})
    )
    return stream.getvalue()


def judged(case: Case) -> tuple[bool, float, float]:
    """Whether the search is right, the agreement, and processor seconds."""
    start = time.process_time()
    try:
        scene = inspection.load(io.BytesIO(case.picture))
        found = explain(scene, inspection.given_facts({}), Original.of((case.original, case.sr)))
    except FastspecError:
        return case.begins is None, 0.0, time.process_time() - start
    took = time.process_time() - start
    if case.begins is None:
        return not found.is_its_original, found.agreement, took
    near = abs(found.offset * case.sr - case.begins) <= 2
    return found.agreement >= AGREEMENT.least and near, found.agreement, took


def rows(every: list[Case], label: str) -> Iterator[list[str]]:
    """A row for each kind of case, and one for all."""
    found = [(case.kind, *judged(case)) for case in every]
    kinds = list(dict.fromkeys(kind for kind, *_ in found)) if not label else []
    for kind in [*kinds, ""]:
        some = [(right, agreed, took) for name, right, agreed, took in found if not kind or name == kind]
        right, agreed, took = zip(*some, strict=True)
        ends = [f"{min(agreed):.3f}", f"{max(agreed):.3f}"] if kind else ["", ""]
        yield [
            label,
            kind or "all",
            f"{sum(right)} of {len(some)}",
            *ends,
            f"{np.median(took):.2f}",
            f"{max(took):.2f}",
        ]


def varied(every: list[Case], name: str, values: list[str]) -> Iterator[list[str]]:
    """A row for each value of a limit."""
    room, _, field = name.rpartition(".")
    names = vars(importlib.import_module(f"fastspec.retouch.{room}"))
    usual = names["LIMITS"]
    kind = type(getattr(usual, field))
    for value in values:
        names["LIMITS"] = usual._replace(**{field: kind(float(value))})
        yield from rows(every, f"{name} {value}" + (" (ours)" if kind(float(value)) == getattr(usual, field) else ""))
    names["LIMITS"] = usual


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--limit", nargs="+", action="append", default=[], metavar="NAME VALUE")
    parser.add_argument("--sounds", type=int, default=99)
    options = parser.parse_args()
    every = list(cases(options.corpus, options.sounds))
    judged(every[0])  # compiles
    body = [row for name, *values in options.limit for row in varied(every, name, values)]
    body = body or list(rows(every, ""))
    head = ["limit", "case", "found", "least", "largest", "median s", "most s"]
    print(text_table(head, body, markdown=False))


if __name__ == "__main__":
    main()
