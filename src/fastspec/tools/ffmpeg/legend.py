"""ffmpeg's legend (showspectrumpic): the rate and the channels' layout, times, frequencies and the scale of levels.

Places are those of avf_showspectrum.c (`draw_legend`) of 4.4 to 7.1; older ones write decibels beside every scale, so
that those say nothing of the scale. Each axis has a number every 40 or 80 pixels, each number two decimals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.facts import Fact
from fastspec.detect import legend
from fastspec.detect.bitmap_fonts import Font, Plane, font, sums
from fastspec.detect.legend import Legend, pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.ffmpeg import colours

_INK = 127  # text is the inverse of the black paper
_ABOVE = 64  # rows above and below the plot
_STEP, _TIME_STEP, _LEVEL_STEP = 40, 80, 25  # pixels between labels
_ENOUGH = 10  # labels of an axis that are read
_LONGEST = 9  # characters of a number
_LAYOUTS = {"mono": 1, "stereo": 2, "downmix": 2, "quad": 4, "hexagonal": 6, "octagonal": 8, "hexadecagonal": 16}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_ROOTS = {1: "lin", 2: "sqrt", 3: "cbrt", 4: "4thrt", 5: "5thrt"}
_SAMPLES = 64  # rows of the colour bar that are compared
_NEAR, _OTHER = 4.0, 9.0  # of 255: how far the colour bar lies from its map; from all maps, if it has other colours
_SIGNATURE, _UNSIGNED = "CREATED BY LIBAVFILTER", 0.08  # share of its pixels that may be wrong
_FRAME = 140  # the frame's gray is 200, which JPEG lowers
_SIDES = (90, 170)  # columns left and right of the plot, for rates of 1 kHz to 1 MHz
_VISIBLE = 0.003  # share of the scale below which its lower end does not matter


def face() -> Font:
    """The font of its legends."""
    return font("ffmpeg", columns=8, pitch=8)


class _Reader:
    """One picture's legend."""

    def __init__(self, plane: Plane, box: tuple[int, int, int, int]) -> None:
        self.plane, self.box = plane, box
        self.height, self.width = plane.pixels.shape[:2]
        self.w, self.h = box[2] - box[0], box[3] - box[1]
        self.font: Font = face()
        self.wrong = 0

    def line(self, top: int, left: int = 0, right: int | None = None) -> NDArray[np.bool_]:
        """Eight rows of ink; what lies left or right of the picture is left out."""
        return self.plane.ink((top, top + 8, left, self.width if right is None else right), 0, _INK)

    def at(self, top: int, x: int, count: int) -> str:
        """`count` characters from (x, top) on."""
        text, wrong = self.font.read(self.line(top, x, x + 8 * count), 0, count)
        self.wrong += wrong
        return text

    def shows(self, top: int, x: int, text: str) -> bool:
        """Whether just this text stands at (x, top)."""
        return x >= 0 and self.at(top, x, len(text)) == text

    def right(self, top: int, pattern: str) -> re.Match[str] | None:
        """The text that ends a line, where ffmpeg reckons ten pixels a character but writes them eight apart."""
        line = self.line(top)
        inked = sums(line)
        for count in range(8, 60):
            x = self.width - 2 - 10 * count
            if x < 0:
                return None
            if inked[x + 8] > inked[x] and inked[x] == inked[max(x - 8, 0)]:  # a text may begin here
                text, wrong = self.font.read(line, x, count)
                match = re.fullmatch(pattern, text)
                if match:
                    self.wrong += wrong
                    return match
        return None

    def bar(self, picture: Picture) -> NDArray[np.float32]:
        """The colours of the bar, the lowest first: (h, 3)."""
        right = self.box[2]
        part = Picture(picture.pixels[self.box[1] : self.box[3], right + 22 : right + 28], picture.palette)
        return np.asarray(part.rgb()[::-1].mean(axis=1, dtype=np.float32))


def read(picture: Picture, found: Mapping[str, Fact]) -> Legend:
    """sr, duration, channels, scale, dB range and zoom of a picture with ffmpeg's legend."""
    plane = Plane.of(picture)
    if plane is None:
        return Legend()
    reader = _Reader(plane, found["plot_area"].value)
    if reader.shows(reader.height - 32, reader.width // 2 - 56, "FREQUENCY (Hz)"):
        return _lying(reader)
    facts: dict[str, Fact] = {}
    remarks: list[str] = []
    missed: list[str] = []
    layout = _sound(reader, facts)
    if layout is None:
        missed.append("rate and channels")
    if not _times(reader, facts):
        missed.append("times")
    zoom = reader.right(3, r"Zoom: (\d+) Hz - (\d+) Hz")
    low, high = (float(zoom[1]), float(zoom[2])) if zoom else (0.0, facts["sr"].value // 2 if "sr" in facts else 0.0)
    if layout is not None:
        _channels(reader, layout, (low, high), facts, remarks)
    if not _levels(reader, found, facts, remarks):
        missed.append("levels")
    if high > low:
        _frequencies(reader, (low, high), facts, remarks, missed)
    doubt = None
    if zoom:
        doubt = (
            f"ffmpeg has drawn {low:g} to {high:g} Hz only (options start and stop), which fastspec cannot put back "
            "in place; draw it without them"
        )
    if "cmap" not in found:
        _colours(reader, picture, facts, remarks)
    if missed:
        remarks.append(f"ffmpeg's labels of {' and '.join(missed)} are not understood; give what they say as options")
    return Legend(facts, tuple(remarks), doubt)


def plot(picture: Picture) -> tuple[int, int, int, int] | None:
    """The area within the frame of a picture that says "CREATED BY LIBAVFILTER" below, or None."""
    plane = Plane.of(picture)
    width, height = picture.width, picture.height
    if plane is None or height < 2 * _ABOVE + 8 or width < 2 * _SIDES[0] + 8:
        return None
    signed = face().drawn(_SIGNATURE)
    line = plane.ink((height - 10, height - 2, 2, 2 + signed.shape[1]), 0, _INK)
    if line.shape != signed.shape or (line != signed).mean() > _UNSIGNED:
        return None
    bright = plane.part(_ABOVE - 1, _ABOVE, 0, width)[0] > _FRAME
    side = _SIDES[0] + int(np.argmax(bright[_SIDES[0] - 1 :]))  # the upright title may lie left of it
    column = plane.part(_ABOVE, height - _ABOVE, side - 1, side) > _FRAME
    if not _SIDES[0] <= side <= _SIDES[1] or bright[side - 1 : width - side].mean() < 0.95 or column.mean() < 0.95:
        return None
    return side, _ABOVE, width - side, height - _ABOVE


def _some(places: range) -> list[int]:
    """Some of many places, evenly; the first and the last among them."""
    if len(places) <= _ENOUGH:
        return list(places)
    return [places[i] for i in sorted({round(k * (len(places) - 1) / (_ENOUGH - 1)) for k in range(_ENOUGH)})]


def _lying(reader: _Reader) -> Legend:
    """orientation=horizontal: time runs downwards, which no other room can read."""
    facts: dict[str, Fact] = {}
    _sound(reader, facts)
    left, top, right, bottom = reader.box
    rate = f" and --sr {facts['sr'].value}" if "sr" in facts else ""
    return Legend(
        facts,
        (),
        "in this picture of ffmpeg's (orientation=horizontal) time runs downwards; cut it to columns "
        f"{left} .. {right - 1} and rows {top} .. {bottom - 1}, turn that by 90 degrees counterclockwise and decode it "
        f"with --profile ffmpeg{rate}",
    )


def _count(layout: str) -> int | None:
    """Channels of a layout's name."""
    if layout in _LAYOUTS:
        return _LAYOUTS[layout]
    parts = re.fullmatch(r"(\d+) channels?|(\d)\.(\d)(?:\.(\d))?", re.sub(r"\(.*\)", "", layout))
    if parts is None:
        return _LAYOUTS.get(re.sub(r"\(.*\)", "", layout))
    return int(parts[1]) if parts[1] else sum(int(part) for part in parts.groups()[1:] if part)


def _sound(reader: _Reader, facts: dict[str, Fact]) -> str | None:
    """The rate, as a fact, and the name of the channels' layout."""
    told = reader.right(reader.height - 10, r"(\d{1,7}) Hz \| ([a-z0-9.()? -]+)")
    if told is None or not int(told[1]):
        return None
    sure = 0.97 if reader.wrong == 0 else 0.93
    facts["sr"] = pixels_fact(int(told[1]), sure, f"ffmpeg's legend says {told[1]} Hz | {told[2]}")
    return told[2]


def _times(reader: _Reader, facts: dict[str, Fact]) -> bool:
    best: list[tuple[float, float]] = []
    for top in (reader.box[3] + 6, reader.box[1] - 12):
        line = reader.line(top)
        inked = sums(line)
        intervals: list[tuple[float, float]] = []
        for x in _some(range(_TIME_STEP, reader.w, _TIME_STEP)):
            text, wrong = reader.font.centred(line, inked, reader.box[0] + x, _LONGEST)
            told = re.fullmatch(r"(\d+\.\d\d)([smh])", text)
            if told:
                value, unit = float(told[1]), _UNITS[told[2]]
                scale = unit * reader.w / x
                intervals.append(((value - 0.00501) * scale, (value + 0.00501) * scale))
                reader.wrong += wrong
        best = max(best, intervals, key=len)
        if len(best) > 1:
            break
    shared = legend.common(best)
    if shared is None or not shared[1] > 0:
        return False
    seconds = (shared[0] + shared[1]) / 2
    if "sr" in facts:
        seconds = max(1, round(seconds * facts["sr"].value)) / facts["sr"].value
    off = (shared[1] - shared[0]) / 2 / seconds
    sure = 0.5 if off > 0.05 else 0.85 if off > 0.005 else 0.96 if len(best) > 1 and reader.wrong == 0 else 0.9
    note = f"ffmpeg's time labels: {shared[0]:.4f} .. {shared[1]:.4f} s"
    facts["duration"] = pixels_fact(seconds, sure, note)
    return True


def _channels(
    reader: _Reader, layout: str, ends: tuple[float, float], facts: dict[str, Fact], remarks: list[str]
) -> None:
    """How many channels the picture shows: as many as there are frequency axes."""
    count = _count(layout)
    if count is None:
        return
    note = f"ffmpeg's legend says {layout}"
    if count == 1:
        facts["channels"] = pixels_fact(1, 0.97, note)
    elif _separate(reader, count, ends):
        facts["channels"] = pixels_fact(count, 0.95, f"{note}, each with its own axis")
        facts["channel_layout"] = pixels_fact("stacked", 0.95, f"{note}, each with its own axis")
        left, top, right, bottom = reader.box
        if reader.h % count:  # rows that no channel fills
            box = (left, top + reader.h % count, right, bottom)
            facts["plot_area"] = pixels_fact(box, 0.95, "ffmpeg's frame, without the rows that no channel fills")
    elif any(_rising(_label(reader, reader.h, 1, 0, up), up, reader.h, ends) for up in (_STEP, 2 * _STEP)):
        facts["channels"] = pixels_fact(1, 0.95, f"{note}, on one axis")
        remarks.append(
            f"ffmpeg has mixed the colours of {count} channels ({layout}, mode=combined): where they differ, levels "
            "are wrong; draw it with mode=separate, or of one channel"
        )


def _separate(reader: _Reader, count: int, ends: tuple[float, float]) -> bool:
    """Whether each channel has an axis. Labels of neighbours may overlap, so that any that can be read will do."""
    tall = reader.h // count
    for up in range(0, min(tall, 4 * _STEP), _STEP):
        first, second = (_label(reader, tall, count, channel, up) for channel in (0, 1))
        if first is not None and (first == second or (up and _rising(first, up, tall, ends))):
            return True
    return False


def _rising(label: float | None, up: int, tall: int, ends: tuple[float, float]) -> bool:
    """Whether a label `up` rows above the lowest is that of an even axis of `tall` rows; 4.x divides by the next power
    of two, not by the height."""
    if label is None:
        return False
    low, high = ends
    return any(
        abs(label - (low + up * (high - low) / rows)) < 0.02 + 1e-5 * high
        for rows in (tall, 1 << math.ceil(math.log2(max(tall, 2))))
    )


def _label(reader: _Reader, tall: int, count: int, channel: int, up: int) -> float | None:
    """The frequency `up` rows above the lowest of a channel, of `count` of `tall` rows each; None if unreadable."""
    odd = 1 if count == 1 else 1 - reader.h % count
    top = tall * (channel + 1) + reader.box[1] - up - 4 - odd
    text = reader.at(top, reader.box[0] - 4 - 8 * _LONGEST, _LONGEST).strip()
    if text == "DC":
        return 0.0
    return float(text) if re.fullmatch(r"\d+\.\d\d", text) else None


def _frequencies(
    reader: _Reader, ends: tuple[float, float], facts: Mapping[str, Fact], remarks: list[str], missed: list[str]
) -> None:
    """Whether frequencies rise evenly."""
    count = int(facts["channels"].value) if "channels" in facts else 1
    tall = reader.h // count
    ups = _some(range(0, tall, _STEP))
    labels = [(up, _label(reader, tall, count, 0, up)) for up in ups]
    known = [(up, value) for up, value in labels if value is not None and up]
    if not known:
        if len(ups) > 1:
            missed.append("frequencies")
    elif not any(_rising(value, up, tall, ends) for up, value in known):
        remarks.append(
            "frequencies of this picture do not rise evenly (ffmpeg's fscale=log): fastspec reads its rows as even, so "
            "pitches are bent; draw it with fscale=lin"
        )


def _levels(reader: _Reader, found: Mapping[str, Fact], facts: dict[str, Fact], remarks: list[str]) -> bool:
    """The scale's profile and, of a logarithmic one, the range, by the numbers beside the colour bar."""
    x = reader.box[2] + 35
    texts = [(y, reader.at(reader.box[1] + y - 3, x, 8).strip()) for y in _some(range(0, reader.h + 5, _LEVEL_STEP))]
    texts = [(y, text) for y, text in texts if text and "?" not in text]
    count = int(facts["channels"].value) if "channels" in facts else 1
    # channels that have a bar each, the first one's with numbers
    tall = reader.h if texts and texts[-1][0] >= reader.h // count + 5 else reader.h // count
    if len(texts) < 2 or texts[0][0] != 0:
        old = reader.at(reader.box[1] - 5, x, 6).strip()
        return re.fullmatch(r"-?0 dB", old) is not None
    sure = found["profile"].confidence
    if all(re.fullmatch(r"-?\d+", text) for _, text in texts):
        facts["profile"] = pixels_fact("ffmpeg", max(sure, 0.96), "ffmpeg's legend, scale in dBFS")
        return _decibels(reader, tall, [(y, int(text)) for y, text in texts], facts)
    if not all(re.fullmatch(r"\d+\.\d{3}", text) for _, text in texts):
        return False
    share = np.array([max(0.0, 1 - y / (tall - 1)) for y, _ in texts])
    values = np.array([float(text) for _, text in texts])
    fits = {root: _fit(share**root, values) for root in _ROOTS}
    ranked = sorted(_ROOTS, key=lambda root: fits[root][0])
    best = ranked[0]
    worst, floor = fits[best]
    if worst > 0.0012 * max(values[0], 1.0) or fits[ranked[1]][0] < 3 * max(worst, 0.0005):
        return False
    name = f"ffmpeg-{_ROOTS[best]}"
    facts["profile"] = pixels_fact(name, max(sure, 0.95), f"ffmpeg's legend, scale={_ROOTS[best]}")
    if floor > _VISIBLE:
        remarks.append(
            f"the scale of levels begins at {floor:.2g} of its end (ffmpeg's drange), below which the picture shows "
            "nothing: quiet sounds are lost"
        )
    return True


def _fit(x: NDArray[np.float64], values: NDArray[np.float64]) -> tuple[float, float]:
    """Largest error of a straight line through the values, and where it begins, as a share of where it ends."""
    slope, start = np.polyfit(x, values, 1)
    return float(np.abs(slope * x + start - values).max()), float(start / max(slope + start, 1e-9))


def _decibels(reader: _Reader, tall: int, labels: Sequence[tuple[int, int]], facts: dict[str, Fact]) -> bool:
    high = labels[0][1]
    spans = []
    for y, value in labels[1:]:
        share = min(1.0, y / (tall - 1))
        spans.append(((high - value - 0.501) / share, (high - value + 0.501) / share))
    shared = legend.common(spans)
    if shared is None:
        return False
    span: Any = legend.roundest(max(shared[0], 10.0), min(shared[1], 200.0))
    if span is None:
        span = (shared[0] + shared[1]) / 2
    tight = shared[1] - shared[0] < 2.5
    sure = (0.96 if reader.wrong == 0 else 0.9) if tight else 0.8
    note = f"ffmpeg's labels of the colour bar: {shared[0]:.1f} .. {shared[1]:.1f} dB"
    facts["db_range"] = pixels_fact((float(high - span), float(high)), sure, note)
    return True


def _colours(reader: _Reader, picture: Picture, facts: dict[str, Fact], remarks: list[str]) -> None:
    """The map of the colour bar, for pictures whose colours are no longer exact."""
    share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    rows = (share * reader.h).astype(int)
    seen, (names, tables) = reader.bar(picture)[rows], _bars()
    distances = np.abs(tables - seen).mean(axis=(1, 2))
    far = dict(zip(names, distances.tolist(), strict=True))
    best, second, *_ = sorted(far, key=lambda name: far[name])
    if far[best] < _NEAR and far[second] > far[best] + 2.0:
        facts["cmap"] = pixels_fact(best, 0.95, "ffmpeg's colour bar")
    elif far[best] > _OTHER:
        remarks.append(
            "the colour bar has none of ffmpeg's maps (saturation, rotation or a colour for each channel): levels are "
            "read with the nearest map"
        )


@lru_cache(maxsize=1)
def _bars() -> tuple[list[str], NDArray[np.float32]]:
    """Names of ffmpeg's maps, and the colours (maps, samples, 3) of their bars, the lowest first."""
    tables = [colours.table(name) for name in colours.NAMES]
    share = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    return list(colours.NAMES), np.stack([table[(share * len(table)).astype(int)] for table in tables]).astype(
        np.float32
    )
