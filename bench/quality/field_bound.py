"""What decoding a field picture can reach at best: the array itself, decoded along fastspec's own road."""

from __future__ import annotations

import math
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt

import fastspec
from bench.pictures.field import FieldDrawing
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.decoder import Decoded, Decoder
from fastspec.phase import metrics
from fastspec.picture.picture import Picture
from fastspec.transform import mel

Array = npt.NDArray[Any]
NEAR_SC, NEAR_STOI = 1.0, 0.02  # dB and STOI: as good as the bound


def figures(y: Array, sound: Array, sr: int) -> tuple[float, float]:
    """Held-out spectral convergence in dB, and STOI (NaN where there is too little sound for it)."""
    y = np.pad(y[: len(sound)], (0, max(0, len(sound) - len(y))))
    sc = float(metrics.held_out_sc(y, sound, sr))
    try:
        return sc, float(metrics.stoi(y, sound, sr))
    except fastspec.FastspecError:
        return sc, math.nan


def near(got: tuple[float, float], best: tuple[float, float]) -> bool:
    """Whether a decoding is as good as the bound by one of the two figures."""
    return got[0] <= best[0] + NEAR_SC or got[1] >= best[1] - NEAR_STOI


def seen(amplitude: Array, shown: tuple[int, int]) -> Array:
    """The array (rows, frames) with the cells that fewer pixels cannot show interpolated, in decibels."""
    out = 20 * np.log10(np.maximum(amplitude, 1e-9))
    for axis, pixels in enumerate(shown):
        cells = out.shape[axis]
        if pixels < cells:
            at = np.floor((np.arange(pixels) + 0.5) / pixels * cells).astype(int)
            near_below = np.clip(np.searchsorted(at, np.arange(cells), side="right") - 1, 0, pixels - 1)
            above = np.minimum(near_below + 1, pixels - 1)
            gap = np.maximum(at[above] - at[near_below], 1)
            share = np.clip((np.arange(cells) - at[near_below]) / gap, 0, 1)
            share = share[:, None] if axis == 0 else share[None]
            low, high = np.take(out, at[near_below], axis), np.take(out, at[above], axis)
            out = (1 - share) * low + share * high
    return np.asarray(10 ** (out / 20))


def decode_array(amplitude: Array, facts: dict[str, Any], sr: int, samples: int) -> npt.NDArray[np.float32]:
    """The sound of amplitudes (rows, frames), low first: through the same bank and the same phase retrieval."""
    cells = np.ascontiguousarray(amplitude.T, np.float32)
    n_fft = int(facts["n_fft"])
    if facts["freq_scale"] == "mel":
        corners = facts.get("fmin") or 0.0, facts.get("fmax")
        bank = mel.MelBank(sr, n_fft, cells.shape[1], *corners, facts.get("mel_htk", False))
        power = float(facts.get("mel_power", 2.0))
        magnitude = mel.mel_to_stft(cells**power, bank, power=power)
    else:
        magnitude = np.pad(cells, ((0, 0), (0, 1 + n_fft // 2 - cells.shape[1])))
    known = {
        "cmap": "magma", "freq_edges": "librosa>=0.9", "freq_scale": facts["freq_scale"], "sr": sr, "n_fft": n_fft,
        "hop_length": facts["hop_length"], "n_frames": len(cells), "duration": samples / sr,
    }  # fmt: skip
    cal = Calibration({name: Fact(value) for name, value in known.items()})
    blank = Picture(np.zeros((2, 2, 3), np.uint8))
    y = Decoder().waveform(Decoded(blank, cal, magnitude))
    # windows that begin with the sound: their middles lie half a window later than those of centred ones
    return y if facts.get("center", True) else np.pad(y, (n_fft // 2, 0))[:samples]


def bound(made: FieldDrawing) -> tuple[float, float]:
    """Held-out SC and STOI of the array that was drawn, as far as the picture's pixels can show its cells."""
    what = made.table
    y = decode_array(seen(made.levels.amplitude, made.shown), what.facts, what.sr, len(what.sound))
    return figures(y, what.sound, what.sr)


def redrawn(sound: Array, sr: int, facts: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
    """The amplitudes that facts of a truth.json describe, and the facts with librosa's lengths where none are told."""
    n_fft = int(facts.get("n_fft", facts.get("win_length", 2048)))
    known = {"freq_scale": "linear", "hop_length": n_fft // 4, **facts, "n_fft": n_fft}
    centred = known.get("profile") != "matplotlib-specgram"
    S = np.abs(librosa.stft(sound, n_fft=n_fft, hop_length=int(known["hop_length"]), center=centred))
    known |= {"center": centred}
    if known["freq_scale"] == "mel":
        bank = librosa.filters.mel(
            sr=sr, n_fft=n_fft, n_mels=known["n_mels"], fmin=known.get("fmin", 0.0), fmax=known.get("fmax"),
            htk=known.get("mel_htk", False),
        )  # fmt: skip
        power = known.get("mel_power", 2.0)
        S = (bank @ S**power) ** (1 / power)
    else:
        known["freq_scale"] = "linear"  # a log axis shows the same bins
    if "db_range" in facts:
        low, high = facts["db_range"]
        S = np.maximum(S, S.max() * 10 ** ((low - high) / 20))
    return S, known
