"""The sound formats, one entry each: `FORMATS` are the kinds of file, `SUBTYPES` how a sample is stored in them.

To add a format that libsndfile writes, add a `SoundFormat` to `FORMATS`: reading, writing, the command line's messages
and the search through folders take it from there. `SUBTYPES` needs an entry as well only for a sample format that is
lossy, bound to certain rates, or of integers that we round ourselves.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastspec.errors import AudioError
from fastspec.sound.reproducible import fix_ogg_serial, fix_peak_time


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """One kind of sound file.

    name : libsndfile's.
    suffixes : those by which it is known, without their dots; folders are searched for them.
    rare_suffixes : those that only a name may have that is written out.
    usual_subtypes : subtype of a suffix for which libsndfile's default one is not meant.
    most_bytes : that its headers can count, or None.
    make_reproducible : takes out of a file what differs from run to run.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    rare_suffixes: tuple[str, ...] = ()
    usual_subtypes: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int | None = None
    make_reproducible: Callable[[memoryview], None] = fix_peak_time

    @property
    def every_suffix(self) -> tuple[str, ...]:
        """All suffixes, the usual one first."""
        return (*self.suffixes, *self.rare_suffixes)


@dataclass(frozen=True, slots=True)
class Subtype:
    """How samples are stored.

    bits : of an integer, which we round ourselves; None leaves it to libsndfile.
    size : bytes of a sample.
    unlimited : holds values beyond full scale.
    lossy : its decoder's waveform differs from the one that was encoded.
    rates : Hz, all that it can store; empty if any.
    most_rate, most_channels : beyond them it cannot store any, and libsndfile may end the process; None if there are
        no bounds of its own.
    """

    bits: int | None = None
    size: int = 1
    unlimited: bool = False
    lossy: bool = False
    rates: tuple[int, ...] = ()
    most_rate: int | None = None
    most_channels: int | None = None


_NOT_WRITTEN = frozenset({"RAW", "SD2"})  # without header; with half of it in a second file, "._" where we are
_MOST_OF_32_BITS = 2**32 - 4096  # a length of 32 bits, less what headers take

FORMATS = (
    SoundFormat("WAV", ("wav",), most_bytes=_MOST_OF_32_BITS),
    SoundFormat("FLAC", ("flac",)),
    SoundFormat("OGG", ("ogg", "oga", "opus"), usual_subtypes={"opus": "OPUS"}, make_reproducible=fix_ogg_serial),
    SoundFormat("MP3", ("mp3",)),
    SoundFormat("AIFF", ("aiff", "aif"), ("aifc",), most_bytes=_MOST_OF_32_BITS),
    SoundFormat("AU", ("au",)),
    SoundFormat("CAF", ("caf",)),
    SoundFormat("RF64", (), ("rf64",)),
    SoundFormat("W64", ("w64",)),
    SoundFormat("WAVEX", most_bytes=_MOST_OF_32_BITS),
)

SUBTYPES: Mapping[str, Subtype] = {
    "PCM_S8": Subtype(bits=8),
    "PCM_U8": Subtype(bits=8),
    "PCM_16": Subtype(bits=16, size=2),
    "PCM_24": Subtype(bits=24, size=3),
    "PCM_32": Subtype(bits=32, size=4),
    "ALAC_16": Subtype(bits=16, size=2),
    "ALAC_24": Subtype(bits=24, size=3),
    "FLOAT": Subtype(size=4, unlimited=True),
    "DOUBLE": Subtype(size=8, unlimited=True),
    # of libvorbis' own tables; libsndfile 1.2.2 crashes when it closes an encoder that could not begin
    "VORBIS": Subtype(lossy=True, most_rate=200_000, most_channels=255),
    "OPUS": Subtype(lossy=True, rates=(8000, 12000, 16000, 24000, 48000)),
    "MPEG_LAYER_III": Subtype(lossy=True, rates=(8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)),
}


def format_named(name: str) -> SoundFormat:
    """The entry of a format by libsndfile's name; one without special rules if the table has none."""
    return next((entry for entry in FORMATS if entry.name == name), SoundFormat(name))


def subtype_named(name: str) -> Subtype:
    """The entry of a subtype by libsndfile's name; one without special rules if the table has none."""
    return SUBTYPES.get(name, Subtype())


def searched_suffixes() -> frozenset[str]:
    """The suffixes, with their dots, for which folders are searched."""
    return frozenset(f".{suffix}" for entry in FORMATS for suffix in entry.suffixes)


def resolve_format(name: str, format: str | None, subtype: str | None) -> tuple[str, str]:
    """libsndfile's (format, subtype) for a file name and the user's wishes, or an AudioError."""
    sf = _soundfile()
    available = sf.available_formats()
    known = _by_suffix()
    usual: str | None = None
    if format is None:
        suffix = Path(name).suffix.lower().lstrip(".")
        if suffix not in known:
            raise _unknown_suffix(name, suffix, [s for s, entry in known.items() if entry.name in available])
        format, usual = known[suffix].name, known[suffix].usual_subtypes.get(suffix)
    else:
        format = format.upper()
    if format not in available or format in _NOT_WRITTEN:
        names = ", ".join(sorted({entry.name for entry in known.values()} & set(available)))
        raise AudioError(f"sound format {format!r} is not one this libsndfile can write; known: {names}")
    valid = sf.available_subtypes(format)
    subtype = (subtype or usual or sf.default_subtype(format)).upper()
    if subtype not in valid:
        near = difflib.get_close_matches(subtype, valid, 1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise AudioError(f"{format} has no subtype {subtype!r}; {hint}it has {', '.join(valid)}")
    return format, subtype


def subtypes_of(format: str) -> frozenset[str]:
    """The subtypes that libsndfile writes in a format of its own name."""
    return frozenset(_soundfile().available_subtypes(format))


def _by_suffix() -> dict[str, SoundFormat]:
    """The entry of every suffix; the usual one of each format comes first, as messages list them."""
    usual = {suffix: entry for entry in FORMATS for suffix in entry.every_suffix[:1]}
    return usual | {suffix: entry for entry in FORMATS for suffix in entry.every_suffix}


def _unknown_suffix(name: str, suffix: str, writable: Sequence[str]) -> AudioError:
    near = difflib.get_close_matches(suffix, _by_suffix(), 1, 0.5)
    hint = f"did you mean .{near[0]}? " if near else ""
    told = f"the suffix .{suffix}" if suffix else "a name without suffix"
    known = ", ".join(f".{text}" for text in writable)
    return AudioError(f"{told} ({name!r}) is no sound format; {hint}known: {known}")


def _soundfile() -> Any:
    import soundfile  # not at import: it loads libsndfile

    return soundfile
