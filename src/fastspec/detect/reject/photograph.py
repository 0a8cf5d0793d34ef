"""Photographs: colours that no map has, or gray levels without a spectrogram's texture.

A spectrogram has two axes and no others. Rows and columns explain much of it (spectrum and loudness), its edges run
along them, and wherever it is neither silent nor clipped it is speckled alike, because the levels of noise in decibels
scatter alike at any loudness. A photograph has edges in all directions, the same statistics down and across, and smooth
places of any brightness beside rough ones.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.colours import colormap, matching
from fastspec.detect.colormap import CYCLIC, Reading, recognise, survey
from fastspec.detect.colour_survey import Glance, as_colours, kernels, spaced

_BLOCK = 6  # pixels a side that are averaged to see colours through noise
# Mean distance of such averages from the nearest map: damaged spectrograms up to 13, colour photographs from 14.
_OFF_MAP = 13.0
_MARGIN, _DISTANCE = 6.0, 0.1  # log odds that the map's confidence takes, and that a unit of distance adds
_PAPER = 225  # of 255: brighter in all channels
_FAR = 60.0  # paint and text count no more than this
_SIDE, _PATCHES = 16, 24  # pixels of a patch, and patches down and across
_LAG = 4  # pixels of the glance's grid
# Log odds by logistic regression on 25 gray photographs and 230 spectrograms of speech, music, noise, tones and chirps,
# each clean, negative, resized, as JPEG, noisy or blurred. None of those spectrograms got more than 1.9.
_SURE = 2.5
# Of colours' levels: of 825 spectrograms of 89 sounds in 21 maps, half of them damaged, none but three in cyclic maps
# got more than 1.6; of 180 photographs in viridis, magma, jet and inferno two of three got more than 2.
_SURE_OF_COLOURED = 2.0
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
_MOST = 3.3 + 10.5 * 0.5 + 1.1 * 2.5  # log odds that the grain can add


def photograph(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: Glance, reading: Reading) -> str | None:
    """What to say of a picture that is no spectrogram but a photograph, else None."""
    return (
        _off_all_maps(pixels, palette, seen, reading)
        or _gray(pixels, palette, seen, reading)
        or _false_coloured(pixels, palette, seen, reading)
    )


def _off_all_maps(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: Glance, reading: Reading
) -> str | None:
    """Colours that no map has, even after noise was averaged out, and a photograph's texture.

    Where a JPEG has a colour for every other pixel, spectrograms in jet or turbo lie as far from their maps as
    photographs; but then no other map comes near, and they keep their axes.
    """
    height, width = pixels.shape[:2]
    if reading.exact > 0.5 or reading.distance < _OFF_MAP or min(height, width) < _BLOCK:
        return None
    if _off_map(seen.grid) < _OFF_MAP:
        return None
    odds = _MARGIN * (0.5 - reading.confidence)
    if min(height, width) >= 2 * _SIDE and min(seen.grid.shape[:2]) > 2 * _LAG:
        if palette is not None:
            pixels, palette = as_colours(pixels, palette), None
        shades = Glance.whole(np.repeat(seen.grid[..., 1:2], 3, axis=2))  # green is most of the luma
        odds += log_odds(course(shades, "gray") | grain(pixels[..., 1], None, shades))
    if odds + _DISTANCE * (_FAR - _OFF_MAP) < 0:
        return None
    tops, lefts = (_begins(*place) for place in zip(pixels.shape[:2], (_BLOCK, _BLOCK), (64, 96), strict=True))
    down, across = ((begin[:, None] + np.arange(_BLOCK)).ravel() for begin in (tops, lefts))
    part = as_colours(pixels[down][:, across], palette)
    blocks = part.reshape(len(tops), _BLOCK, len(lefts), _BLOCK, 3).mean(axis=(1, 3))
    distance = _off_map((blocks + 0.5).astype(np.uint8))
    if distance < _OFF_MAP or odds + _DISTANCE * (distance - _OFF_MAP) < 0:
        return None
    return f"a photograph or painting: its colours lie {distance:.0f} of 255 from the nearest colormap"


def _off_map(grid: NDArray[np.uint8]) -> float:
    """Mean distance of the pixels (h, w, 3) from the map that suits them best; white paper does not count."""
    some = grid[grid.min(axis=2) < _PAPER][None]
    if some.shape[1] < 0.1 * grid[..., 0].size:
        return 0.0
    seen = Glance.whole(some)
    reading = recognise(seen)
    if reading is None:
        return 0.0
    table = spaced(colormap.get(reading.name).table).T[None]
    far = np.empty(1)
    kernels.mean_distances(seen.points.astype(np.int32), seen.counts.astype(float), table, np.zeros(1, int), _FAR, far)
    return float(far[0])


def _begins(length: int, side: int, most: int) -> NDArray[np.intp]:
    """Where up to `most` patches of `side` pixels begin, evenly over `length`."""
    return np.linspace(0, length - side, min(most, length // side)).astype(np.intp)


def _textures(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.float64]:
    """Mean, deviation and gradients (patches, 5) of patches of the gray picture; see `kernels.colours.texture`."""
    tops, lefts = (_begins(length, _SIDE, _PATCHES) for length in pixels.shape[:2])
    flat, row, pixel = matching.bytes_of(pixels)
    gray = np.arange(256, dtype=np.uint8)
    if palette is not None and pixels.ndim == 2:
        gray[: len(palette)] = palette[:, 0]
    if pixels.dtype == np.uint16:
        flat = flat[1:] if np.little_endian else flat  # the upper byte
    out = np.empty((len(tops), len(lefts), 5))
    kernels.texture(flat, row, pixel, gray, tops, lefts, _SIDE, out)
    return out.reshape(-1, 5)


def _gray(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: Glance, reading: Reading) -> str | None:
    """Gray levels of things."""
    if not reading.name.startswith(("gray", "Grey")) or reading.exact < 0.9 or reading.colours < 64:
        return None
    if min(pixels.shape[:2]) < 2 * _SIDE or min(seen.grid.shape[:2]) <= 2 * _LAG:
        return None
    found = course(seen, reading.name)
    if log_odds(found) + _MOST < _SURE:  # most spectrograms: no texture would make them photographs
        return None
    found |= grain(pixels, palette, seen)
    return "a gray photograph" if log_odds(found) > _SURE else None


def _false_coloured(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: Glance, reading: Reading
) -> str | None:
    """Gray levels of things, drawn in another map's colours."""
    if reading.name.startswith(("gray", "Grey", *CYCLIC)) or reading.colours < 64 or pixels.dtype != np.uint8:
        return None
    if min(pixels.shape[:2]) < 2 * _SIDE or min(seen.grid.shape[:2]) <= 2 * _LAG:
        return None
    shades = _shades(seen, reading.name)
    found = course(shades, "gray")
    if log_odds(found) + _MOST < _SURE_OF_COLOURED:
        return None
    rows, columns = (
        (_begins(length, _SIDE, _PATCHES)[:, None] + np.arange(_SIDE)).ravel() for length in pixels.shape[:2]
    )
    patches = _shades(Glance.whole(as_colours(pixels[rows][:, columns], palette)), reading.name).grid
    found |= grain(np.ascontiguousarray(patches[..., 0]), None, shades)
    return f"a photograph in the colours of {reading.name}" if log_odds(found) > _SURE_OF_COLOURED else None


def _shades(seen: Glance, name: str) -> Glance:
    """The levels of the map `name` as gray."""
    index, top = seen.index(name)
    return Glance.whole(np.repeat((index * (255.0 / top) + 0.5).astype(np.uint8)[..., None], 3, axis=2))


def course(seen: Glance, name: str) -> dict[str, float]:
    """What tells gray photographs from spectrograms in the large, of the map `name`.

    axes : share of the variance that rows and columns explain. floor : root of the share of the commoner extreme level.
    fall : how much louder bass is than treble, or treble than bass. unlike : how differently rows and columns are like
    those some pixels away.
    """
    whole = survey(seen, name)
    power = max(whole.spread**2, 1e-9)
    half = len(whole.rows) // 2
    gray = seen.grid[..., 0].astype(np.float32)
    gray -= gray.mean()
    down = float((gray[_LAG:] * gray[:-_LAG]).mean())
    across = float((gray[:, _LAG:] * gray[:, :-_LAG]).mean())
    ends = max(float((gray == gray.min()).mean()), float((gray == gray.max()).mean()))
    return {
        "axes": min(float(whole.rows.var() + whole.columns.var()) / power, 1.0),
        "floor": min(ends, 0.5) ** 0.5,
        "fall": min(abs(float(whole.rows[:half].mean() - whole.rows[half:].mean())) / power**0.5, 1.5),
        "unlike": min(abs(across - down) / max(float((gray * gray).mean()), 1e-9), 0.8),
    }


def grain(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: Glance) -> dict[str, float]:
    """What tells them in the small.

    oblique : how many of the clear edges run neither along rows nor along columns, 1 for a third of them. smooth : root
    of the share of patches that are flat, but neither dark nor bright. uneven : how much the roughness of patches
    varies (log). lean : how unlike edges down and across are (log).
    """
    mean, rough, xx, yy, xy = _textures(pixels, palette).T
    energy = xx + yy
    both = np.hypot(xx - yy, 2 * xy)
    clear = (both > 0.5 * energy) & (energy > 4)
    oblique = float((np.abs(2 * xy) > 0.7 * both)[clear].mean()) if clear.sum() > 8 else 0.0
    low, high = np.quantile(seen.grid[..., 0], [0.02, 0.98])
    reach = max(float(high - low), 1.0)
    middle = (mean > low + 0.1 * reach) & (mean < high - 0.1 * reach)
    uneven = np.quantile(np.log(rough[middle] + 0.5), [0.1, 0.9]) if middle.sum() > 8 else np.zeros(2)
    return {
        "oblique": min(oblique, 0.35) / 0.35 * min(1.0, float(clear.mean()) / 0.1),
        "smooth": min(float((middle & (rough < 0.04 * reach)).mean()), 0.25) ** 0.5,
        "uneven": min(float(uneven[1] - uneven[0]), 2.5),
        "lean": min(abs(float(np.log((xx.mean() + 0.01) / (yy.mean() + 0.01)))), 1.5),
    }


def log_odds(found: dict[str, float]) -> float:
    """How much likelier a photograph is than a spectrogram, from its `course` and `grain`, or the former alone."""
    return _CONSTANT + sum(_WEIGHTS[trait] * value for trait, value in found.items())
