"""fastspec turns pictures of spectrograms back into sound, and sound into such pictures.

Public names are imported on first use, so that `import fastspec` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "stft": "transform",
    "istft": "transform",
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    try:
        home = _HOME[name]
    except KeyError:
        raise AttributeError(f"module 'fastspec' has no attribute {name!r}") from None
    value = getattr(importlib.import_module(f"fastspec.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


if TYPE_CHECKING:
    from fastspec.transform import istft as istft
    from fastspec.transform import stft as stft
