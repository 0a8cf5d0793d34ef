"""Pictures that were enlarged, read as they were before: by whole numbers, as screenshots of dense screens are, each
pixel standing several times, or by any factor and filter in an editor (`fastspec.detect.enlarged`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect import enlarged, enlarging
from fastspec.detect.cell_borders import borders_of
from fastspec.picture.picture import Picture

_BLOCKS = "JPEG"  # what this format has lost hides how a picture was enlarged
_SOFTWARE = "matplotlib"  # before 3.3 in small letters
_EVEN = 1e-9  # of a pixel, by which a quotient may be off
_TIMES = (4, 3, 2)  # looked for; the largest first, as what stands four times stands twice, too


class Limits(NamedTuple):
    """When a picture counts as enlarged: every pixel must repeat, and enough must be left."""

    smallest: int = 48  # pixels a side of what is left; unmeasured
    fewest_borders: int = 16  # between lines of what is left, so that no plain picture is one; unmeasured
    sample: int = 16  # lines looked at first, for speed alone; unmeasured


LIMITS = Limits()


def as_drawn(picture: Picture) -> Picture:
    """The picture before it was enlarged by `info["enlarged"]`, across and down; or itself."""
    if picture.embedded is not None or "enlarged" in picture.info:
        return picture
    for times in _TIMES:
        if _repeats(picture.pixels, times) and _repeats(picture.pixels.swapaxes(0, 1), times):
            small = np.ascontiguousarray(picture.pixels[::times, ::times])
            if min(np.count_nonzero(borders) for borders in borders_of(small)) < LIMITS.fewest_borders:
                return picture
            note = (
                f"every pixel was repeated {times} x {times} times; it is read as {small.shape[1]} x {small.shape[0]}"
            )
            return _made_small(picture, small, note)
    if picture.info.get("format") == _BLOCKS or picture.pixels.dtype != np.uint8:
        return picture
    filters: tuple[str, ...] = enlarging.FILTERS if picture.palette is None else ()
    if str(picture.info.get("software", "")).lower().startswith(_SOFTWARE):  # as it was drawn: editors drop that
        filters = (enlarged.BELLS,) if filters else ()
    whole = (0, 0, picture.width, picture.height)
    found = enlarged.before(picture.pixels, filters=filters, seen=lambda: picture.once(borders_of, whole))
    if found is None:
        return picture
    note = (
        f"it was enlarged from {found.pixels.shape[1]} x {found.pixels.shape[0]} to {picture.width} x {picture.height} "
        f"pixels ({found.kind}); it is read as it was before"
    )
    return _made_small(picture, found.pixels, note)


def _made_small(picture: Picture, small: NDArray[Any], note: str) -> Picture:
    """The picture with these pixels instead, and what that was."""
    by = picture.width / small.shape[1], picture.height / small.shape[0]
    size = picture.width, picture.height
    info = {**picture.info, "enlarged": by, "file_size": size, "notes": (*picture.info.get("notes", ()), note)}
    alpha = picture.alpha
    if alpha is not None:
        rows, columns = (
            ((np.arange(n) + 0.5) * by[axis]).astype(np.intp) for axis, n in ((1, len(small)), (0, small.shape[1]))
        )
        alpha = alpha[rows][:, columns]
    return replace(picture, pixels=small, alpha=alpha, info=info)


def smaller(box: Box, picture: Picture) -> Box:
    """A box of the file in the pixels of the picture that was made of it: at least one of them."""
    across, down = picture.info.get("enlarged", (1, 1))
    left, top = int(box[0] / across + _EVEN), int(box[1] / down + _EVEN)
    right, bottom = int(np.ceil(box[2] / across - _EVEN)), int(np.ceil(box[3] / down - _EVEN))
    return left, top, max(left + 1, right), max(top + 1, bottom)


def larger(box: Box, picture: Picture) -> Box:
    """A box of the picture in the pixels of its file."""
    across, down = picture.info.get("enlarged", (1, 1))
    left, top, right, bottom = (round(v * by) for v, by in zip(box, (across, down, across, down), strict=True))
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
