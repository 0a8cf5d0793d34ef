"""What a sound gives as a picture whose columns are spans of time: it is drawn again as its tool draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec import tools
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.colours.colormap import Colormap
from fastspec.detect.evidence import Scene
from fastspec.errors import FastspecError
from fastspec.picture.picture import Picture
from fastspec.plot import cells, channels, damage, layout
from fastspec.retouch.agreement import agreement
from fastspec.retouch.original import Original
from fastspec.retouch.redraw import Drawn
from fastspec.retouch.samples import Line, Samples, spread_of
from fastspec.tools.tool import Drawing

_COLUMNS = 128  # of the plot, that the agreement is measured on
_TOP_DB = 120.0  # of tools whose range is not known
_BITS = 8


def is_drawn_so(known: Mapping[str, Any]) -> bool:
    """Whether the picture's columns are no frames of a transform."""
    return known.get("columns") == "spans"


def redrawn(scene: Scene, original: Original) -> tuple[list[Drawn], float, str]:
    """What each part of the picture showed, how much of it the sound explains, and why nothing could be drawn."""
    known = scene.known
    tool, name = tools.drawer(known), known.get("profile")
    drawing = tool.drawing()
    if drawing is None:
        return [], 0.0, f"pictures of profile {name!r} cannot be drawn again, so the original tells nothing of this one"
    pixels = scene.stored
    height, width = pixels.shape[:2]
    try:
        other = _picture(drawing, scene, original, (width, height))
        if other.shape[:2] != (height, width):
            shown = f"{other.shape[1]} x {other.shape[0]}"
            return [], 0.0, f"drawn as {name!r} the sound gives {shown} pixels, and the picture has {width} x {height}"
        facts, palette = Complete.of(known), scene.picture.palette
        own = None if palette is None else tool.own_colormap(known, palette)
        cmap = own or layout.colormap(known)
        gap, on_top = tool.channel_gap, tool.first_channel_on_top
        seen, drawn = (channels.parts(each, known, gap, first_on_top=on_top) for each in (pixels, other))
        found = [_part(one, two, facts, cmap, scene.picture) for one, two in zip(seen, drawn, strict=True)]
    except FastspecError as error:
        return [], 0.0, f"the sound cannot be drawn as {name!r} draws: {error}"
    restored = [Drawn(tool.restore(part.amplitudes.copy(), known), part.shown, part.reference) for part, _ in found]
    return restored, float(np.mean([share for _, share in found])), ""


def _picture(drawing: Drawing, scene: Scene, original: Original, size: tuple[int, int]) -> NDArray[Any]:
    """The pixels of the plot that the tool draws of the sound, as colours or gray levels."""
    known = scene.known
    chosen = {name: known[name] for name in drawing.takes if known.get(name) is not None}
    given = Calibration.of("given", **chosen)
    try:
        plan, asked = drawing.plan(given, size, _BITS), size
    except FastspecError:
        plan, asked = drawing.plan(given, None, _BITS), None
    sr = drawing.sr or known["sr"]
    waves, count = original.at(sr), known.get("channels", 1)
    if count == 1:
        waves = waves.mean(axis=0, keepdims=True, dtype=np.float32)
    elif len(waves) != count:
        waves = np.stack([waves[min(at, len(waves) - 1)] for at in range(count)])
    plan = plan.updated("given", sr=sr, duration=waves.shape[-1] / sr)
    if count > 1:
        plan = plan.updated("given", channels=count, channel_layout=drawing.channel_layout)
    picture = drawing.draw(waves, plan, size=asked, max_seconds=None, top_db=_TOP_DB)
    area = picture.pixels
    if picture.embedded is not None and (box := Calibration.from_json(picture.embedded).get("plot_area")) is not None:
        area = picture.area(box, (0, 0, 0, 0))
    if picture.palette is not None:
        area = picture.palette[area]
    if scene.picture.palette is None and scene.stored.ndim != area.ndim:
        area = area[..., 0] if area.ndim == 3 else np.repeat(area[..., None], 3, axis=2)
    return np.ascontiguousarray(area)


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
