"""What is known of a picture when all its readers have been asked."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, PngImagePlugin

import fastspec
from fastspec.axes.frequency import FrequencyAxis
from fastspec.colours import colormap
from tests.detect.drawn import drawn, jpeg


def test_facts_of_a_profile_are_not_surer_than_the_profile():
    rng = np.random.default_rng(12)
    for name in ("gist_heat", "viridis", "bone"):
        table = colormap.get(name, "trunc").table
        area = table[rng.integers(0, 256, (300, 400))]
        out = io.BytesIO()
        info = PngImagePlugin.PngInfo()
        info.add_text("Software", "Matplotlib version3.8")
        Image.fromarray(area).save(out, "PNG", pnginfo=info)
        found = fastspec.inspect(io.BytesIO(out.getvalue()))
        assert (found["profile"], found["cmap"].removesuffix("_r")) == ("matplotlib-specgram", name)
        sure = found.facts["profile"].confidence
        assert sure < 0.9
        assert all(found.facts[n].confidence <= sure for n in ("origin", "freq_edges") if n in found)


def test_a_map_of_a_tool_needs_more_than_near_colours():
    area = jpeg(drawn(FrequencyAxis(scale="linear", sr=22050, n_fft=512), cmap="nipy_spectral"), 75)
    fact = fastspec.inspect(area).facts["cmap"]
    assert not fact.value.startswith(("ffmpeg", "sox")) or fact.confidence <= 0.7
