"""To the frame and the sample: how the part of a sound that a picture shows was cut, near a place that was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.complete import Complete
from fastspec.plot.layout import Layout
from fastspec.retouch import suppositions
from fastspec.retouch.alignment import Place


class Limits(NamedTuple):
    """How far from the place that was found is looked."""

    frames: int = 3  # more and fewer than the place says, where no pixel counts them; unmeasured
    steps: int = 12  # of a window, between the shifts that are tried first; unmeasured
    kept: int = 3  # numbers of frames, or hops, whose shift is then found to the sample; unmeasured
    hop: float = 0.05  # of a hop, within which usual ones are tried for the measured one; unmeasured
    ends: int = 16  # parts of a hop, by which a picture's sound may end after its last frame; unmeasured


LIMITS = Limits()

Score = Callable[[Complete, int], float]


class Placed(NamedTuple):
    """Facts, the sample of the sound at their rate at which the picture begins, and how well they explain it."""

    facts: Complete
    offset: int
    score: float


def fitted(score: Score, place: Place, facts: Complete, *, counted: bool, hop_open: bool) -> Placed:
    """The frames and the shift near `place` that explain most, to the sample.

    score : of facts and a shift. counted : whether pixels tell how many frames there are, which an
    edit may spoil. hop_open : whether the hop
    may be another than that of `facts`.
    """
    start = round(place.start * facts.sr)
    first = max(1, facts.win_length // LIMITS.steps)
    reach = facts.n_fft // 2 + first
    found = []
    for some in _frames(place, facts, counted=counted, hop_open=hop_open):
        shifts = {offset: score(some, offset) for offset in range(start - reach, start + reach + 1, first)}
        best = max(shifts, key=lambda offset: shifts[offset])
        found.append(Placed(some, best, shifts[best]))
    found.sort(key=lambda placed: -placed.score)
    return max((nearer(score, placed, first) for placed in found[: LIMITS.kept]), key=lambda placed: placed.score)


def nearer(score: Score, placed: Placed, step: int) -> Placed:
    """The best shift near one that is right to `step` samples."""
    while step > 1:
        step = max(1, step // 2)
        for offset in (placed.offset - step, placed.offset + step):
            value = score(placed.facts, offset)
            if value > placed.score:
                placed = Placed(placed.facts, offset, value)
    return placed


def stepped(score: Score, placed: Placed) -> Placed:
    """The same with other numbers of frames, and shifts by whole hops, as long as these explain more.

    A frame too few, a hop later, agrees in half of the columns.
    """
    while True:
        facts, best = placed.facts, placed
        hop = facts.hop_length
        for more in (-2, -1, 1, 2):
            count = max(1, facts.n_frames + more)
            some = facts._replace(n_frames=count, duration=max(1, count - 1) * hop / facts.sr)
            for offset in (placed.offset, placed.offset - hop, placed.offset + hop):
                value = score(some, offset)
                if value > best.score:
                    best = Placed(some, offset, value)
        if best is placed:
            return placed
        placed = nearer(score, best, hop // 4)


def ended(score: Score, facts: Complete, offset: int, size: int) -> Complete:
    """`facts` with the duration, of those that give as many frames, that explains the last frames best.

    score : of the last frames alone, 0 where no pixel shows them. size : samples of the sound, with which the
    picture's may end.
    """
    least, hop = (facts.n_frames - 1) * facts.hop_length, facts.hop_length

    def value(more: int) -> float:
        return score(facts._replace(duration=(least + more) / facts.sr), offset)

    step = max(1, hop // LIMITS.ends)
    tried = [*range(0, hop, step), *([size - offset - least] if 0 <= size - offset - least < hop else [])]
    values = {more: value(more) for more in tried}
    middle = max(tried, key=lambda more: (values[more], more == tried[-1]))
    # the right sample alone agrees exactly
    values.update({more: value(more) for more in range(max(0, middle - step), min(hop, middle + step + 1))})
    best = max(values, key=lambda more: (values[more], more == tried[-1]))
    return facts._replace(duration=(least + best) / facts.sr)


def _frames(place: Place, facts: Complete, *, counted: bool, hop_open: bool) -> Iterable[Complete]:
    """Facts with the hops and frames that give about the place's duration."""
    if counted and facts.n_frames > 1:
        measured = place.duration * facts.sr / (facts.n_frames - 1)
        for hop in _hops(measured, facts) if hop_open else (facts.hop_length,):
            yield facts._replace(hop_length=hop, duration=(facts.n_frames - 1) * hop / facts.sr)
    middle = frames_of(place, facts)
    for count in range(max(1, middle - LIMITS.frames), middle + LIMITS.frames + 1):
        yield facts._replace(n_frames=count, duration=max(1, count - 1) * facts.hop_length / facts.sr)


def frames_of(place: Place, facts: Complete) -> int:
    """How many frames a picture shows there."""
    return 1 + round(place.duration * facts.sr / facts.hop_length)


def _hops(measured: float, facts: Complete) -> Iterable[int]:
    """The usual hops near one that was measured, and the nearest whole one."""
    usual = (*(facts.win_length // part for part in (1, 2, 3, 4, 8)), *suppositions.HOPS)
    near = [hop for hop in usual if abs(hop - measured) <= LIMITS.hop * measured]
    return dict.fromkeys((*near, max(1, round(measured))))


def told(plan: Layout, facts: Complete, offset: int, size: int) -> NDArray[np.bool_]:
    """Which columns (W,) of a picture that begins `offset` samples into a sound of `size` show nothing but it."""
    if facts.shows_spans:
        return np.ones(len(plan.columns), np.bool_)
    before = facts.n_fft // 2 if facts.center else 0
    first = plan.columns * facts.hop_length + offset - before
    inside = np.ones(len(plan.columns), np.bool_)
    if offset < 0:
        inside &= first >= 0
    if offset + facts.samples >= size + facts.hop_length:
        inside &= first + facts.n_fft <= size
    return inside
