"""Figures of three tones, of which a part is shown, or the axis the other way round."""

from __future__ import annotations

import warnings

import numpy as np
from matplotlib.figure import Figure

SR = 22050
TONES = (440.0, 1000.0, 3000.0)


def drawn(tones, folder, change, *, scale="linear"):
    """The file of a specshow figure after `change(axes)`."""
    import librosa
    import librosa.display

    figure = Figure(figsize=(8, 5), dpi=100)
    axes = figure.add_subplot()
    db = librosa.amplitude_to_db(np.abs(librosa.stft(tones.astype(np.float32), n_fft=2048)), ref=np.max)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        librosa.display.specshow(db, sr=SR, hop_length=512, x_axis="time", y_axis=scale, ax=axes)
        change(axes)
        figure.savefig(folder / "figure.png")
    return folder / "figure.png"


def peaks(y, sr):
    """The three loudest frequencies, Hz."""
    power = np.abs(np.fft.rfft(y * np.hanning(y.size))) ** 2
    found = []
    for _ in TONES:
        k = int(np.argmax(power))
        found.append(k * sr / y.size)
        power[max(0, k - 150 * y.size // sr) : k + 150 * y.size // sr] = 0
    return sorted(found)
