"""Names that a file states of itself and that fastspec does not know: of a colormap, of a window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FILES, Fact
from fastspec.detect.evidence import Evidence, Scene
from fastspec.errors import CalibrationError, FastspecError
from fastspec.plot import layout
from fastspec.transform.windows import check_window

NAMED = ("cmap", "window")


class UnknownNames:
    """What a file says of its colours and its window, where that is nothing that can be used."""

    tells = frozenset(NAMED)
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Where the file says it."""
        return any(scene.source(name) in FILES for name in NAMED)

    def read(self, scene: Scene) -> Evidence:
        """The same facts, of which nothing is sure, with a remark; nothing where they are known."""
        wrong: dict[str, Fact] = {}
        remarks = []
        for name in NAMED:
            fact = scene.known.facts.get(name)
            fault = "" if fact is None or fact.source not in FILES else _FAULTS[name](scene.known)
            if fact is not None and fault:
                wrong[name] = replace(fact, confidence=0.0, note=fault)
                remarks.append(f"what the file says of itself cannot be used: {fault}; give --{name} NAME")
        return Evidence(corrected=wrong, remarks=tuple(remarks))


def check(cal: Calibration) -> None:
    """Raise CalibrationError where the file itself states a name that nobody knows, and the user gives none."""
    for name in NAMED:
        fact = cal.facts.get(name)
        if fact is not None and fact.source in FILES and not fact.confidence:
            raise CalibrationError(f"what the file says of itself cannot be used: {fact.note}; give --{name} NAME")


def _fault_of_colours(known: Calibration) -> str:
    try:
        layout.colormap(known)
    except FastspecError as error:
        return str(error)
    return ""


def _fault_of_window(known: Calibration) -> str:
    return _window_fault(known["window"], known.get("win_length"), known.get("n_fft"))


@lru_cache(maxsize=64)
def _window_fault(window: str, win_length: int | None, n_fft: int | None) -> str:
    try:
        check_window(window, win_length, n_fft)
    except FastspecError as error:
        return str(error)
    return ""


_FAULTS: Mapping[str, Callable[[Calibration], str]] = {"cmap": _fault_of_colours, "window": _fault_of_window}
