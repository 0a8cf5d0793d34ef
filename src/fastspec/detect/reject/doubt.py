"""Is this a spectrogram at all? Photographs, text, drawings, several plots and turned pictures are told apart.

A doubt is raised only on clear evidence, because odd spectrograms exist: silence, pure tones, clicks, noise. Each
threshold lies between what some thirty photographs, scans and drawings and some hundred spectrograms showed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap, tool_tables
from fastspec.detect.cell_borders import read_runs
from fastspec.detect.colormap import Reading, direction, recognise, survey
from fastspec.detect.colour_survey import Glance, as_colours, pack
from fastspec.detect.reject.photograph import photograph
from fastspec.detect.reject.tilt import tilted
from fastspec.picture.picture import Picture

_LIVELY = 0.09  # of the spread: less loudness over time is noise, whose loudness may as well run across
_SURE = 0.8  # of an axis
_JUMP = 0.5  # of the level scale, from one pixel to the next
_MARGINS = 0.03  # share of a raw picture of SoX's that may have colours of its axes
_SILENT = ("magma", "viridis", "inferno", "plasma", "cividis", "gray", "hot", "jet", "turbo", "coolwarm", "sox")


def doubted(picture: Picture, area: NDArray[Any], known: Calibration, seen: Glance | None = None) -> Calibration:
    """`known`, and where its plot `area` seems to be no spectrogram, that in `picture["doubt"]`.

    A picture whose tool has left its fingerprints may only be turned. seen : the area, if it was looked at before.
    """
    tool = known.facts.get("profile")
    if tool is not None and tool.source in ("pixels", "embedded") and tool.confidence > 0.8:
        return _with(known, _turned_tool(picture, area, known, seen))
    axis = known.facts.get("freq_scale")
    # an axis whose rows grow narrower is in no photograph; even rows are, in those drawn larger
    drawn = axis is not None and axis.source == "pixels" and axis.confidence > _SURE and axis.value in ("log", "mel")
    what = "it lies askew: turn it upright" if tilted(picture.pixels) else None
    what = what or doubt(area, picture.palette, seen, drawn=drawn)
    if what is None and known.source("plot_area") == "assumed":
        plots = several(area, picture.palette)
        what = f"{plots} plots in one picture: cut out the one to decode" if plots > 1 else None
    return _with(known, what)


def _with(known: Calibration, what: str | None) -> Calibration:
    if what is None or "doubt" in known.picture:
        return known
    return known.described(doubt=what)


def _turned_tool(picture: Picture, area: NDArray[Any], known: Calibration, seen: Glance | None) -> str | None:
    """What is wrong with a picture in SoX's or ffmpeg's colours that has no axes where they draw them, if anything."""
    whole = known.get("plot_area", (0, 0, picture.width, picture.height)) == (0, 0, picture.width, picture.height)
    if not whole or str(known["profile"]).partition("-")[0] not in ("sox", "ffmpeg") or min(area.shape[:2]) < 8:
        return None
    indexed = known["profile"] == "sox" and picture.palette is not None
    if indexed and float((area < tool_tables.SOX_FIXED).mean()) > _MARGINS:
        return "a picture of SoX's whose axes are not where it draws them: turn it upright, or cut it to the data"
    seen = seen or Glance.of(area, picture.palette)
    reading = recognise(seen)
    return None if reading is None else _turned(area, seen, reading)


def doubt(
    pixels: NDArray[Any],
    palette: NDArray[np.uint8] | None = None,
    seen: Glance | None = None,
    *,
    drawn: bool = False,
) -> str | None:
    """What the picture seems to be if it is no spectrogram that can be read, as a phrase; None where it may be one.

    pixels : (H, W, 3) or (H, W) uint8, with `palette` (N, 3) uint8 for entries, or (H, W) uint16: the plot's area.
    seen : the same, if it was looked at before. drawn : whether a frequency axis was read off its rows.
    """
    height, width = pixels.shape[:2]
    if height < 8 or width < 8:
        return None
    seen = seen or Glance.of(pixels, palette)
    reading = recognise(seen)
    if reading is None:
        return None
    if reading.colours == 1:
        return None if _may_be_silence(seen.points[0]) else "a picture of one colour"
    return (
        _drawing(pixels, palette, seen, reading)
        or (None if drawn else photograph(pixels, palette, seen, reading))
        or _turned(pixels, seen, reading)
    )


def several(pixels: NDArray[Any], palette: NDArray[np.uint8] | None = None) -> int:
    """How many plots of like size stand apart on one background in the whole picture; 1 where that does not show."""
    height, width = pixels.shape[:2]
    if height < 64 or width < 64:
        return 1
    step = max(1, min(height, width) // 400)
    small = pixels[::step, ::step]
    border = _keys(np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])[None])
    colours, counts = np.unique(border, return_counts=True)
    if counts.max() < 0.9 * border.size:
        return 1
    key = _keys(small)
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


def _keys(pixels: NDArray[Any]) -> NDArray[np.int32]:
    """One number a colour or palette entry, (H, W)."""
    if pixels.ndim == 2:
        return pixels.astype(np.int32)
    return pack(pixels).reshape(pixels.shape[:2])


def _may_be_silence(colour: NDArray[np.uint8]) -> bool:
    """Whether one colour is black or the lowest entry of a usual map."""
    ends = [colormap.get(name, rounding).table[0] for name in _SILENT for rounding in ("round", "trunc")]
    return bool((np.abs(np.array(ends, int) - colour.astype(int)).max(axis=1) <= 3).any())


def _close_up(pixels: NDArray[Any], palette: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """Neighbouring pixels in bands of rows: (rows, columns, 3), whole pictures if they are small."""
    height, width = pixels.shape[:2]
    rows = np.unique(np.linspace(0, max(height - 8, 0), 24).astype(int)[:, None] + np.arange(8))
    columns = np.unique(np.linspace(0, max(width - 16, 0), 24).astype(int)[:, None] + np.arange(16))
    return as_colours(pixels[rows[rows < height]][:, columns[columns < width]], palette)


def _drawing(pixels: NDArray[Any], palette: NDArray[np.uint8] | None, seen: Glance, reading: Reading) -> str | None:
    """Text and line drawings: two colours make up the picture, or hard edges in both directions."""
    order = np.argsort(-seen.counts)[:2]
    share = seen.counts[order] / seen.counts.sum()
    first, second = seen.points[order].astype(int)
    if share.sum() > 0.88 and share[1] > 0.04 and float(np.abs(first - second).max()) > 90:
        return "a drawing of two colours, such as a waveform or text"
    if share[0] < 0.4:
        return None
    close = Glance.whole(_close_up(pixels, palette))
    index, top = close.index(reading.name)
    across = float((np.abs(np.diff(index, axis=1)) > _JUMP * top).mean())
    down = float((np.abs(np.diff(index, axis=0)) > _JUMP * top).mean())
    ink = 1.0 - float(share[0])
    if min(across, down) > 0.02 or min(across, down) > 0.12 * ink > 0.0005:
        return "a picture of text or a line drawing"
    return None


def _turned(pixels: NDArray[Any], seen: Glance, reading: Reading) -> str | None:
    """A picture on its side, where loudness falls steadily to one side and not to the top, or upside down."""
    whole = survey(seen, reading.name)
    rows, columns, spread = whole.rows, whole.columns, whole.spread
    height, width = len(rows), len(columns)
    if spread < 0.02 or height < 32 or width < 32:
        return None
    loud = -1 if direction(seen, reading.name)[0].endswith("_r") else 1
    top_heavy = loud * float(rows[: height // 2].mean() - rows[height // 2 :].mean()) > 0.2 * spread
    if top_heavy and reading.exact > 0.99 and _axis_in(pixels, pixels[::-1]):
        return "a spectrogram upside down: turn it by 180 degrees, or flip it"
    if rows.std() > 0.8 * columns.std():
        return None
    index, top = seen.index(reading.name)
    level = index / top
    advice = "a spectrogram on its side: turn it by 90 degrees"
    if reading.exact > 0.99 and _axis_in(pixels, np.rot90(pixels), np.rot90(pixels, -1)):
        return advice
    sides = abs(float(columns[: width // 2].mean() - columns[width // 2 :].mean()))
    # in every stretch of time the bottom of sound differs from its top
    falls = [abs(float(b[: height // 2].mean() - b[height // 2 :].mean())) for b in np.array_split(level, 8, axis=1)]
    steady = rows.std() < 0.75 * columns.std() and sides > 0.35 * spread and float(rows.std()) > _LIVELY * spread
    empty = float((level.std(axis=0) < 0.01).mean())  # silence before or after a sound, or treble without any
    clear = sides > 2.5 * float(np.median(falls)) and sides > 1.2 * max(falls)
    if steady and clear and _steadiness(level) > (0.8 if empty < 0.2 else 0.9):
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


def _axis_in(upright: NDArray[Any], *turned: NDArray[Any]) -> bool:
    """Whether the rows of one of the `turned` pictures, and not those of the `upright` one, are a frequency axis's."""
    if "freq_scale" in read_runs(upright, Calibration()):
        return False
    for pixels in turned:
        found = read_runs(np.ascontiguousarray(pixels), Calibration()).facts.get("freq_scale")
        if found is not None and found.value in ("log", "mel") and found.confidence > 0.8:
            return True
    return False
