"""Praat's pages are recognised and decoded: one that Praat 6.3.07 saved, and twins drawn after its source."""

from __future__ import annotations

from typing import Any

import matplotlib
import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import fastspec
from fastspec.phase import metrics
from fastspec.picture.picture import Picture
from fastspec.tools import praat

SPEECH = "tests/data/speech.flac"
SERIF = f"{matplotlib.get_data_path()}/fonts/ttf/DejaVuSerif.ttf"


def power_density(y: NDArray[Any], sr: int, top: float) -> tuple[NDArray[Any], float, NDArray[Any]]:
    """Praat's spectrogram (bins, frames), Hz between bins, and the seconds of its frames."""
    wide, step = 0.01, 0.002
    half = int(wide * sr) // 2 - 1
    phase = (np.arange(1, 2 * half + 1) - (2 * half + 1) / 2) / (wide * sr)
    window = (np.exp(-48 * phase**2) - np.exp(-12)) / (1 - np.exp(-12))
    bins = int(top / (1 / (0.005 / np.pi**0.5) / 8))
    n_fft = 1
    while n_fft < 2 * half or n_fft < 2 * bins * sr / 2 / top:
        n_fft *= 2
    count = 1 + int((len(y) / sr - wide) / step)
    times = 0.5 / sr + 0.5 * ((len(y) - 1) / sr - (count - 1) * step) + np.arange(count) * step
    starts = np.floor(times * sr - 0.5).astype(int) + 1 - half
    frames = np.stack([y[start : start + 2 * half] * window for start in starts])
    power = np.abs(np.fft.rfft(frames, n_fft)) ** 2 / (window**2).sum()
    return power[:, : int(top / (sr / n_fft))].T, sr / n_fft, times


def between(values: NDArray[Any], at: NDArray[Any]) -> NDArray[Any]:
    """Rows of `values` at fractional places, linearly, the ends held."""
    at = np.clip(at, 0, len(values) - 1)
    low = np.minimum(at.astype(int), len(values) - 2)
    part = (at - low)[:, None]
    return np.asarray(values[low] * (1 - part) + values[low + 1] * part)


def page(
    y: NDArray[Any], sr: int, *, inches: tuple[float, float] = (6, 4), dpi: int = 300, top: float = 5000,
    dynamic: float = 50, octave: float = 6, end: str | None = None,
) -> NDArray[np.uint8]:  # fmt: skip
    """Paint... with garnish, as Save as PNG file saves it."""
    power, step, times = power_density(y, sr, top)
    levels = 10 * np.log10((power + 1e-30) / 4e-10)
    levels += octave * np.log2(np.arange(1, len(power) + 1) * step / 1000)[:, None]
    width, height = round(inches[0] * dpi), round(inches[1] * dpi)
    a, c = 42 / 72 * dpi, 28 / 72 * dpi
    left, upper, right, lower = round(a), round(c), round(width - a), round(height - c)
    hertz = top * (lower - np.arange(upper, lower)) / (lower - upper)
    seconds = len(y) / sr * (np.arange(left, right) - left) / (right - left)
    shown = between(between(levels, hertz / step).T, (seconds - times[0]) / 0.002).T
    gray = np.clip(255 * (shown.max() - shown) / dynamic, 0, 255).astype(np.uint8)
    gray[hertz > (len(power) - 0.5) * step] = 255
    canvas = np.full((height, width), 255, np.uint8)
    canvas[upper:lower, left:right] = gray
    picture = Image.fromarray(canvas)
    ink, font, line = ImageDraw.Draw(picture), ImageFont.truetype(SERIF, round(10 / 72 * dpi)), max(1, dpi // 150)
    ink.rectangle((left - line // 2, upper - line // 2, right, lower), outline=0, width=line)
    mark = round(0.028 * dpi)
    for place, text in ((upper, f"{top:g}"), (lower, "0")):
        ink.line((left - mark, place, left, place), 0, line)
        ink.text((left - 2 * mark, place), text, 0, font, anchor="rm")
    for place, text in ((left, "0"), (right, end or f"{len(y) / sr:g}")):
        ink.line((place, lower, place, lower + mark), 0, line)
        ink.text((place, lower + 2 * mark), text, 0, font, anchor="mt")
    ink.text((width / 2, height - 2), "Time (s)", 0, font, anchor="ms")
    return np.repeat(np.array(picture)[..., None], 3, axis=2)


@pytest.fixture(scope="module")
def speech() -> tuple[NDArray[Any], int]:
    y, sr = soundfile.read(SPEECH)
    return y[: 2 * sr], sr


@pytest.mark.parametrize(
    ("inches", "dpi", "top"), [((6, 4), 300, 5000), ((5, 5), 300, 8000), ((8, 3), 200, 4000), ((3, 2.5), 600, 5500)]
)
def test_a_page_tells_its_tool_and_axes(
    speech: tuple[NDArray[Any], int], inches: tuple[float, float], dpi: int, top: float
) -> None:
    found = fastspec.inspect(page(*speech, inches=inches, dpi=dpi, top=top))
    assert found["profile"] == "praat"
    assert found["fmax"] == top
    assert found["sr"] >= 2 * top
    assert found["duration"] == pytest.approx(2.0)
    assert found["cmap"] == "gray_r"
    left, upper, right, lower = found["plot_area"]
    assert abs(left - 42 / 72 * dpi) <= 4
    assert abs(upper - 28 / 72 * dpi) <= 4
    assert abs(inches[0] * dpi - right - left) <= 4
    assert abs(inches[1] * dpi - lower - upper) <= 4


def test_what_praats_page_does_not_tell_is_assumed(speech: tuple[NDArray[Any], int]) -> None:
    found = fastspec.inspect(page(*speech))
    assert found.source("db_range") == found.source("win_length") == found.source("n_fft") == "assumed"


def test_numbers_that_are_no_numbers_are_said(speech: tuple[NDArray[Any], int]) -> None:
    found = fastspec.inspect(page(*speech, end="end"))
    assert found.source("duration") == "assumed"
    assert any("Praat's numbers of times" in remark for remark in found.remarks)


def test_other_margins_or_marks_are_not_praats(speech: tuple[NDArray[Any], int]) -> None:
    drawn = page(*speech)
    assert praat.TOOL.recognise(Picture(drawn))
    assert not praat.TOOL.recognise(Picture(drawn[:, 60:]))
    assert not praat.TOOL.recognise(Picture(drawn[40:]))
    marked = drawn.copy()
    marked[500:503, 150:175] = 0
    assert not praat.TOOL.recognise(Picture(marked))
    assert not praat.TOOL.recognise(Picture(np.zeros_like(drawn)))


def test_pre_emphasis_is_undone(speech: tuple[NDArray[Any], int]) -> None:
    """Level by level: the spectrum of the sound has the tilt of the original's, to a few dB."""
    y, sr = speech
    for octave, profile in ((6, "praat"), (0, "praat-flat")):
        decoded = fastspec.Decoder(profile=profile, db_range=(-70, 0)).read(
            page(y, sr, dpi=200, dynamic=70, octave=octave)
        )
        rate, n_fft = decoded.calibration["sr"], decoded.calibration["n_fft"]
        mean = np.log2((decoded.magnitude.astype(float) ** 2).mean(axis=0))
        power, step, _ = power_density(y, sr, 5000)
        hertz = np.arange(400, 4000, 100)
        seen = np.interp(hertz, np.arange(len(mean)) * rate / n_fft, mean)
        true = np.interp(hertz, np.arange(len(power)) * step, np.log2(power.mean(axis=1)))
        tilt = np.polyfit(np.log2(hertz), 10 * np.log10(2) * (seen - true), 1)[0]
        assert abs(tilt) < 1.5, f"{tilt:.1f} dB an octave too much of {profile}"


def test_praats_own_page_needs_the_rate_alone(speech):
    y, sr = speech
    y = y[: int(2.2 * sr)]
    read = fastspec.inspect("tests/data/praat.png")
    assert (read["profile"], read["cmap"], read["fmax"], read["duration"]) == ("praat", "gray_r", 5000, 2.2)
    assert read.source("fmax") == read.source("duration") == "pixels"
    heard, _ = fastspec.decode("tests/data/praat.png", sr=sr)
    n = min(len(y), len(heard))
    assert metrics.stoi(heard[:n], y[:n], sr) > 0.87
