"""The one decorator that compiles every numba kernel of fastspec.

A kernel takes arrays and scalars only: shapes, dtypes and ranges are settled by its caller. It calls only kernels of
its own file, because numba's cache does not see changes of callees in other files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

# No nnan and ninf: inputs are checked for NaN by comparison, which those flags would let the compiler delete.
FASTMATH = {"nsz", "arcp", "contract", "afn", "reassoc"}


def kernel(func: F) -> F:
    """Compile `func` lazily: without the GIL, cached on disk, IEEE division, fastmath that keeps NaN and infinity."""
    return _compile(func, FASTMATH)


def exact_kernel(func: F) -> F:
    """As `kernel`, without any fastmath: for results that must equal a reference bit for bit."""
    return _compile(func, False)


def _compile(func: F, fastmath: Any) -> F:
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": fastmath}
    try:
        compiled: F = numba.njit(cache=True, **options)(func)
    except RuntimeError:  # no cache location is writable: compile in every process rather than not at all
        compiled = numba.njit(**options)(func)
    return compiled
