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


def made(rows=65, frames=50, size=(90, 50)):
    """A sound's cells, and the pixels that imshow blends of them."""
    facts = Complete(
        **BASE, n_fft=2 * (rows - 1), win_length=2 * (rows - 1), n_frames=frames, duration=1.0,
        shown_n_fft=2 * (rows - 1), column_step=0.004, time_extent=(0.0, 0.004 * frames),
    )  # fmt: skip
    levels = np.random.default_rng(0).random((frames, rows)).astype(np.float32)
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


def test_edited_cells_are_those_that_were_read():
    facts, cmap, own, drawn, pixels = made()
    pixels[15:30, 30:60] = (68, 1, 84)
    read = imshow.cells_of(pixels, facts)
    found = blended.with_own_cells(pixels, read, drawn, facts, cmap, imshow.BELLS)
    rows, columns = np.arange(65) * 50 // 65, np.arange(50) * 90 // 50
    inside = np.ix_((rows > 17) & (rows < 27), (columns > 33) & (columns < 57))
    np.testing.assert_array_equal(found[inside], read[inside])
    outside = (rows < 11) | (rows > 33)
    np.testing.assert_array_equal(found[outside], own[outside])


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
