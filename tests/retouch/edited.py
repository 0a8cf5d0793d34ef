"""Pictures of the tests' speech, what somebody did to them, and what that means for its STFT."""

from __future__ import annotations

import numpy as np
from PIL import Image

import fastspec
from fastspec import inspection
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap
from fastspec.plot import layout
from tests.retouch.pictures import drawn

GIVEN = {"n_fft": 1024, "hop_length": 512, "window": "hanning"}
STEP = 80 / 256  # dB of a step of the colormap


class Drawing:
    """librosa's picture of a sound, its entries of the colormap, and the cells that its pixels show."""

    def __init__(self, y, sr, y_axis="log", size=(400, 300)):
        self.y, self.sr = y, sr
        self.picture = drawn(y, sr, size=size, y_axis=y_axis, window=np.hanning(1024), edited=False)
        given = inspection.given_facts(
            {**GIVEN, "sr": sr, "duration": y.size / sr, "freq_scale": y_axis, "freq_edges": "librosa>=0.9"}
        )
        facts = Complete.of(inspection.seen(self.picture, given).calibration())
        self.plan = layout.layout(facts, *size)
        self.cmap = colormap.get("magma")
        colours = {tuple(colour): entry for entry, colour in enumerate(self.cmap.table.tolist())}
        self.entries = np.array([[colours[tuple(p)] for p in row] for row in self.picture.pixels.tolist()])
        self.options = {"n_fft": 1024, "hop_length": 512, "window": np.hanning(1024)}
        self.spectrum = fastspec.stft(y, **self.options).T

    def cells(self, top, bottom, left, right):
        """Which (frames, bins) a rectangle of pixels shows, with those between that no pixel shows."""
        frames, bins = self.plan.columns[left:right], self.plan.rows[top:bottom]
        marked = np.zeros(self.spectrum.shape, np.bool_)
        marked[frames.min() : frames.max() + 1, bins.min() : bins.max() + 1] = True
        return marked

    def pixels(self, entries):
        return self.cmap.table[np.clip(entries, 0, 255)]

    def sound(self, spectrum):
        """The ideal edit: the original and the difference of the spectra."""
        own = {name: value for name, value in self.options.items() if name != "n_fft"}
        return self.y + fastspec.istft((spectrum - self.spectrum).T, **own, length=self.y.size)


def as_jpeg(pixels, path, quality=90):
    Image.fromarray(pixels).save(path, quality=quality)
    return path
