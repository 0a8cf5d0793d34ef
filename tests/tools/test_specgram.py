"""plt.specgram: what imshow blends is undone, and how many bins and frames there were is read off the pixels."""

from __future__ import annotations

import io

import numpy as np
import pytest

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.errors import FastspecError
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.tools.specgram import imshow_cells
from fastspec.tools.specgram.imshow_cells import read_resampling
from tests.tools.figures import draw_figure

pytest.importorskip("matplotlib")
DB = (-140.0, -40.0)


def _drawn(y, sr, size, n_fft=256, noverlap=128, cmap="viridis", dpi=100):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / dpi, size[1] / dpi), dpi=dpi)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.axis("off")
    axes.specgram(y + 1e-7, NFFT=n_fft, Fs=sr, noverlap=noverlap, cmap=cmap)[3].set_clim(*DB)
    axes.axis("tight")
    file = io.BytesIO()
    figure.savefig(file)
    file.seek(0)
    return file


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: int(3.3 * sr)], sr


@pytest.mark.parametrize(
    ("n_fft", "noverlap", "size", "cmap"),
    [
        (256, 128, (640, 480), "viridis"),
        (512, 256, (1600, 900), "viridis"),  # magnified both ways: each pixel shows one cell
        (1024, 768, (800, 400), "magma"),
        (2048, 1536, (800, 600), "jet"),
        (1024, 896, (640, 400), "gray"),
        (1000, 900, (900, 300), "viridis"),
    ],
)
def test_bins_and_frames_are_read_off_the_pixels(clip, n_fft, noverlap, size, cmap):
    y, sr = clip
    area = picture_files.read(_drawn(y, sr, size, n_fft, noverlap, cmap)).pixels
    known = Calibration.of(duration=len(y) / sr, sr=sr, cmap=cmap, cmap_rounding="trunc")
    if n_fft == 1000:
        known = known.updated("given", n_fft=n_fft)
        assert "n_fft" not in read_resampling(area, known)
    read = known.merged(read_resampling(area, known))
    assert read["n_fft"] == n_fft
    assert round(read["column_step"] * sr) == n_fft - noverlap
    start, end = read["time_extent"]
    assert round((end - start) / read["column_step"]) == 1 + (len(y) - n_fft) // (n_fft - noverlap)
    assert not read_resampling(area, known.without("duration")).facts


@pytest.mark.parametrize("kind", ["noise", "flat", "smooth"])
def test_nothing_is_read_off_what_was_not_blended(kind):
    generator = np.random.default_rng(3)
    area = np.full((300, 400, 3), 77, np.uint8)
    if kind == "noise":
        area = generator.integers(0, 255, area.shape, dtype=np.uint8)
    elif kind == "smooth":
        area[:] = np.linspace(0, 255, 400).astype(np.uint8)[None, :, None]
    found = read_resampling(area, Calibration.of(duration=3.0, sr=16000))
    assert all(fact.confidence < 0.9 for fact in found.facts.values())


@pytest.mark.parametrize(
    ("n_fft", "noverlap", "size", "least"),
    [
        (256, 128, (640, 480), 0.90),
        (256, 192, (1200, 400), 0.97),
        (512, 384, (900, 360), 0.97),
        (1024, 768, (800, 400), 0.965),
        (2048, 1536, (800, 600), 0.92),
    ],
)
def test_specgram_to_speech(clip, n_fft, noverlap, size, least):
    y, sr = clip
    facts = {"duration": len(y) / sr, "sr": sr, "db_range": DB}
    x, rate = fastspec.decode(_drawn(y, sr, size, n_fft, noverlap), **facts)
    assert rate == sr
    assert x.shape == y.shape
    assert metrics.stoi(x, y, sr) > least


def test_a_given_hop_is_the_drawings(clip):
    y, sr = clip
    file = _drawn(y, sr, (640, 300), 512, 412)
    read = fastspec.inspect(file, duration=len(y) / sr, sr=sr, n_fft=512, hop_length=100)
    assert (read["hop_length"], round(read["column_step"] * sr)) == (100, 100)


def test_where_columns_are_far_apart_the_window_is_longer(clip):
    y, sr = clip
    y = np.tile(y, 3)
    read = fastspec.inspect(_drawn(y, sr, (640, 480)), duration=len(y) / sr, sr=sr)
    assert (read["shown_n_fft"], read["n_fft"], read["hop_length"]) == (256, 512, 64)


@pytest.mark.parametrize(("n_fft", "rows", "few"), [
    (960, 369, True),  # 481 bins and 257 in 369 rows
    (1024, 369, False),
    (2048, 577, True),  # 1025 and 129
    (2048, 600, False),
])  # fmt: skip
def test_fewer_bins_that_were_enlarged_may_have_the_same_beat(n_fft, rows, few):
    assert imshow_cells._as_few(n_fft, rows) == few


@pytest.mark.parametrize("n_fft", [256, 512, 1024])
def test_in_a_figure_bins_are_those_that_fit_far_better_than_one_more_or_less(clip, n_fft):
    """A plot that begins between pixels fits 1000 samples as well as any large number: most such lengths were wrong."""
    y, sr = clip
    area = picture_files.read(_drawn(y, sr, (700, 640), n_fft, n_fft // 2)).pixels
    known = Calibration.of(duration=len(y) / sr, sr=sr, cmap="viridis", cmap_rounding="trunc")
    figure = known.updated("pixels", 0.9, plot_area=(10, 10, 710, 650), duration=len(y) / sr)
    for shift in (0.0, 0.3):  # of a pixel, as cells lie in figures
        moved = ((1 - shift) * area + shift * np.roll(area, 1, axis=0)).astype(np.uint8)
        read = read_resampling(moved, figure)
        assert read.get("n_fft", n_fft) == n_fft
        assert shift or "n_fft" in read


def test_an_odd_claim_is_refused():
    with pytest.raises(FastspecError):
        fastspec.inspect(np.zeros((20, 30, 3), np.uint8), shown_n_fft=1)


@pytest.mark.parametrize(("n_fft", "hop", "size"), [(1024, 256, (800, 400)), (512, 128, (700, 380))])
def test_specgram_with_its_db_range_given(clip, tmp_path, n_fft, hop, size):
    y, sr = clip

    def draw(axes):
        axes.specgram(y + 1e-7, NFFT=n_fft, Fs=sr, noverlap=n_fft - hop)[3].set_clim(-140, -40)

    path = draw_figure(draw, size, tmp_path / "s.png")
    facts = {"duration": len(y) / sr, "sr": sr, "db_range": (-140.0, -40.0)}
    read = fastspec.inspect(path, **facts)
    assert (read["profile"], read["n_fft"], read.source("n_fft")) == ("matplotlib-specgram", n_fft, "pixels")
    x, _ = fastspec.decode(path, **facts)
    assert metrics.stoi(x, y, sr) > 0.93


def test_a_given_hop_rules_the_duration_where_nothing_else_tells_it(clip):
    y, sr = clip
    read = fastspec.inspect(_drawn(y, sr, (387, 385)), hop_length=100, sr=sr)
    assert read["profile"] == "matplotlib-specgram"
    assert read["duration"] == pytest.approx(387 * 100 / sr)
    assert read.source("duration") == "assumed"
    assert (read["n_fft"], read.source("n_fft")) == (256, "pixels")


@pytest.mark.parametrize(("n_fft", "noverlap", "cmap"), [(2048, 128, "inferno"), (1024, 64, "gray")])
def test_frames_that_hardly_overlap_are_read_as_they_were_drawn(clip, n_fft, noverlap, cmap):
    y, sr = clip
    facts = {"duration": len(y) / sr, "sr": sr, "db_range": DB, "n_fft": n_fft, "hop_length": n_fft - noverlap}
    file = _drawn(y, sr, (700, 1200), n_fft, noverlap, cmap)
    read = fastspec.inspect(io.BytesIO(file.getvalue()), **facts)
    start, end = read["time_extent"]
    assert round((end - start) / read["column_step"]) == 1 + (len(y) - n_fft) // (n_fft - noverlap)
    x, _ = fastspec.decode(file, **facts)
    assert metrics.held_out_sc(x, y, sr) < -5.0
    assert np.abs(x).max() / np.sqrt(np.mean(x**2)) < 1.7 * np.abs(y).max() / np.sqrt(np.mean(y**2))
