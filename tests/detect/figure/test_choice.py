"""Of a figure of several plots the only spectrogram is read; windows of sound editors are refused."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec
from tests.detect.figure.figures import decibels, saved


def with_waveform(sound, *, below=False, room=0.3, cmap="magma", colour="C0", **options):
    """A spectrogram and its waveform, and the former's box."""
    wave, sr = sound
    figure, axes = plt.subplots(2, 1, figsize=(8, 6), dpi=100, sharex=True, **options)
    figure.subplots_adjust(hspace=room)
    curve, shown = axes[::-1] if below else axes
    curve.plot(np.arange(len(wave)) / sr, wave, color=colour, lw=0.6)
    extent = (0, len(wave) / sr, 0, sr / 2)
    shown.imshow(decibels(wave), cmap=cmap, origin="lower", aspect="auto", extent=extent)
    axes[-1].set_xlabel("Time (s)")
    shown.set_ylabel("Frequency (Hz)")
    figure.canvas.draw()
    box = shown.get_window_extent()
    return figure, (box.x0, figure.bbox.height - box.y1, box.x1, figure.bbox.height - box.y0)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"below": True, "cmap": "viridis"},
        {"room": 0.02, "cmap": "gray_r"},
        {"room": 0.0, "colour": "k"},
        {"room": 0.1, "height_ratios": [1, 3]},
    ],
)
def test_the_spectrogram_beside_a_waveform_is_read(speech, options):
    wave, sr = speech
    figure, box = with_waveform(speech, **options)
    known = fastspec.inspect(saved(figure))
    assert "doubt" not in known.picture
    np.testing.assert_allclose(known["plot_area"], box, atol=1.5)
    assert any("curves as well, at" in remark for remark in known.remarks)
    assert (known["sr"], known.source("sr")) == (sr, "pixels")
    if not options.get("below"):
        assert known["duration"] == pytest.approx(len(wave) / sr, rel=0.05)


def test_a_window_of_a_sound_editor_is_refused_unless_a_panel_is_named(speech):
    figure, box = with_waveform(speech, room=0.0, cmap="gray_r", colour="k")
    axes = figure.axes[1]
    axes.plot(np.linspace(0, 3, 40), 900 + 300 * np.sin(np.linspace(0, 9, 40)), ".", color="blue")
    figure.patch.set_facecolor("0.9")
    picture = saved(figure, facecolor="0.9")
    assert "a window of a sound editor, with curves at" in fastspec.inspect(picture).picture["doubt"]
    known = fastspec.inspect(picture, panel=1)
    assert "doubt" not in known.picture
    np.testing.assert_allclose(known["plot_area"], box, atol=1.5)


def test_waveforms_alone_are_no_spectrogram(speech):
    figure, axes = plt.subplots(3, 1, figsize=(7, 6), dpi=100)
    for number, one in enumerate(axes):
        one.plot(np.roll(speech[0], 5000 * number), f"C{number}")
    known = fastspec.inspect(saved(figure))
    assert "plot_area" not in known or known.source("plot_area") == "assumed"
