"""Praat: facts after its source at 6.3 and 6.4 (Spectrogram.cpp, Sound_and_Spectrogram.cpp, Graphics_image.cpp).

`Sound: To Spectrogram...` takes power densities under a Gaussian window, 5 ms wide and physically 10; `Paint...` adds
6 dB an octave, and interpolates decibels linearly between frames and bins, loud dark. `Save as 300-dpi PNG file` saves
the outer viewport: white, with a box of lines whose margins are as wide on the right as on the left, half as much again
as above and below (4.2 and 2.8 heights of the font), a mark and a number at its corners. A page is recognised by these
at any scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fastspec._typing import Box
    from fastspec.calibration.facts import Fact
    from fastspec.detect.evidence import Evidence
    from fastspec.picture.picture import Picture

_FACTS: Mapping[str, Any] = {
    "level_kind": "db",
    "level_quantiser": "rounded",
    "origin": "lower",
    "freq_scale": "linear",
    "freq_edges": "librosa>=0.9",
    "fmin": 0.0,
    "columns": "spans",
    "window": "hann",
    "center": True,
}
_USUAL: Mapping[str, Any] = {"cmap": "gray_r", "db_range": (-50.0, 0.0), "fmax": 5000.0, "sr": 11025}
_SOURCE = "Praat 6.3, Spectrogram.cpp, Sound_and_Spectrogram.cpp and Graphics_image.cpp"
PAINTED = Profile(
    "praat",
    "Praat's Spectrogram: Paint...: 5 ms under a Gaussian window, 6 dB an octave of pre-emphasis, 50 dB",
    _SOURCE,
    _FACTS,
    _USUAL,
)
FLAT = Profile("praat-flat", "the same, painted with a pre-emphasis of 0 dB an octave", _SOURCE, _FACTS, _USUAL)

_OCTAVE = 6.0  # dB that pre-emphasis adds to an octave
_MIDDLE = 1000.0  # Hz, where it adds none
_BIN = 43.07  # Hz between bins, of which the first has the pre-emphasis of the second; of sounds of 44.1 and 22.05 kHz
# Seconds of a Hann window. As wide as the Gaussian of 5 ms is one of 5.6; of 4.5 s of speech on a page of 300 dpi,
# log-mel, held-out SC and STOI of 5.6, 7 and 10 ms: 5.65 dB, -2.9 dB, .906; 5.13, -3.2, .916; 5.34, -2.5, .913.
_WINDOW = 0.007
_HOPS = 6  # in a window
_LEAST = 8  # samples of a window
_MARGINS = 1.5  # those at the sides to those above and below
_DIGITS = "0123456789.,-\N{MINUS SIGN}"


class Limits(NamedTuple):
    """What tells Praat's pages. unmeasured: the program itself drew nine pages of many sizes, which these fit."""

    side: int = 150  # pixels of a page's side at least; unmeasured
    step: int = 8  # lines of the page are looked at one in so many; unmeasured
    dark: int = 128  # of 255, below which a line is; unmeasured
    paper: int = 250  # of 255, from which paper is; unmeasured
    margin: tuple[float, float] = (0.02, 0.4)  # of a side, of the page's width and height; unmeasured
    off: float = 2.5  # pixels of a line from its place, and a share of its margin; unmeasured
    off_share: float = 0.02  # likewise; unmeasured
    thick: float = 0.25  # of the margin above, a line at most; unmeasured
    mark: int = 2  # pixels beside a line where a mark is looked for; unmeasured
    sure: float = 0.9  # of tool, map and area where box and marks lie so; unmeasured
    sure_of_top: float = 0.9  # of the highest frequency, by its label; unmeasured
    sure_of_time: float = 0.9  # of the duration, by the labels; unmeasured
    sure_of_rate: float = 0.6  # of the least rate that shows all of the axis; unmeasured
    floor: float = 1.05  # times the amplitude at white, up to which a cell is white; unmeasured
    longest: float = 86400.0  # seconds of a sound; unmeasured
    lowest_top: float = 500.0  # Hz of an axis at least; unmeasured
    highest_top: float = 100_000.0  # Hz of an axis at most; unmeasured


LIMITS = Limits()


class Praat(Tool):
    """A box of lines in margins that follow from the size of the font, marked at its corners."""

    profiles = (PAINTED, FLAT)

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """By the box's place and the marks."""
        from fastspec.detect.legend import pixels_fact

        found = _box(picture)
        if found is None:
            return {}
        box, half = found
        offsets = (half, half, half, half)
        stated = {"profile": PAINTED.name, "cmap": _USUAL["cmap"], "plot_area": box, "plot_offsets": offsets}
        return {name: pixels_fact(value, LIMITS.sure, "Praat's box and marks") for name, value in stated.items()}

    def has_own_frame(self, known: Calibration) -> bool:
        """Not of pictures that were cut."""
        return known.source("plot_area") in ("pixels", "given") and known["plot_area"][0] > 0

    def read_legend(self, picture: Picture, found: Mapping[str, Fact]) -> Evidence:
        """fmax, sr and duration, of the numbers at the corners."""
        from fastspec.detect.evidence import Evidence

        facts, missed = _corners(picture, found["plot_area"].value)
        said = f"Praat's numbers of {' and '.join(missed)} are not understood; give what they say as options"
        return Evidence(facts, remarks=(said,) if missed else ())

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """A Hann window about as wide as Praat's, and twice as many samples to a transform."""
        window = max(_LEAST, round(_WINDOW * chosen.known["sr"]))
        chosen.choose("win_length", window, "as wide as Praat's usual Gaussian of 5 ms", guessed=True)
        chosen.choose(
            "n_fft", 1 << math.ceil(math.log2(2 * chosen["win_length"])), "chosen: as fine as the rows", ("win_length",)
        )
        chosen.choose(
            "hop_length", max(1, chosen["win_length"] // _HOPS), "chosen, as columns are no frames", ("win_length",)
        )

    def restore(self, cells: NDArray[np.float32], known: Calibration) -> NDArray[np.float32]:
        """Without pre-emphasis; what is white is no louder for that."""
        if known.get("profile") != PAINTED.name:
            return cells
        import numpy as np

        hertz = np.arange(cells.shape[1]) * (known["sr"] / known["n_fft"]) + _BIN
        gain = (10 ** (-_OCTAVE / 20 * np.log2(hertz / _MIDDLE))).astype(np.float32)
        white = cells <= LIMITS.floor * 10 ** (known["db_range"][0] / 20)
        return np.asarray(np.where(white, cells * np.minimum(gain, 1), cells * gain), np.float32)


def _box(picture: Picture) -> tuple[Box, float] | None:
    """The inside of Praat's box of lines, if the page has one, and half the lines' width: axes end in their middle."""
    import numpy as np

    from fastspec.detect.colour_survey import in_colour

    width, height = picture.width, picture.height
    if min(width, height) < LIMITS.side or picture.palette is not None or picture.pixels.dtype != np.uint8:
        return None
    page = picture.pixels[..., 1] if in_colour(picture.pixels) else picture.pixels
    if min(page[0, 0], page[-1, -1], page[0, -1], page[-1, 0]) < LIMITS.paper:
        return None
    inner = page[height * 2 // 5 : height * 3 // 5 : LIMITS.step]
    across = _lines(inner.max(axis=0) < LIMITS.dark, width)
    if across is None:
        return None
    down = _lines(page[:, width * 2 // 5 : width * 3 // 5 : LIMITS.step].max(axis=1) < LIMITS.dark, height)
    if down is None:
        return None
    (a, left), (right, b), (c, top), (bottom, d) = *across, *down
    sides, ends = (left + a, 2 * width - right - b), (top + c, 2 * height - bottom - d)  # twice the margins
    off = 2 * (LIMITS.off + LIMITS.off_share * sides[0])
    close = abs(sides[0] - sides[1]) < off and abs(ends[0] - ends[1]) < off
    if not close or abs(sides[0] - _MARGINS * ends[0]) >= 2 * off:
        return None
    near = LIMITS.mark
    corners = page[c:top, a - near], page[bottom:d, a - near], page[d - 1 + near, a:left], page[d - 1 + near, right:b]
    free = page[top + near : bottom - near, a - near], page[d - 1 + near, left + near : right - near]
    if any(part.min() >= LIMITS.dark for part in corners) or any(part.min() < LIMITS.dark for part in free):
        return None
    return (left, top, right, bottom), min(1.0, (left - a) / 2)


def _lines(dark: NDArray[np.bool_], size: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """First and last + 1 of the two lines that stand in margins, at the beginning and the end of `size` pixels."""
    from fastspec.detect.figure.glyphs import spans_of

    low, high = (round(share * size) for share in LIMITS.margin)
    spans = [(first, stop) for first, stop in spans_of(dark) if low <= first and stop <= size - low]
    if not spans or spans[0][0] > high or spans[-1][1] < size - high or len(spans) == 1:
        return None
    return spans[0], spans[-1]


def _corners(picture: Picture, box: Box) -> tuple[dict[str, Fact], list[str]]:
    """Facts that the numbers at the corners tell, and what those say that were not understood."""
    from fastspec.detect import rates
    from fastspec.detect.figure.glyphs import coverage
    from fastspec.detect.legend import pixels_fact

    left, top, right, bottom = box
    ink = coverage(picture.rgb(), (255, 255, 255), (0, 0, 0))
    high = top // 4  # pixels: the margin above is 2.8 lines of text
    near = max(4, top // 8)
    lefts = [_number(ink[y - high : y + high, : left - near]) for y in (top, bottom)]
    ends = [_number(ink[bottom + near : bottom + 2 * high + near, x - left : x + left]) for x in (left, right)]
    facts: dict[str, Fact] = {}
    missed: list[str] = []
    peak, lowest = lefts
    if peak is not None and lowest == 0 and LIMITS.lowest_top <= peak <= LIMITS.highest_top:
        note = f"Praat's number at the top: {peak:g} Hz"
        facts["fmax"] = pixels_fact(peak, LIMITS.sure_of_top, note)
        rate = next((rate for rate in sorted(rates.USUAL) if rate >= 2 * peak), math.ceil(2 * peak))
        facts["sr"] = pixels_fact(rate, LIMITS.sure_of_rate, f"enough for {peak:g} Hz; the sound may have had more")
    else:
        missed.append("frequencies")
    start, end = ends
    if start is not None and end is not None and 0 < end - start < LIMITS.longest:
        note = f"Praat's numbers: {start:g} .. {end:g} s"
        facts["duration"] = pixels_fact(end - start, LIMITS.sure_of_time, note)
    else:
        missed.append("times")
    return facts, missed


def _number(part: NDArray[Any]) -> float | None:
    """The number that a part of the page holds."""
    from fastspec.detect.figure.glyphs import parse_number, read_line, spans_of

    if not part.size:
        return None
    rows = spans_of(part.max(axis=1) > LIMITS.dark / 255)
    if not rows:
        return None
    first, stop = max(rows, key=lambda rows: rows[1] - rows[0])
    number = parse_number(read_line(part[max(0, first - 1) : stop + 1], _DIGITS)[0].replace(" ", ""))
    return None if number is None else number[0]


TOOL = Praat()
