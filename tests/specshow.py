"""What librosa.display.specshow draws, for the tests of both ways."""

from __future__ import annotations

import numpy as np


def specshow(cells, sr, size, *, y_axis, hop_length, cmap=None, **axis):
    """The pixels (H, W, 3) that librosa.display.specshow draws of dB cells."""
    import librosa.display
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    canvas = FigureCanvasAgg(figure)
    ax = figure.add_axes([0, 0, 1, 1])
    ax.set_axis_off()
    extra = {} if cmap is None else {"cmap": cmap}
    librosa.display.specshow(cells, sr=sr, x_axis="time", y_axis=y_axis, hop_length=hop_length, ax=ax, **axis, **extra)
    ax.set_axis_off()
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]
