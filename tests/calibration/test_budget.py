"""Default limits follow the picture's pixels and the user's iterations; the clock keeps time already used."""

from __future__ import annotations

import itertools

import pytest

from fastspec import LimitError, TimeLimitError
from fastspec.calibration.budget import LIMITS, Budget, Clock
from fastspec.calibration.cost import Work


def test_a_picture_asks_for_no_more_than_so_many_plain_ones():
    for pixels, iterations in itertools.product((1, 900, 4096, 12_079, 60_000, 400_000, 1 << 24), (0, 4, 16, 100)):
        work = Work.plain(pixels, iterations)
        plain = Work.plain(max(pixels, LIMITS.least), iterations)
        assert Budget().memory(work) <= LIMITS.plain * plain.memory
        assert Budget().memory(work) <= LIMITS.memory < 1.2e9 - 300e6
        assert Budget().seconds(work) <= LIMITS.plain * plain.seconds
        assert Budget().seconds(work) <= LIMITS.seconds * max(1, iterations / 16) < 8 * max(1, iterations / 16)
        Budget().check(work, {"duration": 1.0})  # a plain one is decoded


def test_more_iterations_that_the_user_wants_have_more_time():
    assert Budget().clock(16).limit == 140
    assert Budget().clock(100).limit == 140 * 100 / 16
    assert Budget(timeout=3).clock(100).limit == 3
    assert Clock(1.0, used=0.5).limit == 1.0
    with pytest.raises(TimeLimitError):
        Clock(1.0, used=1.5).check()


def test_a_sentence_names_what_is_too_much_and_what_lifts_it():
    work = Work(12_079, 4000, 65_537, 4000, 131_072, 1, 16)
    known = {"n_fft": 131_072, "hop_length": 1, "n_frames": 4000, "channels": 1, "duration": 0.18}
    with pytest.raises(LimitError) as told:
        Budget().check(work, known)
    said = str(told.value)
    assert said.startswith("n_fft=131072, hop_length=1, n_frames=4000 and duration=0.18 s need about ")
    assert "GB of memory and " in said
    assert "s of processor time, more than the 154 MB and 0.996 s that a picture of 12079 pixels may take" in said
    assert "give --max-memory " in said
    Budget(max_memory=float("inf"), timeout=float("inf")).check(work, known)
