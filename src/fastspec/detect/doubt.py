"""Is this a spectrogram at all? Photographs, text, drawings, several plots and turned pictures are told apart.

A doubt is raised only on clear evidence, because odd spectrograms exist: silence, pure tones, clicks, noise. Each
threshold lies between what some thirty photographs, scans and drawings and some hundred spectrograms showed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import colormaps
from fastspec.calibration import Calibration
from fastspec.detect.colours import Reading, recognise, sample
from fastspec.detect.runs import read_runs
from fastspec.picture import Picture

_BLOCK = 6  # pixels a side that are averaged to see colours through noise
# Mean distance of such averages from the nearest map: damaged spectrograms up to 13, colour photographs from 14.
_OFF_MAP = 13.0
_PAPER = 225  # of 255: brighter in all channels
_FAR = 60.0  # paint and text count no more than this
_JUMP = 0.5  # of the level scale, from one pixel to the next
_SILENT = ("magma", "viridis", "inferno", "plasma", "cividis", "gray", "hot", "jet", "turbo", "coolwarm", "sox")


def doubted(picture: Picture, area: NDArray[Any], known: Calibration) -> Calibration:
    """`known`, and where its plot `area` seems to be no spectrogram, that in `picture["doubt"]` and a remark.

    A picture whose tool has left its fingerprints is not doubted.
    """
    if known.source("profile") == "pixels" and known.facts["profile"].confidence > 0.8:
        return known
    what = doubt(area, picture.palette)
    if what is None and known.source("plot_area") == "assumed":
        plots = several(area, picture.palette)
        what = f"{plots} plots in one picture: cut out the one to decode" if plots > 1 else None
    if what is None:
        return known
    return known.described(doubt=what).remarked(f"this seems to be no spectrogram that can be read, but {what}")


def doubt(pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None, reading: Reading | None = None) -> str | None:
    """What the picture seems to be if it is no spectrogram that can be read, as a phrase; None where it may be one.

    pixels : (H, W, 3) or (H, W) uint8, with `palette` (N, 3) uint8 for entries, or (H, W) uint16: the plot's area.
    """
    height, width = pixels.shape[:2]
    if height < 8 or width < 8:
        return None
    grid = sample(pixels, palette)
    if grid is None:
        return None
    reading = reading or recognise(grid)
    if reading is None:
        return None
    if reading.colours == 1:
        return None if _may_be_silence(grid[0, 0]) else "a picture of one colour"
    close = _close_up(pixels, palette)
    cmap = colormaps.get(reading.name)
    level = colormaps.index_of(close, cmap, "nearest").index / (len(cmap) - 1)
    return (
        _drawing(close, level)
        or _photograph(pixels, palette, grid, reading)
        or _gray_photograph(close, grid, reading)
        or _turned(pixels, grid, reading)
    )


def several(pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None) -> int:
    """How many plots of like size stand apart on one background in the whole picture; 1 where that does not show."""
    height, width = pixels.shape[:2]
    if height < 64 or width < 64:
        return 1
    step = max(1, min(height, width) // 400)
    small = pixels[::step, ::step]
    key = _keys(small, palette)
    border = np.concatenate([key[0], key[-1], key[:, 0], key[:, -1]])
    colours, counts = np.unique(border, return_counts=True)
    if counts.max() < 0.9 * len(border):
        return 1
    paper = key == colours[np.argmax(counts)]
    boxes: list[tuple[int, int]] = []
    for top, bottom in _stretches(paper.mean(axis=1) < 0.98):
        for left, right in _stretches(paper[top:bottom].mean(axis=0) < 0.9):
            part = key[top:bottom, left:right]
            full = float((~paper[top:bottom, left:right]).mean())
            if full > 0.7 and len(np.unique(part)) > 24:
                boxes.append(part.shape)
    whole = key.size
    large = [h * w for h, w in boxes if h * w > 0.06 * whole and min(h, w) > 0.12 * min(key.shape)]
    return sum(1 for area in large if area > 0.4 * max(large)) if large else 1


def _stretches(inside: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Begin and end of the runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 2]


def _keys(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.int32]:
    """One number a colour, (H, W)."""
    if pixels.ndim == 2:
        return pixels.astype(np.int32)
    wide = pixels.astype(np.int32)
    keys: NDArray[np.int32] = wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]
    return keys


def _may_be_silence(colour: NDArray[np.uint8]) -> bool:
    """Whether one colour is black or the lowest entry of a usual map."""
    ends = [colormaps.get(name, rounding).table[0] for name in _SILENT for rounding in ("round", "trunc")]
    return bool((np.abs(np.array(ends, int) - colour.astype(int)).max(axis=1) <= 3).any())


def _close_up(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Neighbouring pixels in bands of rows: (rows, columns, 3), whole pictures if they are small."""
    height, width = pixels.shape[:2]
    rows = np.unique(np.linspace(0, max(height - 8, 0), 24).astype(int)[:, None] + np.arange(8))
    columns = np.unique(np.linspace(0, max(width - 16, 0), 24).astype(int)[:, None] + np.arange(16))
    part = pixels[rows[rows < height]][:, columns[columns < width]]
    if palette is not None and part.ndim == 2:
        return np.asarray(palette[np.minimum(part, len(palette) - 1)], np.uint8)
    if part.dtype == np.uint16:
        part = (part >> 8).astype(np.uint8)
    if part.ndim == 2:
        part = np.repeat(part[..., None], 3, axis=2)
    return np.ascontiguousarray(part[..., :3])


def _drawing(close: NDArray[np.uint8], level: NDArray[Any]) -> str | None:
    """Text and line drawings: two colours make up the picture, or hard edges in both directions."""
    key = _keys(close, None)
    colours, counts = np.unique(key, return_counts=True)
    order = np.argsort(-counts)
    share = counts[order] / key.size
    if len(colours) < 2:
        return None
    first, second = (np.array([c >> 16, c >> 8 & 255, c & 255]) for c in colours[order[:2]])
    apart = float(np.abs(first - second).max())
    if share[0] + share[1] > 0.88 and share[1] > 0.04 and apart > 90:
        return "a drawing of two colours, such as a waveform or text"
    across = float((np.abs(np.diff(level, axis=1)) > _JUMP).mean())
    down = float((np.abs(np.diff(level, axis=0)) > _JUMP).mean())
    ink = 1.0 - float(share[0])
    if share[0] > 0.4 and (min(across, down) > 0.02 or min(across, down) > 0.12 * ink > 0.0005):
        return "a picture of text or a line drawing"
    return None


def _photograph(
    pixels: NDArray[Any], palette: NDArray[np.uint8] | None, grid: NDArray[np.uint8], reading: Reading
) -> str | None:
    """Colours that no map has, even after noise was averaged out."""
    if reading.exact > 0.5 or reading.distance < _OFF_MAP or _off_map(grid) < _OFF_MAP:
        return None
    height, width = pixels.shape[:2]
    rows = np.linspace(0, height - _BLOCK, min(64, height // _BLOCK)).astype(int)
    columns = np.linspace(0, width - _BLOCK, min(96, width // _BLOCK)).astype(int)
    down, across = (rows[:, None] + np.arange(_BLOCK)).ravel(), (columns[:, None] + np.arange(_BLOCK)).ravel()
    part = sample_of(pixels[down][:, across], palette)
    blocks = part.reshape(len(rows), _BLOCK, len(columns), _BLOCK, 3).mean(axis=(1, 3))
    distance = _off_map((blocks + 0.5).astype(np.uint8))
    if distance < _OFF_MAP:
        return None
    return f"a photograph or painting: its colours lie {distance:.0f} of 255 from the nearest colormap"


def _off_map(grid: NDArray[np.uint8]) -> float:
    """Mean distance of the pixels (h, w, 3) from the map that suits them best; white paper does not count."""
    some = grid[grid.min(axis=2) < _PAPER][None]
    reading = recognise(some) if some.shape[1] >= 0.1 * grid[..., 0].size else None
    if reading is None:
        return 0.0
    far = colormaps.index_of(some, colormaps.get(reading.name), distance=True).distance
    return float(np.minimum(far, _FAR).mean()) if far is not None else 0.0


def sample_of(part: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Pixels of any kind as colours (h, w, 3)."""
    if palette is not None and part.ndim == 2:
        return np.asarray(palette[np.minimum(part, len(palette) - 1)], np.uint8)
    if part.dtype == np.uint16:
        part = (part >> 8).astype(np.uint8)
    return np.repeat(part[..., None], 3, axis=2) if part.ndim == 2 else part[..., :3]


def _gray_photograph(close: NDArray[np.uint8], grid: NDArray[np.uint8], reading: Reading) -> str | None:
    """Gray levels of things: edges run in all directions, neither time nor frequency shows, no dips of noise."""
    if not reading.name.startswith(("gray", "Grey")) or reading.exact < 0.9 or reading.colours < 64:
        return None
    level, whole = close[..., 0].astype(np.float32), grid[..., 0].astype(np.float32)
    height, spread = len(whole), float(whole.std())
    fall = abs(float(whole[: height // 2].mean() - whole[height // 2 :].mean()))
    rows, columns = float(whole.mean(axis=1).std()), float(whole.mean(axis=0).std())
    if not 0.3 * columns < rows < 1.3 * columns or fall > 0.75 * spread:
        return None
    if np.bincount(close[..., 0].ravel()).max() > 0.3 * level.size:
        return None
    across, down = np.diff(level, axis=1), np.diff(level, axis=0)
    if max(float((across == 0).mean()), float((down == 0).mean())) > 0.7:
        return None
    together = float(np.corrcoef(np.abs(across[:-1]).ravel(), np.abs(down[:, :-1]).ravel())[0, 1])
    bends = [np.diff(level, 2, axis=k).ravel() for k in (0, 1)]
    dips = [abs(float((b**3).mean() / max(float((b**2).mean()), 1e-9) ** 1.5)) for b in bends]
    return "a gray photograph" if together > 0.17 and max(dips) < 0.35 else None


def _turned(pixels: NDArray[Any], grid: NDArray[np.uint8], reading: Reading) -> str | None:
    """A picture on its side: loudness falls steadily from one side to the other and not from bottom to top."""
    cmap = colormaps.get(reading.name)
    level = colormaps.index_of(grid, cmap, "nearest").index / (len(cmap) - 1)
    spread = float(level.std())
    height, width = level.shape
    if spread < 0.02 or height < 32 or width < 32:
        return None
    rows, columns = level.mean(axis=1), level.mean(axis=0)
    if rows.std() > 0.8 * columns.std():
        return None
    advice = "a spectrogram on its side: turn it by 90 degrees"
    if reading.exact > 0.99 and _axis_across(pixels):
        return advice
    sides = abs(float(columns[: width // 2].mean() - columns[width // 2 :].mean()))
    # in every stretch of time the bottom of sound differs from its top
    falls = [abs(float(b[: height // 2].mean() - b[height // 2 :].mean())) for b in np.array_split(level, 8, axis=1)]
    steady = rows.std() < 0.75 * columns.std() and sides > 0.35 * spread and float(rows.std()) > 0.05 * spread
    empty = float((level.std(axis=0) < 0.01).mean())  # silence before or after a sound, or treble without any
    clear = sides > 2.5 * float(np.median(falls)) and sides > 1.2 * max(falls)
    if steady and clear and (empty < 0.2 or _steadiness(level) > 0.9):
        return advice
    return None


def _steadiness(level: NDArray[Any]) -> float:
    """How steadily columns get louder to one side (0..1): as spectra do, and a sound that sets in does not."""
    some = level[:, level.std(axis=0) > 0.01].mean(axis=0)
    if len(some) < 16:
        return 0.0
    profile = np.array([part.mean() for part in np.array_split(some, 16)])
    rank = np.argsort(np.argsort(profile))
    return abs(float(np.corrcoef(rank, np.arange(16))[0, 1]))


def _axis_across(pixels: NDArray[Any]) -> bool:
    """Whether the columns, and not the rows, are those of a frequency axis."""
    upright = read_runs(pixels, Calibration())
    if "freq_scale" in upright:
        return False
    for turned in (np.rot90(pixels), np.rot90(pixels, -1)):
        found = read_runs(turned, Calibration()).facts.get("freq_scale")
        if found is not None and found.value in ("log", "mel") and found.confidence > 0.8:
            return True
    return False
