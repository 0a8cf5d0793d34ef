"""Levels of JPEG pictures whose map has colours of equal luma, such as jet: chroma is shared by 2 x 2 pixels.

Luma says only that a pixel of jet is cyan or orange, and chroma says which of four pixels' mean. Which entries fit both
is searched block by block (`kernels.subsampled`), near what the same bin has a moment before and after: frames overlap,
so that bins change slowly in time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.colours import matching
from fastspec.colours.colormap import Colormap


class Limits(NamedTuple):
    """What is expected of a block.

    Held-out SC in dB and STOI of a librosa figure at q75, q95: in jet by the nearest colours -4.32/.796, -4.31/.802, so
    -5.07/.825, -5.70/.861; in rainbow -4.46/.793, -4.68/.814, so -4.92/.817, -5.40/.845; in turbo so -5.67/.834,
    -6.18/.869. unmeasured: no command repeats the value.
    """

    luma: float = 5.0  # of 255: rms by which JPEG moves luma; 2 gives -4.73, -5.40 in jet; unmeasured
    chroma: float = 6.5  # of 255: the same of a block's mean chroma; unmeasured
    own: float = 60.0  # of 255: rms by which one pixel's chroma differs from its block's mean; unmeasured
    # 15 after a median over time -5.51/.847 at q75, 30 -5.43/.833; 15 after one over time and rows -4.41/.793
    prior: float = 15.0  # of 256 entries: rms by which one differs from the median over time; unmeasured
    enough: float = 1.0  # squared deviations, in these units, of a block whose prior fits: it is kept; unmeasured
    # of the pixels far off jet, rainbow, turbo and nipy_spectral 90 % have less than 55 at q50, 30 at q75, 9 at q95;
    # under lines and words of six other colours half of them have more than 50 to 120
    misfit: float = 40.0  # squared deviations, in these units, of a block from which it is painted over; unmeasured
    # one -5.07/.825, two -4.88/.821, three -4.93/.818 in jet at q75; -5.40, -5.41, -5.28 in rainbow at q95
    around: int = 1  # frames on each side of one, of which the median is taken; unmeasured
    block: int = 1 << 18  # frames and rows whose windows are held at a time; unmeasured
    most: int = 1 << 22  # pixels of a plot: one larger, with 40 bytes for each, is read by nearest colours; unmeasured
    rounds: int = 2  # of the search, each with the last one's medians; a third changes nothing; unmeasured
    fall: float = 8.0  # of 255 by which luma falls along a map whose entries luma alone does not tell; unmeasured


LIMITS = Limits()
SHARED = "4:2:0"  # 2 x 2 pixels: what Pillow, OpenCV and most cameras write


def ambiguous(cmap: Colormap) -> bool:
    """Whether the map has colours of equal luma far apart, so that chroma must say which is meant."""
    if cmap.ramp:
        return False
    luma = cmap.table @ matching.YCBCR[0]
    if luma[-1] < luma[0]:
        luma = luma[::-1]
    return bool((np.maximum.accumulate(luma) - luma).max() > LIMITS.fall)


def levels(
    pixels: NDArray[np.uint8], cmap: Colormap, near: NDArray[np.float32], first: tuple[int, int], places: Any
) -> NDArray[np.float32]:
    """Levels 0..1 of pixels (H, W, 3) uint8 as JPEG's blocks have them; those of `near` where no block is whole.

    near : (H, W) levels by the nearest colours, NaN where these lie far off the map; such pixels stay NaN, as paint,
    where no levels explain their block. first : row and column, 0 or 1, at which
    the first whole block begins. places : cell of each row (H,) and frame of each column (W,).
    """
    rows, columns = places
    down, right = (slice(start, start + (size - start) // 2 * 2) for start, size in zip(first, near.shape, strict=True))
    inner = np.ascontiguousarray(near[down, right])
    if not 0 < inner.size <= LIMITS.most:
        return near
    seen = pixels[down, right].astype(np.float32) @ matching.YCBCR.T.astype(np.float32)
    height, width = inner.shape
    chroma = seen[..., 1:].reshape(height // 2, 2, width // 2, 2, 2).mean(axis=(1, 3))
    kernels = _kernels()
    kernels.sharpen(chroma, True)
    kernels.sharpen(chroma, False)
    table = np.asarray(cmap.table @ matching.YCBCR.T, np.float32)
    weights = tuple(np.float32(w) for w in _weights(len(table)))
    where = np.ascontiguousarray(rows[down]), np.ascontiguousarray(columns[right])
    luma, found = np.ascontiguousarray(seen[..., 0]), np.empty_like(inner)
    misfit = np.empty(chroma.shape[:2], np.float32)
    entry = (inner - np.float32(cmap.origin)) / np.float32(cmap.step)
    for _ in range(LIMITS.rounds):
        kernels.solve(luma, chroma, *where, table, _median_in_time(entry, where[1]), weights, found, misfit)
        hidden = np.isnan(inner) & (misfit > LIMITS.misfit).repeat(2, axis=0).repeat(2, axis=1)
        entry = np.where(hidden, np.float32(np.nan), found)
    out = near.copy()
    out[down, right] = cmap.levels_of(entry)
    return out


def _weights(entries: int) -> tuple[float, ...]:
    """What `kernels.subsampled.solve` takes."""
    prior = LIMITS.prior * entries / 256
    return LIMITS.luma**-2, LIMITS.chroma**-2, prior**-2, LIMITS.enough, LIMITS.own**-2


def _median_in_time(entry: NDArray[np.float32], frames: NDArray[np.intp]) -> NDArray[np.float32]:
    """Medians of (H, W) over each frame and those around it, the outermost held; NaN if one is.

    A frame is what its first column has. frames : of each column, rising or falling.
    """
    first, place = np.unique(frames, return_index=True, return_inverse=True)[1:]
    half = LIMITS.around
    out = np.empty_like(entry)
    step = max(1, LIMITS.block // max(1, len(first)))
    for top in range(0, len(entry), step):  # by blocks: the windows of all rows would be five times the picture
        held = np.pad(entry[top : top + step, first], ((0, 0), (half, half)), mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(held, 2 * half + 1, axis=1)
        out[top : top + step] = np.median(windows, axis=-1)[:, place]
    return out


def _kernels() -> Any:
    """The compiled kernels, imported on first use."""
    from fastspec.kernels import subsampled

    return subsampled
