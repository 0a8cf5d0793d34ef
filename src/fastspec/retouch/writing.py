"""A retouched sound as a file that holds the original's samples as they were."""

from __future__ import annotations

import os
from typing import BinaryIO, NamedTuple

import numpy as np

from fastspec._typing import FloatArray
from fastspec.retouch.retouched import Retouched
from fastspec.sound import files, formats

_FLOAT_BITS = 24  # of the integers that float32 holds


class Written(NamedTuple):
    """What became of a sound in its file: its gain there, samples that were clipped, its subtype, its original's."""

    gain: float
    clipped: int
    subtype: str
    original: str | None = None

    def remark(self) -> str | None:
        """What the user should hear of it."""
        said = []
        if self.clipped:
            said.append(f"{self.clipped} edited samples exceed full scale and are clipped; --subtype FLOAT keeps them")
        if not holds(self.subtype, self.original):
            said.append(
                f"{self.subtype} cannot hold the original's samples bit for bit; WAV and FLAC of the original's own "
                "subtype can"
            )
        return "; ".join(said) or None


def holds(subtype: str, original: str | None) -> bool:
    """Whether samples come back bit for bit from such a file that were read from one of subtype `original`.

    original : None of samples of float32.
    """
    new = formats.subtype_named(subtype)
    if new.lossy or subtype in ("DOUBLE", original):
        return not new.lossy
    old = None if original is None else formats.subtype_named(original).bits
    if new.bits is not None:
        return old is not None and old <= new.bits
    return subtype == "FLOAT" and original != "DOUBLE" and (old is None or old <= _FLOAT_BITS)


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
    path: str | os.PathLike[str],
    found: Retouched,
    *,
    format: str | None = None,
    subtype: str | None = None,
    normalize: bool = False,
) -> Written:
    """Write a retouched sound, by default in its original's subtype and at its level.

    normalize : scale the peak to full scale instead, as `sound.files.write` does; then no sample is the original's.
    Raises as `sound.files.write` does.

    >>> write("edited.wav", fastspec.Decoder().retouch("edited.png", "speech.wav"))  # doctest: +SKIP
    """
    return write_as(path, found.wave, found.sr, found.subtype, format=format, subtype=subtype, normalize=normalize)


def write_as(  # noqa: PLR0913 - the public options
    path: str | os.PathLike[str] | BinaryIO,
    wave: FloatArray,
    sr: int,
    original: str | None,
    *,
    name: str = "",
    format: str | None = None,
    subtype: str | None = None,
    normalize: bool = False,
) -> Written:
    """Write samples whose `original` had such a subtype, at the level that they have.

    path : of the file, or a binary stream, whose `name` then tells the format unless `format` does. What passes full
    scale is clipped where the subtype cannot hold it, so that no other sample changes; with `normalize` all are scaled.
    """
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else name
    form, chosen = formats.resolve_format(name, format, subtype or subtype_for(original, name, format))
    clipped = 0
    if not normalize and not formats.subtype_named(chosen).unlimited:
        clipped = int(np.count_nonzero(np.abs(wave) > 1))
        wave = np.clip(wave, -1, 1) if clipped else wave
    gain = files.write(path, wave, sr, format=form, subtype=chosen, normalize=normalize)
    return Written(gain, clipped, chosen, original)
