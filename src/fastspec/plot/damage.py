"""Levels of pictures that were saved as JPEG, painted on, or are noisy: what is illegible, and how sure the rest is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.colours import matching
from fastspec.colours.colormap import Colormap


class Limits(NamedTuple):
    """What is damage, what is paint, and what is another map. unmeasured: no command repeats the value."""

    # JPEG halves the resolution of chroma, so its colours are matched in YCbCr with little weight on chroma. Rms dB
    # over an 80 dB range at q95 4:2:0, in RGB and with the weights .1, .05: magma 1.65, .86, .82; viridis 2.10, .87,
    # .82; inferno 1.81, .91, .87; jet 2.26, 1.59, 1.57; turbo 2.64, 1.43, 1.28. At q75 and q50 .05 is within 2 % of the
    # best weight for all of these, and of 16 maps none is better off in RGB.
    jpeg_chroma_weight: float = 0.05  # of squared distance; `python -m bench.quality.damage CORPUS`, its first table
    clean: float = 0.8  # share of pixels that are entries of the map: the others are paint or text; unmeasured
    paint: float = 12.0  # of 255, off the map of a clean picture; paint's smooth rims lie nearer; unmeasured
    # in a damaged picture paint lies much farther off than most pixels do
    paint_ratio: float = 5.0  # times their median distance; unmeasured
    paint_least: float = 24.0  # of 255, and no nearer than this; unmeasured
    # In JPEG a pixel has the luma of its own level and the chroma of its neighbours' as well, and lies off the map
    # without any paint. Held-out SC of librosa figures at q75, all pixels from 14 hidden, from 18, 22, 30 and none:
    # speech in viridis -6.98, -8.27, -8.49, -8.49, -8.49, in jet -7.07, -7.87, -8.01, -7.95, -7.95; music in viridis
    # with lines and words drawn over it -5.59, -5.62, -5.23, -2.84, -.67. The map's own mixtures tell (`of_mixtures`),
    # and paint lies together: of the pixels farther than 14 those in a crowd of 5 are .34 of 2.18 % in jet (mixtures)
    # and 2.3 of 2.6 % in viridis under lines and words.
    mixed: float = (
        0.95  # quantile of how far mixtures lie off the map: a pixel farther off is paint, even alone; damage
    )
    crowd: int = 5  # of the 3 x 3 pixels around one: as many as far off are paint, not mixtures; damage
    paint_least_jpeg: float = 14.0  # of 255, and no nearer than this where chroma counts little; unmeasured
    most_paint: float = 0.4  # share of the pixels: with more off the map it is the wrong map; unmeasured
    off_map: float = 0.25  # share of known colours below which the map is questioned; unmeasured
    # Colours of another map lie to one side of this one, those that damage moved around it. What is said is false of
    # 1 of 100 damaged pictures, and is said of half of the damaged and three quarters of the clean ones in maps that
    # are not known: `python -m bench.quality.other_maps SOUNDS`.
    aside: float = 2.82  # log odds of another map for each e-fold by which colours lie to one side; other_maps
    scatter: float = 1.91  # less these for each by which they scatter; other_maps
    another: float = 3.11  # from which another map is said; other_maps
    parts: int = 32  # of the map, of which each is looked at for itself; other_maps
    fewest: int = 20  # pixels of a part: with fewer it does not count; other_maps
    sampled: int = 20_000  # pixels that a median or mean distance is taken of; unmeasured
    fewest_pairs: int = 32  # pixels of one cell side by side: with fewer their variance does not show; unmeasured


LIMITS = Limits()
MIXED_LEVELS = 24  # of a map, whose mixtures are looked at
PARTS = 16  # of the level scale, each with a variance of its own


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Levels of pixels.

    positions : (H, W) float32, 0..1 on the colour scale, NaN where paint or text hides them.
    exact : share of the pixels whose colour is an entry of the map. hidden : how many pixels are NaN.
    """

    positions: NDArray[np.float32]
    exact: float
    hidden: int


def remarks(exact: float, hidden: int, pixels: int, error: float) -> tuple[str, ...]:
    """What the user should hear of `pixels` read: `exact` and `hidden` as in Levels, rms `error` of a level in dB."""
    said = []
    if exact < LIMITS.clean and error > 0:
        said.append(f"the colours are damaged: a pixel's level is uncertain by {error:.1f} dB (rms)")
    if hidden:
        said.append(
            f"{hidden} pixels ({hidden / pixels:.2%}) lie off the colormap (paint, text or damage); "
            "they are filled from their neighbours"
        )
    return tuple(said)


def read_levels(
    pixels: NDArray[Any], cmap: Colormap, *, palette: NDArray[np.uint8] | None = None, jpeg: bool = False
) -> Levels:
    """Levels of `pixels`, of any kind that `matching.index_of` takes; `jpeg` says how its colours were stored."""
    weight = LIMITS.jpeg_chroma_weight if jpeg and pixels.ndim == 3 else None
    read = matching.index_of(pixels, cmap, palette=palette, chroma_weight=weight, distance=True)
    positions = cmap.levels_of(read.index)
    hidden = 0
    if read.exact < 1 and read.distance is not None:
        far = painted(read.distance, *paint_from(read.distance, read.exact, of_mixtures(cmap) if weight else None))
        count = int(np.count_nonzero(far))
        if 0 < count < LIMITS.most_paint * far.size:
            positions[far] = np.nan
            hidden = count
    return Levels(positions, read.exact, hidden)


def paint_from(distance: NDArray[np.float32], exact: float, mixtures: float | None = None) -> tuple[float, float]:
    """The distances from the map at which a pixel counts as painted over: among others such, and alone.

    mixtures : of JPEG, how far off the map its colours lie where levels are mixed (`of_mixtures`); else None.
    """
    if exact >= LIMITS.clean:
        return LIMITS.paint, LIMITS.paint
    some = distance.reshape(-1)[:: max(1, distance.size // LIMITS.sampled)]
    usual = LIMITS.paint_ratio * float(np.median(some))
    if mixtures is None:
        return (max(LIMITS.paint_least, usual),) * 2
    return max(LIMITS.paint_least_jpeg, usual), max(LIMITS.paint_least_jpeg, mixtures, usual)


def painted(distance: NDArray[np.float32], paint: float, alone: float) -> NDArray[np.bool_]:
    """Which pixels (H, W) count as painted over, by the distances of `paint_from`."""
    far = distance > paint
    if alone == paint:
        return far
    count = np.pad(far, 1).astype(np.uint8)
    count = count[:-2] + count[1:-1] + count[2:]
    count = count[:, :-2] + count[:, 1:-1] + count[:, 2:]
    return np.asarray((far & (count >= LIMITS.crowd)) | (distance > alone))


@lru_cache(maxsize=32)
def of_mixtures(cmap: Colormap) -> float:
    """How far off the map colours lie whose luma is one level's and whose chroma is shared with another level.

    In the weighted YCbCr of `jpeg_chroma_weight`; the quantile `mixed` over all pairs of levels and three shares.
    """
    nodes = matching.weighted_nodes(cmap, LIMITS.jpeg_chroma_weight)
    some = nodes[:: max(1, len(nodes) // MIXED_LEVELS)]
    shares = np.array([0.25, 0.5, 0.75], np.float32)[:, None, None, None]
    one, other = some[:, None], some[None]
    chroma = shares * one + (1 - shares) * other
    chroma[..., 0] = one[..., 0]
    off = chroma.reshape(-1, 1, 3) - nodes
    return float(np.quantile(np.sqrt(np.square(off).sum(axis=-1).min(axis=1)), LIMITS.mixed))


def variance(
    positions: NDArray[np.float32], rows: NDArray[np.intp], columns: NDArray[np.intp], exact: float
) -> NDArray[np.float32] | None:
    """Variance of one pixel's level, 0..1, by the level's sixteenth: (16,), by how pixels of one cell differ.

    positions : (H, W), NaN where illegible; rows (H,) and columns (W,) are the cells that the pixels show; exact :
    share of entries. None for clean pictures, and where hardly a cell has two pixels.
    """
    if exact >= LIMITS.clean:
        return None
    beside = np.flatnonzero(columns[1:] == columns[:-1])
    if len(beside):
        ones, others = positions[:, beside], positions[:, beside + 1]
    else:
        under = np.flatnonzero(rows[1:] == rows[:-1])
        ones, others = positions[under], positions[under + 1]
    legible = np.isfinite(ones) & np.isfinite(others)
    ones, others = ones[legible], others[legible]
    if ones.size < LIMITS.fewest_pairs:
        return None
    half_square = np.square(ones - others, dtype=np.float64) / 2
    sixteenth = np.clip((ones + others) * (PARTS / 2), 0, PARTS - 1).astype(np.intp)
    counts, sums = (
        np.bincount(sixteenth, minlength=PARTS),
        np.bincount(sixteenth, half_square, minlength=PARTS),
    )
    # where there are few, those of the next levels and of all say more
    near = np.convolve(sums, [0.5, 1, 0.5], "same") + LIMITS.fewest_pairs * half_square.mean()
    return np.asarray(near / (np.convolve(counts, [0.5, 1, 0.5], "same") + LIMITS.fewest_pairs), np.float32)


def question_colours(pixels: NDArray[Any], cmap: Colormap, palette: NDArray[np.uint8] | None) -> str | None:
    """A sentence when most colours are far from the map, so that it is probably another one; else None."""
    step = max(1, pixels.shape[0] * pixels.shape[1] // LIMITS.sampled)
    if pixels.ndim == 3:
        sample = pixels.reshape(-1, 3)[::step][None]
    elif palette is not None:
        sample = palette[np.minimum(pixels.reshape(-1)[::step], len(palette) - 1)][None]
    else:
        return None
    aside, scatter = _off_the_map(np.ascontiguousarray(sample), cmap)
    odds = LIMITS.aside * np.log(aside + 0.5) - LIMITS.scatter * np.log(scatter + 0.5)
    if odds < LIMITS.another:
        return None
    return (
        f"the colours lie {aside:.0f} of 255 to one side of {cmap.name} on average, so it is probably another "
        f"colormap; give the right one with --cmap"
    )


def _off_the_map(sample: NDArray[np.uint8], cmap: Colormap) -> tuple[float, float]:
    """How far colours (1, n, 3) lie to one side of the map's, and how far they scatter about that, of 255.

    Of each part of the map by itself; parts count by the root of how often they occur.
    """
    index = matching.index_of(sample, cmap, "nearest").index[0].astype(np.intp)
    off = sample[0].astype(np.float64) - _colours(cmap)[index]
    part = index * LIMITS.parts // len(cmap)
    counts = np.bincount(part, minlength=LIMITS.parts)
    some = np.maximum(counts, 1)
    mean = np.stack([np.bincount(part, channel, LIMITS.parts) for channel in off.T], axis=1) / some[:, None]
    spread = np.sqrt(np.bincount(part, np.square(off - mean[part]).sum(axis=1), LIMITS.parts) / some)
    weight = np.sqrt(counts) * (counts >= LIMITS.fewest)
    total = max(float(weight.sum()), 1.0)
    return float(weight @ np.sqrt(np.square(mean).sum(axis=1))) / total, float(weight @ spread) / total


def _colours(cmap: Colormap) -> NDArray[np.float64]:
    """The map's entries (N, 3), of 255."""
    if not cmap.ramp:
        return cmap.table.astype(np.float64)
    return np.repeat(cmap.table[:, None].astype(np.float64) * (255 / np.iinfo(cmap.table.dtype).max), 3, axis=1)
