"""What librosa 1.0's specshow draws: bare pixels, and whole figures as its manual makes them."""

from __future__ import annotations

import warnings

import librosa
import librosa.display
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

HOP = 200


def bare(data, sr, y_axis, size=(333, 240), **options):
    """The pixels (H, W, 3) of an axes that fills its figure."""
    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes([0, 0, 1, 1])
    librosa.display.specshow(data, sr=sr, hop_length=HOP, x_axis="time", y_axis=y_axis, ax=axes, **options)
    axes.set_axis_off()
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]


def figure(path, data, sr, y_axis, *, bar=True, **options):
    """A figure with labels, and a colour bar from `colorbar_db` or, for phases, `colorbar_phase`."""
    made = Figure(figsize=(7, 5), dpi=100)
    FigureCanvasAgg(made)
    axes = made.add_subplot()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # complex input
        shown = librosa.display.specshow(data, sr=sr, hop_length=HOP, x_axis="time", y_axis=y_axis, ax=axes, **options)
    if bar:
        draw = librosa.display.colorbar_phase if "phase" in options.get("vscale", "") else librosa.display.colorbar_db
        draw(shown, ax=axes)
    made.savefig(path)
    return path
