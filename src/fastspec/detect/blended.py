"""Whether matplotlib blended cells into pixels, and in which way: evidence that flat cells and arrays do not leave.

imshow resamples: a pixel is the mean of cells, weighted by a bell (`plot.imshow`). Where rows were enlarged, only their
true number explains the pixels: that of an STFT's bins, 1 + n_fft / 2, leaves .2 to .3 of 255, one more or less 1.1 or
more. pcolormesh with shading="gouraud" draws colours between the cells instead: as smooth, but no number of bells fits.
A saved array (imsave, Pillow), pcolormesh's flat cells and imshow's enlarged ones show each cell's own colour: an entry
of the map, and next to it another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.colours import matching
from fastspec.detect import colormap, fingerprint
from fastspec.detect.colour_survey import ColourSurvey, atlas, in_colour
from fastspec.errors import FastspecError
from fastspec.picture.picture import Picture
from fastspec.plot import imshow, layout

_SOFTWARE = "matplotlib"  # before 3.3 in small letters
LENGTHS = (64, 128, 256, 400, 480, 500, 512, 800, 960, 1000, 1024, 2000, 2048, 4096, 8192)  # usual n_fft


class Limits(NamedTuple):
    """What tells blended cells from flat ones, and the ways of blending from each other.

    unmeasured: no command repeats the value; whether the tool is right is counted by the rows "specgram", "imshow" and
    "scipy" of `python -m bench.quality.facts CORPUS --draw 400`.
    """

    # colours
    all_entries: float = 0.98  # share of a clean picture's colours that are entries of its map; unmeasured
    blended: float = 5.0  # of 255: as far as blended colours lie from the map on average; unmeasured
    apart: float = 0.3  # of 255: farther than rounding leaves them; unmeasured
    half: float = 0.5  # share of entries from which on a map is named by them; unmeasured
    truncated: float = 0.08  # by which more colours are entries of the truncated map; unmeasured
    in_levels: float = 0.97  # share of colours that are entries of the map: then levels were blended; unmeasured
    paper: int = 250  # of 255, from which on a border of one colour is paper; unmeasured
    # rows
    free: float = 0.985  # cells a pixel; with more, any number of them explains the picture; unmeasured
    fits: float = (
        1.5  # of 255, rms, that the true number of bells leaves at most: .2 to .3, in figures to .9; unmeasured
    )
    # Times as much that one cell more or less leaves at least: whole plots 15 to 33, .28 and 1.1 where levels span 160
    # dB; plots between pixels 3.5 to 6; any other number than the true one .8 to 1.4
    sharp: float = 2.5  # so much more clearly the true number fits than its neighbours; unmeasured
    # gouraud with 1.9 and more pixels a bin leaves .03 to .047 (1.6 and 1: .076, .082), imshow of more bins than pixels
    # .08 to .24
    smooth: float = 0.06  # share of a line's spread that half as many cells leave, median of lines; unmeasured
    sampled: float = 0.5  # cells a pixel, of which that is asked; unmeasured
    rim: int = 4  # lines at the top and bottom that a frame may hide; unmeasured
    lines: int = 12  # that are fitted: those that change most; unmeasured
    looked_at: int = 64  # lines that these are chosen among; unmeasured


LIMITS = Limits()


class Blending(NamedTuple):
    """How cells became pixels.

    kind : "bells" or "vertices" (`plot.imshow`). n_fft : whose bins explain the rows, None where no usual one does.
    """

    kind: str
    n_fft: int | None


def blending(picture: Picture) -> Blending | None:
    """How the cells of a plot without margins, signed by matplotlib, were blended; None where they were not."""
    key = ("blending",)
    if key not in picture.looked:
        picture.looked[key] = _blending(picture)
    found: Blending | None = picture.looked[key]
    return found


def busiest(area: NDArray[np.uint8], axis: int, known: Mapping[str, Any]) -> NDArray[np.float32]:
    """The lines along `axis` that change most, in one colour or, where each is an entry of the map, in levels."""
    other = area.shape[1 - axis]
    some = np.unique(np.linspace(0, other - 1, LIMITS.looked_at).astype(np.intp))
    part = area[:, some] if axis == 0 else np.moveaxis(area[some], 1, 0)
    if in_colour(part):
        part = _plane(np.ascontiguousarray(part), known)
    lines = part.astype(np.float32)
    order = np.argsort(np.abs(np.diff(lines, axis=0)).sum(axis=0))
    return np.ascontiguousarray(lines[:, order[-LIMITS.lines :]])


def _blending(picture: Picture) -> Blending | None:
    if not str(picture.info.get("software", "")).lower().startswith(_SOFTWARE) or not fingerprint.is_colour(picture):
        return None
    height, width = picture.height, picture.width
    box = (width // 4, height // 4, max(width // 4 + 1, 3 * width // 4), max(height // 4 + 1, 3 * height // 4))
    seen = fingerprint.look(picture, box)
    if seen is None or fingerprint.few(seen) or _has_margin(picture.pixels):
        return None
    named = ("gray", False) if is_gray(picture.pixels) else _blended_map(seen)
    if named is None and seen.entries()[0].max() > LIMITS.half:
        return None
    name, off = named or ("gray", False)  # far beside every map: rows alone may tell
    lines = busiest(picture.pixels, 0, {"cmap": name, "cmap_rounding": "trunc"})
    n_fft = bins_that_fit(lines)
    if n_fft is not None:
        return Blending(imshow.BELLS, n_fft)
    if not off:  # each pixel has a cell's own colour, as far as can be told
        return None
    return Blending(imshow.VERTICES if _is_smooth(picture.pixels) else imshow.BELLS, None)


def is_gray(pixels: NDArray[Any]) -> bool:
    """Whether some lines of (H, W, 3) hold nothing but grays."""
    some = pixels[:: max(1, pixels.shape[0] // LIMITS.lines)]
    return bool((some[..., 0] == some[..., 1]).all() and (some[..., 0] == some[..., 2]).all())


def _blended_map(seen: ColourSurvey) -> tuple[str, bool] | None:
    """The map whose colours were truncated, as imshow has them, or blended, and whether colours lie beside it."""
    book, shares = atlas(), seen.entries()[0]
    if max(shares[np.array(book.roundings) == "round"]) > LIMITS.all_entries:
        return None  # a clean picture of flat cells
    reading = colormap.recognise(seen)
    if reading is None:
        return None
    name, off = reading.name, reading.distance
    if shares.max() > LIMITS.half:
        name, off = book.names[int(np.argmax(shares))], 0.0
    rounded, truncated = seen.shares([name])[name], seen.shares([name], "trunc")[name]
    between = rounded < LIMITS.half and off > LIMITS.apart
    if off >= LIMITS.blended or not (truncated > rounded + LIMITS.truncated or between):
        return None
    return name, bool(between)


def _has_margin(pixels: NDArray[Any]) -> bool:
    """Whether the outermost lines are paper: then it is a figure, whose plot is looked at when it is found."""
    borders = pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]
    return all(bool(line.min() >= LIMITS.paper) for line in borders)


def bins_that_fit(lines: NDArray[np.float32]) -> int | None:
    """The usual n_fft whose bins, each a bell, explain the lines (pixels, n) far better than one bin more or less.

    Rows that far fewer cells were blended into are explained by any larger number, but by its neighbours as well.
    """
    pixels = lines.shape[0]
    sharpest, found = LIMITS.sharp**2, None
    for n_fft in LENGTHS:
        count = 1 + n_fft // 2
        if count >= LIMITS.free * pixels:
            break
        left = imshow.misfit(lines, count)
        if left < LIMITS.fits**2:
            beside = min(imshow.misfit(lines, count - 1), imshow.misfit(lines, count + 1))
            if beside > sharpest * left:
                sharpest, found = beside / max(left, 1e-9), n_fft
    return found


def _is_smooth(area: NDArray[np.uint8]) -> bool:
    """Whether half as many cells as pixels explain most lines down the area about as well as all of them: rows were
    enlarged."""
    inner = area[LIMITS.rim : -LIMITS.rim, :, 1]
    some = np.unique(np.linspace(0, inner.shape[1] - 1, LIMITS.looked_at).astype(np.intp))
    lines = np.ascontiguousarray(inner[:, some].T, np.float32)[..., None]
    count = max(1, round(LIMITS.sampled * lines.shape[1]))
    left = np.sqrt([imshow.misfit(line, count) for line in lines])
    return bool(np.median(left / np.maximum(lines.std(axis=(1, 2)), 1.0)) < LIMITS.smooth)


def _plane(colours: NDArray[np.uint8], known: Mapping[str, Any]) -> NDArray[Any]:
    """One number a pixel that blending is linear in: levels where they were blended, else the busiest colour."""
    try:
        cmap = layout.colormap({"cmap": "viridis", "cmap_rounding": "trunc", **known})
        if matching.index_of(np.ascontiguousarray(colours[::4]), cmap, "exact").exact > LIMITS.in_levels:
            return np.asarray(matching.index_of(colours, cmap, "nearest").index)
    except FastspecError:
        pass
    planes = [colours[:, ::8, plane].astype(np.int16) for plane in range(3)]
    return colours[..., int(np.argmax([np.abs(np.diff(plane, axis=0)).sum() for plane in planes]))]
