"""The one decorator that compiles every numba kernel of fastspec.

A kernel takes arrays and scalars only: shapes, dtypes and ranges are settled by its caller. It calls only kernels of
its own file, because numba's cache does not see changes of callees in other files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import numba
from numba.core import event

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
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": fastmath, **more}
    try:
        compiled: F = numba.njit(cache=True, **options)(func)
    except RuntimeError:  # no cache location is writable: compile in every process rather than not at all
        compiled = numba.njit(**options)(func)
    return compiled


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
        room, _, name = function.__module__.rpartition(".")
        if room == __name__:  # not the pieces of numba that a kernel needs
            self.say(f"{name}.{function.__name__}")

    def on_end(self, event: Any) -> None:
        """Nothing; numba demands the method."""
