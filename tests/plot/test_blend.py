"""How cells are blended into pixels, share by share; borders of what is undone, filled, questioned and searched."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec.calibration.complete import Complete
from fastspec.colours import colormap
from fastspec.colours.levels import LevelScale
from fastspec.errors import PictureError
from fastspec.plot import cells, damage, imshow, layout, reading, subsampled
from tests.plot.test_imshow import _shares


def matrix(count, pixels, kind):
    """What `blend` says, as a plain matrix."""
    index, weight = imshow.blend(count, pixels, kind)
    assert index.dtype == np.int32
    assert weight.dtype == np.float32
    out = np.zeros((pixels, count))
    np.add.at(out, (np.arange(pixels)[:, None].repeat(index.shape[1], 1), index), weight)
    return out


@pytest.mark.parametrize(("count", "pixels"), [(1, 1), (1, 5), (2, 9), (5, 5), (5, 4), (7, 30), (30, 7), (33, 12)])
def test_bells_and_nearest_cells_are_as_matplotlib_has_them(count, pixels):
    np.testing.assert_allclose(matrix(count, pixels, imshow.BELLS), _shares(count, pixels), atol=1e-6)
    np.testing.assert_array_equal(matrix(count, pixels, imshow.NEAREST), _shares(count, pixels, nearest=True))
    index, weight = imshow.blend(count, pixels, imshow.NEAREST)
    assert index.shape == weight.shape == (pixels, 1)


@pytest.mark.parametrize(("count", "pixels"), [(2, 4), (3, 8), (5, 3), (9, 9)])
def test_vertices_lie_on_the_borders(count, pixels):
    found = matrix(count, pixels, imshow.VERTICES)
    at = (np.arange(pixels) + 0.5) * (count - 1) / pixels
    for pixel, where in enumerate(at):
        want = np.maximum(0, 1 - np.abs(np.arange(count) - where))
        np.testing.assert_allclose(found[pixel], want, atol=1e-6)
    np.testing.assert_allclose(imshow.invert((found @ np.arange(count)[:, None]).astype(np.float32), count,
                                             kind=imshow.VERTICES)[:, 0] if count <= pixels else np.arange(count),
                               np.arange(count), atol=0.05)  # fmt: skip


@pytest.mark.parametrize(("scale", "nearest"), [(3, False), (4, True)])
def test_few_large_cells_are_nearest(monkeypatch, scale, nearest):
    """Beyond three pixels a cell both ways."""
    kinds = []
    right = imshow.invert

    def noted(*arguments, kind, **where):
        kinds.append(kind)
        return right(*arguments, kind=kind, **where)

    monkeypatch.setattr(imshow, "invert", noted)
    for height, width in ((9 * scale, 4 * scale), (9 * 3, 4 * scale), (9 * scale, 4 * 3)):
        imshow.cells(np.zeros((height, width, 3), np.uint8), 16, 16, 4)
    assert set(kinds[:2]) == {imshow.NEAREST if nearest else imshow.BELLS}
    assert set(kinds[2:]) == {imshow.BELLS}


@pytest.mark.parametrize(("height", "undone"), [(5, True), (4, False)])
def test_up_to_eight_cells_a_pixel_are_undone(height, undone):
    most = imshow.LIMITS.most
    pixels = np.zeros((height, 6), np.uint8)
    n_fft = 2 * (most * 5 - 1)  # as many bins as five rows may hold
    found = imshow.cells(pixels, n_fft, n_fft, None)
    assert (found is not pixels) == undone
    wide = imshow.cells(np.zeros((9, height), np.uint8), 16, 16, most * 5)
    assert wide.shape == (9, most * 5 if undone else height)


def test_bins_between_those_drawn_lie_between():
    pixels = np.repeat(np.arange(0, 180, 20, dtype=np.uint8), 8)[:, None].repeat(3, axis=1)
    few = imshow.cells(pixels, 16, 16, None)
    many = imshow.cells(pixels, 32, 16, None)
    assert (few.shape, many.shape) == ((9, 3), (17, 3))
    np.testing.assert_allclose(many[::2].astype(int), few, atol=1)
    np.testing.assert_allclose(many[1::2].astype(int), (few[1:].astype(int) + few[:-1]) / 2, atol=1)
    assert np.abs(few[:, 0].astype(int) - np.arange(0, 180, 20)).max() <= 3


@pytest.mark.parametrize(("extra", "said"), [(0.0, False), (1e-3, True)])
def test_another_map_is_said_from_its_odds_on(monkeypatch, extra, said):
    limits = damage.LIMITS
    scatter = 2.0
    aside = np.exp((limits.another + limits.scatter * np.log(scatter + 0.5)) / limits.aside) - 0.5
    monkeypatch.setattr(damage, "_off_the_map", lambda *_: (aside * (1 + extra) - (1e-9 if not extra else 0), scatter))
    pixels = np.zeros((4, 4, 3), np.uint8)
    told = damage.question_colours(pixels, colormap.get("magma"), None)
    assert (told is not None) == said
    if told is not None:
        assert f"the colours lie {aside:.0f} of 255 to one side of magma" in told
    assert damage.question_colours(pixels[..., 0], colormap.get("magma"), None) is None


@pytest.mark.parametrize(("size", "searched"), [(0, True), (-1, False)])
def test_blocks_are_searched_up_to_a_size(monkeypatch, size, searched):
    near = np.zeros((6, 8), np.float32)
    monkeypatch.setattr(subsampled, "LIMITS", subsampled.LIMITS._replace(most=6 * 8 + size))
    pixels = np.random.default_rng(0).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    places = np.arange(6), np.arange(8)
    found = subsampled.levels(pixels, colormap.get("jet"), near, (0, 0), places)
    assert (found is not near) == searched
    monkeypatch.undo()
    found = subsampled.levels(pixels, colormap.get("jet"), near, (1, 1), places)  # whole blocks alone
    assert (found[0] == 0).all()
    assert (found[-1] == 0).all()
    assert (found[:, 0] == 0).all()
    assert (found[:, -1] == 0).all()
    assert (found[1:-1, 1:-1] != 0).any()
    assert subsampled.levels(pixels[:1], colormap.get("jet"), near[:1], (1, 1), (places[0][:1], places[1])) is not None


def test_what_the_search_takes_is_of_the_map_and_its_limits():
    limits = subsampled.LIMITS
    prior = limits.prior * 128 / 256
    want = (limits.luma**-2, limits.chroma**-2, prior**-2, limits.enough, limits.own**-2)
    assert subsampled._weights(128) == pytest.approx(want)


def test_amplitudes_of_hidden_cells_lie_between_by_their_roots():
    scale = LevelScale("db", lo=-40.0, hi=0.0)
    across = cells.pixel_spans("columns", np.array([0, 2]), 3)
    down = cells.pixel_spans("rows", np.array([0]), 1)
    levels = np.array([[0.5], [1.0]], np.float32)
    found = cells.amplitudes(levels, scale, across, down)[:, 0]
    assert found[[0, 2]] == pytest.approx([0.1, 1.0], rel=1e-3)
    power = cells.LIMITS.hidden
    assert found[1] == pytest.approx((((0.1**power) + 1) / 2) ** (1 / power), rel=1e-3)
    with pytest.raises(PictureError, match="No pixel of the picture is legible"):
        cells.amplitudes(np.full((2, 1), np.nan, np.float32), scale, across, down)


def test_how_uncertain_a_level_is_in_decibels():
    spans = cells.pixel_spans("rows", np.array([0, 1]), 2)
    shown = reading.Shown(np.array([[0.1, 0.9]], np.float32), spans, spans, 0.5, 0, None)
    assert shown.uncertainty(80.0) == 0.0


FACTS = {"cmap": "magma", "freq_scale": "linear", "freq_edges": "cells", "sr": 8000, "n_fft": 64, "hop_length": 32,
         "n_frames": 10, "duration": 0.04}  # fmt: skip


@pytest.mark.parametrize(("width", "known"), [(10, True), (9, False), (11, False)])
def test_offsets_are_of_the_whole_plot(width, known):
    facts = Complete.of({**FACTS, "plot_area": (1, 2, 11, 35), "plot_offsets": (0.5, 0.25, 0.125, 1.0)})
    assert layout._beyond(facts, width, 33) == ((0.5, 0.25, 0.125, 1.0) if known else (0.0,) * 4)
    assert layout._beyond(facts, 10, 32) == (0.0,) * 4


def test_an_axis_is_what_the_facts_say():
    mel = layout.frequency_axis(Complete.of({**FACTS, "freq_scale": "mel", "freq_edges": "cells", "n_mels": 20,
                                             "fmin": 100.0, "fmax": 5000.0, "mel_htk": True}))  # fmt: skip
    assert (mel.sr, mel.n_cells, mel.fmin, mel.fmax, mel.htk) == (10000, 20, 100.0, 5000.0, True)
    lin = layout.frequency_axis(Complete.of({**FACTS, "origin": "upper", "n_bins": 31}))
    assert (lin.sr, lin.n_fft, lin.n_cells, lin.origin, lin.kind) == (8000, 64, 31, "upper", "stft")
    log = layout.frequency_axis(Complete.of({**FACTS, "freq_scale": "log", "freq_edges": "librosa>=0.9",
                                             "linthresh": 99.0, "linscale": 0.7, "log_base": 3.0}))  # fmt: skip
    assert (log.linthresh, log.linscale, log.base) == (99.0, 0.7, 3.0)
    cqt = layout.frequency_axis(Complete.of({**FACTS, "sr": 44100, "freq_scale": "cqt", "freq_edges": "librosa<0.9",
                                             "bins_per_octave": 24, "fmin": 50.0}))  # fmt: skip
    assert (cqt.n_cells, cqt.bins_per_octave, cqt.fmin, cqt.fmax) == (84, 24, 50.0, None)
