"""The sound that a picture was drawn of, as it is and as it was drawn."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array, FloatArray
from fastspec.calibration.budget import DEFAULT, Budget
from fastspec.calibration.facts import check_fact
from fastspec.errors import AudioError, LimitError, ParameterError
from fastspec.sound import files as sound_files
from fastspec.sound.resample import resample, seconds_of

_SILENT = 1e-9  # of full scale: a sound that never passes it has no phase to keep
_COPIES = 4  # of a sound, while its edits are added to it


@dataclass(frozen=True, eq=False)
class Original:
    """A sound (channels, n) of float32 or float64 samples at its own rate `sr` in Hz.

    flat : whether it was given as (n,). name : as messages call it. subtype : of its file, None of an array.
    """

    wave: FloatArray
    sr: int
    flat: bool
    name: str
    subtype: str | None = None
    budget: Budget = DEFAULT
    drawn: dict[int, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, original: Any, longest: float | None = None, budget: Budget = DEFAULT) -> Original:
        """Of a path, or (y, sr) with y (n,) or (channels, n).

        longest : seconds; a longer sound is refused. budget : what it may take. Raises ParameterError for anything
        else, AudioError for a sound that cannot be read or is silence, LimitError for one that takes too much.
        """
        if isinstance(original, cls):
            return original
        if isinstance(original, str | os.PathLike):
            name = os.fspath(original)

            def check(size: int, claimed: int) -> None:
                try:
                    budget.check_sound(name, _COPIES * size)
                except LimitError:  # what it will be in the end
                    budget.check_sound(f"the original {name}", _COPIES * max(size, claimed))

            wave, sr, subtype = sound_files.read_exactly(original, longest=longest, check=check)
            return cls._checked(wave, sr, name, subtype, budget)
        try:
            y, sr = original
            y = np.asarray(y)
        except (TypeError, ValueError):
            raise ParameterError(
                f"original is of type {type(original).__name__}; give the path of a sound file, or (y, sr)"
            ) from None
        if np.ndim(y) == 0 and np.ndim(sr) > 0:
            raise ParameterError("original is (sr, y), as scipy reads it; give (y, sr), with floating-point samples")
        wave = sound_files.check_waveform(y, what="original")
        return cls._checked(wave, check_fact("sr", sr), "original", None, budget)

    @classmethod
    def _checked(cls, wave: Array, sr: int, name: str, subtype: str | None, budget: Budget) -> Original:
        if not max(float(wave.max()), -float(wave.min())) > _SILENT:
            raise AudioError(f"{name} is silence: no picture can be compared with it; decode without original")
        return cls(np.atleast_2d(wave), int(sr), wave.ndim == 1, name, subtype, budget)

    @property
    def samples(self) -> int:
        """Of each channel."""
        return int(self.wave.shape[1])

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.samples / self.sr

    def at(self, sr: int) -> NDArray[np.float32]:
        """All channels (channels, n) at this rate in Hz. Raises LimitError where making them takes too much."""
        if sr not in self.drawn:
            if sr != self.sr:
                needed = _COPIES * self.wave.nbytes + 2 * 4 * len(self.wave) * self.seconds * sr
                takes = len(self.wave) * seconds_of(self.samples, self.sr, sr)
                self.budget.check_sound(f"{self.name} ({self.seconds:g} s at {self.sr} Hz) at {sr} Hz", needed, takes)
                self.drawn.clear()  # one at a time: they may be large
            wave = self.wave if sr == self.sr else resample(self.wave, self.sr, sr)
            self.drawn[sr] = np.ascontiguousarray(wave, np.float32)
        return self.drawn[sr]

    def shaped(self, wave: FloatArray) -> FloatArray:
        """A sound (channels, n) in the shape that this one was given in."""
        return wave[0] if self.flat else wave
