"""The sound that a picture was drawn of, as it is and as it was drawn."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec._typing import Array, FloatArray
from fastspec.calibration.facts import check_fact
from fastspec.errors import AudioError, ParameterError
from fastspec.sound import files as sound_files
from fastspec.sound.resample import resample

_SILENT = 1e-9  # of full scale: a sound that never passes it has no phase to keep


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
    drawn: dict[int, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, original: Any, longest: float | None = None) -> Original:
        """Of a path, or (y, sr) with y (n,) or (channels, n).

        longest : seconds; a longer sound is refused. Raises ParameterError for anything else, AudioError for a sound
        that cannot be read or is silence.
        """
        if isinstance(original, cls):
            return original
        if isinstance(original, str | os.PathLike):
            wave, sr, subtype = sound_files.read_exactly(original, longest=longest)
            return cls._checked(wave, sr, os.fspath(original), subtype)
        try:
            y, sr = original
        except (TypeError, ValueError):
            raise ParameterError(
                f"original is of type {type(original).__name__}; give the path of a sound file, or (y, sr)"
            ) from None
        return cls._checked(sound_files.check_waveform(y, what="original"), check_fact("sr", sr), "original", None)

    @classmethod
    def _checked(cls, wave: Array, sr: int, name: str, subtype: str | None) -> Original:
        if not max(float(wave.max()), -float(wave.min())) > _SILENT:
            raise AudioError(f"{name} is silence: nothing of a picture can be taken from it; decode without original")
        return cls(np.atleast_2d(wave), int(sr), wave.ndim == 1, name, subtype)

    @property
    def samples(self) -> int:
        """Of each channel."""
        return int(self.wave.shape[1])

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.samples / self.sr

    def at(self, sr: int) -> NDArray[np.float32]:
        """All channels (channels, n) at this rate in Hz."""
        if sr not in self.drawn:
            wave = self.wave if sr == self.sr else resample(self.wave, self.sr, sr)
            self.drawn[sr] = np.ascontiguousarray(wave, np.float32)
        return self.drawn[sr]

    def shaped(self, wave: FloatArray) -> FloatArray:
        """A sound (channels, n) in the shape that this one was given in."""
        return wave[0] if self.flat else wave
