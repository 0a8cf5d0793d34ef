"""How much one picture may take: `max_memory` and `timeout`, their defaults, and the clock that keeps the second.

By default a picture may ask for so many times the work of a plain one of its pixels, and for no more than fixed sums.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastspec import _effort
from fastspec.calibration.cost import COSTS, Work
from fastspec.errors import LimitError, ParameterError, TimeLimitError


class Limits(NamedTuple):
    """What a picture may take where the user says nothing."""

    # 67 million pixels need as much to be read; with an idle process's 250 MB a picture stays below 1.2 GB
    memory: int = 768 << 20  # bytes; `python -m tests.promises.hostile_claims 10000`
    seconds: float = 7.0  # of a processor, by estimate; `python -m tests.promises.hostile_claims 10000`
    # A figure of 496 x 370 pixels may show five minutes at 44.1 kHz, hop 512, which is 144 cells a pixel
    plain: int = 256  # times the work of a plain picture of as many pixels; unmeasured
    # The weights of a bank do not shrink with the picture: a column of Riffusion's in stereo takes .21 s, half of this
    least: int = 8192  # pixels; smaller pictures may ask for as much as one of so many; `python -m bench.speed.costs`
    usual: int = 16  # iterations; where the user wants more, the picture may take as much longer; unmeasured
    # A processor may be slower than the estimate's, and is shared by the threads of a process
    patience: float = 20.0  # times the estimated seconds before the measured ones end a picture; unmeasured
    # What a refusal names must suffice on a machine that is slower or busy: rounded up, these times what is estimated
    spare_memory: float = 1.2  # times; `python -m bench.speed.costs`
    spare_seconds: float = 10.0  # times; unmeasured


LIMITS = Limits()
_CULPRITS = ("n_fft", "hop_length", "n_frames", "n_mels", "n_bins", "channels", "shown_n_fft")


@dataclass(frozen=True)
class Budget:
    """What one picture may take.

    max_memory : bytes beyond an idle process. timeout : seconds of a processor, both estimated and measured.
    None stands for the defaults of LIMITS, `math.inf` for no limit.

    Raises ParameterError for values that are not positive.
    """

    max_memory: float | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        for name, value, unit in (("max_memory", self.max_memory, "bytes"), ("timeout", self.timeout, "seconds")):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if value is not None and not (number and value > 0):
                raise ParameterError(
                    f"{name}={value!r} is not a positive number of {unit}; give one, or inf for no limit"
                )

    def check_pixels(self, width: int, height: int, name: str) -> None:
        """Raise LimitError for a picture whose pixels alone need more memory."""
        needed, most = COSTS.pixel_bytes * width * height, LIMITS.memory if self.max_memory is None else self.max_memory
        if needed > most and self.max_memory is not None:
            raise LimitError(
                f"{name} has {width} x {height} pixels, which need {_bytes(needed)} to be read, more than "
                f"max_memory={_bytes(most)}; raise it with --max-memory if that is right"
            )

    def check(self, work: Work, known: Mapping[str, Any]) -> None:
        """Raise LimitError where the work is more than a picture may take; `known` are the facts that ask for it."""
        most, longest = self.memory(work), self.seconds(work)
        needed, takes = work.memory, work.seconds
        over = [needed > most, takes > longest]
        if not any(over):
            return
        told = [name for name in _CULPRITS if known.get(name) is not None and (name, known[name]) != ("channels", 1)]
        asked = ", ".join(f"{name}={known[name]}" for name in told)
        needs = [f"{_bytes(needed)} of memory", f"{_seconds(takes)} of processor time"]
        limits = [_bytes(most), _seconds(longest)]
        remedies = [f"--max-memory {_option(needed)}", f"--timeout {_patient(takes)}"]
        names = ["max_memory", "timeout"]

        def of(words: list[str]) -> str:
            return " and ".join(word for word, counts in zip(words, over, strict=True) if counts)

        raise LimitError(
            f"{asked} and duration={known['duration']:g} s need about {of(needs)}, more than the {of(limits)} that "
            f"a picture of {work.pixels} pixels may take; correct them, or give {of(remedies)} ({of(names)} in Python)"
        )

    def check_sound(self, name: str, needed: float, takes: float = 0.0) -> None:
        """Raise LimitError where a sound asks for more than anything may take: bytes, and seconds of a processor."""
        most = LIMITS.memory if self.max_memory is None else self.max_memory
        longest = LIMITS.seconds if self.timeout is None else self.timeout
        for asked, limit, shown, remedy in (
            (needed, most, _bytes, f"--max-memory {_option(needed)} (max_memory in Python)"),
            (takes, longest, _seconds, f"--timeout {_patient(takes)} (timeout in Python)"),
        ):
            if asked > limit:
                raise LimitError(
                    f"{name} needs about {shown(asked)}, more than the {shown(limit)} that it may take; give only the "
                    f"part that the picture shows, or {remedy}"
                )

    def memory(self, work: Work) -> float:
        """Bytes that a picture may take."""
        if self.max_memory is not None:
            return self.max_memory
        plain = Work.plain(max(work.pixels, LIMITS.least), work.iterations)
        return min(LIMITS.memory, LIMITS.plain * plain.memory)

    def seconds(self, work: Work) -> float:
        """Seconds of a processor that it may take."""
        if self.timeout is not None:
            return self.timeout
        plain = Work.plain(max(work.pixels, LIMITS.least), work.iterations)
        return min(self._longest(work.iterations), LIMITS.plain * plain.seconds)

    def clock(self, iterations: int = 1, used: float = 0.0) -> Clock:
        """A clock that begins now, `used` seconds after the picture's own beginning."""
        seconds = LIMITS.patience * self._longest(iterations) if self.timeout is None else self.timeout
        return Clock(seconds, used)

    @staticmethod
    def _longest(iterations: int) -> float:
        return LIMITS.seconds * max(1.0, iterations / LIMITS.usual)


class Clock:
    """The time that a picture has left: what this process works at it, not what it waits, is stopped, or prepares."""

    def __init__(self, limit: float = math.inf, used: float = 0.0) -> None:
        self.limit = limit
        self._used = used
        self._watch = _effort.Stopwatch()
        self._prepared = _effort.prepared()

    @property
    def used(self) -> float:
        """Seconds so far."""
        prepared = _effort.prepared()
        self._used += max(0.0, self._watch.lap() - (prepared - self._prepared))
        self._prepared = prepared
        return self._used

    def check(self, *_: Any) -> None:
        """Raise TimeLimitError when the time is over. Takes anything, so that it can be a callback."""
        if self.used > self.limit:
            raise TimeLimitError(
                f"it took longer than {self.limit:g} s of processor time and was stopped; allow more with --timeout "
                "(timeout=), or correct the facts that make it so expensive"
            )


DEFAULT = Budget()
ENDLESS = Clock()


def _bytes(number: float) -> str:
    return f"{number / 1e9:.3g} GB" if number >= 1e9 else f"{number / 1e6:.3g} MB"


def _seconds(number: float) -> str:
    return f"{number:.3g} s"


def _option(number: float) -> str:
    """Bytes as `--max-memory` takes them, rounded up to two digits, more than are needed."""
    most = LIMITS.spare_memory * number / 1e6
    step = 10 ** max(0, math.floor(math.log10(max(most, 1.0))) - 1)
    megabytes = step * math.ceil(most / step)
    return f"{megabytes / 1000:g}GB" if megabytes >= 1000 else f"{megabytes}MB"


def _patient(number: float) -> int:
    """Seconds as `--timeout` takes them, which holds for a slower machine as well as for the estimate."""
    return 10 * math.ceil(LIMITS.spare_seconds * number / 10)
