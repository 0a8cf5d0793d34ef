"""Arrays whose loudest cell stays below the map's end: a fixed range of decibels was drawn, not the sound's own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastspec.calibration.facts import Fact
from fastspec.colours import matching
from fastspec.detect.colour_survey import atlas
from fastspec.detect.evidence import Evidence, Scene
from fastspec.plot import layout


class Limits(NamedTuple):
    """When a range is not the sound's own, and which is assumed then."""

    # Whatever scales an array to its own range (`plt.imsave`, librosa's `ref=np.max`) ends it at the last colour.
    unused: float = 0.95  # share of the map up to which levels reach at most; unmeasured
    # Speech synthesis draws ln or log10 of bands from 1e-5 up to some 10: 100 to 120 dB, keithito/tacotron's
    # min_level_db is -100. A range of 113 dB, held-out SC in dB and STOI: -4.48/.901 with 80 dB, -5.4/.915 with 100.
    span: float = 100.0  # dB that are assumed; by Tacotron's source
    clean: float = 0.9  # share of pixels that are entries of the map, at least; unmeasured
    sure: float = 0.3  # of a guess, as any default; unmeasured


LIMITS = Limits()


class RangeOfUnscaled:
    """db_range of an array of decibels that was not scaled to its own loudest cell: assumed."""

    tells = frozenset({"db_range"})

    def applies(self, scene: Scene) -> bool:
        """Where cells are counted, nothing tells the range, and the map has a name."""
        known = scene.known
        return (
            known.get("freq_edges") == "cells"
            and scene.source("db_range") is None
            and known.get("level_kind") in (None, "db")
            and "db_center" not in known
            and "cmap_table" not in known
            and known.get("cmap") in atlas().families
        )

    def read(self, scene: Scene) -> Evidence:
        """The range, where no level comes near the map's end."""
        sampled, top = scene.survey.index(scene.known["cmap"])
        if float(sampled.max(initial=0.0)) > LIMITS.unused * max(top, 1.0):
            return Evidence()
        loudest = _loudest(scene)
        if loudest is None or loudest > LIMITS.unused:
            return Evidence()
        note = f"the loudest cell has {loudest:.0%} of the map, so the range is not the sound's own; a usual one then"
        return Evidence({"db_range": Fact((-LIMITS.span, 0.0), "assumed", LIMITS.sure, note)})


def _loudest(scene: Scene) -> float | None:
    """The highest level 0..1 of all pixels whose colour is an entry of the map; None where few are."""
    cmap = layout.colormap(scene.known, 16 if scene.area.dtype == np.uint16 else 8)
    read = matching.index_of(scene.area, cmap, "exact", palette=scene.picture.palette)
    return float(np.nanmax(cmap.levels_of(read.index))) if read.exact >= LIMITS.clean else None
