"""What readers look at and what they answer: a `Scene` is a picture with all that is known of it so far, `Evidence` is
what one reader adds to that.

A reader never changes anything: it gets a scene and returns evidence, and `Scene.knowing` makes the next scene of both.
Only the scene knows that a picture was enlarged before it was saved, or that its frequency axis is upside down: readers
see pixels as drawn, the lowest frequency below, and boxes and offsets are mapped back when facts leave the scene.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

from fastspec._typing import Box
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.magnified import larger, smaller
from fastspec.picture.picture import Picture
from fastspec.picture.words import in_order

_Result = TypeVar("_Result")


class Signal(Enum):
    """What a reader tells later readers that is no fact of the picture."""

    TIME_AS_GIVEN = "time as given"  # the time axis shows the duration that the user gave
    AXIS_UNUSUAL = "unusual"  # the axes show what those of few spectrograms do
    EDGES_OPEN = "open"  # the profile's freq_edges are those of one release: pixels tell better
    ORIGIN_BY_SOUND = "origin by sound"  # only what sound looks like tells which end of the axis is low
    EQUAL_CELLS = "cells"  # rows are cells of equal height: their borders tell no axis
    COLOURS_BY_BAR = "colours by bar"  # the colour bar tells the map and which end of it is loud
    LABELLED_AXES = "labelled"  # time and frequency axis were read: it is a spectrogram, whatever it looks like


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a reader found.

    facts : weighed against what is known: the stronger source wins, and contradictions are remarked.
    corrected : facts that replace what is known, whatever its source. withdrawn : names of facts that no longer hold.
    remarks : sentences for the user; unsaid : earlier ones that they replace.
    doubt : why the picture cannot be decoded, as a phrase. signals : for later readers.
    described : properties of the picture that are no facts.
    """

    facts: Mapping[str, Fact] = field(default_factory=dict)
    corrected: Mapping[str, Fact] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()
    unsaid: frozenset[str] = frozenset()
    doubt: str | None = None
    signals: frozenset[Signal] = frozenset()
    described: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, found: Calibration) -> Evidence:
        """The facts, remarks and properties of a calibration that holds only what was found."""
        return cls(found.facts, remarks=found.remarks, **_told(found.picture))

    @classmethod
    def between(cls, before: Calibration, after: Calibration) -> Evidence:
        """What turns one calibration into another that was made of it."""
        was = before.facts
        facts = {
            name: fact for name, fact in after.facts.items() if was.get(name) is not fact and was.get(name) != fact
        }
        gone = frozenset(before.facts.keys() - after.facts.keys())
        told = {name: value for name, value in after.picture.items() if before.picture.get(name) != value}
        said = tuple(remark for remark in after.remarks if remark not in before.remarks)
        unsaid = frozenset(before.remarks) - frozenset(after.remarks)
        return cls(corrected=facts, withdrawn=gone, remarks=said, unsaid=unsaid, **_told(told))

    @property
    def nothing(self) -> bool:
        """Whether it says nothing."""
        said = self.facts or self.corrected or self.withdrawn or self.remarks or self.unsaid or self.signals
        return not said and self.doubt is None and not self.described

    @property
    def told(self) -> frozenset[str]:
        """The names of all facts that it states or withdraws."""
        return frozenset(self.facts) | frozenset(self.corrected) | self.withdrawn


def _told(picture: Mapping[str, Any]) -> dict[str, Any]:
    """Doubt, signals and further properties of what a calibration says of the picture as a whole."""
    rest = dict(picture)
    axes, doubt = rest.pop("axes", None), rest.pop("doubt", None)
    signals = frozenset() if axes is None else frozenset({Signal(axes)})
    return {"doubt": doubt, "signals": signals, "described": rest}


_ASKS, _CHOICE = re.compile(r"\bgive (--.*)"), re.compile(r", (?:or )?| or ")
_OPTION = re.compile(r"(?<!\w)__(\w+)")
_MEANS = {"level_range": "db_range", "level_unit": "db_range"}  # what options of no fact become

SEEN = ("backwards",)  # properties of a picture that are no facts and by which its pixels are read otherwise


def seen_of(cal: Calibration) -> list[str]:
    """Which properties of SEEN the picture has."""
    return [name for name in SEEN if cal.picture.get(name)]


class Views:
    """Parts of one picture, cut out and surveyed once for all that ask; shared by all scenes of it."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self._surveys: dict[tuple[Any, ...], ColourSurvey] = {}
        # only the last one: a copy of a million pixels takes 2 ms, and is as large as the picture
        self._area: tuple[tuple[Any, ...], NDArray[Any]] | None = None
        self._turned: dict[tuple[Any, ...], Any] = {}

    def area(self, box: Box, hidden: Box, upside_down: bool, backwards: bool = False) -> NDArray[Any]:
        """The pixels within `box`, what a frame hides filled from beside it.

        Turned over if `upside_down`, mirrored if time runs `backwards`.
        """
        key = (box, hidden, upside_down, backwards)
        if self._area is None or self._area[0] != key:
            pixels = self.picture.area(box, hidden)
            turned = pixels[::-1] if upside_down else pixels
            turned = turned[:, ::-1] if backwards else turned
            self._area = key, in_order(turned) if upside_down or backwards else pixels
        return self._area[1]

    def once(
        self, work: Callable[[NDArray[Any]], _Result], box: Box, hidden: Box, upside_down: bool, backwards: bool = False
    ) -> _Result:
        """`work` of that area's pixels, done once for all that ask."""
        if not (upside_down or backwards):
            return self.picture.once(work, box, hidden)
        key = (work, box, hidden, upside_down, backwards)
        if key not in self._turned:
            self._turned[key] = work(self.area(box, hidden, upside_down, backwards))
        found: _Result = self._turned[key]
        return found

    def survey(self, box: Box, hidden: Box, upside_down: bool, backwards: bool = False) -> ColourSurvey:
        """The colours of that area."""
        key = (box, hidden, upside_down, backwards)
        if not (any(hidden) or upside_down or backwards):  # tools may have looked there
            return ColourSurvey.at(self.picture, box)
        if key not in self._surveys:
            self._surveys[key] = ColourSurvey.of(self.area(*key), self.picture.palette)
        return self._surveys[key]


@dataclass(frozen=True, eq=False)
class Scene:
    """A picture and all that is known of it so far. Immutable: `knowing` makes the next one.

    given : what the user knows. known : that and all that was found. limit : most cells of a spectrum.
    like : facts of another picture of the same drawing.
    """

    picture: Picture
    given: Calibration
    known: Calibration
    limit: int
    views: Views = field(repr=False)
    signals: frozenset[Signal] = frozenset()
    like: Calibration | None = None

    @classmethod
    def of(cls, picture: Picture, given: Calibration, limit: int, like: Calibration | None = None) -> Scene:
        """The scene of which nothing is known but what the user has given, whose boxes are in pixels of the file."""
        if "enlarged" in picture.info and "plot_area" in given:
            crop = replace(given.facts["plot_area"], value=smaller(given["plot_area"], picture))
            given = Calibration({**given.facts, "plot_area": crop}, given.picture, given.remarks)
        return cls(picture, given, given, limit, Views(picture), like=like)

    def knowing(self, evidence: Evidence) -> Scene:
        """The scene with what a reader found."""
        if evidence.nothing:
            return self
        told = {"axes": Signal.TIME_AS_GIVEN.value} if Signal.TIME_AS_GIVEN in evidence.signals else {}
        told |= evidence.described
        if evidence.doubt is not None:
            told["doubt"] = evidence.doubt
        if Signal.AXIS_UNUSUAL in evidence.signals:
            told["axes"] = Signal.AXIS_UNUSUAL.value
        facts, corrected = self._upright(evidence.facts), self._upright(evidence.corrected)
        gone = evidence.withdrawn - corrected.keys()
        known = self.known.without(*gone) if gone else self.known
        if evidence.unsaid:
            known = replace(known, remarks=tuple(said for said in known.remarks if said not in evidence.unsaid))
        if facts or told or evidence.remarks:
            known = known.merged(Calibration(facts, told, evidence.remarks))
        if corrected:
            known = known.corrected(corrected)
        return replace(self, known=known, signals=self.signals | evidence.signals)

    def source(self, name: str) -> str | None:
        """Where a fact came from, None where it is not known."""
        return self.known.source(name)

    @property
    def is_numbers(self) -> bool:
        """Whether the picture was made of an array of numbers, without colours, margins or marks of a tool."""
        return "levels" in self.picture.info

    @property
    def upside_down(self) -> bool:
        """Whether the frequency axis falls upwards, whoever says so: readers see the plot turned over then."""
        return self.known.get("origin") == "upper"

    @property
    def backwards(self) -> bool:
        """Whether time runs from right to left: readers, and who decodes, see the plot mirrored then."""
        return bool(self.known.picture.get("backwards"))

    @property
    def box(self) -> Box:
        """The plot's pixels: left, top, right, bottom; the whole picture where they are not known."""
        whole = (0, 0, self.picture.width, self.picture.height)
        box: Box = self.known.get("plot_area", whole)
        return box

    @property
    def width(self) -> int:
        """Columns of the plot."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        """Rows of the plot."""
        return self.box[3] - self.box[1]

    @property
    def hidden(self) -> Box:
        """Lines of the plot that its frame hides: left, top, right, bottom."""
        hidden: Box = self.known.get("plot_hidden", (0, 0, 0, 0))
        return hidden

    @property
    def area(self) -> NDArray[Any]:
        """The plot's pixels (H, W) or (H, W, 3), the lowest frequency below, time from left to right."""
        return self.views.area(self.box, self.hidden, self.upside_down, self.backwards)

    @property
    def stored(self) -> NDArray[Any]:
        """The plot's pixels as they stand in the file, but for time that runs backwards."""
        return self.views.area(self.box, self.hidden, False, self.backwards)

    def once(self, work: Callable[[NDArray[Any]], _Result]) -> _Result:
        """`work(self.area)`, done once for all that ask."""
        return self.views.once(work, self.box, self.hidden, self.upside_down, self.backwards)

    @property
    def survey(self) -> ColourSurvey:
        """The colours of the plot."""
        return self.views.survey(self.box, self.hidden, self.upside_down, self.backwards)

    def calibration(self) -> Calibration:
        """All that is known, with boxes in pixels of the file."""
        known, info = self.known, dict(self.picture.info)
        if answered := {said for said in known.remarks if _is_answered(said, self.given)}:
            known = replace(known, remarks=tuple(said for said in known.remarks if said not in answered))
        known = known.remarked(*info.pop("notes", ()))
        width, height = info.pop("file_size", (self.picture.width, self.picture.height))
        if info.pop("enlarged", None) is not None:
            in_file = replace(known.facts["plot_area"], value=larger(known["plot_area"], self.picture))
            known = known.corrected({"plot_area": in_file})
        return known.described(width=width, height=height, **info)

    def _upright(self, facts: Mapping[str, Fact]) -> Mapping[str, Fact]:
        """Facts as of the file: what was read above of a plot turned over lies below."""
        offsets = facts.get("plot_offsets")
        if offsets is None or offsets.source != "pixels" or not self.upside_down:
            return facts
        left, top, right, bottom = offsets.value
        return {**facts, "plot_offsets": replace(offsets, value=(left, bottom, right, top))}


def _is_answered(remark: str, given: Mapping[str, Any]) -> bool:
    """Whether the user has given what a remark asks for: all options of one of the choices that it leaves."""
    asked = _ASKS.search(remark)
    choices = _CHOICE.split(asked.group(1)) if asked else []
    options = [{_MEANS.get(name, name) for name in _OPTION.findall(choice.replace("-", "_"))} for choice in choices]
    return any(names and names <= given.keys() for names in options)


class Reader(Protocol):
    """Tells some facts of a scene.

    tells : the names of all facts that it may state or withdraw.
    One that looks at no pixels, whose answer follows from the facts, the signals and the picture's size and `info`, may
    say so by an attribute `blind = True`: it is asked once for pictures that are alike (`detect.asking.Answers`).
    """

    tells: frozenset[str]

    def applies(self, scene: Scene) -> bool:
        """Whether it is worth asking."""
        ...

    def read(self, scene: Scene) -> Evidence:
        """What it finds. CalibrationError where facts contradict each other."""
        ...
