"""What the labels and the title of a horizontal axis tell."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.axis_fit import Tick
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.detect.figure.findings import Findings
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.ticks import Side
from fastspec.detect.figure.time_labels import read_time
from tests.detect.figure.figures import decibels, saved, specshow
from tests.detect.figure.tones import drawn


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


@pytest.mark.parametrize("dpi", [80, 150])
def test_upright_labels_are_read(speech, dpi):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 5), dpi=dpi)
    axes.specgram(wave, NFFT=1024, noverlap=768, Fs=sr)
    axes.set(xlabel="Time (s)", ylabel="Hz")
    axes.tick_params(axis="x", rotation=90)
    facts = read_figure(saved(figure), Calibration())
    assert facts["duration"] == pytest.approx(len(wave) / sr, rel=0.02)


def test_slanted_labels_are_said_to_be_unread(speech):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.pcolormesh(decibels(speech[0]), cmap="magma")
    axes.tick_params(axis="x", rotation=45)
    facts = read_figure(saved(figure), Calibration())
    assert "duration" not in facts
    assert any("time axis" in remark for remark in facts.remarks)


def test_times_in_minutes(tones, tmp_path):
    from matplotlib.ticker import FuncFormatter

    def minutes(axes):
        axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: f"{seconds / 60:.3f}"))
        axes.set_xlabel("Time (min)")

    cal = fastspec.inspect(drawn(tones, tmp_path, minutes))
    assert cal["duration"] == pytest.approx(5.0, rel=0.02)


@pytest.mark.parametrize(("n_fft", "frames"), [(512, 257), (2048, 63), (8192, 15)])
def test_durations_are_known_to_a_third_of_a_frame(speech, n_fft, frames):
    """plt.specgram's axis begins half a window late, less half a frame, and ends as much early."""
    wave, sr = speech
    hop = n_fft // 2
    samples = n_fft + (frames - 1) * hop
    figure, axes = plt.subplots(figsize=(11, 4), dpi=150)
    axes.specgram(wave[:samples], NFFT=n_fft, noverlap=n_fft - hop, Fs=sr)
    axes.set(xlabel="Time (s)")
    axes.set_xticks(np.arange(0.5, 3, 0.5))
    found = read_figure(saved(figure), Calibration())
    assert found["duration"] == pytest.approx(samples / sr, abs=0.3 * hop / sr)


PLOT = Plot((50, 20, 450, 220), (50, 20, 450, 220), 1, (0, 0, 0), "image")


def timed(start, end, title="Time", unit=""):
    """What labels tell of an axis from `start` to `end` on 400 columns."""
    values = np.linspace(start, end, 7)[1:-1]
    ticks = tuple(Tick(50 + 400 * (v - start) / (end - start), float(v), unit) for v in values)
    findings = Findings()
    read_time(findings, PLOT, Side(ticks=ticks, title=title))
    return findings


@pytest.mark.parametrize(
    ("start", "end", "title", "duration", "confidence"),
    [
        (0.0, 4.0, "Time (s)", 4.0, 0.9),
        (0.0, 179.0, "Time", 179.0, 0.9),
        (0.0, 181.0, "Time", 181.0, 0.9 * 0.3),  # maybe milliseconds
        (0.0, 181.0, "Time (s)", 181.0, 0.9),
        (0.0, 4000.0, "Time (ms)", 4.0, 0.9),
        (0.0, 3.0, "Time (min)", 180.0, 0.9),
        (0.0, 0.95, "Time (s)", 0.95, 0.9 * 0.9),
        (0.3, 4.0, "Time (s)", 4.3, 0.9),  # begins half a window late
        (-0.02, 4.0, "Time (s)", 4.0, 0.9),
        (-0.05, 4.0, "Time (s)", 4.0, 0.9 * 0.8),  # known to half a frame
        (0.6, 9.0, "Time (s)", 8.4, 0.9),  # a view that begins later
    ],
)
def test_units_and_ends_of_a_time_axis(start, end, title, duration, confidence):
    fact = timed(start, end, title).facts["duration"]
    assert fact.value == pytest.approx(duration, abs=1e-3)
    assert fact.confidence == pytest.approx(confidence)


def test_views_that_begin_elsewhere_are_said():
    assert not timed(0.3, 4.0).remarks
    assert any("begins at 0.60 s" in remark for remark in timed(0.6, 9.0, "Time (s)").remarks)
    assert not timed(-0.4, 9.0, "Time (s)").untimely
    assert "no time in a sound" in timed(-1.2, 9.0, "Time (s)").untimely


def test_times_may_be_told_from_an_event_on_beside_frequencies(speech):
    wave, sr = speech
    for y, doubt in (("Frequency (Hz)", False), ("Voltage", True)):
        figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
        axes.imshow(decibels(wave), aspect="auto", origin="lower", extent=(-1.5, 2.5, 0, sr / 2))
        axes.set(xlabel="Time from the onset (s)", ylabel=y)
        facts = read_figure(saved(figure), Calibration())
        assert facts["duration"] == pytest.approx(4.0, rel=0.02)
        assert ("no time in a sound" in facts.picture.get("doubt", "")) == doubt


CYRILLIC = "\N{CYRILLIC SMALL LETTER ES}"  # s of seconds, which looks like a Latin c


@pytest.mark.parametrize(
    ("title", "unit"), [(f"Время, {CYRILLIC}", 1.0), (f"Время ({CYRILLIC})", 1.0), (f"Время, м{CYRILLIC}", 1000.0)]
)
def test_times_in_cyrillic_letters(speech, title, unit):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(decibels(wave), aspect="auto", origin="lower", extent=(0, 4 * unit, 0, sr / 2))
    axes.set(xlabel=title, ylabel="Частота, Гц")
    facts = read_figure(saved(figure), Calibration())
    assert facts["duration"] == pytest.approx(4.0, rel=0.02)
    assert facts.facts["duration"].confidence > 0.7


def test_numbers_without_a_word_of_time_are_frames_unless_frequencies_are_read():
    assert "duration" not in timed(0.0, 4.0, title="").facts
    assert "duration" not in timed(0.0, 4.0, title="Frames").facts
    assert timed(0.0, 4.0, title="", unit="s").facts["duration"].confidence == pytest.approx(0.9)
    findings = Findings()
    findings.add("freq_scale", "linear", 0.9, "")
    ticks = tuple(Tick(50.0 + 100 * k, float(k), "") for k in range(5))
    read_time(findings, PLOT, Side(ticks=ticks))
    assert findings.facts["duration"].confidence == pytest.approx(0.9 * 0.6)


@pytest.mark.parametrize(("factor", "said"), [(1.0, False), (0.9, True), (1.5, True), (60.0, True)])
def test_a_given_duration_that_contradicts_labels_is_said(speech, factor, said):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.specgram(wave, NFFT=1024, noverlap=768, Fs=sr)
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    told = round(factor * len(wave) / sr, 3)
    read = fastspec.inspect(saved(figure), duration=told)
    assert read["duration"] == told
    remarks = [remark for remark in read.remarks if remark.startswith(f"duration: given says {told:g}, pixels says ")]
    assert [remark.endswith(f"; using {told:g}") for remark in remarks] == [True] * said


def spectrogram(tmp_path, last, title, first=0.0):
    rng = np.random.default_rng(5)
    figure, axes = plt.subplots(figsize=(8.0, 4.0))
    axes.imshow(
        rng.standard_normal((65, 90)).cumsum(axis=1), aspect="auto", origin="lower", interpolation="nearest",
        extent=(first, last, 0, 8000),
    )  # fmt: skip
    axes.set(xlabel=title, ylabel="Frequency (Hz)")
    path = tmp_path / "time.png"
    figure.savefig(path)
    plt.close(figure)
    return path


@pytest.mark.parametrize("title", ["Samples", "n [samples]", "échantillons"])
def test_samples_are_seconds_at_a_rate(tmp_path, title):
    path = spectrogram(tmp_path, 48000, title)
    cal = fastspec.inspect(path)
    assert cal["duration"] == pytest.approx(3.0, rel=0.01)  # 16 kHz by the vertical axis
    assert cal.source("duration") == "pixels"
    assert fastspec.inspect(path, sr=24000)["duration"] == pytest.approx(2.0, rel=0.01)


@pytest.mark.parametrize(("last", "title"), [(560.0, "Time"), (0.003, "Time (s)")])
def test_implausible_times_are_doubted(tmp_path, last, title):
    path = spectrogram(tmp_path, last, title)
    cal = fastspec.inspect(path)
    assert cal.source("duration") == "assumed"
    assert cal.facts["duration"].confidence <= 0.3
    assert any("--duration" in said and "read off an axis" in said for said in cal.remarks)
    given = fastspec.inspect(path, duration=2.5)
    assert (given["duration"], given.source("duration")) == (2.5, "given")
    assert not any("read off an axis" in said for said in given.remarks)


def test_minutes_that_are_said_are_not_doubted(tmp_path):
    cal = fastspec.inspect(spectrogram(tmp_path, 240.0, "Time (s)"))
    assert cal.source("duration") == "pixels"
    assert cal["duration"] == pytest.approx(240, rel=0.01)


def test_tens_of_thousands_without_a_unit_are_no_seconds(tmp_path):
    cal = fastspec.inspect(spectrogram(tmp_path, 51200, "Zeit"))
    assert cal.source("duration") == "assumed"
    assert cal["duration"] < 60
    assert any("51" in said and "hardly seconds" in said for said in cal.remarks)


@pytest.mark.parametrize(("title", "last", "seconds"), [("Samples", 96000, 6.0), ("Time (s)", 40, 40.0)])
def test_a_factor_below_the_axis_counts(tmp_path, title, last, seconds):
    figure, axes = plt.subplots(figsize=(8.0, 4.0))
    axes.imshow(np.random.default_rng(2).random((65, 90)), aspect="auto", origin="lower", extent=(0, last, 0, 8000))
    axes.ticklabel_format(axis="x", style="sci", scilimits=(0, 0))
    axes.set(xlabel=title, ylabel="Frequency (Hz)")
    path = tmp_path / "factor.png"
    figure.savefig(path)
    plt.close(figure)
    assert fastspec.inspect(path)["duration"] == pytest.approx(seconds, rel=0.01)


def test_seconds_that_run_backwards_are_read_mirrored(tmp_path):
    cal = fastspec.inspect(spectrogram(tmp_path, 0.0, "Time (s)", first=3.0))
    assert "doubt" not in cal.picture
    assert cal["duration"] == pytest.approx(3.0, rel=0.02)
    assert any("mirrored" in said for said in cal.remarks)


def test_two_labels_that_run_backwards_may_be_read_wrongly():
    findings = Findings()
    findings.backwards(2.0, 1.0, sure=False)
    assert "backwards" in findings.untimely
    assert not findings.mirrored


@pytest.mark.parametrize(
    ("xlabel", "ylabel", "gone"), [("Time (h)", "Hz", "duration"), ("Time (s)", "Depth (m)", "sr")]
)
def test_axes_in_other_units_are_neither_seconds_nor_hertz(speech, xlabel, ylabel, gone):
    figure, axes = plt.subplots(figsize=(8, 4.5), dpi=100)
    axes.imshow(decibels(speech[0]), origin="lower", aspect="auto", extent=(0, 24, 0, 11025))
    axes.set(xlabel=xlabel, ylabel=ylabel)
    read = fastspec.inspect(saved(figure))
    assert read.source(gone) == "assumed"
    assert any("which is no frequency" in said or "not seconds" in said for said in read.remarks)
