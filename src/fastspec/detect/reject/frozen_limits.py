"""A corner of a spectrogram that fills the picture: `axis('tight')` before specshow froze the limits of the axes.

matplotlib's limits of an empty axes are 0 to 1; 'tight' makes them -0.055 to 0.055 and turns autoscaling off, and
specshow of librosa 0.9 and later sets none. What shows is the lowest band and the first hundredth of a second: paper
before it, then a flat stripe a frame.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import as_colours


class Limits(NamedTuple):
    """What such a picture is like. `python -m bench.quality.refusals CORPUS --only frozen_limits` judges them."""

    looked_at: int = 24  # rows that are compared; unmeasured
    alike: int = 6  # difference (of 255) of rows that are the same, but for JPEG; unmeasured
    thick: int = 8  # pixels over which JPEG spreads a border; unmeasured
    paper: int = 250  # of 255, in each channel: white; unmeasured
    before: tuple[float, float] = (0.04, 0.5)  # of the width that is white, at the left; unmeasured
    off: float = 2.0  # pixels by which a border may lie from its place; unmeasured
    blurred: float = 6.0  # the same where JPEG has blurred borders; unmeasured
    sliver: float = 0.05  # of a frame: less at the right border shows nothing; unmeasured
    stripes: int = 48  # frames at most; unmeasured


LIMITS = Limits()
_SAID = (
    "a corner of a spectrogram, {stripes} flat stripes beside white, as today's librosa draws it where "
    "ax.axis('tight') is called before specshow: call it after specshow and draw the picture again"
)


def frozen_limits(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> str | None:
    """What to say of such a picture, pixels (H, W[, 3]), else None."""
    height, width = pixels.shape[:2]
    rows = np.linspace(0, height - 1, min(height, LIMITS.looked_at)).astype(np.intp)
    some = as_colours(pixels[rows], palette).astype(np.int16)
    if np.abs(some - some[:1]).max() > LIMITS.alike:
        return None
    line = some[len(some) // 2]
    white = line.min(axis=1) >= LIMITS.paper
    step = np.abs(np.diff(line, axis=0)).max(axis=1)
    start = max(0, int(np.argmin(white)) - 1)
    start += int(np.argmax(step[start : start + LIMITS.thick])) + 1  # JPEG blurs the paper's border
    if white.all() or not LIMITS.before[0] * width <= start < LIMITS.before[1] * width:
        return None
    # a frame is centred at 0, in the middle of the picture: half of it lies before
    frame = width - 2.0 * start
    stripes = 1 + int(0.5 * width / frame + 0.5 - LIMITS.sliver)
    step = step[start:]
    changed = np.flatnonzero(step > LIMITS.alike)
    groups = np.split(changed, np.flatnonzero(np.diff(changed) > LIMITS.thick) + 1)
    borders = [int(group[np.argmax(step[group])]) + 1 for group in groups if len(group) and group[-1] > LIMITS.thick]
    if stripes > LIMITS.stripes or not _every(borders, frame):
        return None
    return _SAID.format(stripes=stripes)


def _every(borders: list[int], frame: float) -> bool:
    """Whether places lie about whole numbers of frames apart; the length of a frame is known to a pixel or two."""
    for place in borders:
        number = max(1, round(place / frame))
        off = abs(place - number * frame)
        if off > LIMITS.blurred:
            return False
        if off <= LIMITS.off * number:
            frame += (place / number - frame) * number / (number + 1)
    return True
