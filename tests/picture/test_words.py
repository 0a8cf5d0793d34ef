"""Pixels four bytes apart are copied a word at a time, and come out as they would one by one."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.picture import words

RNG = np.random.default_rng(3)
RGBX = RNG.integers(0, 256, (9, 7, 4), np.uint8)
AREAS = {
    "whole": RGBX[..., :3],
    "area": RGBX[2:-1, 1:5, :3],
    "turned": RGBX[::-1, :, :3],
    "mirrored": RGBX[:, ::-1, :3],
    "on its side": RGBX[..., :3].swapaxes(0, 1),
    "last channels": RGBX[..., 1:],  # the fourth byte of its last pixel is not there
    "three bytes": np.ascontiguousarray(RGBX[..., :3]),
    "gray": RGBX[..., 0],
    "deep": RGBX.view(np.uint16)[..., 0],
    "empty": RGBX[:0, :, :3],
    "of a buffer": np.frombuffer(RGBX.tobytes(), np.uint8).reshape(RGBX.shape)[..., :3],
}


@pytest.mark.parametrize("pixels", AREAS.values(), ids=AREAS)
def test_copies_are_the_same(pixels):
    np.testing.assert_array_equal(words.in_order(pixels), pixels)
    turned = words.in_order(pixels[::-1])
    np.testing.assert_array_equal(turned, pixels[::-1])
    assert turned.strides[0] >= turned.strides[1] * turned.shape[1]


@pytest.mark.parametrize("pixels", AREAS.values(), ids=AREAS)
def test_lines_that_are_taken(pixels):
    rows = np.arange(0, len(pixels), 2)[::-1]
    columns = np.array([3, 0, 2, 2]) % pixels.shape[1]
    np.testing.assert_array_equal(words.taken(pixels, rows), pixels[rows])
    np.testing.assert_array_equal(words.taken(pixels, rows, columns), pixels[rows][:, columns])


def test_what_is_copied_shares_no_memory():
    assert not np.shares_memory(words.in_order(AREAS["turned"]), RGBX)
    assert not np.shares_memory(words.taken(AREAS["whole"], np.arange(9)), RGBX)


def test_the_fourth_byte_is_read_only_where_it_is_the_picture_s():
    assert words._words(AREAS["area"]) is not None
    assert words._words(AREAS["last channels"]) is None


def test_gray_is_the_same_in_all_channels():
    gray = np.repeat(RGBX[..., :1], 4, axis=2)
    gray[..., 3] = 255 - gray[..., 3]
    assert words.all_gray(gray[..., :3])
    assert words.all_gray(np.ascontiguousarray(gray[..., :3]))
    for channel in range(3):
        one = gray.copy()
        one[-1, -1, channel] ^= 1
        assert not words.all_gray(one[..., :3])
        assert not words.all_gray(np.ascontiguousarray(one[..., :3]))
