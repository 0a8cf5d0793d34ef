"""Fingerprints and legends of all tools: seen in no noise, and never against what is given."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec import tools
from fastspec.calibration.calibration import Calibration
from fastspec.detect import legend as detect_legend
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.tools import recognition
from fastspec.tools.sox import legend as sox_legend


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (7, 9), (512, 3), (200, 200), (90, 160)])
@pytest.mark.parametrize("kind", ["gray", "deep", "palette", "rgb", "black"])
def test_fingerprints_never_raise_nor_see_tools_in_noise(shape, kind):
    generator = np.random.default_rng(sum(shape))
    pixels = generator.integers(0, 255, (*shape, 3) if kind == "rgb" else shape, dtype=np.uint8)
    palette = None
    if kind == "palette":
        palette = generator.integers(0, 255, (256, 3), dtype=np.uint8)
    elif kind == "deep":
        pixels = pixels.astype(np.uint16) * 257
    elif kind == "black":
        pixels = np.zeros((*shape, 3), np.uint8)
    found = recognition.read_tool(Picture(pixels, palette), Calibration())
    assert all(fact.confidence < 0.9 for fact in found.facts.values())


def test_a_picture_of_librosas_is_no_other_tools(speech_picture):
    assert "profile" not in recognition.read_tool(picture_files.read(speech_picture), Calibration()).facts


def test_a_profile_given_is_kept_whatever_the_fingerprint_says(speech):
    y, sr = speech
    picture = fastspec.encode(y[: 3 * sr], sr, profile="sox")
    picture = Picture(picture.pixels, picture.palette)
    assert fastspec.inspect(picture, profile="ffmpeg", duration=3.0, sr=sr)["profile"] == "ffmpeg"


@pytest.mark.parametrize("shape", [(1, 1), (300, 1), (200, 210), (400, 500), (591, 944)])
@pytest.mark.parametrize("kind", ["gray", "deep", "palette", "rgb", "black"])
def test_legends_are_seen_in_no_noise(shape, kind):
    rng = np.random.default_rng(sum(shape))
    pixels = rng.integers(0, 255, (*shape, 3) if kind == "rgb" else shape, dtype=np.uint8)
    palette = rng.integers(0, 255, (256, 3), dtype=np.uint8) if kind == "palette" else None
    if kind == "deep":
        pixels = pixels.astype(np.uint16) * 257
    elif kind == "black":
        pixels = np.zeros((*shape, 3), np.uint8)
    picture = Picture(pixels, palette)
    assert sox_legend.plot(picture) is None
    box = (58, 30, max(59, shape[1] - 86), max(31, shape[0] - 48))
    found = {"plot_area": detect_legend.pixels_fact(box, 1.0, "")}
    for tool in ("sox", "ffmpeg"):
        named = {**found, "profile": detect_legend.pixels_fact(tool, 1.0, "")}
        legend = recognition.read_legend(tools.of(tool), picture, named, Calibration())
        assert not set(legend.facts) & {"sr", "duration", "db_range", "cmap"}
