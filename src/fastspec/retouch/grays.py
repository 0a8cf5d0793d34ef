"""Pictures in colour that were saved as gray: the grays of known maps, which the original tells apart.

A gray copy shows the lightness of the map's colours. Where that rises with the level, each gray stands for a level, and
the copy is read with the map's own grays as its table.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.facts import FILES, Fact
from fastspec.colours import colormap, user_tables
from fastspec.colours.colormap import Colormap
from fastspec.detect.evidence import Scene
from fastspec.plot import layout

_NAMES = ("magma", "viridis", "inferno", "plasma", "cividis", "hot")  # sequential maps that people draw sound with
_GRAYS = ("gray", "gray8")
_FALLS = -1  # of 255: lightness of a map that rises may fall by rounding
# red, green and blue of a gray: Pillow's and most editors', ImageMagick's and browsers'
_PILLOW = 1 << 16  # its weights are whole numbers of these
_WEIGHTS = {"Rec. 601": (19595 / _PILLOW, 38470 / _PILLOW, 7471 / _PILLOW), "Rec. 709": (0.2126, 0.7152, 0.0722)}
_LINEAR = "linear light"  # GIMP's luminance: Rec. 709 of what the bytes stand for
_ENTRIES = "entries"
_KNEE, _SLOPE, _GAMMA, _LIFT = 0.04045, 12.92, 2.4, 0.055  # of sRGB


def is_gray(pixels: NDArray[np.generic]) -> bool:
    """Whether pixels (H, W[, 3]) of 8 bits have no colour."""
    if pixels.dtype != np.uint8:
        return False
    return pixels.ndim == 2 or bool((pixels == pixels[..., :1]).all())


def may_be_copy(scene: Scene) -> bool:
    """Whether a picture's plot is gray, and nobody states that it was drawn so."""
    return scene.known["cmap"] in _GRAYS and scene.source("cmap") in (None, "pixels", "assumed") and _shows_gray(scene)


def is_copy(scene: Scene) -> bool:
    """Whether a picture's plot is gray, and it is stated that it was drawn in colour."""
    if scene.source("cmap") not in ("given", *FILES) or not _shows_gray(scene):
        return False
    table = layout.colormap(scene.known).table
    return table.ndim > 1 and not is_gray(table[None])


def _shows_gray(scene: Scene) -> bool:
    return scene.picture.palette is None and is_gray(scene.stored)


def facts(scene: Scene) -> Iterator[dict[str, Fact]]:
    """The facts of the gray copies that the picture may be: of the map that is stated, or of each that is usual."""
    maps = [layout.colormap(scene.known)] if is_copy(scene) else [colormap.get(name) for name in _NAMES]
    for cmap in maps:
        for how in (*_WEIGHTS, _LINEAR, *((_ENTRIES,) if is_copy(scene) else ())):
            grays = lightness(cmap, how)
            if not rises(grays):
                continue
            label, table = f"{cmap.name} as gray ({how})", np.repeat(grays[:, None], 3, axis=1).astype(np.uint8)
            note = "a gray copy of a picture in colour, as the original shows"
            yield {
                "cmap": Fact(label, "original", 0.9, note),
                "cmap_table": Fact(user_tables.as_text(label, table), "original", 0.9, note),
            }


def lost(scene: Scene) -> str:
    """Why a gray picture of a map in colour tells nothing, as a sentence."""
    name = scene.known["cmap"]
    if not any(rises(lightness(layout.colormap(scene.known), how)) for how in _WEIGHTS):
        why = f"several colours of {name} become one gray"
    else:
        why = "its grays do not match the sound"
    return f"the picture was drawn in {name} but is gray now, and {why}, so its levels cannot be read"


def rises(grays: NDArray[np.int64]) -> bool:
    """Whether grays (N,) tell levels: they rise from the first to the last, or fall."""
    steps = np.diff(grays)
    return bool(steps.min() >= _FALLS or steps.max() <= -_FALLS)


def lightness(cmap: Colormap, how: str = "Rec. 601") -> NDArray[np.int64]:
    """The grays (N,) 0..255 that a map's colours become, or its entries where a palette was left out."""
    if how == _ENTRIES:
        return np.arange(len(cmap), dtype=np.int64) * 255 // (len(cmap) - 1)
    table = cmap.table.reshape(len(cmap), -1) * np.ones(3) / 255
    if how == _LINEAR:
        linear = np.where(table <= _KNEE, table / _SLOPE, ((table + _LIFT) / (1 + _LIFT)) ** _GAMMA)
        y = linear @ np.array(_WEIGHTS["Rec. 709"])
        gray = np.where(y <= _KNEE / _SLOPE, y * _SLOPE, (1 + _LIFT) * y ** (1 / _GAMMA) - _LIFT)
    else:
        gray = table @ np.array(_WEIGHTS[how])
    return np.asarray(np.floor(np.round(gray * 255, 9) + 0.5), np.int64)
