"""How levels of JPEG pictures are drawn and searched, step by step: what kernels are given, and limits in figures."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from fastspec.colours import colormap, matching
from fastspec.kernels import coefficients
from fastspec.picture import jpeg_planes
from fastspec.plot import stored, subsampled

JET = colormap.get("jet")


class Steps:
    """Stands for the kernels of `stored`: notes what they are given, and moves the entries as it is told."""

    def __init__(self, monkeypatch, moves=(), several=1):
        self.calls, self.moves, self.several = [], moves, several
        for name in ("relax", "sweep", "groups"):
            monkeypatch.setattr(coefficients, name, getattr(self, name))

    def relax(self, rows, columns, values, luma, chroma, pull):
        self.calls.append(("relax", values.shape, round(float(pull), 6)))

    def sweep(self, entry, live, edges, table, luma, chroma, near, limits, chances, now, several):
        number = sum(call[0] == "sweep" for call in self.calls)
        self.calls.append(
            ("sweep", *(round(float(each), 4) for each in limits), live.copy(), several.copy(), near.shape)
        )
        assert chances.shape == entry.shape
        now[:] = self.moves[number] if number < len(self.moves) else entry
        several[:] = self.several

    def groups(self, entry, several, steps, most, edges, table, luma, chroma, near, limits, chance):
        self.calls.append(("groups", steps.tolist(), most))
        assert chance.shape == entry.shape

    def of(self, name):
        return [call[1:] for call in self.calls if call[0] == name]


def draw(live=((True, True), (True, False)), entries=256, shared=(1, 2)):
    cells = SimpleNamespace(entry=np.full((2, 2), 7), live=np.array(live))
    luma = (None, None, stored.sums(1), stored.sums(1))
    chroma = (None, None, stored.sums(shared[0]), stored.sums(shared[1]))
    others = np.array([0, 1, 2]), np.array([0, 0, 0])
    return stored._drawn(cells, np.zeros((entries, 3), np.float32), luma, chroma, (), others)


def test_levels_are_drawn_ever_more_as_they_are_meant(monkeypatch):
    steps = Steps(monkeypatch)
    found = draw()
    assert [call[:2] for call in steps.of("sweep")] == [(0.6, 12), (0.8, 12), (1, 12), (1, 12), (1, 12), (1, 12)]
    assert [call[0] for call in steps.calls[:3]] == ["relax", "sweep", "groups"]
    assert steps.of("relax") == [((3, 3), 0.01)] * 4  # until levels are drawn freely
    assert steps.of("groups") == [([[0, 0], [0, 1]], 6)] * 6
    assert steps.of("sweep")[0][4] == (3, 511)
    np.testing.assert_array_equal(found, np.full((2, 2), 7))


def test_four_cells_are_drawn_together_where_chroma_is_shared_both_ways(monkeypatch):
    steps = Steps(monkeypatch)
    draw(shared=(2, 2))
    assert steps.of("groups")[:2] == [([[0, 0], [1, 0]], 6), ([[0, 0], [1, 0], [0, 1], [1, 1]], 3)]
    draw(shared=(2, 1))
    assert steps.of("groups")[-1] == ([[0, 0], [1, 0]], 6)


def test_the_mean_is_of_the_last_three_rounds_and_of_live_cells(monkeypatch):
    Steps(monkeypatch, moves=[90, 80, 70, 30, 33, 39])
    np.testing.assert_allclose(draw(), [[34, 34], [34, 7]])


@pytest.mark.parametrize(
    ("entries", "still", "goes_on"), [(256, 0.9, False), (256, 1.0, True), (128, 0.4, False), (128, 0.5, True)]
)
def test_a_cell_that_moves_by_less_than_an_entry_is_drawn_no_more(monkeypatch, entries, still, goes_on):
    steps = Steps(monkeypatch, moves=[7, 7 + still], several=0)
    draw(entries=entries)
    live = [call[2] for call in steps.of("sweep")]
    assert [each[0, 0] for each in live[:2]] == [True, True]  # after the first round nobody stands still yet
    assert bool(live[2][0, 0]) is goes_on
    assert not live[2][1, 1]


@pytest.mark.parametrize(
    ("entries", "away", "goes_on"), [(256, 3.9, False), (256, 4.0, True), (128, 1.9, False), (128, 2.0, True)]
)
def test_a_cell_far_off_its_mean_is_drawn_on(monkeypatch, entries, away, goes_on):
    steps = Steps(monkeypatch, moves=[7 + away, 7 + away], several=0)
    draw(entries=entries)
    assert bool(steps.of("sweep")[2][2][0, 0]) is goes_on


def test_open_cells_are_drawn_on(monkeypatch):
    steps = Steps(monkeypatch, several=1)
    draw()
    assert all(call[2].tolist() == [[True, True], [True, False]] for call in steps.of("sweep"))
    assert steps.of("sweep")[0][3].tolist() == [[1, 1], [1, 0]]  # as many as are live


def test_the_costs_of_entries_are_their_surprise():
    entry = np.array([[0, 1, 1], [2, 1, 0]])
    live = np.array([[True, True, True], [True, True, False]])
    found = stored.differences(entry, live, 6)

    def smoothed(counts):
        wide = np.concatenate([[0, 0], np.asarray(counts, float), [0, 0]])
        out = np.array([wide[k : k + 5].sum() / 5 for k in range(len(counts))]) + 1
        return -np.log(out / out.sum())

    np.testing.assert_allclose(found[2, :6], smoothed([1, 3, 1, 0, 0, 0]), rtol=1e-5)
    assert not found[2, 6:].any()
    in_time = [0] * 4 + [1, 1, 1] + [0] * 4  # differences of 1, 0 and 1
    np.testing.assert_allclose(found[0], 0.5 * smoothed(in_time), rtol=1e-5)
    in_frequency = [0] * 3 + [0.5, 0, 1, 0, 0.5] + [0] * 3  # of 2 and 0
    np.testing.assert_allclose(found[1], 0.2 * smoothed(in_frequency), rtol=1e-5)


@pytest.mark.parametrize("entries", [2, 3, 4])
def test_a_map_may_have_a_few_colours(entries):
    """A table of the user's, whose luma does not tell its colours."""
    table = np.array([[250, 0, 0], [0, 128, 0], [120, 0, 250], [0, 90, 90]], np.uint8)[:entries]
    cmap, level = colormap.Colormap("few", table), np.arange(48)[:, None] // 8 % entries
    pixels = np.ascontiguousarray(np.broadcast_to(table[level], (48, 64, 3)))
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=90)
    known = np.broadcast_to(cmap.levels_of(level), (48, 64)).astype(np.float32)
    places = np.arange(48) // 4, np.arange(64) // 4
    read = np.asarray(Image.open(file))
    found = stored.levels(stored.Page(file.getvalue(), 0, 0), read, cmap, known.copy(), places)
    assert found.shape == known.shape
    assert np.abs(found - known).mean() < 0.1 / entries


@pytest.mark.parametrize(("dark", "framed"), [(59, True), (61, False)])
def test_a_frame_is_darker_by_two_fifths(dark, framed):
    luma = np.full((9, 9), 100, np.float32)
    luma[0] = dark
    found = stored._framed(luma)
    assert bool(found[0].all()) is framed
    assert not found[1:, 1:-1].any()
    light = np.full((9, 9), dark, np.float32)
    light[:, -1] = 100
    assert bool(stored._framed(light)[:, -1].all()) is framed
    inner = np.full((9, 9), 100, np.float32)
    inner[2], inner[3] = 10, 100
    assert stored._framed(inner)[2].all()
    far = np.full((11, 11), 100, np.float32)
    far[5] = 10
    assert not stored._framed(far).any()  # not at a side
    assert not stored._framed(np.array([[1, 100], [100, 1]], np.float32)).any()


def planes_of(shape, shared=(1, 2), luma=100.0):
    ycbcr = np.full((*shape, 3), 128, np.float32)
    ycbcr[..., 0] = luma
    return SimpleNamespace(shared=shared, ycbcr=ycbcr, steps=(np.ones((8, 8)), np.ones((8, 8))))


@pytest.fixture
def asked(monkeypatch):
    """Stands for what is slow of `stored.levels`; the page's planes, and how often levels were drawn."""
    state = SimpleNamespace(planes=planes_of((40, 60)), drawn=[])
    monkeypatch.setattr(jpeg_planes, "planes", lambda file: state.planes)
    monkeypatch.setattr(stored, "_off", lambda *_: ((), (), (), ()))

    def drawn(cells, table, *_):
        state.drawn.append((cells, table))
        return cells.entry + 0.25

    monkeypatch.setattr(stored, "_drawn", drawn)
    return state


def search(known, luma=100, page=None, cmap=JET, places=None):
    height, width = known.shape
    pixels = np.full((height, width, 3), luma, np.uint8)
    places = places or (np.arange(height), np.arange(width))
    return stored.levels(page or stored.Page(b"", 2, 3), pixels, cmap, known, places)


def test_levels_are_those_that_were_drawn_where_cells_are_live(asked):
    known = np.full((20, 30), 0.5, np.float32)
    known[4, 5] = np.nan
    found = search(known)
    entry = int((0.5 - JET.levels_of(np.array([0]))[0]) * 256 + 0.5)
    wanted = JET.levels_of(np.array([0]))[0] + (entry + 0.25) / 256
    assert np.isnan(found[4, 5])
    found[4, 5] = wanted
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    ((cells, table),) = asked.drawn
    assert (cells.live.sum(), cells.entry[0, 0]) == (599, entry)
    np.testing.assert_allclose(table, JET.table @ matching.YCBCR.T, atol=1e-3)
    assert table.dtype == np.float32


@pytest.mark.parametrize(("luma", "drawn"), [(123, True), (125, False), (77, True), (75, False)])
def test_a_picture_that_is_not_what_its_file_stores_is_left(asked, luma, drawn):
    known = np.full((20, 30), 0.5, np.float32)
    assert (search(known, luma=luma) is not known) is drawn


@pytest.mark.parametrize(("most", "cells", "drawn"), [(600, 600, True), (599, 600, False), (600, 599, False)])
def test_large_plots_are_left(asked, monkeypatch, most, cells, drawn):
    assert (stored.LIMITS.most, stored.LIMITS.cells) == (1 << 20, 1 << 18)
    monkeypatch.setattr(stored, "LIMITS", stored.LIMITS._replace(most=most, cells=cells))
    known = np.full((20, 30), 0.5, np.float32)
    assert (search(known) is not known) is drawn


def test_what_cannot_be_searched_is_left(asked):
    known = np.full((20, 30), 0.5, np.float32)
    assert search(known, page=stored.Page(b"", 21, 3)) is known  # the plot is not within the page
    hidden = np.full((20, 30), np.nan, np.float32)
    assert search(hidden) is hidden
    empty = np.zeros((0, 30), np.float32)
    assert search(empty) is empty
    asked.planes = planes_of((40, 60), shared=(1, 1))
    assert search(known) is known
    asked.planes = None
    assert search(known) is known
    assert not asked.drawn


def test_of_a_fine_map_each_so_many_entries_are_tried(asked):
    table = np.repeat(np.arange(1024)[:, None] // 4, 3, axis=1).astype(np.uint8)
    table[:, 1] = np.arange(1024) % 4 * 60
    cmap = colormap.Colormap("fine", table)
    search(np.full((20, 30), 0.5, np.float32), cmap=cmap)
    ((_, seen),) = asked.drawn
    np.testing.assert_allclose(seen, table[2::4] @ matching.YCBCR.T, atol=1e-3)


def test_cells_are_runs_of_rows_and_columns():
    known = np.repeat(np.linspace(0, 1, 6, dtype=np.float32)[None], 5, axis=0)
    places = np.array([4, 4, 3, 3, 0]), np.array([1, 1, 2, 5, 5, 5])
    shown = np.linspace(0.1, 0.9, 9, dtype=np.float32)
    hidden = known.copy()
    hidden[3, 2] = np.nan
    found = stored._Cells.of(hidden, np.full((5, 6), 50, np.float32), shown, places)
    assert found.entry[0].tolist() == [0, 3, 5]  # of the first pixel of each: 0, .4 and .6
    assert found.live.tolist() == [[True] * 3, [True, False, True], [True] * 3]
    assert (found.rows.tolist(), found.columns.tolist()) == ([0, 0, 1, 1, 2], [0, 0, 1, 2, 2, 2])
    assert [edge.tolist() for edge in found.edges] == [[0, 2, 4, 5], [0, 2, 3, 6]]
    loud = stored._Cells.of(known + 9, np.full((5, 6), 50, np.float32), shown, places)
    assert loud.entry.max() == loud.entry.min() == 8


def test_planes_of_a_plot_begin_with_its_first_whole_block():
    page = stored.Page(b"", 9, 18)
    planes = planes_of((40, 60), luma=100.0)
    planes.ycbcr[..., 0] += np.arange(60)
    planes.steps = (np.full((8, 8), 6.0), np.full((8, 8), 12.0))
    entry = np.zeros((3, 4), int)
    live = np.ones((3, 4), bool)
    live[2, 3] = False
    rows, columns = np.repeat(np.arange(3), 4), np.repeat(np.arange(4), 5)
    edges = np.array([0, 4, 8, 12]), np.array([0, 5, 10, 15, 20])
    cells = stored._Cells(entry, live, rows, columns, edges)
    table = np.array([[130.0, 128, 128], [136, 134, 122]], np.float32)
    luma, colour, found, others = stored._off(cells, table, planes, page)
    assert luma[0].shape == (
        1,
        2,
        4,
        8,
        8,
    )  # rows 8 to 24, columns 16 to 48: blocks of 8 x 16 in which chroma is shared
    assert colour[0].shape == (2, 2, 2, 8, 8)
    assert [edge.tolist() for edge in found] == [[1, 5, 9, 13], [2, 7, 12, 17, 22]]
    inside = np.zeros((16, 32), bool)
    inside[1:13, 2:22] = True
    inside[9:13, 17:22] = False
    np.testing.assert_array_equal(np.stack(others), np.stack(np.nonzero(~inside)))
    off = np.where(inside, 130 - (100 + np.arange(16, 48)), 0).astype(np.float32)
    np.testing.assert_allclose(luma[0], stored.transformed(off[None]), atol=1e-3)
    np.testing.assert_allclose(luma[1], 1.4 / (6**2 / 12 + 0.3 + 36 / 12), rtol=1e-5)
    np.testing.assert_allclose(colour[1], 1.4 / (12**2 / 12 + 0.3 + 36 / 12), rtol=1e-5)
    np.testing.assert_array_equal(colour[3], stored.sums(2))
    np.testing.assert_array_equal(colour[2], stored.sums(1))


# --- blocks of 2 x 2 with one chroma


def test_what_the_search_of_blocks_is_given(monkeypatch):
    calls: list[Any] = []

    class Kernels:
        @staticmethod
        def sharpen(chroma, along_rows):
            calls.append(("sharpen", along_rows))

        @staticmethod
        def solve(luma, chroma, rows, columns, table, median, weights, found, misfit):
            calls.append(("solve", luma.copy(), chroma.copy(), rows, columns, table, median.copy(), weights))
            found[:] = 100
            misfit[:] = 39.9
            misfit[0, 0] = 40.1

    monkeypatch.setattr(subsampled, "_kernels", lambda: Kernels)
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    near = np.full((6, 8), 0.5, np.float32)
    near[1, 0] = near[3, 3] = np.nan
    places = np.arange(6)[::-1].copy(), np.arange(8)
    found = subsampled.levels(pixels, JET, near, (1, 0), places)
    assert [call[:2] for call in calls if call[0] == "sharpen"] == [("sharpen", True), ("sharpen", False)]
    assert [call[0] for call in calls].count("solve") == 2
    _, luma, chroma, rows, columns, table, median, weights = next(call for call in calls if call[0] == "solve")
    seen = pixels[1:5] @ matching.YCBCR.T
    np.testing.assert_allclose(luma, seen[..., 0], rtol=1e-4)
    np.testing.assert_allclose(chroma, seen[..., 1:].reshape(2, 2, 4, 2, 2).mean(axis=(1, 3)), rtol=1e-3)
    assert (rows.tolist(), columns.tolist()) == ([4, 3, 2, 1], list(range(8)))
    np.testing.assert_allclose(table, JET.table @ matching.YCBCR.T, atol=1e-3)
    assert [float(each) for each in weights] == pytest.approx([5**-2, 6.5**-2, 15**-2, 1.0, 60**-2])
    assert median[0, 4] == pytest.approx((0.5 - JET.origin) / JET.step)
    wanted = np.full((6, 8), 0.5, np.float32)
    wanted[1:5] = JET.levels_of(np.float32(100))
    wanted[1, 0] = np.nan  # what no levels explain stays hidden
    np.testing.assert_allclose(found, wanted)
    assert near[2, 2] == 0.5


@pytest.mark.parametrize(("height", "width", "first"), [(1, 8, (0, 0)), (2, 8, (1, 0)), (8, 1, (0, 0)), (8, 2, (0, 1))])
def test_where_no_block_is_whole_nearest_colours_are_taken(height, width, first):
    near = np.zeros((height, width), np.float32)
    places = np.arange(height), np.arange(width)
    assert subsampled.levels(np.zeros((height, width, 3), np.uint8), JET, near, first, places) is near


def test_a_plot_of_just_the_most_pixels_is_searched(monkeypatch):
    assert subsampled.LIMITS.most == 1 << 22
    near, places = np.zeros((4, 4), np.float32), (np.arange(4), np.arange(4))
    for most, searched in ((16, True), (15, False)):
        monkeypatch.setattr(subsampled, "LIMITS", subsampled.LIMITS._replace(most=most))
        found = subsampled.levels(np.zeros((4, 4, 3), np.uint8), JET, near, (0, 0), places)
        assert (found is not near) is searched


def test_a_median_is_of_a_frame_and_its_neighbours():
    entry = np.array([[5.0, 9, 1, 4, 4, np.nan]], np.float32)
    found = subsampled._median_in_time(entry, np.arange(6))
    np.testing.assert_array_equal(found, [[5, 5, 4, 4, np.nan, np.nan]])
    wide = subsampled._median_in_time(entry, np.array([0, 0, 1, 1, 2, 2]))  # what the first column of each has
    np.testing.assert_array_equal(wide, [[5, 5, 4, 4, 4, 4]])
