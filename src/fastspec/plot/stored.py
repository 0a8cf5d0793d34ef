"""Levels of JPEG pictures in maps with colours of equal luma, by all that the file stores of each block.

A JPEG says of each block of 8 x 8 samples what its transform is, rounded to steps. The levels of all cells whose
colours would give that are many, and their mean is what is expected of each: they are drawn at random, in turn, each by
what the others leave open and by how much cells side by side differ (Gibbs sampling, `kernels.coefficients`). Cells of
one block whose colours could be swapped are drawn together, or none would leave its place. The same file gives the
same levels: the seed is fixed.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.colours import matching
from fastspec.colours.colormap import Colormap
from fastspec.picture import jpeg_planes
from fastspec.picture.jpeg_planes import SIDE, Planes


class Limits(NamedTuple):
    """How levels are drawn.

    Of librosa figures the amplitudes of the cells are off the true ones by so many dB (SC; searched block by block, and
    drawn): turbo at q95 -6.3, -20.2; hsv at q85 -2.3, -8.2. Without `alone` single cells of silence are drawn from the
    other end of the map. Levels begun at the true ones stay at -14 in jet at q75, -23 in rainbow at q95, so that
    what is missing is not found by drawing. unmeasured: no command repeats the value.
    """

    # half of a map's entries are twice as fast, and turbo at q95 -4.3
    entries: int = 256  # of a map, about: more are passed over; unmeasured
    noise: float = 0.3  # of 255, squared: what rounding colours to bytes adds to a coefficient; unmeasured
    sharp: float = 1.4  # times the weight that errors spread evenly over a step would have; unmeasured
    in_time: float = 0.5  # share of what differences of cells side by side in time say, each for itself; unmeasured
    in_frequency: float = 0.2  # the same of cells above each other; unmeasured
    alone: float = 1.0  # share of what the number of cells of an entry says; unmeasured
    first: int = 3  # rounds until levels are drawn as freely as they are meant; 5 and 5 are .7 dB better; unmeasured
    then: int = 3  # rounds whose mean is taken; unmeasured
    freely: float = 0.6  # of 1: how much costs count in the first round; .3 leaves strays in silence; unmeasured
    enough: float = 12.0  # nats above the best from which an entry is not drawn; unmeasured
    still: float = 1.0  # of 256 entries: a cell that is not open and moves by less is drawn no more; unmeasured
    stray: float = 4.0  # of 256 entries by which a cell drawn no more may be off its mean; unmeasured
    pull: float = 0.01  # weight of the squares by which frames and text are off the file's colours; unmeasured
    edge: int = 3  # rows and columns at each side of a plot among which the frame's are looked for; unmeasured
    frame: float = 0.6  # of the mean luma of the row at `edge`: a darker one is a frame's, or a lighter; unmeasured
    off: float = 24.0  # of 255: mean luma of a picture that is not what its file stores is farther off; unmeasured
    most: int = 1 << 20  # pixels of a plot: one larger is not searched; unmeasured
    cells: int = 1 << 18  # of a plot, which take some 4 s of a processor: more are not searched; unmeasured


LIMITS = Limits()
BESIDE = "4:2:2"  # two pixels side by side share their chroma
# groups of cells that are drawn together, by the pixels down and across that share chroma: rows and columns from the
# first cell, and how many entries each may take
GROUPS = {
    (1, 2): (([[0, 0], [0, 1]], 6),),
    (2, 1): (([[0, 0], [1, 0]], 6),),
    (2, 2): (([[0, 0], [1, 0]], 6), ([[0, 0], [1, 0], [0, 1], [1, 1]], 3)),
}


class Page(NamedTuple):
    """A JPEG file, and the row and column of its pixels at which the plot begins."""

    file: bytes
    top: int
    left: int


def levels(
    page: Page, pixels: NDArray[np.uint8], cmap: Colormap, known: NDArray[np.float32], places: Any
) -> NDArray[np.float32]:
    """Levels 0..1 of the plot's pixels (H, W, 3) uint8; `known` itself where the file cannot be used, or
    each pixel has chroma of its own: the nearest colours are as good then.

    known : (H, W) levels read otherwise, from which is begun; NaN, for paint, and what lies under a frame stay.
    places : cell of each row (H,) and frame of each column (W,).
    """
    if not 0 < known.size <= LIMITS.most:
        return known
    planes = jpeg_planes.planes(page.file)
    if planes is None or planes.shared not in GROUPS:
        return known
    height, width = known.shape
    area = slice(page.top, page.top + height), slice(page.left, page.left + width)
    seen = planes.ycbcr[area]
    if seen.shape != pixels.shape:
        return known
    luma = pixels @ matching.YCBCR[0].astype(np.float32)
    if float(np.abs(seen[..., 0] - luma).mean()) > LIMITS.off:
        return known
    every = max(1, round(len(cmap) / LIMITS.entries))
    some = np.arange(every // 2, len(cmap), every)
    shown = cmap.levels_of(some)
    cells = _Cells.of(known, seen[..., 0].astype(np.float32), shown, places)
    if not cells.live.any() or cells.live.size > LIMITS.cells:
        return known
    table = np.asarray(cmap.table[some] @ matching.YCBCR.T, np.float32)
    entry = _drawn(cells, table, *_off(cells, table, planes, page))
    found = (shown[0] + (shown[1] - shown[0]) * entry)[cells.rows][:, cells.columns]
    return np.where(cells.live[cells.rows][:, cells.columns], found, known)


class _Cells(NamedTuple):
    """Cells of a plot: entry (R, F), whether each is drawn, cell of each pixel's row and column, and their edges."""

    entry: NDArray[np.int64]
    live: NDArray[np.bool_]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    edges: tuple[NDArray[np.int64], NDArray[np.int64]]

    @classmethod
    def of(
        cls, known: NDArray[np.float32], luma: NDArray[np.float32], shown: NDArray[np.float32], places: Any
    ) -> _Cells:
        hidden = np.isnan(known) | _framed(luma)
        edges = tuple(np.append(np.flatnonzero(np.append(True, p[1:] != p[:-1])), len(p)) for p in places)
        down, across = edges[0][:-1], edges[1][:-1]
        entry = (np.nan_to_num(known[down][:, across]) - shown[0]) / (shown[1] - shown[0])
        entry = np.clip(entry + 0.5, 0, len(shown) - 1).astype(np.int64)
        live = ~np.maximum.reduceat(np.maximum.reduceat(hidden, down, axis=0), across, axis=1)
        rows, columns = (np.repeat(np.arange(len(e) - 1), np.diff(e)) for e in edges)
        return cls(entry, live, rows, columns, (edges[0], edges[1]))


def _framed(luma: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where the plot's frame lies: rows and columns at its sides that are far darker or lighter than those inside."""
    out = np.zeros(luma.shape, bool)
    for turned, into in ((luma, out), (luma[::-1], out[::-1]), (luma.T, out.T), (luma.T[::-1], out.T[::-1])):
        if len(turned) > LIMITS.edge:
            means = turned[: LIMITS.edge + 1].mean(axis=1)
            low, high = np.minimum(means[:-1], means[-1]), np.maximum(means[:-1], means[-1])
            into[: LIMITS.edge][low < LIMITS.frame * high] = True
    return out


def _off(cells: _Cells, table: NDArray[np.float32], planes: Planes, page: Page) -> tuple[Any, Any, Any, Any]:
    """Planes of luma and chroma as `kernels.coefficients` has them, cells' edges in them, and pixels of no cell."""
    from fastspec.kernels import subsampled as kernels

    down, across = planes.shared
    high, wide = SIDE * down, SIDE * across
    height, width = len(cells.rows), len(cells.columns)
    top, left = page.top // high * high, page.left // wide * wide
    bottom, right = -(-(page.top + height) // high) * high, -(-(page.left + width) // wide) * wide
    tall, broad = planes.ycbcr.shape[:2]
    stored = np.pad(planes.ycbcr, ((0, -tall % high), (0, -broad % wide), (0, 0)), mode="edge")
    chroma = stored[..., 1:].reshape(stored.shape[0] // down, down, stored.shape[1] // across, across, 2)
    chroma = chroma.mean(axis=(1, 3), dtype=np.float32)
    for along_rows, shared in ((True, across), (False, down)):
        if shared > 1:
            kernels.sharpen(chroma, along_rows)
    chroma = chroma[top // down : bottom // down, left // across : right // across] - np.float32(128)
    own = np.empty((bottom - top, right - left, 3), np.float32)
    own[..., 0] = stored[top:bottom, left:right, 0]
    own[..., 1:] = chroma.repeat(down, axis=0).repeat(across, axis=1)
    plot = slice(page.top - top, page.top - top + height), slice(page.left - left, page.left - left + width)
    inside = np.zeros(own.shape[:2], bool)
    inside[plot] = cells.live[cells.rows][:, cells.columns]
    drawn = np.zeros_like(own)
    drawn[plot] = table[cells.entry][cells.rows][:, cells.columns]
    off = np.where(inside[..., None], drawn - own, np.float32(0))
    of_chroma = off[..., 1:].reshape(chroma.shape[0], down, chroma.shape[1], across, 2).mean(axis=(1, 3))
    apart = np.diff(table, axis=0) ** 2 / 12  # what lies between two entries
    noise = [np.float32(LIMITS.noise + apart[:, part].mean()) for part in (slice(0, 1), slice(1, 3))]
    weights = [np.float32(LIMITS.sharp) / (step**2 / 12 + more) for step, more in zip(planes.steps, noise, strict=True)]
    luma = transformed(off[None, ..., 0]), weights[0], sums(1), sums(1)
    colour = transformed(of_chroma.transpose(2, 0, 1)), weights[1], sums(down), sums(across)
    edges = cells.edges[0] + plot[0].start, cells.edges[1] + plot[1].start
    return luma, colour, edges, np.nonzero(~inside)


def _drawn(
    cells: _Cells, table: NDArray[np.float32], luma: Any, chroma: Any, edges: Any, others: Any
) -> NDArray[np.float32]:
    """Mean entries of the map (R, F) of the levels that are drawn."""
    from fastspec.kernels import coefficients as kernels

    table = np.ascontiguousarray(table.T)
    entry, live, several = cells.entry.copy(), cells.live.copy(), cells.live.astype(np.uint8)
    mean, last = np.zeros(entry.shape, np.float32), entry.astype(np.float32)
    values = np.zeros((len(others[0]), 3), np.float32)
    together = GROUPS[(len(chroma[2]) - 1) // SIDE, (len(chroma[3]) - 1) // SIDE]
    rng = np.random.default_rng(0)
    still, stray = (limit * table.shape[1] / 256 for limit in (LIMITS.still, LIMITS.stray))
    for number in range(LIMITS.first + LIMITS.then):
        count = np.float32(min(1.0, LIMITS.freely + (1 - LIMITS.freely) * number / max(1, LIMITS.first - 1)))
        limits = count, np.float32(LIMITS.enough)
        if number <= LIMITS.first:
            kernels.relax(others[0], others[1], values, luma, chroma, np.float32(LIMITS.pull))
            near = differences(entry, cells.live, table.shape[1])
        now = np.zeros(entry.shape, np.float32)
        chances = rng.random((1 + len(together), *entry.shape), np.float32)
        kernels.sweep(entry, live, edges, table, luma, chroma, near, limits, chances[0], now, several)
        for (steps, most), chance in zip(together, chances[1:], strict=True):
            kernels.groups(entry, several, np.array(steps), most, edges, table, luma, chroma, near, limits, chance)
        now = np.where(live, now, last)
        if number >= LIMITS.first:
            mean += now
        if number:
            live &= (several > 0) | (np.abs(now - last) >= still) | (np.abs(entry - now) >= stray)
        last = now
    return mean / np.float32(LIMITS.then)


def differences(entry: NDArray[np.int64], live: NDArray[np.bool_], entries: int) -> NDArray[np.float32]:
    """What differences of entries, 1 - entries up to entries - 1, cost: in time, in frequency; then each entry itself.

    It is what is seen between the live cells of (R, F), smoothed over five, less sure by the shares in LIMITS.
    """
    out = np.zeros((3, 2 * entries - 1), np.float32)
    alone = _smoothed(np.bincount(entry[live], minlength=entries)) + 1
    out[2, :entries] = -LIMITS.alone * np.log(alone / alone.sum())
    for side, (axis, share) in enumerate(((1, LIMITS.in_time), (0, LIMITS.in_frequency))):
        one, other = (np.take(live, np.arange(k, live.shape[axis] - 1 + k), axis) for k in (0, 1))
        counts = np.bincount(np.abs(np.diff(entry, axis=axis))[one & other], minlength=entries)
        both = np.concatenate([counts[:0:-1] / 2, counts[:1], counts[1:] / 2])
        smooth = _smoothed(both) + 1
        out[side] = -share * np.log(smooth / smooth.sum())
    return out


def _smoothed(counts: NDArray[Any]) -> NDArray[np.float64]:
    """Means over five neighbours, of any number of counts: a map may have two colours."""
    return np.convolve(counts, np.full(5, 0.2))[2:-2]


def _basis() -> NDArray[np.float32]:
    """The cosine transform of a block's side, (8 samples, 8 frequencies), orthonormal."""
    at = np.arange(SIDE)
    wave = np.cos((2 * at[:, None] + 1) * at * np.pi / (2 * SIDE)) * np.sqrt(2 / SIDE)
    wave[:, 0] = np.sqrt(1 / SIDE)
    return np.asarray(wave, np.float32)


def sums(shared: int) -> NDArray[np.float32]:
    """Running sums (8 shared + 1, 8) of the basis over pixels of which so many share a sample."""
    within = _basis().repeat(shared, axis=0).cumsum(axis=0) / shared
    return np.concatenate([np.zeros((1, SIDE)), within]).astype(np.float32)


def transformed(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Coefficients (planes, h / 8, w / 8, 8, 8) of planes (planes, h, w), as JPEG has them before rounding."""
    count, high, wide = planes.shape
    blocks = planes.reshape(count, high // SIDE, SIDE, wide // SIDE, SIDE).transpose(0, 1, 3, 2, 4)
    basis = _basis()
    return np.ascontiguousarray(basis.T @ blocks @ basis, dtype=np.float32)
