"""Silence of the picture decoders: what they would say on standard error is said by our exceptions and notes."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_inside = 0  # threads that are decoding now
_filters: Any = None
_logged = False


@contextmanager
def quiet_decoders() -> Iterator[None]:
    """Mute Pillow's warnings and libtiff's own printing while a file is read.

    Both are settings of the whole process, so the first thread that enters sets them and the last that leaves puts
    them back; warnings of other modules are shown as ever.
    """
    global _inside, _filters, _logged
    with _lock:
        _inside += 1
        if _inside == 1:
            if not _logged:  # a logger without a handler prints; one that has it says nothing unless it is asked to
                logging.getLogger("PIL").addHandler(logging.NullHandler())
                _logged = True
            _filters = warnings.catch_warnings()
            _filters.__enter__()
            warnings.filterwarnings("ignore", module=r"PIL\.")
            _set_libtiff(None)
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                _set_libtiff(_printing)
                _filters.__exit__(None, None, None)


_printing: Any = None  # libtiff's handler before ours


def _set_libtiff(handler: Any) -> None:
    """Set the handler of libtiff's errors, where Pillow's library can be asked for it (not on Windows)."""
    global _printing
    library = _libtiff()
    if library is not None:
        before = library.TIFFSetErrorHandler(handler)
        if handler is None:
            _printing = before


_library: Any = False


def _libtiff() -> Any:
    """The libtiff that Pillow uses, or None."""
    global _library
    if _library is False:
        _library = None
        try:
            import ctypes

            from PIL import Image

            library = ctypes.CDLL(Image.core.__file__)  # type: ignore[attr-defined]
            library.TIFFSetErrorHandler.argtypes = [ctypes.c_void_p]
            library.TIFFSetErrorHandler.restype = ctypes.c_void_p
            _library = library
        except (ImportError, OSError, AttributeError):
            pass  # then libtiff prints what it likes
    return _library
