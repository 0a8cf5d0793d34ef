"""Kind 5: levels that are no decibels, and decibels in another unit: powers, roots, logarithms, LogNorm bars."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import librosa
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import LogNorm

from bench.pictures.common import Drawing, Sounds, pick
from bench.pictures.field import looks
from bench.pictures.field.tables import FieldDrawing, Levels, Table, levels, stft

_UNITS = {"dB": ("dB", "Level (dB)", "Magnitude [dB]"), "ln": ("ln", "log magnitude"), "log10": ("log10", "log10|S|")}


def _log_norm(what: Table) -> tuple[Levels, Any]:
    """Powers on a bar in powers of ten: 10 dB each."""
    power = what.amplitude**2
    high = float(np.ceil(np.log10(power.max())))
    low = high - 7
    floor = 10 ** (low / 2)
    meant = np.where(floor >= what.amplitude, 0.5 * floor, what.amplitude)
    return Levels(power + 1e-30, meant, "power", {"db_range": (10 * low, 10 * high)}), LogNorm(10**low, 10**high)


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> FieldDrawing:
    """A pcolormesh or imshow in Hz and seconds, most with a colour bar."""
    what = stft(rng, sounds, int(pick(rng, [256, 512, 1024])))
    kind = str(pick(rng, ["ln", "log10", "zscore", "amplitude", "power", "power_law", "LogNorm", "dB"]))
    some, norm = _log_norm(what) if kind == "LogNorm" else (levels(rng, what, (kind,)), None)
    size, dpi = looks.figure_size(rng)
    figure, axes = plt.subplots(figsize=size, dpi=dpi)
    cmap = looks.colours(rng, 0.15) if rng.random() < 0.5 else "viridis"
    t = np.arange(what.amplitude.shape[1]) * what.facts["hop_length"] / what.sr
    f = librosa.fft_frequencies(sr=what.sr, n_fft=what.facts["n_fft"])[: what.rows]
    mesh = axes.pcolormesh(t, f, some.values, cmap=cmap, shading="nearest", norm=norm)
    bar, unit = bool(rng.random() < 0.7), ""
    if bar:
        unit = str(pick(rng, [*_UNITS.get(some.unit, ("",)), ""])) if kind != "LogNorm" else "Power"
        figure.colorbar(mesh, ax=axes, label=unit)
    axes.set(xlabel=pick(rng, looks.SECONDS), ylabel=pick(rng, looks.HERTZ))
    box = looks.box_of(figure, axes)
    path, _ = looks.save(rng, figure, stem, jpeg=False)
    shown = (box[3] - box[1], box[2] - box[0])
    truth = {**what.truth, "profile": ("librosa", "scipy-pcolormesh", "imshow-db"), "cmap": cmap, "origin": "lower"}
    truth |= {"plot_area": box, "level_kind": some.given.get("level_kind", "db")}
    # LogNorm's bar of a reversed map, or one without a unit, still tells its numbers
    truth |= {"db_range": some.given["db_range"]} if "db_range" in some.given else {}
    promised = {"cmap": "its colours, up to the direction", "plot_area": "its frame", "freq_scale": "the labels"}
    promised |= {"duration": "the labels of time"}
    if bar and (kind == "LogNorm" or "dB" in unit):
        promised["db_range"] = "the numbers of the bar, whose unit is told"
    given = {**what.given, **some.given, "cmap": cmap}
    hides = "" if shown[0] >= what.rows and shown[1] >= len(t) else "hidden cells"
    how = f"{kind} {size} {dpi} {what.amplitude.shape} bar {unit if bar else None}"
    drawing = Drawing(path, "levels", truth, frozenset(promised), how, _doubt(some))
    return FieldDrawing(drawing, given, promised, what, some, shown, hides)


def _doubt(some: Levels) -> str:
    """What is drawn so flatly that hardly a colour differs from the lowest."""
    values = np.log(some.values) if some.unit == "power" else some.values
    low, high = float(values.min()), float(values.max())
    return "nearly one colour" if np.mean(values < low + (high - low) / 64) > 0.98 else "clean"
