"""SoX's columns: whole steps of its transform (spectrogram.c, `start`)."""

from __future__ import annotations

import math

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.tools import span_grid
from fastspec.tools.span_grid import Choice

_SURE_OF_REF = 0.9


def choose_grid(chosen: Choice, rows: int) -> None:
    """Rows 2^k + 1 are all bins; 0 dBFS is a sine of amplitude 1."""
    span_grid.choose_bins(chosen, 2 * (rows - 1))
    if "ref" not in chosen.known:
        longest = int(chosen.known.get("win_length") or chosen["n_fft"])
        chosen.facts["ref"] = Fact(longest / 4, "profile", _SURE_OF_REF, "SoX's 0 dBFS is a sine at full scale")


def steps_of(samples: int, width: int, n_fft: int, least: int = 0) -> tuple[int, int]:
    """Samples from one transform to the next, and how many transforms a column averages.

    least : samples that a column shows at least, where SoX chooses the width.
    """
    block = max(1, samples // width, least)
    step = int(block / math.ceil(block / max(1, n_fft // 2)) + 0.5)
    return step, max(1, int(block / max(1, step) + 0.5))


def extent(known: Calibration, width: int) -> tuple[float, float]:
    """Seconds at the plot's borders."""
    step, steps = steps_of(max(1, span_grid.samples_of(known)), width, known["n_fft"])
    return 0.0, width * step * steps / known["sr"]
