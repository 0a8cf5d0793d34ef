"""Whether ffmpeg drew whole windows, as after 5.1, or windows that it cut off after its step, as 5.1 does.

5.1 steps through a sound so that its transforms fill the picture's width and transforms no more samples than a step: a
sound that is short for its picture gives columns without detail, each unlike the next. Later releases transform the
whole window that ends with the step (avf_showspectrum.c with `s->frames`): rows differ, columns hardly.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact


class Limits(NamedTuple):
    """Of 88 pictures of 4096 x 2048 to 640 x 128 pixels and 1 to 7 s by 5.1.9 and 9.0, 5.1's have a detail of -6.9 to
    .32 and those of 9.0 .56 to 6.4 where the sound fills less than a seventh of the picture; none is read wrongly.
    """

    detail: float = 0.5  # octaves by which rows differ more than columns where windows are whole; unmeasured
    lines: int = 128  # rows and columns that are looked at, for speed; unmeasured
    sure: float = 0.9  # that they are whole then; unmeasured


LIMITS = Limits()


def read(area: NDArray[Any], known: Calibration) -> dict[str, Fact]:
    """win_length of a plot (H, W, 3) whose windows are whole; empty where they are cut, or where nothing tells."""
    rows = area.shape[0]
    if known.get("freq_scale", "linear") != "linear" or known.get("channels", 1) != 1 or min(area.shape[:2]) <= 1:
        return {}
    if known.get("n_fft", 2 * rows) != 2 * rows or detail(area) < LIMITS.detail:
        return {}
    note = "neighbouring rows differ more than columns, as of ffmpeg after 5.1"
    return {"win_length": Fact(2 * rows, "pixels", LIMITS.sure, note)}


def detail(area: NDArray[Any]) -> float:
    """Octaves by which neighbouring rows of pixels (H, W, 3) differ more than neighbouring columns; 0 of one colour."""
    rows, columns = (slice(None, None, max(1, side // LIMITS.lines)) for side in area.shape[:2])
    along_frequency = float(np.abs(np.diff(_brightness(area[:, columns]), axis=0)).mean())
    along_time = float(np.abs(np.diff(_brightness(area[rows]), axis=1)).mean())
    if not along_frequency or not along_time:
        return 0.0
    return math.log2(along_frequency / along_time)


def _brightness(lines: NDArray[Any]) -> NDArray[np.int32]:
    """The sum of the channels of pixels (H, W[, 3])."""
    if lines.ndim == 2:  # noqa: PLR2004 - gray
        return np.asarray(lines, np.int32)
    total = lines[..., 0].astype(np.int32)
    for channel in range(1, lines.shape[2]):  # a sum along so short an axis takes ten times as long
        total += lines[..., channel]
    return total
