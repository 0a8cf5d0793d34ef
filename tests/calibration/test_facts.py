"""What each fact takes, and what it refuses."""

from __future__ import annotations

import pytest

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import check_fact
from fastspec.errors import ParameterError


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sr", 0),
        ("sr", "fast"),
        ("sr", 22050.5),
        ("sr", True),
        ("n_fft", -4),
        ("duration", float("nan")),
        ("db_range", (0, -80)),
        ("db_range", (1,)),
        ("plot_area", (5, 0, 5, 9)),
        ("freq_scale", "logarithmic"),
        ("window", ""),
        ("no_such_fact", 1),
    ],
)
def test_a_wrong_value_is_refused_with_the_value_in_the_message(name, value):
    with pytest.raises(ParameterError, match=r".") as caught:
        check_fact(name, value)
    assert name in str(caught.value)


def test_zero_has_no_sign():
    assert str(Calibration.of("pixels", db_range=(-80.0, -0.0))["db_range"]) == "(-80.0, 0.0)"
