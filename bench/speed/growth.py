"""How time and memory grow with the length of a sound: a plot of both a second of sound, and the figures.

    python -m bench.speed.growth growth.svg [--longest 3600] [--n-fft 1024] [--hop-length 512]

Each length is a process of its own, one thread: speech over and over, its magnitudes, and the sound that 16 iterations
from PGHI's start make of them. Time is the processor's for that call, memory the peak of the process above that
before the magnitudes were made, as a multiple of the magnitudes' own bytes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.speed.paired import one_thread_each

WORDS = "{seconds:5d} s: {ms_a_second:6.2f} ms a second, {times_the_magnitudes:5.2f} x the magnitudes ({mib:.0f} MiB)"
LENGTHS = (1, 4, 15, 60, 240, 900, 3600)  # seconds


def one(seconds: int, n_fft: int, hop: int) -> dict[str, Any]:
    """The figures of one length, in this process."""
    import resource

    import numpy as np

    import fastspec
    from bench.speed import clips

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

    speech = clips.tiled(1.0)
    options: dict[str, Any] = {"hop_length": hop, "n_fft": n_fft}

    def magnitudes(y: Any) -> Any:
        return np.abs(fastspec.stft(y, n_fft=n_fft, hop_length=hop))

    fastspec.phase_retrieval(magnitudes(speech), **options)  # compiles and plans
    pieces = magnitudes(speech)
    before = peak()
    S = np.tile(pieces, seconds)
    start = time.process_time()
    fastspec.phase_retrieval(S, **options)
    taken = time.process_time() - start
    return {
        "seconds": seconds,
        "ms_a_second": 1e3 * taken / seconds,
        "times_the_magnitudes": (peak() - before) / S.nbytes,
        "mib": (peak() - before) / 2**20,
    }


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Time a second of sound and memory over magnitudes, against the length."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    kinds = (
        ("ms_a_second", "ms of a processor a second of sound"),
        ("times_the_magnitudes", "peak memory / magnitudes"),
    )
    for axes, (key, label) in zip(figure.subplots(1, 2), kinds, strict=True):
        axes.semilogx([row["seconds"] for row in rows], [row[key] for row in rows], marker="o")
        axes.set(xlabel="seconds of sound", ylabel=label)
        axes.set_ylim(bottom=0)
    figure.savefig(path)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Time and memory against the length of a sound.")
    parser.add_argument("picture", type=Path, nargs="?", help="where the plot goes")
    parser.add_argument("--longest", type=int, default=LENGTHS[-1], metavar="SECONDS")
    parser.add_argument("--n-fft", type=int, default=1024)
    parser.add_argument("--hop-length", type=int, default=512)
    parser.add_argument("--one", type=int, metavar="SECONDS", help="print the figures of this length as JSON")
    args = parser.parse_args(arguments)
    if args.one:
        print(json.dumps(one(args.one, args.n_fft, args.hop_length)))
        return 0
    rows = []
    for seconds in (length for length in LENGTHS if length <= args.longest):
        command = [sys.executable, "-m", "bench.speed.growth", "--one", str(seconds)]
        command += ["--n-fft", str(args.n_fft), "--hop-length", str(args.hop_length)]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(WORDS.format(**rows[-1]), flush=True)
    if args.picture:
        plot(rows, args.picture)
    return 0


if __name__ == "__main__":
    one_thread_each()
    sys.exit(main())
