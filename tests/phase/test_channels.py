"""Several channels from their joint phase."""

from __future__ import annotations

import numpy as np
import pytest

from fastspec import phase_retrieval, stft
from fastspec.phase import metrics
from fastspec.phase.channels import retrieve
from tests.phase.sounds import speechlike

PHASE = {"method": "admm", "init": "pghi", "n_iter": 3, "seed": 0, "workers": 1}


def options(n_fft=256, center=True):
    return {"n_fft": n_fft, "hop_length": 64, "win_length": n_fft, "window": "hamming", "center": center}


def channels(y, how):
    """Magnitudes (channels, frames, bins) of a sound and its echo."""
    both = np.stack([y, np.roll(y, 40) * 0.5]).astype(np.float32)
    return np.ascontiguousarray(np.abs(stft(both, **how)).swapaxes(-1, -2))


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("n_fft", [256, 255])
@pytest.mark.parametrize("more", [-1000, -1, 0, 1, 63, 64, 1000])
def test_every_length_is_given_whatever_the_frames(n_fft, center, more):
    """The joint sound, whose transform is the start, must have just the picture's frames."""
    S = channels(speechlike(2560), options(n_fft, center))
    [y] = retrieve([S], [2560 + more], options(n_fft, center), PHASE)
    assert y.shape == (2, 2560 + more)
    assert np.isfinite(y).all()


def test_one_channel_and_silence_in_company():
    S = channels(speechlike(2560), options())
    alone, both, silent = retrieve([S[0], S, 0 * S], [2560] * 3, options(), PHASE)
    np.testing.assert_array_equal(alone, phase_retrieval(S[0].T, length=2560, **options(), **PHASE))
    np.testing.assert_array_equal(both, retrieve([S], [2560], options(), PHASE)[0])
    assert not silent.any()


def test_the_sum_is_better_than_that_of_channels_each_on_its_own(speech):
    y, sr = speech
    far = np.roll(y, sr // 3)
    both = np.stack([y + 0.5 * far, 0.5 * y + far])[:, : 2 * sr]
    how = {**options(1024), "hop_length": 256}
    S = np.ascontiguousarray(np.abs(stft(both, **how)).swapaxes(-1, -2))
    length = both.shape[-1]
    [joint] = retrieve([S], [length], how, PHASE)
    alone = np.stack(phase_retrieval([part.T for part in S], length=[length] * 2, **how, **PHASE))
    ours, theirs = (metrics.log_mel_distance(y.sum(axis=0), both.sum(axis=0), sr) for y in (joint, alone))
    assert ours < 0.5 * theirs  # dB; 1.0 and 2.9
