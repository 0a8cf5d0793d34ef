"""Phases that the caller gives: of a complex spectrogram, or as angles."""

from __future__ import annotations

import numpy as np

from fastspec._typing import Array
from fastspec.kernels import phase as kernels
from fastspec.phase.starts.start import Start
from fastspec.transform.geometry import Geometry


def start(phases: Array) -> Start:
    """The start with these phases (bins, frames): of a complex spectrogram (where it is 0, 0), or angles in radians."""

    def write(mag: Array, X: Array, geometry: Geometry, seed: int) -> None:
        if np.iscomplexobj(phases):
            kernels.take(phases, X.dtype.type(1), X)
            kernels.warm(X, mag)
        else:
            turn(mag, phases.T, X)

    return Start("given", write)


def turn(mag: Array, phases: Array, X: Array) -> None:
    """X = mag exp(i phases), in the precision of `phases`."""
    np.multiply(mag, np.cos(phases), out=X.real, casting="same_kind")
    np.multiply(mag, np.sin(phases), out=X.imag, casting="same_kind")
