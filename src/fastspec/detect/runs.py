"""Axis, rate and FFT length from the heights of row runs, frames from the widths of column runs.

A drawn cell covers whole rows and columns of identical pixels, so in a lossless picture the borders between different
rows are the borders of cells; which axis draws just these borders is nearly always unique.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import FrequencyAxis
from fastspec.calibration import Calibration, Fact
from fastspec.errors import ParameterError

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
_FFT_LENGTHS = (256, 400, 512, 800, 1024, 1200, 2048, 4096, 8192)
_CQT_BINS = (60, 72, 84, 96, 108, 120, 168, 216, 252, 288, 336)
_BANDS = (40, 64, 80, 96, 128, 160, 192, 229, 256, 320, 512)
# On 17 lossless pictures of the corpus the true axis scored .70 - 1.00 and the best wrong one .37 - .75, at least .24
# behind it. In a lossless picture no border lies inside a cell, so the true axis explains every one.
_SURE_SCORE, _SURE_MARGIN, _SURE_PRECISION = 0.55, 0.12, 0.98


@dataclass(frozen=True)
class _Candidate:
    """One explanation of the borders: Jaccard index, share of the seen borders it explains, and its facts."""

    score: float
    precision: float
    facts: Mapping[str, Any]


_NOTHING = _Candidate(0.0, 0.0, {})


def read_runs(area: NDArray[Any], known: Calibration) -> Calibration:
    """freq_scale, freq_edges, sr, n_fft or n_mels, and n_frames, as far as the runs of `area` (H, W[, 3]) tell them.

    An axis is stated only when it explains every border and no other comes near. What the user gave limits the search
    only when the pixels alone do not decide, so that a wrong option is contradicted and not obeyed in silence.
    """
    facts: dict[str, Fact] = {}
    sure = {name: fact.value for name, fact in known.facts.items() if fact.source != "assumed"}
    librosa = str(known.get("profile", "")).startswith("librosa")
    own = {n: v for n, v in sure.items() if known.source(n) != "given" and not (librosa and n == "freq_edges")}
    frames = _frames_of_runs(_borders(area, axis=1))
    if frames is not None and frames.score >= 0.9:
        facts["n_frames"] = Fact(frames.facts["n_frames"], "pixels", min(0.99, frames.score), "widths of column runs")
    borders = _borders(area, axis=0)
    share = borders.mean() if borders.size else 1.0
    if 0.02 < share < 0.98:
        found, confidence = _decide(borders, own)
        if found is None and own != sure:
            found, confidence = _decide(borders, sure)
        if found is not None:
            if found.facts["freq_scale"] == "cqt":  # any even rows look like it
                confidence = min(confidence, 0.85)
            facts |= {n: Fact(v, "pixels", confidence, "heights of row runs") for n, v in found.facts.items()}
    return Calibration(facts)


def _decide(borders: NDArray[np.bool_], sure: dict[str, Any]) -> tuple[_Candidate | None, float]:
    """The one axis that explains the borders and how sure it is, or None."""
    ranked = sorted(_axis_candidates(borders, sure), key=lambda c: -c.score)
    best, rival = (*ranked, _NOTHING, _NOTHING)[:2]
    if best.precision < _SURE_PRECISION or best.score < max(_SURE_SCORE, rival.score + _SURE_MARGIN):
        return None, 0.0
    # few borders, as in a picture that is mostly silence, are explained by chance sooner
    return best, min(0.99 if best.score > 0.65 else 0.88, 0.5 + 2 * (best.score - rival.score))


def _borders(area: NDArray[Any], axis: int) -> NDArray[np.bool_]:
    """True where a row (axis 0) or column (axis 1) differs from the next one."""
    lines = area if axis == 0 else np.swapaxes(area, 0, 1)
    step = max(1, lines.shape[1] // 40)
    result: NDArray[np.bool_] = _differ(lines[1:, ::step], lines[:-1, ::step])
    # few lines differ nowhere in a fortieth of their pixels: only those are looked at in full
    alike = np.flatnonzero(~result)
    result[alike] = _differ(lines[alike + 1], lines[alike])
    return result


def _differ(some: NDArray[Any], others: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether lines (n, pixels[, 3]) differ anywhere: (n,)."""
    result: NDArray[np.bool_] = (some != others).any(axis=tuple(range(1, some.ndim)))
    return result


def _frames_of_runs(borders: NDArray[np.bool_]) -> _Candidate | None:
    width = len(borders) + 1
    if width < 8 or not 0.01 < borders.mean() < 0.98:
        return None
    # Each drawn border lies at a multiple of width / n: only counts near the number of runs can explain them.
    runs = int(np.count_nonzero(borders)) + 1
    counts = np.arange(runs, min(width, int(runs * 1.25) + 2))
    frames = (2 * np.arange(width) + 1)[None, :] * counts[:, None] // (2 * width)
    drawn = frames[:, 1:] != frames[:, :-1]
    union = np.count_nonzero(drawn | borders, axis=1)
    scores = np.count_nonzero(drawn & borders, axis=1) / union
    best = int(np.argmax(scores))
    explained = np.count_nonzero(drawn[best] & borders) / np.count_nonzero(borders)
    return _Candidate(float(scores[best]), float(explained), {"n_frames": int(counts[best])})


def _axis_candidates(borders: NDArray[np.bool_], sure: dict[str, Any]) -> Iterable[_Candidate]:
    """Every axis that the known facts allow, with how well its cell borders explain the picture's."""
    seen = np.count_nonzero(borders)
    for facts, drawn in candidates(len(borders) + 1, sure):
        both = np.count_nonzero(drawn & borders)
        union = seen + np.count_nonzero(drawn) - both
        yield _Candidate(both / union, both / seen, facts)


def candidates(height: int, sure: dict[str, Any]) -> Iterable[tuple[dict[str, Any], NDArray[np.bool_]]]:
    """Every axis that the facts `sure` allow: its facts, and where it draws borders between `height` rows."""
    edges_known = [sure["freq_edges"]] if "freq_edges" in sure else ["librosa>=0.9", "librosa<0.9"]
    scales = [sure["freq_scale"]] if "freq_scale" in sure else ["log", "linear", "mel", "cqt"]
    for scale in scales:
        for edges in edges_known if scale in ("log", "linear", "mel", "cqt") else ():
            for facts in _axis_facts(scale, sure):
                drawn = _drawn_borders(scale, edges, height, tuple(facts.items()))
                if drawn is not None:
                    yield {"freq_scale": scale, "freq_edges": edges, **facts}, drawn


def _axis_facts(scale: str, sure: dict[str, Any]) -> Iterable[dict[str, Any]]:
    rates = [sure["sr"]] if "sr" in sure else list(_RATES)
    if scale == "mel":
        bands = [sure["n_mels"]] if "n_mels" in sure else list(_BANDS)
        yield from ({"n_mels": n_mels, "sr": sr} for n_mels in bands for sr in rates)
        return
    if scale == "cqt":  # the same rows at every rate and lowest note; librosa's usual seven octaves
        bins = [sure["n_bins"]] if "n_bins" in sure else list(_CQT_BINS)
        yield from ({"n_bins": n, "bins_per_octave": n // 7 if n in (84, 168, 252, 336) else 12} for n in bins)
        return
    lengths = [sure["n_fft"]] if "n_fft" in sure else list(_FFT_LENGTHS)
    if scale == "linear":  # the same rows at every rate
        yield from ({"n_fft": n_fft} for n_fft in lengths)
    else:
        yield from ({"n_fft": n_fft, "sr": sr} for n_fft in lengths for sr in rates)


@lru_cache(maxsize=4096)
def _drawn_borders(scale: str, edges: Any, height: int, facts: tuple[tuple[str, Any], ...]) -> NDArray[np.bool_] | None:
    """Where this axis has borders between rows; kept, because a folder's pictures are often of one height."""
    known = dict(facts)
    try:
        axis = FrequencyAxis(
            scale=scale,
            sr=known.get("sr", 22050),
            n_fft=known.get("n_fft"),
            n_cells=known.get("n_mels") or known.get("n_bins"),
            bins_per_octave=known.get("bins_per_octave", 12),
            edges=edges,
        )
    except ParameterError:
        return None
    rows = axis.rows(height)
    borders: NDArray[np.bool_] = rows[1:] != rows[:-1]
    return borders if borders.any() else None
