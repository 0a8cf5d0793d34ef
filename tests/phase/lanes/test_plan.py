"""Which sizes the lanes take, in which passes, and where the bins lie afterwards."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fastspec.phase.lanes.plan import LARGEST, SMALLEST, plan, radices_of


def test_all_powers_of_two_and_what_factors_into_2_3_and_5_run_in_lanes():
    for n_fft in range(2, 5000):
        rest = n_fft // 2
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        smooth = n_fft % 2 == 0 and n_fft >= SMALLEST and rest == 1
        assert bool(radices_of(n_fft)) == smooth, n_fft
        if smooth:
            assert math.prod(radices_of(n_fft)) == n_fft // 2
            assert len(radices_of(n_fft)) > 1
    assert radices_of(LARGEST)
    assert not radices_of(2 * LARGEST)


@pytest.mark.parametrize(
    ("n_fft", "radices"),
    [(64, (8, 4)), (128, (8, 8)), (256, (8, 4, 4)), (1024, (8, 8, 8)), (2048, (8, 8, 4, 4)), (480, (4, 4, 5, 3)),
     (100, (5, 5, 2)), (162, (3, 3, 3, 3))],
)  # fmt: skip
def test_passes_are_of_radix_8_while_that_goes(n_fft, radices):
    assert radices_of(n_fft) == radices
    assert (plan(n_fft, np.dtype(np.float32)).general is None) == (set(radices) <= {8, 4} and radices[0] == 8)


@pytest.mark.parametrize("n_fft", [64, 90, 100, 480, 1024])
def test_the_passes_leave_each_bin_where_the_plan_says(n_fft):
    made, half = plan(n_fft, np.dtype(np.float64)), n_fft // 2
    rng = np.random.default_rng(n_fft)
    x = rng.standard_normal(half) + 1j * rng.standard_normal(half)
    size, buffer = half, x.copy()
    for radix, offset in zip(made.radices, made.offsets, strict=True):
        step = size // radix
        factors = made.table[offset : offset + 2 * step * (radix - 1)].reshape(step, radix - 1, 2)
        turns = np.concatenate([np.ones((step, 1)), factors[..., 0] + 1j * factors[..., 1]], 1)
        for b in range(0, half, size):
            for j in range(step):
                rows = b + j + step * np.arange(radix)
                buffer[rows] = np.fft.fft(buffer[rows]) * turns[j]
        size = step
    Z = np.fft.fft(x)
    k = np.arange(1, (half + 1) // 2)
    np.testing.assert_allclose(buffer[made.one // 2], Z[k], atol=1e-10)
    np.testing.assert_allclose(buffer[made.other // 2], Z[half - k], atol=1e-10)
    np.testing.assert_allclose(buffer[0], Z[0], atol=1e-10)
    if half % 2 == 0:
        np.testing.assert_allclose(buffer[made.middle // 2], Z[half // 2], atol=1e-10)
    else:
        assert made.middle == -1
    np.testing.assert_array_equal(np.sort(made.order), np.arange(half + 1))
    np.testing.assert_allclose(made.turn[0::2] + 1j * made.turn[1::2], np.exp(-2j * np.pi * k / n_fft))
    np.testing.assert_array_equal(made.back[0::2], made.table[0::2])
    np.testing.assert_array_equal(made.back[1::2], -made.table[1::2])
