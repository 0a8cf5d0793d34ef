"""Levels of cells: the same however they are read, clean, painted or damaged; uncertain ones weigh less."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from PIL import Image

from fastspec.colours import colormap, matching
from fastspec.colours.levels import LevelScale
from fastspec.errors import PictureError
from fastspec.kernels.cells import look_up, shrink_to_neighbours
from fastspec.plot import cells, damage, reading
from fastspec.plot.cells import CellGrid

N_FRAMES, N_CELLS = 40, 30


@pytest.fixture
def plan():
    """Rows and columns of uneven cells; two frames and three cells are not shown."""
    columns = np.sort(np.random.default_rng(0).integers(0, N_FRAMES - 2, 150))
    columns[0], columns[-1] = 0, N_FRAMES - 1
    rows = np.sort(np.random.default_rng(1).integers(0, N_CELLS - 3, 90))[::-1].copy()
    return rows, columns


def draw(plan, cmap, seed=2):
    rows, columns = plan
    levels = np.random.default_rng(seed).random((N_FRAMES, N_CELLS), np.float32)
    return levels, colormap.colour_of(cells.draw(levels, rows, columns), cmap)


def read(pixels, cmap, plan, **options):
    return reading.read(pixels, cmap, CellGrid(plan[0], plan[1], N_CELLS, N_FRAMES), **options)


def twin(positions, plan):
    """Mean of each shown cell's legible pixels."""
    rows, columns = plan
    out = np.full((len(np.unique(columns)), len(np.unique(rows))), np.nan)
    for i, f in enumerate(np.unique(columns)):
        for j, b in enumerate(np.unique(rows)):
            part = positions[np.ix_(rows == b, columns == f)]
            if np.isfinite(part).any():
                out[i, j] = np.nanmean(part)
    return out


@pytest.mark.parametrize("strided", [False, True])
def test_clean_pictures_give_the_levels_drawn(plan, strided):
    cmap = colormap.get("viridis")
    levels, rgb = draw(plan, cmap)
    if strided:
        rgb = np.concatenate([rgb, rgb[..., :1]], axis=2)[..., :3]
    shown = read(rgb, cmap, plan)
    expected = levels[np.ix_(np.unique(plan[1]), np.unique(plan[0]))]
    np.testing.assert_allclose(shown.levels, expected, atol=1.01 / 256)
    np.testing.assert_allclose(shown.levels, twin(cmap.levels_of(matching.index_of(rgb, cmap).index), plan), atol=1e-6)
    assert (shown.exact, shown.hidden, shown.variance) == (1.0, 0, None)
    assert shown.uncertainty(80.0) == 0


def test_palettes_and_grays_are_read_as_colours_are(plan):
    cmap = colormap.get("magma")
    levels, rgb = draw(plan, cmap)
    entries = colormap.entry_of(cells.draw(levels, *plan), cmap)
    np.testing.assert_allclose(
        read(entries, cmap, plan, palette=cmap.table).levels, read(rgb, cmap, plan).levels, atol=1e-6
    )
    gray = colormap.get("gray")
    one = colormap.colour_of(cells.draw(levels, *plan), gray)[..., 0]
    np.testing.assert_allclose(read(one, gray, plan).levels, twin(gray.levels_of(one), plan), atol=1e-6)


def test_paint_on_a_clean_picture_is_passed_over(plan):
    cmap = colormap.get("magma")
    levels, rgb = draw(plan, cmap)
    rgb[10:20, 30:60] = (0, 255, 0)
    shown = read(rgb, cmap, plan)
    assert shown.hidden == 300
    expected = levels[np.ix_(np.unique(plan[1]), np.unique(plan[0]))]
    legible = np.isfinite(shown.levels)
    np.testing.assert_allclose(shown.levels[legible], expected[legible], atol=1.01 / 256)
    assert not legible.all()


@pytest.mark.parametrize(("kind", "name"), [("noise", "magma"), ("noise", "jet"), ("jpeg", "viridis"), ("jpeg", "jet")])
def test_damaged_colours_are_averaged_and_then_searched(plan, kind, name):
    cmap = colormap.get(name)
    _, clean = draw(plan, cmap)
    if kind == "noise":
        noise = np.random.default_rng(3).normal(0, 8, clean.shape)
        rgb = np.clip(clean + noise + 0.5, 0, 255).astype(np.uint8)
    else:
        out = io.BytesIO()
        Image.fromarray(clean).save(out, "JPEG", quality=92, subsampling=0)
        rgb = np.asarray(Image.open(out))
    shown = read(rgb, cmap, plan, jpeg=kind == "jpeg")
    assert shown.exact < damage.LIMITS.clean
    assert shown.variance is not None
    # the slow twin: every segment of the map for every mean colour
    weight = damage.LIMITS.jpeg_chroma_weight if kind == "jpeg" else None
    metric, points, _, values, *_ = matching.search_grid(cmap, weight)
    channels = [twin(rgb[..., c].astype(float), plan) for c in range(3)]
    at = np.stack(channels, axis=-1) @ metric.T.astype(float)
    low, step = points[:-1].astype(float), np.diff(points.astype(float), axis=0)
    along = np.clip(((at[..., None, :] - low) * step).sum(-1) / (step**2).sum(-1), 0, 1)
    distance = np.linalg.norm(at[..., None, :] - low - along[..., None] * step, axis=-1)
    best = distance.argmin(axis=-1)
    part = np.take_along_axis(along, best[..., None], axis=-1)[..., 0]
    expected = cmap.levels_of(values[best] + part * np.diff(values)[best])
    assert (np.abs(shown.levels - expected) < 1e-3).mean() > 0.99
    assert shown.hidden < 0.01 * rgb.shape[0] * rgb.shape[1]


def test_paint_on_a_damaged_picture_is_passed_over(plan):
    cmap = colormap.get("magma")
    levels, clean = draw(plan, cmap)
    clean[30:60, 40:90] = (0, 255, 0)
    rgb = np.clip(clean + np.random.default_rng(4).normal(0, 5, clean.shape) + 0.5, 0, 255).astype(np.uint8)
    shown = read(rgb, cmap, plan)
    assert 1300 < shown.hidden < 1600
    expected = levels[np.ix_(np.unique(plan[1]), np.unique(plan[0]))]
    legible = np.isfinite(shown.levels)
    assert np.abs(shown.levels - expected)[legible].mean() < 0.02
    amplitudes = shown.amplitudes(LevelScale())
    assert amplitudes.shape == (N_FRAMES, N_CELLS)
    assert np.isfinite(amplitudes).all()


def test_another_map_hides_nothing_on_purpose(plan):
    _, rgb = draw(plan, colormap.get("jet"))
    shown = read(rgb, colormap.get("magma"), plan)
    assert shown.exact < 0.1
    assert shown.hidden < 0.4 * rgb.shape[0] * rgb.shape[1]


def test_uncertain_levels_are_drawn_towards_their_surroundings():
    rng = np.random.default_rng(5)
    levels = rng.random((25, 12), np.float32) * 0.2 + 0.6
    levels[3, 4] = np.nan
    levels[10:14, 2:5] = 0.0
    variance = rng.random((25, 12), np.float32) * 0.004
    least, lift = 0.001, 80 * math.log(10) / 20
    out = np.empty_like(levels)
    shrink_to_neighbours(levels, variance, least, lift, out)
    for f, b in np.ndindex(levels.shape):
        window = levels[max(f - 3, 0) : f + 4, max(b - 1, 0) : b + 2].astype(float)
        mean, spread = np.nanmean(window), max(np.nanvar(window), 1e-12)
        s = variance[f, b]
        if np.isnan(levels[f, b]) or s < least or mean**2 < 4 * spread:
            np.testing.assert_equal(out[f, b], levels[f, b])
            continue
        share = max(spread - s, 0) / spread
        assert out[f, b] == pytest.approx(mean + share * (levels[f, b] - mean) + lift * share * s, abs=1e-5)


def test_levels_are_looked_up_and_holes_counted():
    levels = np.array([[0.0, 0.26, 1.0], [np.nan, -0.1, 1.2]], np.float32)
    table = np.array([1, 3, 7], np.float32)
    out = np.empty_like(levels)
    assert look_up(levels, table, np.float32(2), out) == 1
    np.testing.assert_allclose(out, np.interp(levels * 2, [0, 1, 2], table).astype(np.float32), rtol=1e-6)


def test_noise_is_smaller_after_uncertainty_was_heeded():
    cmap = colormap.get("viridis")
    rows, columns = np.repeat(np.arange(N_CELLS), 2)[::-1].copy(), np.arange(400)
    smooth = 0.6 + 0.2 * np.sin(np.arange(400)[:, None] / 40 + np.arange(N_CELLS) / 9)
    clean = colormap.colour_of(cells.draw(smooth.astype(np.float32), rows, columns), cmap)
    rgb = np.clip(clean + np.random.default_rng(6).normal(0, 15, clean.shape) + 0.5, 0, 255).astype(np.uint8)
    shown = reading.read(rgb, cmap, CellGrid(rows, columns, N_CELLS, 400))
    scale = LevelScale()
    truth = 20 * np.log10(scale.amplitude(smooth))
    plain = 20 * np.log10(cells.amplitudes(shown.levels, scale, shown.across, shown.down))
    heeded = 20 * np.log10(shown.amplitudes(scale))
    assert np.sqrt(np.mean((heeded - truth) ** 2)) < 0.8 * np.sqrt(np.mean((plain - truth) ** 2))


def _entries(name, bits):
    """Pixels of one byte, rows and columns in order, of entries of a map; the same as colours."""
    cmap = colormap.get(name)
    entries = np.random.default_rng(4).integers(3, 250, (30, 40)).astype(np.uint8)
    table = cmap.table if not cmap.ramp else np.repeat(cmap.table[:, None], 3, axis=1)
    return cmap, entries, table if bits else None


@pytest.mark.parametrize(("name", "bits"), [("magma", 8), ("jet", 8), ("gray", 0), ("gray_r", 0)])
@pytest.mark.parametrize("single", [True, False])
def test_entries_are_read_as_their_colours(name, bits, single):
    cmap, pixels, palette = _entries(name, bits)
    if not single:
        pixels = np.repeat(pixels, 2, axis=0)
    plan = CellGrid(np.arange(len(pixels))[::-1] // (1 if single else 2), np.arange(40), N_CELLS, N_FRAMES)
    shown = reading.read(pixels, cmap, plan, palette=palette)
    colours = np.repeat(pixels[..., None], 3, axis=2) if palette is None else palette[pixels]
    plain = reading.read(colours, cmap, plan)
    assert (shown.exact, shown.hidden, shown.variance) == (1.0, 0, None)
    assert shown.loudest == plain.loudest
    np.testing.assert_array_equal(shown.amplitudes(LevelScale()), plain.amplitudes(LevelScale()))
    np.testing.assert_array_equal(shown.levels, plain.levels)
    assert shown.uncertainty(80.0) == 0
    assert isinstance(shown, reading.Entries if single else reading.Shown)


def test_entries_that_are_none_of_the_map_are_paint():
    cmap, pixels, palette = _entries("magma", 8)
    palette = palette.copy()
    palette[7] = 0, 255, 0
    plan = CellGrid(np.arange(30)[::-1], np.arange(40), N_CELLS, N_FRAMES)
    pixels[pixels == 7] = 8
    assert reading.read(pixels, cmap, plan, palette=palette).hidden == 0
    pixels[3, 4] = 7
    assert reading.read(pixels, cmap, plan, palette=palette).hidden == 1
    with pytest.raises(PictureError, match="palette has only 100 entries"):
        reading.read(pixels, cmap, plan, palette=palette[:100])
