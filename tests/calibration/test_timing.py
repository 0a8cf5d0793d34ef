"""n_frames, duration and hop_length fit each other, or are refused."""

from __future__ import annotations

import pytest

from fastspec.calibration import defaults, timing
from fastspec.calibration.calibration import Calibration
from fastspec.errors import CalibrationError


def _cal(**assumed):
    return defaults.assumed(Calibration.of("given", **assumed))


def test_duration_gives_the_number_of_frames_as_librosa_counts_them():
    cal = timing.reconcile(_cal(sr=22050, hop_length=512, duration=61.45), 640)
    assert cal["n_frames"] == 1 + 1354972 // 512
    assert cal.source("n_frames") == "given"


@pytest.mark.parametrize(
    ("more", "frames"),
    [({"n_fft": 255, "freq_scale": "mel"}, 40), ({"n_fft": 256}, 41), ({"n_fft": 256, "center": False}, 37)],
)
def test_odd_transforms_and_uncentred_frames_are_counted_as_librosa_counts_them(more, frames):
    cal = timing.reconcile(_cal(sr=8000, hop_length=64, duration=0.32, **more), 640)  # 40 hops
    assert cal["n_frames"] == frames


def test_without_a_duration_one_frame_a_column_is_assumed_and_said():
    cal = timing.reconcile(_cal(sr=22050), 640)
    assert cal["n_frames"] == 640
    assert cal["duration"] == pytest.approx(639 * 512 / 22050)
    assert cal.source("duration") == "assumed"
    assert "14.84 s" in cal.remarks[-1]


def test_counted_frames_and_a_given_duration_tell_the_hop():
    pixels = Calibration.of("pixels", n_frames=1 + 156555 // 256)
    cal = timing.reconcile(defaults.assumed(Calibration.of("given", sr=22050, duration=7.1).merged(pixels)), 1280)
    assert cal["hop_length"] == 256
    assert cal.source("hop_length") == "pixels"


def test_two_given_facts_that_exclude_each_other_are_an_error():
    with pytest.raises(CalibrationError, match="contradicts duration"):
        timing.reconcile(_cal(sr=22050, hop_length=512, duration=2.0, n_frames=500), 640)


def test_a_hop_is_no_surer_than_the_rate_it_follows_from():
    frames = Calibration.of("pixels", n_frames=345, duration=3.9988)
    cal = timing.reconcile(defaults.assumed(frames.updated("assumed", 0.3, "a guess", sr=192000)), 640)
    assert cal["hop_length"] == 2231
    assert cal.facts["hop_length"].confidence == 0.3


def test_a_hop_that_time_and_frames_tell_is_no_assumption():
    told = Calibration.of("pixels", n_frames=306, duration=7.0938, sr=22050)
    assumed = Calibration.of("assumed", hop_length=512, n_fft=2048, center=True)
    fitted = timing.reconcile(told.merged(assumed), 620)
    assert (fitted["hop_length"], fitted.source("hop_length")) == (512, "pixels")
    guessed = Calibration.of("assumed", n_frames=306, hop_length=512, n_fft=2048, center=True)
    fitted = timing.reconcile(Calibration.of("given", duration=7.0938, sr=22050).merged(guessed), 620)
    assert fitted.source("hop_length") == "assumed"


@pytest.mark.parametrize(("samples", "frames", "hop"), [(145_424, 284, 512), (96_000, 259, 372), (44_100, 87, 512)])
def test_an_assumed_hop_gives_way_to_frames_that_were_counted(samples, frames, hop):
    known = Calibration().updated("pixels", 0.9, n_frames=frames, duration=samples / 44100, sr=44100)
    known = known.updated("assumed", 0.3, hop_length=441, n_fft=2048, win_length=2048)
    fitted = timing.reconcile(known, 600)
    assert fitted["hop_length"] == hop
    assert fitted["n_frames"] == frames


@pytest.mark.parametrize(("n_fft", "hop", "samples"), [(512, 160, 63898), (1024, 256, 110074), (256, 224, 63898)])
def test_frames_that_were_counted_tell_the_hop_of_windows_that_are_not_centred(n_fft, hop, samples):
    frames = 1 + (samples - n_fft) // hop
    known = _cal(sr=16000, duration=samples / 16000).without("n_fft", "hop_length", "win_length", "n_frames")
    known = known.updated("pixels", 0.95, n_frames=frames, n_fft=n_fft).updated("assumed", hop_length=n_fft // 4)
    fitted = timing.reconcile(known, 900)
    assert (fitted["hop_length"], fitted["n_frames"]) == (hop, frames)


def test_frames_that_are_given_come_before_an_assumed_hop():
    known = _cal(sr=16000, duration=3.9936, n_frames=285).without("win_length")
    known = known.updated("assumed", hop_length=64, n_fft=256)
    assert timing.reconcile(known, 900)["hop_length"] == 224
