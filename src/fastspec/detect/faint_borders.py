"""Axis, rate and FFT length from damaged pictures, in which borders between cells are only steeper than what is beside.

JPEG, noise and few colours change every row, so borders cannot be seen one by one (`runs` does that). Here the mean
steepness between each row and the next is compared with where each axis would draw borders: the correlation of the two,
each freed of its slow course. Columns tell the number of frames in the same way.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array
from fastspec.calibration.calibration import Calibration, Fact
from fastspec.colours.matching import bytes_of
from fastspec.detect.axis_candidates import FFT_LENGTHS, AxisTable, axis_table, facts_of, same_but_edges

_SMOOTH = 31  # rows over which the slow course is taken
_LEAST = (
    0.35  # correlation: of true axes .37 - .96, of others mostly below .2, once .56 where the rate was not a usual one
)
_LEAST_FRAMES = 0.62  # resized pictures show the beat of two pixel grids with up to .57
_FEWEST = 16  # frames
_SURE_OF_BEAT = 0.6
_LEAD = 0.06  # of the best over the next axis that says something else


def read_faint(area: Array, known: Calibration) -> Calibration:
    """freq_scale, freq_edges, sr, fmax, n_fft or n_mels, and n_frames of a damaged picture (H, W[, 3]).

    They are stated where they show. What is `known` surely limits the search.
    """
    height, width = area.shape[:2]
    settled = all(known.source(name) == "given" for name in ("freq_scale", "sr"))
    if height < 64 or width < 64 or area.dtype != np.uint8 or settled:
        return Calibration()
    facts: dict[str, Fact] = {}
    sure = {name: fact.value for name, fact in known.facts.items() if fact.source != "assumed"}
    down, across = steepness_of(area)
    ranked = _ranked_axes(_course_free(down), sure)
    if ranked:
        (score, best), others = ranked[0], ranked[1:]
        rival = next((other for other, facts in others if not same_but_edges(best, facts)), 0.0)
        if score > _LEAST and score - rival > _LEAD:
            confidence = min(0.88, 0.5 + 2.5 * (score - rival), 0.5 + 0.65 * score)
            if _is_beat(best, height):
                confidence = min(confidence, _SURE_OF_BEAT)
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
    return any(abs(bins - height) <= 2 for bins in more)


def steepness_of(area: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Root mean square of the luma's steps between rows, (H - 1,), and between columns, (W - 1,)."""
    from fastspec.kernels.cell_borders import steepness

    height, width = area.shape[:2]
    flat, row, pixel = bytes_of(area)
    down, across = np.zeros(height - 1), np.zeros(width - 1)
    steepness(
        flat, row, pixel, area.ndim == 3, np.zeros((3, width), np.int32), np.zeros((2, width), np.int32), down, across
    )
    return np.sqrt(down / (width - 2)), np.sqrt(across / (height // 3))


def _moving_mean(values: Array) -> NDArray[np.float64]:
    """Mean over `_SMOOTH` neighbours along the last axis."""
    half = _SMOOTH // 2
    padded = np.concatenate([values[..., half:0:-1], values, values[..., -2 : -half - 2 : -1]], axis=-1)
    total = np.cumsum(np.concatenate([np.zeros((*padded.shape[:-1], 1)), padded], axis=-1, dtype=np.float64), axis=-1)
    return np.asarray((total[..., _SMOOTH:] - total[..., :-_SMOOTH]) / _SMOOTH)


def _course_free(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """The profile relative to its neighbourhood, steps of JPEG's blocks taken out, of mean 0 and limited."""
    course = np.maximum(_moving_mean(profile), 1e-6)
    free = np.clip(profile / course - 1, -1.0, 2.0)
    for phase in range(8):
        free[phase::8] -= np.median(free[phase::8])
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
    return [(float(scores[i]), table.facts[i]) for i in order[:8] if np.isfinite(scores[i])]


@lru_cache(maxsize=16)
def _sizes(table: AxisTable) -> NDArray[np.float64]:
    """Norm of each axis' pattern, freed of its slow course: (axes,); infinite for axes that are not looked for."""
    sizes = np.full(len(table.facts), np.inf)
    for n in range(len(table.facts)):
        # a border at nearly every row, or hardly any, says nothing
        if 0.02 < table.counts[n] / table.drawn.shape[1] < 0.98:
            pattern = table.drawn[n].astype(np.float64)
            size = float(np.linalg.norm(pattern - _moving_mean(pattern)))
            sizes[n] = size if size > 1e-6 else np.inf
    return sizes


def _undone(free: NDArray[np.float64]) -> NDArray[np.float64]:
    """The profile whose sum over a pattern is that of `free` over the pattern freed of its slow course.

    That freeing is linear, so its transpose is applied to the one profile instead of to every pattern.
    """
    half = _SMOOTH // 2
    total = np.concatenate([np.zeros(2 * half + 1), free, np.zeros(2 * half)]).cumsum()
    spread = (total[_SMOOTH:] - total[:-_SMOOTH]) / _SMOOTH  # of the pattern with `half` mirrored rows at its ends
    inner = spread[half:-half].copy()
    inner[1 : half + 1] += spread[half - 1 :: -1]
    inner[-half - 1 : -1] += spread[: -half - 1 : -1]
    return np.asarray(free - inner)


def _frames(free: NDArray[np.float64], width: int) -> tuple[int, float] | None:
    """The number of frames and how sure, from the columns."""
    from fastspec.kernels.cell_borders import combs

    scores = np.zeros(max(0, int(width / 1.05) - _FEWEST))
    if not len(scores):
        return None
    combs(free, _FEWEST, scores)
    best = int(np.argmax(scores))
    rival = float(np.delete(scores, best).max(initial=0.0))
    lead = float(scores[best]) - rival
    if scores[best] < _LEAST_FRAMES or lead < _LEAD:
        return None
    return _FEWEST + best, min(0.9, 0.5 + 2.5 * lead)
