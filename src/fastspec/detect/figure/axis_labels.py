"""Facts of a whole figure: plot area, and what tick marks and their numbers tell about time, frequency and decibels."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.detect import rates
from fastspec.detect.figure import subpixel_box
from fastspec.detect.figure.plots import Figure, Plot, find_figure
from fastspec.detect.figure.ticks import Fit, Side, factor_beside, fit, read_side
from fastspec.picture.picture import Picture

# Relative distance of the axis' top from half the rate: pixels, half a bin, and half a band of a mel axis.
_NEAR = {"octaves": (-0.012, 0.012), "linear": (-0.012, 0.012), "log": (-0.025, 0.025), "mel": (-0.02, 0.04)}
_LOWEST_TOP, _HIGHEST_TOP = 1900.0, 200_000.0  # Hz that the view reaches
_BLURRED = 0.2  # mean distance of glyphs beyond which a point may be lost or an 8 be a 0
_SECOND = 0.3  # a second picture of this share of the first's size makes two
_LOUDEST = 300.0  # decibels from 0 that a colour bar shows at most
_BAR_SPAN = 20.0  # decibels that a colour bar of loudness spans at least
_C1 = 32.703  # Hz
_CUT = {"linear": 0.008, "log": 0.001, "mel": 0.004}  # of the top: a bottom above it is no end of cells
_BEFORE = 0.5  # seconds before the sound that a view begins at most
_HALF_FRAME = 0.007  # of the duration
_MINUTES = 180.0  # seconds
_SECONDS_LONG = 24 * 3600.0


@dataclass
class _Findings:
    """Facts and sentences gathered so far."""

    facts: dict[str, Fact] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    strange: str = ""  # what no spectrogram's axes show
    unusual: bool = False  # what few spectrograms' axes show

    def add(self, name: str, value: object, confidence: float, note: str, alternative: object = None) -> None:
        """State one fact."""
        self.facts[name] = Fact(value, "pixels", confidence, note, alternative)

    def weaken(self, why: str) -> None:
        """Trust what depends on the borders of the data less."""
        for name in self.facts.keys() & {"duration", "sr", "fmax"}:
            fact = self.facts[name]
            self.facts[name] = replace(fact, confidence=min(fact.confidence, 0.5), note=f"{fact.note}; {why}")


def read_figure(picture: Picture, known: Calibration) -> Calibration:
    """plot_area, plot_hidden, plot_offsets, duration, sr, freq_scale, origin, fmin, fmax and db_range of a figure.

    As far as it shows them; nothing for a picture without margins. Two spectrograms in one figure are remarked; no area
    is stated then.
    """
    found = find_figure(picture.rgb())
    if found is None:
        return Calibration()
    findings = _Findings()
    if "plot_area" in known:
        plots = [plot for plot in found.images if _close(plot.box, known["plot_area"])]
        if not plots:
            return Calibration()
    else:
        plots = [plot for plot in found.images if plot.size >= _SECOND * found.images[0].size]
        if len(plots) > 1:
            boxes = " and ".join(",".join(map(str, plot.box)) for plot in plots[:4])
            what = (
                f"{len(plots)} pictures in one figure, at {boxes}: choose the spectrogram to decode with "
                f"--crop LEFT TOP RIGHT BOTTOM"
            )
            return Calibration(picture={"doubt": what})
    if not plots:
        return Calibration()
    plot = plots[0]
    sides = {side: read_side(found, plot, side, titled=side == "bottom") for side in ("left", "bottom")}
    known_margin = bool(plot.frame or any(side.marks for side in sides.values()) or max(found.background) > 250)
    if not known_margin:
        return Calibration()  # a dark uniform border may be silence
    if plot.ragged and min(max(len(side.marks), len(side.ticks)) for side in sides.values()) < 2:
        return Calibration()
    plot, doubt = _without_room(plot, sides)
    confidence = 0.6 if plot.ragged or doubt else 0.9 if plot.frame else 0.8
    findings.add("plot_area", plot.box, confidence, "the frame" if plot.frame else "the edge of the margin")
    if any(plot.hidden):
        findings.add("plot_hidden", plot.hidden, confidence, "the frame's lines")
    if not (doubt or plot.ragged or any(plot.empty)) and known.get("plot_area", plot.box) == plot.box:
        _offsets(findings, picture, plot)
    described: dict[str, object] = {}
    _frequency(findings, found, plot, _side_of(found, plot, sides["left"], "right"))
    _time(findings, plot, _side_of(found, plot, sides["bottom"], "top"))
    if doubt or plot.ragged:
        findings.weaken("the view may reach beyond the sound")
    told = known.get("duration")
    if "duration" in findings.facts and told and abs(findings.facts["duration"].value / told - 1) < 0.02:
        del findings.facts["duration"]  # what was given says it more exactly
        described["axes"] = "time as given"
    bar = found.bar_of(plot)
    if bar is not None:
        described["colour_bar"] = bar.box
        _decibels(findings, found, plot, bar)
    if findings.strange and told is None:
        described["doubt"] = findings.strange
    if findings.unusual:
        described["axes"] = "unusual"
    return Calibration(findings.facts, described, tuple(findings.remarks))


def _offsets(findings: _Findings, picture: Picture, plot: Plot) -> None:
    found = subpixel_box.fractional(plot.box, picture.width, picture.height, picture.info)
    if found is not None and any(found[0]):
        findings.add("plot_offsets", *found)


def _without_room(plot: Plot, sides: dict[str, Side]) -> tuple[Plot, bool]:
    """The plot without the room that round limits leave between frame and data; whether there may be some, unseen.

    Such an axis ends at a tick mark. Paper at one border alone, without one, is silence.
    """
    left, top, right, bottom = plot.box
    wide, doubt, room = 0.03 * (right - left), False, [0, 0, 0, 0]
    for k, (name, border) in enumerate((("bottom", left), ("left", top), ("bottom", right), ("left", bottom))):
        places = [*sides[name].marks, *(tick.position for tick in sides[name].ticks)]
        at_mark = min((abs(place - border) for place in places), default=9.0) <= 2.5
        if plot.empty[k] and at_mark:
            room[k] = plot.empty[k] if plot.solid else 0
            doubt = doubt or not plot.solid
    if not any(room) and max(plot.empty[0], plot.empty[2]) > wide:
        doubt = doubt or plot.solid or min(plot.empty[0], plot.empty[2]) > wide
    box = (left + room[0], top + room[1], right - room[2], bottom - room[3])
    return replace(plot, box=box, empty=(room[0], room[1], room[2], room[3])), doubt


def _close(box: tuple[int, ...], given: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(box, given, strict=True)) <= 3


def _side_of(figure: Figure, plot: Plot, usual: Side, other: str) -> Side:
    return usual if usual.ticks or usual.unread else read_side(figure, plot, other)


def _trust(line: Fit, side: Side) -> float:
    """How sure labels are: three that are clear and fit to a third of a pixel cannot do so by chance."""
    agreed = line.used / max(1, len(side.ticks) + side.unread)
    return (
        (0.9 if line.used >= 3 else 0.55)
        * (1.0 if side.doubt < _BLURRED else 0.6)
        * (1.0 if line.misfit < 0.5 else 0.85)
        * (0.7 + 0.3 * min(1.0, agreed))
    )


def _frequency(findings: _Findings, figure: Figure, plot: Plot, side: Side) -> None:
    if not side.ticks and not side.unread:
        return
    units = {tick.unit for tick in side.ticks if tick.value} - {""}
    largest = max((tick.value for tick in side.ticks), default=0.0)
    kilo = bool(units & {"k", "kHz"}) or (1.5 < largest < 100 and not units)
    ticks = [replace(tick, value=tick.value * 1000) for tick in side.ticks] if kilo else side.ticks
    decades = len(ticks) > 1 and all(tick.unit == "^" for tick in ticks)
    line = fit(ticks, ("octaves",) if decades else ("linear", "log", "mel", "octaves"))
    if line is not None and line.scale == "linear" and line.at(plot.box[1]) < _LOWEST_TOP:
        power = factor_beside(figure, plot)
        if power != 1.0:
            ticks = [replace(tick, value=tick.value * power) for tick in ticks]
            line = fit(ticks)
    if line is None:
        findings.remarks.append("the labels of the frequency axis were not understood")
        return
    trust = _trust(line, side)
    ends = plot.box[1], plot.box[3]
    if line.at(ends[0]) < line.at(ends[1]):
        ends = ends[::-1]
        note = f"labels of the axis, from {line.at(ends[1]):.0f} at the top to {line.at(ends[0]):.0f} at the bottom"
        findings.add("origin", "upper", 0.95 * trust, note)
    top, bottom, pixel = line.at(ends[0]), line.at(ends[1]), line.pixel(ends[0])
    if not _LOWEST_TOP <= top <= _HIGHEST_TOP:
        findings.remarks.append(f"the vertical axis ends at {top:g}, which is no frequency in Hz or kHz")
        return
    note = f"labels of the axis, up to {top:.0f} Hz"
    # between labels of octaves alone, constant Q and librosa's log axis look the same; the former begins at C1
    scale = "log" if line.scale == "octaves" and line.rival == "log" and abs(bottom / _C1 - 1) > 0.1 else line.scale
    cut = bottom > max(2 * line.pixel(ends[1]), _CUT.get(scale, np.inf) * top) and not decades
    if decades:  # librosa's axes are labelled in octaves; this is an STFT on a plain logarithmic axis
        findings.add("freq_scale", "log", 0.9 * trust, "labels in powers of ten")
        findings.add("linthresh", min(1.0, bottom), 0.9 * trust, "labels in powers of ten")
        findings.add("fmin", round(bottom, 3), 0.9 * trust, "the lower end of the axis")
    elif scale == "octaves":
        findings.add("freq_scale", "cqt", 0.6 * trust, "labels of an axis in octaves", "log")
        return
    elif line.used >= 3:
        rival = line.rival if line.rival in ("linear", "log", "mel") and line.rival != scale else None
        findings.add("freq_scale", scale, trust if rival is None else 0.6, "labels of the axis", rival)
    if cut and scale == "mel":
        findings.remarks.append(
            f"the view begins at {bottom:.0f} Hz; mel bands below are not shown, pitches are unsure"
        )
    elif cut:
        findings.add("fmin", round(bottom, 1), 0.9 * trust, f"labels of the axis, from {bottom:.0f} Hz")
    low, high = _NEAR[scale]
    slack = pixel / top
    near = [r for r in rates.USUAL if low - slack <= 2 * top / r - 1 <= high + slack]
    if near:
        rate = min(near, key=lambda r: abs(2 * top / r - 1))
        # a view cut at a round frequency looks like a lower rate; a mel bank often ends below half the rate
        odd = cut or (scale == "mel" and rate not in (22050, 44100))
        findings.add("sr", rate, (0.6 if odd else 0.95) * trust, note)
        return
    above = [r for r in rates.USUAL if r >= 2 * top] or [int(2 * top) + 1]
    findings.add("sr", above[0], 0.3, f"at least twice the {top:.0f} Hz of the axis", above[1] if above[1:] else None)
    findings.add("fmax", top, 0.8 * trust, "labels of the axis")
    findings.unusual = True
    findings.remarks.append(f"the frequency axis ends at {top:.0f} Hz, not at half a usual sample rate; give --sr")


def _time(findings: _Findings, plot: Plot, side: Side) -> None:
    if not side.ticks and not side.unread:
        return
    line = fit(side.ticks)
    if line is None:
        findings.remarks.append("the labels of the time axis were not understood")
        return
    start, end, pixel = line.at(plot.box[0]), line.at(plot.box[2]), line.pixel(plot.box[2])
    title = side.title.lower().replace("1", "i").replace("l", "i")
    units = {tick.unit for tick in side.ticks if tick.value} - {""}
    thousandths = "ms" in title or "mii" in title or "ms" in units
    minutes = "min" in title and ":" not in units
    seconds = (
        bool(units & {"s", "ms", ":"}) or minutes or any(word in title for word in ("sec", "(s", "[s", "/ s", "ms"))
    )
    said = seconds or "me" in title.replace(" ", "")[:5]
    if "ram" in title or (not said and "freq_scale" not in findings.facts):
        findings.remarks.append("the horizontal axis seems to count frames, not seconds; give --duration")
        return
    if thousandths:
        start, end, pixel = start / 1000, end / 1000, pixel / 1000
    elif minutes:
        start, end, pixel = 60 * start, 60 * end, 60 * pixel
    if not 0 < end - start < _SECONDS_LONG:
        return
    doubtful = end - start > _MINUTES and not seconds  # minutes are mostly written 1:30; these may be milliseconds
    # Frames may begin half a window after the sound, and end as much before it.
    whole = abs(start) < 0.1 * (end - start) and abs(start) < 0.5
    duration = end + max(start, 0.0) if whole else end - start
    confidence = (
        _trust(line, side) * (0.3 if doubtful else 1.0 if said else 0.6) * (1.0 if 2 * pixel < 0.02 * duration else 0.7)
    )
    note = f"labels of the axis, {start:.4g} to {end:.4g} s"
    # The edge of the view and the end of the sound may be half a frame apart; librosa's views begin as much before 0.
    if whole and -start > _HALF_FRAME * duration:
        confidence *= 0.8
        note += f", known to {-start:.2g} s"
    elif duration < 1.0:
        confidence *= 0.9
    findings.add("duration", round(duration, 4), confidence, note)
    if start < -max(_BEFORE, 0.1 * (end - start)):
        findings.strange = f"its horizontal axis runs from {start:.3g} to {end:.3g}, which is no time in a sound"
    if not whole:
        findings.remarks.append(f"the view begins at {start:.2f} s; the sound will begin there")


def _decibels(findings: _Findings, figure: Figure, plot: Plot, bar: Plot) -> None:
    left, top, right, bottom = bar.box
    upright = bottom - top > right - left
    beyond = right > plot.box[2] if upright else bottom > plot.box[3]  # labels stand away from the plot
    usual, other = ("right", "left") if upright else ("bottom", "top")
    if not beyond:
        usual, other = other, usual
    side = read_side(figure, bar, usual)
    if len(side.ticks) < 2:
        side = max(side, read_side(figure, bar, other), key=lambda s: len(s.ticks))
    line = fit(side.ticks)
    if line is None:
        if side.marks:
            findings.remarks.append("the labels of the colour bar were not understood; give --db-range")
        return
    low, high = (line.at(bottom), line.at(top)) if upright else (line.at(left), line.at(right))
    units = {tick.unit for tick in side.ticks}
    if not low < high or low < -_LOUDEST or high > _LOUDEST or (high - low < _BAR_SPAN and "dB" not in units):
        findings.remarks.append(f"the colour bar runs from {low:g} to {high:g}, which are probably no decibels")
        return
    slack = 1.2 * line.pixel(0.5 * (top + bottom))
    whole = np.round([low, high])
    low, high = (float(w) if abs(w - v) <= min(slack, 0.4) else v for w, v in zip(whole, (low, high), strict=True))
    trust = _trust(line, side) * (1.0 if "dB" in units or low < 0 else 0.6)
    if not side.marks:  # the middle of a label may lie some pixels off its value
        trust = min(trust, 0.7)
    ends, others = ((top, bottom), plot.box[1::2]) if upright else ((left, right), plot.box[::2])
    if not bar.frame and max(abs(a - b) for a, b in zip(ends, others, strict=True)) > 2:
        trust = min(trust, 0.5)  # an end that is as pale as the paper is not seen
    findings.add("db_range", (round(low, 2), round(high, 2)), trust, "labels of the colour bar")
