"""The length of a transform is read off linear axes that have more bins than rows, where its bins show it."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration.calibration import Calibration
from fastspec.colours import colormap
from fastspec.detect import array_cells, skipped_bins
from fastspec.detect.skipped_bins import read_skipped
from fastspec.plot import imshow

LINEAR = Calibration().updated("pixels", 0.9, freq_scale="linear", sr=22050)


def drawn(n_fft, height, edges="librosa>=0.9", *, alike=True):
    """A linear picture (height, frames, 3) of noise; `alike`: from an STFT, whose neighbouring bins are."""
    rng = np.random.default_rng(n_fft + height)
    if alike:
        S = np.abs(librosa.stft(rng.standard_normal(5 * 22050).astype(np.float32), n_fft=n_fft))
    else:
        S = np.abs(rng.standard_normal((1 + n_fft // 2, 200, 2)) @ np.array([1, 1j]))
    db = librosa.amplitude_to_db(S, ref=np.max, top_db=80)
    rows = FrequencyAxis(scale="linear", sr=22050, n_fft=n_fft, edges=edges).rows(height)
    levels = np.clip((db[rows] + 80) / 80 * 256, 0, 255).astype(np.intp)
    return colormap.get("magma").table[levels]


@pytest.mark.parametrize("edges", ["librosa>=0.9", "librosa<0.9"])
@pytest.mark.parametrize(("n_fft", "height"), [(1024, 308), (1024, 400), (512, 180), (2048, 700)])
def test_the_true_length_is_read_and_no_other(n_fft, height, edges):
    found = read_skipped(drawn(n_fft, height, edges), LINEAR)
    assert found["n_fft"] == n_fft
    assert found["freq_scale"] == "linear"
    assert found.facts["n_fft"].confidence <= 0.85


@pytest.mark.parametrize("height", [308, 400])
def test_rows_that_are_not_alike_say_nothing(height):
    assert not read_skipped(drawn(1024, height, alike=False), LINEAR).facts


def test_what_is_known_or_elsewhere_is_not_read():
    picture = drawn(1024, 308)
    for known in (
        LINEAR.updated("given", 1.0, n_fft=2048),
        LINEAR.updated("pixels", 0.9, fmin=200.0),
        LINEAR.updated("profile", 0.9, freq_edges="cells"),
        Calibration().updated("pixels", 0.9, freq_scale="log"),
    ):
        assert not read_skipped(picture, known).facts
    assert not read_skipped(picture.astype(np.uint16)[..., 0], LINEAR).facts
    assert not read_skipped(picture[:40], LINEAR).facts
    assert not read_skipped(np.zeros_like(picture), LINEAR).facts


def test_rows_that_were_enlarged_are_smoother_than_those_between_which_bins_were_passed_over():
    """JPEG figures of specgram's 129 bins in 369 rows had the beat of 1200 samples (.72)."""
    index, weight = imshow.blend(129, 369)
    smooth = (drawn(256, 129)[index] * weight[..., None, None]).sum(axis=1).astype(np.uint8)
    least = skipped_bins.LIMITS.rough
    assert array_cells.roughness(skipped_bins._luma(smooth)) < least - 0.3
    for n_fft, height in ((1024, 308), (2048, 700), (512, 180)):
        assert array_cells.roughness(skipped_bins._luma(drawn(n_fft, height))) > least + 0.3


@pytest.mark.parametrize(("roughness", "read"), [(1.49, False), (1.51, True)])
def test_how_rough_rows_are_decides(monkeypatch, roughness, read):
    monkeypatch.setattr(skipped_bins, "roughness", lambda luma: roughness)
    assert bool(read_skipped(drawn(1024, 308), LINEAR).facts) == read
