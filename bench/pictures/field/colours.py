"""Kind 6: JPEG, maps of every colour, and maps that only the figure's own colour bar tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import librosa.display
import numpy as np
from matplotlib import pyplot as plt

from bench.pictures.common import Drawing, Sounds, pick
from bench.pictures.field import looks
from bench.pictures.field.tables import FieldDrawing, Table, levels, stft

MAPS = (
    "jet", "jet", "rainbow", "turbo", "hsv", "nipy_spectral", "gist_rainbow", "viridis", "magma", "inferno", "hot",
    "gist_ncar", "cubehelix", "Spectral", "coolwarm",
)  # fmt: skip


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> FieldDrawing:
    """specshow with labels and, most often, a colour bar in dB; as PNG or JPEG."""
    what = stft(rng, sounds)
    what = Table(what.sound, what.sr, _whole(what), what.facts)
    some = levels(rng, what, ("dB",))
    own = rng.random() < 0.25
    cmap: Any = (looks.parula() if rng.random() < 0.6 else looks.unknown_map(rng)) if own else str(pick(rng, MAPS))
    if cmap == "hsv":  # its two ends are one colour
        cmap = "jet"
    size, dpi = looks.figure_size(rng)
    figure, axes = plt.subplots(figsize=size, dpi=dpi)
    options = {"sr": what.sr, "hop_length": what.facts["hop_length"], "n_fft": what.facts["n_fft"]}
    axis = str(pick(rng, ["hz", "hz", "log"]))
    mesh = librosa.display.specshow(some.values, x_axis="time", y_axis=axis, cmap=cmap, ax=axes, **options)
    bar = bool(own or rng.random() < 0.8)
    if bar:
        figure.colorbar(mesh, ax=axes, format="%+2.0f dB")
    box = looks.box_of(figure, axes)
    path, lossy = looks.save(rng, figure, stem, jpeg=bool(rng.random() < 0.6))
    shown = (box[3] - box[1], box[2] - box[0])
    scale = "log" if axis == "log" else "linear"
    given = {**what.given, **some.given, "freq_scale": scale, "profile": "librosa"}
    given["cmap"] = str(looks.table_file(cmap, stem.with_suffix(".csv"))) if own else cmap
    truth = {**what.truth, "profile": ("librosa",), "freq_scale": scale, "origin": "lower", "plot_area": box}
    truth |= {"cmap": given["cmap"], "db_range": some.given["db_range"], "level_kind": "db"}
    promised = {"cmap": "its colours, up to the direction", "plot_area": "its frame", "freq_scale": "the labels"}
    promised |= {"duration": "the labels of time"} | ({"db_range": "the bar in dB"} if bar else {})
    hides = lossy or ("" if shown[0] >= what.rows and shown[1] >= what.amplitude.shape[1] else "hidden cells")
    name = cmap if isinstance(cmap, str) else cmap.name
    how = f"{name} {axis} {size} {dpi} {what.amplitude.shape} {'bar' if bar else ''}"
    drawing = Drawing(path, "colours", truth, frozenset(promised), how, lossy or "clean")
    return FieldDrawing(drawing, given, promised, what, some, shown, hides)


def _whole(what: Table) -> Any:
    """All 1 + n_fft / 2 rows, as specshow's axes need them."""
    missing = 1 + what.facts["n_fft"] // 2 - what.rows
    return np.pad(what.amplitude, ((0, missing), (0, 0)))
