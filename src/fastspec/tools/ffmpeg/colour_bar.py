"""The colour bar of ffmpeg's legend: its numbers tell the scale of levels, its colours the map."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.facts import Fact
from fastspec.detect import legend
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.ffmpeg import DECIBELS, colours
from fastspec.tools.ffmpeg.lettering import Lettering, some_of

_STEP = 25  # pixels between labels
_ROOTS = {1: "lin", 2: "sqrt", 3: "cbrt", 4: "4thrt", 5: "5thrt"}
_SAMPLES = 64  # rows of the colour bar that are compared


class Limits(NamedTuple):
    """What the numbers beside the bar prove, and which colours are its.

    unmeasured: no command repeats the value; how sure labels are is judged by the rows "ffmpeg" of
    `python -m bench.quality.facts CORPUS --draw 400` ("facts").
    """

    near: float = 4.0  # of 255: how far the colour bar may lie from its map; unmeasured
    ahead: float = 2.0  # of 255, by which the next map must lie farther; unmeasured
    other: float = 9.0  # of 255: how far it lies from all maps if it has other colours; unmeasured
    visible: float = 0.003  # share of the scale below which its lower end does not matter; unmeasured
    rounding_of_db: float = 0.501  # decibels, by which whole numbers are rounded; by avf_showspectrum's source
    misfit: float = 0.0012  # of the scale's end, by which its numbers may leave a power law; unmeasured
    misfit_of_next: float = 3.0  # times the misfit that the next power must leave; unmeasured
    least_misfit: float = 0.0005  # by which numbers of three decimals are rounded; by avf_showspectrum's source
    tight: float = 2.5  # decibels that labels leave open; unmeasured
    ranges: tuple[float, float] = (10.0, 200.0)  # decibels that `drange` takes; by avf_showspectrum's source
    sure_of_decibels: float = 0.96  # that the scale is in dBFS; facts
    sure_of_power: float = 0.95  # which power law it is; facts
    sure_of_range: float = 0.96  # of a range that labels fix, without a wrong pixel; facts
    sure_of_damaged_range: float = 0.9  # likewise with wrong pixels; facts
    sure_of_open_range: float = 0.8  # of a range that labels leave open; facts
    sure_of_bar: float = 0.95  # which map the bar shows; facts


LIMITS = Limits()


def read_levels(beside: Lettering, found: Mapping[str, Fact], facts: dict[str, Fact], remarks: list[str]) -> bool:
    """The scale's profile and, of a logarithmic one, the range, by the numbers beside the colour bar."""
    x = beside.box[2] + 35
    texts = [(y, beside.at(beside.box[1] + y - 3, x, 8).strip()) for y in some_of(range(0, beside.h + 5, _STEP))]
    texts = [(y, text) for y, text in texts if text and "?" not in text]
    count = int(facts["channels"].value) if "channels" in facts else 1
    # channels that have a bar each, the first one's with numbers
    tall = beside.h if texts and texts[-1][0] >= beside.h // count + 5 else beside.h // count
    if len(texts) <= 1 or texts[0][0] != 0:
        old = beside.at(beside.box[1] - 5, x, 6).strip()
        return re.fullmatch(r"-?0 dB", old) is not None
    sure = found["profile"].confidence
    if all(re.fullmatch(r"-?\d+", text) for _, text in texts):
        facts["profile"] = pixels_fact(
            DECIBELS.name, max(sure, LIMITS.sure_of_decibels), "ffmpeg's legend, scale in dBFS"
        )
        return _decibels(beside, tall, [(y, int(text)) for y, text in texts], facts)
    if not all(re.fullmatch(r"\d+\.\d{3}", text) for _, text in texts):
        return False
    share = np.array([max(0.0, 1 - y / (tall - 1)) for y, _ in texts])
    values = np.array([float(text) for _, text in texts])
    fits = {root: _fit(share**root, values) for root in _ROOTS}
    ranked = sorted(_ROOTS, key=lambda root: fits[root][0])
    best = ranked[0]
    worst, floor = fits[best]
    clearly = LIMITS.misfit_of_next * max(worst, LIMITS.least_misfit)
    if worst > LIMITS.misfit * max(values[0], 1.0) or fits[ranked[1]][0] < clearly:
        return False
    name = f"{DECIBELS.name}-{_ROOTS[best]}"
    facts["profile"] = pixels_fact(name, max(sure, LIMITS.sure_of_power), f"ffmpeg's legend, scale={_ROOTS[best]}")
    if floor > LIMITS.visible:
        remarks.append(
            f"the scale of levels begins at {floor:.2g} of its end (ffmpeg's drange), below which the picture shows "
            "nothing: quiet sounds are lost"
        )
    return True


def _fit(x: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float]:
    """Largest error of a straight line through the values, and where it begins, as a share of where it ends."""
    slope, start = np.polyfit(x, values, 1)
    return float(np.abs(slope * x + start - values).max()), float(start / max(slope + start, 1e-9))


def _decibels(beside: Lettering, tall: int, labels: Sequence[tuple[int, int]], facts: dict[str, Fact]) -> bool:
    high = labels[0][1]
    spans = []
    for y, value in labels[1:]:
        share = min(1.0, y / (tall - 1))
        spans.append(((high - value - LIMITS.rounding_of_db) / share, (high - value + LIMITS.rounding_of_db) / share))
    shared = legend.common(spans)
    if shared is None:
        return False
    span: Any = legend.roundest(max(shared[0], LIMITS.ranges[0]), min(shared[1], LIMITS.ranges[1]))
    if span is None:
        span = (shared[0] + shared[1]) / 2
    exact = LIMITS.sure_of_range if beside.wrong == 0 else LIMITS.sure_of_damaged_range
    sure = exact if shared[1] - shared[0] < LIMITS.tight else LIMITS.sure_of_open_range
    note = f"ffmpeg's labels of the colour bar: {shared[0]:.1f} .. {shared[1]:.1f} dB"
    facts["db_range"] = pixels_fact((float(high - span), float(high)), sure, note)
    return True


def read_map(beside: Lettering, picture: Picture, facts: dict[str, Fact], remarks: list[str]) -> None:
    """The map of the colour bar, for pictures whose colours are no longer exact."""
    share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    rows = (share * beside.h).astype(int)
    seen, (names, tables) = beside.bar(picture)[rows], _bars()
    distances = np.abs(tables - seen).mean(axis=(1, 2))
    far = dict(zip(names, distances.tolist(), strict=True))
    best, second, *_ = sorted(far, key=lambda name: far[name])
    if far[best] < LIMITS.near and far[second] > far[best] + LIMITS.ahead:
        facts["cmap"] = pixels_fact(best, LIMITS.sure_of_bar, "ffmpeg's colour bar")
    elif far[best] > LIMITS.other:
        remarks.append(
            "the colour bar has none of ffmpeg's maps (saturation, rotation or a colour for each channel): levels are "
            "read with the nearest map"
        )


@lru_cache(maxsize=1)
def _bars() -> tuple[list[str], NDArray[np.float32]]:
    """Names of ffmpeg's maps, and the colours (maps, samples, 3) of their bars, the lowest first."""
    tables = [colours.table(name) for name in colours.NAMES]
    share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    return list(colours.NAMES), np.stack([table[(share * len(table)).astype(int)] for table in tables]).astype(
        np.float32
    )
