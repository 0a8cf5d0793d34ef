"""Pictures as people draw them of the tests' speech, edited, for the tests of the search."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from fastspec.picture.picture import Picture
from tests.specshow import specshow

SPEECH = Path(__file__).parents[1] / "data" / "speech.flac"


def speech():
    """The tests' speech (n,) and its rate."""
    import soundfile

    y, sr = soundfile.read(SPEECH, dtype="float32")
    return y, sr


def drawn(y, sr, *, size=(400, 300), y_axis="log", n_fft=1024, hop_length=512, window="hann", edited=True):
    """librosa's picture of a sound, with a rectangle and a bar erased and one brightened if `edited`."""
    import librosa

    spectrum = np.abs(librosa.stft(y, n_fft=n_fft, hop_length=hop_length, window=window))
    decibels = librosa.amplitude_to_db(spectrum, ref=np.max)
    pixels = specshow(decibels, sr, size, y_axis=y_axis, hop_length=hop_length, cmap="magma").copy()
    if edited:
        height, width = pixels.shape[:2]
        pixels[height // 4 : height // 2, width // 5 : width // 2] = pixels.min(axis=(0, 1))
        pixels[height // 2 : height // 2 + 9] = (252, 253, 191)
    return Picture.from_array(pixels)
