"""The engines that iterate pictures: lanes where size and method allow them, FFTW's transforms for all else.

The choice is made by geometry and method alone, never by clock, load or company, so that bits do not change.
FASTSPEC_FFT=fftw makes FFTW's transforms do everything: the reference that the lanes are compared with;
FASTSPEC_FFT=numba does without FFTW.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Protocol

import numpy as np

from fastspec._typing import Array
from fastspec.phase import engine, methods
from fastspec.phase.engine import Member
from fastspec.phase.frames import Frames
from fastspec.phase.lanes import group as lane_group
from fastspec.phase.lanes.plan import radices_of
from fastspec.phase.methods import Tuned
from fastspec.phase.team import Seat, Team
from fastspec.transform import fft
from fastspec.transform.geometry import Geometry

_GROUP_BLOCKS = 12  # of FFTW's blocks, of small pictures iterated together: their whole state stays in a 2 MB cache
_UNDIVIDED_BLOCKS = 4  # of FFTW's blocks: groups of fewer are one thread's
_GROUP_STRETCH = 64  # frames of a lane: those worked twice are few, and threads have groups; unmeasured
_UNDIVIDED_STRETCH = 16  # frames of a lane: groups of fewer are one thread's; unmeasured
_SIGNED_FRAMES = 20  # of the noise that an engine is known by


class Group(Protocol):
    """Pictures of one geometry that are iterated together; `phase.engine.Group` says what each does."""

    method: Any
    members: list[Member]
    z: Array

    def begin(self, X: Array | None, segments: Any, team: Team, final: bool) -> None: ...
    def lead_in(self, segments: Any, team: Team) -> None: ...
    def step(self, segments: Any, team: Team, final: bool, out: Array | None = None) -> None: ...
    def measure(self, y: Array, segments: Any, team: Team, out: Array) -> None: ...
    def cut(self, members: Sequence[Member], parts: int) -> Any: ...
    def blank(self) -> Array: ...
    def samples(self, member: Member, z: Array) -> Array: ...
    def waveform(self, member: Member, z: Array) -> Array: ...
    def power(self, member: Member) -> float: ...


class Engine(Protocol):
    """A way to iterate groups."""

    def seat(self, frames: Frames) -> Any:
        """What one thread needs."""

    def group(self, frames: Frames, mag: Array, members: Sequence[Member], tuned: Tuned, parts: int) -> Group:
        """These pictures as a group that `parts` tasks can share."""

    def group_frames(self, frames: Frames) -> int:
        """Frames of small pictures that are worth a group."""

    def undivided_frames(self, frames: Frames) -> int:
        """Frames of a group below which it is one thread's."""


class _Fftw:
    def seat(self, frames: Frames) -> Any:
        return Seat(frames)

    def group(self, frames: Frames, mag: Array, members: Sequence[Member], tuned: Tuned, parts: int) -> Group:
        return engine.Group(frames, mag, members, tuned)

    def group_frames(self, frames: Frames) -> int:
        return _GROUP_BLOCKS * fft.block_height(frames.geometry.n_fft)

    def undivided_frames(self, frames: Frames) -> int:
        return _UNDIVIDED_BLOCKS * fft.block_height(frames.geometry.n_fft)


class _Lanes:
    def seat(self, frames: Frames) -> Any:
        return lane_group.Seat(frames)

    def group(self, frames: Frames, mag: Array, members: Sequence[Member], tuned: Tuned, parts: int) -> Group:
        return lane_group.LaneGroup(frames, mag, members, tuned, parts)

    def group_frames(self, frames: Frames) -> int:
        return _GROUP_STRETCH * lane_group.side(frames)

    def undivided_frames(self, frames: Frames) -> int:
        return _UNDIVIDED_STRETCH * lane_group.side(frames)


FFTW, LANES = _Fftw(), _Lanes()


def choose(frames: Frames, tuned: Tuned) -> Engine:
    """The engine for a geometry and method. Raises ParameterError for a setting that is none."""
    return LANES if fft.setting() != "fftw" and lane_group.fits(frames, tuned) else FFTW


def signature(n_fft: int) -> str:
    """A digest of what one iteration at this size makes of fixed noise here: equal where all results are."""
    if fft.setting() != "fftw" and radices_of(n_fft):
        return _signature(n_fft)
    return fft.signature(n_fft)


@lru_cache(maxsize=64)
def _signature(n_fft: int) -> str:
    frames = Frames(Geometry.of(n_fft, n_fft // 2))
    tuned = methods.of("gla")
    mag = np.random.RandomState(0).uniform(0, 1, (_SIGNED_FRAMES, n_fft // 2 + 1)).astype(np.float32)
    member = Member(_SIGNED_FRAMES, frames.geometry.length_of(_SIGNED_FRAMES))
    group, team = LANES.group(frames, mag, [member], tuned, 1), Team(frames, LANES.seat)
    blocks = group.cut([member], 1)
    group.begin(None, blocks, team, False)
    group.step(blocks, team, True)
    return hashlib.sha256(group.waveform(member, group.z).tobytes()).hexdigest()[:12]
