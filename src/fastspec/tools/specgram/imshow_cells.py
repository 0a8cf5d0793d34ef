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

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import STATED, Fact
from fastspec.detect import blended
from fastspec.detect.colour_survey import in_colour
from fastspec.plot import imshow
from fastspec.tools.specgram import grid
from fastspec.transform.geometry import count_frames

_USUAL = (128, 256, 400, 480, 512, 800, 960, 1024, 2048, 4096, 8192)  # that the beat may tell
_PARTS = (2, 4, 8, 1, 16)  # hop as a part of n_fft, the usual ones first
_OVERLAPS = (32, 50, 64, 100, 120, 128, 200, 240, 250, 256, 300, 384, 400, 500, 512, 600, 768, 800, 900, 1000)
_MLABS_WINDOW, _MLABS_OVERLAP = 256, 128
_BEAT = "the beat that resampling leaves"


class Limits(NamedTuple):
    """When a number of cells is believed.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`: its table sets confidences against the share that is
    right. unmeasured: no command repeats the value; what was seen once stands beside it and in the module's head.
    """

    least_side: int = 64  # pixels: in smaller plots nothing is read; unmeasured
    fewest: int = 2  # cells that are searched for; unmeasured
    # where cells are wider than pixels
    free: float = 0.985  # cells a pixel; with more, any number of them explains the picture; unmeasured
    fits: float = 0.4  # of 255, rms, that the cells leave: the rounding of colours leaves .29; unmeasured
    worse: float = 2.5  # times the rms that half as many cells must leave; unmeasured
    near: float = 0.03  # share of a number, by which another may be more and the better one; unmeasured
    # where they are narrower: heights of the line of a beat, in medians of its spectrum
    bins: float = 3.2  # of bins; 4.5 to 10 were seen; unmeasured
    clear_frames: float = 5.5  # of frames, fewer than `few` a pixel; 63 to 213 were seen; unmeasured
    frames: float = 12.0  # of more frames; unmeasured
    few: float = 1.8  # frames a pixel; unmeasured
    ahead: float = 1.8  # times the height of the next line; unmeasured
    most_frames: int = 16  # a pixel, that are searched for; unmeasured
    same_line: float = 1.5  # of a spectrum's lines, by which two numbers of cells differ that tell the same; unmeasured
    fine: int = 8  # steps of the spectrum in a line's width; unmeasured
    smooth: int = 9  # pixels of the running mean that is taken off; unmeasured
    no_beat: float = 0.02  # beats a pixel, below which none shows; unmeasured
    many: float = 2.5  # cells a pixel: what has the beat of more has likelier that of few; unmeasured
    if_many: float = 0.4  # of a line's height that counts then; unmeasured
    # confidences
    sure: float = 0.95  # that cells explain the pixels; facts
    sure_of_figure: float = 0.7  # at most, where the plot is part of a figure; facts
    sure_of_bins: float = 0.75  # at most, of the length that a beat tells; facts
    sure_of_frames: float = 0.85  # at most, of the hop that a beat tells; facts
    sure_of_usual_hop: float = 0.5  # of the extent that a usual hop gives; facts


LIMITS = Limits()


def read_resampling(area: NDArray[Any], known: Calibration) -> Calibration:
    """n_fft, and column_step (seconds between frames), of a plt.specgram picture (H, W[, 3]) uint8.

    Needs sr and duration; says nothing when they are unknown or when no usual pair of n_fft and hop fits clearly.
    """
    small = min(area.shape[:2]) < LIMITS.least_side
    if "duration" not in known or "sr" not in known or area.dtype != np.uint8 or small:
        return Calibration()
    samples, sr = round(known["duration"] * known["sr"]), known["sr"]
    told = known.source("n_fft") in STATED
    hop_known = known["hop_length"] if known.source("hop_length") in STATED else None
    # a figure's plot begins between pixels, and a duration by its labels is a little off: any large number fits as well
    in_figure = "pixels" in (known.source("plot_area"), known.source("duration"))
    n_fft: int | None = known["n_fft"] if told else _length(area, known, in_figure=in_figure)
    rows_tell = not told and n_fft is not None
    hop = hop_known
    if hop is None and not (in_figure and n_fft is None):
        found = _fitting(area, 1, _pairs(samples, n_fft, area.shape[0]), known)
        if found is not None:
            n_fft, hop = found
            rows_tell = not told
    if n_fft is None or hop is None:
        return _by_beat(area, known, samples, n_fft, rows_tell)
    note = "the only usual number of cells that explains the pixels"
    sure = LIMITS.sure_of_figure if in_figure else LIMITS.sure
    facts = _facts(samples, sr, n_fft, hop, sure, note)
    return Calibration(facts if not rows_tell else {**facts, "n_fft": Fact(n_fft, "pixels", sure, note)})


def _length(area: NDArray[np.uint8], known: Calibration, *, in_figure: bool) -> int | None:
    """The usual n_fft whose bins explain the rows; in a figure the one that does so far better than its neighbours."""
    if in_figure:
        return blended.bins_that_fit(blended.busiest(area, 0, known))
    found: int | None = _fitting(area, 0, {1 + n // 2: n for n in blended.LENGTHS}, known)
    return found


def _pairs(samples: int, n_fft: int | None, height: int) -> dict[int, tuple[int, int]]:
    """The usual n_fft and hop for each number of frames; of a known `n_fft` with less usual hops, too."""
    # what is too short for rows to have hidden it is not the length
    lengths = (n_fft,) if n_fft else tuple(n for n in blended.LENGTHS if 1 + n // 2 >= LIMITS.free * height)
    pairs: dict[int, tuple[int, int]] = {}
    for length in lengths:
        for step in _hops(length) if n_fft is None else _many_hops(length):
            frames = count_frames(samples, step, length, center=False)
            if frames >= LIMITS.fewest:
                pairs.setdefault(frames, (length, step))
    return pairs


def _facts(samples: int, sr: int, n_fft: int, hop: int, confidence: float, note: str) -> dict[str, Fact]:
    extent = grid.extent(samples, sr, n_fft, hop)
    return {
        "column_step": Fact(hop / sr, "pixels", confidence, note),
        "time_extent": Fact(extent, "pixels", confidence, note),
    }


def _fitting(area: NDArray[np.uint8], axis: int, counts: dict[int, Any], known: Calibration) -> Any:
    """What `counts` says of the fewest cells along `axis` that explain the picture; None where none do."""
    pixels = area.shape[axis]
    lines = blended.busiest(area, axis, known)
    candidates = sorted(count for count in counts if LIMITS.fewest <= count < LIMITS.free * pixels)
    for nearest in (False, True):
        for number, count in enumerate(candidates):
            if nearest and imshow.MAGNIFIED * count >= pixels:
                break
            error = imshow.misfit(lines, count, nearest=nearest)
            if error >= LIMITS.fits**2:
                continue
            for other in candidates[number + 1 :]:
                if other > (1 + LIMITS.near) * count:
                    break
                better = imshow.misfit(lines, other, nearest=nearest)
                if better < error:
                    count, error = other, better
            half = imshow.misfit(lines, max(1, count // 2), nearest=nearest)
            return counts[count] if half > LIMITS.fits**2 and half > LIMITS.worse**2 * error else None
    return None


def _by_beat(area: NDArray[np.uint8], known: Calibration, samples: int, n_fft: int | None, tell: bool) -> Calibration:
    """As `read_resampling`, from the beat: where frames are narrower than pixels, or rows blended otherwise."""
    sr = known["sr"]
    levels = (area[..., 1] if in_colour(area) else area).astype(np.float32)
    sure = LIMITS.sure if known.source("plot_area") != "pixels" else LIMITS.sure_of_figure
    by_rows = Fact(n_fft, "pixels", sure, "the only usual number of bins that explains the rows")
    if n_fft is None:
        n_fft, tell = _length_by_beat(levels), True
        # bells of fewer bins fit, unless the plot lies between pixels
        if n_fft and known.source("plot_area") == "pixels" and _as_few(n_fft, len(levels)):
            return Calibration()
        by_rows = Fact(n_fft, "pixels", min(sure, LIMITS.sure_of_bins), _BEAT)
    if n_fft is None:
        return Calibration()
    facts = {"n_fft": by_rows} if tell else {}
    hop = _hop_by_beat(levels, samples, n_fft)
    if hop is not None:
        return Calibration({**facts, **_facts(samples, sr, n_fft, hop, min(sure, LIMITS.sure_of_frames), _BEAT)})
    if tell:
        extent = grid.extent(samples, sr, n_fft, grid.usual_hop(n_fft))
        facts["time_extent"] = Fact(extent, "pixels", LIMITS.sure_of_usual_hop, "hop assumed")
    return Calibration(facts)


def _length_by_beat(levels: NDArray[np.float32]) -> int | None:
    """The usual n_fft whose bins the beat down the rows tells, if one is clearly ahead."""
    down = _Beat(levels, 0)
    lengths = [n for n in _USUAL if 1 + n // 2 >= LIMITS.free * levels.shape[0]]
    heights = sorted(((down.at(1 + n // 2), n) for n in lengths), reverse=True)
    clear = heights and heights[0][0] >= max([LIMITS.bins, *(LIMITS.ahead * high for high, _ in heights[1:2])])
    return heights[0][1] if clear else None


def _as_few(n_fft: int, rows: int) -> bool:
    """Whether fewer usual bins, enlarged to so many rows, have the same beat: 257 and 481 in 369 rows."""
    lines = [(n, abs(bins / rows - round(bins / rows))) for n in blended.LENGTHS for bins in [1 + n // 2]]
    line = next(at for n, at in lines if n == n_fft)
    return any(abs(at - line) * rows < LIMITS.same_line for n, at in lines if 1 + n // 2 < LIMITS.free * rows)


def _hop_by_beat(levels: NDArray[np.float32], samples: int, n_fft: int) -> int | None:
    """The usual hop whose frames the beat across the columns tells, if one is clearly ahead."""
    across, width = _Beat(levels, 1), levels.shape[1]
    ranked = []
    for hop in _hops(n_fft):
        frames = count_frames(samples, hop, n_fft, center=False)
        if LIMITS.free * width <= frames <= LIMITS.most_frames * width:
            ranked.append((across.at(frames), frames < LIMITS.few * width, hop))
    ranked.sort(reverse=True)
    if not ranked:
        return None
    high, few, hop = ranked[0]
    ahead = len(ranked) == 1 or high >= LIMITS.ahead * ranked[1][0]
    return hop if ahead and high >= (LIMITS.clear_frames if few else LIMITS.frames) else None


def _hops(n_fft: int) -> list[int]:
    """Usual hops: parts of n_fft, and what mlab's noverlap of 128 leaves."""
    hops = [n_fft // part for part in _PARTS if n_fft % part == 0]
    return hops + [n_fft - _MLABS_OVERLAP] * (n_fft > _MLABS_WINDOW)


def _many_hops(n_fft: int) -> list[int]:
    """The usual hops and what round overlaps leave."""
    overlaps = [*(n for n in _OVERLAPS if n < n_fft), n_fft * 9 // 10, n_fft * 4 // 5, n_fft * 2 // 3, n_fft * 3 // 5]
    return _hops(n_fft) + [n_fft - overlap for overlap in overlaps]


class _Beat:
    """The spectrum of sharpness along one axis, in units of its median."""

    def __init__(self, levels: NDArray[np.float32], axis: int) -> None:
        self.pixels = levels.shape[axis]
        sharp = np.log(np.abs(np.diff(levels, 2, axis=axis)).mean(axis=1 - axis) + 1e-3)
        course = np.convolve(sharp, np.full(LIMITS.smooth, 1 / LIMITS.smooth), "same")
        sharp = (sharp - course)[LIMITS.smooth : -LIMITS.smooth]
        self._length = LIMITS.fine * self.pixels
        self._spectrum = np.abs(np.fft.rfft(sharp * np.hanning(sharp.size), self._length))
        self._median = float(np.median(self._spectrum)) or 1.0

    def at(self, cells: int) -> float:
        """Height of the line that `cells` cells would make; 0 where they would make none."""
        beat = cells / self.pixels % 1.0
        beat = min(beat, 1.0 - beat)
        if beat < LIMITS.no_beat:
            return 0.0
        line = round(beat * self._length)
        # many cells a pixel are averaged away: what has the beat of few is likelier few
        share = 1.0 if cells < LIMITS.many * self.pixels else LIMITS.if_many
        return share * float(self._spectrum[max(0, line - 2) : line + 3].max()) / self._median
