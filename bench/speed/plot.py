"""Plot held-out quality against time: methods and starts of fastspec beside librosa's random start.

    python -m bench.speed.plot quality.png [--corpus CORPUS | --audio FILE] [--seconds 20]

Each curve is one method, a point for each number of iterations; time is that of the whole call, the fastest of three,
with one thread. Quality is the held-out spectral convergence (2048/256) against the sound that was drawn.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.speed.paired import one_thread_each

ITERATIONS = (1, 2, 4, 8, 16, 32, 64)
CURVES = (
    ("fgla", "pghi"),
    ("admm", "pghi"),
    ("raar", "pghi"),
    ("agla", "pghi"),
    ("fgla", "spsi"),
    ("fgla", "random"),
    ("admm", "random"),
)


def measure(clip: Any, n_fft: int = 1024, hop: int = 512) -> dict[str, list[tuple[float, float]]]:
    """Curve -> (seconds, held-out SC in dB) for each number of iterations."""
    import fastspec
    from bench.speed import peers
    from bench.speed.rows_engine import magnitude
    from fastspec.phase import metrics

    S = magnitude(clip.y, n_fft, hop)

    def point(times: int, run: Callable[..., Any], *arguments: Any, **options: Any) -> tuple[float, float]:
        seconds = []
        for _ in range(times):
            start = time.perf_counter()
            y = run(*arguments, **options)
            seconds.append(time.perf_counter() - start)
        return min(seconds), float(metrics.held_out_sc(y, clip.y))

    options: dict[str, Any] = {"hop_length": hop, "n_fft": n_fft, "length": clip.y.size}
    curves = {}
    for method, init in CURVES:
        curves[f"{method}, {init} start"] = [
            point(3, fastspec.phase_retrieval, S, method=method, init=init, n_iter=n, **options) for n in ITERATIONS
        ]
    curves["librosa, random start"] = [
        point(1, peers.librosa_griffinlim, S, n, hop, init="random", random_state=0, length=clip.y.size)
        for n in ITERATIONS
    ]
    return curves


def draw(curves: dict[str, list[tuple[float, float]]], title: str, path: Path) -> None:
    """The curves with a logarithmic time axis; librosa's is dashed."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for name, points in curves.items():
        style = "k--s" if name.startswith("librosa") else "-o"
        axes.plot(*zip(*points, strict=True), style, label=name, markersize=4)
    axes.set(xscale="log", xlabel="seconds, one thread", ylabel="held-out spectral convergence, dB (lower is better)")
    axes.set_title(title)
    axes.grid(alpha=0.3, which="both")
    axes.legend(fontsize="small")
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> int:
    one_thread_each()
    parser = argparse.ArgumentParser(description="Plot quality against time.")
    parser.add_argument("output", type=Path)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--audio", type=Path, metavar="FILE")
    source.add_argument("--corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--seconds", type=float, default=20.0, help="of the sound, from its start")
    args = parser.parse_args()

    from bench.speed import clips

    with tempfile.TemporaryDirectory() as folder:
        clip = clips.load(args.audio, args.corpus, args.seconds, Path(folder))
    clip = dataclasses.replace(clip, y=clip.y[: int(args.seconds * clip.sr)])
    iterations = f"{ITERATIONS[0]} to {ITERATIONS[-1]} iterations"
    title = f"{clip.name}, {clip.y.size / clip.sr:.0f} s, n_fft 1024, hop 512; {iterations}"
    draw(measure(clip), title, args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
