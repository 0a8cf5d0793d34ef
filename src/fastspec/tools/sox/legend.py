"""SoX's legend: times below and above, frequencies left and right, decibels beside the colour bar.

Places and steps are those of spectrogram.c of 14.4.2 (`stop`, `axis`, `print_at`). Numbers of axes are multiples of a
tenth in the unit of the axis' title; a tick is drawn at the nearest pixel to its value's place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from fastspec._typing import Box
from fastspec.calibration.facts import Fact
from fastspec.detect import legend
from fastspec.detect.bitmap_fonts import Font, Plane, font, sums
from fastspec.detect.evidence import Evidence
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.sox import colours, margins

_BAR = 400  # rows of the colour bar, or as many as the plot has
_BAR_LABELS = 34  # columns from the picture's right border
_USUAL_RANGE = 120  # decibels
_RANGES = (20, 180)  # decibels that -z takes
_FEWEST_ROWS = 17  # of a channel
_LIGHT_PAPER = 128  # of 255, from which paper is light
_INK_ON_LIGHT, _INK_ON_DARK = (77, 77), (95, 63)  # half of what labels and lines differ by from paper
_TIME_UNITS = {"": 1.0, "m": 1e-3, "k": 1e3}
_FREQUENCY_UNITS = {"k": 1e3, "": 1.0, "M": 1e6}
_LABEL = 5  # characters of a number
_NUMBER = re.compile(r"\d+(\.\d+)?")


class Limits(NamedTuple):
    """What labels prove, and which colours are a bar's.

    unmeasured: no command repeats the value; how sure labels are is judged by the rows "sox" of
    `python -m bench.quality.facts CORPUS --draw 400` ("facts").
    """

    title: float = 0.1  # share of the line below the plot that may be ink, a title's; unmeasured
    near: float = 8.0  # of 255, as far as the colours of a damaged bar may lie from its map on average; unmeasured
    fewest_span: int = 100  # samples a column, below which SoX may leave out over 1 % of a sound; by its source
    tight: float = 1.01  # ratio of the longest to the shortest duration that labels allow; unmeasured
    sure_of_rate: float = 0.95  # whose labels are read without a wrong pixel, with their unit; facts
    sure_of_range: float = 0.97  # likewise, of the only range that places of labels allow; facts
    sure_of_several: float = 0.85  # of the roundest of several ranges; facts
    sure_of_time: float = 0.95  # likewise of a duration; facts
    sure_of_damaged: float = 0.9  # with wrong pixels, or without a unit; facts
    sure_of_loose: float = 0.8  # of a duration that labels leave open; facts
    sure_of_rest: float = 0.85  # of a duration where SoX may leave a rest out; facts
    sure_of_channels: float = 0.97  # of as many channels as there are axes of more than one label; facts
    sure_of_one_label: float = 0.9  # likewise, of a single label; facts


LIMITS = Limits()


def face() -> Font:
    """The font of its legends."""
    return font("sox", columns=5, pitch=6)


class _Reader:
    """One picture's legend; coordinates are of rows from the top."""

    def __init__(self, plane: Plane, box: Box) -> None:
        self.plane, self.box = plane, box
        self.height, self.width = plane.pixels.shape[:2]
        self.font: Font = face()
        paper = int(plane.part(self.height - 1, self.height, self.width - 1, self.width)[0, 0])
        self.paper = paper
        self.text, self.line = _INK_ON_LIGHT if paper > _LIGHT_PAPER else _INK_ON_DARK
        self.cols = box[2] - box[0]
        self.rows = box[3] - box[1]
        self.wrong = 0

    def ink(self, top: int, bottom: int, left: int, right: int, least: int) -> np.ndarray:
        """Which pixels are written on."""
        return self.plane.ink((top, bottom, left, right), self.paper, least)

    def prefix(self, line: np.ndarray, start: int, title: str, units: str) -> float | None:
        """The factor of the unit in an axis' title, centred from `start` on `self.cols` or `self.rows`; None if no
        title can be read."""
        length = self.cols if title == "Time" else self.rows
        for name, factor in (_TIME_UNITS if title == "Time" else _FREQUENCY_UNITS).items():
            text = f"{title} ({name}{units})"
            if self.font.shows(line, start + (length - self.font.pitch * len(text)) // 2, text):
                return factor
        return None

    def times(self) -> list[tuple[float, int]]:
        """(number, pixel) of each label of the time axis."""
        ticks = np.flatnonzero(
            self.ink(self.height - 47, self.height - 46, margins.LEFT - 1, margins.LEFT + self.cols + 1, self.line)[0]
        )
        line = self.ink(self.height - 43, self.height - 31, 0, self.width, self.text)
        inked = sums(line)
        return self._numbers((int(x), *self.font.centred(line, inked, margins.LEFT + int(x), _LABEL)) for x in ticks)

    def frequencies(self, channel: int, rows: int) -> list[tuple[float, int]]:
        """(number, pixel) of each label of a channel's frequency axis; the lowest channel is 0."""
        base = self.height - 1 - (margins.BELOW + channel * (rows + 1))
        column = self.ink(base - rows, base + 1, margins.LEFT - 2, margins.LEFT - 1, self.line)[:, 0]
        found = []
        for up in np.flatnonzero(column[::-1]):
            top = base - int(up) - 5
            line = self.ink(top, top + 12, margins.LEFT - 34, margins.LEFT - 4, self.text)
            text, wrong = self.font.read(line, 0, _LABEL)
            found.append((int(up), text.strip(), wrong))
        return self._numbers(found)

    def _numbers(self, texts: object) -> list[tuple[float, int]]:
        pairs = []
        for pixel, text, wrong in texts:  # type: ignore[attr-defined]
            if _NUMBER.fullmatch(text):
                pairs.append((float(text), pixel))
                self.wrong += wrong
        return pairs

    def levels(self) -> tuple[float, list[float]] | None:
        """The number at the colour bar's lower end, and the ranges that its labels' places allow; None if unread."""
        bar = min(_BAR, self.rows)
        base = margins.BELOW + (self.rows - bar) // 2
        left = self.width - _BAR_LABELS
        bottom = self.height - 1 - base - 5
        # digits begin in the second row of their cell
        inked = self.ink(bottom - bar, bottom + 12, left, left + 24, self.text).any(axis=1)
        starts = np.flatnonzero(np.diff(np.concatenate([[False], inked]).astype(np.int8)) == 1)
        labels = []
        for start in starts:
            top = bottom - bar + int(start) - 1
            text, wrong = self.font.read(self.ink(top, top + 12, left, left + 24, self.text), 0, 4)
            if re.fullmatch(r"[+-]\d+ *", text):
                labels.append((bottom - top, int(text)))
                self.wrong += wrong
        if len(labels) <= 1 or min(labels)[0] != 0:
            return None
        labels.sort()
        low = labels[0][1]
        if any(number - low != k * (labels[1][1] - low) for k, (_, number) in enumerate(labels)):
            return None
        places = [place for place, _ in labels]
        step = labels[1][1] - low
        last = step * (len(labels) - 1)
        ranges = range(max(_RANGES[0], last), min(_RANGES[1], last + step - 1) + 1)
        fitting = [z for z in ranges if step == _bar_step(z, bar) and places == _bar_places(z, bar)]
        return (low, [float(z) for z in fitting]) if fitting else None


def _bar_places(z: int, bar: int) -> list[int]:
    """Where the labels of a bar of `bar` rows stand that shows z decibels, from its lower end."""
    return [int(i / z * (bar - 1) + 0.5) for i in range(0, z + 1, _bar_step(z, bar))]


def _bar_step(z: int, bar: int) -> int:
    """Decibels between two labels."""
    return 10 * math.ceil(z / 10 * 14 / (bar - 1))


def read(picture: Picture, found: Mapping[str, Fact]) -> Evidence:
    """sr, duration, time_extent, db_range and channels of a whole figure of SoX's."""
    plane = Plane.of(picture)
    if plane is None:
        return Evidence()
    reader = _Reader(plane, found["plot_area"].value)
    facts: dict[str, Fact] = {}
    missed: list[str] = []
    stated = found.get("channels")
    sr = _rate(reader, 1 if stated is None else int(stated.value), facts)
    if sr is None:
        missed.append("frequencies")
    if not _time(reader, facts):
        missed.append("times")
    if not _levels(reader, facts):
        missed.append("decibels")
    remarks: tuple[str, ...] = ()
    if missed:
        remarks = (f"SoX's labels of {' and '.join(missed)} are not understood; give what they say as options",)
    return Evidence(facts, remarks=remarks)


def plot(picture: Picture) -> Box | None:
    """The plot area of a picture round which the titles of SoX's axes stand where SoX writes them, or None."""
    plane = Plane.of(picture)
    if plane is None or not margins.has_room(picture.width, picture.height, labelled=True):
        return None
    reader = _Reader(plane, margins.plot(picture.width, picture.height))
    left, _, right, _ = reader.box
    line = reader.ink(reader.height - 25, reader.height - 13, left, right, reader.text)
    if not 0 < line.mean() < LIMITS.title or _time_unit(reader) is None:
        return None
    for above in (margins.ABOVE, margins.ABOVE_WITH_TITLE):
        reader = _Reader(plane, margins.plot(picture.width, picture.height, above))
        if _frequency_unit(reader) is not None:
            return reader.box
    return None


def bar(picture: Picture, box: Box) -> str | None:
    """The map of SoX's colour bar, or None if none is near."""
    rows = min(_BAR, box[3] - box[1])
    base = margins.BELOW + (box[3] - box[1] - rows) // 2
    below = picture.height - base
    part = Picture(picture.pixels[below - rows : below, picture.width - 46 : picture.width - 38], picture.palette)
    seen = part.rgb()[::-1].astype(np.float32).mean(axis=1)
    level = np.minimum(1 + np.arange(rows) / (rows - 1) * (colours.LEVELS - 2), colours.LEVELS - 1)
    tables = colours.whole_tables()
    some = slice(None, None, max(1, rows // 64))
    distances = np.abs(tables[:, level[some].astype(int)] - seen[some]).mean(axis=(1, 2))
    far = dict(zip(colours.NAMES, distances.tolist(), strict=True))
    best = min(far, key=lambda name: far[name])
    return best if far[best] < LIMITS.near else None


def _time_unit(reader: _Reader) -> float | None:
    line = reader.ink(reader.height - 25, reader.height - 13, 0, reader.width, reader.text)
    return reader.prefix(line, margins.LEFT, "Time", "s")


def _frequency_unit(reader: _Reader) -> float | None:
    upright = reader.ink(0, reader.height, 10, 22, reader.text)[::-1].T  # from the bottom up
    return reader.prefix(upright, margins.BELOW, "Frequency", "Hz")


def _rate(reader: _Reader, channels: int, facts: dict[str, Fact]) -> float | None:
    unit = _frequency_unit(reader)
    for count in dict.fromkeys((channels, *range(1, 9))):
        rows, rest = divmod(reader.rows - (count - 1), count)
        if rest or rows < _FEWEST_ROWS:
            continue
        each = [reader.frequencies(channel, rows) for channel in range(count)]
        top = legend.whole(each[0], rows - 1)
        if top is None or len(each[0]) < 1 or any(other != each[0] for other in each[1:]):
            continue
        note = "SoX's frequency labels"
        exact = LIMITS.sure_of_rate if reader.wrong == 0 and unit is not None else LIMITS.sure_of_damaged
        rate = legend.rate((2 * (unit or 1e3) * top[0], 2 * (unit or 1e3) * top[1]), note, exact)
        if rate is None:
            return None
        facts["sr"] = rate
        sure = LIMITS.sure_of_channels if len(each[0]) > 1 else LIMITS.sure_of_one_label
        facts["channels"] = pixels_fact(count, sure, f"{count} frequency ax{'i' if count == 1 else 'e'}s")
        if count > 1:
            facts["channel_layout"] = pixels_fact("stacked", sure, f"{count} frequency axes")
        return float(rate.value)
    return None


def _time(reader: _Reader, facts: dict[str, Fact]) -> bool:
    unit, pairs = _time_unit(reader), reader.times()
    end = legend.whole(pairs, reader.cols)
    if end is None:
        return False
    sure = LIMITS.sure_of_time if reader.wrong == 0 and unit is not None else LIMITS.sure_of_damaged
    low, high = (limit * (unit or 1.0) for limit in end)
    seconds, beyond = (low + high) / 2, ""
    if high / low > LIMITS.tight:
        sure = LIMITS.sure_of_loose
    sr = facts.get("sr")
    if sr is not None:  # a column is a whole number of samples
        fewest, most = (limit * sr.value / reader.cols for limit in (low, high))
        span = round((fewest + most) / 2)
        if fewest <= span <= most:
            seconds = span * reader.cols / sr.value
        if span < LIMITS.fewest_span:  # SoX takes whole samples a column and leaves the rest out
            sure, beyond = min(sure, LIMITS.sure_of_rest), "; a little may be cut off behind"
    note = f"SoX's time labels: {low:.4g} .. {high:.4g} s{beyond}"
    facts["duration"] = pixels_fact(seconds, sure, note)
    facts["time_extent"] = pixels_fact((0.0, seconds), sure, note)
    return True


def _levels(reader: _Reader, facts: dict[str, Fact]) -> bool:
    told = reader.levels()
    if told is None:
        return False
    low, ranges = told
    # labels of a low bar allow several ranges: people take round ones
    z = max(ranges, key=lambda z: (z == _USUAL_RANGE, z % 10 == 0, z % 5 == 0))
    exact = LIMITS.sure_of_range if reader.wrong == 0 else LIMITS.sure_of_damaged
    sure = exact if len(ranges) == 1 else LIMITS.sure_of_several
    note = "SoX's labels of the colour bar"
    other = next(((float(low), low + r) for r in ranges if r != z), None)
    facts["db_range"] = pixels_fact((float(low), low + z), sure, note, other)
    return True
