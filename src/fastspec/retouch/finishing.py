"""A search that has ended, as facts and the picture before it was edited, at the level of the original."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fastspec.calibration.facts import FILES
from fastspec.detect.evidence import Evidence
from fastspec.plot import layout
from fastspec.retouch import found_facts, level, mappings, redraw
from fastspec.retouch.agreement import LIMITS as AGREEMENT
from fastspec.retouch.explained import Explained

if TYPE_CHECKING:
    from fastspec.retouch.search import _Search

_SAID = ("given", *FILES)


def finished(search: _Search) -> Explained:
    """What the original explains with the facts that a search found."""
    _take_channel(search)
    agreed, trial = search.agreement()
    if agreed < AGREEMENT.least:  # nothing that was supposed is stated, so nothing is drawn with it
        search.forget()
    state = search.state
    wave = search.wave(state.facts, state.channel)[max(0, state.offset) :]
    wave = np.pad(wave, (max(0, -state.offset), 0))[: state.facts.samples]
    height, width = search.seen.positions.shape
    plan = layout.layout(state.facts, width, height)
    first = redraw.drawn(wave, state.facts._replace(ref=1.0), plan, search.cmap)
    loudest = float(first.amplitudes.max())
    step = search.cmap.step * (1 + search.spread)
    mapping, told = search.mapping, tuple[str, ...]()
    if mapping.added:
        low, high = trial.line.ends
        close = found_facts.LIMITS.same * (high - low) * step
        facts, told = mappings.fitted_ends(mapping, state.facts, (low, high), first.amplitudes, close), (mapping.said,)
    else:
        facts = found_facts.levels(state.facts, trial, loudest, first.amplitudes, free=search.free, step=step)
    if search.told is not None and search.free and not mapping.added:
        facts = found_facts.from_the_top(facts)
    if search.known.source("ref") in _SAID:
        facts = facts._replace(ref=state.facts.ref)
    gain = 0.0
    if _is_told(search) and agreed >= AGREEMENT.least:
        samples = level.samples_of(search.seen.positions, plan, search.cmap, search.spread)
        gain = level.gain_of(samples, plan, first.amplitudes, facts, trial.line)
    facts, contradicted, said = found_facts.louder(search.known, facts, gain)
    drawn = redraw.of_amplitudes(first.amplitudes, facts, search.cmap, mapping)
    if contradicted:
        drawn = level.with_own_noise(drawn, samples, plan, layout.level_scale(facts, search.cmap))
    proven, plain = agreed >= AGREEMENT.least, not mapping.added
    corrected, remarks = found_facts.as_facts(search.known, facts, state.steps, trial, proven, decibels=plain)
    offset = state.offset / facts.sr
    scene = search.scene.knowing(Evidence(corrected={**corrected, **contradicted}, remarks=(*remarks, *told, *said)))
    found = scene.calibration()
    return Explained(scene, found, offset, state.channel, [drawn], agreed, told=search.told, mapping=mapping)


def _is_told(search: _Search) -> bool:
    """Whether it is stated how loud the drawn sound was."""
    return search.known.source("ref") in _SAID and not search.free and level.is_told(search.state.facts)


def _take_channel(search: _Search) -> None:
    """Suppose, of channels that explain the picture alike, the one at the level that is stated."""
    state, count = search.state, len(search.original.wave)
    if count > 1 and _is_told(search):
        state.channel, state.trial = level.channel_at(
            lambda channel: search.trial(state.facts, channel, state.offset),
            count,
            state.facts,
            (state.channel, state.trial),
            search.cmap.step * (1 + search.spread),
        )
