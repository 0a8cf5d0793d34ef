"""Colormaps, their direction and rounding, read off clean and damaged pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap, matching
from fastspec.detect.colormap import read_colours, recognise
from fastspec.detect.colormap_direction import reverse_of
from fastspec.detect.colour_survey import ColourSurvey

MAPS = [name for name in colormap.names() if not name.startswith(("gray8", "gray16", "sox", "ffmpeg", "riffusion"))]


@pytest.fixture(scope="module")
def levels(speech_picture):
    """Levels of a real spectrogram, as 0..1 of magma."""
    magma = colormap.get("magma")
    return magma.levels_of(matching.index_of(np.asarray(Image.open(speech_picture).convert("RGB")), magma).index)


def same_tables(name):
    table = colormap.get(name).table
    return {other for other in MAPS if np.array_equal(colormap.get(other).table, table)}


def painted(levels, name, rounding="round"):
    return colormap.colour_of(levels, colormap.get(name, rounding))


def damaged(rgb, kind):
    image = Image.fromarray(rgb)
    if kind.startswith("q"):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=int(kind[1:]))
        return np.asarray(Image.open(out))
    if kind == "noise":
        return np.clip(rgb + np.random.default_rng(0).normal(0, 10, rgb.shape) + 0.5, 0, 255).astype(np.uint8)
    if kind == "resized":
        return np.asarray(image.resize((int(image.width * 0.8), int(image.height * 0.7)), Image.Resampling.LANCZOS))
    if kind == "few":
        return np.asarray(image.quantize(64).convert("RGB"))
    return rgb


def test_every_map_is_named_from_a_clean_picture(levels):
    false = []
    for number, name in enumerate(MAPS):
        rounding = ("round", "trunc")[number % 2]
        read = read_colours(painted(levels, name, rounding), Calibration())
        fact = read.facts["cmap"]
        right = fact.value in same_tables(name)
        family = right or reverse_of(fact.value) in same_tables(name) or name.startswith("twilight")
        assert family, (name, fact)
        if not right:
            false.append((name, fact))
        elif "cmap_rounding" in read and read.facts["cmap_rounding"].confidence > 0.9:
            assert read["cmap_rounding"] == rounding, name
    assert len(false) <= 0.05 * len(MAPS), false
    assert all(fact.confidence <= 0.9 for _, fact in false)


@pytest.mark.parametrize("kind", ["q95", "q75", "noise", "resized", "few"])
def test_usual_maps_are_named_from_damaged_pictures(levels, kind):
    for name in (
        "magma",
        "viridis",
        "inferno",
        "plasma",
        "jet",
        "turbo",
        "hot",
        "coolwarm",
        "cividis",
        "gray_r",
        "gray",
    ):
        fact = read_colours(damaged(painted(levels, name), kind), Calibration()).facts["cmap"]
        assert fact.value in same_tables(name), (name, fact)


@pytest.mark.parametrize("kind", ["q75", "noise", "few"])
def test_no_false_map_is_stated_surely(levels, kind):
    for name in MAPS[::5]:
        fact = read_colours(damaged(painted(levels, name), kind), Calibration()).facts.get("cmap")
        assert fact is None or fact.value in same_tables(name) or fact.confidence <= 0.9, (name, fact)


def test_maps_that_share_their_few_colours_are_not_stated_surely():
    gray = np.array([0, 255], np.uint8)[np.random.default_rng(0).integers(0, 2, (50, 50))]
    fact = read_colours(np.repeat(gray[..., None], 3, axis=2), Calibration()).facts["cmap"]
    assert fact.confidence < 0.9


def test_darkness_and_nothing_name_no_map():
    assert "cmap" not in read_colours(np.tile(np.array([0, 0, 3], np.uint8), (9, 9, 1)), Calibration())
    assert not read_colours(np.empty((0, 4, 3), np.uint8), Calibration())


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 40, 3), (40, 1, 3), (5, 5)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_odd_pictures_are_read_without_an_error(shape, dtype):
    if dtype == np.uint16 and len(shape) == 3:
        shape = shape[:2]
    pixels = np.random.default_rng(1).integers(0, np.iinfo(dtype).max, shape).astype(dtype)
    for fact in read_colours(pixels, Calibration()).facts.values():
        assert 0 <= fact.confidence <= 0.99


def test_a_palette_is_looked_through(levels):
    cmap = colormap.get("viridis")
    entries = colormap.entry_of(levels, cmap)
    assert read_colours(entries, Calibration(), cmap.table)["cmap"] == "viridis"


def test_a_given_map_is_kept_and_only_its_rounding_read(levels):
    known = Calibration.of(cmap="viridis")
    read = read_colours(painted(levels, "viridis", "trunc"), known)
    assert set(read) == {"cmap_rounding"}
    assert read["cmap_rounding"] == "trunc"
    assert not read_colours(painted(levels, "magma"), known)


def test_gray_is_gray_whichever_way_it_is_stored(levels):
    gray = np.round(levels * 255).astype(np.uint8)
    assert read_colours(gray, Calibration())["cmap"] == "gray"
    assert read_colours(255 - gray, Calibration())["cmap"] == "gray_r"
    assert read_colours(gray.astype(np.uint16) * 257, Calibration())["cmap"] == "gray"


@pytest.mark.parametrize("rounding", ["round", "trunc"])
def test_greys_with_some_paint_is_told_from_plain_gray(rounding):
    levels = np.clip(np.random.default_rng(2).normal(120, 40, (90, 150)), 0, 255).astype(np.intp)
    clean = colormap.get("Greys", rounding).table[levels]
    painted = clean.copy()
    painted[:6, :20] = np.arange(120, dtype=np.uint8).reshape(6, 20, 1)  # grays that Greys has not
    for picture, name in ((clean, "Greys"), (painted, "Greys"), (colormap.get("gray").table[levels], "gray")):
        reading = recognise(ColourSurvey.of(picture))
        assert reading is not None
        assert reading.name == name
