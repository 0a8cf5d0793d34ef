"""`fastspec inspect --hear DIR`: each close reading of a picture as a sound, because an ear decides at once."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from fastspec._text import printable, shell_word
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import plain
from fastspec.calibration.readings import Reading, readings
from fastspec.errors import FastspecError, OutputError, PictureError, code_and_message

_LONGEST_NAME = 150  # characters of a file's name that facts may fill; file systems take 255 bytes


def hear(source: Path, cal: Calibration, folder: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Write the sound of each close reading of a picture into `folder`; what each file holds, most probable first.

    given : Decoder's options that `cal` was inspected with. A reading that no sound can be made of has an `error`
    instead of a `file`. Raises PictureError for what is no spectrogram, OutputError for a sound that exists, and what
    the first reading failed with where all fail.
    """
    from fastspec.batch import storage
    from fastspec.decoder import Decoder
    from fastspec.sound import files as sound_files

    if "doubt" in cal.picture:
        raise PictureError(
            f"this does not look like a spectrogram that can be heard: {cal.picture['doubt']}; "
            "fastspec decode --force decodes it anyway"
        )
    found = sorted(readings(cal), key=lambda each: -each.probability)
    targets = [storage.join(folder, _name(source.stem, number, each)) for number, each in enumerate(found, 1)]
    for target in targets:
        if os.path.lexists(target):
            raise OutputError(f"{target} already exists; name another folder with --hear")
    storage.make_folder(folder)
    heard: list[dict[str, Any]] = []
    first: FastspecError | None = None
    for reading, target in zip(found, targets, strict=True):
        row: dict[str, Any] = {name: plain(value) for name, value in reading.facts.items()}
        told = {"facts": row, "probability": round(reading.probability, 3)}
        try:
            decoder = Decoder(**{**given, **reading.facts})
            decoded = decoder.read(source)
            sound_files.write(target, decoder.waveform(decoded), int(decoded.calibration["sr"]))
            heard.append({"file": target, **told})
        except OutputError:
            raise
        except FastspecError as error:  # the other readings are heard
            first = first or error
            heard.append({"error": code_and_message(error)[1], **told})
    if first is not None and not any("file" in each for each in heard):
        raise first
    return heard


def as_lines(heard: list[dict[str, Any]]) -> str:
    """What was written, for a reader."""
    if len(heard) == 1:
        return f"no other interpretation is likely; its sound:\n  {printable(heard[0]['file'])}"
    lines = ["the sound of each likely interpretation; give the options of the right one:"]
    for each in heard:
        options = " ".join(_option(name, value) for name, value in each["facts"].items())
        where = each.get("file") or f"(no sound: {each['error']})"
        lines.append(printable(f"  {where}  {options}  ({each['probability']:.0%})"))
    return "\n".join(lines)


def _option(name: str, value: Any) -> str:
    """The option that gives a fact, as a shell takes it."""
    flag = f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return flag if value else f"--no-{flag[2:]}"
    return " ".join([flag, *(shell_word(str(v)) for v in (value if isinstance(value, list) else [value]))])


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _name(stem: str, number: int, reading: Reading) -> str:
    """The name of a reading's sound, such as picture.1.cmap-gray.origin-lower.wav."""
    facts = "".join(f".{name}-{_words(plain(value))}" for name, value in reading.facts.items())
    return f"{stem}.{number}{re.sub(r'[^A-Za-z0-9_.+-]+', '_', facts)[:_LONGEST_NAME]}.wav"
