"""Which inputs become which outputs: files, folders, globs, @lists and standard input, settled before work starts."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from fastspec.errors import OutputError, ParameterError

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"})
SOUND_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64"})


@dataclass(frozen=True, slots=True)
class Job:
    """One input file and the output it becomes."""

    source: Path
    target: Path


def plan_jobs(
    inputs: Sequence[str],
    *,
    suffixes: frozenset[str],
    new_suffix: str,
    out: str | None = None,
    out_dir: str | None = None,
    overwrite: bool = False,
) -> list[Job]:
    """The jobs that `inputs` mean, in a fixed order.

    An input is a file, a folder (searched recursively for `suffixes`; its structure is kept under `out_dir`), a
    glob, `@file` (a list of inputs, one a line) or `-` (such a list on standard input). One input may go to
    `out`; several need `out_dir`; one input without either goes beside itself.

    Raises ParameterError when there is nothing to do, two inputs would share an output, or an output would replace
    an input, and OutputError when an output exists and `overwrite` is off (a file named by `out` is replaced).
    """
    if out is not None and out_dir is not None:
        raise ParameterError(f"give either an output file ({out}) or an output folder ({out_dir}), not both")
    found = list(_expand(inputs, suffixes))
    if not found:
        listing = ", ".join(sorted(suffixes))
        raise ParameterError(f"nothing to do: no file with one of {listing} among {', '.join(inputs) or 'no inputs'}")
    if out is not None and len(found) > 1:
        raise ParameterError(f"{len(found)} inputs cannot all become {out}; name a folder with --out-dir")
    if out is None and out_dir is None and len(found) > 1:
        raise ParameterError(f"{len(found)} inputs need a folder for the results; name it with --out-dir")
    jobs = [Job(path, _target(path, relative, new_suffix, out, out_dir)) for path, relative in found]
    _refuse_clashes(jobs)
    if not overwrite and out is None:
        existing = [job.target for job in jobs if job.target.exists()]
        if existing:
            more = f" and {len(existing) - 1} more" if len(existing) > 1 else ""
            raise OutputError(
                f"{existing[0]}{more} already exists; add --overwrite to replace it, or name another place"
            )
    return jobs


def _target(path: Path, relative: Path, suffix: str, out: str | None, out_dir: str | None) -> Path:
    if out is not None:
        return Path(out)
    if out_dir is not None:
        return Path(out_dir) / relative.with_suffix(suffix)
    return path.with_suffix(suffix)


def _expand(inputs: Iterable[str], suffixes: frozenset[str]) -> Iterable[tuple[Path, Path]]:
    """Every input file with its path below the output folder; files that no longer exist are kept and fail later."""
    for text in inputs:
        if text == "-":
            yield from _expand(_lines(sys.stdin), suffixes)
        elif text.startswith("@") and not Path(text).exists():
            try:
                with open(text[1:], encoding="utf-8") as listing:
                    lines = list(_lines(listing))
            except (OSError, UnicodeDecodeError) as error:
                raise ParameterError(f"cannot read the list {text[1:]}: {error}") from None
            yield from _expand(lines, suffixes)
        elif Path(text).is_dir():
            yield from _walk(Path(text), suffixes)
        elif not Path(text).exists() and glob.has_magic(text):
            for match in sorted(glob.glob(text, recursive=True)):
                if Path(match).is_file():
                    yield Path(match), Path(Path(match).name)
        else:
            yield Path(text), Path(Path(text).name)


def _lines(stream: Iterable[str]) -> Iterable[str]:
    return (line.rstrip("\r\n") for line in stream if line.strip() and not line.startswith("#"))


def _walk(folder: Path, suffixes: frozenset[str]) -> Iterable[tuple[Path, Path]]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix.lower() in suffixes and not name.startswith("."):
                yield path, path.relative_to(folder)


def _refuse_clashes(jobs: Sequence[Job]) -> None:
    owner: dict[str, Path] = {}
    sources = {os.path.realpath(job.source) for job in jobs}
    for job in jobs:
        key = os.path.realpath(job.target)
        if key in sources:
            raise ParameterError(f"the output {job.target} would replace an input; name another place")
        if key in owner:
            raise ParameterError(
                f"{owner[key]} and {job.source} would both become {job.target}; convert them into different folders"
            )
        owner[key] = job.source
