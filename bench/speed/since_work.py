"""One side of `since.py`: does work with the fastspec that this process finds, and says how long it took.

A line on standard input names the work; the line that answers holds the processor's seconds of one call. `ready` is
answered when all works have run once, so that compiling and planning are over. Only public names are used, which the
fastspec of an earlier commit has, too; a work that it cannot do is answered by its error.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "tests" / "data"


def works() -> Mapping[str, Callable[[], Any]]:
    """What is timed, each of 5 to 100 ms."""
    import numpy as np
    import soundfile

    import fastspec

    speech, sr = soundfile.read(DATA / "speech.flac", dtype="float32")
    y = np.resize(speech, 8 * sr)
    complex_stft = fastspec.stft(y, n_fft=1024, hop_length=256)
    dense = np.abs(complex_stft)
    half = {n: np.abs(fastspec.stft(y, n_fft=n, hop_length=n // 2)) for n in (1024, 2048)}
    drawn = fastspec.encode(y, sr, size=(640, 480), freq_scale="log")
    colours = np.ascontiguousarray(drawn.rgb())
    cells = [fastspec.encode(np.roll(y, 4000 * i)[:sr], sr) for i in range(8)]
    user = DATA / "spectrogram.png"
    return {
        "iterations_1024": lambda: fastspec.griffinlim(half[1024], n_iter=16, hop_length=512, random_state=0),
        "iterations_2048": lambda: fastspec.griffinlim(half[2048], n_iter=16, hop_length=1024, random_state=0),
        "start": lambda: fastspec.phase_retrieval(dense, hop_length=256, init="pghi", n_iter=1),
        "stft": lambda: fastspec.stft(y, n_fft=1024, hop_length=256),
        "istft": lambda: fastspec.istft(complex_stft, hop_length=256),
        "decode": lambda: fastspec.decode(user, profile="librosa", duration=4.5),
        "read": lambda: fastspec.inspect(colours),
        "encode": lambda: fastspec.encode(y, sr, size=(640, 480), freq_scale="log"),
        "batch": lambda: list(fastspec.Decoder(workers=1).stream(cells)),
    }


def main() -> None:
    warnings.simplefilter("ignore")
    todo = dict(works())
    failed: dict[str, str] = {}
    for name, work in todo.items():
        try:
            work()
        except Exception as error:  # an earlier commit may not know it
            failed[name] = f"{type(error).__name__}: {error}".replace("\n", " ")
    for line in sys.stdin:
        name = line.strip()
        if name == "ready":
            print("ready", *todo, flush=True)
        elif name in failed:
            print(failed[name], flush=True)
        else:
            start = time.process_time()
            todo[name]()
            print(time.process_time() - start, flush=True)


if __name__ == "__main__":
    main()
