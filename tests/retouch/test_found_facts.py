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


@pytest.mark.parametrize(("exact", "source"), [(0.03, None), (0.06, "original")])
def test_what_was_assumed_is_confirmed_by_enough_exact_pixels_only(exact, source):
    """As where a picture of another tool agrees about, but in no pixel that counts."""
    known = Calibration.of("assumed", window="hann", hop_length=512)
    about = fitted(-80, 0)._replace(score=0.6, exact=exact, crisp=0.1)
    facts, _ = found_facts.as_facts(known, FACTS._replace(window="hann"), [], about, proven=True)
    assert (facts["window"].source if "window" in facts else None) == source
    steps = [({"hop_length": 256}, about, about)]
    facts, said = found_facts.as_facts(known, FACTS._replace(hop_length=256), steps, about, proven=True)
    assert facts["hop_length"].confidence == (0.7 if source else 0.4)
    assert any("too little to be sure of hop_length" in sentence for sentence in said) == (source is None)


@pytest.mark.parametrize(("range_", "said"), [((-80.0, 0.0), 0), ((-86.3, -6.3), 1), ((-66.7, 0.0), 1)])
def test_a_range_that_nobody_draws_is_said(range_, said):
    known = Calibration.of("assumed", db_range=(-70.0, 0.0))
    facts, remarks = found_facts.as_facts(known, FACTS._replace(db_range=range_), [], fitted(-80, 0), proven=True)
    assert facts["db_range"].value == range_
    assert sum("--db-range" in remark for remark in remarks) == said


def test_the_reference_of_a_power_density_is_that_of_specgram():
    power = float(np.square(np.hanning(1024)).sum()) / 2
    facts = FACTS._replace(one_sided=True, window="hanning", db_range=(-140.0, -40.0))
    for rate, whole in ((22050, 1), (2, 1), (22050, 1 << 15)):
        reference = 10 * np.log10(rate * power) - 20 * np.log10(whole)
        near = fitted(reference - 140.05, reference - 40.05)
        found = found_facts.levels(facts, near, 1.0, np.full((4, 4), 1e-9), free=False, step=1 / 256)
        assert 20 * np.log10(found.ref) == pytest.approx(reference, abs=1e-6)
