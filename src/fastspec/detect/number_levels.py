"""What an array of numbers tells by itself: its rows and columns are cells, and its values are levels."""

from __future__ import annotations

import math
from typing import NamedTuple

from fastspec.axes import EDGES_WHOLE
from fastspec.calibration.facts import Fact
from fastspec.detect.array_cells import cells_of, said_of
from fastspec.detect.evidence import Evidence, Scene, Signal


class Limits(NamedTuple):
    """Which numbers are decibels, as `figure.colour_bar` has them."""

    loudest: float = 300.0  # decibels from 0 at most; unmeasured
    span: float = 35.0  # decibels that they span at least: natural logarithms of sounds span less; unmeasured
    logarithm: float = 12.0  # units of a natural logarithm that they span at least; unmeasured
    sure: float = 0.85  # that they are decibels; unmeasured
    guessed: float = 0.4  # that they are a natural logarithm; unmeasured
    likely: float = 0.5  # that a number of rows of no known kind is one of bins; unmeasured


LIMITS = Limits()
_DB_PER_LN = 10 / math.log(10)  # of power


class NumberLevels:
    """Rows, frames and levels of a file of numbers, which has neither colours nor axes."""

    tells = frozenset(
        {"cmap", "level_quantiser", "db_range", "level_kind", "origin", "freq_edges", "freq_scale", "n_fft", "n_bins"}
    ) | {"n_mels", "n_frames", "plot_area"}

    def applies(self, scene: Scene) -> bool:
        """Where the picture was made of numbers."""
        return scene.is_numbers

    def read(self, scene: Scene) -> Evidence:
        """What holds of all arrays; and what the values seem to be, with a remark where that is a guess."""
        height, width = scene.picture.height, scene.picture.width
        facts = {
            "cmap": Fact("gray", "embedded", 1.0, "numbers, not colours"),
            "origin": Fact("lower", "profile", 0.9, "row 0 of an array is its lowest bin"),
            "freq_edges": Fact(EDGES_WHOLE, "embedded", 1.0, "one cell a row"),
            "n_frames": Fact(width, "embedded", 1.0, "one frame a column"),
            "plot_area": Fact((0, 0, width, height), "embedded", 1.0, "the whole array"),
        }
        rows = cells_of(height, scene.known) or {
            "freq_scale": Fact("linear", "assumed", LIMITS.likely, f"{height} rows"),
            "n_bins": Fact(height, "assumed", LIMITS.likely, f"{height} rows, one a bin"),
        }
        facts = {**rows, **facts}
        low, high = scene.picture.info["levels"]
        levels, remarks = _levels(low, high, asked="given" in (scene.source("db_range"), scene.source("level_kind")))
        told = {name: fact for name, fact in {**facts, **levels}.items() if scene.source(name) != "given"}
        return Evidence(
            told, remarks=(*said_of(height, rows, "one a row"), *remarks), signals=frozenset({Signal.EQUAL_CELLS})
        )


def _levels(low: float, high: float, *, asked: bool) -> tuple[dict[str, Fact], tuple[str, ...]]:
    """What values from `low` to `high` are; `asked` : whether the user says it, which leaves the range to be told."""
    if not low < high:
        return {}, ()
    ends = f"values from {low:.4g} to {high:.4g}"
    if -LIMITS.loudest <= low < high <= LIMITS.loudest and low < 0 and high - low >= LIMITS.span:
        return {
            "db_range": Fact((low, high), "pixels", LIMITS.sure, ends),
            "level_kind": Fact("db", "pixels", LIMITS.sure, ends),
        }, ()
    remedy = "give --level-range LO HI with --level-unit, --db-range, or --level-kind"
    if low < 0 and high - low >= LIMITS.logarithm:
        decibels = round(low * _DB_PER_LN, 2), round(high * _DB_PER_LN, 2)
        said = f"{ends} are assumed to be natural logarithms of power, {decibels[0]:g} .. {decibels[1]:g} dB"
        found = {"db_range": Fact(decibels, "assumed", LIMITS.guessed, f"{ends}, if they are ln of power")}
        return found, () if asked else (f"{said}; {remedy}",)
    return {}, () if asked else (f"{ends} are probably no decibels; {remedy}",)
