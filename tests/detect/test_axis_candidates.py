"""Axes that may have drawn a picture: their borders, and which of them a clean or damaged picture is read as."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.detect import axis_candidates, cell_borders, faint_borders, rates
from fastspec.kernels.cell_borders import overlaps
from tests.detect.drawn import drawn, jpeg


@pytest.mark.parametrize("height", [1, 2, 65, 480, 721])
def test_the_table_of_axes_has_the_borders_of_their_rows(height):
    for sure in ({"freq_scale": "log", "sr": 16000}, {"freq_scale": "mel", "fmax": 5000.0}, {"freq_scale": "cqt"},
                 {"freq_edges": "bins", "sr": 8000}):  # fmt: skip
        table = axis_candidates.axis_table(height, sure)
        assert bool(table.facts) == (height > 1)
        for facts, borders in zip(table.facts, table.drawn, strict=True):
            cells = facts.get("n_mels", facts.get("n_bins"))
            named = {n: facts[n] for n in ("sr", "n_fft", "bins_per_octave") if n in facts}
            rows = FrequencyAxis(scale=facts["freq_scale"], edges=facts["freq_edges"], n_cells=cells, **named)
            np.testing.assert_array_equal(borders, rows.rows(height)[1:] != rows.rows(height)[:-1])


def test_overlaps_sum_weights_where_drawn():
    rng = np.random.default_rng(4)
    patterns, weights = rng.integers(0, 2, (7, 50), np.uint8), rng.normal(size=50)
    total = np.empty(7)
    overlaps(patterns, weights, total)
    np.testing.assert_allclose(total, patterns @ weights)


@pytest.mark.parametrize("damage", [None, 90])
@pytest.mark.parametrize(("edges", "sr", "n_fft"), [("librosa>=0.9", 22050, 1024), ("librosa<0.9", 16000, 512)])
def test_log_axes_are_read_off_rows(edges, sr, n_fft, damage):
    axis = FrequencyAxis(scale="log", sr=sr, n_fft=n_fft, edges=edges)
    rng = np.random.default_rng(5)
    levels = rng.random((axis.count, 200), np.float32)[axis.rows(480)].repeat(3, axis=1)
    area = colormap.colour_of(levels, colormap.get("viridis"))
    if damage is not None:
        area = jpeg(area, damage)
    read = (cell_borders.read_runs if damage is None else faint_borders.read_faint)(area, Calibration())
    assert {n: read[n] for n in ("freq_scale", "freq_edges", "sr", "n_fft")} == {
        "freq_scale": "log", "freq_edges": edges, "sr": sr, "n_fft": n_fft,
    }  # fmt: skip
    assert read["n_frames"] == 200


@pytest.mark.parametrize(
    "read", [cell_borders.read_runs, lambda area, known: faint_borders.read_faint(jpeg(area), known)]
)
def test_the_end_of_a_mel_bank_is_no_proof_of_the_rate(read):
    area = drawn(FrequencyAxis(scale="mel", sr=22050, n_cells=128, fmax=8000))
    found = read(area, Calibration())
    assert (found["freq_scale"], found["n_mels"], found["fmax"]) == ("mel", 128, 8000)
    assert found.facts["fmax"].confidence > 0.8
    assert found.facts["sr"].confidence <= 0.6
    for rate in (Calibration.of(sr=22050), Calibration.of(sr=22050, fmax=8000.0)):
        found = read(area, rate)
        assert (found["freq_scale"], found["n_mels"]) == ("mel", 128)
        assert "sr" not in found
    found = cell_borders.read_runs(drawn(FrequencyAxis(scale="mel", sr=24000, n_cells=128)), Calibration())
    assert (found["sr"], found["fmax"]) == (24000, 12000)
    assert 0.6 < found.facts["sr"].confidence <= 0.9


@pytest.mark.parametrize("damage", [None, 75, 90])
@pytest.mark.parametrize(
    ("size", "bins", "octave"), [((500, 500), 252, 36), ((320, 240), 72, 12), ((640, 480), 84, 12)]
)
def test_constant_q_axes_are_not_taken_for_mel(size, bins, octave, damage):
    area = drawn(FrequencyAxis(scale="cqt", n_cells=bins, bins_per_octave=octave), size)
    read = cell_borders.read_runs if damage is None else faint_borders.read_faint
    found = read(area if damage is None else jpeg(area, damage), Calibration())
    assert (found["freq_scale"], found["n_bins"]) == ("cqt", bins)
    assert all(found.facts[name].confidence <= 0.85 for name in ("freq_scale", "n_bins", "freq_edges"))


def test_few_colours_hide_borders_but_not_the_axis():
    axis = FrequencyAxis(scale="log", sr=48000, n_fft=512)
    levels = np.full((axis.count, 300), 0.2, np.float32)
    levels[np.random.default_rng(8).random(axis.count) < 0.5] = 0.8  # half of the bins are like the next one
    area = colormap.colour_of(levels[axis.rows(1200)].repeat(2, axis=1), colormap.get("magma"))
    found = cell_borders.read_runs(area, Calibration())
    assert (found["freq_scale"], found["sr"], found["n_fft"]) == ("log", 48000, 512)
    assert found.facts["sr"].confidence <= 0.9


def test_longer_lists_of_rates_hold_the_shorter():
    for shorter, longer in itertools.pairwise((rates.TRIED, rates.USUAL, rates.PRINTED)):
        assert set(shorter) < set(longer)
        assert sorted(longer) == list(longer)
