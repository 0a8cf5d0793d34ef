"""Whether the colours of a plot lie as those of linear levels do: nearly all near the lowest one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastspec.calibration.facts import STATED, Fact
from fastspec.detect.colour_survey import atlas
from fastspec.detect.evidence import Evidence, Scene


class Limits(NamedTuple):
    """How levels lie that are no decibels. Positions are 0..1 on the map.

    Measured with `python -m bench.quality.field CORPUS --only levels`.
    """

    lowest: float = 1 / 100  # position up to which a pixel has the lowest colour; field
    linear: float = 0.15  # share of such pixels from which the levels may be linear; field
    silent: float = 1 / 200  # position up to which powers of all but the loudest lie; field
    of_power: float = 0.94  # share of such pixels from which the levels are power: amplitude has .92 at most; field
    # Median position of the other pixels: .03 of amplitude, .05 to .08 of its square root, .18 and more of decibels.
    faint: float = 0.12  # above which they are decibels over a floor; field
    of_roots: float = 0.042  # above which they are roots of amplitudes; field
    fewest: int = 20  # such other pixels; unmeasured
    sure: float = 0.6  # of the kind that they seem; field


LIMITS = Limits()
_SQUARE_ROOT = 0.5


class LevelKindByColours:
    """level_kind, as far as the histogram of the colours tells it: assumed, as decibels may be drawn alike."""

    tells = frozenset({"level_kind", "level_exponent"})

    def applies(self, scene: Scene) -> bool:
        """Where nothing surer tells it, and the map has a name."""
        if "cmap_table" in scene.known or scene.known.source("db_range") in STATED:
            return False
        return scene.source("level_kind") in (None, "assumed") and scene.known.get("cmap") in atlas().families

    def read(self, scene: Scene) -> Evidence:
        """The kind, and how to say better."""
        index, top = scene.survey.index(scene.known["cmap"])
        position = index / max(top, 1.0)
        low = position <= LIMITS.lowest
        share, others = float(low.mean()) if low.size else 0.0, position[~low]
        middle = float(np.median(others)) if len(others) >= LIMITS.fewest else 1.0
        if share < LIMITS.linear or middle > LIMITS.faint:
            return Evidence()
        note = f"{share:.0%} of the plot has the lowest colour and most of the rest nearly that, as linear levels have"
        kind = (
            "power"
            if np.mean(position <= LIMITS.silent) >= LIMITS.of_power
            else "amplitude"
            if middle <= LIMITS.of_roots
            else "power_law"
        )
        facts = {"level_kind": Fact(kind, "assumed", LIMITS.sure, note)}
        said = f"level_kind {kind} is assumed"
        if kind == "power_law" and scene.source("level_exponent") is None:
            facts["level_exponent"] = Fact(_SQUARE_ROOT, "assumed", LIMITS.sure, "square roots of amplitudes")
            said += f" with level_exponent {_SQUARE_ROOT}"
        remark = f"{note}: {said}; give --level-kind db, amplitude, power, or power_law with --level-exponent"
        return Evidence(corrected=facts, remarks=(remark,))
