"""What librosa 1.0 computes otherwise than 0.11: seeds of griffinlim, and references of several channels."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

import fastspec
from fastspec.colours import levels
from tests.librosa1.needs import NEEDS_LIBROSA_1

pytestmark = NEEDS_LIBROSA_1


def spectra(channels=()):
    wave = np.random.default_rng(3).standard_normal((*channels, 5000))
    scale = np.arange(1, 1 + np.prod(channels, dtype=int)).reshape(channels)
    return np.abs(librosa.stft(wave, n_fft=512)) * scale[..., None, None]


@pytest.mark.parametrize("rng", [7, np.random.RandomState(7), [1, 2]])
def test_rng_gives_librosas_start(rng):
    S = spectra((2,))
    state = rng.get_state() if isinstance(rng, np.random.RandomState) else None
    theirs = librosa.griffinlim(S, n_iter=3, rng=rng)
    if state is not None:
        rng.set_state(state)
    np.testing.assert_allclose(fastspec.griffinlim(S, n_iter=3, rng=rng), theirs, atol=1e-10)


@pytest.mark.parametrize("momentum", [0.0, 0.99])
def test_griffinlim_is_librosas(momentum):
    options = {"n_iter": 4, "momentum": momentum, "init": None}
    S = spectra((2,))
    np.testing.assert_allclose(fastspec.griffinlim(S, **options), librosa.griffinlim(S, **options), atol=1e-10)


@pytest.mark.parametrize("name", ["amplitude_to_db", "power_to_db"])
@pytest.mark.parametrize("ref", [1.0, np.max, np.median])
@pytest.mark.parametrize("axes", ["auto", None, -1, (-2, -1)])
@pytest.mark.parametrize("channels", [(), (3,), (2, 2)])
def test_decibels_of_channels_have_references_of_their_own(name, ref, axes, channels):
    S = spectra(channels)
    theirs = getattr(librosa, name)(S, ref=ref, axes=axes)
    np.testing.assert_allclose(getattr(levels, name)(S, ref=ref, axes=axes), theirs, atol=1e-9)


@pytest.mark.parametrize("values", [3.0, np.array([1.0, 1e-9, 5.0])])
def test_decibels_of_numbers_and_of_one_axis(values):
    theirs = librosa.amplitude_to_db(values, ref=np.max)
    np.testing.assert_allclose(levels.amplitude_to_db(values, ref=np.max, axes="auto"), theirs, atol=1e-12)
