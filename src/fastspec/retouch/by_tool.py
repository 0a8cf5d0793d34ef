"""What a sound gives as a picture whose columns are spans of time: it is drawn again as its tool draws."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import inspection, tools
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.calibration.facts import FILES, Fact
from fastspec.colours.colormap import Colormap
from fastspec.detect.evidence import Evidence, Scene
from fastspec.errors import FastspecError
from fastspec.picture.picture import Picture
from fastspec.plot import cells, channels, damage, layout
from fastspec.retouch import found_facts
from fastspec.retouch.agreement import agreement
from fastspec.retouch.explained import Explained
from fastspec.retouch.original import Original
from fastspec.retouch.redraw import Drawn
from fastspec.retouch.samples import Line, Samples, spread_of
from fastspec.tools.tool import Drawing

_SAID = ("given", *FILES)
_COLUMNS = 128  # of the plot, that the agreement is measured on
_TOP_DB = 120.0  # of tools whose range is not known
_BITS = 8
_ENOUGH = 0.9  # agreement with which no other range is tried
_SAME = 0.5  # dB: references that differ by less are one
_ROUND = 5.0  # dB: ends of a range that people choose are multiples of it


def is_drawn_so(known: Mapping[str, Any]) -> bool:
    """Whether the picture's columns are no frames of a transform."""
    return known.get("columns") == "spans"


def explained(scene: Scene, original: Original) -> Explained:
    """What the tool's own drawing of the original explains, with the range of decibels that explains most."""
    found = []
    for db_range in likely(scene.known, scene.source("db_range")):
        seen = scene
        if db_range != scene.known["db_range"]:
            seen = scene.knowing(Evidence(corrected={"db_range": Fact(db_range, "original", 0.9)}))
        parts, agreed, reason = redrawn(seen, original)
        found.append(Explained(seen, seen.calibration(), 0.0, None, parts, agreed, reason))
        if agreed >= _ENOUGH:
            break
    return _at_level(max(found, key=lambda each: each.agreement))


def _at_level(explained: Explained) -> Explained:
    """With the reference that the tool drew the original with, where another is stated."""
    known = explained.scene.known
    if not explained.channels or not explained.is_its_original or known.source("ref") not in _SAID:
        return explained
    gain = 20 * math.log10(explained.channels[0].reference / known["ref"])
    if abs(gain) < _SAME:
        return explained
    _, contradicted, said = found_facts.louder(known, Complete.of(known), gain)
    scene = explained.scene.knowing(Evidence(corrected=contradicted, remarks=said))
    return replace(explained, scene=scene, calibration=scene.calibration())


def redrawn(scene: Scene, original: Original) -> tuple[list[Drawn], float, str]:
    """What each part of the picture showed, how much of it the sound explains, and why nothing could be drawn."""
    known = scene.known
    tool, name = tools.drawer(known), known.get("profile")
    drawing = tool.drawing()
    if drawing is None:
        return [], 0.0, f"pictures of profile {name!r} cannot be drawn again, so none can be compared with an original"
    pixels = scene.stored
    height, width = pixels.shape[:2]
    try:
        other, ref = _picture(drawing, scene, original, (width, height))
        if other.shape[:2] != (height, width):
            shown = f"{other.shape[1]} x {other.shape[0]}"
            return [], 0.0, f"drawn as {name!r}, the sound gives {shown} pixels, but the picture has {width} x {height}"
        facts, palette = Complete.of(known), scene.picture.palette
        own = None if palette is None else tool.own_colormap(known, palette)
        cmap = own or layout.colormap(known)
        gap, on_top = tool.channel_gap, tool.first_channel_on_top
        seen, drawn = (channels.parts(each, known, gap, first_on_top=on_top) for each in (pixels, other))
        found = [_part(one, two, facts, cmap, scene.picture) for one, two in zip(seen, drawn, strict=True)]
    except FastspecError as error:
        return [], 0.0, f"the sound cannot be drawn as {name!r} draws: {error}"
    reference = ref or facts.ref or 1.0
    restored = [Drawn(tool.restore(part.amplitudes.copy(), known), part.shown, reference) for part, _ in found]
    return restored, float(np.mean([share for _, share in found])), ""


def likely(known: Mapping[str, Any], source: str | None) -> list[tuple[float, float]]:
    """The ranges of decibels that the tool may have drawn: the known one, and where pixels tell it the round one."""
    lo, hi = known["db_range"]
    if source != "pixels":
        return [(lo, hi)]
    return list(dict.fromkeys([(lo, hi), (_ROUND * round(lo / _ROUND), _ROUND * round(hi / _ROUND))]))


def _picture(
    drawing: Drawing, scene: Scene, original: Original, size: tuple[int, int]
) -> tuple[NDArray[Any], float | None]:
    """The pixels of the plot that the tool draws of the sound, as colours or gray levels, and its reference."""
    known = scene.known
    chosen = {name: known[name] for name in drawing.takes if known.get(name) is not None}
    given = Calibration.of("given", **chosen)
    sr = drawing.sr or known["sr"]
    waves, count = original.at(sr), known.get("channels", 1)
    if count == 1:
        waves = waves.mean(axis=0, keepdims=True, dtype=np.float32)
    elif len(waves) != count:
        waves = np.stack([waves[min(at, len(waves) - 1)] for at in range(count)])
    told: dict[str, Any] = {"sr": sr, "duration": waves.shape[-1] / sr}
    if count > 1:
        told.update(channels=count, channel_layout=drawing.channel_layout)

    def area(asked: tuple[int, int] | None) -> tuple[NDArray[Any], float | None]:
        plan = drawing.plan(given, asked, _BITS).updated("given", **told)
        picture = drawing.draw(waves, plan, size=asked, max_seconds=None, top_db=_TOP_DB)
        own = plan if picture.embedded is None else Calibration.from_json(picture.embedded)
        ref = own.get("ref")
        if ref is None and scene.source("ref") in _SAID:  # what the tool's pictures always have, not what is stated
            ref = inspection.inspect(picture).get("ref")
        return _area(picture), ref

    try:
        found, ref = area(size)
    except FastspecError:
        found, ref = area(None)
    else:
        if found.shape[:2] != size[::-1]:  # a tool with margins, whose sizes are those of whole pictures
            found, ref = area((2 * size[0] - found.shape[1], 2 * size[1] - found.shape[0]))
    if scene.picture.palette is None and scene.stored.ndim != found.ndim:
        found = found[..., 0] if found.ndim == 3 else np.repeat(found[..., None], 3, axis=2)
    return np.ascontiguousarray(found), ref


def _area(picture: Picture) -> NDArray[Any]:
    """The plot of a picture that a tool drew, as colours or gray levels."""
    area = picture.pixels
    if picture.embedded is not None and (box := Calibration.from_json(picture.embedded).get("plot_area")) is not None:
        area = picture.area(box, (0, 0, 0, 0))
    return area if picture.palette is None else picture.palette[area]


def _part(
    seen: NDArray[Any], drawn: NDArray[Any], facts: Complete, cmap: Colormap, picture: Picture
) -> tuple[Drawn, float]:
    """One part of the picture as it was drawn, and how much of it agrees."""
    plan = layout.layout(facts, seen.shape[1], seen.shape[0])
    jpeg = picture.info.get("format") == "JPEG"
    now = damage.read_levels(seen, cmap, palette=picture.palette, jpeg=jpeg)
    was = damage.read_levels(drawn, cmap)
    across = cells.pixel_spans("columns", plan.columns, plan.n_frames)
    down = cells.pixel_spans("rows", plan.rows, plan.n_cells)
    means = cells.means(was.positions, across, down)
    amplitudes = cells.amplitudes(np.ascontiguousarray(means), layout.level_scale(facts, cmap), across, down)
    shown = np.zeros(amplitudes.shape, np.float32)
    shown[np.ix_(across.shown, down.shown)] = np.nan_to_num(means)
    samples = Samples.of(now.positions, cmap, spread_of(now, plan, cmap), _COLUMNS)
    expected = np.nan_to_num(was.positions[np.ix_(samples.rows, samples.columns)])
    share = agreement(samples, expected, Line(1.0, 0.0))
    return Drawn(amplitudes, shown, facts.ref or 1.0), share
