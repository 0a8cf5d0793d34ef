"""ffmpeg after 5.1 draws whole windows: told by the pixels from 5.1's, and read as they lie."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess

import numpy as np
import pytest
import soundfile

import fastspec
from fastspec.calibration.calibration import Calibration
from fastspec.phase import metrics
from fastspec.tools.ffmpeg import grid, whole_windows

needs_ffmpeg = pytest.mark.skipif(
    importlib.util.find_spec("imageio_ffmpeg") is None, reason="imageio-ffmpeg is not installed"
)


def drawn(short, folder, options):
    """A picture that the current ffmpeg draws of two seconds of speech."""
    y, sr = short
    soundfile.write(folder / "sound.wav", y, sr)
    command = [
        importlib.import_module("imageio_ffmpeg").get_ffmpeg_exe(),
        "-v",
        "error",
        "-y",
        "-i",
        folder / "sound.wav",
    ]
    draw = ["-lavfi", f"showspectrumpic={options}", folder / "picture.png"]
    subprocess.run([*command, *draw], check=True, stdin=subprocess.DEVNULL)
    return folder / "picture.png"


@needs_ffmpeg
@pytest.mark.parametrize(
    ("options", "bound"), [("s=1024x512", -15), ("s=900x512:legend=0", -15), ("s=1200x256:color=magma", -9)]
)
def test_whole_windows_are_read_from_the_pixels_and_decoded_as_they_lie(short, tmp_path, options, bound):
    path = drawn(short, tmp_path, options)
    y, sr = short
    facts = {"sr": sr, "duration": len(y) / sr}
    cal = fastspec.inspect(path, **facts)
    assert cal.source("win_length") == "pixels"
    assert cal["win_length"] == cal["n_fft"]
    assert not any("too short" in remark for remark in cal.remarks)
    got, _ = fastspec.decode(path, **facts)
    assert metrics.held_out_sc(got, y, sr) < bound


@needs_ffmpeg
def test_a_given_window_rules_where_the_pixels_do_not_tell(short, tmp_path):
    path = drawn(short, tmp_path, "s=320x128:legend=0")
    y, sr = short
    facts = {"sr": sr, "duration": len(y) / sr, "profile": "ffmpeg"}
    got, _ = fastspec.decode(path, **facts, win_length=256)
    assert metrics.stoi(got, y, sr) > 0.85


def noise(blurred):
    """Pixels (64, 300, 3) that differ along one axis only: rows of whole windows, columns of cut ones."""
    one = np.random.default_rng(0).integers(0, 256, (64, 1, 1) if blurred == "time" else (1, 300, 1))
    jitter = np.random.default_rng(1).integers(0, 9, (64, 300, 1))
    return np.repeat(np.clip(one + jitter, 0, 255), 3, axis=2).astype(np.uint8)


def test_rows_that_differ_more_than_columns_are_of_whole_windows():
    fact = whole_windows.read(noise("time"), Calibration())["win_length"]
    assert (fact.value, fact.source) == (128, "pixels")
    assert whole_windows.read(noise("frequency"), Calibration()) == {}
    assert whole_windows.read(np.zeros((64, 300, 3), np.uint8), Calibration()) == {}


@pytest.mark.parametrize("known", [{"freq_scale": "log"}, {"channels": 2}, {"n_fft": 4096}])
def test_nothing_is_said_where_rows_are_no_bins_of_one_transform(known):
    assert whole_windows.read(noise("time"), Calibration().updated("given", 1.0, **known)) == {}


def test_whole_windows_lie_half_a_window_earlier_and_leave_nothing_to_restore():
    known = Calibration().updated("given", 1.0, freq_scale="linear", sr=8000, duration=1.0, n_fft=256)
    whole = known.updated("given", 1.0, win_length=256)
    start, end = grid.extent(known, 100)
    assert grid.extent(whole, 100) == pytest.approx((start - 0.5 * (256 - 80) / 8000, end - 0.5 * (256 - 80) / 8000))
    assert "--win-length 256" in grid.too_short(known, 100)[0]
    assert grid.too_short(whole, 100) == ()
    longer = {"duration": 10.0}
    assert grid.cut_window(known.updated("given", 1.0, **longer), 100, 128) is not None
    assert grid.cut_window(whole.updated("given", 1.0, **longer), 100, 128) is None
