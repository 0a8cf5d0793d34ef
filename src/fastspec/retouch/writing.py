"""A retouched sound as a file that holds the original's samples as they were."""

from __future__ import annotations

import os
from typing import BinaryIO, NamedTuple

import numpy as np

from fastspec._typing import FloatArray
from fastspec.retouch.retouched import Retouched
from fastspec.sound import files, formats


class Written(NamedTuple):
    """What became of a sound in its file: the gain it has there, how many samples were clipped, and the subtype."""

    gain: float
    clipped: int
    subtype: str

    def remark(self) -> str | None:
        """What the user should hear of it."""
        if not self.clipped:
            return None
        return f"{self.clipped} edited samples pass full scale and are clipped; --subtype FLOAT keeps them"


def subtype_for(original: str | None, name: str, format: str | None) -> str | None:
    """The subtype that holds an original's samples in such a file: its own, or floats, or the widest integers.

    original : the original's subtype, None of an array. None where the format is lossy.
    """
    chosen, usual = formats.resolve_format(name, format, None)
    valid = formats.subtypes_of(chosen)
    wanted = [original] if original is not None and not formats.subtype_named(original).lossy else []
    fitting = [subtype for subtype in (*wanted, "FLOAT", "PCM_24") if subtype in valid]
    return fitting[0] if fitting and not formats.subtype_named(usual).lossy else None


def write(
    path: str | os.PathLike[str], found: Retouched, *, format: str | None = None, subtype: str | None = None
) -> Written:
    """Write a retouched sound, by default in its original's subtype. Raises as `sound.files.write` does."""
    return write_as(path, found.wave, found.sr, found.subtype, format=format, subtype=subtype)


def write_as(
    path: str | os.PathLike[str] | BinaryIO,
    wave: FloatArray,
    sr: int,
    original: str | None,
    *,
    name: str = "",
    format: str | None = None,
    subtype: str | None = None,
) -> Written:
    """Write samples whose `original` had such a subtype, at the level that they have.

    path : of the file, or a binary stream, whose `name` then tells the format unless `format` does. What passes full
    scale is clipped where the subtype cannot hold it, so that no other sample changes.
    """
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else name
    form, chosen = formats.resolve_format(name, format, subtype or subtype_for(original, name, format))
    clipped = 0
    if not formats.subtype_named(chosen).unlimited:
        clipped = int(np.count_nonzero(np.abs(wave) > 1))
        wave = np.clip(wave, -1, 1) if clipped else wave
    gain = files.write(path, wave, sr, format=form, subtype=chosen, normalize=False)
    return Written(gain, clipped, chosen)
