"""Judge the decoding of pictures whose windows hardly overlap, with frames interpolated between them and without.

    python -m bench.quality.sparse_frames CORPUS [--seconds S] [--shares SHARE ...]

CORPUS holds audio/. Each sound is drawn with windows of 512 and 2048 and hops of some shares of the window, one pixel a
cell, and decoded again: `calibration.complete.LIMITS.sparse` is the share above which frames are interpolated. Printed
are the means over all sounds of held-out SC (dB, lower is better), log-mel distance (dB, lower), STOI (higher) and the
crest factor above the sound's own (dB).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

import fastspec
from fastspec.calibration import complete
from fastspec.phase import metrics

SHARES = (0.5, 0.5625, 0.625, 0.75, 0.875, 0.9375)
NEVER = 9.0  # hops in a window


def crest_factor(y: np.ndarray[Any, Any]) -> float:
    """Peak over root mean square, in dB."""
    return float(20 * np.log10(np.abs(y).max() / np.sqrt(np.mean(np.square(y, dtype=float)))))


def judge(y: np.ndarray[Any, Any], sr: int, n_fft: int, hop: int, sparse: float) -> list[float]:
    """The four measures of one sound, with this limit."""
    picture = fastspec.encode(y, sr, n_fft=n_fft, hop_length=hop)
    usual = complete.LIMITS
    complete.LIMITS = usual._replace(sparse=sparse)
    try:
        x, _ = fastspec.decode(picture)
    finally:
        complete.LIMITS = usual
    distances = metrics.held_out_sc(x, y, sr), metrics.log_mel_distance(x, y, sr), metrics.stoi(x, y, sr)
    return [*distances, crest_factor(x) - crest_factor(y)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    options = parser.parse_args()
    print("window   hop  interpolated     SC  log-mel   STOI  crest")
    for n_fft in (512, 2048):
        for share in options.shares:
            for sparse in (NEVER, 0.0):
                rows = []
                for path in sorted((options.corpus / "audio").glob("*.flac")):
                    y, sr = soundfile.read(path, dtype="float32", always_2d=True)
                    y = np.ascontiguousarray(y[: round(options.seconds * sr), 0])
                    rows.append(judge(y, sr, n_fft, round(share * n_fft), sparse))
                sc, log_mel, stoi, crest = np.mean(rows, axis=0)
                how = "no" if sparse else "yes"
                print(
                    f"{n_fft:6d} {share:5.3f}  {how:>12s} {sc:6.2f} {log_mel:8.2f} {stoi:6.3f} {crest:6.2f}", flush=True
                )


if __name__ == "__main__":
    main()
