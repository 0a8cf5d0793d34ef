"""Kind 4: axes that count frames, bins and channels, labelled in several languages or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

from bench.pictures.common import Drawing, Sounds, pick
from bench.pictures.field import looks
from bench.pictures.field.arrays import PROFILES, promises
from bench.pictures.field.tables import FieldDrawing, levels, table


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> FieldDrawing:
    """imshow of an array with its axes, as text-to-speech repositories and tutorials draw it."""
    what = table(rng, sounds, mels=0.6)
    some = levels(rng, what, ("ln", "dB", "dB", "log10", "power_law"))
    size, dpi = looks.figure_size(rng)
    figure, axes = plt.subplots(figsize=size, dpi=dpi)
    cmap = looks.colours(rng, 0.05) if rng.random() < 0.5 else "viridis"
    origin = pick(rng, ["lower", "lower", "upper"])
    way = str(pick(rng, ["none", "nearest", "antialiased"]))
    image = axes.imshow(some.values, aspect="auto", origin=origin, interpolation=way, cmap=cmap)
    bar = bool(rng.random() < 0.5)
    if bar:
        figure.colorbar(image, ax=axes)
    labelled = bool(rng.random() < 0.8)
    if labelled:
        names = looks.CHANNELS if what.facts["freq_scale"] == "mel" else looks.BINS
        axes.set(xlabel=pick(rng, looks.FRAMES), ylabel=pick(rng, names))
    if rng.random() < 0.3:
        axes.set_title(pick(rng, ["Spectrogram", "Mel spectrogram", "magnitude, compressed", "Spektrogramm"]))
    if rng.random() < 0.6:
        figure.tight_layout()
    box = looks.box_of(figure, axes)
    path, lossy = looks.save(rng, figure, stem, jpeg=bool(rng.random() < 0.1))
    shown = (box[3] - box[1], box[2] - box[0])
    truth = {**what.truth, "profile": PROFILES, "cmap": cmap, "origin": origin, "plot_area": box}
    truth["level_kind"] = some.given.get("level_kind", "db")
    blended = (
        "antialiased" if way == "antialiased" and min(shown[0] / what.rows, shown[1] / truth["n_frames"]) < 3 else ""
    )
    hidden = "" if shown[0] >= what.rows and shown[1] >= truth["n_frames"] else "hidden cells"
    promised = promises(what, (10**6, 10**6), "", "the ends of the axes") if labelled else {}
    promised |= {"cmap": "its colours, up to the direction", "plot_area": "its frame", "origin": "the rows' numbers"}
    given = {**what.given, **some.given, "cmap": cmap, "origin": origin}
    how = (
        f"imshow {way} {size} {dpi} {'labels' if labelled else 'numbers'} {'bar' if bar else ''} {what.amplitude.shape}"
    )
    drawing = Drawing(path, "counting_axes", truth, frozenset(promised), how, lossy or "clean")
    return FieldDrawing(drawing, given, promised, what, some, shown, lossy or hidden or blended)
