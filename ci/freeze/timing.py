"""Paired times of the two trees: old, new, new, old, and the other way round, in workers that live on.

Neighbours in time share what the machine does besides; the ratio within a round is steadier than either time. A process
also has luck of its own (where its memory lies, what it did before): the same tree can be three times as fast in
another. So the rounds are spread over several pairs of fresh workers with the same history. Shown are the median of the
ratios new / old and the interval that holds 95 % of the medians of resampled pairs and rounds, once of the wall clock
and once of processor time, which other programs disturb less.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from pictures import DATA, SPEECH, Shown
from sides import Side, Task

RESAMPLES = 2000
PAIRS = 5  # of workers
_FRESH = {
    "import fastspec": "import fastspec",
    "import and first names": "import fastspec; fastspec.Decoder; fastspec.Encoder; fastspec.inspect",
}
Measure = Callable[[], Sequence[float]]


@dataclass(frozen=True)
class Round:
    """ratios : new / old by the wall clock and by processor time. seconds : of old."""

    ratios: tuple[float, float]
    seconds: float


def stages(pictures: Sequence[Shown]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is timed in workers: (name, arguments of the worker's `clock`)."""
    clean, speech = str(DATA / "spectrogram.png"), str(SPEECH)
    told = {"profile": "librosa", "n_fft": 1024, "hop_length": 512, "duration": 4.5, "sr": 22050}
    yield "inspect a clean PNG", {"what": "inspect", "path": clean}
    for name, wanted in (("a JPEG", "_q95.jpg"), ("a whole figure", "figure_"), ("SoX's figure", "sox_")):
        found = [shown for shown in pictures if wanted in shown.name and shown.group == "corpus"]
        if found:
            yield f"inspect {name}", {"what": "inspect", "path": found[-1].path}
    yield "decode, fast", {"what": "decode", "path": clean, "options": {**told, "quality": "fast"}}
    yield "decode, balanced", {"what": "decode", "path": clean, "options": told}
    yield "encode", {"what": "encode", "path": speech}
    yield "encode as specshow", {"what": "encode", "path": speech, "options": {"freq_scale": "log", "size": (640, 480)}}
    yield "encode as SoX", {"what": "encode", "path": speech, "options": {"profile": "sox"}}
    yield "griffinlim, 32 iterations, 10 s", {"what": "griffinlim", "path": speech}


def table(old: Side, new: Side, pictures: Sequence[Shown], rounds: int) -> Iterator[str]:
    """A line for each stage, of `rounds` rounds in all."""
    taken: dict[str, list[list[Round]]] = {}
    for pair in range(PAIRS):
        for side in (old, new):
            side.close()
            side.start()
        some = max(2, round(rounds / PAIRS))
        for name, measures in _measures(old, new, pictures):
            taken.setdefault(name, []).append(
                [_round(*measures, number % 2 == 1) for number in range(pair, pair + some)]
            )
    yield f"{'new / old':34}  {'old':>9}  {'wall clock':>28}  {'processor':>28}"
    for name, pairs in taken.items():
        shown = [_estimate([[one.ratios[clock] for one in rounds_of] for rounds_of in pairs]) for clock in (0, 1)]
        seconds = median(one.seconds for rounds_of in pairs for one in rounds_of)
        yield f"{name:34}  {seconds * 1e3:6.1f} ms  {shown[0]:>28}  {shown[1]:>28}"


def _measures(old: Side, new: Side, pictures: Sequence[Shown]) -> Iterator[tuple[str, tuple[Measure, Measure]]]:
    for name, code in _FRESH.items():
        yield name, (_fresh(old, code), _fresh(new, code))
    for name, arguments in stages(pictures):
        yield name, (_clock(old, name, arguments), _clock(new, name, arguments))


def _clock(side: Side, name: str, arguments: dict[str, Any]) -> Measure:
    task = Task("time", name, "clock", {"stage": name, "call_of": arguments})

    def measure() -> Sequence[float]:
        seconds = side.ask(task)
        if not isinstance(seconds, list):
            raise SystemExit(f"{side.name} cannot do {name}: {seconds}")
        return seconds

    measure()
    return measure


def _fresh(side: Side, code: str) -> Measure:
    """The time that an interpreter of its own needs for `code`, from its start to its end."""

    def measure() -> Sequence[float]:
        before, start = os.times(), time.perf_counter()
        subprocess.run([side.python, "-c", code], env=side.environment, cwd=side.folder / "run", check=True)
        wall, after = time.perf_counter() - start, os.times()
        return wall, sum(after[2:4]) - sum(before[2:4])

    measure()
    return measure


def _round(old: Measure, new: Measure, new_first: bool) -> Round:
    """Old, new, new, old, or the other way round."""
    first, second = (new, old) if new_first else (old, new)
    outer, inner = [first()], [second(), second()]
    outer.append(first())
    olds, news = (inner, outer) if new_first else (outer, inner)
    ratios = [sum(one[clock] for one in news) / max(sum(one[clock] for one in olds), 1e-9) for clock in (0, 1)]
    return Round((ratios[0], ratios[1]), sum(one[0] for one in olds) / 2)


def _estimate(pairs: Sequence[Sequence[float]]) -> str:
    chance = random.Random(0)

    def resampled() -> float:
        some = chance.choices(pairs, k=len(pairs))
        return median(ratio for one in some for ratio in chance.choices(one, k=len(one)))

    medians = sorted(resampled() for _ in range(RESAMPLES))
    low, high = medians[round(0.025 * RESAMPLES)], medians[round(0.975 * RESAMPLES) - 1]
    mark = " slower" if low > 1 else ""
    return f"{median(ratio for one in pairs for ratio in one):.3f} [{low:.3f}, {high:.3f}]{mark}"


def first_call(side: Side) -> str:
    """The first command after installation: nothing compiled, nothing planned."""
    with tempfile.TemporaryDirectory() as name:
        empty = Path(name)
        environment = {
            **side.environment,
            "NUMBA_CACHE_DIR": str(empty / "numba"),
            "FASTSPEC_CACHE_DIR": str(empty / "fft"),
        }
        shutil.copy(DATA / "spectrogram.png", empty / "a.png")
        command = [
            side.python,
            "-m",
            "fastspec",
            "decode",
            "a.png",
            "--profile",
            "librosa",
            "--duration",
            "4.5",
            "-o",
            "a.wav",
        ]
        taken = []
        for _ in range(2):
            start = time.perf_counter()
            subprocess.run(command, env=environment, cwd=empty, check=True, capture_output=True)
            taken.append(time.perf_counter() - start)
    return f"first call, {side.name}: {taken[0]:.1f} s; the second {taken[1]:.2f} s"
