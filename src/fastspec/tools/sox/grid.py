"""SoX's columns: whole steps of its transform, by the arithmetic of spectrogram.c of 14.4.2 (`start`, `drain`)."""

from __future__ import annotations

import math
from typing import NamedTuple

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.tools import span_grid
from fastspec.tools.span_grid import Choice

USUAL_WIDTH = 800  # columns asked for without -x
_MOST_PER_SECOND = 5000  # columns
_LOST = 0.01  # share of the asked columns that may stay undrawn, as a column's span is rounded up
_SURE_OF_REF = 0.9


class Columns(NamedTuple):
    """How SoX shares a sound among columns."""

    step: int  # samples from one transform to the next
    steps: int  # transforms that a column averages
    width: int  # columns drawn, at most as many as asked for
    last: int  # transforms that the last of them averages

    @property
    def span(self) -> int:
        """Samples a column."""
        return self.step * self.steps


def choose_grid(chosen: Choice, rows: int) -> None:
    """Rows 2^k + 1 are all bins; 0 dBFS is a sine of amplitude 1."""
    span_grid.choose_bins(chosen, 2 * (rows - 1))
    if "ref" not in chosen.known:
        longest = int(chosen.known.get("win_length") or chosen["n_fft"])
        chosen.facts["ref"] = Fact(longest / 4, "profile", _SURE_OF_REF, "SoX's 0 dBFS is a sine at full scale")


def columns(samples: int, sr: float, asked: int, n_fft: int) -> Columns:
    """The columns of a sound drawn with `-x asked`.

    Quotients are SoX's own doubles: 16000 / (800 / 6.05) is 120.99..., so a column shows 120 samples, not 121.
    """
    per_second = min(float(_MOST_PER_SECOND), asked / (samples / sr))
    block = max(1, int(sr / per_second))
    step = int(block / math.ceil(block / max(1, n_fft // 2)) + 0.5)
    steps = math.floor(block / step + 0.5)
    transforms = max(1, samples // step + (samples % step >= step >> 1))  # a rest of half a step is one more
    count = -(-transforms // steps)
    if count > asked:
        return Columns(step, steps, asked, steps)
    return Columns(step, steps, count, transforms - (count - 1) * steps)


def columns_of_width(samples: int, sr: float, width: int, n_fft: int) -> Columns:
    """The columns of a picture of `width`, which may be a few less than were asked for."""
    most = math.ceil(width * (1 + _LOST))
    for asked in (*((USUAL_WIDTH,) if width <= USUAL_WIDTH <= most else ()), *range(width, most + 1)):
        found = columns(samples, sr, asked, n_fft)
        if found.width == width:
            return found
    return columns(samples, sr, width, n_fft)


def shown(samples: int, sr: float, width: int, n_fft: int) -> float:
    """Seconds that a picture of `width` shows of a sound."""
    return width * columns_of_width(samples, sr, width, n_fft).span / sr


def extent(known: Calibration, width: int) -> tuple[float, float]:
    """Seconds at the plot's borders."""
    return 0.0, shown(max(1, span_grid.samples_of(known)), known["sr"], width, known["n_fft"])
