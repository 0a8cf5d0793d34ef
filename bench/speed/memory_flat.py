"""Decode many pictures through one Decoder and print, as JSON, how much memory each stage of the run had taken.

    python -m bench.speed.memory_flat 5000

Resident memory in MiB: its peak during the first tenth of the pictures and during the last, each looked at after every
picture (where the system tells only the peak of the whole process, at the end of each). Run it as a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

import fastspec
from fastspec.picture.picture import Picture

SPEECH = Path(__file__).resolve().parents[2] / "tests" / "data" / "speech.flac"


def resident() -> float:
    """Resident memory of this process now, MiB."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 2**20
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> int:
    parser = argparse.ArgumentParser(description="Peak memory of a long run.")
    parser.add_argument("pictures", type=int)
    number = parser.parse_args().pictures
    y, sr = soundfile.read(SPEECH, dtype="float32")
    y = np.concatenate([y, y])
    encoder = fastspec.Encoder(n_fft=512, hop_length=128)
    # eight lengths, so that buffers of many sizes come and go
    drawn = [encoder.encode(y[i * 2000 : i * 2000 + 15000 + 2111 * i], sr) for i in range(8)]

    def pictures() -> Iterator[Picture]:
        for i in range(number):
            yield drawn[i % len(drawn)]

    early = max(1, number // 10)
    seen = [resident() for _ in fastspec.Decoder(quality="fast").stream(pictures())]
    print(json.dumps({"pictures": number, "early": early, "first": max(seen[:early]), "last": max(seen[-early:])}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
