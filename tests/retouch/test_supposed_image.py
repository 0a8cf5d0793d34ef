"""Figures of imshow and specgram that nobody described, and their originals."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.decoder import Decoder
from fastspec.retouch import supposed_image
from tests.retouch.figures import Figure
from tests.retouch.pictures import speech

N_FFT, HOP = 1024, 256


def saved(how, y, sr, *, tight):
    """A figure as `fig.savefig` writes it: pixels (H, W, 3)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    figure = Canvas(figsize=(8, 4))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    if how == "imshow":
        size = np.abs(fastspec.stft(y, n_fft=N_FFT, hop_length=HOP))
        decibels = np.maximum(20 * np.log10(np.maximum(size / size.max(), 1e-9)), -80)
        shown = axes.imshow(decibels, aspect="auto", origin="lower")
    else:
        shown = axes.specgram(y, NFFT=N_FFT, Fs=sr, noverlap=N_FFT - HOP)[3]
    figure.colorbar(shown, ax=axes)
    if tight:
        figure.tight_layout()
    stream = io.BytesIO()
    figure.savefig(stream, dpi=100)
    stream.seek(0)
    return np.asarray(Image.open(stream).convert("RGB"))


def as_file(pixels):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    stream.seek(0)
    return stream


@pytest.mark.parametrize("tight", [False, True])
@pytest.mark.parametrize("how", ["imshow", "specgram"])
def test_a_blended_figure_gives_its_original_and_an_edit_leaves_the_rest(how, tight):
    y, sr = speech()
    y = y[: 3 * sr]
    pixels = saved(how, y, sr, tight=tight)
    found = Decoder().retouch(as_file(pixels), (y, sr))
    np.testing.assert_array_equal(found.wave, y)
    edited = pixels.copy()
    height, width = edited.shape[:2]
    edited[height // 3 : height // 2, width // 3 : width // 2] = (68, 1, 84)  # viridis' first colour
    found = Decoder().retouch(as_file(edited), (y, sr))
    assert 0 < found.share < 0.15
    assert 0.5 * y.size < found.exact < y.size
    changed = np.flatnonzero(found.wave != y)
    assert changed[-1] - changed[0] < 0.45 * y.size


def test_flat_cells_and_pictures_without_margins_are_none(monkeypatch):
    y, sr = speech()
    drawn = Figure(y[: 3 * sr], sr, tight=True)

    def refused(*_):
        raise AssertionError("taken for a blended drawing")

    monkeypatch.setattr(supposed_image, "_drawings", refused)
    found = Decoder().retouch(as_file(np.ascontiguousarray(drawn.plot)), (drawn.y, drawn.sr))
    assert found.exact > 0
    monkeypatch.undo()
    found = Decoder().retouch(as_file(drawn.erased()), (drawn.y, drawn.sr))
    assert found.calibration.get("profile") not in ("imshow-db", "matplotlib-specgram")
