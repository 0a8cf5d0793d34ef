"""Accelerated GLA: T = (1 - gamma) D + gamma P_C P_A C; C = T + momentum (T - T_prev); D = T + beta (T - T_prev).

Nenov, Nguyen, Balazs, Bot 2023 (arXiv 2306.12504), where momentum is alpha.
"""

from __future__ import annotations

from fastspec.kernels import phase as kernels
from fastspec.phase.methods.method import Method, Parameter


def _wave_factors(momentum: float, beta: float, gamma: float) -> tuple[float, ...]:
    return momentum, beta, gamma, 1 - gamma


METHOD = Method(
    "agla",
    (kernels.project,),
    (  # best of a grid on speech and music, 32 iterations
        Parameter("momentum", 0.99, "how far C goes on beyond T", low=0),
        Parameter("beta", 1.1, "how far D goes on beyond T"),
        Parameter("gamma", 1.25, "weight of the projections against D; 1 is FGLA"),
    ),
    wave_rule=kernels.AVERAGED,
    wave_factors=_wave_factors,
)
