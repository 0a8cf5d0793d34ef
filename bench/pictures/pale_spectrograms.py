"""True spectrograms that are easily taken for something else: on paper's own colour, of birds, without axes, in levels
of 0 to 1, clipped at both ends, of few bands, of noise and of tones.

Each of `KINDS` takes a random generator and the corpus' sounds and returns the picture as PNG bytes.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from typing import Any

import librosa
import librosa.display
import numpy as np
import scipy.signal
from matplotlib import pyplot as plt
from PIL import Image

from bench.pictures.canvas import saved
from bench.pictures.common import Array, Sounds, excerpt, pick
from bench.pictures.styled_others import MAPS, size, style

WHITE = ("Blues", "Greys", "gray_r", "gray_r", "binary", "YlOrRd", "Reds", "Purples", "hot_r", "magma_r", "bone_r")


def birds(rng: np.random.Generator, sr: int) -> Array:
    """Chirps, trills and whistles between silences, in a little noise."""
    y = np.zeros(int(rng.uniform(2, 6) * sr))
    for _ in range(int(rng.integers(3, 14))):
        n = int(rng.uniform(0.03, 0.4) * sr)
        t = np.arange(n) / n
        f = (
            rng.uniform(0.08, 0.35)
            * sr
            * (1 + rng.uniform(-0.4, 0.4) * t + 0.1 * np.sin(2 * np.pi * rng.uniform(0, 12) * t))
        )
        call = np.sin(2 * np.pi * np.cumsum(f) / sr) * np.hanning(n) * rng.uniform(0.1, 1)
        at = int(rng.integers(0, max(1, len(y) - n)))
        y[at : at + n] += call[: len(y) - at]
    return np.asarray(y + float(pick(rng, [0, 1e-4, 1e-3, 1e-2])) * rng.normal(size=len(y)))


def noises(rng: np.random.Generator, sr: int) -> Array:
    """Noise of several colours, clicks, a beep in silence, tones, hum."""
    n = int(rng.uniform(1.5, 6) * sr)
    t = np.arange(n) / sr
    how = int(rng.integers(7))
    white = rng.normal(size=n)
    if how == 0:
        return white
    if how == 1:
        return np.asarray(np.cumsum(white) - np.linspace(0, np.sum(white), n))
    if how == 2:
        return np.asarray(
            scipy.signal.lfilter([1], [1, -0.9], white) * (1 + np.sin(2 * np.pi * rng.uniform(0.3, 3) * t))
        )
    if how == 3:
        return np.asarray((rng.random(n) < 12 / sr) * rng.normal(size=n) + 1e-4 * white)
    if how == 4:
        at, wide = rng.uniform(0.2, 0.7) * t[-1], rng.uniform(0.1, 0.6)
        return np.asarray(np.sin(2 * np.pi * rng.uniform(200, 3000) * t) * ((t > at) & (t < at + wide)))
    if how == 5:
        return np.asarray(sum(np.sin(2 * np.pi * 110 * k * t) / k for k in range(1, 30)) + 0.01 * white)
    return np.asarray(scipy.signal.chirp(t, 50, t[-1], 0.45 * sr) + 1e-3 * white)


def _sound(rng: np.random.Generator, sounds: Sounds) -> tuple[Array, int]:
    sr = int(pick(rng, [8000, 16000, 22050, 44100]))
    return excerpt(rng, sounds, sr, float(rng.uniform(1.5, 6))), sr


def _spectrum(rng: np.random.Generator, y: Array) -> tuple[Array, int]:
    n_fft = int(pick(rng, [256, 512, 512, 1024, 2048]))
    hop = n_fft // int(pick(rng, [2, 4, 4]))
    return np.abs(librosa.stft(np.asarray(y, np.float32), n_fft=n_fft, hop_length=hop)), hop


def _drawn(rng: np.random.Generator, shown: Array, sr: int, hop: int, maps: tuple[str, ...], **options: Any) -> bytes:
    """A figure with or without axes, titles, frame and colour bar."""
    with plt.style.context(style(rng)), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure, axes = plt.subplots(**size(rng))
        cmap = str(pick(rng, maps))
        f, t = np.linspace(0, sr / 2, len(shown)), np.arange(shown.shape[1]) * hop / sr
        if rng.random() < 0.5:
            image = axes.pcolormesh(t, f, shown, cmap=cmap, shading="nearest", **options)
        else:
            image = axes.imshow(shown, cmap=cmap, origin="lower", aspect="auto", extent=(0, t[-1], 0, f[-1]), **options)
        if rng.random() < 0.6:
            axes.set(xlabel=pick(rng, ["Time (s)", "Time", "t"]), ylabel=pick(rng, ["Frequency (Hz)", "Hz", "f"]))
        if rng.random() < 0.4:
            figure.colorbar(image, ax=axes, label=pick(rng, ["", "dB", "Power"]))
        how = rng.random()
        if how < 0.15:
            axes.axis("off")
        elif how < 0.25:
            axes.set(xticks=[], yticks=[])
        elif how < 0.35:
            for spine in axes.spines.values():
                spine.set_visible(False)
        tight = {"bbox_inches": "tight"} if rng.random() < 0.3 else {}
        return saved(figure, **tight)


def _array(rng: np.random.Generator, shown: Array, maps: tuple[str, ...], low: float, high: float) -> bytes:
    """One cell a pixel, or enlarged."""
    level = np.clip((shown - low) / (high - low), 0, 1)
    rgb = (plt.get_cmap(str(pick(rng, maps)))(level)[:: int(pick(rng, [-1, -1, 1])), :, :3] * 255).astype(np.uint8)
    if rng.random() < 0.3:
        rgb = rgb.repeat(int(pick(rng, [1, 2, 3])), 0).repeat(int(pick(rng, [1, 2, 3])), 1)
    image = Image.fromarray(rgb)
    if rng.random() < 0.25:
        image = image.resize((int(rng.integers(200, 900)), int(rng.integers(150, 500))), Image.Resampling.BILINEAR)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _decibels(S: Array) -> Array:
    return np.asarray(librosa.amplitude_to_db(S, ref=np.max, top_db=None))


def _either(
    rng: np.random.Generator, shown: Array, sr: int, hop: int, maps: tuple[str, ...], low: float, high: float
) -> bytes:
    if rng.random() < 0.35:
        return _array(rng, shown, maps, low, high)
    return _drawn(rng, shown, sr, hop, maps, vmin=low, vmax=high)


def on_paper(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Speech and music in maps whose lowest colour is paper, clipped, so that silence is white."""
    y, sr = _sound(rng, sounds)
    S, hop = _spectrum(rng, np.pad(y, int(pick(rng, [0, 0, 2000, 20000]))))
    return _either(rng, _decibels(S), sr, hop, WHITE, float(pick(rng, [-35, -50, -60, -80])), 0)


def of_birds(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Birds, gray or on paper or in any map."""
    sr = int(pick(rng, [22050, 32000, 44100]))
    S, hop = _spectrum(rng, birds(rng, sr))
    return _either(
        rng, _decibels(S), sr, hop, (*WHITE, "gray", "gray", *MAPS), float(pick(rng, [-40, -60, -80, -100])), 0
    )


def of_noise(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Noise, clicks, beeps, tones, hum, sweeps."""
    sr = int(pick(rng, [8000, 16000, 22050]))
    S, hop = _spectrum(rng, noises(rng, sr))
    return _either(rng, _decibels(S), sr, hop, (*WHITE, *MAPS), float(pick(rng, [-60, -80, -100])), 0)


def clipped(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Loud cells and quiet ones beyond both ends of the map."""
    y, sr = _sound(rng, sounds)
    S, hop = _spectrum(rng, y)
    shown = _decibels(S)
    low, high = np.quantile(shown, [rng.uniform(0, 0.3), rng.uniform(0.85, 0.995)])
    return _either(rng, shown, sr, hop, MAPS, float(low), float(high))


def of_unit(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Levels scaled to 0 to 1: roots, decibels, PCEN."""
    y, sr = _sound(rng, sounds)
    S, hop = _spectrum(rng, y)
    how = int(rng.integers(3))
    shown = S**0.3 if how == 0 else _decibels(S).clip(-80, 0) if how == 1 else librosa.pcen(S * 2**31, sr=sr)
    shown = (shown - shown.min()) / np.ptp(shown)
    return _either(rng, shown, sr, hop, MAPS, 0.0, 1.0)


def few_bands(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Mel, Bark or third-octave bands: 20 to 48 of them, perhaps standardised band by band."""
    y, sr = _sound(rng, sounds)
    many = int(pick(rng, [20, 24, 26, 32, 40, 48]))
    mel = librosa.feature.melspectrogram(y=y, sr=sr, n_fft=1024, hop_length=256, n_mels=many)
    shown = librosa.power_to_db(mel, ref=np.max)
    if rng.random() < 0.3:
        shown = (shown - shown.mean(axis=1, keepdims=True)) / (shown.std(axis=1, keepdims=True) + 1e-6)
    return _either(rng, shown, sr, 256, MAPS, float(shown.min()), float(shown.max()))


KINDS: dict[str, Callable[[np.random.Generator, Sounds], bytes]] = {
    drawer.__name__: drawer for drawer in (on_paper, of_birds, of_noise, clipped, of_unit, few_bands)
}
