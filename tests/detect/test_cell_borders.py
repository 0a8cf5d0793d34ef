"""The readers of axes: kernels against slow twins, and axes read off clean and damaged drawings."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import fastspec
from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.detect import cell_borders, faint_borders
from fastspec.kernels.cell_borders import combs, overlaps
from fastspec.picture import files as picture_files
from fastspec.picture import zero_copy


def _areas(rng: np.random.Generator) -> list[np.ndarray]:
    small = rng.integers(0, 3, (40, 57, 3), np.uint8)
    small[5:9] = small[4]
    small[:, 20:23] = small[:, 19:20]
    wide = rng.integers(0, 255, (40, 57, 4), np.uint8)  # the fourth bytes are no part of the picture
    wide[..., :3] = small
    deep = small[..., 0].astype(np.uint16) * 300
    return [small, small[..., 1], wide[..., :3], wide[3:30, 7:50, :3], deep, small[:1], small[:, :1], small[:, ::2]]


def test_borders_are_where_lines_differ():
    for area in _areas(np.random.default_rng(0)):
        down, across = cell_borders.borders_of(area)
        lines = area.reshape(*area.shape[:2], -1)
        np.testing.assert_array_equal(down, (lines[1:] != lines[:-1]).any(axis=(1, 2)))
        np.testing.assert_array_equal(across, (lines[:, 1:] != lines[:, :-1]).any(axis=(0, 2)))


def test_steepness_is_the_rms_of_steps_of_three_summed_lines():
    for area in _areas(np.random.default_rng(1))[:4]:
        wide = area.astype(float)
        luma = wide @ [1, 2, 1] if area.ndim == 3 else 4 * wide
        for got, lines, step in zip(faint_borders.steepness_of(area), (luma, luma.T), (1, 3), strict=True):
            even = (lines[:, :-2] + lines[:, 1:-1] + lines[:, 2:])[:, ::step]
            np.testing.assert_allclose(got, np.sqrt((np.diff(even, axis=0) ** 2).mean(axis=1)), rtol=1e-5)


def test_combs_are_the_correlations_with_even_frames():
    rng = np.random.default_rng(2)
    for width in (33, 128, 301):
        free = rng.normal(size=width - 1)
        free -= free.mean()
        scores = np.zeros(int(width / 1.05) - 16)
        combs(free, 16, scores)
        for number, score in enumerate(scores):
            frames = (2 * np.arange(width) + 1) * (16 + number) // (2 * width)
            drawn = (frames[1:] != frames[:-1]).astype(float)
            assert score == pytest.approx(np.corrcoef(free, drawn)[0, 1], abs=1e-9)


def test_axes_are_ranked_by_correlation_with_their_patterns():
    rng = np.random.default_rng(3)
    free = rng.normal(size=239)
    table = cell_borders.axis_table(240, {"freq_scale": "log", "n_fft": 1024})
    ranked = faint_borders._ranked_axes(free, {"freq_scale": "log", "n_fft": 1024})
    slow = {}
    for facts, drawn in zip(table.facts, table.drawn, strict=True):
        pattern = drawn - faint_borders._moving_mean(drawn.astype(float))
        slow[str(facts)] = pattern @ free / (np.linalg.norm(pattern) * np.linalg.norm(free))
    assert ranked[0][0] == pytest.approx(max(slow.values()), rel=1e-6)
    for score, facts in ranked:
        assert score == pytest.approx(slow[str(facts)], rel=1e-6)


@pytest.mark.parametrize("height", [1, 2, 65, 480, 721])
def test_the_table_of_axes_has_the_borders_of_their_rows(height):
    for sure in ({"freq_scale": "log", "sr": 16000}, {"freq_scale": "mel", "fmax": 5000.0}, {"freq_scale": "cqt"},
                 {"freq_edges": "bins", "sr": 8000}):  # fmt: skip
        table = cell_borders.axis_table(height, sure)
        assert bool(table.facts) == (height > 1)
        for facts, drawn in zip(table.facts, table.drawn, strict=True):
            cells = facts.get("n_mels", facts.get("n_bins"))
            named = {n: facts[n] for n in ("sr", "n_fft", "bins_per_octave") if n in facts}
            rows = FrequencyAxis(scale=facts["freq_scale"], edges=facts["freq_edges"], n_cells=cells, **named)
            np.testing.assert_array_equal(drawn, rows.rows(height)[1:] != rows.rows(height)[:-1])


def test_overlaps_sum_weights_where_drawn():
    rng = np.random.default_rng(4)
    drawn, weights = rng.integers(0, 2, (7, 50), np.uint8), rng.normal(size=50)
    total = np.empty(7)
    overlaps(drawn, weights, total)
    np.testing.assert_allclose(total, drawn @ weights)


@pytest.mark.parametrize("damage", [None, 90])
@pytest.mark.parametrize(("edges", "sr", "n_fft"), [("librosa>=0.9", 22050, 1024), ("librosa<0.9", 16000, 512)])
def test_log_axes_are_read_off_rows(edges, sr, n_fft, damage):
    axis = FrequencyAxis(scale="log", sr=sr, n_fft=n_fft, edges=edges)
    rng = np.random.default_rng(5)
    levels = rng.random((axis.count, 200), np.float32)[axis.rows(480)].repeat(3, axis=1)
    area = colormap.colour_of(levels, colormap.get("viridis"))
    if damage is not None:
        out = io.BytesIO()
        Image.fromarray(area).save(out, "JPEG", quality=damage)
        area = picture_files.read(out.getvalue()).pixels
    read = (cell_borders.read_runs if damage is None else faint_borders.read_faint)(area, Calibration())
    assert {n: read[n] for n in ("freq_scale", "freq_edges", "sr", "n_fft")} == {
        "freq_scale": "log", "freq_edges": edges, "sr": sr, "n_fft": n_fft,
    }  # fmt: skip
    assert read["n_frames"] == 200


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pixels_are_read_where_pillow_holds_them(mode):
    image = Image.fromarray(np.random.default_rng(6).integers(0, 256, (30, 41, len(mode)), np.uint8))
    lying = zero_copy.rgbx(image)
    if lying is None:
        pytest.skip("this Pillow exports no memory")
    expected = np.asarray(image)
    del image  # the array keeps the memory
    np.testing.assert_array_equal(lying[..., : len(mode)], expected)
    assert not lying.flags.writeable


def test_other_modes_and_large_images_are_copied():
    assert zero_copy.rgbx(Image.new("L", (5, 5))) is None
    large = Image.new("RGB", (3000, 2000), (1, 2, 3))
    out = io.BytesIO()
    large.save(out, "PNG")
    np.testing.assert_array_equal(picture_files.read(out.getvalue()).pixels, np.asarray(large))


def _drawn(axis: FrequencyAxis, size=(600, 480), frames=150, cmap="viridis", seed=7) -> np.ndarray:
    width, height = size
    levels = np.random.default_rng(seed).random((axis.count, frames), np.float32)
    levels = levels[axis.rows(height)][:, np.arange(width) * frames // width]
    return colormap.colour_of(levels, colormap.get(cmap))


def _jpeg(area: np.ndarray, quality=90) -> np.ndarray:
    out = io.BytesIO()
    Image.fromarray(area).save(out, "JPEG", quality=quality)
    return picture_files.read(out.getvalue()).pixels


@pytest.mark.parametrize(
    "read", [cell_borders.read_runs, lambda area, known: faint_borders.read_faint(_jpeg(area), known)]
)
def test_the_end_of_a_mel_bank_is_no_proof_of_the_rate(read):
    area = _drawn(FrequencyAxis(scale="mel", sr=22050, n_cells=128, fmax=8000))
    found = read(area, Calibration())
    assert (found["freq_scale"], found["n_mels"], found["fmax"]) == ("mel", 128, 8000)
    assert found.facts["fmax"].confidence > 0.8
    assert found.facts["sr"].confidence <= 0.6
    for rate in (Calibration.of(sr=22050), Calibration.of(sr=22050, fmax=8000.0)):
        found = read(area, rate)
        assert (found["freq_scale"], found["n_mels"]) == ("mel", 128)
        assert "sr" not in found
    found = cell_borders.read_runs(_drawn(FrequencyAxis(scale="mel", sr=24000, n_cells=128)), Calibration())
    assert (found["sr"], found["fmax"]) == (24000, 12000)
    assert 0.6 < found.facts["sr"].confidence <= 0.9


@pytest.mark.parametrize("damage", [None, 75, 90])
@pytest.mark.parametrize(
    ("size", "bins", "octave"), [((500, 500), 252, 36), ((320, 240), 72, 12), ((640, 480), 84, 12)]
)
def test_constant_q_axes_are_not_taken_for_mel(size, bins, octave, damage):
    area = _drawn(FrequencyAxis(scale="cqt", n_cells=bins, bins_per_octave=octave), size)
    read = cell_borders.read_runs if damage is None else faint_borders.read_faint
    found = read(area if damage is None else _jpeg(area, damage), Calibration())
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


def test_frames_are_not_read_where_nearly_all_columns_differ():
    rng = np.random.default_rng(9)
    for width, alike in ((1463, 70), (1361, 32), (640, 14)):
        borders = np.ones(width - 1, bool)
        borders[rng.choice(width - 1, alike, replace=False)] = False
        assert cell_borders._frames_of_runs(borders) is None
        cells = (2 * np.arange(width) + 1) * (width - alike) // (2 * width)
        frames = cell_borders._frames_of_runs(cells[1:] != cells[:-1])
        assert frames is not None
        assert frames[0] == width - alike
    cells = (2 * np.arange(600) + 1) * 100 // 1200
    borders = cells[1:] != cells[:-1]
    borders[200:240] = False  # silence
    frames = cell_borders._frames_of_runs(borders)
    assert frames is not None
    assert frames[0] == 100


def test_palettes_without_an_even_axis_are_read_in_their_colours():
    axis = FrequencyAxis(scale="log", sr=22050, n_fft=1024)
    noisy = _drawn(axis).astype(int) + np.random.default_rng(10).normal(0, 6, (480, 600, 3)).astype(int)
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).quantize(128)
    out = io.BytesIO()
    picture.save(out, "PNG")
    found = fastspec.inspect(io.BytesIO(out.getvalue()))
    assert {n: found[n] for n in ("freq_scale", "sr", "n_fft")} == {"freq_scale": "log", "sr": 22050, "n_fft": 1024}
    assert found.source("sr") == "pixels"


def test_a_beat_of_bins_and_rows_is_unsure():
    """1024 points on 385 rows skip a bin where 256 points would have a border."""
    axis = FrequencyAxis(scale="linear", sr=22050, n_fft=1024)
    spectrum = np.cumsum(np.random.default_rng(11).normal(size=(axis.count, 200)), axis=0).astype(np.float32)
    spectrum = (spectrum - spectrum.min()) / np.ptp(spectrum)
    area = colormap.colour_of(spectrum[axis.rows(385)].repeat(3, axis=1), colormap.get("inferno"))
    found = faint_borders.read_faint(area, Calibration())
    assert "n_fft" not in found or found["n_fft"] == 1024 or found.facts["n_fft"].confidence <= 0.6
    assert faint_borders._is_beat({"freq_scale": "linear", "n_fft": 256}, 385)
    assert not faint_borders._is_beat({"freq_scale": "linear", "n_fft": 256}, 480)


@pytest.mark.parametrize("cmap", ["jet", "turbo", "nipy_spectral", "inferno_r"])
def test_a_damaged_picture_whose_axis_is_read_is_no_photograph(cmap):
    area = _jpeg(_drawn(FrequencyAxis(scale="log", sr=22050, n_fft=512), cmap=cmap, frames=300), 85)
    found = fastspec.inspect(area)
    assert (found["freq_scale"], found.source("freq_scale")) == ("log", "pixels")
    assert "doubt" not in found.picture


def test_facts_of_a_profile_are_not_surer_than_the_profile():
    rng = np.random.default_rng(12)
    for name in ("gist_heat", "viridis", "bone"):
        table = colormap.get(name, "trunc").table
        area = table[rng.integers(0, 256, (300, 400))]
        out = io.BytesIO()
        info = PngImagePlugin.PngInfo()
        info.add_text("Software", "Matplotlib version3.8")
        Image.fromarray(area).save(out, "PNG", pnginfo=info)
        found = fastspec.inspect(io.BytesIO(out.getvalue()))
        assert (found["profile"], found["cmap"].removesuffix("_r")) == ("matplotlib-specgram", name)
        sure = found.facts["profile"].confidence
        assert sure < 0.9
        assert all(found.facts[n].confidence <= sure for n in ("origin", "freq_edges") if n in found)


def test_a_map_of_a_tool_needs_more_than_near_colours():
    area = _jpeg(_drawn(FrequencyAxis(scale="linear", sr=22050, n_fft=512), cmap="nipy_spectral"), 75)
    fact = fastspec.inspect(area).facts["cmap"]
    assert not fact.value.startswith(("ffmpeg", "sox")) or fact.confidence <= 0.7
