"""The facts that a picture may be known by: their values' types and bounds, and what goes wrong when one is wrong."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fastspec.axes import FREQ_EDGES
from fastspec.axes.scales import FREQ_SCALES
from fastspec.errors import ParameterError

if TYPE_CHECKING:
    from fastspec._typing import Box, Offsets  # would import numpy

# Strongest first: a stronger source overrides a weaker one.
SOURCES = ("given", "original", "embedded", "sidecar", "like", "pixels", "profile", "assumed")
FILES = SOURCES[2:5]  # a file says it: the picture, the text beside it, another picture of the same drawing
STATED = ("given", "original", *FILES)
_MAX_HZ = 1e7
_LONGEST_NAME = 100  # characters of a colormap's, window's or profile's name
SPANS = "spans"  # fact `columns` where a column is no frame
LEVEL_KINDS = ("db", "amplitude", "power", "power_law")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about a picture: `value`, its `source` (one of `SOURCES`), how sure it is (0..1) and why.

    alternative : the next likely value. follows : name of the fact that it stands or falls with, such as "profile".
    """

    value: Any
    source: str = "given"
    confidence: float = 1.0
    note: str = ""
    alternative: Any = None
    follows: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The fact as plain JSON values; empty fields are left out."""
        row: dict[str, Any] = {
            "value": plain(self.value),
            "source": self.source,
            "confidence": round(self.confidence, 4),
        }
        if self.note:
            row["note"] = self.note
        if self.alternative is not None:
            row["alternative"] = plain(self.alternative)
        if self.follows:
            row["follows"] = self.follows
        return row


@dataclass(frozen=True, slots=True)
class FactSpec:
    """What kind of value a fact has, and what goes wrong when it is wrong."""

    kind: str  # "str", "window", "int", "float", "bool", "pair", "box", "border", "offsets", "table", "choice"
    if_wrong: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf


FACTS: Mapping[str, FactSpec] = MappingProxyType(
    {
        "profile": FactSpec("str", "every fact taken from it may be wrong"),
        "cmap": FactSpec("str", "loudness is scrambled: quiet may become loud, or noise appears"),
        # "LABEL=COLOURS": the table of a `cmap` of this label, which fastspec does not know itself
        "cmap_table": FactSpec("table", "loudness is scrambled: quiet may become loud, or noise appears"),
        "cmap_rounding": FactSpec("choice", "levels are off by at most one of 256", ("round", "trunc")),
        "level_kind": FactSpec("choice", "dynamics are crushed or blown up", LEVEL_KINDS),
        "level_exponent": FactSpec("float", "dynamics are compressed or expanded", low=0.01, high=100.0),
        "level_quantiser": FactSpec("choice", "levels are off by half a step", ("cells", "rounded")),
        "db_range": FactSpec(
            "pair", "too narrow: flat, noisy sound; too wide: gated, hollow sound", low=-1000.0, high=300.0
        ),
        # dB in the middle of the colours, where both halves of them have a step of their own
        "db_center": FactSpec("float", "quiet or loud sounds are too strong", low=-1000.0, high=300.0),
        "ref": FactSpec("float", "only the absolute loudness is wrong", low=1e-30, high=1e9),
        "freq_scale": FactSpec("choice", "pitches are bent: melodies and voices become unrecognisable", FREQ_SCALES),
        "freq_edges": FactSpec("choice", "most rows land about 0.05 octave off: out of tune, blurred", FREQ_EDGES),
        "origin": FactSpec("choice", "the spectrum is upside down", ("lower", "upper")),
        "sr": FactSpec("int", "speed and pitch are off by the same factor", low=1, high=10_000_000),
        "n_fft": FactSpec("int", "rows land on wrong bins: wrong pitch on log axes, rough sound", low=2, high=1 << 17),
        "win_length": FactSpec("int", "smeared or rough sound", low=1, high=1 << 17),
        "window": FactSpec("window", "slightly rough sound"),
        "hop_length": FactSpec("int", "rough, buzzing sound; the duration is off unless given", low=1, high=1 << 20),
        "center": FactSpec("bool", "the sound is shifted by half a window"),
        "n_frames": FactSpec("int", "tempo is off", low=1, high=1 << 31),
        "duration": FactSpec("float", "tempo is off; pitch stays", low=1e-6, high=1e9),
        "n_bins": FactSpec("int", "pitches are bent", low=1, high=1 << 16),
        "n_mels": FactSpec("int", "pitches are bent", low=1, high=1 << 16),
        "mel_htk": FactSpec("bool", "pitches are bent by up to a few per cent"),
        "mel_norm": FactSpec("choice", "treble or bass is too loud", ("slaney", "none")),
        "mel_power": FactSpec("float", "dynamics are compressed or expanded", low=0.1, high=10.0),
        "fmin": FactSpec("float", "pitches are shifted", low=0.0, high=_MAX_HZ),
        "fmax": FactSpec("float", "pitches are shifted", low=1e-3, high=_MAX_HZ),
        "bins_per_octave": FactSpec("int", "pitches are bent", low=1, high=4096),
        "linthresh": FactSpec("float", "low pitches are bent", low=1e-6, high=_MAX_HZ),
        "linscale": FactSpec("float", "low pitches are bent", low=1e-6, high=1e6),
        "log_base": FactSpec("float", "low pitches are bent", low=1.0 + 1e-6, high=1e6),
        "columns": FactSpec("choice", "rough sound, or tempo a little off", ("frames", SPANS)),
        "time_extent": FactSpec("pair", "the sound is shifted, tempo is off", low=-1e9, high=1e9),
        "column_step": FactSpec("float", "tempo is off", low=1e-9, high=1e6),
        "shown_n_fft": FactSpec("int", "blurred, rough sound", low=2, high=1 << 17),
        "channels": FactSpec("int", "the spectrum is repeated or cut in half", low=1, high=16),
        "channel_layout": FactSpec("choice", "the spectrum is repeated or cut in half", ("stacked", "green-blue")),
        "one_sided": FactSpec("bool", "the lowest and highest bin are 3 dB off"),
        # which spectrogram of a figure of several, counted from 1, row by row from the top left
        "panel": FactSpec("int", "another spectrogram of the figure is decoded", low=1, high=10_000),
        "plot_area": FactSpec("box", "margins are read as sound: hum and clicks"),
        "plot_hidden": FactSpec("border", "the frame's lines are read as sound, or data at the rim is left out"),
        # how far the data's box reaches beyond plot_area at the left, top, right and bottom, in pixels
        "plot_offsets": FactSpec("offsets", "pixels are read as their neighbour cells: slightly rough sound"),
    }
)

# The facts an inversion cannot do without; `missing` lists those that are only assumed or absent.
NEEDED = ("cmap", "db_range", "freq_scale", "sr", "n_fft", "hop_length", "n_frames", "duration")
REPORTED = (
    "profile",
    "cmap",
    "db_range",
    "freq_scale",
    "sr",
    "n_fft",
    "win_length",
    "window",
    "hop_length",
    "n_frames",
    "duration",
    "plot_area",
)


def plain(value: Any) -> Any:
    """`value` as JSON has it."""
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):  # EXIF
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    return value.item() if hasattr(value, "item") else value


def shortened(text: str) -> str:
    """The text, or the beginning of one that is longer than any name: a colour table."""
    return text if len(text) <= _LONGEST_NAME else f"{text[:40]}..."


def check_fact(name: str, value: Any) -> Any:
    """`value` in its canonical type, or ParameterError saying what the fact `name` takes."""
    spec = FACTS.get(name)
    if spec is None:
        raise ParameterError(f"unknown fact {reprlib.repr(name)}; the facts are {', '.join(FACTS)}")
    try:
        return _CONVERT[spec.kind](spec, value)
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(f"{name}={reprlib.repr(value)} is not {_wanted(spec)}") from None


def _wanted(spec: FactSpec) -> str:
    bounds = "" if spec.low == -math.inf else f" >= {spec.low:g}"
    bounds += "" if spec.high == math.inf else f" and <= {spec.high:g}"
    return {
        "str": f"a text of 1 to {_LONGEST_NAME} characters",
        "window": "a window's name, such as hann, with parameters, as in tukey:0.25, or ('tukey', 0.25)",
        "int": f"a whole number{bounds}",
        "float": f"a finite number{bounds}",
        "bool": "true or false",
        "pair": f"two finite numbers{bounds}, the lower first",
        "box": "four whole numbers: left, top, right, bottom in pixels, left < right and top < bottom",
        "border": "four whole numbers of lines of the plot that its frame hides: left, top, right, bottom",
        "offsets": "four numbers of pixels from -1 to 1: left, top, right, bottom",
        "table": "a colormap's name and colours, as fastspec writes them",
        "choice": "one of " + ", ".join(spec.choices),
    }[spec.kind]


def _number(spec: FactSpec, value: Any) -> float:
    if isinstance(value, bool | str | bytes):
        raise ValueError
    number = float(value)
    if not math.isfinite(number) or not spec.low <= number <= spec.high:
        raise ValueError
    return number


def _whole(spec: FactSpec, value: Any) -> int:
    number = _number(spec, value)
    if number != int(number):
        raise ValueError
    return int(number)


def _truth(_: FactSpec, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _pair(spec: FactSpec, value: Any) -> tuple[float, float]:
    low, high = (float(v) + 0.0 for v in value)  # no negative zero
    if not (math.isfinite(low) and math.isfinite(high) and spec.low <= low < high <= spec.high):
        raise ValueError
    return low, high


def _box(_: FactSpec, value: Any) -> Box:
    left, top, right, bottom = (int(v) for v in value)
    if not (0 <= left < right and 0 <= top < bottom):
        raise ValueError
    return left, top, right, bottom


def _border(_: FactSpec, value: Any) -> Box:
    left, top, right, bottom = (int(v) for v in value)
    if min(left, top, right, bottom) < 0:
        raise ValueError
    return left, top, right, bottom


def _offsets(_: FactSpec, value: Any) -> Offsets:
    if isinstance(value, str | bytes):
        raise ValueError
    left, top, right, bottom = (float(v) + 0.0 for v in value)
    if not all(-1 <= v <= 1 for v in (left, top, right, bottom)):
        raise ValueError
    return left, top, right, bottom


def _text(spec: FactSpec, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME:
        raise ValueError
    if spec.choices and value not in spec.choices:
        raise ValueError
    return value


def _window(spec: FactSpec, value: Any) -> str:
    if isinstance(value, str):
        return _text(spec, value)
    from fastspec.transform import window_names

    return _text(spec, window_names.as_text(value))


def _table(_: FactSpec, value: Any) -> str:
    from fastspec.colours import user_tables

    if not isinstance(value, str) or not user_tables.is_text(value) or len(value.rpartition("=")[0]) > _LONGEST_NAME:
        raise ValueError
    return value


_CONVERT: Mapping[str, Callable[[FactSpec, Any], Any]] = {
    "str": _text,
    "window": _window,
    "int": _whole,
    "float": _number,
    "bool": _truth,
    "pair": _pair,
    "box": _box,
    "border": _border,
    "offsets": _offsets,
    "table": _table,
    "choice": _text,
}
