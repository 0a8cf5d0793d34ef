"""The veil of ffmpeg's cut windows goes, the sound stays."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
import soundfile

import fastspec
from fastspec.phase import metrics
from fastspec.tools.ffmpeg import cut_window

BINS, STEP, COLUMNS = 256, 330, 60


def columns(sound, step):
    """Mean magnitudes of two transforms a column, as showspectrumpic's: `step` samples under a longer window."""
    window = np.hanning(2 * BINS)[:step]
    parts = sound[: 2 * COLUMNS * step].reshape(-1, step) * window
    size = np.abs(np.fft.rfft(parts, 2 * BINS, axis=1))[:, :BINS]
    return size.reshape(COLUMNS, 2, BINS).mean(axis=1).astype(np.float32)


def test_a_loud_tones_veil_sinks_and_the_tone_stays():
    n = np.arange(2 * COLUMNS * STEP)
    drawn = columns(np.sin(0.3 * n), STEP)
    cleared = cut_window.remove_leakage(drawn, STEP)
    tone = int(np.rint(0.3 / np.pi * BINS))
    np.testing.assert_allclose(cleared[:, tone], drawn[:, tone], rtol=0.01)
    far = slice(tone + 40, None)
    fall = 20 * np.log10(cleared[:, far] / drawn[:, far])
    assert np.median(fall) < -10
    assert fall.max() <= 1e-3


def test_noise_is_left_nearly_as_loud():
    noise = np.random.default_rng(0).standard_normal(2 * COLUMNS * STEP)
    drawn = columns(noise, STEP)
    cleared = cut_window.remove_leakage(drawn, STEP)
    loss = 10 * np.log10(np.square(drawn).mean() / np.square(cleared).mean())
    assert 0 <= loss < 0.7


def test_a_quiet_tone_above_the_veil_is_kept():
    n = np.arange(2 * COLUMNS * STEP)
    drawn = columns(np.sin(0.3 * n) + 0.02 * np.sin(2.2 * n), STEP)
    cleared = cut_window.remove_leakage(drawn, STEP)
    tone = int(np.rint(2.2 / np.pi * BINS))
    change = 20 * np.log10(cleared[:, tone] / drawn[:, tone])
    assert abs(np.median(change)) < 0.5


@pytest.mark.parametrize("step", [0, 1, 2 * BINS, 3 * BINS])
def test_whole_windows_and_silence_come_back_as_they_are(step):
    amplitudes = np.random.default_rng(1).random((4, BINS)).astype(np.float32)
    assert cut_window.remove_leakage(amplitudes, step) is amplitudes
    assert not cut_window.remove_leakage(np.zeros((4, BINS), np.float32), 300).any()


def test_every_size_gives_finite_amplitudes_no_louder_than_before():
    for bins in (1, 63, 64, 65, 200):
        amplitudes = np.random.default_rng(bins).random((3, bins)).astype(np.float32) ** 8
        cleared = cut_window.remove_leakage(amplitudes, bins + 3)
        assert np.isfinite(cleared).all()
        assert (cleared <= amplitudes * 1.0001).all()


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_ffmpegs_own_picture_of_a_low_tune_comes_back_without_hiss(tmp_path, monkeypatch):
    sr, rng = 8000, np.random.default_rng(3)
    notes = [np.sin(2 * np.pi * f * np.arange(sr) / sr) for f in rng.uniform(150, 500, 30)]
    y = (0.4 * np.concatenate(notes)).astype(np.float32)
    soundfile.write(tmp_path / "tune.wav", y, sr)
    draw = ["ffmpeg", "-v", "error", "-y", "-i", tmp_path / "tune.wav", "-lavfi", "showspectrumpic=s=320x256:legend=0"]
    subprocess.run([*draw, tmp_path / "tune.png"], check=True, stdin=subprocess.DEVNULL)

    def distance():
        z, _ = fastspec.decode(tmp_path / "tune.png", duration=len(y) / sr, sr=sr)
        return metrics.log_mel_distance(z[: len(y)], y, sr)

    clear = distance()
    monkeypatch.setattr(cut_window, "remove_leakage", lambda amplitudes, step: amplitudes)
    assert clear < distance() - 2.0
