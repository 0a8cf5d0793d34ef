"""The reader that decides between the readings of a plot that hangs one way or the other, and says where it cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FILES, Fact
from fastspec.detect.colormap_direction import GRAYS, LIMITS, Direction, answered, direction
from fastspec.detect.colour_survey import atlas
from fastspec.detect.evidence import Evidence, Scene, Signal

_BENT = ("log", "mel")
_HARDLY = ("which end of the colours is loud hardly shows", "how the plot lies hardly shows")


class DirectionReader:
    """Which end of the frequency axis is low, together with which end of the colormap is loud."""

    tells = frozenset({"origin"})

    def applies(self, scene: Scene) -> bool:
        """Where there are colours, and the file does not say how they lie."""
        drawn = scene.known.get("cmap") in atlas().families and "cmap_table" not in scene.known
        return (
            drawn and not scene.is_numbers and scene.source("origin") not in FILES and not answered(_told_by_bar(scene))
        )

    def read(self, scene: Scene) -> Evidence:
        """The origin where nothing surer tells it, and all readings of it and of the map where some are close."""
        ends = direction(scene.survey, scene.known["cmap"], _told_by_bar(scene))
        close = ends.close
        was = scene.known.facts.get("origin")
        new = was is None or was.source == "assumed" or was.value != ends.origin
        if was is not None and was.source == "profile" and was.confidence < LIMITS.close <= ends.sure_of_origin:
            new = True
        return Evidence(
            corrected={"origin": _origin(ends, scene.known.facts["cmap"])} if new else {},
            remarks=(_remark(close),) if close else (),
            described={"readings": _told(close)} if close else {},
            signals=frozenset({Signal.ORIGIN_BY_SOUND} if new else ()),
        )


class OriginByAxis:
    """Rows that are higher below are those of a log or mel axis, which nobody draws upside down."""

    tells = frozenset({"origin", "cmap"})

    def applies(self, scene: Scene) -> bool:
        """Where such an axis was read off the pixels and only the loudness told the origin."""
        scale = scene.known.facts.get("freq_scale")
        read_off = scale is not None and scale.source == "pixels" and scale.confidence >= LIMITS.sure_of_axis
        return read_off and scene.known["freq_scale"] in _BENT and Signal.ORIGIN_BY_SOUND in scene.signals

    def read(self, scene: Scene) -> Evidence:
        """The origin that readers have seen the plot with; what is left of the question; no readings with another."""
        known, axis = scene.known, scene.known.facts["freq_scale"]
        sure = max(axis.confidence, known.facts["origin"].confidence)
        origin = Fact(known["origin"], "pixels", sure, "the rows are higher where low frequencies are")
        told_by_bar = _told_by_bar(scene).updated("given", 1.0, "", origin=known["origin"])
        ends = direction(scene.survey, known["cmap"], told_by_bar)
        found, cmap, close = {"origin": origin}, known.facts["cmap"], ends.close
        if cmap.value != ends.cmap:
            found["cmap"] = replace(cmap, value=ends.cmap, confidence=ends.sure_of_cmap, alternative=cmap.value)
        said = frozenset(remark for remark in known.remarks if remark.startswith(_HARDLY))
        told = {"readings": _told(close)} if close or "readings" in known.picture else {}
        return Evidence(corrected=found, unsaid=said, remarks=(_remark(close),) if close else (), described=told)


def _told_by_bar(scene: Scene) -> Calibration:
    """What is known, the order of the colours being no question where the figure's colour bar shows it."""
    if Signal.COLOURS_BY_BAR not in scene.signals:
        return scene.known
    return scene.known.updated("given", 1.0, "", cmap=scene.known["cmap"])


def _told(close: tuple[tuple[str, str, float], ...]) -> list[dict[str, Any]]:
    return [{"facts": {"cmap": cmap, "origin": origin}, "probability": round(p, 3)} for cmap, origin, p in close]


def _origin(ends: Direction, cmap: Fact) -> Fact:
    """As sure as its readings are if the map is the right one, and an even chance if not; grays are like each other."""
    read_off = cmap.source in ("pixels", "assumed") and not cmap.value.startswith(GRAYS)
    sure_of_map = min(1.0, cmap.confidence / ends.sure_of_cmap) if read_off else 1.0
    sure = 0.5 + (ends.sure_of_origin - 0.5) * sure_of_map
    other = "upper" if ends.origin == "lower" else "lower"
    source = "pixels" if sure >= LIMITS.stated_origin else "assumed"
    note = "how the loudness of sound lies in time and frequency"
    return Fact(ends.origin, source, round(sure, 4), note, other if sure < LIMITS.close else None)


def _remark(close: tuple[tuple[str, str, float], ...]) -> str:
    """One sentence with the readings and the options that choose."""
    if len({origin for _, origin, _ in close}) == 1:
        said = " or ".join(f"{cmap} ({p:.0%})" for cmap, _, p in close)
        return f"{_HARDLY[0]}: the map is {said}; give --cmap"
    where = {"lower": "the lowest frequency at the bottom", "upper": "the lowest frequency on top"}
    said = " or ".join(f"{cmap} with {where[origin]} ({p:.0%})" for cmap, origin, p in close)
    options = " or ".join(f"--cmap {cmap} --origin {origin}" for cmap, origin, _ in close)
    return f"{_HARDLY[1]}: it is {said}; give {options}"
