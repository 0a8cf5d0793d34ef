"""Numbers on a scale: a misread one is passed over, and what lies on none is refused."""

from __future__ import annotations

import pytest

from fastspec.detect.figure.axis_fit import Tick, fit


def test_fit_passes_over_a_misread_label():
    ticks = [Tick(300 - 25.0 * k, 1000.0 * k, "") for k in range(9)]
    ticks[3] = Tick(ticks[3].position, 8000.0, "")
    line = fit(ticks, ("linear", "log", "mel"))
    assert line is not None
    assert line.scale == "linear"
    assert line.used == 8
    assert line.at(300) == pytest.approx(0, abs=1e-6)


def test_fit_refuses_numbers_that_lie_on_no_scale():
    assert fit([Tick(10.0 * k, v, "") for k, v in enumerate((3, 17, 4, 90, 1, 55))], ("linear", "log", "mel")) is None
    assert fit([Tick(1.0, 2.0, "")]) is None
