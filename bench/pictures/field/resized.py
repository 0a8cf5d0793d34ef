"""Kind 10: pictures enlarged or reduced in an editor, by any factor and filter: of specshow's axes, and of arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import librosa.display
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

from bench.pictures.canvas import canvas
from bench.pictures.common import Drawing, Sounds, pick
from bench.pictures.field import looks
from bench.pictures.field.arrays import PROFILES
from bench.pictures.field.colours import _whole
from bench.pictures.field.tables import FieldDrawing, Table, levels, mel, stft

FILTERS = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.NEAREST)


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> FieldDrawing:
    """Half specshow's bent axes, half arrays; each resized once."""
    axis = str(pick(rng, ["log", "log", "mel", "linear", "array", "array"]))
    if axis == "mel" or (axis == "array" and rng.random() < 0.6):
        what = mel(rng, sounds)
    else:
        what = stft(rng, sounds, int(pick(rng, [512, 1024, 2048])))
        what = Table(what.sound, what.sr, _whole(what), what.facts)
    some = levels(rng, what, ("dB", "dB", "ln") if axis == "array" else ("dB",))
    cmap = looks.colours(rng, 0.1) if axis == "array" else "magma"
    origin = str(pick(rng, ["upper", "lower"])) if axis == "array" else "lower"
    if axis == "array":
        path = stem.with_suffix(".png")
        plt.imsave(path, some.values, cmap=cmap, origin=origin)
        image = Image.open(path).convert("RGB")
    else:
        (wide, high), dpi = looks.figure_size(rng)
        figure, axes = canvas(round(wide * dpi), round(high * dpi))
        options: dict[str, Any] = {k: what.facts[k] for k in ("hop_length", "n_fft", "fmin", "fmax") if k in what.facts}
        cmap = librosa.display.cmap(some.values).name  # two-sided where levels lie on both sides of 0 dB
        options |= {"htk": True} if what.facts.get("mel_htk") else {}
        librosa.display.specshow(some.values, y_axis=axis, x_axis="time", sr=what.sr, ax=axes, **options)
        axes.axis("off")
        image = looks.as_png(figure)
    before = image.size
    size = _new_size(rng, before, axis)
    way = pick(rng, FILTERS)
    image.resize(size, way).save(path := stem.with_suffix(".png"))
    scale = axis if axis in ("log", "linear") else "mel" if axis == "mel" else what.facts["freq_scale"]
    truth = {**what.truth, "profile": (*PROFILES, "librosa"), "cmap": cmap, "origin": origin, "level_kind": "db"}
    truth |= {"freq_scale": scale, "plot_area": (0, 0, *size)}
    promised = {"cmap": "its colours, up to the direction"}
    if axis in ("log", "mel") and min(size[1] / before[1], size[0] / before[0]) >= 1:
        promised["freq_scale"] = "bent rows"
    given = {**what.given, **some.given, "cmap": cmap, "origin": origin, "freq_scale": scale}
    given |= {} if axis == "array" else {"profile": "librosa"}
    shown = (min(size[1], before[1]), min(size[0], before[0]))
    how = f"{axis} {what.amplitude.shape} {before} -> {size} {way.name}"
    drawing = Drawing(path, "resized", truth, frozenset(promised), how, "resized")
    return FieldDrawing(drawing, given, promised, what, some, shown, "resized")


def _new_size(rng: np.random.Generator, size: tuple[int, int], axis: str) -> tuple[int, int]:
    """By one factor, by two, or to a size that networks take."""
    how = float(rng.random())
    if axis == "array" and how < 0.3:
        width, height = pick(rng, [(224, 224), (256, 256), (512, 256), (299, 299)])
        return int(width), int(height)
    by = float(pick(rng, [0.5, 0.75, 1.25, 1.5, 2, 2, 3])) if how < 0.7 else float(rng.uniform(0.6, 2.5))
    across = by if how < 0.85 else float(rng.uniform(0.6, 2.5))
    most = 2600 / max(size[0] * across, size[1] * by)
    return round(size[0] * across * min(1, most)), round(size[1] * by * min(1, most))
