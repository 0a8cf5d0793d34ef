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


@pytest.mark.parametrize(("values", "top"), [
    ([250, 2000, 150, None, 500, 0], 2500),  # as read beside a figure of 72 dpi, whose zeros touch
    ([5000, 400, 3000, 2000, 100, 0], 5000),
    ([250, 200, 150, 100, 50, 0], 250),  # nothing was lost, or of all
    ([250, 2000, 150, 1000, 70, 0], None),  # 70 lies on no line
    ([250, 200, 150, 1000, 50, 0], 250),  # most say so
])  # fmt: skip
def test_labels_that_lost_a_zero_still_tell_the_axis(values, top):
    ticks = [Tick(44.0 + 39.6 * k, float(v), "") for k, v in enumerate(values) if v is not None]
    line = fit(ticks, ("linear", "log"))
    assert (None if line is None else line.at(44.0)) == (None if top is None else pytest.approx(top, abs=5))
