"""Colour tables of Audacity's spectrogram view, (256, 3) uint8; entry k stands for k/255 to (k + 1)/255 of the range.

"audacity" is the map Roseus, and "audacity-3.2" its forerunner, which 3.2.4 draws with: both by Myungchul Keum, MIT
licence (NOTICE). "audacity-classic" goes through the five colours of the light theme, "audacity-grayscale" is loud on
a light ground, "audacity-inverse" loud on black: AColor.cpp, `PreComputeGradient`, in its own precision.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fastspec.colours.colormap import ColourTable

_STEPS = 256
# Steps from entry to entry, one channel after the other, packed.
_PACKED = {
    "audacity": (
        b"c-nnZ(H4au2ot;i|H%=uG0}%RV0OxwfHrIdk^+7bzSzRF+3^%T+wYZ*z2prerOW703_yHj1h4bhIL_?FUgUl(xx-ZqGP0n`y9FDddI+mgyI(Hx"
        b"OO)pkC_YqGNls(ghtU=Dn!taUmeyi5cV1PlSNcig;xNnlL!YLy?~Ixedyl?!yok4`tS{PCsP0Be+yEUOO~Pe+mIr<rX>uB{_J4Xha`O"
    ),
    "audacity-3.2": (
        b"c-nPQ0TRO?2ovk}{}<N@NkG>vq}VGx1EIAA%aoXWe#3h2SD=gaCNiy1a>i4K)nU#Ik}1*1v)_qWh;+}n9VlW%TnN?Z0E44olI!*qrnuzQf_*!t"
        b"R*r)mq@j>(bz|yja3)4E9m@&mX<2-21(_>T&sn^Iwzaa0Y9*T#uGVIcrK3hk=#>y%f;rd_wsU)sxAGJ7-&buI3v}IRYIuzCLJ053!#M)$$9{bP"
        b"`h$n`"
    ),
}
_CLASSIC = np.array([[192, 192, 192], [76, 153, 255], [229, 25, 229], [255, 0, 0], [255, 255, 255]])
_LIGHT_GROUND = 0.84

COLOURS = ("audacity", "audacity-3.2", "audacity-classic")
GRAYS = ("audacity-grayscale", "audacity-inverse")
_ABOVE = 1  # entries that stand for levels above the range


def table(name: str) -> NDArray[np.uint8]:
    """The colours (256, 3) uint8 of a map in `COLOURS` or `GRAYS`, or of one in `COLOURS` reversed ("_r")."""
    if name.endswith("_r"):
        return np.ascontiguousarray(table(name.removesuffix("_r"))[::-1])
    if name in _PACKED:
        steps = np.frombuffer(zlib.decompress(base64.b85decode(_PACKED[name])), np.uint8)
        return np.cumsum(steps.reshape(3, _STEPS).T, axis=0, dtype=np.uint8)
    value = (np.arange(_STEPS) / _STEPS).astype(np.float32)
    if name == "audacity-classic":
        at = value * np.float32(len(_CLASSIC) - 1)
        left = at.astype(int)
        part = (at - left.astype(np.float32))[:, None]
        nodes = (_CLASSIC / 255.0).astype(np.float32)
        share = nodes[left] * (np.float32(1) - part) + nodes[left + 1] * part
    else:
        gray = (_LIGHT_GROUND - _LIGHT_GROUND * value.astype(np.float64)).astype(np.float32)
        share = np.repeat((gray if name == "audacity-grayscale" else value)[:, None], 3, axis=1)
    colours: NDArray[np.uint8] = (np.float32(255) * share).astype(np.uint8)
    return colours


def tables() -> Iterator[ColourTable]:
    """For `fastspec.colours`. Grays are not listed, as pixels do not tell them from matplotlib's.

    No table names the tool: nothing else speaks of Audacity, so that its colours alone must tell it.
    """
    for name in COLOURS:
        yield ColourTable(name, partial(table, name), (0, _ABOVE))
        yield ColourTable(f"{name}_r", partial(table, f"{name}_r"), (_ABOVE, 0))
    for name in GRAYS:
        yield ColourTable(name, partial(table, name), (0, _ABOVE), listed=False)
