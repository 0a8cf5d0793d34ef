"""Sounds that the figures of these tests show; matplotlib draws without a screen."""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

from tests.detect.figure.tones import SR, TONES

matplotlib.use("Agg")


@pytest.fixture(scope="package")
def speech(speech):
    """Four seconds of it."""
    wave, sr = speech
    return wave[: 4 * sr], sr


@pytest.fixture(scope="package")
def tones():
    """Five seconds of three tones, and a little noise."""
    time = np.arange(5 * SR) / SR
    noise = 1e-3 * np.random.default_rng(0).standard_normal(time.size)
    return sum(np.sin(2 * np.pi * f * time) for f in TONES) + noise
