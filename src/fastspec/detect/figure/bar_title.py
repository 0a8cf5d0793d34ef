"""What the title of a colour bar says its numbers are: decibels, a logarithm, powers, or something else than levels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.detect.figure import axis_words, text_boxes
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.glyphs import CHARACTERS, WORDS, read_line, spans_of
from fastspec.detect.figure.plots import Figure
from fastspec.detect.figure.text_boxes import Margin


class Limits(NamedTuple):
    """Which text beside a colour bar is its title. `python -m bench.quality.field CORPUS --only levels` judges it."""

    letter: int = 5  # pixels of text at least; unmeasured
    low_letter: float = 0.75  # heights of a capital that an x is high; unmeasured
    apart: float = 0.25  # of a title's height, between it and the numbers; unmeasured
    one_in: int = 5  # letters of a word, of which one may be unread and one read wrongly; unmeasured
    above: int = 24  # pixels between a bar and a title over it; unmeasured
    aside: int = 40  # pixels by which such a title reaches beyond the bar; unmeasured


LIMITS = Limits()

# As titles are read: small letters, i for 1 and l, o for 0, without spaces.
_DIGITS = set("3456789.,:+\N{MINUS SIGN}\N{MULTIPLICATION SIGN}")
_LEVELS = "".join(sorted(set(CHARACTERS + "AILMPbgpvw") - _DIGITS))  # those of words for levels
_LETTERS = "".join(sorted(set(WORDS) - _DIGITS))
_READ_ALIKE = str.maketrans("1l!0", "iiio")
_DECIBEL = ("db", "decibei")
_NATURAL = ("in(", "in|", "in[", "naturai", "nep")
_DECIMAL = ("iogio",)
_LOG = ("iog",)
_POWER = ("power", "po?r", "psd", "energy", "/hz", "v2", "squared", "s|2", "density")
_AMPLITUDE = ("ampiitude", "magnitude", "mag", "|s|", "|x|", "voit")
_STANDARD = ("z-score", "zscore", "score", "standardi", "normaii", "sigma", "std", "reiative")
_OTHER = (
    "count", "hz", "time", "seconds", "(s)", "[s]", "probab", "frequency", "corre",
    "simiiar", "distance", "affinity", "attention", "weight", "mask", "mfcc", "coefficient", "deiay", "perature",
    "humidity", "atitude", "iongitude", "depth", "(ppm)", "activation", "recurrence",
)  # fmt: skip
_ANGLE = ("phase", "rad", "angie")
_ELECTRIC = ("v", "pa")  # units of sound that was recorded
_WEIGHTED = "ghted"  # weighted, as levels may be


class Meaning(NamedTuple):
    """What numbers are. unit : "dB", "ln", "log10", "log" (of an unknown base), "z" or "" for none that is said.

    kind : "power", "amplitude" or "". other : the title where it names a quantity that is no level.
    """

    unit: str = ""
    kind: str = ""
    other: str = ""


def meaning(title: str) -> Meaning:
    """What a title says, however badly read."""
    text = title.lower().replace(" ", "")
    text = text.translate(_READ_ALIKE)
    kind = "power" if _has(text, _POWER) else "amplitude" if _has(text, _AMPLITUDE) else ""
    if _has(text, _DECIBEL):
        return Meaning("dB", kind)
    if any(word in text for word in _DECIMAL):
        return Meaning("log10", kind)
    if text == "in" or _has(text, _NATURAL):
        return Meaning("ln", kind)
    if _has(text, _LOG):
        return Meaning("log", kind)
    if _has(text, _STANDARD):
        return Meaning("z", kind)
    if not kind and _has(text, _ANGLE):
        return Meaning(other=f"phases ({title.strip()})")
    unit = axis_words.other_unit(title)
    if unit and unit not in _ELECTRIC:
        return Meaning(other=title)
    if not kind and _has(text, _OTHER) and _WEIGHTED not in text:
        return Meaning(other=title)
    return Meaning("", kind)


def _has(text: str, words: tuple[str, ...]) -> bool:
    return any(_found(word, text) for word in words)


def _found(word: str, text: str) -> bool:
    """Whether a word stands in a text, unread characters and, in a long word, one in five of them aside."""
    most = len(word) // LIMITS.one_in
    return any(
        sum(a not in (b, "?") for a, b in zip(text[k:], word, strict=False)) <= most
        and text[k : k + len(word)].count("?") <= most
        for k in range(len(text) - len(word) + 1)
    )


def read_title(figure: Figure, bar: Plot, side: str) -> str:
    """The title of a colour bar, beyond its numbers at `side` of it or over it; "" where there is none.

    Over a bar that lies under its plot stands the title of the plot's axis.
    """
    left, top, right, bottom = bar.box
    beyond = _beyond(figure, bar, side)
    return beyond if beyond or right - left > bottom - top else _over(figure, bar)


def _beyond(figure: Figure, bar: Plot, side: str) -> str:
    """The line of text farther away than the numbers: the last block of ink, clearly apart from those before."""
    room = text_boxes.margin(figure, bar, side)
    if room is None:
        return ""
    found = text_boxes.pieces(room)
    depths = np.array([room.depth(tuple(box)) for box in found.tolist()]).reshape(-1, 2)
    if not len(depths):
        return ""
    inked = np.zeros(int(depths[:, 1].max()) + 1, bool)
    for near, far in depths.tolist():
        inked[near:far] = True
    blocks = spans_of(inked)
    if len(blocks) <= 1 or blocks[-1][0] - blocks[-2][1] < LIMITS.apart * (blocks[-1][1] - blocks[-1][0]):
        return ""
    return _line(room, found[depths[:, 0] >= blocks[-1][0]], turned=not room.upright)


def _line(room: Margin, found: NDArray[np.int32], *, turned: bool) -> str:
    """The text of pieces in one line; `turned` text runs upwards."""
    if not len(found) or max(found[:, 2:].max(axis=0) - found[:, :2].min(axis=0)) < LIMITS.letter:
        return ""
    box: Box = tuple(int(v) for v in (*found[:, :2].min(axis=0), *found[:, 2:].max(axis=0)))  # type: ignore[assignment]
    low, high = (0, 2) if turned else (1, 3)
    # most letters are low ones; few reach below the baseline
    baseline = float(np.median(found[:, high])) - box[low] + 1.0
    line = room.line(box, turned)
    spans = ((1.0, baseline), (baseline - (baseline - 1.0) / LIMITS.low_letter, baseline), None)
    title = _clearest([read_line(line, _LEVELS, span=span) for span in spans])  # perhaps no letter is high
    if not title or meaning(title) != Meaning():
        return title
    other = _clearest([read_line(line, _LETTERS, span=span, font=0) for span in spans])
    return other if meaning(other) != Meaning() or other.count("?") < title.count("?") else title


def _clearest(read: list[tuple[str, float]]) -> str:
    """Of several readings that with the fewest unread letters."""
    return min(read, key=lambda found: (found[0].count("?"), found[1]))[0]


def _over(figure: Figure, bar: Plot) -> str:
    """A word right over the bar."""
    room = text_boxes.margin(figure, bar, "top")
    if room is None:
        return ""
    left, top, right, _ = bar.outer
    found = text_boxes.pieces(room)
    near = found[
        (found[:, 3] >= top - LIMITS.above)
        & (found[:, 0] >= left - LIMITS.aside)
        & (found[:, 2] <= right + LIMITS.aside)
    ]
    return _line(room, near, turned=False)
