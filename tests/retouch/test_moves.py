from __future__ import annotations

import numpy as np
import pytest

from fastspec.retouch import moves
from fastspec.retouch.moves import Move


def picture(seed=0, shape=(80, 60)):
    """Levels in steps of 1/256 that differ from place to place."""
    return (np.random.default_rng(seed).integers(0, 256, shape) / 256).astype(np.float32)


def found(before, after, linear=True, ends=None):
    touched = np.abs(after - before) > 1e-6
    return moves.find(before, after, touched, 1 / 256, linear=linear, ends=ends)


@pytest.mark.parametrize(("frames", "cells"), [(30, 0), (-20, 0), (11, 7), (-5, -9)])
def test_a_copied_block_is_found_where_it_was(frames, cells):
    before = picture()
    after = before.copy()
    into = (slice(40, 60), slice(20, 45))
    after[into] = before[40 - frames : 60 - frames, 20 - cells : 45 - cells]
    assert found(before, after) == [Move(into, frames, cells)]


def test_a_block_that_was_mirrored_in_time_is_found():
    before = picture(1)
    after = before.copy()
    after[30:50, 10:40] = before[5:25, 10:40][::-1]
    (move,) = found(before, after)
    assert move.mirrored
    assert move.cells == 0
    for frame in (30, 41, 49):
        np.testing.assert_array_equal(after[frame, 10:40], before[move.turn - frame, 10:40])


def test_blocks_move_up_and_down_on_even_axes_only():
    before = picture(2)
    after = before.copy()
    after[30:50, 20:40] = before[30:50, 12:32]
    assert found(before, after) == [Move((slice(30, 50), slice(20, 40)), 0, 8)]
    assert found(before, after, linear=False) == []


def test_what_stands_nowhere_else_is_no_copy():
    before = picture(3)
    after = before.copy()
    after[30:50, 20:40] = picture(4)[30:50, 20:40]
    assert found(before, after) == []


def test_flat_and_small_blocks_are_no_copies():
    before = picture(5)
    flat = before.copy()
    flat[30:50, 20:40] = 0.5
    assert found(before, flat) == []
    small = before.copy()
    small[30:33, 20:40] = before[10:13, 20:40]
    assert found(before, small) == []


def test_a_tenth_of_other_cells_does_not_hide_a_copy_and_a_third_does():
    before = picture(6)
    rng = np.random.default_rng(7)
    for share, wanted in ((0.1, 1), (0.33, 0)):
        after = before.copy()
        block = before[5:25, 10:40].copy()
        block[rng.random(block.shape) < share] = 0.5
        after[40:60, 10:40] = block
        assert len(found(before, after)) == wanted


def test_among_all_cells_blocks_cover_those_that_no_pixel_shows():
    frames, cells = 3 * np.arange(20) + 1, 2 * np.arange(10)
    move = moves.on_all_cells(Move((slice(8, 12), slice(2, 5)), 5, 1), frames, cells)
    assert move == Move((slice(25, 35), slice(4, 9)), 15, 2)
    turned = moves.on_all_cells(Move((slice(8, 12), slice(2, 5)), 0, 0, True, 14), frames, cells)
    assert turned == Move((slice(25, 35), slice(4, 9)), 0, 0, True, 44)  # frame 25 shows what stood at 19


@pytest.mark.parametrize("louder", [40 / 256, -70 / 256])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_block_that_was_made_louder_or_quieter_is_found_by_how_much(louder, mirrored):
    before = picture(8)
    after = before.copy()
    block = before[5:25, 10:40][::-1] if mirrored else before[5:25, 10:40]
    after[40:60, 10:40] = np.clip(block + np.float32(louder), 0, 1)
    (move,) = found(before, after, ends=(0, 1))
    assert (move.into, move.cells, move.mirrored) == ((slice(40, 60), slice(10, 40)), 0, mirrored)
    assert move.louder == pytest.approx(louder, abs=0.2 / 256)
    if not mirrored:
        assert move.frames == 35
    assert found(before, after) == []
    assert moves.on_all_cells(move, np.arange(80), np.arange(60)).louder == move.louder


def test_other_content_is_no_louder_copy():
    before = picture(9)
    after = before.copy()
    after[30:50, 20:40] = picture(10)[30:50, 20:40] * np.float32(0.7)
    assert found(before, after, ends=(0, 1)) == []
    again = before.copy()
    again[30:50, 20:40] += np.float32(0.3)  # where it was: a gain, no copy
    assert found(before, again, ends=(0, 2)) == []


def test_levels_of_two_minds_are_no_gain():
    half = moves.LIMITS.least
    block = np.repeat(np.float32([10, 30]), half)  # the median of the differences lies between them
    assert moves._difference(block, np.full(2 * half, 20, np.float32), 0.3, (0.0, 80.0)) == 0.0
    block[:half] = 30
    assert moves._difference(block, np.full(2 * half, 20, np.float32), 0.3, (0.0, 80.0)) == pytest.approx(10)
