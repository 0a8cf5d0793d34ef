"""Pictures of angles are told from those of levels."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import hsv_to_rgb

from fastspec.detect.colour_survey import ColourSurvey
from fastspec.detect.reject.rejection import no_spectrum
from tests.detect.figure.figures import decibels


def said(pixels):
    return no_spectrum(pixels, None, ColourSurvey.of(pixels))


def turns(speech):
    import librosa

    return np.angle(librosa.stft(speech[0], n_fft=512))[::-1] / (2 * np.pi) % 1


@pytest.mark.parametrize("cmap", ["hsv", "twilight"])
def test_angles_in_a_cyclic_map(speech, cmap):
    assert "phases" in said((255 * colormaps[cmap](turns(speech))[..., :3]).astype(np.uint8))


def test_angles_as_hue_with_levels_as_brightness(speech):
    turn = turns(speech)
    hsv = np.stack([turn, np.ones_like(turn), np.clip(1 + decibels(speech[0], 512, 128)[::-1] / 90, 0, 1)], axis=2)
    assert "phases in colour" in said((255 * hsv_to_rgb(hsv)).astype(np.uint8))


@pytest.mark.parametrize(("n_fft", "hop"), [(512, 128), (1024, 256), (2048, 256)])
@pytest.mark.parametrize("cmap", ["twilight_shifted", "hsv"])
def test_differences_of_angles(speech, cmap, n_fft, hop):
    """As vscale="dphase" of librosa 1.0's specshow: residuals of the advance that each bin's centre has."""
    import librosa

    turn = np.angle(librosa.stft(speech[0], n_fft=n_fft, hop_length=hop)) / (2 * np.pi)
    advance = np.arange(turn.shape[0])[:, None] * hop / n_fft
    off = (np.diff(turn, axis=1) - advance + 0.5) % 1
    assert "phase differences" in said((255 * colormaps[cmap](off[::-1])[..., :3]).astype(np.uint8))


@pytest.mark.parametrize("cmap", ["twilight_shifted", "hsv", "twilight", "jet", "nipy_spectral"])
def test_levels_in_maps_of_many_hues_are_no_phases(speech, cmap):
    level = decibels(speech[0])[::-1] / 80 + 1
    assert said((255 * colormaps[cmap](level)[..., :3]).astype(np.uint8)) is None
