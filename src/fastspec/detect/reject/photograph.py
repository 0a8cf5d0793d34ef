"""Photographs: colours that no map has, or gray levels without a spectrogram's texture.

A spectrogram has two axes and no others. Rows and columns explain much of it (spectrum and loudness), its edges run
along them, and wherever it is neither silent nor clipped it is speckled alike, because the levels of noise in decibels
scatter alike at any loudness. A photograph has edges in all directions, the same statistics down and across, and smooth
places of any brightness beside rough ones.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.colours import colormap, matching
from fastspec.detect.colormap import RecognisedColormap, recognise
from fastspec.detect.colormap_direction import CYCLIC, level_statistics
from fastspec.detect.colour_survey import ColourSurvey, as_colours, in_colour, index_in, kernels, spaced
from fastspec.picture.words import taken


class Limits(NamedTuple):
    """What separates photographs from spectrograms.

    unmeasured: no command repeats the value, as the photographs it was set on are not at hand; that spectrograms are
    not rejected is judged by the column "doubted" of `python -m bench.quality.facts CORPUS --draw 400`. Caps bound what
    one trait adds, as they did in the regression that set its weight.
    """

    # colours
    most_exact: float = 0.5  # share of colours that are entries of a map: with more they are the map's; unmeasured
    off_map: float = 13.0  # of 255, mean distance of averaged blocks from the nearest map: damaged spectrograms lie up
    # to 13 off, colour photographs from 14; unmeasured
    block: int = 6  # pixels a side that are averaged to see colours through noise; unmeasured
    blocks: tuple[int, int] = (64, 96)  # of them down and across; unmeasured
    neutral: float = 0.5  # confidence of the map that speaks neither for nor against a photograph; unmeasured
    odds_of_map: float = 6.0  # log odds that a unit of that confidence takes; unmeasured
    odds_of_distance: float = 0.1  # log odds that each further unit of distance adds; unmeasured
    paper: int = 225  # of 255, in all channels: brighter is paper and no evidence; unmeasured
    least_no_paper: float = 0.1  # share of the pixels: with less nothing is said; unmeasured
    far: float = 60.0  # of 255: paint and text count no more than this; unmeasured
    # levels
    sure: float = 2.5  # log odds of gray levels: 230 spectrograms got up to 1.9; unmeasured
    # Of 825 spectrograms of 89 sounds in 21 maps, half of them damaged, none but three in cyclic maps got more than
    # 1.6; of 180 photographs in viridis, magma, jet and inferno two of three got more than 2.
    sure_of_coloured: float = 2.0  # log odds of the levels of a map of colours; unmeasured
    clean_gray: float = 0.9  # share of gray pixels: with fewer the picture is in colour; unmeasured
    least_colours: int = 64  # fewer make no texture; unmeasured
    side: int = 16  # pixels of a patch; unmeasured
    patches: int = 24  # of them down and across; unmeasured
    lag: int = 4  # pixels of the survey's grid over which rows and columns are compared; unmeasured
    # course
    most_floor: float = 0.5  # cap of the share of the commoner extreme level; unmeasured
    most_fall: float = 1.5  # cap of how much louder one half is, of the spread; unmeasured
    most_unlike: float = 0.8  # cap of the difference of rows' and columns' autocorrelation; unmeasured
    # grain
    one_way: float = 0.5  # of a patch's energy: with more its edges have one direction; unmeasured
    least_energy: float = 4.0  # of 255 squared, mean square of gradients: less is noise of rounding; unmeasured
    oblique: float = 0.7  # of the edges' coherence: more runs neither along rows nor along columns; unmeasured
    least_patches: int = 8  # fewer patches with edges, or of middle level, tell nothing; unmeasured
    most_oblique: float = 0.35  # cap of the share of oblique edges; unmeasured
    enough_edges: float = 0.1  # share of patches with edges from which they count in full; unmeasured
    ends: tuple[float, float] = (0.02, 0.98)  # quantiles of the levels between which the picture lies; unmeasured
    middle: float = 0.1  # of that range, from either end: neither dark nor bright; unmeasured
    smooth: float = 0.04  # of that range: deviation of a flat patch; unmeasured
    most_smooth: float = 0.25  # cap of the share of flat patches; unmeasured
    uneven: tuple[float, float] = (0.1, 0.9)  # quantiles of roughness that are compared; unmeasured
    most_uneven: float = 2.5  # cap of that difference, a logarithm; unmeasured
    most_lean: float = 1.5  # cap of the logarithm of edges down to edges across; unmeasured


LIMITS = Limits()
# Log odds by logistic regression on 25 gray photographs and 230 spectrograms of speech, music, noise, tones and chirps,
# each clean, negative, resized, as JPEG, noisy or blurred.
_CONSTANT = -1.65
_WEIGHTS = {
    "oblique": 3.3,
    "smooth": 10.5,
    "uneven": 1.1,
    "axes": -4.0,
    "floor": -10.5,
    "lean": -1.6,
    "fall": -1.25,
    "unlike": -5.0,
}
# log odds that the grain can add
_MOST = _WEIGHTS["oblique"] + _WEIGHTS["smooth"] * LIMITS.most_smooth**0.5 + _WEIGHTS["uneven"] * LIMITS.most_uneven
_GRAYS = ("gray", "Grey")  # what the names of maps of gray levels begin with


def photograph(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: ColourSurvey, reading: RecognisedColormap
) -> str | None:
    """What to say of a picture that is no spectrogram but a photograph, else None."""
    return (
        _off_all_maps(pixels, palette, seen, reading)
        or _gray(pixels, palette, seen, reading)
        or _false_coloured(pixels, palette, seen, reading)
    )


def _off_all_maps(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: ColourSurvey, reading: RecognisedColormap
) -> str | None:
    """Colours that no map has, even after noise was averaged out, and a photograph's texture.

    Where a JPEG has a colour for every other pixel, spectrograms in jet or turbo lie as far from their maps as
    photographs; but then no other map comes near, and they keep their axes.
    """
    in_a_map = reading.exact > LIMITS.most_exact or reading.distance < LIMITS.off_map
    if in_a_map or min(pixels.shape[:2]) < LIMITS.block or _off_map(seen.grid) < LIMITS.off_map:
        return None
    odds = LIMITS.odds_of_map * (LIMITS.neutral - reading.confidence)
    if _has_room(pixels, seen):
        if palette is not None:
            pixels, palette = as_colours(pixels, palette), None
        shades = ColourSurvey.whole(np.repeat(seen.grid[..., 1:2], 3, axis=2))  # green is most of the luma
        odds += log_odds(course(shades, "gray") | grain(pixels[..., 1], None, shades))
    if odds + LIMITS.odds_of_distance * (LIMITS.far - LIMITS.off_map) < 0:
        return None
    distance = _off_map(_block_means(pixels, palette))
    if distance < LIMITS.off_map or odds + LIMITS.odds_of_distance * (distance - LIMITS.off_map) < 0:
        return None
    return f"a photograph or painting: its colours lie {distance:.0f} of 255 from the nearest colormap"


def _has_room(pixels: NDArray[Any], seen: ColourSurvey) -> bool:
    """Whether a picture is large enough for `course` and `grain`."""
    return bool(min(pixels.shape[:2]) >= 2 * LIMITS.side and min(seen.grid.shape[:2]) > 2 * LIMITS.lag)


def _block_means(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Mean colours of blocks, evenly over the picture: (down, across, 3)."""
    side = LIMITS.block
    tops, lefts = (_begins(n, side, most) for n, most in zip(pixels.shape[:2], LIMITS.blocks, strict=True))
    down, across = ((begin[:, None] + np.arange(side)).ravel() for begin in (tops, lefts))
    part = as_colours(pixels[down][:, across], palette)
    means = part.reshape(len(tops), side, len(lefts), side, 3).mean(axis=(1, 3))
    rounded: NDArray[np.uint8] = (means + 0.5).astype(np.uint8)
    return rounded


def _off_map(grid: NDArray[np.uint8]) -> float:
    """Mean distance of the pixels (h, w, 3) from the map that suits them best; white paper does not count."""
    some = grid[grid.min(axis=2) < LIMITS.paper][None]
    if some.shape[1] < LIMITS.least_no_paper * grid[..., 0].size:
        return 0.0
    seen = ColourSurvey.whole(some)
    reading = recognise(seen)
    if reading is None:
        return 0.0
    table = spaced(colormap.get(reading.name).table).T[None]
    points, counts, distance = seen.points.astype(np.int32), seen.counts.astype(float), np.empty(1)
    kernels.mean_distances(points, counts, table, np.zeros(1, int), LIMITS.far, distance)
    return float(distance[0])


def _begins(length: int, side: int, most: int) -> NDArray[np.intp]:
    """Where up to `most` patches of `side` pixels begin, evenly over `length`."""
    return np.linspace(0, length - side, min(most, length // side)).astype(np.intp)


def _textures(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.float64]:
    """Mean, deviation and gradients (patches, 5) of gray patches; see `kernels.colour_survey.texture`."""
    tops, lefts = (_begins(length, LIMITS.side, LIMITS.patches) for length in pixels.shape[:2])
    flat, row, pixel = matching.bytes_of(pixels)
    gray = np.arange(256, dtype=np.uint8)
    if palette is not None and not in_colour(pixels):
        gray[: len(palette)] = palette[:, 0]
    if pixels.dtype == np.uint16:
        flat = flat[1:] if np.little_endian else flat  # the upper byte
    out = np.empty((len(tops), len(lefts), 5))
    kernels.texture(flat, row, pixel, gray, tops, lefts, LIMITS.side, out)
    return out.reshape(-1, 5)


def _gray(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: ColourSurvey, reading: RecognisedColormap
) -> str | None:
    """Gray levels of things."""
    gray = reading.name.startswith(_GRAYS) and reading.exact >= LIMITS.clean_gray
    if not gray or reading.colours < LIMITS.least_colours or not _has_room(pixels, seen):
        return None
    found = course(seen, reading.name)
    if log_odds(found) + _MOST < LIMITS.sure:  # most spectrograms: no texture would make them photographs
        return None
    found |= grain(pixels, palette, seen)
    return "a gray photograph" if log_odds(found) > LIMITS.sure else None


def _false_coloured(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: ColourSurvey, reading: RecognisedColormap
) -> str | None:
    """Gray levels of things, drawn in another map's colours."""
    if reading.name.startswith((*_GRAYS, *CYCLIC)) or pixels.dtype != np.uint8:
        return None
    if reading.colours < LIMITS.least_colours or not _has_room(pixels, seen):
        return None
    shades = _shades(seen, reading.name)
    found = course(shades, "gray")
    if log_odds(found) + _MOST < LIMITS.sure_of_coloured:
        return None
    begins = (_begins(length, LIMITS.side, LIMITS.patches) for length in pixels.shape[:2])
    rows, columns = ((begin[:, None] + np.arange(LIMITS.side)).ravel() for begin in begins)
    patches = as_colours(taken(pixels, rows, columns), palette)
    found |= grain(_of_255(*index_in(patches, reading.name)), None, shades)
    return f"a photograph in the colours of {reading.name}" if log_odds(found) > LIMITS.sure_of_coloured else None


def _shades(seen: ColourSurvey, name: str) -> ColourSurvey:
    """The levels of the map `name` as gray."""
    return ColourSurvey.whole(np.repeat(_levels(seen, name)[..., None], 3, axis=2))


def _levels(seen: ColourSurvey, name: str) -> NDArray[np.uint8]:
    """The levels of the map `name` of the pixels seen, 0 to 255."""
    return _of_255(*seen.index(name))


def _of_255(index: NDArray[np.float32], top: float) -> NDArray[np.uint8]:
    return np.asarray((index * (255.0 / top) + 0.5).astype(np.uint8))


def course(seen: ColourSurvey, name: str) -> dict[str, float]:
    """What tells gray photographs from spectrograms in the large, of the map `name`.

    axes : share of the variance that rows and columns explain. floor : root of the share of the commoner extreme level.
    fall : how much louder bass is than treble, or treble than bass. unlike : how differently rows and columns are like
    those some pixels away.
    """
    whole, lag = level_statistics(seen, name), LIMITS.lag
    power = max(whole.spread**2, 1e-9)
    half = len(whole.rows) // 2
    gray = seen.grid[..., 0].astype(np.float32)
    gray -= gray.mean()
    down = float((gray[lag:] * gray[:-lag]).mean())
    across = float((gray[:, lag:] * gray[:, :-lag]).mean())
    fall = abs(float(whole.rows[:half].mean() - whole.rows[half:].mean())) / power**0.5
    ends = max(float((gray == gray.min()).mean()), float((gray == gray.max()).mean()))
    return {
        "axes": min(float(whole.rows.var() + whole.columns.var()) / power, 1.0),
        "floor": min(ends, LIMITS.most_floor) ** 0.5,
        "fall": min(fall, LIMITS.most_fall),
        "unlike": min(abs(across - down) / max(float((gray * gray).mean()), 1e-9), LIMITS.most_unlike),
    }


def grain(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: ColourSurvey) -> dict[str, float]:
    """What tells them in the small.

    oblique : how many of the clear edges run neither along rows nor along columns, 1 for a third of them. smooth : root
    of the share of patches that are flat, but neither dark nor bright. uneven : how much the roughness of patches
    varies (log). lean : how unlike edges down and across are (log).
    """
    mean, rough, xx, yy, xy = _textures(pixels, palette).T
    energy = xx + yy
    both = np.hypot(xx - yy, 2 * xy)
    clear = (both > LIMITS.one_way * energy) & (energy > LIMITS.least_energy)
    aslant = np.abs(2 * xy) > LIMITS.oblique * both
    oblique = float(aslant[clear].mean()) if clear.sum() > LIMITS.least_patches else 0.0
    low, high = np.quantile(seen.grid[..., 0], LIMITS.ends)
    reach = max(float(high - low), 1.0)
    middle = (mean > low + LIMITS.middle * reach) & (mean < high - LIMITS.middle * reach)
    many = middle.sum() > LIMITS.least_patches
    uneven = np.quantile(np.log(rough[middle] + 0.5), LIMITS.uneven) if many else np.zeros(2)
    smooth = float((middle & (rough < LIMITS.smooth * reach)).mean())
    lean = abs(float(np.log((xx.mean() + 0.01) / (yy.mean() + 0.01))))
    edges = min(1.0, float(clear.mean()) / LIMITS.enough_edges)
    return {
        "oblique": min(oblique, LIMITS.most_oblique) / LIMITS.most_oblique * edges,
        "smooth": min(smooth, LIMITS.most_smooth) ** 0.5,
        "uneven": min(float(uneven[1] - uneven[0]), LIMITS.most_uneven),
        "lean": min(lean, LIMITS.most_lean),
    }


def log_odds(found: dict[str, float]) -> float:
    """How much likelier a photograph is than a spectrogram, from its `course` and `grain`, or the former alone."""
    return _CONSTANT + sum(_WEIGHTS[trait] * value for trait, value in found.items())
