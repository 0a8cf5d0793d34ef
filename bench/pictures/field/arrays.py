"""Kind 1: arrays saved as they are, one cell a pixel or cells of equal height: imsave, Pillow, imshow, specshow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import librosa.display
import numpy as np
from matplotlib import pyplot as plt

from bench.pictures.canvas import canvas
from bench.pictures.common import Array, Drawing, Sounds, pick
from bench.pictures.field import looks
from bench.pictures.field.tables import FieldDrawing, Levels, Table, eight_bit, levels, table

PROFILES = ("imshow-db", "imshow", "array", "fastspec", "librosa")  # what may be said of such a picture


def promises(what: Table, shown: tuple[int, int], lossy: str, by: str) -> dict[str, str]:
    """What the cells of a picture tell: how many there are, where each has a pixel of its own."""
    promised = {"cmap": "its colours, up to the direction"}
    rows, frames = what.amplitude.shape
    if not lossy and shown[0] >= rows and shown[1] >= frames:
        promised["n_frames"] = f"columns: {by}"
        promised["rows"] = f"rows: {by}"
        if what.is_fft:
            promised |= {"n_fft": "1 + 2^k equal rows", "freq_scale": "1 + 2^k equal rows"}
    return promised


def drawn(  # noqa: PLR0913 - the parts of a drawing
    path: Path, what: Table, drawn_levels: Levels, truth: dict[str, Any], shown: tuple[int, int], lossy: str, how: str,
    kind: str = "arrays",
) -> FieldDrawing:  # fmt: skip
    """The record of an array picture."""
    truth = {**what.truth, "profile": PROFILES, **truth}
    promised = promises(what, shown, lossy, how)
    given = {**what.given, **drawn_levels.given, "cmap": truth["cmap"], "origin": truth["origin"]}
    drawing = Drawing(path, kind, truth, frozenset(promised), f"{how} {what.amplitude.shape}", lossy or "clean")
    return FieldDrawing(drawing, given, promised, what, drawn_levels, shown, lossy)


def draw(rng: np.random.Generator, sounds: Sounds, stem: Path) -> FieldDrawing:
    """One of four ways to save an array."""
    what = table(rng, sounds)
    some = levels(rng, what, ("dB", "dB", "dB", "ln", "log10", "zscore"))
    how = str(pick(rng, ["imsave", "imsave", "Pillow", "imshow", "imshow antialiased", "specshow"]))
    return _WAYS[how.partition(" ")[0]](rng, what, some, stem, how)


def _turned(values: Array, origin: str) -> Array:
    return values if origin == "upper" else values[::-1]


def _truth(cmap: str, origin: str, box: tuple[int, int], drawn_levels: Levels) -> dict[str, Any]:
    truth = {"cmap": cmap, "origin": origin, "plot_area": (0, 0, *box)}
    return truth | {"level_kind": drawn_levels.given.get("level_kind", "db")}


def _imsave(rng: np.random.Generator, what: Table, some: Levels, stem: Path, how: str) -> FieldDrawing:
    cmap, origin = looks.colours(rng), str(pick(rng, ["upper", "lower"]))
    path = stem.with_suffix(".png")
    plt.imsave(path, some.values, cmap=cmap, origin=origin)
    shape = what.amplitude.shape
    return drawn(path, what, some, _truth(cmap, origin, shape[::-1], some), shape, "", how)


def _pillow(rng: np.random.Generator, what: Table, some: Levels, stem: Path, how: str) -> FieldDrawing:
    inverted, origin = bool(rng.random() < 0.3), str(pick(rng, ["upper", "lower"]))
    pixels = _turned(eight_bit(some.values), origin)
    pixels = 255 - pixels if inverted else pixels
    if rng.random() < 0.3:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    path, lossy = looks.save_pixels(rng, pixels, stem, jpeg=bool(rng.random() < 0.15))
    truth = _truth("gray_r" if inverted else "gray", origin, what.amplitude.shape[::-1], some)
    return drawn(path, what, some, truth, what.amplitude.shape, lossy, how)


def _imshow(rng: np.random.Generator, what: Table, some: Levels, stem: Path, how: str) -> FieldDrawing:
    """A figure that is all axes, some cells a pixel or some pixels a cell."""
    cmap, origin = looks.colours(rng), str(pick(rng, ["upper", "lower"]))
    rows, frames = what.amplitude.shape
    by = float(pick(rng, [1.0, 1.5, 2.0, 2.7, 3.0])) if how == "imshow" else float(rng.uniform(0.6, 3))
    width, height = round(frames * min(by, 2400 / frames)), round(rows * min(by, 1600 / rows))
    figure, axes = canvas(width, height)
    way = str(pick(rng, ["nearest", "none"])) if how == "imshow" else "antialiased"
    axes.imshow(some.values, cmap=cmap, origin=origin, aspect="auto", interpolation=way)
    axes.axis("off")
    path, _ = looks.save(rng, figure, stem, jpeg=False)
    lossy = "antialiased" if way == "antialiased" and by < 3 and by not in (1.0, 2.0) else ""
    return drawn(path, what, some, _truth(cmap, origin, (width, height), some), (height, width), lossy, how)


def _specshow(rng: np.random.Generator, what: Table, some: Levels, stem: Path, how: str) -> FieldDrawing:
    cmap = looks.colours(rng)
    rows, frames = what.amplitude.shape
    (wide, high), dpi = looks.figure_size(rng)
    width, height = round(wide * dpi), round(high * dpi)
    figure, axes = canvas(width, height)
    librosa.display.specshow(some.values, ax=axes, cmap=cmap, sr=what.sr, hop_length=what.facts["hop_length"])
    axes.axis("off")
    path, _ = looks.save(rng, figure, stem, jpeg=False)
    lossy = "" if width >= frames and height >= rows else "hidden cells"
    return drawn(path, what, some, _truth(cmap, "lower", (width, height), some), (height, width), lossy, how)


_WAYS = {"imsave": _imsave, "Pillow": _pillow, "imshow": _imshow, "specshow": _specshow}
