"""Calibration: everything that must be known about a picture, each fact with the place it came from."""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from fastspec.errors import CalibrationError, ParameterError

# Strongest first: a stronger source overrides a weaker one.
SOURCES = ("given", "embedded", "pixels", "profile", "assumed")
EMBEDDED_FORMAT = "fastspec-calibration"
EMBEDDED_VERSION = 1
_MAX_EMBEDDED = 65_536  # characters; a calibration has about 1500
_MOST_REMARKED = 5  # facts of a text that are left out with a remark each
_MAX_HZ = 1e7
_LONGEST_NAME = 100  # characters of a colormap's, window's or profile's name

FREQ_SCALES = ("linear", "log", "mel", "cqt", "bark", "erb", "period")
FREQ_EDGES = ("librosa>=0.9", "librosa<0.9", "cells", "bins", "audacity")
LEVEL_KINDS = ("db", "amplitude", "power", "power_law")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about a picture: `value`, its `source` (one of `SOURCES`), how sure it is (0..1) and why."""

    value: Any
    source: str = "given"
    confidence: float = 1.0
    note: str = ""
    alternative: Any = None

    def as_dict(self) -> dict[str, Any]:
        """The fact as plain JSON values; empty fields are left out."""
        row: dict[str, Any] = {
            "value": _plain(self.value),
            "source": self.source,
            "confidence": round(self.confidence, 4),
        }
        if self.note:
            row["note"] = self.note
        if self.alternative is not None:
            row["alternative"] = _plain(self.alternative)
        return row


@dataclass(frozen=True, slots=True)
class _Spec:
    """What kind of value a fact has, and what goes wrong when it is wrong."""

    kind: str  # "str", "int", "float", "bool", "pair", "box", "border", "offsets", "choice"
    if_wrong: str
    choices: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf


FACTS: Mapping[str, _Spec] = MappingProxyType(
    {
        "profile": _Spec("str", "every fact taken from it may be wrong"),
        "cmap": _Spec("str", "loudness is scrambled: quiet may become loud, or noise appears"),
        "cmap_rounding": _Spec("choice", "levels are off by at most one of 256", ("round", "trunc")),
        "level_kind": _Spec("choice", "dynamics are crushed or blown up", LEVEL_KINDS),
        "level_exponent": _Spec("float", "dynamics are compressed or expanded", low=0.01, high=100.0),
        "level_quantiser": _Spec("choice", "levels are off by half a step", ("cells", "rounded")),
        "db_range": _Spec(
            "pair", "too narrow: flat, noisy sound; too wide: gated, hollow sound", low=-1000.0, high=300.0
        ),
        "ref": _Spec("float", "only the absolute loudness is wrong", low=0.0, high=1e9),
        "freq_scale": _Spec("choice", "pitches are bent: melodies and voices become unrecognisable", FREQ_SCALES),
        "freq_edges": _Spec("choice", "most rows land about 0.05 octave off: out of tune, blurred", FREQ_EDGES),
        "origin": _Spec("choice", "the spectrum is upside down", ("lower", "upper")),
        "sr": _Spec("int", "speed and pitch are off by the same factor", low=1, high=10_000_000),
        "n_fft": _Spec("int", "rows land on wrong bins: wrong pitch on log axes, rough sound", low=2, high=1 << 17),
        "win_length": _Spec("int", "smeared or rough sound", low=1, high=1 << 17),
        "window": _Spec("str", "slightly rough sound"),
        "hop_length": _Spec("int", "rough, buzzing sound; the duration is off unless given", low=1, high=1 << 20),
        "center": _Spec("bool", "the sound is shifted by half a window"),
        "n_frames": _Spec("int", "tempo is off", low=1, high=1 << 31),
        "duration": _Spec("float", "tempo is off; pitch stays", low=0.0, high=1e15),
        "n_bins": _Spec("int", "pitches are bent", low=1, high=1 << 16),
        "n_mels": _Spec("int", "pitches are bent", low=1, high=1 << 16),
        "mel_htk": _Spec("bool", "pitches are bent by up to a few per cent"),
        "mel_norm": _Spec("choice", "treble or bass is too loud", ("slaney", "none")),
        "mel_power": _Spec("float", "dynamics are compressed or expanded", low=0.1, high=10.0),
        "fmin": _Spec("float", "pitches are shifted", low=0.0, high=_MAX_HZ),
        "fmax": _Spec("float", "pitches are shifted", low=0.0, high=_MAX_HZ),
        "bins_per_octave": _Spec("int", "pitches are bent", low=1, high=4096),
        "linthresh": _Spec("float", "low pitches are bent", low=1e-6, high=_MAX_HZ),
        "linscale": _Spec("float", "low pitches are bent", low=1e-6, high=1e6),
        "log_base": _Spec("float", "low pitches are bent", low=1.0 + 1e-6, high=1e6),
        "columns": _Spec("choice", "rough sound, or tempo a little off", ("frames", "spans")),
        "time_extent": _Spec("pair", "the sound is shifted, tempo is off", low=-1e9, high=1e9),
        "column_step": _Spec("float", "tempo is off", low=1e-9, high=1e6),
        "shown_n_fft": _Spec("int", "blurred, rough sound", low=2, high=1 << 17),
        "channels": _Spec("int", "the spectrum is repeated or cut in half", low=1, high=16),
        "channel_layout": _Spec("choice", "the spectrum is repeated or cut in half", ("stacked", "green-blue")),
        "one_sided": _Spec("bool", "the lowest and highest bin are 3 dB off"),
        "plot_area": _Spec("box", "margins are read as sound: hum and clicks"),
        "plot_hidden": _Spec("border", "the frame's lines are read as sound, or data at the rim is left out"),
        # how far the data's box reaches beyond plot_area at the left, top, right and bottom, in pixels
        "plot_offsets": _Spec("offsets", "pixels are read as their neighbour cells: slightly rough sound"),
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


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):  # EXIF
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, bytes):
        return value.hex()
    return value.item() if hasattr(value, "item") else value


def check_fact(name: str, value: Any) -> Any:
    """`value` in its canonical type, or ParameterError saying what the fact `name` takes."""
    spec = FACTS.get(name)
    if spec is None:
        raise ParameterError(f"unknown fact {reprlib.repr(name)}; the facts are {', '.join(FACTS)}")
    try:
        return _convert(spec, value)
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(f"{name}={reprlib.repr(value)} is not {_wanted(spec)}") from None


def _wanted(spec: _Spec) -> str:
    bounds = "" if spec.low == -math.inf else f" >= {spec.low:g}"
    bounds += "" if spec.high == math.inf else f" and <= {spec.high:g}"
    return {
        "str": f"a text of 1 to {_LONGEST_NAME} characters",
        "int": f"a whole number{bounds}",
        "float": f"a finite number{bounds}",
        "bool": "true or false",
        "pair": f"two finite numbers{bounds}, the lower first",
        "box": "four whole numbers: left, top, right, bottom in pixels, left < right and top < bottom",
        "border": "four whole numbers of lines of the plot that its frame hides: left, top, right, bottom",
        "offsets": "four numbers of pixels from -1 to 1: left, top, right, bottom",
        "choice": "one of " + ", ".join(spec.choices),
    }[spec.kind]


def _convert(spec: _Spec, value: Any) -> Any:
    if spec.kind in ("int", "float"):
        if isinstance(value, bool | str | bytes):
            raise ValueError
        number = float(value)
        if not math.isfinite(number) or not spec.low <= number <= spec.high:
            raise ValueError
        if spec.kind == "float":
            return number
        if number != int(number):
            raise ValueError
        return int(number)
    if spec.kind == "bool":
        if not isinstance(value, bool):
            raise ValueError
        return value
    if spec.kind == "pair":
        low, high = (float(v) + 0.0 for v in value)  # no negative zero
        if not (math.isfinite(low) and math.isfinite(high) and spec.low <= low < high <= spec.high):
            raise ValueError
        return (low, high)
    if spec.kind == "box":
        left, top, right, bottom = (int(v) for v in value)
        if not (0 <= left < right and 0 <= top < bottom):
            raise ValueError
        return (left, top, right, bottom)
    if spec.kind == "border":
        lines = tuple(int(v) for v in value)
        if len(lines) != 4 or min(lines) < 0:
            raise ValueError
        return lines
    if spec.kind == "offsets":
        if isinstance(value, str | bytes):
            raise ValueError
        offsets = tuple(float(v) + 0.0 for v in value)
        if len(offsets) != 4 or not all(-1 <= v <= 1 for v in offsets):
            raise ValueError
        return offsets
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME:
        raise ValueError
    if spec.choices and value not in spec.choices:
        raise ValueError
    return value


@dataclass(frozen=True)
class Calibration(Mapping[str, Any]):
    """What is known about a picture. A mapping from fact names to values; `facts` adds source and confidence.

    Immutable: `updated` and `merged` return new ones. `picture` describes the file (size, format, software);
    `remarks` are sentences for the user, such as contradictions between sources.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    picture: Mapping[str, Any] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        checked = {}
        for name, fact in self.facts.items():
            value = check_fact(name, fact.value)
            # most facts were checked before: a dozen copies a picture, each of twenty facts, would cost 4 ms
            checked[name] = fact if value is fact.value else replace(fact, value=value)
            if fact.source not in SOURCES:
                raise ParameterError(f"source {fact.source!r} of {name} is not one of {', '.join(SOURCES)}")
        object.__setattr__(self, "facts", MappingProxyType(checked))
        object.__setattr__(self, "picture", MappingProxyType(dict(self.picture)))

    @classmethod
    def of(cls, source: str = "given", **facts: Any) -> Calibration:
        """A calibration of plain values from one source; a value of None means not known."""
        return cls({name: Fact(value, source) for name, value in facts.items() if value is not None})

    def __getitem__(self, name: str) -> Any:
        return self.facts[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self.facts)

    def __len__(self) -> int:
        return len(self.facts)

    def __hash__(self) -> int:
        return hash(tuple(sorted((name, repr(fact)) for name, fact in self.facts.items())))

    def __reduce__(self) -> tuple[Any, ...]:
        # mapping proxies cannot be pickled; batches send calibrations to other processes
        return (type(self), (dict(self.facts), dict(self.picture), self.remarks))

    def source(self, name: str) -> str | None:
        """Where the fact came from, or None when it is not known."""
        fact = self.facts.get(name)
        return fact.source if fact else None

    def updated(self, source: str, confidence: float = 1.0, note: str = "", **facts: Any) -> Calibration:
        """A copy with these facts set, whatever was known before."""
        new = {name: Fact(value, source, confidence, note) for name, value in facts.items() if value is not None}
        return replace(self, facts={**self.facts, **new})

    def without(self, *names: str) -> Calibration:
        """A copy that no longer knows these facts."""
        return replace(self, facts={k: v for k, v in self.facts.items() if k not in names})

    def described(self, **picture: Any) -> Calibration:
        """A copy with these properties of the file added."""
        return replace(self, picture={**self.picture, **picture})

    def remarked(self, *sentences: str) -> Calibration:
        """A copy with further sentences for the user."""
        return replace(self, remarks=(*self.remarks, *sentences))

    def merged(self, other: Calibration) -> Calibration:
        """Both together; the stronger source wins; a contradiction between two sure sources is remarked."""
        facts = dict(self.facts)
        remarks = [*self.remarks, *(r for r in other.remarks if r not in self.remarks)]
        for name, new in other.facts.items():
            old = facts.get(name)
            if old is None:
                facts[name] = new
                continue
            winner, loser = (new, old) if SOURCES.index(new.source) < SOURCES.index(old.source) else (old, new)
            said = loser.source in ("given", "embedded", "pixels") or (
                loser.source == "profile" and name == "freq_edges"
            )
            if said and not _same(winner.value, loser.value):
                remarks.append(
                    f"{name}: {winner.source} says {_show(winner.value)}, {loser.source} says "
                    f"{_show(loser.value)}; using {_show(winner.value)}"
                )
            facts[name] = winner
        return Calibration(facts, {**self.picture, **other.picture}, tuple(remarks))

    @property
    def missing(self) -> tuple[str, ...]:
        """The needed facts that nobody stated: absent, or only assumed."""
        return tuple(n for n in NEEDED if n not in self.facts or self.facts[n].source == "assumed")

    def report(self) -> dict[str, Any]:
        """What `inspect --json` prints: picture, facts with source and consequence, missing, remarks."""
        order = [*REPORTED, *(n for n in self.facts if n not in REPORTED)]
        facts: dict[str, Any] = {}
        for name in order:
            known = self.facts.get(name)
            row = known.as_dict() if known else {"value": None, "source": "assumed", "confidence": 0.0}
            facts[name] = {**row, "if_wrong": FACTS[name].if_wrong}
        return {
            "picture": {k: _plain(v) for k, v in self.picture.items()},
            "facts": facts,
            "missing": list(self.missing),
            "remarks": list(self.remarks),
        }

    def to_json(self, *, size: tuple[int, int] | None = None) -> str:
        """The values alone, as the text that a picture carries; `size` is its width and height in pixels."""
        document: dict[str, Any] = {"format": EMBEDDED_FORMAT, "version": EMBEDDED_VERSION}
        document["facts"] = {name: _plain(fact.value) for name, fact in self.facts.items()}
        if size is not None:
            document["size"] = list(size)
        return json.dumps(document, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, source: str = "embedded") -> Calibration:
        """Read what `to_json` wrote. Unknown facts (of a newer fastspec) are remarked and left out.

        Raises CalibrationError when the text is not a calibration.
        """
        if len(text) > _MAX_EMBEDDED:
            raise CalibrationError(f"embedded calibration of {len(text)} characters exceeds {_MAX_EMBEDDED}")
        try:
            document = json.loads(text)
            if document["format"] != EMBEDDED_FORMAT:
                raise KeyError("format")
            values = dict(document["facts"])
            version = int(document["version"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise CalibrationError(f"the embedded text is no fastspec calibration ({error}); it is ignored") from None
        remarks: list[str] = []
        left_out: list[str] = []
        if version > EMBEDDED_VERSION:
            remarks.append(f"embedded calibration has version {version}, this fastspec knows {EMBEDDED_VERSION}")
        facts = {}
        for name, value in values.items():
            try:
                facts[name] = Fact(check_fact(name, tuple(value) if isinstance(value, list) else value), source)
            except ParameterError as error:
                left_out.append(f"embedded fact left out: {error}")
        remarks += left_out[:_MOST_REMARKED]
        if len(left_out) > _MOST_REMARKED:
            remarks.append(f"{len(left_out) - _MOST_REMARKED} further embedded facts were left out")
        size = document.get("size")
        sized = isinstance(size, list) and len(size) == 2 and all(isinstance(n, int) and n > 0 for n in size)
        return cls(facts, {"drawn_size": tuple(size)} if sized else {}, tuple(remarks))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float | int) and isinstance(b, float | int):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return bool(a == b)


def _show(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
