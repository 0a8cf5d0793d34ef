"""Pictures enlarged by any factor in an editor, made small again: which size they had, by which filter, and its pixels.

Enlarging adds nothing, but what reads axes looks for borders between cells that stand on the grid of the pixels as
drawn. "Nearest" repeats lines: the borders of a picture that had n lines lie at n of its M places alone. Smooth filters
(linear, cubic, Lanczos) make each pixel a mean of some of the old ones: only the true number of old pixels, under the
true filter, leaves nothing but rounding unexplained, and they come out as whole numbers. What they were is a least
squares fit: 36 of 36 enlarged pictures came back in their size, 71 to 100 % of the bytes exact, nearly all within 2.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.detect import blended
from fastspec.detect.array_cells import BANDS, is_fft
from fastspec.detect.axis_candidates import CQT_BINS
from fastspec.detect.cell_borders import Borders, borders_of
from fastspec.detect.colour_survey import in_colour, pack
from fastspec.detect.enlarging import FILTERS, REACH, Possible, weights
from fastspec.picture.words import taken
from fastspec.plot import imshow


class Limits(NamedTuple):
    """When lines count as enlarged, and how they are made small again. Levels are of 255.

    "field" is `python -m bench.quality.field CORPUS --only resized`.
    """

    smallest: int = 32  # lines before; unmeasured
    # repeated lines
    merged: int = 8  # lines that are like the next, at least; unmeasured
    spoilt: float = 0.01  # of the borders, that a smaller number of lines may leave unexplained; unmeasured
    at_a_time: int = 200_000  # places of borders, for the memory alone; unmeasured
    sieve: int = 64  # a power of 2: one of so many borders is tried first, then one of half as many ...; unmeasured
    even: float = 1e-6  # of a line, by which places may be off; unmeasured
    seldom: float = 0.05  # of the lines that are like the next, that lie on a pixel's middle; unmeasured
    nats: float = 40.0  # log odds of those against chance, more than the numbers tried; unmeasured
    nats_as_likely: float = 3.0  # where the other side was enlarged by the same factor; unmeasured
    near: int = 33  # lines, odd, whose share of alike ones is chance; unmeasured
    factor: float = 1.08  # enlarged less, hardly anything tells the size before; unmeasured
    # smooth filters
    most: float = 8.0  # factor; unmeasured
    # 54 of 58 enlarged pictures pass these two and 3 of 114 others, which only takes time
    rough: float = 1.7  # mean square of second differences over that of first ones, down; unmeasured
    fine: float = 0.75  # of noise's ratio of mean squares of fourth and second differences; unmeasured
    colours: int = 600  # in some rows: a map's and those of text are fewer; unmeasured
    lines: int = 48  # that are looked at, of some thousand; unmeasured
    few: int = 6  # of these, in which sizes are looked for; unmeasured
    dips: int = 12  # sizes that are tried: of 10 enlarged pictures the true one was among the first 9; unmeasured
    rounding: float = 0.7  # rms that rounding and clipping leave: .29 but for clipping; unmeasured
    worse: float = 1.5  # times as much that one line more or less must leave; unmeasured
    at_once: float = 0.5  # rms that whole numbers leave of the true size, below which no other is tried; unmeasured
    flat: float = 1.5  # rms of steps, below which lines tell nothing; unmeasured
    smooth: float = 1e-5  # weight of second differences, which keeps the fit regular; unmeasured
    block: int = 128  # lines that are undone at a time, in the second-level cache; unmeasured
    clipped: int = 3  # times that pixels which were cut off at black or white are set anew; unmeasured


LIMITS = Limits()
NEAREST, BELLS = "nearest", imshow.BELLS
_BLACK, _WHITE = 0, 255
_BANDS_ALONE = tuple(n for n in BANDS if 2 * (n - 1) not in blended.LENGTHS)
_NOISE = 35 / 3  # that ratio: sums of squares of (1, -4, 6, -4, 1) and (1, -2, 1)
_USUAL = (1.25, 4 / 3, 1.5, 1.6, 1.75, 2.0, 2.5, 3.0, 4.0)  # times by which people enlarge


class Before(NamedTuple):
    """What was enlarged: its pixels (h, w[, 3]) uint8, and the filter that made it larger."""

    pixels: NDArray[Any]
    kind: str


def before(
    pixels: NDArray[Any], *, filters: tuple[str, ...] = FILTERS, seen: Callable[[], Borders] | None = None
) -> Before | None:
    """The picture that was enlarged to `pixels` (H, W[, 3]); None where its pixels do not tell that it was.

    Both sides tell, or the rows alone where there were as many as an array has bins or bands. filters : smooth ones
    that are looked for, too; none blends numbers of a palette, and matplotlib's own file was blended by its `BELLS`.
    seen : tells the picture's borders, if others ask for them, too.
    """
    smooth = _smooth_before(pixels, filters) if filters and pixels.dtype == np.uint8 else None
    if smooth is not None:
        return smooth
    down, across = seen() if seen else borders_of(pixels)
    height, width = pixels.shape[:2]
    if not len(_numbers(down)) or not (len(_numbers(across)) or any(map(_is_array, _numbers(down)))):
        return None  # most pictures as drawn: nearly every line differs from the next
    rows, columns = repeated(down), None
    if rows is not None and _is_array(rows[0]):  # whose columns may be some pixels wide, besides
        columns = repeated(across) or repeated(across, round(width * rows[0] / height))
    elif rows is not None:
        columns = repeated(across, round(width * rows[0] / height)) or repeated(across)
    else:
        columns = repeated(across)
        rows = None if columns is None else repeated(down, round(height * columns[0] / width))
    if rows is None or (columns is None and not _is_array(rows[0])):
        return None
    if rows[0] in CQT_BINS and not _is_array(rows[0]):  # its even rows are read by their borders
        return None
    across_to = None if columns is None else _middles(columns[0], width, columns[1])
    return Before(taken(pixels, _middles(rows[0], height, rows[1]), across_to), NEAREST)


def _is_array(rows: int) -> bool:
    """Whether arrays have as many rows: mel bands as people take them, or bins of an FFT."""
    return rows in BANDS or is_fft(2 * (rows - 1))


# Repeated lines ---------------------------------------------------------------------------------------------------


def repeated(borders: NDArray[np.bool_], likely: int | None = None) -> tuple[int, float] | None:
    """The fewest lines, repeated evenly, that have all `borders` (M - 1,), and where a pixel takes its line; or None.

    likely : the only number that is tried, because the other side was enlarged so much.

    The second is about .5 where the line under its middle is taken, about 0 where the one under its upper end is, as
    OpenCV does.
    """
    many, seen, numbers = len(borders) + 1, np.flatnonzero(borders) + 1, _numbers(borders)
    if not numbers:
        return None
    nats = LIMITS.nats if likely is None else LIMITS.nats_as_likely
    tried = np.arange(numbers.start, numbers.stop) if likely is None else np.arange(likely - 1, likely + 2)
    tried = tried[(tried >= LIMITS.smallest) & (tried <= many - LIMITS.merged)]
    count = len(tried)
    if not len(_plausible(tried, seen, many, 0)):  # none is sure; most pictures as drawn end here
        return None
    tried = _plausible(tried, seen, many, LIMITS.spoilt * len(seen))
    for part in np.array_split(tried, max(1, len(tried) * len(seen) // LIMITS.at_a_time)):
        nearly = {}
        for at, way in ((0.5, LIMITS.even), (0.5, -LIMITS.even), (0.0, LIMITS.even)):
            missed = _missed(part, seen, many, at, way)
            for row in np.flatnonzero(missed <= LIMITS.spoilt * len(seen))[:1]:
                # one line less of many misses a few borders as well: the next numbers are tried for all of them
                more = tried[(tried >= part[row]) & (tried <= (1 + LIMITS.spoilt) * part[row])]
                left = _missed(more, seen, many, at, way)
                nearly[at + way] = min(zip(left.tolist(), more.tolist(), strict=True))
        if nearly:  # where a few borders contradict all of these, the picture was spoilt or drawn so
            at = min(nearly, key=lambda at: nearly[at])
            missed_borders, lines = nearly[at]
            sure = not missed_borders and _odds(borders, lines, at) > nats + np.log(count)
            return (lines, at) if sure else None
    return None


def _numbers(borders: NDArray[np.bool_]) -> range:
    """How many lines may have been repeated to have such `borders` (M - 1,); empty where too many or few differ."""
    many, differ = len(borders) + 1, int(np.count_nonzero(borders)) + 1
    if not LIMITS.smallest <= differ <= many - LIMITS.merged:
        return range(0)
    runs = np.diff(np.flatnonzero(np.concatenate([[True], ~borders, [True]]))) - 1
    # borders one after the other: every other line is repeated at most so often; one or two may be spoilt
    longest = int(np.sort(runs)[-min(3, len(runs))])
    often = int(many * (1 - 1 / max(1, longest - 1))) if longest > 1 else 0
    fewest = max(int((1 - LIMITS.spoilt) * (differ - 1)), often, LIMITS.smallest)
    return range(fewest, many - LIMITS.merged + 1)


def _missed(lines: NDArray[np.intp], seen: NDArray[np.intp], many: int, at: float, way: float) -> NDArray[np.intp]:
    """How many of the borders `seen` no border of so many lines explains, of each number of lines.

    A border that lies on a pixel's middle may go either way: one way where many do, by rounding where few do.
    """
    from fastspec.kernels import enlarged as kernels

    rare, missed = np.gcd(lines, many) <= LIMITS.seldom * (many - lines), np.empty(len(lines), np.intp)
    kernels.unexplained(lines, seen, many, at, way, LIMITS.even, rare, missed)
    return missed


def _plausible(tried: NDArray[np.intp], seen: NDArray[np.intp], many: int, most: float) -> NDArray[np.intp]:
    """The numbers of lines that leave at most so many borders unexplained, whichever way ties go."""
    from fastspec.kernels import enlarged as kernels

    halves = [LIMITS.sieve >> bit for bit in range(1, LIMITS.sieve.bit_length())]
    order = [seen[:: LIMITS.sieve], *(seen[half :: 2 * half] for half in halves)]  # few borders tell most numbers
    kept = np.empty(len(tried), bool)
    kernels.plausible(tried, np.concatenate(order), many, LIMITS.even, most, kept)
    return np.asarray(tried[kept])


def _odds(borders: NDArray[np.bool_], lines: int, at: float) -> float:
    """Log odds (nats) that lines are repeated so, against alike ones that lie where they must by chance."""
    many = len(borders) + 1
    which = np.floor((np.arange(many) + at) * lines / many)
    merged = which[1:] == which[:-1]
    half = LIMITS.near // 2
    alike = np.pad((~borders).astype(float), half, mode="reflect") if len(borders) > half else (~borders).astype(float)
    share = np.convolve(alike, np.full(LIMITS.near, 1 / LIMITS.near), "same")[half : half + len(borders)]
    return -float(np.log(np.clip(share[merged], 1 / LIMITS.near, 1)).sum())


def _middles(lines: int, many: int, at: float) -> NDArray[np.intp]:
    """The middle pixel of each of the lines that were repeated."""
    which = np.floor((np.arange(many) + at) * lines / many)
    first, stop = (np.searchsorted(which, np.arange(lines), side) for side in ("left", "right"))
    return np.asarray((first + stop - 1) // 2, np.intp)


# Smooth filters ---------------------------------------------------------------------------------------------------


def _smooth_before(pixels: NDArray[np.uint8], filters: tuple[str, ...]) -> Before | None:
    down = _some_lines(pixels)
    bells = filters == (BELLS,)
    if not bells and (not is_smooth(down, LIMITS.rough) or _few_colours(pixels)):
        return None
    # specgram blends bins so, and is read as what it is: only bands are looked for
    rows = _best_fit(down, itertools.product(_BANDS_ALONE, filters)) if bells else size_of_rows(down)
    if rows is None:
        return None
    height, width = pixels.shape[:2]
    across = _some_lines(pixels.swapaxes(0, 1))
    columns = smooth_size(across, (rows[1],), round(width * rows[0] / height)) if is_smooth(across) else None
    if columns is None and (bells or not _is_array(rows[0])):
        return None
    # Pillow resizes rows of pixels first and rounds: the columns' pixels are undone first
    small = undone(pixels.reshape(height, -1).astype(np.float32), *rows).reshape(rows[0], width, -1)
    if columns is not None:
        turned = np.ascontiguousarray(small.swapaxes(0, 1)).reshape(width, -1)
        small = undone(turned, *columns).reshape(columns[0], rows[0], -1).swapaxes(0, 1)
    shape = (rows[0], small.shape[1], *pixels.shape[2:])
    return Before(np.ascontiguousarray(small.reshape(shape)).astype(np.uint8), rows[1])


def _few_colours(pixels: NDArray[np.uint8]) -> bool:
    """Whether a picture in colour has no more colours than a map and its text: then none were blended."""
    step = max(1, pixels.shape[0] // LIMITS.lines)
    some = pixels[step // 2 :: step]
    gray = not in_colour(some) or bool((some[..., 0] == some[..., 1]).all())  # which has no other colours
    parts = (some[:: LIMITS.lines // 4], some)  # a few lines have most colours
    return not gray and all(len(np.unique(pack(part))) < LIMITS.colours for part in parts)


def _some_lines(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Some lines down the picture (H, n), in one colour: those in which most changes."""
    plane = pixels[..., 1] if in_colour(pixels) else pixels
    some = np.unique(np.linspace(0, plane.shape[1] - 1, 3 * LIMITS.lines).astype(np.intp))
    lines = np.ascontiguousarray(plane[:, some], np.float32)
    order = np.argsort(-np.abs(lines[1:] - lines[:-1]).sum(axis=0), kind="stable")
    return np.ascontiguousarray(lines[:, order[: LIMITS.lines]])


def is_smooth(lines: NDArray[np.float32], rough: float = np.inf) -> bool:
    """Whether nothing in lines (M, n) is finer than what a filter leaves of noise.

    rough : mean square of second differences over that of first ones, at most.
    """
    steps = np.diff(lines, axis=0)
    if len(lines) < LIMITS.factor * LIMITS.smallest or np.sqrt(np.square(steps).mean()) < LIMITS.flat:
        return False
    second, fourth = np.diff(steps, axis=0), np.diff(steps, n=3, axis=0)
    power = float(np.square(second).mean())
    if power > rough * float(np.square(steps).mean()):
        return False
    return bool(np.square(fourth).mean() < LIMITS.fine * _NOISE * power)


def smooth_size(
    lines: NDArray[np.float32], kinds: tuple[str, ...] = FILTERS, likely: int | None = None
) -> tuple[int, str] | None:
    """How many pixels were enlarged to `lines` (M, n), and by which filter; None where none explains them.

    likely : a number that is tried before all others.
    """
    many = len(lines)
    usual = [round(many / times) for times in _USUAL]
    near = [] if likely is None else [likely, likely - 1, likely + 1]
    for counts in (near, usual):
        found = _best_fit(lines, itertools.product(counts, kinds), LIMITS.at_once)
        if found is not None:
            return found
    return _best_fit(lines, itertools.product(usual + _sizes(lines), kinds))


def size_of_rows(lines: NDArray[np.float32]) -> tuple[int, str] | None:
    """As `smooth_size`, of lines (M, n) down a picture: a filter's last step, of which each stretch is explained."""
    many = len(lines)
    every = np.arange(max(LIMITS.smallest, int(many / LIMITS.most)), int(many / LIMITS.factor) + 1)
    usual, possible = [round(many / times) for times in _USUAL], Possible(lines)
    left = {kind: set(possible.of(every, kind).tolist()) for kind in FILTERS}
    some = [(count, kind) for count in usual for kind in FILTERS if count in left[kind]]
    found = _best_fit(lines, some, LIMITS.at_once)
    rest = set().union(*left.values())
    if found is not None or not rest:
        return found
    sizes = usual + (_sizes(lines) if len(rest) > LIMITS.dips else sorted(rest))
    return _best_fit(lines, [(count, kind) for count in sizes for kind in FILTERS if count in left[kind]])


def _best_fit(
    lines: NDArray[np.float32], tried: Iterable[tuple[int, str]], most: float = np.inf
) -> tuple[int, str] | None:
    """Which of some numbers of pixels, under which filter, explains lines, and by whole numbers best; or None.

    most : what whole numbers leave unexplained.
    """
    few = np.ascontiguousarray(lines[:, : LIMITS.few])
    best, least = None, most
    for count, kind in tried:
        if not LIMITS.smallest <= count <= len(lines) / LIMITS.factor:
            continue
        if kind == BELLS and imshow.misfit(few, count) > (LIMITS.worse * LIMITS.rounding) ** 2:
            continue  # no more than `misfit`, as it counts the pixels where nothing changes, too
        if misfit(few, count, kind) > LIMITS.worse * LIMITS.rounding:
            continue
        left = misfit(lines, count, kind)
        if left > LIMITS.rounding:
            continue
        whole = misfit(lines, count, kind, whole=True)  # more pixels explain lines as well, but by no whole numbers
        if whole < least:
            beside = min(misfit(lines, count - 1, kind), misfit(lines, count + 1, kind))
            best, least = ((count, kind), whole) if beside > LIMITS.worse * left else (best, least)
    return best


def _sizes(lines: NDArray[np.float32]) -> list[int]:
    """Numbers of pixels before that explain lines better than one more or less, by a filter like all of them."""
    many = len(lines)
    tried = np.arange(max(LIMITS.smallest, int(many / LIMITS.most)) - 1, int(many / LIMITS.factor) + 2)
    if len(tried) < 3:  # noqa: PLR2004 - none between two others
        return []
    few = np.ascontiguousarray(lines[:, : LIMITS.few])
    left = np.sqrt([imshow.misfit(few, int(count)) for count in tried])
    dips = left[1:-1] / np.minimum(left[:-2], left[2:])
    order = np.argsort(dips, kind="stable")[: LIMITS.dips]
    return [int(count) for count in tried[1:-1][order]]


def misfit(lines: NDArray[np.float32], count: int, kind: str, *, whole: bool = False) -> float:
    """Root mean square that no `count` pixels under the filter explain of `lines` (M, n), over the freedom left.

    whole : whether pixels are whole numbers.
    """
    many = len(lines)
    cells, seen = _fitted(lines, count, kind)
    if whole:
        cells = np.clip(np.rint(cells), _BLACK, _WHITE)
    index, weight = blend(count, many, kind)
    shown = sum(weight[:, tap, None] * cells[index[:, tap]] for tap in range(index.shape[1]))
    # where neighbours are alike nothing was rounded, and every number of pixels explains them
    changes = np.diff(lines, axis=0) != 0
    active = np.zeros(lines.shape, bool)
    active[1:], active[:-1] = changes, active[:-1] | changes
    if not active.any():
        return np.inf
    return float(np.sqrt(np.square(seen - shown)[active].mean() / (1 - count / many)))


def undone(lines: NDArray[np.float32], count: int, kind: str) -> NDArray[np.float32]:
    """The `count` pixels (count, n), whole numbers, that were enlarged to `lines` (M, n)."""
    found, size = np.empty((count, lines.shape[1]), np.float32), LIMITS.block
    for first in range(0, lines.shape[1], size):
        fitted, _ = _fitted(np.ascontiguousarray(lines[:, first : first + size]), count, kind)
        np.clip(np.rint(fitted), _BLACK, _WHITE, out=found[:, first : first + size])
    return found


def _fitted(lines: NDArray[np.float32], count: int, kind: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The pixels, and `lines` with what they would have been where they were cut off at black or white."""
    from fastspec.kernels import imshow as kernels

    index, weight = blend(count, len(lines), kind)
    cut = kind not in ("linear", BELLS) and bool(lines.min() <= _BLACK or lines.max() >= _WHITE)
    out, seen = np.empty((count, lines.shape[1]), np.float32), lines
    width = 1 + max(2, int((index.max(axis=1) - index.min(axis=1)).max()))
    for turn in range(1 + (LIMITS.clipped if cut else 0)):
        if turn:
            seen = np.empty_like(lines) if turn == 1 else seen
            np.clip(out, _BLACK, _WHITE, out)
            kernels.refill(out, index, weight, lines, np.float32(_BLACK), np.float32(_WHITE), seen)
        kernels.invert(seen, index, weight, LIMITS.smooth, out, np.zeros((count, width)))
    return out, seen


@lru_cache(maxsize=96)  # 9 usual times and 4 filters of both sides
def blend(count: int, many: int, kind: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Which of `count` pixels each of `many` is a mean of, and their shares: (many, taps) each; read-only.

    What would lie beyond the ends has no share, as Pillow has it; OpenCV repeats the last pixel.
    """
    if kind == BELLS:
        return imshow.blend(count, many)
    reach = REACH[kind]
    centre = (np.arange(many) + 0.5) * (count / many) - 0.5
    every = np.floor(centre).astype(np.intp)[:, None] + np.arange(1 - reach, 1 + reach)
    away = np.abs(every - centre[:, None])
    weight = np.where((every >= 0) & (every < count), weights(away, kind), 0.0)
    weight /= weight.sum(axis=1, keepdims=True)
    return np.clip(every, 0, count - 1).astype(np.int32), weight.astype(np.float32)
