"""What follows from a guess is a guess: the one place that gives derived facts their source.

A fact that was derived from others is no better known than the weakest of them. A profile that the pixels hardly show
is a guess, and so is all that follows from it: its facts are then assumed, whatever they would be of a tool that has
signed its picture. What is read off the pixels, or given, overrides an assumed fact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from fastspec.calibration.facts import SOURCES, Fact

ASSUMED = "assumed"


class Limits(NamedTuple):
    """When a profile is believed. "facts" is `python -m bench.quality.facts CORPUS --draw N`."""

    # Confidence of a profile read off the pixels, from which its facts are stated: programs with marks of their own
    # have .8 to .99, plotting libraries, with which anything may be drawn, less; facts
    believed: float = 0.75


LIMITS = Limits()


def is_guess(profile: Fact) -> bool:
    """Whether the profile of a picture is hardly more than a guess, so that its facts are one."""
    return profile.source == ASSUMED or (profile.source == "pixels" and profile.confidence < LIMITS.believed)


def of_profile(facts: Mapping[str, Fact], profile: Fact) -> dict[str, Fact]:
    """The facts that a profile brings, none surer than the profile itself; assumed where that is a guess."""
    return {name: _of_profile(fact, profile) for name, fact in facts.items()}


def following(value: Any, known: Mapping[str, Fact], origins: tuple[str, ...], note: str = "") -> Fact:
    """A fact that was derived from the facts `origins`: of the weakest source among them, as sure as the least sure."""
    facts = [known[name] for name in origins]
    source = max((fact.source for fact in facts), key=SOURCES.index)
    confidence = min(fact.confidence for fact in facts)
    return Fact(value, source, confidence, note or f"from {', '.join(origins)}")


def _of_profile(fact: Fact, profile: Fact) -> Fact:
    most = min(fact.confidence, profile.confidence)
    if fact.source == ASSUMED or not is_guess(profile):
        return replace(fact, confidence=most, follows="profile")
    why = f"as {profile.value} has it, which is a guess ({profile.confidence:.0%})"
    note = f"{fact.note}; {why}" if fact.note else why
    return replace(fact, source=ASSUMED, confidence=most, note=note, follows="profile")
