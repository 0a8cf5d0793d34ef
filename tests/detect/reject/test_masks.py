"""Masks are told by where most of their shares are; spectrograms clipped at both ends are none."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from fastspec.detect.reject.masks import mask


def spectrum(y):
    return np.abs(librosa.stft(np.asarray(y, np.float32), n_fft=512)) + 1e-6


@pytest.mark.parametrize("power", [1, 2])
def test_the_share_of_one_sound_in_two(speech, power):
    y = speech[0]
    S, other = spectrum(y), spectrum(np.roll(y, len(y) // 3))
    assert "mask" in (mask(S**power / (S**power + other**power)) or "")


@pytest.mark.parametrize("ends", [(0, 1), (0.1, 0.9), (0.3, 0.8)])
@pytest.mark.parametrize("power", [0.0, 0.3, 1.0])
def test_levels_clipped_at_either_end_are_none(speech, ends, power):
    S = spectrum(speech[0])
    shown = S**power if power else librosa.amplitude_to_db(S, top_db=None)
    low, high = np.quantile(shown, ends)
    assert mask(np.clip((shown - low) / (high - low), 0, 1)) is None


def test_all_or_nothing_with_blurred_borders(speech):
    import scipy.ndimage

    S = librosa.amplitude_to_db(spectrum(speech[0]), top_db=None)
    keep = (np.quantile(S, 0.6) < S).astype(np.float64).repeat(6, 0).repeat(4, 1)
    assert "binary mask" in (mask(scipy.ndimage.gaussian_filter(keep, 0.7)) or "")
