"""Whole figures of the tests' speech as people save them, what somebody erased in them, and what that means."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

import fastspec


class Figure:
    """specshow with axes, title and colour bar, as pixels (H, W, 3); `area` is the plot, `offsets` where it lies."""

    def __init__(self, y, sr, *, y_axis="log", dpi=72, how=None, figsize=(6.4, 4.8), tight=False):
        import librosa.display
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Canvas

        self.y, self.sr, self.y_axis = y, sr, y_axis
        self.options = {"n_fft": 1024, "hop_length": 256}
        self.spectrum = fastspec.stft(y, **self.options).T
        magnitude = np.abs(self.spectrum).T
        self.decibels = librosa.amplitude_to_db(magnitude, ref=np.max)
        figure = Canvas(figsize=figsize)
        FigureCanvasAgg(figure)
        self.axes = figure.add_subplot()
        shown = librosa.display.specshow(
            self.decibels, sr=sr, hop_length=256, x_axis="time", y_axis=y_axis, ax=self.axes, cmap="magma"
        )
        figure.colorbar(shown, ax=self.axes, format="%+2.0f dB")
        self.axes.set_title("speech")
        if tight:
            figure.tight_layout()
        figure.canvas.mpl_connect("draw_event", self._noted)
        stream = io.BytesIO()
        figure.savefig(stream, dpi=dpi, **(how or {}))
        stream.seek(0)
        self.pixels = np.asarray(Image.open(stream).convert("RGB"))

    def _noted(self, event):
        box, height = self.axes.get_window_extent(event.renderer), float(event.renderer.height)
        exact = box.x0, height - box.y1, box.x1, height - box.y0
        self.area = tuple(int(each + 0.5) for each in exact)
        left, top, right, bottom = self.area
        self.offsets = left - exact[0], top - exact[1], exact[2] - right, exact[3] - bottom

    @property
    def plot(self):
        left, top, right, bottom = self.area
        return self.pixels[top:bottom, left:right]

    def place(self):
        """A rectangle of pixels of the plot."""
        height, width = self.plot.shape[:2]
        return slice(height // 4, height // 2), slice(width // 3, width * 3 // 5)

    def erased(self):
        found = self.pixels.copy()
        left, top, right, bottom = self.area
        found[top:bottom, left:right][self.place()] = (0, 0, 3)  # magma's first colour
        return found

    def cells_of_place(self, plan):
        """Which (frames, bins) a plan's rectangle shows, with those between that no pixel shows."""
        rows, columns = self.place()
        frames, bins = plan.columns[columns], plan.rows[rows]
        marked = np.zeros(self.spectrum.shape, np.bool_)
        marked[frames.min() : frames.max() + 1, bins.min() : bins.max() + 1] = True
        return marked

    def sound(self, spectrum):
        """The ideal edit: the original and the difference of the spectra."""
        change = fastspec.istft((spectrum - self.spectrum).T, hop_length=256, length=self.y.size)
        return self.y + change
