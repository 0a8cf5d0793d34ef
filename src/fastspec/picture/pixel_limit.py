"""A limit of pixels for one reading, in place of Pillow's own, which is a setting of the whole process.

Pillow refuses what has more than twice `Image.MAX_IMAGE_PIXELS` (89 million) pixels and warns of half of that. It asks
one function for this: when a file is opened, and on decoding the tiles of a TIFF and the frames of a WebP or GIF. That
function is replaced by one that goes by the caller's limit within `sizes_checked`, and does the same as ever for all
other threads and tasks, so that nothing but who asks makes a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from PIL import Image

Check = Callable[[int, int], None]

_CHECK = "_decompression_bomb_check"  # of Pillow 10.3 to 13; where there is none, Pillow's limit stays
_own: ContextVar[Check | None] = ContextVar("fastspec_pixel_limit", default=None)
_MARK = "asks_fastspec_first"


@contextmanager
def sizes_checked(check: Check) -> Iterator[None]:
    """Within, `check(width, height)`, which raises for what is too large, stands in for Pillow's limit."""
    _install()
    token = _own.set(check)
    try:
        yield
    finally:
        _own.reset(token)


def _install() -> None:
    """Let Pillow ask `_own` first; once, and only when a limit has been raised.

    Without a lock, which a child forked meanwhile would find held: two threads at once may put two such functions in a
    row, which do what one does.
    """
    pillows = getattr(Image, _CHECK, None)
    if pillows is None or hasattr(pillows, _MARK):
        return

    def check_size(size: tuple[int, int], *rest: Any, **options: Any) -> None:
        own = _own.get()
        if own is None:
            pillows(size, *rest, **options)
        else:
            own(*size)

    setattr(check_size, _MARK, True)
    setattr(Image, _CHECK, check_size)
