"""Which cells of a blended picture somebody edited."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.complete import Complete
from fastspec.colours import colormap
from fastspec.plot import imshow
from fastspec.retouch import blended
from fastspec.retouch.redraw import Drawn

BASE = {"cmap": "viridis", "freq_scale": "linear", "freq_edges": "cells", "sr": 8000, "hop_length": 32}


def made(rows=65, frames=50, size=(90, 50), *, smooth=False):
    """A sound's cells, and the pixels that imshow blends of them."""
    facts = Complete(
        **BASE, n_fft=2 * (rows - 1), win_length=2 * (rows - 1), n_frames=frames, duration=1.0,
        shown_n_fft=2 * (rows - 1), column_step=0.004, time_extent=(0.0, 0.004 * frames),
    )  # fmt: skip
    levels = np.random.default_rng(0).random((frames, rows)).astype(np.float32)
    if smooth:  # cells beside each other are alike, as in a sound, so that blended colours lie near the map
        places = np.arange(frames)[:, None] / frames, np.arange(rows) / rows
        levels = (0.5 + 0.2 * np.sin(7 * places[0]) + 0.25 * np.cos(5 * places[1] + places[0])).astype(np.float32)
    cmap = colormap.get("viridis", "trunc")
    own = colormap.colour_of(levels.T[::-1], cmap)
    down, across = imshow.blends_of((size[1], size[0]), (rows, frames), facts, imshow.BELLS)
    pixels = np.clip(blended.mixed_colours(own, down, across), 0, 255).astype(np.uint8)
    return facts, cmap, own, Drawn(levels, levels, 1.0), pixels


def test_unedited_cells_are_the_originals_own():
    facts, cmap, own, drawn, pixels = made()
    read = imshow.cells_of(pixels, facts)
    assert np.abs(read.astype(int) - own).max() > 3
    found = blended.with_own_cells(pixels, read, drawn, facts, cmap, imshow.BELLS)
    np.testing.assert_array_equal(found, own)


def indices(pixels, cmap):
    """The nearest entry of each pixel, one at a time."""
    table = cmap.table.astype(int)
    flat = [int(np.square(table - colour).sum(axis=1).argmin()) for colour in pixels.reshape(-1, 3).astype(int)]
    return np.array(flat).reshape(pixels.shape[:2])


def entries(levels, cmap):
    return colormap.entry_of(np.ascontiguousarray(levels.T[::-1]), cmap).astype(int)


def nearest(kind="rows"):
    """The cell that each of 50 rows (90 columns) of pixels lies in, of 65 (50)."""
    many, few = (50, 65) if kind == "rows" else (90, 50)
    return np.floor((np.arange(many) + 0.5) * few / many).astype(int)


def place():
    """Cells (65, 50) in which the edited pixels' centres lie, and those between."""
    found = np.zeros((65, 50), bool)
    rows, columns = nearest()[15:30], nearest("columns")[30:60]
    found[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    return found


@pytest.mark.parametrize("steps", [19, -30])
def test_cells_made_louder_are_the_originals_own_made_louder(steps):
    facts, cmap, _, drawn, pixels = made(smooth=True)
    before = indices(pixels[15:30, 30:60], cmap)
    pixels[15:30, 30:60] = cmap.table[np.clip(before + steps, 0, 255)]
    found = blended.with_own_cells(pixels, imshow.cells_of(pixels, facts), drawn, facts, cmap, imshow.BELLS)
    wanted = np.where(place(), np.clip(entries(drawn.shown, cmap) + steps, 0, 255), entries(drawn.shown, cmap))
    # neighbouring entries have one colour here and there, and cells that fall nearly to the end may be taken for erased
    np.testing.assert_allclose(indices(found, cmap), wanted, atol=1)


def test_cells_of_one_colour_have_it():
    facts, cmap, own, drawn, pixels = made()
    pixels[15:30, 30:60] = (68, 1, 84)
    found = blended.with_own_cells(pixels, imshow.cells_of(pixels, facts), drawn, facts, cmap, imshow.BELLS)
    np.testing.assert_array_equal(found, np.where(place()[..., None], (68, 1, 84), own))


def test_cells_of_other_edits_are_those_that_were_read():
    facts, cmap, own, drawn, pixels = made()
    pixels[15:30, 30:60] = cmap.table[np.random.default_rng(1).integers(0, 255, (15, 30))]
    read = imshow.cells_of(pixels, facts)
    found = blended.with_own_cells(pixels, read, drawn, facts, cmap, imshow.BELLS)
    np.testing.assert_array_equal(found, np.where(place()[..., None], read, own))


def test_what_a_frame_covers_is_no_edit():
    facts, cmap, own, drawn, pixels = made()
    pixels[:2], pixels[:, -2:] = 0, 0
    read = imshow.cells_of(pixels, facts)
    found = blended.with_own_cells(pixels, read, drawn, facts, cmap, imshow.BELLS, (0, 2, 2, 0))
    np.testing.assert_array_equal(found, own)


@pytest.mark.parametrize("lost", ["other pixels", "nothing blended", "gray"])
def test_where_it_cannot_be_told_cells_are_as_read(lost):
    facts, cmap, _, drawn, pixels = made()
    if lost == "other pixels":
        pixels = np.random.default_rng(1).integers(0, 255, pixels.shape, np.uint8)
    read = pixels if lost == "nothing blended" else imshow.cells_of(pixels, facts)
    cmap = colormap.get("gray") if lost == "gray" else cmap
    if lost == "gray":
        pixels, read = pixels[..., 0], read[..., 0]
    assert blended.with_own_cells(pixels, read, drawn, facts, cmap, imshow.BELLS) is read
