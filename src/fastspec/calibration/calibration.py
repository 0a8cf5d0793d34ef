"""Calibration: everything that must be known about a picture, each fact with the place it came from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from fastspec._text import printable
from fastspec.calibration.facts import FACTS, NEEDED, REPORTED, SOURCES, STATED, Fact, check_fact, plain, shortened
from fastspec.errors import CalibrationError, ParameterError

EMBEDDED_FORMAT = "fastspec-calibration"
EMBEDDED_VERSION = 1  # of the format; raised when an older fastspec would misread it
_MAX_EMBEDDED = 65_536  # characters; a calibration has about 1500
_MOST_REMARKED = 5  # facts of a text that are left out with a remark each


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
            checked[name] = fact if value is fact.value else replace(fact, value=value)
            if fact.source not in SOURCES:
                raise ParameterError(f"source {fact.source!r} of {name} is not one of {', '.join(SOURCES)}")
        object.__setattr__(self, "facts", MappingProxyType(checked))
        object.__setattr__(self, "picture", MappingProxyType(dict(self.picture)))

    def _with(
        self,
        facts: Mapping[str, Fact] | None = None,
        picture: Mapping[str, Any] | None = None,
        remarks: tuple[str, ...] | None = None,
    ) -> Calibration:
        """A copy with these facts, all of them checked before: to check them in each of some twenty copies a picture
        would cost 1 ms."""
        made, put = object.__new__(Calibration), object.__setattr__
        put(made, "facts", self.facts if facts is None else MappingProxyType(facts))
        put(made, "picture", self.picture if picture is None else MappingProxyType(picture))
        put(made, "remarks", self.remarks if remarks is None else remarks)
        return made

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
        return self._with({**self.facts, **Calibration(new).facts})

    def corrected(self, facts: Mapping[str, Fact]) -> Calibration:
        """A copy with these facts in place of what was known of them."""
        return self._with({**self.facts, **Calibration(facts).facts})

    def without(self, *names: str) -> Calibration:
        """A copy that no longer knows these facts."""
        return self._with({k: v for k, v in self.facts.items() if k not in names})

    def described(self, **picture: Any) -> Calibration:
        """A copy with these properties of the file added."""
        return self._with(picture={**self.picture, **picture})

    def remarked(self, *sentences: str) -> Calibration:
        """A copy with further sentences for the user."""
        return self._with(remarks=(*self.remarks, *sentences))

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
            said = loser.source in (*STATED, "pixels") or (loser.source == "profile" and name == "freq_edges")
            if said and not _same(winner.value, loser.value):
                remarks.append(
                    f"{name}: {winner.source} says {_show(winner.value)}, {loser.source} says "
                    f"{_show(loser.value)}; using {_show(winner.value)}"
                )
            facts[name] = winner
        return self._with(facts, {**self.picture, **other.picture}, tuple(remarks))

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
            "picture": {k: plain(v) for k, v in self.picture.items()},
            "facts": facts,
            "missing": list(self.missing),
            "remarks": list(self.remarks),
        }

    def to_json(self, *, size: tuple[int, int] | None = None) -> str:
        """The values alone, as the text that a picture carries; `size` is its width and height in pixels."""
        document: dict[str, Any] = {"format": EMBEDDED_FORMAT, "version": EMBEDDED_VERSION}
        document["facts"] = {name: plain(fact.value) for name, fact in self.facts.items()}
        if size is not None:
            document["size"] = list(size)
        return json.dumps(document, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, source: str = "embedded", name: str = "the embedded calibration") -> Calibration:
        """Read what `to_json` wrote. Unknown facts are remarked and left out. name : of the text, in messages.

        Raises CalibrationError when the text is not a calibration, or one of a newer format.
        """
        if len(text) > _MAX_EMBEDDED:
            raise CalibrationError(f"{name} of {len(text)} characters exceeds {_MAX_EMBEDDED}; it is ignored")
        document = _document(text)
        if isinstance(document, str):
            raise CalibrationError(f"{name} is not a fastspec calibration: {document}; it is ignored")
        values, version = document["facts"], document["version"]
        if version > EMBEDDED_VERSION:
            raise CalibrationError(
                f"{name} has format {version}, and this fastspec reads format {EMBEDDED_VERSION}: "
                "it is ignored; update fastspec, or give the facts"
            )
        return cls._of_document(values, document, source, name)

    @classmethod
    def _of_document(
        cls, values: Mapping[str, Any], document: Mapping[str, Any], source: str, name: str
    ) -> Calibration:
        """The facts of a document, each a value or a mapping that holds it as `value`; its size and thumbnail."""
        left_out: list[str] = []
        facts = {}
        about = name.removeprefix("the ").removesuffix(" calibration")
        for fact, told in values.items():
            value = told.get("value") if isinstance(told, Mapping) else told
            if value is None and value is not told:  # what a report says of facts that are not known
                continue
            try:
                facts[fact] = Fact(check_fact(fact, tuple(value) if isinstance(value, list) else value), source)
            except ParameterError as error:
                left_out.append(f"{about} fact left out: {error}")
        remarks = left_out[:_MOST_REMARKED]
        if len(left_out) > _MOST_REMARKED:
            remarks.append(f"{len(left_out) - _MOST_REMARKED} further {about} facts were left out")
        size, thumbnail = document.get("size"), document.get("thumbnail")
        sized = isinstance(size, list) and len(size) == 2 and all(isinstance(n, int) and n > 0 for n in size)
        picture: dict[str, Any] = {"drawn_size": tuple(size)} if sized and size is not None else {}
        if isinstance(thumbnail, str):
            picture["thumbnail"] = thumbnail
        return cls(facts, picture, tuple(remarks))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float | int) and isinstance(b, float | int):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return bool(a == b)


def _show(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else printable(shortened(str(value)))


def _document(text: str) -> dict[str, Any] | str:
    """An embedded calibration with its `facts` and `version`, or why the text is none, as a phrase."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        return f"it is not valid JSON (line {error.lineno}, column {error.colno})"
    except (ValueError, RecursionError):
        return "it holds numbers of thousands of digits, or is nested a thousand deep"
    if not isinstance(document, dict) or document.get("format") != EMBEDDED_FORMAT:
        return f"it does not say that its format is {EMBEDDED_FORMAT!r}"
    if not isinstance(document.get("facts"), dict):
        return "it holds no table of facts"
    try:
        return {**document, "version": int(document["version"])}
    except (KeyError, ValueError, TypeError, OverflowError):
        return "it does not state the version of its format"
