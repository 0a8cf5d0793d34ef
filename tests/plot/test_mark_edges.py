"""The mark at its limits, in figures: lengths, lattices, what agrees by chance, colours that a map has twice."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from fastspec.colours import colormap
from fastspec.picture.picture import Picture
from fastspec.plot import mark

PALETTE = colormap.get("magma").table


def marked(data, monkeypatch, width=900):
    """A picture that carries these bytes."""
    rng = np.random.RandomState(5)
    position = rng.uniform(0, 1, (65, width)) ** 2
    with monkeypatch.context() as patch:
        patch.setattr(mark, "_packed", lambda text: data)
        return Picture(mark.drawn(np.floor(position * 256).astype(np.uint8), position, "", "magma"), palette=PALETTE)


def packed(body, length=None, checksum=None):
    length = len(body) + 6 if length is None else length
    checksum = zlib.crc32(body) if checksum is None else checksum
    return length.to_bytes(2, "big") + checksum.to_bytes(4, "big") + body


def deflated(text):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=mark._COMMON)
    return packer.compress(text.encode()) + packer.flush()


def test_a_header_of_no_text_is_no_mark(monkeypatch):
    assert mark.read(marked(packed(deflated("text")), monkeypatch)) == "text"
    for length in (6, 0, 5):
        picture = marked(packed(b"\x55", length, zlib.crc32(b"")), monkeypatch)
        assert mark._may_be_marked(picture)
        assert mark.read(picture) is None


def test_a_text_that_is_not_whole_is_none(monkeypatch):
    body = deflated("text")
    assert mark.read(marked(packed(body, checksum=1), monkeypatch)) is None
    assert mark.read(marked(packed(b"\xff\xff\xff"), monkeypatch)) is None  # nothing that was deflated
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=mark._COMMON)
    assert mark.read(marked(packed(packer.compress(b"\xff\xfe") + packer.flush()), monkeypatch)) is None  # no UTF-8


@pytest.mark.parametrize(("more", "found"), [(0, True), (-1, False)])
def test_a_text_of_just_the_longest_is_read(monkeypatch, more, found):
    picture = marked(packed(deflated("text")), monkeypatch)
    monkeypatch.setattr(mark, "LIMITS", mark.LIMITS._replace(longest=len(deflated("text")) + more))
    assert (mark.read(picture) == "text") is found


def test_six_hundred_bytes_are_marked():
    rng = np.random.RandomState(0)
    text = "".join(chr(33 + k) for k in rng.randint(0, 90, 900))
    whole = [len(deflated(text[:n])) for n in range(len(text))]
    longest = max(n for n, size in enumerate(whole) if size <= 600)
    assert whole[longest] > 595
    data = mark._packed(text[:longest])
    assert data is not None
    assert data[6:] == deflated(text[:longest])
    assert mark._packed(text[: longest + 9]) is None


def test_a_text_that_swells_is_cut(monkeypatch):
    assert mark.read(marked(packed(deflated("x" * 70_000)), monkeypatch, 2000)) == "x" * 65_536


@pytest.mark.parametrize(
    ("rows", "yes"), [(2, True), (4, True), (6, True), (8, True), (12, False), (14, False), (0, False)]
)
def test_rows_of_small_factors(rows, yes):
    assert mark.fits(rows) is yes


@pytest.mark.parametrize(
    ("pixels", "step"),
    [
        (4 << 17, 4),
        ((4 << 17) + 1, 8),
        (8 << 17, 8),
        (16 << 17, 16),
        ((32 << 17) + 1, 64),
        (64 << 17, 64),
        (999 << 17, 64),
    ],
)
def test_the_finest_lattice_that_is_looked_at(pixels, step):
    assert mark._finest((1, pixels)) == mark._finest((pixels, 1)) == step


@pytest.mark.parametrize(
    ("votes", "pixels", "agree"),
    [
        ([[29]], [[100]], True),
        ([[28]], [[100]], False),
        ([[-29]], [[100]], True),
        ([[29, 0]], [[100, 0]], True),
        ([[25], [-25]], [[100], [100]], True),  # each a little, both together
        ([[24], [-24]], [[100], [100]], False),
        ([[24], [24]], [[100], [100]], True),  # with each other
        ([[20], [20]], [[100], [100]], False),
        ([[1]], [[1]], False),
        ([[0]], [[0]], False),
    ],
)
def test_what_agrees_more_than_by_chance(votes, pixels, agree):
    assert mark._agree(np.array(votes, float), np.array(pixels)) is agree


@pytest.mark.parametrize(
    ("usable", "step"),
    [(9999, None), (3072, None), (3071, 32), (1536, 32), (1535, 16), (768, 16), (767, 8), (383, 4), (0, 4)],
)
def test_a_finer_lattice_is_asked_where_few_pixels_are_quiet(monkeypatch, usable, step):
    asked, told = [], []
    tested = mark._tested

    def noting(shape, finest):
        asked.append(finest)
        return tested(shape, finest)

    def levels(picture, at, *limits):
        told.append(limits)
        some = np.zeros(max(usable, 1) if len(told) == 1 else len(at[0]), np.int64)
        some[:usable] = 1
        return [(some, 255)]

    monkeypatch.setattr(mark, "_tested", noting)
    monkeypatch.setattr(mark, "_levels", levels)
    picture = Picture(np.zeros((65, 90), np.uint8))
    try:
        mark._may_be_marked(picture)
    except (IndexError, ValueError):
        assert step is None  # the levels are none of this picture
    assert asked == [64] + ([] if step is None else [step])
    assert set(told) == {(256, 0.05)}


def test_the_pixels_by_which_a_mark_is_told():
    shape = (65, 90)
    found = mark._tested(shape, 16)
    rows, columns = found.at
    assert ((columns + 5 * rows) % 16 == 0).all()
    in_header, place, white = mark._places(found.at, 1)
    assert in_header.all()
    part = (rows * 4 // 65) * 4 + columns * 4 // 90
    np.testing.assert_array_equal(found.cell, 48 * part + place)
    np.testing.assert_array_equal(found.white, white)
    every = mark._lattice(shape, 16)
    assert len(rows) == np.count_nonzero(mark._places(every, 1)[0])
    for begin, step in zip(found.begins, (64, 32, 16), strict=True):  # the coarser a lattice, the later
        on = (columns + 5 * rows) % step == 0
        assert on[begin:].all()
        assert not on[:begin].any()


def test_of_a_large_picture_each_so_many_rows_are_looked_at(monkeypatch):
    monkeypatch.setattr(mark, "LIMITS", mark.LIMITS._replace(most=100))
    rows, _ = mark._tested.__wrapped__((65, 90), 16).at
    step = len(mark._lattice((65, 90), 16)[0]) // 100
    assert step == 3
    assert set(rows % step) == {0}


def test_a_part_counts_by_how_well_it_agrees_and_not_by_its_size():
    place = np.concatenate([np.tile(np.arange(16), 10), np.arange(16)])
    tile = np.concatenate([np.zeros(160, int), np.ones(16, int)])
    right = np.ones(176, np.int64)
    right[:64] = 0  # the large part is hardly right: six of ten times
    right[[0, 16, 32, 48]] = 1
    right[64:160:16] = 0  # and of the first bit mostly wrong
    assert mark._majority(place, right, 16, tile) == b"\xff\xff"


@pytest.mark.parametrize(("share", "found"), [(0.10, True), (0.09, False)])
def test_a_map_is_told_by_every_so_many_pixels(share, found):
    at = np.zeros(4096, np.intp), np.arange(4096)
    known = np.full((1, 4096, 3), (1, 250, 1), np.uint8)
    known[0, : 2 * round(2048 * share) + 2 : 2] = PALETTE[100]  # of every second pixel a tenth
    assert bool(mark._levels(Picture(known), at)) is found
    assert not mark._levels(Picture(known), at, 4096)  # of all pixels a twentieth
    assert mark._levels(Picture(known), at, 4096, 0.045)


def test_a_colour_that_a_map_has_twice_is_its_first_level(monkeypatch):
    table = np.repeat(np.arange(256)[:, None] // 64 * 50, 3, axis=1).astype(np.uint8)
    fake = colormap.Colormap("any", table)
    monkeypatch.setattr(colormap, "get", lambda name: fake)
    keys, order = mark._keys.__wrapped__("any")
    assert (np.diff(keys) >= 0).all()
    assert order.tolist() == list(range(256))
    monkeypatch.setattr(mark, "_keys", lambda name: (keys, order))
    packed = np.array([0, 50, 150]) * 65793
    assert mark._level_of(packed, "any").tolist() == [0, 64, 192]


@pytest.mark.parametrize("name", mark.MAPS)
def test_levels_of_each_map_are_told_from_its_colours(name):
    cmap = colormap.get(name)
    table = cmap.table.reshape(256, -1).astype(np.int64)
    packed = np.broadcast_to(table, (256, 3)) @ np.array([65536, 256, 1])
    first = {colour: level for level, colour in reversed(list(enumerate(packed.tolist())))}
    assert mark._level_of(packed, name).tolist() == [first[colour] for colour in packed.tolist()]
