"""Pictures that an editor enlarged by any factor and filter are made small again."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import fastspec
from fastspec.detect import enlarged
from fastspec.kernels.imshow import invert

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "linear": Image.Resampling.BILINEAR,
    "cubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


@pytest.fixture(scope="module")
def small():
    """Noise whose neighbours are alike, as those of spectra are."""
    rng = np.random.default_rng(5)
    levels = rng.normal(size=(97, 141)).cumsum(axis=1) + 2 * rng.normal(size=(97, 141))
    return np.clip(128 + 8 * levels, 50, 200).astype(np.uint8)


@pytest.fixture(scope="module")
def drawn(speech_picture):
    with Image.open(speech_picture) as image:
        return image.convert("RGB")


@pytest.mark.parametrize("kind", list(FILTERS))
@pytest.mark.parametrize("size", [(204, 171), (329, 194), (200, 291)])
def test_size_filter_and_pixels_come_back(small, kind, size):
    found = enlarged.before(np.asarray(Image.fromarray(small).resize(size, FILTERS[kind])))
    assert found is not None
    assert (found.kind, found.pixels.shape) == (kind, small.shape)
    off = np.abs(found.pixels.astype(int) - small)
    assert off.mean() < (0.5 if kind != "nearest" else 1e-9)


def test_lines_taken_at_their_upper_ends(small):
    rows, columns = (np.arange(n) * old // n for n, old in ((231, 97), (250, 141)))
    found = enlarged.before(small[rows][:, columns])
    assert found is not None
    np.testing.assert_array_equal(found.pixels, small)


def test_other_pictures_were_not_enlarged(small):
    image = Image.fromarray(small)
    rng = np.random.default_rng(2)
    spoilt = np.asarray(image.resize((329, 194), Image.Resampling.BICUBIC)).astype(int) + rng.integers(
        -9, 9, (194, 329)
    )
    one_way = np.asarray(image.resize((329, 97), Image.Resampling.NEAREST))
    for pixels in (
        small,
        np.asarray(image.resize((90, 60), Image.Resampling.LANCZOS)),
        np.clip(spoilt, 0, 255).astype(np.uint8),
        one_way,
        np.zeros((200, 200), np.uint8),
        np.linspace(0, 255, 40_000).reshape(200, 200).astype(np.uint8),
    ):
        assert enlarged.before(pixels) is None


def test_a_few_other_borders_hide_the_size():
    borders = np.zeros(299, bool)
    which = np.floor((np.arange(300) + 0.5) * 0.6)
    borders[which[1:] != which[:-1]] = True
    assert enlarged.repeated(borders) == (180, pytest.approx(0.5, abs=1e-3))
    borders[np.flatnonzero(~borders)[60]] = True
    assert enlarged.repeated(borders) is None


@pytest.mark.parametrize(("lines", "many"), [(1201, 2400), (1153, 1500), (640, 1279)])
def test_one_line_less_of_many_explains_nearly_all_borders_and_is_not_it(lines, many):
    which = np.floor((np.arange(many) + 0.5) * lines / many)
    assert enlarged.repeated(which[1:] != which[:-1]) == (lines, pytest.approx(0.5, abs=1e-3))


@pytest.mark.parametrize(("rows", "frames", "size"), [(80, 54, (640, 480)), (128, 60, (720, 512))])
def test_cells_that_are_wider_than_high_come_back_one_a_pixel(rows, frames, size):
    values = np.random.default_rng(rows).integers(0, 255, (rows, frames)).astype(np.uint8)
    found = enlarged.before(np.asarray(Image.fromarray(values).resize(size, Image.Resampling.NEAREST)))
    assert found is not None
    assert found.pixels.shape == (rows, frames)


@pytest.mark.parametrize("lines", [500, 600, 800, 1000])
def test_a_line_that_lies_on_a_pixels_middle_is_no_excuse_for_all_others(lines):
    borders = np.ones(lines - 1, bool)  # of a plot, within margins
    borders[: lines // 8] = borders[-lines // 8 :] = False
    assert enlarged.repeated(borders) is None


def test_entries_of_a_palette_are_not_blended(small):
    pixels = np.asarray(Image.fromarray(small).resize((329, 194), Image.Resampling.BILINEAR))
    assert enlarged.before(pixels, filters=()) is None


@pytest.mark.parametrize(("kind", "size"), [("nearest", (1011, 733)), ("lanczos", (1120, 840)), ("linear", (900, 675))])
def test_a_bent_axis_is_still_read(drawn, kind, size):
    before = fastspec.inspect(drawn)
    large = fastspec.inspect(np.asarray(drawn.resize(size, FILTERS[kind])))
    for name in ("freq_scale", "sr", "n_fft", "cmap"):
        assert large.facts[name].value == before.facts[name].value
        assert large.facts[name].source == "pixels"
    assert large["plot_area"] == (0, 0, *size)
    assert (large.picture["width"], large.picture["height"]) == size
    assert any(f"from {drawn.width} x {drawn.height} to" in remark for remark in large.remarks)


@pytest.mark.parametrize("rows", [80, 96, 128])
@pytest.mark.parametrize("times", [(1.9, 2.3), (2.7, 1.4)])
def test_blended_cells_of_imshow_are_those_of_the_array(rows, times):
    rng = np.random.default_rng(rows)
    values = rng.normal(size=(rows, 113)).cumsum(axis=1) + 2 * rng.normal(size=(rows, 113))
    figure = Figure(figsize=(round(113 * times[0]) / 100, round(rows * times[1]) / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(values, aspect="auto", cmap="plasma", interpolation="antialiased")
    axes.axis("off")
    out = io.BytesIO()
    figure.savefig(out)
    out.seek(0)
    cal = fastspec.inspect(out, n_mels=rows, freq_scale="mel")
    assert cal["freq_edges"] == "cells"
    assert (cal["n_frames"], cal.source("n_frames")) == (113, "pixels")


def test_rows_alone_come_back_where_columns_were_reduced(small):
    rows = np.vstack([small, small[:31]])  # 128 of them
    for kind in ("nearest", "cubic"):
        pixels = np.asarray(Image.fromarray(rows).resize((100, 256), FILTERS[kind]))
        found = enlarged.before(pixels)
        assert found is not None
        assert found.pixels.shape == (128, 100)
        cal = fastspec.inspect(pixels)
        assert cal.source("n_frames") == "assumed"
    # 97 rows are those of no array
    assert enlarged.before(np.asarray(Image.fromarray(small).resize((100, 194), FILTERS["nearest"]))) is None


def test_bands_that_were_reduced_are_equal_rows_unless_a_tool_is_given(small):
    pixels = np.asarray(Image.fromarray(small).resize((100, 71), FILTERS["nearest"]))
    cal = fastspec.inspect(pixels, freq_scale="mel", n_mels=97, n_fft=2048)
    assert (cal["freq_edges"], cal.source("freq_edges")) == ("cells", "assumed")
    assert any("--profile librosa" in remark for remark in cal.remarks)
    bent = fastspec.inspect(pixels, freq_scale="mel", n_mels=97, n_fft=2048, profile="librosa")
    assert bent["freq_edges"] != "cells"


@pytest.mark.parametrize("most", [0, 1, 4])
def test_plausible_numbers_of_lines_are_those_of_the_slow_way(most):
    rng = np.random.default_rng(most)
    for many in (50, 97, 640):
        lines = int(rng.integers(many // 2, many - 9))
        which = (np.arange(many) + 0.5) * lines // many
        seen = np.flatnonzero(np.diff(which)) + 1
        seen = np.unique(np.concatenate([seen[rng.random(len(seen)) < 0.9], rng.integers(1, many, 2)]))
        tried = np.arange(many // 3, many - 8)
        left = tried[:, None] / many
        missed = []
        for at in (0.5, 0.0):
            last = (seen - 1 + at) * left - enlarged.LIMITS.even
            missed.append(((last - np.floor(last)) < 1 - left - 2 * enlarged.LIMITS.even).sum(axis=1))
        kept = tried[np.minimum(*missed) <= most]
        np.testing.assert_array_equal(enlarged._plausible(tried, seen, many, most), kept)


@pytest.mark.parametrize("kind", ["cubic", "lanczos", "linear"])
def test_what_was_cut_off_is_set_anew_as_the_slow_way_does(kind):
    small = np.random.default_rng(2).integers(0, 256, (60, 300)).astype(np.uint8)
    small[:20], small[40:] = 0, 255
    image = Image.fromarray(small).resize((300, 150), FILTERS[kind])
    lines = np.asarray(image).astype(np.float32)
    index, weight = enlarged.blend(60, 150, kind)
    black, white = lines <= 0, lines >= 255
    seen, width = lines, 1 + max(2, int(np.ptp(index, axis=1).max()))
    out = np.empty((60, 300), np.float32)
    for turn in range(1 if kind == "linear" else 1 + enlarged.LIMITS.clipped):
        if turn:
            out = np.clip(out, 0, 255)
            shown = np.zeros_like(lines)
            for tap in range(index.shape[1]):
                shown += weight[:, tap, None] * out[index[:, tap]]
            seen = np.where(black, np.minimum(shown, 0), np.where(white, np.maximum(shown, 255), lines))
        invert(seen, index, weight, enlarged.LIMITS.smooth, out, np.zeros((60, width)))
    cells, filled = enlarged._fitted(lines, 60, kind)
    np.testing.assert_array_equal(cells, out)
    np.testing.assert_array_equal(filled, seen)
    np.testing.assert_array_equal(enlarged.undone(lines, 60, kind), np.clip(np.rint(out), 0, 255))


@pytest.mark.parametrize(("at", "way"), [(0.5, 1e-6), (0.5, -1e-6), (0.0, 1e-6)])
def test_borders_that_no_line_explains_are_those_of_the_slow_way(at, way):
    rng = np.random.default_rng(1)
    for many in (96, 97, 640):
        seen, lines = np.unique(rng.integers(1, many, many // 2)), np.arange(many // 3, many - 8)
        rare = (np.gcd(lines, many) <= enlarged.LIMITS.seldom * (many - lines))[:, None]
        last = np.floor((seen - 1 + at) * lines[:, None] / many + np.where(rare, -enlarged.LIMITS.even, way))
        this = np.floor((seen + at) * lines[:, None] / many + np.where(rare, enlarged.LIMITS.even, way))
        np.testing.assert_array_equal(enlarged._missed(lines, seen, many, at, way), (last == this).sum(axis=1))
