"""What a phase-retrieval method is: its parameters, its update rules in the fused loop, its first state."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastspec._typing import Array
from fastspec.errors import ParameterError
from fastspec.kernels import phase as kernels

Projection = Callable[[Array, Array, Array, Array, float, Array, bool], object]

# Waveforms carried beside the one that is transformed, by the rule that forms them.
_WAVES = {kernels.PLAIN: 0, kernels.MOMENTUM: 1, kernels.AVERAGED: 2}
_MOST_WAVE_FACTORS = 4  # of `kernels.overlap_add`


@dataclass(frozen=True)
class Parameter:
    """One number that a method takes.

    low, high : its bounds; above, below : whether the bound itself is excluded
    meaning : what it does, and where its default comes from
    """

    name: str
    default: float
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    below: bool = False

    def check(self, value: float) -> None:
        """Raise ParameterError for a value that is not finite or out of bounds."""
        if not math.isfinite(value):
            raise ParameterError(f"{self.name}={value} must be a finite number")
        low = value > self.low if self.above else value >= self.low
        high = value < self.high if self.below else value <= self.high
        if not (low and high):
            raise ParameterError(f"{self.name}={value} must {self._bounds()}")

    def _bounds(self) -> str:
        if self.low == 0 and self.high == math.inf and not self.above:
            return "not be negative"
        parts = []
        if self.low > -math.inf:
            parts.append(f"above {self.low:g}" if self.above else f"not below {self.low:g}")
        if self.high < math.inf:
            parts.append(f"below {self.high:g}" if self.below else f"not above {self.high:g}")
        return "lie " + " and ".join(parts)


def _none(**_: float) -> tuple[float, ...]:
    return ()


@dataclass(frozen=True)
class Method:
    """A phase-retrieval method: what the fused loop does with each block of frames between its two transforms.

    The loop begins with the waveform ISTFT(X_0) of the start X_0. One transform pair takes a waveform to its spectrum
    c = STFT(waveform), lets a projection turn c into what is transformed back, adds that up to y = ISTFT(.), and
    forms the next waveform of y by the wave rule. A sound is read out as ISTFT(P_A(.)), where P_A X = A X / |X|.

    name : as it is asked for
    projections : one for each transform pair of an iteration; more than one is allowed. Called as
        project(spec, mag, state, ids, tiny, factors, final), where each but `ids` and `tiny` is interleaved real and
        imaginary parts or a table of frames: spec (rows, 2 * bins) holds c and receives the result in rows 0 ...
        ids.size; mag (frames, bins) holds the target A and state (frames, 2 * bins) the spectrum carried, both at the
        rows `ids`. Squares below `tiny` have no phase. If `final` (only ever true of the last projection), spec is to
        become the read-out P_A(.) and state must stay as it is. It must treat every cell by itself, whatever row it
        is in: results may not depend on the company a picture travels in. A numba kernel or NumPy.
    parameters : what it takes
    factors : of the parameters, by their names: the numbers that the projections are given, in the work's precision
    wave_rule : `kernels.PLAIN` (the next waveform is y), `MOMENTUM` or `AVERAGED`, after the iteration's last pair;
        earlier ones are plain
    wave_factors : of the parameters, by their names: the numbers of the wave rule
    spectral : whether a spectrum is carried in `state`
    first_state : turns the start (frames, bins), complex, into the first spectrum carried, in place; it gets the
        parameters by their names. None: that is the start itself
    """

    name: str
    projections: tuple[Projection, ...]
    parameters: tuple[Parameter, ...] = ()
    factors: Callable[..., tuple[float, ...]] = _none
    wave_rule: int = kernels.PLAIN
    wave_factors: Callable[..., tuple[float, ...]] = _none
    spectral: bool = False
    first_state: Callable[..., None] | None = None

    def __post_init__(self) -> None:
        if not self.projections:
            raise ParameterError(f"method {self.name!r} has no projection; give one for each transform pair")
        if self.wave_rule not in _WAVES:
            raise ParameterError(f"method {self.name!r} has wave_rule={self.wave_rule!r}; use one of {[*_WAVES]}")

    @property
    def waves(self) -> int:
        """Waveforms carried beside the one that is transformed."""
        return _WAVES[self.wave_rule]

    @property
    def pairs(self) -> int:
        """Transform pairs an iteration."""
        return len(self.projections)

    def tuned(self, given: Mapping[str, float | None]) -> Tuned:
        """The method with the parameters given (None: its default), checked."""
        values = {parameter.name: parameter.default for parameter in self.parameters}
        for name, value in given.items():
            if value is None:
                continue
            if name not in values:
                takes = ", ".join(values) or "none"
                raise ParameterError(f"{name}={value} is no parameter of method {self.name!r}, which takes: {takes}")
            try:
                values[name] = float(value)
            except (TypeError, ValueError):
                raise ParameterError(f"{name}={value!r} must be a finite number") from None
        for parameter in self.parameters:
            parameter.check(values[parameter.name])
        return Tuned(self, tuple(values.items()))


@dataclass(frozen=True)
class Tuned:
    """A method with its parameters settled."""

    method: Method
    parameters: tuple[tuple[str, float], ...]

    @property
    def factors(self) -> tuple[float, ...]:
        """What the projections are given."""
        return self.method.factors(**dict(self.parameters))

    @property
    def wave_factors(self) -> tuple[float, ...]:
        """What the wave rule is given: always as many as there can be."""
        factors = self.method.wave_factors(**dict(self.parameters))
        return (*factors, *[0.0] * (_MOST_WAVE_FACTORS - len(factors)))

    def first_state(self, X: Array) -> None:
        """Turn the start X_0 (frames, bins) into the spectrum carried, in place."""
        if self.method.first_state is not None:
            self.method.first_state(X, **dict(self.parameters))
