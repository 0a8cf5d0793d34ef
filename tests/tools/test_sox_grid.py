"""SoX's columns: equal to a twin that counts as spectrogram.c does, and to SoX itself."""

from __future__ import annotations

import math
import re
import subprocess

import numpy as np
import pytest
import soundfile
from hypothesis import example, given
from hypothesis import strategies as st

import fastspec
from fastspec import tools
from fastspec.calibration.calibration import Calibration
from fastspec.phase import metrics
from fastspec.picture import files as picture_files
from fastspec.tools.sox import grid
from tests.tools.programs import draw_with_sox, needs_sox

RATES = (8000, 11025, 16000, 22050, 24000, 32000, 44100, 48000, 96000)


def twin(samples, sr, asked, n_fft):
    """`start`, `flow` and `drain` with one double operation a line: (step, block_steps, columns, their transforms)."""
    rate = float(sr)
    duration = float(samples) / rate
    per_second = float(asked) / duration
    per_second = min(5000.0, per_second)
    quotient = rate / per_second
    block = math.trunc(quotient)
    parts = math.ceil(float(block) / float(n_fft // 2))
    step = math.trunc(float(block) / float(parts) + 0.5)
    steps = math.floor(float(block) / float(step) + 0.5)
    read = -((n_fft - step) // 2)  # C rounds towards 0
    shares = []
    held = 0

    def flow(count):
        nonlocal read, held
        while len(shares) <= asked:
            if read == step:
                read = 0
            taken = min(count, step - read)
            count -= taken
            read += taken
            if read != step:
                return
            held += 1
            if held == steps:
                shares.append(held)
                held = 0

    flow(samples)
    if len(shares) <= asked:
        more = (n_fft - step) // 2
        rest = int(math.fmod(more + read, step))
        if rest >= step >> 1:
            more += step - rest
        flow(more)
        if held:
            shares.append(held)
    return step, steps, shares[:asked]


@given(
    sr=st.sampled_from(RATES),
    asked=st.integers(100, 3000),
    rows=st.sampled_from([65, 100, 129, 257, 300, 513]),
    samples=st.integers(1000, 300_000) | st.integers(1, 400).map(lambda k: -k),
)
@example(sr=16000, asked=800, rows=513, samples=96_800)
def test_columns_are_those_of_soxs_double_arithmetic(sr, asked, rows, samples):
    samples = samples if samples > 0 else max(1000, -samples * asked)  # whole samples a column
    n_fft = 2 * (rows - 1)
    step, steps, shares = twin(samples, sr, asked, n_fft)
    found = grid.columns(samples, sr, asked, n_fft)
    assert (found.step, found.steps, found.width, found.last) == (step, steps, len(shares), shares[-1])


@given(sr=st.sampled_from(RATES), samples=st.integers(20_000, 2_000_000), n_fft=st.sampled_from([128, 512, 1024]))
def test_the_width_of_a_picture_of_usual_width_tells_its_columns(sr, samples, n_fft):
    drawn = grid.columns(samples, sr, 800, n_fft)
    if drawn.width >= 793:  # else 5000 columns a second end it early
        assert grid.columns_of_width(samples, sr, drawn.width, n_fft).span == drawn.span


def test_rounded_quotients_are_no_exact_division():
    known = Calibration.of(profile="sox", columns="spans", sr=16000, duration=6.05, n_fft=1024)
    assert tools.of("sox").with_extent(known, 800)["time_extent"] == (0.0, 6.0)  # 120 samples a column, not 121


def test_a_column_undrawn_as_spans_are_rounded_up_changes_no_time():
    drawn = grid.columns(701 * 800, 16000, 800, 1024)  # two steps of 351 for 701 samples
    assert (drawn.span, drawn.width) == (702, 799)
    assert grid.columns_of_width(701 * 800, 16000, 799, 1024).span == 702


@needs_sox
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("sr", "samples", "options", "asked"),
    [
        (16000, 96_800, (), 800),  # 120.99...
        (16000, 96_800, ("-d", "6.05"), 800),
        (16000, 96_800, ("-x", "800", "-d", "6.05"), 800),
        (16000, 64_000, ("-x", "640"), 640),
        (44100, 4410, (), 800),  # 5000 columns a second
        (8000, 57_600, ("-x", "300"), 300),
        (8000, 120_000, ("-x", "101"), 101),
        (22050, 22_050 * 7, ("-x", "1200"), 1200),
        (48000, 48_000 * 6, ("-x", "333"), 333),
        (32000, 700_001, (), 800),
        (16000, 10_240 * 20, ("-x", "100", "-y", "129"), 100),
        (11025, 99_999, ("-x", "100", "-y", "100"), 100),
    ],
)
def test_columns_are_soxs_own(tmp_path, sr, samples, options, asked, channels):
    noise = np.random.default_rng(1).normal(0, 0.1, (samples, channels)).clip(-0.9, 0.9)
    soundfile.write(tmp_path / "noise.wav", noise, sr, "PCM_16")
    command = ["sox", "-V6", "noise.wav", "-n", "spectrogram", "-r", *options, "-o", "noise.png"]
    said = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stderr
    step, steps = map(int, re.search(r"step_size=(\d+) block_steps=(\d+)", said).groups())
    n_fft = int(re.search(r"dft_size=(\d+)", said)[1])
    width = picture_files.read(tmp_path / "noise.png").width
    assert grid.columns(samples, sr, asked, n_fft)[:3] == (step, steps, width)
    assert grid.columns_of_width(samples, sr, width, n_fft).span == step * steps


@needs_sox
@pytest.mark.parametrize(
    ("samples", "size", "options"),
    [(96_800, None, ()), (96_800, (800, 513), ("-x", "800")), (40_320, (160, 257), ("-x", "160", "-y", "257"))],
)
def test_the_drawing_has_soxs_columns(tmp_path, speech, samples, size, options):
    y, sr = speech[0], 16000
    soundfile.write(tmp_path / "clip.wav", np.resize(y, samples), sr, "PCM_16")
    wave = soundfile.read(tmp_path / "clip.wav", dtype="float32")[0]
    theirs = picture_files.read(draw_with_sox(tmp_path, "raw", "-r", *options))
    ours = fastspec.encode(wave, sr, profile="sox", size=size)
    assert ours.pixels.shape == theirs.pixels.shape
    inside = (slice(None), slice(8, -8))  # within, SoX's window is whole
    assert (ours.pixels[inside] != theirs.pixels[inside]).mean() < 2e-3


@needs_sox
def test_a_sound_whose_quotient_rounds_down_keeps_its_tempo(tmp_path, speech):
    y, sr = np.resize(speech[0], 96_800), 16000
    soundfile.write(tmp_path / "clip.wav", y, sr)
    x, _ = fastspec.decode(draw_with_sox(tmp_path, "raw", "-r"), duration=6.05, sr=sr)
    assert metrics.stoi(x, y, sr) > 0.97


@needs_sox
def test_labels_tell_columns_that_do_not_follow_from_the_width(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.1, 364_886).clip(-0.9, 0.9)
    soundfile.write(tmp_path / "clip.wav", noise, 16000, "PCM_16")
    read = fastspec.inspect(draw_with_sox(tmp_path, "figure", "-X", "125"), duration=22.8054)
    assert read["time_extent"] == (0.0, pytest.approx(2851 * 128 / 16000))  # 2851 / 22.8054 s would make it 127
    assert read["duration"] == 22.8054
    assert not read.remarks
