"""A folder of originals: which sound a picture was drawn of, by their names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fastspec.errors import AudioError, ParameterError


class Originals(NamedTuple):
    """The sounds of a folder by their stems."""

    folder: str
    sounds: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, folder: str | os.PathLike[str]) -> Originals:
        """The sounds that are in a local folder now; ParameterError where there is none that can be listed."""
        name = os.fspath(folder)
        try:
            changed = os.stat(name).st_mtime_ns
        except (OSError, ValueError):
            changed = 0
        return _listed(name, os.path.abspath(name), changed)

    @property
    def paths(self) -> list[str]:
        """All of them."""
        return [path for paths in self.sounds.values() for path in paths]

    def of_picture(self, picture: str) -> str:
        """The path of the sound whose name is the picture's, but for the suffix.

        Raises AudioError where there is none, or more than one.
        """
        stem = Path(picture).stem
        found = self.sounds.get(stem, ())
        if not found:
            raise AudioError(f"originals={self.folder} has no sound named {stem}; add it, or leave the picture out")
        if len(found) > 1:
            names = " and ".join(Path(path).name for path in found)
            raise AudioError(f"originals={self.folder} has {names} for {Path(picture).name}; keep only one of them")
        return found[0]


@lru_cache(maxsize=4)
def _listed(folder: str, _place: str, _changed: int) -> Originals:
    from fastspec.sound.formats import searched_suffixes

    try:
        names = sorted(os.listdir(folder))
    except (OSError, ValueError) as error:
        raise ParameterError(
            f"originals={folder} cannot be listed as a folder ({getattr(error, 'strerror', None) or error}); name "
            "the folder on this machine with the sounds that the pictures were drawn from"
        ) from None
    suffixes, sounds = searched_suffixes(), dict[str, tuple[str, ...]]()
    for name in names:
        if Path(name).suffix.lower() in suffixes:
            stem = Path(name).stem
            sounds[stem] = (*sounds.get(stem, ()), os.path.join(folder, name))
    return Originals(folder, sounds)
