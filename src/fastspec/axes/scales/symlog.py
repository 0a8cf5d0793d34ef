"""matplotlib's symmetrical log, its inverse, and its plain log: what specshow's "log", "mel" and "cqt" are drawn on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_CLIPPED = -1000.0  # what matplotlib's plain log makes of 0 and below
_MOST_OCTAVES = 40.0  # beyond the linear part that `inverse` follows


def symlog(hertz: NDArray[np.float64], linthresh: float, linscale: float, base: float = 2.0) -> NDArray[np.float64]:
    """Hz to matplotlib's SymmetricalLogTransform(base, linthresh, linscale): linear up to `linthresh` Hz, then log."""
    with np.errstate(divide="ignore", invalid="ignore"):
        linear = linscale / (1.0 - 1.0 / base)
        log_base = np.log(base)
        size = np.abs(hertz)
        bent = np.sign(hertz) * linthresh * (linear - np.log(linthresh) / log_base + np.log(size) / log_base)
        return np.where(size <= linthresh, hertz * linear, bent)


def inverse(measure: NDArray[np.float64], linthresh: float, linscale: float, base: float = 2.0) -> NDArray[np.float64]:
    """The inverse of `symlog`, Hz, followed no further than 2**40 thresholds."""
    linear = linscale / (1.0 - 1.0 / base)
    size = np.abs(measure)
    bent = linthresh * np.exp2(np.minimum((size / linthresh - linear) * np.log2(base), _MOST_OCTAVES))
    return np.asarray(np.sign(measure) * np.where(size <= linthresh * linear, size / linear, bent))


def octaves(hertz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hz to matplotlib's plain log of base 2."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(hertz > 0, np.log2(hertz), _CLIPPED)
