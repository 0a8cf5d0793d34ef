"""Facts that contradict each other are refused, with a remedy."""

from __future__ import annotations

import pytest

from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.errors import CalibrationError


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"n_fft": 1023, "freq_scale": "log"}, "1022 or 1024"),
        ({"n_fft": 1024, "win_length": 2048}, "win_length=2048"),
        ({"n_fft": 1024, "hop_length": 2048}, "hop_length=2048"),
        ({"fmin": 4000.0, "fmax": 100.0}, "fmin=4000"),
        ({"sr": 16000, "fmax": 9000.0}, "fmax=9000"),
        ({"n_fft": 64, "n_mels": 128}, "n_mels=128"),
    ],
)
def test_contradicting_facts_are_refused_with_the_remedy(facts, word):
    with pytest.raises(CalibrationError, match=word):
        consistency.check(Calibration.of("given", **facts))


def test_a_plot_area_outside_the_picture_is_refused():
    with pytest.raises(CalibrationError, match="640 x 480"):
        consistency.check(Calibration.of("given", plot_area=(0, 0, 641, 480)), width=640, height=480)


READ = Calibration.of("pixels", sr=22050, freq_scale="log", fmin=60945.0, fmax=69000.0)


@pytest.mark.parametrize(("known", "gone"), [
    (READ, {"fmin", "fmax"}),
    (READ.without("fmin"), {"fmax"}),
    (READ.without("fmin", "fmax"), set()),
    (READ.updated("given", sr=8000), set()),  # its user is asked
    (READ.updated("given", n_mels=7), {"fmin", "fmax"}),  # what contradicts itself is not the user's doing
])  # fmt: skip
def test_what_was_misread_is_found(known, gone):
    assert consistency.misread(known, frozenset({"fmin", "fmax", "n_mels"})) == gone
