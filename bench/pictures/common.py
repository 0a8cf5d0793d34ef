"""What all pictures of known truth share: the sounds, the record of what was drawn, and random choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.signal
import soundfile

Array = npt.NDArray[Any]
Sounds = dict[str, tuple[Array, int]]
RATES = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000)
SIZES = (
    (320, 240), (432, 288), (500, 500), (640, 480), (775, 385), (800, 400), (1000, 400), (1024, 512), (1280, 960),
    (1600, 1200),
)  # fmt: skip


@dataclass(frozen=True)
class Drawing:
    """One picture. truth : facts by fastspec's names. asked : the facts whose reading is counted. excused : facts that
    the picture cannot show, with the reason. how : all parameters, for the reader."""

    path: Path
    kind: str
    truth: dict[str, Any]
    asked: frozenset[str]
    how: str = ""
    damage: str = "clean"
    excused: dict[str, str] = field(default_factory=dict)


def load_sounds(corpus: Path) -> Sounds:
    """The sounds of a corpus."""
    return {p.stem: soundfile.read(p, dtype="float32") for p in sorted((corpus / "audio").glob("*.flac"))}


def pick(rng: np.random.Generator, choices: Any) -> Any:
    """One of a sequence, as it is."""
    return choices[int(rng.integers(len(choices)))]


def excerpt(rng: np.random.Generator, sounds: Sounds, rate: int, seconds: float) -> Array:
    """About `seconds` of one of the sounds at `rate`: resampled, or its samples taken as they are, so that treble
    is as full as in a recording at that rate."""
    name = pick(rng, sorted(sounds))
    y, sr = sounds[name]
    if rate < sr or rng.random() < 0.3:
        y = scipy.signal.resample_poly(y, rate // (g := int(np.gcd(rate, sr))), sr // g).astype(np.float32)
    length = min(len(y), int(seconds * rate))
    start = int(rng.integers(len(y) - length + 1))
    return np.asarray(y[start : start + length])
