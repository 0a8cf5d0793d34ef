"""How frames lie in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastspec.phase.frames import Frames
from fastspec.transform.geometry import Geometry


@pytest.mark.parametrize("mode", ["edge", "reflect", "symmetric", "linear_ramp"])
@pytest.mark.parametrize(("n_fft", "hop", "frames", "length"), [(16, 4, 9, 33), (15, 4, 9, 32), (16, 5, 6, 28)])
def test_pads_are_numpys(mode, n_fft, hop, frames, length):
    made = Frames(Geometry.of(n_fft, hop, pad_mode=mode), np.float64)
    y = np.random.default_rng(0).random(length)
    lead = made.geometry.pad
    right = min(lead, made.slots(frames) * hop - lead - length)
    z = np.zeros(made.slots(frames) * hop)
    z[lead : lead + length] = y
    target, source, weight = made.pads(frames, length)
    z[target] = weight * z[source]
    np.testing.assert_allclose(z[: lead + length + right], np.pad(y, (lead, right), mode=mode), atol=1e-12)
    assert all(part.size == 0 for part in Frames(Geometry.of(n_fft, hop)).pads(frames, length))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(1, 40), st.integers(1, 60), st.booleans(), st.integers(1, 300))
def test_gains_are_reciprocal_window_sums_inside_the_sound(hop, n_fft, frames, center, length):
    hop = min(hop, n_fft)
    window = np.random.default_rng(n_fft).random(n_fft) + 0.1
    geometry = Geometry.of(n_fft, hop, window=window, center=center)
    made = Frames(geometry, np.float64)
    length = min(length, geometry.samples_under(frames))
    if length < 1:
        return
    rows, table = made.gains(frames, length)
    total = np.zeros(made.slots(frames) * hop)
    for j in range(frames):
        total[j * hop : j * hop + n_fft] += window**2
    want = np.zeros_like(total)
    inside = slice(geometry.pad, geometry.pad + length)
    want[inside] = 1 / total[inside]
    np.testing.assert_allclose(table[rows].ravel(), want, rtol=1e-12)
