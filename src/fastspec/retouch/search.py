"""What is not known of a picture, found with the sound that was drawn: of the likely drawings, what explains it.

The search begins with what `inspect` says, and changes one group of facts at a time (`retouch.suppositions`), the
likeliest first, on a sample of the pixels (`retouch.samples`). It ends as soon as what is supposed explains exactly
whatever it explains at all; how much of the picture that is, an edit decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec import inspection, tools
from fastspec.calibration.budget import ENDLESS, Clock
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.calibration.consistency import MAX_CELLS
from fastspec.calibration.facts import FILES, Fact
from fastspec.colours.colormap import Colormap
from fastspec.detect.evidence import Evidence, Scene
from fastspec.detect.readers import admitted_again
from fastspec.errors import FastspecError, LimitError
from fastspec.picture.picture import Picture
from fastspec.plot import damage, imshow, layout
from fastspec.retouch import by_tool, found_facts, redraw, shifts, suppositions
from fastspec.retouch.agreement import LIMITS as AGREEMENT
from fastspec.retouch.agreement import agreement
from fastspec.retouch.original import Original
from fastspec.retouch.redraw import Drawn
from fastspec.retouch.samples import NOTHING, Samples, Trial, spread_of
from fastspec.retouch.suppositions import Change, changed
from fastspec.transform.geometry import count_frames

_SAID, _OPEN = ("given", *FILES), (None, "assumed")


class Limits(NamedTuple):
    """When the search goes on and when it ends."""

    crisp: float = (
        0.985  # share of exact pixels among the close ones: right facts have .99 and more, hann for np.hanning
    )
    # .95; unmeasured
    exact: float = 0.2  # of all: fewer prove nothing, however crisp; unmeasured
    good: float = 0.35  # score from which the rate and the time are right, whatever else is not; unmeasured
    better: float = 0.004  # by which the score must grow for a fact to be changed; unmeasured
    believed: float = 0.9  # confidence of what pixels say, from which it is not tried otherwise; unmeasured
    few: int = 10  # columns that each shift in time is tried on; unmeasured
    columns: int = 128  # of the plot, that the agreement is measured on; unmeasured
    rounds: int = 3  # of the descent; unmeasured


LIMITS = Limits()


@dataclass(frozen=True, eq=False)
class Explained:
    """A picture, and what its original explains of it.

    scene : with all facts. calibration : the same facts, complete; what the original found has source "original".
    offset : seconds by which the picture begins later than the original. channel : the one of the original's that a
    picture of one channel shows, None where it is their mean. channels : one a part of the picture.
    agreement : 0..1, see `retouch.agreement`; below its `LIMITS.least` the original is another sound.
    reason : why nothing could be redrawn, then channels is empty.
    """

    scene: Scene
    calibration: Calibration
    offset: float
    channel: int | None
    channels: list[Drawn]
    agreement: float
    reason: str = ""

    @property
    def is_its_original(self) -> bool:
        """Whether the sound explains enough of the picture to be the one that was drawn."""
        return self.agreement >= AGREEMENT.least

    @property
    def verdict(self) -> str:
        """How much of the picture the sound explains, as a sentence."""
        if self.reason:
            return self.reason
        share = f"the sound explains {self.agreement:.0%} of what the picture shows, beyond chance"
        if self.is_its_original:
            return share
        return f"{share}, and an edited picture's own sound explains {AGREEMENT.least:.0%} or more"


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

    def __init__(self, scene: Scene, original: Original, clock: Clock) -> None:
        self.scene, self.original, self.clock = scene, original, clock
        self.known = scene.known
        facts = Complete.of(self.known)
        tool = tools.drawer(self.known)
        entries = scene.picture.palette is not None
        pixels = imshow.cells_of(scene.stored, facts, tool.blending(self.known), entries=entries)
        self.cmap: Colormap = layout.colormap(self.known, 16 if pixels.dtype == np.uint16 else 8)
        jpeg = scene.picture.info.get("format") == "JPEG"
        self.seen = damage.read_levels(pixels, self.cmap, palette=scene.picture.palette, jpeg=jpeg)
        plan = layout.layout(facts, pixels.shape[1], pixels.shape[0])
        self.spread = spread_of(self.seen, plan, self.cmap)
        self.samples = Samples.of(self.seen.positions, self.cmap, self.spread)
        self.state = _State(facts, NOTHING)
        self.free = self.is_open("db_range")
        self.state.trial = self.trial(facts)

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
            self._take(best, found)

    def _take(self, change: Change, trial: Trial) -> None:
        state = self.state
        state.steps.append((change, state.trial, trial))
        state.facts, state.trial = changed(state.facts, change), trial

    def shift(self) -> None:
        """Find where in the sound the picture begins."""
        state, few = self.state, Samples.of(self.seen.positions, self.cmap, self.spread, LIMITS.few)
        wave = self.wave(state.facts)

        def score(offset: int) -> float:
            self.clock.check()
            return few.trial(wave, state.facts, offset, free=self.free).score

        state.offset = shifts.best(score, wave.size, state.facts)
        state.trial = self.trial(state.facts, None, state.offset)

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

    def agreement(self) -> tuple[float, Trial]:
        """Of more pixels than the search looked at, and how well the facts explain these."""
        samples = Samples.of(self.seen.positions, self.cmap, self.spread, LIMITS.columns)
        state = self.state
        decibels = samples.decibels(self.wave(state.facts, state.channel), state.facts, state.offset)
        trial = samples.compared(decibels, state.facts, free=self.free)
        return agreement(samples, decibels, trial.line), trial


class _Asked(NamedTuple):
    """A picture, what the user knows of it, and how it is read."""

    picture: Picture
    given: Calibration
    limit: int
    clock: Clock
    like: Calibration | None
    check: Callable[[Scene], object]

    def seen(self, facts: dict[str, Any]) -> Scene:
        """All that is known of it, with facts of its original that nobody gives."""
        given = _with(self.given, facts) if facts else self.given
        scene = inspection.seen(self.picture, given, self.limit, self.clock, self.like)
        self.check(scene)  # before anything is drawn with these facts
        return scene


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
    asked = _Asked(picture, given, limit, clock, like, check)
    scene = asked.seen({})
    if by_tool.is_drawn_so(scene.known):
        told: dict[str, Any] = {} if scene.source("sr") not in _OPEN else {"sr": original.sr}
        if scene.source("duration") in _OPEN:
            told["duration"] = original.seconds
        scene = asked.seen(told) if told else scene
        parts, agreed, reason = by_tool.redrawn(scene, original)
        return _told(Explained(scene, scene.calibration(), 0.0, None, parts, agreed, reason))
    search = _at_best_rate(asked, original, scene)
    if not search.done:
        search.descend()
    if search.state.trial.score < LIMITS.good:
        search = _shifted(search, asked, original)
    return _told(_finished(search))


def _told(explained: Explained) -> Explained:
    """With a remark on how much agrees, and on what time the picture begins."""
    said, scene = [explained.verdict], explained.scene
    if explained.is_its_original:
        scene = scene.knowing(Evidence.between(scene.known, admitted_again(scene.known)))
        if explained.offset:
            said.append(f"the picture begins {explained.offset:.6g} s after the original's first sample")
    scene = scene.knowing(Evidence(remarks=tuple(said)))
    return replace(explained, scene=scene, calibration=scene.calibration())


def _shifted(search: _Search, asked: _Asked, original: Original) -> _Search:
    """The search for a part of the original as long as the picture's own frames say; the same one if none fits."""
    stated = search.known.source("sr") not in (*_OPEN, "original")
    rates = [search.known["sr"]] if stated else list(dict.fromkeys((original.sr, suppositions.RATES[0])))
    for sr in rates:
        try:
            other = _Search(asked.seen({} if stated else {"sr": sr}), original, asked.clock)
            other.shift()
        except LimitError:
            raise
        except (FastspecError, ValueError):
            continue
        if other.state.trial.score > search.state.trial.score + LIMITS.better:
            other.quick()
            other.descend()
            search = other
        if search.state.trial.score >= LIMITS.good:
            break
    return search


def _at_best_rate(asked: _Asked, original: Original, scene: Scene) -> _Search:
    """The search at the rate at which the sound seems to have been drawn; `scene` is the picture's alone."""
    told = scene.source("sr") not in _OPEN
    rates = [scene.known["sr"]] if told else list(dict.fromkeys((original.sr, *suppositions.RATES)))
    source = scene.source("duration")
    # as long as the original, or as the picture seems to be
    lengths = [] if source in _SAID and not _is_as_long(scene, original) else [{"duration": original.seconds}]
    lengths += [] if source in _OPEN else [{}]
    best: _Search | None = None
    failed: FastspecError | None = None
    for sr, length in ((sr, length) for sr in rates for length in lengths):
        facts: dict[str, Any] = {**({} if told else {"sr": sr}), **length}
        try:
            search = _Search(asked.seen(facts) if facts else scene, original, asked.clock)
        except LimitError:
            raise
        except FastspecError as error:
            failed = error
            continue
        search.quick()
        if best is None or search.state.trial.score > best.state.trial.score:
            best = search
        if search.state.trial.score >= LIMITS.good:
            break
    if best is None and failed is not None:
        raise failed
    assert best is not None
    return best


def _is_as_long(scene: Scene, original: Original) -> bool:
    """Whether the picture has the frames of all of the sound: what follows of their number may be a hop shorter."""
    known = scene.known
    if any(known.get(name) is None for name in ("n_frames", "hop_length", "n_fft", "sr")):
        return False
    samples, size = round(original.seconds * known["sr"]), (known["hop_length"], known["n_fft"])
    return bool(count_frames(samples, *size, center=known.get("center", True)) == known["n_frames"])


def _with(given: Calibration, facts: dict[str, Any]) -> Calibration:
    """What the user knows, and what the original tells."""
    return given.merged(Calibration({name: Fact(value, "original", 0.9) for name, value in facts.items()}))


def _finished(search: _Search) -> Explained:
    state = search.state
    agreed, trial = search.agreement()
    wave = search.wave(state.facts, state.channel)[max(0, state.offset) :]
    wave = np.pad(wave, (max(0, -state.offset), 0))[: state.facts.samples]
    height, width = search.seen.positions.shape
    plan = layout.layout(state.facts, width, height)
    first = redraw.drawn(wave, state.facts._replace(ref=1.0), plan, search.cmap)
    loudest = float(first.amplitudes.max())
    step = search.cmap.step * (1 + search.spread)
    facts = found_facts.levels(state.facts, trial, loudest, first.amplitudes, free=search.free, step=step)
    if search.known.source("ref") in _SAID:
        facts = facts._replace(ref=state.facts.ref)
    drawn = redraw.of_amplitudes(first.amplitudes, facts, search.cmap)
    corrected, remarks = found_facts.as_facts(search.known, facts, state.steps, trial, agreed >= AGREEMENT.least)
    offset = state.offset / facts.sr
    scene = search.scene.knowing(Evidence(corrected=corrected, remarks=remarks))
    return Explained(scene, scene.calibration(), offset, state.channel, [drawn], agreed)
