"""Levels by what a JPEG file stores of each block: the kernels are their twins, and levels come nearer."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image
from scipy.fft import dctn

from fastspec import Decoder
from fastspec.colours import colormap
from fastspec.colours.levels import LevelScale
from fastspec.kernels import coefficients as kernels
from fastspec.plot import reading, stored
from fastspec.plot.cells import pixel_spans
from tests.plot.test_subsampled import cells, drawn, nearest, rms

__all__ = ["cells"]  # a fixture


class Dense:
    """All costs of a small plot, each from the pixels anew."""

    def __init__(self, shared, seed=0):
        rng = np.random.default_rng(seed)
        self.shared = shared
        self.table = np.cumsum(rng.normal(0, 12, (9, 3)), axis=0)
        self.table[5:, 0] = self.table[:4, 0] + rng.normal(0, 2, 4)  # luma alone does not tell
        self.edges = np.array([3, 5, 6, 9, 14, 15, 18]), np.array([2, 3, 4, 7, 8, 17, 19])
        self.pixels = rng.normal(0, 30, (32, 32, 3))
        self.entry = rng.integers(0, 9, (6, 6))
        self.live = np.ones((6, 6), bool)
        self.live[2, 3] = False
        self.weights = 0.02 * rng.random((8, 8)), 0.02 * rng.random((8, 8))
        self.near = 3 * rng.random((3, 17))

    def off(self, entry, values=None):
        """Planes of luma and chroma."""
        out = np.zeros((32, 32, 3))
        for (i, j), k in np.ndenumerate(entry):
            part = slice(*self.edges[0][i : i + 2]), slice(*self.edges[1][j : j + 2])
            out[part] = self.table[k] - self.pixels[part]
        if values is not None:
            for y, x, value in values:
                out[y, x] = value
        down, across = self.shared
        small = out[..., 1:].reshape(32 // down, down, 32 // across, across, 2).mean(axis=(1, 3)).transpose(2, 0, 1)
        found = []
        for planes in (out[None, ..., 0], small):
            p, h, w = planes.shape
            blocks = planes.reshape(p, h // 8, 8, w // 8, 8).transpose(0, 1, 3, 2, 4)
            found.append(dctn(blocks, axes=(3, 4), norm="ortho"))
        return found

    def planes(self):
        return [
            (off.astype(np.float32), w.astype(np.float32), stored.sums(a), stored.sums(b))
            for off, w, (a, b) in zip(self.off(self.entry), self.weights, [(1, 1), self.shared], strict=True)
        ]

    def stored_cost(self, entry, which=(0, 1), values=None):
        off = self.off(entry, values)
        return sum(0.5 * (self.weights[k] * off[k] ** 2).sum() for k in which)

    def beside(self, entry, group):
        """What the cells of a group cost by those around it, and each by itself; all of theirs if `group` is whole."""
        total = 0.0
        for i, j in group:
            total += self.near[2, entry[i, j]]
            for side, y, x in ((1, i - 1, j), (1, i + 1, j), (0, i, j - 1), (0, i, j + 1)):
                if 0 <= y < 6 and 0 <= x < 6:
                    cost = self.near[side, 8 + entry[i, j] - entry[y, x]]
                    total += cost if (y, x) not in group else 0.5 * cost
        return total

    def with_(self, changes):
        entry = self.entry.copy()
        for at, k in changes.items():
            entry[at] = k
        return entry


def symmetric(dense):
    dense.near[:2] = dense.near[:2] + dense.near[:2, ::-1]


SHARED = [(1, 1), (1, 2), (2, 2)]


@pytest.mark.parametrize("shared", SHARED)
def test_the_transform_is_a_cosine_transform(shared):
    planes = np.random.default_rng(0).normal(0, 9, (2, 16, 24)).astype(np.float32)
    blocks = planes.reshape(2, 2, 8, 3, 8).transpose(0, 1, 3, 2, 4)
    np.testing.assert_allclose(stored.transformed(planes), dctn(blocks, axes=(3, 4), norm="ortho"), atol=1e-4)
    sums = stored.sums(shared[1])
    assert sums.shape == (8 * shared[1] + 1, 8)
    part = np.zeros(8 * shared[1])
    part[2:5] = 1
    small = part.reshape(8, -1).mean(axis=1)
    np.testing.assert_allclose(sums[5] - sums[2], dctn(small, norm="ortho"), atol=1e-6)


@pytest.mark.parametrize("shared", SHARED)
@pytest.mark.parametrize("beta", [1.0, 0.4])
def test_a_sweep_is_its_twin(shared, beta):
    dense = Dense(shared)
    symmetric(dense)
    luma, chroma = dense.planes()
    chances = np.random.default_rng(2).random((6, 6)).astype(np.float32)
    entry, total, several = dense.entry.copy(), np.zeros((6, 6), np.float32), np.zeros((6, 6), np.uint8)
    table = np.ascontiguousarray(dense.table.T, np.float32)
    limits = np.float32(beta), np.float32(12)
    near = dense.near.astype(np.float32)
    kernels.sweep(entry, dense.live, dense.edges, table, luma, chroma, near, limits, chances, total, several)
    means, opened = np.zeros((6, 6)), np.zeros((6, 6))
    for i, j in np.argwhere(dense.live):
        tries = [dense.with_({(i, j): k}) for k in range(9)]
        beside = np.array([dense.beside(e, [(i, j)]) for e in tries])
        by_luma = beside + [dense.stored_cost(e, (0,)) for e in tries]
        inside = np.append(False, by_luma < by_luma.min() + 12)
        opened[i, j] = (inside[1:] & ~inside[:-1]).sum() > 1
        cost = beta * (by_luma + [dense.stored_cost(e, (1,)) for e in tries])
        cost -= cost.min()
        p = np.where(cost < 12, np.exp(-cost), 0)
        means[i, j] = (p * np.arange(9)).sum() / p.sum()
        dense.entry[i, j] = min(np.searchsorted(np.cumsum(p), chances[i, j] * p.sum(), side="right"), 8)
    np.testing.assert_array_equal(entry, dense.entry)
    np.testing.assert_array_equal(several, opened)
    assert several.any()
    assert not several.all()
    np.testing.assert_allclose(total, means, atol=2e-3)
    for found, expected in zip((luma[0], chroma[0]), dense.off(dense.entry), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize(
    ("shared", "steps"),
    [
        ((2, 1), [(0, 0), (1, 0)]), ((2, 2), [(0, 0), (1, 0)]), ((1, 2), [(0, 0), (0, 1)]), ((2, 2), [(0, 0), (0, 1)]),
        ((2, 2), [(0, 0), (1, 0), (0, 1), (1, 1)]),
    ],
)  # fmt: skip
def test_groups_are_their_twin(shared, steps):
    dense = Dense(shared)
    symmetric(dense)
    luma, chroma = dense.planes()
    rng = np.random.default_rng(4)
    chances = rng.random((6, 6)).astype(np.float32)
    several = (rng.random((6, 6)) < 0.8).astype(np.uint8)
    entry, table = dense.entry.copy(), np.ascontiguousarray(dense.table.T, np.float32)
    limits, near, most = (np.float32(1), np.float32(12)), dense.near.astype(np.float32), 3
    first = np.array(steps), most, dense.edges, table, luma, chroma
    changed = kernels.groups(entry, several, *first, near, limits, chances)
    far = np.max(steps, axis=0)
    moved = 0
    for i, j in itertools.product(range(6 - far[0]), range(6 - far[1])):
        group = [(i + a, j + b) for a, b in steps]
        axis = 0 if far[0] else 1
        last, block = (i, i + far[0]) if far[0] else (j, j + far[1]), shared[axis]
        if (dense.edges[axis][last[0] + 1] - 1) // block < dense.edges[axis][last[1]] // block:
            continue
        if sum(several[at] for at in group) < 2:
            continue
        choices = []
        for at in group:
            old = dense.entry[at]
            if not several[at]:
                choices.append([old])
                continue
            tries = [dense.with_({at: k}) for k in range(9)]
            line = np.array([dense.stored_cost(e, (0,)) for e in tries]) + np.array(
                [_outside(dense, e, at, group) for e in tries]
            )
            held = np.concatenate([[np.inf], line, [np.inf]])
            low = np.flatnonzero((held[1:-1] <= held[:-2]) & (held[1:-1] < held[2:]) & (line < line.min() + 12))
            low = np.array([k for k in low if k != old], int)
            if len(low) > most - 1:  # as the kernel keeps them: the worst makes room
                kept = list(low[: most - 1])
                for k in low[most - 1 :]:
                    worst = max(range(most - 1), key=lambda m: line[kept[m]])
                    if line[k] < line[kept[worst]]:
                        kept[worst] = k
                low = np.array(kept)
            choices.append([old, *low])
        if all(len(c) == 1 for c in choices):
            continue
        combos = [c[::-1] for c in itertools.product(*choices[::-1])]  # the first cell's changes fastest
        tries = [dense.with_(dict(zip(group, combo, strict=True))) for combo in combos]
        cost = np.array([dense.stored_cost(e) + dense.beside(e, group) for e in tries])
        p = np.exp(cost.min() - cost)
        number = min(np.searchsorted(np.cumsum(p), chances[i, j] * p.sum(), side="right"), len(p) - 1)
        moved += number > 0
        dense.entry = tries[number]
    np.testing.assert_array_equal(entry, dense.entry)
    assert changed == moved > 0
    for found, expected in zip((luma[0], chroma[0]), dense.off(dense.entry), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-3)


def _outside(dense, entry, at, group):
    """What a cell costs by itself and those around it that are not of its group."""
    others = [g for g in group if g != at]
    i, j = at
    inner = 0.0
    for side, y, x in ((1, i - 1, j), (1, i + 1, j), (0, i, j - 1), (0, i, j + 1)):
        if (y, x) in others:
            inner += dense.near[side, 8 + entry[i, j] - entry[y, x]]
    return dense.beside(entry, [at]) - inner


def test_pixels_of_no_cell_take_what_fits_best():
    dense = Dense((2, 2))
    luma, chroma = dense.planes()
    rows, columns = np.array([1, 2, 20, 20, 1]), np.array([5, 5, 9, 10, 31])
    values = np.zeros((5, 3), np.float32)
    for _ in range(300):
        kernels.relax(rows, columns, values, luma, chroma, np.float32(0.01))

    def cost(values):
        pixels = zip(rows, columns, values, strict=True)
        return dense.stored_cost(dense.entry, values=list(pixels)) + 0.005 * (values**2).sum()

    least = cost(values.astype(float))
    for m, p in np.ndindex(5, 3):
        for by in (-0.3, 0.3):
            other = values.astype(float)
            other[m, p] += by
            assert cost(other) > least


def test_differences_are_those_of_live_cells_on_both_sides(monkeypatch):
    monkeypatch.setattr(stored, "LIMITS", stored.LIMITS._replace(in_time=0.5, in_frequency=0.25, alone=0.1))
    entry, live = np.zeros((9, 40), np.int64), np.ones((9, 40), bool)
    entry[:, ::2] = 20
    found = stored.differences(entry, live, 32)
    assert found.shape == (3, 63)
    np.testing.assert_array_equal(found[:2], found[:2, ::-1])
    assert found[0, 31 - 20] == found[0].min()
    assert found[1, 31] == found[1].min()
    smooth = np.convolve(np.bincount(entry.ravel(), minlength=32), np.full(5, 0.2), "same") + 1
    np.testing.assert_allclose(found[2, :32], -0.1 * np.log(smooth / smooth.sum()), rtol=1e-5)
    live[:, 20:] = False
    entry[:, 20:] = np.arange(20)
    np.testing.assert_allclose(stored.differences(entry, live, 32)[0, [31 - 8, 31 + 8]], found[0, 31 - 8], atol=0.6)


@pytest.mark.parametrize("lighter", [False, True])
def test_a_frame_is_found_at_each_side(lighter):
    luma = np.random.default_rng(0).normal(100, 20, (40, 50)).astype(np.float32)
    luma[0] = luma[-2] = luma[:, 1] = 250 if lighter else 5
    expected = np.zeros((40, 50), bool)
    expected[0] = expected[-2] = expected[:, 1] = True
    np.testing.assert_array_equal(stored._framed(luma), expected)
    assert not stored._framed(luma[2:5, 3:6]).any()


def page(rgb, quality, subsampling, at, frame=0):
    """A file with the plot at row, column, its page and the pixels of the plot as they are read."""
    top, left = at
    sheet = np.full((rgb.shape[0] + 37, rgb.shape[1] + 53, 3), 255, np.uint8)
    sheet[top - frame : top + rgb.shape[0], left - frame : left + rgb.shape[1]] = 0
    sheet[top : top + rgb.shape[0], left : left + rgb.shape[1]] = rgb
    out = io.BytesIO()
    Image.fromarray(sheet).save(out, "JPEG", quality=quality, subsampling=subsampling)
    seen = np.asarray(Image.open(out))[top : top + rgb.shape[0], left : left + rgb.shape[1]]
    return stored.Page(out.getvalue(), top, left), np.ascontiguousarray(seen)


@pytest.mark.parametrize(("quality", "subsampling"), [(75, 2), (95, 2), (85, 1)])
@pytest.mark.parametrize(("name", "at"), [("jet", (16, 16)), ("rainbow", (19, 22)), ("turbo", (5, 9))])
def test_levels_are_nearer_than_those_of_the_nearest_colours(cells, name, at, quality, subsampling):
    cmap = colormap.get(name)
    rgb, levels = drawn(cells, name)
    file, pixels = page(rgb, quality, subsampling, at, frame=1)
    places = np.arange(60), np.repeat(np.arange(50), 2)
    near = nearest(pixels, cmap)
    found = stored.levels(file, pixels, cmap, near, places)
    assert rms(found, levels) < 0.9 * rms(near, levels)
    np.testing.assert_array_equal(found, stored.levels(file, pixels, cmap, near, places))
    assert found.dtype == np.float32


def test_what_is_hidden_stays_and_so_do_levels_of_other_files(cells, monkeypatch):
    cmap = colormap.get("jet")
    rgb, _ = drawn(cells, "jet")
    file, pixels = page(rgb, 80, 2, (20, 20))
    places = np.arange(60), np.repeat(np.arange(50), 2)
    known = nearest(pixels, cmap)
    known[30:32, 40:44] = np.nan
    found = stored.levels(file, pixels, cmap, known, places)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(known))
    assert stored.levels(file._replace(file=b""), pixels, cmap, known, places) is known
    assert stored.levels(file._replace(top=90), pixels, cmap, known, places) is known
    assert stored.levels(file, 255 - pixels, cmap, known, places) is known
    assert stored.levels(file, pixels, cmap, np.full_like(known, np.nan), places) is not None
    unshared, seen = page(rgb, 80, 0, (20, 20))
    assert stored.levels(unshared, seen, cmap, known, places) is known
    own = stored.LIMITS
    monkeypatch.setattr(stored, "LIMITS", own._replace(cells=60 * 50 - 1))
    assert stored.levels(file, pixels, cmap, known, places) is known
    monkeypatch.setattr(stored, "LIMITS", own._replace(most=known.size - 1))
    assert stored.levels(file, pixels, cmap, known, places) is known


@pytest.mark.parametrize("subsampling", [1, 2])
def test_a_decoder_asks_the_file(cells, tmp_path, subsampling, monkeypatch):
    rgb, levels = drawn(cells, "jet")
    file, _ = page(rgb[::-1], 80, subsampling, (21, 30))
    (tmp_path / "a.jpg").write_bytes(file.file)
    given = {
        "cmap": "jet", "plot_area": (30, 21, 130, 81), "freq_edges": "cells", "n_fft": 118, "n_frames": 50,
        "hop_length": 32, "sr": 8000, "db_range": (-60, 0), "freq_scale": "linear", "origin": "lower", "force": True,
    }  # fmt: skip

    def error():
        found = Decoder(**given).read(str(tmp_path / "a.jpg")).magnitude
        true = 10 ** (-3 + 3 * levels[:, ::2].T)
        return rms(20 * np.log10(found), 20 * np.log10(true))

    ours = error()
    monkeypatch.setattr(stored, "levels", lambda page, pixels, cmap, known, places: known)
    assert ours < 0.8 * error()


def test_expected_levels_are_not_drawn_to_their_surroundings():
    levels = np.random.default_rng(0).random((6, 5)).astype(np.float32)
    spans = pixel_spans("columns", np.arange(6), 6), pixel_spans("rows", np.arange(5), 5)
    variance, scale = np.full(16, 0.02, np.float32), LevelScale("db", -80.0, 0.0)
    plain, expected, uncertain = (
        reading.Shown(levels, *spans, 0.1, 0, v, expected=e).amplitudes(scale)
        for v, e in ((None, False), (variance, True), (variance, False))
    )
    np.testing.assert_array_equal(plain, expected)
    assert not np.allclose(plain, uncertain)
