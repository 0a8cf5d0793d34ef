"""When Python looks for garbage: rarely until all is loaded, then as ever."""

from __future__ import annotations

import gc

_USUAL = gc.get_threshold()


def collect_rarely() -> None:
    """Until `all_is_loaded`, let objects pile up.

    Importing numba makes half a million objects that live to the end; searching them for garbage again and again
    takes 70 ms.
    """
    gc.set_threshold(500_000)


def all_is_loaded() -> None:
    """Never again look at what is there now, and at the rest as often as Python does."""
    gc.freeze()
    gc.set_threshold(*_USUAL)
