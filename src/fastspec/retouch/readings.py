"""What is read of a picture under each supposition; levels once for all under which they are the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fastspec import inspection, tools
from fastspec.calibration.budget import Clock
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.calibration.facts import Fact
from fastspec.colours.colormap import Colormap
from fastspec.detect.evidence import Scene
from fastspec.picture.picture import Picture
from fastspec.plot import damage, imshow, layout
from fastspec.retouch.original import Original
from fastspec.retouch.samples import spread_of
from fastspec.transform.geometry import count_frames


class Reading(NamedTuple):
    """The colours of a plot, the levels that they stand for, and how uncertain one is in steps."""

    cmap: Colormap
    seen: damage.Levels
    spread: float


class Readings:
    """Those that were read."""

    def __init__(self) -> None:
        self.kept: dict[Any, tuple[Colormap, damage.Levels]] = {}

    def of(self, scene: Scene, facts: Complete) -> Reading:
        """Those of a scene with these facts."""
        blending = tools.drawer(scene.known).blending(scene.known)
        names = ("n_fft", "shown_n_fft", "n_bins", "n_mels", "freq_scale", "plot_area", "plot_offsets", "drawn_frames")
        table = [scene.known.get(name) for name in ("cmap", "cmap_table", "cmap_rounding")]
        key = (scene.box, scene.backwards, scene.upside_down, blending, *(getattr(facts, n) for n in names), *table)
        if key not in self.kept:
            palette = scene.picture.palette
            pixels = imshow.cells_of(scene.stored, facts, blending, entries=palette is not None)
            cmap = layout.colormap(scene.known, 16 if pixels.dtype == np.uint16 else 8)
            jpeg = scene.picture.info.get("format") == "JPEG"
            self.kept[key] = cmap, damage.read_levels(pixels, cmap, palette=palette, jpeg=jpeg)
        cmap, seen = self.kept[key]
        height, width = seen.positions.shape
        return Reading(cmap, seen, spread_of(seen, layout.layout(facts, width, height), cmap))


class Asked(NamedTuple):
    """A picture, what the user knows of it, and how it is read."""

    picture: Picture
    given: Calibration
    limit: int
    clock: Clock
    like: Calibration | None
    check: Callable[[Scene], object]
    readings: Readings

    def seen(self, facts: dict[str, Any]) -> Scene:
        """All that is known of it, with facts of its original that nobody gives."""
        given = _with(self.given, facts) if facts else self.given
        scene = inspection.seen(self.picture, given, self.limit, self.clock, self.like)
        self.check(scene)  # before anything is drawn with these facts
        return scene


def _with(given: Calibration, facts: dict[str, Any]) -> Calibration:
    """What the user knows, and what the original tells."""
    return given.merged(Calibration({name: Fact(value, "original", 0.9) for name, value in facts.items()}))


def is_as_long(scene: Scene, original: Original) -> bool:
    """Whether the picture has the frames of all of the sound: what follows of their number may be a hop shorter."""
    known = scene.known
    if any(known.get(name) is None for name in ("n_frames", "hop_length", "n_fft", "sr")):
        return False
    samples, size = round(original.seconds * known["sr"]), (known["hop_length"], known["n_fft"])
    return bool(count_frames(samples, *size, center=known.get("center", True)) == known["n_frames"])
