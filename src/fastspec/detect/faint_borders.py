"""Axis, rate and FFT length from damaged pictures, in which borders between cells are only steeper than what is beside.

JPEG, noise and few colours change every row, so borders cannot be seen one by one, as `detect.cell_borders` sees them.
Here the mean steepness between each row and the next is compared with where each axis would draw borders: the
correlation of the two, each freed of its slow course. Columns tell the number of frames in the same way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.colours.matching import bytes_of
from fastspec.detect.axis_candidates import FFT_LENGTHS, AxisTable, axis_table, facts_of, same_but_edges
from fastspec.detect.cell_borders import Once

_BLOCK = 8  # pixels of a JPEG's block


class Limits(NamedTuple):
    """When an axis or a number of frames shows in steepness. A score is a correlation of it with the borders drawn.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`, of which half the drawings are damaged: its table sets
    confidences against the share that is right.
    """

    smallest: int = 64  # pixels a side, below which nothing is read; unmeasured
    smooth: int = 31  # rows or columns, odd, over which the slow course is taken; unmeasured
    flat: float = 1e-6  # steepness that the course has at least, so that nothing is divided by 0; unmeasured
    no_pattern: float = 1e-6  # norm of a pattern freed of its course, up to which there is none; unmeasured
    lowest: float = -1.0  # a step relative to its neighbourhood is cut off below; unmeasured
    highest: float = 2.0  # likewise above; unmeasured
    # of true axes .37 - .96, of others mostly below .2, once .56 where the rate was not a usual one
    score: float = 0.35  # of an axis that is stated; unmeasured
    # the best of some hundred axes reaches 3.9 / sqrt(rows) by chance: .49 of 64 rows
    chance: float = 4.5  # times 1 / sqrt(rows): a score that is no chance; `python -m bench.quality.field CORPUS`
    lead: float = 0.06  # of the best over the next that says something else; unmeasured
    fewest_borders: float = 0.02  # of the rows with a border, below which a pattern says nothing; unmeasured
    most_borders: float = 0.98  # likewise above; unmeasured
    ranked: int = 8  # axes that are compared; unmeasured
    beat: int = 2  # rows by which a picture may differ from the bins that make a beat; unmeasured
    frames_score: float = 0.62  # resized pictures show the beat of two pixel grids with up to .57; unmeasured
    fewest_frames: int = 16  # looked for; unmeasured
    narrowest_frame: float = 1.05  # columns of a frame; unmeasured
    sure: float = 0.88  # confidence of an axis at most; facts
    sure_of_frames: float = 0.9  # of frames at most; facts
    sure_of_clean: float = 0.5  # of an axis that the clean borders of a lossless picture did not tell; facts
    sure_of_beat: float = 0.6  # of an axis that a beat looks like; facts
    start: float = 0.5  # confidence without a lead, and without a score; facts
    per_lead: float = 2.5  # confidence for each 1 of lead; facts
    per_score: float = 0.65  # confidence for each 1 of score; facts


LIMITS = Limits()


def read_faint(area: Array, known: Calibration, once: Once | None = None, *, clean: bool = False) -> Calibration:
    """freq_scale, freq_edges, sr, fmax, n_fft or n_mels, and n_frames of a damaged picture (H, W[, 3]).

    They are stated where they show. What is `known` surely limits the search. once : of the scene whose area it is.
    clean : whether its borders were seen one by one, so that an axis which these did not tell is hardly likely.
    """
    height, width = area.shape[:2]
    settled = all(known.source(name) == "given" for name in ("freq_scale", "sr"))
    if min(height, width) < LIMITS.smallest or area.dtype != np.uint8 or settled:
        return Calibration()
    facts: dict[str, Fact] = {}
    sure = {name: fact.value for name, fact in known.facts.items() if fact.source != "assumed"}
    down, across = once(steepness_of) if once else steepness_of(area)
    ranked = _ranked_axes(_course_free(down), sure)
    if ranked:
        (score, best), others = ranked[0], ranked[1:]
        rival = next((other for other, facts in others if not same_but_edges(best, facts)), 0.0)
        lead = score - rival
        if score > max(LIMITS.score, LIMITS.chance / np.sqrt(height)) and lead > LIMITS.lead:
            by_lead, by_score = LIMITS.start + LIMITS.per_lead * lead, LIMITS.start + LIMITS.per_score * score
            confidence = min(LIMITS.sure, by_lead, by_score)
            if clean:
                confidence = min(confidence, LIMITS.sure_of_clean)
            if _is_beat(best, height):
                confidence = min(confidence, LIMITS.sure_of_beat)
            facts |= facts_of(best, confidence, "steepness between rows", sure.get("sr"))
    if "n_frames" not in sure:
        frames = _frames(_course_free(across), width)
        if frames is not None:
            facts["n_frames"] = Fact(frames[0], "pixels", frames[1], "steepness between columns")
    return Calibration({name: fact for name, fact in facts.items() if name not in sure or name in ("n_fft", "sr")})


def _is_beat(found: dict[str, Any], height: int) -> bool:
    """Whether a linear axis of more bins than rows skips one just where this one has its borders."""
    if found["freq_scale"] != "linear":
        return False
    more = [(other - found["n_fft"]) // 2 for other in FFT_LENGTHS if other > found["n_fft"]]
    return any(abs(bins - height) <= LIMITS.beat for bins in more)


def steepness_of(area: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Root mean square of the luma's steps between rows, (H - 1,), and between columns, (W - 1,)."""
    from fastspec.kernels.cell_borders import steepness

    height, width = area.shape[:2]
    flat, row, pixel = bytes_of(area)
    down, across = np.zeros(height - 1), np.zeros(width - 1)
    steepness(
        flat,
        row,
        pixel,
        bool(area.shape[2:]),
        np.zeros((3, width), np.int32),
        np.zeros((2, width), np.int32),
        down,
        across,
    )
    return np.sqrt(down / (width - 2)), np.sqrt(across / (height // 3))


def _moving_mean(values: Array) -> NDArray[np.float64]:
    """Mean over `LIMITS.smooth` neighbours along the last axis."""
    smooth, half = LIMITS.smooth, LIMITS.smooth // 2
    padded = np.concatenate([values[..., half:0:-1], values, values[..., -2 : -half - 2 : -1]], axis=-1)
    total = np.cumsum(np.concatenate([np.zeros((*padded.shape[:-1], 1)), padded], axis=-1, dtype=np.float64), axis=-1)
    return np.asarray((total[..., smooth:] - total[..., :-smooth]) / smooth)


def _course_free(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """The profile relative to its neighbourhood, steps of JPEG's blocks taken out, of mean 0 and limited."""
    course = np.maximum(_moving_mean(profile), LIMITS.flat)
    free = np.clip(profile / course - 1, LIMITS.lowest, LIMITS.highest)
    for phase in range(_BLOCK):
        some = np.sort(free[phase::_BLOCK])  # np.median takes several times as long
        free[phase::_BLOCK] -= 0.5 * (some[(len(some) - 1) // 2] + some[len(some) // 2])
    return np.asarray(free - free.mean())


def _ranked_axes(free: NDArray[np.float64], sure: dict[str, Any]) -> list[tuple[float, dict[str, Any]]]:
    """Correlation and facts of every axis that draws another pattern, best first."""
    table = axis_table(len(free) + 1, sure)
    if not table.facts or not free.any():
        return []
    from fastspec.kernels.cell_borders import overlaps

    scores = np.empty(len(table.facts))
    overlaps(table.drawn, _undone(free), scores)
    scores /= _sizes(table) * np.linalg.norm(free)
    order = np.argsort(-scores)
    return [(float(scores[i]), table.facts[i]) for i in order[: LIMITS.ranked] if np.isfinite(scores[i])]


@lru_cache(maxsize=16)
def _sizes(table: AxisTable) -> NDArray[np.float64]:
    """Norm of each axis' pattern, freed of its slow course: (axes,); infinite for axes that are not looked for."""
    sizes = np.full(len(table.facts), np.inf)
    for n in range(len(table.facts)):
        # a border at nearly every row, or hardly any, says nothing
        if LIMITS.fewest_borders < table.counts[n] / table.drawn.shape[1] < LIMITS.most_borders:
            pattern = table.drawn[n].astype(np.float64)
            size = float(np.linalg.norm(pattern - _moving_mean(pattern)))
            sizes[n] = size if size > LIMITS.no_pattern else np.inf
    return sizes


def _undone(free: NDArray[np.float64]) -> NDArray[np.float64]:
    """The profile whose sum over a pattern is that of `free` over the pattern freed of its slow course.

    That freeing is linear, so its transpose is applied to the one profile instead of to every pattern.
    """
    smooth, half = LIMITS.smooth, LIMITS.smooth // 2
    total = np.concatenate([np.zeros(2 * half + 1), free, np.zeros(2 * half)]).cumsum()
    spread = (total[smooth:] - total[:-smooth]) / smooth  # of the pattern with `half` mirrored rows at its ends
    inner = spread[half:-half].copy()
    inner[1 : half + 1] += spread[half - 1 :: -1]
    inner[-half - 1 : -1] += spread[: -half - 1 : -1]
    return np.asarray(free - inner)


def _frames(free: NDArray[np.float64], width: int) -> tuple[int, float] | None:
    """The number of frames and how sure, from the columns."""
    from fastspec.kernels.cell_borders import combs

    scores = np.zeros(max(0, int(width / LIMITS.narrowest_frame) - LIMITS.fewest_frames))
    if not len(scores):
        return None
    combs(free, LIMITS.fewest_frames, scores)
    best = int(np.argmax(scores))
    rival = float(np.delete(scores, best).max(initial=0.0))
    lead = float(scores[best]) - rival
    if scores[best] < LIMITS.frames_score or lead < LIMITS.lead:
        return None
    return LIMITS.fewest_frames + best, min(LIMITS.sure_of_frames, LIMITS.start + LIMITS.per_lead * lead)
