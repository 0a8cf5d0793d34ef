"""Axis, rate and FFT length from damaged pictures, in which borders between cells are only steeper than what is beside.

JPEG, noise and few colours change every row, so borders cannot be seen one by one (`runs` does that). Here the mean
steepness between each row and the next is compared with where each axis would draw borders: the correlation of the two,
each freed of its slow course. Columns tell the number of frames in the same way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration import Calibration, Fact
from fastspec.detect.runs import candidates

Array = NDArray[Any]
_SMOOTH = 31  # rows over which the slow course is taken
_LEAST = (
    0.35  # correlation: of true axes .37 - .96, of others mostly below .2, once .56 where the rate was not a usual one
)
_LEAST_FRAMES = 0.62  # resized pictures show the beat of two pixel grids with up to .57
_LEAD = 0.06  # of the best over the next axis that says something else


def read_faint(area: Array, known: Calibration) -> Calibration:
    """freq_scale, freq_edges, sr, n_fft or n_mels, and n_frames of a damaged picture (H, W[, 3]), where they show.

    What is `known` surely limits the search.
    """
    height, width = area.shape[:2]
    settled = all(known.source(name) == "given" for name in ("freq_scale", "sr"))
    if height < 64 or width < 64 or area.dtype != np.uint8 or settled:
        return Calibration()
    luma = _luma(area)
    facts: dict[str, Fact] = {}
    sure = {name: fact.value for name, fact in known.facts.items() if fact.source != "assumed"}
    ranked = _ranked_axes(_course_free(_steepness(luma)), sure)
    if ranked:
        (score, best), others = ranked[0], ranked[1:]
        rival = others[0][0] if others else 0.0
        if score > _LEAST and score - rival > _LEAD:
            confidence = min(0.88, 0.5 + 2.5 * (score - rival), 0.5 + 0.65 * score)
            for name, value in best.items():
                facts[name] = Fact(value, "pixels", confidence, "steepness between rows", None)
    if "n_frames" not in sure:
        frames = _frames(_course_free(_steepness(luma.T)), width)
        if frames is not None:
            facts["n_frames"] = Fact(frames[0], "pixels", frames[1], "steepness between columns")
    return Calibration({name: fact for name, fact in facts.items() if name not in sure or name in ("n_fft", "sr")})


def _luma(area: Array) -> NDArray[np.int16]:
    """About the luma times four, in small integers: they are three times as fast as floats."""
    if area.ndim == 2:
        return np.asarray(area, np.int16) * np.int16(4)
    total = area[..., 1].astype(np.int16)
    total += total
    total += area[..., 0]
    total += area[..., 2]
    return total


def _steepness(luma: NDArray[np.int16]) -> NDArray[np.float64]:
    """Root mean square of the difference between each row and the next: (H - 1,)."""
    even = luma[:, :-2] + luma[:, 1:-1] + luma[:, 2:]  # three columns lie mostly in one cell, and noise shrinks
    step = (even[1:] - even[:-1]).astype(np.float32)
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", step, step) / step.shape[1]), np.float64)


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


def _correlations(free: NDArray[np.float64], drawn: Array, course: bool = True) -> NDArray[np.float64]:
    """Of each row of `drawn` (n, H - 1), freed of its slow `course` if it has one, with the profile."""
    pattern = drawn.astype(np.float32)
    pattern -= _moving_mean(pattern) if course else pattern.mean(axis=1, keepdims=True)
    size = np.sqrt(np.einsum("ij,ij->i", pattern, pattern)) * np.linalg.norm(free)
    return np.asarray(pattern @ free.astype(np.float32) / np.maximum(size, 1e-9) * (size > 1e-6), np.float64)


def _ranked_axes(free: NDArray[np.float64], sure: dict[str, Any]) -> list[tuple[float, dict[str, Any]]]:
    """Correlation and facts of every axis that draws another pattern, best first."""
    patterns, facts = [], []
    for explained, drawn in candidates(len(free) + 1, sure):
        if explained["freq_scale"] == "cqt":  # any even rows look like it, too many to tell when they are damaged
            continue
        # a border at nearly every row, or hardly any, says nothing
        if 0.02 < drawn.mean() < 0.98:
            patterns.append(drawn)
            facts.append(explained)
    if not patterns:
        return []
    scores = _correlations(free, np.array(patterns))
    order = np.argsort(-scores)
    return [(float(scores[i]), facts[i]) for i in order[:8]]


def _frames(free: NDArray[np.float64], width: int) -> tuple[int, float] | None:
    """The number of frames and how sure, from the columns."""
    counts = np.arange(16, int(width / 1.05), dtype=np.int32)
    if not len(counts):
        return None
    scores = np.empty(len(counts))
    columns = 2 * np.arange(width, dtype=np.int32) + 1
    for begin in range(0, len(counts), 256):
        part = counts[begin : begin + 256, None]
        cells = columns[None] * part // (2 * width)
        scores[begin : begin + 256] = _correlations(free, cells[:, 1:] != cells[:, :-1], course=False)
    best = int(np.argmax(scores))
    rival = float(np.delete(scores, best).max(initial=0.0))
    lead = float(scores[best]) - rival
    if scores[best] < _LEAST_FRAMES or lead < _LEAD:
        return None
    return int(counts[best]), min(0.9, 0.5 + 2.5 * lead)
