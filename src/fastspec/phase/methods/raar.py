"""RAAR: X <- beta / 2 (X + R_C R_A X) + (1 - beta) P_A X, R = 2 P - 1. Luke 2005; Peer, Welker, Gerkmann 2022.

Carried is G = beta X + (1 - 2 beta) P_A X (`kernels.phase.relax`).
"""

from __future__ import annotations

from fastspec._typing import Array
from fastspec.kernels import phase as kernels
from fastspec.phase.methods.method import Method, Parameter


def _factors(beta: float) -> tuple[float, ...]:
    return beta, 1 - 2 * beta, 2.0


def _first_state(X: Array, beta: float) -> None:
    """G of a start, which has the target's magnitudes: P_A X = X."""
    X *= X.real.dtype.type(1 - beta)


METHOD = Method(
    "raar",
    (kernels.relax,),
    (Parameter("beta", 0.9, "1 is Douglas-Rachford, less draws towards P_A X", low=0, high=1, above=True),),
    _factors,
    spectral=True,
    first_state=_first_state,
)
