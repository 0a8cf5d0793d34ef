"""Lines of a grid that were drawn over a plot: thin lines unlike both their sides, which are alike.

They would make cells of anything, and hide that what is beneath is a table or a surface. Borders of cells are no such
lines: what they part is unlike.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect.colour_survey import as_colours


class Limits(NamedTuple):
    """What is a line of a grid. `python -m bench.quality.refusals CORPUS --only with_grid` judges them."""

    looked_at: int = 32  # places along a line that are compared; unmeasured
    smallest: int = 24  # pixels a side: a smaller picture has no grid; unmeasured
    thickest: int = 4  # pixels of a line; unmeasured
    off: int = 24  # difference of a line from both its sides, of the three channels together; unmeasured
    alike: float = 0.5  # of that difference, by which its sides differ at most; unmeasured
    here: float = 0.6  # share of the places of a line that are so; unmeasured
    dashed: float = 0.2  # the same of a dashed line, where hardly any place elsewhere is so; unmeasured
    elsewhere: float = 3.0  # times the share of most lines, which it exceeds; unmeasured
    smooth: float = 0.05  # share of most lines, up to which dashes show; unmeasured
    most: int = 24  # lines each way: more are a texture; unmeasured
    apart: int = 12  # pixels between neighbouring lines at least; unmeasured


LIMITS = Limits()


def without_grid(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[Any]:
    """The picture (H, W[, 3]) with what lies beside a grid's lines in their place; itself where there are none."""
    if min(pixels.shape[:2]) < LIMITS.smallest:
        return pixels
    rows = grid_lines(pixels, palette)
    columns = grid_lines(pixels.swapaxes(0, 1), palette)
    if not rows and not columns:
        return pixels
    out = pixels.copy()
    for way, lines in ((out, rows), (out.swapaxes(0, 1), columns)):
        for first, last in lines:
            way[first:last] = way[first - 1]
    return out


def grid_lines(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> list[tuple[int, int]]:
    """First and last + 1 row of each line of a grid that runs across pixels (H, W[, 3])."""
    width = pixels.shape[1]
    places = ((np.arange(LIMITS.looked_at) + 0.5) * width / LIMITS.looked_at).astype(np.intp)
    colours = as_colours(pixels[:, places], palette).astype(np.int16)
    some = colours[..., 0] + colours[..., 1] + colours[..., 2]
    lines: list[tuple[int, int]] = []
    for thick in range(1, LIMITS.thickest + 1):
        shares = _shares(some, thick)
        usual = float(np.median(shares))
        least = LIMITS.dashed if usual <= LIMITS.smooth else max(LIMITS.here, LIMITS.elsewhere * usual)
        strong = np.flatnonzero(shares >= least)
        for row in strong.tolist():
            first = row + 1
            if all(abs(first - other) >= LIMITS.apart for other, _ in lines):
                lines.append((first, first + thick))
            if len(lines) > LIMITS.most:
                return []
    return sorted(lines)


def _shares(some: NDArray[np.int16], thick: int) -> NDArray[np.float64]:
    """For each row but the rim, the share of places where `thick` rows below it are unlike both sides, which agree."""
    above, below = some[: -thick - 1], some[thick + 1 :]
    sides = np.abs(above - below)
    ok = np.ones(sides.shape, bool)
    middle = (above + below) // 2
    for k in range(thick):
        off = np.abs(some[k + 1 : k + 1 + len(above)] - middle)
        ok &= (off > LIMITS.off) & (sides <= LIMITS.alike * off)
    return np.asarray(ok.mean(axis=1))
