"""How many bins and frames a picture had before imshow resampled it.

Where cells are wider than pixels, only their true number explains the pixels as `fastspec.plot.imshow` says imshow
blends them: on 30 plt.specgram pictures of many sizes and colours it left .16 to .29 of 255 (rms), the rounding of
colours. More cells may fit too, so the fewest that fit are taken. Of 380 pictures (NFFT 256 to 2048, four maps,
432 x 288 to 1600 x 900) no length and no hop was read wrongly; unread were 2 % of lengths and 16 to 26 % of hops,
nearly all of those with more frames than columns.

Where cells are narrower, a beat remains: interpolated neighbours alternate between sharp and smooth, with the period
at which cell borders cross pixels. The mean second difference over the other axis shows it as one line of its
spectrum, at the number of cells modulo the number of pixels; up to two frames a pixel its height is 63 to 213 times
the median (3 at 1.7 frames a pixel of one picture), of bins 4.5 to 10.
(The idea is that of Gallagher, "Detection of linear and cubic interpolation in JPEG compressed images", 2005.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.colours import colormap, matching
from fastspec.errors import FastspecError
from fastspec.plot import imshow
from fastspec.tools.specgram import grid
from fastspec.transform.geometry import count_frames

_LENGTHS = (64, 128, 256, 400, 480, 500, 512, 800, 960, 1000, 1024, 2000, 2048, 4096, 8192)
_USUAL = (128, 256, 400, 480, 512, 800, 960, 1024, 2048, 4096, 8192)  # that the beat may tell
_PARTS = (2, 4, 8, 1, 16)  # hop as a part of n_fft, the usual ones first
_OVERLAPS = (32, 50, 64, 100, 120, 128, 200, 240, 250, 256, 300, 384, 400, 500, 512, 600, 768, 800, 900, 1000)
# Heights of lines that tell, and times the next; of frames, where they are fewer a pixel than _FEW, or more
_SURE_BINS, _CLEAR_FRAMES, _FEW, _SURE_FRAMES, _AHEAD = 3.2, 5.5, 1.8, 12.0, 1.8
_FINE = 8  # steps of the spectrum in a line's width
_SMOOTH = 9  # pixels of the running mean that is taken off
_FREE = 0.985  # cells a pixel; with more, any number of them explains the picture
_FITS = 0.4  # of 255, rms: the rounding of colours leaves .29
_WORSE = 2.5  # times the misfit that half as many cells must leave
_NEAR = 0.03  # candidates within this share of another are told apart by the better fit
_LINES, _LOOKED_AT = 12, 64
_OF_FIGURES = 0.7  # how sure, where the plot is part of a figure


def read_resampling(area: NDArray[Any], known: Calibration) -> Calibration:
    """n_fft, and column_step (seconds between frames), of a plt.specgram picture (H, W[, 3]) uint8.

    Needs sr and duration; says nothing when they are unknown or when no usual pair of n_fft and hop fits clearly.
    """
    if "duration" not in known or "sr" not in known or area.dtype != np.uint8 or min(area.shape[:2]) < 64:
        return Calibration()
    samples, sr = round(known["duration"] * known["sr"]), known["sr"]
    told = known.source("n_fft") in ("given", "embedded")
    hop_known = known["hop_length"] if known.source("hop_length") in ("given", "embedded") else None
    n_fft: int | None = known["n_fft"] if told else _fitting(area, 0, {1 + n // 2: n for n in _LENGTHS}, known)
    rows_tell = not told and n_fft is not None
    height = area.shape[0]
    hop = hop_known
    if hop is None:
        # what is too short for rows to have hidden it is not the length
        lengths = (n_fft,) if n_fft else tuple(n for n in _LENGTHS if 1 + n // 2 >= _FREE * height)
        pairs: dict[int, tuple[int, int]] = {}
        for length in lengths:
            for step in _hops(length) if n_fft is None else _many_hops(length):
                frames = 1 + (samples - length) // step
                if frames >= 2:
                    pairs.setdefault(frames, (length, step))
        found = _fitting(area, 1, pairs, known)
        if found is not None:
            n_fft, hop = found
            rows_tell = not told
    if n_fft is None or hop is None:
        return _by_beat(area, known, samples, n_fft, rows_tell)
    note = "the only usual number of cells that explains the pixels"
    # a figure's plot begins between pixels, and a duration by its labels is a little off: other numbers may fit
    sure = 0.95 if "pixels" not in (known.source("plot_area"), known.source("duration")) else _OF_FIGURES
    facts = _facts(samples, sr, n_fft, hop, sure, note)
    return Calibration(facts if not rows_tell else {**facts, "n_fft": Fact(n_fft, "pixels", sure, note)})


def _facts(samples: int, sr: int, n_fft: int, hop: int, confidence: float, note: str) -> dict[str, Fact]:
    extent = grid.extent(samples, sr, n_fft, hop)
    return {
        "column_step": Fact(hop / sr, "pixels", confidence, note),
        "time_extent": Fact(extent, "pixels", confidence, note),
    }


def _fitting(area: NDArray[np.uint8], axis: int, counts: dict[int, Any], known: Calibration) -> Any:
    """What `counts` says of the fewest cells along `axis` that explain the picture; None where none do."""
    pixels = area.shape[axis]
    lines = _busiest(area, axis, known)
    candidates = sorted(count for count in counts if 2 <= count < _FREE * pixels)
    for nearest in (False, True):
        for number, count in enumerate(candidates):
            if nearest and 3 * count >= pixels:
                break
            error = imshow.misfit(lines, count, nearest=nearest)
            if error >= _FITS**2:
                continue
            for other in candidates[number + 1 :]:
                if other > (1 + _NEAR) * count:
                    break
                better = imshow.misfit(lines, other, nearest=nearest)
                if better < error:
                    count, error = other, better
            half = imshow.misfit(lines, max(1, count // 2), nearest=nearest)
            return counts[count] if half > _FITS**2 and half > _WORSE**2 * error else None
    return None


def _busiest(area: NDArray[np.uint8], axis: int, known: Calibration) -> NDArray[np.float32]:
    """The lines along `axis` that change most, in one colour or, where each is an entry of the map, in levels."""
    other = area.shape[1 - axis]
    some = np.unique(np.linspace(0, other - 1, _LOOKED_AT).astype(np.intp))
    part = area[:, some] if axis == 0 else np.moveaxis(area[some], 1, 0)
    if part.ndim == 3:
        part = _plane(np.ascontiguousarray(part), known)
    lines = part.astype(np.float32)
    order = np.argsort(np.abs(np.diff(lines, axis=0)).sum(axis=0))
    return np.ascontiguousarray(lines[:, order[-_LINES:]])


def _plane(colours: NDArray[np.uint8], known: Calibration) -> NDArray[Any]:
    """One number a pixel that blending is linear in: levels where they were blended, else the liveliest colour."""
    try:
        cmap = colormap.get(known.get("cmap") or "viridis", known.get("cmap_rounding", "trunc"))
        if matching.index_of(np.ascontiguousarray(colours[::4]), cmap, "exact").exact > 0.97:
            return np.asarray(matching.index_of(colours, cmap, "nearest").index)
    except FastspecError:
        pass
    planes = [colours[:, ::8, plane].astype(np.int16) for plane in range(3)]
    return colours[..., int(np.argmax([np.abs(np.diff(plane, axis=0)).sum() for plane in planes]))]


def _by_beat(area: NDArray[np.uint8], known: Calibration, samples: int, n_fft: int | None, tell: bool) -> Calibration:
    """As `read_resampling`, from the beat: where frames are narrower than pixels, or rows blended otherwise."""
    sr = known["sr"]
    levels = (area[..., 1] if area.ndim == 3 else area).astype(np.float32)
    height, width = levels.shape
    down, across = _Beat(levels, 0), _Beat(levels, 1)
    note = "the beat that resampling leaves"
    sure = 0.95 if known.source("plot_area") != "pixels" else _OF_FIGURES
    by_rows = Fact(n_fft, "pixels", sure, "the only usual number of bins that explains the rows")
    lengths = [n for n in _USUAL if 1 + n // 2 >= _FREE * height]
    heights = sorted(((down.at(1 + n // 2), n) for n in lengths), reverse=True)
    if n_fft is None and heights and heights[0][0] >= max([_SURE_BINS, *(_AHEAD * high for high, _ in heights[1:2])]):
        n_fft, tell = heights[0][1], True
        by_rows = Fact(n_fft, "pixels", min(sure, 0.75), note)
    if n_fft is None:
        return Calibration()
    ranked = []
    for hop in _hops(n_fft):
        frames = count_frames(samples, hop, n_fft, center=False)
        if _FREE * width <= frames <= 16 * width:
            ranked.append((across.at(frames), frames < _FEW * width, hop))
    ranked.sort(reverse=True)
    facts = {"n_fft": by_rows} if tell else {}
    if ranked:
        high, few, hop = ranked[0]
        if high >= (_CLEAR_FRAMES if few else _SURE_FRAMES) and (len(ranked) == 1 or high >= _AHEAD * ranked[1][0]):
            return Calibration({**facts, **_facts(samples, sr, n_fft, hop, min(sure, 0.85), note)})
    if tell:
        extent = grid.extent(samples, sr, n_fft, grid.usual_hop(n_fft))
        facts["time_extent"] = Fact(extent, "pixels", 0.5, "hop assumed")
    return Calibration(facts)


def _hops(n_fft: int) -> list[int]:
    """Usual hops: parts of n_fft, and what mlab's noverlap of 128 leaves."""
    hops = [n_fft // part for part in _PARTS if n_fft % part == 0]
    return hops + [n_fft - 128] * (n_fft > 256)


def _many_hops(n_fft: int) -> list[int]:
    """The usual hops and what round overlaps leave."""
    overlaps = [*(n for n in _OVERLAPS if n < n_fft), n_fft * 9 // 10, n_fft * 4 // 5, n_fft * 2 // 3, n_fft * 3 // 5]
    return _hops(n_fft) + [n_fft - overlap for overlap in overlaps]


class _Beat:
    """The spectrum of sharpness along one axis, in units of its median."""

    def __init__(self, levels: NDArray[np.float32], axis: int) -> None:
        self.pixels = levels.shape[axis]
        sharp = np.log(np.abs(np.diff(levels, 2, axis=axis)).mean(axis=1 - axis) + 1e-3)
        sharp = (sharp - np.convolve(sharp, np.full(_SMOOTH, 1 / _SMOOTH), "same"))[_SMOOTH:-_SMOOTH]
        self._length = _FINE * self.pixels
        self._spectrum = np.abs(np.fft.rfft(sharp * np.hanning(sharp.size), self._length))
        self._median = float(np.median(self._spectrum)) or 1.0

    def at(self, cells: int) -> float:
        """Height of the line that `cells` cells would make; 0 where they would make none."""
        beat = cells / self.pixels % 1.0
        beat = min(beat, 1.0 - beat)
        if beat < 0.02:
            return 0.0
        line = round(beat * self._length)
        # many cells a pixel are averaged away: what has the beat of few is likelier few
        share = 1.0 if cells < 2.5 * self.pixels else 0.4
        return share * float(self._spectrum[max(0, line - 2) : line + 3].max()) / self._median
