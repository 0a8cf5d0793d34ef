"""Logarithmic in Hz: an even measure of octaves, and the symmetrical log that specshow calls "log"."""

from __future__ import annotations

import numpy as np

from fastspec.axes.scales import symlog
from fastspec.axes.scales.scale import Axis, Hertz, Scale
from fastspec.errors import ParameterError

C2_HZ = 440.0 * 2.0 ** ((36 - 69) / 12)


class Log(Scale):
    """Even in octaves; specshow's is linear below C2, 65.4 Hz."""

    name = "log"
    symlog = (C2_HZ, 0.5)
    ends_at_nyquist = True

    def pitch(self, hertz: Hertz) -> Hertz:
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(hertz, 0.0)))

    def hertz(self, pitch: Hertz) -> Hertz:
        return np.asarray(np.exp(pitch))

    def measure(self, hertz: Hertz, axis: Axis) -> Hertz:
        return bent(hertz, axis)

    def check(self, axis: Axis) -> None:
        if axis.linthresh == 0 and not (axis.fmin or 0.0) > 0:
            raise ParameterError("A plain log axis (linthresh=0) has no 0 Hz; give fmin above 0")


def bent(hertz: Hertz, axis: Axis) -> Hertz:
    """Hz to the symmetrical log of the axis, plain where its threshold is 0."""
    if not axis.linthresh:
        return symlog.octaves(hertz)
    assert axis.linscale is not None
    return symlog.symlog(hertz, axis.linthresh, axis.linscale, axis.base)


SCALE = Log()
