"""imshow of librosa's decibels becomes sound."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.colours import colormap
from fastspec.phase import metrics
from fastspec.picture.picture import Picture


@pytest.fixture(scope="module")
def clip(speech):
    y, sr = speech
    return y[: 3 * sr], sr


@pytest.mark.parametrize("origin", ["upper", "lower"])
def test_imshow_of_decibels(clip, origin):
    import librosa

    y, sr = clip
    decibel = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=512, hop_length=128)), ref=np.max)
    shown = decibel if origin == "upper" else decibel[::-1]
    pixels = colormap.colour_of((shown + 80) / 80, colormap.get("viridis", "trunc"))
    facts = {"profile": "imshow-db", "sr": sr, "n_fft": 512, "hop_length": 128, "duration": len(y) / sr}
    x, _ = fastspec.decode(Picture(pixels), origin=origin, cmap="viridis", **facts)
    assert metrics.stoi(x, y, sr) > 0.95
