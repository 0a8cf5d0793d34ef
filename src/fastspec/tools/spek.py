"""Spek: facts after its source at 0.8.5 (spek-spectrogram, -palette, -pipeline, -fft and -ruler.cc).

A saved picture is the window: black, the plot within a white frame, a bar of the palette, rulers in a font of the
system's. 1025 bins are scaled to the plot's rows, the nearest to each row's upper edge; a column shows the mean, in
decibels, of transforms that do not overlap.

Of eight pictures that 0.8.5 itself has saved (to 61 s, all palettes, transforms of 1024 to 4096), .990 to .9996 of the
pixels within the frame come out the same: all but those that rounding moves by one of 255, columns at which the worker
waited for the file (5 of 950), and in some runs those before the first whole window, of memory never written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.calibration.profile import Profile
from fastspec.errors import CalibrationError, ParameterError
from fastspec.tools import span_grid
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Drawing, Tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fastspec._typing import Box
    from fastspec.colours.colormap import ColourTable
    from fastspec.detect.bitmap_fonts import Plane
    from fastspec.detect.evidence import Evidence
    from fastspec.detect.figure.axis_fit import Tick
    from fastspec.picture.picture import Picture

PROFILE = Profile(
    "spek",
    "Spek, a whole picture with its rulers: 2048 samples under a Hann window, decibels of the amplitude",
    "Spek 0.8.5, spek-spectrogram.cc, spek-palette.cc, spek-pipeline.cc, spek-fft.cc and spek-ruler.cc",
    {**span_grid.BIN_ROWS, "level_kind": "db"},
    {"cmap": "spek", "db_range": (-120.0, 0.0), "n_fft": 2048, "sr": 44100},  # to 0.8.3: spek-spectrum, to -20 dB
)
_WINDOW = (640, 413)  # pixels of the first window of 0.8.5 with GTK
_LEFT, _ABOVE, _RIGHT, _BELOW = 60, 60, 90, 40  # pixels round the plot
_GAP, _RULER = 10, 10  # pixels from plot to bar and the bar's width; also from a ruler to its labels
_DENSE = (1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)  # how many pixels one is on dense screens (FromDIP)
# Rows and columns at the border lie under the frame; a row shows the bin at its upper edge.
_UNDER_FRAME: Mapping[str, Any] = {"plot_hidden": (1, 1, 1, 1), "plot_offsets": (0.0, -0.5, 0.0, 0.5)}
_LEAST = 16  # pixels of a plot's side
_FFT_LENGTHS = tuple(1 << bits for bits in range(8, 15))
_DB = (-140, 0)
_PREFETCHED = 64  # transforms, after which the pipeline reads again what followed the last one
_MAPS = ("spek", "spek-spectrum", "spek-mono")
_ENTRIES = (1024, 4096, 512)  # of tables: the palettes are functions; few enough that only the first is black
_LIGHT = (0.0, 0.15, 0.275, 0.325, 0.5, 0.6625)
_BRUTON = ((2 / 3, 0, 0, 0, 1, 1), (0, 0, 1, 1, 1, 0), (1, 1, 1, 0, 0, 0))  # red, green, blue at these
_LINE, _CLOCK = 13, 31  # pixels of a line and of "00:00" in the small font of GTK, DejaVu Sans
_LETTERS = "0123456789:-\N{MINUS SIGN}kHzdB"
_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800)  # between labels
_HERTZ = (1000, 2000, 5000, 10_000, 20_000)
_DECIBELS = (1, 2, 5, 10, 20, 50)
_TOLD = {"sr": "frequencies", "duration": "times", "db_range": "decibels"}  # by the rulers


class Limits(NamedTuple):
    """What tells Spek's pictures. "facts" is `python -m bench.quality.facts CORPUS --draw N`; of 60 none was false."""

    white: int = 200  # of 255, from which on the frame is white; unmeasured
    black: int = 64  # of 255, up to which paper is black; unmeasured
    clear: float = 0.97  # share of a line that is so; unmeasured
    near: float = 6.0  # of 255, mean distance of the bar's colours from a palette's; unmeasured
    # STOI of two voices, log-mel dB of two pieces of music, windows of 2048 and 1024 where a row has 3.3 bins:
    # .85 .84 4.4 6.0 and .87 .84 3.5 5.6; where it has 1.9: .96 .93 2.2 2.4 and .92 .89 2.3 3.0.
    skipped: int = 3  # bins a row, from which on half a window is read better than a whole one; unmeasured
    unread: float = 30.0  # times as loud as the first whole column is one of memory that was never written; unmeasured
    mark: float = 0.5  # share of white, from which on a pixel beside the plot is a tick's; unmeasured
    enough: int = 12  # labels of a ruler that are read; unmeasured
    sure: float = 0.97  # of tool, palette and area where frame and bar are there; facts
    sure_of_rate: float = 0.93  # by labels of the frequency axis; facts
    sure_of_time: float = 0.93  # by those of the time axis; facts
    sure_of_range: float = 0.95  # by labels beside the bar; facts


LIMITS = Limits()


class Spek(Tool):
    """A white frame and a bar at its places."""

    profiles = (PROFILE,)

    def colour_tables(self) -> Iterable[ColourTable]:
        """Not listed: SoX's formula has the same colours, and frame and bar tell which it is."""
        import numpy as np

        from fastspec.colours.colormap import ColourTable

        tables = {name: _colours(name, (np.arange(n) + 0.5) / n) for name, n in zip(_MAPS, _ENTRIES, strict=True)}
        return [ColourTable(name, table, listed=False, tool=PROFILE.name) for name, table in tables.items()]

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """By frame and bar."""
        from fastspec.detect.bitmap_fonts import Plane
        from fastspec.detect.legend import pixels_fact

        plane = Plane.of(picture)
        for dense in _DENSE:
            box = _plot_area(picture.width, picture.height, dense)
            cmap = _map_of(picture, box, dense) if plane and box and _is_framed(plane, box) else None
            if cmap is not None:
                stated = {"profile": PROFILE.name, "cmap": cmap, "plot_area": box, **_UNDER_FRAME}
                return {n: pixels_fact(value, LIMITS.sure, "Spek's frame and bar") for n, value in stated.items()}
        return {}

    def has_own_frame(self, known: Calibration) -> bool:
        """Not of pictures that were cut."""
        return known.source("plot_area") in ("pixels", "given") and known["plot_area"][0] > 0

    def read_legend(self, picture: Picture, found: Mapping[str, Fact]) -> Evidence:
        """sr, duration and db_range, of the rulers."""
        from fastspec.detect.evidence import Evidence

        facts = _rulers(picture, found["plot_area"].value)
        missed = [what for name, what in _TOLD.items() if name not in facts]
        said = f"Spek's labels of {' and '.join(missed)} are not understood; give what they say as options"
        return Evidence(facts, remarks=(said,) if missed else ())

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """Spek's own transform, and what 0 dB is: |X| of n_fft samples at 1, without a window."""
        chosen.choose("n_fft", PROFILE.usual["n_fft"], "Spek's default")
        few = chosen["n_fft"] > 2 * LIMITS.skipped * rows
        chosen.choose("win_length", chosen["n_fft"] // (2 if few else 1), "chosen: wider than the bins between rows")
        if "ref" not in chosen.known:
            note = "Spek divides by the number of samples"
            chosen.facts["ref"] = chosen.of_tool(float(chosen["win_length"]), note)

    def time_extent(self, known: Calibration, width: int) -> tuple[float, float]:
        """A column shows windows that end within it."""
        return _extent(span_grid.samples_of(known), width, known["n_fft"], known["sr"])

    def restore(self, cells: NDArray[np.float32], known: Calibration) -> NDArray[np.float32]:
        """Without what stood in memory before the sound, which 0.8.5 draws in some runs: as loud as can be."""
        first = math.ceil(known["n_fft"] * len(cells) / max(1, span_grid.samples_of(known)))  # that is whole
        if first < len(cells):
            cells[:first][cells[:first].mean(axis=1) > LIMITS.unread * cells[first].mean()] = cells[first]
        return cells

    def drawing(self) -> Drawing:
        """The whole window."""
        return SpekDrawing()


class SpekDrawing(Drawing):
    """SpekSpectrogram::render, but for the file's name and Spek's version."""

    profile = PROFILE
    takes = frozenset({"n_fft", "cmap", "db_range"})
    freq_scale = "linear"

    def facts(self, given: Calibration, size: tuple[int, int] | None) -> Calibration:
        """With one of Spek's palettes, lengths and ranges."""
        cal = super().facts(given, size).without("sr")
        lo, hi = cal["db_range"]
        if cal["cmap"] not in _MAPS:
            raise ParameterError(f"cmap={cal['cmap']!r} is none of Spek's; use {', '.join(_MAPS)}")
        if cal["n_fft"] not in _FFT_LENGTHS:
            raise ParameterError(f"n_fft={cal['n_fft']} is none of Spek's; use {', '.join(map(str, _FFT_LENGTHS))}")
        if not _DB[0] <= lo < hi <= _DB[1] or lo % 1 or hi % 1:
            raise ParameterError(f"db_range={cal['db_range']} is none of Spek's; give whole decibels in {_DB}")
        return cal

    def draw(
        self,
        wave: NDArray[np.float32],
        cal: Calibration,
        *,
        size: tuple[int, int] | None,
        max_seconds: float | None,
        top_db: float,
    ) -> Picture:
        """(height, width, 3); `size` is the window's."""
        import numpy as np
        from PIL import Image

        from fastspec.calibration import consistency
        from fastspec.picture.picture import Picture

        width, height = size or _WINDOW
        box = _plot_area(width, height)
        if box is None:
            raise CalibrationError(f"size={size!r} leaves no plot between Spek's margins; give at least 166 x 116")
        left, top, right, bottom = box
        n_fft, columns, rows = cal["n_fft"], right - left, bottom - top
        consistency.check_size(cal.updated("given", n_frames=columns), max_seconds=max_seconds)
        levels = (_decibels(wave[0], columns, n_fft) - cal["db_range"][0]) / (cal["db_range"][1] - cal["db_range"][0])
        bins = levels.shape[1]
        shown = bins - 1 - _nearest(bins, rows)
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[top : top + rows, left : left + len(levels)] = _colours(cal["cmap"], levels[:, shown].T)
        pixels[[top, bottom - 1], left:right] = pixels[top:bottom, [left, right - 1]] = 255
        steps = 1 - (1 + _nearest(bins, rows + 1)) / bins
        pixels[top : bottom + 1, right + _GAP : right + _GAP + _RULER] = _colours(cal["cmap"], steps)[:, None]
        canvas = Image.fromarray(pixels)
        _draw_rulers(canvas, box, cal)
        extent = _extent(wave.shape[-1], columns, n_fft, cal["sr"])
        cal = cal.updated("given", plot_area=box, time_extent=extent, **_UNDER_FRAME)
        return Picture(np.array(canvas), embedded=cal.to_json(size=(width, height)))


def _plot_area(width: int, height: int, dense: float = 1.0) -> Box | None:
    """The plot within the margins, frame and all; None where there is no room."""
    left, above, right, below = (round(margin * dense) for margin in (_LEFT, _ABOVE, _RIGHT, _BELOW))
    box = (left, above, width - right, height - below)
    return box if min(box[2] - left, box[3] - above) >= _LEAST else None


def _nearest(cells: int, pixels: int) -> NDArray[np.intp]:
    """The cell of each pixel as wxImage::ResampleNearest takes it, from the upper edge."""
    import numpy as np

    return np.arange(pixels) * ((cells << 16) // pixels) >> 16


def _transforms(samples: int, width: int, n_fft: int) -> Iterator[list[int]]:
    """For each column, before which samples its transforms end (spek-pipeline.cc, worker_func).

    A column is as many samples as there are for one pixel, or one more; a transform ends with it, or after each n_fft
    samples. Where a part of the file has been read, the worker goes back to the end of its last transform.
    """
    whole, rest = divmod(samples, width)
    error = head = last = frames = columns = 0
    ends: list[int] = []
    for tail in sorted({*range(_PREFETCHED * n_fft, samples + 1, _PREFETCHED * n_fft), samples}):
        while columns < width and whole:
            length = whole + (error >= width)
            step = min(length - frames, n_fft - frames % n_fft)
            if head + step >= tail:
                frames += tail - 1 - head
                head = last
                break
            head, frames = head + step, frames + step
            if frames % n_fft == 0 or not ends:
                last = head
                ends.append(head)
            if frames == length:
                error = error - width if error >= width else error + rest
                yield ends
                ends, frames, columns = [], 0, columns + 1


def _extent(samples: int, width: int, n_fft: int, sr: int) -> tuple[float, float]:
    """Seconds at the plot's borders, of which each column shows the middle of its windows."""
    middles = [(ends[0] + ends[-1] - n_fft) / 2 / sr for ends in _transforms(samples, width, n_fft)]
    if len(middles) <= 1:
        return 0.0, samples / sr
    step = (middles[-1] - middles[0]) / (len(middles) - 1)
    start = middles[0] - step / 2
    return start, start + width * step


def _decibels(wave: NDArray[np.float32], width: int, n_fft: int) -> NDArray[np.float64]:
    """(columns, 1 + n_fft // 2): mean decibels of the transforms of each column that the sound fills."""
    import numpy as np

    sound = np.concatenate([np.zeros(n_fft, np.float32), wave])
    window = 0.5 - 0.5 * np.cos(2 * np.pi / (n_fft - 1) * np.arange(n_fft))
    found = np.zeros((width, 1 + n_fft // 2))
    count = 0
    for count, ends in enumerate(_transforms(wave.size, width, n_fft), 1):
        power = np.abs(np.fft.rfft(np.stack([sound[end : end + n_fft] for end in ends]) * window) / n_fft) ** 2
        with np.errstate(divide="ignore"):
            found[count - 1] = 10 * np.log10(power).mean(axis=0)
    return found[:count]


def _colours(name: str, levels: NDArray[Any]) -> NDArray[np.uint8]:
    """The colours (..., 3) of levels (...); what is beyond 0..1 has those of the ends."""
    import numpy as np

    from fastspec.colours.formulas import sox_spectrum

    x = np.clip(levels, 0.0, 1.0)
    if name == _MAPS[0]:
        ramps = sox_spectrum(x)
    elif name == _MAPS[1]:  # Dan Bruton's colours of light, dark below a tenth; level 1 itself is black
        light = 0.6625 * x
        ramps = [np.interp(light, _LIGHT, ramp) * np.minimum(light / 0.1, 1.0) * (x < 1) for ramp in _BRUTON]
    else:
        ramps = [x, x, x]
    return np.asarray(np.stack(ramps, axis=-1) * 255 + 0.5).astype(np.uint8)


def _is_framed(plane: Plane, box: Box) -> bool:
    """Whether a white line runs round the plot, with black beside it."""
    left, top, right, bottom = box
    above = plane.part(top, top + 1, left, right)
    if (above[:, :: max(1, above.shape[1] // 8)] < LIMITS.white).all():  # of a picture of another tool
        return False
    white = [(row, row + 1, left, right) for row in (top, bottom - 1)]
    white += [(top, bottom, column, column + 1) for column in (left, right - 1)]
    black = [(top - 4, top - 3, left, right), (top, bottom, left - 8, left - 7), (top, bottom, right + 4, right + 5)]
    if any((plane.part(*line) >= LIMITS.white).mean() < LIMITS.clear for line in white):
        return False
    return all((plane.part(*line) <= LIMITS.black).mean() >= LIMITS.clear for line in black)


def _map_of(picture: Picture, box: Box, dense: float) -> str | None:
    """The palette whose colours the bar has, if any."""
    import numpy as np

    from fastspec.picture.picture import Picture

    first = box[2] + round(_GAP * dense)
    bar = picture.pixels[box[1] : box[3] + 1, first : first + round(_RULER * dense)]
    seen = Picture(bar, picture.palette).rgb().mean(axis=1, dtype=np.float64)
    levels = 1 - (np.arange(len(seen)) + 0.5) / len(seen)
    far = {name: float(np.abs(_colours(name, levels) - seen).mean()) for name in _MAPS}
    best = min(far, key=lambda name: far[name])
    return best if far[best] < LIMITS.near else None


def _rulers(picture: Picture, box: Box) -> dict[str, Fact]:
    """Facts that the labels of the rulers tell; a tick is in the pixel that holds its place."""
    import numpy as np

    from fastspec.detect.figure.axis_fit import fit
    from fastspec.detect.figure.glyphs import coverage
    from fastspec.detect.legend import pixels_fact, rate, whole

    left, top, right, bottom = box
    ink = coverage(picture.rgb(), (0, 0, 0), (255, 255, 255))
    far, high, wide = (round(pixels * left / _LEFT) for pixels in (_GAP - 2, _LINE // 2 + 1, _CLOCK // 2 + 4))
    first = right + round((_GAP + _RULER) * left / _LEFT)
    # the highest label is half the rate in whole kHz, which it need not be
    hertz = _labels(ink, ink[:, left - 2], (top + 1, bottom), lambda y: np.s_[y - high : y + high, : left - far])
    seconds = _labels(ink, ink[bottom + 2], (left, right), lambda x: np.s_[bottom + far :, max(x - wide, 0) : x + wide])
    decibels = _labels(ink, ink[:, first + 2], (top, bottom), lambda y: np.s_[y - high : y + high, first + far :])
    full = whole([(2000 * tick.value, bottom - 0.5 - tick.position) for tick in hertz], bottom - top)
    ends = whole([(tick.value, tick.position + 0.5 - left) for tick in seconds], right - left)
    line = fit(decibels)
    facts = {"sr": full and rate(full, "Spek's frequency labels", LIMITS.sure_of_rate)}
    if ends is not None:
        note = f"Spek's time labels: {ends[0]:.4g} .. {ends[1]:.4g} s"
        facts["duration"] = pixels_fact(sum(ends) / 2, LIMITS.sure_of_time, note)
    if line is not None and line.b < 0:
        spanned = float(round(line.at(bottom - 0.5))), float(round(line.at(top - 0.5)))
        facts["db_range"] = pixels_fact(spanned, LIMITS.sure_of_range, "Spek's labels beside the bar")
    return {name: fact for name, fact in facts.items() if fact is not None}


def _labels(ink: NDArray[Any], line: NDArray[Any], ends: tuple[int, int], window: Callable[[int], Any]) -> list[Tick]:
    """Numbers of a ruler that agree: of marks in a `line` of ink between `ends`, each in its `window` of the ink."""
    from fastspec.detect.figure.axis_fit import Tick, fit
    from fastspec.detect.figure.glyphs import parse_number, read_line, spans_of

    marks = [(a + b - 1) // 2 for a, b in spans_of(line > LIMITS.mark) if ends[0] <= a <= ends[1]]
    texts = [(mark, read_line(ink[window(mark)], _LETTERS)[0]) for mark in marks[:: 1 + len(marks) // LIMITS.enough]]
    ticks = [Tick(mark, *number) for mark, text in texts if (number := parse_number(text)) is not None]
    through = fit(ticks)
    return [tick for tick in ticks if through and abs(through.at(tick.position) - tick.value) < through.pixel(0)]


def _draw_rulers(canvas: Any, box: Box, cal: Calibration) -> None:
    """Ticks, labels and the line above the plot (spek-ruler.cc), on a Pillow image."""
    from PIL import ImageDraw, ImageFont

    ink, font = ImageDraw.Draw(canvas), ImageFont.load_default(_RULER + 1)
    left, top, right, bottom = box
    text = f"{cal['sr']} Hz, W:{cal['n_fft']}, F:Hann"
    ink.text((left, top - 2 * _GAP), text, "white", font)
    lo, hi = (round(v) for v in cal["db_range"])
    half, wide, high = max(1, cal["sr"] // 2), right - left, bottom - top
    for tick in _ticks(0, int(cal["duration"]), _SECONDS, wide / cal["duration"], 1.5, _CLOCK):
        x = left + int(tick * wide / cal["duration"])
        ink.line((x, bottom, x, bottom + 4), "white")
        ink.text((x, bottom + _GAP), f"{tick // 60}:{tick % 60:02d}", "white", font, anchor="ma")
    for tick in _ticks(0, half, _HERTZ, high / half, 3.0, _LINE):
        y = top + int((half - tick) * high / half)
        ink.line((left - 4, y, left, y), "white")
        ink.text((left - _GAP, y), f"{tick // 1000} kHz", "white", font, anchor="rm")
    for tick in _ticks(-hi, -lo, _DECIBELS, high / (hi - lo), 3.0, _LINE):
        x, y = right + _GAP + _RULER, top + int((tick + hi) * high / (hi - lo))
        ink.line((x, y, x + 4, y), "white")
        ink.text((x + _GAP, y), f"{-tick} dB", "white", font, anchor="lm")


def _ticks(low: int, high: int, factors: tuple[int, ...], scale: float, spacing: float, length: float) -> Iterator[int]:
    """Values with labels of this `length`, `scale` pixels a unit: both ends, and what lies between without crowding."""
    yield low
    yield high
    factor = next((factor for factor in factors if scale * factor >= spacing * length), 0)
    for tick in range(low + factor, high, factor) if factor else ():
        if scale * (high - tick) < length * 1.2:
            return
        yield tick


TOOL = Spek()
