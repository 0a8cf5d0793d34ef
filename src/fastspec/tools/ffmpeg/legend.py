"""ffmpeg's legend (showspectrumpic): the rate and the channels' layout, times, frequencies and the scale of levels.

Places are those of avf_showspectrum.c (`draw_legend`) of 4.4 to 7.1; older ones write decibels beside every scale, so
that those say nothing of the scale. Each axis has a number every 40 or 80 pixels, each number two decimals.
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
from fastspec.detect.bitmap_fonts import Plane, sums
from fastspec.detect.evidence import Evidence
from fastspec.detect.legend import pixels_fact
from fastspec.picture.picture import Picture
from fastspec.tools.ffmpeg import colour_bar, margins
from fastspec.tools.ffmpeg.lettering import INK, Lettering, face, some_of

_STEP, _TIME_STEP = 40, 80  # pixels between labels
_LONGEST = 9  # characters of a number
_LAYOUTS = {"mono": 1, "stereo": 2, "downmix": 2, "quad": 4, "hexagonal": 6, "octagonal": 8, "hexadecagonal": 16}
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_SIGNATURE = "CREATED BY LIBAVFILTER"


class Limits(NamedTuple):
    """What the signature and the labels of the axes prove.

    unmeasured: no command repeats the value; how sure labels are is judged by the rows "ffmpeg" of
    `python -m bench.quality.facts CORPUS --draw 400` ("facts").
    """

    unsigned: float = 0.08  # share of the signature's pixels that may be wrong; unmeasured
    frame: int = 140  # of 255: the frame's gray is 200, which JPEG lowers; unmeasured
    framed: float = 0.95  # share of the frame's lines that are as bright; unmeasured
    even: float = 0.02  # Hz beside a part of 100 000, as far as a label may lie from an even axis; unmeasured
    rounding: float = 0.00501  # by which a number of two decimals is rounded; by avf_showspectrum's source
    loose: float = 0.05  # of the duration that labels leave open: hardly read; unmeasured
    open: float = 0.005  # likewise: read, but not exactly; unmeasured
    sure_of_rate: float = 0.97  # read without a wrong pixel; facts
    sure_of_damaged_rate: float = 0.93  # with wrong pixels; facts
    sure_of_time: float = 0.96  # of several labels without a wrong pixel; facts
    sure_of_damaged_time: float = 0.9  # of one label, or with wrong pixels; facts
    sure_of_open: float = 0.85  # of a duration that labels leave open; facts
    sure_of_loose: float = 0.5  # that is hardly read; facts
    sure_of_mono: float = 0.97  # as the layout's name says; facts
    sure_of_axes: float = 0.95  # of channels by their axes; facts


LIMITS = Limits()


def read(picture: Picture, found: Mapping[str, Fact]) -> Evidence:
    """sr, duration, channels, scale, dB range and zoom of a picture with ffmpeg's legend."""
    plane = Plane.of(picture)
    if plane is None:
        return Evidence()
    reader = Lettering(plane, found["plot_area"].value)
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
    if not colour_bar.read_levels(reader, found, facts, remarks):
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
        colour_bar.read_map(reader, picture, facts, remarks)
    if missed:
        remarks.append(f"ffmpeg's labels of {' and '.join(missed)} are not understood; give what they say as options")
    return Evidence(facts, remarks=tuple(remarks), doubt=doubt)


def plot(picture: Picture) -> Box | None:
    """The area within the frame of a picture that says "CREATED BY LIBAVFILTER" below, or None."""
    plane = Plane.of(picture)
    width, height = picture.width, picture.height
    if plane is None or not margins.has_room(width, height):
        return None
    signed = face().drawn(_SIGNATURE)
    line = plane.ink((height - 10, height - 2, 2, 2 + signed.shape[1]), 0, INK)
    if line.shape != signed.shape or (line != signed).mean() > LIMITS.unsigned:
        return None
    bright = plane.part(margins.ABOVE - 1, margins.ABOVE, 0, width)[0] > LIMITS.frame
    first = margins.LEAST_SIDE
    side = first + int(np.argmax(bright[first - 1 :]))  # the upright title may lie left of it
    if not margins.is_side(side) or bright[side - 1 : width - side].mean() < LIMITS.framed:
        return None
    column = plane.part(margins.ABOVE, height - margins.ABOVE, side - 1, side) > LIMITS.frame
    return margins.plot(width, height, side) if column.mean() >= LIMITS.framed else None


def _lying(reader: Lettering) -> Evidence:
    """orientation=horizontal: time runs downwards, which no other room can read."""
    facts: dict[str, Fact] = {}
    _sound(reader, facts)
    left, top, right, bottom = reader.box
    rate = f" and --sr {facts['sr'].value}" if "sr" in facts else ""
    return Evidence(
        facts,
        doubt="in this picture of ffmpeg's (orientation=horizontal) time runs downwards; cut it to columns "
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


def _sound(reader: Lettering, facts: dict[str, Fact]) -> str | None:
    """The rate, as a fact, and the name of the channels' layout."""
    told = reader.right(reader.height - 10, r"(\d{1,7}) Hz \| ([a-z0-9.()? -]+)")
    if told is None or not int(told[1]):
        return None
    sure = LIMITS.sure_of_rate if reader.wrong == 0 else LIMITS.sure_of_damaged_rate
    facts["sr"] = pixels_fact(int(told[1]), sure, f"ffmpeg's legend says {told[1]} Hz | {told[2]}")
    return told[2]


def _times(reader: Lettering, facts: dict[str, Fact]) -> bool:
    best: list[tuple[float, float]] = []
    for top in (reader.box[3] + 6, reader.box[1] - 12):
        line = reader.line(top)
        inked = sums(line)
        intervals: list[tuple[float, float]] = []
        for x in some_of(range(_TIME_STEP, reader.w, _TIME_STEP)):
            text, wrong = reader.font.centred(line, inked, reader.box[0] + x, _LONGEST)
            told = re.fullmatch(r"(\d+\.\d\d)([smh])", text)
            if told:
                value, unit = float(told[1]), _UNITS[told[2]]
                scale = unit * reader.w / x
                intervals.append(((value - LIMITS.rounding) * scale, (value + LIMITS.rounding) * scale))
                reader.wrong += wrong
        best = max(best, intervals, key=len)
        if len(best) > 1:
            break
    shared = legend.common(best)
    if shared is None or not shared[1] > 0:
        return False
    shared = max(shared[0], 0.0), shared[1]  # labels of 0.00 are rounded: of a sound too short for them
    seconds = (shared[0] + shared[1]) / 2
    if "sr" in facts:
        seconds = max(1, round(seconds * facts["sr"].value)) / facts["sr"].value
    off = (shared[1] - shared[0]) / 2 / seconds
    if off > LIMITS.open:
        sure = LIMITS.sure_of_loose if off > LIMITS.loose else LIMITS.sure_of_open
    else:
        sure = LIMITS.sure_of_time if len(best) > 1 and reader.wrong == 0 else LIMITS.sure_of_damaged_time
    note = f"ffmpeg's time labels: {shared[0]:.4f} .. {shared[1]:.4f} s"
    facts["duration"] = pixels_fact(seconds, sure, note)
    return True


def _channels(
    reader: Lettering, layout: str, ends: tuple[float, float], facts: dict[str, Fact], remarks: list[str]
) -> None:
    """How many channels the picture shows: as many as there are frequency axes."""
    count = _count(layout)
    if count is None:
        return
    note = f"ffmpeg's legend says {layout}"
    if count == 1:
        facts["channels"] = pixels_fact(1, LIMITS.sure_of_mono, note)
    elif _separate(reader, count, ends):
        facts["channels"] = pixels_fact(count, LIMITS.sure_of_axes, f"{note}, each with its own axis")
        facts["channel_layout"] = pixels_fact("stacked", LIMITS.sure_of_axes, f"{note}, each with its own axis")
        left, top, right, bottom = reader.box
        if reader.h % count:  # rows that no channel fills
            box = (left, top + reader.h % count, right, bottom)
            facts["plot_area"] = pixels_fact(
                box, LIMITS.sure_of_axes, "ffmpeg's frame, without the rows that no channel fills"
            )
    elif any(_rising(_label(reader, reader.h, 1, 0, up), up, reader.h, ends) for up in (_STEP, 2 * _STEP)):
        facts["channels"] = pixels_fact(1, LIMITS.sure_of_axes, f"{note}, on one axis")
        remarks.append(
            f"ffmpeg has mixed the colours of {count} channels ({layout}, mode=combined): where they differ, levels "
            "are wrong; draw it with mode=separate, or of one channel"
        )


def _separate(reader: Lettering, count: int, ends: tuple[float, float]) -> bool:
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
        abs(label - (low + up * (high - low) / rows)) < LIMITS.even + 1e-5 * high
        for rows in (tall, 1 << math.ceil(math.log2(max(tall, 2))))
    )


def _label(reader: Lettering, tall: int, count: int, channel: int, up: int) -> float | None:
    """The frequency `up` rows above the lowest of a channel, of `count` of `tall` rows each; None if unreadable."""
    odd = 1 if count == 1 else 1 - reader.h % count
    top = tall * (channel + 1) + reader.box[1] - up - 4 - odd
    text = reader.at(top, reader.box[0] - 4 - 8 * _LONGEST, _LONGEST).strip()
    if text == "DC":
        return 0.0
    return float(text) if re.fullmatch(r"\d+\.\d\d", text) else None


def _frequencies(
    reader: Lettering, ends: tuple[float, float], facts: Mapping[str, Fact], remarks: list[str], missed: list[str]
) -> None:
    """Whether frequencies rise evenly."""
    count = int(facts["channels"].value) if "channels" in facts else 1
    tall = reader.h // count
    ups = some_of(range(0, tall, _STEP))
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
