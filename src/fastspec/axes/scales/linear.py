"""Hz itself."""

from __future__ import annotations

from fastspec.axes.scales.scale import Axis, Hertz, Scale


class Linear(Scale):
    """Even in Hz."""

    name = "linear"
    ends_at_nyquist = True

    def pitch(self, hertz: Hertz) -> Hertz:
        return hertz

    def hertz(self, pitch: Hertz) -> Hertz:
        return pitch

    def lowest(self, axis: Axis) -> float:
        return 0.0


SCALE = Linear()
