"""Coloured drawings on paper in which no plot was found are refused; pictures that only look white are not."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.detect.reject.paper import drawn_on_paper

UNKNOWN = Calibration().updated("assumed", 0.5, plot_area=(0, 0, 300, 200), cmap="magma")


def _figure(draw, **options):
    figure, axes = plt.subplots(figsize=(6, 3), dpi=80)
    draw(axes)
    file = io.BytesIO()
    figure.savefig(file, **options)
    plt.close(figure)
    return np.asarray(Image.open(file).convert("RGB"))


def _spectrum(axes):
    hertz = np.linspace(0, 4000, 900)
    axes.plot(hertz, sum(np.exp(-(((hertz - 300 * k) / 8) ** 2)) / k for k in range(1, 9)))
    axes.axis("off")


def _pitch(axes):
    x = np.linspace(0, 5, 400)
    axes.plot(x, np.sin(x), "tab:orange", lw=3)
    axes.plot(x, 0.2 * x - 0.5, "tab:green")
    axes.axis("off")


def _network(axes):
    for x in range(3):
        for y in range(4):
            axes.add_patch(plt.Circle((x, y), 0.25, color=("tab:orange", "tab:green", "tab:red")[x]))  # type: ignore[attr-defined]
            for to in range(4):
                axes.annotate("", (x + 0.7, to), (x + 0.25, y), arrowprops={"arrowstyle": "->"})
    axes.set(xlim=(-1, 4), ylim=(-1, 4))
    axes.axis("off")


@pytest.mark.parametrize("draw", [_spectrum, _pitch, _network])
def test_curves_and_diagrams_are_no_spectrogram(draw):
    cal = fastspec.inspect(_figure(draw))
    assert "doubt" in cal.picture


@pytest.mark.parametrize(("how", "told"), [
    ("coloured", True),
    ("gray", False),  # white may be silence
    ("one pixel of ink", True),
    ("ink at an edge", False),
    ("pale blue", True),
    ("dark", False),
])  # fmt: skip
def test_paper_is_nearly_white_all_round(how, told):
    pixels = np.full((200, 300, 3), 255, np.uint8)
    pixels[60:90, 40:200] = 90 if how == "gray" else (200, 30, 30)
    if how == "pale blue":
        pixels[(pixels == 255).all(axis=2)] = (244, 248, 255)
    if how == "dark":
        pixels[(pixels == 255).all(axis=2)] = (17, 17, 17)
    if how == "one pixel of ink":
        pixels[0, 7] = 0
    if how == "ink at an edge":
        pixels[50:80, 0] = 0
    found = drawn_on_paper(pixels, None, UNKNOWN)
    assert (found is not None) == told
    assert found is None or "--crop" in found


def test_what_is_given_or_of_a_map_is_not_doubted():
    pixels = np.full((200, 300, 3), 255, np.uint8)
    pixels[60:90, 40:200] = (200, 30, 30)
    for known in (
        UNKNOWN.updated("given", plot_area=(0, 0, 300, 200)),
        UNKNOWN.updated("given", cmap="magma"),
        UNKNOWN.updated("pixels", 0.9, cmap="Blues"),
    ):
        assert drawn_on_paper(pixels, None, known) is None
    assert drawn_on_paper(pixels, None, UNKNOWN.updated("pixels", 0.6, cmap="Blues")) is not None


def test_a_palette_is_read_in_its_colours():
    palette = np.array([[255, 255, 255], [200, 30, 30]], np.uint8)
    entries = np.zeros((200, 300), np.uint8)
    entries[60:90, 40:200] = 1
    assert drawn_on_paper(entries, palette, UNKNOWN) is not None
    assert drawn_on_paper(entries, palette[::-1], UNKNOWN) is None


@pytest.mark.parametrize("name", ["Blues", "hot_r", "magma"])
def test_sounds_with_silence_all_round_are_spectrograms(name, speech):
    import librosa

    y, _sr = speech
    db = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=512)), ref=np.max)
    level = np.zeros((db.shape[0] + 40, db.shape[1] + 40))
    level[20:-20, 20:-20] = np.clip((db[::-1] + 80) / 80, 0, 1)
    cal = fastspec.inspect(colormap.get(name).table[(255 * level).astype(np.uint8)])
    assert "on paper" not in str(cal.picture.get("doubt", ""))
