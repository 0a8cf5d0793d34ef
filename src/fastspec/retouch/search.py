"""What is not known of a picture, found with the sound that was drawn: of the likely drawings, what explains it.

The search begins with what `inspect` says, and changes one group of facts at a time (`retouch.suppositions`), the
likeliest first, on a sample of the pixels (`retouch.samples`). It ends as soon as what is supposed explains exactly
whatever it explains at all; how much of the picture that is, an edit decides. Where the picture does not seem to show
the whole sound, its part is found by what it shows (`retouch.alignment`, then `retouch.placing`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.budget import ENDLESS, Clock
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.calibration.consistency import MAX_CELLS
from fastspec.calibration.facts import FILES
from fastspec.detect.evidence import Evidence, Scene
from fastspec.errors import FastspecError, LimitError
from fastspec.picture.picture import Picture
from fastspec.plot import layout
from fastspec.retouch import alignment, by_tool, grays, mappings, placing, subpixel_search, supposed_image, suppositions
from fastspec.retouch.agreement import LIMITS as AGREEMENT
from fastspec.retouch.agreement import agreement
from fastspec.retouch.alignment import Place
from fastspec.retouch.explained import Explained, remarked
from fastspec.retouch.finishing import finished
from fastspec.retouch.original import Original
from fastspec.retouch.readings import Asked, Readings, is_as_long
from fastspec.retouch.samples import LIMITS as SAMPLES
from fastspec.retouch.samples import NOTHING, Samples, Trial
from fastspec.retouch.suppositions import Change, changed

_SAID, _OPEN = ("given", *FILES), (None, "assumed")


class Limits(NamedTuple):
    """When the search goes on and when it ends."""

    # Share of exact pixels among the close ones: right facts have .99 and more, hann for np.hanning .95.
    crisp: float = 0.985  # see above; unmeasured
    exact: float = 0.2  # of all: fewer prove nothing, however crisp; unmeasured
    good: float = 0.35  # score from which the rate and the time are right, whatever else is not; unmeasured
    better: float = 0.004  # by which the score must grow for a fact to be changed; unmeasured
    believed: float = 0.9  # confidence of what pixels say, from which it is not tried otherwise; unmeasured
    few: int = 10  # columns that each shift in time is tried on; unmeasured
    blurred: float = 4.0  # steps that a level is taken to be uncertain by there: near is better than far; unmeasured
    likely: float = 0.6  # weight of a place (`alignment.Place`) from which the picture may lie there; unmeasured
    places: int = 3  # that are tried; unmeasured
    columns: int = 128  # of the plot, that the agreement is measured on; unmeasured
    rounds: int = 3  # of the descent; unmeasured


LIMITS = Limits()


@dataclass(eq=False)
class _State:
    """What is supposed at present, and the changes that led there."""

    facts: Complete
    trial: Trial
    channel: int | None = None
    offset: int = 0  # samples at the facts' rate
    steps: list[tuple[Change, Trial, Trial]] = field(default_factory=list)


class _Search:
    """The search at one rate."""

    def __init__(self, scene: Scene, original: Original, clock: Clock, readings: Readings) -> None:
        self.scene, self.original, self.clock = scene, original, clock
        self.known = scene.known
        facts = Complete.of(self.known)
        self.cmap, self.seen, self.spread = readings.of(scene, facts)
        self.mapping = mappings.PLAIN
        self.samples = self.sampled()
        self.told: NDArray[np.bool_] | None = None
        self.state = _State(facts, NOTHING)
        self.free = self.is_open("db_range")
        self.state.trial = self.trial(facts)

    def sampled(self, most: int = SAMPLES.columns, inside: NDArray[np.bool_] | None = None) -> Samples:
        """Pixels of `most` columns, of those `inside`."""
        return Samples.of(self.seen.positions, self.cmap, self.spread, most, inside, self.mapping)

    def is_open(self, *names: str) -> bool:
        """Whether none of these facts was stated by the user or the file, or by the pixels where all seems right."""
        right = self.state.trial.score >= LIMITS.good
        return not any(self._is_said(name, right) for name in names)

    def _is_said(self, name: str, right: bool) -> bool:
        fact = self.known.facts.get(name)
        if fact is None or fact.source in _SAID:
            return fact is not None
        return right and fact.source == "pixels" and fact.confidence >= LIMITS.believed

    def wave(self, facts: Complete, channel: int | None = None) -> NDArray[np.float32]:
        """The sound (n,) at the facts' rate."""
        waves = self.original.at(facts.sr)
        one: NDArray[np.float32] = waves.mean(axis=0) if channel is None and len(waves) > 1 else waves[channel or 0]
        return one

    def trial(self, facts: Complete, channel: int | None = None, offset: int = 0) -> Trial:
        """How well the facts explain the samples; nothing where they cannot be."""
        self.clock.check()
        try:
            return self.samples.trial(self.wave(facts, channel), facts, offset, free=self.free)
        except (FastspecError, ValueError):
            return NOTHING

    @property
    def is_right(self) -> bool:
        """Whether the rate and the time seem right: more agrees than by chance, which is much in noise."""
        state = self.state
        if state.trial.score < LIMITS.good:
            return False
        loud = self.samples.decibels(self.wave(state.facts, state.channel), state.facts, state.offset)
        return agreement(self.samples, loud, state.trial.line) >= AGREEMENT.least

    @property
    def done(self) -> bool:
        """Whether what agrees at all agrees exactly."""
        return self.is_exact(self.state.trial)

    @staticmethod
    def is_exact(trial: Trial) -> bool:
        """Whether that is so of a trial."""
        return trial.crisp >= LIMITS.crisp and trial.exact >= LIMITS.exact

    def take_best(self, changes: Iterable[Change]) -> None:
        """Try changes of the facts; keep the best if it is better."""
        state = self.state
        best, found = None, state.trial
        for change in changes:
            if not self.is_open(*change):
                change = {name: value for name, value in change.items() if self.is_open(name)}
                if not change:
                    continue
            trial = self.trial(changed(state.facts, change), state.channel, state.offset)
            if trial.score > max(found.score, state.trial.score + LIMITS.better):
                best, found = change, trial
                if self.is_exact(trial):
                    break
        if best is not None:
            self.take(best, found)

    def take(self, change: Change, trial: Trial) -> None:
        state = self.state
        state.steps.append((change, state.trial, trial))
        state.facts, state.trial = changed(state.facts, change), trial

    def places(self) -> list[Place]:
        """Where in the sound the picture may lie, the likeliest first."""
        facts = self.state.facts
        wave, size = self.wave(facts), self.seen.positions.shape
        plan = layout.layout(facts, size[1], size[0])
        sound, step = alignment.bands_of_sound(wave, facts, plan, self.clock.check)
        said = self.known.source("duration") in _SAID
        bounds = alignment.Bounds((facts.duration,)) if said else alignment.Bounds(every=(0.0, np.inf))
        found = alignment.places(
            alignment.bands_of_picture(self.seen.positions), sound, step / facts.sr, bounds, self.clock.check
        )
        return [place for place in found if place.weight >= LIMITS.likely][: LIMITS.places]

    def settle(self, place: Place) -> None:
        """The frames and the sample that explain most near a place."""
        counted = self.known.source("n_frames") not in _OPEN
        facts = self.state.facts
        if not counted:
            facts = facts._replace(n_frames=placing.frames_of(place, facts))
        facts = facts._replace(duration=place.duration)
        wave, blurred = self.wave(facts, self.state.channel), max(LIMITS.blurred, self.spread)
        size = self.seen.positions.shape
        plan = layout.layout(facts, size[1], size[0])
        inside = placing.told(plan, facts, round(place.start * facts.sr), wave.size)
        few = replace(self.sampled(LIMITS.few, inside), spread=blurred)

        def score(facts: Complete, offset: int) -> float:
            self.clock.check()
            return few.trial(wave, facts, offset, free=self.free).score

        found = placing.fitted(score, place, facts, counted=counted, hop_open=self.is_open("hop_length"))
        self.narrow(found.facts, found.offset)
        if self.known.source("n_frames") not in _SAID:
            found = placing.stepped(self._score(wave), found._replace(score=self.state.trial.score))
            self.narrow(found.facts, found.offset)

    def _score(self, wave: NDArray[np.float32]) -> placing.Score:
        def score(facts: Complete, offset: int) -> float:
            self.clock.check()
            return self.samples.trial(wave, facts, offset, free=self.free).score

        return score

    def narrow(self, facts: Complete, offset: int) -> None:
        """Suppose these facts and this shift, and look at the columns alone that then show the sound."""
        height, width = self.seen.positions.shape
        inside = placing.told(layout.layout(facts, width, height), facts, offset, self.wave(facts).size)
        self.told = None if inside.all() else inside
        self.samples = self.sampled(inside=self.told)
        self.state.facts, self.state.offset = facts, offset
        self.state.trial = self.trial(facts, self.state.channel, offset)

    def end(self) -> None:
        """Find where a part of the sound ends, which the last frames alone tell, after its shift to the sample."""
        state = self.state
        wave = self.wave(state.facts, state.channel)
        found = self._nearer(wave, state.facts, state.offset)
        if self.is_open("window"):
            # a symmetric window lies half a sample later than the periodic one, and is taken for it with this shift
            others = [changed(state.facts, {"window": window}) for window in suppositions.WINDOWS[:2]]
            placed = (self._nearer(wave, facts, found.offset) for facts in others)
            found = max((found, *placed), key=lambda placed: placed.score)
            if found.facts.window != state.facts.window:
                self.take({"window": found.facts.window}, self.trial(found.facts, state.channel, found.offset))
        height, width = self.seen.positions.shape
        frames = layout.layout(state.facts, width, height).columns
        last = frames >= state.facts.n_frames - 1 - state.facts.n_fft // (2 * state.facts.hop_length)
        some = self.sampled(inside=last)
        line = self.trial(state.facts, state.channel, found.offset).line  # a few columns tell none of their own

        def ending(facts: Complete, offset: int) -> float:
            self.clock.check()
            return 0.0 if not last.any() else some.scored(some.decibels(wave, facts, offset), line).score

        facts = state.facts
        if self.is_open("duration") and found.offset + facts.samples <= wave.size:
            facts = placing.ended(ending, facts, found.offset, wave.size)
        self.narrow(facts, found.offset)

    def _nearer(self, wave: NDArray[np.float32], facts: Complete, offset: int) -> placing.Placed:
        score = self._score(wave)
        return placing.nearer(score, placing.Placed(facts, offset, score(facts, offset)), 4)

    def quick(self) -> None:
        """What costs little and is wrong most often: the window, the channel."""
        if len(self.original.wave) > 1 and not self.done:
            for channel in range(len(self.original.wave)):
                trial = self.trial(self.state.facts, channel, self.state.offset)
                if trial.score > self.state.trial.score + LIMITS.better:
                    self.state.channel, self.state.trial = channel, trial
        if not self.done:
            self.take_best(suppositions.windows(self.state.facts))

    def descend(self) -> None:
        """All groups of facts, as long as that helps."""
        groups: tuple[Callable[[Complete], Iterable[Change]], ...] = (
            suppositions.axes,
            suppositions.lengths,
            suppositions.windows,
            suppositions.hops,
            suppositions.banks,
            suppositions.shorter_windows,
            suppositions.rest,
        )
        for _ in range(LIMITS.rounds):
            before = self.state.trial.score
            for group in groups:
                if self.done:
                    return
                self.take_best(group(self.state.facts))
            if self.state.trial.score < before + LIMITS.better:
                return

    def forget(self) -> None:
        """Suppose nothing but what is known."""
        self.state, self.told, self.mapping = _State(Complete.of(self.known), NOTHING), None, mappings.PLAIN

    def agreement(self) -> tuple[float, Trial]:
        """Of more pixels than the search looked at, and how well the facts explain these."""
        samples = self.sampled(LIMITS.columns, self.told)
        state = self.state
        decibels = samples.decibels(self.wave(state.facts, state.channel), state.facts, state.offset)
        trial = samples.compared(decibels, state.facts, free=self.free)
        return agreement(samples, decibels, trial.line), trial


def explain(
    picture: Picture,
    given: Calibration,
    original: Original,
    *,
    limit: int = MAX_CELLS,
    clock: Clock = ENDLESS,
    like: Calibration | None = None,
    check: Callable[[Scene], object] = lambda _: None,
) -> Explained:
    """The picture with all facts that its original tells, and what it showed before it was edited.

    given : what the user knows, which always rules. limit : most cells of a spectrum. like : the facts of another
    picture of the same drawing, as `inspection.known_of` has them. check : called with what is known before the sound
    is drawn; what it raises, such as LimitError for facts that ask for too much, ends the search.
    Raises CalibrationError where facts contradict each other, TimeLimitError when the `clock`'s time is over.
    """
    asked = Asked(picture, given, limit, clock, like, check, Readings())
    scene = asked.seen({})
    if by_tool.is_drawn_so(scene.known):
        told: dict[str, Any] = {} if scene.source("sr") not in _OPEN else {"sr": original.sr}
        if scene.source("duration") in _OPEN:
            told["duration"] = original.seconds
        scene = asked.seen(told) if told else scene
        return remarked(by_tool.explained(scene, original), original)
    search = _at_best_rate(asked, original, scene)
    if grays.is_copy(search.scene):
        search = _in_grays(search, asked, original)
    if grays.is_copy(search.scene):
        return Explained(scene, scene.calibration(), 0.0, None, [], 0.0, grays.lost(scene))
    image = supposed_image.explained(search, asked, original)
    if image is not None:
        return remarked(image, original)
    subpixel_search.place_plot(search)
    mappings.suppose(search)
    if not search.is_right:
        search = _placed(search, asked, original, scene)
    if not search.done:
        search.descend()
        subpixel_search.place_plot(search)
    mappings.suppose(search)
    if search.state.offset or search.told is not None:
        search.end()
    if grays.may_be_copy(search.scene) and not search.done:
        search = _in_grays(search, asked, original)
    return supposed_image.refused(search) or remarked(finished(search), original)


def _in_grays(search: _Search, asked: Asked, original: Original) -> _Search:
    """The search for a picture in colour of which this is a gray copy; the same one if none fits."""
    best = search
    for found in grays.facts(search.scene):
        scene = search.scene.knowing(Evidence(corrected=found))
        other = _Search(scene, original, asked.clock, asked.readings)
        named = {name: fact.value for name, fact in found.items()}
        other.state = replace(search.state, facts=search.state.facts._replace(**named))
        other.narrow(other.state.facts, other.state.offset)
        # where nothing was lost, all grays are the map's
        if other.spread <= search.spread and other.state.trial.score > best.state.trial.score + LIMITS.better:
            best = other
    if best is not search and best.state.trial.score < LIMITS.good:
        best.descend()
    return best


def _placed(search: _Search, asked: Asked, original: Original, scene: Scene) -> _Search:
    """The search for the part of the original that the picture shows, by what it shows; the same one if none fits."""
    stated = search.known.source("sr") not in (*_OPEN, "original")
    rates = [search.known["sr"]] if stated else list(dict.fromkeys((original.sr, suppositions.RATES[0])))
    for sr in rates:
        try:
            seen = scene if stated else asked.seen({"sr": sr})
            other = _Search(seen, original, asked.clock, asked.readings)
            places = other.places()
        except LimitError:
            raise
        except (FastspecError, ValueError):
            continue
        for place in places:
            other = _Search(seen, original, asked.clock, asked.readings)
            other.settle(place)
            if other.is_right or other.state.trial.score > search.state.trial.score + LIMITS.better:
                search = other
            if search.is_right:
                search.quick()
                return search
    return search


def _at_best_rate(asked: Asked, original: Original, scene: Scene) -> _Search:
    """The search at the rate at which the sound seems to have been drawn; `scene` is the picture's alone."""
    told = scene.source("sr") not in _OPEN
    rates = [scene.known["sr"]] if told else list(dict.fromkeys((original.sr, *suppositions.RATES)))
    source = scene.source("duration")  # as long as the original, or as the picture seems to be
    lengths = [] if source in _SAID and not is_as_long(scene, original) else [{"duration": original.seconds}]
    lengths += [] if source in _OPEN else [{}]
    best: _Search | None = None
    failed: FastspecError | None = None
    for sr, length in ((sr, length) for sr in rates for length in lengths):
        facts: dict[str, Any] = {**({} if told else {"sr": sr}), **length}
        try:
            search = _Search(asked.seen(facts) if facts else scene, original, asked.clock, asked.readings)
        except LimitError:
            raise
        except FastspecError as error:
            failed = error
            continue
        search.quick()
        if best is None or search.state.trial.score > best.state.trial.score:
            best = search
        if search.is_right:
            best = search
            break
    if best is None and failed is not None:
        raise failed
    assert best is not None
    return best
