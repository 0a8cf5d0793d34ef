"""The sound and the picture that benches work on: a corpus given by the user, or the test clip made long."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

import fastspec
from bench.quality import reference
from fastspec.picture import files as picture_files

Array = npt.NDArray[Any]
SR = 22050
SPEECH = Path(__file__).resolve().parents[2] / "tests" / "data" / "speech.flac"
USERS = "user_61s.png"  # of a corpus: the picture of the case that DESIGN.md must never lose


@dataclass(frozen=True)
class Clip:
    """A sound (n,) float32, a picture of it, and what the decoders are told of that picture."""

    name: str
    y: Array
    sr: int
    picture: Path
    facts: reference.Facts

    def told(self) -> dict[str, Any]:
        """The same facts as fastspec's options, but for the window, which its profile knows."""
        f = self.facts
        return {
            "profile": "librosa-0.8" if f.edges == "old" else "librosa",
            "sr": f.sr,
            "n_fft": f.n_fft,
            "hop_length": f.hop_length,
            "duration": f.duration,
            "freq_scale": f.freq_scale,
            "cmap": f.cmap,
        }


def tiled(seconds: float) -> Array:
    """The test clip repeated; every repetition is 1.5 % louder or quieter, so that no two are the same frames."""
    y, _ = soundfile.read(SPEECH, dtype="float32")
    n = round(seconds * SR)
    gains = 1 - 0.015 * (np.arange(-(-n // y.size)) % 7)
    return np.concatenate([y * np.float32(g) for g in gains])[:n]


def draw(y: Array, path: Path, sr: int = SR) -> Path:
    """A 640 x 480 picture as specshow draws it: 1024/512, log axis, magma, 80 dB."""
    encoder = fastspec.Encoder(
        n_fft=1024, hop_length=512, freq_scale="log", size=(640, 480), profile="librosa", cmap="magma", top_db=80
    )
    picture_files.write(encoder.encode(y, sr), path)
    return path


def from_sound(y: Array, sr: int, name: str, folder: Path) -> Clip:
    """A clip whose picture is drawn here."""
    facts = reference.Facts(sr=sr, n_fft=1024, hop_length=512, duration=y.size / sr)
    return Clip(name, y, sr, draw(y, folder / "drawn.png", sr), facts)


def load(audio: Path | None, corpus: Path | None, seconds: float, folder: Path) -> Clip:
    """The clip to measure: a corpus's user picture and its sound, a sound file, or the test clip of `seconds`."""
    if corpus is not None:
        truth = json.loads((corpus / "truth.json").read_text())[USERS]
        y, sr = soundfile.read(corpus / "audio" / f"{truth['audio']}.flac", dtype="float32")
        facts = reference.Facts(
            sr=sr,
            n_fft=truth["n_fft"],
            hop_length=truth["hop"],
            duration=truth["duration"],
            freq_scale=truth["scale"],
            edges="old" if "<" in truth["edges"] else "new",
            cmap=truth["cmap"],
            db_range=tuple(truth["db"]),
            window="hanning",
        )
        return Clip(truth["audio"], y, sr, corpus / "pictures" / USERS, facts)
    if audio is not None:
        y, sr = soundfile.read(audio, dtype="float32", always_2d=True)
        return from_sound(y.mean(axis=1), sr, audio.stem, folder)
    return from_sound(tiled(seconds), SR, "tests/data/speech.flac, repeated", folder)
