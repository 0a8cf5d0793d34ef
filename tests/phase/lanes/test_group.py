"""Lanes give the same bits whatever the company, the cut and the threads, and are used where they fit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastspec.kernels import phase as kernels
from fastspec.phase import engines, methods
from fastspec.phase.engine import Member
from fastspec.phase.frames import Frames
from fastspec.phase.lanes.group import LaneGroup, Seat, fits
from fastspec.phase.team import Team
from fastspec.transform import fft
from fastspec.transform.geometry import Geometry


def iterated(frames, mags, tuned, parts, rounds=2):
    """The waveforms of these pictures together."""
    members = [Member(len(mag), frames.geometry.samples_under(len(mag))) for mag in mags]
    group, team = LaneGroup(frames, np.concatenate(mags), members, tuned, parts), Team(frames, Seat)
    blocks = group.cut(members, 1)
    group.begin(None, blocks, team, False)
    for _ in range(rounds):
        group.lead_in(blocks, team)
        group.step(blocks, team, False)
    group.lead_in(blocks, team)
    group.step(blocks, team, True)
    return [group.waveform(member, group.z) for member in members]


@settings(max_examples=30, deadline=None)
@given(
    counts=st.lists(st.integers(1, 50), min_size=1, max_size=6),
    hop=st.sampled_from([16, 25, 64]),
    method=st.sampled_from(sorted(set(methods.names()) - {"dm"})),
    parts=st.integers(1, 5),
    center=st.booleans(),
)
def test_company_and_cuts_change_no_bit(counts, hop, method, parts, center):
    window = "hann" if hop < 64 else "boxcar"
    frames, rng = Frames(Geometry.of(64, hop, center=center, window=window)), np.random.default_rng(sum(counts))
    mags = [rng.random((count, 33)).astype(np.float32) for count in counts]
    tuned = methods.of(method)
    together = iterated(frames, mags, tuned, parts)
    for mag, y in zip(mags, together, strict=True):
        np.testing.assert_array_equal(iterated(frames, [mag], tuned, 1)[0], y)


def test_the_power_of_a_picture_is_that_of_its_targets():
    frames, rng = Frames(Geometry.of(64, 16)), np.random.default_rng(0)
    mag = rng.random((9, 33)).astype(np.float32)
    members = [Member(4, 40), Member(5, 50)]
    group = LaneGroup(frames, mag, members, methods.of("gla"), 1)
    assert group.power(members[1]) == pytest.approx(float((mag[4:].astype(float) ** 2).sum()))


def test_methods_of_others_and_odd_sizes_run_on_fftw(monkeypatch):
    smooth, odd = Frames(Geometry.of(64, 16)), Frames(Geometry.of(62, 16))
    known = methods.of("fgla")

    def own(spec, mag, state, ids, tiny, par, final):
        kernels.project(spec, mag, state, ids, tiny, par, final)

    stranger = dataclasses.replace(known, method=dataclasses.replace(known.method, projections=(own,)))
    assert fits(smooth, known)
    assert not fits(odd, known)
    assert fits(Frames(Geometry.of(64, 4)), known)
    assert not fits(Frames(Geometry.of(64, 3)), known)  # 22 frames over a sample
    assert not fits(smooth, stranger)
    assert engines.choose(smooth, known) is engines.LANES
    assert engines.choose(odd, known) is engines.FFTW
    assert engines.choose(smooth, stranger) is engines.FFTW
    monkeypatch.setenv(fft.SETTING, "fftw")
    assert engines.choose(smooth, known) is engines.FFTW
