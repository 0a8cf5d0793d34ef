"""Where files lie: this machine's folders, or remote storage through fsspec (`s3://`, `gs://`, `memory://` ...).

A path is text. What has a scheme (`://`) is remote and needs the extra `remote`; all else is a local path.
"""

from __future__ import annotations

import glob as _glob
import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from fastspec._files import is_part, write_whole
from fastspec.errors import OutputError, PictureError, missing_extra

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
    except (OSError, KeyError, TypeError):
        return None


def checksum(path: str) -> tuple[int, str] | None:
    """(size, SHA-256) of a file, or None when it cannot be read."""
    total, digest = 0, hashlib.sha256()
    try:
        if is_remote(path):
            fs, inner = filesystem(path)
            stream = fs.open(inner, "rb")
        else:
            stream = open(path, "rb")  # noqa: SIM115 - one of two ways to open, closed below
        with stream:
            while block := stream.read(_READ):
                total += len(block)
                digest.update(block)
    except OSError:
        return None
    return total, digest.hexdigest()


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
        about = fs.info(inner)
        if about.get("type") == "other":  # a pipe may hang
            raise PictureError(f"{path} is not a regular file; copy it to a file first")
        size = about.get("size")
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


def write(path: str, data: bytes | memoryview) -> None:
    """Put `data` under `path`, whole or not at all. Locally it is on the disk, its name is so after `sync_folder`."""
    if is_remote(path):
        fs, inner = filesystem(path)
        try:
            fs.makedirs(fs._parent(inner), exist_ok=True)  # noqa: SLF001 - fsspec has no public name for it
            fs.pipe_file(inner, bytes(data))
        except Exception as error:
            raise OutputError(f"{path} cannot be written: {error}") from error
        return
    make_folder(os.path.dirname(path) or ".")
    write_whole(path, lambda out: out.write(data))


def make_folder(folder: str) -> None:
    """Create a local folder and those above it; a remote one comes into being with its first file."""
    if is_remote(folder):
        return
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot create the folder {folder}: {error.strerror}; name another place") from None


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
    """Delete what killed processes were writing below a local folder; nobody else may be at work there."""
    if is_remote(folder):
        return
    for above, _, names in os.walk(folder):
        for name in names:
            if is_part(name):
                with suppress(OSError):
                    os.unlink(os.path.join(above, name))


def find(text: str, suffixes: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Files that one input means, each with its path below the output folder (forward slashes).

    A folder is searched recursively for `suffixes`, in a fixed order; a pattern is expanded; all else is a file,
    which need not exist.
    """
    if is_remote(text):
        yield from _find_remote(text, suffixes)
    elif os.path.isdir(text):
        for above, folders, names in os.walk(text):
            folders.sort()
            for name in sorted(names):
                if os.path.splitext(name)[1].lower() in suffixes and not name.startswith("."):
                    path = os.path.join(above, name)
                    yield path, os.path.relpath(path, text).replace(os.sep, "/")
    elif _glob.has_magic(text) and not os.path.exists(text):
        for match in sorted(_glob.iglob(text, recursive=True)):
            if os.path.isfile(match):
                yield match, os.path.basename(match)
    else:
        yield text, os.path.basename(text)


def _find_remote(text: str, suffixes: frozenset[str]) -> Iterator[tuple[str, str]]:
    fs, inner = filesystem(text)
    if _glob.has_magic(inner):
        for match in sorted(fs.glob(inner)):
            yield str(fs.unstrip_protocol(match)), str(match).rsplit("/", 1)[-1]
    elif fs.isdir(inner):
        base = inner.rstrip("/") + "/"
        for path in sorted(fs.find(inner)):
            name = path.rsplit("/", 1)[-1]
            if os.path.splitext(name)[1].lower() in suffixes and not name.startswith("."):
                yield str(fs.unstrip_protocol(path)), path.removeprefix(base).lstrip("/")
    else:
        yield text, inner.rsplit("/", 1)[-1]
