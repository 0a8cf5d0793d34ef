"""A figure's own colour bar tells the map, its direction, and the table of a map that nobody knows."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import LinearSegmentedColormap

import fastspec
from fastspec.calibration import report
from fastspec.colours import colormap, user_tables
from fastspec.detect import bar_colours
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.picture.picture import Picture
from tests.detect.figure.figures import decibels, saved

OWN = LinearSegmentedColormap.from_list("own", ["#102010", "#205090", "#d050a0", "#f0d090", "#fffff0"])
OWN_TABLE = np.rint(255 * OWN(np.arange(256))[:, :3])


def figure(sound, cmap, *, where="right", jpeg=False, quality=85, labels=True, bar_cmap=None, size=(7, 4)):
    """The picture of a spectrogram with a colour bar beside, under or within it."""
    fig, axes = plt.subplots(figsize=size, dpi=80)
    levels = decibels(sound[0])
    mesh = axes.pcolormesh(levels, cmap=cmap)
    shown = mesh if bar_cmap is None else plt.cm.ScalarMappable(mesh.norm, bar_cmap)
    options = {"cax": axes.inset_axes((1.03, 0.2, 0.03, 0.6))} if where == "inset" else {"location": where, "ax": axes}
    bar = fig.colorbar(shown, **options)
    if not labels:
        bar.set_ticks([])
    return saved(fig, jpeg=jpeg, **({"pil_kwargs": {"quality": quality}} if jpeg else {}))


@pytest.mark.parametrize(
    ("cmap", "where", "jpeg", "labels"),
    [
        ("jet", "right", True, True),
        ("nipy_spectral_r", "right", True, False),
        ("gist_heat", "bottom", True, True),
        ("gray_r", "right", True, False),
        ("hsv", "inset", True, True),
        ("inferno_r", "left", False, True),
        ("gray", "bottom", False, False),
        ("turbo", "inset", False, True),
        ("hot", "top", True, False),
    ],
)
def test_a_known_map_and_its_direction(speech, cmap, where, jpeg, labels):
    found = fastspec.inspect(figure(speech, cmap, where=where, jpeg=jpeg, labels=labels))
    assert (found["cmap"], found.source("cmap")) == (cmap, "pixels")
    assert found.facts["cmap"].confidence >= 0.9
    assert "cmap_table" not in found


@pytest.mark.parametrize("jpeg", [False, True])
@pytest.mark.parametrize(("where", "size"), [("right", (6, 3)), ("bottom", (5, 5)), ("inset", (8, 6))])
def test_a_map_that_nobody_knows_is_read_off_the_bar(speech, where, size, jpeg):
    picture = figure(speech, OWN, where=where, size=size, jpeg=jpeg, quality=75)
    found = fastspec.inspect(picture)
    assert (found["cmap"], found.source("cmap_table")) == (bar_colours.LABEL, "pixels")
    off = user_tables.from_text(found["cmap_table"])[1] - OWN_TABLE
    assert np.sqrt(np.square(off).mean()) < (5 if jpeg else 1)
    assert "--cmap" not in report.decode_command(found, "picture")
    facts = {"sr": speech[1], "duration": len(speech[0]) / speech[1], "n_fft": 1024, "hop_length": 512, "n_iter": 2}
    y, _ = fastspec.decode(picture, freq_scale="linear", db_range=(-80, 0), force=True, **facts)
    assert len(y) == len(speech[0])


def test_a_bar_of_steps_keeps_them(speech):
    steps = plt.get_cmap("viridis", 7)
    found = fastspec.inspect(figure(speech, steps))
    table = user_tables.from_text(found["cmap_table"])[1]
    colours = np.rint(255 * steps(np.arange(7))[:, :3])
    wanted = colours[np.arange(256) * 7 // 256]
    assert np.abs(table - wanted).max(axis=1).astype(bool).sum() < 10  # beside a border a line may be either's
    assert len(np.unique(table, axis=0)) == 7


def test_a_bar_in_other_colours_is_not_believed(speech):
    found = fastspec.inspect(figure(speech, "viridis", bar_cmap=OWN))
    assert (found["cmap"], found.source("cmap")) == ("viridis", "pixels")
    found = fastspec.inspect(figure(speech, "viridis", bar_cmap="hot", jpeg=True))
    assert found["cmap"] == "viridis"


def test_what_is_given_is_kept(speech):
    given = fastspec.inspect(figure(speech, OWN), cmap="plasma")
    assert (given["cmap"], given.source("cmap")) == ("plasma", "given")
    assert "cmap_table" not in given


@pytest.mark.parametrize("count", [30, 100, 255, 256, 400, 1000])
@pytest.mark.parametrize("upright", [True, False])
def test_lines_of_a_bar_become_entries(count, upright):
    entry = np.minimum((np.arange(count) + 0.5) / count * 256, 255).astype(int)
    strip = np.repeat(OWN_TABLE[entry].astype(np.uint8)[None], 12, axis=0)
    strip[:, [0, -1]] = 0  # the frame
    strip[[0, -1]] = 0
    strip = np.ascontiguousarray(strip.swapaxes(0, 1)[::-1]) if upright else strip
    bar = bar_colours.table_of(Picture(strip), (0, 0, strip.shape[1], strip.shape[0]))
    assert bar is not None
    assert not bar.stepped
    assert np.abs(bar.table - OWN_TABLE).max() <= (1 if count >= 256 else 300 / count)


def test_a_bar_of_few_lines_is_not_read():
    assert bar_colours.table_of(Picture(np.zeros((20, 5, 3), np.uint8)), (0, 0, 5, 20)) is None


@pytest.mark.parametrize("cmap", ["magma", "magma_r", "gray_r", "hsv", "nipy_spectral", "twilight_shifted"])
def test_every_map_is_nearest_to_itself(cmap):
    name, off, rival = bar_colours.known_map(colormap.get(cmap).table)
    assert (name, off, rival) == (cmap, 0, None)


def test_two_maps_that_are_alike_are_rivals():
    table = (colormap.get("viridis").table.astype(int) + colormap.get("ffmpeg-viridis").table[::16]) // 2
    assert bar_colours.known_map(table.astype(np.uint8))[2] is not None


def test_colours_of_a_plot_without_any_tell_nothing():
    empty = ColourSurvey.of(np.zeros((0, 0, 3), np.uint8))
    assert bar_colours.of_plot(bar_colours.BarTable(OWN_TABLE.astype(np.uint8), False), empty) == {}
