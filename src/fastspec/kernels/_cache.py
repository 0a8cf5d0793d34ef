"""Compiled kernels on disk: numba's cache, whose files are checked before anything in them is run.

numba trusts its files. One that a power cut left empty ends every later call, and a flipped bit of machine code can
end the process. Here the index of a kernel carries a checksum and the name of a data file is the checksum of its
content. What is damaged is compiled again and replaced; what cannot be kept is compiled in every process.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numba
from numba.core.caching import FunctionCache
from numba.core.runtime.nrt import rtsys
from numba.core.serialize import dumps

from fastspec import _kept

_VERSIONS = numba.__version__, version("llvmlite")
_DIGITS = 32  # of a checksum, in a name
_OWN_FILE = 2  # dots in the name of a module of kernels that stands alone
REMEDY = "so they are compiled in every process; NUMBA_CACHE_DIR names another folder"


class KernelCache(FunctionCache):
    """The cache of one kernel, which never fails. Raises RuntimeError on creation where no folder can be written."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        base = f"{self._impl.filename_base}.checked"  # numba's own files of other versions of us may lie there
        self._cache_file: Any = CheckedFiles(self.cache_path, base, _stamp(function, self._impl.locator))

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled kernel, or None: then it is compiled.

        numba's own method begins by loading all that its compiler knows, .3 s a process; machine code needs none of it.
        """
        try:
            rtsys.initialize(target_context)  # the memory of arrays that a kernel makes
            return self._load_overload(sig, target_context)
        except Exception as error:  # numba unpickles and links, which fails in as many ways as there are
            _kept.tell(
                f"load {self.cache_path}",
                f"the cache of compiled kernels in {self.cache_path} is damaged or cannot be read "
                f"({_kept.reason(error)}); they are compiled again",
            )
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled kernel, if that is possible."""
        try:
            super().save_overload(sig, data)
        except Exception as error:  # a full disk, a folder that was removed or is read-only
            _kept.tell(
                f"save {self.cache_path}",
                f"compiled kernels cannot be kept in {self.cache_path} ({_kept.reason(error)}), {REMEDY}",
            )


def _stamp(function: Callable[..., Any], locator: Any) -> Any:
    """What changes with the source of a kernel: of its file, or of all files of its folder below `kernels`."""
    folder = os.path.dirname(function.__code__.co_filename)
    if function.__module__.count(".") <= _OWN_FILE:
        return locator.get_source_stamp()
    files = sorted(entry.path for entry in os.scandir(folder) if entry.name.endswith(".py"))
    return tuple((os.path.basename(file), os.stat(file).st_mtime, os.stat(file).st_size) for file in files)


class CheckedFiles:
    """An index file of a kernel, and a data file for each of its signatures: what numba's Cache asks for."""

    def __init__(self, folder: str, base: str, stamp: Any) -> None:
        self.folder = folder
        self.base = base
        self.stamp = stamp  # of the source
        self.index = os.path.join(folder, f"{base}.nbi")

    def load(self, key: Any) -> Any:
        """What was saved for a key, None if nothing was. Raises DamagedError, OSError and what unpickling raises."""
        name = self._names().get(key)
        if name is None:
            return None
        try:
            data = _kept.read(os.path.join(self.folder, name))
        except FileNotFoundError:
            return None
        if name != self._name(data):
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self.folder, name))  # what is compiled again has another name
            raise _kept.DamagedError(f"the checksum of {name} is wrong")
        return pickle.loads(data)

    def save(self, key: Any, value: Any) -> None:
        """Keep a value. The data comes first: an index names nothing that is not there. Raises OSError."""
        data = dumps(value)
        name = self._name(data)
        _kept.replace(os.path.join(self.folder, name), data)
        names: dict[Any, str] = {}
        with contextlib.suppress(_kept.DamagedError, OSError):  # then it begins anew
            names = self._names()
        self._write({**names, key: name})

    def flush(self) -> None:
        """Forget all."""
        self._write({})

    def _names(self) -> dict[Any, str]:
        try:
            body = _kept.opened(_kept.read(self.index))
        except FileNotFoundError:
            return {}
        except _kept.DamagedError as error:
            raise _kept.DamagedError(f"{os.path.basename(self.index)}: {error}") from None
        versions, rest = pickle.loads(body)
        if versions != _VERSIONS:
            return {}  # what follows may not be readable here
        stamp, names = pickle.loads(rest)
        return dict(names) if stamp == self.stamp else {}

    def _write(self, names: dict[Any, str]) -> None:
        _kept.replace(self.index, _kept.sealed(pickle.dumps((_VERSIONS, dumps((self.stamp, names))))))

    def _name(self, data: bytes) -> str:
        return f"{self.base}.{hashlib.sha256(data).hexdigest()[:_DIGITS]}.nbc"
