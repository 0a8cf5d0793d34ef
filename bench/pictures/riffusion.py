"""Riffusion's pictures: the fourth root of mel amplitudes in gray, or two channels in green and blue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import librosa
import numpy as np
from PIL import Image

from bench.pictures.common import Array, Drawing, Sounds, excerpt, pick
from bench.pictures.damage import DAMAGED


def mel_amplitudes(y: Array) -> Array:
    """Riffusion's: 512 HTK bands to 10 kHz without norm, windows of 100 ms padded to 400, every 10 ms at 44.1 kHz."""
    S = np.abs(librosa.stft(y, n_fft=17640, win_length=4410, hop_length=441))
    bank = librosa.filters.mel(sr=44100, n_fft=17640, n_mels=512, fmin=0, fmax=10000, htk=True, norm=None)
    return np.asarray(bank @ S)


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """After spectrogram_converter.py and image_util.py: 255 - 255 (S / max)^.25, turned over; stereo in green and blue.

    Riffusion writes its EXIF itself; what a diffusion model draws, or an editor saves, has none. The sound is taken to
    44.1 kHz first, as its command line does, so that the EXIF's rate is the sound's.
    """
    y = excerpt(rng, sounds, 44100, float(pick(rng, [3, 5.12, 5.12, 8])))
    stereo, exif = bool(rng.random() < 0.25), bool(rng.random() < 0.5)
    sides = [mel_amplitudes(y)] + ([mel_amplitudes(0.8 * y[::-1])] if stereo else [])
    width = 512 if len(y) == int(5.12 * 44100) else sides[0].shape[1]
    S = np.stack([side[:, :width] for side in sides])
    most = float(S.max())
    gray = (255 - 255 * (S / most) ** 0.25).astype(np.uint8)[:, ::-1]
    rgb = np.stack([0 * gray[0], *gray] if stereo else [gray[0]] * 3, axis=2)
    image = Image.fromarray(rgb)
    tags = Image.Exif()
    values = {11000: 44100, 11005: stereo, 11010: 10, 11020: 100, 11030: 400, 11040: 512, 11050: 0, 11060: 10000}
    for tag, value in {**values, 11070: 0.25, 11080: most}.items():
        tags[tag] = value
    jpeg = bool(rng.random() < 0.25)
    path = stem.with_suffix(".jpg" if jpeg else ".png")
    image.save(path, exif=tags if exif else Image.Exif())
    truth: dict[str, Any] = {
        "profile": "riffusion",
        "cmap": "riffusion",
        "freq_scale": "mel",
        "n_mels": 512,
        "sr": 44100,
        "duration": width / 100,
        "channels": 2 if stereo else 1,
        "origin": "lower",
        "plot_area": (0, 0, width, 512),
    }
    how = f"{width}x512 {'stereo' if stereo else 'mono'}"
    kind = "riffusion, EXIF" if exif else "riffusion"
    excused = {} if exif or not jpeg else {"profile": DAMAGED}
    return Drawing(path, kind, truth, frozenset({"profile"}), how, "jpeg" if jpeg else "clean", excused)
