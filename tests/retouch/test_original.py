from __future__ import annotations

import numpy as np
import pytest
import soundfile

from fastspec.calibration.budget import Budget
from fastspec.errors import AudioError, LimitError, ParameterError
from fastspec.retouch.original import Original


@pytest.mark.parametrize(("subtype", "dtype"), [("PCM_16", np.float32), ("PCM_32", np.float64), ("DOUBLE", np.float64)])
def test_files_are_read_without_rounding(tmp_path, subtype, dtype):
    y = np.random.default_rng(0).uniform(-0.9, 0.9, (1000, 2))
    soundfile.write(tmp_path / "a.wav", y, 8000, subtype)
    found = Original.of(tmp_path / "a.wav")
    assert (found.sr, found.subtype, found.wave.dtype, found.wave.shape) == (8000, subtype, dtype, (2, 1000))
    np.testing.assert_array_equal(found.wave, soundfile.read(tmp_path / "a.wav", dtype="float64")[0].T)
    assert found.shaped(found.wave).ndim == 2
    assert found.seconds == 0.125


def test_arrays_keep_their_shape():
    y = np.sin(np.arange(100, dtype=np.float32))
    found = Original.of((y, 8000))
    assert found.shaped(found.wave).shape == (100,)
    assert Original.of(found) is found
    assert Original.of((y[None], 8000)).shaped(found.wave).shape == (1, 100)


def test_at_another_rate_it_is_resampled_once():
    t = np.arange(8000) / 16000
    found = Original.of((np.sin(2 * np.pi * 440 * t), 16000))
    half = found.at(8000)
    assert half.shape == (1, 4000)
    assert half.dtype == np.float32
    np.testing.assert_allclose(half[0, 500:3500], found.wave[0, 1000:7000:2], atol=1e-3)
    assert found.at(8000) is half


def test_what_it_takes_is_costed_before_it_is_taken(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full(100_000, 0.5), 1)
    found = Original.of(tmp_path / "a.wav")  # 27 hours, by its header
    with pytest.raises(LimitError, match=r"a\.wav \(100000 s at 1 Hz\) at 22050 Hz needs about .* GB, more than"):
        found.at(22050)
    with pytest.raises(LimitError, match=r"at 22051 Hz needs about .* s, more than the 1 s .*--timeout .0 "):
        Original.of((np.ones(50_000), 22050), budget=Budget(timeout=1)).at(22051)
    with pytest.raises(
        LimitError, match=r"the original .*a\.wav needs about .* MB, more than the 1 MB .*--max-memory 2MB"
    ):
        Original.of(tmp_path / "a.wav", budget=Budget(max_memory=1e6))
    soundfile.write(tmp_path / "long.wav", np.full(6_000_000, 0.5), 8000)  # more than one block
    with pytest.raises(LimitError, match=r"the original .*long\.wav needs about 96 MB, more than the 70 MB"):
        Original.of(tmp_path / "long.wav", budget=Budget(max_memory=70e6))
    assert found.at(8).shape == (1, 800_000)
    assert found.at(4).shape == (1, 400_000)
    assert list(found.drawn) == [4]  # one at a time


@pytest.mark.parametrize(
    "bad", [([[1, 2], [3]], 8000), 3, "nowhere.wav", (np.zeros(9, np.float32), 8000), (np.ones(9, np.float32), 0), None]
)
def test_what_is_no_sound_is_refused_with_a_sentence(bad):
    with pytest.raises((ParameterError, AudioError), match=r"original|nowhere|sr"):
        Original.of(bad)


def test_longer_sounds_than_allowed_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.ones(8000) / 2, 8000)
    with pytest.raises(AudioError, match="longer than the limit"):
        Original.of(tmp_path / "a.wav", 0.5)
