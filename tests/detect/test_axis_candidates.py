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


ONE, OTHER = {"freq_scale": "log", "freq_edges": "librosa>=0.9", "sr": 8000}, {"freq_scale": "mel", "n_mels": 64}


def best(drawn, both, *, seen=100, rows=300, rival=0.0):
    """The best of an axis that draws so many borders, of which `both` are seen, and a rival of score `rival`."""
    borders = np.zeros(rows, bool)
    borders[:seen] = True
    counts = np.array([drawn, round(seen / rival) if rival else 10**6])
    return axis_candidates.best_axis([ONE, OTHER], counts, np.array([both, seen], float), borders)


@pytest.mark.parametrize(
    ("case", "found"),
    [
        ({"drawn": 181, "both": 100, "rival": 0.4}, True),  # score .552
        ({"drawn": 182, "both": 100, "rival": 0.4}, False),  # .549, and no such lead that borders may be hidden
        ({"drawn": 100, "both": 98}, True),
        ({"drawn": 100, "both": 97}, False),  # leaves too many borders unexplained
        ({"drawn": 143, "both": 100, "rival": 0.575}, True),  # leads by .124
        ({"drawn": 143, "both": 100, "rival": 0.585}, False),  # by .114
        ({"drawn": 90, "both": 40, "seen": 40}, True),  # borders are hidden: score .44
        ({"drawn": 90, "both": 39, "seen": 39}, False),  # too few are left
        ({"drawn": 115, "both": 40, "seen": 40}, False),  # score .348
    ],
)
def test_an_axis_is_believed_from_its_thresholds_on(case, found):
    assert (best(**case)[0] is not None) == found


@pytest.mark.parametrize(
    ("case", "confidence"),
    [
        ({"drawn": 105, "both": 100}, 0.99),
        ({"drawn": 155, "both": 100}, 0.88),  # score .645
        ({"drawn": 105, "both": 100, "rival": 0.8}, 0.5 + 2 * (100 / 105 - 100 / 125)),
        ({"drawn": 101, "both": 99}, 0.9),  # a border is not explained
        ({"drawn": 90, "both": 40, "seen": 40}, 0.85),
        ({"drawn": 260, "both": 250, "seen": 250}, 0.99),  # 40 rows are alike as the axis has it
        ({"drawn": 293, "both": 290, "seen": 290}, 0.6),  # only 7
        ({"drawn": 292, "both": 290, "seen": 290}, 0.99),
    ],
)
def test_confidence_falls_with_the_lead_and_with_what_is_not_explained(case, confidence):
    assert best(**case)[1] == pytest.approx(confidence)


def test_edges_of_the_same_constant_q_axis_are_no_rivals():
    borders = np.arange(300) < 100
    cqt = [{"freq_scale": "cqt", "freq_edges": edges, "n_bins": 84} for edges in ("librosa>=0.9", "librosa<0.9")]
    found, sure = axis_candidates.best_axis(cqt, np.array([105, 106]), np.array([100.0, 100.0]), borders)
    assert found is not None
    assert sure == 0.99
    facts = axis_candidates.facts_of(found.facts, sure, "")
    assert (facts["n_bins"].confidence, facts["freq_edges"].confidence) == (0.85, 0.6)
