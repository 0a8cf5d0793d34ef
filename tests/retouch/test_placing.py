from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.complete import Complete
from fastspec.plot import layout
from fastspec.retouch import placing
from fastspec.retouch.alignment import Place
from fastspec.retouch.placing import Placed

FACTS = Complete("magma", "log", "librosa>=0.9", 8000, 1024, 512, 1024, 100, 99 * 512 / 8000)


def score_of(frames, offset):
    """As pixels have it: highest where both are right, and lower the more samples are wrong."""

    def score(facts, at):
        off = abs(at - offset) + abs((facts.n_frames - 1) * facts.hop_length - (frames - 1) * 512) / 2
        return 1 / (1 + off / 100)

    return score


def test_frames_and_shift_are_found_to_the_sample():
    place = Place(duration=6.4, start=0.5, likeness=0.8, seconds=6.4)
    found = placing.fitted(score_of(99, 4321), place, FACTS, counted=False, hop_open=True)
    assert (found.facts.n_frames, found.offset) == (99, 4321)
    assert found.facts.duration == pytest.approx(98 * 512 / 8000)


@pytest.mark.parametrize(("hop_open", "hop"), [(True, 256), (False, 512)])
def test_counted_frames_tell_the_hop(hop_open, hop):
    place = Place(duration=99 * 250 / 8000, start=0.5, likeness=0.8, seconds=3.0)

    def score(facts, at):
        return 1.0 if (facts.hop_length, at) == (256, 3999) else 1 / (2 + abs(facts.hop_length - 256))

    found = placing.fitted(score, place, FACTS, counted=True, hop_open=hop_open)
    assert (found.facts.hop_length, found.facts.n_frames) == (hop, 100)


def test_a_frame_too_few_and_a_hop_too_late_are_both_set_right():
    def score(facts, at):  # half of the columns agree with either
        return {(100, 0): 1.0, (99, 512): 0.5, (99, 0): 0.4}.get((facts.n_frames, at), 0.1)

    found = placing.stepped(score, Placed(FACTS._replace(n_frames=99), 512, 0.5))
    assert (found.facts.n_frames, found.offset) == (100, 0)


@pytest.mark.parametrize("more", [0, 17, 205, 511])
def test_the_end_of_a_part_is_found_to_the_sample(more):
    def score(facts, _):
        off = abs(facts.samples - 99 * 512 - more)
        return 1.0 if off == 0 else 0.5 / (1 + off / 50)

    assert placing.ended(score, FACTS, 1000, 10**6).samples == 99 * 512 + more


def test_an_end_that_no_pixel_shows_is_that_of_the_sound():
    assert placing.ended(lambda *_: 0.0, FACTS, 1000, 1000 + 99 * 512 + 77).samples == 99 * 512 + 77


@pytest.mark.parametrize(("offset", "size", "wanted"), [
    (1000, 10**6, (0, 100)),  # a part of a longer sound
    (0, 99 * 512, (0, 100)),  # the whole of it
    (-2048, 10**6, (5, 100)),
    (0, 50 * 512, (0, 50)),
])  # fmt: skip
def test_columns_tell_where_all_of_their_window_lies_in_the_sound(offset, size, wanted):
    inside = placing.told(layout.layout(FACTS, 100, 50), FACTS, offset, size)
    np.testing.assert_array_equal(np.flatnonzero(inside), np.arange(*wanted))
