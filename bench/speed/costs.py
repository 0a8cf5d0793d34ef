"""Compare what `fastspec.calibration.cost` says that pictures take with what they take; one line a case.

    python -m bench.speed.costs

Memory is the peak of what Python and NumPy allocate while a picture is read and while its phase is retrieved, seconds
are of a processor. A quotient above 1 says that the model asks for more than was measured.
"""

from __future__ import annotations

import json
import math
import time
import tracemalloc
from typing import Any, NamedTuple

import numpy as np

from fastspec import Decoder
from fastspec.calibration.complete import Complete
from fastspec.calibration.cost import Work
from fastspec.decoder import QUALITIES
from fastspec.picture.picture import Picture

BASE = {
    "sr": 22_050, "n_fft": 1024, "hop_length": 256, "window": "hann", "profile": "fastspec", "cmap": "gray",
    "db_range": (-80.0, 0.0), "freq_scale": "linear", "freq_edges": "cells",
}  # fmt: skip
MEL = {"freq_scale": "mel", "n_mels": 128}
SPANS = {"columns": "spans", "time_extent": (0.0, 60.0), "duration": 60.0, "profile": None}


class Case(NamedTuple):
    """A picture of `width` x `height` pixels of noise, and its facts beside BASE."""

    name: str
    width: int
    height: int
    facts: dict[str, Any]
    quality: str = "balanced"


CASES = (
    Case("one frame a column", 2000, 513, {"n_frames": 2000}),
    Case("ten frames a column", 2000, 513, {"n_frames": 20_000}),
    Case("100 iterations", 500, 513, {"n_frames": 2000}, "best"),
    Case("4 iterations", 500, 513, {"n_frames": 8000}, "fast"),
    Case("n_fft 8192", 500, 513, {"n_fft": 8192, "hop_length": 2048, "n_frames": 2000}),
    Case("n_fft 65536", 100, 513, {"n_fft": 65_536, "hop_length": 16_384, "n_frames": 150}),
    Case("n_fft 131072, hop 1", 100, 513, {"n_fft": 131_072, "hop_length": 1, "n_frames": 10}),
    Case("n_fft 16384, hop 1", 100, 513, {"n_fft": 16_384, "hop_length": 1, "n_frames": 200}),
    Case("n_fft 4096, hop 1", 100, 513, {"n_fft": 4096, "hop_length": 1, "n_frames": 2000}),
    Case("n_fft 8186, twice a prime", 100, 513, {"n_fft": 8186, "hop_length": 2000, "n_frames": 300}),
    Case("n_fft 16", 100, 257, {"n_fft": 16, "hop_length": 4, "n_frames": 200_000}),
    Case("n_fft 2, hop 1", 100, 257, {"n_fft": 2, "hop_length": 1, "n_frames": 1_000_000}),
    Case("mel", 1000, 513, {**MEL, "n_fft": 2048, "hop_length": 512, "n_frames": 2000}),
    Case("mel, large bank", 100, 257, {**MEL, "n_mels": 500, "n_fft": 65_536, "hop_length": 16_384, "n_frames": 100}),
    Case("mel beyond the rate", 100, 257, {**MEL, "n_fft": 4096, "sr": 2000, "fmax": 11_000.0, "n_frames": 300}),
    Case("cqt", 500, 257, {"freq_scale": "cqt", "fmin": 32.7, "n_fft": 8192, "hop_length": 2048, "n_frames": 2000}),
    Case("hardly overlapping", 500, 513, {"hop_length": 1000, "n_frames": 5000}),
    Case("spans", 500, 513, SPANS),
    Case("two channels", 1000, 1027, {"channels": 2, "n_frames": 8000}),
    Case("16 Mpixel", 4000, 4000, {"n_frames": 4000}),
)


class Measured(NamedTuple):
    """What a case took and what was said of it before: bytes of reading and of retrieval, and seconds."""

    work: Work
    read: int
    retrieved: int
    seconds: float


def picture_of(case: Case) -> Picture:
    """The picture with its facts embedded."""
    pixels = np.random.default_rng(0).integers(0, 256, (case.height, case.width), np.uint8)
    if case.facts.get("channels") == 2:
        pixels[case.height // 2] = 0
    facts = {name: value for name, value in {**BASE, **case.facts}.items() if value is not None}
    size = [case.width, case.height]
    text = {"format": "fastspec-calibration", "version": 1, "facts": facts, "size": size}
    return Picture(pixels, embedded=json.dumps(text))


def measure(case: Case) -> Measured:
    """Decode a case without limits."""
    decoder = Decoder(force=True, quality=case.quality, max_memory=math.inf, timeout=math.inf)
    picture, counts = picture_of(case), QUALITIES[case.quality]["n_iter"]
    tracemalloc.start()
    try:
        clock = time.process_time()
        spectrum = decoder.read(picture).spectrum
        read = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        decoder.waveform(spectrum)
        retrieved = tracemalloc.get_traced_memory()[1]
        seconds = time.process_time() - clock
    finally:
        tracemalloc.stop()
    iterations = counts[1] if isinstance(counts, tuple) else counts  # windows of all cases overlap by two thirds
    facts = Complete.of(spectrum.calibration)
    work = Work.of(facts, pixels=case.width * case.height, width=case.width, iterations=iterations)
    return Measured(work, read, retrieved, seconds)


def main() -> None:
    """Print the table."""
    for case in CASES[:1] * 2:
        measure(case)  # compile
    print(f"{'case':26} {'s':>7} {'model':>7}   {'MB':>6} {'model':>7}")
    for case in CASES:
        measure(case)  # plans
        found = measure(case)
        taken, said = max(found.read, found.retrieved), found.work.memory
        print(
            f"{case.name:26} {found.seconds:7.2f} {found.work.seconds / found.seconds:6.2f}x   "
            f"{taken / 1e6:6.0f} {said / taken:6.2f}x"
        )


if __name__ == "__main__":
    main()
