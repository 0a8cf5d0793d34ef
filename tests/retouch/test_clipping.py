from __future__ import annotations

import numpy as np

from fastspec.calibration.complete import Complete
from fastspec.inspection import given_facts, profile_facts
from fastspec.retouch import clipping


def test_several_samples_in_a_row_at_the_largest_are_clipped():
    y = np.sin(np.arange(4000) * 0.05)
    clipped = np.clip(y, -1, 0.9)  # of one side
    np.testing.assert_array_equal(clipping.clipped(clipped[None]), clipped == 0.9)
    assert not clipping.clipped(y[None]).any()


def test_a_peak_or_a_few_are_none():
    y = np.random.default_rng(0).normal(size=(2, 1000))
    y[0, [10, 11]] = 9
    assert not clipping.clipped(y).any()


def test_shares_of_frames_are_those_of_squared_windows():
    facts = Complete.of(
        profile_facts(
            given_facts(
                {"sr": 8000, "n_fft": 512, "hop_length": 128, "duration": 1.0, "n_frames": 63, "profile": "librosa"}
            )
        )
    )
    marked = np.random.default_rng(0).random(8000) < 0.02
    share = clipping.share_of_frames(marked, 8000, facts, 0.0)
    padded = np.pad(marked.astype(float), 256)
    window = np.hanning(512) ** 2
    slow = [padded[t * 128 : t * 128 + 512] @ window / window.sum() for t in range(facts.n_frames)]
    np.testing.assert_allclose(share, slow, atol=0.006)
    later = clipping.share_of_frames(marked, 8000, facts, 0.016)
    np.testing.assert_allclose(later[:-2], share[1:-1], atol=1e-9)
