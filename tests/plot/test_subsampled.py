"""Levels of JPEG pictures in maps with colours of equal luma: blocks of 2 x 2 pixels share their chroma."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageDraw

from fastspec import Decoder
from fastspec.colours import colormap, matching
from fastspec.kernels import subsampled as kernels
from fastspec.picture import files
from fastspec.plot import subsampled


def jpeg(rgb, quality, subsampling=2):
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=quality, subsampling=subsampling)
    return np.asarray(Image.open(out))


@pytest.fixture(scope="module")
def cells():
    """Levels (60 bins, 50 frames) of a voice-like sound: harmonics over a floor, slow in time."""
    rng = np.random.default_rng(3)
    rows, columns = np.arange(60)[:, None], np.arange(50)
    comb = np.exp(-0.5 * ((rows % 7 - 3 + np.sin(columns / 9)) / 1.1) ** 2)
    loud = 0.25 + 0.6 * np.abs(np.sin(columns / 11 + rows / 40))
    return np.clip(comb * loud + rng.normal(0, 0.03, (60, 50)), 0, 1).astype(np.float32)


def drawn(cells, name, times=2):
    """The pixels and levels of cells, `times` pixels a frame."""
    levels = np.repeat(cells, times, axis=1)
    return colormap.colour_of(levels, colormap.get(name)), levels


def nearest(pixels, cmap):
    return cmap.levels_of(matching.index_of(pixels, cmap, chroma_weight=0.05).index)


def rms(a, b):
    return float(np.sqrt(np.mean((a - b) ** 2)))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("jet", True), ("rainbow", True), ("turbo", True), ("coolwarm", True), ("hsv", True), ("viridis", False),
     ("magma", False), ("gray_r", False), ("hot_r", False), ("gray16", False)],
)  # fmt: skip
def test_maps_whose_luma_does_not_say_the_level(name, expected):
    assert subsampled.ambiguous(colormap.get(name)) is expected


@pytest.mark.parametrize("quality", [75, 95])
@pytest.mark.parametrize("name", ["jet", "rainbow", "turbo"])
@pytest.mark.parametrize("first", [(0, 0), (1, 1), (1, 0)])
def test_levels_are_nearer_than_those_of_the_nearest_colours(cells, name, quality, first):
    cmap = colormap.get(name)
    rgb, levels = drawn(cells, name)
    top, left = first
    pixels = np.ascontiguousarray(jpeg(rgb, quality)[top:, left:])
    places = np.arange(60)[top:], np.repeat(np.arange(50), 2)[left:]
    near = nearest(pixels, cmap)
    found = subsampled.levels(pixels, cmap, near, first, places)
    assert rms(found, levels[top:, left:]) < 0.8 * rms(near, levels[top:, left:])
    wrong = subsampled.levels(pixels, cmap, near, (1 - top, 1 - left), places)
    assert rms(found, levels[top:, left:]) < rms(wrong, levels[top:, left:])


def test_paint_stays_illegible_and_mixtures_do_not(cells):
    cmap = colormap.get("jet")
    rgb, _ = drawn(cells, "jet")
    image = Image.fromarray(rgb)
    ImageDraw.Draw(image).rectangle((30, 20, 49, 39), fill=(250, 250, 250))
    pixels = jpeg(np.asarray(image), 90)
    near = nearest(pixels, cmap)
    far = np.zeros(near.shape, bool)
    far[20:40, 30:50] = True
    far[5::11, 60::7] = True
    near[far] = np.nan
    found = subsampled.levels(pixels, cmap, near, (0, 0), (np.arange(60), np.repeat(np.arange(50), 2)))
    assert np.isnan(found[20:40, 30:50]).mean() > 0.9
    assert np.isnan(found[:, 60:]).mean() == 0


def twin(luma, chroma, cell_of, frame_of, table, prior, weights):
    """Every block by itself, in the most obvious way."""
    of_luma, of_chroma, of_prior, enough, of_own = weights
    out, misfit = np.empty(luma.shape), np.empty(chroma.shape[:2])

    def off(entries, members, i, j):
        lumas = sum((table[entries[members.index(g)], 0] - luma[p]) ** 2 for p, g in pixels)
        mean = sum(table[entries[members.index(g)], 1:] for _, g in pixels) / 4
        return of_luma * lumas + of_chroma * ((mean - chroma[i, j]) ** 2).sum()

    for i in range(chroma.shape[0]):
        for j in range(chroma.shape[1]):
            pixels = [((y, x), (cell_of[y], frame_of[x])) for y in (2 * i, 2 * i + 1) for x in (2 * j, 2 * j + 1)]
            members = list(dict.fromkeys(g for _, g in pixels))
            expected = np.array([prior[p] for p, _ in pixels])
            if not np.isnan(expected).any():
                kept = np.clip(np.floor(expected + 0.5), 0, len(table) - 1).astype(int)
                lumas = sum((table[k, 0] - luma[p]) ** 2 for k, (p, _) in zip(kept, pixels, strict=True))
                far = ((table[kept, 1:].mean(axis=0) - chroma[i, j]) ** 2).sum()
                misfit[i, j] = of_luma * lumas + of_chroma * far
                if misfit[i, j] <= enough:
                    for p, _ in pixels:
                        out[p] = prior[p]
                    continue
            k = np.arange(len(table))
            cost = []
            for g in members:
                mine = [p for p, group in pixels if group == g]
                cost.append(sum(of_luma * (table[:, 0] - luma[p]) ** 2 for p in mine))
                cost[-1] = cost[-1] + sum(of_prior * (k - prior[p]) ** 2 for p in mine if not np.isnan(prior[p]))
            own = of_own * ((table[:, 1:] - chroma[i, j]) ** 2).sum(axis=1)
            starts = []
            for c in cost:
                v = np.concatenate([[np.inf], c + own, [np.inf]])
                low = np.flatnonzero((v[1:-1] <= v[:-2]) & (v[1:-1] < v[2:]))
                starts.append(low[np.argsort(v[low + 1], kind="stable")[:3]])
            combos = np.array(np.meshgrid(*starts, indexing="ij")).reshape(len(members), -1).T

            def total(entries, cost=cost, members=members, i=i, j=j):
                mean = sum(table[entries[members.index(g)], 1:] for _, g in pixels) / 4  # noqa: B023
                return (
                    sum(c[e] for c, e in zip(cost, entries, strict=True))
                    + of_chroma * ((mean - chroma[i, j]) ** 2).sum()
                )

            best = min(combos.tolist(), key=total)
            for _ in range(4):
                before = list(best)
                for g in range(len(members)):
                    tried = np.tile(best, (len(table), 1))
                    tried[:, g] = np.arange(len(table))
                    best = min(tried.tolist(), key=total)
                if best == before:
                    break
            misfit[i, j] = off(best, members, i, j)
            for p, g in pixels:
                out[p] = best[members.index(g)]
    return out, misfit


@pytest.mark.parametrize("half", [1, 2])
@pytest.mark.parametrize("columns", [np.arange(9), np.arange(8)[::-1], np.arange(12) // 2])
def test_medians_are_of_the_frames_around(columns, half, monkeypatch):
    monkeypatch.setattr(subsampled, "LIMITS", subsampled.LIMITS._replace(block=20, around=half))
    entry = np.random.default_rng(2).normal(0, 1, (7, columns.max() + 1)).astype(np.float32)
    held = np.pad(entry, ((0, 0), (half, half)), mode="edge")
    expected = [[np.median(row[f : f + 2 * half + 1]) for f in range(entry.shape[1])] for row in held]
    found = subsampled._median_in_time(entry[:, columns], columns)
    np.testing.assert_array_equal(found, np.array(expected)[:, columns])


def test_few_frames_of_many_columns_and_large_plots_take_no_more_memory(cells, monkeypatch):
    cmap = colormap.get("jet")
    rgb, _ = drawn(cells[:, :2], "jet", 3000)
    near = nearest(rgb, cmap)
    tracemalloc.start()
    subsampled.levels(rgb, cmap, near, (0, 0), (np.arange(60), np.repeat(np.arange(2), 3000)))
    assert tracemalloc.get_traced_memory()[1] < 100 * near.size
    tracemalloc.stop()
    monkeypatch.setattr(subsampled, "LIMITS", subsampled.LIMITS._replace(most=near.size - 1))
    assert subsampled.levels(rgb, cmap, near, (0, 0), (np.arange(60), np.repeat(np.arange(2), 3000))) is near


@pytest.mark.parametrize("share", ["none", "frames", "cells", "both"])
def test_the_search_is_its_twin(share):
    rng = np.random.default_rng(5)
    height, width = 8, 10
    table = np.asarray(colormap.get("jet").table[::8] @ matching.YCBCR.T, np.float32)
    entries = rng.integers(0, len(table), (height, width))
    cell_of = np.arange(height) // 2 if share in ("cells", "both") else np.arange(height)
    frame_of = np.arange(width) // 2 if share in ("frames", "both") else np.arange(width)
    entries = entries[np.ix_(cell_of, frame_of)]
    seen = table[entries]
    luma = (seen[..., 0] + rng.normal(0, 3, (height, width))).astype(np.float32)
    chroma = seen[..., 1:].reshape(height // 2, 2, width // 2, 2, 2).mean(axis=(1, 3))
    chroma = (chroma + rng.normal(0, 3, chroma.shape)).astype(np.float32)
    prior = (entries + rng.normal(0, 2, entries.shape)).astype(np.float32)
    prior[:2, :2] = np.nan
    prior[-2:, -2:], luma[-2:, -2:] = entries[-2:, -2:], seen[-2:, -2:, 0]
    chroma[-1, -1] = seen[-2:, -2:, 1:].mean(axis=(0, 1))
    weights = 1 / 25, 1 / 42, 1 / 9, 1.0, 1 / 3600
    out, misfit = np.empty_like(luma), np.empty(chroma.shape[:2], np.float32)
    in_single = tuple(np.float32(w) for w in weights)
    kernels.solve(luma, chroma, cell_of, frame_of, table, prior, in_single, out, misfit)
    luma, chroma, table, prior = (a.astype(float) for a in (luma, chroma, table, prior))
    expected, off = twin(luma, chroma, cell_of, frame_of, table, prior, weights)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_allclose(misfit, off, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("shape", [(7, 9), (1, 6), (5, 1)])
@pytest.mark.parametrize("along_rows", [True, False])
def test_sharpening_undoes_what_enlarged_chroma_keeps(shape, along_rows):
    own = np.random.default_rng(1).normal(0, 30, (*shape, 2))
    axis = 1 if along_rows else 0
    held = np.pad(own, [(1, 1) if k == axis else (0, 0) for k in range(3)], mode="edge")
    before, after = (np.take(held, np.arange(shape[axis]) + k, axis) for k in (0, 2))
    chroma = (0.75 * own + 0.125 * (before + after)).astype(np.float32)
    kernels.sharpen(chroma, along_rows)
    np.testing.assert_allclose(chroma, own, atol=1e-3)


@pytest.mark.parametrize(("subsampling", "named"), [(0, "4:4:4"), (1, "4:2:2"), (2, "4:2:0")])
def test_files_say_which_pixels_share_their_chroma(cells, tmp_path, subsampling, named):
    rgb, _ = drawn(cells, "jet")
    Image.fromarray(rgb).save(tmp_path / "a.jpg", quality=90, subsampling=subsampling)
    assert files.read(tmp_path / "a.jpg").info["subsampling"] == named
    Image.fromarray(rgb).save(tmp_path / "a.png")
    assert "subsampling" not in files.read(tmp_path / "a.png").info


@pytest.mark.parametrize("at", [(20, 10), (21, 11)])
def test_a_decoder_reads_blocks_where_the_file_has_them(cells, tmp_path, at, monkeypatch):
    rgb, levels = drawn(cells, "jet")
    top, left = at
    page = np.full((120, 160, 3), 255, np.uint8)
    page[top : top + 60, left : left + 100] = rgb[::-1]
    Image.fromarray(page).save(tmp_path / "a.jpg", quality=92)
    given = {
        "cmap": "jet", "plot_area": (left, top, left + 100, top + 60), "freq_edges": "cells", "n_fft": 118,
        "n_frames": 50, "hop_length": 32, "sr": 8000, "db_range": (-60, 0), "freq_scale": "linear", "origin": "lower",
        "force": True,
    }  # fmt: skip

    def error():
        found = Decoder(**given).read(str(tmp_path / "a.jpg")).magnitude
        true = 10 ** (-3 + 3 * levels[:, ::2].T)
        return rms(20 * np.log10(found), 20 * np.log10(true))

    ours = error()
    monkeypatch.setattr(subsampled, "SHARED", "none")
    assert ours < 0.8 * error()


@pytest.mark.parametrize(("entries", "prior"), [(256, 15.0), (128, 7.5), (512, 30.0)])
def test_deviations_are_weighed_by_what_is_usual(entries, prior):
    luma, chroma, median, enough, own = subsampled._weights(entries)
    assert (luma, chroma, own) == pytest.approx((5.0**-2, 6.5**-2, 60.0**-2))
    assert median == pytest.approx(prior**-2)
    assert enough == 1.0
