"""The one decorator that compiles every numba kernel of fastspec.

A kernel takes arrays and scalars only: shapes, dtypes and ranges are settled by its caller. It calls only kernels of
its own file, or of its own folder here: the cache sees no changes of callees elsewhere.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast

try:
    from numba.core import event

    from fastspec.kernels._dispatcher import Kernel
except Exception as error:  # a setting that it refuses, a library that it does not find
    _settings = ", ".join(f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("NUMBA_"))
    _remedy = f"change or unset {_settings}" if _settings else "run fastspec doctor"
    _why = str(error).rstrip(".")
    raise ImportError(f"numba cannot be loaded ({type(error).__name__}: {_why}); {_remedy}", name="numba") from error

F = TypeVar("F", bound=Callable[..., Any])

# No nnan and ninf: inputs are checked for NaN by comparison, which those flags would let the compiler delete.
FASTMATH = {"nsz", "arcp", "contract", "afn", "reassoc"}


def kernel(func: F) -> F:
    """Compile `func` lazily: without the GIL, cached on disk, IEEE division, fastmath that keeps NaN and infinity."""
    return _compile(func, FASTMATH)


def exact_kernel(func: F) -> F:
    """As `kernel`, without any fastmath: for results that must equal a reference bit for bit."""
    return _compile(func, False)


def exact_part(func: F) -> F:
    """A piece of exact kernels of the same file, put into their code: a call with six arrays takes 60 ns."""
    return _compile(func, False, inline="always")


def _compile(func: F, fastmath: Any, **more: Any) -> F:
    options = {"nopython": True, "nogil": True, "error_model": "numpy", "fastmath": fastmath, "boundscheck": None}
    compiled = Kernel(func, {}, {**options, **more})
    compiled.enable_caching()
    return cast(F, compiled)


@contextlib.contextmanager
def compiling(say: Callable[[str], object]) -> Iterator[None]:
    """Within, call `say` with the name of each kernel ("axes.draw") that is compiled and not loaded from the cache."""
    with event.install_listener("numba:compile", _Listener(say)):
        yield


class _Listener(event.Listener):
    def __init__(self, say: Callable[[str], object]) -> None:
        self.say = say

    def on_start(self, event: Any) -> None:
        function = event.data["dispatcher"].py_func
        room, _, name = function.__module__.partition(f"{__name__}.")
        if not room and name:  # not the pieces of numba that a kernel needs
            self.say(f"{name}.{function.__name__}")

    def on_end(self, event: Any) -> None:
        """Nothing; numba demands the method."""
