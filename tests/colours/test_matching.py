"""Colours are read back to the entries of a table that drew them, or to what lies between."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastspec.colours import colormap, matching
from fastspec.errors import ParameterError, PictureError

PERCEPTUAL = ["magma", "viridis", "inferno", "plasma", "cividis", "gray", "gray_r", "jet", "turbo", "coolwarm", "hot"]


@pytest.mark.parametrize("method", ["auto", "exact", "nearest", "project"])
@pytest.mark.parametrize("rounding", ["round", "trunc"])
def test_every_map_is_inverted_exactly(method, rounding):
    for name in colormap.names():
        cmap = colormap.get(name, rounding)
        if not cmap.invertible or (method != "exact" and name not in PERCEPTUAL):
            continue
        index = every_index(cmap)
        got = matching.index_of(cmap.table[index], cmap, method)
        assert got.exact == 1
        np.testing.assert_array_equal(cmap.table[np.rint(got.index).astype(int)], cmap.table[index], err_msg=name)
        if cmap.levels == len(cmap):
            np.testing.assert_array_equal(got.index, index, err_msg=name)


def test_equal_neighbours_decode_to_the_middle_of_their_run():
    table = np.array([[0, 0, 0], [9, 9, 9], [9, 9, 9], [9, 9, 9], [20, 0, 0], [20, 0, 0], [9, 9, 9]], np.uint8)
    cmap = colormap.Colormap("runs", table)
    assert not cmap.invertible
    assert cmap.levels == 3
    for method in ("auto", "exact", "nearest", "project"):
        got = matching.index_of(table[None], cmap, method).index[0]
        np.testing.assert_array_equal(got, [0, 2, 2, 2, 4.5, 4.5, 2])


def every_index(cmap):
    """A picture of two rows that shows every entry."""
    return np.tile(np.arange(len(cmap)), (2, 1))


def twin(pixels, cmap, method):
    """Nearest entry by brute force, then the two segments that meet there."""
    table = cmap.table.astype(float)
    out, far = np.empty(pixels.shape[:2]), np.empty(pixels.shape[:2])
    for at in np.ndindex(out.shape):
        p = pixels[at].astype(float)
        d = ((table - p) ** 2).sum(1)
        k = int(d.argmin())
        out[at], far[at] = k, d[k]
        for low in {k - 1, k} & set(range(len(table) - 1)) if method == "project" else ():
            u = table[low + 1] - table[low]
            t = np.clip((p - table[low]) @ u / (u @ u), 0, 1)
            foot = ((table[low] + t * u - p) ** 2).sum()
            if foot < far[at] - 1e-9:
                out[at], far[at] = low + t, foot
    return out, np.sqrt(far)


@pytest.mark.parametrize("method", ["nearest", "project"])
@pytest.mark.parametrize("name", ["magma", "turbo", "tab20", "seismic"])
def test_unknown_colours_match_brute_force(name, method, rng):
    cmap = colormap.get(name)
    pixels = rng.integers(0, 256, (20, 60, 3), dtype=np.uint8)
    pixels[:10] = np.clip(cmap.table[rng.integers(0, len(cmap), (10, 60))] + rng.normal(0, 8, (10, 60, 3)), 0, 255)
    got = matching.index_of(pixels, cmap, method, distance=True)
    index, far = twin(pixels, cmap, method)
    np.testing.assert_allclose(got.distance, far, atol=1e-2)
    # two feet at the same distance may be told apart by rounding alone
    assert (np.abs(got.index - index) < 2e-3).mean() > 0.99


def test_nearest_in_weighted_ycbcr_matches_brute_force(rng):
    cmap = colormap.get("magma")
    pixels = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    m = matching.YCBCR * np.sqrt([[1], [0.15], [0.15]])
    d = np.linalg.norm(pixels[:, :, None] @ m.T - cmap.table @ m.T, axis=-1)
    got = matching.index_of(pixels, cmap, "nearest", chroma_weight=0.15, distance=True)
    np.testing.assert_allclose(got.distance, d.min(-1), atol=1e-2)
    assert (got.index == d.argmin(-1)).mean() > 0.99


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 254), st.floats(0, 1), st.sampled_from(["magma", "viridis", "gray", "cividis"]))
def test_blends_of_neighbours_read_between_them(k, t, name):
    cmap = colormap.get(name)
    mixed = np.rint((1 - t) * cmap.table[k].astype(float) + t * cmap.table[k + 1]).astype(np.uint8)
    got = matching.index_of(mixed[None, None], cmap).index[0, 0]
    assert k - 1 <= got <= k + 2


def test_projection_is_finer_than_nearest_on_a_blended_picture():
    cmap = colormap.get("hot")
    true = np.linspace(30, 200, 4000)[None]
    low = np.floor(true).astype(int)
    t = (true - low)[..., None]
    pixels = np.rint((1 - t) * cmap.table[low] + t * cmap.table[low + 1]).astype(np.uint8)
    error = {m: np.abs(matching.index_of(pixels, cmap, m).index - true).mean() for m in ("nearest", "project")}
    assert error["project"] < 0.75 * error["nearest"]


def test_exact_marks_unknown_colours_and_counts_them():
    cmap = colormap.get("magma")
    pixels = cmap.table[None, :4].copy()
    pixels[0, 1] = [0, 255, 0]
    got = matching.index_of(pixels, cmap, "exact", distance=True)
    np.testing.assert_array_equal(got.index, [[0, np.nan, 2, 3]])
    np.testing.assert_array_equal(got.distance, [[0, np.nan, 0, 0]])
    assert got.exact == 0.75
    auto = matching.index_of(pixels, cmap, distance=True)
    assert np.isfinite(auto.index).all()
    assert auto.exact == 0.75
    assert auto.distance[0, 1] > 100
    assert auto.distance[0, 0] == 0


def test_layouts_of_the_same_picture_give_the_same_reading(rng):
    cmap = colormap.get("magma")
    index = rng.integers(0, 256, (11, 17))
    rgb = cmap.table[index]
    rgba = np.dstack([rgb, np.full((11, 17, 1), 255, np.uint8)])
    rgba.flags.writeable = False
    odd = np.zeros((11, 40, 3), np.uint8)
    odd[:, :17] = rgb
    variants = [rgb, rgba[..., :3], odd[:, :17], np.asfortranarray(rgb), rgb[::-1][::-1], rgb[:, ::-1][:, ::-1]]
    for pixels in variants:
        np.testing.assert_array_equal(matching.index_of(pixels, cmap).index, index)
    np.testing.assert_array_equal(matching.index_of(rgb[::-1], cmap).index, index[::-1])
    np.testing.assert_array_equal(matching.index_of(rgba[..., :3][:, ::-2], cmap).index, index[:, ::-2])
    empty = colormap.colour_of(np.zeros((0, 17), np.float32), cmap)
    assert empty.shape == (0, 17, 3)
    assert matching.index_of(rgb[:0], cmap).index.shape == (0, 17)
    assert matching.index_of(rgb[:1, :1], cmap).index.shape == (1, 1)


def test_palette_pictures_are_read_by_their_palette(rng):
    cmap = colormap.get("magma")
    order = rng.permutation(256)
    pixels = rng.integers(0, 256, (9, 13), dtype=np.uint8)
    got = matching.index_of(pixels, cmap, palette=cmap.table[order])
    np.testing.assert_array_equal(got.index, order[pixels])
    assert got.exact == 1
    off = cmap.table.copy()
    off[7] = [255, 0, 0]
    got = matching.index_of(np.array([[7, 8]], np.uint8), cmap, palette=off, distance=True)
    assert got.exact == 0.5
    assert got.distance[0, 1] == 0 < got.distance[0, 0]
    with pytest.raises(PictureError, match="only 3 entries"):
        matching.index_of(np.array([[3]], np.uint8), cmap, palette=cmap.table[:3])


@pytest.mark.parametrize("name", ["gray8", "gray8_r", "gray16", "gray16_r"])
def test_plain_gray_levels_come_back(name, rng):
    cmap = colormap.get(name)
    levels = rng.random((20, 30)).astype(np.float32)
    pixels = colormap.colour_of(levels, cmap)
    assert pixels.shape == levels.shape
    got = cmap.levels_of(matching.index_of(pixels, cmap).index)
    np.testing.assert_allclose(got, levels, atol=0.5001 / (len(cmap) - 1) + 1e-7)
    assert (pixels[levels > 0.8].max() > pixels[levels < 0.2].max()) == (not name.endswith("_r"))


def test_gray_pictures_of_other_depths():
    k = np.arange(256, dtype=np.uint8)[None]
    deep = k.astype(np.uint16) * 257
    for name in ("gray8", "gray16", "gray", "gist_gray"):
        cmap = colormap.get(name)
        full = k * np.float32((len(cmap) - 1) / 255)
        np.testing.assert_allclose(matching.index_of(k, cmap).index, full, rtol=1e-6)
        np.testing.assert_allclose(matching.index_of(deep, cmap).index, full, rtol=1e-6)
        np.testing.assert_allclose(matching.index_of(np.dstack([k] * 3), cmap).index, full, rtol=1e-6)
        backward = colormap.get(name + "_r")
        np.testing.assert_allclose(matching.index_of(k, backward).index, full[:, ::-1], rtol=1e-6)
        np.testing.assert_allclose(matching.index_of(deep, backward).index, full[:, ::-1], rtol=1e-6)
    between = matching.index_of(np.array([[128]], np.uint16), colormap.get("gray")).index
    assert between[0, 0] == pytest.approx(128 / 257)
    with pytest.raises(PictureError, match="magma"):
        matching.index_of(deep, colormap.get("magma"))


def test_unknown_options_and_pixels_say_what_to_do():
    cmap = colormap.get("magma")
    pixels = cmap.table[None]
    with pytest.raises(ParameterError, match="best"):
        matching.index_of(pixels, cmap, "best")
    with pytest.raises(ParameterError, match="chroma_weight=0"):
        matching.index_of(pixels, cmap, chroma_weight=0)
    for bad in (pixels[0, 0], pixels.astype(float), np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 3), np.uint16)):
        with pytest.raises(PictureError, match="shape"):
            matching.index_of(bad, cmap)


@pytest.fixture
def rng():
    return np.random.default_rng(5)
