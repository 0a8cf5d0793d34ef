"""Pictures of several channels: their parts, one a channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from fastspec._typing import Array
from fastspec.errors import CalibrationError

# How far colours (of 255) or levels lie from a line's own, and what share of a row may: a line in a JPEG of quality 50
# has a tenth of its pixels farther off; of rows of speech and music nine in ten have more than a third.
_LINE_SPREAD, _LINE_SHARE = {3: 24, 2: 12}, 0.25


def rows(height: int, cal: Mapping[str, Any], gap: int = 1) -> int:
    """Rows of one channel of a plot of `height` rows; CalibrationError when stacked channels do not fill it.

    gap : rows between two channels.
    """
    channels: int = cal.get("channels", 1)
    if channels == 1 or cal.get("channel_layout") == "green-blue":
        return height
    each = (height - gap * (channels - 1)) // channels
    if each < 2 or each * channels + gap * (channels - 1) != height:
        between = ", a line between them," if gap else ""
        raise CalibrationError(
            f"channels={channels} of equal height{between} do not fill {height} rows; correct channels or the plot area"
        )
    return each


def parts(pixels: Array, cal: Mapping[str, Any], gap: int = 1, *, first_on_top: bool = True) -> list[Array]:
    """The pixels (H, W) or (H, W, 3) of each channel of a plot, as the facts `channels` and `channel_layout` say.

    "stacked": channels of equal height above each other, with `gap` rows between, of which the first is a line;
    "green-blue": two channels in the colour planes. Raises CalibrationError where that does not fit the plot.
    """
    channels = cal.get("channels", 1)
    if channels == 1:
        return [pixels]
    if cal.get("channel_layout") == "green-blue":
        if pixels.ndim != 3 or channels != 2:
            raise CalibrationError(f"channels={channels} in green and blue needs two and a colour picture; correct it")
        return [np.ascontiguousarray(pixels[..., plane]) for plane in (1, 2)]
    each = rows(pixels.shape[0], cal, gap)
    for at in range(each, pixels.shape[0], each + gap) if gap else ():
        if _is_drawn(pixels[at]):
            raise CalibrationError(
                f"channels={channels}, but row {at} of the plot, between two of them, is no line; correct channels or "
                f"the plot area"
            )
    found = [pixels[at : at + each] for at in range(0, pixels.shape[0], each + gap)]
    return found if first_on_top else found[::-1]


def _is_drawn(row: Array) -> bool:
    """Whether a row (W,) or (W, 3) has too many colours for a line, however noise and paint damaged it."""
    levels = row.reshape(len(row), -1).astype(np.int32)
    far = np.abs(levels - np.median(levels, axis=0)).max(axis=1) > _LINE_SPREAD[1 + row.ndim]
    return bool(far.mean() > _LINE_SHARE)
