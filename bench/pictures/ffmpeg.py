"""Pictures of ffmpeg's showspectrumpic, with a legend or without, in its maps and scales."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from bench.pictures.common import RATES, Drawing, Sounds, excerpt, pick
from bench.pictures.damage import excused_of, kept

MAPS = (
    "intensity", "rainbow", "moreland", "nebulae", "fire", "fiery", "fruit", "cool", "magma", "green", "viridis",
    "plasma", "cividis", "terrain", "channel",
)  # fmt: skip


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing | None:
    """`ffmpeg -lavfi showspectrumpic`, of sounds that are long enough: 5.1.9 draws short ones wrongly."""
    if shutil.which("ffmpeg") is None:
        return None
    sr = int(pick(rng, RATES))
    width, height = pick(rng, [(640, 256), (800, 512), (1024, 512), (512, 512), (900, 256), (1024, 256)])
    y = excerpt(rng, sounds, sr, rng.uniform(30, 60))
    y = np.tile(y, 1 + (3 * width * height) // len(y))  # half as long again as the transforms of all columns
    colour = str(pick(rng, MAPS))
    legend, scale = bool(rng.random() < 0.5), str(pick(rng, ["log", "log", "log", "sqrt", "lin", "cbrt", "5thrt"]))
    log, span = bool(rng.random() < 0.08), int(pick(rng, [120, 120, 120, 90, 150]))
    options = f"s={width}x{height}:color={colour}:legend={int(legend)}:scale={scale}:drange={span}"
    options += ":fscale=log" if log else ""
    wav, png = stem.with_suffix(".wav"), stem.with_suffix(".ffmpeg.png")
    soundfile.write(wav, y, sr)
    command: list[str | Path] = ["ffmpeg", "-v", "error", "-y", "-i", wav, "-lavfi", f"showspectrumpic={options}", png]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    wav.unlink()
    path, size, damage = kept(rng, png.read_bytes(), stem)
    png.unlink()
    left = (size[0] - width) // 2
    truth: dict[str, Any] = {
        "profile": "ffmpeg" if scale == "log" else f"ffmpeg-{scale}",
        "cmap": f"ffmpeg-{colour}",
        "freq_scale": "log" if log else "linear",
        "sr": sr,
        "duration": len(y) / sr,
        "plot_area": (left, 64, left + width, 64 + height) if legend else (0, 0, width, height),
        "origin": "lower",
    }
    if legend and scale == "log":
        truth["db_range"] = (-float(span), 0.0)
    asked = {"profile", "cmap", *(("sr", "duration", "plot_area") if legend else ())}
    excused = excused_of(damage, *asked)
    if colour == "channel":  # one channel in gray: any gray of 256 levels
        excused |= dict.fromkeys({"cmap"} if legend else asked, "plain gray levels")
    kind = "ffmpeg, legend" if legend else "ffmpeg"
    return Drawing(path, kind, truth, frozenset(asked), f"{size} {options}", damage, excused)
