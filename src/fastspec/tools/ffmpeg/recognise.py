"""ffmpeg's fingerprints: the roundings of its own YUV colours, and the frame and the signature of its legend."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.calibration.facts import Fact
from fastspec.detect import fingerprint
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.ffmpeg import DECIBELS, colours, legend, margins

_FRAME = 200  # the frame's gray
_NARROWEST_SIDE = 97  # for rates from 8 kHz on
_SMALLEST = 8  # pixels of a plot's side


class Limits(NamedTuple):
    """What tells ffmpeg's pictures from others.

    unmeasured: no command repeats the value; which profiles are right, false or missing, and how sure they are, is
    counted by `python -m bench.quality.facts CORPUS --draw 400` ("facts").
    """

    clean: float = 0.97  # share of the coloured pixels that are entries of the map; unmeasured
    gray: int = 12  # of 255, by which JPEG moves the frame's gray; unmeasured
    framed: float = 0.95  # share of the frame's lines that are so gray; unmeasured
    sure_of_square: float = 0.97  # with ffmpeg's colours and the aspect that it writes; facts
    sure_of_legend: float = 0.95  # that a frame with its margins is ffmpeg's; facts
    sure_of_colours: float = 0.9  # that they are ffmpeg's, without a legend; facts
    sure_of_map: float = 0.97  # which of ffmpeg's maps it is; facts
    sure_of_frame: float = 0.97  # that the plot lies within it; facts
    sure_of_whole: float = 0.9  # that all is plot; facts
    sure_of_rate: float = 0.9  # of the only rate that a margin tells; facts
    sure_of_several: float = 0.6  # of one of several; facts


LIMITS = Limits()


def recognise(picture: Picture) -> dict[str, Fact]:
    """profile, cmap, plot_area and sr, as far as the picture shows them; empty for others."""
    colour = fingerprint.is_colour(picture)
    frame = _frame(picture.pixels) if colour else None
    frame = legend.plot(picture) if frame is None else frame
    if frame is None and not colour:
        return {}
    box = frame or (0, 0, picture.width, picture.height)
    seen = fingerprint.look(picture, box)
    if seen is None:
        return {}
    name, share = fingerprint.best_map(seen, colours.NAMES)
    clean = share >= LIMITS.clean
    if frame is None and (fingerprint.few(seen) or not clean):
        return {}
    square = picture.info.get("aspect") == (1, 1)
    sure = LIMITS.sure_of_legend if frame is not None else LIMITS.sure_of_colours
    sure = LIMITS.sure_of_square if square and clean else sure
    note = "roundings of ffmpeg's colours"
    facts = {"profile": pixels_fact(DECIBELS.name, sure, note if frame is None else "ffmpeg's legend")}
    if clean:
        facts["cmap"] = pixels_fact(name, LIMITS.sure_of_map, note)
    if frame is None:
        return facts | {"plot_area": pixels_fact(box, LIMITS.sure_of_whole, "no legend")}
    facts["plot_area"] = pixels_fact(box, LIMITS.sure_of_frame, "ffmpeg's frame")
    rates = margins.rates_of(box[0])
    if rates:
        sure = LIMITS.sure_of_rate if len(rates) == 1 else LIMITS.sure_of_several
        facts["sr"] = pixels_fact(rates[0], sure, "width of the legend's margin", (*rates, None)[1])
    return facts


def _frame(rgb: NDArray[np.uint8]) -> Box | None:
    """The area (H, W, 3) within the frame of ffmpeg's legend; None without a legend."""
    height, width = rgb.shape[:2]
    if not margins.has_room(width, height, _NARROWEST_SIDE):
        return None
    gray = _is_gray(rgb[margins.ABOVE - 1])
    if gray.sum() < _SMALLEST:
        return None
    first = int(np.argmax(gray))
    side = first + 1
    right = width - side
    if not margins.is_side(side) or right - side < _SMALLEST or gray[first : right + 1].mean() < LIMITS.framed:
        return None
    column = rgb[margins.ABOVE : height - margins.ABOVE, side - 1]
    return margins.plot(width, height, side) if _is_gray(column).mean() >= LIMITS.framed else None


def _is_gray(colours: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which of the colours (n, 3) are as gray as the frame."""
    near = (colours >= _FRAME - LIMITS.gray) & (colours <= _FRAME + LIMITS.gray)
    return np.asarray(near.all(axis=1))
