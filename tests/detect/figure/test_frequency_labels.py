"""What the labels of a vertical axis tell, also where it shows a part or the other way round."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.detect.figure.axis_labels import read_figure
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
