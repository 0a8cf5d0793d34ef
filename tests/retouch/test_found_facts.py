from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.retouch import found_facts
from fastspec.retouch.samples import Line, Trial

FACTS = Complete("magma", "log", "librosa>=0.9", 22050, 1024, 512, 1024, 40, 0.9)


def fitted(low, high):
    slope = 1 / (high - low)
    return Trial(1.0, 1.0, 1.0, Line(slope, -low * slope))


@pytest.mark.parametrize(("ends", "free", "range_", "ref"), [
    ((-60.0, 20.0), True, (-80.0, 0.0), 10.0),  # ref=np.max
    ((-80.0, 20.0), True, (-100.0, 0.0), 10.0),
    ((-80.0, 0.0), False, (-80.0, 0.0), 1.0),  # ref=1.0
])  # fmt: skip
def test_range_and_reference_follow_from_the_line(ends, free, range_, ref):
    amplitudes = np.full((4, 4), 1e-9)
    found = found_facts.levels(FACTS, fitted(*ends), 10.0, amplitudes, free=free, step=1 / 256)
    assert found.db_range == pytest.approx(range_)
    assert found.ref == pytest.approx(ref)


def test_given_facts_stay():
    known = Calibration.of("given", window="hann").merged(Calibration.of("assumed", n_fft=1024))
    facts, _ = found_facts.as_facts(known, FACTS._replace(window="hanning"), [], fitted(-80, 0), proven=True)
    assert "window" not in facts
    assert facts["n_fft"].source == "original"
    assert found_facts.as_facts(known, FACTS, [], fitted(-80, 0), proven=False) == ({}, ())
