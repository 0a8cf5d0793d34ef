"""Where files lie: this machine's folders, or remote storage through fsspec (`s3://`, `gs://`, `memory://` ...).

A path is text. What has a scheme (`://`) is remote and needs the extra `remote`; all else is a local path.
"""

from __future__ import annotations

import glob as _glob
import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from stat import S_ISREG
from typing import Any, BinaryIO

from fastspec._files import is_held, is_part, remove_part, write_whole
from fastspec.batch.place import Place
from fastspec.errors import OutputError, ParameterError, PictureError, missing_extra

LOCK_NAME = ".fastspec-ledger.lock"  # of the one batch that may write to a folder
_READ = 1 << 20


def is_remote(path: str) -> bool:
    """Whether `path` has a scheme, as `s3://bucket/folder` has."""
    return "://" in path


def filesystem(path: str) -> tuple[Any, str]:
    """fsspec's file system of a remote path, and the path within it. Raises MissingExtraError or OutputError."""
    try:
        import fsspec
    except ImportError:
        raise missing_extra("fsspec", "remote", f"the remote path {path}") from None
    try:
        return fsspec.core.url_to_fs(path)  # type: ignore[no-any-return]
    except ImportError as error:  # the scheme's own package, such as s3fs
        raise OutputError(f"{path} cannot be reached: {error}; install that package") from None
    except Exception as error:  # the protocols raise what they like
        raise OutputError(f"{path} cannot be reached: {error}") from error


def absolute(path: str) -> str:
    """`path` as another process finds it, whatever its working folder."""
    return path if is_remote(path) else os.path.abspath(path)


def join(folder: str, name: str) -> str:
    """The path of `name` (with forward slashes) under `folder`."""
    return f"{folder.rstrip('/')}/{name}" if is_remote(folder) else os.path.join(folder, *name.split("/"))


def join_source(base: str, source: str) -> str:
    """The path of an input that was named in the folder `base`."""
    return source if is_remote(source) else os.path.join(base, source)


def exists(path: str) -> bool:
    """Whether there is anything under `path`."""
    if not is_remote(path):
        return os.path.lexists(path)
    fs, inner = filesystem(path)
    return bool(fs.exists(inner))


def stamp(path: str) -> tuple[int, int] | None:
    """(size in bytes, time of change in ns or 0) of a file, or None: tells whether it is still the same."""
    try:
        if not is_remote(path):
            found = os.stat(path)
            return found.st_size, found.st_mtime_ns
        fs, inner = filesystem(path)
        return int(fs.info(inner)["size"]), 0
    except (OSError, ValueError, KeyError, TypeError):  # ValueError: a name that no file can have
        return None


def checksum(path: str) -> tuple[int, str] | None:
    """(size, SHA-256) of a file, or None when it cannot be read."""
    total, digest = 0, hashlib.sha256()
    try:
        if is_remote(path):
            fs, inner = filesystem(path)
            _about(fs, inner, path)
            stream = fs.open(inner, "rb")
        else:
            stream = open(path, "rb", opener=regular)  # noqa: SIM115 - one of two ways to open, closed below
        with stream:
            while block := stream.read(_READ):
                total += len(block)
                digest.update(block)
    except (OSError, PictureError):
        return None
    return total, digest.hexdigest()


def regular(path: str, flags: int) -> int:
    """Open a file that is no pipe and no device, which may keep one waiting for ever."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(22, "it is not a regular file")
    return handle


class Named(io.BytesIO):
    """The bytes of a remote file, with the name that messages show."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def fetch(path: str, most: int) -> Named:
    """The whole of a remote file of at most so many bytes; a larger one is refused before it is read.

    Raises PictureError, OutputError or MissingExtraError.
    """
    fs, inner = filesystem(path)
    try:
        size = _about(fs, inner, path).get("size")
        if size is not None and size > most:
            raise _too_large(path, size, most)
        if size is not None:
            return Named(fs.cat_file(inner), path)
        data = io.BytesIO()
        with fs.open(inner, "rb") as stream:  # of a server that does not tell how much there is
            while block := stream.read(_READ):
                data.write(block)
                if data.tell() > most:
                    raise _too_large(path, data.tell(), most)
        return Named(data.getvalue(), path)
    except FileNotFoundError:
        raise PictureError(f"{path} does not exist; check the path") from None
    except (MemoryError, PictureError):
        raise
    except Exception as error:
        raise PictureError(f"{path} cannot be read: {error}") from error


def _too_large(path: str, size: int, most: int) -> PictureError:
    return PictureError(f"{path} has {size} bytes or more, more than the {most} that are read; make it smaller")


def _about(fs: Any, inner: str, path: str) -> dict[str, Any]:
    """What is known of a file. Raises PictureError for a pipe or device, which may keep one waiting, and a folder."""
    found: dict[str, Any] = fs.info(inner)
    kind = found.get("type", "file")
    if kind == "directory":
        raise PictureError(f"{path} is a folder; name a file in it")
    if kind != "file":
        raise PictureError(f"{path} is not a regular file; copy it to a file first")
    return found


def write(path: str, data: bytes | memoryview, below: Place | None = None) -> None:
    """Put `data` under `path`, whole or not at all. Locally it is on the disk, its name is so after `sync_folders`.

    below : a folder above it; where it was taken away or replaced nothing is written. Raises OutputError.
    """
    if is_remote(path):
        fs, inner = filesystem(path)
        try:
            fs.makedirs(fs._parent(inner), exist_ok=True)  # noqa: SLF001 - fsspec has no public name for it
            fs.pipe_file(inner, bytes(data))
        except Exception as error:
            raise OutputError(f"{path} cannot be written: {error}") from error
        return

    def fill(out: BinaryIO) -> None:
        out.write(data)
        if below is not None:  # it may have been replaced since: then what was written goes again
            below.check()

    if below is not None:
        below.check()
    make_folder(os.path.dirname(path) or ".", None if below is None else below.path)
    write_whole(path, fill)


def make_folder(folder: str, below: str | None = None) -> None:
    """Create a local folder and those above it; a remote one comes into being with its first file.

    below : one of those above it, which must be there. Raises OutputError.
    """
    if is_remote(folder):
        return
    try:
        _make(folder, below)
    except OSError as error:
        raise OutputError(f"cannot create the folder {folder}: {error.strerror}; name another place") from None


def _make(folder: str, below: str | None) -> None:
    if os.path.isdir(folder):
        return
    if folder == below:
        raise FileNotFoundError(2, f"{below} was moved or removed")
    above = os.path.dirname(folder)
    if above and above != folder:
        _make(above, below)
    try:
        os.mkdir(folder)
    except FileExistsError:
        if not os.path.isdir(folder):  # it may be another thread's
            raise
        return
    with suppress(OutputError):  # a folder that may be written to, and not be read
        sync_folder(above or ".")


def sync_folders(paths: Iterable[str], root: str) -> None:
    """Make the names of local files below a folder durable, and those of the folders on the way. Raises OutputError."""
    folders = {root}
    for path in paths:
        above = parent(path)
        while above not in folders and len(above) > len(root):
            folders.add(above)
            above = parent(above)
    for folder in sorted(folders, key=len, reverse=True):
        sync_folder(folder)


def sync_folder(folder: str) -> None:
    """Make the names in a local folder durable. Raises OutputError."""
    if is_remote(folder) or os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror or error}; choose another place") from error


def parent(path: str) -> str:
    """The folder of a file."""
    return path.rsplit("/", 1)[0] if is_remote(path) else os.path.dirname(path) or "."


def remove_leftovers(folder: str) -> None:
    """Delete what killed processes were writing below a local folder; not what a batch in a folder below it writes."""
    if is_remote(folder):
        return
    for above, folders, names in os.walk(folder):
        if above != folder and LOCK_NAME in names and _is_held(os.path.join(above, LOCK_NAME)):
            folders.clear()
            continue
        for name in filter(is_part, names):
            remove_part(os.path.join(above, name))


def _is_held(path: str) -> bool:
    """Whether a process holds a file."""
    try:
        handle = os.open(path, os.O_RDWR | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return True  # nobody can know
    try:
        return is_held(handle)
    finally:
        os.close(handle)


def refuse(_: str, message: str) -> None:
    """What to do about a folder that cannot be listed, where no record can be made of it. Raises ParameterError."""
    raise ParameterError(message)


def find(text: str, suffixes: frozenset[str], fail: Callable[[str, str], object] = refuse) -> Iterator[tuple[str, str]]:
    """Files that one input means, each with its path below the output folder (forward slashes).

    A folder is searched recursively for `suffixes`, in a fixed order; a pattern is expanded; all else is a file,
    which need not exist. fail : called with each folder that cannot be listed, and with a sentence on why.
    """
    if is_remote(text):
        yield from _find_remote(text, suffixes, fail)
    elif os.path.isdir(text):
        for above, folders, names in os.walk(text, onerror=lambda error: _unlisted(error, text, fail)):
            folders.sort()
            for name in sorted(names):
                if os.path.splitext(name)[1].lower() in suffixes and not name.startswith("."):
                    path = os.path.join(above, name)
                    yield path, os.path.relpath(path, text).replace(os.sep, "/")
    elif _glob.has_magic(text) and not os.path.exists(text):
        for match in sorted(_glob.iglob(text, recursive=True)):
            if not os.path.isdir(match):
                yield match, os.path.basename(match)
        for folder in _searched(text):  # glob says nothing of those that it cannot list
            try:
                os.scandir(folder).close()
            except OSError as error:
                _unlisted(error, folder, fail)
    else:
        yield text, os.path.basename(text)


def _unlisted(error: OSError, folder: str, fail: Callable[[str, str], object]) -> None:
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else folder
    fail(path, f"{path} cannot be listed: {error.strerror or error}; allow reading it, or leave it out")


def _searched(pattern: str) -> Iterator[str]:
    """The folders that are listed to expand a pattern."""
    found: set[str] = set()
    above, name = os.path.split(pattern)
    while name or above not in ("", os.sep):
        if _glob.has_magic(name):
            within = os.path.join(above, "**", "") if name == "**" else os.path.join(above, "")
            found.update(_glob.iglob(within, recursive=True) if _glob.has_magic(within) else (above or os.curdir,))
            if name == "**" and not above:  # which glob does not name, and lists
                found.add(os.curdir)
        if not _glob.has_magic(above):
            break
        above, name = os.path.split(above)
    yield from sorted({path.rstrip(os.sep) or os.sep for path in found if os.path.isdir(path)})


def _find_remote(text: str, suffixes: frozenset[str], fail: Callable[[str, str], object]) -> Iterator[tuple[str, str]]:
    fs, inner = filesystem(text)
    try:
        if _glob.has_magic(inner):
            for match in sorted(fs.glob(inner)):
                yield str(fs.unstrip_protocol(match)), str(match).rsplit("/", 1)[-1]
        elif fs.isdir(inner):
            base = inner.rstrip("/") + "/"
            for path in sorted(_files_below(fs, inner, fail)):
                name = path.rsplit("/", 1)[-1]
                if os.path.splitext(name)[1].lower() in suffixes and not name.startswith("."):
                    yield str(fs.unstrip_protocol(path)), path.removeprefix(base).lstrip("/")
        else:
            yield text, inner.rsplit("/", 1)[-1]
    except OSError as error:
        fail(text, f"{text} cannot be listed: {error.strerror or error}; allow reading it, or leave it out")


def _files_below(fs: Any, inner: str, fail: Callable[[str, str], object]) -> Iterator[str]:
    """All files below a remote folder. Only what lists folder by folder can list all but one."""
    from fsspec import AbstractFileSystem

    if type(fs).find is not AbstractFileSystem.find:
        yield from fs.find(inner)
        return

    folders = [inner.rstrip("/")]
    while folders:  # `walk` forgets what to do about errors on its way down
        above = folders.pop()
        try:
            found = fs.ls(above, detail=True)
        except FileNotFoundError:  # it has just been removed
            continue
        except OSError as error:
            path = str(fs.unstrip_protocol(above))
            fail(path, f"{path} cannot be listed: {error.strerror or error}; allow reading it, or leave it out")
            continue
        for each in found:
            name = str(each["name"]).rstrip("/")
            if each["type"] != "directory":
                yield name
            elif name != above:
                folders.append(name)
