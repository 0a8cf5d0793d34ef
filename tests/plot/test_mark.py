"""The calibration in the pixels: what it outlives, what it costs, and that nothing else is taken for one."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

import fastspec
import fastspec.colours.colormap
from fastspec.picture.picture import Picture
from fastspec.plot import mark

OPTIONS = {"n_fft": 512, "hop_length": 100, "window": "hamming"}


@pytest.fixture(scope="module")
def sound():
    """Tones that come and go, with noise below them."""
    rng = np.random.default_rng(0)
    t = np.arange(24000) / 16000
    tones = (np.sin(2 * np.pi * f * t) * (np.sin(2 * np.pi * r * t) > 0) for f, r in rng.uniform(2, 7000, (9, 2)))
    return (sum(tones) + 1e-2 * rng.standard_normal(len(t))).astype(np.float32), 16000


@pytest.fixture(scope="module")
def picture(sound):
    return fastspec.encode(*sound, **OPTIONS)


def saved(pixels, format="PNG", **how):
    """What a reader finds of pixels that another program has saved."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format, **how)
    out.seek(0)
    return np.asarray(Image.open(out))


@pytest.mark.parametrize("kind", ["palette", "rgb", "gray", "16 bits", "viridis"])
def test_a_picture_that_lost_its_text_is_the_same_sound(sound, kind, tmp_path):
    more: dict = {"gray": {"cmap": "gray"}, "16 bits": {"bits": 16}, "viridis": {"cmap": "viridis"}}.get(kind, {})
    drawn = fastspec.encode(*sound, **{**OPTIONS, **more})
    bare = Picture(saved(drawn.rgb())) if kind == "rgb" else Picture(drawn.pixels, palette=drawn.palette)
    found = fastspec.inspect(bare)
    assert {found.source(name) for name in ("sr", "n_fft", "hop_length", "window", "duration", "db_range")} == {
        "embedded"
    }
    assert found.facts["sr"].note == "the mark in the picture's pixels"
    np.testing.assert_array_equal(fastspec.decode(bare)[0], fastspec.decode(drawn)[0])


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (120, 60, 30)])
def test_paint_over_half_of_the_picture_leaves_it(picture, colour):
    for part in (np.s_[:, :120], np.s_[130:], np.s_[60:200, 20:200]):
        pixels = picture.rgb().copy()
        pixels[part] = colour
        assert mark.read(Picture(pixels)) == picture.embedded


def test_parts_that_were_made_louder_moved_or_blurred_leave_it(picture):
    entries = picture.pixels.copy()
    entries[:, :100] = np.minimum(entries[:, :100].astype(int) + 19, 255)
    entries[40:80, 100:200] = entries[140:180, 20:120]
    assert mark.read(Picture(entries, palette=picture.palette)) == picture.embedded
    everywhere = np.minimum(picture.pixels + 1, 255).astype(np.uint8)
    assert mark.read(Picture(everywhere, palette=picture.palette)) == picture.embedded


def test_where_pixels_agree_by_chance_no_text_is_made_of_them(monkeypatch):
    def decoded(*_):
        raise AssertionError("a mark was looked for")

    monkeypatch.setattr(mark, "_decoded", decoded)
    rng = np.random.default_rng(3)
    for shape in ((129, 300), (513, 200), (1025, 400)):
        noise = rng.integers(0, 256, shape).astype(np.uint8)
        table = np.asarray(fastspec.colours.colormap.get("viridis").table)
        flat = np.full(shape, 90, np.uint8)
        flat[: shape[0] // 2] = 31
        for bare in (Picture(noise), Picture(noise, palette=table), Picture(table[noise]), Picture(flat)):
            assert mark.read(bare) is None


@pytest.mark.parametrize("how", ["left", "scattered", "moved"])
def test_what_is_left_of_a_mark_is_looked_at(picture, how):
    rng = np.random.default_rng(4)
    entries = picture.pixels.copy()
    other = rng.integers(1, 255, entries.shape).astype(np.uint8)
    where = np.zeros(entries.shape, bool)
    if how == "left":
        where[:, 110:] = True
    elif how == "scattered":
        where = rng.random(entries.shape) < 0.2
    else:  # half of it by an odd number of levels: the halves say the contrary of each other
        where[:, : entries.shape[1] // 2] = True
        other = np.minimum(entries.astype(int) + 7, 255).astype(np.uint8)
    entries[where] = other[where]
    assert mark.read(Picture(entries, palette=picture.palette)) == picture.embedded


def test_a_picture_that_was_cut_on_the_right_has_fewer_frames(picture):
    found = fastspec.inspect(Picture(picture.rgb()[:, :150].copy()))
    assert (found["n_frames"], found["sr"]) == (150, 16000)
    assert any("cut to 150 frames" in remark for remark in found.remarks)


@pytest.mark.parametrize("how", [{"quality": 75}, {"quality": 100, "subsampling": 0}])
def test_a_jpeg_claims_nothing(picture, how):
    assert mark.read(Picture(saved(picture.rgb(), "JPEG", **how))) is None


@pytest.mark.parametrize("size", [(241, 200), (220, 257), (482, 514)])
def test_a_resized_picture_claims_nothing(picture, size):
    resized = np.asarray(Image.fromarray(picture.rgb()).resize(size, Image.Resampling.BICUBIC))
    assert mark.read(Picture(resized)) is None


def test_no_other_picture_claims_anything(sound):
    rng = np.random.default_rng(1)
    table = fastspec.encode(*sound, **OPTIONS).palette
    for seed in range(20):
        entries = np.random.default_rng(seed).integers(0, 256, (257, 200), dtype=np.uint8)
        assert mark.read(Picture(entries, palette=table)) is None
    assert mark.read(Picture(rng.integers(0, 256, (257, 200, 3), dtype=np.uint8))) is None
    assert mark.read(Picture(np.zeros((257, 200), np.uint8))) is None


def test_it_costs_a_level_of_quiet_pixels_and_none_of_the_loudest_and_lowest(sound, picture, monkeypatch):
    monkeypatch.setattr(mark, "drawn", lambda levels, *_: levels)
    plain = fastspec.encode(*sound, **OPTIONS)
    moved = plain.pixels.astype(int) - picture.pixels
    assert np.abs(moved).max() == 1
    assert 0 < np.mean(moved != 0) < 0.13
    assert not moved[(plain.pixels == 0) | (plain.pixels == 255)].any()
    decoder = fastspec.Decoder()
    one, other = (decoder.read(each).magnitude for each in (plain, picture))
    assert 20 * np.log10(np.linalg.norm(one - other) / np.linalg.norm(one)) < -37  # here loud ones are marked, too


def test_rounding_goes_to_the_nearer_level_of_the_right_parity():
    position = np.random.default_rng(0).uniform(0.05, 0.55, (257, 300))
    levels = (position * 256).astype(np.uint8)
    out = mark.drawn(levels, position, "{}", "magma")
    assert (out != levels).any()
    assert np.abs(position * 256 - (out + 0.5)).max() <= 1.0


def test_silence_small_pictures_and_odd_ones_have_no_mark(sound):
    assert len(np.unique(fastspec.encode(np.zeros(8000, np.float32), sound[1]).pixels)) == 1
    levels = np.full((257, 4), 100, np.uint8)
    assert mark.drawn(levels, levels / 256, '{"facts": {}}', "magma") is levels
    assert mark.drawn(levels, levels / 256, "{}", "another map") is levels
    large = np.full((480, 640), 100, np.uint8)
    assert mark.drawn(large, large / 256, "{}", "magma") is large
    assert mark.read(Picture(large)) is None


@pytest.mark.parametrize(
    ("rows", "yes"), [(513, True), (1025, True), (201, True), (251, True), (480, False), (1, False)]
)
def test_rows_of_usual_lengths_of_the_fft(rows, yes):
    assert mark.fits(rows) is yes


def test_a_text_in_the_file_or_beside_it_is_asked_first(picture, sound):
    other = fastspec.encode(sound[0], 8000, **OPTIONS)
    both = Picture(picture.pixels, palette=picture.palette, embedded=other.embedded)
    assert fastspec.inspect(both)["sr"] == 8000
    assert fastspec.inspect(Picture(picture.pixels, palette=picture.palette), sr=8000).source("n_fft") == "embedded"
