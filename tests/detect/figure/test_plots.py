"""Whole figures: the area under the frame is found to the pixel, and labels tell time, frequency and decibels."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.detect.figure.plots import find_figure
from fastspec.detect.figure.ticks import Tick, fit
from fastspec.kernels.figure import departure, ends, fills, long_runs
from fastspec.picture.picture import Picture

matplotlib.use("Agg")
from matplotlib import pyplot as plt

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def speech():
    import soundfile

    wave, sr = soundfile.read(DATA / "speech.flac", dtype="float32")
    return wave[: 4 * sr], sr


def decibels(wave, n_fft=1024, hop=512):
    import librosa

    return librosa.amplitude_to_db(np.abs(librosa.stft(wave, n_fft=n_fft, hop_length=hop)), ref=np.max)


def saved(figure, *, jpeg=False, **options) -> Picture:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="jpg" if jpeg else "png", **options)
    plt.close(figure)
    return Picture.from_pil(Image.open(buffer))


def specshow(sound, scale="linear", *, size=(8, 4), dpi=100, bar=True, jpeg=False, style=None, **kwargs):
    """The picture of a figure and the axes' box, left, top, right, bottom in fractional pixels."""
    import librosa.display

    wave, sr = sound
    with plt.style.context(style or "default"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure, axes = plt.subplots(figsize=size, dpi=dpi)
        shown = librosa.display.specshow(
            decibels(wave), sr=sr, hop_length=512, x_axis="time", y_axis=scale, ax=axes, **kwargs
        )
        if bar:
            figure.colorbar(shown, ax=axes, format="%+2.0f dB")
        axes.set_title("a title")
        figure.canvas.draw()
        extent, height = axes.get_window_extent(), figure.bbox.height
        box = (extent.x0, height - extent.y1, extent.x1, height - extent.y0)
        return saved(figure, jpeg=jpeg), tuple(int(np.floor(v + 0.5)) for v in box)


def test_kernels_equal_their_slow_twins():
    rng = np.random.default_rng(1)
    rgb = rng.integers(0, 256, (17, 23, 3), dtype=np.uint8)
    away = np.empty((17, 23), np.uint8)
    departure(rgb, 120, 130, 110, away)
    np.testing.assert_array_equal(away, np.abs(rgb.astype(int) - (120, 130, 110)).max(axis=2))
    found = np.empty((200, 3), np.int64)
    mask = away > 60
    count = long_runs(away, 60, 3, np.empty(23, np.int64), found)
    expected = set()
    for column in range(23):
        steps = np.flatnonzero(np.diff(np.concatenate([[0], mask[:, column].astype(int), [0]]))).reshape(-1, 2)
        expected |= {(column, int(a), int(b)) for a, b in steps if b - a >= 3}
    assert {tuple(int(v) for v in row) for row in found[:count]} == expected
    padded = np.pad(mask, ((0, 0), (1, 1)))
    free = np.empty(count, np.uint8)
    for side in (-1, 1):
        ends(away, 60, found[:count], side, 0.5, free)
        slow = [padded[a:b, column + 1 + side].mean() <= 0.5 for column, a, b in found[:count]]
        np.testing.assert_array_equal(free, slow)
    rows, columns = np.empty(10, np.int64), np.empty(12, np.int64)
    fills(away, 60, 5, 3, 17, 13, rows, columns)
    np.testing.assert_array_equal(rows, mask[3:13, 5:17].sum(axis=1))
    np.testing.assert_array_equal(columns, mask[3:13, 5:17].sum(axis=0))


@pytest.mark.parametrize(
    ("size", "dpi", "style", "jpeg", "bar"),
    [
        ((8, 4), 100, None, False, True),
        ((6.4, 4.8), 100, None, False, False),
        ((7.3, 4.1), 72, None, False, True),
        ((10, 4), 120, "dark_background", False, True),
        ((6, 4), 150, None, True, True),
        ((5, 3), 200, None, False, True),
        ((5, 3), 300, None, False, False),
    ],
)
def test_area_is_exact_to_the_pixel(speech, size, dpi, style, jpeg, bar):
    picture, box = specshow(speech, size=size, dpi=dpi, style=style, jpeg=jpeg, bar=bar)
    found = find_figure(picture.rgb())
    assert found is not None
    assert found.images[0].box == box
    assert (found.bar_of(found.images[0]) is not None) == bar


@pytest.mark.parametrize("scale", ["linear", "log", "mel"])
def test_labels_tell_scale_rate_duration_and_range(speech, scale):
    picture, box = specshow(speech, scale)
    wave, sr = speech
    facts = read_figure(picture, Calibration())
    assert facts["plot_area"] == box
    assert facts["freq_scale"] == scale
    assert facts["sr"] == sr
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    assert facts["db_range"] == pytest.approx((-80, 0), abs=0.5)
    assert not facts.remarks
    assert max(fact.confidence for fact in facts.facts.values()) <= 0.9


def test_specgram_with_own_labels(speech):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    _, _, _, shown = axes.specgram(wave, NFFT=1024, noverlap=768, Fs=sr, vmin=-140, vmax=-40)
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    figure.colorbar(shown, ax=axes)
    facts = read_figure(saved(figure), Calibration())
    assert facts["sr"] == sr
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    assert facts["db_range"] == pytest.approx((-140, -40), abs=0.5)


def test_kilohertz_without_frame_and_bar(speech):
    wave, sr = speech
    shown = decibels(wave)
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(shown, origin="lower", aspect="auto", extent=(0, len(wave) / sr, 0, sr / 2000), cmap="viridis")
    axes.set(xlabel="Time [s]", ylabel="Frequency [kHz]")
    for spine in axes.spines.values():
        spine.set_visible(False)
    facts = read_figure(saved(figure), Calibration())
    assert facts["sr"] == sr
    assert facts["freq_scale"] == "linear"
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    assert "db_range" not in facts
    assert "plot_hidden" not in facts


def test_frames_and_bins_are_not_taken_for_seconds_and_hertz(speech):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(decibels(speech[0]), origin="lower", aspect="auto", cmap="magma")
    axes.set(xlabel="Frames")
    facts = read_figure(saved(figure), Calibration())
    assert "plot_area" in facts
    assert "duration" not in facts
    assert "sr" not in facts
    assert len(facts.remarks) == 2


def test_two_spectrograms_are_refused(speech):
    shown = decibels(speech[0])
    figure, both = plt.subplots(2, 1, figsize=(8, 6), dpi=100)
    for axes in both:
        axes.pcolormesh(shown, cmap="magma")
    facts = read_figure(saved(figure), Calibration())
    assert "plot_area" not in facts
    assert "2 pictures in one figure" in facts.picture["doubt"]


def test_waveform_above_a_spectrogram_is_passed_over(speech):
    wave, sr = speech
    figure, (above, below) = plt.subplots(2, 1, figsize=(8, 6), dpi=100)
    above.plot(wave)
    below.specgram(wave, Fs=sr)
    extent = below.get_window_extent()
    facts = read_figure(saved(figure), Calibration())
    assert facts["plot_area"][1] == round(600 - extent.y1)


def test_slanted_labels_are_said_to_be_unread(speech):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.pcolormesh(decibels(speech[0]), cmap="magma")
    axes.tick_params(axis="x", rotation=45)
    facts = read_figure(saved(figure), Calibration())
    assert "duration" not in facts
    assert any("time axis" in remark for remark in facts.remarks)


@pytest.mark.parametrize("dpi", [80, 150])
def test_upright_labels_are_read(speech, dpi):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 5), dpi=dpi)
    axes.specgram(wave, NFFT=1024, noverlap=768, Fs=sr)
    axes.set(xlabel="Time (s)", ylabel="Hz")
    axes.tick_params(axis="x", rotation=90)
    facts = read_figure(saved(figure), Calibration())
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)


@pytest.mark.parametrize("style", ["seaborn-v0_8", "ggplot", "bmh", "classic"])
def test_themes_without_outer_marks_or_with_a_pale_frame(speech, style):
    wave, sr = speech
    picture, box = specshow(speech, style=style)
    facts = read_figure(picture, Calibration())
    assert facts["sr"] == sr
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    if style != "classic":  # whose axes end at round numbers beyond the data
        assert facts["plot_area"] == box


@pytest.mark.parametrize("style", ["seaborn-v0_8", "ggplot"])
def test_a_grid_of_the_papers_colour_cuts_no_plot_into_several(speech, style):
    wave, sr = speech
    with plt.style.context(style):
        figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
        axes.specgram(wave + 1e-5, NFFT=512, Fs=sr, noverlap=256, cmap="magma")
        axes.set_xlabel("Time (s)")
        figure.canvas.draw()
        extent = axes.get_window_extent()
        facts = read_figure(saved(figure), Calibration())
    box = (extent.x0, 500 - extent.y1, extent.x1, 500 - extent.y0)
    assert "doubt" not in facts.picture
    np.testing.assert_allclose(facts["plot_area"], box, atol=1.5)
    assert facts["sr"] == sr
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.03)


@pytest.mark.parametrize("shape", [(2, 1), (1, 2), (2, 2)])
@pytest.mark.parametrize("frames", [True, False])
def test_plots_beside_each_other_are_not_joined(speech, shape, frames):
    figure, axes = plt.subplots(*shape, figsize=(8, 6), dpi=100)
    for one in axes.flat:
        one.imshow(decibels(speech[0]), origin="lower", aspect="auto")
        one.set_title("a title")
        one.axis("on" if frames else "off")
    found = find_figure(saved(figure).rgb())
    assert found is not None
    assert len(found.images) == shape[0] * shape[1]


def test_a_plain_logarithmic_axis_in_powers_of_ten(speech):
    wave, sr = speech
    shown = decibels(wave)
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    hertz, seconds = np.arange(513) * sr / 1024, np.arange(shown.shape[1]) * 512 / sr
    axes.pcolormesh(seconds, hertz[1:], shown[1:], shading="nearest")
    axes.set(yscale="log", ylim=(50, sr / 2), xlabel="Time (s)", ylabel="Frequency (Hz)")
    facts = read_figure(saved(figure), Calibration())
    assert (facts["sr"], facts["freq_scale"]) == (sr, "log")
    assert facts["fmin"] == pytest.approx(50, rel=0.02)
    assert facts["linthresh"] <= facts["fmin"]


def test_numbers_with_a_common_factor(speech):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.specgram(wave, NFFT=1024, noverlap=768, Fs=sr)
    axes.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
    axes.set(xlabel="Time (s)")
    assert read_figure(saved(figure), Calibration())["sr"] == sr


def test_milliseconds(speech):
    picture, _ = specshow((speech[0][:8000], speech[1]), "log", size=(14, 4))
    seconds = read_figure(picture, Calibration())["duration"]
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(decibels(wave), aspect="auto", origin="lower", extent=(0, 1000 * len(wave) / sr, 0, sr / 2))
    axes.set(xlabel="Time (ms)")
    facts = read_figure(saved(figure), Calibration())
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)
    assert seconds == pytest.approx(8000 / sr, abs=0.05)


def test_a_colour_bar_below_the_plot(speech):
    figure, axes = plt.subplots(figsize=(8, 5), dpi=100)
    mesh = axes.pcolormesh(decibels(speech[0]), cmap="viridis")
    figure.colorbar(mesh, ax=axes, location="bottom")
    assert read_figure(saved(figure), Calibration())["db_range"] == pytest.approx((-80, 0), abs=0.5)


def test_bare_pictures_and_odd_ones_say_nothing():
    rng = np.random.default_rng(5)
    for pixels in (
        rng.integers(0, 255, (1, 1, 3), dtype=np.uint8),
        rng.integers(0, 255, (200, 300, 3), dtype=np.uint8),
        np.zeros((200, 300), np.uint16),
        np.full((200, 300, 3), 255, np.uint8),
        rng.integers(0, 255, (3, 900), dtype=np.uint8),
    ):
        assert not read_figure(Picture(pixels), Calibration()).facts


def test_figure_decodes_without_any_option(speech):
    from fastspec.phase.metrics import stoi

    wave, sr = speech
    picture, _ = specshow(speech, "log", size=(10, 4))
    sound, rate = fastspec.decode(picture)
    assert rate == sr
    n = min(len(wave), len(sound))
    assert stoi(wave[:n], sound[:n], sr) > 0.8


def test_lines_under_the_frame_are_filled():
    pixels = np.arange(48, dtype=np.uint8).reshape(6, 8)
    area = Picture(pixels).area((1, 1, 7, 5), (1, 1, 2, 1))
    assert area.shape == (4, 6)
    assert area[1, 1] == pixels[2, 2]
    np.testing.assert_array_equal(area[0], area[1])
    np.testing.assert_array_equal(area[:, 5], area[:, 3])
    np.testing.assert_array_equal(Picture(pixels).area((1, 1, 7, 5)), pixels[1:5, 1:7])


def test_fit_passes_over_a_misread_label():
    ticks = [Tick(300 - 25.0 * k, 1000.0 * k, "") for k in range(9)]
    ticks[3] = Tick(ticks[3].position, 8000.0, "")
    line = fit(ticks, ("linear", "log", "mel"))
    assert line is not None
    assert line.scale == "linear"
    assert line.used == 8
    assert line.at(300) == pytest.approx(0, abs=1e-6)


def test_fit_refuses_numbers_that_lie_on_no_scale():
    assert fit([Tick(10.0 * k, v, "") for k, v in enumerate((3, 17, 4, 90, 1, 55))], ("linear", "log", "mel")) is None
    assert fit([Tick(1.0, 2.0, "")]) is None


def test_plot_without_frame_whose_silence_has_the_paper_colour(speech):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    shown = decibels(speech[0])
    mesh = axes.pcolormesh(np.where(shown < -60, -80, shown), cmap="gray_r", vmin=-80, vmax=0)
    figure.colorbar(mesh, ax=axes)
    for spine in axes.spines.values():
        spine.set_visible(False)
    extent = axes.get_window_extent()
    facts = read_figure(saved(figure), Calibration())
    # a rim of silence cannot be told from paper: no area is stated, or a right one less surely
    stated = facts.facts.get("plot_area")
    rows = None if stated is None else stated.value[1::2]
    assert stated is None or stated.confidence <= 0.8
    assert rows in (None, (round(400 - extent.y1), round(400 - extent.y0)))


def test_a_frequency_axis_beyond_reason_is_said_and_not_believed(speech):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(decibels(speech[0]), aspect="auto", origin="lower", extent=(0, 4, 0, 9e6))
    axes.ticklabel_format(axis="y", style="plain")
    axes.set(xlabel="Time (s)")
    facts = read_figure(saved(figure), Calibration())
    assert "sr" not in facts
    assert any("vertical axis ends" in remark for remark in facts.remarks)
