"""Mel bands of one height, as pictures that are images of a mel spectrogram show them."""

from __future__ import annotations

import numpy as np

from fastspec.axes.scales.mel import bank_frequencies, hz_to_mel, mel_to_hz
from fastspec.axes.scales.scale import Axis, Hertz, Scale


class MelRows(Scale):
    """Even in mel, one band a row."""

    name = "mel-rows"
    kind = "mel"
    has_pitch = False
    zoomable = False
    one_cell_a_row = True

    def measure(self, hertz: Hertz, axis: Axis) -> Hertz:
        return hz_to_mel(hertz, htk=axis.htk)

    def positions(self, axis: Axis) -> Hertz:
        return bank_frequencies(axis, axis.count)

    def borders(self, axis: Axis) -> Hertz:
        low, high = hz_to_mel([axis.fmin or 0.0, axis.fmax or axis.sr / 2], htk=axis.htk)
        return mel_to_hz(np.linspace(low, high, axis.count + 1), htk=axis.htk)


SCALE = MelRows()
