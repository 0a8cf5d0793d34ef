"""Geometry that both ways share: what a complete calibration says about axes, levels, colours and transform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Offsets, Quantiser
from fastspec.axes import edges, scales
from fastspec.axes.frequency import FrequencyAxis
from fastspec.axes.scales.scale import Kind
from fastspec.axes.time import TimeAxis
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap as colormaps
from fastspec.colours import user_tables
from fastspec.colours.colormap import Colormap
from fastspec.colours.levels import LevelKind, LevelScale
from fastspec.errors import CalibrationError
from fastspec.plot.cells import CellGrid
from fastspec.transform.geometry import count_frames

_CQT_BINS = 84  # librosa.cqt's default
_SMALL = 1 << 16  # frames of a layout that is kept


@dataclass(frozen=True)
class Layout(CellGrid):
    """Which cell each pixel of a plot shows, and what a cell is.

    n_frames : of what the columns show; where a column shows a span of time (fact `columns` is "spans"), each column
        counts as one, and `frames` (STFT frames,) says at which column, fractional, each STFT frame lies; else None.
    kind : what a cell holds, "stft", "mel" or "cqt". frequencies : Hz of the cells (n_cells,).
    """

    kind: str
    frequencies: NDArray[np.float64]
    frames: NDArray[np.float64] | None = None


def layout(facts: Complete, width: int, height: int) -> Layout:
    """The layout of a plot `width` x `height` pixels large; from cache when drawn before, if it is small."""
    small = not facts.shows_spans and facts.n_frames <= _SMALL
    return _kept_layout(facts, width, height) if small else _layout(facts, width, height)


@lru_cache(maxsize=16)
def _kept_layout(facts: Complete, width: int, height: int) -> Layout:
    return _layout(facts, width, height)


def _layout(facts: Complete, width: int, height: int) -> Layout:
    left, top, right, bottom = _beyond(facts, width, height)
    axis = frequency_axis(facts)
    rows, frequencies = _rows(axis, height, (top, bottom))
    kind = str(axis.kind)
    if facts.shows_spans:
        columns = np.arange(width, dtype=np.intp)
        return Layout(rows, columns, axis.count, width, kind, frequencies, _frames_of_spans(facts, width))
    time = TimeAxis(facts.n_frames, facts.hop_length, facts.sr, facts.freq_edges)
    return Layout(rows, _columns(time, width, (left, right)), axis.count, time.n_frames, kind, frequencies)


def cell_kind(facts: Complete) -> Kind:
    """What the cells hold."""
    return edges.get(facts.freq_edges).kind_of(scales.get(facts.freq_scale))


def frequency_axis(facts: Complete) -> FrequencyAxis:
    """The vertical axis that the facts describe."""
    kind = cell_kind(facts)
    counted = {"mel": facts.n_mels, "cqt": facts.n_bins or _CQT_BINS}
    return FrequencyAxis(
        scale=scales.as_drawn(facts.freq_scale, one_band_a_row=edges.get(facts.freq_edges).one_band_a_row),
        # a mel bank may reach above the rate that is wanted: what lies there is cut off later
        sr=max(facts.sr, 2 * (facts.fmax or 0)) if kind == "mel" else facts.sr,
        n_fft=facts.n_fft,
        n_cells=counted.get(kind, facts.n_bins),
        kind=kind,
        fmin=facts.fmin,
        fmax=None if kind == "cqt" else facts.fmax,
        edges=facts.freq_edges,
        linthresh=facts.linthresh,
        linscale=facts.linscale,
        base=facts.log_base,
        htk=facts.mel_htk,
        bins_per_octave=facts.bins_per_octave,
        origin=facts.origin,
    )


def _beyond(facts: Complete, width: int, height: int) -> Offsets:
    """Fact `plot_offsets`; zeros for anything but the whole plot, of which alone they are known."""
    area = facts.plot_area
    if area is None or facts.plot_offsets is None or (area[2] - area[0], area[3] - area[1]) != (width, height):
        return (0.0, 0.0, 0.0, 0.0)
    return facts.plot_offsets


@lru_cache(maxsize=64)
def _rows(
    axis: FrequencyAxis, height: int, beyond: tuple[float, float]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    return axis.rows(height, beyond), axis.frequencies


@lru_cache(maxsize=64)
def _columns(axis: TimeAxis, width: int, beyond: tuple[float, float]) -> NDArray[np.intp]:
    return axis.columns(width, beyond)


def _frames_of_spans(facts: Complete, width: int) -> NDArray[np.float64]:
    """The column, fractional, at which each STFT frame lies."""
    assert facts.time_extent is not None
    start, end = facts.time_extent
    hop, count = facts.retrieval_hop, facts.n_frames
    if hop != facts.hop_length:
        count = max(1, count_frames(facts.samples, hop, facts.n_fft, center=facts.center))
    seconds = np.arange(count) * (hop / facts.sr)
    return np.asarray((seconds - start) * (width / (end - start)) - 0.5)


def colormap(cal: Mapping[str, Any], bits: int = 8) -> Colormap:
    """The colour table that the facts name.

    Raises ParameterError for a name that nobody knows, CalibrationError for colours where 16 `bits` need plain gray.
    """
    name = cal["cmap"]
    if bits == 16:
        if name not in ("gray", "gray_r"):
            raise CalibrationError(
                f"cmap={name!r} has 256 colours, but 16 bits need plain gray; give cmap gray or gray_r"
            )
        name = "gray16" + name[4:]
    table = cal.get("cmap_table")
    if table is not None and table.rpartition("=")[0] == name and not colormaps.is_builtin(name):
        return _own_colormap(table)
    return colormaps.get(name, cal.get("cmap_rounding", "round"))


@lru_cache(maxsize=64)
def _own_colormap(table: str) -> Colormap:
    return Colormap(*user_tables.from_text(table))


def level_scale(facts: Complete, cmap: Colormap) -> LevelScale:
    """What the levels of the picture mean in loudness relative to the reference; its tables are worked out once."""
    exponent, count = facts.level_exponent, len(cmap) - cmap.guards[1]
    return _level_scale(facts.level_kind, *facts.db_range, facts.db_center, exponent, count, cmap.quantiser)


@lru_cache(maxsize=32)
def _level_scale(
    kind: LevelKind, lo: float, hi: float, center: float | None, exponent: float, count: int, quantiser: Quantiser
) -> LevelScale:
    return LevelScale(kind, lo=lo, hi=hi, center=center, exponent=exponent, count=count, quantiser=quantiser)
