"""Asking one reader, whatever becomes of it."""

from __future__ import annotations

from fastspec.calibration.facts import REPORTED
from fastspec.detect.evidence import Evidence, Reader, Scene
from fastspec.errors import FastspecError, listed

_LONGEST_REASON = 200  # characters of an error's message that a remark repeats


def asked(reader: Reader, scene: Scene) -> Evidence:
    """What a reader finds; a remark where it fails in a way that nobody foresaw, so that the others are still asked."""
    try:
        return reader.read(scene) if reader.applies(scene) else Evidence()
    except (FastspecError, MemoryError, Warning):  # warnings are exceptions only to those who ask for it
        raise
    except Exception as error:
        return Evidence(remarks=(_failure(reader, scene, error),))


def _failure(reader: Reader, scene: Scene, error: Exception) -> str:
    """A sentence on a reader that failed: which one, how, and what its user can give instead."""
    open_facts = [name for name in REPORTED if name in reader.tells and scene.source(name) in (None, "assumed")]
    remedy = f"give what you know of {listed(open_facts)}" if open_facts else "check the facts that are stated"
    reason = str(error).split("\n")[0][:_LONGEST_REASON]
    how = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
    return (
        f"the reader {type(reader).__name__} failed on this picture ({how}) and was skipped; {remedy}, "
        "and report the picture as a bug"
    )
