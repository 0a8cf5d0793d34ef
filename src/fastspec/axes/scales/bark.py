"""Bark: Traunmueller's formula (J. Acoust. Soc. Am. 88, 1990) with his corrections below 2 and above 20.1 Bark.

As Audacity has it (NumberScale.h of 3.2.4).
"""

from __future__ import annotations

import numpy as np

from fastspec.axes.scales.scale import Hertz, Scale, quotient

_LOW, _HIGH = 2.0, 20.1  # Bark


class Bark(Scale):
    """Even in critical bands."""

    name = "bark"

    def pitch(self, hertz: Hertz) -> Hertz:
        f = np.maximum(hertz, 0.0)
        bark = 26.81 * f / (1960.0 + f) - 0.53
        low = bark + 0.15 * (_LOW - bark)
        high = bark + 0.22 * (bark - _HIGH)
        return np.where(bark < _LOW, low, np.where(bark > _HIGH, high, bark))

    def hertz(self, pitch: Hertz) -> Hertz:
        low = _LOW + (pitch - _LOW) / 0.85
        high = _HIGH + (pitch - _HIGH) / 1.22
        bark = np.where(pitch < _LOW, low, np.where(pitch > _HIGH, high, pitch))
        return quotient(1960.0 * (bark + 0.53), 26.28 - bark)


SCALE = Bark()
