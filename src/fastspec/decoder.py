"""The way from picture to sound: joins the rooms. A Decoder is planned once and used for many, from many threads."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fastspec import inspection, tools
from fastspec._typing import Array
from fastspec.calibration import consistency
from fastspec.calibration import trust as trust_of_facts
from fastspec.calibration.budget import Budget, Clock
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.calibration.cost import Work
from fastspec.detect import unknown_names
from fastspec.detect.asking import Answers
from fastspec.detect.evidence import Scene
from fastspec.errors import CalibrationError, ParameterError, PictureError
from fastspec.picture.files import MAX_PIXELS
from fastspec.picture.picture import Picture
from fastspec.plot import channels, colour_table, damage, imshow, layout, reading, stored, subsampled, to_stft
from fastspec.retouch import TRUST
from fastspec.transform.joint import joint_magnitude
from fastspec.transform.windows import check_window

if TYPE_CHECKING:
    from fastspec.retouch.retouched import Retouched

# What each quality means; of two iteration counts the second is for frames that overlap by more than two thirds.
# At 50 % overlap more iterations hardly help: the 61 s picture has held-out SC -6.11, -6.34, -6.49 dB and log-mel 3.72,
# 3.75, 3.77 dB after 4, 8, 16, and librosa's 32 give -5.87 and 3.96. At 75 % they do: 1024/256 speech -23.2, -24.1,
# -25.4 dB, log-mel of mel pictures 3.35, 3.09, 3.03 dB (bench/quality/sound.py prints all). So they do at 50 % where
# every frame is known, as of plt.specgram's: speech of NFFT 256 has STOI .939 and .918 after 4, .944 and .927 after 16.
QUALITIES: dict[str, dict[str, Any]] = {
    "fast": {"method": "fgla", "init": "pghi", "n_iter": (2, 4)},
    "balanced": {"method": "admm", "init": "pghi", "n_iter": (4, 16)},
    "best": {"method": "raar", "init": "pghi", "n_iter": 100},
}
_LOUDEST = 1e15  # magnitude whose square float32 still holds
_STREAM = 16  # pictures in flight of `Decoder.stream`


@dataclass(frozen=True, eq=False)
class Spectrum:
    """What a sound is made of: `Decoded` without its picture, whose pixels are let go while others are read."""

    calibration: Calibration
    magnitude: npt.NDArray[np.float32]
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Decoded:
    """What was read from a picture: `magnitude` float32 and the facts that led there.

    magnitude : (n_frames, 1 + n_fft // 2), or (channels, n_frames, 1 + n_fft // 2) of a picture of several channels.
    Relative to the picture's 0 dB, or absolute when the calibration knows `ref`. Frames are `hop_length` apart, but
    those of a plot whose columns are spans of time are `Complete.of(calibration).retrieval_hop` apart.
    seconds : that reading took, which count for the picture's `timeout`.
    """

    picture: Picture
    calibration: Calibration
    magnitude: npt.NDArray[np.float32]
    seconds: float = 0.0

    @property
    def spectrum(self) -> Spectrum:
        """All that `Decoder.waveforms` needs of it."""
        return Spectrum(self.calibration, self.magnitude, self.seconds)


class Decoder:
    """Turns pictures into sound.

    calibration : facts that hold for all pictures (or keyword facts: `sr=22050`, `profile="librosa"` ...). They
        override what the pictures say of themselves. `level_range` and `level_unit` are converted, see `inspect`.
    like : another picture of the same drawing, such as the one that was edited, whose facts the pictures lack;
        a path or picture, a sidecar (.json), or a Calibration, see `inspection.known_of`.
    quality : "fast" | "balanced" | "best"; method, init, n_iter : override what it stands for.
    seed : of everything random. workers : threads; results do not depend on it.
    force : decode even what does not look like a spectrogram.
    strict : refuse, with a CalibrationError, a picture where what the sound hangs on is only assumed: its duration,
        rate, frequency scale, direction, or what its levels are (`fastspec.calibration.trust`).
    mono : one sound of a picture of several channels: of the root of the mean power of their magnitudes, whose phase
        is retrieved once. Else each channel is retrieved from that sound's phase, see `fastspec.plot.channels`.
    max_pixels, max_seconds : larger pictures and longer sounds are refused before memory is taken for them; spectra
        may have four times `max_pixels` cells (frames x bins x channels), 4 Mi in any case.
    max_memory : bytes that one picture may take beyond an idle process, by estimate (`calibration.cost`). timeout :
        seconds of a processor that it may take, both estimated and measured; compiling and planning of first calls do
        not count. By default 256 times what a plain picture of as many pixels takes, at most 805 MB and 7 s estimated
        at 16 iterations, and 140 s measured; `math.inf` lifts a limit.

    Raises ParameterError for options out of range and CalibrationError for facts that contradict each other. Pictures
    that ask for more than they may take raise LimitError, those that take longer TimeLimitError.
    """

    def __init__(  # noqa: PLR0913 - the public options
        self,
        calibration: Calibration | None = None,
        *,
        like: Any = None,
        quality: str = "balanced",
        method: str | None = None,
        init: str | None = None,
        n_iter: int | None = None,
        seed: int = 0,
        workers: int = 1,
        max_pixels: int | None = MAX_PIXELS,
        max_seconds: float | None = None,
        max_memory: float | None = None,
        timeout: float | None = None,
        force: bool = False,
        strict: bool = False,
        mono: bool = False,
        **facts: Any,
    ) -> None:
        from fastspec.phase.checks import check_options

        given = inspection.given_facts(facts)
        if not isinstance(calibration, Calibration | None):
            raise ParameterError(f"calibration={calibration!r} is no Calibration; give one, or facts by their names")
        self.given = colour_table.with_given_table(given if calibration is None else given.merged(calibration))
        if "cmap" in self.given:
            layout.colormap(self.given)
        if "window" in self.given:
            check_window(self.given["window"], self.given.get("win_length"), self.given.get("n_fft"))
        if not isinstance(quality, str) or quality not in QUALITIES:
            raise ParameterError(f"quality={quality!r} is unknown; use one of {', '.join(QUALITIES)}")
        chosen = {k: v for k, v in {"method": method, "init": init, "n_iter": n_iter}.items() if v is not None}
        self.phase = {**QUALITIES[quality], **chosen, "seed": seed, "workers": workers}
        check_options(self.phase)
        consistency.check_limits(max_pixels=max_pixels, max_seconds=max_seconds)
        consistency.check_switches(force=force, strict=strict, mono=mono)
        self.max_pixels = max_pixels
        self.max_seconds = max_seconds
        self.budget = Budget(max_memory, timeout)
        self.like = None
        if like is not None:
            self.like = inspection.known_of(like, self.given, max_pixels=max_pixels, budget=self.budget)
        self.force = force
        self.strict = strict
        self.mono = mono
        self.answers = Answers()

    def read(self, picture: Any) -> Decoded:
        """The magnitude that a picture (path, Picture, PIL image or array) shows, and the facts used."""
        clock = self.budget.clock(self._iterations(0.0))
        loaded = inspection.load(picture, max_pixels=self.max_pixels, budget=self.budget)
        limit = consistency.max_cells(self.max_pixels, lifted=self.budget.max_memory is not None)
        scene = inspection.seen(loaded, self.given, limit, clock, self.like, self.answers)
        cal, facts = self.answers.once(scene, self._checked)
        pixels = scene.stored
        tool = tools.drawer(cal)
        own = None if loaded.palette is None else tool.own_colormap(cal, loaded.palette)
        cmap = own or layout.colormap(cal, 16 if pixels.dtype == np.uint16 else 8)
        several = []
        for part in channels.parts(pixels, cal, tool.channel_gap, first_on_top=tool.first_channel_on_top):
            clock.check()
            part = imshow.cells_of(part, facts, tool.blending(cal), entries=loaded.palette is not None)
            plan = layout.layout(facts, part.shape[1], part.shape[0])
            jpeg = loaded.info.get("format") == "JPEG"
            shown = reading.read(
                part, cmap, plan, palette=loaded.palette, jpeg=jpeg, blocks=_blocks(scene) if part is pixels else None
            )
            if shown.exact < damage.LIMITS.off_map:
                doubt = damage.question_colours(part, cmap, loaded.palette)
                cal = cal if doubt is None else cal.remarked(doubt)
            scale = layout.level_scale(facts, cmap)
            error = shown.uncertainty(scale.hi - scale.lo)
            cal = cal.remarked(*damage.remarks(shown.exact, shown.hidden, part.shape[0] * part.shape[1], error))
            if shown.loudest <= max(0.0, cmap.origin) + 0.001 * cmap.step:
                several.append(np.zeros((plan.n_frames, plan.n_cells), np.float32))  # nothing above the floor: silence
                continue
            several.append(tool.restore(shown.amplitudes(scale), cal))
        if self.mono:
            several = [joint_magnitude(several)]
        if not any(part.any() for part in several):
            cal = cal.remarked("every pixel has the lowest colour: the sound is silence")
        with np.errstate(over="ignore", invalid="ignore"):  # what comes of it is refused
            magnitude = to_stft.stft_magnitudes(several, plan, facts, clock.check)
        if not float(magnitude.max(initial=0.0)) < _LOUDEST:
            raise CalibrationError(
                f"db_range={cal.get('db_range')}, ref={cal.get('ref')} and mel_power={cal.get('mel_power')} make a "
                "sound too loud to be computed; correct them"
            )
        return Decoded(loaded, cal, magnitude, clock.used)

    def _checked(self, scene: Scene) -> tuple[Calibration, Complete]:
        """All facts of a picture, which ask for no more than it may take and, where strict, are no guesses."""
        cal = scene.calibration()
        if "doubt" in cal.picture and not self.force:
            raise PictureError(
                f"this does not look like a spectrogram that can be read: {cal.picture['doubt']}; "
                "decode it all the same with --force (force=True)"
            )
        if self.strict:
            trust_of_facts.check(cal)
        unknown_names.check(cal)
        facts = Complete.of(cal)
        consistency.check_size(cal, width=scene.width, max_seconds=self.max_seconds, limit=scene.limit)
        self.budget.check(self._work(cal, facts, scene.width), cal)
        return cal, facts

    def waveform(self, decoded: Decoded | Spectrum) -> npt.NDArray[np.float32]:
        """The sound (n,) or (channels, n) of what was read; its rate is `decoded.calibration["sr"]`."""
        return self.waveforms([decoded])[0]

    def check_retouches(self) -> None:
        """Raise ParameterError where options say how to make a sound of a picture alone, which `retouch` does not."""
        usual = {**QUALITIES["balanced"], "seed": 0, "workers": self.phase["workers"]}
        if self.mono or self.phase != usual:
            raise ParameterError(
                "with an original, whose phases and channels are kept, quality, method, init, n_iter, seed and mono "
                "say nothing; leave them out"
            )

    def retouch(self, picture: Any, original: Any, *, trust: float = TRUST) -> Retouched:
        """The sound that an edited picture was drawn of, with only what was edited made anew.

        picture : as `read` takes it. original : the sound, as a path or (y, sr). Facts that neither the picture tells
        nor the user are found by drawing it again. trust : decibels by which a cell of a picture that was changed
        everywhere (noise, blur) may differ from the original's to keep its phase.

        Raises PictureError where the sound is not the one that was drawn (`force=True` insists), ParameterError where
        this Decoder was told how to retrieve phases, which are the original's here, and as `decode`.
        """
        from fastspec.retouch import retouched, said, search
        from fastspec.retouch.original import Original

        trust_db = retouched.check_trust(trust)
        self.check_retouches()
        sound = Original.of(original, self.max_seconds, self.budget)
        clock = self.budget.clock(self._iterations(0.0))
        loaded = inspection.load(picture, max_pixels=self.max_pixels, budget=self.budget)
        limit = consistency.max_cells(self.max_pixels)

        def check(scene: Scene) -> None:
            cal = scene.calibration()
            consistency.check_size(cal, width=scene.width, max_seconds=self.max_seconds, limit=limit)
            self.budget.check(self._work(cal, Complete.of(cal), scene.width), cal)

        explained = search.explain(loaded, self.given, sound, limit=limit, clock=clock, like=self.like, check=check)
        if not explained.is_its_original and not self.force:
            raise said.refuse(explained, sound)
        if self.strict:
            trust_of_facts.check(explained.calibration)
        check(explained.scene)  # the search may have found other facts

        def read(known: Calibration) -> npt.NDArray[np.float32]:
            again = copy.copy(self)
            again.given, again.force, again.strict = Calibration.of("given", **known), True, False
            again.answers = Answers()
            return again.read(loaded).magnitude

        return retouched.retouched(explained, sound, read=read, trust=trust_db, clock=clock)

    def decode(
        self, picture: Any, *, original: Any = None, trust: float = TRUST
    ) -> tuple[npt.NDArray[np.floating[Any]], int]:
        """(y, sr) of one picture: y (n,) float32, or (channels, n) of a picture of several channels.

        original : the sound that the picture was drawn of, a path or (y, sr): then y is that sound, at its own rate and
        in its own shape, with only the edits of the picture (`retouch`; `trust` is of it).

        Warns with a FastspecWarning of what was assumed or is doubtful.
        """
        if original is not None:
            found = self.retouch(picture, original, trust=trust)
            trust_of_facts.warn([found.calibration])
            return found.wave, found.sr
        decoded = self.read(picture).spectrum  # the pixels are needed no more
        trust_of_facts.warn([decoded.calibration])
        return self.waveform(decoded), int(decoded.calibration["sr"])

    def decode_batch(
        self, pictures: Sequence[Any], out: Sequence[Array] | None = None
    ) -> list[tuple[npt.NDArray[np.float32], int]]:
        """(y, sr) of each picture, retrieved together; the same bits as one by one.

        out : arrays (n,) or (channels, n) float32 that receive the waveforms, one a picture, of just the right shape.

        Warns with one FastspecWarning of what was assumed or is doubtful.
        """
        if out is not None and len(out) != len(pictures):
            raise ParameterError(f"out has {len(out)} arrays for {len(pictures)} pictures; give one for each")
        read = [self.read(picture).spectrum for picture in pictures]
        trust_of_facts.warn([decoded.calibration for decoded in read])
        sounds = self.waveforms(read)
        if out is not None:
            for target, y in zip(out, sounds, strict=True):
                if target.shape != y.shape:
                    raise ParameterError(f"out has an array of shape {target.shape} for a sound of shape {y.shape}")
                target[...] = y
            sounds = list(out)
        return [(y, int(d.calibration["sr"])) for y, d in zip(sounds, read, strict=True)]

    def stream(self, pictures: Iterable[Any]) -> Iterator[tuple[npt.NDArray[np.float32], int]]:
        """(y, sr) of each of any number of pictures, in order; only a few are in memory at a time."""
        source = iter(pictures)
        while some := list(islice(source, _STREAM)):
            yield from self.decode_batch(some)

    def _work(self, cal: Calibration, facts: Complete, width: int) -> Work:
        """What a picture whose plot is `width` columns wide asks for."""
        iterations = self._iterations(facts.retrieval_hop / facts.win_length, facts.shown_n_fft is not None)
        pixels = int(cal.picture["width"]) * int(cal.picture["height"])
        work = Work.of(facts, pixels=pixels, width=width, iterations=iterations)
        return work._replace(mono=self.mono, workers=int(self.phase["workers"]))

    def _iterations(self, hop_in_windows: float, every_frame: bool = False) -> int:
        counts = self.phase["n_iter"]
        return int(counts[every_frame or hop_in_windows < 1 / 3] if isinstance(counts, tuple) else counts)

    def waveforms(self, read: Sequence[Decoded | Spectrum]) -> list[npt.NDArray[np.float32]]:
        """The sounds, as `waveform`'s, of several that were read, retrieved together; the same bits as one by one."""
        from fastspec.phase.channels import retrieve
        from fastspec.phase.retrieval import fade_ends

        sounds: list[npt.NDArray[np.float32] | None] = [None] * len(read)
        magnitudes: list[npt.NDArray[np.float32]] = []
        lengths: list[int] = []
        groups: dict[tuple[Any, ...], list[int]] = {}
        for number, decoded in enumerate(read):
            facts = Complete.of(decoded.calibration)
            magnitude, options = to_stft.retrievable(decoded.magnitude, facts)
            n_iter = self._iterations(facts.retrieval_hop / facts.win_length, facts.shown_n_fft is not None)
            magnitudes.append(magnitude)
            lengths.append(facts.samples)
            groups.setdefault((tuple(sorted(options.items())), n_iter), []).append(number)
        for (pairs, n_iter), members in groups.items():
            options = dict(pairs)
            # pictures that are retrieved together share the time that they have
            limit = len(members) * self.budget.clock(n_iter).limit
            clock = Clock(limit, used=sum(read[n].seconds for n in members))
            phase = {**self.phase, "n_iter": n_iter, "callback": clock.check}
            results = retrieve([magnitudes[n] for n in members], [lengths[n] for n in members], options, phase)
            for number, y in zip(members, results, strict=True):
                sounds[number] = fade_ends(y, magnitudes[number].shape[-2], options)
        return [y for y in sounds if y is not None]


def _blocks(scene: Scene) -> reading.Blocks | None:
    """Which pixels of a plot share their chroma in a JPEG; None where none do, or it was enlarged or mirrored since."""
    picture = scene.picture
    sharing = picture.info.get("subsampling")
    if sharing not in (subsampled.SHARED, stored.BESIDE) or "enlarged" in picture.info or scene.backwards:
        return None
    left, top = int(scene.box[0]), int(scene.box[1])
    page = None if picture.file is None else stored.Page(picture.file, top, left)
    return reading.Blocks((top % 2, left % 2) if sharing == subsampled.SHARED else None, page)


def decode(
    picture: Any, /, *, original: Any = None, trust: float = TRUST, **options: Any
) -> tuple[npt.NDArray[np.floating[Any]], int]:
    """(y, sr) of a picture of a spectrogram: y float32, (n,) or, where it shows several channels, (channels, n).

    picture : path, Picture, PIL image or pixel array. original : the sound that it was drawn of, a path or (y, sr), if
    the picture is an edited one: y is that sound then, with only the edits made anew, see `Decoder.retouch`. options :
    as Decoder's: facts (`sr`, `duration`, `profile` ...), another picture of it (`like="drawn.png"`), and how
    (`quality`, `method`, `init`, `n_iter`, `seed`, `mono`).

    Raises PictureError, ParameterError or CalibrationError; each message says the remedy. What was assumed is one
    FastspecWarning; `strict=True` refuses it.
    """
    return Decoder(**options).decode(picture, original=original, trust=trust)
