"""What a start is: how the phases of a target spectrogram begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastspec._typing import Array
from fastspec.transform.geometry import Geometry


@dataclass(frozen=True)
class Start:
    """A first spectrogram X_0 for the iterations, made of the target's magnitude.

    name : as it is asked for
    write : called as write(mag, X, geometry, seed); writes X_0 into X, complex (frames, bins), contiguous, of the
        target `mag` (frames, bins), |X_0| = mag. Everything random comes of `seed`, an int, so that a picture starts
        alike alone and in company
    zero : whether all phases are 0, so that X_0 is the target and need not be written where no spectrum is carried
    """

    name: str
    write: Callable[[Array, Array, Geometry, int], None]
    zero: bool = False
