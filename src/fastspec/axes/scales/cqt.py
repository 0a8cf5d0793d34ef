"""Constant-Q bins on a logarithmic axis."""

from __future__ import annotations

import numpy as np

from fastspec.axes.scales import symlog
from fastspec.axes.scales.scale import Axis, Hertz, Scale
from fastspec.errors import ParameterError

_MOST_OCTAVES = 512  # above the lowest bin; from some thousand on a float holds no such frequency
C1_HZ = 440.0 * 2.0 ** ((24 - 69) / 12)


def lowest_bin(axis: Axis) -> float:
    """Hz of the lowest constant-Q bin, C1 (32.7 Hz) where nobody says."""
    return C1_HZ if axis.fmin is None else axis.fmin


def bin_frequencies(axis: Axis) -> Hertz:
    """Hz of the constant-Q bins: shape (count,)."""
    return np.asarray(lowest_bin(axis) * 2.0 ** (np.arange(axis.count) / axis.bins_per_octave))


class Cqt(Scale):
    """Even in octaves, `bins_per_octave` cells each, from the lowest bin on."""

    name = "cqt"
    kind = "cqt"
    has_pitch = False
    zoomable = False
    counted = True

    def measure(self, hertz: Hertz, axis: Axis) -> Hertz:
        return symlog.octaves(hertz)

    def positions(self, axis: Axis) -> Hertz:
        return bin_frequencies(axis)

    def explicit_borders(self, axis: Axis) -> Hertz:
        lowest = lowest_bin(axis) / 2.0 ** (0.5 / axis.bins_per_octave)
        return np.asarray(lowest * 2.0 ** (np.arange(axis.count + 1) / axis.bins_per_octave))

    def check(self, axis: Axis) -> None:
        if axis.fmax is not None:
            raise ParameterError(f"fmax={axis.fmax!r} is set by fmin, n_cells and bins_per_octave on a cqt axis")
        low = lowest_bin(axis)
        if not low > 0:
            raise ParameterError(f"fmin={low!r} Hz of a cqt axis must be above 0")
        if axis.count > _MOST_OCTAVES * axis.bins_per_octave:
            raise ParameterError(f"n_cells={axis.count} of a cqt axis are more than {_MOST_OCTAVES} octaves")


SCALE = Cqt()
