"""A plot's frame, the room between it and the data, and what kind of plot it is.

matplotlib snaps a frame's line to whole pixels: a line `w` pixels wide whose first pixel is `p` lies on the border
`p + w // 2` between data and margin, so it hides some data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect.figure.curves import curves
from fastspec.detect.figure.rectangles import LIMITS as RECTANGLE
from fastspec.detect.figure.rectangles import Away, Colour, Rgb, distances, fills_of, luma_of


class Limits(NamedTuple):
    """Which lines are a frame, where data begin, and what tells a spectrogram from other plots.

    Differences of colours are of 255. `python -m bench.quality.facts CORPUS --figures N` judges all of these together:
    it counts the plot areas that are right. "field" is `python -m bench.quality.field CORPUS --only specgrams`.
    """

    # A frame: lines of one colour all around.
    deepest: int = 9  # lines from the border inwards that may be a frame; unmeasured
    one_colour: int = 12  # difference of the sides of a pale frame; unmeasured
    pale: float = 0.4  # share of `near` and `nearer` that holds for a frame paler than ink; unmeasured
    near: int = 72  # difference of `nearly_all` pixels of its lines from its colour; unmeasured
    nearer: int = 56  # likewise of `half` of them: a thin line lets through a fifth of what is beneath; unmeasured
    nearly_all: float = 0.95  # of a line's pixels, the rest being tick marks and JPEG; unmeasured
    half: float = 0.5  # of a line's pixels; unmeasured
    opaque: int = 3  # lines of a frame through which nothing shows, so that all sides have one colour; field
    # Room: lines of paper between frame and data, as round limits of an axis leave them.
    filled: float = 0.12  # of a line with data; unmeasured
    room: int = 2  # lines of paper, fewer being a seam; unmeasured
    solid: float = 0.97  # of the data that are no paper, so that paper is no colour of theirs; unmeasured
    # The border of a plot without frame, which JPEG blurs.
    before: int = 2  # lines before a border that are looked at; unmeasured
    behind: int = 6  # lines behind it; unmeasured
    inner: int = 3  # of these, the last, which are taken as data; unmeasured
    edge: float = 0.5  # of the data's difference from the background, which the first line of data has; unmeasured
    clear: int = 40  # difference of the data below which no such edge is looked for; unmeasured
    # A frame of the background's colour: tick marks end at it.
    beside: int = 8  # lines beside a plot in which its marks begin; unmeasured
    widest: int = 4  # lines of such a frame; unmeasured
    mark: int = 2  # lines that a mark is long at least; unmeasured
    fewest_marks: int = 2  # marks at a side; unmeasured
    most_marks: float = 0.1  # of a side that marks fill; unmeasured
    # Kinds of plots.
    least: int = 3  # pixels a side, below which a plot is of no kind; unmeasured
    elongated: int = 4  # times a colour bar is as long as wide; unmeasured
    lines: int = 12  # lines along a bar that are compared; unmeasured
    even: int = 5  # mean difference across a bar; unmeasured
    course: int = 60  # difference along it, at least; unmeasured
    samples: int = 6_000  # pixels by which the kind of a plot is judged, for speed; unmeasured
    paper: int = 12  # difference from the background up to which a pixel is paper; unmeasured
    empty: float = 0.02  # of the pixels that are no paper, below which a plot is empty; unmeasured
    alike: int = 4  # difference from the median colour of a pixel that has it; unmeasured
    plain: float = 0.97  # of the pixels that have one colour, above which a plot is plain; unmeasured
    levels: int = 8  # colours of the rest of such a plot, from which it is an image; unmeasured
    image: float = 0.4  # of the pixels that are no paper, above which a plot is an image; unmeasured
    early: tuple[float, float] = (0.1, 0.9)  # of the columns that have data, and of these that is full: a sound that
    # ends before its plot does, as plots with a common time axis show it; unmeasured
    few_colours: float = 0.5  # of those in two colours (of 4096), above which curves or text were drawn; unmeasured


LIMITS = Limits()


@dataclass(frozen=True)
class Plot:
    """A rectangle with data: left, top, right, bottom in pixels, half open.

    box : of the data, as far as they reach under the frame. outer : with the whole frame. frame : the lines' width, 0
    for none. ink : the frame's colour. kind : "image" | "bar" | "curves" | "other".
    """

    box: Box
    outer: Box
    frame: int
    ink: Colour | None
    kind: str
    ragged: bool = False  # some data at the border have the background's colour, and no frame shows where it is
    empty: Box = (0, 0, 0, 0)  # lines of paper at each side between frame and data, or of silence
    solid: bool = True  # paper is nowhere else in the plot

    @property
    def size(self) -> int:
        """Pixels of data."""
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    @property
    def hidden(self) -> Box:
        """Lines of data at each side that the frame covers or tints."""
        if not self.frame:
            return (0, 0, 0, 0)
        inner, beyond = self.frame - self.frame // 2, self.frame // 2
        first, above, last, below = (
            0 if empty else lines
            for empty, lines in zip(self.empty, (inner + 1, inner + 1, beyond + 1, beyond + 1), strict=True)
        )
        return first, above, last, below


def plot_in(rgb: Rgb, away: Away, background: Colour, outer: Box, luma: bool = False) -> Plot:
    """The plot in a rectangle: its frame, the box of its data, and its kind.

    luma : the frame is looked for by luma alone, as JPEG blurs the chroma of what is beside it.
    """
    left, top, right, bottom = outer
    inside = rgb[top:bottom, left:right]
    across = inside.swapaxes(0, 1)
    deep = LIMITS.deepest
    lines = across[:deep], inside[:deep], across[: -deep - 1 : -1], inside[: -deep - 1 : -1]
    sides = [(_gray(side) if luma else side).astype(np.int16) for side in lines]
    inks = [np.median(side[0], axis=0) for side in sides]
    ink = inks[0]
    stands_out = np.abs(ink - np.asarray(background)).max()
    # a paler frame has just one colour all around
    one_colour = np.ptp(inks, axis=0).max() <= LIMITS.one_colour
    plain = stands_out >= RECTANGLE.ink or (stands_out > RECTANGLE.faint and one_colour)
    tight = 1.0 if stands_out >= RECTANGLE.ink else LIMITS.pale
    alike = [plain and _alike(side[0], ink, tight) for side in sides]
    width = 0
    if all(alike):
        width = min(_thickness(side, ink, tight) for side in sides)
        if width >= LIMITS.opaque and not one_colour:  # data of little contrast
            width = 0
        width = 1 if width == deep else width  # data of the frame's own colour: lines of a frame are not so many
    shift = width // 2
    box = (left + shift, top + shift, right - width + shift, bottom - width + shift) if width else outer
    colour = (int(ink[0]), int(ink[1]), int(ink[2])) if width else None
    if box[2] <= box[0] or box[3] <= box[1]:
        box, width = outer, 0
    if not width:
        box = outer = _sharpened(away, outer)
        width = _white_frame(away, outer)
        if width:  # it hides data at the left and top, and paper at the right and bottom
            over = width // 2
            under = width - over
            box = _grown(outer, under, over, away)
            outer = _grown(outer, width, width, away)
            return Plot(box, outer, width, None, kind_of(rgb, background, outer, width + 1))
    kind = kind_of(rgb, background, outer, width + 1 if width else 0)
    if not width or kind != "image":
        return Plot(box, outer, width, colour, kind)
    empty, solid = _empty(away, box, width + 1)
    return Plot(box, outer, width, colour, kind, empty=empty, solid=solid)


def _gray(lines: Rgb) -> Rgb:
    """Lines of pixels with the luma alone of their colours."""
    return np.repeat(luma_of(lines).astype(np.uint8)[..., None], 3, axis=-1)


def _empty(away: Away, box: Box, inset: int) -> tuple[Box, bool]:
    """Lines of paper between a frame and the data at each side, as round limits of an axis leave them.

    Also whether paper is nowhere else, so that it is no colour of the data.
    """
    left, top, right, bottom = box
    if (
        min(right - left, bottom - top) < 2 * inset + RECTANGLE.smallest
    ):  # little but frame, as a thick border of text may seem
        return (0, 0, 0, 0), True
    rows, columns = fills_of(away, RECTANGLE.faint, left + inset, top + inset, right - inset, bottom - inset)
    lines = (columns, rows, columns[::-1], rows[::-1])  # tick marks that point inwards may stand there
    first, above, last, below = (
        int(np.argmax(line > LIMITS.filled)) if (line > LIMITS.filled).any() else 0 for line in lines
    )
    high, wide = len(rows) - above - below, len(columns) - first - last
    if max(first, above, last, below) < LIMITS.room or min(high, wide) < RECTANGLE.smallest:
        return (0, 0, 0, 0), True
    inner = rows[above : above + high].mean() * len(columns) / wide
    first, above, last, below = (lines + inset if lines >= LIMITS.room else 0 for lines in (first, above, last, below))
    return (first, above, last, below), bool(inner >= LIMITS.solid)


def _sharpened(away: Away, outer: Box) -> Box:
    """The rectangle of a plot without frame, its borders where a JPEG's blur is half as far off as the data inside."""
    left, top, right, bottom = outer
    if right - left < 2 * RECTANGLE.smallest or bottom - top < 2 * RECTANGLE.smallest:
        return outer
    across, down = away[top:bottom].T, away[:, left:right]
    return (
        _border(across, left, 1),
        _border(down, top, 1),
        _border(across[::-1], len(across) - right, -1),
        _border(down[::-1], len(down) - bottom, -1),
    )


def _border(lines: Away, first: int, way: int) -> int:
    """The first of `lines` near `first` that is half as far from the background as those behind it (-1: reversed)."""
    start = max(0, first - LIMITS.before)
    level = lines[start : first + LIMITS.behind].mean(axis=1, dtype=np.float64)
    inside = float(np.median(level[-LIMITS.inner :]))
    place = start + int(np.argmax(level >= LIMITS.edge * inside)) if inside > LIMITS.clear else first
    return place if way > 0 else len(lines) - place


def _white_frame(away: Away, outer: Box) -> int:
    """Width of a frame of the background's colour: tick marks end at it, not at the data; 0 for none."""
    left, top, right, bottom = outer
    deep = LIMITS.beside
    beside = away[top:bottom, max(0, left - deep) : left].T[::-1], away[top:bottom, right : right + deep].T
    for strip in (*beside, away[bottom : bottom + deep, left:right]):
        if len(strip) < deep:
            continue
        for width in range(1, LIMITS.widest + 1):
            marks = np.flatnonzero(strip[width : width + LIMITS.mark].min(axis=0) > RECTANGLE.ink)
            if not LIMITS.fewest_marks <= len(marks) <= LIMITS.most_marks * strip.shape[1]:
                continue
            if strip[:width, marks].max() < RECTANGLE.faint:
                return width
            break
    return 0


def _grown(box: Box, before: int, after: int, away: Away) -> Box:
    """`box` with lines more at the left and top, and right and bottom, as far as the picture `away` (H, W) reaches.

    The frame of a plot at the picture's border, as a crop leaves it, is cut off.
    """
    left, top, right, bottom = box
    height, width = away.shape
    return max(0, left - before), max(0, top - before), min(width, right + after), min(height, bottom + after)


def _thickness(side: NDArray[np.int16], ink: NDArray[np.float64], tight: float) -> int:
    """Lines from the border inwards that have the frame's colour."""
    for depth, line in enumerate(side):
        if not _alike(line, ink, tight):
            return depth
    return len(side)


def _alike(line: NDArray[np.int16], ink: NDArray[np.float64], tight: float) -> bool:
    """Whether a line of pixels has the frame's colour, but for a fifth of what lies beneath a thin one, and JPEG."""
    off = distances(line, ink)
    near, nearer = np.count_nonzero(off <= LIMITS.near * tight), np.count_nonzero(off <= LIMITS.nearer * tight)
    return bool(near >= LIMITS.nearly_all * len(off) and nearer >= LIMITS.half * len(off))


def kind_of(rgb: Rgb, background: Colour, outer: Box, inset: int) -> str:
    """Whether a plot inside `inset` lines of frame is an "image" (maybe a spectrogram), a colour "bar", "curves"..."""
    left, top, right, bottom = outer
    inside = rgb[top + inset : bottom - inset, left + inset : right - inset]
    tall, wide = inside.shape[:2]
    if min(tall, wide) < LIMITS.least:
        return "other"
    if max(tall, wide) >= LIMITS.elongated * min(tall, wide):
        along = 1 if tall > wide else 0  # the direction in which a colour bar does not change
        rim = min(tall, wide) // 4  # which JPEG tints
        thin = slice(rim, min(tall, wide) - rim, max(1, min(tall, wide) // LIMITS.lines))
        some = (inside[:, thin] if tall > wide else inside[thin]).astype(np.int16)
        middle = np.median(some, axis=along, keepdims=True)
        even = np.abs(some - middle).mean() < LIMITS.even
        if even and np.ptp(middle, axis=1 - along).max() > LIMITS.course:
            return "bar"
    step = max(1, int((tall * wide / LIMITS.samples) ** 0.5))
    grid = inside[::step, ::step].astype(np.int16)
    full = distances(grid, background) > LIMITS.paper
    some, filled = grid.reshape(-1, 3), grid[full]
    alike = distances(some, np.median(some, axis=0)) <= LIMITS.alike
    if len(filled) < LIMITS.empty * len(some):
        return "other"
    if alike.mean() > LIMITS.plain:
        # levels that are no decibels are nearly all dark, and the rest has many colours
        dark = len(filled) > LIMITS.image * len(some)
        return "image" if dark and len(np.unique(some[~alike], axis=0)) >= LIMITS.levels else "other"
    if curves(inside, background):
        return "curves"
    if len(filled) > LIMITS.image * len(some) or _ends_early(full):
        return "image"
    # curves and text have few colours
    colours = np.sort(np.unique((filled >> 4) @ np.array([256, 16, 1], np.int16), return_counts=True)[1])
    return "other" if colours[-2:].sum() > LIMITS.few_colours * len(filled) else "image"


def _ends_early(full: NDArray[np.bool_]) -> bool:
    """Whether a plot (H, W), True where no paper is, is full in some of its columns and empty in the others."""
    used = full.any(axis=0)
    return bool(used.mean() > LIMITS.early[0] and full[:, used].mean() > LIMITS.early[1])
