"""The phase-retrieval methods: one file each, and here their registry.

A new one is a file with a `METHOD` and its name in `_BUILT_IN`; another package adds one by an entry point of the group
`fastspec.methods`; and whoever calls `phase_retrieval` may pass a `Method` of their own. GLA, FGLA and AGLA are linear
around the projections, so they carry waveforms only and no spectrum is stored; the others carry one spectrum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import lazy_loader as _lazy

from fastspec.errors import ParameterError
from fastspec.phase.registry import Registry

if TYPE_CHECKING:
    from fastspec.phase.methods.method import Method as Method
    from fastspec.phase.methods.method import Parameter as Parameter
    from fastspec.phase.methods.method import Tuned as Tuned

_BUILT_IN = ("gla", "fgla", "agla", "admm", "raar", "dm")

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submod_attrs={"method": ["Method", "Parameter", "Tuned"]})


def _kind() -> type[Method]:
    from fastspec.phase.methods.method import Method

    return Method


REGISTRY: Registry[Method] = Registry(__name__, _BUILT_IN, "METHOD", "fastspec.methods", _kind)
names = REGISTRY.names


def of(method: str | Method, **parameters: float | None) -> Tuned:
    """A method, by its name or itself, with the parameters given (None: its default).

    Raises ParameterError for an unknown name, a parameter the method does not have, or one out of range.
    """
    found = method if isinstance(method, _kind()) else REGISTRY.find(method)
    if found is None:
        raise ParameterError(f"method={method!r} is unknown; use one of {', '.join(map(repr, names()))}")
    return found.tuned(parameters)
