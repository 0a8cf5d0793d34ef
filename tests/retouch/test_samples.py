from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.complete import Complete
from fastspec.colours import colormap
from fastspec.kernels import samples as kernels
from fastspec.plot.to_stft import magnitude_of
from fastspec.retouch.agreement import agreement
from fastspec.retouch.samples import Line, Samples, magnitudes
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


def commonest_twin(levels, loud, slope, tolerance):
    """The slow, obvious twin of `kernels.commonest`."""
    values = levels - slope * loud.astype(np.float64)
    places = ((values - values.min()) / tolerance).astype(np.intp)
    counts = np.bincount(places, minlength=places.max() + 2)
    start = values.min() + (int((counts[:-1] + counts[1:]).argmax()) + 1) * tolerance
    for _ in range(2):
        near = values[np.abs(values - start) < tolerance]
        start = near.mean()
    return start, near.size


def fitted_twin(levels, loud, slope, start, tolerance):
    """The slow, obvious twin of `kernels.fitted`."""
    levels, loud, wide = levels.astype(np.float64), loud.astype(np.float64), 4 * tolerance
    for _ in range(6):
        near = np.abs(levels - slope * loud - start) < wide
        slope, start = np.polyfit(loud[near], levels[near], 1)
        wide = max(tolerance, wide / 2)
    return slope, start, np.count_nonzero(np.abs(levels - slope * loud - start) < tolerance)


def agreeing_twin(samples, loud, line, ends, width):
    """The slow, obvious twin of `kernels.agreeing`, by `Samples.off`."""
    off = samples.off(loud, line)
    off = off[np.isfinite(off)]
    return off.size, (1 / (1 + np.square(off / width))).sum(), np.sum(off < 0.5), np.sum(off < 4)


@pytest.mark.parametrize("map_name", ["magma", "gray", "sox"])
@pytest.mark.parametrize("seed", range(3))
def test_lines_and_agreement_are_those_of_the_slow_way(map_name, seed):
    rng = np.random.default_rng(seed)
    cmap = colormap.get(map_name)
    loud = rng.uniform(-120, 10, (50, 40)).astype(np.float32)
    levels = np.clip((loud + 85) / 100 + rng.normal(0, 0.004, loud.shape), 0, 1).astype(np.float32)
    levels[rng.random(loud.shape) < 0.3] = rng.uniform(0, 1)
    levels[:2] = np.nan
    samples = Samples(levels, np.arange(50), np.arange(40), (40, 50), cmap, 0.0)
    told, heard = levels[2:].reshape(-1), loud[2:].reshape(-1)
    start, votes = kernels.commonest(told, heard, 0.01, 0.012, np.empty(4096, np.int64))
    wanted = commonest_twin(told, heard, 0.01, 0.012)
    assert start == pytest.approx(wanted[0], abs=1e-3)
    assert votes == pytest.approx(wanted[1], rel=0.01)
    found = kernels.fitted(told, heard, 0.0102, start + 0.003, 0.012, 50)
    np.testing.assert_allclose(found[:2], fitted_twin(told, heard, 0.0102, start + 0.003, 0.012)[:2], atol=1e-4)
    assert found[:2] == pytest.approx((0.01, 0.85), abs=2e-3)
    line, step, ends = Line(0.01, 0.85), cmap.step, tuple(map(float, samples.ends))
    cells = cmap.quantiser == "cells"
    got = kernels.agreeing(levels.reshape(-1), loud.reshape(-1), tuple(line), ends, step, cells, 1.5, 4.0)
    np.testing.assert_allclose(got, agreeing_twin(samples, loud, line, ends, 1.5), rtol=2e-3)


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
