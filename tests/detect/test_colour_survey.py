"""The survey of a picture's colours: what was seen, and which tables' entries it was."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.colours import colormap, matching
from fastspec.detect import colour_survey
from fastspec.detect.colour_survey import ColourSurvey
from fastspec.errors import ParameterError

NAMES = ["jet", "magma", "magma_r", "gray", "sox", "sox_r", "ffmpeg-fire", "twilight"]


@pytest.fixture(scope="module")
def picture():
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (90, 90, 3)).astype(np.uint8)
    pixels[:60] = colormap.get("jet").table[rng.integers(0, 256, (60, 90))]
    pixels[60:70] = colormap.get("magma", "trunc").table[rng.integers(0, 256, (10, 90))]
    return pixels


def packed(colours):
    return set(map(tuple, np.asarray(colours).reshape(-1, 3).tolist()))


@pytest.mark.parametrize("rounding", ["round", "trunc"])
def test_shares_are_those_of_an_obvious_count(picture, rounding):
    seen = ColourSurvey.of(picture)
    flat = seen.grid.reshape(-1, 3).tolist()
    for name, share in seen.shares(NAMES, rounding).items():
        table = packed(colormap.get(name, rounding).table)
        assert share == pytest.approx(np.mean([tuple(pixel) in table for pixel in flat])), name


def test_entries_of_every_table_are_those_of_an_obvious_count(picture):
    seen, book = ColourSurvey.of(picture), colour_survey.atlas()
    shares, hits = seen.entries(root=True)
    points, weight = [tuple(p) for p in seen.points.tolist()], np.sqrt(seen.counts)
    for number in range(0, len(book.names), 7):
        table = packed(colormap.get(book.names[number], book.roundings[number]).table)
        inside = np.array([p in table for p in points])
        assert hits[number] == inside.sum()
        assert book.sizes[number] == len(table)
        np.testing.assert_allclose(shares[number], weight[inside].sum() / weight.sum())


def test_every_map_has_its_table_and_its_family():
    book = colour_survey.atlas()
    for (name, how), number in book.tables.items():
        mine = packed(colormap.get(name, how).table)
        assert mine == packed(colormap.get(book.names[number], book.roundings[number]).table), (name, how)
    for name, family in book.families.items():
        assert book.families[book.names[book.tables[name, "round"]]] == family, name
    assert {book.families[n] for n in ("twilight", "twilight_shifted")} == {book.families["twilight_r"]}
    assert book.families["gray"] != book.families["Greys"]
    first = [(n, h) for n, h in zip(book.names, book.roundings, strict=True)]
    assert len(set(first)) == len(first)


def test_kernel_equals_its_slow_twin():
    rng = np.random.default_rng(0)
    pairs = np.unique(rng.integers(0, 4000, 3000) << 16 | rng.integers(0, 9, 3000))
    keys, start = np.unique(pairs >> 16, return_index=True)
    keys = keys.astype(np.int32) * 4096
    start = np.r_[start, len(pairs)].astype(np.int32)
    owner = (pairs & 0xFFFF).astype(np.int32)
    bits = colour_survey.kernels.BUCKET_BITS
    bucket = np.searchsorted(keys, np.arange((1 << 24 - bits) + 1) << bits).astype(np.int32)
    colours = np.unique(np.r_[keys[::3], rng.integers(0, 1 << 24, 500)]).astype(np.int32)
    weight = rng.random(len(colours))
    shares, hits = np.zeros(9), np.zeros(9, np.intp)
    colour_survey.kernels.count_entries(colours, weight, keys, bucket, start, owner, shares, hits)
    for table in range(9):
        mine = np.repeat(keys, np.diff(start))[owner == table]
        assert hits[table] == np.isin(colours, mine).sum()
        np.testing.assert_allclose(shares[table], weight[np.isin(colours, mine)].sum())


def test_all_kinds_of_pixels_are_the_same_colours(picture):
    table = colormap.get("viridis").table
    entries = np.random.default_rng(1).integers(0, 256, (70, 80)).astype(np.uint8)
    np.testing.assert_array_equal(ColourSurvey.of(entries, table).grid, ColourSurvey.of(table[entries]).grid)
    np.testing.assert_array_equal(ColourSurvey.of(entries).grid, ColourSurvey.of(entries.astype(np.uint16) * 257).grid)
    rgba = np.concatenate([picture, picture[..., :1]], axis=2)
    np.testing.assert_array_equal(ColourSurvey.of(rgba).grid, ColourSurvey.of(picture).grid)


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (95, 161), (960, 1280), (97, 160), (1000, 7)])
def test_a_grid_is_even_and_small(shape):
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    grid = colour_survey.sample(
        np.stack([rows % 256, columns % 256, rows // 256 * 16 + columns // 256], 2).astype(np.uint8)
    )
    at = grid.astype(int)
    rows, columns = at[:, 0, 0] + (at[:, 0, 2] >> 4) * 256, at[0, :, 1] + (at[0, :, 2] & 15) * 256
    for lines, most, whole in ((rows, 96, shape[0]), (columns, 160, shape[1])):
        assert len(lines) == whole or most / 3 <= len(lines) <= most
        assert len(set(np.diff(lines))) <= 1
        assert lines[0] <= whole / len(lines)
        assert whole - 1 - lines[-1] <= whole / len(lines)


def test_nothing_is_seen_in_an_empty_picture():
    seen = ColourSurvey.of(np.empty((0, 4, 3), np.uint8))
    assert seen.different == 0
    assert seen.shares(["jet"]) == {"jet": 0.0}
    assert seen.without_grays().different == 0


def test_grays_and_paper_can_be_left_out():
    pixels = np.array([[[9, 9, 9], [9, 11, 10], [9, 12, 10], [221, 216, 208], [200, 0, 0]]], np.uint8)
    seen = ColourSurvey.of(pixels).without_grays((221, 216, 208))
    assert packed(seen.points) == {(9, 12, 10), (200, 0, 0)}
    assert seen.counts.tolist() == [1, 1]


def test_unknown_maps_are_refused(picture):
    with pytest.raises(ParameterError, match="'gray8'"):
        ColourSurvey.of(picture).shares(["jet", "gray8"])


@pytest.mark.parametrize("name", ["viridis", "jet", "Set1", "ffmpeg-fire"])
def test_the_nearest_entry_is_that_of_an_obvious_search(picture, name):
    seen = ColourSurvey.of(picture)
    index, top = seen.index(name)
    table = colormap.get(name).table
    table = table[np.arange(256) * len(table) // 256].astype(int)
    slow = ((seen.grid[:, :, None].astype(int) - table) ** 2).sum(axis=3).argmin(axis=2)
    np.testing.assert_array_equal(index, slow)
    assert top == 255


def test_colours_that_come_again_have_the_same_nearest_entry():
    rng = np.random.default_rng(3)
    colours = rng.integers(0, 256, (30000, 3)).astype(np.uint8)  # several in each slot of the memory
    flat = np.concatenate([colours, colours[rng.integers(0, 300, 20000)], np.zeros((3, 3), np.uint8)])
    table = rng.integers(0, 256, (3, 256)).astype(np.int32)
    found = np.empty(len(flat), np.float32)
    colour_survey.kernels.nearest_entries(flat, table, found)
    for part in np.array_split(np.arange(len(flat)), 20):
        apart = ((flat[part, :, None].astype(int) - table) ** 2).sum(axis=1)
        np.testing.assert_array_equal(found[part], apart.argmin(axis=1))


@pytest.mark.parametrize("name", ["viridis", "jet", "gray", "Greys", "ffmpeg-fire", "Set1", "magma_r"])
@pytest.mark.parametrize("spoilt", [0, 1, 2000])
def test_levels_without_a_survey_are_those_of_one(name, spoilt):
    rng = np.random.default_rng(4)
    table = colormap.get(name).table
    table = np.repeat(table.reshape(-1, 1), 3, axis=1) if table.ndim == 1 else table
    pixels = table[rng.integers(0, len(table), (60, 90))].astype(np.uint8)
    pixels.reshape(-1, 3)[rng.integers(0, 5400, spoilt)] = rng.integers(0, 256, (spoilt, 3))
    index, top = colour_survey.index_in(pixels, name)
    whole, same = ColourSurvey.whole(pixels).index(name)
    np.testing.assert_array_equal(index, whole)
    assert top == same


@pytest.mark.parametrize("rounding", ["round", "trunc"])
def test_clean_pictures_are_read_to_the_entry(rounding):
    entries = np.random.default_rng(0).integers(0, 256, (40, 50))
    cmap = colormap.get("magma", rounding)
    index, top = ColourSurvey.of(cmap.table[entries]).index("magma")
    np.testing.assert_array_equal(index, matching.index_of(cmap.table[entries], cmap).index)
    assert top == 255


def test_misfits_are_those_of_an_obvious_search():
    rng = np.random.default_rng(2)
    points = rng.integers(0, 256, (200, 3)).astype(np.int32)
    tables = rng.integers(0, 256, (4, 3, 64)).astype(np.int32)
    weight, which = rng.random(200), np.array([3, 0])
    far, (near, bias, cover) = np.empty(2), np.empty((3, 2))
    colour_survey.kernels.mean_distances(points, weight, tables, which, 60.0, far)
    colour_survey.kernels.fit(points, weight, tables, which, 60.0, near, bias, cover)
    np.testing.assert_array_equal(far, near)
    for number, table in enumerate(tables[which].transpose(0, 2, 1)):
        apart = ((points[:, None] - table) ** 2).sum(-1)
        entry = apart.argmin(1)
        expected = weight @ np.minimum(np.sqrt(apart.min(1)), 60) / weight.sum()
        np.testing.assert_allclose(near[number], expected)
        parts = [entry // 4 == part for part in range(16)]
        rest = [np.linalg.norm(weight[p] @ (points[p] - table[entry[p]])) for p in parts]
        np.testing.assert_allclose(bias[number], sum(rest) / weight.sum())
        assert cover[number] == np.mean([weight[p].sum() > weight.sum() / 160 for p in parts])


def test_what_was_worked_out_is_kept_and_told_apart_by_its_arguments(picture):
    calls = []

    def work(seen, *about):
        calls.append(about)
        return len(calls), seen.different

    seen = ColourSurvey.of(picture)
    assert seen.once(work, "jet") == seen.once(work, "jet") == (1, seen.different)
    assert seen.once(work, "magma") == (2, seen.different)
    assert ColourSurvey.of(picture).once(work, "jet")[0] == 3
    assert calls == [("jet",), ("magma",), ("jet",)]
    assert seen.index("jet")[0] is seen.index("jet")[0]
    plain, root = seen.entries(), seen.entries(root=True)
    assert plain is seen.entries()
    assert not np.allclose(plain[0], root[0])
