"""Geometry that both ways share: what a complete calibration says about axes, levels, colours and transform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.axes import edges, scales
from fastspec.axes.frequency import FrequencyAxis
from fastspec.axes.time import TimeAxis
from fastspec.colours import colormap as colormaps
from fastspec.colours import tool_tables
from fastspec.colours.colormap import Colormap
from fastspec.colours.levels import LevelKind, LevelScale
from fastspec.errors import CalibrationError

_AXIS_FACTS = (
    "freq_scale",
    "freq_edges",
    "origin",
    "sr",
    "n_fft",
    "n_mels",
    "n_bins",
    "fmin",
    "fmax",
    "mel_htk",
    "bins_per_octave",
    "linthresh",
    "linscale",
    "log_base",
    "hop_length",
    "n_frames",
    "columns",
    "time_extent",
)


@dataclass(frozen=True)
class Layout:
    """Which cell each pixel of a plot shows: `rows` (height,), `columns` (width,).

    n_frames : of what the columns show; where a column shows a span of time (fact `columns` is "spans"), each column
        counts as one, and `frames` (STFT frames,) says at which column, fractional, each STFT frame lies; else None.
    kind : what a cell holds, "stft", "mel" or "cqt". frequencies : Hz of the cells (n_cells,).
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    n_cells: int
    n_frames: int
    kind: str
    frequencies: NDArray[np.float64]
    frames: NDArray[np.float64] | None = None


def layout(cal: Mapping[str, Any], width: int, height: int) -> Layout:
    """The layout of a plot `width` x `height` pixels large, from cache when drawn before."""
    return _layout(tuple((name, cal.get(name)) for name in _AXIS_FACTS), width, height, _beyond(cal, width, height))


def _beyond(cal: Mapping[str, Any], width: int, height: int) -> tuple[float, float, float, float]:
    """Fact `plot_offsets`; zeros for anything but the whole plot, of which alone they are known."""
    area, offsets = cal.get("plot_area"), cal.get("plot_offsets")
    if area is None or offsets is None or (area[2] - area[0], area[3] - area[1]) != (width, height):
        return (0.0, 0.0, 0.0, 0.0)
    left, top, right, bottom = offsets
    return left, top, right, bottom


@lru_cache(maxsize=64)
def _layout(
    facts: tuple[tuple[str, Any], ...], width: int, height: int, beyond: tuple[float, float, float, float]
) -> Layout:
    cal = dict(facts)
    drawer = edges.get(cal["freq_edges"])
    scale = scales.as_drawn(cal["freq_scale"], one_band_a_row=drawer.one_band_a_row)
    kind = drawer.kind_of(scales.get(scale))
    n_cells = {"mel": cal["n_mels"], "cqt": cal["n_bins"] or 84}.get(kind, cal["n_bins"])
    view = {"fmin": cal["fmin"], "fmax": cal["fmax"] if kind != "cqt" else None}
    axis = FrequencyAxis(
        scale=scale,
        # a mel bank may reach above the rate that is wanted: what lies there is cut off later
        sr=max(cal["sr"], 2 * (cal["fmax"] or 0)) if kind == "mel" else cal["sr"],
        n_fft=cal["n_fft"],
        n_cells=n_cells,
        kind=kind,
        edges=drawer.name,
        linthresh=cal["linthresh"],
        linscale=cal["linscale"],
        base=cal["log_base"] or 2.0,
        htk=bool(cal["mel_htk"]),
        bins_per_octave=cal["bins_per_octave"] or 12,
        origin=cal["origin"] or "lower",
        **view,
    )
    rows = axis.rows(height, (beyond[1], beyond[3]))
    if cal["columns"] == "spans":
        start, end = cal["time_extent"]
        seconds = np.arange(cal["n_frames"]) * (cal["hop_length"] / cal["sr"])
        frames = (seconds - start) * (width / (end - start)) - 0.5
        every = np.arange(width, dtype=np.intp)
        return Layout(rows, every, axis.count, width, kind, axis.frequencies, frames)
    time = TimeAxis(cal["n_frames"], cal["hop_length"], cal["sr"], drawer.name)
    columns = time.columns(width, (beyond[0], beyond[2]))
    return Layout(rows, columns, axis.count, time.n_frames, kind, axis.frequencies)


def colormap(cal: Mapping[str, Any], bits: int = 8, palette: NDArray[np.uint8] | None = None) -> Colormap:
    """The colour table that the facts name; SoX's own from a picture's `palette` (N, 3), whatever its colours are."""
    name = cal["cmap"]
    levels = None if palette is None else palette[tool_tables.SOX_FIXED :]
    if levels is not None and 2 < len(levels) <= tool_tables.SOX_LEVELS and cal.get("profile") == "sox":
        return Colormap(name, levels, guards=tool_tables.guards("sox"))
    if bits == 16:
        if name not in ("gray", "gray_r"):
            raise CalibrationError(
                f"cmap={name!r} has 256 colours, but 16 bits need plain gray; give cmap gray or gray_r"
            )
        name = "gray16" + name[4:]
    return colormaps.get(name, cal.get("cmap_rounding", "round"))


def level_scale(cal: Mapping[str, Any], cmap: Colormap) -> LevelScale:
    """What the levels of the picture mean in loudness relative to the reference."""
    lo, hi = cal.get("db_range") or (-80.0, 0.0)
    kind: LevelKind = cal.get("level_kind") or "db"
    return LevelScale(
        kind,
        lo=lo,
        hi=hi,
        exponent=cal.get("level_exponent") or 1.0,
        count=len(cmap) - cmap.guards[1],
        quantiser=cmap.quantiser,
    )


def transform_options(cal: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that the STFT and its inverse take, under librosa's names."""
    return {
        "n_fft": cal["n_fft"],
        "hop_length": cal["hop_length"],
        "win_length": cal.get("win_length") or cal["n_fft"],
        "window": cal.get("window") or "hann",
        "center": cal.get("center", True),
    }
