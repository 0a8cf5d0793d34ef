"""One table of amplitudes from those of several channels."""

from __future__ import annotations

import numpy as np

from fastspec.transform.joint import joint_magnitude


def test_it_is_the_root_of_the_mean_power():
    cells = np.random.default_rng(1).random((3, 5, 7), np.float32)
    before = cells.copy()
    found = joint_magnitude(list(cells))
    np.testing.assert_allclose(found, np.sqrt((before.astype(float) ** 2).mean(axis=0)), rtol=1e-6)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(cells, before)  # the channels stay as they were


def test_one_channel_is_itself():
    cells = np.ones((5, 7), np.float32)
    assert joint_magnitude([cells]) is cells
