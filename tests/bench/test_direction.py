"""The judge of directions: it learns from sounds what tells, and judges by others."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from bench.quality import direction
from fastspec.detect.colormap_direction import SIGNS


@pytest.fixture
def sounds(tmp_path):
    """Eight short sounds: noise of falling treble that dies away."""
    for number in range(8):
        rng = np.random.default_rng(number)
        noise = np.cumsum(rng.normal(size=8000)) * np.exp(-np.arange(8000) / 2000)
        soundfile.write(tmp_path / f"{chr(97 + number)}.wav", 0.5 * noise / np.abs(noise).max(), 8000)
    (tmp_path / "readme.txt").write_text("no sound")
    return tmp_path


def test_sounds_are_drawn_judged_and_fitted(sounds, capsys):
    direction.main([str(sounds), "--each", "4", "--weights"])
    said = capsys.readouterr().out
    assert "both right by scale" in said
    assert len(said.split("weights: ")[1].split(", ")) == SIGNS.shape[1]


def test_what_tells_is_learned_and_mirrored():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, SIGNS.shape[1]))
    features[:, 0] += 3  # tells the scale
    found = direction.probabilities(features, direction.fitted(features))
    np.testing.assert_allclose(found.sum(axis=1), 1)
    asked = direction.questions(found)
    assert asked["loud end, origin given"][1].mean() > 0.95
    assert asked["origin, cmap given"][1].mean() < 0.8


def test_overconfidence_fails(capsys):
    rows = [direction.Drawn("a", "mel", "ln", "array", np.zeros(2))] * 40
    right, wrong = [0.97, 0.01, 0.01, 0.01], [0.01, 0.97, 0.01, 0.01]
    assert direction.report(rows, np.array([right] * 39 + [wrong]))
    assert not direction.report(rows, np.array([right] * 30 + [wrong] * 10))
    assert "75.0% of 40" in capsys.readouterr().out
