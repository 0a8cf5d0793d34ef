"""Pictures of `sox ... spectrogram`, raw or with axes, in its palettes, mono or stereo."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from bench.pictures.common import RATES, Drawing, Sounds, excerpt, pick
from bench.pictures.damage import excused_of, kept


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing | None:
    """`sox ... spectrogram`, raw or with axes."""
    if shutil.which("sox") is None:
        return None
    sr = int(pick(rng, RATES))
    y = excerpt(rng, sounds, sr, rng.uniform(3, 20))
    wav, png = stem.with_suffix(".wav"), stem.with_suffix(".sox.png")
    raw, range_db = bool(rng.random() < 0.5), int(pick(rng, [120, 120, 120, 100, 80, 150]))
    options = ["-z", str(range_db)]
    name, light = "sox", rng.random() < 0.2
    look = rng.random()
    if look < 0.15:
        name, options = "sox-mono", [*options, "-m"]
    elif look < 0.25:
        name, options = "sox-high", [*options, "-h"]
    elif look < 0.4:
        order = int(rng.integers(2, 7))
        name, options = f"sox-{order}", [*options, "-p", str(order)]
    options += ["-l"] if light else []
    options += ["-r"] if raw else []
    options += ["-x", str(int(rng.integers(200, 1200)))] if rng.random() < 0.5 else []
    options += ["-y", str(int(pick(rng, [129, 257, 300, 513])))] if rng.random() < 0.5 else []
    options += ["-w", str(pick(rng, ["Hamming", "Kaiser", "Dolph"]))] if rng.random() < 0.2 else []
    title = not raw and rng.random() < 0.2
    options += ["-t", "A title"] if title else []
    stereo = bool(rng.random() < 0.15)
    soundfile.write(wav, np.stack([y, 0.7 * y[::-1]], axis=1) if stereo else y, sr)
    subprocess.run(["sox", wav, "-n", "spectrogram", *options, "-o", png], check=True, stderr=subprocess.DEVNULL)
    wav.unlink()
    path, (width, height), damage = kept(rng, png.read_bytes(), stem)
    png.unlink()
    truth: dict[str, Any] = {
        "profile": "sox",
        "cmap": name + "_r" * bool(light),
        "freq_scale": "linear",
        "sr": sr,
        "duration": len(y) / sr,
        "db_range": (-float(range_db), 0.0),
        "plot_area": (0, 0, width, height) if raw else (58, 50 if title else 30, width - 86, height - 48),
        "channels": 2 if stereo else 1,
        "origin": "lower",
    }
    asked = frozenset({"profile", "cmap", *(() if raw else ("sr", "duration", "db_range", "plot_area"))})
    how = f"{width}x{height} {' '.join(options)} {'stereo' if stereo else ''}"
    return Drawing(path, "sox" if raw else "sox, axes", truth, asked, how, damage, excused_of(damage, *asked))
