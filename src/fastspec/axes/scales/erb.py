"""ERB-rate of Moore and Glasberg (J. Acoust. Soc. Am. 74, 1983) in Audacity's constants (NumberScale.h of 3.2.4)."""

from __future__ import annotations

import numpy as np

from fastspec.axes.scales.scale import Hertz, Scale, quotient

_RATE, _RATIO, _HZ = 11.17268, 46.06538, 14678.49


class Erb(Scale):
    """Even in equivalent rectangular bandwidths."""

    name = "erb"

    def pitch(self, hertz: Hertz) -> Hertz:
        f = np.maximum(hertz, 0.0)
        return np.asarray(_RATE * np.log1p(_RATIO * f / (f + _HZ)))

    def hertz(self, pitch: Hertz) -> Hertz:
        # Audacity's own inverse, whose constants are rounded for themselves
        return quotient(np.full_like(pitch, 676170.4), 47.06538 - np.exp(0.08950404 * pitch)) - _HZ


SCALE = Erb()
