"""Axes that count rows and frames, as imshow numbers them: cell k at k, from -0.5 to N - 0.5.

Their numbers are neither Hz, kHz nor seconds. They say how many cells there are, and which end is low.
"""

from __future__ import annotations

from typing import NamedTuple

from fastspec.calibration.calibration import Calibration
from fastspec.detect import rates
from fastspec.detect.array_cells import BANDS, is_fft
from fastspec.detect.figure import axis_words
from fastspec.detect.figure.axis_fit import Fit, fit
from fastspec.detect.figure.findings import LIMITS as LABELS
from fastspec.detect.figure.findings import Findings, trust
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.plots import Figure
from fastspec.detect.figure.ticks import Side, factor_beside, title_beside
from fastspec.detect.figure.time_labels import counts_samples


class Limits(NamedTuple):
    """What tells counts from Hz, kHz and seconds, and how surely they tell the number of cells.

    "field" is `python -m bench.quality.field CORPUS --only counting_axes`.
    """

    at_end: float = 1.0  # pixels between an axis's end and the -0.5 or 0 where counts begin; unmeasured
    at_label: float = 3.0  # likewise where no mark but the label's middle says where a number stands; unmeasured
    at_edge: float = 6.0  # likewise where no frame says where the cells end, either; unmeasured
    clear: float = 0.25  # cells a pixel, below which -0.5 cannot be a 0 that was read badly; unmeasured
    legible: float = 0.4  # cells a pixel, below which a count is known to one cell; unmeasured
    half: float = 0.25  # cells by which the beginning of a clear count may be off -0.5; unmeasured
    fewest: float = 8.0  # cells on an axis; unmeasured
    kilo: tuple[float, float] = (1.5, 50.0)  # largest numbers that may be kHz without a unit; unmeasured
    lowest_top: float = 1900.0  # Hz, below which a view of a spectrogram hardly ends; unmeasured
    near_rate: float = 0.012  # relative distance of an end from half a usual rate; unmeasured
    sure_of_frames: float = 0.9  # of a number of frames where cells are many pixels wide; field
    sure_of_narrow: float = 0.5  # where they are not, and it may be one more or less; field
    many: float = 2.0  # frames by which their number may be off, from which it is hardly that; unmeasured
    sure_of_many: float = 0.25  # of it then; unmeasured


LIMITS = Limits()


class Count(NamedTuple):
    """How many cells an axis numbers, by its labels, and whether it clearly begins at -0.5.

    pixel : cells by which places of numbers may be off, those of one pixel where there are tick marks.

    turned : whether numbers grow to the left or downwards.
    """

    number: float
    pixel: float
    clear: bool
    turned: bool = False

    @property
    def slack(self) -> float:
        """Cells that there may be more or fewer."""
        return max(LIMITS.half, self.pixel)

    def near(self, number: int) -> bool:
        """Whether there may be so many."""
        return abs(self.number - number) <= self.slack


class Counts(NamedTuple):
    """The axes that count; None for one that does not. said : what titles say that rows are, see `add_counts`."""

    rows: Count | None = None
    frames: Count | None = None
    said: str = ""


def says_seconds(side: Side) -> bool:
    """Whether unit or title say that numbers are times."""
    units = {tick.unit for tick in side.ticks if tick.value} - {""}
    return bool(units) or axis_words.seconds(side.title)


def read_counts(figure: Figure, plot: Plot, left: Side, bottom: Side, given: tuple[int, ...] = ()) -> Counts:
    """Which axes of `plot` count cells. given : numbers of rows that the user's facts would have."""
    off = LIMITS.at_label if plot.frame else LIMITS.at_edge
    timed = says_seconds(bottom) or counts_samples(plot, bottom)
    frames = None if timed else _count(bottom, plot.box[0], plot.box[2], off)
    titled = axis_words.counts_frames(bottom.title)
    rows, said = _count(left, plot.box[3], plot.box[1], off), ""
    if rows is not None:
        along = frames is not None and (titled or frames.clear)
        said = _said_of_rows(figure, plot, left)
        counted = _counts_rows(rows, along, given) or (said and _is_usual(rows, given))
        if not counted or said == "hertz" or factor_beside(figure, plot) != 1.0:
            rows = None
    return Counts(rows, frames if titled or rows is not None else None, said)


def usual_rows(known: Calibration) -> tuple[int, ...]:
    """Numbers of rows that the user's facts would have."""
    rows = [int(known["n_mels"])] if known.source("n_mels") == "given" else []
    if known.source("n_fft") == "given":
        rows += [1 + int(known["n_fft"]) // 2, int(known["n_fft"]) // 2]
    return tuple(rows)


def add_counts(findings: Findings, counts: Counts, left: Side, bottom: Side) -> dict[str, object]:
    """State origin and n_frames, and say what is counted; returns it for later readers as properties of the picture.

    counted_rows, counted_frames : how many, and how many may be more or fewer. rows_said : "mel" or "bins", as titles
    have it.
    """
    said: list[str] = []
    described: dict[str, object] = {}
    if counts.rows is not None:
        line = fit(left.ticks)
        sure = trust(line, left) if line is not None else 0.0
        end = "top" if counts.rows.turned else "bottom"
        note = f"the vertical axis counts rows from the {end}"
        if not (counts.rows.turned and _square(counts)):
            findings.add("origin", "upper" if counts.rows.turned else "lower", sure, note)
        described["counted_rows"] = round(counts.rows.number, 2), round(counts.rows.slack, 2)
        described["rows_said"] = counts.said
        about = "about " if counts.rows.pixel > LIMITS.legible else ""
        said.append(f"the vertical axis counts {about}{counts.rows.number:.0f} rows")
    if counts.frames is not None:
        line = fit(bottom.ticks)
        sure = LIMITS.sure_of_frames if counts.frames.pixel <= LIMITS.legible else LIMITS.sure_of_narrow
        sure = min(sure, LIMITS.sure_of_many) if counts.frames.pixel > LIMITS.many else sure
        sure *= trust(line, bottom) if line is not None else 0.0
        number = round(counts.frames.number)
        described["counted_frames"] = round(counts.frames.number, 2), round(counts.frames.slack, 2)
        findings.add("n_frames", number, sure, "the horizontal axis counts frames")
        about = "about " if counts.frames.pixel > LIMITS.legible else ""
        if counts.frames.turned:
            findings.backwards(number, 0, sure=line is not None and line.used >= LABELS.few)
        said.append(f"the horizontal {'one' if said else 'axis counts'} {about}{number} frames")
    remedy = "--sr and --hop-length or --duration" if counts.rows is not None else "--hop-length or --duration"
    if said:
        findings.remarks.append(f"{', '.join(said)}: they tell neither Hz nor seconds; give {remedy}")
    return described


def _square(counts: Counts) -> bool:
    """Whether there are as many rows as frames, as a picture for a network has: its rows may lie as a picture's do."""
    return counts.rows is not None and counts.frames is not None and counts.frames.near(round(counts.rows.number))


def _said_of_rows(figure: Figure, plot: Plot, left: Side) -> str:
    """What titles of the vertical axis and of the plot say that rows are: "hertz", "mel", "bins" or nothing."""
    title = left.title
    if axis_words.hertz(title):
        return "hertz"
    if axis_words.of_mel(title):
        return "mel"
    if axis_words.of_bins(title):
        return "bins"
    return "mel" if axis_words.of_mel(title_beside(figure, plot, "top")) else ""


def _count(side: Side, first: int, last: int, off: float) -> Count | None:
    """Cells between two ends in pixels, if numbers without unit begin there as counts do.

    off : pixels by which labels without marks may be off.
    """
    if any(tick.unit for tick in side.ticks) or any((2 * tick.value) % 1 for tick in side.ticks):
        return None
    line: Fit | None = fit(side.ticks)
    if line is None:
        return None
    turned = line.at(first) > line.at(last)
    low, high = sorted((line.at(first), line.at(last)))
    pixel = line.pixel(first) * (LIMITS.at_end if side.marks else off)
    begins = min((-0.5, 0.0), key=lambda begin: abs(low - begin))
    if high - low < LIMITS.fewest or abs(low - begins) > max(LIMITS.half, pixel):
        return None
    clear = pixel <= LIMITS.clear and abs(low + 0.5) < LIMITS.half
    if pixel <= LIMITS.clear and not clear:  # clearly from 0, as anything may
        return None
    # tick marks lie better than the ends do, and those better than labels: cells begin half a cell before that of 0
    labels_alone = not side.marks and off <= LIMITS.at_label
    count = Count(high - low if labels_alone else high + 0.5, pixel, clear, turned)
    whole = count.near(round(count.number))
    return count if whole else None


def _counts_rows(rows: Count, along: bool, given: tuple[int, ...]) -> bool:
    """Whether a vertical axis counts. along : whether the horizontal one certainly does."""
    if rows.clear:
        return True
    if not _is_usual(rows, given) and rows.pixel > LIMITS.legible:
        return False
    top = rows.number - 0.5
    in_hertz = top >= LIMITS.lowest_top
    if in_hertz and any(abs(2 * top / rate - 1) <= LIMITS.near_rate for rate in rates.USUAL):
        return False
    in_kilohertz = LIMITS.kilo[0] <= top <= LIMITS.kilo[1]
    return along or not (in_hertz or in_kilohertz)


def _is_usual(rows: Count, given: tuple[int, ...]) -> bool:
    return any(rows.near(n) for n in (*given, *BANDS)) or usual_bins(rows) is not None


def usual_bins(rows: Count) -> int | None:
    """The length of the transform of 1 + 2^k bins, where there may be so many."""
    n_fft = 1 << max(0, round(rows.number - 1)).bit_length()
    return next((n for n in (n_fft, 2 * n_fft) if is_fft(n) and rows.near(1 + n // 2)), None)
