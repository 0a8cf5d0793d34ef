"""Waveforms and charts are told from spectrograms, some of whose levels may have the paper's colour."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.detect.figure.curves import curves

PAPER = (255, 255, 255)


def waveform(wave, colour, rows=200, columns=400):
    """A waveform's peaks on paper (rows, columns, 3)."""
    peaks = np.abs(wave[: len(wave) // columns * columns].reshape(columns, -1)).max(axis=1)
    reach = 0.45 * rows * peaks / peaks.max()
    inside = np.full((rows, columns, 3), PAPER, np.uint8)
    inside[np.abs(np.arange(rows)[:, None] - rows / 2) <= reach] = colour
    return inside


@pytest.mark.parametrize("colour", [(31, 119, 180), (0, 0, 0), (255, 127, 14)])
def test_a_waveform_is_curves(speech, colour):
    assert curves(waveform(speech[0], colour), PAPER)


def test_on_paper_of_its_own_it_is_as_well(speech):
    assert curves(waveform(speech[0], (0, 0, 0)), (222, 222, 222))


def test_waveforms_of_two_colours_over_each_other_are_curves(speech):
    inside = waveform(speech[0], (31, 119, 180))
    over = waveform(0.5 * speech[0][::-1], (255, 127, 14), rows=200)
    inside[60:140] = np.where((over[60:140] == 255).all(axis=2, keepdims=True), inside[60:140], over[60:140])
    assert curves(inside, PAPER)


def test_bars_are_curves():
    inside = np.full((200, 400, 3), 255, np.uint8)
    for k, height in enumerate((40, 120, 190, 80, 150)):
        inside[-height:, 80 * k + 10 : 80 * k + 75] = ((31, 119, 180), (255, 127, 14), (44, 160, 44))[k % 3]
    assert curves(inside, PAPER)


def levels(speech):
    from tests.detect.figure.figures import decibels

    return np.clip(decibels(speech[0])[::-1] / 80 + 1, 0, 1)


@pytest.mark.parametrize("cmap", ["gray_r", "magma", "viridis", "Blues"])
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_spectrograms_are_no_curves(speech, cmap, share):
    from matplotlib import colormaps

    shown = (255 * colormaps[cmap](levels(speech))[..., :3]).astype(np.uint8)
    inside = np.full((len(shown), int(shown.shape[1] / share), 3), 255, np.uint8)
    inside[:, : shown.shape[1]] = shown  # it may end before its plot does
    assert not curves(inside, PAPER)


def test_a_plot_of_one_colour_is_no_curves():
    assert not curves(np.full((60, 80, 3), 255, np.uint8), PAPER)
