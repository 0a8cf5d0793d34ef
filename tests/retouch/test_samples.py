from __future__ import annotations

import numpy as np

from fastspec.calibration.complete import Complete
from fastspec.colours import colormap
from fastspec.plot.to_stft import magnitude_of
from fastspec.retouch.agreement import agreement
from fastspec.retouch.samples import Line, Samples, magnitudes
from fastspec.retouch.shifts import best
from fastspec.retouch.suppositions import axes, banks, changed, hops, lengths, windows

FACTS = Complete("magma", "log", "librosa>=0.9", 22050, 256, 64, 256, 40, 40 * 64 / 22050)


def test_some_frames_are_those_of_the_whole_transform():
    y = np.random.default_rng(0).normal(size=FACTS.samples).astype(np.float32)
    frames = np.array([0, 3, 17, 40])
    np.testing.assert_allclose(magnitudes(y, frames, FACTS), magnitude_of(y, FACTS)[frames], atol=1e-3)
    longer = np.concatenate([np.ones(100, np.float32), y, np.ones(50, np.float32)])
    np.testing.assert_allclose(magnitudes(longer, frames, FACTS, 100), magnitude_of(y, FACTS)[frames], atol=1e-3)


def test_levels_line_is_found_under_an_edit():
    rng = np.random.default_rng(2)
    loud = rng.uniform(-90, 10, (60, 60)).astype(np.float32)
    cmap = colormap.get("magma")
    levels = np.clip((np.floor(np.clip((loud + 85) / 100, 0, 1) * 256) + 0.5) / 256, 0.5 / 256, 255.5 / 256)
    levels[:25] = rng.uniform(0, 1, (25, 60))  # 40 % is painted over
    samples = Samples(levels.astype(np.float32), np.arange(60), np.arange(60), (60, 60), cmap, 0.0)
    found = samples.compared(loud, FACTS, free=True)
    np.testing.assert_allclose(found.line.ends, (-85, 15), atol=0.3)
    assert found.exact > 0.55
    assert agreement(samples, loud, found.line) > 0.5
    assert agreement(samples, rng.permuted(loud, axis=1), found.line) < 0.1


def test_a_flat_floor_proves_nothing():
    cmap = colormap.get("magma")
    levels = np.full((60, 60), 0.5 / 256, np.float32)
    samples = Samples(levels, np.arange(60), np.arange(60), (60, 60), cmap, 0.0)
    assert agreement(samples, np.full((60, 60), -200, np.float32), Line(1 / 80, 1.0)) == 0


def test_suppositions_keep_the_number_of_frames_in_step():
    new = changed(FACTS, {"n_fft": 512, "hop_length": 32})
    assert (new.win_length, new.n_frames) == (512, 1 + FACTS.samples // 32)
    for group in (windows, lengths, hops, axes, banks):
        changes = list(group(FACTS))
        assert all(changed(FACTS, change) != FACTS for change in changes)
    assert {"window": "hanning"} in list(windows(FACTS))


def test_the_best_shift_is_found_to_one_sample():
    assert best(lambda offset: -abs(offset - 1237), 8000, FACTS) == 1237
