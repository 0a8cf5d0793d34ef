"""The ledger's lines in a local folder: one file that is only ever appended to, beside the outputs that it tells of.

The folder, the lock and the file are held open, and each write looks whether they are still what their names mean:
lines in a file that somebody has moved or removed would tell of outputs that lie elsewhere, or nowhere.
"""

from __future__ import annotations

import os
from contextlib import suppress
from stat import S_ISREG

from fastspec._files import hold, let_go
from fastspec.batch import storage
from fastspec.batch.place import Place
from fastspec.errors import OutputError

_FLAGS = getattr(os, "O_CLOEXEC", 0)


class LocalBook:
    """Writes the lines of one batch, under a lock that dies with its process."""

    def __init__(self, folder: str, path: str) -> None:
        self.folder = folder
        self.path = path
        self._root = os.path.abspath(folder)
        self._held: dict[str, int] = {}  # path below the root -> handle

    def open(self) -> None:
        """Make the folder and take its lock. Raises OutputError when another process has it."""
        storage.make_folder(self._root)
        try:
            if hasattr(os, "O_DIRECTORY"):
                self._held[""] = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | _FLAGS)
            self._take_lock()
        except OSError as error:
            self.close()
            if isinstance(error, OutputError):
                raise
            raise OutputError(f"{self.folder} cannot be read: {error.strerror or error}; name another place") from error

    def close(self) -> None:
        """Let go of the lock; its file stays, or two processes could lock two files."""
        for name, handle in self._held.items():
            if name == storage.LOCK_NAME:
                let_go(handle)
            os.close(handle)
        self._held.clear()

    def place(self) -> Place:
        """The folder that is held."""
        held = self._held.get("")
        return Place.of(self._root, os.stat(self._root) if held is None else os.fstat(held))

    def append(self, data: bytes) -> None:
        """Write lines and return once they are durable. Raises OutputError; then none of them counts."""
        self._check_place()
        try:
            file = self._file()
            start = os.fstat(file).st_size
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(file, view) :]
                os.fsync(file)
            except OSError:
                with suppress(OSError):
                    os.ftruncate(file, start)
                    os.fsync(file)
                raise
        except OSError as error:
            if isinstance(error, OutputError):
                raise
            raise OutputError(
                f"the ledger {self.path} cannot be written: {error.strerror or error}; "
                f"make room or name another place, then run again with --resume"
            ) from error
        self._check_place()

    def start_over(self) -> None:
        """Forget all lines; they stay beside it under another name."""
        path = os.path.join(self._root, os.path.basename(self.path))
        try:
            os.replace(path, path + ".old")
        except FileNotFoundError:
            return
        except OSError as error:
            raise OutputError(
                f"the ledger {self.path} cannot be renamed: {error.strerror or error}; name another place"
            ) from error
        storage.sync_folder(self._root)

    def _check_place(self) -> None:
        """Raise OutputError unless folder, lock and ledger are where they were."""
        for name, handle in self._held.items():
            try:
                if os.path.samestat(os.fstat(handle), os.stat(os.path.join(self._root, name))):
                    continue
                what = "was replaced"
            except FileNotFoundError:
                what = "was moved or removed"
            except OSError as error:
                what = f"cannot be reached any more ({error.strerror or error})"
            raise OutputError(
                f"{os.path.join(self.folder, name) if name else f'the folder {self.folder}'} {what} while the batch "
                f"wrote there, so its outputs may be elsewhere; put it back and run again with --resume, or name "
                f"another place"
            )

    def _file(self) -> int:
        name = os.path.basename(self.path)
        if name in self._held:
            return self._held[name]
        file = os.open(os.path.join(self._root, name), os.O_RDWR | os.O_CREAT | os.O_APPEND | _FLAGS, 0o666)
        try:
            found = os.fstat(file)
            if not S_ISREG(found.st_mode):
                raise OSError(22, "it is not a regular file")
            whole = found.st_size
            while whole and os.pread(file, 1, whole - 1) != b"\n":
                whole -= 1  # a torn line is short
            if whole < found.st_size:
                os.ftruncate(file, whole)
            storage.sync_folder(self._root)
        except BaseException:
            os.close(file)
            raise
        self._held[name] = file
        return file

    def _take_lock(self) -> None:
        path = os.path.join(self.folder, storage.LOCK_NAME)
        try:
            lock = os.open(os.path.join(self._root, storage.LOCK_NAME), os.O_RDWR | os.O_CREAT | _FLAGS, 0o666)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror or error}; name another place") from error
        try:
            hold(lock)
        except BlockingIOError:
            os.close(lock)
            raise OutputError(
                f"another fastspec is writing to {self.folder}; wait until it ends, or name another folder"
            ) from None
        except OSError as error:
            os.close(lock)
            raise OutputError(
                f"{path} cannot be locked: {error.strerror or error}; two batches could mix there, so name a folder on "
                "another disk"
            ) from error
        self._held[storage.LOCK_NAME] = lock
