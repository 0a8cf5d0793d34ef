"""How many bins and frames a picture had before imshow resampled it, from the beat that resampling leaves.

Where cells are a little wider or narrower than pixels, interpolated neighbours alternate between sharp and smooth, with
the period at which cell borders cross pixels. The mean second difference over the other axis shows it as one line of
its spectrum, at the number of cells modulo the number of pixels; on the four plt.specgram pictures of the corpus its
height is 63 to 213 times the median for frames (3 for the one with 1.7 frames a pixel), 4.5 to 10 for bins.
(The idea is that of Gallagher, "Detection of linear and cubic interpolation in JPEG compressed images", 2005.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import own_grid
from fastspec.calibration import Calibration, Fact

_LENGTHS = (128, 256, 400, 480, 512, 800, 960, 1024, 2048, 4096, 8192)
_PARTS = (2, 4, 8, 1, 16)  # hop as a part of n_fft, the usual ones first
_SURE_FRAMES, _SURE_BINS, _AHEAD = 12.0, 2.5, 1.3
_FINE = 8  # steps of the spectrum in a line's width
_SMOOTH = 9  # pixels of the running mean that is taken off


def read_resampling(area: NDArray[Any], known: Calibration) -> Calibration:
    """n_fft, and column_step (seconds between frames), of a plt.specgram picture (H, W[, 3]) uint8.

    Needs sr and duration; says nothing when they are unknown or when no usual pair of n_fft and hop fits clearly.
    """
    if "duration" not in known or "sr" not in known or area.dtype != np.uint8 or min(area.shape[:2]) < 64:
        return Calibration()
    samples, sr = round(known["duration"] * known["sr"]), known["sr"]
    levels = (area[..., 1] if area.ndim == 3 else area).astype(np.float32)
    width = levels.shape[1]
    down, across = _Beat(levels, 0), _Beat(levels, 1)
    sure = known.source("n_fft") in ("given", "embedded")
    lengths = (known["n_fft"],) if sure else _LENGTHS
    ranked = []
    for n_fft in lengths:
        for hop in _hops(n_fft):
            frames = 1 + (samples - n_fft) // hop
            if frames < 2 or frames > 16 * width:
                continue
            beats = across.at(frames), down.at(1 + n_fft // 2)
            if beats[0] >= _SURE_FRAMES and (sure or beats[1] >= _SURE_BINS):
                ranked.append((beats[0] * min(beats[1], 10.0), n_fft, hop))
    ranked.sort(reverse=True)
    note = "the beat that resampling leaves"
    if ranked and (len(ranked) == 1 or ranked[0][0] >= _AHEAD * ranked[1][0]):
        _, n_fft, hop = ranked[0]
        facts = {
            "column_step": Fact(hop / sr, "pixels", 0.85, note),
            "time_extent": Fact(own_grid.specgram_extent(samples, sr, n_fft, hop), "pixels", 0.85, note),
        }
        return Calibration(facts if sure else {**facts, "n_fft": Fact(n_fft, "pixels", 0.85, note)})
    by_rows = sorted(((down.at(1 + n_fft // 2), n_fft) for n_fft in lengths), reverse=True)
    if not sure and by_rows[0][0] >= _SURE_FRAMES and by_rows[0][0] >= _AHEAD * by_rows[1][0]:
        n_fft = by_rows[0][1]
        extent = own_grid.specgram_extent(samples, sr, n_fft, own_grid.usual_hop(n_fft))
        return Calibration(
            {"n_fft": Fact(n_fft, "pixels", 0.75, note), "time_extent": Fact(extent, "pixels", 0.5, "hop assumed")}
        )
    return Calibration()


def _hops(n_fft: int) -> list[int]:
    """Usual hops: parts of n_fft, and what mlab's noverlap of 128 leaves."""
    hops = [n_fft // part for part in _PARTS if n_fft % part == 0]
    return hops + [n_fft - 128] * (n_fft > 256)


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
