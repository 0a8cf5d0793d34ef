"""Silence of the picture decoders: what they would say on standard error is said by our exceptions and notes.

Pillow warns through Python's `warnings`, libtiff prints by itself. Filters and handlers are settings of the whole
process, so none is set and put back, which would need a lock, and a child forked meanwhile would find it held.
Instead both ask once and for all whether the one who would warn is reading for us (a context variable, so each thread
and task has its own answer), and do as ever where it is not.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType
from typing import Any

# A logger without a handler prints; one that has it says nothing unless it is asked to.
logging.getLogger("PIL").addHandler(logging.NullHandler())

_reading: ContextVar[bool] = ContextVar("fastspec_reading", default=False)


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Mute Pillow's warnings and libtiff's own printing while this thread or task reads a file."""
    _mute_pillow()
    _mute_libtiff()
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


# --- Pillow -----------------------------------------------------------------------------------------------------


class _Warnings(ModuleType):
    """What Pillow's modules find under the name `warnings`: Python's own, but for `warn`."""

    def __getattr__(self, name: str) -> Any:
        return getattr(warnings, name)

    @staticmethod
    def warn(message: Any, category: Any = None, stacklevel: int = 1, **more: Any) -> None:
        """As `warnings.warn`, and nothing while we read."""
        if not _reading.get():
            warnings.warn(message, category, stacklevel + 1, **more)


_warnings = _Warnings("warnings")
_seen = 0  # modules that were imported when Pillow's were last looked through


def _mute_pillow() -> None:
    """Let Pillow's modules warn through `_Warnings`; whoever does it twice, or at once with another, does no harm."""
    global _seen
    if len(sys.modules) == _seen:
        return
    import PIL.TiffImagePlugin  # noqa: F401 - it warns most and is imported late, by whatever carries EXIF

    count = len(sys.modules)
    for name, module in list(sys.modules.items()):
        if name.startswith("PIL.") and getattr(module, "warnings", None) is warnings:
            module.warnings = _warnings  # type: ignore[attr-defined]
    _seen = count


# --- libtiff ----------------------------------------------------------------------------------------------------

_handler: Any = None  # ours, as C sees it; it must live as long as the process
_before: Any = None  # libtiff's handler before ours, None if there was none
_tried = False


def _mute_libtiff() -> None:
    """Let the libtiff that Pillow uses print through `_print`; where it cannot be asked (Windows) it prints."""
    global _handler, _before, _tried
    if _tried:
        return
    try:
        import ctypes

        from PIL import Image

        # a message is the name of a module, a format and its values, all of them pointers
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
        if _handler is None:
            _handler = kind(_print)
        library = ctypes.CDLL(Image.core.__file__)  # type: ignore[attr-defined]
        library.TIFFSetErrorHandler.argtypes = [ctypes.c_void_p]
        library.TIFFSetErrorHandler.restype = ctypes.c_void_p
        ours = ctypes.cast(_handler, ctypes.c_void_p).value
        before = library.TIFFSetErrorHandler(ours)
        if before is not None and before != ours:
            _before = kind(before)
    except (ImportError, OSError, AttributeError, MemoryError):
        pass
    _tried = True


def _print(module: int | None, text: int | None, values: int | None) -> None:
    """libtiff's error handler: as before, and nothing while we read."""
    if _before is not None and not _reading.get():
        _before(module, text, values)
