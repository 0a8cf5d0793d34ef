"""fastspec turns pictures of spectrograms back into sound, and sound into such pictures.

Public names are imported on first use, so that `import fastspec` costs next to nothing; `__init__.pyi` lists them.
"""

import lazy_loader as _lazy

from fastspec import _forks as _forks  # first of all: forks wait for what is imported later
from fastspec._version import __version__ as __version__

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
