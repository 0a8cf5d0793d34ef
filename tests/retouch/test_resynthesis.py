"""Painted content: what is heard shows what was painted."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.retouch import resynthesis
from tests.retouch.edited import Drawing, as_jpeg
from tests.retouch.pictures import speech


@pytest.fixture(scope="module")
def linear():
    y, sr = speech()
    return Drawing(y, sr, "linear", (1 + y.size // 512, 513))


def error_of(drawing, entries):
    """dB between what the sound shows and what is painted, where it was painted."""
    found = fastspec.Decoder().retouch(drawing.pixels(entries), (drawing.y, drawing.sr))
    shown = np.abs(fastspec.stft(found.wave, **drawing.options))
    painted = (entries != drawing.entries)[::-1]
    level = np.abs(drawing.spectrum).max() * 10 ** (((entries[::-1] + 0.5) / 256 * 80 - 80) / 20)
    off = np.linalg.norm((shown - level)[painted]) / np.linalg.norm(level[painted])
    return 20 * np.log10(off)


def blurred(drawing):
    """A block in which levels are means of those around, as a blur brush leaves it."""
    entries = drawing.entries.copy()
    rows, columns = slice(380, 470), slice(100, 160)
    some = np.pad(entries[rows, columns], 8, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(some, (17, 17))
    entries[rows, columns] = windows.mean(axis=(2, 3)).astype(int)
    return entries


def test_what_a_window_spreads_follows_in_its_phases(linear, monkeypatch):
    error = error_of(linear, blurred(linear))
    monkeypatch.setattr(resynthesis, "LIMITS", resynthesis.LIMITS._replace(lobe=0.0))
    assert error < error_of(linear, blurred(linear)) - 0.5  # .4 to .8 at four places


def test_lobes_are_as_wide_as_windows_are_short_and_leave_louder_cells():
    from fastspec.transform.geometry import Geometry

    painted = np.zeros((3, 20), np.float32)
    painted[1, 9] = 1
    own = np.full((3, 20), 0.5, np.float32)
    own[1, 10] = 2.5
    for win, reach in ((64, 2), (32, 4)):
        geometry = Geometry.of(n_fft=64, hop_length=16, win_length=win, window="hann", center=True)
        wide = resynthesis._lobes(painted, own, geometry)
        np.testing.assert_array_equal(np.flatnonzero(wide[1]), np.setdiff1d(np.arange(9 - reach, 10 + reach), [10]))
        assert not wide[[0, 2]].any()


def test_in_a_damaged_file_only_painted_cells_get_phases(linear, monkeypatch, tmp_path):
    def called(*_):
        raise AssertionError("phases of cells beside were freed")

    entries = linear.entries.copy()
    entries[300:400, 60:110] = 0
    path = as_jpeg(linear.pixels(entries), tmp_path / "a.jpg", 80)
    monkeypatch.setattr(resynthesis, "_lobes", called)
    facts = {"freq_scale": "linear", "n_fft": 1024, "hop_length": 512, "window": "hanning"}
    found = fastspec.Decoder(**facts).retouch(path, (linear.y, linear.sr))
    assert any("painted" in remark for remark in found.calibration.remarks)
    with pytest.raises(AssertionError, match="freed"):
        error_of(linear, blurred(linear))
