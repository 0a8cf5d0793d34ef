"""Axes read off damaged pictures: kernels against slow twins, and what is unsure."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.detect import axis_candidates, faint_borders
from fastspec.kernels.cell_borders import combs
from tests.detect.drawn import areas, drawn, jpeg


def test_steepness_is_the_rms_of_steps_of_three_summed_lines():
    for area in areas(np.random.default_rng(1))[:4]:
        wide = area.astype(float)
        luma = wide @ [1, 2, 1] if area.ndim == 3 else 4 * wide
        for got, lines, step in zip(faint_borders.steepness_of(area), (luma, luma.T), (1, 3), strict=True):
            even = (lines[:, :-2] + lines[:, 1:-1] + lines[:, 2:])[:, ::step]
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
            steps = (frames[1:] != frames[:-1]).astype(float)
            assert score == pytest.approx(np.corrcoef(free, steps)[0, 1], abs=1e-9)


def test_axes_are_ranked_by_correlation_with_their_patterns():
    rng = np.random.default_rng(3)
    free = rng.normal(size=239)
    table = axis_candidates.axis_table(240, {"freq_scale": "log", "n_fft": 1024})
    ranked = faint_borders._ranked_axes(free, {"freq_scale": "log", "n_fft": 1024})
    slow = {}
    for facts, borders in zip(table.facts, table.drawn, strict=True):
        pattern = borders - faint_borders._moving_mean(borders.astype(float))
        slow[str(facts)] = pattern @ free / (np.linalg.norm(pattern) * np.linalg.norm(free))
    assert ranked[0][0] == pytest.approx(max(slow.values()), rel=1e-6)
    for score, facts in ranked:
        assert score == pytest.approx(slow[str(facts)], rel=1e-6)


def test_palettes_without_an_even_axis_are_read_in_their_colours():
    axis = FrequencyAxis(scale="log", sr=22050, n_fft=1024)
    noisy = drawn(axis).astype(int) + np.random.default_rng(10).normal(0, 6, (480, 600, 3)).astype(int)
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).quantize(128)
    out = io.BytesIO()
    picture.save(out, "PNG")
    found = fastspec.inspect(io.BytesIO(out.getvalue()))
    assert {n: found[n] for n in ("freq_scale", "sr", "n_fft")} == {"freq_scale": "log", "sr": 22050, "n_fft": 1024}
    assert found.source("sr") == "pixels"


def test_a_beat_of_bins_and_rows_is_unsure():
    """1024 points on 385 rows skip a bin where 256 points would have a border."""
    axis = FrequencyAxis(scale="linear", sr=22050, n_fft=1024)
    spectrum = np.cumsum(np.random.default_rng(11).normal(size=(axis.count, 200)), axis=0).astype(np.float32)
    spectrum = (spectrum - spectrum.min()) / np.ptp(spectrum)
    area = colormap.colour_of(spectrum[axis.rows(385)].repeat(3, axis=1), colormap.get("inferno"))
    found = faint_borders.read_faint(area, Calibration())
    assert "n_fft" not in found or found["n_fft"] == 1024 or found.facts["n_fft"].confidence <= 0.6
    assert faint_borders._is_beat({"freq_scale": "linear", "n_fft": 256}, 385)
    assert not faint_borders._is_beat({"freq_scale": "linear", "n_fft": 256}, 480)


@pytest.mark.parametrize("cmap", ["jet", "turbo", "nipy_spectral", "inferno_r"])
def test_a_damaged_picture_whose_axis_is_read_is_no_photograph(cmap):
    area = jpeg(drawn(FrequencyAxis(scale="log", sr=22050, n_fft=512), cmap=cmap, frames=300), 85)
    found = fastspec.inspect(area)
    assert (found["freq_scale"], found.source("freq_scale")) == ("log", "pixels")
    assert "doubt" not in found.picture


@pytest.mark.parametrize(("score", "found"), [(0.60, False), (0.64, True)])
def test_frames_show_from_a_correlation_on(score, found):
    width, frames = 400, 90
    cells = (2 * np.arange(width) + 1) * frames // (2 * width)
    comb = (cells[1:] != cells[:-1]).astype(float)
    comb = (comb - comb.mean()) / np.linalg.norm(comb - comb.mean())
    noise = np.random.default_rng(13).normal(size=width - 1)
    noise -= noise.mean()
    noise -= (noise @ comb) * comb
    free = score * comb + np.sqrt(1 - score**2) * noise / np.linalg.norm(noise)
    read = faint_borders._frames(free, width)
    assert (None if read is None else read[0]) == (frames if found else None)


@pytest.mark.parametrize(
    ("rows", "score", "rival", "confidence"),
    [
        (200, 0.36, 0.0, 0.5 + 0.65 * 0.36),
        (200, 0.34, 0.0, None),  # below what true axes score
        (200, 0.50, 0.43, 0.5 + 2.5 * 0.07),
        (200, 0.50, 0.45, None),  # leads by .05
        (200, 0.90, 0.0, 0.88),
        (64, 0.55, 0.0, None),  # so much the best of some hundred axes reaches by chance in few rows
        (64, 0.57, 0.0, 0.5 + 0.65 * 0.57),
    ],
)
def test_an_axis_is_stated_from_a_score_and_a_lead_on(monkeypatch, rows, score, rival, confidence):
    one = {"freq_scale": "log", "freq_edges": "librosa>=0.9", "sr": 22050, "n_fft": 1024}
    other = {**one, "n_fft": 2048}
    monkeypatch.setattr(faint_borders, "_ranked_axes", lambda free, sure: [(score, one), (rival, other)])
    read = faint_borders.read_faint(np.zeros((rows, 90), np.uint8), Calibration())
    fact = read.facts.get("n_fft")
    assert (None if fact is None else fact.confidence) == (None if confidence is None else pytest.approx(confidence))


def test_what_clean_borders_did_not_tell_is_hardly_likely(monkeypatch):
    """Bins of a view up to 3000 Hz were 80 mel bands (.81) once its user gave that end."""
    one = {"freq_scale": "mel", "freq_edges": "librosa>=0.9", "n_mels": 80}
    monkeypatch.setattr(faint_borders, "_ranked_axes", lambda free, sure: [(0.9, one)])
    for clean, sure in ((False, 0.88), (True, 0.5)):
        read = faint_borders.read_faint(np.zeros((200, 90), np.uint8), Calibration(), clean=clean)
        assert read.facts["n_mels"].confidence == sure
