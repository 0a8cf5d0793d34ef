"""What the labels of a vertical axis tell, also where it shows a part or the other way round."""

from __future__ import annotations

import librosa.display
import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

import fastspec
from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.axis_fit import Tick
from fastspec.detect.figure.axis_labels import read_figure
from fastspec.detect.figure.findings import Findings
from fastspec.detect.figure.frames import Plot
from fastspec.detect.figure.frequency_labels import read_frequency
from fastspec.detect.figure.plots import Figure
from fastspec.detect.figure.ticks import Side
from fastspec.picture.picture import Picture
from tests.detect.figure.figures import decibels, saved
from tests.detect.figure.tones import TONES, drawn, peaks


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


def test_a_frequency_axis_beyond_reason_is_said_and_not_believed(speech):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(decibels(speech[0]), aspect="auto", origin="lower", extent=(0, 4, 0, 9e6))
    axes.ticklabel_format(axis="y", style="plain")
    axes.set(xlabel="Time (s)")
    facts = read_figure(saved(figure), Calibration())
    assert "sr" not in facts
    assert any("vertical axis ends" in remark for remark in facts.remarks)


@pytest.mark.parametrize(("scale", "low", "high"), [("linear", 300, 11025), ("log", 100, 8000), ("log", 64, 8192)])
def test_a_view_that_begins_above_zero_keeps_pitches(tones, tmp_path, scale, low, high):
    path = drawn(tones, tmp_path, lambda axes: axes.set_ylim(low, high), scale=scale)
    cal = fastspec.inspect(path)
    assert cal["freq_scale"] == scale
    assert cal["fmin"] == pytest.approx(low, abs=0.003 * high)
    assert cal.facts["sr"].confidence < 0.7  # the view may end anywhere
    y, sr = fastspec.decode(path)
    np.testing.assert_allclose(peaks(y, sr), TONES, rtol=0.06, atol=12)


def test_a_whole_axis_is_no_part(tones, tmp_path):
    for scale in ("linear", "log", "mel"):
        assert "fmin" not in read_figure(Picture.from_pil(Image.open(drawn(tones, tmp_path, lambda axes: None,
                                         scale=scale))), fastspec.Calibration())  # fmt: skip


def test_an_axis_that_rises_downwards_is_turned(tones, tmp_path):
    path = drawn(tones, tmp_path, lambda axes: axes.invert_yaxis())
    cal = fastspec.inspect(path)
    assert cal["origin"] == "upper"
    assert cal.source("origin") == "pixels"
    assert "doubt" not in cal.picture
    y, sr = fastspec.decode(path)
    np.testing.assert_allclose(peaks(y, sr), TONES, rtol=0.03, atol=12)


@pytest.mark.parametrize(
    ("title", "unit", "sure"),
    [
        ("Frequency [rad/s]", 1.0, 0.8), ("Angular frequency (rad/s)", 1.0, 0.8), ("Frequency (krad/s)", 1e3, 0.8),
        ("", 1.0, 0.4),
    ],
)  # fmt: skip
def test_radians_a_second(speech, title, unit, sure):
    wave, sr = speech
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(decibels(wave), aspect="auto", origin="lower", extent=(0, 4, 0, np.pi * sr / unit))
    axes.set(xlabel="Time (s)", ylabel=title)
    facts = read_figure(saved(figure), Calibration())
    assert (facts["sr"], facts["freq_scale"], facts["duration"]) == (sr, "linear", pytest.approx(4, rel=0.01))
    assert facts.facts["sr"].confidence > sure
    assert "doubt" not in facts.picture
    assert any("radians" in remark for remark in facts.remarks) == (not title)


@pytest.mark.parametrize(
    ("title", "top"), [("Frequency (rad/sample)", np.pi), (r"Normalized frequency ($\times\pi$ rad/sample)", 1.0)]
)
def test_frequencies_a_sample_tell_no_rate(speech, title, top):
    figure, axes = plt.subplots(figsize=(8, 4), dpi=100)
    axes.imshow(decibels(speech[0]), aspect="auto", origin="lower", extent=(0, 4, 0, top))
    axes.set(xlabel="Time (s)", ylabel=title)
    facts = read_figure(saved(figure), Calibration())
    assert (facts["origin"], facts["freq_scale"]) == ("lower", "linear")
    assert not {"sr", "fmax"} & facts.facts.keys()
    assert any("--sr" in remark for remark in facts.remarks)
    assert facts["duration"] == pytest.approx(4, rel=0.01)


WHITE = np.full((240, 480, 3), 255, np.uint8)
FIGURE = Figure(WHITE, np.zeros((240, 480), np.uint8), (255, 255, 255), ())  # nothing stands beside the plot
PLOT = Plot((50, 20, 450, 220), (50, 20, 450, 220), 1, (0, 0, 0), "image")


@pytest.mark.parametrize(("title", "told"), [("", False), ("Frequency (Hz)", True)])
def test_small_numbers_that_fall_upwards_tell_no_origin(speech, title, told):
    figure, axes = plt.subplots(figsize=(6, 4), dpi=100)
    axes.imshow(decibels(speech[0])[::-1], aspect="auto", extent=(0, 230, 230, 3))
    axes.set(ylabel=title)
    assert ("origin" in read_figure(saved(figure), Calibration())) == told


def labelled(top, bottom=0.0, scale="linear", count=5):
    """What labels tell of an axis from `bottom` to `top` Hz on 200 rows."""
    measure = {"linear": lambda v: v, "log": SPECSHOW, "mel": FrequencyAxis(scale="mel", n_cells=128).transform}[scale]
    low, high = (float(measure(np.asarray(v))) for v in (bottom, top))
    hertz = np.linspace(bottom, top, count + 2)[1:-1].round(1)
    places = 220 - 200 * (measure(hertz) - low) / (high - low)
    side = Side(ticks=tuple(Tick(float(p), float(v), "") for p, v in zip(places, hertz, strict=True)))
    findings = Findings()
    read_frequency(findings, FIGURE, PLOT, side)
    return findings


SPECSHOW = FrequencyAxis(scale="log", n_fft=1024).transform


@pytest.mark.parametrize(
    ("scale", "off", "usual"),
    [
        ("linear", -0.011, True),
        ("linear", 0.011, True),
        ("linear", -0.021, False),  # a pixel is .005 of the top
        ("linear", 0.021, False),
        ("log", -0.024, True),
        ("log", 0.024, True),
        ("log", -0.075, False),  # a pixel is .03
        ("mel", 0.039, True),
        ("mel", -0.06, False),
    ],
)
def test_the_top_of_an_axis_is_half_a_usual_rate_or_said_to_be_none(scale, off, usual):
    findings = labelled(11025 * (1 + off), scale=scale)
    assert findings.unusual != usual
    assert ("fmax" in findings.facts) != usual
    assert (findings.facts["sr"].confidence > 0.3) == usual


@pytest.mark.parametrize(("top", "share"), [(6000, 0.6), (8000, 0.95), (22050, 0.95)])
def test_rates_that_hardly_any_sound_has_are_less_sure(top, share):
    """A view of 0 to 6000 Hz was 12000 Hz at .85: opensoundscape's `bandpass(0, 6000).plot()` of a sound of 22050."""
    assert labelled(top).facts["sr"].confidence == pytest.approx(0.9 * share)


@pytest.mark.parametrize(("top", "read"), [(1890.0, False), (1910.0, True), (199_000.0, True), (201_000.0, False)])
def test_an_axis_of_hertz_ends_within_reason(top, read):
    findings = labelled(top)
    assert ("sr" in findings.facts) == read
    assert any("no frequency" in remark for remark in findings.remarks) != read


def test_a_view_that_begins_two_pixels_above_0_is_cut():
    assert "fmin" not in labelled(11025, 100.0).facts  # 54.6 Hz a pixel
    cut = labelled(11025, 120.0).facts
    assert cut["fmin"].value == pytest.approx(120, abs=1)
    assert cut["sr"].confidence == pytest.approx(0.9 * 0.6)
    assert labelled(11025).facts["sr"].confidence == pytest.approx(0.9 * 0.95)


@pytest.mark.parametrize(("largest", "kilo"), [(1.4, False), (4.0, True), (96.0, True), (120.0, False)])
def test_small_numbers_are_kilohertz(largest, kilo):
    findings = Findings()
    ticks = tuple(Tick(220.0 - 50 * k, largest * k / 3, "") for k in range(4))
    read_frequency(findings, FIGURE, PLOT, Side(ticks=ticks))
    assert ("sr" in findings.facts or "fmax" in findings.facts) == kilo


@pytest.mark.parametrize(("scale", "sr"), [("log", 22050), ("mel", 44100), ("linear", 16000)])
def test_numbers_with_units_of_their_own(speech, scale, sr):
    """librosa 1.0 labels thirds of octaves "500 Hz", "1 kHz" ..., as matplotlib's EngFormatter does."""
    import librosa.display
    from matplotlib.ticker import EngFormatter, FixedLocator

    figure, axes = plt.subplots(figsize=(8, 4.4), dpi=100)
    shown = decibels(speech[0])
    librosa.display.specshow(shown, sr=sr, hop_length=512, x_axis="time", y_axis=scale, ax=axes)
    marks = [2000, 4000, 500, 8000, 6000] if scale == "linear" else [125 * 2**k for k in range(7)]
    axes.yaxis.set_major_locator(FixedLocator([f for f in marks if f < sr / 2]))
    axes.yaxis.set_major_formatter(EngFormatter(unit="Hz"))
    axes.set(ylabel="Frequency")
    facts = read_figure(saved(figure), Calibration())
    assert (facts["sr"], facts["freq_scale"]) == (sr, scale)
    assert not any("not understood" in remark for remark in facts.remarks)


def without_unit(tmp_path, low, high, title):
    figure, axes = plt.subplots(figsize=(7.0, 4.0))
    rng = np.random.default_rng(4)
    values = rng.standard_normal((65, 90)).cumsum(axis=1)
    axes.imshow(values, aspect="auto", origin="lower", extent=(0, 0.6, low, high))
    axes.set(xlabel="Time (s)", ylabel=title)
    path = tmp_path / "unit.png"
    figure.savefig(path)
    plt.close(figure)
    return fastspec.inspect(path)


def test_ultrasound_without_a_unit_is_doubted(tmp_path):
    cal = without_unit(tmp_path, 0, 96, "Частота")
    assert cal.source("sr") == cal.source("freq_scale") == "assumed"
    assert any("without a unit" in said and "--sr" in said for said in cal.remarks)


@pytest.mark.parametrize(("high", "title"), [(96, "Frequency (kHz)"), (11.025, "Frequency")])
def test_kilohertz_that_are_said_or_usual_are_not_doubted(tmp_path, high, title):
    cal = without_unit(tmp_path, 0, high, title)
    assert (cal["sr"], cal.source("sr")) == (2000 * high, "pixels")


def test_frequencies_of_both_signs_are_doubted(tmp_path):
    assert "both signs" in without_unit(tmp_path, -8000, 8000, "Frequency (Hz)").picture["doubt"]


@pytest.mark.parametrize(("share", "n_fft"), [(0.5, 1024), (0.25, 1024), (0.4, 512)])
def test_an_axis_that_was_cut_tells_where_once_the_rate_is_given(speech, share, n_fft):
    y, sr = speech
    figure, axes = plt.subplots(figsize=(8, 4.5), dpi=100)
    librosa.display.specshow(
        decibels(y[: 2 * sr], n_fft, 256), sr=sr, hop_length=256, x_axis="time", y_axis="linear", ax=axes
    )
    axes.set_ylim(0, share * sr / 2)
    picture = saved(figure)
    read = fastspec.inspect(picture)
    assert read.facts["n_fft"].confidence <= 0.9  # the rate, which goes with it, may be too small
    known = fastspec.inspect(picture, sr=sr)
    assert known["fmax"] == pytest.approx(share * sr / 2, rel=0.01)
    assert (known["sr"], known["n_fft"]) == (sr, n_fft)
    assert not any("pixels says" in said for said in known.remarks)


@pytest.mark.parametrize("room", [True, False])
def test_room_below_zero_is_no_frequency_of_another_sign(speech, room):
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4), dpi=100)
    axes.imshow(decibels(speech[0]), origin="lower", aspect="auto", extent=(0, 3, 0 if room else -2000, 8000))
    axes.set(ylim=(-2000, 10000), xlabel="Time (s)", ylabel="Frequency (Hz)")
    said = read_figure(saved(figure), Calibration()).picture.get("doubt", "")
    assert ("both signs" in said) == (not room)
