"""Colormaps: the shipped tables are matplotlib's, users and tools may add to them."""

from __future__ import annotations

import pickle
import subprocess
import sys

import matplotlib
import numpy as np
import pytest

matplotlib.use("agg")
import matplotlib.pyplot as plt

from fastspec import colours
from fastspec.colours import colormap, matching
from fastspec.errors import ParameterError


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
        drawn = np.asarray(fig.canvas.buffer_rgba())[..., :3].copy()  # type: ignore[attr-defined]
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
    np.testing.assert_array_equal(matching.index_of(cmap.table[None], again).index[0], np.arange(256))


def test_runs_without_matplotlib():
    code = (
        "import sys; from fastspec.colours import colormap as c; c.get('magma'); c.names();"
        "assert not {'matplotlib', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_a_registered_table_is_known_at_once(registry):
    table = np.stack([np.arange(200), 255 - np.arange(200), np.arange(200) % 7], axis=1).astype(np.uint8)
    before, revision = colormap.names(), colormap.revision()
    colours.register("mine", table)
    colours.register("mine too", table[::-1], listed=False)
    assert set(colours.names()) - set(before) == {"mine", "mine_r"}
    assert colormap.revision() != revision
    for rounding in ("round", "trunc"):
        np.testing.assert_array_equal(colours.get("mine", rounding).table, table)
        np.testing.assert_array_equal(colours.get("mine_r", rounding).table, table[::-1])
    np.testing.assert_array_equal(colours.get("mine too").table, table[::-1])
    assert colormap.roundings("mine") == colormap.roundings("sox") == ("round",)
    assert colormap.roundings("magma") == ("round", "trunc")


def test_the_public_names_are_these():
    assert sorted(dir(colours)) == ["Colormap", "get", "names", "register"]


def test_a_name_in_use_is_refused(registry):
    ramp = np.linspace(0, 1, 30)[:, None] * [1, 0.5, 0]
    colours.register("ramp", ramp)
    for name in ("ramp", "ramp_r"):
        with pytest.raises(ParameterError, match="overwrite=True"):
            colours.register(name, ramp)
    colours.register("ramp", ramp[::-1], overwrite=True)
    np.testing.assert_array_equal(colours.get("ramp_r").table[0], [0, 0, 0])
    for name in ("magma", "gray8", "sox", "ffmpeg-fire_r", "riffusion"):
        with pytest.raises(ParameterError, match="comes with fastspec"):
            colours.register(name, ramp, overwrite=True)
    for name in ("", "x" * 101, "two\nlines", 7):
        with pytest.raises(ParameterError, match="1 to 100"):
            colours.register(name, ramp)


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
