"""The folder of a batch's outputs as it was when the batch began: nothing is written into another of its name."""

from __future__ import annotations

import os
from dataclasses import dataclass

from fastspec.batch import holder
from fastspec.errors import OutputError


@dataclass(frozen=True, slots=True)
class Place:
    """A local folder, and what tells it from another of the same path.

    path : absolute. inode : device and number of the folder. machine : where these hold, see `holder.machine`;
    elsewhere (a worker on another computer) the folder must only be there.
    """

    path: str
    inode: tuple[int, int]
    machine: str

    @classmethod
    def of(cls, path: str, found: os.stat_result) -> Place:
        """That of a folder which has been looked at."""
        return cls(path, (found.st_dev, found.st_ino), holder.machine())

    def check(self) -> None:
        """Raise OutputError where the folder is gone, or is another one."""
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            raise OutputError(f"{self.path} was moved or removed; put it back, then retry") from None
        except OSError as error:
            raise OutputError(f"{self.path} cannot be reached any more: {error.strerror or error}") from error
        if self.machine == holder.machine() and self.inode != (found.st_dev, found.st_ino):
            raise OutputError(f"{self.path} was replaced by another folder; put it back, then retry")
