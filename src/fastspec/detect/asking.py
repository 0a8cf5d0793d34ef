"""Asking readers: one, whatever becomes of it, and all in turn, those that look at no pixels once for many pictures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from fastspec.calibration.budget import Clock
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import REPORTED
from fastspec.colours import colormap
from fastspec.detect.evidence import Evidence, Reader, Scene, Signal
from fastspec.errors import FastspecError, listed
from fastspec.picture.picture import Picture

_LONGEST_REASON = 200  # characters of an error's message that a remark repeats
_OUTLINES = 32  # kinds of picture whose answers are kept
_STATES = 4  # of each, before each reader
_NOTHING = Evidence()
_State = tuple[Calibration, frozenset[Signal]]
_Result = TypeVar("_Result")


def asked(reader: Reader, scene: Scene, clock: Clock | None = None) -> Evidence:
    """What a reader finds; a remark where it fails in a way that nobody foresaw, so that the others are still asked.

    clock : checked before.
    """
    if clock is not None:
        clock.check()
    try:
        return reader.read(scene) if reader.applies(scene) else _NOTHING
    except (FastspecError, MemoryError, Warning):  # warnings are exceptions only to those who ask for it
        raise
    except Exception as error:
        return Evidence(remarks=(_failure(reader, scene, error),))


def _failure(reader: Reader, scene: Scene, error: Exception) -> str:
    """A sentence on a reader that failed: which one, how, and what its user can give instead."""
    open_facts = [name for name in REPORTED if name in reader.tells and scene.source(name) in (None, "assumed")]
    remedy = f"give what you know of {listed(open_facts)}" if open_facts else "check the facts that are stated"
    reason = str(error).split("\n")[0][:_LONGEST_REASON]
    how = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
    return (
        f"the reader {type(reader).__name__} failed on this picture ({how}) and was skipped; {remedy}, "
        "and report the picture as a bug"
    )


class Answers:
    """What readers said of earlier pictures that are alike in all but their pixels, for those that look at none.

    A Decoder keeps one for all its pictures; it is never pickled. Threads may share it: what two find at once is equal.
    """

    def __init__(self) -> None:
        self._alike: dict[Hashable, AnswersOf] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        return (Answers, ())

    def about(self, scene: Scene) -> AnswersOf | None:
        """The answers on pictures like that of a scene of which nothing is known yet; None where none can be kept."""
        outline = _outline(scene.picture)
        if outline is None:
            return None
        key = (id(scene.given), id(scene.like), scene.limit, outline)
        found = self._alike.get(key)
        if found is None:
            found = AnswersOf(scene.given, scene.like)
            while len(self._alike) >= _OUTLINES:
                self._alike.pop(next(iter(self._alike), None), None)
            self._alike[key] = found
        return found

    def once(self, scene: Scene, work: Callable[[Scene], _Result]) -> _Result:
        """`work` of a scene of which all is known, that looks at no pixels; done once for all that are alike."""
        alike = self.about(scene)
        return work(scene) if alike is None else alike.once(scene, work)


class AnswersOf:
    """The answers on pictures that are alike in all but their pixels.

    given, like : what they were asked with, which live as long as the answers: their numbers are part of the key.
    """

    def __init__(self, given: Calibration, like: Calibration | None) -> None:
        self.given, self.like = given, like
        self._after: dict[int, list[tuple[_State, _State]]] = {}
        self._worked: list[tuple[Calibration, Any]] = []

    def after(self, readers: Sequence[Reader], first: int, stop: int, scene: Scene, clock: Clock) -> Scene:
        """The scene once `readers[first:stop]` were asked, none of which looks at pixels."""
        clock.check()
        seen = self._after.get(first, [])
        for (known, signals), (then, later) in seen:
            if signals == scene.signals and _same(known, scene.known):
                same = then is scene.known and later == scene.signals
                return scene if same else replace(scene, known=then, signals=later)
        found = scene
        for reader in readers[first:stop]:
            found = found.knowing(asked(reader, found, clock))
        states = (scene.known, scene.signals), (found.known, found.signals)  # no scenes: these hold pixels
        self._after[first] = [*seen[1 - _STATES :], states]
        return found

    def once(self, scene: Scene, work: Callable[[Scene], _Result]) -> _Result:
        """`work` of a scene of which all is known, that looks at no pixels; done once for all alike."""
        for known, found in self._worked:
            if known is scene.known:
                kept: _Result = found
                return kept
        result = work(scene)
        self._worked = [*self._worked[1 - _STATES :], (scene.known, result)]
        return result


def all_asked(readers: Sequence[Reader], scene: Scene, clock: Clock, answers: AnswersOf | None = None) -> Scene:
    """The scene once all readers were asked, in order.

    answers : those on earlier pictures like this one; readers that look at no pixels (`Reader.blind`) are asked of
    none twice.

    Raises TimeLimitError when the `clock`'s time is over, CalibrationError where facts contradict each other.
    """
    at = 0
    while at < len(readers):
        stop = at
        while answers is not None and stop < len(readers) and getattr(readers[stop], "blind", False):
            stop += 1
        if answers is not None and stop > at:
            scene, at = answers.after(readers, at, stop, scene, clock), stop
        else:
            scene, at = scene.knowing(asked(readers[at], scene, clock)), at + 1
    return scene


def _same(one: Calibration, other: Calibration) -> bool:
    return one is other or (one.facts == other.facts and one.remarks == other.remarks and one.picture == other.picture)


def _outline(picture: Picture) -> Hashable | None:
    """All of a picture but its colours, what tools saw, and its files; None where it cannot be compared."""
    pixels = picture.pixels
    outline = (pixels.shape, pixels.dtype, picture.palette is None, picture.embedded, _frozen(picture.info))
    try:
        hash(outline)
    except TypeError:  # the levels of an array of numbers
        return None
    return outline, colormap.revision()


def _frozen(info: Mapping[str, Any]) -> Hashable:
    return tuple((name, _frozen(value) if isinstance(value, Mapping) else value) for name, value in info.items())
