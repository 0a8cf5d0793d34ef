"""GLADMM: X = P_A(Z - U); V = X + U; Z = (rho V + P_C V) / (1 + rho); U = U + X - Z. Masuyama, Yatabe, Oikawa 2019.

V is all that need be carried (`kernels.phase.split`).
"""

from __future__ import annotations

from fastspec.kernels import phase as kernels
from fastspec.phase.methods.method import Method, Parameter


def _factors(rho: float) -> tuple[float, ...]:
    return (rho - 1) / (1 + rho), 2 / (1 + rho), 1 / (1 + rho)


METHOD = Method(
    "admm",
    (kernels.split,),
    (Parameter("rho", 0.2, "how little consistency weighs: 0 is Douglas-Rachford, much tends to GLA", low=0),),
    _factors,
    spectral=True,
)
