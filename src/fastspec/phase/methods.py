"""The phase-retrieval methods: their parameters, and which update rules of the fused loop they use.

GLA, FGLA and AGLA are linear around the projections, so they carry waveforms only and no spectrum is stored. GLADMM
and RAAR carry one spectrum (V and G in `kernels/phase.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec.errors import ParameterError
from fastspec.kernels import phase as kernels

DEFAULTS: dict[str, dict[str, float]] = {
    "gla": {},
    "fgla": {"momentum": 0.99},
    "agla": {"momentum": 0.99, "beta": 1.1, "gamma": 1.25},  # best of a grid on speech and music, 32 iterations
    "admm": {"rho": 0.2},
    "raar": {"beta": 0.9},
}


@dataclass(frozen=True)
class Method:
    """One method with its parameters settled.

    rule : how a complete slot of the waveform becomes what is carried on (`kernels.PLAIN` ...)
    waves : waveforms carried beside the one that is transformed
    spectral : whether a spectrum is carried too
    """

    name: str
    parameters: tuple[tuple[str, float], ...]
    rule: int
    waves: int
    spectral: bool
    wave_par: tuple[float, ...]
    spec_par: tuple[float, ...]

    def first_state(self, X: npt.NDArray[Any]) -> None:
        """Turn the start X_0 into the spectrum carried, in place."""
        if self.name == "raar":  # G = b X + (1 - 2b) P_A X, and X_0 has the target's magnitudes
            X *= X.real.dtype.type(1 - self.spec_par[0])


def settle(name: str, **given: float | None) -> Method:
    """The method `name` with the parameters given (None: its default).

    Raises ParameterError for an unknown name, a parameter the method does not have, or one out of range.
    """
    if name not in DEFAULTS:
        raise ParameterError(f"method={name!r} is unknown; use one of {', '.join(map(repr, DEFAULTS))}.")
    par = dict(DEFAULTS[name])
    for key, value in given.items():
        if value is None:
            continue
        if key not in par:
            takes = ", ".join(par) or "none"
            raise ParameterError(f"{key}={value} is no parameter of method {name!r}, which takes: {takes}.")
        if not np.isfinite(value):
            raise ParameterError(f"{key}={value} must be a finite number.")
        par[key] = float(value)
    if par.get("momentum", 0.0) < 0:
        raise ParameterError(f"momentum={par['momentum']} must not be negative.")
    if par.get("rho", 0.0) < 0:
        raise ParameterError(f"rho={par['rho']} must not be negative.")
    if name == "raar" and not 0 < par["beta"] <= 1:
        raise ParameterError(f"beta={par['beta']} must lie above 0 and not above 1.")
    rule, waves, spectral = kernels.PLAIN, 0, False
    wave_par: tuple[float, ...] = ()
    spec_par: tuple[float, ...] = ()
    if name == "fgla":
        rule, waves, wave_par = kernels.MOMENTUM, 1, (par["momentum"],)
    elif name == "agla":
        gamma = par["gamma"]
        rule, waves, wave_par = kernels.AVERAGED, 2, (par["momentum"], par["beta"], gamma, 1 - gamma)
    elif name == "admm":
        r = par["rho"]
        spectral, spec_par = True, ((r - 1) / (1 + r), 2 / (1 + r), 1 / (1 + r))
    elif name == "raar":
        b = par["beta"]
        spectral, spec_par = True, (b, 1 - 2 * b, 2.0)
    return Method(name, tuple(par.items()), rule, waves, spectral, wave_par, spec_par)
