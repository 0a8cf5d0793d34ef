"""Colour tables that more than one drawing tool makes by the same formula."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def sox_spectrum(levels: NDArray[Any]) -> list[NDArray[np.float64]]:
    """Red, green and blue, each 0..1, of levels 0..1: black, violet, red, yellow, white.

    The default palette of SoX (spectrogram.c of 14.4.2, `make_palette`), which Spek took over (spek-palette.cc, `sox`).
    """
    x = np.asarray(levels, np.float64)
    half = np.pi / 2
    red = np.where(x < 0.13, 0.0, np.where(x < 0.73, np.sin((x - 0.13) / 0.60 * half), 1.0))
    green = np.where(x < 0.60, 0.0, np.where(x < 0.91, np.sin((x - 0.60) / 0.31 * half), 1.0))
    blue = np.where(x < 0.60, 0.5 * np.sin(x / 0.60 * np.pi), np.where(x < 0.78, 0.0, (x - 0.78) / 0.22))
    return [red, green, blue]
