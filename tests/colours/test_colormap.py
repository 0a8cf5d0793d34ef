"""Colormaps: the shipped tables are matplotlib's, and what was drawn is read back."""

from __future__ import annotations

import pickle
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

matplotlib.use("agg")
import matplotlib.pyplot as plt

from fastspec import colours
from fastspec.colours import colormap
from fastspec.errors import ParameterError, PictureError

PERCEPTUAL = ["magma", "viridis", "inferno", "plasma", "cividis", "gray", "gray_r", "jet", "turbo", "coolwarm", "hot"]


def every_index(cmap):
    """A picture of two rows that shows every entry."""
    return np.tile(np.arange(len(cmap)), (2, 1))


def test_tables_equal_those_of_the_installed_matplotlib():
    for name in matplotlib.colormaps:
        theirs = matplotlib.colormaps[name]
        floats = theirs(np.arange(theirs.N))[:, :3]
        trunc = theirs(np.arange(theirs.N), bytes=True)[:, :3]
        np.testing.assert_array_equal(colormap.get(name).table, np.floor(floats * 255 + 0.5), err_msg=name)
        np.testing.assert_array_equal(colormap.get(name, "trunc").table, trunc, err_msg=name)
    assert set(matplotlib.colormaps) <= set(colormap.names())


@pytest.mark.parametrize("name", ["magma", "jet", "terrain", "summer", "tab10", "twilight"])
@pytest.mark.parametrize("rounding", ["round", "trunc"])
def test_colours_are_those_that_pcolormesh_and_imshow_draw(name, rounding, rng):
    shape = (37, 90)
    levels = rng.random(shape).astype(np.float32)
    fig = plt.figure(figsize=(shape[1] / 100, shape[0] / 100), dpi=100)
    try:
        ax = fig.add_axes((0, 0, 1, 1))
        ax.axis("off")
        if rounding == "round":
            ax.pcolormesh(levels[::-1], cmap=name, vmin=0, vmax=1)
        else:
            ax.imshow(levels, cmap=name, vmin=0, vmax=1, aspect="auto", interpolation="nearest")
        fig.canvas.draw()
        drawn = np.asarray(fig.canvas.buffer_rgba())[..., :3].copy()
    finally:
        plt.close(fig)
    np.testing.assert_array_equal(colormap.colour_of(levels, colormap.get(name, rounding)), drawn)


@pytest.mark.parametrize("name", ["magma", "tab10", "twilight", "gray8_r", "gray16"])
def test_entries_are_those_whose_colours_are_drawn(name, rng):
    cmap, levels = colormap.get(name), rng.random((20, 30)).astype(np.float32)
    entries = colormap.entry_of(levels, cmap)
    assert entries.dtype == (np.uint8 if len(cmap) <= 256 else np.uint16)
    np.testing.assert_array_equal(cmap.table[entries], colormap.colour_of(levels, cmap))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ["magma", "tab10", "twilight", "Set1"])
def test_level_boundaries_match_matplotlib(name, dtype):
    n = len(colormap.get(name))
    edges = (np.arange(n + 1) / n).astype(dtype)
    levels = np.concatenate([edges, np.nextafter(edges, dtype(-1)), np.nextafter(edges, dtype(2)), [-1, 2, np.inf]])
    levels = levels.astype(dtype)[None]
    expected = matplotlib.colormaps[name](levels, bytes=True)[..., :3]
    np.testing.assert_array_equal(colormap.colour_of(levels, colormap.get(name, "trunc")), expected)


def test_nan_and_out_of_range_levels_are_clipped():
    for name in ("magma", "gray8", "gray16"):
        cmap = colormap.get(name)
        drawn = colormap.colour_of(np.array([[np.nan, -np.inf, -3.0, 7.0, np.inf]], np.float32), cmap)
        np.testing.assert_array_equal(drawn[0], cmap.table[[0, 0, 0, -1, -1]])


@pytest.mark.parametrize("method", ["auto", "exact", "nearest", "project"])
@pytest.mark.parametrize("rounding", ["round", "trunc"])
def test_every_map_is_inverted_exactly(method, rounding):
    for name in colormap.names():
        cmap = colormap.get(name, rounding)
        if not cmap.invertible or (method != "exact" and name not in PERCEPTUAL):
            continue
        index = every_index(cmap)
        got = colormap.index_of(cmap.table[index], cmap, method)
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
        got = colormap.index_of(table[None], cmap, method).index[0]
        np.testing.assert_array_equal(got, [0, 2, 2, 2, 4.5, 4.5, 2])


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
    got = colormap.index_of(pixels, cmap, method, distance=True)
    index, far = twin(pixels, cmap, method)
    np.testing.assert_allclose(got.distance, far, atol=1e-2)
    # two feet at the same distance may be told apart by rounding alone
    assert (np.abs(got.index - index) < 2e-3).mean() > 0.99


def test_nearest_in_weighted_ycbcr_matches_brute_force(rng):
    cmap = colormap.get("magma")
    pixels = rng.integers(0, 256, (20, 30, 3), dtype=np.uint8)
    m = colormap._YCBCR * np.sqrt([[1], [0.15], [0.15]])
    d = np.linalg.norm(pixels[:, :, None] @ m.T - cmap.table @ m.T, axis=-1)
    got = colormap.index_of(pixels, cmap, "nearest", chroma_weight=0.15, distance=True)
    np.testing.assert_allclose(got.distance, d.min(-1), atol=1e-2)
    assert (got.index == d.argmin(-1)).mean() > 0.99


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 254), st.floats(0, 1), st.sampled_from(["magma", "viridis", "gray", "cividis"]))
def test_blends_of_neighbours_read_between_them(k, t, name):
    cmap = colormap.get(name)
    mixed = np.rint((1 - t) * cmap.table[k].astype(float) + t * cmap.table[k + 1]).astype(np.uint8)
    got = colormap.index_of(mixed[None, None], cmap).index[0, 0]
    assert k - 1 <= got <= k + 2


def test_projection_is_finer_than_nearest_on_a_blended_picture():
    cmap = colormap.get("hot")
    true = np.linspace(30, 200, 4000)[None]
    low = np.floor(true).astype(int)
    t = (true - low)[..., None]
    pixels = np.rint((1 - t) * cmap.table[low] + t * cmap.table[low + 1]).astype(np.uint8)
    error = {m: np.abs(colormap.index_of(pixels, cmap, m).index - true).mean() for m in ("nearest", "project")}
    assert error["project"] < 0.75 * error["nearest"]


def test_exact_marks_unknown_colours_and_counts_them():
    cmap = colormap.get("magma")
    pixels = cmap.table[None, :4].copy()
    pixels[0, 1] = [0, 255, 0]
    got = colormap.index_of(pixels, cmap, "exact", distance=True)
    np.testing.assert_array_equal(got.index, [[0, np.nan, 2, 3]])
    np.testing.assert_array_equal(got.distance, [[0, np.nan, 0, 0]])
    assert got.exact == 0.75
    auto = colormap.index_of(pixels, cmap, distance=True)
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
        np.testing.assert_array_equal(colormap.index_of(pixels, cmap).index, index)
    np.testing.assert_array_equal(colormap.index_of(rgb[::-1], cmap).index, index[::-1])
    np.testing.assert_array_equal(colormap.index_of(rgba[..., :3][:, ::-2], cmap).index, index[:, ::-2])
    empty = colormap.colour_of(np.zeros((0, 17), np.float32), cmap)
    assert empty.shape == (0, 17, 3)
    assert colormap.index_of(rgb[:0], cmap).index.shape == (0, 17)
    assert colormap.index_of(rgb[:1, :1], cmap).index.shape == (1, 1)


def test_palette_pictures_are_read_by_their_palette(rng):
    cmap = colormap.get("magma")
    order = rng.permutation(256)
    pixels = rng.integers(0, 256, (9, 13), dtype=np.uint8)
    got = colormap.index_of(pixels, cmap, palette=cmap.table[order])
    np.testing.assert_array_equal(got.index, order[pixels])
    assert got.exact == 1
    off = cmap.table.copy()
    off[7] = [255, 0, 0]
    got = colormap.index_of(np.array([[7, 8]], np.uint8), cmap, palette=off, distance=True)
    assert got.exact == 0.5
    assert got.distance[0, 1] == 0 < got.distance[0, 0]
    with pytest.raises(PictureError, match="only 3 entries"):
        colormap.index_of(np.array([[3]], np.uint8), cmap, palette=cmap.table[:3])


@pytest.mark.parametrize("name", ["gray8", "gray8_r", "gray16", "gray16_r"])
def test_plain_gray_levels_come_back(name, rng):
    cmap = colormap.get(name)
    levels = rng.random((20, 30)).astype(np.float32)
    pixels = colormap.colour_of(levels, cmap)
    assert pixels.shape == levels.shape
    got = cmap.levels_of(colormap.index_of(pixels, cmap).index)
    np.testing.assert_allclose(got, levels, atol=0.5001 / (len(cmap) - 1) + 1e-7)
    assert (pixels[levels > 0.8].max() > pixels[levels < 0.2].max()) == (not name.endswith("_r"))


def test_gray_pictures_of_other_depths():
    k = np.arange(256, dtype=np.uint8)[None]
    deep = k.astype(np.uint16) * 257
    for name in ("gray8", "gray16", "gray", "gist_gray"):
        cmap = colormap.get(name)
        full = k * np.float32((len(cmap) - 1) / 255)
        np.testing.assert_allclose(colormap.index_of(k, cmap).index, full, rtol=1e-6)
        np.testing.assert_allclose(colormap.index_of(deep, cmap).index, full, rtol=1e-6)
        np.testing.assert_allclose(colormap.index_of(np.dstack([k] * 3), cmap).index, full, rtol=1e-6)
        backward = colormap.get(name + "_r")
        np.testing.assert_allclose(colormap.index_of(k, backward).index, full[:, ::-1], rtol=1e-6)
        np.testing.assert_allclose(colormap.index_of(deep, backward).index, full[:, ::-1], rtol=1e-6)
    between = colormap.index_of(np.array([[128]], np.uint16), colormap.get("gray")).index
    assert between[0, 0] == pytest.approx(128 / 257)
    with pytest.raises(PictureError, match="magma"):
        colormap.index_of(deep, colormap.get("magma"))


def test_levels_of_gives_the_middle_of_a_cell():
    cmap = colormap.get("magma")
    np.testing.assert_allclose(cmap.levels_of(np.array([[0, 255]])), [[0.5 / 256, 255.5 / 256]])
    ramp = colormap.get("gray8")
    np.testing.assert_allclose(ramp.levels_of(np.array([[0, 255]])), [[0, 1]])
    index = every_index(cmap)
    np.testing.assert_array_equal(colormap.colour_of(cmap.levels_of(index), cmap), cmap.table[index])


def test_unknown_names_and_options_say_what_to_do():
    with pytest.raises(ParameterError, match=r"magna.*did you mean.*magma"):
        colormap.get("magna")
    with pytest.raises(ParameterError, match=r"names\(\)"):
        colormap.get("zzzzzz")
    with pytest.raises(ParameterError, match=r"Viridis.*viridis"):
        colormap.get("Viridis")
    with pytest.raises(ParameterError, match="floor"):
        colormap.get("magma", "floor")
    cmap = colormap.get("magma")
    pixels = cmap.table[None]
    with pytest.raises(ParameterError, match="best"):
        colormap.index_of(pixels, cmap, "best")
    with pytest.raises(ParameterError, match="chroma_weight=0"):
        colormap.index_of(pixels, cmap, chroma_weight=0)
    for bad in (pixels[0, 0], pixels.astype(float), np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2, 3), np.uint16)):
        with pytest.raises(PictureError, match="shape"):
            colormap.index_of(bad, cmap)
    with pytest.raises(ParameterError, match="height, width"):
        colormap.colour_of(np.zeros(3), cmap)
    with pytest.raises(ParameterError, match="bad"):
        colormap.Colormap("bad", np.zeros((4, 4), np.uint8))


def test_maps_are_immutable_and_can_be_pickled():
    cmap = colormap.get("magma")
    assert colormap.get("magma") is cmap
    with pytest.raises(ValueError, match="read-only"):
        cmap.table[0] = 0
    again = pickle.loads(pickle.dumps(cmap))
    np.testing.assert_array_equal(again.table, cmap.table)
    np.testing.assert_array_equal(colormap.index_of(cmap.table[None], again).index[0], np.arange(256))


def test_runs_without_matplotlib():
    code = (
        "import sys; from fastspec.colours import colormap as c; c.get('magma'); c.names();"
        "assert not {'matplotlib', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_a_registered_table_is_known_at_once():
    table = np.stack([np.arange(200), 255 - np.arange(200), np.arange(200) % 7], axis=1).astype(np.uint8)
    before, revision = colormap.names(), colormap.revision()
    try:
        colours.register("mine", lambda: table, guards=(1, 0))
        colours.register("mine too", table[::-1], listed=False)
        assert set(colours.names()) - set(before) == {"mine"}
        assert colormap.revision() != revision
        for rounding in ("round", "trunc"):
            np.testing.assert_array_equal(colours.get("mine", rounding).table, table)
        assert colours.get("mine").guards == (1, 0)
        np.testing.assert_array_equal(colours.get("mine too").table, table[::-1])
        assert colormap.roundings("mine") == colormap.roundings("sox") == ("round",)
        assert colormap.roundings("magma") == ("round", "trunc")
    finally:
        for name in ("mine", "mine too"):
            colormap._registered.pop(name, None)
        colormap.get.cache_clear()


def test_tools_are_imported_only_when_their_maps_are_asked_for():
    code = (
        "import sys; from fastspec import colours; colours.get('magma'); colours.get('gray8');"
        "from fastspec.colours import colormap; tools = set(colormap._PROVIDERS); assert not tools & set(sys.modules);"
        "colours.get('sox'); assert tools <= set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_all_maps_of_tools_can_be_had():
    assert {"sox", "sox-high_r", "ffmpeg-fire", "audacity-classic_r"} <= set(colormap.names())
    assert not {"sox-mono", "riffusion", "audacity-inverse"} & set(colormap.names())
    assert colormap.get("sox").guards == colormap.get("sox-mono_r").guards == (1, 1)
    assert colormap.get("riffusion").guards == colormap.get("audacity_r").guards == (1, 0)
