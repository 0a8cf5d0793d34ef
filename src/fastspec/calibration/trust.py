"""On what a sound hangs, and which of that is only assumed: what `strict` refuses and batches mark as doubtful."""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Sequence
from typing import NamedTuple

from fastspec._text import printable
from fastspec.calibration import guesses
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FILES, STATED
from fastspec.errors import CalibrationError, FastspecWarning

# What must be given, as a command line shows it where it is not known.
PLACEHOLDERS = {
    "duration": "SECONDS?",
    "sr": "HZ?",
    "freq_scale": "SCALE?",
    "cmap": "NAME?",
    "origin": "WHERE?",
    "level_kind": "KIND?",
    "db_range": "LO? HI?",
}

AS_USED = "as_used"  # property of a calibration whose facts are all that an earlier run used: its doubts


class Limits(NamedTuple):
    """When a fact that somebody stated is no better than a guess, as a confidence, 0..1.

    "facts" is `python -m bench.quality.facts CORPUS --draw N`.
    """

    unsure: float = 0.5  # a fact read off the pixels with less is as often wrong as right; facts
    usual: float = 0.5  # a drawing tool's own default range of levels has this; librosa's, of no tool, .3; by defaults


LIMITS = Limits()


def doubts(cal: Calibration) -> tuple[str, ...]:
    """The facts that the sound hangs on and that are only assumed: it may be of another length, pitch or loudness.

    In the order of PLACEHOLDERS. What hardly can be heard is left out: a range of decibels that is the drawing tool's
    own default, how many samples a frame has where the duration is known.
    """
    if AS_USED in cal.picture:  # what an earlier run found
        return tuple(name for name in PLACEHOLDERS if name in cal.picture[AS_USED])
    return tuple(name for name in PLACEHOLDERS if _is_open(name, cal))


def unsure(cal: Calibration) -> tuple[str, ...]:
    """The facts that nobody should take for known: assumed, doubtful, or hardly shown by the pixels."""
    open_facts = doubts(cal)
    return tuple(
        name
        for name, fact in cal.facts.items()
        if fact.source == "assumed"
        or name in open_facts
        or (fact.source in ("pixels", *FILES) and fact.confidence < guesses.LIMITS.believed)
    )


def _is_open(name: str, cal: Calibration) -> bool:
    """Whether nothing tells this fact."""
    fact = cal.facts.get(name)
    if name == "db_range" and (cal.get("level_kind", "db") != "db" or cal.source("ref") is not None):
        return False
    if fact is None:  # of a calibration that is not one of `inspect`
        return False
    if name in ("cmap", "origin") and name in _between_readings(cal):
        return True
    if fact.source in ("pixels", *FILES):  # a file may state what nobody knows
        return fact.confidence < LIMITS.unsure
    if fact.source != "assumed":
        return False
    if name == "origin":  # rows that were told apart by their frequencies lie the way they were found
        return cal.source("freq_scale") != "pixels"
    if name == "level_kind":  # whoever says decibels says what levels are
        return cal.source("db_range") in (None, "assumed")
    return name != "db_range" or fact.confidence < LIMITS.usual


def _between_readings(cal: Calibration) -> frozenset[str]:
    """The facts in which the readings differ of a picture that can be read in several ways."""
    readings = cal.picture.get("readings") or ()
    facts = [reading["facts"] for reading in readings]
    names = {name for reading in facts for name in reading}
    open_names = {name for name in names if len({repr(reading.get(name)) for reading in facts}) > 1}
    return frozenset(name for name in open_names if cal.source(name) not in STATED)


def options(names: tuple[str, ...]) -> str:
    """The options that would tell these facts: "--duration SECONDS and --sr HZ"."""
    *first, last = (f"--{name.replace('_', '-')} {PLACEHOLDERS[name].replace('?', '')}" for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def check(cal: Calibration) -> None:
    """Raise CalibrationError where the sound hangs on what is only assumed."""
    names = doubts(cal)
    if names:
        verb = "is" if len(names) == 1 else "are"
        raise CalibrationError(
            f"strict: {', '.join(names)} {verb} only assumed, and the sound depends on that; give {options(names)}"
        )


def warn(read: Sequence[Calibration]) -> None:
    """Warn once of the remarks on one or several pictures, at the line outside of fastspec that asked for them."""
    said = [(number, cal.remarks) for number, cal in enumerate(read) if cal.remarks]
    if not said:
        return
    number, remarks = said[0]
    text = printable("; ".join(remarks))
    if len(read) > 1:
        text = f"{len(said)} of {len(read)} pictures have remarks; the one at index {number}: {text}"
    warnings.warn(text, FastspecWarning, stacklevel=_levels_to_caller())


def _levels_to_caller() -> int:
    """`stacklevel`, as seen from `warn`, of the first frame that is not of this package."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
    frame, levels = inspect.currentframe(), 0
    while frame is not None and frame.f_code.co_filename.startswith(package):
        frame, levels = frame.f_back, levels + 1
    return max(1, levels)
