"""ffmpeg's colours (avf_showspectrum.c, `color_table` and `pick_color`): up to eight nodes in YUV, linear between.

Each plane is rounded; swscale turns that into RGB (full-range BT.601). A table here has a colour for each 1/4096 of the
scale; all but some in 1000 pixels of ffmpeg 5.1.9 have just these colours, the others are one of 255 off.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fastspec.colours.colormap import ColourTable

_ENTRIES = 4096


def _bytes(at: float, y: int, u: int, v: int, whole: float = 256.0) -> tuple[float, float, float, float]:
    return at, y / whole, (u - 128) / whole, (v - 128) / whole


_BLACK, _WHITE = (0.0, 0.0, 0.0, 0.0), (1.0, 1.0, 0.0, 0.0)
# (position, Y, U, V) of every node
_NODES: dict[str, tuple[tuple[float, float, float, float], ...]] = {
    "channel": (_BLACK, (1.0, 1.0, 0.0, -1e-7)),  # mono; a cosine of pi/2 just below 0 tips the rounding of V
    "intensity": (
        _BLACK,
        (0.13, 0.03587126228984074, 0.1573300977624594, -0.02548747583751842),
        (0.30, 0.1857228179456802, 0.1772436246393981, 0.1747555484041475),
        (0.60, 0.2818498058365613, -0.1593064119945782, 0.4713207454660892),
        (0.73, 0.6583062117554781, -0.3716070802232764, 0.2435275933125293),
        (0.78, 0.763185357582429, -0.4307467689263783, 0.1686649662231043),
        (0.91, 0.9533636363636364, -0.2045454545454546, 0.03313636363636363),
        _WHITE,
    ),
    "rainbow": (
        _BLACK,
        _bytes(0.13, 44, 189, 138),
        _bytes(0.25, 29, 186, 119),
        _bytes(0.38, 119, 194, 53),
        _bytes(0.60, 111, 73, 59),
        _bytes(0.73, 205, 19, 149),
        _bytes(0.86, 135, 83, 200),
        _bytes(1.0, 73, 95, 225),
    ),
    "moreland": (
        _bytes(0.0, 44, 181, 112),
        _bytes(0.13, 126, 177, 106),
        _bytes(0.25, 164, 163, 109),
        _bytes(0.38, 200, 140, 120),
        _bytes(0.60, 201, 117, 141),
        _bytes(0.73, 177, 103, 165),
        _bytes(0.86, 136, 100, 183),
        _bytes(1.0, 68, 117, 203),
    ),
    "nebulae": (
        _bytes(0.0, 10, 134, 132),
        _bytes(0.23, 21, 137, 130),
        _bytes(0.45, 35, 134, 134),
        _bytes(0.57, 51, 130, 139),
        _bytes(0.67, 104, 116, 162),
        _bytes(0.77, 120, 105, 188),
        _bytes(0.87, 140, 105, 188),
        _WHITE,
    ),
    "fire": (
        _BLACK,
        _bytes(0.23, 44, 132, 127),
        _bytes(0.45, 62, 116, 140),
        _bytes(0.57, 75, 105, 152),
        _bytes(0.67, 95, 91, 166),
        _bytes(0.77, 126, 74, 172),
        _bytes(0.87, 164, 73, 162),
        _WHITE,
    ),
    "fiery": (
        _BLACK,
        _bytes(0.23, 36, 116, 163),
        _bytes(0.45, 52, 102, 200),
        _bytes(0.57, 116, 84, 196),
        _bytes(0.67, 157, 67, 181),
        _bytes(0.77, 193, 40, 155),
        _bytes(0.87, 221, 101, 134),
        _WHITE,
    ),
    "fruit": (
        _BLACK,
        _bytes(0.20, 29, 136, 119),
        _bytes(0.30, 60, 119, 90),
        _bytes(0.40, 85, 91, 85),
        _bytes(0.50, 116, 70, 105),
        _bytes(0.60, 151, 50, 146),
        _bytes(0.70, 191, 63, 178),
        _bytes(1.0, 98, 80, 221),
    ),
    "cool": (_BLACK, (0.15, 0.0, 0.5, -0.5), (1.0, 1.0, -0.5, 0.5)),
    "magma": (
        _BLACK,
        _bytes(0.10, 23, 175, 120),
        _bytes(0.23, 43, 158, 144),
        _bytes(0.35, 85, 138, 179),
        _bytes(0.48, 96, 128, 189),
        _bytes(0.64, 128, 103, 214),
        _bytes(0.92, 205, 80, 152),
        _WHITE,
    ),
    "green": (_BLACK, (0.75, 0.5, 0.0, -0.5), _WHITE),
    "viridis": (
        _BLACK,
        _bytes(0.10, 0x39, 0x9D, 0x8F, 255.0),
        _bytes(0.23, 0x5C, 0x9A, 0x68, 255.0),
        _bytes(0.35, 0x69, 0x93, 0x57, 255.0),
        _bytes(0.48, 0x76, 0x88, 0x4B, 255.0),
        _bytes(0.64, 0x8A, 0x72, 0x4F, 255.0),
        _bytes(0.80, 0xA3, 0x50, 0x66, 255.0),
        _bytes(1.0, 0xCC, 0x2F, 0x87, 255.0),
    ),
    "plasma": (
        _BLACK,
        _bytes(0.10, 0x27, 0xC2, 0x82, 255.0),
        _bytes(0.58, 0x5B, 0x9A, 0xAE, 255.0),
        _bytes(0.70, 0x89, 0x44, 0xAB, 255.0),
        _bytes(0.80, 0xB4, 0x2B, 0x9E, 255.0),
        _bytes(0.91, 0xD2, 0x38, 0x92, 255.0),
        _WHITE,
    ),
    "cividis": (
        _BLACK,
        _bytes(0.20, 0x28, 0x98, 0x6F, 255.0),
        _bytes(0.50, 0x48, 0x95, 0x74, 255.0),
        _bytes(0.63, 0x69, 0x84, 0x7F, 255.0),
        _bytes(0.76, 0x89, 0x75, 0x84, 255.0),
        _bytes(0.90, 0xCE, 0x35, 0x95, 255.0),
        _WHITE,
    ),
    "terrain": (_BLACK, (0.15, 0.0, 0.5, 0.0), (0.60, 1.0, -0.5, -0.5), (0.85, 1.0, -0.5, 0.5), _WHITE),
}
_TOOL = "ffmpeg"
_PREFIX = f"{_TOOL}-"
NAMES = tuple(f"{_PREFIX}{name}" for name in _NODES)


def table(name: str) -> NDArray[np.uint8]:
    """The colours (4096, 3) uint8 of a map in `NAMES`."""
    nodes = np.array(_NODES[name.removeprefix(_PREFIX)])
    a = (np.arange(_ENTRIES) + 0.5) / _ENTRIES
    y, u, v = (256.0 * np.interp(a, nodes[:, 0], nodes[:, channel]) for channel in (1, 2, 3))
    y = np.rint(np.clip(y, 0, 255))
    u, v = (np.rint(np.clip(127.5 + plane, 0, 255)) - 128 for plane in (u, v))
    rgb = np.stack([y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u], axis=1)
    colours: NDArray[np.uint8] = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return colours


def tables() -> Iterator[ColourTable]:
    """For `fastspec.colours`."""
    for name in NAMES:
        yield ColourTable(name, partial(table, name), tool=_TOOL)
