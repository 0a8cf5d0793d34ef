"""Judge fastspec against the reference pipeline on a corpus of real sounds and pictures.

    python -m bench.quality.sound CORPUS [--only PATTERN] [--json FILE] [--markdown] [--cache FOLDER]
                                  [--quality Q] [--method M] [--init I] [--n-iter N]

CORPUS holds audio/, pictures/ and truth.json. Two tables: pictures decoded by fastspec and by `reference.py`, both
told the same facts; and every sound drawn by fastspec (n_fft 1024, hop 256, one pixel a bin and frame) and decoded
again, beside `librosa.griffinlim(n_iter=32)` from the exact magnitudes. Everything is measured against the sound that
was drawn: log-mel distance (dB, lower is better), held-out spectral convergence (dB, lower), STOI for speech (higher).
A picture row is missed where fastspec's log-mel distance or held-out SC is worse than the reference's; a sound row
where its held-out SC is more than 0.5 dB worse or the STOI of speech is below .98. Exit code 1 if any row is missed.
"""

from __future__ import annotations

import argparse
import dataclasses
import fnmatch
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt
import soundfile

import fastspec
from bench.quality import reference
from bench.quality.text_table import text_table
from fastspec.phase import metrics
from fastspec.picture import files as picture_files

Array = npt.NDArray[Any]
PATTERNS = ("user_61s.png", "old_*.png", "new_*.png", "lin_*.png", "mel_*.png")
MEASURES = ("log_mel", "held_out_sc", "stoi", "seconds")


def facts_of(truth: dict[str, Any]) -> reference.Facts:
    """What truth.json says of a picture, and what it does not: the corpus was drawn with NumPy's symmetric window."""
    mel = truth["scale"] == "mel"
    return reference.Facts(
        sr=truth["sr"],
        n_fft=truth["n_fft"],
        hop_length=truth["hop"],
        duration=truth["duration"],
        freq_scale=truth["scale"],
        edges="old" if "<" in truth["edges"] else "new",
        cmap=truth["cmap"],
        db_range=tuple(truth["db"]),
        n_mels=truth.get("n_mels", 128),
        window="hann" if mel else "hanning",
    )


def decode(path: Path, facts: reference.Facts, how: dict[str, Any]) -> tuple[Array, float]:
    """The picture through fastspec, told what the reference is told, but for the window: its profile assumes Hann."""
    options: dict[str, Any] = {"n_mels": facts.n_mels} if facts.freq_scale == "mel" else {}
    facts_given = {
        "profile": "librosa-0.8" if facts.edges == "old" else "librosa",
        "sr": facts.sr,
        "n_fft": facts.n_fft,
        "hop_length": facts.hop_length,
        "duration": facts.duration,
        "freq_scale": facts.freq_scale,
        "cmap": facts.cmap,
        **options,
        **how,
    }
    return timed(lambda: fastspec.decode(path, **facts_given)[0])


def timed(make: Callable[[], Array]) -> tuple[Array, float]:
    """`make()` twice: what it gave, which must be the same, and the shorter time, free of compiling and planning."""
    results, seconds = [], []
    for _ in range(2):
        start = time.perf_counter()
        results.append(make())
        seconds.append(time.perf_counter() - start)
    if not np.array_equal(results[0], results[1]):
        raise AssertionError("two runs differ")
    return results[0], min(seconds)


def measure(y: Array, truth: Array, sr: int, speech: bool, seconds: float) -> dict[str, float | None]:
    """All figures of one waveform against the sound that was drawn."""
    return {
        "log_mel": float(metrics.log_mel_distance(y, truth, sr)),
        "held_out_sc": float(metrics.held_out_sc(y, truth, sr)),
        "stoi": float(metrics.stoi(y, truth, sr)) if speech else None,
        "seconds": seconds,
    }


def speech_in(name: str) -> bool:
    """Whether a sound of the corpus is speech: its name says so."""
    return "speech" in name


def cached(folder: Path | None, key: str, make: Callable[[], tuple[Array, float]]) -> tuple[Array, float]:
    """`make()`, or what it gave the last time for this key: the reference is slow and never changes."""
    if folder is None:
        return make()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / (hashlib.sha256(key.encode()).hexdigest()[:24] + ".npz")
    if file.exists():
        with np.load(file) as saved:
            return saved["y"], float(saved["seconds"])
    y, seconds = make()
    np.savez(file, y=y, seconds=seconds)
    return y, seconds


def file_key(path: Path) -> str:
    """Names the content of a file and the code of the reference."""
    code = Path(reference.__file__).read_bytes()
    return hashlib.sha256(path.read_bytes() + code).hexdigest()


def judge_picture(
    path: Path, truth: dict[str, Any], corpus: Path, cache: Path | None, how: dict[str, Any]
) -> dict[str, Any]:
    """One row of the first table."""
    facts = facts_of(truth)
    sound, sr = soundfile.read(corpus / "audio" / f"{truth['audio']}.flac", dtype="float32")
    speech = speech_in(truth["audio"])
    key = f"picture {file_key(path)} {dataclasses.asdict(facts)} {metadata.version('librosa')}"
    theirs = cached(cache, key, lambda: timed(lambda: reference.decode(path, facts)))
    row: dict[str, Any] = {"name": path.name, "reference": measure(theirs[0], sound, sr, speech, theirs[1])}
    try:
        ours = decode(path, facts, how)
        row["fastspec"] = measure(ours[0], sound, sr, speech, ours[1])
        row["missed"] = [m for m in ("log_mel", "held_out_sc") if row["fastspec"][m] > row["reference"][m]]
        if len(ours[0]) != facts.n_samples:
            row["missed"].append(f"length {len(ours[0])} is not {facts.n_samples}")
    except Exception as e:  # a failing picture must not hide the others
        row["missed"] = [f"{type(e).__name__}: {e}"]
    return row


def judge_round_trip(
    path: Path, cache: Path | None, how: dict[str, Any], n_fft: int = 1024, hop: int = 256
) -> dict[str, Any]:
    """One row of the second table: no more than 0.5 dB of held-out SC is lost, and STOI of speech is at least .98."""
    sound, sr = soundfile.read(path, dtype="float32")
    speech = speech_in(path.stem)

    def exact() -> Array:
        S = np.abs(librosa.stft(sound, n_fft=n_fft, hop_length=hop))
        y: Array = librosa.griffinlim(S, n_iter=32, n_fft=n_fft, hop_length=hop, length=len(sound), random_state=0)
        return y

    key = f"exact {file_key(path)} {n_fft} {hop} {metadata.version('librosa')}"
    theirs = cached(cache, key, lambda: timed(exact))
    row: dict[str, Any] = {"name": path.stem, "reference": measure(theirs[0], sound, sr, speech, theirs[1])}
    try:
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "picture.png"
            picture_files.write(fastspec.encode(sound, sr, n_fft=n_fft, hop_length=hop), picture)
            y, seconds = timed(lambda: fastspec.decode(picture, **how)[0])
        row["fastspec"] = measure(y, sound, sr, speech, seconds)
        ours = row["fastspec"]
        row["missed"] = ["held_out_sc"] if ours["held_out_sc"] > row["reference"]["held_out_sc"] + 0.5 else []
        if speech and ours["stoi"] < 0.98:
            row["missed"].append("stoi")
    except Exception as e:  # as above
        row["missed"] = [f"{type(e).__name__}: {e}"]
    return row


def table(title: str, rows: list[dict[str, Any]], markdown: bool) -> str:
    """The rows as text: each figure is the reference's, an arrow, fastspec's."""
    head = ["", "log-mel dB", "held-out SC dB", "STOI", "seconds", "missed"]
    formats = {"log_mel": "{:.2f}", "held_out_sc": "{:.2f}", "stoi": "{:.3f}", "seconds": "{:.2f}"}
    body = []
    for row in rows:
        cells = [row["name"]]
        for m in MEASURES:
            pair = [(row.get(side) or {}).get(m) for side in ("reference", "fastspec")]
            told = ["-" if v is None else formats[m].format(v) for v in pair]
            cells.append("" if pair == [None, None] else f"{told[0]} -> {told[1]}")
        body.append([*cells, ", ".join(row["missed"])])
    return f"{title} (reference -> fastspec)\n\n" + text_table(head, body, markdown)


def main() -> int:
    parser = argparse.ArgumentParser(description="Judge fastspec against the reference pipeline on a corpus.")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="pictures and sounds whose name matches")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keep the reference's waveforms here")
    for option in ("quality", "method", "init"):
        parser.add_argument(f"--{option}", help="as of fastspec decode; its defaults are judged otherwise")
    parser.add_argument("--n-iter", type=int)
    args = parser.parse_args()
    how = {k: v for k in ("quality", "method", "init", "n_iter") if (v := getattr(args, k)) is not None}

    truth = json.loads((args.corpus / "truth.json").read_text())
    names = [n for p in PATTERNS for n in sorted(truth) if fnmatch.fnmatch(n, p)]
    pictures = [
        judge_picture(args.corpus / "pictures" / n, truth[n], args.corpus, args.cache, how)
        for n in names
        if fnmatch.fnmatch(n, args.only)
    ]
    sounds = sorted((args.corpus / "audio").glob("*.flac"))
    trips = [judge_round_trip(p, args.cache, how) for p in sounds if fnmatch.fnmatch(p.name, args.only)]
    print(table("Pictures decoded", pictures, args.markdown))
    print(table("Sounds encoded and decoded, n_fft 1024, hop 256", trips, args.markdown))
    if args.json:
        args.json.write_text(json.dumps({"pictures": pictures, "round_trips": trips}, indent=1))
    missed = [row["name"] for row in [*pictures, *trips] if row["missed"]]
    if missed:
        print(f"missed in {len(missed)} rows: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
