"""fastspec turns pictures of spectrograms back into sound, and sound into such pictures.

Public names are imported on first use, so that `import fastspec` costs next to nothing; `__init__.pyi` lists them.
"""

import os as _os
import sys as _sys

import lazy_loader as _lazy

from fastspec._version import __version__ as __version__

_find, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    import fastspec._forks  # noqa: F401 - before all else that is imported: forks wait for that

    return _find(name)


def _before_fork() -> None:
    importing = getattr(_sys.modules.get("_frozen_importlib"), "_module_locks", {})
    if "fastspec._forks" in importing:  # by another thread, too late for what it registers
        from fastspec import _forks

        _forks.take_all()


if hasattr(_os, "register_at_fork"):
    _os.register_at_fork(before=_before_fork)
