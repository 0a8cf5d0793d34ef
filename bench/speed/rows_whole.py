"""Rows of whole pictures and whole processes: colours, decoding, memory, the command, the first call, import."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import soundfile
from scipy.spatial import cKDTree

import fastspec
from bench.quality import reference
from bench.speed.clips import Clip
from bench.speed.paired import alone, alternate, clock, clock_once
from bench.speed.record import DisagreementError, Row
from bench.speed.rows_engine import both, judged
from fastspec.colours import colormap, matching
from fastspec.picture import files as picture_files
from fastspec.sound import files as sound_files

MEMORY_FLAT = Path(__file__).resolve().parent / "memory_flat.py"


def colours(clip: Clip, rounds: int) -> Iterator[Row]:
    """8-bit RGB to level: every pixel of the clip's picture, exact."""
    pixels = np.ascontiguousarray(picture_files.read(clip.picture).pixels[..., :3])
    if pixels.ndim != 3:
        pixels = colormap.get("magma").table[pixels]
    cmap = colormap.get(clip.facts.cmap)
    tree = cKDTree(np.round(255 * matplotlib.colormaps[clip.facts.cmap](np.arange(256))[:, :3]))
    flat = pixels.reshape(-1, 3).astype(float)
    ours = matching.index_of(pixels, cmap)
    if ours.exact < 1 or (tree.query(flat)[1] != ours.index.ravel()).any():
        raise DisagreementError("levels differ from the nearest colours of matplotlib's table")
    found = alternate(clock(lambda: tree.query(flat)), clock(lambda: matching.index_of(pixels, cmap)), rounds)
    millions = flat.shape[0] / 1e6
    yield Row(
        "colours",
        "colour to level, 8-bit RGB, exact",
        "SciPy cKDTree",
        millions / found.theirs,
        millions / found.ours,
        "Mpixel/s",
        ratio=found.ratio,
        wanted=("ours", ">=", 100.0),
        agreement="same levels",
    )


def picture(clip: Clip, rounds: int, quality: str | None = None) -> Iterator[Row]:
    """Picture file to sound file beside the reference pipeline, and whether it sounds better."""
    how: dict[str, Any] = {"quality": quality} if quality else {}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder)

        def theirs() -> None:
            y = reference.decode(clip.picture, clip.facts)
            soundfile.write(target / "theirs.wav", 0.99 * y / max(float(np.abs(y).max()), 1e-9), clip.sr)

        def ours() -> None:
            y, sr = fastspec.decode(clip.picture, **clip.told(), **how)
            sound_files.write(target / "ours.wav", y, sr)

        theirs()
        ours()
        heard = {name: soundfile.read(target / f"{name}.wav", dtype="float32")[0] for name in ("theirs", "ours")}
        if abs(heard["theirs"].size - heard["ours"].size) > 1:
            raise DisagreementError(f"{heard['theirs'].size} and {heard['ours'].size} samples")
        marks = both(judged(heard["theirs"], clip.y, clip.sr), judged(heard["ours"], clip.y, clip.sr))
        worse = [key for key, (a, b) in marks.items() if b > a]
        found = alternate(clock_once(theirs), clock(ours), rounds)
    yield Row(
        "picture" if quality is None else f"picture_{quality}",
        f"picture to WAV, {clip.y.size / clip.sr:.0f} s" + (f", quality {quality}" if quality else ""),
        "Pillow, cKDTree, librosa 32",
        found.theirs * 1e3,
        found.ours * 1e3,
        ratio=found.ratio,
        wanted=("ratio", ">=", 25.0) if quality is None else None,
        quality=marks,
        agreement="same length",
        note=f"worse than the reference in {', '.join(worse)}" if worse else "",
    )


def memory(pictures: int) -> Iterator[Row]:
    """Growth of resident memory between the first tenth of a long run and the last."""
    told = subprocess.run(
        [sys.executable, str(MEMORY_FLAT), str(pictures)], check=True, capture_output=True, text=True
    ).stdout
    found = json.loads(told)
    yield Row(
        "memory",
        f"memory of {pictures} pictures: growth from the first {found['early']} to the last",
        ours=found["last"] - found["first"],
        unit="MiB",
        wanted=("ours", "<=", 50.0),
        note=f"{found['last']:.0f} MiB at the end",
    )


def command(clip: Clip, rounds: int) -> Iterator[Row]:
    """`fastspec decode` of one picture, the whole process, beside the reference script."""
    f = clip.facts
    with tempfile.TemporaryDirectory() as folder:
        theirs = [
            *(sys.executable, reference.__file__, str(clip.picture), "-o", str(Path(folder) / "theirs.wav")),
            *("--sr", f"{f.sr}", "--n-fft", f"{f.n_fft}", "--hop-length", f"{f.hop_length}"),
            *("--duration", f"{f.duration}", "--edges", f.edges, "--freq-scale", f.freq_scale, "--window", f.window),
        ]
        ours = decode_command(clip, Path(folder) / "ours.wav")
        quiet(ours)  # compiles and plans
        before = children_seconds()
        quiet(ours)
        busy = children_seconds() - before
        found = alternate(clock_once(lambda: quiet(theirs)), clock_once(lambda: quiet(ours)), rounds)
        lengths = [soundfile.info(Path(folder) / f"{name}.wav").frames for name in ("theirs", "ours")]
    if abs(lengths[0] - lengths[1]) > 1:
        raise DisagreementError(f"{lengths} samples")
    yield Row(
        "command",
        f"`fastspec decode`, {clip.y.size / clip.sr:.0f} s, whole process, warm caches",
        "the reference script",
        found.theirs,
        found.ours,
        "s",
        ratio=found.ratio,
        wanted=("ours", "<=", 1.0),
        agreement="same length",
        note=f"{busy:.2f} s of processor time",
    )


def decode_command(clip: Clip, target: Path) -> list[str]:
    """The command line that decodes the clip's picture."""
    options = [
        f"--{name.replace('_', '-')}={value}"
        for name, value in clip.told().items()
        if name in ("profile", "sr", "n_fft", "hop_length", "duration", "freq_scale", "cmap")
    ]
    return [sys.executable, "-m", "fastspec", "decode", str(clip.picture), "-o", str(target), "--overwrite", *options]


def quiet(command: list[str], **environment: str) -> str:
    """Run a process; what it said on standard error."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment})
    if done.returncode:
        raise DisagreementError(f"{command[1:4]} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stderr


def children_seconds() -> float:
    """Processor time of all processes that ended so far, seconds: what a busy machine does not stretch."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def first_call(clip: Clip, rounds: int) -> Iterator[Row]:
    """`fastspec decode` with nothing compiled and nothing planned."""
    said = ""

    def measure() -> float:
        nonlocal said
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            said = quiet(
                decode_command(clip, Path(folder) / "out.wav"),
                NUMBA_CACHE_DIR=f"{folder}/numba",
                FASTSPEC_CACHE_DIR=f"{folder}/fastspec",
            )
            return time.perf_counter() - start

    before = children_seconds()
    found = alone(measure, rounds)
    busy = (children_seconds() - before) / rounds
    explained = any(word in said for word in ("compil", "first"))
    yield Row(
        "first_call",
        "the very first call on a machine, whole process",
        ours=found.median,
        unit="s",
        wanted=("ours", "<=", 12.0),
        note=f"{busy:.1f} s of processor time" + ("" if explained else "; no line says why"),
    )


def importing(rounds: int) -> Iterator[Row]:
    """A process that imports fastspec, beside one that imports librosa (whose names are lazy too)."""
    ours = [sys.executable, "-c", "import fastspec; fastspec.griffinlim"]
    theirs = [sys.executable, "-c", "import librosa; librosa.griffinlim"]
    quiet(ours)
    quiet(theirs)
    found = alternate(clock_once(lambda: quiet(theirs)), clock_once(lambda: quiet(ours)), rounds)
    yield Row(
        "import",
        "a process that imports `griffinlim`",
        "librosa",
        found.theirs,
        found.ours,
        "s",
        ratio=found.ratio,
    )
