"""Axis, rate and FFT length from the heights of row runs, frames from the widths of column runs.

A drawn cell covers whole rows and columns of identical pixels, so in a lossless picture the borders between different
rows are the borders of cells; which axis draws just these borders is nearly always unique.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import Calibration, Fact
from fastspec.colours.matching import bytes_of
from fastspec.errors import ParameterError

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
FFT_LENGTHS = (256, 400, 512, 800, 1024, 1200, 2048, 4096, 8192)
_CQT_BINS = (60, 72, 84, 96, 108, 120, 168, 216, 252, 288, 336)
_BANDS = (40, 64, 80, 96, 128, 160, 192, 229, 256, 320, 512)
# On 17 lossless pictures of the corpus the true axis scored .70 - 1.00 and the best wrong one .37 - .75, at least .24
# behind it. In a lossless picture no border lies inside a cell, so the true axis explains every one.
_SURE_SCORE, _SURE_MARGIN, _SURE_PRECISION = 0.55, 0.12, 0.98
# Few colours hide borders, but those that are left contradict only wrong axes.
_HIDDEN_SCORE, _HIDDEN_MARGIN, _HIDDEN_BORDERS = 0.35, 0.2, 40
_MANUAL_FMAX, _SURE_OF_MANUAL, _SURE_OF_BANK = 8000, 0.6, 0.9  # Hz; how sure half the rate is the bank's end
_SURE_OF_CQT, _SURE_OF_CQT_EDGES = 0.85, 0.6  # any even rows look like it
_ROWS_OF_THEIR_OWN = ("bins", "audacity")  # edges between which rows lie by other rules
_RANKED = 3  # axes that are compared
_SURE_NATS = 20.0  # log odds against chance
_FEWEST_ALIKE, _ALIKE, _UNSURE = 8, 0.2, 0.6  # rows within cells, and their share of those that look alike
SURE_OF_MOST = 0.9  # where not every border is explained
_MOST_INSIDE = 0.08  # share of the rows that an axis has alike with the next which may differ from it


@dataclass(frozen=True)
class _Candidate:
    """One explanation of the borders: Jaccard index, share of the seen borders it explains, and its facts."""

    score: float
    precision: float
    facts: Mapping[str, Any]


_NOTHING = _Candidate(0.0, 0.0, {})
_NAMES = (
    "freq_scale",
    "freq_edges",
    "sr",
    "n_fft",
    "n_mels",
    "n_bins",
    "fmax",
)  # facts that limit which axes are possible


@dataclass(frozen=True, eq=False)
class AxisTable:
    """Every axis that some facts allow on a picture of one height.

    facts : of each axis. drawn : (axes, height - 1) uint8, 1 where it has a border between two rows. counts : (axes,)
    borders of each.
    """

    facts: tuple[dict[str, Any], ...]
    drawn: NDArray[np.uint8]
    counts: NDArray[np.int64]


def read_runs(area: NDArray[Any], known: Calibration) -> Calibration:
    """freq_scale, freq_edges, sr, n_fft or n_mels, and n_frames, as far as the runs of `area` (H, W[, 3]) tell them.

    Of a figure's plot only n_frames: its rows begin between pixels (`fastspec.detect.figure.subpixel_box`). An axis is
    stated only when it explains every border and no other comes near. What the user gave limits the search only when
    the pixels alone do not decide, so that a wrong option is contradicted and not obeyed in silence.
    """
    facts: dict[str, Fact] = {}
    sure, own = limits(known)
    borders, across = borders_of(area)
    frames = _frames_of_runs(across)
    if frames is not None:
        facts["n_frames"] = Fact(*frames, "widths of column runs")
    if legible(borders) and known.source("plot_area") != "pixels":
        found, confidence = _decide(borders, own)
        if found is None and own != sure:
            found, confidence = _decide(borders, sure)
        if found is not None:
            facts |= stated(found.facts, confidence, "heights of row runs", sure.get("sr"))
    return Calibration(facts)


def limits(known: Calibration) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts that limit which axes are possible, and those of them that the user has not given."""
    sure = {name: fact.value for name, fact in known.facts.items() if fact.source != "assumed"}
    librosa = str(known.get("profile", "")).startswith("librosa")
    own = {n: v for n, v in sure.items() if known.source(n) != "given" and not (librosa and n == "freq_edges")}
    return sure, own


def legible(borders: NDArray[np.bool_]) -> bool:
    """Whether some neighbouring rows differ and some do not, so that an axis may be read."""
    return bool(borders.size and 0.02 < borders.mean() < 0.98)


def same_but_edges(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both are the same axis but for the edges of its cells."""
    return {**one, "freq_edges": ""} == {**other, "freq_edges": ""}


def _same_even_rows(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both are the same constant-Q axis, whose edges hardly show: half a cell at one end."""
    return one["freq_scale"] == "cqt" and same_but_edges(one, other)


def stated(found: Mapping[str, Any], confidence: float, note: str, rate: float | None = None) -> dict[str, Fact]:
    """The facts of an axis that was found, where the sampling rate is `rate` if it is known.

    Rows in mel bands tell the bank's highest frequency, which is half the rate unless `fmax` was given, as librosa's
    manual does with 8000 Hz.
    """
    if found["freq_scale"] == "cqt":
        confidence = min(confidence, _SURE_OF_CQT)
    facts = {name: Fact(value, "pixels", confidence, note) for name, value in found.items()}
    if found["freq_scale"] == "cqt":
        facts["freq_edges"] = replace(facts["freq_edges"], confidence=_SURE_OF_CQT_EDGES)
    if found["freq_scale"] == "mel" and "sr" in found:
        sure = min(confidence, _SURE_OF_MANUAL if found["sr"] == 2 * _MANUAL_FMAX else _SURE_OF_BANK)
        facts["fmax"] = Fact(found["sr"] / 2, "pixels", confidence, note)
        facts["sr"] = Fact(found["sr"], "pixels", sure, f"{note}, if the bank ends at half the rate")
        if rate is not None and rate > found["sr"]:
            del facts["sr"]
    return facts


def _decide(borders: NDArray[np.bool_], sure: dict[str, Any]) -> tuple[_Candidate | None, float]:
    """The one axis that explains the borders and how sure it is, or None."""
    table = axis_table(len(borders) + 1, sure)
    if not table.facts:
        return None, 0.0
    from fastspec.kernels.cell_borders import overlaps

    both = np.empty(len(table.facts), np.float64)
    overlaps(table.drawn, borders.astype(np.float64), both)
    return decided(table.facts, table.counts, both, borders)


def decided(
    facts: Sequence[Mapping[str, Any]],
    counts: NDArray[Any],
    both: NDArray[np.float64],
    borders: NDArray[np.bool_],
    alike: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None,
) -> tuple[_Candidate | None, float]:
    """The one axis that explains the borders (H - 1,) and how sure it is, or None.

    counts, both : of each axis, how many borders it draws, and how many of these are seen. alike : which axes are no
    rivals of each other (default: constant-Q axes of other edges).
    """
    alike = alike or _same_even_rows
    seen = np.count_nonzero(borders)
    scores = both / (seen + counts - both)
    # An axis that leaves borders unexplained is no rival; one that has borders nearly everywhere explains all.
    rows = len(borders)
    unexplained = (both < _SURE_PRECISION * seen) | (seen - both > 1 + _MOST_INSIDE * (rows - counts))
    scores[unexplained] *= 0.5
    order = np.argsort(-scores, kind="stable")[:_RANKED].tolist()
    ranked = [_Candidate(float(scores[i]), float(both[i] / seen), facts[i]) for i in order]
    best = ranked[0]
    rival = next((other for other in ranked[1:] if not alike(best.facts, other.facts)), _NOTHING)
    lead = best.score - rival.score
    if unexplained[order[0]]:
        return None, 0.0
    if best.score < _SURE_SCORE:
        hidden = best.score > _HIDDEN_SCORE and lead > _HIDDEN_MARGIN and seen >= _HIDDEN_BORDERS
        return (best, 0.85) if hidden else (None, 0.0)
    if lead < _SURE_MARGIN:
        return None, 0.0
    # few borders, as in a picture that is mostly silence, are explained by chance sooner
    confidence = min(0.99 if best.score > 0.65 else 0.88, 0.5 + 2 * lead)
    if both[order[0]] < seen:  # paint, or an axis of which a part was cut off and the rest looks like another one
        confidence = min(confidence, SURE_OF_MOST)
    # nearly all rows differ where cells are small, whatever the axis: rows that are alike must be explained, too
    whole = rows - int(counts[order[0]])
    return best, confidence if whole >= max(_FEWEST_ALIKE, _ALIKE * (rows - seen)) else min(confidence, _UNSURE)


def borders_of(area: NDArray[Any]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """True where a row differs from the next one, (H - 1,), and a column from the next, (W - 1,), anywhere.

    area : (H, W, 3) uint8 or (H, W) of one or two bytes a pixel.
    """
    from fastspec.kernels.cell_borders import borders

    height, width = area.shape[:2]
    used = 3 if area.ndim == 3 else area.itemsize
    flat, row, pixel = bytes_of(area)
    down = np.zeros(max(height - 1, 0), np.uint8)
    across = np.zeros((max(width - 1, 0), pixel), np.uint8)
    mask = np.zeros((width, pixel), np.uint8)
    mask[:, :used] = 255
    if height and width:
        borders(flat, row, pixel, mask.reshape(-1)[: (width - 1) * pixel + used], down, across.reshape(-1))
    columns: NDArray[np.bool_] = np.asarray(across[:, :used].any(axis=1))
    return down != 0, columns


def _frames_of_runs(borders: NDArray[np.bool_]) -> tuple[int, str, float] | None:
    """The number of frames, its source and how sure, from the borders between columns (W - 1,)."""
    width = len(borders) + 1
    share = float(borders.mean()) if width > 1 else 0.0
    if width < 8 or not 0.01 < share < 0.98:
        return None
    # Each drawn border lies at a multiple of width / n: only counts near the number of runs can explain them.
    runs = int(np.count_nonzero(borders)) + 1
    counts = np.arange(runs, min(width, int(runs * 1.25) + 2))
    frames = (2 * np.arange(width) + 1)[None, :] * counts[:, None] // (2 * width)
    drawn = frames[:, 1:] != frames[:, :-1]
    union = np.count_nonzero(drawn | borders, axis=1)
    scores = np.count_nonzero(drawn & borders, axis=1) / union
    best = int(np.argmax(scores))
    score, within = float(scores[best]), ~drawn[best]
    if score < 0.9:
        return None
    # Where nearly all columns differ, any dense comb scores high; then those alike must lie within its frames.
    alike = int(np.count_nonzero(within & ~borders))
    kept = alike / max(1, int(np.count_nonzero(within)))
    rarer = alike if share > 0.5 else int(np.count_nonzero(drawn[best] & borders))
    nats = -rarer * np.log(min(share, 1 - share))
    silent = width - 1 - int(np.count_nonzero(borders)) - alike  # columns alike that this count does not explain
    if kept < 0.9 or nats < _SURE_NATS or (share > 0.5 and silent > 2 * alike):
        return None
    explained = not bool((borders & within).any())
    return int(counts[best]), "pixels", min(0.99 if kept == 1.0 and explained else SURE_OF_MOST, score)


def axis_table(height: int, sure: Mapping[str, Any]) -> AxisTable:
    """The axes that the facts `sure` allow on `height` rows, from cache when asked for before."""
    return _axis_table(height, tuple((name, sure[name]) for name in _NAMES if name in sure))


@lru_cache(maxsize=16)
def _axis_table(height: int, known: tuple[tuple[str, Any], ...]) -> AxisTable:
    if dict(known).get("freq_edges") in _ROWS_OF_THEIR_OWN:
        found = [(facts, axis.rows(height)) for facts, axis in _candidates(dict(known))]
        borders = np.array([rows[1:] != rows[:-1] for _, rows in found], np.uint8).reshape(
            len(found), max(height - 1, 0)
        )
        return _with_borders([facts for facts, _ in found], borders)
    from fastspec.kernels.cell_borders import draw_edges

    edges = _axis_edges(known)
    drawn = np.zeros((len(edges.facts), max(height - 1, 0)), np.uint8)
    draw_edges(edges.places, edges.sizes, height * edges.scale, height * edges.shift, drawn)
    return _with_borders(edges.facts, drawn)


def _with_borders(facts: Sequence[dict[str, Any]], drawn: NDArray[np.uint8]) -> AxisTable:
    """The table of those axes that have borders at all."""
    counts = drawn.sum(axis=1, dtype=np.int64)
    some = np.flatnonzero(counts)
    return AxisTable(tuple(facts[i] for i in some.tolist()), drawn[some], counts[some])


@dataclass(frozen=True, eq=False)
class AxisEdges:
    """Where the cells of some axes end, whatever the picture's height.

    places : of all axes' cell edges in the axis' own measure, one axis after the other. sizes : (axes,) edges of each.
    scale, shift : (axes,) that take places to 0..1.
    """

    facts: tuple[dict[str, Any], ...]
    places: NDArray[np.float64]
    sizes: NDArray[np.intp]
    scale: NDArray[np.float64]
    shift: NDArray[np.float64]

    def some(self, which: Sequence[int]) -> AxisEdges:
        """Those axes alone."""
        parts = np.split(self.places, np.cumsum(self.sizes)[:-1])
        places = np.concatenate([*(parts[i] for i in which), []])
        chosen = list(which)
        return AxisEdges(
            tuple(self.facts[i] for i in which), places, self.sizes[chosen], self.scale[chosen], self.shift[chosen]
        )


def axis_edges(sure: Mapping[str, Any]) -> AxisEdges:
    """The cells' edges of the axes that the facts `sure` allow, from cache when asked for before."""
    return _axis_edges(tuple((name, sure[name]) for name in _NAMES if name in sure))


@lru_cache(maxsize=8)
def _axis_edges(known: tuple[tuple[str, Any], ...]) -> AxisEdges:
    facts, places, scale, shift = [], [], [], []
    for explained, axis in _candidates(dict(known)):
        low, high = axis.transform(axis.limits)
        facts.append(explained)
        places.append(axis.transform(axis.cell_edges))
        scale.append(1.0 / (high - low))
        shift.append(-low * scale[-1])
    sizes = np.array([len(edges) for edges in places], np.intp)
    return AxisEdges(tuple(facts), np.concatenate([*places, []]), sizes, np.array(scale), np.array(shift))


def _candidates(sure: dict[str, Any]) -> Iterable[tuple[dict[str, Any], FrequencyAxis]]:
    """Every axis that the facts `sure` allow, and these facts."""
    edges_known = [sure["freq_edges"]] if "freq_edges" in sure else ["librosa>=0.9", "librosa<0.9"]
    scales = [sure["freq_scale"]] if "freq_scale" in sure else ["log", "linear", "mel", "cqt"]
    for scale in scales:
        for edges in edges_known if scale in ("log", "linear", "mel", "cqt") else ():
            for facts in _axis_facts(scale, sure):
                axis = _axis(scale, edges, facts)
                if axis is not None:
                    yield {"freq_scale": scale, "freq_edges": edges, **facts}, axis


def _axis_facts(scale: str, sure: dict[str, Any]) -> Iterable[dict[str, Any]]:
    rates = [sure["sr"]] if "sr" in sure else list(_RATES)
    if scale == "mel":
        if "fmax" in sure:
            rates = [2 * sure["fmax"]]
        elif "sr" in sure and sure["sr"] > 2 * _MANUAL_FMAX:
            rates.append(2 * _MANUAL_FMAX)
        bands = [sure["n_mels"]] if "n_mels" in sure else list(_BANDS)
        yield from ({"n_mels": n_mels, "sr": sr} for n_mels in bands for sr in rates)
        return
    if scale == "cqt":  # the same rows at every rate and lowest note; librosa's usual seven octaves
        bins = [sure["n_bins"]] if "n_bins" in sure else list(_CQT_BINS)
        yield from ({"n_bins": n, "bins_per_octave": n // 7 if n in (84, 168, 252, 336) else 12} for n in bins)
        return
    lengths = [sure["n_fft"]] if "n_fft" in sure else list(FFT_LENGTHS)
    if scale == "linear":  # the same rows at every rate
        yield from ({"n_fft": n_fft} for n_fft in lengths)
    else:
        yield from ({"n_fft": n_fft, "sr": sr} for n_fft in lengths for sr in rates)


def _axis(scale: str, edges: Any, known: dict[str, Any]) -> FrequencyAxis | None:
    """The axis of these facts; None where there is none."""
    try:
        return FrequencyAxis(
            scale=scale,
            sr=known.get("sr", 22050),
            n_fft=known.get("n_fft"),
            n_cells=known.get("n_mels") or known.get("n_bins"),
            bins_per_octave=known.get("bins_per_octave", 12),
            edges=edges,
        )
    except ParameterError:
        return None
