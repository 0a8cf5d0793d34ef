"""The readers of axes: kernels against slow twins, and axes read off clean and damaged drawings."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fastspec import colormaps, images, pillow_memory
from fastspec.axes import FrequencyAxis
from fastspec.calibration import Calibration
from fastspec.detect import faint, runs
from fastspec.kernels.runs import combs, overlaps


def _areas(rng: np.random.Generator) -> list[np.ndarray]:
    small = rng.integers(0, 3, (40, 57, 3), np.uint8)
    small[5:9] = small[4]
    small[:, 20:23] = small[:, 19:20]
    wide = rng.integers(0, 255, (40, 57, 4), np.uint8)  # the fourth bytes are no part of the picture
    wide[..., :3] = small
    deep = small[..., 0].astype(np.uint16) * 300
    return [small, small[..., 1], wide[..., :3], wide[3:30, 7:50, :3], deep, small[:1], small[:, :1], small[:, ::2]]


def test_borders_are_where_lines_differ():
    for area in _areas(np.random.default_rng(0)):
        down, across = runs.borders_of(area)
        lines = area.reshape(*area.shape[:2], -1)
        np.testing.assert_array_equal(down, (lines[1:] != lines[:-1]).any(axis=(1, 2)))
        np.testing.assert_array_equal(across, (lines[:, 1:] != lines[:, :-1]).any(axis=(0, 2)))


def test_steepness_is_the_rms_of_steps_of_three_summed_lines():
    for area in _areas(np.random.default_rng(1))[:4]:
        wide = area.astype(float)
        luma = wide @ [1, 2, 1] if area.ndim == 3 else 4 * wide
        for got, lines in zip(faint.steepness_of(area), (luma, luma.T), strict=True):
            even = lines[:, :-2] + lines[:, 1:-1] + lines[:, 2:]
            np.testing.assert_allclose(got, np.sqrt((np.diff(even, axis=0) ** 2).mean(axis=1)), rtol=1e-5)


def test_combs_are_the_correlations_with_even_frames():
    rng = np.random.default_rng(2)
    for width in (33, 128, 301):
        free = rng.normal(size=width - 1)
        free -= free.mean()
        scores = np.zeros(int(width / 1.05) - 16)
        combs(free, 16, scores)
        for number, score in enumerate(scores):
            frames = (2 * np.arange(width) + 1) * (16 + number) // (2 * width)
            drawn = (frames[1:] != frames[:-1]).astype(float)
            assert score == pytest.approx(np.corrcoef(free, drawn)[0, 1], abs=1e-9)


def test_axes_are_ranked_by_correlation_with_their_patterns():
    rng = np.random.default_rng(3)
    free = rng.normal(size=239)
    table = runs.axis_table(240, {"freq_scale": "log", "n_fft": 1024})
    ranked = faint._ranked_axes(free, {"freq_scale": "log", "n_fft": 1024})
    slow = {}
    for facts, drawn in zip(table.facts, table.drawn, strict=True):
        pattern = drawn - faint._moving_mean(drawn.astype(float))
        slow[str(facts)] = pattern @ free / (np.linalg.norm(pattern) * np.linalg.norm(free))
    assert ranked[0][0] == pytest.approx(max(slow.values()), rel=1e-6)
    for score, facts in ranked:
        assert score == pytest.approx(slow[str(facts)], rel=1e-6)


def test_overlaps_sum_weights_where_drawn():
    rng = np.random.default_rng(4)
    drawn, weights = rng.integers(0, 2, (7, 50), np.uint8), rng.normal(size=50)
    total = np.empty(7)
    overlaps(drawn, weights, total)
    np.testing.assert_allclose(total, drawn @ weights)


@pytest.mark.parametrize("damage", [None, 90])
@pytest.mark.parametrize(("edges", "sr", "n_fft"), [("librosa>=0.9", 22050, 1024), ("librosa<0.9", 16000, 512)])
def test_log_axes_are_read_off_rows(edges, sr, n_fft, damage):
    axis = FrequencyAxis(scale="log", sr=sr, n_fft=n_fft, edges=edges)
    rng = np.random.default_rng(5)
    levels = rng.random((axis.count, 200), np.float32)[axis.rows(480)].repeat(3, axis=1)
    area = colormaps.colour_of(levels, colormaps.get("viridis"))
    if damage is not None:
        out = io.BytesIO()
        Image.fromarray(area).save(out, "JPEG", quality=damage)
        area = images.read(out.getvalue()).pixels
    read = (runs.read_runs if damage is None else faint.read_faint)(area, Calibration())
    assert {n: read[n] for n in ("freq_scale", "freq_edges", "sr", "n_fft")} == {
        "freq_scale": "log", "freq_edges": edges, "sr": sr, "n_fft": n_fft,
    }  # fmt: skip
    assert read["n_frames"] == 200


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pixels_are_read_where_pillow_holds_them(mode):
    image = Image.fromarray(np.random.default_rng(6).integers(0, 256, (30, 41, len(mode)), np.uint8))
    lying = pillow_memory.rgbx(image)
    if lying is None:
        pytest.skip("this Pillow exports no memory")
    expected = np.asarray(image)
    del image  # the array keeps the memory
    np.testing.assert_array_equal(lying[..., : len(mode)], expected)
    assert not lying.flags.writeable


def test_other_modes_and_large_images_are_copied():
    assert pillow_memory.rgbx(Image.new("L", (5, 5))) is None
    large = Image.new("RGB", (3000, 2000), (1, 2, 3))
    out = io.BytesIO()
    large.save(out, "PNG")
    np.testing.assert_array_equal(images.read(out.getvalue()).pixels, np.asarray(large))
