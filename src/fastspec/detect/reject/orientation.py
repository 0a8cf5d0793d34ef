"""Spectrograms on their side or upside down.

A clean picture is told by its rows: those of a log or mel axis grow narrower upwards. Otherwise only a picture on its
side is told: its loudness falls steadily to one side, as a spectrum does, and not to the top.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.detect.cell_borders import axis_in, borders_of
from fastspec.detect.colormap import RecognisedColormap
from fastspec.detect.colormap_direction import LevelStatistics, direction, level_statistics
from fastspec.detect.colour_survey import ColourSurvey


class Limits(NamedTuple):
    """What separates turned pictures from upright ones, as levels of the colour scale, 0..1, or parts of their spread.

    unmeasured: no command repeats the value; that upright pictures are not rejected is judged, for all of them
    together, by the column "doubted" of `python -m bench.quality.facts CORPUS --draw 400`.
    """

    spread: float = 0.02  # levels, standard deviation: flatter pictures have no direction; unmeasured
    least_side: int = 32  # pixels of the surveyed grid: fewer do not show a course; unmeasured
    clean: float = 0.99  # share of colours that are entries of the map: with fewer, rows are no axis; unmeasured
    sure_of_axis: float = 0.8  # confidence that rows are those of a log or mel axis; unmeasured
    top_heavy: float = 0.2  # of the spread: the upper half louder by this is worth a look at the rows; unmeasured
    rows_vary: float = 0.8  # of the columns' deviation: rows that vary more make an upright spectrum; unmeasured
    rows_hardly: float = 0.75  # the same, where only the course of loudness tells; unmeasured
    sideways: float = 0.35  # of the spread: by how much one side must be louder than the other; unmeasured
    without_grays: float = (
        0.09  # of the spread, deviation of rows: less loudness over time is noise, whose loudness may as
    )
    # well run across; unmeasured
    blank: float = 0.01  # levels, deviation of a column: silence around a sound, or treble without any; unmeasured
    stretches: int = 8  # of time, whose bottom is compared with their top; unmeasured
    beyond_median: float = 2.5  # times the median difference of bottom and top in those stretches; unmeasured
    beyond_most: float = 1.2  # times the largest such difference; unmeasured
    steady: float = 0.8  # rank correlation of loudness with place: spectra fall so steadily; unmeasured
    steady_beside_blank: float = 0.9  # the same, where more columns than `many_blank` are blank; unmeasured
    many_blank: float = 0.2  # share of the columns; unmeasured
    parts: int = 16  # of the course whose ranks are correlated; unmeasured


LIMITS = Limits()
_UPSIDE_DOWN = "a spectrogram upside down: turn it by 180 degrees, or flip it"
_ON_ITS_SIDE = "a spectrogram on its side: turn it by 90 degrees"


def wrong_orientation(pixels: NDArray[Any], seen: ColourSurvey, reading: RecognisedColormap) -> str | None:
    """What to say of a picture (H, W[, 3]) on its side or upside down, else None."""
    levels = level_statistics(seen, reading.name)
    height, width = len(levels.rows), len(levels.columns)
    if levels.spread < LIMITS.spread or min(height, width) < LIMITS.least_side:
        return None
    clean = reading.exact > LIMITS.clean
    if clean and _top_heavy(levels, seen, reading):
        rows, _ = borders_of(pixels)
        if _axis_in(rows, rows[::-1]):
            return _UPSIDE_DOWN
    if levels.rows.std() > LIMITS.rows_vary * levels.columns.std():
        return None
    if clean:
        rows, columns = borders_of(pixels)
        if _axis_in(rows, columns[::-1], columns):
            return _ON_ITS_SIDE
    index, top = seen.index(reading.name)
    return _ON_ITS_SIDE if _falls_sideways(levels, index / top) else None


def _top_heavy(levels: LevelStatistics, seen: ColourSurvey, reading: RecognisedColormap) -> bool:
    """Whether the upper half is the louder one, whichever end of the map is loud."""
    half = len(levels.rows) // 2
    rise = float(levels.rows[:half].mean() - levels.rows[half:].mean())
    if abs(rise) <= LIMITS.top_heavy * levels.spread:
        return False
    return rise > 0 if not direction(seen, reading.name).cmap.endswith("_r") else rise < 0


def _falls_sideways(levels: LevelStatistics, level: NDArray[Any]) -> bool:
    """Whether loudness falls steadily to one side; `level` (h, w) are the levels surveyed, 0..1."""
    rows, columns, spread = levels.rows, levels.columns, levels.spread
    half_height, half_width = len(rows) // 2, len(columns) // 2
    sides = abs(float(columns[:half_width].mean() - columns[half_width:].mean()))
    courses = rows.std() < LIMITS.rows_hardly * columns.std() and sides > LIMITS.sideways * spread
    if not courses or float(rows.std()) <= LIMITS.without_grays * spread:
        return False
    # in every stretch of time the bottom of sound differs from its top
    stretches = np.array_split(level, LIMITS.stretches, axis=1)
    falls = [abs(float(part[:half_height].mean() - part[half_height:].mean())) for part in stretches]
    if sides <= LIMITS.beyond_median * float(np.median(falls)) or sides <= LIMITS.beyond_most * max(falls):
        return False
    blank = float((level.std(axis=0) < LIMITS.blank).mean())
    return _steadiness(level) > (LIMITS.steady if blank < LIMITS.many_blank else LIMITS.steady_beside_blank)


def _steadiness(level: NDArray[Any]) -> float:
    """How steadily columns get louder to one side (0..1): as spectra do, and a sound that sets in does not."""
    some = level[:, level.std(axis=0) > LIMITS.blank].mean(axis=0)
    if len(some) < LIMITS.parts:
        return 0.0
    course = np.array([part.mean() for part in np.array_split(some, LIMITS.parts)])
    rank = np.argsort(np.argsort(course))
    return abs(float(np.corrcoef(rank, np.arange(LIMITS.parts))[0, 1]))


def _axis_in(upright: NDArray[np.bool_], *turned: NDArray[np.bool_]) -> bool:
    """Whether the rows of one of the `turned` pictures, and not those of the `upright` one, are a frequency axis's.

    Each is told by its borders between rows.
    """
    if "freq_scale" in axis_in(upright, Calibration()):
        return False
    found = (axis_in(rows, Calibration()).get("freq_scale") for rows in turned)
    return any(axis and axis.value in ("log", "mel") and axis.confidence > LIMITS.sure_of_axis for axis in found)
