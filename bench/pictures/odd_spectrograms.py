"""True spectrograms that look odd, which must not be refused: levels that are no decibels, arrays, short sounds, tones.

Each of `KINDS` takes a random generator and the corpus' sounds and returns the picture as PNG bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import librosa
import librosa.display
import numpy as np
import scipy.signal
from matplotlib import pyplot as plt
from PIL import Image

from bench.pictures.canvas import MAPS, canvas, saved
from bench.pictures.common import Array, Sounds, excerpt, pick


def _axes(rng: np.random.Generator, rows: int = 1, **options: Any) -> tuple[Any, Any]:
    size = (float(rng.uniform(5, 12)), float(rng.uniform(3, 7)))
    return plt.subplots(rows, 1, figsize=size, dpi=int(pick(rng, [72, 100, 100, 150])), **options)


def _sound(rng: np.random.Generator, sounds: Sounds, most: float = 8) -> tuple[Array, int]:
    sr = int(pick(rng, [16000, 22050, 44100]))
    return excerpt(rng, sounds, sr, float(rng.uniform(1.5, most))), sr


def _magnitude(rng: np.random.Generator, y: Array) -> tuple[Array, int, int]:
    n_fft = int(pick(rng, [256, 512, 1024, 2048]))
    hop = n_fft // int(pick(rng, [2, 4, 4]))
    return np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop)), n_fft, hop


def _in_figure(rng: np.random.Generator, shown: Array, sr: int, hop: int) -> bytes:
    """pcolormesh or imshow with axes, or filling the picture."""
    extent = (0.0, shown.shape[1] * hop / sr, 0.0, sr / 2)
    bare = rng.random() < 0.3
    figure, axes = canvas(int(rng.integers(300, 1000)), int(rng.integers(240, 600))) if bare else _axes(rng)
    name = str(pick(rng, ["viridis", "viridis", "magma", "gray_r", "gray", str(pick(rng, MAPS))]))
    if rng.random() < 0.5:
        f, t = np.linspace(0, sr / 2, len(shown)), np.arange(shown.shape[1]) * hop / sr
        image = axes.pcolormesh(t, f, shown, cmap=name, shading=str(pick(rng, ["auto", "gouraud", "auto"])))
    else:
        image = axes.imshow(shown, cmap=name, origin="lower", aspect="auto", extent=extent)
    if not bare:
        axes.set(xlabel=pick(rng, ["Time (s)", "t [s]"]), ylabel=pick(rng, ["Frequency (Hz)", "f [Hz]"]))
        if rng.random() < 0.4:
            figure.colorbar(image, ax=axes)
    return saved(figure)


def linear_levels(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Power, amplitude or a root of it: most of it is dark."""
    y, sr = _sound(rng, sounds)
    S, _, hop = _magnitude(rng, y)
    return _in_figure(rng, S ** float(pick(rng, [0.25, 0.5, 1, 1, 2])), sr, hop)


def scipy_power(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """SciPy's own example."""
    y, sr = _sound(rng, sounds)
    f, t, power = scipy.signal.spectrogram(y, sr)
    figure, axes = _axes(rng)
    axes.pcolormesh(t, f, power if rng.random() < 0.6 else 10 * np.log10(power + 1e-12))
    axes.set(xlabel="Time [sec]", ylabel="Frequency [Hz]")
    return saved(figure)


def array(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A mel or STFT array saved one cell a pixel, perhaps as gray, inverted or enlarged."""
    y, sr = _sound(rng, sounds)
    S, n_fft, _ = _magnitude(rng, y)
    if rng.random() < 0.7:
        bands = int(pick(rng, [40, 64, 80, 128, 128, 256]))
        S = librosa.feature.melspectrogram(S=S**2, sr=sr, n_fft=n_fft, n_mels=min(bands, n_fft // 8)) ** 0.5
    shown = np.log(S + 1e-5) if rng.random() < 0.5 else librosa.amplitude_to_db(S, ref=np.max)
    low, high = shown.min(), shown.max()
    level = ((shown - low) / (high - low) * 255).astype(np.uint8)[:: int(pick(rng, [1, -1]))]
    if rng.random() < 0.5:
        image = Image.fromarray(level if rng.random() < 0.7 else 255 - level)
    else:
        image = Image.fromarray((plt.get_cmap(str(pick(rng, MAPS)))(level)[..., :3] * 255).astype(np.uint8))
    if rng.random() < 0.3:
        image = image.resize((int(rng.integers(200, 900)), int(rng.integers(150, 500))), Image.Resampling.BILINEAR)
    elif rng.random() < 0.3:
        image = image.resize((image.width * 3, image.height * 4), Image.Resampling.NEAREST)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def quiet(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Speech or music between long silences."""
    y, sr = _sound(rng, sounds, 3)
    before, after = rng.integers(0, 4 * len(y), 2)
    S, _, hop = _magnitude(rng, np.pad(y, (int(before), int(after))))
    return _in_figure(rng, librosa.amplitude_to_db(S, ref=np.max), sr, hop)


def short(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """A syllable: few frames, each many pixels wide."""
    y, sr = _sound(rng, sounds, 5)
    start = int(np.argmax(np.abs(y)))
    S, _, hop = _magnitude(rng, y[max(0, start - 3000) : start + int(rng.uniform(0.05, 0.4) * sr)])
    return _in_figure(rng, librosa.amplitude_to_db(S, ref=np.max), sr, hop)


def mel_of_few_bands(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """specshow or imshow of 40, 64 or 80 mel bands."""
    y, sr = _sound(rng, sounds, 4)
    mel = librosa.feature.melspectrogram(y=y, sr=sr, n_mels=int(pick(rng, [40, 64, 80])), hop_length=512)
    shown = librosa.power_to_db(mel, ref=np.max)
    figure, axes = _axes(rng) if rng.random() < 0.6 else canvas(600, 400)
    if rng.random() < 0.6:
        librosa.display.specshow(shown, ax=axes, sr=sr, x_axis="time", y_axis=pick(rng, ["mel", None]))
    else:
        axes.imshow(shown, origin="lower", aspect="auto", interpolation=pick(rng, [None, "nearest"]))
        axes.set(xlabel="Frames", ylabel="Mel bands")
    return saved(figure)


def synthetic(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """Tones, chirps, clicks, noise, tremolo, a siren."""
    sr = int(pick(rng, [8000, 16000, 22050]))
    t = np.arange(int(rng.uniform(1, 4) * sr)) / sr
    f = float(rng.uniform(200, 2000))
    waves = (
        np.sin(2 * np.pi * f * t), sum(np.sin(2 * np.pi * f * k * t) / k for k in (1, 2, 3)),
        scipy.signal.chirp(t, 100, t[-1], 0.45 * sr), scipy.signal.chirp(t, 100, t[-1], 0.4 * sr, "logarithmic"),
        (np.arange(len(t)) % 4000 == 0) * 1.0, rng.normal(size=len(t)), np.sin(2 * np.pi * f * t) * np.sin(8 * t),
        np.sin(2 * np.pi * f * t + 40 * np.sin(9 * t)), rng.normal(size=len(t)) * np.exp(-3 * t),
    )  # fmt: skip
    y = pick(rng, waves)
    S, _, hop = _magnitude(rng, np.asarray(y, np.float32))
    return _in_figure(rng, librosa.amplitude_to_db(S, ref=np.max), sr, hop)


def above_a_waveform(rng: np.random.Generator, sounds: Sounds) -> bytes:
    """One spectrogram and the waveform, one above the other."""
    y, sr = _sound(rng, sounds)
    figure, axes = _axes(rng, 2, sharex=bool(rng.random() < 0.5))
    wave, shown = axes if rng.random() < 0.7 else axes[::-1]
    wave.plot(np.arange(len(y)) / sr, y, lw=float(rng.uniform(0.3, 1)))
    if rng.random() < 0.5:
        shown.specgram(y + 1e-7, Fs=sr, NFFT=int(pick(rng, [256, 512, 1024])))
    else:
        decibels = librosa.amplitude_to_db(np.abs(librosa.stft(y)), ref=np.max)
        librosa.display.specshow(decibels, sr=sr, x_axis="time", y_axis=pick(rng, ["log", "linear"]), ax=shown)
    if rng.random() < 0.5:
        figure.tight_layout()
    return saved(figure)


KINDS: dict[str, Callable[[np.random.Generator, Sounds], bytes]] = {
    drawer.__name__: drawer
    for drawer in (
        linear_levels, scipy_power, array, quiet, short, mel_of_few_bands, synthetic, above_a_waveform
    )
}  # fmt: skip
