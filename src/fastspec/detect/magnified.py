"""Pictures enlarged by whole numbers, as screenshots of dense screens are: each pixel stands several times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect.cell_borders import borders_of
from fastspec.picture.picture import Picture

_TIMES = (4, 3, 2)  # looked for; the largest first, as what stands four times stands twice, too


class Limits(NamedTuple):
    """When a picture counts as enlarged: every pixel must repeat, and enough must be left."""

    smallest: int = 48  # pixels a side of what is left; unmeasured
    fewest_borders: int = 16  # between lines of what is left, so that no plain picture is one; unmeasured
    sample: int = 16  # lines looked at first, for speed alone; unmeasured


LIMITS = Limits()


def as_drawn(picture: Picture) -> Picture:
    """The picture with one pixel for each that stands `info["repeated"]` times in both directions; or itself."""
    if picture.embedded is not None or "repeated" in picture.info:
        return picture
    for times in _TIMES:
        if _repeats(picture.pixels, times) and _repeats(picture.pixels.swapaxes(0, 1), times):
            small = np.ascontiguousarray(picture.pixels[::times, ::times])
            if min(np.count_nonzero(borders) for borders in borders_of(small)) < LIMITS.fewest_borders:
                return picture
            note = (
                f"each of its pixels stands {times} x {times} times; it is read as {small.shape[1]} x {small.shape[0]}"
            )
            info = {**picture.info, "repeated": times, "notes": (*picture.info.get("notes", ()), note)}
            alpha = None if picture.alpha is None else picture.alpha[::times, ::times]
            return replace(picture, pixels=small, alpha=alpha, info=info)
    return picture


def smaller(box: Box, picture: Picture) -> Box:
    """A box of the file in the pixels of the picture that was made of it: at least one of them."""
    times = picture.info.get("repeated", 1)
    left, top = box[0] // times, box[1] // times
    return left, top, max(left + 1, -(-box[2] // times)), max(top + 1, -(-box[3] // times))


def larger(box: Box, picture: Picture) -> Box:
    """A box of the picture in the pixels of its file."""
    times = picture.info.get("repeated", 1)
    left, top, right, bottom = (times * v for v in box)
    return left, top, right, bottom


def _repeats(pixels: NDArray[Any], times: int) -> bool:
    """Whether lines stand in groups of `times` that are the same."""
    lines = len(pixels)
    if lines % times or lines < times * LIMITS.smallest:
        return False
    count = lines // times
    for first in range(0, count, max(1, count // LIMITS.sample)):  # one line mostly tells
        at = (first + count // 2) % count * times  # the middle differs most
        if not np.array_equal(pixels[at], pixels[at + 1]):
            return False
    groups = pixels.reshape(count, times, *pixels.shape[1:])
    return bool((groups[:, :1] == groups[:, 1:]).all())
