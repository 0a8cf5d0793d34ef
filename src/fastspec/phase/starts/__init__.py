"""The starts of phase retrieval: one file each, and here their registry.

A new one is a file with a `START` and its name in `_BUILT_IN`; another package adds one by an entry point of the group
`fastspec.starts`; and whoever calls `phase_retrieval` may pass a `Start` of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader as _lazy

from fastspec.phase.registry import Registry

if TYPE_CHECKING:
    from fastspec.phase.starts.start import Start as Start

_BUILT_IN = ("pghi", "spsi", "random", "zero")

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submod_attrs={"start": ["Start"]})


def _kind() -> type[Start]:
    from fastspec.phase.starts.start import Start

    return Start


REGISTRY: Registry[Start] = Registry(__name__, _BUILT_IN, "START", "fastspec.starts", _kind)
names = REGISTRY.names
find = REGISTRY.find
