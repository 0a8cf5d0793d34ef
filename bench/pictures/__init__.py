"""Pictures of spectrograms with random parameters that are known: what `bench.quality.facts` judges.

`draw(sounds, folder, seed, number)` draws one picture and says what it shows, `figure` a whole figure with axes; the
same seed and number give the same picture. Three of five are librosa's (specshow today's way, or before 0.9), of which
half are damaged; the others are those of other tools, a file each. What a picture cannot show is in `excused`, with the
reason.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.pictures import audio_diffusion, ffmpeg, imshow, librosa, riffusion, scipy_pcolormesh, sox, specgram, spek
from bench.pictures.common import Drawing, Sounds, load_sounds, pick
from bench.pictures.figures import figure

__all__ = ["KINDS", "TOOLS", "Drawing", "Sounds", "draw", "figure", "load_sounds"]

# how often each is drawn, of 20
KINDS = (
    "log", "log<0.9", "mel", "log", "sox", "linear", "log<0.9", "riffusion", "log", "ffmpeg",
    "log", "mel", "log<0.9", "specgram", "log", "linear<0.9", "cqt", "sox", "scipy", "other",
)  # fmt: skip

TOOLS: dict[str, Callable[[np.random.Generator, Sounds, Path], Drawing | None]] = {
    "sox": sox.draw,
    "spek": spek.draw,
    "ffmpeg": ffmpeg.draw,
    "riffusion": riffusion.draw,
    "audio-diffusion": audio_diffusion.draw,
    "specgram": specgram.draw,
    "scipy": scipy_pcolormesh.draw,
    "imshow": imshow.draw,
}


def draw(sounds: Sounds, folder: Path, seed: int, number: int) -> Drawing | None:
    """Picture `number` of the series `seed` in `folder`; None when the tool that draws it is not installed."""
    rng = np.random.default_rng([seed, number])
    kind = KINDS[number % len(KINDS)]
    stem = folder / f"s{seed}_{number:04d}_{kind.replace('<', '_before_')}"
    if kind == "other":
        kind = str(pick(rng, ["audio-diffusion", "imshow", "spek"]))
    make = TOOLS.get(kind)
    return make(rng, sounds, stem) if make else librosa.draw(rng, sounds, kind, stem)
