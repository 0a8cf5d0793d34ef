"""What the numbers of a legend prove: intervals that they share, and the rate that lies in one."""

from __future__ import annotations

from fastspec.detect import legend


def test_intervals():
    assert legend.common([(1, 5), (2, 9)]) == (2, 5)
    assert legend.common([(1, 2), (3, 4)]) is None
    assert legend.common([]) is None
    low, high = legend.whole([(1.0, 100), (2.0, 200)], 250) or (0.0, 0.0)
    assert low < 2.5 < high
    assert high / low < 1.01
    assert legend.whole([(1.0, 100), (2.0, 150)], 250) is None
    assert legend.roundest(94.2, 101.0) == 100
    assert legend.roundest(94.2, 94.8) is None


def test_rates_are_usual_or_less_sure():
    assert legend.rate((44050.0, 44120.0), "", 0.95).value == 44100
    wide = legend.rate((21880.0, 22261.0), "", 0.95)
    assert (wide.value, wide.confidence, wide.alternative) == (22050, 0.85, 22000)
    odd = legend.rate((21990.0, 22012.0), "", 0.95)
    assert (odd.value, odd.confidence) == (22000, 0.8)
    assert legend.rate((44000.0, 50000.0), "", 0.95).confidence < 0.9
