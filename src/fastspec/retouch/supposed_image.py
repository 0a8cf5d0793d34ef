"""A figure of imshow or plt.specgram that nobody described: told by the very colours that their blending gives.

Both blend cells into pixels (`plot.imshow`), so that the search for flat cells finds nothing exact. What the original
gives is blended as they do it, of the likely transforms, and the colours are compared in some columns; an edit leaves
most of them as they were.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Offsets
from fastspec.axes import EDGES_BIN_CENTRES, EDGES_WHOLE
from fastspec.calibration.complete import Complete
from fastspec.calibration.facts import FILES
from fastspec.colours import colormap, matching
from fastspec.detect.evidence import Scene
from fastspec.errors import FastspecError
from fastspec.plot import cells, imshow, layout
from fastspec.retouch import blended, redraw
from fastspec.retouch.explained import Explained
from fastspec.tools import imshow as imshow_tool
from fastspec.tools import specgram
from fastspec.transform.geometry import count_frames
from fastspec.transform.windows import get_window

if TYPE_CHECKING:
    from fastspec.retouch.original import Original
    from fastspec.retouch.readings import Asked
    from fastspec.retouch.search import _Search

_SAID = ("given", *FILES)
_LENGTHS = ((2048, 512), (256, 128), (1024, 256), (1024, 512), (512, 128))
_AT_ONCE = 256  # frames
_LINE = 8  # pixels
_IMSHOW, _SPECGRAM = imshow_tool.TOOL.profiles[0].name, specgram.PROFILE.name


class Limits(NamedTuple):
    """When colours are those of a blended drawing, and where its cells are looked for."""

    close: float = 12.0  # of 255: colours that differ by it are half alike; unmeasured
    columns: int = 32  # of the plot, that are compared; unmeasured
    tried: float = 0.4  # agreement from which the place is looked for between pixels; unmeasured
    same: float = 0.6  # share of colours that are the very ones, from which the drawing is found; unmeasured
    sure: float = 0.97  # the same, from which no other place is looked for; unmeasured
    between: float = 0.1  # share of lines in part the same, at most: edits leave .007, gouraud shading .3; unmeasured
    rim: int = 2  # lines at the top and bottom that a frame may hide; unmeasured
    silence: float = 0.2  # share of the map's own colours: gouraud shading leaves .39 to .47 of speech; unmeasured
    mixed: float = 0.7  # the same, of flat cells .97 and more; unmeasured
    longest: float = 90.0  # seconds of a sound that this is tried of; unmeasured
    steps: tuple[float, ...] = (
        0.25,
        0.12,
        0.06,
        0.03,
        0.015,
        0.007,
    )  # pixels between places that are tried; unmeasured


LIMITS = Limits()
_MIXED = (
    "the plot's colours are mixed of several cells in a way that cannot be drawn again, as with shading='gouraud' "
    "(draw it with shading='auto') or in a resized figure (keep its size)"
)


def explained(search: _Search, asked: Asked, original: Original) -> Explained | None:
    """What the original explains of a blended drawing; None where none of the likely ones gives the picture's colours.

    search : for flat cells, as far as it has come.
    """
    if search.done or not may_be(search.scene) or original.seconds > LIMITS.longest:
        return None
    own, channel = search.state.facts, search.state.channel
    wave = search.wave(own, channel)
    for n_fft, hop in dict.fromkeys(((own.n_fft, own.hop_length), *_LENGTHS)):
        for told in _drawings(wave, own.sr, n_fft, hop):
            search.clock.check()
            try:
                drawing = _Drawing(asked.seen(told), wave)
                place = _placed(drawing)
            except FastspecError:
                continue
            if place is not None:
                scene = asked.seen({**told, "plot_offsets": place}) if any(place) else drawing.scene
                return Explained(
                    scene, scene.calibration(), 0.0, channel, [drawing.drawn], drawing.share(place), told=None
                )
    return None


def may_be(scene: Scene) -> bool:
    """Whether a picture is a figure in colour whose drawing nobody states, in a file that loses nothing."""
    stated = any(scene.source(name) in _SAID for name in ("profile", "freq_edges", "shown_n_fft"))
    coloured = scene.picture.palette is None and scene.stored.ndim == 3 and scene.stored.dtype == np.uint8
    box, whole = scene.box, (scene.picture.width, scene.picture.height)
    lossless = scene.picture.info.get("format") != "JPEG"
    in_margins = (box[2] - box[0], box[3] - box[1]) != whole
    return lossless and coloured and in_margins and not (stated or scene.backwards or scene.upside_down)


def refused(search: _Search) -> Explained | None:
    """A figure in whose plot many colours, but not all, are mixed of the map's, where nothing explains it exactly.

    None for all others. Colours between cells of silence are the map's own; JPEG and noise leave none of these.
    """
    scene = search.scene
    if search.done or not may_be(scene):
        return None
    clean = matching.index_of(scene.stored, layout.colormap(scene.known)).exact
    if not LIMITS.silence <= clean <= LIMITS.mixed:
        return None
    return Explained(scene, scene.calibration(), 0.0, None, [], 0.0, _MIXED)


def _drawings(wave: NDArray[np.float32], sr: int, n_fft: int, hop: int) -> Iterator[dict[str, Any]]:
    """The facts of imshow's and specgram's drawing with this transform."""
    from fastspec.transform.stft import stft

    if wave.size < n_fft:
        return
    loudest = float(np.abs(stft(wave, n_fft=n_fft, hop_length=hop)).max())
    common = {"sr": sr, "n_fft": n_fft, "hop_length": hop, "win_length": n_fft, "freq_scale": "linear"}
    common |= {"shown_n_fft": n_fft, "column_step": hop / sr, "origin": "lower", "level_kind": "db"}
    frames = count_frames(wave.size, hop, n_fft, center=True)
    yield {
        **common, "profile": _IMSHOW, "freq_edges": EDGES_WHOLE, "n_frames": frames, "window": "hann",
        "time_extent": (0.0, frames * hop / sr), "duration": wave.size / sr, "db_range": (-80.0, 0.0), "center": True,
        "ref": loudest,
    }  # fmt: skip
    frames = count_frames(wave.size, hop, n_fft, center=False)
    if frames < 2:
        return
    start, seconds = (n_fft - hop) / 2 / sr, ((frames - 1) * hop + n_fft) / sr
    told = {
        **common, "profile": _SPECGRAM, "freq_edges": EDGES_BIN_CENTRES, "n_frames": frames, "window": "hanning",
        "columns": "frames", "center": False, "one_sided": True, "time_extent": (start, start + frames * hop / sr),
        "duration": seconds,
    }  # fmt: skip
    low, high = _extremes(wave, n_fft, hop)
    if low > 0:
        scale = 2 / (sr * float(np.square(get_window("hanning", n_fft)).sum()))
        yield {**told, "ref": scale**-0.5, "db_range": tuple(10 * math.log10(scale * end) for end in (low, high))}


def _extremes(wave: NDArray[np.float32], n_fft: int, hop: int) -> tuple[float, float]:
    """The least and the largest one-sided power of a cell; in double precision, as the least is mere rounding."""
    window = np.asarray(get_window("hanning", n_fft), np.float64)
    frames = np.lib.stride_tricks.sliding_window_view(wave, n_fft)[::hop]
    ends = []
    for first in range(0, len(frames), _AT_ONCE):
        power = np.square(np.abs(np.fft.rfft(frames[first : first + _AT_ONCE] * window)))
        power[:, [0, -1]] *= 0.5
        ends += [float(power.min()), float(power.max())]
    return min(ends), max(ends)


class _Drawing:
    """Some columns of a plot's pixels beside what a sound gives."""

    def __init__(self, scene: Scene, wave: NDArray[np.float32]) -> None:
        self.scene, facts = scene, Complete.of(scene.calibration())
        height, width = scene.stored.shape[:2]
        cmap, rows = layout.colormap(scene.known), 1 + facts.n_fft // 2
        plan = layout.layout(facts, facts.n_frames, rows)  # a pixel a cell
        self.drawn = redraw.drawn(wave[: facts.samples], facts, plan, cmap)
        shown = cells.draw(self.drawn.shown, plan.rows, plan.columns)
        self.own = colormap.colour_of(shown, cmap).astype(np.float32)
        self.size, self.cells = (height, width), (rows, facts.n_frames)
        self.some = np.linspace(0, width - 1, LIMITS.columns + 2).astype(np.intp)[1:-1]
        self.seen = scene.stored[:, self.some].astype(np.float32) + 0.5

    def off(self, beyond: Offsets) -> NDArray[np.float32]:
        """How far colours differ from those of cells that lie beyond the plot by so much."""
        left, top, right, bottom = beyond
        height, width = self.size
        kind = imshow.BELLS
        if all(many > imshow.MAGNIFIED * few for many, few in zip(self.size, self.cells, strict=True)):
            kind = imshow.NEAREST
        down = imshow.blend(self.cells[0], height, kind, (top, bottom))
        index, weight = imshow.blend(self.cells[1], width, kind, (left, right))
        found = blended.mixed_colours(self.own, down, (index[self.some], weight[self.some]))
        return np.asarray(np.abs(found - self.seen).max(axis=2)[LIMITS.rim : -LIMITS.rim], np.float32)

    def agreement(self, beyond: Offsets) -> float:
        """0..1: how alike the colours are."""
        return float((1 / (1 + np.square(self.off(beyond) / LIMITS.close))).mean())

    def share(self, beyond: Offsets) -> float:
        """Of the very colours."""
        return float((self.off(beyond) <= blended.LIMITS.same).mean())

    def between(self, beyond: Offsets) -> float:
        """The share of short lines of which some colours are the very ones and others not, as no edit leaves them."""
        same = self.off(beyond) <= blended.LIMITS.same
        lines = same[: len(same) // _LINE * _LINE].reshape(-1, _LINE, same.shape[1]).mean(axis=1)
        return float(((lines > 1 / _LINE) & (lines < 1 - 1 / _LINE)).mean())


def _placed(drawn: _Drawing) -> Offsets | None:
    """Where the cells lie beyond the plot; None where the colours are not those of the drawing."""
    place: Offsets = (0.0, 0.0, 0.0, 0.0)
    best = drawn.agreement(place)
    if best < LIMITS.tried:
        return None
    for step in LIMITS.steps if drawn.share(place) < LIMITS.sure else ():
        moved = True
        while moved:
            moved = False
            for left, top, right, bottom in _MOVES:
                other = (
                    place[0] + step * left, place[1] + step * top, place[2] + step * right, place[3] + step * bottom
                )  # fmt: skip
                if max(map(abs, other)) > 1:
                    continue
                value = drawn.agreement(other)
                if value > best:
                    place, best, moved = other, value, True
    return place if drawn.share(place) >= LIMITS.same and drawn.between(place) <= LIMITS.between else None


# both ends aside, and one end alone
_MOVES = (
    (1, 0, -1, 0), (-1, 0, 1, 0), (0, 1, 0, -1), (0, -1, 0, 1), (1, 0, 0, 0), (-1, 0, 0, 0), (0, 0, 1, 0),
    (0, 0, -1, 0), (0, 1, 0, 0), (0, -1, 0, 0), (0, 0, 0, 1), (0, 0, 0, -1),
)  # fmt: skip
