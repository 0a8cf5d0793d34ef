"""Figures of imshow and specgram that nobody described, and their originals."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.colours import colormap
from fastspec.decoder import Decoder
from fastspec.errors import PictureError
from fastspec.phase import metrics
from fastspec.retouch import supposed_image
from tests.retouch.figures import Figure
from tests.retouch.pictures import speech

N_FFT, HOP = 1024, 256


def saved(how, y, sr, *, tight, dpi=100):
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
    elif how == "gouraud":
        size = np.abs(fastspec.stft(y, n_fft=N_FFT, hop_length=HOP))
        decibels = np.maximum(20 * np.log10(np.maximum(size / size.max(), 1e-9)), -80)
        frames, bins = np.arange(size.shape[1]) * HOP / sr, np.arange(size.shape[0]) * sr / N_FFT
        shown = axes.pcolormesh(frames, bins, decibels, shading="gouraud")
    else:
        shown = axes.specgram(y, NFFT=N_FFT, Fs=sr, noverlap=N_FFT - HOP)[3]
    figure.colorbar(shown, ax=axes)
    if tight:
        figure.tight_layout()
    stream = io.BytesIO()
    figure.savefig(stream, dpi=dpi)
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


def test_a_rectangle_made_louder_is_as_the_ideal_edit():
    y, sr = speech()
    y = y[: 3 * sr]
    pixels = saved("imshow", y, sr, tight=False).copy()
    table = colormap.get("viridis", "trunc").table
    top, bottom, left, right = 240, 335, 230, 450  # pixels within the plot
    part = pixels[top:bottom, left:right].astype(int)
    distances = np.square(part[..., None, :] - table.astype(int)).sum(axis=-1)
    steps = 19  # of 80 / 256 dB
    pixels[top:bottom, left:right] = table[np.minimum(distances.argmin(axis=-1) + steps, 255)]
    found = Decoder().retouch(as_file(pixels), (y, sr))
    # the cells in which the edited pixels' centres lie
    facts = found.calibration
    box, beyond = facts["plot_area"], facts.get("plot_offsets") or (0.0, 0.0, 0.0, 0.0)
    spectrum = fastspec.stft(y, n_fft=N_FFT, hop_length=HOP)
    bins, frames = spectrum.shape

    def cells_of(first, stop, count, many, before, after):
        centres = (np.array([first, stop - 1]) + 0.5 + before) * count / (many + before + after)
        return np.floor(centres).astype(int)

    columns = cells_of(left - box[0], right - box[0], frames, box[2] - box[0], beyond[0], beyond[2])
    rows = cells_of(top - box[1], bottom - box[1], bins, box[3] - box[1], beyond[1], beyond[3])
    changed = np.zeros_like(spectrum)
    where = slice(bins - 1 - rows[1], bins - rows[0]), slice(columns[0], columns[1] + 1)
    changed[where] = spectrum[where] * (10 ** (steps * 80 / 256 / 20) - 1)
    ideal = y + fastspec.istft(changed, hop_length=HOP, length=y.size)
    assert metrics.held_out_sc(found.wave, ideal, sr) <= -40
    assert metrics.held_out_sc(y, ideal, sr) > -15


@pytest.mark.parametrize("dpi", [72, 150])
def test_colours_that_gouraud_shading_mixed_are_refused_with_what_they_are(dpi):
    y, sr = speech()
    y = y[: 3 * sr]
    pixels = saved("gouraud", y, sr, tight=False, dpi=dpi)
    with pytest.raises(PictureError, match="mixed of several cells"):
        Decoder().retouch(as_file(pixels), (y, sr))


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
