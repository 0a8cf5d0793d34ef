"""Every phase drawn evenly from 0 to 2 pi, as Griffin and Lim began."""

from __future__ import annotations

import numpy as np

from fastspec._typing import Array
from fastspec.phase.starts.given import turn
from fastspec.phase.starts.start import Start
from fastspec.transform.geometry import Geometry


def _write(mag: Array, X: Array, geometry: Geometry, seed: int) -> None:
    turn(mag, 2 * np.pi * np.random.default_rng(seed).random(mag.shape, np.float32), X)


START = Start("random", _write)
