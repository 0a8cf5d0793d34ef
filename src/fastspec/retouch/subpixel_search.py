"""The step of the search that finds where a figure's plot lies between pixels, and how its cells are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastspec.axes import EDGES_EXPLICIT, EDGES_HALFWAY
from fastspec.calibration.complete import Complete
from fastspec.detect.evidence import Scene
from fastspec.retouch import subpixel
from fastspec.retouch.samples import NOTHING
from fastspec.retouch.suppositions import changed

if TYPE_CHECKING:
    from fastspec.retouch.search import _Search


def place_plot(search: _Search) -> None:
    """Suppose that the cells lie where most of the plot agrees, where nobody states their place."""
    if not search.is_open("plot_offsets") or not _in_margins(search.scene, search.state.facts):
        return
    own = search.state.facts.freq_edges
    others = (EDGES_HALFWAY, EDGES_EXPLICIT) if search.is_open("freq_edges") else ()
    best = 0.0
    for edges in dict.fromkeys((own, *others)):
        state = search.state
        facts = changed(state.facts, {"freq_edges": edges})
        plot = _plot(search, facts)
        if plot is None:
            return
        found = subpixel.place(plot, facts)
        if found.agreement > best:
            best = found.agreement
            change = {"freq_edges": edges, "plot_offsets": found.offsets}
            search.take(change, search.trial(changed(state.facts, change), state.channel, state.offset))
        if search.done:
            return


def _plot(search: _Search, facts: Complete) -> subpixel.Plot | None:
    """What the plot shows beside the cells of these facts; None where that cannot be told."""
    search.clock.check()
    state = search.state
    trial = search.trial(facts, state.channel, state.offset)
    frames = subpixel.frames_shown(facts, search.seen.positions.shape[1])
    if trial is NOTHING or frames is None:
        return None
    loud = search.samples.cells(search.wave(facts, state.channel), frames, facts, state.offset, search.clock.check)
    drawn = search.samples.quantised(trial.line.slope * loud + trial.line.start)
    return subpixel.Plot(search.seen.positions, drawn, frames, search.cmap.step * max(1.0, search.spread))


def _in_margins(scene: Scene, facts: Complete) -> bool:
    """Whether a picture is a figure, whose plot may lie between pixels."""
    left, top, right, bottom = scene.box
    is_whole = (right - left, bottom - top) == (scene.picture.width, scene.picture.height)
    whole_cells = facts.shown_n_fft is None and not facts.shows_spans
    return facts.plot_area is not None and whole_cells and not (is_whole or scene.backwards)
