from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.retouch.original import Original
from fastspec.retouch.search import explain
from tests.retouch.pictures import speech


@pytest.mark.parametrize("gain", [1.0, 0.25])
def test_what_is_redrawn_is_at_the_level_of_the_original(gain):
    y, sr = speech()
    picture = fastspec.encode(y, sr)
    known = fastspec.inspect(picture)
    found = explain(picture, fastspec.Calibration(), Original.of((y * np.float32(gain), sr)))
    drawn = found.channels[0]
    assert drawn.reference == pytest.approx(gain * known["ref"], rel=1e-3)
    assert float(drawn.amplitudes.max()) == pytest.approx(1, rel=1e-3)
    assert found.calibration.source("ref") == ("embedded" if gain == 1 else "original")


def test_a_sound_that_does_not_fit_changes_no_stated_level():
    y, sr = speech()
    noise = np.random.default_rng(0).normal(0, 0.01, y.size).astype(np.float32)
    found = explain(fastspec.encode(y, sr), fastspec.Calibration(), Original.of((noise, sr)))
    assert not found.is_its_original
    assert found.calibration.source("ref") == "embedded"
