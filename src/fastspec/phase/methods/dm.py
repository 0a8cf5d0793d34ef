"""Difference map: X <- X + beta (P_C f_A X - P_A f_C X), f_A = P_A + (P_A - 1) / beta, f_C = P_C - (P_C - 1) / beta.

Elser 2003; for speech Peer, Welker, Gerkmann 2022 (arXiv 2205.05496), beta from there. Two transform pairs an
iteration. Not X but P_C f_A X is the estimate, and its P_A the read-out: 4 s of speech, 1024/256, 32 iterations from
PGHI, have log-mel .49 and held-out SC -27.4 dB so, .55 and -27.2 dB from P_A X; with beta 1, .58, -26.4 and .86, -25.6.
"""

from __future__ import annotations

from fastspec.kernels import phase as kernels
from fastspec.phase.methods.method import Method, Parameter


def _factors(beta: float) -> tuple[float, ...]:
    return beta, 1 / beta, 1 - 1 / beta, 1 + 1 / beta


METHOD = Method(
    "dm",
    (kernels.difference_half, kernels.difference_rest),
    (Parameter("beta", 0.8, "length of the step; at 1 the maps f are reflections", low=0.001, high=1),),
    _factors,
    spectral=True,
)
