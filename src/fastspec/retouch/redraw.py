"""The picture that a sound gives under facts that are known or supposed, before anybody edited it.

`Drawn.shown` is what the pixels of each cell show, level by level as the drawing tool would choose them; `Drawn.levels`
is what it was made of, also below and above the scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import FloatArray
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap, matching
from fastspec.colours.colormap import Colormap
from fastspec.colours.levels import LevelScale
from fastspec.plot import layout, to_stft
from fastspec.plot.layout import Layout
from fastspec.retouch.mappings import PLAIN, Mapping

_QUIETEST = 1e-15  # of the reference: amplitudes below count as this, -300 dB


@dataclass(frozen=True, eq=False)
class Drawn:
    """What one channel of a picture showed before it was edited.

    amplitudes : (n_frames, n_cells) of the picture's own cells, relative to the reference. shown : float32, the level
    0..1 of the colour of each. reference : the amplitude of 0 dB (of level 1 where levels are no decibels).
    """

    amplitudes: FloatArray
    shown: NDArray[np.float32]
    reference: float


def drawn(wave: NDArray[np.float32], facts: Complete, plan: Layout, cmap: Colormap) -> Drawn:
    """What a sound (n,) at the facts' rate gives as a picture of frames.

    The reference is the facts' own, or the loudest cell, as with `ref=np.max`.
    """
    amplitudes = to_stft.amplitudes_of(to_stft.magnitude_of(wave, facts), facts)
    return of_amplitudes(as_wide(amplitudes, plan), facts, cmap)


def of_amplitudes(amplitudes: FloatArray, facts: Complete, cmap: Colormap, mapping: Mapping = PLAIN) -> Drawn:
    """The same of amplitudes (n_frames, n_cells) of the picture's cells, as the transform gives them."""
    reference = facts.ref or float(amplitudes.max()) or 1.0
    relative = np.maximum(amplitudes / np.float32(reference), np.float32(_QUIETEST))
    scale = mapping.scale(layout.level_scale(facts, cmap), reference)
    return Drawn(relative, shown_of(relative, scale, cmap), reference)


def as_wide(amplitudes: FloatArray, plan: Layout) -> FloatArray:
    """Cells (frames, cells) cut or filled with silence to as many of both as the picture has."""
    frames, cells = plan.n_frames, plan.n_cells
    cut = amplitudes[:frames, :cells]
    missing = frames - cut.shape[0], cells - cut.shape[1]
    return np.pad(cut, ((0, missing[0]), (0, missing[1]))) if any(missing) else cut


def shown_of(amplitudes: FloatArray, scale: LevelScale, cmap: Colormap) -> NDArray[np.float32]:
    """The levels 0..1 that colours stand for which a tool chooses for these amplitudes, relative to the reference."""
    shown: NDArray[np.float32] = _levels_read(cmap)[colormap.entry_of(scale.level(amplitudes).astype(np.float32), cmap)]
    return shown


@lru_cache(maxsize=32)
def _levels_read(cmap: Colormap) -> NDArray[np.float32]:
    """The level (N,) that each entry of the map is read as: the middle of those of one colour."""
    levels: NDArray[np.float32] = cmap.levels_of(matching.index_of(cmap.table[None], cmap).index[0])
    return levels
