"""Figures of matplotlib and librosa as pictures, for the tests of what reads them."""

from __future__ import annotations

import io
import warnings

import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

from fastspec.picture.picture import Picture


def decibels(wave, n_fft=1024, hop=512):
    """Levels of a sound's STFT, dB from its loudest."""
    import librosa

    return librosa.amplitude_to_db(np.abs(librosa.stft(wave, n_fft=n_fft, hop_length=hop)), ref=np.max)


def saved(figure, *, jpeg=False, **options) -> Picture:
    """The picture of a figure, which is closed."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="jpg" if jpeg else "png", **options)
    plt.close(figure)
    return Picture.from_pil(Image.open(buffer))


def specshow(
    sound, scale="linear", *, size=(8, 4), dpi=100, bar=True, jpeg=False, style=None, pil_kwargs=None, **kwargs
):
    """The picture of a figure and the axes' box, left, top, right, bottom in fractional pixels."""
    import librosa.display

    wave, sr = sound
    with plt.style.context(style or "default"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure, axes = plt.subplots(figsize=size, dpi=dpi)
        shown = librosa.display.specshow(
            decibels(wave), sr=sr, hop_length=512, x_axis="time", y_axis=scale, ax=axes, **kwargs
        )
        if bar:
            figure.colorbar(shown, ax=axes, format="%+2.0f dB")
        axes.set_title("a title")
        figure.canvas.draw()
        extent, height = axes.get_window_extent(), figure.bbox.height
        box = (extent.x0, height - extent.y1, extent.x1, height - extent.y0)
        return saved(figure, jpeg=jpeg, pil_kwargs=pil_kwargs), tuple(int(np.floor(v + 0.5)) for v in box)
