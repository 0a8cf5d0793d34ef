"""Magnitudes and sounds that several of these tests use."""

from __future__ import annotations

import numpy as np


def spectrum(frames, bins=129, seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    return np.abs(rng.standard_normal((bins, frames)) * rng.random((bins, 1))).astype(dtype)


def speechlike(samples=8000):
    t = np.arange(samples) / 8000
    tones = sum(np.sin(2 * np.pi * f * t * (1 + 0.1 * t)) / k for k, f in enumerate((180, 360, 720, 1500), 1))
    return (tones * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))).astype(np.float64)
