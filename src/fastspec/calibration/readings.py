"""What a picture may be where it is not clear: its readings that are close, each with the facts it holds."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import STATED


class Limits(NamedTuple):
    """Which readings are worth hearing."""

    sure: float = 0.9  # confidence, 0..1, from which a fact's alternative is not close; facts above it must be true
    most: int = 8  # readings of a picture, so that a folder of sounds can still be heard; unmeasured


LIMITS = Limits()


class Reading(NamedTuple):
    """The facts that a reading of a picture holds where others hold something else, and how probable it is, 0..1.

    Facts that are open each for itself are taken as independent.
    """

    facts: dict[str, Any]
    probability: float


def readings(cal: Calibration) -> tuple[Reading, ...]:
    """The close readings of a picture, the one that is stated first, then by probability; one where nothing is open.

    They are those that `inspect` tells of facts that hang together, and the alternative of each fact that is open for
    itself. What was given or is embedded is not open.
    """
    told = [Reading(dict(each["facts"]), float(each["probability"])) for each in cal.picture.get("readings") or ()]
    joint = [each for each in told if not _contradicts(each, cal)] or [Reading({}, 1.0)]
    stated = next((each for each in joint if _is_stated(each, cal)), joint[0])
    open_facts = {
        name: fact
        for name, fact in cal.facts.items()
        if fact.alternative is not None
        and fact.source not in STATED
        and fact.confidence < LIMITS.sure
        and name not in stated.facts
    }
    values = {name: fact.value for name, fact in open_facts.items()}
    sure = math.prod(fact.confidence for fact in open_facts.values())
    first = Reading({**stated.facts, **values}, stated.probability * sure)
    others = [Reading({**each.facts, **values}, each.probability * sure) for each in joint if each is not stated]
    for name, fact in open_facts.items():
        odds = (1 - fact.confidence) * math.prod(f.confidence for n, f in open_facts.items() if n != name)
        others.append(Reading({**first.facts, name: fact.alternative}, stated.probability * odds))
    others.sort(key=lambda each: -each.probability)
    found = (first, *others[: LIMITS.most - 1])
    return found if len(found) > 1 else (Reading({}, first.probability),)


def _is_stated(reading: Reading, cal: Calibration) -> bool:
    return all(name in cal and cal[name] == value for name, value in reading.facts.items())


def _contradicts(reading: Reading, cal: Calibration) -> bool:
    """Whether somebody who knows says otherwise."""
    return any(cal.source(name) in STATED and cal[name] != value for name, value in reading.facts.items())
