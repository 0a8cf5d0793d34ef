"""Pictures of arrays whose logarithm was taken of cells and something added to them."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.colours import colormap
from fastspec.colours.levels import LevelScale
from fastspec.decoder import Decoder
from fastspec.retouch import mappings
from fastspec.retouch.mappings import PLAIN, Mapping
from tests.retouch.pictures import speech

BOX = slice(60, 120), slice(80, 140)  # rows, columns
OPTIONS = {"n_fft": 512, "hop_length": 256}


def array_of(values, gray):
    """Values (bins, frames) scaled to their least and largest, as a picture with the lowest bin below."""
    x = (values - values.min()) / (values.max() - values.min())
    x = x[::-1].astype(np.float32)
    return (x * 255).astype(np.uint8) if gray else colormap.colour_of(x, colormap.get("magma"))


@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize(
    ("power", "added", "said"),
    [
        (2, 1e-9, "np.log(power + 1e-09)"),
        (2, 1e-3, "np.log1p(1000 * power)"),
        (2, 1.0, "np.log1p(power)"),
        (1, 1e-2, "np.log1p(100 * amplitude)"),
    ],
)
def test_what_was_added_to_cells_is_found_and_no_edit(power, added, said, gray):
    y, sr = speech()
    y = y[: 4 * sr] / np.abs(y).max()
    values = np.log(np.abs(fastspec.stft(y, **OPTIONS)).astype(np.float64) ** power + added)
    pixels = array_of(values, gray)
    given = {"sr": sr, "freq_scale": "linear", **OPTIONS}
    found = Decoder(**given).retouch(pixels, (y, sr))
    np.testing.assert_array_equal(found.wave, y)
    assert any(said in remark for remark in found.calibration.remarks)
    before = pixels.copy()
    pixels[BOX] = pixels.reshape(-1, *pixels.shape[2:])[
        np.argmin(pixels.reshape(pixels.shape[0] * pixels.shape[1], -1).sum(1))
    ]
    true = float((pixels != before).reshape(*pixels.shape[:2], -1).any(axis=2).mean())
    edited = Decoder(**given).retouch(pixels, (y, sr))
    assert abs(edited.share - true) < 0.006  # changes of a step are not seen
    assert not edited.everywhere
    assert edited.exact > 0.6 * y.size
    assert "erased" in " ".join(edited.calibration.remarks)


@pytest.mark.parametrize("mapping", [PLAIN, Mapping(2, 1e-3), Mapping(1, 0.1), Mapping(2, 3.0)])
def test_levels_and_amplitudes_are_each_others_inverse(mapping):
    amplitudes = np.logspace(-2, 1, 40)
    ends = mapping.decibels(np.array([1e-9, 10.0])) - 20
    plain = LevelScale("db", lo=max(float(ends[0]), -120), hi=float(ends[1]), floor_share=None, count=65536)
    scale = mapping.scale(plain, 10.0)
    slow = np.clip((mapping.decibels(amplitudes) - 20 - plain.lo) / (plain.hi - plain.lo), 0, 1)
    np.testing.assert_allclose(scale.level(amplitudes / 10), slow, atol=1e-5)
    np.testing.assert_allclose(scale.amplitude(scale.level(amplitudes / 10)), amplitudes / 10, rtol=0.02)


def test_the_best_is_found_finely_and_rounded_to_a_power_of_ten():
    for true, expected in ((3.3e-4, 3.3e-4), (1.02e-4, 1e-4)):
        score = lambda m, true=true: float(m.power == 1) - 0.01 * abs(np.log10(m.added / true))  # noqa: E731
        best = mappings.found(score, 0.0)
        assert best.power == 1
        assert best.added == pytest.approx(expected, rel=0.01)


def test_nothing_is_supposed_that_explains_no_more():
    assert mappings.found(lambda _: 0.5, 0.497) == PLAIN
