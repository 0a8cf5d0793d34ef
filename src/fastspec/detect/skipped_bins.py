"""The FFT length of a linear axis that has more bins than rows: which bins were passed over shows between the rows.

pcolormesh shows the bin under each row's middle and none of those between. Neighbouring bins of an STFT are alike,
because its window smears each frequency over some three of them; with 513 bins on 308 rows, some rows show the next bin
and others the next but one, and the latter differ more from their neighbours. Where which is the case, only the true
number of bins tells. On linear figures of five sounds (1024 samples, 308 rows) the true length had a score of 4.4 to 9,
all others up to 1.9; of 67 whole figures of random sizes and lengths 27 lengths were read and none falsely. Speech of
three such figures: STOI .866, .858, .852 -> .914, .904, .908, log-mel 4.8, 4.9, 4.5 -> 2.5, 2.6, 2.5 dB.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import EDGES_EXPLICIT, EDGES_HALFWAY
from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.detect.array_cells import roughness
from fastspec.detect.axis_candidates import FFT_LENGTHS
from fastspec.detect.colour_survey import in_colour

# How much rows differ (log) whose bins lie 0, 1, 2, 3 or more apart, about: a Hann window's bins are alike so far.
_UNLIKE = np.array([0.0, 1.0, 1.75, 2.0])
_EDGES = (EDGES_HALFWAY, EDGES_EXPLICIT)


class Limits(NamedTuple):
    """When an FFT length is believed. Scores are in standard deviations of chance, as `_scores` gives them.

    "facts" is `python -m bench.quality.facts CORPUS --draw N --figures N`: its table sets confidences against the share
    that is right. unmeasured: no command repeats the value.
    """

    # On figures of five sounds true lengths scored 4.4 to 9, all others up to 1.9.
    least: float = 4.0  # score where the axis is known to be linear; unmeasured
    alone: float = 5.5  # score where nothing else says so; unmeasured
    lead: float = 2.5  # of the score over those of all other lengths; unmeasured
    smallest: tuple[int, int] = (64, 32)  # rows and columns: in fewer no course shows; unmeasured
    columns: int = 200  # that are looked at, about; unmeasured
    smooth: int = 15  # rows of the running mean that is taken off; unmeasured
    # Roughness (`detect.array_cells`): rows between which bins were passed over have 2.1 and more, rows that imshow
    # made of fewer bins, whose JPEG had the beat of 1200 samples, 1.1 and less
    rough: float = 1.5  # of rows at least; `python -m bench.quality.field CORPUS --only specgrams`
    quiet: float = 8.0  # of 1020, steps of luma that the noise of levels makes; unmeasured
    no_pattern: float = 0.02  # deviation (log) of what is expected, up to which a length shows nothing; unmeasured
    sure: float = 0.85  # confidence of the length at most; facts
    sure_of_least: float = 0.6  # at the least score, without a lead; facts
    per_score: float = 0.05  # confidence for each 1 of score beyond; facts
    per_lead: float = 0.02  # confidence for each 1 of lead; facts
    sure_of_edges: float = 0.6  # of the edges that score best, which hardly differ; facts


LIMITS = Limits()


def read_skipped(area: NDArray[Any], known: Calibration) -> Calibration:
    """freq_scale, n_fft and freq_edges of a linear axis with more bins than rows, area (H, W[, 3]) uint8.

    Nothing where the length is known, the axis is another or shows a part, or no length is clearly ahead.
    """
    sources = known.source("n_fft"), known.source("freq_scale")
    other = sources[1] not in (None, "assumed") and known["freq_scale"] != "linear"
    if sources[0] not in (None, "assumed") or other or {"fmin", "fmax"} & known.keys() or area.dtype != np.uint8:
        return Calibration()
    height, width = area.shape[:2]
    if height < LIMITS.smallest[0] or width < LIMITS.smallest[1] or known.get("freq_edges") not in (None, *_EDGES):
        return Calibration()
    beyond = known.get("plot_offsets", (0.0, 0.0, 0.0, 0.0))
    luma = _luma(area)
    if roughness(luma) < LIMITS.rough:
        return Calibration()
    scores = _scores(_differences(luma), (float(beyond[1]), float(beyond[3])))
    if not scores:
        return Calibration()
    (n_fft, edges), best = max(scores.items(), key=lambda item: item[1])
    rival = max((score for (length, _), score in scores.items() if length != n_fft), default=0.0)
    least = LIMITS.alone if sources[1] in (None, "assumed") else LIMITS.least
    if best < least or best < rival + LIMITS.lead:
        return Calibration()
    beyond_least = LIMITS.per_score * (best - LIMITS.least)
    sure = min(LIMITS.sure, LIMITS.sure_of_least + beyond_least + LIMITS.per_lead * (best - rival))
    note = "how alike rows are between which bins were passed over"
    return Calibration(
        {
            "freq_scale": Fact("linear", "pixels", sure, note),
            "n_fft": Fact(n_fft, "pixels", sure, note),
            "freq_edges": Fact(edges, "pixels", LIMITS.sure_of_edges, note),
        }
    )


def _luma(area: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Four times the luma (H, n) of some columns."""
    some = area[:, :: max(1, area.shape[1] // LIMITS.columns)].astype(np.float32)
    return np.asarray(some @ np.array([1, 2, 1], np.float32) if in_colour(some) else 4 * some)


def _differences(luma: NDArray[np.float32]) -> NDArray[np.float64]:
    """How much each row differs from the next, (H - 1,): the mean over columns of the logarithm of steps of luma."""
    return np.asarray(np.log(np.abs(np.diff(luma, axis=0)) + np.float32(LIMITS.quiet)).mean(axis=1), np.float64)


def _scores(differences: NDArray[np.float64], beyond: tuple[float, float]) -> dict[tuple[int, str], float]:
    """For each FFT length and kind of edges how well its gaps explain the differences, in deviations of chance."""
    seen = differences - _running(differences)
    size = float((seen * seen).sum())
    found = {}
    for which, expected in _gaps(len(differences) + 1, beyond).items():
        scale = float((expected * expected).sum()) * size
        if scale > 0:
            found[which] = float(seen @ expected) / scale**0.5 * len(seen) ** 0.5
    return found


@lru_cache(maxsize=32)
def _gaps(height: int, beyond: tuple[float, float]) -> Mapping[tuple[int, str], NDArray[np.float64]]:
    """What is expected of the differences, its running mean taken off, for lengths with more bins than rows."""
    expected = {}
    for n_fft in FFT_LENGTHS:
        for edges in _EDGES if 1 + n_fft // 2 > height else ():
            rows = FrequencyAxis(scale="linear", sr=22050, n_fft=n_fft, edges=edges).rows(height, beyond)
            steps = _UNLIKE[np.minimum(np.abs(np.diff(rows)), len(_UNLIKE) - 1)]
            free = steps - _running(steps)
            if free.std() > LIMITS.no_pattern:
                expected[n_fft, edges] = free
    return expected


def _running(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of some values round each."""
    padded = np.pad(values, LIMITS.smooth // 2, mode="reflect")
    return np.convolve(padded, np.full(LIMITS.smooth, 1 / LIMITS.smooth), "valid")
