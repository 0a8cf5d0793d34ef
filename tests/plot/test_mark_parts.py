"""The mark is a format: where its bits stand, how they are hidden, and how many make one, exactly."""

from __future__ import annotations

import hashlib
import zlib

import numpy as np
import pytest

from fastspec.colours import colormap
from fastspec.picture.picture import Picture
from fastspec.plot import mark

DATA = bytes(range(7, 31))
LENGTH = len(DATA) - 6
# of places, of marked levels, of what texts have in common: other ones read no picture that was drawn before
PLACES = ["e94606840821dbba", "36bb83f1f8ca1761", "8118e7a48a535b09"]
DRAWN_8 = "9cf4b905615be854"
DRAWN_16 = "25e7b48a98d58bb5"
COMMON = (639, 3638145944)


def digest(array):
    return hashlib.sha256(np.ascontiguousarray(array).astype(np.int64).tobytes()).hexdigest()[:16]


def levels_of(height, width, top=255):
    rng = np.random.RandomState(5)  # whose numbers are the same in all releases
    position = rng.uniform(0, 1, (height, width)) ** 2
    return np.floor(position * (top + 1)).astype(np.uint8 if top == 255 else np.uint16), position


@pytest.mark.parametrize("step", mark._STEPS)
@pytest.mark.parametrize("shape", [(1, 1), (5, 64), (33, 100), (7, 3)])
def test_a_lattice_is_one_pixel_in_so_many_along_each_row(shape, step):
    rows, columns = mark._lattice(shape, step)
    wanted = [(r, c) for r in range(shape[0]) for c in range(shape[1]) if (c + 5 * r) % step == 0]
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == wanted


def test_where_bits_stand_is_part_of_the_format():
    at = mark._lattice((65, 90), 4)
    in_header, place, white = mark._places(at, LENGTH)
    assert 0.2 < in_header.mean() < 0.3
    assert (place[in_header].max(), place[~in_header].max()) == (47, 8 * LENGTH - 1)
    assert place.min() == 0
    assert [digest(each) for each in (in_header, place, white)] == PLACES


@pytest.mark.parametrize(("top", "wanted"), [(255, "DRAWN_8"), (65535, "DRAWN_16")])
def test_how_levels_are_marked_is_part_of_the_format(monkeypatch, top, wanted):
    monkeypatch.setattr(mark, "_packed", lambda text: DATA)  # what zlib makes differs by its release
    levels, position = levels_of(65, 400, top)
    made = mark.drawn(levels, position, "text", "magma")
    assert made.dtype == levels.dtype
    assert digest(made) == globals()[wanted]
    moved = made != levels
    assert np.abs(made[moved].astype(int) - levels[moved].astype(int)).max() <= 2
    assert made[moved].min() >= 1
    assert not moved[(levels == 0) | (levels >= round(0.6 * top))].any()


def test_a_moved_level_stays_between_the_ends():
    assert mark._ends(255) == (153, 255)
    assert mark._ends(65535) == (39321, 65535)


@pytest.mark.parametrize(
    ("width", "level", "chosen"),
    [
        (64 * 32, 10, (64, 153)),
        (64 * 32 - 64, 10, (32, 153)),
        (32 * 32 - 32, 10, (16, 153)),
        (8 * 32, 10, (8, 153)),
        (8 * 32 - 8, 10, (4, 153)),
        (4 * 12, 10, (4, 153)),
        (4 * 11, 10, (4, 255)),  # too few quiet ones
        (64 * 32, 152, (64, 153)),
        (64 * 32, 153, (64, 255)),
        (4 * 5, 200, (4, 255)),
        (4 * 4, 200, (0, 255)),
        (64 * 32, 254, (64, 255)),
        (64 * 32, 255, (0, 255)),
        (64 * 32, 0, (0, 255)),
    ],
)
def test_as_few_pixels_are_marked_as_carry_a_bit(width, level, chosen):
    assert mark._chosen(np.full((1, width), level), 255, 1) == chosen
    assert mark._chosen(np.full((1, 3 * width), level), 255, 3) == chosen


def test_parts_are_numbered_row_by_row_where_a_pixel_lies_in_one():
    rows, columns = np.array([0, 31, 32, 0, 95, 32]), np.array([0, 31, 0, 64, 65, 31])
    assert mark._numbered((rows, columns)).tolist() == [0, 0, 2, 1, 3, 2]
    assert mark._numbered((rows[:0], columns[:0])).tolist() == []


def test_the_most_count_and_who_disagrees_with_them_counts_for_the_contrary():
    bits = np.unpackbits(np.array([0xA5, 0x0F], np.uint8)).astype(np.int64)
    place = np.tile(np.arange(16), 5)
    said = np.tile(bits, 5)
    tile = np.repeat(np.arange(5), 16)
    said[16:32] ^= 1  # moved by an odd number
    said[32:48] = np.arange(16) % 2  # painted over
    assert mark._majority(place, said, 16, tile) == b"\xa5\x0f"
    lonely = np.where(tile == 0, said, said ^ 1)  # one says so, and four the contrary: those are right
    assert mark._majority(place, lonely, 16, tile) != b"\xa5\x0f"
    assert mark._majority(place[:8], said[:8], 16, tile[:8]) == b"\xa5\x00"  # where nobody says anything is 0


def test_a_text_has_its_length_and_checksum_before_it():
    packed = mark._packed("abc")
    assert packed is not None
    body = packed[6:]
    assert int.from_bytes(packed[:2], "big") == len(packed)
    assert int.from_bytes(packed[2:6], "big") == zlib.crc32(body)
    assert zlib.decompressobj(-15, zdict=mark._COMMON).decompress(body) == b"abc"


def test_the_longest_text_that_is_marked(monkeypatch):
    packed = mark._packed("x" + "".join(map(chr, range(33, 126))))
    assert packed is not None
    for longest, fits in ((len(packed) - 6, True), (len(packed) - 7, False)):
        monkeypatch.setattr(mark, "LIMITS", mark.LIMITS._replace(longest=longest))
        assert (mark._packed("x" + "".join(map(chr, range(33, 126)))) is not None) is fits


def test_the_dictionary_is_part_of_the_format():
    assert (len(mark._COMMON), zlib.crc32(mark._COMMON)) == COMMON


@pytest.mark.parametrize("share", [0.1, 0.09])
def test_a_tenth_of_the_pixels_tells_a_map(share):
    table = colormap.get("magma").table
    pixels = np.full((10, 100, 3), (1, 250, 1), np.uint8)
    known = round(1000 * share)
    pixels.reshape(-1, 3)[:known] = table[1 + np.arange(known)]
    at = mark._lattice((10, 100), 1)
    found = mark._levels(Picture(pixels), at)
    if share < 0.1:
        assert found == []
        return
    ((levels, top),) = found
    assert top == 255
    assert levels[:known].tolist() == list(range(1, known + 1))
    assert not levels[known:].any()


def test_two_maps_at_most_are_tried_the_likelier_first():
    grays = np.repeat(np.arange(256, dtype=np.uint8)[None], 4, axis=0)
    at = mark._lattice(grays.shape, 1)
    plain = mark._levels(Picture(grays), at)
    assert [(levels.tolist(), top) for levels, top in plain] == [(grays.ravel().tolist(), 255)]
    deep = mark._levels(Picture(grays.astype(np.uint16) * 257), at)
    assert deep[0][1] == 65535
    rgb = mark._levels(Picture(np.repeat(grays[..., None], 3, axis=-1)), at)
    assert len(rgb) == 2  # gray and gray_r
    assert {tuple(levels[:3]) for levels, _ in rgb} == {(0, 1, 2), (255, 254, 253)}


def test_levels_of_colours_are_those_of_the_map():
    table = colormap.get("inferno").table.astype(np.int64)
    packed = table @ np.array([65536, 256, 1])
    assert mark._level_of(packed, "inferno").tolist() == list(range(256))
    assert mark._level_of(packed + 1, "inferno")[[0, 100]].tolist() == [0, 0]
    assert mark._level_of(np.array([2**24 - 1, 2]), "inferno").tolist() == [0, 0]
    keys, order = mark._keys("gray_r")
    assert (len(keys), keys[0], order[0], order[-1]) == (256, 0, 255, 0)


@pytest.mark.parametrize("height", [65, 66])
@pytest.mark.parametrize("cmap", ["magma", "hot"])
def test_what_may_be_marked(height, cmap):
    levels, position = levels_of(height, 900)
    made = mark.drawn(levels, position, "text", cmap)
    marked = height == 65 and cmap == "magma"
    assert (made is not levels) is marked
    palette = colormap.get("magma").table
    assert mark.read(Picture(made, palette=palette)) == ("text" if marked else None)


def test_it_is_found_whether_levels_were_moved_by_one_or_not():
    levels, position = levels_of(65, 900)
    made = mark.drawn(levels, position, "text", "magma")
    palette = colormap.get("magma").table
    moved = np.where((made > 0) & (made < 150), made + 1, made).astype(np.uint8)
    assert mark.read(Picture(moved, palette=palette)) == "text"
    moved = np.where((made > 0) & (made < 150), made + 2, made).astype(np.uint8)
    assert mark.read(Picture(moved, palette=palette)) == "text"


def test_of_large_pictures_the_coarser_lattices_alone_are_looked_at(monkeypatch):
    asked = []

    def levels(picture, at, *_):
        asked.append(len(at[0]))
        return []

    monkeypatch.setattr(mark, "_levels", levels)
    monkeypatch.setattr(mark, "_may_be_marked", lambda _: True)
    monkeypatch.setattr(mark, "LIMITS", mark.LIMITS._replace(most=100))
    for width, step in ((6, 4), (7, 8), (12, 8), (13, 16), (98, 64), (99, 64), (200, 64)):
        asked.clear()
        assert mark.read(Picture(np.zeros((65, width), np.uint8))) is None
        assert asked == [len(mark._lattice((65, width), step)[0])]
