"""The names of windows that the installed SciPy knows."""

from __future__ import annotations

from typing import Any

from scipy.signal.windows import _windows

# both tables are SciPy's own; only a test may look into them
_table: Any = getattr(_windows, "_WIN_FUNC_DATA", None) or _windows._win_equiv
ALL: frozenset[str] = frozenset(name for names in _table for name in ([names] if isinstance(names, str) else names))


def tells_symmetry(spec: Any) -> bool:
    """Whether a window is named as symmetric or periodic."""
    name = spec[0] if isinstance(spec, tuple) else spec
    return isinstance(name, str) and name.endswith(("symmetric", "periodic"))


TELL_SYMMETRY = "hann_symmetric" in ALL
