"""Judge the decoding of pictures that other tools drew: SoX, ffmpeg, plt.specgram, Riffusion.

    python -m bench.quality.tools CORPUS [--only PATTERN] [--unseen] [--json FILE] [--markdown]

CORPUS holds audio/, pictures/ and truth.json. Every picture is decoded from its file with nothing given but duration
and rate (and the dB range for plt.specgram, whose range is the data's own). With --unseen, the tools that are
installed draw further pictures of the corpus' sounds, in other sizes, scales, colours and channels, into a temporary
folder, and those are judged too; of several channels one sound is made. Columns: the profile that was read and how
sure, log-mel distance (dB), held-out spectral convergence (dB), STOI of speech. A row is missed below the targets of
`TARGETS`. Exit code 1 if any is.
"""

from __future__ import annotations

import argparse
import fnmatch
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import soundfile

import fastspec
from bench.quality.text_table import text_table
from fastspec.phase import metrics

PATTERNS = ("sox_*.png", "soxraw_*.png", "ffmpeg_*.png", "specgram_*.png", "riffusion_*.png")
# Least STOI of speech, largest log-mel distance of music (None: only shown)
TARGETS = {
    "sox": (0.93, None),
    "ffmpeg": (None, 5.2),
    "matplotlib-specgram": (0.94, None),
    "riffusion": (0.94, None),
}


def judge(path: Path, truth: dict[str, Any], sound: np.ndarray, sr: int, speech: bool) -> dict[str, Any]:
    """One row: what was read of the picture, and the figures of its sound."""
    facts: dict[str, Any] = {"duration": truth["duration"], "sr": truth["sr"]}
    if truth["profile"] == "matplotlib-specgram":
        facts["db_range"] = tuple(truth["db"])
    if "scale" in truth and truth["scale"] != "linear":  # of ffmpeg, which the picture does not show
        facts["profile"] = f"ffmpeg-{truth['scale']}" if truth["profile"] == "ffmpeg" else None
    row: dict[str, Any] = {"name": path.name, "missed": []}
    try:
        read = fastspec.inspect(path, **facts)
        fact = read.facts.get("profile")
        row["profile"] = f"{fact.value} {fact.confidence:.2f}" if fact else "-"
        if fact is None or not fact.value.startswith(truth["profile"]):
            row["missed"].append("profile")
        start = time.perf_counter()
        y, rate = fastspec.decode(path, mono=True, **facts)
        row["seconds"] = time.perf_counter() - start
        if rate != sr:
            y = librosa.resample(y, orig_sr=rate, target_sr=sr)
        y = np.pad(y[: len(sound)], (0, max(0, len(sound) - len(y))))
        row["log_mel"] = float(metrics.log_mel_distance(y, sound, sr))
        row["held_out_sc"] = float(metrics.held_out_sc(y, sound, sr))
        row["stoi"] = float(metrics.stoi(y, sound, sr)) if speech else None
    except Exception as error:  # a failing picture must not hide the others
        row["missed"].append(f"{type(error).__name__}: {error}")
        return row
    least, most = TARGETS.get(truth["profile"], (None, None))
    if speech and least is not None and row["stoi"] < least:
        row["missed"].append(f"STOI below {least}")
    if not speech and most is not None and row["log_mel"] > most:
        row["missed"].append(f"log-mel above {most}")
    return row


def unseen(folder: Path, sounds: dict[str, tuple[np.ndarray, int]]) -> Iterator[tuple[Path, dict[str, Any], str]]:
    """Pictures that the installed tools draw now: (path, truth, name of the sound)."""
    for name, (y, sr) in sounds.items():
        wav = folder / f"{name}.wav"
        soundfile.write(wav, y, sr)
        stereo = folder / f"{name}_stereo.wav"
        soundfile.write(stereo, np.stack([y, 0.6 * y], axis=1), sr)
        truth = {"duration": len(y) / sr, "sr": sr}
        if shutil.which("sox"):
            yield from _sox(folder, name, wav, stereo, truth)
        if shutil.which("ffmpeg") and truth["duration"] > 40:
            yield from _ffmpeg(folder, name, wav, truth)
        yield from _specgram(folder, name, y, truth)


def _sox(folder: Path, name: str, wav: Path, stereo: Path, truth: dict[str, Any]) -> Iterator[Any]:
    options = {
        "small": ["-x", "500", "-y", "257"],
        "light_title": ["-l", "-t", "A title"],
        "mono_raw": ["-m", "-r"],
        "noaxes": ["-a", "-h"],
        "permuted_kaiser": ["-p", "4", "-w", "Kaiser"],
        "stereo": [],
        "stereo_raw": ["-r"],
    }
    for option, arguments in options.items():
        path = folder / f"sox_{option}_{name}.png"
        source = stereo if "stereo" in option else wav
        subprocess.run(["sox", source, "-n", "spectrogram", *arguments, "-o", path], check=True)
        yield path, {**truth, "profile": "sox"}, name
        if option in ("small", "permuted_kaiser"):  # saved again without its palette
            from PIL import Image

            again = folder / f"sox_{option}_rgb_{name}.png"
            Image.open(path).convert("RGB").save(again)
            yield again, {**truth, "profile": "sox"}, name


def _ffmpeg(folder: Path, name: str, wav: Path, truth: dict[str, Any]) -> Iterator[Any]:
    options = {
        "viridis": "s=1024x512:legend=0:color=viridis",
        "small_legend": "s=640x256:color=fiery",
        "sqrt": "s=1024x512:legend=0:color=plasma:scale=sqrt",
        "5thrt_legend": "s=800x512:color=cividis:scale=5thrt",
        "terrain": "s=900x512:color=terrain",
    }
    for option, arguments in options.items():
        path = folder / f"ffmpeg_{option}_{name}.png"
        draw = f"showspectrumpic={arguments}"
        command: list[str | Path] = ["ffmpeg", "-v", "error", "-y", "-i", wav, "-lavfi", draw, path]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        scale = arguments.partition("scale=")[2] or "linear"
        yield path, {**truth, "profile": "ffmpeg", "scale": scale}, name


def _specgram(folder: Path, name: str, y: np.ndarray, truth: dict[str, Any]) -> Iterator[Any]:
    from matplotlib.figure import Figure

    options: dict[str, tuple[dict[str, Any], tuple[float, float]]] = {
        "512": ({"NFFT": 512, "noverlap": 384}, (9, 3.6)),
        "2048": ({"NFFT": 2048, "noverlap": 1536}, (8, 6)),
        "default": ({}, (6.4, 4.8)),
    }
    for option, (arguments, size) in options.items():
        path = folder / f"specgram_{option}_{name}.png"
        figure = Figure(figsize=size, dpi=100)
        axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        axes.axis("off")
        _, _, _, image = axes.specgram(y + 1e-7, Fs=truth["sr"], **arguments)
        image.set_clim(-140, -40)
        axes.axis("tight")
        figure.savefig(path)
        yield path, {**truth, "profile": "matplotlib-specgram", "db": (-140, -40)}, name


def table(rows: list[dict[str, Any]], markdown: bool) -> str:
    """The rows as text."""
    head = ["picture", "profile read", "log-mel dB", "held-out SC dB", "STOI", "seconds", "missed"]
    formats = (("log_mel", "{:.2f}"), ("held_out_sc", "{:.2f}"), ("stoi", "{:.3f}"), ("seconds", "{:.2f}"))
    body = []
    for row in rows:
        figures = [form.format(row[key]) if row.get(key) is not None else "" for key, form in formats]
        body.append([row["name"], row.get("profile", ""), *figures, ", ".join(row["missed"])])
    return text_table(head, body, markdown).rstrip("\n")


def main() -> int:
    parser = argparse.ArgumentParser(description="Judge the decoding of other tools' pictures.")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="pictures whose name matches")
    parser.add_argument("--unseen", action="store_true", help="also draw and judge new pictures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    parser.add_argument("--markdown", action="store_true")
    args = parser.parse_args()
    truth = json.loads((args.corpus / "truth.json").read_text())
    sounds = {p.stem: soundfile.read(p, dtype="float32") for p in sorted((args.corpus / "audio").glob("*.flac"))}
    pictures = [
        (args.corpus / "pictures" / name, facts, facts["audio"])
        for pattern in PATTERNS
        for name, facts in sorted(truth.items())
        if fnmatch.fnmatch(name, pattern)
    ]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        if args.unseen:
            pictures += list(unseen(Path(folder), sounds))
        for path, facts, name in pictures:
            if fnmatch.fnmatch(path.name, args.only):
                y, sr = sounds[name]
                rows.append(judge(path, facts, y, sr, "speech" in name))
    print(table(rows, args.markdown))
    if args.json:
        args.json.write_text(json.dumps(rows, indent=1))
    missed = [row["name"] for row in rows if row["missed"]]
    if missed:
        print(f"missed in {len(missed)} of {len(rows)} rows", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
