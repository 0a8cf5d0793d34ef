"""Axes that may have drawn a picture: where each has borders between rows, and which one explains those seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import EDGES_BIN_CENTRES, EDGES_EXPLICIT, EDGES_HALFWAY, EDGES_LOUDEST
from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.detect import rates
from fastspec.errors import ParameterError

# What is tried: usual sizes, and librosa's seven octaves of constant Q in 1, 2, 3 and 4 bins a semitone.
FFT_LENGTHS = (256, 400, 512, 800, 1024, 1200, 2048, 4096, 8192)
CQT_BINS = (60, 72, 84, 96, 108, 120, 168, 216, 252, 288, 336)
_SEVEN_OCTAVES = (84, 168, 252, 336)
_BANDS = (40, 64, 80, 96, 128, 160, 192, 229, 256, 320, 512)
_SPECSHOW = (EDGES_HALFWAY, EDGES_EXPLICIT)
_ROWS_OF_THEIR_OWN = (EDGES_BIN_CENTRES, EDGES_LOUDEST)  # edges between which rows lie by other rules
_MANUAL_FMAX = 8000  # Hz, where the mel bank of librosa's manual ends
_NAMES = ("freq_scale", "freq_edges", "sr", "n_fft", "n_mels", "n_bins", "fmax")  # facts that limit what is possible


class Limits(NamedTuple):
    """When an axis explains the borders between rows. A score is a Jaccard index of borders drawn and seen.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`, whose table sets confidences against the share that is
    right.
    """

    # On 17 lossless pictures of the corpus the true axis scored .70 - 1.00 and the best wrong one .37 - .75, at least
    # .24 behind it. In a lossless picture no border lies inside a cell, so the true axis explains every one.
    score: float = 0.55  # of an axis that is believed; unmeasured
    margin: float = 0.12  # of the score before that of the next axis; unmeasured
    explained: float = 0.98  # of the seen borders, below which an axis is no rival; unmeasured
    rejected: float = 0.5  # what is left of the score of an axis that leaves borders unexplained; unmeasured
    inside: float = 0.08  # of the rows that an axis has alike with the next, which may differ from it; unmeasured
    ranked: int = 3  # axes that are compared; unmeasured
    # Few colours hide borders, but those that are left contradict only wrong axes.
    hidden_score: float = 0.35  # of an axis of which borders are hidden; unmeasured
    hidden_margin: float = 0.2  # of its score before the next; unmeasured
    hidden_borders: int = 40  # borders that are seen at least; unmeasured
    fewest_alike: int = 8  # rows alike with the next that the axis explains, below which it is unsure; unmeasured
    alike: float = 0.2  # likewise, of all that are alike; unmeasured
    high_score: float = 0.65  # above which nothing but the lead limits confidence; facts
    sure: float = 0.99  # confidence at most, from `high_score` on; facts
    less_sure: float = 0.88  # below it; facts
    lead_start: float = 0.5  # confidence of an axis as good as the next; facts
    lead_slope: float = 2.0  # confidence for each 1 of lead, so that few borders, as in silence, are not sure; facts
    sure_of_hidden: float = 0.85  # where borders are hidden; facts
    sure_of_most: float = 0.9  # where not every border is explained; facts
    unsure: float = 0.6  # where hardly any rows are alike; facts
    # That the rate is twice the end of a bank that ends as librosa's manual's: 4 of 12 such drawings had that rate
    likely_of_manual: float = 0.35  # then it is assumed; facts
    sure_of_bank: float = 0.9  # that the rate is twice the end of any other bank; facts
    sure_of_cqt: float = 0.85  # any even rows look like constant Q; facts
    sure_of_cqt_edges: float = 0.6  # half a cell at one end tells them; facts


LIMITS = Limits()


class Candidate(NamedTuple):
    """One explanation of the borders: Jaccard index of those it draws and those seen, and its facts."""

    score: float
    facts: Mapping[str, Any]


_NOTHING = Candidate(0.0, {})


@dataclass(frozen=True, eq=False)
class AxisTable:
    """Every axis that some facts allow on a picture of one height.

    facts : of each axis. drawn : (axes, height - 1) uint8, 1 where it has a border between two rows. counts : (axes,)
    borders of each.
    """

    facts: tuple[dict[str, Any], ...]
    drawn: NDArray[np.uint8]
    counts: NDArray[np.int64]


def constraints(known: Calibration, *, edges_open: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """The facts that limit which axes are possible, and those of them that the user has not given.

    edges_open : whether the profile's freq_edges are no more than another claim of the user's.
    """
    sure = {name: fact.value for name, fact in known.facts.items() if fact.source != "assumed"}
    own = {n: v for n, v in sure.items() if known.source(n) != "given" and not (edges_open and n == "freq_edges")}
    if _is_cut(sure):  # where the axis was cut only the rate tells
        own["sr"] = sure["sr"]
    return sure, own


def _is_cut(sure: Mapping[str, Any]) -> bool:
    """Whether the axis ends below half the rate."""
    return {"sr", "fmax"} <= sure.keys() and 2 * sure["fmax"] < sure["sr"]


def same_but_edges(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both are the same axis but for the edges of its cells."""
    return {**one, "freq_edges": ""} == {**other, "freq_edges": ""}


def _same_even_rows(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both are the same constant-Q axis, whose edges hardly show: half a cell at one end."""
    return one["freq_scale"] == "cqt" and same_but_edges(one, other)


def facts_of(found: Mapping[str, Any], confidence: float, note: str, rate: float | None = None) -> dict[str, Fact]:
    """The facts of an axis that was found, where the sampling rate is `rate` if it is known.

    Rows in mel bands tell the bank's highest frequency, which is half the rate unless `fmax` was given, as librosa's
    manual does with 8000 Hz.
    """
    if found["freq_scale"] == "cqt":
        confidence = min(confidence, LIMITS.sure_of_cqt)
    facts = {name: Fact(value, "pixels", confidence, note) for name, value in found.items()}
    if found["freq_scale"] == "cqt":
        facts["freq_edges"] = replace(facts["freq_edges"], confidence=LIMITS.sure_of_cqt_edges)
    if found["freq_scale"] == "mel" and "sr" in found:
        manuals = found["sr"] == 2 * _MANUAL_FMAX
        sure = min(confidence, LIMITS.likely_of_manual if manuals else LIMITS.sure_of_bank)
        source = "assumed" if manuals else "pixels"
        facts["fmax"] = Fact(found["sr"] / 2, "pixels", confidence, note)
        facts["sr"] = Fact(found["sr"], source, sure, f"{note}, if the bank ends at half the rate")
        if rate is not None and rate > found["sr"]:
            del facts["sr"]
    return facts


def axis_of(borders: NDArray[np.bool_], sure: dict[str, Any]) -> tuple[Candidate | None, float]:
    """The one axis that explains the borders and how sure it is, or None."""
    table = axis_table(len(borders) + 1, sure)
    if not table.facts:
        return None, 0.0
    from fastspec.kernels.cell_borders import overlaps

    both = np.empty(len(table.facts), np.float64)
    overlaps(table.drawn, borders.astype(np.float64), both)
    return best_axis(table.facts, table.counts, both, borders)


def best_axis(
    facts: Sequence[Mapping[str, Any]],
    counts: NDArray[Any],
    both: NDArray[np.float64],
    borders: NDArray[np.bool_],
    alike: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None,
) -> tuple[Candidate | None, float]:
    """The one axis that explains the borders (H - 1,) and how sure it is, or None.

    counts, both : of each axis, how many borders it draws, and how many of these are seen. alike : which axes are no
    rivals of each other (default: constant-Q axes of other edges).
    """
    alike = alike or _same_even_rows
    seen = np.count_nonzero(borders)
    scores = both / (seen + counts - both)
    # An axis that leaves borders unexplained is no rival; one that has borders nearly everywhere explains all.
    rows = len(borders)
    unexplained = (both < LIMITS.explained * seen) | (seen - both > 1 + LIMITS.inside * (rows - counts))
    scores[unexplained] *= LIMITS.rejected
    order = np.argsort(-scores, kind="stable")[: LIMITS.ranked].tolist()
    ranked = [Candidate(float(scores[i]), facts[i]) for i in order]
    best = ranked[0]
    rival = next((other for other in ranked[1:] if not alike(best.facts, other.facts)), _NOTHING)
    lead = best.score - rival.score
    if unexplained[order[0]]:
        return None, 0.0
    if best.score < LIMITS.score:
        legible = seen >= LIMITS.hidden_borders and lead > LIMITS.hidden_margin
        hidden = best.score > LIMITS.hidden_score and legible
        return (best, LIMITS.sure_of_hidden) if hidden else (None, 0.0)
    if lead < LIMITS.margin:
        return None, 0.0
    # few borders, as in a picture that is mostly silence, are explained by chance sooner
    most = LIMITS.sure if best.score > LIMITS.high_score else LIMITS.less_sure
    confidence = min(most, LIMITS.lead_start + LIMITS.lead_slope * lead)
    if both[order[0]] < seen:  # paint, or an axis of which a part was cut off and the rest looks like another one
        confidence = min(confidence, LIMITS.sure_of_most)
    # nearly all rows differ where cells are small, whatever the axis: rows that are alike must be explained, too
    whole = rows - int(counts[order[0]])
    enough = whole >= max(LIMITS.fewest_alike, LIMITS.alike * (rows - seen))
    return best, confidence if enough else min(confidence, LIMITS.unsure)


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
    edges_known = [sure["freq_edges"]] if "freq_edges" in sure else _SPECSHOW
    scales = [sure["freq_scale"]] if "freq_scale" in sure else ["log", "linear", "mel", "cqt"]
    for scale in scales:
        view = _view(scale, sure)
        for edges in edges_known if scale in ("log", "linear", "mel", "cqt") else ():
            for facts in _axis_facts(scale, sure):
                axis = _axis(scale, edges, {**facts, **view})
                if axis is not None:
                    yield {"freq_scale": scale, "freq_edges": edges, **facts}, axis


def _view(scale: str, sure: Mapping[str, Any]) -> dict[str, Any]:
    """Rate and upper end of a linear or logarithmic axis that was cut below half the rate; empty of others."""
    return {"sr": sure["sr"], "fmax": sure["fmax"]} if scale in ("linear", "log") and _is_cut(sure) else {}


def _axis_facts(scale: str, sure: dict[str, Any]) -> Iterable[dict[str, Any]]:
    tried = [sure["sr"]] if "sr" in sure else list(rates.TRIED)
    if scale == "mel":
        if "fmax" in sure:
            tried = [2 * sure["fmax"]]
        elif "sr" in sure and sure["sr"] > 2 * _MANUAL_FMAX:
            tried.append(2 * _MANUAL_FMAX)
        bands = [sure["n_mels"]] if "n_mels" in sure else list(_BANDS)
        yield from ({"n_mels": n_mels, "sr": sr} for n_mels in bands for sr in tried)
        return
    if scale == "cqt":  # the same rows at every rate and lowest note; librosa's usual seven octaves
        bins = [sure["n_bins"]] if "n_bins" in sure else list(CQT_BINS)
        yield from ({"n_bins": n, "bins_per_octave": n // 7 if n in _SEVEN_OCTAVES else 12} for n in bins)
        return
    lengths = [sure["n_fft"]] if "n_fft" in sure else list(FFT_LENGTHS)
    if scale == "linear":  # the same rows at every rate
        yield from ({"n_fft": n_fft} for n_fft in lengths)
    else:
        yield from ({"n_fft": n_fft, "sr": sr} for n_fft in lengths for sr in tried)


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
            fmax=known.get("fmax"),
        )
    except ParameterError:
        return None
