"""What the methods do to one cell between the two transforms, for vectors of frames or for NumPy arrays.

Each takes (c, a, x, p, tiny): the cell's spectrum c = STFT(waveform), a pair (re, im); its target a; the spectrum x
that is carried; the method's factors p; and the least square that has a phase. It gives the cell to transform back, and
the spectrum to carry on, None where that stays as it is. They are the projections of `kernels.phase`, cell by cell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastspec.kernels.lanes.butterflies import Complex
from fastspec.kernels.lanes.vectors import at_least, root

Update = Callable[[Complex, Any, Complex, Sequence[Any], Any], tuple[Complex, Complex | None]]


def _scaled(c: Complex, a: Any, tiny: Any) -> Any:
    return a / root(at_least(c[0] * c[0] + c[1] * c[1], tiny))


def start(c: Complex, a: Any, x: Complex, p: Sequence[Any], tiny: Any) -> tuple[Complex, Complex | None]:
    """The start itself, which lies where a spectrum is carried."""
    return x, None


def project(c: Complex, a: Any, x: Complex, p: Sequence[Any], tiny: Any) -> tuple[Complex, Complex | None]:
    """A c / |c|."""
    s = _scaled(c, a, tiny)
    return (s * c[0], s * c[1]), None


def _split(c: Complex, a: Any, v: Complex, p: Sequence[Any], tiny: Any) -> Complex:
    w = p[0] * v[0] + p[1] * c[0], p[0] * v[1] + p[1] * c[1]
    s = _scaled(w, a, tiny)
    return s * w[0], s * w[1]


def split(c: Complex, a: Any, v: Complex, p: Sequence[Any], tiny: Any) -> tuple[Complex, Complex | None]:
    """GLADMM on V alone: w = ((r - 1) V + 2 c) / (1 + r), V' = A w / |w| + (V - c) / (1 + r)."""
    w = _split(c, a, v, p, tiny)
    x = w[0] + p[2] * (v[0] - c[0]), w[1] + p[2] * (v[1] - c[1])
    return x, x


def split_out(c: Complex, a: Any, v: Complex, p: Sequence[Any], tiny: Any) -> tuple[Complex, Complex | None]:
    """GLADMM's read-out: A w / |w|."""
    return _split(c, a, v, p, tiny), None


def relax(c: Complex, a: Any, g: Complex, p: Sequence[Any], tiny: Any) -> tuple[Complex, Complex | None]:
    """RAAR on G = b X + (1 - 2 b) P_A X alone: X' = G + b c, and 2 P_A X' - X' goes back."""
    x = g[0] + p[0] * c[0], g[1] + p[0] * c[1]
    s = _scaled(x, a, tiny)
    q = s * x[0], s * x[1]
    carried = p[0] * x[0] + p[1] * q[0], p[0] * x[1] + p[1] * q[1]
    return (p[2] * q[0] - x[0], p[2] * q[1] - x[1]), carried


def relax_out(c: Complex, a: Any, g: Complex, p: Sequence[Any], tiny: Any) -> tuple[Complex, Complex | None]:
    """RAAR's read-out: P_A X'."""
    x = g[0] + p[0] * c[0], g[1] + p[0] * c[1]
    s = _scaled(x, a, tiny)
    return (s * x[0], s * x[1]), None


def difference_half(c: Complex, a: Any, x: Complex, p: Sequence[Any], tiny: Any) -> tuple[Complex, Complex | None]:
    """Difference map, first pair: c = P_C X, f_A X goes back, X - b P_A f_C X is carried."""
    f = p[2] * c[0] + p[1] * x[0], p[2] * c[1] + p[1] * x[1]
    s = _scaled(x, a, tiny)
    q = p[0] * _scaled(f, a, tiny)
    carried = x[0] - q * f[0], x[1] - q * f[1]
    return (p[3] * s * x[0] - p[1] * x[0], p[3] * s * x[1] - p[1] * x[1]), carried


def difference_rest(c: Complex, a: Any, x: Complex, p: Sequence[Any], tiny: Any) -> tuple[Complex, Complex | None]:
    """Difference map, second pair: what was kept + b c."""
    y = x[0] + p[0] * c[0], x[1] + p[0] * c[1]
    return y, y


UPDATES: dict[str, Update] = {
    "start": start,
    "project": project,
    "split": split,
    "split_out": split_out,
    "relax": relax,
    "relax_out": relax_out,
    "difference_half": difference_half,
    "difference_rest": difference_rest,
}
"""By the names that methods give; their order is their number in compiled code."""

FACTORS = 4  # numbers that a method gives its updates, at most
CARRYING = frozenset(UPDATES) - {"start", "project"}
"""Those that look at the spectrum carried; frames that are none must be kept at zero for them."""
