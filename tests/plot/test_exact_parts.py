"""Parts of a plot's reading, exactly: sentences, limits in numbers, colours off the map, which way is read."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.colours import colormap, matching
from fastspec.colours.levels import LevelScale
from fastspec.plot import cells, damage, reading, stored, subsampled
from fastspec.plot.cells import CellGrid

GRAY = colormap.get("gray")


# --- damage: what is paint, what another map


@pytest.mark.parametrize(
    ("exact", "median", "mixtures", "found"),
    [
        (0.81, 9.0, None, (12, 12)),
        (0.81, 9.0, 90.0, (12, 12)),
        (0.79, 1.0, None, (24, 24)),
        (0.79, 4.7, None, (24, 24)),
        (0.79, 6.0, None, (30, 30)),
        (0.0, 1.0, 13.0, (14, 14)),
        (0.0, 1.0, 17.0, (14, 17)),
        (0.0, 4.0, 17.0, (20, 20)),
        (0.0, 4.0, 23.0, (20, 23)),
    ],
)
def test_from_which_distances_pixels_are_paint(exact, median, mixtures, found):
    distance = np.full((10, 10), median, np.float32)
    assert damage.paint_from(distance, exact, mixtures) == pytest.approx(found)


@pytest.mark.parametrize(("size", "found"), [(40_000, 24), (39_999, 255)])
def test_of_so_many_pixels_a_median_is_taken(size, found):
    distance = np.full(size, 100, np.float32)
    distance[: 2 * (size // 2) : 2] = 2
    distance[1::2][: size // 100] = 100
    if size < 40_000:  # every pixel counts, and more than half are far off
        distance[: size // 10] = 100
        found = 500
    assert damage.paint_from(distance[None], 0.0)[0] == found


@pytest.mark.parametrize(
    ("aside", "scatter", "said"),
    [(1.3, 0, False), (1.5, 0, True), (13.5, 10, False), (15, 10, True), (66, 100, False), (70, 100, True)],
)
def test_how_far_to_one_side_another_map_lies(monkeypatch, aside, scatter, said):
    monkeypatch.setattr(damage, "_off_the_map", lambda *_: (aside, scatter))
    found = damage.question_colours(np.zeros((2, 2, 3), np.uint8), GRAY, None)
    assert (found is not None) is said
    if found:
        assert found == (
            f"the colours lie {aside:.0f} of 255 to one side of gray on average, so it is probably another colormap; "
            "give the right one with --cmap"
        )


@pytest.mark.parametrize(("width", "every"), [(399, 1), (400, 2), (600, 3)])
def test_what_is_asked_of_the_colours(monkeypatch, width, every):
    seen = []

    def none(sample, cmap):
        seen.append(sample)
        return 0, 0

    monkeypatch.setattr(damage, "_off_the_map", none)
    rgb = np.random.default_rng(0).integers(0, 256, (100, width, 3)).astype(np.uint8)
    entries, palette = rgb[..., 0], np.random.default_rng(1).integers(0, 256, (200, 3)).astype(np.uint8)
    assert damage.question_colours(rgb, GRAY, None) is None
    assert damage.question_colours(entries, GRAY, palette) is None
    assert damage.question_colours(entries, GRAY, None) is None
    np.testing.assert_array_equal(seen[0], rgb.reshape(1, -1, 3)[:, ::every])
    np.testing.assert_array_equal(seen[1], palette[np.minimum(entries.reshape(1, -1)[:, ::every], 199)])
    assert len(seen) == 2


def off(*parts):
    """Of colours of gray that are so many, of this level, off by so much (to one side of gray, or to both)."""
    sample = []
    for count, level, away, both in parts:
        for k in range(count):
            by = -away if both and k % 2 else away
            sample.append((level + by, level - by, level))
    return damage._off_the_map(np.array([sample], np.uint8), GRAY)


def test_how_far_colours_lie_to_one_side_and_how_far_they_scatter():
    side = 10 * 2**0.5
    assert off((20, 100, 10, False)) == pytest.approx((side, 0))
    assert off((20, 100, 10, True)) == pytest.approx((0, side))
    assert off((19, 100, 10, False)) == (0, 0)  # too few to count
    assert off((100, 100, 10, False), (25, 200, 0, False)) == pytest.approx((side * 2 / 3, 0))  # roots of 100 and 25
    assert off((100, 100, 10, False), (36, 200, 10, True)) == pytest.approx((side * 5 / 8, side * 3 / 8))
    assert off((20, 104, 10, False), (20, 111, -10, False)) == pytest.approx((0, side))  # one of 32 parts
    assert off((20, 104, 10, False), (20, 112, -10, False)) == pytest.approx((side, 0))  # two


def test_entries_of_a_map_are_of_255():
    assert damage._colours(GRAY).tolist() == [[k, k, k] for k in range(256)]
    deep = damage._colours(colormap.get("gray16"))
    assert deep.shape == (65536, 3)
    assert (deep[0].tolist(), deep[-1].tolist(), deep[257].tolist()) == ([0] * 3, [255] * 3, [1] * 3)
    table = colormap.get("magma").table
    np.testing.assert_array_equal(damage._colours(colormap.get("magma")), table)


def plain_variance(ones, others):
    """The variance of a level by its sixteenth, by loops."""
    half = [(float(a) - float(b)) ** 2 / 2 for a, b in zip(ones, others, strict=True)]
    sums, counts = np.zeros(18), np.zeros(18)
    for a, b, h in zip(ones, others, half, strict=True):
        part = 1 + min(15, max(0, int((float(a) + float(b)) / 2 * 16)))
        sums[part] += h
        counts[part] += 1
    near = [(s[:-2] + 2 * s[1:-1] + s[2:]) / 2 for s in (sums, counts)]
    return (near[0] + 32 * np.mean(half)) / (near[1] + 32)


@pytest.mark.parametrize("along", ["columns", "rows"])
def test_a_levels_variance_is_that_of_pixels_side_by_side(along):
    rng = np.random.default_rng(3)
    positions = rng.random((40, 60)).astype(np.float32)
    positions[3, 5] = np.nan
    rows, columns = np.arange(40), np.repeat(np.arange(30), 2)
    image = positions if along == "columns" else positions.T.copy()
    found = damage.variance(image, *((rows, columns) if along == "columns" else (columns, rows)), 0.79)
    ones, others = positions[:, 0::2].ravel(), positions[:, 1::2].ravel()
    known = np.isfinite(ones) & np.isfinite(others)
    assert found is not None
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, plain_variance(ones[known], others[known]), rtol=1e-5)


# --- reading: which way, and how sure


def grid(height=10, width=10):
    return CellGrid(np.arange(height)[::-1].copy(), np.arange(width), height, width)


@pytest.mark.parametrize(("wrong", "sampled"), [(0, False), (19, False), (20, True)])
def test_from_a_fifth_of_the_pixels_on_a_picture_may_be_damaged(monkeypatch, wrong, sampled):
    cmap, asked = colormap.get("magma"), []

    def few(*_):
        asked.append(1)
        return reading._Sample(0.8, (1, 1), True, None)

    monkeypatch.setattr(reading, "_sampled", few)
    pixels = np.full((10, 10, 3), cmap.table[100], np.uint8)
    pixels.reshape(-1, 3)[:wrong] = (0, 255, 0)
    shown = reading.read(pixels, cmap, grid())
    assert bool(asked) is sampled
    assert (shown.hidden, shown.expected) == (wrong, False)
    assert shown.exact == pytest.approx(1 - wrong / 100)
    assert np.isnan(shown.levels).sum() == wrong


@pytest.mark.parametrize(("exact", "near"), [(0.79, True), (0.8, False)])
@pytest.mark.parametrize("blocks", [None, reading.Blocks(None)])
@pytest.mark.parametrize("name", ["magma", "jet"])
def test_damaged_pictures_are_read_cell_by_cell(monkeypatch, exact, near, blocks, name):
    cmap, variance = colormap.get(name), np.full(16, 0.5, np.float32)
    sample = reading._Sample(exact, (1, 1), True, variance)
    monkeypatch.setattr(reading, "_sampled", lambda *_: sample)

    def filled(pixels, cmap, spans, sample, jpeg, levels):
        levels[:] = 0.25
        hidden = np.zeros(levels.shape, np.int32)
        hidden[0, :3] = 7  # pixels of cells that were passed over
        return hidden

    def searched(pixels, cmap, near, blocks, places):
        assert np.isnan(near).sum() == 3
        found = np.where(np.isnan(near), near, np.float32(0.75))
        found[9, 9] = np.nan
        return found, True

    monkeypatch.setattr(reading, "_near", filled)
    monkeypatch.setattr(reading, "_searched", searched)
    shown = reading.read(np.full((10, 10, 3), (0, 255, 0), np.uint8), cmap, grid(), blocks=blocks)
    by_blocks = near and blocks is not None and name == "jet"
    if not near:
        assert (shown.expected, shown.exact) == (False, 0)
        return
    assert (shown.exact, shown.variance is variance, shown.expected) == (exact, True, by_blocks)
    assert shown.hidden == (4 if by_blocks else 21)
    assert np.nanmax(shown.levels) == pytest.approx(0.75 if by_blocks else 0.25)


@pytest.mark.parametrize("jpeg", [False, True])
@pytest.mark.parametrize("covers", [False, True])
def test_what_cells_are_searched_with(monkeypatch, jpeg, covers):
    cmap, asked, weights = colormap.get("magma"), [], []
    ready = matching.search_grid(cmap, None)

    def search_grid(cmap, weight):
        weights.append(weight)
        return ready

    monkeypatch.setattr(matching, "search_grid", search_grid)

    class Kernels:
        @staticmethod
        def cells_near(*given):
            asked.append(given)
            given[-1][:] = 3

    monkeypatch.setattr(matching, "kernels", Kernels)
    sample = reading._Sample(0.1, (12.0, 18.0), covers, None)
    levels = np.zeros((2, 2), np.float32)
    hidden = reading._near(np.zeros((2, 2, 3), np.uint8), cmap, (), sample, jpeg, levels)
    assert weights == [0.05 if jpeg else None]
    assert (hidden.tolist(), hidden.dtype) == ([[3, 3], [3, 3]], np.int32)
    limits = asked[0][-6:-2]
    wanted = (4.0, 12.0, 18.0) if covers else (np.inf,) * 3
    assert [float(each) for each in limits[:3]] == pytest.approx(wanted)
    assert limits[3] == 5


@pytest.mark.parametrize("jpeg", [False, True])
def test_a_sample_is_some_pairs_of_rows(monkeypatch, jpeg):
    cmap, asked = colormap.get("magma"), []
    index_of = matching.index_of

    def noting(pixels, cmap, **how):
        asked.append((pixels.shape[0], how))
        return index_of(pixels, cmap, **how)

    monkeypatch.setattr(matching, "index_of", noting)
    rng = np.random.default_rng(0)
    for height, rows in ((100, 12), (12, 12), (5, 4), (2, 2), (1, 1)):
        asked.clear()
        pixels = rng.integers(0, 256, (height, 30, 3)).astype(np.uint8)
        found = reading._sampled(pixels, cmap, np.arange(height), np.arange(30), jpeg)
        ((seen, how),) = asked
        assert seen == rows
        assert how == {"chroma_weight": 0.05 if jpeg else None, "distance": True}
        assert found.variance is None  # a pixel a cell


@pytest.mark.parametrize(("away", "covers"), [(11, True), (12, False)])
def test_paint_covers_less_than_two_fifths(away, covers):
    cmap = colormap.get("magma")
    pixels = np.repeat(np.repeat(cmap.table[[100]][None], 2, axis=0), 30, axis=1).copy()
    pixels[:, :away] = (0, 255, 0)
    pixels[:, away:] += np.uint8(1)  # damaged a little
    found = reading._sampled(pixels, cmap, np.arange(2), np.arange(30), False)
    assert found.covers is covers
    assert found.paint == (24, 24)


def shown(levels, variance, **more):
    levels = np.asarray(levels, np.float32)
    across, down = (cells.pixel_spans("c", np.arange(n), n) for n in levels.shape)
    return reading.Shown(levels, across, down, 0.5, 0, None if variance is None else np.float32(variance), **more)


def test_uncertainty_is_the_rms_of_the_levels_that_are_legible():
    variance = np.arange(16) / 100
    told = shown([[0.03, 0.5], [1.0, np.nan]], variance)
    assert told.uncertainty(80.0) == pytest.approx(80 * ((0 + 0.08 + 0.15) / 3) ** 0.5)
    assert shown([[np.nan]], variance).uncertainty(80.0) == 0
    assert shown([[0.5]], None).uncertainty(80.0) == 0


@pytest.mark.parametrize(("error", "heeded"), [(0.99, False), (1.01, True)])
def test_uncertainty_of_a_decibel_is_heeded(monkeypatch, error, heeded):
    asked = []

    def shrink(self, decibels):
        asked.append(decibels)
        return self.levels

    monkeypatch.setattr(reading.Shown, "_shrink_to_neighbours", shrink)
    scale, variance = LevelScale("db", -80.0, 0.0), np.full(16, (error / 80) ** 2)
    told = shown([[0.5, 0.5]], variance).amplitudes(scale)
    assert asked == ([80.0] if heeded else [])
    np.testing.assert_allclose(told, 10 ** (-40 / 20), rtol=0.01)
    shown([[0.5, 0.5]], variance, expected=True).amplitudes(scale)
    shown([[0.5, 0.5]], None).amplitudes(scale)
    assert len(asked) == heeded


def test_other_scales_than_decibels_have_no_uncertainty_in_them(monkeypatch):
    monkeypatch.setattr(reading.Shown, "_shrink_to_neighbours", None)
    told = shown([[0.5, 0.5]], np.full(16, 0.2)).amplitudes(LevelScale("power"))
    np.testing.assert_array_equal(told, shown([[0.5, 0.5]], None).amplitudes(LevelScale("power")))


@pytest.mark.parametrize("jpeg", [False, True])
def test_what_is_read_pixel_by_pixel_is_read_as_it_was_stored(monkeypatch, jpeg):
    asked, read_levels = [], damage.read_levels

    def noting(pixels, cmap, **how):
        asked.append(how)
        return read_levels(pixels, cmap, **how)

    monkeypatch.setattr(damage, "read_levels", noting)
    cmap = colormap.get("magma")
    pixels = np.full((10, 10), 100, np.uint8)
    reading.read(cmap.table[pixels], cmap, grid(), jpeg=jpeg)
    assert not asked
    painted = np.append(cmap.table[:-1], [[0, 255, 0]], axis=0).astype(np.uint8)  # an entry that is none of the map's
    pixels[0, 0] = 255
    told = reading.read(pixels, cmap, grid(), palette=painted, jpeg=jpeg)
    assert asked[0]["jpeg"] is jpeg
    assert asked[0]["palette"] is painted
    assert np.isnan(told.levels).sum() == told.hidden == 1
    np.testing.assert_allclose(np.nanmax(told.levels), cmap.levels_of(np.array(100)))
    other = reading.read(pixels[1:], cmap, grid(9), palette=cmap.table[::-1].copy())
    np.testing.assert_allclose(other.levels, cmap.levels_of(np.array(155)))


def test_errors_of_cells_are_less_with_more_pixels(monkeypatch):
    from fastspec.kernels import cells as kernels

    asked = []
    monkeypatch.setattr(kernels, "shrink_to_neighbours", lambda *given: asked.append(given))
    spans = cells.pixel_spans("c", np.array([0, 0, 1]), 2), cells.pixel_spans("r", np.array([0, 1, 1, 1]), 2)
    variance = np.arange(1, 17, dtype=np.float32)
    told = reading.Shown(np.array([[0.5, np.nan], [1.0, 0.0]], np.float32), *spans, 0.5, 0, variance)
    told._shrink_to_neighbours(40.0)
    ((levels, error, least, lift, _),) = asked
    assert levels is told.levels
    np.testing.assert_allclose(error, [[9 / 2, 1 / 6], [16, 1 / 3]])
    assert (least, lift) == pytest.approx(((1 / 40) ** 2, 2 * np.log(10)))


def test_places_are_numbers_of_what_is_shown():
    rows, columns = reading._shown_places(CellGrid(np.array([9, 4, 4, 0]), np.array([2, 2, 7]), 12, 9))
    assert (rows.tolist(), columns.tolist()) == ([2, 1, 1, 0], [0, 0, 1])


def test_colours_of_equal_luma_are_searched_by_shared_chroma_and_by_the_file(monkeypatch):
    near, asked = np.zeros((2, 2), np.float32), []
    one, other = near + 1, near + 2

    def by_chroma(*given):
        asked.append(given[2:])
        return one

    def by_file(*given):
        asked.append(given[:1] + given[3:])
        return other

    monkeypatch.setattr(subsampled, "levels", by_chroma)
    monkeypatch.setattr(stored, "levels", by_file)
    assert reading._searched(None, None, near, reading.Blocks(None), "p") == (near, False)
    assert reading._searched(None, None, near, reading.Blocks((0, 1)), "p") == (one, False)
    assert reading._searched(None, None, near, reading.Blocks((0, 1), "page"), "p") == (other, True)
    assert asked == [(near, (0, 1), "p")] * 2 + [("page", one, "p")]
    monkeypatch.setattr(stored, "levels", lambda page, pixels, cmap, known, places: known)
    assert reading._searched(None, None, near, reading.Blocks(None, "page"), "p") == (near, False)
