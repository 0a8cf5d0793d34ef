"""A colormap that fastspec does not know: its table is read from a file, or was registered, and travels with the facts.

Fact `cmap` is then a label, the file's name or the registered one, and fact `cmap_table` holds label and colours. So a
calibration serves in every process and on every machine, whatever becomes of the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap, user_tables
from fastspec.errors import FastspecError, ParameterError

_TEXT = (".csv", ".tsv", ".txt")
_STRIPS = (".png", ".bmp", ".tif", ".tiff")
SUFFIXES = (*_TEXT, ".npy", *_STRIPS)
_LONGEST_LABEL = 100  # characters, as of any name among the facts
_MOST_BYTES = 1 << 20  # of a file of numbers; 4096 colours have some 50 KiB
_MOST_PIXELS = 1 << 22  # of a strip


def with_table(options: Mapping[str, Any], label: Callable[[str], str] = str) -> dict[str, Any]:
    """Facts with the table that their `cmap` means, if it is a file or a registered map; else as they are.

    label : makes fact `cmap` of a file's path, such as `os.path.basename`, so that it says nothing of this machine.
    Raises ParameterError for a file that holds no table.
    """
    cmap = options.get("cmap")
    if isinstance(cmap, os.PathLike):
        cmap = os.fspath(cmap)
    if not isinstance(cmap, str) or str(options.get("cmap_table", "")).rpartition("=")[0] == cmap:
        return dict(options)
    if user_tables.is_text(cmap):
        return {**options, "cmap": user_tables.from_text(cmap)[0], "cmap_table": cmap}
    mine = colormap.registered(cmap)
    if mine is not None:
        return {**options, "cmap_table": user_tables.as_text(cmap, mine.table)}
    if not names_file(cmap):
        return {**options, "cmap": cmap}
    name = label(cmap) if len(label(cmap)) <= _LONGEST_LABEL else os.path.basename(cmap)[-_LONGEST_LABEL:]
    return {**options, "cmap": name, "cmap_table": user_tables.as_text(name, read(cmap))}


def portable(options: Mapping[str, Any]) -> dict[str, Any]:
    """The same as plain values, of which `cmap` holds label and table, for other processes and machines."""
    found = with_table(options, os.path.basename)
    table = found.pop("cmap_table", None)
    return found if table is None else {**found, "cmap": table}


def with_given_table(cal: Calibration) -> Calibration:
    """`cal`, with the table that its given colormap means."""
    if cal.source("cmap") != "given":
        return cal
    facts = with_table({name: cal[name] for name in ("cmap", "cmap_table") if cal.source(name) == "given"})
    return cal.updated("given", **facts)


def names_file(cmap: str) -> bool:
    """Whether this is a file rather than a name."""
    separators = [separator for separator in (os.sep, os.altsep) if separator]
    return cmap.lower().endswith(SUFFIXES) or any(separator in cmap for separator in separators)


def read(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """The colours (N, 3) uint8 of a file: rows of three numbers, .npy, or a strip from the quietest to the loudest.

    A strip lies from left to right, or stands from bottom to top, as colour bars do; a pixel is an entry.
    Raises ParameterError for a file that holds no table of colours.
    """
    file = Path(path)
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise ParameterError(f"cmap {str(file)!r} is a file of no known kind; its name ends in {', '.join(SUFFIXES)}")
    try:
        if file.exists() and not file.is_file():  # a pipe would be waited for
            raise ParameterError(f"cmap {str(file)!r} is a folder or device; name a file with a table of colours")
        if suffix in _STRIPS:
            return user_tables.checked(file.name, _strip(file))
        if file.stat().st_size > _MOST_BYTES:
            raise ParameterError(f"cmap {str(file)!r} has more than {_MOST_BYTES} bytes, which no table of colours has")
        if suffix == ".npy":
            return user_tables.checked(file.name, np.load(file, allow_pickle=False))
        return user_tables.checked(file.name, np.array(_rows(file)))
    except FileNotFoundError:
        raise ParameterError(
            f"cmap {str(file)!r} is no file that exists; a colormap is a name, which fastspec.colours.names() lists, "
            "or a file with a table of colours"
        ) from None
    except ParameterError:  # which says all, though it is a ValueError
        raise
    except (OSError, ValueError, EOFError) as error:
        raise ParameterError(f"cmap {str(file)!r} cannot be read as a table of colours: {error}") from None


def _rows(file: Path) -> list[list[float]]:
    """The numbers of each line, but of a first line of words and of comments after "#"."""
    rows: list[list[float]] = []
    words = 0
    for number, line in enumerate(file.read_text("utf-8-sig").splitlines(), 1):
        cells = [cell for cell in re.split(r"[,;\s]+", line.partition("#")[0]) if cell]
        if not cells:
            continue
        try:
            row = [float(cell) for cell in cells]
        except ValueError:
            words += 1
            if rows or words > 1:
                raise ValueError(f"line {number} holds {line.strip()[:40]!r} in place of three numbers") from None
            continue
        if len(row) != 3:
            raise ValueError(f"line {number} holds {len(row)} numbers in place of red, green and blue")
        rows.append(row)
    if not rows:
        raise ValueError("it holds no numbers")
    return rows


def _strip(file: Path) -> NDArray[np.uint8]:
    """The pixels along a strip."""
    from fastspec.picture import files

    if not file.exists():
        raise FileNotFoundError(file)
    try:
        colours = files.read(file, max_pixels=_MOST_PIXELS).rgb()
    except FastspecError as error:
        raise ValueError(str(error)) from None
    height, width = colours.shape[:2]
    lines = colours if width >= height else colours.transpose(1, 0, 2)[:, ::-1]
    differ = (lines != lines[:1]).any(axis=(0, 2))
    if differ.any():
        along = "column" if width >= height else "row, from below,"
        raise ValueError(
            f"it is no strip: {along} {int(np.argmax(differ))} has several colours; cut out the colours alone"
        )
    return np.ascontiguousarray(lines[0])
