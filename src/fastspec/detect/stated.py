"""What files state: the picture itself, the text beside it, and another picture of the same drawing."""

from __future__ import annotations

import json
import reprlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from fastspec.calibration.calibration import EMBEDDED_FORMAT, Calibration
from fastspec.calibration.facts import FACTS, FILES, Fact, check_fact, plain
from fastspec.detect.evidence import SEEN, Evidence, Scene
from fastspec.detect.magnified import smaller
from fastspec.errors import CalibrationError, ParameterError, listed
from fastspec.picture import sidecar
from fastspec.picture.picture import Picture
from fastspec.plot import mark

_MARK = "the mark in the picture's pixels"
_OF_PLACE = ("plot_area", "plot_hidden", "plot_offsets")


class Limits(NamedTuple):
    """When a text beside a picture is another picture's, and when two pictures are laid out alike."""

    # Of a thumbnail, or the correlation of what is not common to rows and columns; a half that was erased leaves .5
    same: float = 0.35  # share that another picture does not reach; unmeasured
    margins: float = 0.5  # share of a figure's margins that is the same; unmeasured


LIMITS = Limits()


class Embedded:
    """The calibration that the file carries."""

    tells = frozenset(FACTS)
    blind = True

    def applies(self, scene: Scene) -> bool:
        """Where a calibration is embedded."""
        return scene.picture.embedded is not None

    def read(self, scene: Scene) -> Evidence:
        """Its facts, less those that the picture's size contradicts; a remark where it is none."""
        assert scene.picture.embedded is not None
        try:
            known = scene.known.merged(Calibration.from_json(scene.picture.embedded))
            return Evidence.between(scene.known, _of_this_size(known, "embedded", scene.picture))
        except CalibrationError as error:
            return Evidence(remarks=(str(error),))


class Beside:
    """The calibration that stands beside the picture, as PICTURE.json."""

    tells = frozenset(FACTS)

    def applies(self, scene: Scene) -> bool:
        """Where there is such a file."""
        return scene.picture.sidecar is not None

    def read(self, scene: Scene) -> Evidence:
        """Its facts as those in the file; a remark where it is damaged, contradicts the file, or is another's."""
        beside = scene.picture.sidecar
        assert beside is not None
        if beside.text is None:
            return Evidence(remarks=(f"the sidecar {beside.name} is ignored: {beside.fault}; mend or remove it",))
        if scene.picture.embedded is not None and not _is_ours(beside.text):
            return Evidence()  # some program's notes on a picture that says all itself
        try:
            told = Calibration.from_json(beside.text, "sidecar", f"the sidecar {beside.name}")
        except CalibrationError as error:
            return Evidence(remarks=(str(error),))
        own = {name: fact.value for name, fact in scene.known.facts.items() if fact.source == "embedded"}
        differ = [name for name in told if name in own and own[name] != told[name]]
        if differ:
            return Evidence(
                remarks=(
                    f"the sidecar {beside.name} contradicts the picture's own text in {listed(differ)}: it is ignored; "
                    "remove it, or give what is right",
                )
            )
        if own:
            return Evidence()  # which is all that stands beside it
        same = _agreement(told, scene.picture)
        if same is not None and same < LIMITS.same:
            return Evidence(
                remarks=(
                    f"the sidecar {beside.name} is ignored: only {max(0.0, same):.0%} of this picture is that which it "
                    f"was written for; remove it, or give --like {beside.name} to use it all the same",
                )
            )
        told = _without_thumbnail(told).described(sidecar=beside.name)
        known = _of_this_size(scene.known.merged(told), "sidecar", scene.picture)
        return Evidence.between(scene.known, known)


class Marked:
    """The calibration in the pixels of one of fastspec's own pictures (`plot.mark`)."""

    tells = frozenset(FACTS)

    def applies(self, scene: Scene) -> bool:
        """Where neither the file nor what stands beside it has said anything."""
        return not scene.is_numbers and not any(fact.source in FILES for fact in scene.known.facts.values())

    def read(self, scene: Scene) -> Evidence:
        """Its facts, as those in the file; nothing where there is no whole mark."""
        text = mark.read(scene.picture)
        if text is None:
            return Evidence()
        try:
            told = Calibration.from_json(text, name="the mark in the pixels")
        except CalibrationError as error:
            return Evidence(remarks=(str(error),))
        noted = {name: replace(fact, note=_MARK) for name, fact in told.facts.items()}
        known = scene.known.merged(replace(told, facts=noted))
        return Evidence.between(scene.known, _of_this_size(known, "embedded", scene.picture))


class Like:
    """The facts of another picture of the same drawing, which the user has named."""

    tells = frozenset(FACTS)

    def applies(self, scene: Scene) -> bool:
        """Where there is one."""
        return scene.like is not None

    def read(self, scene: Scene) -> Evidence:
        """Its facts; where its plot lies only in a picture of its size."""
        assert scene.like is not None
        like, picture = scene.like, scene.picture
        size = picture.info.get("file_size", (picture.width, picture.height))
        drawn, name = like.picture.get("drawn_size"), like.picture.get("like", "the other picture")
        remarks: list[str] = []
        if drawn is not None and tuple(drawn) != tuple(size):
            like = _of_other_size(like, drawn, size, name)
        elif "plot_area" in like:
            remarks += _of_other_layout(like, picture, name)
            box = replace(like.facts["plot_area"], value=smaller(like["plot_area"], picture))
            like = like.corrected({"plot_area": box})
        like = _without_thumbnail(like).remarked(*remarks)
        return Evidence.between(scene.known, scene.known.merged(like))


def as_like(found: Calibration, name: str) -> Calibration:
    """What `inspect` found of a picture, or what a file tells, as facts for another picture of the same drawing.

    What was only assumed is left out. Raises CalibrationError where it tells nothing.
    """
    facts = {n: replace(fact, source="like") for n, fact in found.facts.items() if fact.source != "assumed"}
    if not facts:
        raise CalibrationError(f"like={name} tells no fact; name a picture or sidecar with facts of the drawing")
    told: dict[str, Any] = {n: found.picture[n] for n in ("drawn_size", "thumbnail", *SEEN) if n in found.picture}
    if "width" in found.picture:
        told["drawn_size"] = (found.picture["width"], found.picture["height"])
    return Calibration(facts, {**told, "like": name})


def as_plain(like: Calibration) -> dict[str, Any]:
    """The same as plain values, for other processes and machines."""
    facts = {n: {"value": plain(fact.value), "confidence": fact.confidence} for n, fact in like.facts.items()}
    return {"facts": facts, "picture": {n: plain(value) for n, value in like.picture.items()}}


def of_plain(told: Mapping[str, Any]) -> Calibration:
    """What `as_plain` made plain. Raises CalibrationError for anything else, ParameterError for values out of range."""
    try:
        facts = {
            n: Fact(check_fact(n, fact["value"]), "like", float(fact["confidence"]))
            for n, fact in told["facts"].items()
        }
        return as_like(Calibration(facts, dict(told["picture"])), str(told["picture"]["like"]))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        if isinstance(error, ParameterError):
            raise
        raise CalibrationError(f"like={reprlib.repr(told)} holds no facts; give a picture, or a Calibration") from None


def of_json(path: str) -> Calibration:
    """The facts of a sidecar, or of what `inspect --json` printed of one picture.

    Raises CalibrationError where the file is neither.
    """
    found = sidecar.read(path)
    if found is None or found.text is None:
        why = "it does not exist" if found is None else found.fault
        raise CalibrationError(f"like={path} cannot be used: {why}; name a picture, or its sidecar")
    try:
        document = json.loads(found.text)
    except (ValueError, RecursionError) as error:
        raise CalibrationError(
            f"like={path} cannot be used: it is no JSON ({error}); name a picture, or its sidecar"
        ) from None
    if isinstance(document, list):
        raise CalibrationError(
            f"like={path} tells of {len(document)} pictures; keep the report of one, or name its picture"
        )
    if not isinstance(document, dict):
        raise CalibrationError(f"like={path} holds no facts; name a picture, or its sidecar")
    if "format" in document or not {"picture", "facts"} <= document.keys():
        return as_like(Calibration.from_json(found.text, "like", path), path)
    return _of_report(document, path)


def _of_report(document: dict[str, Any], path: str) -> Calibration:
    """The facts of a report of `inspect --json`, less those that it only assumed."""
    try:
        rows, size = document["facts"], (int(document["picture"]["width"]), int(document["picture"]["height"]))
        facts = {
            name: Fact(check_fact(name, row["value"]), row["source"], float(row["confidence"]))
            for name, row in rows.items()
            if row["value"] is not None
        }
        seen = {name: True for name in SEEN if document["picture"].get(name)}
        return as_like(Calibration(facts, {"drawn_size": size, **seen}), path)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CalibrationError(f"like={path} is no report of a picture ({error}); name the picture itself") from None


def _is_ours(text: str) -> bool:
    return EMBEDDED_FORMAT in text


def _agreement(told: Calibration, picture: Picture) -> float | None:
    """How much of the picture is as it was when this was told of it; None where that cannot be told."""
    before = told.picture.get("thumbnail")
    return None if before is None else sidecar.agreement(before, sidecar.thumbnail(picture))


def _without_thumbnail(told: Calibration) -> Calibration:
    return replace(told, picture={name: value for name, value in told.picture.items() if name != "thumbnail"})


def _of_this_size(known: Calibration, source: str, picture: Picture) -> Calibration:
    """Say when the picture no longer has the size it was drawn with; a native one that was cut has fewer frames."""
    drawn, size = known.picture.get("drawn_size"), (picture.width, picture.height)
    if drawn is None or drawn == size or known.source("n_frames") != source:
        return known
    was = f"the picture has {size[0]} x {size[1]} pixels, but was drawn with {drawn[0]} x {drawn[1]}"
    if _is_cut(known, drawn, size):
        return _cut(known, size[0]).remarked(
            f"{was}: it is taken as cut to {size[0]} frames; give --duration if it was stretched"
        )
    return known.remarked(f"{was}: it is taken as resized as a whole; if parts were cut off, pitch and tempo are wrong")


def _is_cut(known: Calibration, drawn: tuple[int, int], size: tuple[int, int]) -> bool:
    """Whether columns are missing of a picture with one a frame."""
    return drawn[1] == size[1] and drawn[0] == known.get("n_frames")


def _cut(known: Calibration, frames: int) -> Calibration:
    """The facts of a picture of which so many frames are left."""
    known = known.without("n_frames", *() if known.source("duration") == "given" else ("duration",))
    return known.updated("pixels", 0.7, "one frame a column", n_frames=frames)


def _of_other_size(like: Calibration, drawn: tuple[int, int], size: tuple[int, int], name: str) -> Calibration:
    """The facts of a picture of another size, with a sentence on what becomes of them."""
    was = f"{name} has {drawn[0]} x {drawn[1]} pixels, and this picture {size[0]} x {size[1]}"
    whole = like.get("plot_area", (0, 0, *drawn)) == (0, 0, *drawn)
    if whole and _is_cut(like, drawn, size):
        return _cut(like.without(*_OF_PLACE), size[0]).remarked(
            f"{was}: it is taken as cut to {size[0]} frames; give --duration if it was stretched"
        )
    if whole:
        return like.without(*_OF_PLACE).remarked(
            f"{was}: it is taken as resized as a whole; if parts were cut off, pitch and tempo are wrong"
        )
    return like.without(*_OF_PLACE).remarked(
        f"{was}: where the plot lies is read off this picture, or give --crop; if parts of the plot were cut off, "
        "pitch and tempo are wrong"
    )


def _of_other_layout(like: Calibration, picture: Picture, name: str) -> tuple[str, ...]:
    """A sentence where the margins round the plot are not those of the other picture: the plot lies elsewhere then."""
    if like.picture.get("thumbnail") is None:
        return ()
    width, height = like.picture["drawn_size"]
    margins = sidecar.cells_outside(like["plot_area"], width, height)
    same = sidecar.agreement(like.picture["thumbnail"], sidecar.thumbnail(picture), margins)
    if same is None or same >= LIMITS.margins:
        return ()
    return (
        f"only {same:.0%} of the margins round the plot of {name} are those of this picture, which seems to be laid "
        "out otherwise: pitch and tempo may be wrong; give --like a picture of the same layout, or --crop",
    )
