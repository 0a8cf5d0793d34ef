"""Arrays as people make them: the spectrum of a sound in rows, and its levels in the units that are drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import librosa
import numpy as np

from bench.pictures.common import Array, Drawing, Sounds, excerpt, pick
from fastspec.colours.levels import FLOOR_SHARE

RATES = (8000, 11025, 16000, 22050, 22050, 24000, 32000, 44100)
LENGTHS = (256, 512, 1024, 1024, 2048, 2048, 4096)
BANDS = (64, 80, 80, 96, 128, 128, 128, 229, 256)
MOST_FRAMES = 1200  # keeps the pictures small enough for hundreds a run
DECIBELS = {"dB": 1.0, "ln": 20 / np.log(10), "log10": 20.0}


@dataclass(frozen=True)
class Table:
    """A sound and the amplitudes (rows, frames) of its spectrum, low first; facts : what its rows and columns are."""

    sound: Array
    sr: int
    amplitude: Array
    facts: dict[str, Any]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.sound) / self.sr

    @property
    def truth(self) -> dict[str, Any]:
        """The facts that any picture of the table is judged by."""
        known = {"sr": self.sr, "duration": self.duration, "n_frames": self.amplitude.shape[1], "rows": self.rows}
        return {**known, **{k: v for k, v in self.facts.items() if k not in ("center", "window", "mel_power")}}

    @property
    def given(self) -> dict[str, Any]:
        """What the person who drew it knows."""
        return {"sr": self.sr, "duration": self.duration, **self.facts}

    @property
    def rows(self) -> int:
        """Rows of the array."""
        return int(self.amplitude.shape[0])

    @property
    def is_fft(self) -> bool:
        """Whether the number of rows tells the length of the transform: 1 + 2^k."""
        return bool(self.facts["freq_scale"] == "linear" and self.rows - 1 == self.facts["n_fft"] // 2)


@dataclass(frozen=True)
class Levels:
    """What is drawn: values (rows, frames) in a unit, the amplitudes that they mean, and what is given of them."""

    values: Array
    amplitude: Array
    unit: str
    given: dict[str, Any]

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest value."""
        return float(self.values.min()), float(self.values.max())


@dataclass(frozen=True)
class FieldDrawing:
    """A picture with what a person knows of it (`given`), what was drawn, and what must be read unaided and why.

    shown : rows and columns of pixels of the plot; where the table has more, some of its cells cannot be seen.
    """

    drawing: Drawing
    given: dict[str, Any]
    promised: Mapping[str, str]
    table: Table
    levels: Levels
    shown: tuple[int, int]
    lossy: str = field(default="")


def loud_excerpt(rng: np.random.Generator, sounds: Sounds, sr: int, hop: int) -> Array:
    """Some seconds of a sound that are no pause."""
    seconds = min(float(rng.uniform(2, 6)), MOST_FRAMES * hop / sr)
    y = excerpt(rng, sounds, sr, seconds)
    while float(np.abs(y).max(initial=0.0)) < 0.01:  # a pause of the speaker
        y = excerpt(rng, sounds, sr, seconds)
    return y


def stft(rng: np.random.Generator, sounds: Sounds, n_fft: int | None = None) -> Table:
    """librosa's STFT; some people leave out the highest bin, so that the height is a power of two."""
    sr, n_fft = int(pick(rng, RATES)), n_fft or int(pick(rng, LENGTHS))
    hop = n_fft // int(pick(rng, [2, 4, 4, 4, 8]))
    y = loud_excerpt(rng, sounds, sr, hop)
    S = np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop))
    S = S[:-1] if rng.random() < 0.15 else S
    return Table(y, sr, S, {"freq_scale": "linear", "n_fft": n_fft, "hop_length": hop})


def mel(rng: np.random.Generator, sounds: Sounds) -> Table:
    """A mel spectrogram as librosa, text-to-speech and bird-song pipelines make it."""
    sr, n_fft = int(pick(rng, RATES)), int(pick(rng, [1024, 1024, 2048, 2048, 512]))
    hop = int(pick(rng, [n_fft // 4, n_fft // 4, n_fft // 2, 320, 441]))
    hop = min(hop, n_fft // 2)
    y = loud_excerpt(rng, sounds, sr, hop)
    n_mels = int(pick(rng, [n for n in BANDS if n <= n_fft // 8]))
    facts: dict[str, Any] = {"freq_scale": "mel", "n_mels": n_mels, "n_fft": n_fft, "hop_length": hop}
    if sr > 16000 and rng.random() < 0.4:
        facts["fmax"] = 8000.0
    if rng.random() < 0.15:
        facts["fmin"] = float(pick(rng, [20.0, 50.0, 100.0]))
    if rng.random() < 0.1:
        facts["mel_htk"] = True
    names = {"mel_htk": "htk"}
    options = {names.get(k, k): v for k, v in facts.items() if k in ("fmin", "fmax", "mel_htk", "n_mels")}
    M = librosa.feature.melspectrogram(y=y, sr=sr, n_fft=n_fft, hop_length=hop, **options)
    return Table(y, sr, np.sqrt(M), facts)


def table(rng: np.random.Generator, sounds: Sounds, mels: float = 0.5) -> Table:
    """A mel spectrogram, or an STFT."""
    return mel(rng, sounds) if rng.random() < mels else stft(rng, sounds)


def _logarithm(rng: np.random.Generator, A: Array, unit: str) -> Levels:
    """Decibels or another logarithm, of amplitude or power, with a floor as tools set it."""
    peak = float(A.max())
    power = 1 if unit == "dB" else int(pick(rng, [1, 2]))  # ln and log10 of amplitude, or of power
    if unit == "dB":
        peak_db = 0.0 if rng.random() < 0.8 else float(20 * np.log10(peak))
        floor = peak * 10 ** (-float(pick(rng, [60, 80, 80, 80, 100])) / 20)
        values = 20 * np.log10(np.maximum(A, floor) / peak) + peak_db
        scale = 1.0
    else:
        floor = float(pick(rng, [1e-5, 1e-4])) if power == 1 else float(pick(rng, [1e-5, 1e-4, 1e-3]))
        values = power * np.log10(np.maximum(A, floor)) * (np.log(10) if unit == "ln" else 1)
        scale = DECIBELS[unit] / power
    meant = np.where(floor >= A, FLOOR_SHARE * floor, A)
    span = float(values.min()) * scale, float(values.max()) * scale
    return Levels(values, meant, unit, {"db_range": span})


def _standardised(rng: np.random.Generator, A: Array) -> Levels:
    decibels = _logarithm(rng, A, "dB")
    values = (decibels.values - decibels.values.mean()) / decibels.values.std()
    return Levels(values, decibels.amplitude, "", decibels.given)


def _power_law(kind: str) -> Callable[[np.random.Generator, Array], Levels]:
    def make(rng: np.random.Generator, A: Array) -> Levels:
        p = {"amplitude": 1.0, "power": 2.0}.get(kind) or float(pick(rng, [0.2, 0.25, 0.3, 0.5, 0.5]))
        given = {"level_kind": kind} | ({"level_exponent": p} if kind == "power_law" else {})
        return Levels((A / (A.max() if rng.random() < 0.5 else 1.0)) ** p, A, "", given)

    return make


LEVELS: dict[str, Callable[[np.random.Generator, Array], Levels]] = {
    "dB": lambda rng, A: _logarithm(rng, A, "dB"),
    "ln": lambda rng, A: _logarithm(rng, A, "ln"),
    "log10": lambda rng, A: _logarithm(rng, A, "log10"),
    "zscore": _standardised,
    "amplitude": _power_law("amplitude"),
    "power": _power_law("power"),
    "power_law": _power_law("power_law"),
}


def levels(rng: np.random.Generator, what: Table, kinds: tuple[str, ...]) -> Levels:
    """Levels of the table, in one of the kinds."""
    return LEVELS[str(pick(rng, kinds))](rng, what.amplitude)


def eight_bit(values: Array) -> Array:
    """The array scaled from its lowest to its highest value and truncated to 8 bits, as most people do it."""
    return np.asarray((values - values.min()) / (values.max() - values.min()) * 255, np.uint8)
