"""Fast GLA: T = P_C P_A C; C = T + momentum (T - T_prev). Perraudin, Balazs, Sondergaard 2013.

librosa writes C = T - momentum / (1 + momentum) T_prev, which is the same after P_A.
"""

from __future__ import annotations

from fastspec.kernels import phase as kernels
from fastspec.phase.methods.method import Method, Parameter


def _wave_factors(momentum: float) -> tuple[float, ...]:
    return (momentum,)


METHOD = Method(
    "fgla",
    (kernels.project,),
    (Parameter("momentum", 0.99, "how far each step goes on beyond itself; 0 is GLA; librosa's default", low=0),),
    wave_rule=kernels.MOMENTUM,
    wave_factors=_wave_factors,
)
