"""What a figure was found to tell, and how surely its labels tell it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from fastspec.calibration.facts import Fact, check_fact
from fastspec.detect.figure.axis_fit import Fit, fit
from fastspec.detect.figure.ticks import Side
from fastspec.errors import ParameterError


class Limits(NamedTuple):
    """How sure labels are.

    "facts" is `python -m bench.quality.facts CORPUS --figures N`, whose table sets confidences against the share that
    is right.
    """

    # Three that are clear and fit to a third of a pixel cannot do so by chance.
    few: int = 3  # labels that prove a scale; facts
    sure: float = 0.9  # of so many; facts
    sure_of_few: float = 0.55  # of fewer; facts
    blurred: float = 0.2  # mean distance of glyphs, beyond which a point may be lost or an 8 be a 0; unmeasured
    if_blurred: float = 0.6  # times as sure then; facts
    misfit: float = 0.5  # pixels of misfit, from which labels are less sure; unmeasured
    if_misfit: float = 0.85  # times as sure then; facts
    if_unread: float = 0.7  # times as sure where no label agrees; facts
    per_read: float = 0.3  # of that factor for each 1 of the share of labels that agree; facts
    implausible: float = 0.3  # confidence at most of what hardly any sound has; unmeasured
    weak: float = 0.5  # confidence at most of what depends on ends that are not clear; facts


LIMITS = Limits()


@dataclass
class Findings:
    """Facts and sentences gathered so far."""

    facts: dict[str, Fact] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    strange: str = ""  # what no spectrogram shows beside it
    untimely: str = ""  # what no time axis shows, unless the user says how long the sound is
    mirrored: bool = False  # whether time runs from right to left
    unusual: bool = False  # what few spectrograms' axes show
    hertz: bool = False  # whether the title of the vertical axis says that it is in Hz
    top: float = 0.0  # Hz, where the frequency axis ends

    def add(self, name: str, value: object, confidence: float, note: str, alternative: object = None) -> None:
        """State one fact, unless it is one that cannot be."""
        self._keep(name, Fact(value, "pixels", confidence, note, alternative))

    def doubt(self, name: str, why: str) -> None:
        """Take a fact that is implausible for a guess, and say so."""
        if name not in self.facts:
            return
        self.suppose((name,), why)
        self.remarks.append(f"{name} {self.facts[name].value:g} is read off an axis, but {why}; give --{name}")

    def suppose(self, names: tuple[str, ...], why: str) -> None:
        """Take facts that follow from a guess for guesses."""
        for name in self.facts.keys() & set(names):
            fact = self.facts[name]
            sure = min(fact.confidence, LIMITS.implausible)
            self.facts[name] = replace(fact, source="assumed", confidence=sure, note=f"{fact.note}; {why}")

    def backwards(self, start: float, end: float, *, sure: bool) -> None:
        """Say that time runs from right to left, from `start` to `end`. sure : whether labels enough say so."""
        if sure:
            self.mirrored = True
            self.remarks.append(
                f"time runs from right to left, from {start:.4g} to {end:.4g}: the plot is read mirrored, so that the "
                "sound is not reversed"
            )
            return
        self.remarks.append("time runs from right to left, so the sound would be reversed; mirror the picture")
        self.untimely = f"its horizontal axis runs backwards, from {start:.4g} to {end:.4g}"

    def assume(self, name: str, value: object, confidence: float, note: str) -> None:
        """State one fact that hangs on a guess, unless it is one that cannot be."""
        self._keep(name, Fact(value, "assumed", confidence, note))

    def _keep(self, name: str, fact: Fact) -> None:
        """Keep a fact; what is out of range was misread, or is another quantity, and is said instead."""
        try:
            check_fact(name, fact.value)
        except ParameterError as error:
            option = f"--{name.replace('_', '-')}"
            self.remarks.append(f"what labels tell of {name} was left out: {error}; give {option}")
            return
        self.facts[name] = fact

    def weaken(self, why: str) -> None:
        """Trust what depends on the borders of the data less."""
        for name in self.facts.keys() & {"duration", "sr", "fmax"}:
            fact = self.facts[name]
            self.facts[name] = replace(fact, confidence=min(fact.confidence, LIMITS.weak), note=f"{fact.note}; {why}")


def numbered(side: Side) -> bool:
    """Whether numbers enough lie in a line, which no silence has beside it."""
    line = fit(side.ticks)
    return line is not None and line.used >= LIMITS.few


def trust(line: Fit, side: Side) -> float:
    """How sure labels are."""
    agreed = line.used / max(1, len(side.ticks) + side.unread)
    return (
        (LIMITS.sure if line.used >= LIMITS.few else LIMITS.sure_of_few)
        * (1.0 if side.doubt < LIMITS.blurred else LIMITS.if_blurred)
        * (1.0 if line.misfit < LIMITS.misfit else LIMITS.if_misfit)
        * (LIMITS.if_unread + LIMITS.per_read * min(1.0, agreed))
    )
