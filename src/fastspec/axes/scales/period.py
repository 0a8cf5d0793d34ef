"""The negative of the period, so that it rises with frequency, as Audacity draws it (NumberScale.h of 3.2.4)."""

from __future__ import annotations

import numpy as np

from fastspec.axes.scales.scale import Axis, Hertz, Scale, quotient

_LOWEST_HZ = 1.0  # of a period


class Period(Scale):
    """Even in seconds of a period."""

    name = "period"

    def pitch(self, hertz: Hertz) -> Hertz:
        return -1.0 / np.maximum(np.maximum(hertz, 0.0), _LOWEST_HZ)

    def hertz(self, pitch: Hertz) -> Hertz:
        return quotient(np.ones_like(pitch), -pitch)

    def lowest(self, axis: Axis) -> float:
        return axis.sr / axis.count


SCALE = Period()
