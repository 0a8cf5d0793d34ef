"""The look at what was read: a file appears, or one sentence says why not."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.diagnostics.plotting import plot_decoded
from fastspec.errors import MissingExtraError, OutputError
from fastspec.picture.picture import Picture


@pytest.fixture(scope="module")
def decoded():
    """A picture with a margin, and two channels."""
    y = np.random.default_rng(2).standard_normal((2, 4000)).astype(np.float32)
    drawn = fastspec.encode(y, 8000, profile="sox", n_fft=256)
    return fastspec.Decoder(n_iter=0, force=True).read(drawn), y


def test_the_plot_is_drawn(decoded, tmp_path):
    read, y = decoded
    plot_decoded(read, y, tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert min(pixels.shape[:2]) > 500
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 100


def test_silence_and_a_margin_are_drawn_too(tmp_path):
    pixels = np.zeros((60, 80, 3), np.uint8)
    told = {"sr": 8000, "n_fft": 64, "hop_length": 32, "freq_scale": "linear", "plot_area": (10, 10, 70, 43)}
    read = fastspec.Decoder(n_iter=0, force=True, cmap="gray", **told).read(Picture(pixels))
    plot_decoded(read, np.zeros(2000, np.float32), tmp_path / "a.svg")
    assert (tmp_path / "a.svg").stat().st_size > 1000


@pytest.mark.parametrize("name", ["no/such/folder/a.png", "a.suffix"])
def test_a_plot_that_cannot_be_written_is_one_sentence(decoded, tmp_path, name):
    read, y = decoded
    with pytest.raises(OutputError, match=r"cannot be written.*\.png"):
        plot_decoded(read, y, tmp_path / name)


def test_without_matplotlib_the_extra_is_named(decoded, tmp_path, monkeypatch):
    read, y = decoded
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match="plot"):
        plot_decoded(read, y, tmp_path / "a.png")
