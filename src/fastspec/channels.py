"""Pictures of several channels: their parts, one a channel, and how those become one spectrum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.errors import CalibrationError


def parts(pixels: NDArray[Any], cal: Mapping[str, Any]) -> list[NDArray[Any]]:
    """The pixels (H, W) or (H, W, 3) of each channel of a plot, as the facts `channels` and `channel_layout` say.

    "stacked": channels of equal height below each other with one row between (SoX); "green-blue": two channels in the
    colour planes (Riffusion). Raises CalibrationError where that does not fit the plot.
    """
    channels = cal.get("channels", 1)
    if channels == 1:
        return [pixels]
    if cal.get("channel_layout") == "green-blue":
        if pixels.ndim != 3 or channels != 2:
            raise CalibrationError(f"channels={channels} in green and blue needs two and a colour picture; correct it")
        return [np.ascontiguousarray(pixels[..., plane]) for plane in (1, 2)]
    height = pixels.shape[0]
    rows = (height - channels + 1) // channels
    if rows < 2 or rows * channels + channels - 1 != height:
        raise CalibrationError(
            f"channels={channels} of equal height, a line between them, do not fill {height} rows; correct it or the "
            f"plot area"
        )
    return [pixels[at : at + rows] for at in range(0, height, rows + 1)]


def together(cells: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """One table of amplitudes from those of all channels: the root of their mean power."""
    if len(cells) == 1:
        return cells[0]
    power = np.square(cells[0])
    for other in cells[1:]:
        power += np.square(other)
    return np.sqrt(power / np.float32(len(cells)))
